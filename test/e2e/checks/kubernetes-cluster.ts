import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { V1PersistentVolumeClaim } from "@kubernetes/client-node";
import { manifest } from "../../../tools/causes/edition";
import { Result } from "../../../tools/checks/check";
import { settingsOf } from "../../../tools/stack/settings";
import { edit } from "../edits";
import { Mutant, passes } from "../mutants";
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
    it("kubernetes.cluster: a node of another name", () => {
      let kubeNode = "no-such-node";
      const look = () => on.look(false, { kubeNode, kubernetesNamespace: namespace });
      const mutant: Mutant = {
        owner: "kubernetes.cluster",
        wrong: "a node of another name",
        mends: (text) => {
          const [, line] =
            /^Set course-labs:kubeNode in the stack's file, for example: (course-labs:kubeNode: \S+)$/.exec(text)!;
          const asBefore = edit(on.folder, [["Pulumi.dev.yaml", /^config:/m, `config:\n  ${line}`]]);
          ({ kubeNode } = settingsOf("dev"));
          asBefore();
        },
        why: /has no node no-such-node\. Existing nodes: \S+\./,
        make: () => {},
        undo: () => {},
      };
      return on.fails(mutant, look, async () => passes(await look()));
    });
  });

/** Wrong claims, in a namespace of their own: those of the lab hold its data. */
export const claimsChecks = (on: KubernetesLab) =>
  describe("claims", () => {
    const other = "ck-claims";
    const claim = (name: string, storageClassName?: string): V1PersistentVolumeClaim => ({
      metadata: { name },
      spec: { accessModes: ["ReadWriteOnce"], resources: { requests: { storage: "16Mi" } }, storageClassName },
    });
    const made = (...claims: V1PersistentVolumeClaim[]) => ({
      make: async () => {
        const { core } = on.api();
        await core.createNamespace({ body: { metadata: { name: other } } });
        for (const body of claims) await core.createNamespacedPersistentVolumeClaim({ namespace: other, body });
        for (const deadline = Date.now() + 30_000; Date.now() < deadline; await sleep(300)) {
          const { items } = await core.listNamespacedPersistentVolumeClaim({ namespace: other });
          const waits = ({ spec, status }: V1PersistentVolumeClaim) =>
            status?.phase !== "Bound" && !["", "standrad"].includes(spec?.storageClassName ?? "standard");
          if (!items.some(waits)) break;
        }
      },
      undo: () => {},
      after: async () => {
        const { core } = on.api();
        await core.deleteNamespace({ name: other });
        for (let there = true; there; await sleep(300)) {
          there = (await core.listNamespace()).items.some(({ metadata }) => metadata?.name === other);
        }
      },
    });
    /** The definition that a person corrects is the file that the step has applied. */
    const corrected = () => {
      const claims = ["mysql-data", "wordpress-data"].map((name) => claim(name));
      const items = claims.map(({ metadata, spec }) => ({
        ...{ apiVersion: "v1", kind: "PersistentVolumeClaim" },
        ...{ metadata: { ...metadata, namespace: other }, spec },
      }));
      writeFileSync(join(on.folder, manifest), JSON.stringify({ apiVersion: "v1", kind: "List", items }));
    };
    const dropped = /\((kubectl .* delete persistentvolumeclaim mysql-data)\), .*: (kubectl .* apply --filename \S+)$/;
    const bound = { owner: "kubernetes.claims", byHand: corrected };
    const mutants: Mutant[] = [
      {
        ...bound,
        wrong: "pending: a class that does not exist",
        mends: dropped,
        next: /correct its storageClassName or remove that line/,
        doctor: "no storage class",
        why: /Claim mysql-data has no volume.* no storage class "standrad"/,
        ...made(claim("mysql-data", "standrad"), claim("wordpress-data")),
      },
      {
        ...bound,
        wrong: "pending: no class, and no volume that fits",
        mends: dropped,
        doctor: "no volume",
        why: /Claim mysql-data has no volume.* Its storageClassName is ""/,
        ...made(claim("mysql-data", ""), claim("wordpress-data")),
      },
      {
        ...bound,
        wrong: "a claim mysql-dat",
        mends: true,
        why: /There is no claim mysql-data\. Existing claims: mysql-dat, wordpress-data/,
        ...made(claim("mysql-dat"), claim("wordpress-data")),
      },
    ];
    for (const mutant of mutants) {
      it(`${mutant.owner}: ${mutant.wrong}`, async () => {
        const asBefore = readFileSync(join(on.folder, manifest), "utf8");
        const look = () => on.look(false, { kubernetesNamespace: other, nodePort: 30282 });
        const ofClaims = (results: Result[]) => results.find(({ id }) => id === mutant.owner)!;
        const well = async () => {
          for (const deadline = Date.now() + 30_000; Date.now() < deadline; await sleep(300)) {
            if (ofClaims(await look()).status === "passed") break;
          }
          passes([ofClaims(await look())]);
        };
        try {
          await on.fails(mutant, look, well);
        } finally {
          writeFileSync(join(on.folder, manifest), asBefore);
        }
      });
    }
  });
