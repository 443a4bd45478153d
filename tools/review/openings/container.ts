import { Inputs } from "../resources/model";
import { at, objectsAt, shown } from "../resources/values";
import { Opening, opening, items, Safeguard, safeguard } from "./opening";

const isLocal = (address: unknown) => typeof address === "string" && /^(127\.|::1$|localhost$)/.test(address);

/** Every address there is; Docker takes none for the same. */
const isEveryone = (address: unknown) => /^(0\.0\.0\.0|::)?$/.test(shown(address));

function ports(inputs: Inputs): Opening[] {
  return objectsAt(inputs, "ports")
    .filter(({ ip }) => !isLocal(ip))
    .map((port) => {
      const [where, number] = [shown(port.ip ?? "0.0.0.0"), shown(port.external ?? port.internal)];
      const everyone = `port ${shown(port.internal)} everyone`;
      return opening(
        "exposure",
        isEveryone(port.ip) ? everyone : `port ${shown(port.internal)} ${where}`,
        `port ${number} is open on ${where}: to everyone who reaches this machine, not to itself only`,
        `${number}번 포트가 ${where} 주소에 열려, 이 컴퓨터뿐 아니라 이 컴퓨터에 접근할 수 있는 모두가 쓸 수 있습니다`,
        { within: ["all ports", everyone] },
      );
    });
}

function networks(inputs: Inputs): Opening[] {
  const openings: Opening[] = [];
  const mode = shown(inputs.networkMode);
  if (inputs.publishAllPorts === true)
    openings.push(
      opening("exposure", "all ports", "all ports of the image are published", "이미지의 모든 포트가 공개됩니다"),
    );
  if (mode === "host")
    openings.push(
      opening("exposure", "host network", "it is on the machine's own network", "컴퓨터의 네트워크를 그대로 씁니다"),
    );
  if (mode.startsWith("container:"))
    openings.push(
      opening(
        "exposure",
        mode,
        `it shares the network of another container (${mode}): each reaches what the other keeps to itself`,
        `다른 컨테이너와 네트워크를 함께 쓰므로 (${mode}) 서로의 내부 포트에 접근할 수 있습니다`,
      ),
    );
  // By its number: a network that has another name is not one more.
  const names = objectsAt(inputs, "networksAdvanced").map(({ name }) => shown(name));
  names.forEach((name, i) => {
    if (i === 0 && name !== "bridge") return;
    openings.push(
      opening(
        "exposure",
        name === "bridge" ? "network bridge" : `network ${i + 1}`,
        `it is in the network ${name}, too: what is there reaches all of its ports`,
        `${name} 네트워크에도 연결되어, 그 네트워크의 컨테이너가 모든 포트에 접근할 수 있습니다`,
        { byDesign: "silent" },
      ),
    );
  });
  return openings;
}

/** The folders of this machine that a container sees. */
function folders(inputs: Inputs): Opening[] {
  const seen = [
    ...objectsAt(inputs, "volumes").map((v) => ({ path: v.hostPath, readOnly: v.readOnly })),
    ...objectsAt(inputs, "mounts")
      .filter(({ type }) => type === "bind")
      .map((m) => ({ path: m.source, readOnly: m.readOnly })),
  ];
  return seen
    .filter(({ path }) => path !== undefined)
    .map(({ path, readOnly }) => {
      const folder = shown(path);
      return readOnly === true
        ? opening(
            "security",
            `host ${folder}`,
            `it sees this machine's ${folder}`,
            `이 컴퓨터의 ${folder} 위치를 볼 수 있습니다`,
            {
              within: [`host ${folder} to write`],
            },
          )
        : opening(
            "security",
            `host ${folder} to write`,
            `it sees and may change this machine's ${folder}`,
            `이 컴퓨터의 ${folder} 위치를 보고 바꿀 수 있습니다`,
          );
    });
}

/** Whether the user of a container is root, by name or number. */
export const isRoot = (user: unknown) => /^(root|0)(:|$)/.test(shown(user));

const security = (key: string, en: string, ko: string) => opening("security", key, en, ko);

/** What a container shares with this machine, or with another container. */
function shares(inputs: Inputs): Opening[] {
  const modes = ["pidMode", "ipcMode", "usernsMode", "cgroupnsMode"].flatMap((mode) => {
    const is = shown(inputs[mode]);
    if (is === "host") return security(mode, `${mode} is the host's`, `${mode} 값이 host입니다`);
    if (!is.startsWith("container:")) return [];
    return security(
      `${mode} ${is}`,
      `${mode} is another container's (${is})`,
      `${mode} 값을 다른 컨테이너와 함께 씁니다 (${is})`,
    );
  });
  const names = objectsAt(inputs, "hosts").map(({ host, ip }) =>
    security(
      `name ${shown(host)} ${shown(ip)}`,
      `it finds ${shown(host)} at ${shown(ip)}, whatever the network says`,
      `네트워크와 상관없이 ${shown(host)} 이름이 ${shown(ip)} 주소로 연결됩니다`,
    ),
  );
  const servers = items(inputs.dns).map((server) =>
    security(
      `dns ${shown(server)}`,
      `it looks up all names at the DNS server ${shown(server)}`,
      `모든 이름을 ${shown(server)} 서버에 묻습니다`,
    ),
  );
  const uploads = objectsAt(inputs, "uploads")
    .filter(({ source }) => source !== undefined)
    .map(({ source }) =>
      security(
        `upload ${shown(source)}`,
        `it gets a copy of this machine's ${shown(source)}`,
        `이 컴퓨터의 ${shown(source)} 사본을 받습니다`,
      ),
    );
  const log = shown(inputs.logDriver ?? "none");
  const logs = opening(
    "exposure",
    `log ${log}`,
    `what it says goes to another machine (logDriver ${log})`,
    `로그가 다른 컴퓨터로 갑니다 (logDriver ${log})`,
  );
  return [
    ...[...modes, ...names, ...servers, ...uploads],
    ...(/^(json-file|local|journald|none)$/.test(log) ? [] : [logs]),
  ];
}

/** What a container may do on this machine. */
function privileges(inputs: Inputs): Opening[] {
  const openings: Opening[] = [];
  const may = (...one: Parameters<typeof security>) => openings.push(security(...one));
  if (inputs.privileged === true)
    may("privileged", "it is privileged: root on this machine", "특권 컨테이너이므로 이 컴퓨터의 root와 같습니다");
  if (isRoot(inputs.user)) may("root", "it runs as root", "root로 실행됩니다");
  const runtime = shown(inputs.runtime ?? "runc");
  if (runtime !== "runc")
    may(
      `runtime ${runtime}`,
      `it is started by ${runtime}, which decides what keeps it apart from this machine`,
      `${runtime} 런타임으로 시작하며, 이 컴퓨터와의 격리는 그 런타임에 달려 있습니다`,
    );
  if (inputs.gpus !== undefined) may("gpus", "it gets this machine's GPUs", "이 컴퓨터의 GPU를 씁니다");
  for (const name of Object.keys(inputs.sysctls ?? {}))
    may(`sysctl ${name}`, `it sets the kernel's ${name}`, `커널의 ${name} 값을 바꿉니다`);
  for (const name of items(at(inputs, "capabilities.adds")).map(shown))
    may(`cap ${name}`, `it gets the capability ${name}`, `${name} 권한이 추가됩니다`);
  for (const option of items(inputs.securityOpts).map(shown)) {
    if (/unconfined|disable/.test(option))
      may(`opt ${option}`, `it runs with ${option}`, `${option} 옵션으로 실행됩니다`);
  }
  for (const path of objectsAt(inputs, "devices").map(({ hostPath }) => shown(hostPath)))
    may(`device ${path}`, `it gets this machine's device ${path}`, `이 컴퓨터의 ${path} 장치를 씁니다`);
  for (const group of items(inputs.groupAdds).map(shown))
    may(
      `group ${group}`,
      `it is in the group ${group}, and may do what that may`,
      `${group} 그룹에 속하여 그 권한을 갖습니다`,
    );
  return openings;
}

export const containerOpenings = (inputs: Inputs): Opening[] =>
  [ports, networks, privileges, shares, folders].flatMap((look) => look(inputs));

export function containerSafeguards(inputs: Inputs): Safeguard[] {
  const safeguards: Safeguard[] = [];
  if (inputs.user !== undefined && !isRoot(inputs.user))
    safeguards.push(
      safeguard(
        "user",
        "it runs as the user of its image again, which may be root",
        "다시 이미지에 지정된 사용자로 실행됩니다 (root일 수 있습니다)",
        { within: ["root"] },
      ),
    );
  if (items(inputs.securityOpts).some((option) => /^no-new-privileges([:=]true)?$/.test(shown(option))))
    safeguards.push(
      safeguard(
        "no-new-privileges",
        "no-new-privileges is gone: it may gain more privileges than it starts with",
        "no-new-privileges 옵션이 없어져, 시작할 때보다 많은 권한을 얻을 수 있습니다",
      ),
    );
  for (const capability of items(at(inputs, "capabilities.drops")))
    safeguards.push(
      safeguard(
        `drop ${shown(capability)}`,
        `it keeps the capability ${shown(capability)}, which was dropped before`,
        `버리던 ${shown(capability)} 권한을 유지합니다`,
        { within: ["drop ALL"] },
      ),
    );
  if (inputs.readOnly === true)
    safeguards.push(
      safeguard(
        "read only",
        "its own files may be changed (readOnly is gone)",
        "자신의 파일을 바꿀 수 있습니다 (readOnly 해제)",
      ),
    );
  return safeguards;
}

/** Networks that are more than a place of their own on this machine. */
export function networkOpenings(inputs: Inputs): Opening[] {
  const driver = shown(inputs.driver ?? "bridge");
  const options = Object.entries(inputs.options ?? {}).filter(([name]) =>
    /gateway_mode|host_binding|trusted/.test(name),
  );
  const openings = options.map(([name, value]) =>
    opening(
      "exposure",
      `${name} ${shown(value)}`,
      `\`${name}\` is ${shown(value)}: who reaches its containers is no longer what their ports say`,
      `\`${name}\` 값이 ${shown(value)}입니다. 컨테이너에 접근할 수 있는 쪽이 포트 설정과 달라집니다`,
    ),
  );
  return /^(macvlan|ipvlan|host)$/.test(driver)
    ? [
        ...openings,
        opening(
          "exposure",
          `driver ${driver}`,
          `its containers are on the network of this machine (${driver}): every port of them is open there`,
          `컨테이너가 이 컴퓨터의 네트워크에 놓여 (${driver}) 모든 포트가 열립니다`,
        ),
      ]
    : openings;
}

/** A volume that is a folder of this machine, or kept by somebody else. */
export function volumeOpenings(inputs: Inputs): Opening[] {
  const [device, driver] = [at(inputs, "driverOpts.device"), shown(inputs.driver ?? "local")];
  return [
    ...(device === undefined || device === "tmpfs"
      ? []
      : [
          opening(
            "security",
            `device ${shown(device)}`,
            `its content is ${shown(device)}, which every container with this volume can change`,
            `볼륨의 내용이 ${shown(device)} 위치에 있으며, 볼륨을 쓰는 컨테이너가 바꿀 수 있습니다`,
          ),
        ]),
    ...(driver === "local"
      ? []
      : [
          opening(
            "security",
            `driver ${driver}`,
            `what is stored in it goes to the plugin ${driver}`,
            `저장하는 데이터가 ${driver} 플러그인으로 갑니다`,
          ),
        ]),
  ];
}

/** What is built goes to a registry; what it is built from leaves the project. */
export function imageOpenings(inputs: Inputs): Opening[] {
  const context = shown(at(inputs, "build.context") ?? ".");
  const name = shown(inputs.imageName);
  return [
    ...(inputs.skipPush === true
      ? []
      : [
          opening(
            "exposure",
            `push ${name}`,
            `it is pushed to the registry in its name (${name}): anyone who can read there can pull it`,
            `이름이 가리키는 레지스트리로 올라갑니다 (${name}). 그곳을 읽는 모두가 가질 수 있습니다`,
          ),
        ]),
    ...(/^(\/|~|[A-Za-z]:)|(^|\/)\.\.(\/|$)|^\w+:\/\//.test(context)
      ? [
          opening(
            "security",
            `context ${context}`,
            `it is built from ${context}, outside of this project`,
            `이 프로젝트 밖의 ${context} 위치에서 빌드합니다`,
          ),
        ]
      : []),
  ];
}

export const networkSafeguards = (inputs: Inputs): Safeguard[] =>
  inputs.internal === true
    ? [
        safeguard(
          "internal",
          "it is no longer internal: what is in it reaches the outside, and can be published",
          "더 이상 내부 네트워크가 아니므로, 컨테이너가 외부와 통신하고 공개될 수 있습니다",
          { kind: "exposure" },
        ),
      ]
    : [];
