import { Container, DockerFacts, containerNamed, imageNamed, startedAgain } from "../facts/docker";
import { containerOf } from "../labs/compose";
import { Target } from "../target";
import { LabName, project } from "../../../config";
import { brief, lastLines } from "../../causes/objects";
import { RefusedPort, refusedPort } from "../../causes/ports";
import { imageSettings, pullProblem } from "../../causes/pulls";
import { anew } from "../labs/remake";
import { Ailment, same } from "../../causes/ailment";

/** What tells more than Docker's facts do. */
export interface Ask {
  /** The last lines of a container's log. */
  logs: (container: string) => Promise<string>;
  /** Who has a port of this machine, such as "nginx (process 4711)"; undefined when it is free or nobody knows. */
  holder: (port: number) => Promise<string | undefined>;
  /** What a registry says of an image that is not here; undefined when it has it. */
  pullProblem: (image: string) => Promise<string | undefined>;
}

/** A container or an image that a lab needs. */
interface Part {
  lab: LabName;
  container: Container | undefined;
  name: string;
  image: string;
  make: string;
}

function partsOf(target: Target, docker: DockerFacts): Part[] {
  const { redis, registry, compose, labs } = target;
  const service = (name: "mysql" | "wordpress", image: string): Part => {
    const { containers } = compose;
    const container = containerOf(compose, docker, name);
    // As compose calls the first container of a service.
    const usual = "project" in containers ? `${containers.project}-${name}-1` : containers[name];
    return { lab: "compose", container, name: container?.name ?? usual, image, make: compose.make };
  };
  const own = (
    lab: "redis" | "registry",
    { container, image, make }: { container: string; image: string; make: string },
  ): Part => ({
    lab,
    container: containerNamed(docker, container),
    name: container,
    image,
    make,
  });
  const all = [
    own("redis", redis),
    own("registry", registry),
    service("mysql", compose.mysqlImage),
    service("wordpress", compose.wordpressImage),
  ];
  return all.filter(({ lab }) => labs.includes(lab));
}

/** Why the containers of the labs do not run; nothing when they all do. */
export async function dockerAilments(target: Target, docker: DockerFacts, ask: Ask): Promise<Ailment[]> {
  const found = await Promise.all(partsOf(target, docker).map((part) => ailmentOf(part, docker, ask)));
  return found.filter((ailment) => ailment !== undefined);
}

async function ailmentOf(part: Part, docker: DockerFacts, ask: Ask): Promise<Ailment | undefined> {
  const { lab, container, name, image, make } = part;
  if (!container) {
    if (lab !== "redis" && !imageNamed(docker, image)) {
      const problem = await ask.pullProblem(image);
      if (problem !== undefined) {
        return {
          cause: "image cannot be pulled",
          lab,
          what: {
            en: `Image ${image} is not here and cannot be pulled.`,
            ko: `${image} 이미지가 없고 내려받을 수도 없습니다.`,
          },
          ...pullProblem(problem, { image, written: imageSettings, make }),
          evidence: [brief(problem)],
        };
      }
    }
    return {
      cause: "no container",
      lab,
      what: { en: `There is no container ${name}.`, ko: `컨테이너 ${name} 이(가) 없습니다.` },
      why: { en: "It was never made, or it was removed.", ko: "만들지 않았거나 지웠습니다." },
      next: same(make),
      evidence: [],
    };
  }
  const { status, health } = container;
  // Asked once: the seconds that it goes by may be over after the log was read.
  const again = startedAgain(container) !== undefined;
  if (status === "running" && health !== "unhealthy" && !again) return undefined;
  const refused = refusedPort(container.error);
  if (refused) return portAilment(part, refused, container.error, ask);
  return ended(part, container, again, lastLines(await ask.logs(container.id)));
}

/** A container that Docker could not give its port. */
async function portAilment(
  { lab, name, make, container }: Part,
  { port, reserved }: RefusedPort,
  error: string,
  ask: Ask,
): Promise<Ailment> {
  const told = {
    cause: "port taken",
    lab,
    what: { en: `Container ${name} could not start.`, ko: `컨테이너 ${name} 을(를) 시작하지 못했습니다.` },
    evidence: [brief(error)],
  };
  if (reserved) {
    const key = `${project}:${lab}Port`;
    const step = anew(container, make);
    return {
      ...told,
      why: {
        en: `Windows keeps port ${port} for itself; netsh int ipv4 show excludedportrange tcp lists such ports.`,
        ko: `Windows 가 ${port} 포트를 따로 잡아 두었습니다. netsh int ipv4 show excludedportrange tcp 로 볼 수 있습니다.`,
      },
      next: {
        en: `Choose another in the stack's file (${key}), then with that: ${step.en}`,
        ko: `스택 파일에서 다른 포트를 고른 뒤 (${key}) 그 포트로: ${step.ko}`,
      },
    };
  }
  const holder = await ask.holder(port);
  return {
    ...told,
    why: {
      en: `Port ${port} is taken${holder ? ` by ${holder}` : ""}.`,
      ko: `${port} 포트를 ${holder ? `${holder} 이(가)` : "다른 쪽이"} 쓰고 있습니다.`,
    },
    next: holder?.startsWith("container ")
      ? same(`docker stop ${holder.slice("container ".length)}; docker start ${name}`)
      : { en: `Stop it, then: docker start ${name}`, ko: `그것을 멈춘 뒤: docker start ${name}` },
  };
}

/**
 * A container that is there, and does not run as it should.
 * @param again whether it runs for so short a time that it may well end again
 */
function ended({ lab, name }: Part, container: Container, again: boolean, log: string[]): Ailment {
  const { status, exitCode, outOfMemory, restarts, health, error } = container;
  const evidence = [...(error ? [brief(error)] : []), ...log];
  const logs = same(`docker logs ${name}`);
  if (outOfMemory) {
    return {
      cause: "out of memory",
      lab,
      what: {
        en: `Container ${name} was killed (exit code ${exitCode}).`,
        ko: `컨테이너 ${name} 이(가) 강제 종료되었습니다 (종료 코드 ${exitCode}).`,
      },
      why: {
        en: "It took more memory than it may have, or than there is.",
        ko: "허용된 메모리나 남은 메모리보다 많이 썼습니다.",
      },
      next: {
        en: `Stop what else takes memory, then: docker start ${name}`,
        ko: `메모리를 쓰는 다른 것을 멈춘 뒤: docker start ${name}`,
      },
      evidence,
    };
  }
  if (status === "restarting" || (restarts > 2 && status !== "running") || again) {
    // While it runs, Docker no longer tells how it ended before.
    const code =
      status === "running" ? { en: "", ko: "" } : { en: `, exit code ${exitCode}`, ko: `, 종료 코드 ${exitCode}` };
    return {
      cause: "crash loop",
      lab,
      what: {
        en: `Container ${name} starts and ends again (restarts: ${restarts}${code.en}).`,
        ko: `컨테이너 ${name} 이(가) 시작했다가 끝나기를 되풀이합니다 (재시작 ${restarts} 번${code.ko}).`,
      },
      why: { en: "Its log says why:", ko: "이유는 로그에 있습니다:" },
      next: logs,
      evidence,
    };
  }
  if (status === "running" && health === "unhealthy") {
    return {
      cause: "unhealthy",
      lab,
      what: {
        en: `Container ${name} runs, but does not answer as it should.`,
        ko: `컨테이너 ${name} 이(가) 실행 중이지만 제대로 응답하지 않습니다.`,
      },
      why: { en: "Its health check fails.", ko: "상태 확인(health check)이 실패합니다." },
      next: logs,
      evidence,
    };
  }
  if (exitCode === 137) {
    return {
      cause: "killed",
      lab,
      what: {
        en: `Container ${name} was killed (exit code 137).`,
        ko: `컨테이너 ${name} 이(가) 강제 종료되었습니다 (종료 코드 137).`,
      },
      why: {
        en: "137 is 128 + 9: docker kill, a docker stop that took too long, or the machine was short of memory.",
        ko: "137 은 128 + 9 입니다: docker kill, 너무 오래 걸린 docker stop, 또는 컴퓨터의 메모리 부족입니다.",
      },
      next: same(`docker start ${name}`),
      evidence,
    };
  }
  if (error && status !== "paused") {
    return {
      cause: "cannot start",
      lab,
      what: { en: `Container ${name} could not start.`, ko: `컨테이너 ${name} 을(를) 시작하지 못했습니다.` },
      why: { en: "Docker says why:", ko: "이유는 Docker 가 알려 줍니다:" },
      next: same(`docker start ${name}`),
      evidence,
    };
  }
  const stopped = status === "paused" ? { verb: "unpause", ko: "일시 정지" } : { verb: "start", ko: "멈춤" };
  return {
    cause: exitCode === 0 || exitCode === 143 || status === "paused" ? "stopped" : "ended",
    lab,
    what: {
      en: `Container ${name} does not run (${status}, exit code ${exitCode}).`,
      ko: `컨테이너 ${name} 이(가) 실행 중이 아닙니다 (${stopped.ko}, 종료 코드 ${exitCode}).`,
    },
    why:
      exitCode === 0 || exitCode === 143
        ? { en: "It was stopped, or its command came to its end.", ko: "누가 멈췄거나 명령이 끝났습니다." }
        : { en: "Its log says why:", ko: "이유는 로그에 있습니다:" },
    next: exitCode === 0 || exitCode === 143 ? same(`docker ${stopped.verb} ${name}`) : logs,
    evidence,
  };
}
