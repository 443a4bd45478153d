import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { V1PersistentVolumeClaim } from "@kubernetes/client-node";
import { Mutant } from "../mutants";
import { KubernetesLab } from "./kubernetes";

/** Wrong clusters, and wrong namespaces: looked at from elsewhere, the lab stays as it is. */
export const clusterChecks = (on: KubernetesLab) =>
  describe("the cluster", () => {
    const { namespace } = on;
    const pointed = (
      wrong: string,
      why: RegExp,
      change: (config: string) => string | Promise<string>,
      doctor = "cluster unreachable",
    ) => {
      it(`kubernetes.cluster: ${wrong}`, async () => {
        const file = join(on.folder, ".pulumi", "kubeconfig-of-a-mutant");
        const { config } = on.api();
        writeFileSync(file, await change(config.exportConfig()));
        const nothing = () => undefined;
        await on.fails({ owner: "kubernetes.cluster", wrong, why, doctor, make: nothing, undo: nothing }, () =>
          on.look(false, { kubeconfig: file }),
        );
      });
    };
    it("kubernetes.cluster: a namespace ck-lab", () =>
      on.fails(
        {
          owner: "kubernetes.cluster",
          wrong: "a namespace ck-lab",
          why: /has no namespace ck-lab\. Existing namespaces: .*ck-labs/,
          make: () => {},
          undo: () => {},
        },
        () => on.look(false, { kubernetesNamespace: "ck-lab" }),
      ));
    pointed("stopped: nothing answers", /does not answer: .*ECONNREFUSED/, (text) =>
      text.replaceAll(/https:\/\/[\d.]+:\d+/g, "https://127.0.0.1:9"),
    );
    const withToken = (text: string, token: string) =>
      text.replace(/"user":\{"client[^}]*\}/, `"user":{"token":"${token}"}`);
    pointed("a user whom it does not know", /does not answer: 401 Unauthorized/, (text) => withToken(text, "nobody"));
    pointed(
      "a user who may not look",
      /has no permission to read what the checks need .*: 403 Forbidden/,
      async (text) => {
        const body = { spec: { audiences: [] } };
        const at = { namespace, name: "default", body };
        const { status } = await on.api().core.createNamespacedServiceAccountToken(at);
        return withToken(text, status?.token ?? "");
      },
      "access refused",
    );
    it("kubernetes.cluster: a node of another name", () =>
      on.fails(
        {
          owner: "kubernetes.cluster",
          wrong: "a node of another name",
          next: /^Set course-labs:kubeNode in the stack's file, for example: course-labs:kubeNode: \S+$/,
          why: /has no node no-such-node\. Existing nodes: \S+\./,
          make: () => {},
          undo: () => {},
        },
        () => on.look(false, { kubeNode: "no-such-node", kubernetesNamespace: namespace }),
      ));
  });

/** Wrong claims, in a namespace of their own: those of the lab hold its data. */
export const claimsChecks = (on: KubernetesLab) =>
  describe("claims", () => {
    const other = "ck-claims";
    const claim = (
      name: string,
      more: Partial<V1PersistentVolumeClaim["spec"]> = {},
      finalizers?: string[],
    ): V1PersistentVolumeClaim => ({
      metadata: { name, finalizers },
      spec: { accessModes: ["ReadWriteOnce"], resources: { requests: { storage: "16Mi" } }, ...more },
    });
    const made = (...claims: V1PersistentVolumeClaim[]) => ({
      make: async () => {
        const { core } = on.api();
        await core.createNamespace({ body: { metadata: { name: other } } });
        for (const body of claims) await core.createNamespacedPersistentVolumeClaim({ namespace: other, body });
        for (const deadline = Date.now() + 30_000; Date.now() < deadline; await sleep(300)) {
          const { items } = await core.listNamespacedPersistentVolumeClaim({ namespace: other });
          if (items.every(({ spec, status }) => status?.phase === "Bound" || spec?.storageClassName === "standrad"))
            break;
        }
      },
      undo: async () => {
        const { core } = on.api();
        for (const { metadata } of (await core.listNamespacedPersistentVolumeClaim({ namespace: other })).items) {
          const name = metadata?.name ?? "";
          const found = await core.readNamespacedPersistentVolumeClaim({ namespace: other, name });
          await core.replaceNamespacedPersistentVolumeClaim({
            namespace: other,
            name,
            body: { ...found, metadata: { ...found.metadata, finalizers: [] } },
          });
        }
        await core.deleteNamespace({ name: other });
        for (let there = true; there; await sleep(300)) {
          there = (await core.listNamespace()).items.some(({ metadata }) => metadata?.name === other);
        }
      },
    });
    const mutants: Mutant[] = [
      {
        owner: "kubernetes.claims",
        wrong: "pending: a class that does not exist",
        next: /^Enable the storage addons: minikube --profile \S+ addons enable default-storageclass, and: minikube --profile \S+ addons enable storage-provisioner\. Then run the command again\.$/,
        doctor: "no storage class",
        why: /Claim mysql-data has no volume.* no storage class "standrad"/,
        ...made(claim("mysql-data", { storageClassName: "standrad" }), claim("wordpress-data")),
      },
      {
        owner: "kubernetes.claims",
        wrong: "a claim mysql-dat",
        why: /There is no claim mysql-data\. Existing claims: mysql-dat, wordpress-data/,
        ...made(claim("mysql-dat"), claim("wordpress-data")),
      },
      (() => {
        const all = made(claim("mysql-data"), claim("wordpress-data", {}, ["example.org/in-use"]));
        return {
          owner: "kubernetes.claims",
          wrong: "bound, but deleted while in use",
          next: /^kubectl --context \S+ patch persistentvolume \S+ --patch '.*Retain.*'$/,
          why: /Claim wordpress-data is bound, but is being deleted/,
          make: async () => {
            await all.make();
            await on.api().core.deleteNamespacedPersistentVolumeClaim({ namespace: other, name: "wordpress-data" });
          },
          undo: all.undo,
        };
      })(),
    ];
    for (const mutant of mutants) {
      it(`${mutant.owner}: ${mutant.wrong}`, () =>
        on.fails(mutant, () => on.look(false, { kubernetesNamespace: other, nodePort: 30282 })));
    }
  });
