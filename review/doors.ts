import { Text } from "../text";
import { Inputs } from "./model";
import { at, objectsAt, shown } from "./values";

/** Something that a resource leaves open. */
export interface Door {
  /** Equal for the same door before and after a change. */
  key: string;
  kind: "exposure" | "security";
  text: Text;
  /** It is so by design where a lab is new; opened later, it is a change to agree to. */
  byDesign?: boolean;
}

const door = (kind: Door["kind"], key: string, en: string, ko: string): Door => ({ kind, key, text: { en, ko } });

const isLocal = (address: unknown) => typeof address === "string" && /^(127\.|::1$|localhost$)/.test(address);

function containerDoors(inputs: Inputs): Door[] {
  const doors: Door[] = [];
  const security = (key: string, en: string, ko: string) => doors.push(door("security", key, en, ko));
  for (const port of objectsAt(inputs, "ports")) {
    if (isLocal(port.ip)) continue;
    const [where, number] = [shown(port.ip ?? "0.0.0.0"), shown(port.external ?? port.internal)];
    doors.push(
      door(
        "exposure",
        `port ${shown(port.internal)} ${where}`,
        `port ${number} is open on ${where}: to everyone who reaches this machine, not to itself only`,
        `${number} 포트가 ${where} 에 열립니다: 이 컴퓨터뿐 아니라 접근할 수 있는 모두에게`,
      ),
    );
  }
  if (inputs.publishAllPorts === true)
    doors.push(
      door("exposure", "all ports", "all ports of the image are published", "이미지의 모든 포트가 공개됩니다"),
    );
  if (inputs.networkMode === "host")
    doors.push(
      door("exposure", "host network", "it is on the machine's own network", "컴퓨터의 네트워크를 그대로 씁니다"),
    );
  if (inputs.privileged === true)
    security(
      "privileged",
      "it is privileged: root on this machine",
      "특권 컨테이너입니다: 이 컴퓨터의 root 와 같습니다",
    );
  for (const mode of ["pidMode", "ipcMode", "usernsMode"]) {
    if (inputs[mode] === "host") security(mode, `${mode} is the host's`, `${mode} 가 host 입니다`);
  }
  const added = at(inputs, "capabilities.adds");
  for (const capability of Array.isArray(added) ? added : [])
    security(
      `cap ${shown(capability)}`,
      `it gets the capability ${shown(capability)}`,
      `${shown(capability)} 권한이 추가됩니다`,
    );
  const options = inputs.securityOpts;
  for (const option of Array.isArray(options) ? options : []) {
    if (/unconfined|disable/.test(shown(option)))
      security(`opt ${shown(option)}`, `it runs with ${shown(option)}`, `${shown(option)} 로 실행됩니다`);
  }
  const paths = [
    ...objectsAt(inputs, "volumes").map((v) => v.hostPath),
    ...objectsAt(inputs, "mounts").map((m) => (m.type === "bind" ? m.source : undefined)),
  ];
  for (const path of paths.filter((p) => p !== undefined))
    security(
      `host ${shown(path)}`,
      `it sees this machine's ${shown(path)}`,
      `이 컴퓨터의 ${shown(path)} 을(를) 봅니다`,
    );
  return doors;
}

function serviceDoors(inputs: Inputs): Door[] {
  const type = shown(at(inputs, "spec.type") ?? "ClusterIP");
  const doors: Door[] = [];
  if (type === "NodePort" || type === "LoadBalancer") {
    const name = shown(at(inputs, "metadata.name"));
    doors.push({
      ...door(
        "exposure",
        `type ${type}`,
        `Service ${name} is a ${type}: reachable from outside the cluster, by whoever reaches a node`,
        `Service ${name} 의 종류가 ${type} 입니다: 클러스터 밖에서, 노드에 접근할 수 있는 누구나 쓸 수 있습니다`,
      ),
      byDesign: type === "NodePort",
    });
  }
  const external = at(inputs, "spec.externalIPs");
  for (const ip of Array.isArray(external) ? external : [])
    doors.push(
      door(
        "exposure",
        `ip ${shown(ip)}`,
        `the Service answers on ${shown(ip)}`,
        `Service 가 ${shown(ip)} 에서 응답합니다`,
      ),
    );
  return doors;
}

function podDoors(pod: unknown): Door[] {
  const doors: Door[] = [];
  const security = (key: string, en: string, ko: string) => doors.push(door("security", key, en, ko));
  for (const key of ["hostNetwork", "hostPID", "hostIPC"]) {
    if (at(pod, key) === true)
      doors.push(
        door(
          key === "hostNetwork" ? "exposure" : "security",
          key,
          `${key}: it shares the node's`,
          `${key}: 노드의 것을 함께 씁니다`,
        ),
      );
  }
  if (at(pod, "automountServiceAccountToken") !== false)
    security("token", "the pod gets a token for the Kubernetes API", "파드가 쿠버네티스 API 토큰을 받습니다");
  if (!["RuntimeDefault", "Localhost"].includes(shown(at(pod, "securityContext.seccompProfile.type") ?? "")))
    security(
      "seccomp",
      "no seccomp profile limits its system calls",
      "시스템 호출을 제한하는 seccomp 프로필이 없습니다",
    );
  for (const volume of objectsAt(pod, "volumes")) {
    const path = at(volume, "hostPath.path");
    if (path !== undefined)
      security(`host ${shown(path)}`, `it sees the node's ${shown(path)}`, `노드의 ${shown(path)} 을(를) 봅니다`);
  }
  for (const container of [...objectsAt(pod, "initContainers"), ...objectsAt(pod, "containers")]) {
    const name = shown(container.name);
    const context = (key: string) => at(container, `securityContext.${key}`) ?? at(pod, `securityContext.${key}`);
    const of = (key: string, en: string, ko: string) =>
      security(`${name} ${key}`, `container ${name}: ${en}`, `컨테이너 ${name}: ${ko}`);
    if (context("runAsNonRoot") !== true || context("runAsUser") === 0)
      of("root", "may run as root", "root 로 실행될 수 있습니다");
    if (at(container, "securityContext.allowPrivilegeEscalation") !== false)
      of("escalation", "may gain more privileges than it starts with", "시작할 때보다 많은 권한을 얻을 수 있습니다");
    if (at(container, "securityContext.privileged") === true) of("privileged", "is privileged", "특권 컨테이너입니다");
    const drop = at(container, "securityContext.capabilities.drop");
    if (!Array.isArray(drop) || !drop.includes("ALL"))
      of("capabilities", "keeps root's capabilities", "root 의 capability 를 버리지 않습니다");
    const add = at(container, "securityContext.capabilities.add");
    for (const capability of Array.isArray(add) ? add : [])
      of(
        `cap ${shown(capability)}`,
        `gets the capability ${shown(capability)}`,
        `${shown(capability)} 권한이 추가됩니다`,
      );
    for (const port of objectsAt(container, "ports")) {
      if (port.hostPort !== undefined)
        doors.push(
          door(
            "exposure",
            `hostPort ${shown(port.hostPort)}`,
            `port ${shown(port.hostPort)} of the node leads into it`,
            `노드의 ${shown(port.hostPort)} 포트로 들어올 수 있습니다`,
          ),
        );
    }
  }
  return doors;
}

/** Where the pod of a workload is described. */
const podPaths: Record<string, string> = {
  "kubernetes:apps/v1:Deployment": "spec.template.spec",
  "kubernetes:apps/v1:StatefulSet": "spec.template.spec",
  "kubernetes:apps/v1:DaemonSet": "spec.template.spec",
  "kubernetes:batch/v1:Job": "spec.template.spec",
  "kubernetes:batch/v1:CronJob": "spec.jobTemplate.spec.template.spec",
  "kubernetes:core/v1:Pod": "spec",
};

/** The pod that a workload runs, if it is one. */
export const podOf = (type: string, inputs: Inputs | undefined): unknown => {
  const path = podPaths[type];
  return path && inputs ? at(inputs, path) : undefined;
};

/** What a resource leaves open. */
export function doorsOf(type: string, inputs: Inputs | undefined): Door[] {
  if (!inputs) return [];
  if (type === "docker:index/container:Container") return containerDoors(inputs);
  if (type === "kubernetes:core/v1:Service") return serviceDoors(inputs);
  const pod = podOf(type, inputs);
  return pod === undefined ? [] : podDoors(pod);
}
