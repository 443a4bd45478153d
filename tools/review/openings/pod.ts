import { Text } from "../../../text";
import { Inputs } from "../resources/model";
import { isWish } from "../resources/secret-names";
import { at, items, objectsAt, secret, shown } from "../resources/values";
import { exposure, Opening, security } from "./opening";

const podPaths: Record<string, string> = {
  "kubernetes:apps/v1:Deployment": "spec.template.spec",
  "kubernetes:apps/v1:StatefulSet": "spec.template.spec",
  "kubernetes:apps/v1:DaemonSet": "spec.template.spec",
  "kubernetes:apps/v1:ReplicaSet": "spec.template.spec",
  "kubernetes:batch/v1:Job": "spec.template.spec",
  "kubernetes:batch/v1:CronJob": "spec.jobTemplate.spec.template.spec",
  "kubernetes:core/v1:Pod": "spec",
};

export const podPath = (type: string) => podPaths[type];
export const runsPods = (type: string) => podPath(type) !== undefined;

export const podOf = (type: string, inputs: Inputs | undefined): unknown => {
  const path = podPaths[type];
  return path && inputs ? at(inputs, path) : undefined;
};

type Container = Record<string, unknown>;

/** The containers of a pod, those that run first included. */
export const containersOf = (pod: unknown): Container[] => [
  ...objectsAt(pod, "initContainers"),
  ...objectsAt(pod, "containers"),
];

/** What a container says for itself goes before what its pod says. */
const context = (pod: unknown, container: Container, key: string) =>
  at(container, `securityContext.${key}`) ?? at(pod, `securityContext.${key}`);

export function* podOpenings(pod: unknown): Generator<Opening> {
  if (at(pod, "hostNetwork") === true)
    yield exposure("hostNetwork", { en: "hostNetwork: it shares the node's", ko: "hostNetwork: 노드와 함께 씁니다" });
  const groups = ["runAsGroup", "fsGroup"].map((key) => at(pod, `securityContext.${key}`));
  const own = containersOf(pod).map((container) => at(container, "securityContext.runAsGroup"));
  if ([...items(at(pod, "securityContext.supplementalGroups")), ...groups, ...own].includes(0))
    yield security("group 0", { en: "it is in root's group", ko: "root 그룹에 속합니다" });
  const account = shown(at(pod, "serviceAccountName") ?? "default");
  const volumes = objectsAt(pod, "volumes");
  const projected = volumes.some((volume) =>
    objectsAt(volume, "projected.sources").some((source) => source.serviceAccountToken !== undefined),
  );
  if (at(pod, "automountServiceAccountToken") !== false || projected)
    yield security(`token ${account}`, {
      en: `the pod gets a token for the Kubernetes API (account ${account})`,
      ko: `파드가 쿠버네티스 API 토큰을 받습니다 (계정 ${account})`,
    });
  for (const container of containersOf(pod)) yield* openingsInPod(pod, container);
}

function* openingsInPod(pod: unknown, container: Container): Generator<Opening> {
  const name = shown(container.name);
  const of = (key: string, { en, ko, within }: Text & { within?: string[] }) =>
    security(`${name} ${key}`, { en: `container ${name}: ${en}`, ko: `${name} 컨테이너: ${ko}`, within });
  const own = (key: string) => at(container, `securityContext.${key}`);
  if (context(pod, container, "runAsUser") === 0) yield of("is root", { en: "runs as root", ko: "root로 실행됩니다" });
  else if (context(pod, container, "runAsNonRoot") !== true)
    yield of("root", { en: "may run as root", ko: "root로 실행될 수 있습니다", within: [`${name} is root`] });
  if (!["RuntimeDefault", "Localhost"].includes(shown(context(pod, container, "seccompProfile.type"))))
    yield of("seccomp", {
      en: "no seccomp profile limits its system calls",
      ko: "시스템 호출을 제한하는 seccomp 프로필이 없습니다",
    });
  if (own("allowPrivilegeEscalation") !== false)
    yield of("escalation", {
      en: "may gain more privileges than it starts with",
      ko: "시작할 때보다 많은 권한을 얻을 수 있습니다",
    });
  if (!items(own("capabilities.drop")).includes("ALL"))
    yield of("capabilities", { en: "keeps root's capabilities", ko: "root의 권한(capability)을 버리지 않습니다" });
  for (const { name: variable, value } of objectsAt(container, "env")) {
    if (value === secret && !isWish(shown(variable)))
      yield of(`env ${shown(variable)}`, {
        en: `the secret in ${shown(variable)} is written into the pod, for all who may look at it. Refer to a Secret (secretKeyRef)`,
        ko: `${shown(variable)} 비밀 값이 파드에 그대로 적혀 있어, 파드를 볼 수 있는 사람은 누구나 읽을 수 있습니다. 시크릿(Secret)을 참조하세요 (secretKeyRef)`,
      });
  }
  for (const { hostPort } of objectsAt(container, "ports")) {
    if (hostPort !== undefined)
      yield exposure(`hostPort ${shown(hostPort)}`, {
        en: `port ${shown(hostPort)} of the node is forwarded to it`,
        ko: `노드의 ${shown(hostPort)}번 포트로 들어올 수 있습니다`,
      });
  }
}

export const podSafeguards = (pod: unknown): Opening[] =>
  containersOf(pod)
    .filter((container) => at(container, "securityContext.readOnlyRootFilesystem") === true)
    .map(({ name }) =>
      security(`${shown(name)} read only`, {
        en: `container ${shown(name)}: its own files may be changed (readOnlyRootFilesystem is gone)`,
        ko: `${shown(name)} 컨테이너: 자신의 파일을 바꿀 수 있습니다 (readOnlyRootFilesystem 해제)`,
      }),
    );
