import type { V1Pod } from "@kubernetes/client-node";
import { statusesOf } from "../causes/objects";
import { clusterApi, inTime } from "../cluster/api";
import { Left } from "./ending";
import { Thing } from "./objects";
import { Place } from "./watch";

/** What tells why, and stands outside of what is watched: the kinds of storage, and what failing containers printed. */
export async function beside(place: Place, things: readonly Thing[]): Promise<Pick<Left, "storageClasses" | "logs">> {
  const { core, storage } = clusterApi(place);
  const failing = things
    .filter(({ kind }) => kind === "Pod")
    .flatMap((thing) => statusesOf(thing as V1Pod).map((status) => ({ name: thing.metadata.name ?? "", status })))
    .filter(({ status }) => status.restartCount > 0 || status.state?.terminated);
  const [classes, ...logs] = await Promise.all([
    // Of the cluster, not of the namespace: who may not read them is told with fewer words.
    inTime(storage.listStorageClass()).catch(() => undefined),
    ...failing.map(async ({ name, status }) => {
      const previous = status.restartCount > 0 && !status.state?.terminated;
      const question = { name, namespace: place.namespace, container: status.name, previous, tailLines: 20 };
      return [`${name}/${status.name}`, await inTime(core.readNamespacedPodLog(question)).catch(() => "")] as const;
    }),
  ]);
  return { storageClasses: classes?.items, logs: Object.fromEntries(logs) };
}
