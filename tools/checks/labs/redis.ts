import { readFileSync } from "node:fs";
import { Check, failed, passed, Verdict } from "../check";
import { containerNamed, DockerFacts, Image, imageNamed } from "../facts/docker";
import { familiarName } from "../../docker/image-names";
import { lastLines } from "../../causes/objects";
import { pullCause } from "../../causes/pulls";
import { settingDifferences, settingsOnly, stepDifferences } from "../facts/dockerfile";
import { Live, Step } from "../facts/live";
import { anew, instead } from "./remake";
import { containerRuns, onlyPublishedOn } from "./containers";
import { RedisTarget } from "../target";

const lab = "redis" as const;

/** The steps of the lab "build an image": Redis, from a Dockerfile, running as a container. */
export function redisChecks(target: RedisTarget, docker: DockerFacts, live: Live): Check[] {
  const { image: imageName, container: name } = target;
  const container = () => containerNamed(docker, name)!;
  const remake = () => anew(containerNamed(docker, name), target.make);
  const rebuild = () => anew(containerNamed(docker, name), target.build);

  /** One number of Redis's own: it tells one running server from another. */
  const runId = (info: string) => /^run_id:(\w+)\r?$/m.exec(info)?.[1];

  async function image(): Promise<Verdict> {
    const found = imageNamed(docker, imageName);
    if (!found) {
      const near = docker.images.flatMap(({ names }) => names).filter((other) => other.includes("redis"));
      return failed(
        {
          en: `There is no image ${familiarName(imageName)}${near.length > 0 ? `; there is ${near.join(", ")}` : ""}.`,
          ko: `${familiarName(imageName)} 이미지가 없습니다${near.length > 0 ? ` (있는 이미지: ${near.join(", ")})` : ""}.`,
        },
        target.build,
        { near },
      );
    }
    const evidence = { id: found.id, names: found.names };
    const content = readFileSync(target.dockerfile, "utf8");
    const [asked, history] = await Promise.all([
      live.build({ content: settingsOnly(content), args: target.buildArgs }),
      live.history(found.id),
    ]);
    const told = "image" in asked ? notFrom(asked, found, content) : undefined;
    if (told) return told;
    const baseSteps = "image" in asked ? sharedBy(asked.history, history) : undefined;
    const settings = "image" in asked ? settingDifferences(asked.image.settings, found.settings) : [];
    const all = [...stepDifferences(content, history, baseSteps), ...settings];
    // Where nothing could be built for want of its base, what is known of the steps decides.
    if (all.length === 0 && ("image" in asked || pullCause(asked.problem))) return passed(evidence);
    if (!all.some(({ sure }) => sure)) {
      const buildKit = history.at(-1)?.comment.startsWith("buildkit") ?? false;
      const again = await live.build({ file: target.dockerfile, args: target.buildArgs, buildKit });
      if ("image" in again) {
        if (isSame(again, found, history)) return passed(evidence);
        all.push(...settingDifferences(again.image.settings, found.settings));
      } else if (all.length === 0 && "problem" in asked) return unbuildable(asked.problem);
    }
    const [difference] = all;
    if (!difference) return passed(evidence);
    const { instruction, has } = difference;
    return failed(
      {
        en: `${imageName} is not what ${target.dockerfile} says: "${instruction}" there, in the image: ${has.en}.`,
        ko: `${imageName} 이미지가 ${target.dockerfile} 파일과 다릅니다: 파일에는 "${instruction}", 이미지에는: ${has.ko}.`,
      },
      rebuild(),
      { ...evidence, instruction, has: has.en },
    );
  }

  /** Steps that two images have in common: those of their base. */
  function sharedBy(one: readonly Step[], other: readonly Step[]): number {
    const differs = one.findIndex(({ step }, i) => step !== other[i]?.step);
    return differs < 0 ? one.length : differs;
  }

  /** Whether an image is not made from the base that the Dockerfile names. */
  function notFrom({ image: asked }: { image: Image }, found: Image, content: string): Verdict | undefined {
    const differs = asked.layers.findIndex((layer, i) => layer !== found.layers[i]);
    // What was built from the settings alone has a layer of its own for a WORKDIR, and else those of its base.
    const own = content.match(/^\s*WORKDIR\s/gim)?.length ?? 0;
    if (differs < 0 || asked.layers.length - differs <= own) return undefined;
    const { baseImage } = target;
    const known = imageNamed(docker, baseImage)?.layers.every((layer, i) => layer === asked.layers[i]) ?? false;
    const base = known
      ? { en: baseImage, ko: baseImage }
      : { en: `the base that ${target.dockerfile} names`, ko: `${target.dockerfile} 파일의 FROM 이미지` };
    return failed(
      {
        en: `${imageName} is not built from ${base.en} as it is here now, but from another, perhaps an older one.`,
        ko: `${imageName} 이미지는 지금 여기 있는 것(${base.ko})이 아니라 다른, 아마도 더 오래된 이미지로 빌드한 것입니다.`,
      },
      // The builder of the containerd image store asks the registry first, whatever is here.
      instead(imageName, known ? `docker pull ${baseImage}; ${target.build}` : target.build),
      { id: found.id, names: found.names },
    );
  }

  /** Whether what Docker builds now is what there is: to the byte, or made by the same steps at another time. */
  function isSame(built: { image: Image; history: Step[] }, found: Image, history: readonly Step[]): boolean {
    if (settingDifferences(built.image.settings, found.settings).length > 0) return false;
    const texts = (steps: readonly Step[]) => steps.map(({ step }) => step).join("\n");
    return built.image.layers.join() === found.layers.join() || texts(built.history) === texts(history);
  }

  function unbuildable(said: string): Verdict {
    const line = lastLines(said, 1)[0] ?? "";
    return failed(
      {
        en: `Docker cannot build ${target.dockerfile}: ${line}`,
        ko: `Docker가 ${target.dockerfile} 파일을 빌드하지 못합니다: ${line}`,
      },
      {
        en: `Correct ${target.dockerfile}, then: ${target.build}`,
        ko: `${target.dockerfile} 파일을 고친 뒤: ${target.build}`,
      },
      { said: said.slice(0, 500) },
    );
  }

  async function pong(): Promise<Verdict> {
    const { host, port } = target;
    const answer = await live.ask(host, port, "PING").catch((error: Error) => error.message);
    const said = answer === "" ? "-" : `"${answer.slice(0, 120)}"`;
    if (answer === "+PONG") return passed({ address: `${host}:${port}`, answer });
    return failed(
      {
        en: `Redis at ${host}:${port} answers PING with ${said}, not with PONG.`,
        ko: `${host}:${port} 의 Redis 가 PING 에 PONG 이 아니라 ${said} (이)라고 답합니다.`,
      },
      /^-DENIED|^-NOAUTH|^-ERR/.test(answer) ? remake() : `docker logs ${name}`,
      { address: `${host}:${port}`, answer: answer.slice(0, 500) },
    );
  }

  async function exec(): Promise<Verdict> {
    const { code, stdout, stderr } = await live.exec(name, "redis-cli", "ping");
    if (code !== 0 || stdout.trim() !== "PONG") {
      const said = (stdout + stderr).trim();
      return failed(
        {
          en: `redis-cli in container ${name} answers "${said.slice(0, 120)}", not PONG.`,
          ko: `컨테이너 ${name} 안의 redis-cli 가 PONG 이 아니라 "${said.slice(0, 120)}" (이)라고 답합니다.`,
        },
        remake(),
        { code, said: said.slice(0, 500) },
      );
    }
    const inside = runId((await live.exec(name, "redis-cli", "info", "server")).stdout);
    const outside = runId(await live.ask(target.host, target.port, "INFO server"));
    const evidence = { answer: "PONG", serverInside: inside, serverOnPort: outside };
    if (inside !== undefined && inside === outside) return passed(evidence);
    return failed(
      {
        en: `redis-cli in container ${name} talks to another Redis than the one on port ${target.port}.`,
        ko: `컨테이너 ${name} 안의 redis-cli 가 ${target.port} 포트의 Redis 가 아닌 다른 Redis 와 이야기합니다.`,
      },
      remake(),
      evidence,
    );
  }

  async function address(): Promise<Verdict> {
    const networks = container().networks;
    const [first] = networks;
    const bridge = networks.length === 1 && first?.name === "bridge" ? first : undefined;
    const seen = (await live.exec(name, "hostname", "-I")).stdout.trim().split(/\s+/).filter(Boolean);
    const evidence = { networks, hostname: seen };
    const strange = seen.filter((one) => one !== bridge?.address && one !== bridge?.address6);
    if (bridge && seen.includes(bridge.address) && strange.length === 0) {
      const subnets = docker.networks.find((network) => network.name === "bridge")?.subnets;
      return passed({ ...evidence, subnets });
    }
    const where = networks.map((network) => `${network.name} (${network.address || "-"})`).join(", ");
    return failed(
      {
        en: `Container ${name} should have one address, in Docker's own network bridge. It has: ${where}; inside it says ${seen.join(" ") || "none"}.`,
        ko: `컨테이너 ${name} 은(는) Docker 의 기본 네트워크 bridge 에만 주소가 있어야 합니다. 지금: ${where}, 안에서 보이는 주소: ${seen.join(" ") || "없음"}.`,
      },
      remake(),
      evidence,
    );
  }

  return [
    {
      id: "redis.image",
      lab,
      title: {
        en: `Image ${imageName} is built from the Dockerfile`,
        ko: `${imageName} 이미지를 Dockerfile 로 빌드했다`,
      },
      hint: {
        en: `docker history ${imageName} shows a line for every instruction of ${target.dockerfile}`,
        ko: `docker history ${imageName} 에 ${target.dockerfile} 의 명령이 한 줄씩 보입니다`,
      },
      probe: image,
    },
    {
      id: "redis.container",
      lab,
      title: { en: `Container ${name} runs that image`, ko: `컨테이너 ${name} 이(가) 그 이미지로 실행 중이다` },
      hint: {
        en: `docker ps --filter name=${name} shows it, with its image and for how long it has been up`,
        ko: `docker ps --filter name=${name} 에서 이미지와 실행 시간을 볼 수 있습니다`,
      },
      needs: ["redis.image"],
      probe: () => containerRuns(docker, name, imageName, target.make),
    },
    {
      id: "redis.published",
      lab,
      title: {
        en: `Its port is published on ${target.bindAddress}:${target.port} and nowhere else`,
        ko: `포트가 ${target.bindAddress}:${target.port} 에만 열려 있다`,
      },
      hint: {
        en: `docker port ${name}: without an address before the port, everyone who reaches this machine reaches Redis`,
        ko: `docker port ${name}: 포트 앞에 주소가 없으면 이 컴퓨터에 접속할 수 있는 모두가 Redis 를 쓸 수 있습니다`,
      },
      needs: ["redis.container"],
      probe: () =>
        onlyPublishedOn(
          container(),
          { inside: "6379/tcp", address: target.bindAddress, port: target.port },
          target.make,
        ),
    },
    {
      id: "redis.pong",
      lab,
      title: { en: "Redis answers PONG on the published port", ko: "열린 포트에서 Redis 가 PONG 이라고 답한다" },
      hint: {
        en: `redis-cli -p ${target.port} ping, or: docker run --rm --network host ${imageName} redis-cli -p ${target.port} ping`,
        ko: `redis-cli -p ${target.port} ping 또는: docker run --rm --network host ${imageName} redis-cli -p ${target.port} ping`,
      },
      needs: ["redis.published"],
      probe: pong,
    },
    {
      id: "redis.exec",
      lab,
      title: { en: "Redis answers PONG inside the container", ko: "컨테이너 안에서 Redis 가 PONG 이라고 답한다" },
      hint: { en: `docker exec ${name} redis-cli ping`, ko: `docker exec ${name} redis-cli ping` },
      needs: ["redis.pong"],
      probe: exec,
    },
    {
      id: "redis.address",
      lab,
      title: {
        en: "The container has an address of its own in Docker's network",
        ko: "컨테이너가 Docker 네트워크에 자기 주소를 가진다",
      },
      hint: { en: `docker exec ${name} hostname -I`, ko: `docker exec ${name} hostname -I` },
      needs: ["redis.published"],
      probe: address,
    },
  ];
}
