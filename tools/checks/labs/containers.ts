import { parseImage } from "../../../config/image-name";
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
import { startRefused } from "../../causes/starts";
import { same, Text } from "../../../text";
import { anew, anewAfterLog } from "./remake";

/** What an image is called, by its id. */
const called = ({ images }: DockerFacts, id: string) =>
  images.find((image) => image.id === id)?.names[0] ?? id.slice(0, 19);

/** Where an image comes from, without its version. */
export function repositoryOf(image: string): string {
  const { registry, repository } = parseImage(image);
  return `${registry}/${repository}`;
}

/** A check that failed for want of an image. @param like what the names of others may be that were meant */
export function noImage({ images }: DockerFacts, name: string, like: RegExp, next: string): Verdict {
  const near = images.flatMap(({ names }) => names).filter((other) => like.test(other));
  return failed({
    cause: "no image",
    en: `There is no image ${name}${near.length > 0 ? `; there is ${near.join(", ")}` : ""}.`,
    ko: `${name} 이미지가 없습니다${near.length > 0 ? ` (있는 이미지: ${near.join(", ")})` : ""}.`,
    next,
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
    return failed({
      cause: "no container",
      en: `There is no container ${name}${near.length > 0 ? `; there is ${near.join(", ")}` : ""}.`,
      ko: `${name} 컨테이너가 없습니다${near.length > 0 ? ` (있는 컨테이너: ${near.join(", ")})` : ""}.`,
      next: renamed
        ? {
            en: `If ${renamed.name} is not this lab's container: ${make}. If it is, give it its name: ${rename}`,
            ko: `${renamed.name} 컨테이너가 이 실습의 것이 아니라면: ${make}. 이 실습의 것이라면 이름을 바꾸세요: ${rename}`,
          }
        : make,
      evidence: { near },
    });
  }
  const image = imageNamed(docker, imageName);
  const { status, exitCode, startedAt, restarts } = found;
  const before = older ? earlier(docker, found, imageName) : undefined;
  const newer = before && image ? { newer: `a newer ${imageName} is here; ${name} goes on with the one before` } : {};
  const evidence = { name, image: found.image, status, startedAt, restarts, ...newer };
  if (found.image !== image?.id && !before) {
    return failed({
      cause: "another image",
      en: `Container ${name} runs ${called(docker, found.image)}, not the current ${imageName}.`,
      ko: `${name} 컨테이너가 현재의 ${imageName} 이미지가 아니라 ${called(docker, found.image)} 이미지로 실행 중입니다.`,
      next: anew(found, make),
      evidence: { ...evidence, expected: image?.id },
    });
  }
  if (!found.running || status !== "running") {
    const refused = startRefused(found.error, { start: `docker start ${name}`, anew: anew(found, make) });
    const code = exitCode === 0 ? { en: "", ko: "" } : { en: `, exit code ${exitCode}`, ko: `, 종료 코드 ${exitCode}` };
    return failed({
      cause: status === "restarting" ? "crash loop" : "stopped",
      en: `Container ${name} exists, but is not running (${status}${code.en}).${refused ? ` ${refused.why.en}` : ""}`,
      ko: `${name} 컨테이너가 있지만 실행 중이 아닙니다 (${status}${code.ko}).${refused ? ` ${refused.why.ko}` : ""}`,
      next: refused?.next ?? startStep(found, make),
      evidence: { ...evidence, exitCode },
    });
  }
  const seconds = startedAgain(found);
  if (seconds !== undefined) {
    return failed({
      cause: "crash loop",
      en: `Container ${name} keeps restarting: it started again ${seconds} s ago; restarts so far: ${restarts}.`,
      ko: `${name} 컨테이너가 계속 다시 시작됩니다. 마지막 재시작은 ${seconds}초 전이고, 지금까지 ${restarts}번 재시작했습니다.`,
      next: anewAfterLog(found, make),
      evidence,
    });
  }
  return passed(evidence);
}

/** The step that has a container run that does not, where Docker does not say why it cannot. */
export function startStep(container: Container, make: string): Text {
  const { name, status } = container;
  if (status === "paused") return same(`docker unpause ${name}`);
  if (status === "restarting" || endedAtOnce(container)) return anewAfterLog(container, make);
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
  const wide = more.find(({ address }) => address === "0.0.0.0" || address === "::");
  if (wide) {
    return failed({
      cause: "published too widely",
      en: `Container ${name} is published on ${wide.address}:${wide.port}, so anyone who can reach this machine can connect to it. Expected: ${shown(meant)}.`,
      ko: `${name} 컨테이너가 ${wide.address}:${wide.port}에 열려 있어, 이 컴퓨터에 연결할 수 있는 사람은 누구나 접속할 수 있습니다. ${shown(meant)}에만 열려 있어야 합니다.`,
      next: anew(container, make),
      evidence,
    });
  }
  const list = more.map(shown).join(", ");
  return failed({
    cause: found ? "published too widely" : "not published",
    ...(found
      ? {
          en: `Container ${name} is published on more than ${shown(meant)}: ${list}.`,
          ko: `${name} 컨테이너가 ${shown(meant)} 외에 다른 곳에도 열려 있습니다: ${list}.`,
        }
      : {
          en: `Container ${name} is not published on ${shown(meant)}; published: ${list || "nothing"}.`,
          ko: `${name} 컨테이너가 ${shown(meant)}에 열려 있지 않습니다. 열린 포트: ${list || "없음"}.`,
        }),
    next: anew(container, make),
    evidence,
  });
}
