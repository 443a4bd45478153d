import type {
  V1ContainerStatus,
  V1Deployment,
  V1EndpointSlice,
  V1PersistentVolumeClaim,
  V1Pod,
  V1Service,
} from "@kubernetes/client-node";
import { Text } from "../../text";
import { Thing } from "./objects";

export interface Line {
  /** What it is about, whatever the language. */
  key: string;
  name: Text;
  value: string;
  /** The previous value, if this one is new. */
  was?: string;
}

/** The desired and the current state of an object. */
export interface Digest {
  desired: Line[];
  current: Line[];
}

const lines = (...all: [en: string, ko: string, value: string | number | undefined][]): Line[] =>
  all.flatMap(([en, ko, value]) => ((value ?? "") === "" ? [] : [{ key: en, name: { en, ko }, value: String(value) }]));

/** The state of a container, in the words of `kubectl get pods`. */
export function stateOf({ state, restartCount }: V1ContainerStatus): string {
  const again = restartCount > 0 ? ` (×${restartCount})` : "";
  if (state?.running) return `running${again}`;
  if (state?.terminated) return `${state.terminated.reason ?? "ended"} (${state.terminated.exitCode})${again}`;
  return `${state?.waiting?.reason ?? "waiting"}${again}`;
}

const images = (spec: { containers?: { image?: string }[] } | undefined) =>
  spec?.containers?.map(({ image }) => image).join(", ");

/** A Deployment, or a ReplicaSet, which looks like one. */
const workload = (thing: Thing): Digest => {
  const { kind, spec, status } = thing as V1Deployment;
  const { replicas = 0, readyReplicas = 0, updatedReplicas = 0 } = status ?? {};
  return {
    desired: lines(["pods", "파드", spec?.replicas ?? 1], ["image", "이미지", images(spec?.template?.spec)]),
    current: lines(
      ["pods", "파드", replicas],
      ["up to date", "최신", kind === "Deployment" ? updatedReplicas : undefined],
      ["ready", "준비", readyReplicas],
    ),
  };
};

const kinds: Record<string, (thing: Thing) => Digest> = {
  Deployment: workload,
  ReplicaSet: workload,
  Pod: (thing) => {
    const { metadata, spec, status } = thing as V1Pod;
    const condition = (type: string) => status?.conditions?.find((one) => one.type === type);
    const unplaced = condition("PodScheduled");
    return {
      desired: lines(
        ["node", "노드", spec?.nodeName ?? "–"],
        ["image", "이미지", images(spec)],
        ["to be deleted", "삭제 예정", metadata?.deletionTimestamp ? "✔" : undefined],
      ),
      current: lines(
        ["phase", "단계", status?.phase],
        ["scheduled", "배정", unplaced?.status === "False" ? unplaced.reason : undefined],
        ["container", "컨테이너", status?.containerStatuses?.map(stateOf).join(", ")],
        ["address", "주소", status?.podIP],
        ["ready", "준비", condition("Ready")?.status === "True" ? "True" : "False"],
      ),
    };
  },
  Service: (thing) => {
    const { spec } = thing as V1Service;
    const selector = Object.entries(spec?.selector ?? {}).map(([key, value]) => `${key}=${value}`);
    return {
      desired: lines(["selects pods with", "파드 선택", selector.join(", ") || "–"], ["type", "종류", spec?.type]),
      current: lines(["cluster address", "클러스터 주소", spec?.clusterIP]),
    };
  },
  EndpointSlice: (thing) => {
    const { metadata, endpoints } = thing as Partial<V1EndpointSlice>;
    const each = (endpoints ?? []).map(({ addresses, conditions }) => {
      const state = conditions?.terminating ? "terminating" : (conditions?.ready ?? true) ? "ready" : "not ready";
      return `${addresses.join()} ${state}`;
    });
    return {
      desired: lines(["of Service", "서비스", metadata?.labels?.["kubernetes.io/service-name"]]),
      current: lines(["routes to", "연결 대상", each.join(", ") || "–"]),
    };
  },
  PersistentVolumeClaim: (thing) => {
    const { spec, status } = thing as V1PersistentVolumeClaim;
    const size = spec?.resources?.requests?.storage;
    return {
      desired: lines(["size", "크기", size], ["class", "클래스", spec?.storageClassName]),
      current: lines(["phase", "단계", status?.phase], ["volume", "볼륨", spec?.volumeName]),
    };
  },
};

export const digestOf = (thing: Thing | undefined): Digest =>
  (thing && kinds[thing.kind ?? ""]?.(thing)) ?? { desired: [], current: [] };
