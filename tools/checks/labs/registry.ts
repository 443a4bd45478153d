import { Check, failed, open, passed, Verdict } from "../check";
import { familiarName } from "../../docker/image-names";
import { containerNamed, DockerFacts, Image, imageNamed } from "../facts/docker";
import { isCommit } from "../facts/dockerfile";
import { Live, Step } from "../facts/live";
import { containerRuns, earlier } from "./containers";
import { instead } from "./remake";
import { RegistryTarget } from "../target";

const lab = "registry" as const;

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

/** The steps of the lab "use a registry": a pulled Debian, an image of one's own, and no trace of it afterwards. */
export function registryChecks(target: RegistryTarget, docker: DockerFacts, live: Live): Check[] {
  const { image: imageName, container: name, committed, cleanedUp } = target;
  /** What it may be made from: the image, and what the container goes on with where a newer one was pulled meanwhile. */
  const bases = () => [
    imageNamed(docker, imageName)!,
    ...[earlier(docker, containerNamed(docker, name), imageName)].filter((image) => image !== undefined),
  ];

  async function pulled(): Promise<Verdict> {
    const found = imageNamed(docker, imageName);
    if (!found) {
      const near = docker.images.flatMap(({ names }) => names).filter((other) => /(^|\/)debian:/.test(other));
      return failed(
        {
          en: `There is no image ${imageName}${near.length > 0 ? `; there is ${near.join(", ")}` : ""}.`,
          ko: `${imageName} 이미지가 없습니다${near.length > 0 ? ` (있는 이미지: ${near.join(", ")})` : ""}.`,
        },
        target.get(imageName),
        { near },
      );
    }
    const [, repository, tag] = /^(.*?)(?::([^/@]*))?(?:@[^/]*)?$/.exec(familiarName(imageName)) ?? [];
    const last = (await live.history(found.id)).at(-1);
    const newest = last?.step ?? "";
    const standIn = newest.includes(`LABEL ${standInLabel}=`) ? found.labels[standInLabel] : undefined;
    const digest = found.digests.find((text) => text.split("@")[0] === repository);
    const evidence = { id: found.id, digest, standIn };
    // Where containerd keeps the images, what was only made here has a digest, too.
    if ((digest === undefined && standIn === undefined) || hasItsCommand(last, found)) {
      return failed(
        {
          en: `${imageName} was made on this machine: no registry has it. Its name was given to another image.`,
          ko: `${imageName} 은(는) 레지스트리에서 받은 것이 아니라 이 컴퓨터에서 만든 것입니다. 다른 이미지에 이 이름을 붙였습니다.`,
        },
        instead(imageName, target.get(imageName)),
        { ...evidence, newest: newest.slice(0, 200) },
      );
    }
    const { code, stdout, stderr } = await live.runOnce(found.id, "cat", "/etc/os-release");
    // Docker's own code: there was no container to say anything.
    if (code === 125) {
      const said = stderr.trim().split("\n")[0] ?? "";
      return failed(
        {
          en: `No container of ${imageName} could be started to look into it: ${said.slice(0, 200)}`,
          ko: `${imageName} 안을 볼 컨테이너를 시작하지 못했습니다: ${said.slice(0, 200)}`,
        },
        "docker system df",
        { ...evidence, code, said: stderr.slice(0, 500) },
      );
    }
    const value = (key: string) => new RegExp(`^${key}="?([^"\n]*)"?$`, "m").exec(stdout)?.[1];
    const wanted = /^\d+/.exec(tag ?? "")?.[0];
    const system = { system: value("ID"), version: value("VERSION_ID") };
    if (system.system === "debian" && (wanted === undefined || system.version === wanted)) {
      return passed({ ...evidence, ...system });
    }
    return failed(
      {
        en: `${imageName} has ${value("PRETTY_NAME") ?? "an unknown system"} in it: its name was given to another image.`,
        ko: `${imageName} 안에는 ${value("PRETTY_NAME") ?? "알 수 없는 시스템"} 이(가) 있습니다: 다른 이미지에 이 이름을 붙였습니다.`,
      },
      instead(imageName, target.get(imageName)),
      { ...evidence, ...system },
    );
  }

  async function ofStudent(): Promise<Verdict> {
    const found = imageNamed(docker, committed);
    const how = `docker exec ${name} sh -c 'echo hello > /root/note'; docker commit ${name} ${committed}`;
    if (!found) {
      return open(
        {
          en: `There is no image ${committed} yet: change something in the container and commit it.`,
          ko: `${committed} 이미지가 아직 없습니다: 컨테이너 안에서 무언가를 바꾸고 commit 하세요.`,
        },
        how,
      );
    }
    const again = `docker image rm ${committed}; ${how}`;
    const history = await live.history(found.id);
    const base = bases().find((one) => isOnTopOf(found, one)) ?? bases()[0]!;
    const evidence = { id: found.id, base: base.id, steps: history.slice(-2).map(({ step }) => step.slice(0, 200)) };
    if (found.id === base.id) {
      return failed(
        {
          en: `${committed} is ${imageName} under another name: docker tag gives names, docker commit makes images.`,
          ko: `${committed} 은(는) 이름만 다른 ${imageName} 입니다: docker tag 는 이름만 붙이고, 이미지는 docker commit 이 만듭니다.`,
        },
        again,
        evidence,
      );
    }
    const nothingWritten = () =>
      failed(
        {
          en: `${committed} is committed, but nothing is in it: write something in the container before docker commit.`,
          ko: `${committed} 을(를) commit 했지만 든 것이 없습니다: docker commit 전에 컨테이너 안에서 무언가를 쓰세요.`,
        },
        again,
        evidence,
      );
    // Docker makes no layer where nothing was written.
    if (bases().some(({ layers }) => layers.join() === found.layers.join())) return nothingWritten();
    if (!isOnTopOf(found, base)) {
      return failed(
        {
          en: `${committed} is not made from ${imageName}: the layers below are another image's.`,
          ko: `${committed} 은(는) ${imageName} 에서 만든 것이 아닙니다: 아래 레이어들이 다른 이미지의 것입니다.`,
        },
        instead(committed, how),
        evidence,
      );
    }
    const steps = history.slice((await live.history(base.id)).length);
    const built = steps.find((step) => !committedAs(step, found));
    if (built) {
      const by = built.step.slice(0, 80);
      return failed(
        {
          en: `${committed} was not committed from a container of ${imageName}: a build made it ("${by}").`,
          ko: `${committed} 은(는) ${imageName} 컨테이너를 commit 한 것이 아니라 빌드한 것입니다 ("${by}").`,
        },
        instead(committed, how),
        evidence,
      );
    }
    const diff = layerDiff(await live.layers(found.id), base.layers.length);
    if (diff.length === 0) return nothingWritten();
    return passed({ ...evidence, diff: diff.slice(0, 50), files: diff.length });
  }

  async function leftNothing(): Promise<Verdict> {
    const repository = (image: string) => familiarName(image).replace(/:[^/]*$/, "");
    // Without a name, or under another tag: on a shared machine somebody else's images are somebody else's.
    const candidates = docker.images.filter(
      (image) =>
        bases().some((base) => isOnTopOf(image, base)) &&
        (image.names.length === 0 || image.names.some((other) => repository(other) === repository(committed))),
    );
    const newest = await Promise.all(candidates.map(async ({ id }) => (await live.history(id)).at(-1)));
    const commits = candidates.filter((image, i) => newest[i] && committedAs(newest[i], image));
    const containers = docker.containers.filter(
      ({ image, imageName }) => commits.some(({ id }) => id === image) || imageName === committed,
    );
    const named = docker.images.filter(({ names }) => names.map(familiarName).includes(familiarName(committed)));
    const left = [
      ...containers.map((container) => `container ${container.name}`),
      ...[...new Set([...commits, ...named])].map((image) => `image ${image.names[0] ?? image.id.slice(7, 19)}`),
    ];
    const missing = target.others.filter((other) => !imageNamed(docker, other));
    const evidence = { left, missing, others: target.others };
    if (left.length > 0) {
      const images = left.filter((text) => text.startsWith("image ")).map((text) => text.slice(6));
      const rm = [
        ...(containers.length > 0
          ? [`docker rm --force ${containers.map((container) => container.name).join(" ")}`]
          : []),
        ...(images.length > 0 ? [`docker image rm ${images.join(" ")}`] : []),
      ];
      return failed(
        { en: `Still there: ${left.join(", ")}.`, ko: `아직 남아 있습니다: ${left.join(", ")}.` },
        {
          en: `This removes them, with all that was written in them: ${rm.join("; ")}`,
          ko: `그 안에 쓴 것까지 모두 지워집니다: ${rm.join("; ")}`,
        },
        evidence,
      );
    }
    if (missing.length > 0) {
      return failed(
        {
          en: `More than your own was removed: ${missing.join(", ")} is gone, which other labs need.`,
          ko: `자신의 것보다 많이 지웠습니다: 다른 실습에 필요한 ${missing.join(", ")} 이(가) 없습니다.`,
        },
        [...new Set(missing.map(target.get))].join("; "),
        evidence,
      );
    }
    return passed(evidence);
  }

  const first: Check = {
    id: "registry.pulled",
    lab,
    title: { en: `Image ${imageName} is pulled`, ko: `${imageName} 이미지를 받았다` },
    hint: {
      en: `docker image ls ${imageName}`,
      ko: `docker image ls ${imageName}`,
    },
    probe: pulled,
  };
  const cleanUp: Check = {
    id: "registry.clean",
    lab,
    title: {
      en: `Nothing is left of ${committed}, and nothing else was touched`,
      ko: `${committed} 은(는) 흔적 없이 지웠고 다른 것은 그대로다`,
    },
    hint: {
      en: `docker rm the containers of ${committed}, then docker image rm ${committed}; a prune takes what others need`,
      ko: `${committed} 의 컨테이너를 docker rm 한 뒤 docker image rm ${committed}; prune 은 다른 실습의 것도 지웁니다`,
    },
    needs: ["registry.pulled"],
    probe: leftNothing,
  };
  if (cleanedUp) return [first, cleanUp];
  return [
    first,
    {
      id: "registry.container",
      lab,
      title: { en: `Container ${name} of it is up`, ko: `그 이미지의 컨테이너 ${name} 이(가) 실행 중이다` },
      hint: { en: `docker exec -it ${name} bash`, ko: `docker exec -it ${name} bash` },
      needs: ["registry.pulled"],
      probe: () => containerRuns(docker, name, imageName, target.make, true),
    },
    {
      id: "registry.commit",
      lab,
      title: {
        en: `Image ${committed} is ${imageName} with what you wrote`,
        ko: `${committed} 이미지는 ${imageName} 에 내가 쓴 것을 더한 것이다`,
      },
      hint: {
        en: `docker diff ${name}; docker commit ${name} ${committed}; docker history ${committed}`,
        ko: `docker diff ${name}; docker commit ${name} ${committed}; docker history ${committed}`,
      },
      needs: ["registry.pulled"],
      probe: ofStudent,
    },
  ];
}
