import { Container, DockerFacts, containerNamed, imageNamed } from "../facts/docker";
import { containerOf } from "../labs/compose";
import { Target } from "../target";
import { LabName, project } from "../../../config";
import { brief, lastLines } from "../../causes/objects";
import { thenRun } from "../../causes/meaning";
import { RefusedPort, refusedPort } from "../../causes/ports";
import { saidInLog } from "../../causes/logs";
import { byWayOfDocker, imageSettings, pullProblem } from "../../causes/pulls";
import { roomRemedyOnDocker } from "../../causes/remedies";
import { Holder, whoUses } from "../../docker/port-holder";
import { notRunning } from "../labs/containers";
import { workloads } from "../labs/kubernetes-objects";
import { anew, anewAfterLog } from "../labs/remake";
import { Problem } from "../../causes/problem";
import { same, Text } from "../../../text";

/** Questions that Docker's facts do not answer. */
export interface Ask {
  /** The last lines of a container's log. */
  logs: (container: string) => Promise<string>;
  /** Who uses a port of this machine; undefined if it is free or unknown. */
  holder: (port: number) => Promise<Holder | undefined>;
  /** A registry's message about an image that is not here; undefined if the registry has it. */
  pullProblem: (image: string) => Promise<string | undefined>;
}

/** A container and an image that a lab needs. */
interface Part {
  lab: LabName;
  container: Container | undefined;
  image: string;
  /** Where the name of its image is written. */
  written: Text;
  /** Command that creates it if it is missing. */
  make: string;
  /** Command that re-creates it; stored data is lost. */
  anew: string;
}

function partsOf({ redis, registry, compose, labs, byHand }: Target, docker: DockerFacts): Part[] {
  const own = { written: imageSettings };
  const { make, anew } = compose;
  const ofCompose = { make, anew, written: byHand ? same("docker/compose/compose.yaml") : imageSettings };
  const all: Part[] = [
    { ...own, ...redis, lab: "redis", container: containerNamed(docker, redis.container), anew: redis.make },
    {
      ...own,
      ...registry,
      lab: "registry",
      container: containerNamed(docker, registry.container),
      anew: registry.make,
    },
    ...workloads.map((service) => ({
      ...ofCompose,
      lab: "compose" as const,
      container: containerOf(compose, docker, service),
      image: compose[`${service}Image`],
    })),
  ];
  return all.filter(({ lab }) => labs.includes(lab));
}

/**
 * Why containers of the labs do not run, and why images are not here that no container could be made from; empty if all is
 * well. That a container is missing, its check tells.
 */
export async function containerProblems(target: Target, docker: DockerFacts, ask: Ask): Promise<Problem[]> {
  const found = await Promise.all(partsOf(target, docker).map((part) => problemOf(part, docker, ask)));
  return found.filter((ailment) => ailment !== undefined);
}

async function problemOf(part: Part, docker: DockerFacts, ask: Ask): Promise<Problem | undefined> {
  const { lab, container, make } = part;
  if (!container) return lab === "redis" || imageNamed(docker, part.image) ? undefined : unpulled(part, ask);
  const found = notRunning(container, make) ?? unhealthy(container, make);
  if (!found) return undefined;
  const refused = refusedPort(container.error);
  if (refused) return portProblem(part, container, refused, ask);
  const log = await ask.logs(container.id);
  return logged(part, container, log) ?? { ...found, lab, evidence: [...found.evidence, ...lastLines(log)] };
}

async function unpulled({ lab, image, written, make }: Part, ask: Ask): Promise<Problem | undefined> {
  const problem = await ask.pullProblem(image);
  if (problem === undefined) return undefined;
  return {
    cause: "image cannot be pulled",
    lab,
    what: {
      en: `Image ${image} is not here and cannot be pulled.`,
      ko: `${image} 이미지가 없고 내려받을 수도 없습니다.`,
    },
    ...pullProblem(problem, { image, written, make }),
    evidence: [brief(problem)],
  };
}

function unhealthy(container: Container, make: string): Problem | undefined {
  const { name, health } = container;
  if (health !== "unhealthy") return undefined;
  return {
    cause: "unhealthy",
    what: {
      en: `Container ${name} is running, but is unhealthy.`,
      ko: `${name} 컨테이너가 실행 중이지만 정상이 아닙니다(unhealthy).`,
    },
    why: { en: "Its health check fails.", ko: "헬스 체크가 실패합니다." },
    next: anewAfterLog(container, make),
    evidence: [],
  };
}

/** What a container's log says explicitly. Logins to the database are tested, not read from the log. */
function logged({ lab, image, written, make, anew }: Part, { name }: Container, log: string): Problem | undefined {
  const title = { en: `Container ${name}`, ko: `${name} 컨테이너가` };
  const server = {
    title,
    get: byWayOfDocker({ image }),
    written,
    make,
    anew,
    room: roomRemedyOnDocker(make),
  };
  const problem = saidInLog(log, server, (cause) => cause !== "wrong password");
  return problem && { ...problem, lab };
}

/** A container whose port Docker could not publish. */
async function portProblem(
  { lab, make }: Part,
  container: Container,
  { port, reserved }: RefusedPort,
  ask: Ask,
): Promise<Problem> {
  const { name, error } = container;
  const told = {
    cause: "port taken" as const,
    lab,
    what: { en: `Container ${name} could not start.`, ko: `${name} 컨테이너를 시작하지 못했습니다.` },
    evidence: [brief(error)],
  };
  if (reserved) {
    const key = `${project}:${lab}Port`;
    const step = anew(container, make);
    return {
      ...told,
      why: {
        en: `Windows reserves port ${port}; netsh int ipv4 show excludedportrange tcp lists such ports.`,
        ko: `Windows가 ${port}번 포트를 예약해 두었습니다. netsh int ipv4 show excludedportrange tcp 명령으로 확인할 수 있습니다.`,
      },
      next: {
        en: `Choose another port in the stack's file (${key}), then: ${step.en}`,
        ko: `스택 파일에서 다른 포트를 고르세요 (${key}). 그런 다음: ${step.ko}`,
      },
    };
  }
  const holder = await ask.holder(port);
  return {
    ...told,
    why: holder
      ? {
          en: `Port ${port} is taken by container ${holder.name}.`,
          ko: `${holder.name} 컨테이너가 ${port}번 포트를 사용하고 있습니다.`,
        }
      : {
          en: `Port ${port} is taken by another program. To see which: ${whoUses(port)}`,
          ko: `다른 프로그램이 ${port}번 포트를 사용하고 있습니다. 확인: ${whoUses(port)}`,
        },
    next: holder
      ? same(`docker stop ${holder.name}; docker start ${name}`)
      : thenRun("Stop it", "그 프로그램을 종료한 뒤", `docker start ${name}`),
  };
}
