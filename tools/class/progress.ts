import { Settings } from "../../config";
import { SeatOutputs } from "../../outputs";
import { Text } from "../../text";
import { diagnose } from "../causes/kubernetes";
import { Cause, whatAndWhy } from "../causes/problem";
import { Result, runChecks } from "../checks/check";
import { KubernetesFacts, noCluster } from "../checks/facts/kubernetes";
import { live } from "../checks/facts/live";
import { kubernetesChecks } from "../checks/labs/kubernetes";
import { Unreachable } from "../checks/facts/unreachable";
import { KubernetesTarget, targetOf } from "../checks/target";

/** The state of a seat, in the order of who needs help. */
export const states = ["stuck", "working", "not begun", "done"] as const;
export type SeatState = (typeof states)[number];

/** A seat, as the teacher sees it. */
export interface Progress {
  seat: string;
  student?: string;
  namespace: string;
  url: string;
  state: SeatState;
  /** The steps of the course that can be checked without running commands in pods. */
  steps: { id: string; title: Text; status: Result["status"] }[];
  /** The first failed step. */
  at?: { id: string; title: Text; why: Text; next: Text };
  /** What doctor finds, if that is more specific than the step. */
  doctor?: { cause: Cause; what: Text; next?: Text };
  /** The time of the last change in the seat; undefined if it is empty. */
  since?: string;
}

/** Settings as if the lab were in a seat. */
export const settingsOfSeat = (settings: Settings, { namespace, nodePort }: SeatOutputs): Settings => ({
  ...settings,
  labs: ["kubernetes"],
  kubernetesNamespace: namespace,
  nodePort,
});

/** What to check in a seat. */
export const targetOfSeat = (settings: Settings, seat: SeatOutputs): KubernetesTarget =>
  targetOf(settingsOfSeat(settings, seat), undefined).kubernetes;

/** Works on a few seats at a time, in their order: a cluster of one node has other things to do. */
export async function fewAtATime<T>(
  seats: readonly SeatOutputs[],
  work: (seat: SeatOutputs) => Promise<T>,
  done: (one: T) => void,
): Promise<T[]> {
  const all: T[] = [];
  for (let i = 0; i < seats.length; i += 4) {
    const some = await Promise.all(seats.slice(i, i + 4).map(work));
    some.forEach(done);
    all.push(...some);
  }
  return all;
}

/** Checks that run commands in pods or open a page, which the watch cannot answer. */
const goIn = ["kubernetes.database", "kubernetes.page", "kubernetes.isolated"];

/** Causes that are usually temporary. */
const passing: Cause[] = ["image still being pulled", "not ready"];

/** How long without a change until what is not ready counts as stuck, in milliseconds. */
const patience = 180_000;

/** Something of the lab in a seat. */
interface Thing {
  metadata?: { creationTimestamp?: Date };
  status?: { conditions?: { lastTransitionTime?: Date }[] };
}

const thingsIn = ({ pods, deployments, claims, services, lab }: KubernetesFacts): Thing[] => [
  ...[...pods, ...deployments, ...claims],
  ...services.filter(({ metadata }) => metadata?.namespace === lab.namespace),
];

/** The time of the last change in milliseconds; undefined if there is nothing. */
function lastChange(things: readonly Thing[]): number | undefined {
  const dates = things.flatMap(({ metadata, status }) => [
    metadata?.creationTimestamp,
    ...(status?.conditions ?? []).map(({ lastTransitionTime }) => lastTransitionTime),
  ]);
  const times = dates.map((date) => new Date(date ?? NaN).getTime()).filter((time) => !Number.isNaN(time));
  return times.length > 0 ? Math.max(...times) : undefined;
}

/** A placeholder for a cluster: the checks that run here need no access to one. */
const closed = noCluster(new Unreachable({ en: "not asked", ko: "묻지 않았습니다" }));

/** The progress of a seat, from what is already known. */
export async function progressOf(
  seat: SeatOutputs,
  facts: KubernetesFacts,
  target: KubernetesTarget,
  now = Date.now(),
): Promise<Progress> {
  const all = kubernetesChecks(target, { facts }, closed, live);
  const results = await runChecks(all.filter(({ id, drill }) => !drill && !goIn.includes(id)));
  const steps = results.map(({ id, title, status }) => ({ id, title, status }));
  const { student, namespace, url } = seat;
  const things = thingsIn(facts);
  const last = lastChange(things);
  const since = last === undefined ? undefined : new Date(last).toISOString();
  const about = { seat: seat.seat, student, namespace, url, steps, since };
  const failed = results.find((result) => result.status === "failed");
  if (!failed) return { ...about, state: "done" };
  if (things.length === 0) return { ...about, state: "not begun" };
  const { id, title, why, next } = failed;
  const [finding] = diagnose(facts, target);
  const doctor = finding &&
    finding.cause !== failed.cause && { cause: finding.cause, what: whatAndWhy(finding), next: finding.next };
  // A problem with a known cause does not fix itself; something missing may still be on its way.
  const stuck = now - (last ?? now) >= patience || (finding && !passing.includes(finding.cause));
  return { ...about, at: { id, title, why, next }, ...(doctor && { doctor }), state: stuck ? "stuck" : "working" };
}

/** Sorts by who needs help: first those who have been stuck longest, then those with the least progress. */
export function byNeed(seats: readonly Progress[]): Progress[] {
  const passed = ({ steps }: Progress) => steps.filter(({ status }) => status === "passed").length;
  return [...seats].sort(
    (a, b) =>
      states.indexOf(a.state) - states.indexOf(b.state) ||
      (a.state === "stuck" ? (a.since ?? "").localeCompare(b.since ?? "") : passed(a) - passed(b)) ||
      a.seat.localeCompare(b.seat),
  );
}
