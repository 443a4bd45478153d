import type {
  KubernetesObject,
  V1Container,
  V1Deployment,
  V1DeploymentSpec,
  V1NetworkPolicy,
  V1NetworkPolicySpec,
  V1Service,
  V1ServiceSpec,
} from "@kubernetes/client-node";
import { Result } from "../../../tools/checks/check";
import { Cluster, clusterOf } from "../../../tools/checks/facts/kubernetes";
import { targetOf } from "../../../tools/checks/target";
import { clusterApi } from "../../../tools/cluster/api";
import { settingsOf } from "../../../tools/stack/settings";
import { ownProfile, Settings } from "../../../config";
import { setting } from "../edits";
import { startCluster } from "../minikube";
import { Mutant, passes, titleOf } from "../mutants";
import { Environment } from "./environment";

/** The cluster: the one that `up` starts, or another one that runs already. */
const context = process.env.COURSE_LABS_TEST_CONTEXT ?? ownProfile;

/**
 * Which checks each of the two suites tries its wrong states on, at the same time as the other: what a namespace holds,
 * and what runs in it.
 */
export const tried = {
  objects: [
    ...["kubernetes.cluster", "kubernetes.claims", "kubernetes.chain", "kubernetes.single", "kubernetes.storage"],
    ...["kubernetes.services", "kubernetes.published", "kubernetes.isolated"],
  ],
  pods: [
    ...["kubernetes.mysql", "kubernetes.wordpress", "kubernetes.database", "kubernetes.page"],
    ...["kubernetes.heals", "kubernetes.survives"],
  ],
};

type Change<T> = (object: T) => void;

/** The lab on Kubernetes, up once for all its checks. */
export class KubernetesLab extends Environment {
  settings!: Settings;
  cluster!: Cluster;

  /** @param namespace one of the suite's own: others have labs in the same cluster */
  constructor(
    readonly namespace: string,
    private readonly nodePort: number,
  ) {
    super();
  }

  async up(): Promise<void> {
    if (context === ownProfile) await startCluster();
    const own = [
      setting("kubeContext", context),
      setting("kubernetesNamespace", this.namespace),
      setting("nodePort", this.nodePort),
    ];
    await this.provision(own, "kubernetes");
    this.settings = settingsOf("dev");
    this.cluster = await clusterOf(this.settings);
  }

  /** Looks as the command does; at another place than the lab's when that is wanted. */
  async look(drill = false, elsewhere: Partial<Settings> = {}, patience = 120_000): Promise<Result[]> {
    const at = { ...this.settings, ...elsewhere };
    const found = targetOf(at, Object.keys(elsewhere).length > 0 ? undefined : this.outputs, { labs: ["kubernetes"] });
    const target = { ...found, kubernetes: { ...found.kubernetes, patience } };
    const its = Object.keys(elsewhere).length > 0 ? await clusterOf(at) : this.cluster;
    return this.examine(target, { kubernetes: { seen: await its.look(), cluster: its } }, drill);
  }

  /** Waits until all is well. */
  async settled(): Promise<void> {
    // Where a quota allows no other pod, one check cannot look.
    const wrong = (results: Result[]) => results.filter(({ status }) => status !== "passed" && status !== "open");
    passes(
      wrong(
        await this.until(
          () => this.look(),
          (results) => wrong(results).length === 0,
          90,
        ),
      ),
    );
  }

  /**
   * Declares the tests of wrong states, some of them at once; they are looked at until they show, and undone until all is well
   * again.
   */
  wrong(tests: (Mutant | readonly Mutant[])[]): void {
    for (const mutants of tests) {
      it(titleOf(mutants), async () => {
        await this.shows(mutants, () => this.look(), 60);
        await this.settled();
      });
    }
  }

  api() {
    return clusterApi(this.settings);
  }

  /** Edits an object as `kubectl edit` does; returns what it was. */
  async edit<T extends KubernetesObject>(
    apiVersion: string,
    kind: string,
    name: string,
    change: Change<T>,
  ): Promise<T> {
    const { KubernetesObjectApi } = await import("@kubernetes/client-node");
    const objects = KubernetesObjectApi.makeApiClient(this.api().config);
    const header = { apiVersion, kind, metadata: { name, namespace: this.namespace } };
    for (let tries = 5; ; tries--) {
      const object = (await objects.read(header)) as unknown as T;
      const before = structuredClone(object);
      change(object);
      try {
        await objects.replace({ ...object, apiVersion, kind } as never);
        return before;
      } catch (error) {
        // Something else wrote to it between the two.
        if (tries === 0 || (error as { code?: number }).code !== 409) throw error;
      }
    }
  }

  /** A wrong state that is made by editing an object, and undone by giving it back what it had. */
  private edited<T extends KubernetesObject & { spec?: unknown }>(
    apiVersion: string,
    kind: string,
    name: string,
    change: Change<T>,
  ): Pick<Mutant, "make" | "undo"> {
    let before: T | undefined;
    return {
      make: async () => {
        before = await this.edit<T>(apiVersion, kind, name, change);
      },
      undo: async () => {
        if (before) await this.edit<T>(apiVersion, kind, name, (object) => (object.spec = before?.spec));
      },
    };
  }

  /** A wrong state of a Deployment. */
  deployment(name: string, change: Change<V1DeploymentSpec>) {
    return this.edited<V1Deployment>("apps/v1", "Deployment", name, ({ spec }) => change(spec!));
  }

  /** A wrong state of the one container of a Deployment's pods. */
  container(name: string, change: Change<V1Container>) {
    return this.deployment(name, (spec) => change(spec.template.spec!.containers[0]!));
  }

  /** A wrong state of the policy that keeps others away from MySQL. */
  policy(change: Change<V1NetworkPolicySpec>) {
    return this.edited<V1NetworkPolicy>("networking.k8s.io/v1", "NetworkPolicy", "mysql-ingress", ({ spec }) =>
      change(spec!),
    );
  }

  /** A wrong state of a Service. */
  service(name: string, change: Change<V1ServiceSpec>) {
    return this.edited<V1Service>("v1", "Service", name, ({ spec }) => change(spec!));
  }
}
