import type { V1Pod } from "@kubernetes/client-node";
import { Settings } from "../../config";
import { diagnose, Finding, LabObjects } from "../causes/kubernetes";
import { statusesOf } from "../causes/objects";
import { ClusterApi, clusterApi, inTime } from "./api";
import { unless } from "./answers";
import { look } from "./look";
import { isOwn } from "./running";

/** The end of a container's log, from before its last restart where there was one. */
async function logOf({ core }: ClusterApi, pod: V1Pod, container: string, previous: boolean): Promise<string> {
  const { name = "", namespace = "" } = pod.metadata ?? {};
  const question = core.readNamespacedPodLog({ name, namespace, container, previous, tailLines: 40 });
  // A container that never ran has none.
  return inTime(question).catch(() => "");
}

/** Asks the cluster for everything that tells why the lab does not work. */
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
    // Beside the point of the lab: where there is no such namespace, or we may not see it, the rest is told all the same.
    unless(404, unless(403, inTime(api.core.listNamespacedPod({ namespace: "kube-system" })))),
  ]);
  const logs: Record<string, string> = {};
  const containers = pods.items.flatMap((pod) => statusesOf(pod).map((status) => ({ pod, status })));
  await Promise.all(
    containers.map(async ({ pod, status }) => {
      const ended = status.restartCount > 0 && !status.state?.running;
      const before = status.restartCount > 0 ? await logOf(api, pod, status.name, true) : "";
      const now = ended && before ? "" : await logOf(api, pod, status.name, false);
      logs[`${pod.metadata?.name}/${status.name}`] = `${before}\n${now}`;
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

/** Why the Kubernetes lab does not work, asked of the cluster itself; nothing where it does not tell. */
export async function labFindings(settings: Settings): Promise<Finding[]> {
  if (!(await look(settings)).answers) return [unreachable(settings)];
  try {
    return diagnose(await labObjects(settings));
  } catch (error) {
    // What Pulumi said remains.
    return (await look(settings)).answers || !(error instanceof Error) ? [] : [unreachable(settings)];
  }
}

function unreachable(settings: Settings): Finding {
  const { kubeContext } = settings;
  const next = isOwn(settings)
    ? {
        en: "Run the command again: npm run up starts it and goes on.",
        ko: "명령을 다시 실행하세요: npm run up 이 클러스터를 시작하고 계속합니다.",
      }
    : {
        en: "Start it, then run the command again: npm run up",
        ko: "클러스터를 시작한 뒤 다시 실행하세요: npm run up",
      };
  return {
    cause: "cluster unreachable",
    what: {
      en: `The cluster of context "${kubeContext}" does not answer.`,
      ko: `"${kubeContext}" 컨텍스트의 클러스터가 응답하지 않습니다.`,
    },
    why: { en: "It was stopped, or is just starting.", ko: "멈췄거나 막 시작하는 중입니다." },
    next,
    evidence: [],
  };
}
