import type { V1Deployment, V1EndpointSlice, V1Pod } from "@kubernetes/client-node";
import { isReady, statusesOf, workloadOf } from "../causes/objects";
import { waitsInVain } from "../causes/pods";
import { Thing } from "./objects";
import type { Recording } from "./watch";

type Seen = Pick<Recording, "all" | "events">;

/** Whether an object is of a workload: its Deployment, Service, or what they made. */
export function isOf(thing: Thing, name: string): boolean {
  if (thing.kind === "Event") return false;
  if (thing.kind === "Pod") return workloadOf(thing) === name;
  return thing.metadata.name === name || (thing.metadata.name ?? "").startsWith(`${name}-`);
}

const podsOf = (recording: Seen, name: string) =>
  recording.all("Pod").filter((pod) => workloadOf(pod as V1Pod) === name) as V1Pod[];

/** Whether everybody has written down that a workload is as wanted. */
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

/** Whether the chain stands still before the end, and says so. */
export function isStuck(recording: Seen, name: string): boolean {
  const pods = podsOf(recording, name).filter(({ metadata }) => metadata?.deletionTimestamp === undefined);
  const stuck = pods.some(
    (pod) =>
      statusesOf(pod).some(({ state }) => waitsInVain(state?.waiting?.reason ?? "")) ||
      pod.status?.conditions?.some((one) => one.type === "PodScheduled" && one.status === "False"),
  );
  // Of pods that are not let in, only an Event tells.
  const refused = recording.events.some(({ object }) => {
    const { reason, involvedObject } = object as { reason?: string; involvedObject?: { name?: string } };
    return reason === "FailedCreate" && involvedObject?.name?.startsWith(`${name}-`);
  });
  return stuck || refused;
}
