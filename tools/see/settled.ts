import type { V1Deployment, V1EndpointSlice, V1Pod } from "@kubernetes/client-node";
import { isReady, statusesOf, workloadOf } from "../causes/objects";
import { waitsInVain } from "../causes/pods";
import { Thing } from "./objects";
import type { Recording } from "./watch";

type Seen = Pick<Recording, "all" | "events">;

/** What a step leads to. */
export interface Aim {
  workload: string;
  /** The number of pods that it leads to; undefined if it leads nowhere. */
  leads?: number;
  /** The number of pods once it is undone; undefined if nothing is left of the workload. */
  back?: number;
  /** The uid of the pod that is replaced; undefined for a step that changes something, which is undone. */
  replaces?: string;
}

/** Whether an object belongs to a workload: its Deployment, its Service, or what they created. */
function isOf(thing: Thing, name: string): boolean {
  if (thing.kind === "Event") return false;
  if (thing.kind === "Pod") return workloadOf(thing) === name;
  return thing.metadata.name === name || (thing.metadata.name ?? "").startsWith(`${name}-`);
}

const podsOf = (recording: Seen, name: string) =>
  recording.all("Pod").filter((pod) => workloadOf(pod as V1Pod) === name) as V1Pod[];

/** Whether all components have recorded that a workload is in its desired state. */
export function isSettled(recording: Seen, name: string, count: number): boolean {
  const deployment = recording.all("Deployment").find(({ metadata }) => metadata.name === name) as
    V1Deployment | undefined;
  const { metadata, spec, status } = deployment ?? {};
  if (status?.observedGeneration !== metadata?.generation || spec?.replicas !== count) return false;
  const numbers = [status?.replicas, status?.updatedReplicas, status?.readyReplicas];
  const pods = podsOf(recording, name);
  if (numbers.some((number) => (number ?? 0) !== count) || pods.length !== count || !pods.every(isReady)) return false;
  const served = recording.all("Service").some(({ metadata: one }) => one.name === name);
  const endpoints = recording
    .all("EndpointSlice")
    .filter(({ metadata: one }) => one.labels?.["kubernetes.io/service-name"] === name)
    .flatMap((slice) => (slice as Partial<V1EndpointSlice>).endpoints ?? []);
  return !served || (endpoints.length === count && endpoints.every(({ conditions }) => conditions?.ready));
}

/** Whether the chain has stopped before its end, with a reported reason. */
export function isStuck(recording: Seen, name: string): boolean {
  const pods = podsOf(recording, name).filter(({ metadata }) => metadata?.deletionTimestamp === undefined);
  const stuck = pods.some(
    (pod) =>
      statusesOf(pod).some(({ state }) => waitsInVain(state?.waiting?.reason ?? "")) ||
      pod.status?.conditions?.some((one) => one.type === "PodScheduled" && one.status === "False"),
  );
  // Rejected pods are reported only by an Event.
  const refused = recording.events.some(({ object }) => {
    const { reason, involvedObject } = object as { reason?: string; involvedObject?: { name?: string } };
    return reason === "FailedCreate" && involvedObject?.name?.startsWith(`${name}-`);
  });
  return stuck || refused;
}

/** Whether a step has come to its end, or does not get any further. */
export const isOver = (recording: Seen, { workload, leads, replaces }: Aim): boolean =>
  !recording.all("Pod").some(({ metadata }) => metadata.uid === replaces) &&
  ((leads !== undefined && isSettled(recording, workload, leads)) || isStuck(recording, workload));

/** Whether the state before a step is reached again. */
export const isUndone = (recording: Seen & Pick<Recording, "now">, { workload, back }: Aim): boolean =>
  back === undefined
    ? ![...recording.now.values()].some((thing) => isOf(thing, workload))
    : isSettled(recording, workload, back);
