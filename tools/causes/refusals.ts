import type { CoreV1Event, V1Pod } from "@kubernetes/client-node";
import { Text } from "../../text";
import { Problem } from "./problem";
import { Case, quoted, titleOf } from "./objects";
import { placesOf } from "./edition";
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

const again =
  (en: string, ko: string) =>
  ({ edition }: Case): Text =>
    thenRun(en, ko, edition.make);

const busy = again(
  "Kubernetes retries automatically. Wait a few minutes",
  "쿠버네티스가 자동으로 다시 시도합니다. 몇 분 기다린 뒤",
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

const slow = row(
  /failed to reserve (?:container|sandbox) name|deadline exceeded|is in use by/i,
  "The node is too slow or too busy at the moment.",
  "노드가 지금 너무 느리거나 바쁩니다.",
  busy,
);
const brokenRuntime = row(
  /\.sock\b|Docker daemon|code = Unavailable|sandbox container|snapshot|read-only file system|input\/output error/i,
  "The node's container runtime is out of order.",
  "노드의 컨테이너 런타임에 문제가 있습니다.",
  nodeAgain,
);
const portTaken = row(
  /^HostPortConflict|^NodePorts|free ports/,
  "A port of the node that it requests is already in use.",
  "파드가 요청한 노드의 포트를 다른 파드가 사용하고 있습니다.",
  remade,
);
/** What kube-controller-manager creates in every namespace. */
const madeByCluster =
  (kinds: string) =>
  (objects: Case): Text => ({
    en: `The cluster creates it again by itself. If it does not appear (${kubectl(objects)} get ${kinds}), kube-controller-manager is not running. Then: ${objects.edition.make}`,
    ko: `클러스터가 자동으로 다시 만듭니다. 생기지 않으면 (${kubectl(objects)} get ${kinds}) kube-controller-manager가 실행 중이 아닌 것입니다. 그런 다음: ${objects.edition.make}`,
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
    /exceeded quota|insufficient quota/,
    "The pod would exceed the quota (ResourceQuota) of its namespace.",
    "네임스페이스의 리소스 쿼터(ResourceQuota)를 초과합니다.",
    look("describe resourcequotas"),
  ),
  row(
    /failed quota|must specify/,
    "The quota (ResourceQuota) of its namespace requires requests and limits that the pod does not have.",
    "네임스페이스의 리소스 쿼터(ResourceQuota)에서 요구하는 requests와 limits가 파드에 없습니다.",
    look("describe resourcequotas"),
  ),
  row(
    /(?:maximum|minimum) \S+ (?:usage )?per|max limit to request ratio/,
    "Its memory or CPU is outside the LimitRange of its namespace.",
    "메모리나 CPU 설정이 네임스페이스의 LimitRange 범위를 벗어납니다.",
    look("describe limitranges"),
  ),
  row(
    /violates PodSecurity/,
    "The security rules of its namespace (labels pod-security.kubernetes.io/…) do not allow it.",
    "네임스페이스의 보안 규칙(pod-security.kubernetes.io/… 레이블)이 허용하지 않습니다.",
    look("get namespaces --show-labels", false),
  ),
  row(
    /serviceaccount|service account/i,
    "Its service account does not exist.",
    "서비스어카운트(ServiceAccount)가 없습니다.",
    madeByCluster("serviceaccounts"),
  ),
  row(/PriorityClass/, "Its priority class does not exist.", "프라이어리티클래스(PriorityClass)가 없습니다.", remade),
  row(/RuntimeClass/, "Its runtime class does not exist.", "런타임클래스(RuntimeClass)가 없습니다.", remade),
  row(
    /failed calling webhook/,
    "An admission webhook, which the cluster calls before it creates anything, does not answer.",
    "클러스터가 오브젝트를 만들기 전에 호출하는 웹훅(admission webhook)이 응답하지 않습니다.",
    look("get mutatingwebhookconfigurations,validatingwebhookconfigurations", false),
  ),
  row(
    /admission webhook|ValidatingAdmissionPolicy|denied (?:the )?request/,
    "An admission policy of the cluster does not allow it.",
    "클러스터의 어드미션 정책이 허용하지 않습니다.",
    look("get validatingadmissionpolicies,validatingwebhookconfigurations", false),
  ),
  row(
    /being terminated|being deleted|namespaces "[^"]*" not found/,
    "Its namespace is being deleted.",
    "네임스페이스를 삭제하는 중입니다.",
    again("Wait until it is deleted", "삭제가 끝날 때까지 기다린 뒤"),
  ),
  row(
    /is invalid/,
    "The cluster rejects its definition.",
    "클러스터가 파드의 정의를 거부했습니다.",
    look("get deployments --output yaml"),
  ),
  row(
    /database space exceeded/,
    "The database of the cluster (etcd) is full.",
    "클러스터의 데이터베이스(etcd)가 가득 찼습니다.",
    again(
      "Make room in it (https://etcd.io/docs/latest/op-guide/maintenance/)",
      "공간을 확보한 뒤 (https://etcd.io/docs/latest/op-guide/maintenance/)",
    ),
  ),
  row(
    /timeout|timed out|etcd|deadline exceeded|Internal error|status unknown for quota|unable to handle the request|has been modified|connection (?:refused|lost|reset)/i,
    "The cluster was too busy to create it.",
    "클러스터에 부하가 많아 만들지 못했습니다.",
    again("It tries again by itself. Wait a minute", "자동으로 다시 시도합니다. 잠시 기다린 뒤"),
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
  row(/^OutOfmemory/i, "The node has too little memory left.", "노드에 남은 메모리가 부족합니다.", freeMemory),
  row(
    /^OutOf(?:cpu|pods|ephemeral-storage|disk)/i,
    "The node has no room left for it.",
    "노드에 파드를 더 둘 수 없습니다.",
    freeMemory,
  ),
  row(
    /^(?:NodeShutdown|Shutdown|Terminated|NodeLost)/,
    "The node was shut down or is lost.",
    "노드가 꺼졌거나 사라졌습니다.",
    again("Start the node again", "노드를 다시 시작한 뒤"),
  ),
  row(
    /^DeadlineExceeded/,
    "It ran longer than its activeDeadlineSeconds.",
    "activeDeadlineSeconds 시간을 넘겨 실행되었습니다.",
    remade,
  ),
  row(
    /^Preempt/,
    "The node gave its place to a pod of higher priority.",
    "우선순위가 더 높은 파드가 노드의 자리를 차지했습니다.",
    freeMemory,
  ),
  row(
    /^(?:NodeAffinity|NodeSelectorMismatching|NodeName|PodOS|TaintToleration)/,
    "The pod may no longer run on this node.",
    "이 노드는 이제 파드의 배치 조건에 맞지 않습니다.",
    remade,
  ),
  portTaken,
  row(
    /./,
    "The node does not run pods of this kind.",
    "노드가 이런 종류의 파드를 실행하지 않습니다.",
    look("describe pods"),
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
    ({ edition }) => ({ en: `Create it: ${edition.make}`, ko: `PVC를 만드세요: ${edition.make}` }),
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
    /node\.kubernetes\.io\/(?:not-ready|unreachable|network-unavailable|out-of-service)|were not ready|unknown conditions/,
    "The node is not ready, or cannot be reached.",
    "노드가 준비되지 않았거나 연결되지 않습니다.",
    look("describe nodes", false),
  ),
  row(
    /untolerated taint|taints that the pod didn't tolerate/,
    "The node has a taint that the pod does not tolerate.",
    "파드가 허용하지 않는 테인트(taint)가 노드에 있습니다.",
    look("describe nodes", false),
  ),
  row(
    /binding volumes/,
    "Its volume was not created in time.",
    "볼륨이 제때 만들어지지 않았습니다.",
    look("get events --field-selector type=Warning"),
  ),
  row(
    /volume node affinity|PersistentVolume's node affinity|didn't find available persistent volumes|max volume count|ReadWriteOncePod|volume zone|available disk|enough free storage/i,
    "Its volume is on another node, or cannot be used on this one.",
    "볼륨이 다른 노드에 있거나 이 노드에서 사용할 수 없습니다.",
    look("get persistentvolumes", false),
  ),
  row(
    /affinity|topology spread|requested node name|required features|Insufficient (?:hugepages|[\w.-]+\/)/,
    "No node matches what the pod requires.",
    "파드의 배치 조건에 맞는 노드가 없습니다.",
    remade,
  ),
  portTaken,
  row(
    /scheduling gates|SchedulingGated/,
    "Its scheduling gates hold it back.",
    "스케줄링 게이트(schedulingGates)가 파드의 배치를 막고 있습니다.",
    remade,
  ),
  row(/no nodes available/, "The cluster has no node.", "클러스터에 노드가 없습니다.", look("get nodes", false)),
  row(/^/, "The scheduler reports:", "스케줄러의 메시지는 다음과 같습니다.", look("describe nodes", false)),
];

/** Messages of the kubelet about a container that it could not start. */
const notStarted: readonly Refusal[] = [
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
  row(
    /runAsNonRoot|run as root|non-numeric user/i,
    "The pod may not run as root, but its image does.",
    "파드는 root로 실행할 수 없는데 이미지가 root 사용자로 실행됩니다.",
    remade,
  ),
  row(
    /PostStartHook|PreStartHook|PreCreateHook/i,
    "A command that it runs when it starts (a lifecycle hook) failed.",
    "시작할 때 실행하는 명령(라이프사이클 훅)이 실패했습니다.",
    remade,
  ),
  disk,
  row(
    /OOM-killed|memory limit/i,
    "Its memory limit is too low even to start it.",
    "메모리 한도가 너무 낮아 시작조차 하지 못합니다.",
    ({ edition }, workload) => ({
      en: `Raise ${placesOf(workload, edition).memory.en}, then: ${edition.make}`,
      ko: `메모리 한도를 늘린 뒤 (${placesOf(workload, edition).memory.ko}): ${edition.make}`,
    }),
  ),
  row(
    /subPath|to rootfs at|mount a directory onto a file/,
    "A volume that it mounts does not fit into its image.",
    "마운트하는 볼륨이 이미지의 파일 구조와 맞지 않습니다.",
    remade,
  ),
  row(
    /apparmor|seccomp|selinux|sysctl|apply caps|capabilit/i,
    "Its security settings ask for what the node does not have.",
    "보안 설정(securityContext)이 노드에 없는 것을 요구합니다.",
    remade,
  ),
  slow,
  brokenRuntime,
];
export const startMeaning = (said: string) => notStarted.find(({ says }) => says.test(said));

/** Messages of the kubelet about what a pod needs before its containers, such as its network. */
export const sandboxes: readonly Refusal[] = [
  disk,
  row(
    /sandbox image|image[^\n]*\bpause\b/i,
    "The node cannot pull the image that every pod begins with (pause).",
    "노드가 모든 파드에 필요한 이미지(pause)를 내려받지 못합니다.",
    again("Check the network of the node", "노드의 네트워크를 확인한 뒤"),
  ),
  brokenRuntime,
  row(
    /RuntimeHandler|no runtime for|runtime class/i,
    "The node does not have the container runtime that the pod requests.",
    "파드가 요구하는 컨테이너 런타임이 노드에 없습니다.",
    remade,
  ),
  row(
    /cni|network plugin|NetworkPluginNotReady|NetworkNotReady|networkPlugin|plugin type=/i,
    "The cluster's network plugin (CNI) does not work, so no pod gets an address.",
    "클러스터의 네트워크 플러그인(CNI)이 작동하지 않아 파드가 IP 주소를 받지 못합니다.",
    (objects) => ({
      en: `Check its pods: ${kubectl(objects, false)} get pods --all-namespaces; with minikube, restart the node: minikube stop --profile ${objects.lab.context}; minikube start --profile ${objects.lab.context}`,
      ko: `플러그인의 파드를 확인하세요: ${kubectl(objects, false)} get pods --all-namespaces. minikube라면 노드를 다시 시작하세요: minikube stop --profile ${objects.lab.context}; minikube start --profile ${objects.lab.context}`,
    }),
  ),
  slow,
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
    /kube-root-ca\.crt" not found|failed to fetch token: [^\n]*not found/i,
    "What the cluster puts into every namespace is missing.",
    "클러스터가 모든 네임스페이스에 만드는 오브젝트가 없습니다.",
    madeByCluster("configmaps,serviceaccounts"),
  ),
  row(
    /(?:secret|configmap) "[^"]*" not found/i,
    "A Secret or ConfigMap that it mounts is missing.",
    "마운트할 시크릿이나 컨피그맵이 없습니다.",
    create,
  ),
  row(
    /persistentvolumeclaims? "[^"]*" not found|(?:claim|PVC)[^\n]*(?:not bound|lost|being deleted)/i,
    "Its claim has no volume.",
    "PVC에 연결된 볼륨이 없습니다.",
    look("get persistentvolumeclaims"),
  ),
  row(
    /Multi-Attach|already (?:exclusively )?attached/i,
    "Its volume is still attached to another node.",
    "볼륨이 아직 다른 노드에 연결되어 있습니다.",
    again("Wait until the pod there has ended", "그 노드의 파드가 종료될 때까지 기다린 뒤"),
  ),
  disk,
  row(
    /registered CSI drivers|CSINode|csi[^\n]*(?:connection refused|no such file)/i,
    "The storage driver of its volume does not run on the node.",
    "볼륨의 스토리지 드라이버가 노드에서 실행되고 있지 않습니다.",
    look("get pods --all-namespaces", false),
  ),
  row(
    /not registered|failed to (?:sync|fetch) (?!PVC)/i,
    "The node has not received what it mounts from the cluster yet.",
    "노드가 마운트할 내용을 클러스터에서 아직 받지 못했습니다.",
    busy,
  ),
  row(
    /permission denied|operation not permitted|read-only file system/i,
    "The node has no permission to use the volume's folder.",
    "노드에 볼륨 폴더를 사용할 권한이 없습니다.",
    look("get persistentvolumes --output yaml", false),
  ),
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
    ({ edition }) => ({
      en: `Fix what the cluster reports, then: ${edition.make}`,
      ko: `클러스터의 메시지를 보고 고친 뒤: ${edition.make}`,
    }),
  ),
];
