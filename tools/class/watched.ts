import {
  DiscoveryV1Api,
  KubernetesListObject,
  KubernetesObject,
  makeInformer,
  NetworkingV1Api,
  ObjectCache,
  V1Pod,
} from "@kubernetes/client-node";
import { SeatOutputs } from "../../outputs";
import { KubernetesFacts } from "../checks/facts/kubernetes";
import { ClusterApi, inTime } from "../cluster/api";
import { statusesOf } from "../causes/objects";

/** A watched class. */
export interface Watched {
  /** The current objects of a seat, without a request to the cluster. */
  factsOf: (seat: SeatOutputs) => KubernetesFacts;
  /** The number of requests for lists, watches and logs. */
  requests: () => number;
  stop: () => Promise<void>;
}

/** How long to wait before a broken watch is started again, in milliseconds. */
const rest = 1000;

/**
 * Watches a class: one list and one watch for each kind, however many seats there are.
 * @param changed told which namespaces have changed; undefined stands for what they all share
 * @throws Error when the cluster does not answer
 */
export async function watchClass(
  api: ClusterApi,
  context: string,
  changed: (namespace: string | undefined) => void,
): Promise<Watched> {
  const { config, core, apps, storage } = api;
  const discovery = config.makeApiClient(DiscoveryV1Api);
  const networking = config.makeApiClient(NetworkingV1Api);
  let [requests, stopped] = [0, false];
  const logs = new Map<string, string>();

  const kind = <T extends KubernetesObject>(path: string, list: () => Promise<KubernetesListObject<T>>) => {
    const informer = makeInformer<T>(config, path, () => {
      requests += 1;
      return inTime(list());
    });
    const tell = ({ metadata }: T) => changed(metadata?.namespace);
    informer.on("add", tell);
    informer.on("update", tell);
    informer.on("delete", tell);
    informer.on("connect", () => (requests += 1));
    informer.on("error", () => {
      if (stopped) return;
      // A failed start is an error of the watch, which starts again after another pause.
      setTimeout(() => void informer.start().catch(() => undefined), rest).unref();
    });
    return informer;
  };

  const caches = {
    pods: kind("/api/v1/pods", () => core.listPodForAllNamespaces()),
    events: kind("/api/v1/events", () => core.listEventForAllNamespaces()),
    claims: kind("/api/v1/persistentvolumeclaims", () => core.listPersistentVolumeClaimForAllNamespaces()),
    services: kind("/api/v1/services", () => core.listServiceForAllNamespaces()),
    deployments: kind("/apis/apps/v1/deployments", () => apps.listDeploymentForAllNamespaces()),
    replicaSets: kind("/apis/apps/v1/replicasets", () => apps.listReplicaSetForAllNamespaces()),
    slices: kind("/apis/discovery.k8s.io/v1/endpointslices", () => discovery.listEndpointSliceForAllNamespaces()),
    policies: kind("/apis/networking.k8s.io/v1/networkpolicies", () => networking.listNetworkPolicyForAllNamespaces()),
    namespaces: kind("/api/v1/namespaces", () => core.listNamespace()),
    nodes: kind("/api/v1/nodes", () => core.listNode()),
    storageClasses: kind("/apis/storage.k8s.io/v1/storageclasses", () => storage.listStorageClass()),
  };
  const all = Object.values(caches);
  await Promise.all(all.map((informer) => informer.start()));

  /** The last lines of a container that has ended: requested once for each end, and only if somebody is stuck. */
  function logOf(pod: V1Pod): Record<string, string> {
    const { name = "", namespace = "" } = pod.metadata ?? {};
    return Object.fromEntries(
      statusesOf(pod).flatMap(({ name: container, restartCount, lastState, state }) => {
        const ended = state?.terminated ?? lastState?.terminated;
        if (!ended) return [];
        const end = `${pod.metadata?.uid}/${container}/${restartCount}`;
        if (!logs.has(end)) {
          logs.set(end, "");
          requests += 1;
          const previous = !state?.terminated;
          inTime(core.readNamespacedPodLog({ name, namespace, container, previous, tailLines: 40 }))
            .then((log) => {
              logs.set(end, log);
              changed(namespace);
            })
            // The log is gone with its pod; the pod's status remains.
            .catch(() => undefined);
        }
        return [[`${name}/${container}`, logs.get(end) ?? ""]];
      }),
    );
  }

  return {
    factsOf: ({ namespace, nodePort }) => {
      const within = <T extends KubernetesObject>(cache: ObjectCache<T>) => [...cache.list(namespace)];
      const whole = <T extends KubernetesObject>(cache: ObjectCache<T>) => [...cache.list()];
      const pods = within(caches.pods);
      return {
        lab: { namespace, context, nodePort },
        pods,
        events: within(caches.events),
        claims: within(caches.claims),
        deployments: within(caches.deployments),
        replicaSets: within(caches.replicaSets),
        slices: within(caches.slices),
        policies: within(caches.policies),
        storageClasses: whole(caches.storageClasses),
        services: whole(caches.services),
        nodes: whole(caches.nodes),
        system: [...caches.pods.list("kube-system")],
        namespaces: whole(caches.namespaces).map(({ metadata }) => metadata?.name ?? ""),
        // No check needs their names, so they are not read.
        secrets: [],
        logs: Object.assign({}, ...pods.map(logOf)) as Record<string, string>,
      };
    },
    requests: () => requests,
    stop: async () => {
      stopped = true;
      await Promise.all(all.map((informer) => informer.stop()));
    },
  };
}
