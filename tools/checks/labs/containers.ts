import { familiarName } from "../../docker/image-names";
import { failed, passed, Verdict } from "../check";
import {
  Container,
  containerNamed,
  DockerFacts,
  Image,
  imageNamed,
  PublishedPort,
  startedAgain,
} from "../facts/docker";
import { anew } from "./remake";

/** What an image is called, by its id. */
const called = ({ images }: DockerFacts, id: string) =>
  images.find((image) => image.id === id)?.names[0] ?? id.slice(0, 19);

const repositoryOf = (image: string) =>
  familiarName(image)
    .replace(/@.*$/, "")
    .replace(/:[^/]*$/, "");

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
    const near = docker.containers.map((other) => other.name).filter((other) => other.includes(name));
    return failed(
      {
        en: `There is no container ${name}${near.length > 0 ? `; there is ${near.join(", ")}` : ""}.`,
        ko: `컨테이너 ${name} 이(가) 없습니다${near.length > 0 ? ` (있는 컨테이너: ${near.join(", ")})` : ""}.`,
      },
      make,
      { near },
    );
  }
  const image = imageNamed(docker, imageName);
  const { status, exitCode, startedAt, restarts } = found;
  const before = older ? earlier(docker, found, imageName) : undefined;
  const newer = before && image ? { newer: `a newer ${imageName} is here; ${name} goes on with the one before` } : {};
  const evidence = { name, image: found.image, status, startedAt, restarts, ...newer };
  if (found.image !== image?.id && !before) {
    return failed(
      {
        en: `Container ${name} runs ${called(docker, found.image)}, not ${imageName} as it is now.`,
        ko: `컨테이너 ${name} 은(는) 지금의 ${imageName} 이(가) 아니라 ${called(docker, found.image)} (으)로 실행되었습니다.`,
      },
      anew(found, make),
      { ...evidence, expected: image?.id },
    );
  }
  if (!found.running || status !== "running") {
    const code = exitCode === 0 ? "" : `, ${exitCode}`;
    return failed(
      {
        en: `Container ${name} is there, but ${status}${code}.`,
        ko: `컨테이너 ${name} 이(가) 있지만 실행 중이 아닙니다 (${status}${code}).`,
      },
      status === "paused" ? `docker unpause ${name}` : `docker start ${name}; docker logs ${name}`,
      { ...evidence, exitCode },
    );
  }
  const seconds = startedAgain(found);
  if (seconds !== undefined) {
    return failed(
      {
        en: `Container ${name} ended and was started again, the last time ${seconds} s ago; restarts so far: ${restarts}.`,
        ko: `컨테이너 ${name} 이(가) 끝나서 다시 시작되었습니다. 마지막은 ${seconds} 초 전, 지금까지 재시작 ${restarts} 번.`,
      },
      `docker logs ${name}`,
      evidence,
    );
  }
  return passed(evidence);
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
    return failed(
      {
        en: `Container ${name} is published on ${wide.address}:${wide.port}: everyone who reaches this machine reaches it. Meant was ${shown(meant)}.`,
        ko: `컨테이너 ${name} 이(가) ${wide.address}:${wide.port} 에 열려 있어 이 컴퓨터에 접속할 수 있는 모두가 쓸 수 있습니다. 의도한 것은 ${shown(meant)} 입니다.`,
      },
      anew(container, make),
      evidence,
    );
  }
  const list = more.map(shown).join(", ");
  return failed(
    found
      ? {
          en: `Container ${name} is published on more than ${shown(meant)}: ${list}.`,
          ko: `컨테이너 ${name} 이(가) ${shown(meant)} 말고도 열려 있습니다: ${list}.`,
        }
      : {
          en: `Container ${name} is not published on ${shown(meant)}; published: ${list || "nothing"}.`,
          ko: `컨테이너 ${name} 이(가) ${shown(meant)} 에 열려 있지 않습니다. 열린 것: ${list || "없음"}.`,
        },
    anew(container, make),
    evidence,
  );
}
