import assert from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";
import { NetworkingV1Api, V1Pod } from "@kubernetes/client-node";
import { chainOf } from "../../../tools/checks/labs/kubernetes-objects";
import { KubernetesLab } from "./kubernetes";
import { atNight } from "../everything";
import { maintenance, notWordPress } from "./wordpress";

/** The checks of what runs in the pods. */
export const podsChecks = (on: KubernetesLab) =>
  describe("what runs", () => {
    const { namespace } = on;
    const networking = () => on.api().config.makeApiClient(NetworkingV1Api);
    const env = (name: string, value: string) =>
      on.container(
        "wordpress",
        (one) => (one.env = one.env!.map((variable) => (variable.name === name ? { name, value } : variable))),
      );
    const inSite = async (script: string) => {
      const seen = await on.cluster.look();
      assert.ok("facts" in seen);
      const pod = chainOf(seen.facts, "wordpress").pods[0]?.metadata?.name ?? "";
      assert.equal((await on.cluster.exec(pod, "wordpress", "sh", "-c", script)).code, 0);
    };
    it("all pass beside a pod that is over and was replaced", async () => {
      const { core } = on.api();
      const seen = await on.cluster.look();
      assert.ok("facts" in seen);
      const name = chainOf(seen.facts, "wordpress").pods[0]?.metadata?.name ?? "";
      await on.edit<V1Pod>("v1", "Pod", name, ({ spec }) => (spec!.activeDeadlineSeconds = 1));
      const phase = async () => (await core.readNamespacedPod({ namespace, name })).status?.phase;
      for (const deadline = Date.now() + 60_000; (await phase()) !== "Failed"; await sleep(300)) {
        assert.ok(Date.now() < deadline, "the pod does not come to its end");
      }
      await on.settled();
      assert.equal(await phase(), "Failed");
      await core.deleteNamespacedPod({ namespace, name });
    });
    on.wrong([
      [
        {
          owner: "kubernetes.mysql",
          wrong: "an image that does not exist",
          mends: true,
          next: /^npm run up -- --labs kubernetes$/,
          doctor: "image cannot be pulled",
          why: /MySQL does not start: its image mysql:9\.7\.22 cannot be pulled/,
          ...on.container("mysql", (one) => (one.image = "mysql:9.7.22")),
        },
        {
          owner: "kubernetes.wordpress",
          wrong: "a command that ends at once",
          mends: true,
          flips: true,
          next: /delete deployment wordpress; npm run up -- --labs kubernetes$/,
          why: /WordPress starts and ends again \(exit code 3\)[^]*It runs another command than the image's own: sh -c exit 3/,
          ...on.container("wordpress", (one) => (one.args = ["sh", "-c", "exit 3"])),
        },
      ],
      [
        {
          owner: "kubernetes.mysql",
          wrong: "a flag that MySQL does not know",
          flips: true,
          mends: true,
          why: /MySQL starts and ends again/,
          ...on.container("mysql", (one) => one.args!.push("--no-such-flag")),
        },
        {
          owner: "kubernetes.wordpress",
          wrong: "an image that does not exist",
          mends: true,
          why: /WordPress does not start: its image wordpress:7\.1\.00 cannot be pulled/,
          ...on.container("wordpress", (one) => (one.image = "wordpress:7.1.00")),
        },
      ],
      [
        {
          owner: "kubernetes.mysql",
          wrong: "killed for memory: exit code 137",
          doctor: "out of memory",
          flips: true,
          mends: true,
          why: /^MySQL was killed \(exit code 137\)\. It needed more memory than its limit \(64Mi\)\./,
          ...on.container("mysql", (one) => {
            one.resources = { limits: { memory: "64Mi" }, requests: { memory: "16Mi" } };
          }),
        },
        {
          owner: "kubernetes.wordpress",
          wrong: "a node that is not there",
          mends: true,
          next: /^kubectl \S+ \S+ \S+ \S+ delete deployment wordpress; npm run up -- --labs kubernetes$/,
          why: /No node can run WordPress\. No node matches what the pod requires\./,
          ...on.deployment("wordpress", ({ template }) => (template.spec!.nodeSelector = { disk: "fast" })),
        },
      ],
      [
        {
          owner: "kubernetes.mysql",
          wrong: "runs, but is asked as another user",
          mends: true,
          why: /^MySQL runs, but is not ready\. It does not answer its probe yet\./,
          ...on.container("mysql", (one) => {
            const probe = {
              exec: { command: ["sh", "-c", "mysql --host=127.0.0.1 --user=nobody --execute='SELECT 1'"] },
            };
            Object.assign(one, { startupProbe: undefined, readinessProbe: probe, livenessProbe: undefined });
          }),
        },
      ],
      (["mysql", "wordpress"] as const).map((name) => ({
        owner: `kubernetes.${name}`,
        wrong: "no Secret with its password",
        mends: true,
        next: /^npm run up -- --labs kubernetes$/,
        why: /cannot be started\. A Secret or ConfigMap that it reads its settings from, or a key in it, is missing/,
        make: async () => {
          const { core } = on.api();
          if (name === "mysql") await core.deleteNamespacedSecret({ namespace, name: "mysql" });
          await core.deleteCollectionNamespacedPod({ namespace, labelSelector: `app.kubernetes.io/name=${name}` });
        },
        undo: () => name === "mysql" && assert.fail("the command mends it"),
      })),
      {
        owner: "kubernetes.database",
        wrong: "another password than the volume's",
        mends: /is deleted: (kubectl .*) – or start over .*\(posts and uploads are lost\): npm run destroy /,
        doctor: "wrong password",
        why: /MySQL error 1045/,
        ...env("WORDPRESS_DB_PASSWORD", "another"),
      },
      {
        owner: "kubernetes.database",
        wrong: "a database that the user may not use",
        mends: true,
        next: /^Fix WORDPRESS_DB_NAME of WordPress \(expected: the MYSQL_DATABASE of MySQL\)\. /,
        why: /MySQL error 10(?:44|49)/,
        ...env("WORDPRESS_DB_NAME", "wordpress2"),
      },
      {
        owner: "kubernetes.database",
        wrong: "a host name of another namespace",
        mends: true,
        next: /^Fix WORDPRESS_DB_HOST of WordPress \(expected: mysql\)\. /,
        why: /nothing answers at that host name \(MySQL error 2002\)/,
        ...env("WORDPRESS_DB_HOST", "mysql.default"),
      },
      {
        owner: "kubernetes.database",
        wrong: "a policy that lets in another pod than WordPress",
        mends: true,
        why: /\(MySQL error 2002\)\. NetworkPolicy mysql-ingress does not let WordPress in\.$/,
        next: /^npm run up -- --labs kubernetes$/,
        ...on.policy((spec) => {
          const selector = spec.ingress![0]!._from![0]!.podSelector!;
          selector.matchLabels!["app.kubernetes.io/name"] = "wordpres";
        }),
      },
      { owner: "kubernetes.page", mends: true, ...notWordPress(inSite) },
      ...atNight({
        owner: "kubernetes.page",
        wrong: "wp-config.php lost",
        mends: true,
        next: /^kubectl \S+ \S+ \S+ \S+ delete deployment wordpress; npm run up -- --labs kubernetes$/,
        why: /has lost its wp-config\.php/,
        make: () => inSite("rm wp-config.php"),
        undo: () => inSite("cp wp-config-docker.php wp-config.php"),
      }),
      ...atNight({
        owner: "kubernetes.page",
        wrong: "a policy that lets nobody in from outside",
        mends: true,
        next: /^kubectl \S+ \S+ \S+ \S+ delete networkpolicy closed$/,
        why: /NetworkPolicy closed lets nobody in from outside/,
        make: () =>
          networking().createNamespacedNetworkPolicy({
            namespace,
            body: {
              metadata: { name: "closed" },
              spec: {
                podSelector: { matchLabels: { "app.kubernetes.io/name": "wordpress" } },
                policyTypes: ["Ingress"],
              },
            },
          }),
        undo: () => networking().deleteNamespacedNetworkPolicy({ namespace, name: "closed" }),
      }),
      { owner: "kubernetes.page", ...maintenance(inSite, /answers with error 503|Nothing answers/) },
      {
        owner: "kubernetes.page",
        wrong: "runs, but is never ready: no endpoint",
        mends: true,
        next: /^npm run up -- --labs kubernetes$/,
        why: /Nothing answers at .* WordPress runs, but is not ready/,
        ...on.container("wordpress", (one) =>
          Object.assign(one, { startupProbe: undefined, readinessProbe: { exec: { command: ["false"] } } }),
        ),
      },
    ]);
  });
