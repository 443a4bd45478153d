import { randomBytes } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import type { V1Pod } from "@kubernetes/client-node";
import { same, Text } from "../../../text";
import { diagnose } from "../../causes/kubernetes";
import { whatAndWhy } from "../../causes/problem";
import { failed, passed, Verdict } from "../check";
import { isReady } from "../../causes/objects";
import { chainOf, madeAgain, Workload } from "./kubernetes-objects";
import type { Cluster, KubernetesFacts } from "../facts/kubernetes";
import { Unreachable } from "../facts/unreachable";
import type { KubernetesTarget } from "../target";

async function factsOf(cluster: Cluster): Promise<KubernetesFacts> {
  const seen = await cluster.look();
  if ("facts" in seen) return seen.facts;
  throw seen.problem;
}

/** A pod that was deleted, and the one in its place, or why none became ready in time. */
type Replaced = {
  old: string;
  /** From the deletion until the new one was ready. */
  seconds: number;
} & ({ pod: V1Pod } | NotReplaced);

/** Why a pod did not come, and what may be next, as far as the cluster tells. */
interface NotReplaced {
  why: Text;
  next?: Text;
}

/** Deletes the pod of a workload and waits for the next one. */
async function replace(cluster: Cluster, workload: Workload, target: KubernetesTarget): Promise<Replaced> {
  const before = chainOf(await factsOf(cluster), workload).pods.map(({ metadata }) => metadata);
  const name = before[0]?.name ?? "";
  // Of several replicas the others are not in the place of the one that goes.
  const isNew = ({ metadata }: V1Pod) => before.every((other) => other?.uid !== metadata?.uid);
  const started = performance.now();
  const seconds = () => Math.round((performance.now() - started) / 100) / 10;
  await cluster.deletePod(name);
  for (;;) {
    const facts = await factsOf(cluster);
    const pod = chainOf(facts, workload).pods.find((other) => isNew(other) && isReady(other));
    if (pod) return { old: name, pod, seconds: seconds() };
    if (performance.now() - started > target.patience) {
      const found = diagnose(facts, target);
      const problem = found.find((one) => one.workload === workload) ?? found[0];
      const set = chainOf(facts, workload).replicaSet?.metadata?.name;
      const refused = facts.events
        .filter(({ reason, involvedObject }) => reason === "FailedCreate" && involvedObject.name === set)
        .at(-1)?.message;
      if (refused !== undefined || !problem)
        return { old: name, seconds: seconds(), why: same(refused ?? ""), next: problem?.next };
      const { en, ko } = whatAndWhy(problem);
      const [said] = problem.evidence;
      const more = said === undefined ? "" : ` ${said}`;
      return { old: name, seconds: seconds(), why: { en: en + more, ko: ko + more }, next: problem.next };
    }
    await sleep(300);
  }
}

function notReplaced(
  workload: Workload,
  { context, namespace }: KubernetesTarget,
  { old, seconds, why, next }: Replaced & NotReplaced,
): Verdict {
  return failed({
    cause: "pod not replaced",
    en: `Pod ${old} was deleted, and after ${seconds} s no ready pod has replaced it. ${why.en}`,
    ko: `${old} 파드를 삭제하고 ${seconds}초가 지났지만 준비된 새 파드가 없습니다. ${why.ko}`,
    next: next ?? `kubectl --context ${context} --namespace ${namespace} describe deployment ${workload}`,
    evidence: { deleted: old, seconds, said: why.en },
  });
}

/** Whether Kubernetes replaces a pod that is gone, and how long that takes. */
export async function healing(cluster: Cluster, target: KubernetesTarget): Promise<Verdict> {
  const replaced = await replace(cluster, "wordpress", target);
  if ("why" in replaced) return notReplaced("wordpress", target, replaced);
  const { old: deleted, pod, seconds } = replaced;
  const replacedBy = pod.metadata?.name ?? "";
  return passed({ deleted, replacedBy, seconds }, { drill: "pod deleted", deleted, replacedBy, seconds });
}

const sql = (statement: string) => [
  "sh",
  "-c",
  `mysql --host=127.0.0.1 --user="$MYSQL_USER" --password="$MYSQL_PASSWORD" --batch --skip-column-names --execute="${statement}" "$MYSQL_DATABASE"`,
];

/** Whether a row in the database is still there when MySQL's pod was replaced. */
export async function surviving(cluster: Cluster, target: KubernetesTarget): Promise<Verdict> {
  const [before] = chainOf(await factsOf(cluster), "mysql").pods;
  const mark = randomBytes(6).toString("hex");
  const table = `course_labs_drill_${mark}`;
  const written = await cluster.exec(
    before?.metadata?.name ?? "",
    "mysql",
    ...sql(`CREATE TABLE ${table} (mark VARCHAR(20)); INSERT INTO ${table} VALUES ('${mark}');`),
  );
  if (written.code !== 0) throw new Unreachable(written.stderr.trim().split("\n").pop() ?? "");
  const replaced = await replace(cluster, "mysql", target);
  if ("why" in replaced) return notReplaced("mysql", target, replaced);
  const { old: deleted, seconds } = replaced;
  const pod = replaced.pod.metadata?.name ?? "";
  const read = await cluster.exec(pod, "mysql", ...sql(`SELECT mark FROM ${table};`));
  await cluster.exec(pod, "mysql", ...sql(`DROP TABLE IF EXISTS ${table};`));
  const evidence = {
    deleted,
    replacedBy: pod,
    seconds,
    written: mark,
    read: read.stdout.trim() || read.stderr.trim().split("\n").pop(),
  };
  if (read.stdout.trim() === mark) return passed(evidence, { drill: "database pod deleted", seconds });
  return failed({
    cause: "data lost",
    en: "Data that was stored before MySQL's pod was deleted is gone: the database does not store its data on its claim.",
    ko: "MySQL 파드를 삭제하기 전에 저장한 데이터가 사라졌습니다. 데이터베이스가 데이터를 PVC에 저장하지 않는 것입니다.",
    next: madeAgain(await factsOf(cluster), "deployment mysql", target),
    evidence,
  });
}
