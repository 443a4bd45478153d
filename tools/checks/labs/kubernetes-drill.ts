import { randomBytes } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import type { V1Pod } from "@kubernetes/client-node";
import { same } from "../../../text";
import { diagnose } from "../../causes/kubernetes";
import { whatAndWhy } from "../../causes/problem";
import { failed, passed, secondsSince, Verdict } from "../check";
import { isReady } from "../../causes/objects";
import { chainOf, kubectlOf, madeAgain, Workload } from "./kubernetes-objects";
import type { Cluster, KubernetesFacts } from "../facts/kubernetes";
import { Unreachable } from "../facts/unreachable";
import type { KubernetesTarget } from "../target";

async function factsOf(cluster: Cluster): Promise<KubernetesFacts> {
  const seen = await cluster.look();
  if ("facts" in seen) return seen.facts;
  throw seen.problem;
}

/** A pod that was deleted, and the one that is ready in its place. */
interface Replaced {
  deleted: string;
  replacedBy: string;
  /** From the deletion until the new one was ready. */
  seconds: number;
}

/** Deletes the pod of a workload and waits for the next one. Where none becomes ready in time, the check has failed. */
async function replace(cluster: Cluster, workload: Workload, target: KubernetesTarget): Promise<Replaced | Verdict> {
  const before = chainOf(await factsOf(cluster), workload).pods.map(({ metadata }) => metadata);
  const deleted = before[0]?.name ?? "";
  // Of several replicas the others are not in the place of the one that goes.
  const isNew = ({ metadata }: V1Pod) => before.every((other) => other?.uid !== metadata?.uid);
  const started = performance.now();
  await cluster.deletePod(deleted);
  for (; ; await sleep(300)) {
    const facts = await factsOf(cluster);
    const pod = chainOf(facts, workload).pods.find((other) => isNew(other) && isReady(other));
    const seconds = secondsSince(started);
    if (pod) return { deleted, replacedBy: pod.metadata?.name ?? "", seconds };
    if (performance.now() - started <= target.patience) continue;
    const found = diagnose(facts, target);
    const problem = found.find((one) => one.workload === workload) ?? found[0];
    const why = problem ? whatAndWhy(problem) : same("");
    const said = problem?.evidence[0] ?? "";
    return failed("pod not replaced", problem?.next ?? `${kubectlOf(target)} describe deployment ${workload}`, {
      en: `Pod ${deleted} was deleted, and after ${seconds} s no ready pod has replaced it. ${why.en} ${said}`.trim(),
      ko: `${deleted} 파드를 삭제하고 ${seconds}초가 지났지만 준비된 새 파드가 없습니다. ${why.ko} ${said}`.trim(),
      evidence: { deleted, seconds, said: problem?.evidence },
    });
  }
}

/** Whether Kubernetes replaces a pod that is gone, and how long that takes. */
export async function healing(cluster: Cluster, target: KubernetesTarget): Promise<Verdict> {
  const replaced = await replace(cluster, "wordpress", target);
  return "status" in replaced ? replaced : passed({ ...replaced }, { drill: "pod deleted", ...replaced });
}

const lastLine = (said: string) => said.trim().split("\n").pop() ?? "";

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
  if (written.code !== 0) throw new Unreachable(lastLine(written.stderr));
  const replaced = await replace(cluster, "mysql", target);
  if ("status" in replaced) return replaced;
  const { replacedBy: pod, seconds } = replaced;
  const read = await cluster.exec(pod, "mysql", ...sql(`SELECT mark FROM ${table};`));
  await cluster.exec(pod, "mysql", ...sql(`DROP TABLE IF EXISTS ${table};`));
  const evidence = { ...replaced, written: mark, read: read.stdout.trim() || lastLine(read.stderr) };
  if (read.stdout.trim() === mark) return passed(evidence, { drill: "database pod deleted", seconds });
  return failed("data lost", madeAgain(await factsOf(cluster), "deployment mysql", target), {
    en: "Data that was stored before MySQL's pod was deleted is gone: the database does not store its data on its claim.",
    ko: "MySQL 파드를 삭제하기 전에 저장한 데이터가 사라졌습니다. 데이터베이스가 데이터를 PVC에 저장하지 않는 것입니다.",
    evidence,
  });
}
