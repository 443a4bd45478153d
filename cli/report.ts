import { readFileSync, writeFileSync } from "node:fs";
import { Checked } from "./check";
import { marksOf, Report, sceneOf } from "../report/model";
import { page } from "../report/page";
import { redacted, secretValues } from "../report/redact";
import { clusterApi, inTime } from "./cluster/api";
import { docker } from "./docker";

/** The version of this project. */
export const projectVersion = () => (JSON.parse(readFileSync("package.json", "utf8")) as { version: string }).version;

/** Every password that the labs' containers and Secrets have: what must not be in a report. */
async function secretsOf({ facts, settings }: Checked): Promise<string[]> {
  const ids = facts.docker?.containers.map(({ id }) => id) ?? [];
  const lists = ids.length > 0 ? await docker("container", "inspect", "--format", "{{json .Config.Env}}", ...ids) : "";
  const environment = lists.split("\n").flatMap((line) => (line ? ((JSON.parse(line) as string[] | null) ?? []) : []));
  if (!facts.kubernetes || !("facts" in facts.kubernetes.seen)) return secretValues(environment);
  const { core } = clusterApi(settings);
  const { items } = await inTime(core.listNamespacedSecret({ namespace: settings.kubernetesNamespace }));
  const kept = items
    .filter(({ type }) => type === "Opaque")
    .flatMap(({ data }) => Object.values(data ?? {}).map((value) => Buffer.from(value, "base64").toString("utf8")));
  return [...secretValues(environment), ...kept];
}

/** Writes the page to hand in. */
export async function writeReport(file: string, checked: Checked, student = ""): Promise<void> {
  const { target, facts, results, comparison, drill } = checked;
  const report: Report = {
    format: 1,
    version: projectVersion(),
    made: new Date().toISOString(),
    student,
    byHand: target.byHand,
    drill,
    results,
    comparison,
    scene: sceneOf(target, facts),
    marks: marksOf(target, facts),
  };
  // As it will be read: what JSON leaves out is not there now either.
  writeFileSync(file, page(JSON.parse(JSON.stringify(redacted(report, await secretsOf(checked)))) as Report));
}
