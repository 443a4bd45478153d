import { readFileSync } from "node:fs";
import { certain, Check, failed, passed, Verdict } from "../check";
import { Container, containerNamed, DockerFacts, Image, imageNamed } from "../facts/docker";
import { familiarName } from "../../docker/image-names";
import { brief, lastLines } from "../../causes/objects";
import { pullCause } from "../../causes/pulls";
import { settingDifferences, settingsOnly, stepDifferences } from "../facts/dockerfile";
import { Live, Step } from "../facts/live";
import { unreachableIn } from "../facts/unreachable";
import { anew, anewAfterLog, instead } from "./remake";
import { containerRuns, noImage, onlyPublishedOn } from "./containers";
import { RedisTarget } from "../target";

interface On {
  target: RedisTarget;
  docker: DockerFacts;
  live: Live;
}

const running = ({ target, docker }: On): Container => certain(containerNamed(docker, target.container));
const remake = (on: On) => anew(running(on), on.target.make);
/** The step that has the image built, and the container made from it. */
const rebuild = ({ target, docker }: On) => anew(containerNamed(docker, target.container), target.build);

/** One number of Redis's own: it tells one running server from another. */
const runId = (info: string) => /^run_id:(\w+)\r?$/m.exec(info)?.[1];

async function imageBuilt(on: On): Promise<Verdict> {
  const { target, docker, live } = on;
  const { image: imageName } = target;
  const found = imageNamed(docker, imageName);
  if (!found) return noImage(docker, familiarName(imageName), /redis/, target.build);
  const evidence = { id: found.id, names: found.names };
  const content = readFileSync(target.dockerfile, "utf8");
  const [asked, history] = await Promise.all([
    live.build({ content: settingsOnly(content), args: target.buildArgs }),
    live.history(found.id),
  ]);
  const told = "image" in asked ? notFrom(on, asked.image, found, content) : undefined;
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
    } else if (all.length === 0 && "problem" in asked) return unbuildable(on, asked.problem);
  }
  const [difference] = all;
  if (!difference) return passed(evidence);
  const { instruction, has } = difference;
  return failed("image differs from Dockerfile", rebuild(on), {
    en: `${imageName} differs from ${target.dockerfile}: the file has "${instruction}", the image: ${has.en}.`,
    ko: `${imageName} 이미지가 ${target.dockerfile} 파일과 다릅니다. 파일의 내용: "${instruction}", 이미지의 내용: ${has.ko}.`,
    evidence: { ...evidence, instruction, has: has.en },
  });
}

/** Steps that two images have in common: those of their base. */
function sharedBy(one: readonly Step[], other: readonly Step[]): number {
  const differs = one.findIndex(({ step }, i) => step !== other[i]?.step);
  return differs < 0 ? one.length : differs;
}

/** Whether an image is not made from the base that the Dockerfile names. */
function notFrom({ target, docker }: On, asked: Image, found: Image, content: string): Verdict | undefined {
  const differs = asked.layers.findIndex((layer, i) => layer !== found.layers[i]);
  // What was built from the settings alone has a layer of its own for a WORKDIR, and else those of its base.
  const own = content.match(/^\s*WORKDIR\s/gim)?.length ?? 0;
  if (differs < 0 || asked.layers.length - differs <= own) return undefined;
  const { baseImage, image: imageName } = target;
  const known = imageNamed(docker, baseImage)?.layers.every((layer, i) => layer === asked.layers[i]) ?? false;
  const base = known
    ? { en: baseImage, ko: baseImage }
    : { en: `base image that ${target.dockerfile} names`, ko: `${target.dockerfile} 파일의 FROM 이미지` };
  // The builder of the containerd image store asks the registry first, whatever is here.
  const next = instead(
    imageName,
    known ? `docker pull ${baseImage}; ${target.build}` : target.build,
    containerNamed(docker, target.container),
  );
  return failed("another base image", next, {
    en: `${imageName} is not built from the current ${base.en}, but from another image, perhaps an older one.`,
    ko: `${imageName} 이미지가 현재의 베이스 이미지(${base.ko})가 아닌 다른 이미지에서 빌드되었습니다. 더 오래된 이미지일 수 있습니다.`,
    evidence: { id: found.id, names: found.names },
  });
}

/** Whether what Docker builds now is what there is: to the byte, or made by the same steps at another time. */
function isSame(built: { image: Image; history: Step[] }, found: Image, history: readonly Step[]): boolean {
  if (settingDifferences(built.image.settings, found.settings).length > 0) return false;
  const texts = (steps: readonly Step[]) => steps.map(({ step }) => step).join("\n");
  return built.image.layers.join() === found.layers.join() || texts(built.history) === texts(history);
}

function unbuildable(on: On, said: string): Verdict {
  const { dockerfile } = on.target;
  const line = lastLines(said, 1)[0] ?? "";
  const again = rebuild(on);
  const next = { en: `Correct ${dockerfile}. ${again.en}`, ko: `${dockerfile} 파일을 고치세요. ${again.ko}` };
  return failed("image cannot be built", next, {
    en: `Docker cannot build ${dockerfile}: ${line}`,
    ko: `Docker가 ${dockerfile} 파일을 빌드하지 못합니다: ${line}`,
    evidence: { said: brief(said) },
  });
}

async function answersPing(on: On): Promise<Verdict> {
  const { host, port } = on.target;
  const answer = await on.live.ask(host, port, "PING").catch((error: unknown) => unreachableIn(error).why.en);
  const said = answer === "" ? "-" : `"${brief(answer)}"`;
  if (answer === "+PONG") return passed({ address: `${host}:${port}`, answer });
  const refuses = /^-DENIED|^-NOAUTH/.test(answer);
  const next = refuses || answer.startsWith("-ERR") ? remake(on) : anewAfterLog(running(on), on.target.make);
  return failed(refuses ? "access refused" : "no answer", next, {
    en: `Redis at ${host}:${port} answers PING with ${said}, not with PONG.`,
    ko: `${host}:${port}의 Redis가 PING에 PONG으로 응답하지 않습니다. 응답: ${said}.`,
    evidence: { address: `${host}:${port}`, answer: brief(answer) },
  });
}

async function answersInside(on: On): Promise<Verdict> {
  const { target, live } = on;
  const { container: name } = target;
  const { code, stdout, stderr } = await live.exec(name, "redis-cli", "ping");
  if (code !== 0 || stdout.trim() !== "PONG") {
    const said = brief(stdout + stderr);
    return failed("no answer", remake(on), {
      en: `redis-cli in container ${name} answers "${said}", not PONG.`,
      ko: `${name} 컨테이너 안의 redis-cli가 PONG을 출력하지 않습니다. 출력: "${said}".`,
      evidence: { code, said },
    });
  }
  const inside = runId((await live.exec(name, "redis-cli", "info", "server")).stdout);
  const outside = runId(await live.ask(target.host, target.port, "INFO server"));
  const evidence = { answer: "PONG", serverInside: inside, serverOnPort: outside };
  if (inside !== undefined && inside === outside) return passed(evidence);
  return failed("another server", remake(on), {
    en: `redis-cli in container ${name} connects to a different Redis than the one on port ${target.port}.`,
    ko: `${name} 컨테이너 안의 redis-cli가 ${target.port}번 포트의 Redis가 아닌 다른 Redis에 연결됩니다.`,
    evidence,
  });
}

async function hasAddress(on: On): Promise<Verdict> {
  const { name, networks } = running(on);
  const [first] = networks;
  const bridge = networks.length === 1 && first?.name === "bridge" ? first : undefined;
  const seen = (await on.live.exec(name, "hostname", "-I")).stdout.trim().split(/\s+/).filter(Boolean);
  const evidence = { networks, hostname: seen };
  const strange = seen.filter((one) => one !== bridge?.address && one !== bridge?.address6);
  if (bridge && seen.includes(bridge.address) && strange.length === 0) return passed(evidence);
  const where = networks.map((network) => `${network.name} (${network.address || "-"})`).join(", ");
  return failed("another network", remake(on), {
    en: `Container ${name} should have one address, on Docker's default network bridge. It has: ${where}; inside the container: ${seen.join(" ") || "none"}.`,
    ko: `${name} 컨테이너는 Docker의 기본 네트워크인 bridge에만 IP 주소가 있어야 합니다. 현재: ${where}, 컨테이너 안에서 보이는 주소: ${seen.join(" ") || "없음"}.`,
    evidence,
  });
}

/** The steps of the lab "build an image": Redis, from a Dockerfile, running as a container. */
export function redisChecks(target: RedisTarget, docker: DockerFacts, live: Live): Check[] {
  const on: On = { target, docker, live };
  const { image: imageName, container: name, bindAddress, port } = target;
  const image: Check = {
    id: "redis.image",
    title: { en: `Image ${imageName} is built from the Dockerfile`, ko: `${imageName} 이미지를 Dockerfile로 빌드했다` },
    probe: () => imageBuilt(on),
  };
  const container: Check = {
    id: "redis.container",
    title: { en: `Container ${name} runs ${imageName}`, ko: `${name} 컨테이너가 ${imageName} 이미지로 실행 중이다` },
    needs: [image],
    probe: () => containerRuns(docker, name, imageName, target.make),
  };
  const published: Check = {
    id: "redis.published",
    title: {
      en: `Its port is published on ${bindAddress}:${port} and nowhere else`,
      ko: `포트가 ${bindAddress}:${port}에만 열려 있다`,
    },
    needs: [container],
    probe: () => onlyPublishedOn(running(on), { inside: "6379/tcp", address: bindAddress, port }, target.make),
  };
  const pong: Check = {
    id: "redis.pong",
    title: { en: "Redis answers PONG on the published port", ko: "열린 포트에서 Redis가 PONG으로 응답한다" },
    needs: [published],
    probe: () => answersPing(on),
  };
  const exec: Check = {
    id: "redis.exec",
    title: { en: "Redis answers PONG inside the container", ko: "컨테이너 안에서 Redis가 PONG으로 응답한다" },
    needs: [pong],
    probe: () => answersInside(on),
  };
  const address: Check = {
    id: "redis.address",
    title: {
      en: "The container has an IP address in Docker's network",
      ko: "컨테이너에 Docker 네트워크의 IP 주소가 있다",
    },
    needs: [published],
    probe: () => hasAddress(on),
  };
  return [image, container, published, pong, exec, address];
}
