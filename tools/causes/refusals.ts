import type { CoreV1Event, V1Pod } from "@kubernetes/client-node";
import { Text } from "../../text";
import { Problem } from "./problem";
import { Case, quoted, titleOf } from "./objects";
import { Meaning, row, thenRun } from "./meaning";
import { anew, memoryRemedy, ofMinikube, remade, roomRemedy } from "./remedies";

/** A message of Kubernetes and its meaning. The first match counts. */
type Refusal = Meaning<[objects: Case, workload: string]>;

/** The meaning of a message, with the message. @param table its last row is used if no other one matches */
export function meant(table: readonly Refusal[], message: string | undefined, objects: Case, workload: string) {
  const { why, next } = table.find(({ says }) => says.test(message ?? "")) ?? table.at(-1)!;
  return { why, next: next(objects, workload), evidence: quoted(message) };
}

const kubectl = ({ lab }: Case, namespaced = true) =>
  `kubectl --context ${lab.context}${namespaced ? ` --namespace ${lab.namespace}` : ""}`;

/** Inspect something, fix it, continue. */
const look =
  (command: string, namespaced = true) =>
  (objects: Case): Text => ({
    en: `Find out what is wrong (${kubectl(objects, namespaced)} ${command}), fix it, then: ${objects.edition.make}`,
    ko: `원인을 확인하고 (${kubectl(objects, namespaced)} ${command}) 고친 뒤: ${objects.edition.make}`,
  });

const busy = ({ edition }: Case) =>
  thenRun(
    "Kubernetes retries automatically. Wait a few minutes",
    "쿠버네티스가 자동으로 다시 시도합니다. 몇 분 기다린 뒤",
    edition.make,
  );

/** How to restart a node. */
export const nodeAgain = (objects: Case): Text => {
  const { context } = objects.lab;
  const restart = `minikube stop --profile ${context}; minikube start --profile ${context}`;
  return ofMinikube(context)
    ? {
        en: `Restart the node (stored data is kept): ${restart}`,
        ko: `노드를 다시 시작하세요 (저장된 데이터는 유지됩니다): ${restart}`,
      }
    : look("describe nodes", false)(objects);
};

const freeMemory = ({ lab, edition }: Case) => memoryRemedy(lab.context, edition);
const create = ({ edition }: Case): Text => ({
  en: `Create it again: ${edition.make}`,
  ko: `다시 만드세요: ${edition.make}`,
});

const disk = row(
  /no space left on device|disk-?pressure|ephemeral|inodes|EmptyDir/i,
  "The node's disk is full, or almost full.",
  "노드의 디스크가 가득 찼거나 거의 찼습니다.",
  roomRemedy,
);

/** What a node lacks, in the words of the scheduler, the kubelet and the node's conditions. */
export const shortages: readonly Refusal[] = [
  disk,
  row(
    /pid-?pressure|too many pods|insufficient (?:pods|cpu)/i,
    "The node has too little processor time left, or already runs as many pods or processes as it can.",
    "노드에 남은 CPU가 부족하거나 실행할 수 있는 파드나 프로세스 수를 모두 썼습니다.",
    freeMemory,
  ),
  row(/memory/i, "The node has too little memory left.", "노드에 남은 메모리가 부족합니다.", freeMemory),
];

/**
 * Why the cluster does not accept a pod: messages of admission plugins to the controller of a ReplicaSet or a Job.
 * @see https://kubernetes.io/docs/reference/access-authn-authz/admission-controllers/
 */
const admissions: readonly Refusal[] = [
  row(
    /(?:exceeded|insufficient|failed) quota|must specify|(?:maximum|minimum) \S+ (?:usage )?per|max limit to request/,
    "The pod violates the quota (ResourceQuota) or the LimitRange of its namespace.",
    "파드가 네임스페이스의 리소스 쿼터(ResourceQuota)나 LimitRange에 맞지 않습니다.",
    look("describe resourcequotas,limitranges"),
  ),
  row(
    /violates PodSecurity/,
    "The security rules of its namespace (labels pod-security.kubernetes.io/…) do not allow it.",
    "네임스페이스의 보안 규칙(pod-security.kubernetes.io/… 레이블)이 허용하지 않습니다.",
    look("get namespaces --show-labels", false),
  ),
  row(
    /webhook|ValidatingAdmissionPolicy|denied (?:the )?request/,
    "An admission webhook or policy of the cluster does not allow it, or does not answer.",
    "클러스터의 어드미션 웹훅이나 정책이 허용하지 않거나 응답하지 않습니다.",
    look("get validatingadmissionpolicies,mutatingwebhookconfigurations,validatingwebhookconfigurations", false),
  ),
  row(
    /timeout|timed out|deadline exceeded|Internal error|status unknown for quota|unable to handle the request|has been modified|connection (?:refused|lost|reset)|service ?account|being (?:terminated|deleted)|namespaces "[^"]*" not found/i,
    "The cluster is too busy to create it, or is still creating or deleting its namespace.",
    "클러스터에 부하가 많거나 네임스페이스를 아직 만들거나 삭제하는 중이라 만들지 못했습니다.",
    busy,
  ),
  row(
    /^/,
    "The cluster reports:",
    "클러스터가 보고한 이유는 다음과 같습니다.",
    look("get events --field-selector type=Warning"),
  ),
];

/** Workloads for which no pod is created. @param there the workloads that have one */
export function refusedPods(objects: Case, there: ReadonlySet<string>): Problem[] {
  const last = new Map<string, CoreV1Event>();
  for (const event of objects.events) {
    // A controller could not create a pod, or a Deployment its ReplicaSet.
    if (!/^(?:FailedCreate|ReplicaSetCreateError)$/.test(event.reason ?? "")) continue;
    // The name of a ReplicaSet is that of its Deployment with the hash of the pod template.
    const { kind, name = "" } = event.involvedObject;
    last.set(kind === "ReplicaSet" ? name.replace(/-[^-]+$/, "") : name, event);
  }
  return [...last]
    .filter(([workload]) => !there.has(workload))
    .map(([workload, { message }]) => ({
      cause: "pod refused",
      workload,
      what: {
        en: `No pod of ${titleOf(workload)} is created.`,
        ko: `${titleOf(workload)} 파드가 만들어지지 않습니다.`,
      },
      ...meant(admissions, message, objects, workload),
    }));
}

/** Why a node rejects a pod that was assigned to it, by the reason in the pod's status. */
const turnedAway: readonly Refusal[] = [
  row(
    /^(?:OutOf|Preempt)/,
    "The node has no room left for it.",
    "노드에 파드를 실행할 자리가 남지 않았습니다.",
    freeMemory,
  ),
  row(
    /^/,
    "The node was shut down, or cannot run the pod as it is defined.",
    "노드가 꺼졌거나, 현재 정의로는 이 파드를 실행할 수 없습니다.",
    remade,
  ),
];

/** A pod that its node rejected or gave up. */
export function turnedAwayProblem(pod: V1Pod, workload: string, objects: Case): Problem | undefined {
  const { phase, reason, message } = pod.status ?? {};
  if (phase !== "Failed" || !reason) return undefined;
  return {
    cause: "pod refused",
    what: {
      en: `The node rejected the pod of ${titleOf(workload)} (${reason}).`,
      ko: `노드가 ${titleOf(workload)} 파드를 거부했습니다 (${reason}).`,
    },
    ...meant(turnedAway, reason, objects, workload),
    evidence: quoted(message),
  };
}

/** Why no node can run a pod: messages of the scheduler. */
export const unscheduled: readonly Refusal[] = [
  row(
    /persistentvolumeclaim "[^"]*" (?:not found|is being deleted)/i,
    "Its claim does not exist, or is being deleted.",
    "데이터를 저장할 PVC가 없거나 삭제되는 중입니다.",
    create,
  ),
  row(
    /non-existent (?:pv|persistentvolume)/i,
    "The volume of its claim no longer exists, and the data that was on it is gone.",
    "PVC의 볼륨이 없어졌고, 볼륨에 저장된 데이터도 사라졌습니다.",
    anew,
  ),
  ...shortages,
  row(
    /were unschedulable|node\.kubernetes\.io\/unschedulable/,
    "The node is cordoned, so it accepts no new pods.",
    "노드가 스케줄링 불가(cordon) 상태라 새 파드를 받지 않습니다.",
    (objects) => {
      const node = objects.nodes.find(({ spec }) => spec?.unschedulable)?.metadata?.name ?? "NODE";
      const uncordon = `${kubectl(objects, false)} uncordon ${node}; ${objects.edition.make}`;
      return { en: `Uncordon it: ${uncordon}`, ko: `스케줄링 불가 상태를 해제하세요: ${uncordon}` };
    },
  ),
  row(
    /volume|ReadWriteOncePod|available disk|enough free storage/i,
    "Its volume was not created in time, is on another node, or cannot be used on this one.",
    "볼륨이 제때 만들어지지 않았거나, 다른 노드에 있거나, 이 노드에서 사용할 수 없습니다.",
    look("get persistentvolumes", false),
  ),
  row(
    /affinity|topology spread|node name|required features|Insufficient (?:hugepages|[\w.-]+\/)|free ports|scheduling gates/,
    "No node meets the requirements of the pod.",
    "파드의 배치 조건을 만족하는 노드가 없습니다.",
    remade,
  ),
  row(
    /^/,
    "Nodes are not ready, or have a taint that the pod does not tolerate. The scheduler reports:",
    "노드가 준비되지 않았거나 파드가 허용하지 않는 테인트(taint)가 있습니다. 스케줄러의 메시지:",
    look("describe nodes", false),
  ),
];

/** Messages of the kubelet about a container that it could not start. */
const kubelet: readonly Refusal[] = [
  row(
    /(?:secret|configmap) "[^"]*" not found|couldn't find key|references non-existent \w+ key/i,
    "A Secret or ConfigMap that it reads its settings from, or a key in it, is missing.",
    "설정을 읽을 시크릿이나 컨피그맵, 또는 그 안의 키가 없습니다.",
    (objects) =>
      objects.edition.byHand
        ? {
            en: `Create it with the commands at the top of the manifest (existing ones: ${kubectl(objects)} get secrets), then: ${objects.edition.make}`,
            ko: `매니페스트 맨 위의 명령으로 만든 뒤 (현재 시크릿 확인: ${kubectl(objects)} get secrets): ${objects.edition.make}`,
          }
        : create(objects),
  ),
  disk,
  row(
    /OOM-killed|memory limit|runAsNonRoot|as root|non-numeric user|(?:Start|Create)Hook|subPath|to rootfs at|directory onto a file|apparmor|seccomp|selinux|sysctl|apply caps|capabilit/i,
    "The node or the image does not support a setting of the pod: its memory limit, user, security context, mounts or lifecycle hooks.",
    "파드의 설정(메모리 한도, 사용자, 보안 컨텍스트, 마운트, 라이프사이클 훅) 중 하나를 노드나 이미지가 지원하지 않습니다.",
    remade,
  ),
  row(
    /\.sock\b|Docker daemon|code = Unavailable|sandbox container|snapshot|read-only file system|input\/output error|cni|network ?plugin|NetworkNotReady|plugin type=/i,
    "The node's container runtime or its network plugin (CNI) does not work.",
    "노드의 컨테이너 런타임이나 네트워크 플러그인(CNI)이 작동하지 않습니다.",
    nodeAgain,
  ),
  row(
    /failed to reserve (?:container|sandbox) name|deadline exceeded|is in use by/i,
    "The node is too slow or too busy at the moment.",
    "노드가 지금 너무 느리거나 바쁩니다.",
    busy,
  ),
];
export const startMeaning = (said: string) => kubelet.find(({ says }) => says.test(said));

/** Messages of the kubelet about what a pod needs before its containers, such as its network. */
export const sandboxes: readonly Refusal[] = [
  ...kubelet,
  row(
    /^/,
    "The node cannot prepare the pod. It reports:",
    "노드가 파드를 준비하지 못합니다. 노드가 보고한 이유는 다음과 같습니다.",
    look("describe pods"),
  ),
];

/** Messages about an existing volume that cannot be mounted. */
export const mounts: readonly Refusal[] = [
  row(
    /kube-root-ca\.crt|failed to fetch token|not registered|failed to (?:sync|fetch) (?!PVC)/i,
    "The node has not received what it mounts from the cluster yet.",
    "노드가 마운트할 내용을 클러스터에서 아직 받지 못했습니다.",
    busy,
  ),
  row(
    /(?:secret|configmap|persistentvolumeclaim)s? "[^"]*" not found/i,
    "A Secret, ConfigMap or claim that it mounts is missing.",
    "마운트할 시크릿, 컨피그맵 또는 PVC가 없습니다.",
    create,
  ),
  disk,
  row(
    /hostPath type check failed|path "[^"]*" does not exist/i,
    "The folder of its volume is no longer on the node, and the data that was in it is gone.",
    "볼륨의 폴더가 노드에 없고, 폴더에 저장된 데이터도 사라졌습니다.",
    anew,
  ),
  row(
    /^/,
    "Its volume cannot be mounted. The node reports:",
    "볼륨을 마운트할 수 없습니다. 노드가 보고한 이유는 다음과 같습니다.",
    ({ edition }) => thenRun("Fix what the node reports", "노드의 메시지를 보고 고친 뒤", edition.make),
  ),
];
