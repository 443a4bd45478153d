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

/** Everything of a cluster that tells why the Kubernetes lab does not work. */
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
  /** Pods of kube-system: the cluster's own parts; none where we may not see them. */
  system?: V1Pod[];
  /** The last lines of each container's log, before its last restart where there was one, by `pod/container`. */
  logs: Record<string, string>;
}

/** A lab that is looked into. */
export interface Case extends LabObjects {
  edition: Edition;
}

/**
 * The workload that a pod is of: the Deployment whose ReplicaSet made it. Such a ReplicaSet is called as its Deployment and, behind
 * that, as the hash of the pods' template. A bare pod goes by its label.
 */
export function workloadOf({ metadata }: V1Pod): string {
  const { ownerReferences = [], labels = {}, name = "pod" } = metadata ?? {};
  const set = ownerReferences.find(({ kind }) => kind === "ReplicaSet")?.name;
  const hash = `-${labels["pod-template-hash"]}`;
  if (set?.endsWith(hash)) return set.slice(0, -hash.length);
  return labels["app.kubernetes.io/name"] ?? name;
}

/** Whether a pod has come to its end. Nothing removes it then, but its owner makes another one in its place. */
export const isOver = ({ status }: V1Pod) => status?.phase === "Failed" || status?.phase === "Succeeded";

/** The pods that say how their workloads are: not those that are going, nor those that are over and have been replaced. */
export function tellingPods(pods: readonly V1Pod[]): V1Pod[] {
  const there = pods.filter(({ metadata }) => metadata?.deletionTimestamp === undefined);
  const active = new Set(there.filter((pod) => !isOver(pod)).map(workloadOf));
  return there.filter((pod) => !isOver(pod) || (pod.status?.phase === "Failed" && !active.has(workloadOf(pod))));
}

/** What people call a workload. */
export const titleOf = (workload: string) => ({ mysql: "MySQL", wordpress: "WordPress" })[workload] ?? workload;

/** Whether a pod may be sent what its Service gets. */
export const isReady = ({ status }: V1Pod) =>
  status?.conditions?.some(({ type, status }) => type === "Ready" && status === "True") ?? false;

export const statusesOf = ({ status }: V1Pod): V1ContainerStatus[] => [
  ...(status?.initContainerStatuses ?? []),
  ...(status?.containerStatuses ?? []),
];

/** What was told of an object, the latest last. */
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
