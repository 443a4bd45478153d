import { setTimeout as sleep } from "node:timers/promises";
import { ownProfile } from "../config";
import { Visitor } from "../test/e2e/wordpress";
import { Labs, namespace } from "./labs";
import { median, mib, progress, Report, table } from "./measure";

/** What both pods together must stay under, in MiB. */
const limit = 512;
/** How long they are left alone after the installation, and between samples, in milliseconds. */
const [rest, pause] = [60_000, 10_000];
const samples = 5;

/** A part of what a kubelet says about its pods. @see https://kubernetes.io/docs/reference/instrumentation/node-metrics/ */
interface Summary {
  pods: { podRef: { name: string; namespace: string }; memory?: { workingSetBytes?: number } }[];
}

/** Memory of MySQL and WordPress in the cluster, idle after WordPress was installed. */
export async function memory(labs: Labs): Promise<Report> {
  const { wordpressUrl = "", kubernetes } = await labs.up("kubernetes");
  if (!kubernetes) throw new Error("the stack has no output of the Kubernetes lab");
  await new Visitor(wordpressUrl).install();
  progress(`memory: WordPress is installed, resting for ${rest / 1000} s …`);
  await sleep(rest);

  const found: Record<string, number[]> = { mysql: [], wordpress: [] };
  for (let sample = 0; sample < samples; sample++) {
    const summary = JSON.parse(
      await labs.kubectl(["get", "--raw", `/api/v1/nodes/${ownProfile}/proxy/stats/summary`]),
    ) as Summary;
    for (const [workload, values] of Object.entries(found)) {
      const pods = summary.pods.filter(
        ({ podRef }) => podRef.namespace === namespace && podRef.name.startsWith(`${workload}-`),
      );
      const bytes = pods[0]?.memory?.workingSetBytes;
      // A pod that is missing would be counted as nothing.
      if (pods.length !== 1 || !bytes) throw new Error(`the kubelet counts ${pods.length} pods of ${workload}`);
      values.push(bytes / 2 ** 20);
    }
    await sleep(pause);
  }
  await labs.npm("destroy", "--labs", "kubernetes");

  const rows = Object.entries(found).map(([workload, values]) => ({ workload, value: median(values) }));
  const both = rows.reduce((sum, { value }) => sum + value, 0);
  return {
    markdown: table(
      ["idle after the installation", "working set"],
      ...rows.map(({ workload, value }) => [workload, mib(value)]),
      [`both (limit ${limit} MiB)`, mib(both)],
    ),
    broken: both >= limit ? [`MySQL and WordPress take ${mib(both)}, not less than ${limit} MiB`] : [],
  };
}
