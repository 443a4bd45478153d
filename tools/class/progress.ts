import { Settings } from "../../config";
import { SeatOutputs } from "../../outputs";
import { Text } from "../../text";
import { diagnose } from "../causes/kubernetes";
import { Cause, Problem, whatAndWhy } from "../causes/problem";
import { Check, Result, runChecks } from "../checks/check";
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

/** Checks that run commands in pods or open a page, which the watch cannot answer. */
const goesIn = (id: string) => ["kubernetes.database", "kubernetes.page", "kubernetes.isolated"].includes(id);

/** Causes that are usually temporary. */
const passing: Cause[] = ["image still being pulled", "not ready"];

/** How long without a change until what is not ready counts as stuck, in milliseconds. */
const patience = 180_000;

const timesOf = ({ pods, deployments, claims, services, lab }: KubernetesFacts): number[] => {
  const time = (date: Date | string | undefined) => (date === undefined ? [] : [new Date(date).getTime()]);
  const own = services.filter(({ metadata }) => metadata?.namespace === lab.namespace);
  return [
    ...[...pods, ...deployments, ...claims, ...own].flatMap(({ metadata }) => time(metadata?.creationTimestamp)),
    ...pods.flatMap(({ status }) =>
      (status?.conditions ?? []).flatMap(({ lastTransitionTime }) => time(lastTransitionTime)),
    ),
    ...deployments.flatMap(({ status }) =>
      (status?.conditions ?? []).flatMap(({ lastTransitionTime }) => time(lastTransitionTime)),
    ),
  ].filter((one) => !Number.isNaN(one));
};

/** Whether there is anything of the lab in a seat. */
const isBegun = ({ pods, deployments, claims, services, lab }: KubernetesFacts) =>
  pods.length + deployments.length + claims.length > 0 ||
  services.some(({ metadata }) => metadata?.namespace === lab.namespace);

const doctorSays = ({ cause, what, why, next }: Problem) => ({
  cause,
  what: whatAndWhy({ what, why }),
  ...(next && { next }),
});

/** A placeholder for a cluster: the checks that run here need no access to one. */
const closed = noCluster(new Unreachable({ en: "not asked", ko: "묻지 않았습니다" }));

/** The progress of a seat, from what is already known. */
export async function progressOf(
  seat: SeatOutputs,
  facts: KubernetesFacts,
  target: KubernetesTarget,
  now = Date.now(),
): Promise<Progress> {
  const checks = kubernetesChecks(target, { facts }, closed, live).filter(
    ({ id, drill }: Check) => !drill && !goesIn(id),
  );
  const results = await runChecks(checks);
  const steps = results.map(({ id, title, status }) => ({ id, title, status }));
  const { student, namespace, url } = seat;
  const about = { seat: seat.seat, ...(student && { student }), namespace, url, steps };
  const times = timesOf(facts);
  const last = times.length > 0 ? Math.max(...times) : undefined;
  const since = last === undefined ? {} : { since: new Date(last).toISOString() };
  const failed = results.find((result) => result.status === "failed");
  if (!failed) return { ...about, ...since, state: "done" };
  if (!isBegun(facts)) return { ...about, state: "not begun" };
  const [finding] = diagnose(facts, target);
  const at = { id: failed.id, title: failed.title, why: failed.why, next: failed.next };
  const doctor = finding && finding.cause !== failed.cause && doctorSays(finding);
  const quiet = now - (last ?? now) >= patience;
  // A problem with a known cause does not fix itself; something missing may still be on its way.
  const stuck = quiet || (finding !== undefined && !passing.includes(finding.cause));
  return { ...about, ...since, at, ...(doctor && { doctor }), state: stuck ? "stuck" : "working" };
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
