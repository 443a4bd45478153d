import type {
  CoreV1Event,
  V1ContainerStatus,
  V1Node,
  V1PersistentVolumeClaim,
  V1Pod,
  V1Service,
  V1StorageClass,
} from "@kubernetes/client-node";

import type { Edition } from "./edition";

/** The objects of a cluster that can show why the Kubernetes lab does not work. */
export interface LabObjects {
  lab: { namespace: string; context: string; nodePort: number };
  /** Pods, events and claims of the lab's namespace. */
  pods: V1Pod[];
  events: CoreV1Event[];
  claims: V1PersistentVolumeClaim[];
  storageClasses: V1StorageClass[];
  /** Services of all namespaces. */
  services: V1Service[];
  nodes: V1Node[];
  /** Pods of kube-system, the cluster's own parts; undefined without permission to read them. */
  system?: V1Pod[];
  /** The last lines of each container's log, with those before its last restart, by `pod/container`. */
  logs: Record<string, string>;
}

/** A lab to diagnose. */
export interface Case extends LabObjects {
  edition: Edition;
}

/**
 * The workload of a pod: the Deployment whose ReplicaSet created it. The name of the ReplicaSet is that of the Deployment with
 * the hash of the pod template. For a bare pod, its label or its own name.
 */
export function workloadOf({ metadata }: V1Pod): string {
  const { ownerReferences = [], labels = {}, name = "pod" } = metadata ?? {};
  const set = ownerReferences.find(({ kind }) => kind === "ReplicaSet")?.name;
  const hash = `-${labels["pod-template-hash"]}`;
  if (set?.endsWith(hash)) return set.slice(0, -hash.length);
  return labels["app.kubernetes.io/name"] ?? name;
}

/** Whether a pod has finished. It remains, and its owner creates another one. */
export const isOver = ({ status }: V1Pod) => status?.phase === "Failed" || status?.phase === "Succeeded";

/** The pods that show the state of their workloads: without those being deleted, and finished ones that were replaced. */
export function tellingPods(pods: readonly V1Pod[]): V1Pod[] {
  const there = pods.filter(({ metadata }) => metadata?.deletionTimestamp === undefined);
  const active = new Set(there.filter((pod) => !isOver(pod)).map(workloadOf));
  return there.filter((pod) => !isOver(pod) || (pod.status?.phase === "Failed" && !active.has(workloadOf(pod))));
}

/** The name of a workload in a sentence. */
export const titleOf = (workload: string) => ({ mysql: "MySQL", wordpress: "WordPress" })[workload] ?? workload;

/** Whether a pod receives the traffic of its Service. */
export const isReady = ({ status }: V1Pod) =>
  status?.conditions?.some(({ type, status }) => type === "Ready" && status === "True") ?? false;

export const statusesOf = ({ status }: V1Pod): V1ContainerStatus[] => [
  ...(status?.initContainerStatuses ?? []),
  ...(status?.containerStatuses ?? []),
];

/** The events of an object, the latest last. */
export function eventsOf({ events }: LabObjects, kind: string, name: string | undefined): CoreV1Event[] {
  const time = ({ lastTimestamp, eventTime, metadata }: CoreV1Event) =>
    new Date(lastTimestamp ?? eventTime ?? metadata.creationTimestamp ?? 0).getTime();
  return events
    .filter(({ involvedObject }) => involvedObject.kind === kind && involvedObject.name === name)
    .sort((a, b) => time(a) - time(b));
}

/** A message that fits on a screen. */
export const brief = (message: string, most = 300) => {
  const one = message.trim().replace(/\s+/g, " ");
  return one.length > most ? `${one.slice(0, most)} …` : one;
};

/** A message as evidence, where there is one. */
export const quoted = (message: string | undefined) => (message ? [brief(message)] : []);

/** The last lines of a log, without empty ones. */
export const lastLines = (log: string, count = 5) =>
  log
    .split("\n")
    .filter((line) => line.trim() !== "")
    .slice(-count)
    .map((line) => brief(line, 200));
