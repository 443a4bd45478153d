import type {
  CoreV1Event,
  V1Deployment,
  V1EndpointSlice,
  V1PersistentVolumeClaim,
  V1Pod,
  V1ReplicaSet,
  V1Service,
  V1StorageClass,
} from "@kubernetes/client-node";
import { Text } from "../../text";
import { Edition } from "../causes/edition";
import { certainty } from "../causes/kubernetes";
import { Cause, Problem } from "../causes/problem";
import { brief, Case, isReady, LabObjects, tellingPods, workloadOf } from "../causes/objects";
import { podProblem } from "../causes/pods";
import { refusedPods } from "../causes/refusals";
import { storageProblems } from "../causes/storage";
import { Actor, controller, kubelet, scheduler } from "./actors";
import { Thing } from "./objects";

/** The state of the chain of writes at the end of the story. */
export interface Ending {
  ok: boolean;
  /** For programs: what stops it, in the terms of the checks, or `selector`; undefined if nothing does. */
  cause?: Cause | "selector";
  /** The actor at which it stops. */
  at?: Actor;
  what: Text;
  why?: Text;
  waits: Text[];
  next?: Text;
  /** Messages of the cluster. */
  evidence: string[];
}

/** What waits for what, by where the chain stops: the earliest place first. */
const stops: { at: Actor; causes?: readonly Cause[]; waits: Text[] }[] = [
  {
    at: controller("replicaset-controller"),
    causes: ["pod refused"],
    waits: [
      {
        en: "The ReplicaSet controller waits for the API server to accept its pod, and keeps trying.",
        ko: "레플리카셋 컨트롤러는 API 서버가 파드를 받아들일 때까지 거듭 요청합니다.",
      },
      {
        en: "The scheduler and the kubelet have nothing to do: the pod does not exist, so they never saw it.",
        ko: "스케줄러와 kubelet은 할 일이 없습니다. 파드가 없어서 둘 다 본 적이 없습니다.",
      },
    ],
  },
  {
    at: controller("persistentvolume-controller"),
    causes: ["no storage class", "no volume"],
    waits: [
      {
        en: "The scheduler waits until the claim has a volume, and assigns no node to the pod until then.",
        ko: "스케줄러는 PVC에 볼륨이 연결되기를 기다리며, 그때까지 파드에 노드를 정하지 않습니다.",
      },
      {
        en: "The kubelet waits for a pod that is assigned to its node.",
        ko: "kubelet은 자기 노드의 이름이 적힌 파드를 기다립니다.",
      },
    ],
  },
  {
    at: scheduler,
    causes: ["too little memory", "unschedulable", "evicted"],
    waits: [
      {
        en: "The scheduler waits for a node that fits: one that frees resources, or a new one.",
        ko: "스케줄러는 알맞은 노드가 생기기를 기다립니다. 자리가 나거나 새 노드가 들어와야 합니다.",
      },
      {
        en: "The kubelet waits for a pod that is assigned to its node. The ReplicaSet controller has created its pod and is done.",
        ko: "kubelet은 자기 노드의 이름이 적힌 파드를 기다립니다. 레플리카셋 컨트롤러는 파드를 만들었으니 할 일을 마쳤습니다.",
      },
    ],
  },
  {
    at: kubelet,
    causes: ["image cannot be pulled", "image still being pulled"],
    waits: [
      {
        en: "The kubelet waits for the image; without it there is no container to start.",
        ko: "kubelet은 이미지를 기다립니다. 이미지가 없으면 시작할 컨테이너도 없습니다.",
      },
      {
        en: "The controllers and the scheduler have done their part and cannot help: the pod exists and has a node.",
        ko: "파드가 있고 노드도 정해졌으므로 컨트롤러와 스케줄러가 더 할 일은 없습니다.",
      },
    ],
  },
  {
    at: kubelet,
    causes: ["crash loop", "killed", "out of memory"],
    waits: [
      {
        en: "Each time the container ends, the kubelet waits longer before it restarts it.",
        ko: "kubelet은 컨테이너가 끝날 때마다 더 오래 기다렸다가 다시 시작합니다.",
      },
      {
        en: "The Service waits for a ready pod. No controller creates another one, because this pod exists.",
        ko: "서비스는 준비된 파드를 기다립니다. 파드가 이미 있으므로 컨트롤러는 다른 파드를 만들지 않습니다.",
      },
    ],
  },
  {
    at: kubelet,
    waits: [
      {
        en: "The kubelet keeps trying until the pod is ready. The controllers and the scheduler have done their part: the pod exists and has a node.",
        ko: "kubelet은 파드가 준비될 때까지 계속 시도합니다. 파드가 있고 노드도 정해졌으므로 컨트롤러와 스케줄러는 할 일을 마쳤습니다.",
      },
      {
        en: "The Service waits for a ready pod. No controller creates another one, because this pod exists.",
        ko: "서비스는 준비된 파드를 기다립니다. 파드가 이미 있으므로 컨트롤러는 다른 파드를 만들지 않습니다.",
      },
    ],
  },
];

const labels = (all: readonly [key: string, value: string][]) => all.map((label) => label.join("=")).join(", ");

export interface Left {
  things: readonly Thing[];
  /** Undefined without permission to read them. */
  storageClasses?: readonly V1StorageClass[];
  logs?: Record<string, string>;
  lab: LabObjects["lab"];
  edition: Edition;
  /** Only this workload, and the Service of the same name. @default all of the namespace */
  workload?: string;
}

export function endingOf({ things, storageClasses, logs, lab, edition, workload }: Left): Ending {
  const all = <T>(kind: string) => things.filter((thing) => thing.kind === kind) as unknown as T[];
  const mine = (name: string | undefined) => workload === undefined || name === workload;
  const deployments = all<V1Deployment>("Deployment").filter(({ metadata }) => mine(metadata?.name));
  const pods = tellingPods(all<V1Pod>("Pod")).filter((pod) => mine(workloadOf(pod)));
  const services = all<V1Service>("Service").filter(({ metadata }) => mine(metadata?.name));
  const claims = all<V1PersistentVolumeClaim>("PersistentVolumeClaim");
  const events = all<CoreV1Event>("Event");
  const used = new Set(
    pods.flatMap(({ spec }) => spec?.volumes?.map(({ persistentVolumeClaim }) => persistentVolumeClaim?.claimName)),
  );
  const objects: Case = {
    ...{ lab, edition, pods, events, services, nodes: [], logs: logs ?? {} },
    storageClasses: [...(storageClasses ?? [])],
    claims: claims.filter(({ metadata }) => used.has(metadata?.name)),
  };

  const short = all<V1ReplicaSet>("ReplicaSet").filter(({ metadata, spec }) => {
    const have = pods.filter((pod) => pod.metadata?.ownerReferences?.some(({ uid }) => uid === metadata?.uid));
    return (spec?.replicas ?? 0) > have.length;
  });
  const lacking = short.map(({ metadata }) => metadata?.name);
  const refusals = events.filter(({ involvedObject: { name } }) => lacking.includes(name));
  const problems = [
    ...refusedPods({ ...objects, events: refusals }, new Set()).filter((problem) => mine(problem.workload)),
    ...(storageClasses ? storageProblems(objects) : unbound(objects)),
    ...pods.flatMap((pod) => podProblem(pod, objects) ?? []),
  ];
  const stopOf = ({ cause }: Problem) => stops.findIndex(({ causes }) => causes?.includes(cause) ?? true);
  const [worst] = problems.sort((a, b) => stopOf(a) - stopOf(b) || certainty(a.cause) - certainty(b.cause));
  if (worst) {
    const { at, waits } = stops[stopOf(worst)]!;
    const { cause, what, why, next, evidence } = worst;
    return { ok: false, cause, at, what, why, waits, next, evidence };
  }
  const astray = services.flatMap((service) => selectorEnding(service, deployments, pods, lab) ?? [])[0];
  return astray ?? settled(deployments, pods, all<V1EndpointSlice>("EndpointSlice"));
}

/** Claims without a volume, if the storage classes cannot be read. */
function unbound({ claims, events, lab }: Case): Problem[] {
  return claims
    .filter(({ status }) => status?.phase === "Pending")
    .map(({ metadata }): Problem => {
      const said = events.filter(({ involvedObject }) => involvedObject.name === metadata?.name).at(-1)?.message;
      const see = `kubectl --context ${lab.context} --namespace ${lab.namespace} describe pvc ${metadata?.name}`;
      return {
        cause: "no volume",
        what: {
          en: `Claim ${metadata?.name} has no volume, so its pod cannot start.`,
          ko: `${metadata?.name} PVC에 볼륨이 없어 파드를 시작할 수 없습니다.`,
        },
        why: { en: "To see why in the cluster:", ko: "이유를 클러스터에서 확인하세요:" },
        next: { en: see, ko: see },
        evidence: said ? [brief(said)] : [],
      };
    });
}

/** A Service with a selector that matches no pod, although there are pods. */
function selectorEnding(
  { metadata, spec }: V1Service,
  deployments: readonly V1Deployment[],
  pods: readonly V1Pod[],
  lab: LabObjects["lab"],
): Ending | undefined {
  const selector = spec?.selector ?? {};
  const name = metadata?.name ?? "";
  const meant = pods.find((pod) => workloadOf(pod) === name) ?? pods[0];
  const selected = [...pods, ...deployments.map(({ spec }) => spec?.template)].some((one) =>
    Object.entries(selector).every(([key, value]) => one?.metadata?.labels?.[key] === value),
  );
  if (!meant || selected) return undefined;
  const own = Object.keys(selector).map((key): [string, string] => [key, meant.metadata?.labels?.[key] ?? "–"]);
  const have = labels(own.filter(([key, value]) => value !== selector[key]));
  const wanted = labels(Object.entries(selector));
  const edit = `kubectl --context ${lab.context} --namespace ${lab.namespace} edit service ${name}`;
  return {
    ok: false,
    cause: "selector",
    at: controller("endpointslice-controller"),
    what: { en: `Service ${name} has no endpoints.`, ko: `${name} 서비스에 연결된 파드가 없습니다.` },
    why: {
      en: `It selects pods with ${wanted}, but no pod matches. Pod ${meant.metadata?.name} has ${have}.`,
      ko: `셀렉터(${wanted})와 일치하는 레이블을 가진 파드가 없습니다. ${meant.metadata?.name} 파드의 레이블: ${have}.`,
    },
    waits: [
      {
        en: "The EndpointSlice controller waits for a pod with these labels, and its list stays empty. kube-proxy has nowhere to send requests.",
        ko: "엔드포인트슬라이스 컨트롤러는 그 레이블의 파드를 기다리며 목록을 비워 둡니다. kube-proxy는 요청을 보낼 곳이 없습니다.",
      },
      {
        en: "The pods are running and ready; no component checks labels and selectors for typing mistakes.",
        ko: "파드는 실행 중이고 준비되었습니다. 레이블이나 셀렉터를 잘못 적었는지 확인해 주는 구성 요소는 없습니다.",
      },
    ],
    next: { en: `Fix spec.selector: ${edit}`, ko: `spec.selector 고치기: ${edit}` },
    evidence: [],
  };
}

function settled(
  deployments: readonly V1Deployment[],
  pods: readonly V1Pod[],
  slices: readonly V1EndpointSlice[],
): Ending {
  const behind = deployments.find(
    ({ metadata, spec, status }) =>
      status?.observedGeneration !== metadata?.generation || (spec?.replicas ?? 1) !== (status?.readyReplicas ?? 0),
  );
  if (behind) {
    const { metadata, spec, status } = behind;
    return {
      ok: false,
      what: {
        en: `Deployment ${metadata?.name} has ${status?.readyReplicas ?? 0} of ${spec?.replicas ?? 1} pods ready.`,
        ko: `${metadata?.name} 디플로이먼트에 필요한 준비된 파드는 ${spec?.replicas ?? 1}개인데 지금은 ${status?.readyReplicas ?? 0}개입니다.`,
      },
      why: { en: "Its controllers are still working on it.", ko: "컨트롤러가 아직 맞추는 중입니다." },
      waits: [],
      evidence: [],
    };
  }
  const running = pods.filter(isReady).length;
  const leads = slices.flatMap(({ endpoints }) => endpoints ?? []).some(({ conditions }) => conditions?.ready);
  return {
    ok: true,
    what: {
      en: `${running} ${running === 1 ? "pod is" : "pods are"} ready${leads ? ", and a Service routes to them" : ""}.`,
      ko: `준비된 파드: ${running}개${leads ? ", 서비스가 준비된 파드로 연결합니다" : ""}.`,
    },
    waits: [
      {
        en: "Nothing is waiting. Every component keeps watching for the next difference.",
        ko: "기다리는 구성 요소가 없습니다. 모두 다음 차이가 생기는지 계속 지켜봅니다.",
      },
    ],
    evidence: [],
  };
}
