import { randomBytes } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import type { V1Pod } from "@kubernetes/client-node";
import { diagnose } from "../../causes/kubernetes";
import { Evidence, failed, passed, Verdict } from "../check";
import { isReady } from "../../causes/objects";
import { chainOf, Workload } from "./kubernetes-objects";
import type { Cluster, KubernetesFacts } from "../facts/kubernetes";
import type { KubernetesTarget } from "../target";

async function factsOf(cluster: Cluster): Promise<KubernetesFacts> {
  const seen = await cluster.look();
  if ("facts" in seen) return seen.facts;
  throw new Error(seen.problem);
}

/** A pod that was deleted, and the one in its place. */
interface Replaced {
  old: string;
  /** Undefined when none became ready in time. */
  pod?: V1Pod;
  /** From the deletion until the new one was ready. */
  seconds: number;
  /** What the cluster says where there is no new one. */
  why?: string;
  why_ko?: string;
}

/** Deletes the pod of a workload and waits for the next one. */
async function replace(cluster: Cluster, workload: Workload, target: KubernetesTarget): Promise<Replaced> {
  const before = chainOf(await factsOf(cluster), workload).pods.map(({ metadata }) => metadata);
  const name = before[0]?.name ?? "";
  // Of several replicas the others are not in the place of the one that goes.
  const isNew = ({ metadata }: V1Pod) => before.every((other) => other?.uid !== metadata?.uid);
  const started = Date.now();
  const seconds = () => Math.round((Date.now() - started) / 100) / 10;
  await cluster.deletePod(name);
  for (;;) {
    const facts = await factsOf(cluster);
    const pod = chainOf(facts, workload).pods.find((other) => isNew(other) && isReady(other));
    if (pod) return { old: name, pod, seconds: seconds() };
    if (Date.now() - started > target.patience) {
      const found = diagnose(facts, target);
      const finding = found.find((one) => one.workload === workload) ?? found[0];
      const set = chainOf(facts, workload).replicaSet?.metadata?.name;
      const refused = facts.events
        .filter(({ reason, involvedObject }) => reason === "FailedCreate" && involvedObject.name === set)
        .at(-1)?.message;
      const why = refused ? undefined : finding;
      const said = refused ?? finding?.evidence[0];
      return {
        old: name,
        seconds: seconds(),
        why: [why?.what.en, why?.why.en, said].filter(Boolean).join(" "),
        why_ko: [why?.what.ko, why?.why.ko, said].filter(Boolean).join(" "),
      };
    }
    await sleep(300);
  }
}

function notReplaced(
  workload: Workload,
  { context, namespace }: KubernetesTarget,
  { old, seconds, why, why_ko }: Replaced,
  evidence: Evidence,
): Verdict {
  return failed(
    {
      en: `Pod ${old} was deleted, and after ${seconds} s there is no ready one in its place. ${why}`,
      ko: `파드 ${old} 을(를) 지운 뒤 ${seconds} 초가 지나도 준비된 새 파드가 없습니다. ${why_ko}`,
    },
    `kubectl --context ${context} --namespace ${namespace} describe deployment ${workload}`,
    evidence,
  );
}

/** Whether Kubernetes replaces a pod that is gone, and how long that takes. */
export async function healing(cluster: Cluster, target: KubernetesTarget): Promise<Verdict> {
  const replaced = await replace(cluster, "wordpress", target);
  const evidence = { deleted: replaced.old, replacedBy: replaced.pod?.metadata?.name, seconds: replaced.seconds };
  return replaced.pod
    ? passed(evidence)
    : notReplaced("wordpress", target, replaced, { ...evidence, said: replaced.why });
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
  if (written.code !== 0) throw new Error(written.stderr.trim().split("\n").pop());
  const replaced = await replace(cluster, "mysql", target);
  const evidence: Evidence = {
    deleted: replaced.old,
    replacedBy: replaced.pod?.metadata?.name,
    seconds: replaced.seconds,
  };
  if (!replaced.pod) return notReplaced("mysql", target, replaced, { ...evidence, said: replaced.why });
  const pod = replaced.pod.metadata?.name ?? "";
  const read = await cluster.exec(pod, "mysql", ...sql(`SELECT mark FROM ${table};`));
  await cluster.exec(pod, "mysql", ...sql(`DROP TABLE IF EXISTS ${table};`));
  evidence.written = mark;
  evidence.read = read.stdout.trim() || read.stderr.trim().split("\n").pop();
  if (read.stdout.trim() === mark) return passed(evidence);
  return failed(
    {
      en: "What was stored before MySQL's pod ended is gone: the database does not store on its claim.",
      ko: "MySQL 파드가 끝나기 전에 저장한 것이 사라졌습니다: 데이터베이스가 볼륨 클레임에 저장하지 않습니다.",
    },
    target.make,
    evidence,
  );
}
