import type { V1Pod } from "@kubernetes/client-node";
import { Settings } from "../../config";
import { diagnose } from "../causes/kubernetes";
import { LabObjects, statusesOf } from "../causes/objects";
import { Problem } from "../causes/problem";
import { ClusterApi, clusterApi } from "./api";
import { inTime, unless } from "./answers";
import { look } from "./get";
import { unreachable } from "./running";

export async function logOf({ core }: ClusterApi, pod: V1Pod, container: string, previous: boolean): Promise<string> {
  const { name = "", namespace = "" } = pod.metadata ?? {};
  const question = core.readNamespacedPodLog({ name, namespace, container, previous, tailLines: 40 });
  // A container that never started has no log.
  return inTime(question).catch(() => "");
}

export async function labObjects(settings: Settings): Promise<LabObjects> {
  const api = clusterApi(settings);
  const { kubernetesNamespace: namespace, kubeContext: context, nodePort } = settings;
  const items = async <T>(question: Promise<{ items: T[] }>) => (await inTime(question)).items;
  const [pods, events, claims, storageClasses, services, nodes, system] = await Promise.all([
    items(api.core.listNamespacedPod({ namespace })),
    items(api.core.listNamespacedEvent({ namespace })),
    items(api.core.listNamespacedPersistentVolumeClaim({ namespace })),
    items(api.storage.listStorageClass()),
    items(api.core.listServiceForAllNamespaces()),
    items(api.core.listNode()),
    // Optional: the namespace may not exist, or the user may have no permission to read it.
    unless(404, unless(403, items(api.core.listNamespacedPod({ namespace: "kube-system" })))),
  ]);
  const logs: Record<string, string> = {};
  const containers = pods.flatMap((pod) => statusesOf(pod).map((status) => ({ pod, status })));
  await Promise.all(
    containers.map(async ({ pod, status }) => {
      // Of one that has ended, the log is that of its last run already.
      const again = status.restartCount > 0 && status.state?.running;
      const before = again ? await logOf(api, pod, status.name, true) : "";
      logs[`${pod.metadata?.name}/${status.name}`] = `${before}\n${await logOf(api, pod, status.name, false)}`;
    }),
  );
  const lab = { namespace, context, nodePort };
  return { lab, pods, events, claims, storageClasses, services, nodes, system, logs };
}

export async function labProblems(settings: Settings): Promise<Problem[]> {
  const silent = (): Problem[] => [{ cause: "cluster unreachable", what: unreachable(settings).text, evidence: [] }];
  if (!(await look(settings)).answers) return silent();
  try {
    return diagnose(await labObjects(settings));
  } catch {
    // If it answers, Pulumi's message is all there is.
    return (await look(settings)).answers ? [] : silent();
  }
}
