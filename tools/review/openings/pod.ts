import { Inputs } from "../resources/model";
import { isWish } from "../resources/secret-names";
import { at, objectsAt, secret, shown } from "../resources/values";
import { Opening, opening, items, Safeguard, safeguard } from "./opening";

/** Where the pod of a workload is described. */
const podPaths: Record<string, string> = {
  "kubernetes:apps/v1:Deployment": "spec.template.spec",
  "kubernetes:apps/v1:StatefulSet": "spec.template.spec",
  "kubernetes:apps/v1:DaemonSet": "spec.template.spec",
  "kubernetes:apps/v1:ReplicaSet": "spec.template.spec",
  "kubernetes:batch/v1:Job": "spec.template.spec",
  "kubernetes:batch/v1:CronJob": "spec.jobTemplate.spec.template.spec",
  "kubernetes:core/v1:Pod": "spec",
};

export const runsPods = (type: string) => type in podPaths;

/** The pod that a workload runs, if it is one. */
export const podOf = (type: string, inputs: Inputs | undefined): unknown => {
  const path = podPaths[type];
  return path && inputs ? at(inputs, path) : undefined;
};

/** Of the kernel's settings those that belong to one pod, and let it no further. */
const safe = ["net.ipv4.ip_unprivileged_port_start", "net.ipv4.ping_group_range", "net.ipv4.ip_local_port_range"];

type Container = Record<string, unknown>;

const containersOf = (pod: unknown): Container[] => [
  ...objectsAt(pod, "initContainers"),
  ...objectsAt(pod, "containers"),
];

/** What a container says for itself goes before what its pod says. */
const context = (pod: unknown, container: Container, key: string) =>
  at(container, `securityContext.${key}`) ?? at(pod, `securityContext.${key}`);

export function podOpenings(pod: unknown): Opening[] {
  const openings: Opening[] = [];
  const security = (key: string, en: string, ko: string, within: string[] = []) =>
    openings.push(opening("security", key, en, ko, { within }));
  for (const key of ["hostNetwork", "hostPID", "hostIPC"]) {
    if (at(pod, key) === true)
      openings.push(
        opening(
          key === "hostNetwork" ? "exposure" : "security",
          key,
          `${key}: it shares the node's`,
          `${key}: 노드와 함께 씁니다`,
        ),
      );
  }
  if (at(pod, "shareProcessNamespace") === true)
    security(
      "shareProcessNamespace",
      "its containers see each other's processes and their environment",
      "컨테이너들이 서로의 프로세스와 환경 변수를 봅니다",
    );
  if (items(at(pod, "securityContext.supplementalGroups")).includes(0))
    security("group 0", "it is in root's group", "root 그룹에 속합니다");
  for (const { name } of objectsAt(pod, "securityContext.sysctls")) {
    if (!safe.includes(shown(name)))
      security(`sysctl ${shown(name)}`, `it sets the node's ${shown(name)}`, `노드의 ${shown(name)} 값을 바꿉니다`);
  }
  const account = shown(at(pod, "serviceAccountName") ?? "default");
  const volumes = objectsAt(pod, "volumes");
  const projected = volumes.some((volume) =>
    objectsAt(volume, "projected.sources").some((source) => source.serviceAccountToken !== undefined),
  );
  if (at(pod, "automountServiceAccountToken") !== false || projected)
    security(
      `token ${account}`,
      `the pod gets a token for the Kubernetes API (account ${account})`,
      `파드가 쿠버네티스 API 토큰을 받습니다 (계정 ${account})`,
    );
  for (const volume of volumes) {
    const path = at(volume, "hostPath.path");
    if (path !== undefined)
      security(
        `host ${shown(path)}`,
        `it sees the node's ${shown(path)}`,
        `노드의 ${shown(path)} 위치를 볼 수 있습니다`,
      );
  }
  return [...openings, ...containersOf(pod).flatMap((container) => openingsInPod(pod, container))];
}

function openingsInPod(pod: unknown, container: Container): Opening[] {
  const openings: Opening[] = [];
  const name = shown(container.name);
  const of = (key: string, en: string, ko: string, within: string[] = []) =>
    openings.push(
      opening("security", `${name} ${key}`, `container ${name}: ${en}`, `${name} 컨테이너: ${ko}`, { within }),
    );
  const own = (key: string) => at(container, `securityContext.${key}`);
  if (context(pod, container, "runAsUser") === 0) of("is root", "runs as root", "root로 실행됩니다");
  else if (context(pod, container, "runAsNonRoot") !== true)
    of("root", "may run as root", "root로 실행될 수 있습니다", [`${name} is root`]);
  if (!["RuntimeDefault", "Localhost"].includes(shown(context(pod, container, "seccompProfile.type"))))
    of("seccomp", "no seccomp profile limits its system calls", "시스템 호출을 제한하는 seccomp 프로필이 없습니다");
  if (context(pod, container, "appArmorProfile.type") === "Unconfined")
    of("apparmor", "AppArmor does not confine it", "AppArmor의 제한을 받지 않습니다");
  if (context(pod, container, "seLinuxOptions") !== undefined)
    of("selinux", "has SELinux rules of its own", "자체 SELinux 규칙을 씁니다");
  if (own("procMount") === "Unmasked")
    of("procMount", "sees all of /proc (procMount Unmasked)", "/proc 전체를 봅니다 (procMount Unmasked)");
  if (own("allowPrivilegeEscalation") !== false)
    of("escalation", "may gain more privileges than it starts with", "시작할 때보다 많은 권한을 얻을 수 있습니다");
  if (own("privileged") === true) of("privileged", "is privileged", "특권 컨테이너입니다");
  if (!items(own("capabilities.drop")).includes("ALL"))
    of("capabilities", "keeps root's capabilities", "root의 권한(capability)을 버리지 않습니다");
  for (const capability of items(own("capabilities.add")))
    of(
      `cap ${shown(capability)}`,
      `gets the capability ${shown(capability)}`,
      `${shown(capability)} 권한이 추가됩니다`,
    );
  for (const { name: variable, value } of objectsAt(container, "env")) {
    if (value === secret && !isWish(shown(variable)))
      of(
        `env ${shown(variable)}`,
        `the secret in ${shown(variable)} is written into the pod, for all who may look at it. Refer to a Secret (secretKeyRef)`,
        `${shown(variable)} 비밀 값이 파드에 그대로 적혀 있어, 파드를 볼 수 있는 사람은 누구나 읽을 수 있습니다. 시크릿(Secret)을 참조하세요 (secretKeyRef)`,
      );
  }
  for (const { hostPort } of objectsAt(container, "ports")) {
    if (hostPort !== undefined)
      openings.push(
        opening(
          "exposure",
          `hostPort ${shown(hostPort)}`,
          `port ${shown(hostPort)} of the node is forwarded to it`,
          `노드의 ${shown(hostPort)}번 포트로 들어올 수 있습니다`,
        ),
      );
  }
  return openings;
}

export const podSafeguards = (pod: unknown): Safeguard[] =>
  containersOf(pod)
    .filter((container) => at(container, "securityContext.readOnlyRootFilesystem") === true)
    .map(({ name }) =>
      safeguard(
        `${shown(name)} read only`,
        `container ${shown(name)}: its own files may be changed (readOnlyRootFilesystem is gone)`,
        `${shown(name)} 컨테이너: 자신의 파일을 바꿀 수 있습니다 (readOnlyRootFilesystem 해제)`,
      ),
    );
