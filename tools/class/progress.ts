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

/** How a seat is. In this order they need help. */
export const states = ["stuck", "working", "not begun", "done"] as const;
export type SeatState = (typeof states)[number];

/** A seat, as its teacher sees it. */
export interface Progress {
  seat: string;
  student?: string;
  namespace: string;
  url: string;
  state: SeatState;
  /** The course's steps, as far as they can be seen without going in. */
  steps: { id: string; title: Text; status: Result["status"] }[];
  /** The first step that does not hold. */
  at?: { id: string; title: Text; why: Text; next: Text };
  /** What doctor finds, where that is more than the step says. */
  doctor?: { cause: Cause; what: Text; next?: Text };
  /** When anything in the seat last changed; nothing where there is nothing in it. */
  since?: string;
}

/** Settings as if the lab were in a seat. */
export const settingsOfSeat = (settings: Settings, { namespace, nodePort }: SeatOutputs): Settings => ({
  ...settings,
  labs: ["kubernetes"],
  kubernetesNamespace: namespace,
  nodePort,
});

/** What is to be looked at in a seat. */
export const targetOfSeat = (settings: Settings, seat: SeatOutputs): KubernetesTarget =>
  targetOf(settingsOfSeat(settings, seat), undefined).kubernetes;

/** Checks that go into pods, or to a page: for them somebody has to ask, each time. */
const goesIn = (id: string) => ["kubernetes.database", "kubernetes.page", "kubernetes.isolated"].includes(id);

/** Causes that pass by themselves. */
const passing: Cause[] = ["image still being pulled", "not ready"];

/** After so long without a change, what is not ready will not become so by itself, in milliseconds. */
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

/** In the place of a cluster: the checks that are run here need no way into one. */
const closed = noCluster(new Unreachable({ en: "not asked", ko: "묻지 않았습니다" }));

/** How far a seat is, from what is known already. */
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
  // What is wrong and has a name does not mend itself; what is only not there yet may still be typed.
  const stuck = quiet || (finding !== undefined && !passing.includes(finding.cause));
  return { ...about, ...since, at, ...(doctor && { doctor }), state: stuck ? "stuck" : "working" };
}

/** Who needs help first: who is stuck, of those who for longest; then who has least. */
export function byNeed(seats: readonly Progress[]): Progress[] {
  const passed = ({ steps }: Progress) => steps.filter(({ status }) => status === "passed").length;
  return [...seats].sort(
    (a, b) =>
      states.indexOf(a.state) - states.indexOf(b.state) ||
      (a.state === "stuck" ? (a.since ?? "").localeCompare(b.since ?? "") : passed(a) - passed(b)) ||
      a.seat.localeCompare(b.seat),
  );
}
