import type { V1Node, V1Pod } from "@kubernetes/client-node";
import { same, Text } from "../../text";
import { isReady } from "../causes/objects";
import { Lane } from "./actors";
import { Step } from "./story";

export interface Part {
  id: string;
  name: string;
  task: Text;
  /** How it runs: as a static pod, as a pod of a controller, or as a process of the node. */
  how: Text;
  /** The node that it runs on; undefined if it is not visible. */
  where?: string;
  since?: Date;
  /** Whether it runs; undefined if that is not visible. */
  runs?: boolean;
  /** The number of its writes in the story; undefined for components that write nothing that is watched. */
  wrote?: number;
  /** What it does in a story without writing. */
  role?: Text;
}

interface Kind {
  id: string;
  task: Text;
  /** The label of its pods. @default `component: ID` */
  label?: [key: string, value: string];
  /** The lane of the actors that are part of it. */
  lane?: Lane;
  role?: Text;
}

const kinds: readonly Kind[] = [
  {
    id: "etcd",
    task: {
      en: "stores every object, with all its versions of the last minutes",
      ko: "모든 오브젝트와 최근 몇 분의 버전을 저장합니다",
    },
    role: {
      en: "stored every step; its counter is the resourceVersion",
      ko: "모든 단계를 저장했습니다. etcd의 번호가 resourceVersion입니다",
    },
  },
  {
    id: "kube-apiserver",
    task: { en: "the only one that all others talk to", ko: "다른 모든 구성 요소가 이 서버하고만 통신합니다" },
    role: { en: "accepted every step and notified those who watch", ko: "모든 단계를 받아 지켜보는 쪽에 알렸습니다" },
  },
  {
    id: "kube-controller-manager",
    task: {
      en: "runs the controllers, which turn the current state into the desired one",
      ko: "현재 상태를 원하는 상태로 맞추는 컨트롤러들을 한 프로세스에서 실행합니다",
    },
    lane: "controllers",
  },
  {
    id: "kube-scheduler",
    task: { en: "assigns a node to each pod without one", ko: "노드가 없는 파드에 노드를 정합니다" },
    lane: "scheduler",
  },
  {
    id: "kube-proxy",
    task: {
      en: "forwards requests for a Service to its pods, on every node",
      ko: "노드마다 서비스로 온 요청을 파드로 보냅니다",
    },
    label: ["k8s-app", "kube-proxy"],
    role: {
      en: "read the EndpointSlices, and wrote nothing",
      ko: "엔드포인트슬라이스를 읽었고 기록은 하지 않았습니다",
    },
  },
  {
    id: "coredns",
    task: { en: "resolves the name of a Service to its address", ko: "서비스 이름의 주소를 알려 줍니다" },
    label: ["k8s-app", "kube-dns"],
    role: { en: "read the Services, and wrote nothing", ko: "서비스를 읽었고 기록은 하지 않았습니다" },
  },
];

const hidden: Text = {
  en: "not visible as a pod: it is part of another process, or the cluster's provider runs it",
  ko: "파드로 보이지 않습니다. 다른 프로세스 안에 있거나 클러스터 제공자가 관리합니다",
};

function howOf({ metadata }: V1Pod): Text {
  if (metadata?.annotations?.["kubernetes.io/config.source"] === "file") {
    return {
      en: "static pod: the kubelet starts it from a file on the node, without scheduler or controller",
      ko: "정적 파드: 스케줄러와 컨트롤러 없이 kubelet이 노드의 파일을 읽어 시작합니다",
    };
  }
  const owner = metadata?.ownerReferences?.[0]?.kind;
  return owner ? { en: `pod of a ${owner}`, ko: `${owner} 파드` } : { en: "pod", ko: "파드" };
}

/** @param system pods of kube-system; none where they may not be read */
export function partsOf(system: readonly V1Pod[], nodes: readonly V1Node[], steps: readonly Step[]): Part[] {
  const writes = (lane: Lane | undefined) =>
    lane && steps.filter(({ actor, what }) => what !== "said" && actor.lane === lane).length;
  const found = kinds.flatMap(({ id, task, label: [key, value] = ["component", id], lane, role }): Part[] => {
    const common = { id, name: id, task, role, wrote: writes(lane) };
    const pods = system.filter(({ metadata }) => metadata?.labels?.[key] === value);
    if (pods.length === 0) return [{ ...common, how: hidden }];
    return pods.map((pod) => ({
      ...{ ...common, how: howOf(pod), where: pod.spec?.nodeName, runs: isReady(pod) },
      since: pod.status?.containerStatuses?.[0]?.state?.running?.startedAt,
    }));
  });
  const kubelets = nodes.map(({ metadata, status }): Part => {
    const ready = status?.conditions?.find(({ type }) => type === "Ready");
    const { kubeletVersion = "", containerRuntimeVersion = "" } = status?.nodeInfo ?? {};
    return {
      id: "kubelet",
      name: `kubelet ${kubeletVersion}`,
      task: { en: "runs the pods of its node, and reports on them", ko: "자기 노드의 파드를 실행하고 상태를 알립니다" },
      how: {
        en: `a process of the node, not a pod: it starts the pods (with ${containerRuntimeVersion})`,
        ko: `파드가 아닌 노드의 프로세스: 파드를 시작하는 쪽입니다 (${containerRuntimeVersion})`,
      },
      ...{ where: metadata?.name, runs: ready?.status === "True", wrote: writes("kubelet") },
      since: ready?.lastTransitionTime,
    };
  });
  return [...found, ...kubelets];
}

export function cellsOf({ task, how, where, since, runs, wrote, role }: Part): Text[] {
  const state: Text =
    runs === undefined ? same("–") : runs ? { en: "running", ko: "실행 중" } : { en: "not running", ko: "멈춤" };
  const writes: Text =
    wrote === undefined ? same("–") : { en: `${wrote} ${wrote === 1 ? "write" : "writes"}`, ko: `기록 ${wrote}번` };
  const time = since ? `${since.toISOString().slice(0, 16).replace("T", " ")} UTC` : "–";
  return [state, same(where ?? "–"), same(time), role ?? writes, task, how];
}

/** The columns after the name. */
export const partHeads: Text[] = [
  { en: "state", ko: "상태" },
  { en: "node", ko: "노드" },
  { en: "since", ko: "시작" },
  { en: "in this story", ko: "이번 과정에서" },
  { en: "task", ko: "하는 일" },
  { en: "how it runs here", ko: "실행 방식" },
];
