import type { V1Pod } from "@kubernetes/client-node";
import { Settings } from "../../config";
import { diagnose, Problem, LabObjects } from "../causes/kubernetes";
import { statusesOf } from "../causes/objects";
import { ClusterApi, clusterApi } from "./api";
import { inTime, unless } from "./answers";
import { look } from "./get";
import { unreachable } from "./running";

async function logOf({ core }: ClusterApi, pod: V1Pod, container: string, previous: boolean): Promise<string> {
  const { name = "", namespace = "" } = pod.metadata ?? {};
  const question = core.readNamespacedPodLog({ name, namespace, container, previous, tailLines: 40 });
  // A container that never started has no log.
  return inTime(question).catch(() => "");
}

export async function labObjects(settings: Settings): Promise<LabObjects> {
  const api = clusterApi(settings);
  const { kubernetesNamespace: namespace, kubeContext: context, nodePort } = settings;
  const [pods, events, claims, storageClasses, services, nodes, system] = await Promise.all([
    inTime(api.core.listNamespacedPod({ namespace })),
    inTime(api.core.listNamespacedEvent({ namespace })),
    inTime(api.core.listNamespacedPersistentVolumeClaim({ namespace })),
    inTime(api.storage.listStorageClass()),
    inTime(api.core.listServiceForAllNamespaces()),
    inTime(api.core.listNode()),
    // Optional: the namespace may not exist, or the user may have no permission to read it.
    unless(404, unless(403, inTime(api.core.listNamespacedPod({ namespace: "kube-system" })))),
  ]);
  const logs: Record<string, string> = {};
  const containers = pods.items.flatMap((pod) => statusesOf(pod).map((status) => ({ pod, status })));
  await Promise.all(
    containers.map(async ({ pod, status }) => {
      // Of one that has ended, the log is that of its last run already.
      const again = status.restartCount > 0 && status.state?.running;
      const before = again ? await logOf(api, pod, status.name, true) : "";
      logs[`${pod.metadata?.name}/${status.name}`] = `${before}\n${await logOf(api, pod, status.name, false)}`;
    }),
  );
  return {
    lab: { namespace, context, nodePort },
    pods: pods.items,
    events: events.items,
    claims: claims.items,
    storageClasses: storageClasses.items,
    services: services.items,
    nodes: nodes.items,
    system: system?.items,
    logs,
  };
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
