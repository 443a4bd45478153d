import { familiarName } from "../../docker/image-names";
import { failed, passed, Verdict } from "../check";
import {
  Container,
  containerNamed,
  DockerFacts,
  endedAtOnce,
  Image,
  imageNamed,
  PublishedPort,
  startedAgain,
} from "../facts/docker";
import { thenRun } from "../../causes/meaning";
import { startRefused } from "../../causes/starts";
import { brief } from "../../causes/objects";
import { Problem, whatAndWhy } from "../../causes/problem";
import { same, Text } from "../../../text";
import { anew, anewAfterLog, repositoryOf } from "./remake";

/** What an image is called, by its id. */
const called = ({ images }: DockerFacts, id: string) =>
  images.find((image) => image.id === id)?.names[0] ?? id.slice(0, 19);

/** A check that failed for want of an image. @param like what the names of others may be that were meant */
export function noImage({ images }: DockerFacts, name: string, like: RegExp, next: string): Verdict {
  const near = images.flatMap(({ names }) => names).filter((other) => like.test(other));
  return failed("no image", next, {
    en: `There is no image ${name}${near.length > 0 ? `; there is ${near.join(", ")}` : ""}.`,
    ko: `${name} 이미지가 없습니다${near.length > 0 ? ` (있는 이미지: ${near.join(", ")})` : ""}.`,
    evidence: { near },
  });
}

/** The image that a container runs, where it had this name until a newer one was pulled. */
export function earlier(docker: DockerFacts, container: Container | undefined, imageName: string): Image | undefined {
  const runs = docker.images.find(({ id }) => id === container?.image);
  if (!runs || runs.names.length > 0 || runs.id === imageNamed(docker, imageName)?.id) return undefined;
  const typed = familiarName(container?.imageName ?? "") === familiarName(imageName);
  const pulled = runs.digests.some((digest) => repositoryOf(digest) === repositoryOf(imageName));
  return typed || pulled ? runs : undefined;
}

/**
 * Whether a container of that name is up, from that image.
 * @param older whether it may be from what had that name before: somebody works in it
 */
export function containerRuns(
  docker: DockerFacts,
  name: string,
  imageName: string,
  make: string,
  older = false,
): Verdict {
  const found = containerNamed(docker, name);
  if (!found) {
    const others = docker.containers.filter((other) => other.name.includes(name));
    const near = others.map((other) => other.name);
    // What is written in it goes with it where it is made once more under the right name.
    const renamed = others.find((other) => other.image === imageNamed(docker, imageName)?.id);
    const rename = `docker rename ${renamed?.name} ${name}`;
    const next = renamed
      ? {
          en: `If ${renamed.name} is not this lab's container: ${make}. If it is, give it its name: ${rename}`,
          ko: `${renamed.name} 컨테이너가 이 실습의 것이 아니라면: ${make}. 이 실습의 것이라면 이름을 바꾸세요: ${rename}`,
        }
      : make;
    return failed("no container", next, {
      en: `There is no container ${name}${near.length > 0 ? `; there is ${near.join(", ")}` : ""}.`,
      ko: `${name} 컨테이너가 없습니다${near.length > 0 ? ` (있는 컨테이너: ${near.join(", ")})` : ""}.`,
      evidence: { near },
    });
  }
  const image = imageNamed(docker, imageName);
  const { status, exitCode, startedAt, restarts } = found;
  const before = older ? earlier(docker, found, imageName) : undefined;
  const newer = before && image ? { newer: `a newer ${imageName} is here; ${name} goes on with the one before` } : {};
  const evidence = { name, image: found.image, status, startedAt, restarts, ...newer };
  if (found.image !== image?.id && !before) {
    return failed("another image", anew(found, make), {
      en: `Container ${name} runs ${called(docker, found.image)}, not the current ${imageName}.`,
      ko: `${name} 컨테이너가 현재의 ${imageName} 이미지가 아니라 ${called(docker, found.image)} 이미지로 실행 중입니다.`,
      evidence: { ...evidence, expected: image?.id },
    });
  }
  const problem = notRunning(found, make);
  if (!problem) return passed(evidence);
  const { en, ko } = whatAndWhy(problem);
  const said = problem.evidence.map((line) => ` ${line}`).join("");
  return failed(problem.cause, problem.next ?? make, {
    en: en + said,
    ko: ko + said,
    evidence: { ...evidence, exitCode },
  });
}

/** Why a container does not run, or not for long; undefined where it does. */
export function notRunning(container: Container, make: string): Problem | undefined {
  const { name, status, exitCode, outOfMemory, restarts, error } = container;
  const again = startedAgain(container);
  if (status === "running" && !again) return undefined;
  const evidence = error ? [brief(error)] : [];
  const start = `docker start ${name}`;
  const next = startStep(container, make);
  const inLog: Text = { en: "Its log says why.", ko: "로그에 이유가 나와 있습니다." };
  const crashes = status === "restarting" || restarts > 2 || again;
  if (outOfMemory || (exitCode === 137 && !crashes)) {
    return {
      cause: outOfMemory ? "out of memory" : "killed",
      what: {
        en: `Container ${name} was killed (exit code ${exitCode}).`,
        ko: `${name} 컨테이너가 강제 종료되었습니다 (종료 코드 ${exitCode}).`,
      },
      why: outOfMemory
        ? {
            en: "It used more memory than it is allowed, or than there is.",
            ko: "허용된 메모리나 남은 메모리보다 많이 사용했습니다.",
          }
        : {
            en: "137 is 128 + 9 (SIGKILL): docker kill, a docker stop that took too long, or the machine ran out of memory.",
            ko: "137은 128 + 9(SIGKILL)입니다. docker kill을 실행했거나, docker stop이 너무 오래 걸렸거나, 컴퓨터의 메모리가 부족했습니다.",
          },
      next: outOfMemory
        ? thenRun("Stop other programs that use memory", "메모리를 사용하는 다른 프로그램을 종료한 뒤", start)
        : next,
      evidence,
    };
  }
  if (crashes) {
    // While it runs, Docker does not report how it ended before.
    const [en, ko] = again ? ["", ""] : [`, exit code ${exitCode}`, `, 종료 코드 ${exitCode}`];
    return {
      cause: "crash loop",
      what: {
        en: `Container ${name} starts and ends again (restarts: ${restarts}${en}).`,
        ko: `${name} 컨테이너가 시작과 종료를 되풀이합니다 (재시작 ${restarts}번${ko}).`,
      },
      why: inLog,
      next: anewAfterLog(container, make),
      evidence,
    };
  }
  if (error && status !== "paused") {
    const refused = startRefused(error, { start, anew: anew(container, make) });
    return {
      cause: "cannot start",
      what: { en: `Container ${name} could not start.`, ko: `${name} 컨테이너를 시작하지 못했습니다.` },
      why: refused?.why ?? { en: "Docker reports:", ko: "Docker가 보고한 이유는 다음과 같습니다." },
      next: refused?.next ?? next,
      evidence,
    };
  }
  const calm = exitCode === 0 || exitCode === 143;
  return {
    cause: calm ? "stopped" : "ended",
    what: {
      en: `Container ${name} is not running (${status}, exit code ${exitCode}).`,
      ko: `${name} 컨테이너가 실행 중이 아닙니다 (${status === "paused" ? "일시 정지" : "종료됨"}, 종료 코드 ${exitCode}).`,
    },
    why: calm
      ? { en: "It was stopped, or its command has ended.", ko: "누군가 중지했거나 컨테이너의 명령이 끝났습니다." }
      : inLog,
    next,
    evidence,
  };
}

/** The step that has a container run that does not, where Docker does not say why it cannot. */
function startStep(container: Container, make: string): Text {
  const { name, status } = container;
  if (status === "paused") return same(`docker unpause ${name}`);
  if (endedAtOnce(container)) return anewAfterLog(container, make);
  return same(`docker start ${name}; docker logs ${name}`);
}

const shown = ({ inside, address, port }: PublishedPort) => `${address}:${port} -> ${inside}`;

/** Whether a container's ports are published exactly as meant: on all addresses of version 4 may be on all of version 6. */
export function onlyPublishedOn(container: Container, meant: PublishedPort, make: string): Verdict {
  const { name, ports } = container;
  const evidence = { meant: shown(meant), published: ports.map(shown) };
  const allowed = [meant, ...(meant.address === "0.0.0.0" ? [{ ...meant, address: "::" }] : [])].map(shown);
  const found = ports.some((port) => shown(port) === shown(meant));
  const more = ports.filter((port) => !allowed.includes(shown(port)));
  if (found && more.length === 0) return passed(evidence);
  const list = ports.map(shown).join(", ");
  const wide = more.find(({ address }) => address === "0.0.0.0" || address === "::");
  const [en, ko] = wide
    ? [
        `, so anyone who can reach this machine can connect to port ${wide.port}`,
        ` 누구든 이 컴퓨터에 연결할 수 있으면 ${wide.port}번 포트에 접속할 수 있습니다.`,
      ]
    : ["", ""];
  return failed(found || wide ? "published too widely" : "not published", anew(container, make), {
    en: `Container ${name} should be published on ${shown(meant)} only. It is published on ${list || "no port"}${en}.`,
    ko: `${name} 컨테이너가 ${shown(meant)}에만 열려 있어야 합니다. 열린 포트: ${list || "없음"}.${ko}`,
    evidence,
  });
}
