import { PassThrough } from "node:stream";
import type {
  V1Deployment,
  V1EndpointSlice,
  V1NetworkPolicy,
  V1Pod,
  V1ReplicaSet,
  V1Secret,
  V1Status,
} from "@kubernetes/client-node";
import { clusterApi, inTime, orNothing } from "../../cluster/api";
import { labObjects } from "../../cluster/diagnose";
import { Settings } from "../../../config";
import { LabObjects } from "../../causes/objects";
import { Guest, withGuest } from "./kubernetes-guest";
import { Said } from "./live";
import { outside, Unreachable, unreachableIn } from "./unreachable";

/** The objects of the lab in its namespace and around it, at one moment. */
export interface KubernetesFacts extends LabObjects {
  /** Whether the namespace exists; the lists are empty when not. */
  namespaces: string[];
  deployments: V1Deployment[];
  replicaSets: V1ReplicaSet[];
  slices: V1EndpointSlice[];
  policies: V1NetworkPolicy[];
  /** Names only: no check needs their contents. */
  secrets: string[];
}

export type Seen = { facts: KubernetesFacts } | { problem: Unreachable };

/** Asks the cluster. @throws Unreachable with what it says, in a line */
async function asked<T>(question: () => Promise<T>): Promise<T> {
  return outside(async () => {
    try {
      return await question();
    } catch (error) {
      // The library's errors have the status.
      if ((error as { code?: unknown }).code !== 403) throw error;
      throw new Unreachable("403 Forbidden", { refused: true, cause: error });
    }
  }, reasonOf);
}

function reasonOf(error: unknown): string {
  const { message, code } = error as Partial<Error> & { code?: number | string };
  if (code === 401) return "401 Unauthorized";
  return typeof code === "string" ? code : ((message ?? String(error)).split("\n")[0] ?? "");
}

/** The cluster as the checks use it. Each function throws {@link Unreachable} if it fails. */
export interface Cluster {
  look: () => Promise<Seen>;
  /** Runs a command in a container of a pod of the lab. */
  exec: (pod: string, container: string, ...command: string[]) => Promise<Said>;
  deletePod: (pod: string) => Promise<void>;
  /** Has another pod beside one of the lab's, for as long as the work with it takes. @throws NoGuest where there can be none */
  beside: <T>(pod: V1Pod, work: (guest: Guest) => Promise<T>) => Promise<T>;
}

/** A placeholder for a cluster without access. */
export const noCluster = (problem: Unreachable): Cluster => ({
  look: () => Promise.resolve({ problem }),
  exec: () => Promise.reject(problem),
  deletePod: () => Promise.reject(problem),
  beside: () => Promise.reject(problem),
});

/** The real cluster of a context, or one that says why there is no access to it. */
export const clusterOf = (settings: Settings): Promise<Cluster> =>
  outside(() => reach(settings)).catch((error: unknown) => noCluster(unreachableIn(error)));

async function reach(settings: Settings): Promise<Cluster> {
  const { kubernetesNamespace: namespace } = settings;
  // Takes a third of a second to load, and is needed for this lab only.
  const { BatchV1Api, DiscoveryV1Api, Exec, NetworkingV1Api } = await import("@kubernetes/client-node");
  const { config, core, apps } = clusterApi(settings);
  const discovery = config.makeApiClient(DiscoveryV1Api);
  const networking = config.makeApiClient(NetworkingV1Api);

  async function facts(): Promise<KubernetesFacts> {
    const [objects, namespaces, deployments, replicaSets, slices, policies, secrets] = await Promise.all([
      labObjects(settings),
      inTime(core.listNamespace()),
      inTime(apps.listNamespacedDeployment({ namespace })),
      inTime(apps.listNamespacedReplicaSet({ namespace })),
      inTime(discovery.listNamespacedEndpointSlice({ namespace })),
      inTime(networking.listNamespacedNetworkPolicy({ namespace })),
      inTime(core.listNamespacedSecret({ namespace })),
    ]);
    return {
      ...objects,
      namespaces: namespaces.items.map(({ metadata }) => metadata?.name ?? ""),
      deployments: deployments.items,
      replicaSets: replicaSets.items,
      slices: slices.items,
      policies: policies.items,
      secrets: secrets.items.map(({ metadata }: V1Secret) => metadata?.name ?? ""),
    };
  }

  const exec: Cluster["exec"] = (pod, container, ...command) =>
    asked(() => inTime(run(new Exec(config), namespace, pod, container, command)));

  return {
    look: () =>
      asked(facts).then(
        (facts) => ({ facts }),
        (error: unknown) => ({ problem: unreachableIn(error) }),
      ),
    exec,
    deletePod: async (pod) => {
      await asked(() => orNothing(core.deleteNamespacedPod({ namespace, name: pod })));
    },
    beside: (pod, work) =>
      asked(() => withGuest({ namespace, core, batch: config.makeApiClient(BatchV1Api), networking, exec }, pod, work)),
  };
}

/** The exit code of a command, from how the API says that it ended; undefined if it could not be run. */
export function exitCodeOf({ status, details }: V1Status): number | undefined {
  if (status === "Success") return 0;
  const code = details?.causes?.find(({ reason }) => reason === "ExitCode")?.message;
  return code === undefined ? undefined : Number(code);
}

/** @see https://kubernetes.io/docs/tasks/debug/debug-application/get-shell-running-container/ */
async function run(
  exec: InstanceType<typeof import("@kubernetes/client-node").Exec>,
  ...[namespace, pod, container, command]: [string, string, string, string[]]
): Promise<Said> {
  let [stdout, stderr] = ["", ""];
  const out = new PassThrough().on("data", (data: Buffer) => (stdout += data.toString()));
  const err = new PassThrough().on("data", (data: Buffer) => (stderr += data.toString()));
  return new Promise((resolve, reject) => {
    exec
      .exec(namespace, pod, container, command, out, err, null, false, (status) => {
        const code = exitCodeOf(status);
        if (code === undefined) reject(new Error(status.message ?? "the cluster could not run it"));
        else resolve({ code, stdout, stderr });
      })
      .catch(reject);
  });
}
