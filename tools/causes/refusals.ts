import type { CoreV1Event, V1Pod } from "@kubernetes/client-node";
import { Text } from "../../text";
import { Problem } from "./problem";
import { brief, Case, eventsOf, titleOf, workloadOf } from "./objects";
import { limitOf } from "./edition";
import { Meaning, row, thenRun } from "./meaning";
import { anew, memoryRemedy, ofMinikube, remade, roomRemedy } from "./remedies";

/** What a part of Kubernetes says, and what it means. The first that fits counts. */
type Refusal = Meaning<[objects: Case, workload: string]>;

const meaningOf = (table: readonly Refusal[], said: string) => table.find(({ says }) => says.test(said));

const kubectl = ({ lab }: Case, namespaced = true) =>
  `kubectl --context ${lab.context}${namespaced ? ` --namespace ${lab.namespace}` : ""}`;

/** Look at something, put it right, go on. */
const look =
  (command: string, namespaced = true) =>
  (objects: Case): Text => ({
    en: `Check the settings (${kubectl(objects, namespaced)} ${command}), correct them, then: ${objects.edition.make}`,
    ko: `설정을 확인하고 (${kubectl(objects, namespaced)} ${command}) 고친 뒤: ${objects.edition.make}`,
  });

const again =
  (en: string, ko: string) =>
  ({ edition }: Case): Text =>
    thenRun(en, ko, edition.make);

/** What a node is out of step with, a restart puts right. */
const nodeAgain = (objects: Case): Text => {
  const { context } = objects.lab;
  const restart = `minikube stop --profile ${context}; minikube start --profile ${context}`;
  return ofMinikube(context)
    ? {
        en: `Restart the node (stored data is kept): ${restart}`,
        ko: `노드를 다시 시작하세요 (저장된 데이터는 유지됩니다): ${restart}`,
      }
    : look("describe pods")(objects);
};

const full = row(/no space left on device/i, "The node's disk is full.", "노드의 디스크가 가득 찼습니다.", roomRemedy);
const busy = again("It tries again by itself. Wait a few minutes", "자동으로 다시 시도합니다. 몇 분 기다린 뒤");

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
const freeMemory = ({ lab, edition }: Case) => memoryRemedy(lab.context, edition);

/** What kube-controller-manager makes in every namespace. */
const madeByCluster =
  (kinds: string) =>
  (objects: Case): Text => ({
    en: `The cluster creates it again by itself. If it does not appear (${kubectl(objects)} get ${kinds}), kube-controller-manager is not running. Then: ${objects.edition.make}`,
    ko: `클러스터가 자동으로 다시 만듭니다. 생기지 않으면 (${kubectl(objects)} get ${kinds}) kube-controller-manager가 실행 중이 아닌 것입니다. 그런 다음: ${objects.edition.make}`,
  });

/**
 * Why the cluster does not let a pod be made: what its admission plugins say to the controller of a ReplicaSet or a Job.
 * @see https://kubernetes.io/docs/reference/access-authn-authz/admission-controllers/
 */
const admissions: readonly Refusal[] = [
  row(
    /exceeded quota|insufficient quota/,
    "The pod would exceed the quota of its namespace.",
    "네임스페이스의 할당량(quota)을 초과합니다.",
    look("describe resourcequotas"),
  ),
  row(
    /failed quota|must specify/,
    "The quota of its namespace requires requests and limits that the pod does not have.",
    "네임스페이스의 할당량(quota)이 요구하는 requests와 limits가 파드에 없습니다.",
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
    "The security rules of its namespace (Pod Security) do not allow it.",
    "네임스페이스의 보안 규칙(Pod Security)이 허용하지 않습니다.",
    (objects) => ({
      en: `Check the labels pod-security.kubernetes.io/… (${kubectl(objects, false)} get namespace ${objects.lab.namespace} --show-labels), change them back, then: ${objects.edition.make}`,
      ko: `pod-security.kubernetes.io/… 레이블을 확인하고 (${kubectl(objects, false)} get namespace ${objects.lab.namespace} --show-labels) 되돌린 뒤: ${objects.edition.make}`,
    }),
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
    /forbidden/,
    "The rules of the cluster do not allow it.",
    "클러스터의 규칙이 허용하지 않습니다.",
    look("get events --field-selector type=Warning"),
  ),
];

/** What makes pods, and says so when it may not. */
const makers = new Set(["ReplicaSet", "Job", "StatefulSet", "DaemonSet", "ReplicationController", "Deployment"]);
/** How a controller says that it could not make a pod, and a Deployment that it could not make the ReplicaSet. */
const notMade = new Set(["FailedCreate", "ReplicaSetCreateError"]);

/** Workloads for which no pod is made. @param there the workloads that have one */
export function refusedPods(objects: Case, there: ReadonlySet<string>): Problem[] {
  const last = new Map<string, CoreV1Event>();
  for (const event of objects.events) {
    const { involvedObject, reason } = event;
    if (!notMade.has(reason ?? "") || !makers.has(involvedObject.kind ?? "")) continue;
    // A ReplicaSet is called as its Deployment and, behind that, as the hash of the pods' template.
    const name = involvedObject.name ?? "";
    last.set(involvedObject.kind === "ReplicaSet" ? name.replace(/-[^-]+$/, "") : name, event);
  }
  return [...last].flatMap(([workload, { message = "" }]) => {
    if (there.has(workload)) return [];
    const meaning = meaningOf(admissions, message);
    return [
      {
        cause: "pod refused" as const,
        workload,
        what: {
          en: `No pod of ${titleOf(workload)} is created.`,
          ko: `${titleOf(workload)} 파드가 만들어지지 않습니다.`,
        },
        why: meaning?.why ?? { en: "The cluster reports:", ko: "클러스터가 보고한 이유는 다음과 같습니다." },
        next: (meaning?.next ?? look("get events --field-selector type=Warning"))(objects, workload),
        evidence: [brief(message)],
      },
    ];
  });
}

/** Pods that are to end and cannot: with the strategy Recreate, the next one is made only when they are gone. */
export function unendingPods(objects: Case): Problem[] {
  return objects.pods.flatMap((pod): Problem[] => {
    const { name, deletionTimestamp } = pod.metadata ?? {};
    const said = eventsOf(objects, "Pod", name).filter(({ reason }) => reason === "FailedKillPod");
    const message = said.pop()?.message;
    if (deletionTimestamp === undefined || message === undefined) return [];
    return [
      {
        cause: "cannot end",
        workload: workloadOf(pod),
        what: {
          en: `The old pod of ${titleOf(workloadOf(pod))} does not end, and the new one waits for that.`,
          ko: `이전 ${titleOf(workloadOf(pod))} 파드가 종료되지 않아 새 파드가 기다리고 있습니다.`,
        },
        why: { en: "The node cannot stop it. It reports:", ko: "노드가 파드를 중지하지 못합니다. 노드의 메시지:" },
        next: nodeAgain(objects),
        evidence: [brief(message)],
      },
    ];
  });
}

/** Why a node turns a pod away that was given to it, by the reason of the pod's status. */
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

/** A pod that its node did not take, or gave up. */
export function turnedAwayProblem(pod: V1Pod, workload: string, objects: Case): Problem | undefined {
  const { phase, reason, message } = pod.status ?? {};
  const meaning = phase === "Failed" && reason ? meaningOf(turnedAway, reason) : undefined;
  if (!meaning) return undefined;
  return {
    cause: "pod refused",
    what: {
      en: `The node rejected the pod of ${titleOf(workload)} (${reason}).`,
      ko: `노드가 ${titleOf(workload)} 파드를 거부했습니다 (${reason}).`,
    },
    why: meaning.why,
    next: meaning.next(objects, workload),
    evidence: message ? [brief(message)] : [],
  };
}

/** What the scheduler says of why no node takes a pod. What it lacks in memory and disk is told elsewhere. */
const unscheduled: readonly Refusal[] = [
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
  row(
    /Insufficient ephemeral-storage/,
    "The node's disk is almost full.",
    "노드의 디스크가 거의 찼습니다.",
    roomRemedy,
  ),
  row(
    /Too many pods|Insufficient pods/i,
    "The nodes already run as many pods as they can.",
    "노드에 더 배치할 수 있는 파드 수가 남지 않았습니다.",
    freeMemory,
  ),
  row(
    /were unschedulable|node\.kubernetes\.io\/unschedulable/,
    "The node is cordoned, so it accepts no new pods.",
    "노드가 cordon 상태라 새 파드를 받지 않습니다.",
    (objects) => {
      const node = objects.nodes.find(({ spec }) => spec?.unschedulable)?.metadata?.name ?? "NODE";
      const uncordon = `${kubectl(objects, false)} uncordon ${node}`;
      return {
        en: `Uncordon it: ${uncordon}; ${objects.edition.make}`,
        ko: `cordon 상태를 해제하세요: ${uncordon}; ${objects.edition.make}`,
      };
    },
  ),
  row(/pid-pressure/, "The node has too many processes.", "노드의 프로세스가 너무 많습니다.", freeMemory),
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
];

export const schedulerMeaning = (said: string) => meaningOf(unscheduled, said);

/** What the kubelet says when it does not get as far as starting a container. */
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
        : { en: `Create it again: ${objects.edition.make}`, ko: `다시 만드세요: ${objects.edition.make}` },
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
  full,
  row(
    /OOM-killed|memory limit/i,
    "Its memory limit is too low even to start it.",
    "메모리 한도가 너무 낮아 시작조차 하지 못합니다.",
    ({ edition }, workload) => ({
      en: `Raise ${limitOf(workload, edition).en}, then: ${edition.make}`,
      ko: `메모리 한도를 늘린 뒤 (${limitOf(workload, edition).ko}): ${edition.make}`,
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
export const startMeaning = (said: string) => meaningOf(notStarted, said);

/** What the kubelet says of a pod's network, and of what else it makes for it before any container. */
const sandboxes: readonly Refusal[] = [
  full,
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
    /./,
    "The node cannot prepare the pod. It reports:",
    "노드가 파드를 준비하지 못합니다. 노드가 보고한 이유는 다음과 같습니다.",
    look("describe pods"),
  ),
];
export const sandboxMeaning = (said: string) => meaningOf(sandboxes, said)!;

/** What is said of a volume that is there, and does not come into the pod. */
const mounts: readonly Refusal[] = [
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
    ({ edition }) => ({ en: `Create it: ${edition.make}`, ko: `다시 만드세요: ${edition.make}` }),
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
  full,
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
export const mountMeaning = (said: string) => meaningOf(mounts, said)!;
