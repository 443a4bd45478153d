import type { V1Pod } from "@kubernetes/client-node";
import { statusesOf } from "../causes/objects";
import { clusterApi, inTime } from "../cluster/api";
import { logOf } from "../cluster/diagnose";
import { Left } from "./ending";
import { Thing } from "./objects";
import { Place } from "./watch";

/** Reasons that are not in the watched objects: storage classes, and the output of failing containers. */
export async function beside(place: Place, things: readonly Thing[]): Promise<Pick<Left, "storageClasses" | "logs">> {
  const api = clusterApi(place);
  const pods = things.filter(({ kind }) => kind === "Pod") as V1Pod[];
  const containers = pods.flatMap((pod) => statusesOf(pod).map((status) => ({ pod, ...status })));
  const failing = containers.filter(({ restartCount, state }) => restartCount > 0 || state?.terminated);
  const [classes, ...logs] = await Promise.all([
    // They belong to the cluster. Without permission to read them, the explanation is shorter.
    inTime(api.storage.listStorageClass()).catch(() => undefined),
    ...failing.map(async ({ pod, name, restartCount, state }) => {
      const log = await logOf(api, pod, name, restartCount > 0 && !state?.terminated);
      return [`${pod.metadata?.name}/${name}`, log] as const;
    }),
  ]);
  return { storageClasses: classes?.items, logs: Object.fromEntries(logs) };
}
