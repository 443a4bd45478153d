import type { V1Pod } from "@kubernetes/client-node";
import { statusesOf } from "../causes/objects";
import { clusterApi, inTime } from "../cluster/api";
import { Left } from "./ending";
import { Thing } from "./objects";
import { Place } from "./watch";

/** Reasons that are not in the watched objects: storage classes, and the output of failing containers. */
export async function beside(place: Place, things: readonly Thing[]): Promise<Pick<Left, "storageClasses" | "logs">> {
  const { core, storage } = clusterApi(place);
  const failing = things
    .filter(({ kind }) => kind === "Pod")
    .flatMap((thing) => statusesOf(thing as V1Pod).map((status) => ({ name: thing.metadata.name ?? "", status })))
    .filter(({ status }) => status.restartCount > 0 || status.state?.terminated);
  const [classes, ...logs] = await Promise.all([
    // They belong to the cluster. Without permission to read them, the explanation is shorter.
    inTime(storage.listStorageClass()).catch(() => undefined),
    ...failing.map(async ({ name, status }) => {
      const previous = status.restartCount > 0 && !status.state?.terminated;
      const question = { name, namespace: place.namespace, container: status.name, previous, tailLines: 20 };
      // A container that never ran has no log, and reading logs needs a permission of its own.
      return [`${name}/${status.name}`, await inTime(core.readNamespacedPodLog(question)).catch(() => "")] as const;
    }),
  ]);
  return { storageClasses: classes?.items, logs: Object.fromEntries(logs) };
}
