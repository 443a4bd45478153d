import {
  AppsV1Api,
  CoreV1Api,
  KubeConfig,
  KubernetesObject,
  KubernetesObjectApi,
  StorageV1Api,
} from "@kubernetes/client-node";
import { existsSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { KubernetesName } from "../../components/names";
import { unless } from "./answers";
import { ClusterChoice, kubeconfigFiles, readKubeconfig } from "./kubeconfig";

/** How long one question may take, in milliseconds. */
const patience = 15_000;

/** The Kubernetes API of a context's cluster. Loading this module takes 0.3 s, so it is imported where it is needed. */
export interface ClusterApi {
  /** Access to the cluster, for what has no place below. */
  config: KubeConfig;
  core: CoreV1Api;
  apps: AppsV1Api;
  storage: StorageV1Api;
  /** An object, or nothing when there is none. */
  read: <T extends KubernetesObject>(name: KubernetesName) => Promise<T | undefined>;
  /** Deletes an object, unless there is none. */
  remove: (name: KubernetesName) => Promise<void>;
}

/** @throws Error when the kubeconfig has no such context, or is none */
export function clusterApi({ kubeconfig, kubeContext }: ClusterChoice): ClusterApi {
  const config = new KubeConfig();
  for (const file of kubeconfigFiles(kubeconfig).filter((file) => existsSync(file))) {
    readKubeconfig(file);
    const more = new KubeConfig();
    more.loadFromFile(file);
    // As kubectl does: of two entries of a name the first counts.
    for (const cluster of more.clusters) if (!config.getCluster(cluster.name)) config.addCluster(cluster);
    for (const user of more.users) if (!config.getUser(user.name)) config.addUser(user);
    for (const context of more.contexts) if (!config.getContextObject(context.name)) config.addContext(context);
  }
  config.setCurrentContext(kubeContext);
  const objects = KubernetesObjectApi.makeApiClient(config);
  return {
    config,
    core: config.makeApiClient(CoreV1Api),
    apps: config.makeApiClient(AppsV1Api),
    storage: config.makeApiClient(StorageV1Api),
    read: async <T extends KubernetesObject>({ apiVersion, kind, namespace = "", name }: KubernetesName) =>
      orNothing(objects.read<T>({ apiVersion, kind, metadata: { name, namespace } })),
    remove: async ({ apiVersion, kind, namespace = "", name }) => {
      await orNothing(objects.delete({ apiVersion, kind, metadata: { name, namespace } }));
    },
  };
}

/** What a question finds, or nothing when there is no such thing. */
export const orNothing = <T>(question: Promise<T>) => unless(404, inTime(question));

/** The answer to a question, or an error when it takes too long: the library itself would wait for ever. */
export async function inTime<T>(question: Promise<T>): Promise<T> {
  const late = new AbortController();
  const timeout = sleep(patience, undefined, { signal: late.signal }).then(() => {
    throw new Error(`the cluster did not answer within ${patience / 1000} s`);
  });
  // Aborted when the answer is there first.
  timeout.catch(() => undefined);
  try {
    return await Promise.race([question, timeout]);
  } finally {
    late.abort();
  }
}
