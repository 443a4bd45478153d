import { randomBytes } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import type { BatchV1Api, CoreV1Api, NetworkingV1Api, V1Job, V1Pod } from "@kubernetes/client-node";
import { messageOf } from "../../cluster/answers";
import { inTime, orNothing } from "../../cluster/api";
import { Said } from "./live";
import { Unreachable } from "./unreachable";

/** A temporary pod that belongs to nobody. */
export interface Guest {
  exec: (...command: string[]) => Promise<Said>;
  /** Forbids it to send anything, with a NetworkPolicy for this pod only. */
  silence: () => Promise<void>;
}

export class NoGuest extends Unreachable {}

/** How long a guest may take to start, and how long it lives if nobody removes it, in milliseconds. */
const patience = 10_000;
const stay = 30_000;

/** What a container waits for during a normal start. */
const starting = new Set(["ContainerCreating", "PodInitializing"]);

export interface GuestApis {
  namespace: string;
  core: CoreV1Api;
  batch: BatchV1Api;
  networking: NetworkingV1Api;
  exec: (pod: string, container: string, ...command: string[]) => Promise<Said>;
}

/**
 * Runs a pod with the image of another one on the same node, so nothing is pulled. Even the strictest namespace
 * accepts it. A Job creates it, which Kubernetes removes when its time is over, even if this process is gone.
 * @throws NoGuest where the cluster refuses the pod, or does not start it
 */
export async function withGuest<T>(apis: GuestApis, host: V1Pod, work: (guest: Guest) => Promise<T>): Promise<T> {
  const { namespace, core, batch, networking } = apis;
  const name = `course-labs-guest-${randomBytes(4).toString("hex")}`;
  const body = jobOf(name, host);
  const refused = (error: unknown) => Promise.reject(new NoGuest(messageOf(error)));
  // Tried first: a Job that may not create its pod would leave an Event behind.
  const pod = { ...body.spec!.template, metadata: body.metadata };
  await inTime(core.createNamespacedPod({ namespace, body: pod, dryRun: "All" })).catch(refused);
  const job = await inTime(batch.createNamespacedJob({ namespace, body })).catch(refused);

  const started = async (): Promise<string> => {
    for (const deadline = performance.now() + patience; ; await sleep(100)) {
      const labelSelector = `${guestLabel}=${name}`;
      const [pod] = (await inTime(core.listNamespacedPod({ namespace, labelSelector }))).items;
      const { running, waiting } = pod?.status?.containerStatuses?.[0]?.state ?? {};
      if (running) return pod?.metadata?.name ?? "";
      const stuck = waiting && !starting.has(waiting.reason ?? "") ? (waiting.message ?? waiting.reason) : undefined;
      const problem = pod?.status?.message ?? stuck;
      if (problem !== undefined) throw new NoGuest(problem);
      if (performance.now() > deadline) throw new NoGuest(`it did not start within ${patience / 1000} s`);
    }
  };

  try {
    const pod = await started();
    return await work({
      exec: (...command) => apis.exec(pod, "guest", ...command),
      silence: async () => {
        await inTime(networking.createNamespacedNetworkPolicy({ namespace, body: silenceOf(job) }));
      },
    });
  } finally {
    // Its pod and its policy are deleted with it. If this fails, its time is over soon.
    await orNothing(batch.deleteNamespacedJob({ namespace, name, propagationPolicy: "Background" })).catch(() => {});
  }
}

/** A label that no policy of the lab selects. */
const guestLabel = "app.kubernetes.io/name";

function jobOf(name: string, { spec }: V1Pod): V1Job {
  const labels = { [guestLabel]: name };
  return {
    metadata: { name, labels },
    spec: {
      backoffLimit: 0,
      activeDeadlineSeconds: (patience + stay) / 1000,
      ttlSecondsAfterFinished: 0,
      template: {
        metadata: { labels },
        spec: {
          nodeName: spec?.nodeName,
          imagePullSecrets: spec?.imagePullSecrets,
          restartPolicy: "Never",
          terminationGracePeriodSeconds: 0,
          automountServiceAccountToken: false,
          enableServiceLinks: false,
          securityContext: { runAsNonRoot: true, runAsUser: 65534, seccompProfile: { type: "RuntimeDefault" } },
          containers: [
            {
              name: "guest",
              image: spec?.containers[0]?.image,
              imagePullPolicy: "Never",
              command: ["sleep", String(stay / 1000)],
              securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: ["ALL"] } },
              // Set because a quota may require it.
              resources: { requests: { cpu: "10m", memory: "32Mi" }, limits: { cpu: "500m", memory: "64Mi" } },
            },
          ],
        },
      },
    },
  };
}

const silenceOf = ({ metadata, spec }: V1Job) => ({
  metadata: {
    name: metadata?.name,
    labels: metadata?.labels,
    ownerReferences: [{ apiVersion: "batch/v1", kind: "Job", name: metadata?.name ?? "", uid: metadata?.uid ?? "" }],
  },
  spec: { podSelector: { matchLabels: spec?.template.metadata?.labels }, policyTypes: ["Egress"] },
});
