import {
  AdmissionregistrationV1Api,
  AppsV1Api,
  AuthorizationV1Api,
  BatchV1Api,
  CoreV1Api,
  KubeConfig,
  KubernetesObject,
  KubernetesObjectApi,
  StorageV1Api,
} from "@kubernetes/client-node";
import { existsSync } from "node:fs";
import { KubernetesName } from "../../components/names";
import { inTime, unless } from "./answers";
import { ClusterChoice, kubeconfigFiles, readKubeconfig } from "./kubeconfig";

export { inTime } from "./answers";

/** The Kubernetes API of a context. Loading this module takes 0.3 s, so it is imported only where it is needed. */
export interface ClusterApi {
  /** For APIs that are not listed below. */
  config: KubeConfig;
  core: CoreV1Api;
  apps: AppsV1Api;
  batch: BatchV1Api;
  admission: AdmissionregistrationV1Api;
  authorization: AuthorizationV1Api;
  storage: StorageV1Api;
  read: <T extends KubernetesObject>(name: KubernetesName) => Promise<T | undefined>;
  remove: (name: KubernetesName) => Promise<void>;
}

/** @throws Error if the kubeconfig is invalid or has no such context */
export function clusterApi({ kubeconfig, kubeContext }: ClusterChoice): ClusterApi {
  const config = new KubeConfig();
  for (const file of kubeconfigFiles(kubeconfig).filter((file) => existsSync(file))) {
    readKubeconfig(file);
    const more = new KubeConfig();
    more.loadFromFile(file);
    // As with kubectl, the first entry with a name is used.
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
    batch: config.makeApiClient(BatchV1Api),
    admission: config.makeApiClient(AdmissionregistrationV1Api),
    authorization: config.makeApiClient(AuthorizationV1Api),
    storage: config.makeApiClient(StorageV1Api),
    read: async <T extends KubernetesObject>({ apiVersion, kind, namespace = "", name }: KubernetesName) =>
      orNothing(objects.read<T>({ apiVersion, kind, metadata: { name, namespace } })),
    remove: async ({ apiVersion, kind, namespace = "", name }) => {
      await orNothing(objects.delete({ apiVersion, kind, metadata: { name, namespace } }));
    },
  };
}

/** The result of a request; undefined if the object does not exist. */
export const orNothing = <T>(question: Promise<T>) => unless(404, inTime(question));
