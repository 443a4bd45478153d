import assert from "node:assert/strict";
import { pulledImages } from "../../components/names";
import { ownProfile, parseSettings } from "../../config";
import { minikubeTool } from "../../tools/cluster/minikube";
import { loadImages } from "../../tools/cluster/node-images";
import { runningCluster } from "../../tools/cluster/running";
import { needImages, needPlugins } from "../../tools/install/toolchain";
import { run } from "./harness";

/** The context, profile and node that `npm run up` makes. */
export const context = ownProfile;

export const kubectl = (...args: string[]) => run("kubectl", "--context", context, ...args);
export const kubectlJson = <T>(...args: string[]) => JSON.parse(kubectl(...args, "--output", "json")) as T;

/** Makes `minikube` and `kubectl` commands of the tests. */
export const clusterTools = () => minikubeTool(true);

/** The cluster that `npm run up` would start, with the images of the lab in it; what runs already is used. */
export async function startCluster(): Promise<void> {
  const settings = parseSettings({ labs: ["kubernetes"] });
  const images = pulledImages(settings).map(({ image }) => image);
  await clusterTools();
  await needPlugins(["kubernetes"]);
  await needImages(images, true);
  await runningCluster(settings);
  await loadImages(settings, images);
}

/** Address of the node, as the cluster tells it. */
export const nodeAddress = () =>
  kubectl("get", "node", context, "--output", 'jsonpath={.status.addresses[?(@.type=="InternalIP")].address}');

/** What the tests look at of a pod. */
export interface Pod {
  metadata: { name: string; uid: string; deletionTimestamp?: string };
  spec: { containers: { image: string; resources: { limits: { memory: string } } }[] };
}

/** The one pod of a workload that is not on its way out. */
export function podOf(namespace: string, workload: string): Pod {
  const selector = `app.kubernetes.io/name=${workload}`;
  const { items } = kubectlJson<{ items: Pod[] }>("--namespace", namespace, "get", "pods", "--selector", selector);
  const live = items.filter(({ metadata }) => !metadata.deletionTimestamp);
  const [pod] = live;
  assert.ok(pod && live.length === 1, `${workload} has ${live.length} pods`);
  return pod;
}

/** Asks again until it is so. @param seconds after which it fails */
export async function until(so: () => boolean | Promise<boolean>, what: string, seconds: number): Promise<void> {
  const end = Date.now() + seconds * 1000;
  let last: unknown = "no";
  while (Date.now() < end) {
    try {
      if (await so()) return;
    } catch (error) {
      last = error;
    }
    await new Promise((resolve) => setTimeout(resolve, 500));
  }
  assert.fail(`not within ${seconds} s: ${what} (${String(last)})`);
}
