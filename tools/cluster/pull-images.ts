import { randomBytes } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import type { V1DaemonSet, V1Job, V1Node } from "@kubernetes/client-node";
import { pulledImages } from "../../components/names";
import { Settings } from "../../config";
import { Text } from "../../text";
import { brief, statusesOf } from "../causes/objects";
import { imageReasons, imageSettings, pullProblem } from "../causes/pulls";
import { imagesOf, lacking } from "../docker/image-names";
import { Interrupted, unbroken } from "../terminal/interruption";
import { say } from "../terminal/language";
import { inTime, messageOf, unless } from "./answers";
import { readerOf } from "./get";
import type { ClusterApi } from "./api";

/** How long the nodes may take, in seconds. After that, Kubernetes removes the objects even if this process is gone. */
const patience = 1800;

/** A namespace that every cluster has: those of the class do not exist yet. */
const namespace = "default";

export const toPull = (nodes: readonly V1Node[], images: readonly string[]): string[] =>
  nodes
    .filter(({ spec }) => !spec?.unschedulable && !spec?.taints?.some(({ effect }) => effect !== "PreferNoSchedule"))
    .reduce<string[]>((found, node) => [...new Set([...found, ...lacking(images, imagesOf(node))])], []);

const label = "app.kubernetes.io/name";

/** A pod that has images and does nothing with them. Even the strictest namespace accepts it. */
const podOf = (name: string, [last, ...others]: readonly string[], restartPolicy: string) => {
  const container = (image: string | undefined, i: number, ...command: string[]) => ({
    ...{ name: `image-${i}`, image, command },
    securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: ["ALL"] } },
    // Set because a quota may require it.
    resources: { requests: { cpu: "10m", memory: "16Mi" }, limits: { cpu: "100m", memory: "64Mi" } },
  });
  return {
    metadata: { labels: { [label]: name } },
    spec: {
      restartPolicy,
      terminationGracePeriodSeconds: 0,
      automountServiceAccountToken: false,
      enableServiceLinks: false,
      securityContext: { runAsNonRoot: true, runAsUser: 65534, seccompProfile: { type: "RuntimeDefault" } },
      initContainers: others.map((image, i) => container(image, i + 1, "true")),
      containers: [container(last, 0, "sleep", "infinity")],
    },
  };
};

/** A Job without pods: when its time is over, Kubernetes removes it, and with it what it owns. */
export const timeLimit = (name: string, images: readonly string[], seconds = patience): V1Job => ({
  metadata: { name, labels: { [label]: name } },
  spec: {
    parallelism: 0,
    activeDeadlineSeconds: seconds,
    ttlSecondsAfterFinished: 0,
    template: podOf(name, images, "Never"),
  },
});

/** A pod on every node, with the images that the node is to pull. */
export const onEveryNode = (name: string, images: readonly string[], owner: V1Job): V1DaemonSet => ({
  metadata: {
    name,
    labels: { [label]: name },
    ownerReferences: [{ apiVersion: "batch/v1", kind: "Job", name, uid: owner.metadata?.uid ?? "" }],
  },
  spec: { selector: { matchLabels: { [label]: name } }, template: podOf(name, images, "Always") },
});

/** Waits for the nodes. @returns why one of them cannot have an image; nothing where all have them, or we are to stop */
async function pulled(
  { core, apps }: Pick<ClusterApi, "core" | "apps" | "batch">,
  name: string,
  stop: AbortSignal,
  tell: (ready: number, wanted: number) => void,
  pause: number,
): Promise<{ image: string; node: string; said: string } | undefined> {
  const messages = new Map<string, string>();
  for (const deadline = performance.now() + patience * 1000; !stop.aborted; await sleep(pause)) {
    const { status } = await inTime(apps.readNamespacedDaemonSetStatus({ name, namespace }));
    const { desiredNumberScheduled: wanted = 0, numberReady: ready = 0, observedGeneration } = status ?? {};
    if (observedGeneration !== undefined) {
      tell(ready, wanted);
      if (ready >= wanted) return undefined;
    }
    const { items } = await inTime(core.listNamespacedPod({ namespace, labelSelector: `${label}=${name}` }));
    for (const pod of items) {
      for (const { image, state } of statusesOf(pod)) {
        const { reason = "", message = "" } = state?.waiting ?? {};
        if (!imageReasons.includes(reason)) continue;
        // The back-off may not contain the reason, but the failure before it does. A back-off alone may be temporary.
        const said = [messages.get(image), `${reason} ${message}`].filter(Boolean).join(" ");
        messages.set(image, said);
        if (reason !== "ErrImagePull") return { image, node: pod.spec?.nodeName ?? "", said };
      }
    }
    if (performance.now() > deadline)
      throw new Error(`${ready} of ${wanted} nodes were ready after ${patience / 60} min`);
  }
  return undefined;
}

/**
 * Makes every node of a cluster pull images, with a DaemonSet that is removed when all have them.
 * @param tell told how many nodes have them, of how many
 * @param pause between two looks, in milliseconds
 * @returns what is wrong where a node cannot have one
 * @throws Error with what the cluster says, where it does not take the DaemonSet
 */
export async function pullEverywhere(
  apis: Pick<ClusterApi, "core" | "apps" | "batch">,
  images: readonly string[],
  { kubeContext: context }: Pick<Settings, "kubeContext">,
  stop: AbortSignal,
  tell: (ready: number, wanted: number) => void = () => undefined,
  pause = 1000,
): Promise<Text | undefined> {
  const { apps, batch } = apis;
  const name = `course-labs-images-${randomBytes(4).toString("hex")}`;
  const job = await inTime(batch.createNamespacedJob({ namespace, body: timeLimit(name, images) }));
  try {
    await inTime(apps.createNamespacedDaemonSet({ namespace, body: onEveryNode(name, images, job) }));
    const failed = await pulled(apis, name, stop, tell, pause);
    if (!failed) return undefined;
    const { image, node, said } = failed;
    const { why, next } = pullProblem(said, { image, written: imageSettings, make: "npm run up", context });
    return {
      en: `Node ${node} cannot pull ${image}. ${why.en} ${next.en}\n    ${brief(said)}`,
      ko: `${node} 노드가 ${image} 이미지를 내려받을 수 없습니다. ${why.ko} ${next.ko}\n    ${brief(said)}`,
    };
  } finally {
    const gone = { name, namespace, propagationPolicy: "Background" };
    // The DaemonSet and its pods are deleted with it. If this fails, Kubernetes deletes it when its time is over.
    await unless(404, inTime(batch.deleteNamespacedJob(gone))).catch(() => undefined);
  }
}

/** Pulls the images of a class in advance, because its students together could exceed a registry's limit. */
export async function pullOnNodes(settings: Settings): Promise<void> {
  const get = await readerOf(settings);
  const nodes = await unless(403, get?.<{ items: V1Node[] }>("/api/v1/nodes") ?? Promise.resolve({ items: [] }));
  const wanted = pulledImages(settings).flatMap(({ image, puller }) => (puller === "cluster" ? [image] : []));
  const images = nodes ? toPull(nodes.items, wanted) : [...new Set(wanted)];
  if (images.length === 0) return;
  const names = images.join(", ");
  say({ en: `Pulling ${names} on every node …`, ko: `모든 노드에서 이미지를 내려받는 중: ${names} …` });
  const begun = performance.now();
  const seconds = () => Math.round((performance.now() - begun) / 1000);
  let told = 0;
  const tell = (ready: number, wanted: number) => {
    if (performance.now() - begun < (told + 1) * 20_000) return;
    told += 1;
    say({
      en: `  … ${ready} of ${wanted} nodes have them (${seconds()} s)`,
      ko: `  … 노드 ${wanted}개 중 ${ready}개 완료 (${seconds()}초)`,
    });
  };
  const stopping = { en: "\nStopping: no more images are pulled.", ko: "\n중단합니다. 이미지를 더 내려받지 않습니다." };
  const problem = await unbroken(
    async (stop) => {
      const { clusterApi } = await import("./api");
      return pullEverywhere(clusterApi(settings), images, settings, stop, tell);
    },
    () => [],
    stopping,
  ).catch((error: unknown): Text => {
    if (error instanceof Interrupted) throw error;
    const said = messageOf(error);
    return {
      en: `The images could not be pulled in advance: ${said}`,
      ko: `이미지를 미리 내려받지 못했습니다: ${said}`,
    };
  });
  if (!problem) return say({ en: `  pulled (${seconds()} s)`, ko: `  내려받았습니다 (${seconds()}초)` });
  say({
    en: `  ! ${problem.en}\n  Continuing: each node pulls them when a pod needs them.`,
    ko: `  ! ${problem.ko}\n  파드가 이미지를 사용할 때 노드가 내려받도록 하고 계속합니다.`,
  });
}
