import { Inputs } from "../resources/model";
import { at, items, objectsAt, shown } from "../resources/values";
import { exposure, Opening, security } from "./opening";

const isLocal = (address: unknown) => typeof address === "string" && /^(127\.|::1$|localhost$)/.test(address);

/** An address, or every one; Docker takes none for the same. */
export const addressOf = (address: unknown) =>
  /^(0\.0\.0\.0|::)?$/.test(shown(address)) ? "everyone" : shown(address);

function ports(inputs: Inputs): Opening[] {
  return objectsAt(inputs, "ports")
    .filter(({ ip }) => !isLocal(ip))
    .map((port) => {
      const [where, number] = [shown(port.ip ?? "0.0.0.0"), shown(port.external ?? port.internal)];
      return exposure(`port ${shown(port.internal)} ${addressOf(port.ip)}`, {
        en: `port ${number} is open on ${where}: to everyone who reaches this machine, not to itself only`,
        ko: `${number}번 포트가 ${where} 주소에 열려, 이 컴퓨터뿐 아니라 이 컴퓨터에 접근할 수 있는 모두가 쓸 수 있습니다`,
        within: ["all ports", `port ${shown(port.internal)} everyone`],
      });
    });
}

function* networks(inputs: Inputs): Generator<Opening> {
  const mode = shown(inputs.networkMode);
  if (inputs.publishAllPorts === true)
    yield exposure("all ports", { en: "all ports of the image are published", ko: "이미지의 모든 포트가 공개됩니다" });
  if (mode === "host")
    yield exposure("host network", {
      en: "it is on the machine's own network",
      ko: "컴퓨터의 네트워크를 그대로 씁니다",
    });
  if (mode.startsWith("container:"))
    yield exposure(mode, {
      en: `it shares the network of another container (${mode}): each reaches what the other keeps to itself`,
      ko: `다른 컨테이너와 네트워크를 함께 쓰므로 (${mode}) 서로의 내부 포트에 접근할 수 있습니다`,
    });
  // By its number: a network that has another name is not one more.
  const names = objectsAt(inputs, "networksAdvanced").map(({ name }) => shown(name));
  for (const [i, name] of names.entries()) {
    if (i === 0 && name !== "bridge") continue;
    yield exposure(name === "bridge" ? "network bridge" : `network ${i + 1}`, {
      en: `it is in the network ${name}, too: what is there reaches all of its ports`,
      ko: `${name} 네트워크에도 연결되어, 그 네트워크의 컨테이너가 모든 포트에 접근할 수 있습니다`,
      byDesign: "silent",
    });
  }
}

/** The folders of this machine that a container sees. */
function folders(inputs: Inputs): Opening[] {
  const binds = objectsAt(inputs, "mounts").filter(({ type }) => type === "bind");
  const seen = [
    ...objectsAt(inputs, "volumes").map(({ hostPath, readOnly }) => ({ path: hostPath, readOnly })),
    ...binds.map(({ source, readOnly }) => ({ path: source, readOnly })),
  ];
  return seen
    .filter(({ path }) => path !== undefined)
    .map(({ path, readOnly }) => {
      const folder = shown(path);
      const toWrite = `host ${folder} to write`;
      return readOnly === true
        ? security(`host ${folder}`, {
            en: `it sees this machine's ${folder}`,
            ko: `이 컴퓨터의 ${folder} 위치를 볼 수 있습니다`,
            within: [toWrite],
          })
        : security(toWrite, {
            en: `it sees and may change this machine's ${folder}`,
            ko: `이 컴퓨터의 ${folder} 위치를 보고 바꿀 수 있습니다`,
          });
    });
}

export const isRoot = (user: unknown) => /^(root|0)(:|$)/.test(shown(user));

function* others(inputs: Inputs): Generator<Opening> {
  if (isRoot(inputs.user)) yield security("root", { en: "it runs as root", ko: "root로 실행됩니다" });
}

export const containerOpenings = (inputs: Inputs): Opening[] =>
  [ports, networks, others, folders].flatMap((look) => [...look(inputs)]);

export function* containerSafeguards(inputs: Inputs): Generator<Opening> {
  if (inputs.user !== undefined && !isRoot(inputs.user))
    yield security("user", {
      en: "it runs as the user of its image again, which may be root",
      ko: "다시 이미지에 지정된 사용자로 실행됩니다 (root일 수 있습니다)",
      within: ["root"],
    });
  if (items(inputs.securityOpts).some((option) => /^no-new-privileges([:=]true)?$/.test(shown(option))))
    yield security("no-new-privileges", {
      en: "no-new-privileges is gone: it may gain more privileges than it starts with",
      ko: "no-new-privileges 옵션이 없어져, 시작할 때보다 많은 권한을 얻을 수 있습니다",
    });
  for (const capability of items(at(inputs, "capabilities.drops")).map(shown))
    yield security(`drop ${capability}`, {
      en: `it keeps the capability ${capability}, which was dropped before`,
      ko: `버리던 ${capability} 권한을 유지합니다`,
      within: ["drop ALL"],
    });
  if (inputs.readOnly === true)
    yield security("read only", {
      en: "its own files may be changed (readOnly is gone)",
      ko: "자신의 파일을 바꿀 수 있습니다 (readOnly 해제)",
    });
}

/** What is built goes to a registry; what it is built from leaves the project. */
export function* imageOpenings(inputs: Inputs): Generator<Opening> {
  const name = shown(inputs.imageName);
  if (inputs.skipPush !== true)
    yield exposure(`push ${name}`, {
      en: `it is pushed to the registry in its name (${name}): anyone who can read there can pull it`,
      ko: `이름이 가리키는 레지스트리로 올라갑니다 (${name}). 그곳을 읽는 모두가 가질 수 있습니다`,
    });
  for (const from of ["context", "dockerfile"].map((key) => shown(at(inputs, `build.${key}`)))) {
    if (/^(\/|~|[A-Za-z]:)|(^|\/)\.\.(\/|$)|^\w+:\/\//.test(from))
      yield security(`built from ${from}`, {
        en: `it is built from ${from}, outside of this project`,
        ko: `이 프로젝트 밖의 ${from} 위치에서 빌드합니다`,
      });
  }
}

export function* networkSafeguards(inputs: Inputs): Generator<Opening> {
  if (inputs.internal === true)
    yield exposure("internal", {
      en: "it is no longer internal: what is in it reaches the outside, and can be published",
      ko: "더 이상 내부 네트워크가 아니므로, 컨테이너가 외부와 통신하고 공개될 수 있습니다",
    });
}
