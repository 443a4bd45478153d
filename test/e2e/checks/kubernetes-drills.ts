import assert from "node:assert/strict";
import type { V1Deployment } from "@kubernetes/client-node";
import { Mutant } from "../mutants";
import { atNight } from "../everything";
import { KubernetesLab } from "./kubernetes";

/** The drills: what is only seen when a pod goes. */
export const drillsChecks = (on: KubernetesLab) =>
  describe("drills", () => {
    const { namespace } = on;
    it("pass, and say how long a new pod took", async () => {
      const results = await on.look(true);
      on.note(results);
      const heals = results.find(({ id }) => id === "kubernetes.heals");
      assert.ok(Number(heals?.evidence.seconds) > 0 && Number(heals?.evidence.seconds) < 60);
    });

    /** Wrong states that only show when a pod has gone. */
    const drilled = (mutants: Mutant[], patience: number) => {
      for (const mutant of mutants) {
        it(`${mutant.owner}: ${mutant.wrong}`, async () => {
          const make = async () => {
            await mutant.make();
            await on.settled();
          };
          await on.fails(
            { ...mutant, make },
            () => on.look(true, {}, patience),
            () => on.settled(),
          );
          await on.settled();
        });
      }
    };
    let secret: Record<string, string> | undefined;
    drilled(
      [
        // The ReplicaSet tries again after longer and longer pauses.
        ...atNight({
          owner: "kubernetes.heals",
          wrong: "a quota of no pods",
          mends: /(kubectl \S+ \S+ \S+ \S+ describe resourcequotas).*: (npm run up .*)$/,
          next: /^Find out what is wrong \(.* describe resourcequotas\), fix it, then: /,
          byHand: () => on.api().core.deleteNamespacedResourceQuota({ namespace, name: "none" }),
          why: /no ready pod has replaced it.*exceeded quota/,
          make: () =>
            on.api().core.createNamespacedResourceQuota({
              namespace,
              body: { metadata: { name: "none" }, spec: { hard: { pods: "0" } } },
            }),
          undo: async () => {
            await on.api().core.deleteNamespacedResourceQuota({ namespace, name: "none" });
            await afresh();
          },
        }),
        {
          owner: "kubernetes.heals",
          wrong: "a limit range below what the pod needs",
          why: /no ready pod has replaced it.*maximum memory usage per Container is 64Mi/,
          make: () =>
            on.api().core.createNamespacedLimitRange({
              namespace,
              body: { metadata: { name: "small" }, spec: { limits: [{ type: "Container", max: { memory: "64Mi" } }] } },
            }),
          undo: async () => {
            await on.api().core.deleteNamespacedLimitRange({ namespace, name: "small" });
            await afresh();
          },
        },
        {
          owner: "kubernetes.heals",
          wrong: "the Secret's key is gone: what runs still runs",
          mends: true,
          next: /^Create it again: npm run up -- --labs kubernetes$/,
          why: /no ready pod has replaced it/,
          make: async () => {
            const { core } = on.api();
            const found = await core.readNamespacedSecret({ namespace, name: "mysql" });
            secret = found.data;
            await core.replaceNamespacedSecret({ namespace, name: "mysql", body: { ...found, data: {} } });
          },
          undo: async () => {
            const { core } = on.api();
            const found = await core.readNamespacedSecret({ namespace, name: "mysql" });
            await core.replaceNamespacedSecret({ namespace, name: "mysql", body: { ...found, data: secret } });
            await afresh();
          },
        },
      ],
      8000,
    );
    /** A new ReplicaSet pod now, not when Kubernetes tries again after a while. */
    const afresh = () =>
      on.edit<V1Deployment>("apps/v1", "Deployment", "wordpress", ({ spec }) => {
        spec!.template.metadata!.annotations = { at: new Date().toISOString() };
      });

    drilled(
      [
        {
          owner: "kubernetes.survives",
          wrong: "MySQL stores beside its claim",
          mends: true,
          next: /^kubectl \S+ \S+ \S+ \S+ delete deployment mysql; npm run up -- --labs kubernetes$/,
          why: /Data that was stored before MySQL's pod was deleted is gone/,
          ...on.container("mysql", (one) => one.args!.push("--datadir=/tmp/database")),
        },
        {
          owner: "kubernetes.survives",
          wrong: "MySQL stores in an emptyDir beside its claim",
          why: /Data that was stored before MySQL's pod was deleted is gone/,
          ...on.deployment("mysql", ({ template }) => {
            template.spec!.volumes!.push({ name: "fast", emptyDir: {} });
            const [one] = template.spec!.containers;
            one!.volumeMounts!.push({ name: "fast", mountPath: "/fast" });
            one!.args!.push("--datadir=/fast/data");
          }),
        },
        {
          owner: "kubernetes.survives",
          wrong: "a container before MySQL's empties the claim",
          why: /Data that was stored before MySQL's pod was deleted is gone/,
          ...on.deployment("mysql", ({ template }) => {
            const [one] = template.spec!.containers;
            const { image, volumeMounts, securityContext } = one!;
            // The pod before goes on writing until it has ended.
            const command = ["sh", "-c", "sleep 15; rm -rf /var/lib/mysql/*"];
            template.spec!.initContainers = [{ name: "clean", image, volumeMounts, securityContext, command }];
          }),
        },
      ],
      120_000,
    );
  });
