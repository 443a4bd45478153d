import { certain, Check, failed, open, passed, Verdict } from "../check";
import { brief } from "../../causes/objects";
import { containerNamed, DockerFacts, Image, imageNamed } from "../facts/docker";
import { isCommit } from "../facts/dockerfile";
import { Live, Step } from "../facts/live";
import { Unreachable } from "../facts/unreachable";
import { parseImage } from "../../../config/image-name";
import { containerRuns, earlier, noImage } from "./containers";
import { instead, repositoryOf } from "./remake";
import { RegistryTarget } from "../target";

/** The label of an image that was made in the place of one that cannot be pulled. */
const standInLabel = "course-labs.stand-in";

/** What Docker itself puts into a container, and what a shell leaves there, whatever the student does. */
const notWritten =
  /^(?:(?:usr\/)?sbin\/docker-init|\.dockerenv|(?:dev|proc|sys)\/.*|etc\/(?:hosts|hostname|resolv\.conf|mtab)|(?:.*\/)?\.bash_history)?$/;

/** Whether a step has the name of the command that the image has kept: so docker commit calls it, and no builder. */
const hasItsCommand = (step: Step | undefined, { command }: Image) => step?.step === command.join(" ");

/** Whether a step is a commit, of a container with any command: such as of a shell, which looks like a builder's. */
const committedAs = (step: Step, image: Image) => hasItsCommand(step, image) || isCommit(step);

/** Whether an image begins with all the layers of another, and has more. */
const isOnTopOf = (image: Image, base: Image) =>
  image.layers.length > base.layers.length && base.layers.every((layer, i) => image.layers[i] === layer);

/** The files and new folders of an image's upper layers, as `docker diff` shows them: A added, C changed, D deleted. */
export function layerDiff(layers: readonly string[][], baseLayers: number): string[] {
  const filesOf = (some: readonly string[][]) => some.flat().map((file) => file.replace(/^\.\//, ""));
  const below = new Set(filesOf(layers.slice(0, baseLayers)));
  const lines = filesOf(layers.slice(baseLayers))
    // A folder that was there before is in a layer with whatever is new in it.
    .filter((file) => !(file.endsWith("/") && below.has(file)) && !notWritten.test(file))
    .map((file) => {
      const deleted = /^(.*\/)?\.wh\.([^/]+)$/.exec(file);
      if (deleted) return `D /${deleted[1] ?? ""}${deleted[2]}`;
      return `${below.has(file) ? "C" : "A"} /${file.replace(/\/$/, "")}`;
    });
  return [...new Set(lines)].sort();
}

interface On {
  target: RegistryTarget;
  docker: DockerFacts;
  live: Live;
}

/** What an image may be made from: the lab's, and what the container goes on with where a newer one was pulled meanwhile. */
function basesOf({ target, docker }: On): [Image, ...Image[]] {
  const { image, container } = target;
  const before = earlier(docker, containerNamed(docker, container), image);
  return [certain(imageNamed(docker, image)), ...(before ? [before] : [])];
}

async function imagePulled({ target, docker, live }: On): Promise<Verdict> {
  const { image: imageName } = target;
  const found = imageNamed(docker, imageName);
  if (!found) return noImage(docker, imageName, /(^|\/)debian:/, target.get(imageName));
  const last = (await live.history(found.id)).at(-1);
  const newest = last?.step ?? "";
  const standIn = newest.includes(`LABEL ${standInLabel}=`) ? found.labels[standInLabel] : undefined;
  const digest = found.digests.find((text) => repositoryOf(text) === repositoryOf(imageName));
  const evidence = { id: found.id, digest, standIn };
  // Where containerd keeps the images, what was only made here has a digest, too.
  if ((digest === undefined && standIn === undefined) || hasItsCommand(last, found)) {
    return failed("another image", instead(imageName, target.get(imageName)), {
      en: `${imageName} was built on this machine and is in no registry. Another image was given this name.`,
      ko: `${imageName} 이미지는 레지스트리에서 받은 것이 아니라 이 컴퓨터에서 만든 것입니다. 다른 이미지에 이 이름을 붙였습니다.`,
      evidence: { ...evidence, newest: brief(newest) },
    });
  }
  const { code, stdout, stderr } = await live.runOnce(found.id, "cat", "/etc/os-release");
  // Docker's own code: there was no container to say anything.
  if (code === 125) throw new Unreachable(brief(stderr.trim().split("\n")[0] ?? ""));
  const value = (key: string) => new RegExp(`^${key}="?([^"\n]*)"?$`, "m").exec(stdout)?.[1];
  const wanted = /^\d+/.exec(parseImage(imageName).tag ?? "")?.[0];
  const system = { system: value("ID"), version: value("VERSION_ID") };
  if (system.system === "debian" && (wanted === undefined || system.version === wanted)) {
    return passed({ ...evidence, ...system });
  }
  return failed("another image", instead(imageName, target.get(imageName)), {
    en: `${imageName} contains ${value("PRETTY_NAME") ?? "an unknown system"}. Another image was given this name.`,
    ko: `${imageName} 이미지의 운영 체제가 다릅니다: ${value("PRETTY_NAME") ?? "알 수 없음"}. 다른 이미지에 이 이름을 붙였습니다.`,
    evidence: { ...evidence, ...system },
  });
}

async function imageCommitted(on: On): Promise<Verdict> {
  const { target, docker, live } = on;
  const { image: imageName, container: name, committed } = target;
  const found = imageNamed(docker, committed);
  const how = `docker exec ${name} sh -c 'echo hello > /root/note'; docker commit ${name} ${committed}`;
  if (!found) {
    return open(how, {
      en: `There is no image ${committed} yet. Change something in the container and commit it.`,
      ko: `${committed} 이미지가 아직 없습니다. 컨테이너 안에서 파일을 바꾼 뒤 commit하세요.`,
    });
  }
  const again = `docker image rm ${committed}; ${how}`;
  const history = await live.history(found.id);
  const bases = basesOf(on);
  const base = bases.find((one) => isOnTopOf(found, one)) ?? bases[0];
  const evidence = { id: found.id, base: base.id, steps: history.slice(-2).map(({ step }) => brief(step)) };
  if (found.id === base.id) {
    return failed("nothing committed", again, {
      en: `${committed} is ${imageName} under another name. docker tag adds names; docker commit creates images.`,
      ko: `${committed} 이미지는 ${imageName} 이미지에 이름만 더 붙인 것입니다. docker tag는 이름만 붙이고, docker commit이 이미지를 만듭니다.`,
      evidence,
    });
  }
  const nothingWritten = () =>
    failed("nothing committed", again, {
      en: `${committed} is committed, but contains no changes. Create or change a file in the container before docker commit.`,
      ko: `${committed} 이미지에 변경된 내용이 없습니다. docker commit 전에 컨테이너 안에서 파일을 만들거나 바꾸세요.`,
      evidence,
    });
  // Docker makes no layer where nothing was written.
  if (bases.some(({ layers }) => layers.join() === found.layers.join())) return nothingWritten();
  if (!isOnTopOf(found, base)) {
    return failed("another base image", instead(committed, how), {
      en: `${committed} is not based on ${imageName}: its lower layers belong to another image.`,
      ko: `${committed} 이미지는 ${imageName} 이미지에서 만든 것이 아닙니다. 아래쪽 레이어가 다른 이미지의 레이어입니다.`,
      evidence,
    });
  }
  const steps = history.slice((await live.history(base.id)).length);
  const built = steps.find((step) => !committedAs(step, found));
  if (built) {
    const by = brief(built.step, 80);
    return failed("not committed", instead(committed, how), {
      en: `${committed} was not committed from a container of ${imageName}. It was built ("${by}").`,
      ko: `${committed} 이미지는 ${imageName} 컨테이너를 commit한 것이 아니라 빌드한 것입니다 ("${by}").`,
      evidence,
    });
  }
  const diff = layerDiff(await live.layers(found.id), base.layers.length);
  if (diff.length === 0) return nothingWritten();
  return passed({ ...evidence, diff: diff.slice(0, 50), files: diff.length });
}

async function nothingLeft(on: On): Promise<Verdict> {
  const { target, docker, live } = on;
  const { committed } = target;
  const bases = basesOf(on);
  // Without a name, or under another tag: on a shared machine somebody else's images are somebody else's.
  const candidates = docker.images.filter(
    (image) =>
      bases.some((base) => isOnTopOf(image, base)) &&
      (image.names.length === 0 || image.names.some((other) => repositoryOf(other) === repositoryOf(committed))),
  );
  const newest = await Promise.all(candidates.map(async ({ id }) => (await live.history(id)).at(-1)));
  const commits = candidates.filter((image, i) => newest[i] && committedAs(newest[i], image));
  const containers = docker.containers.filter(
    ({ image, imageName }) => commits.some(({ id }) => id === image) || imageName === committed,
  );
  const images = [...new Set([...commits, imageNamed(docker, committed)])].flatMap((image) =>
    image ? (image.names[0] ?? image.id.slice(7, 19)) : [],
  );
  const left = [...containers.map(({ name }) => `container ${name}`), ...images.map((image) => `image ${image}`)];
  const leftKo = [...containers.map(({ name }) => `${name} 컨테이너`), ...images.map((image) => `${image} 이미지`)];
  const missing = target.others.filter((other) => !imageNamed(docker, other));
  const evidence = { left, missing, others: target.others };
  if (left.length > 0) {
    const rm = [
      ...(containers.length > 0
        ? [`docker rm --force ${containers.map((container) => container.name).join(" ")}`]
        : []),
      ...(images.length > 0 ? [`docker image rm ${images.join(" ")}`] : []),
    ];
    const next = {
      en: `This removes them and everything written in them: ${rm.join("; ")}`,
      ko: `다음 명령은 그 안의 변경 내용까지 모두 삭제합니다: ${rm.join("; ")}`,
    };
    return failed("not removed", next, {
      en: `Not removed yet: ${left.join(", ")}.`,
      ko: `아직 삭제하지 않았습니다: ${leftKo.join(", ")}.`,
      evidence,
    });
  }
  if (missing.length > 0) {
    return failed("removed too much", [...new Set(missing.map(target.get))].join("; "), {
      en: `Too much was removed: other labs need ${missing.join(", ")}.`,
      ko: `지우면 안 되는 것까지 삭제했습니다. 다른 실습에 필요한 이미지가 없습니다: ${missing.join(", ")}.`,
      evidence,
    });
  }
  return passed(evidence);
}

/** The steps of the lab "use a registry": a pulled Debian, an image of one's own, and no trace of it afterwards. */
export function registryChecks(target: RegistryTarget, docker: DockerFacts, live: Live): Check[] {
  const on: On = { target, docker, live };
  const { image: imageName, container: name, committed } = target;
  const pulled: Check = {
    id: "registry.pulled",
    title: { en: `Image ${imageName} is pulled`, ko: `${imageName} 이미지를 내려받았다` },
    probe: () => imagePulled(on),
  };
  const container: Check = {
    id: "registry.container",
    title: { en: `Container ${name} runs ${imageName}`, ko: `${name} 컨테이너가 ${imageName} 이미지로 실행 중이다` },
    needs: [pulled],
    probe: () => containerRuns(docker, name, imageName, target.make, true),
  };
  const commit: Check = {
    id: "registry.commit",
    title: {
      en: `Image ${committed} is ${imageName} with your changes`,
      ko: `${committed} 이미지는 ${imageName} 이미지에 변경 내용을 commit한 것이다`,
    },
    needs: [pulled],
    probe: () => imageCommitted(on),
  };
  const cleanUp: Check = {
    id: "registry.clean",
    title: {
      en: `${committed} and its containers are removed, and nothing else`,
      ko: `${committed} 이미지와 컨테이너만 모두 삭제했다`,
    },
    needs: [pulled],
    probe: () => nothingLeft(on),
  };
  return target.cleanedUp ? [pulled, cleanUp] : [pulled, container, commit];
}
