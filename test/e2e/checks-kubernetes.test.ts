import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { KubernetesObject, V1Deployment, V1PersistentVolumeClaim, V1Service } from "@kubernetes/client-node";
import { checksOf } from "../../checks";
import { Result, runChecks } from "../../checks/check";
import { Cluster, clusterOf } from "../../checks/kubernetes-facts";
import { chainOf } from "../../checks/kubernetes-objects";
import { live } from "../../checks/live";
import { targetOf } from "../../checks/target";
import { ask } from "../../cli/doctor";
import { ailments } from "../../doctor";
import { clusterApi } from "../../cli/cluster/api";
import { kubeconfigFiles } from "../../cli/cluster/kubeconfig";
import { settingsOf } from "../../cli/settings";
import { ownProfile, Settings } from "../../config";
import { Outputs } from "../../outputs";
import { clone, npmRun, remove } from "./harness";
import { startCluster } from "./minikube";
import { fails, Mutant, mutantTable, passes } from "./mutants";

/** The cluster: the one that `up` starts, or another one that runs already. */
const context = process.env.COURSE_LABS_TEST_CONTEXT ?? ownProfile;
const namespace = "ck-labs";
const nodePort = 30281;

const settingsText = `
  course-labs:prefix: ck-
  course-labs:kubeContext: ${context}
  course-labs:kubernetesNamespace: ${namespace}
  course-labs:nodePort: ${nodePort}
`;

/** Every check of the Kubernetes lab, against the real cluster. */
describe("npm run check, the lab on Kubernetes", () => {
  const here = process.cwd();
  const known = new Set<string>();
  let folder: string;
  let outputs: Partial<Outputs>;
  let settings: Settings;
  let cluster: Cluster;

  before(async () => {
    if (context === ownProfile) await startCluster();
    folder = clone();
    const file = join(folder, "Pulumi.dev.yaml");
    writeFileSync(
      file,
      readFileSync(file, "utf8").replace(/^config:\n/m, (config) => config + settingsText.slice(1)),
    );
    const { code, said } = await npmRun(folder, "up", ["--labs", "kubernetes"]);
    assert.equal(code, 0, said);
    outputs = JSON.parse((await npmRun(folder, "outputs", ["--json"])).stdout) as Partial<Outputs>;
    process.chdir(folder);
    settings = settingsOf("dev");
    cluster = await clusterOf(settings);
  });
  after(async () => {
    process.chdir(here);
    const { code, said } = await npmRun(folder, "destroy");
    assert.equal(code, 0, said);
    remove(folder);
  });

  /** Looks as the command does; at another place than the lab's when that is wanted. */
  async function look(drill = false, elsewhere: Partial<Settings> = {}, patience = 120_000): Promise<Result[]> {
    const at = { ...settings, ...elsewhere };
    const found = targetOf(at, Object.keys(elsewhere).length > 0 ? undefined : outputs, { labs: ["kubernetes"] });
    const target = { ...found, kubernetes: { ...found.kubernetes, patience } };
    const its = Object.keys(elsewhere).length > 0 ? await clusterOf(at) : cluster;
    const facts = { kubernetes: { seen: await its.look(), cluster: its } };
    const results = await runChecks(checksOf(target, facts, live), { drill });
    causes = async () => (await ailments(target, facts, results, ask)).map(({ cause }) => cause);
    return results;
  }
  /** What doctor makes of what was last looked at. */
  let causes: () => Promise<string[]>;
  /** Waits until what was changed has had its effect. */
  async function until(done: (results: Result[]) => boolean, seconds = 90): Promise<Result[]> {
    for (const deadline = Date.now() + seconds * 1000; ; await sleep(500)) {
      const results = await look();
      if (done(results) || Date.now() > deadline) return results;
    }
  }
  const settled = async () => passes(await until((results) => results.every(({ status }) => status === "passed")));
  const note = (results: Result[]) => {
    passes(results);
    for (const { id } of results) known.add(id);
  };

  type Change<T> = (object: T) => void;
  const api = () => clusterApi(settings);
  /** Edits an object as `kubectl edit` does; returns what it was. */
  async function edit<T extends KubernetesObject>(apiVersion: string, kind: string, name: string, change: Change<T>) {
    const { KubernetesObjectApi } = await import("@kubernetes/client-node");
    const objects = KubernetesObjectApi.makeApiClient(api().config);
    const header = { apiVersion, kind, metadata: { name, namespace } };
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
  function edited<T extends KubernetesObject & { spec?: unknown }>(
    apiVersion: string,
    kind: string,
    name: string,
    change: Change<T>,
  ) {
    let before: T | undefined;
    return {
      make: async () => {
        before = await edit<T>(apiVersion, kind, name, change);
      },
      undo: async () => {
        if (before) await edit<T>(apiVersion, kind, name, (object) => (object.spec = before?.spec));
      },
    };
  }
  const deployment = (name: string, change: Change<NonNullable<V1Deployment["spec"]>>) =>
    edited<V1Deployment>("apps/v1", "Deployment", name, ({ spec }) => change(spec!));
  const container = (name: string, change: Change<NonNullable<ReturnType<typeof containerOf>>>) =>
    deployment(name, (spec) => change(containerOf(spec)!));
  const containerOf = (spec: NonNullable<V1Deployment["spec"]>) => spec.template.spec?.containers[0];
  const service = (name: string, change: Change<NonNullable<V1Service["spec"]>>) =>
    edited<V1Service>("v1", "Service", name, ({ spec }) => change(spec!));
  const inSite = async (script: string) => {
    const seen = await cluster.look();
    assert.ok("facts" in seen);
    const pod = chainOf(seen.facts, "wordpress").pods[0]?.metadata?.name ?? "";
    assert.equal((await cluster.exec(pod, "wordpress", "sh", "-c", script)).code, 0);
  };

  /** Registers wrong states; each is looked at until it shows, and undone until all is well again. */
  const wrong = (mutants: Mutant[]) => {
    for (const mutant of mutants) {
      it(`${mutant.owner}: ${mutant.wrong}`, async () => {
        const shows = (results: Result[]) => {
          const bad = results.filter(({ status }) => status === "failed");
          return bad.length === 1 && bad[0]?.id === mutant.owner && "why" in bad[0] && mutant.why.test(bad[0].why.en);
        };
        await fails(
          mutant,
          () => until(shows, 60),
          () => causes(),
        );
        await settled();
      });
    }
  };

  it("all pass on what was provisioned, and as the by-hand edition", async () => {
    for (const args of [[], ["--by-hand"]]) {
      const { code, said, stdout } = await npmRun(folder, "check", ["--json", "--labs", "kubernetes", ...args]);
      assert.equal(code, 0, said);
      const { results, seconds } = JSON.parse(stdout) as { results: Result[]; seconds: number };
      note(results);
      assert.equal(results.length, 11);
      assert.ok(seconds < 10, `${seconds} s`);
    }
  });

  describe("the cluster", () => {
    const pointed = (wrong: string, why: RegExp, change: (config: string) => string) => {
      it(`kubernetes.cluster: ${wrong}`, async () => {
        const file = join(folder, ".pulumi", "kubeconfig-of-a-mutant");
        const { config } = api();
        writeFileSync(file, change(config.exportConfig()));
        const nothing = () => undefined;
        await fails(
          { owner: "kubernetes.cluster", wrong, why, doctor: "cluster unreachable", make: nothing, undo: nothing },
          () => look(false, { kubeconfig: file }),
          () => causes(),
        );
      });
    };
    it("kubernetes.cluster: a namespace ck-lab", () =>
      fails(
        {
          owner: "kubernetes.cluster",
          wrong: "a namespace ck-lab",
          why: /has no namespace ck-lab\. There are: .*ck-labs/,
          make: () => {},
          undo: () => {},
        },
        () => look(false, { kubernetesNamespace: "ck-lab" }),
      ));
    pointed("stopped: nothing answers", /does not answer: .*ECONNREFUSED/, (text) =>
      text.replaceAll(/https:\/\/[\d.]+:\d+/g, "https://127.0.0.1:9"),
    );
    pointed("a user whom it does not know", /does not answer: 401 Unauthorized/, (text) =>
      text.replace(/"user":\{"client[^}]*\}/, '"user":{"token":"nobody"}'),
    );
  });

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
        const { core } = api();
        await core.createNamespace({ body: { metadata: { name: other } } });
        for (const body of claims) await core.createNamespacedPersistentVolumeClaim({ namespace: other, body });
        for (const deadline = Date.now() + 30_000; Date.now() < deadline; await sleep(300)) {
          const { items } = await core.listNamespacedPersistentVolumeClaim({ namespace: other });
          if (items.every(({ spec, status }) => status?.phase === "Bound" || spec?.storageClassName === "standrad"))
            break;
        }
      },
      undo: async () => {
        const { core } = api();
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
        doctor: "no storage class",
        why: /Claim mysql-data has no volume.* no storage class "standrad"/,
        ...made(claim("mysql-data", { storageClassName: "standrad" }), claim("wordpress-data")),
      },
      {
        owner: "kubernetes.claims",
        wrong: "a claim mysql-dat",
        why: /There is no claim mysql-data\. There are: mysql-dat, wordpress-data/,
        ...made(claim("mysql-dat"), claim("wordpress-data")),
      },
      (() => {
        const all = made(claim("mysql-data"), claim("wordpress-data", {}, ["example.org/in-use"]));
        return {
          owner: "kubernetes.claims",
          wrong: "bound, but deleted while in use",
          why: /Claim wordpress-data is bound, but was deleted/,
          make: async () => {
            await all.make();
            await api().core.deleteNamespacedPersistentVolumeClaim({ namespace: other, name: "wordpress-data" });
          },
          undo: all.undo,
        };
      })(),
    ];
    for (const mutant of mutants) {
      it(`${mutant.owner}: ${mutant.wrong}`, () =>
        fails(
          mutant,
          () => look(false, { kubernetesNamespace: other, nodePort: 30282 }),
          () => causes(),
        ));
    }
  });

  describe("objects and services", () => {
    /** A Deployment that is deleted while what it made stays, as `kubectl delete --cascade=orphan` does. */
    const orphaned = (replicaSetToo: boolean): Pick<Mutant, "make" | "undo"> => {
      let body: V1Deployment | undefined;
      return {
        make: async () => {
          const { apps } = api();
          body = await apps.readNamespacedDeployment({ namespace, name: "wordpress" });
          await apps.deleteNamespacedDeployment({ namespace, name: "wordpress", propagationPolicy: "Orphan" });
          if (!replicaSetToo) return;
          for (const { metadata } of (await apps.listNamespacedReplicaSet({ namespace })).items) {
            if (metadata?.labels?.["app.kubernetes.io/name"] !== "wordpress") continue;
            await apps.deleteNamespacedReplicaSet({ namespace, name: metadata.name!, propagationPolicy: "Orphan" });
          }
        },
        undo: async () => {
          const { name, labels, annotations } = body!.metadata!;
          await api().apps.createNamespacedDeployment({
            namespace,
            body: { metadata: { name, labels, annotations }, spec: body?.spec },
          });
        },
      };
    };
    wrong([
      {
        owner: "kubernetes.chain",
        wrong: "a ReplicaSet without its Deployment: the page works",
        why: /There is no Deployment wordpress \(there are: mysql\)/,
        ...orphaned(false),
      },
      {
        owner: "kubernetes.chain",
        wrong: "a bare pod: the page works",
        why: /There is no Deployment wordpress/,
        ...orphaned(true),
      },
      {
        owner: "kubernetes.chain",
        wrong: "scaled to nothing",
        why: /Deployment wordpress wants 0 pods/,
        ...deployment("wordpress", (spec) => (spec.replicas = 0)),
      },
      {
        owner: "kubernetes.single",
        wrong: "two MySQL replicas",
        why: /MySQL has 2 replicas/,
        ...deployment("mysql", (spec) => (spec.replicas = 2)),
      },
      {
        owner: "kubernetes.single",
        wrong: "rolling update on a disk for one",
        why: /Deployment mysql has strategy RollingUpdate/,
        ...deployment("mysql", (spec) => (spec.strategy = { type: "RollingUpdate" })),
      },
      {
        owner: "kubernetes.single",
        wrong: "a second Deployment on MySQL's claim",
        why: /Deployment mysql-2 uses MySQL's claim, too/,
        make: async () => {
          const { apps } = api();
          const { spec } = await apps.readNamespacedDeployment({ namespace, name: "mysql" });
          const labels = { "app.kubernetes.io/name": "mysql-2" };
          const template = { ...spec!.template, metadata: { labels } };
          const second = { ...spec!, replicas: 0, selector: { matchLabels: labels }, template };
          await apps.createNamespacedDeployment({ namespace, body: { metadata: { name: "mysql-2" }, spec: second } });
        },
        undo: () => api().apps.deleteNamespacedDeployment({ namespace, name: "mysql-2" }),
      },
      {
        owner: "kubernetes.storage",
        wrong: "emptyDir instead of the claim",
        why: /\/var\/www\/html of WordPress is on emptyDir, not on claim wordpress-data/,
        ...deployment("wordpress", ({ template }) => (template.spec!.volumes = [{ name: "data", emptyDir: {} }])),
      },
      {
        owner: "kubernetes.storage",
        wrong: "the claim mounted one folder off",
        why: /\/var\/www\/html of WordPress is on no volume, not on claim wordpress-data, which is mounted at \/var\/www/,
        ...container("wordpress", (one) => (one.volumeMounts = [{ name: "data", mountPath: "/var/www/data" }])),
      },
      {
        owner: "kubernetes.storage",
        wrong: "the claim, read-only",
        why: /on claim wordpress-data, read-only/,
        ...container("wordpress", (one) => (one.volumeMounts![0]!.readOnly = true)),
      },
      {
        owner: "kubernetes.services",
        wrong: "a letter too few in the selector",
        doctor: "no endpoints",
        why: /Service mysql leads nowhere: no pod has the labels it selects \(.*name=mysq[,)]/,
        ...service("mysql", (spec) => (spec.selector!["app.kubernetes.io/name"] = "mysq")),
      },
      {
        owner: "kubernetes.services",
        wrong: "a selector that fits both",
        why: /Service wordpress leads to mysql-\S+, too/,
        ...service("wordpress", (spec) => {
          spec.selector = { "app.kubernetes.io/instance": namespace };
        }),
      },
      {
        owner: "kubernetes.services",
        wrong: "a port that nobody listens on",
        why: /Service wordpress leads to port 8080 of the pod; WordPress listens on 80/,
        ...service("wordpress", (spec) => (spec.ports![0]!.targetPort = 8080)),
      },
      {
        owner: "kubernetes.published",
        wrong: "the database on a node port",
        why: /Service mysql is a NodePort: the database can be reached from outside/,
        ...service("mysql", (spec) => (spec.type = "NodePort")),
      },
      {
        owner: "kubernetes.published",
        wrong: "WordPress inside the cluster only",
        why: /Service wordpress is a ClusterIP/,
        ...service("wordpress", (spec) => {
          spec.type = "ClusterIP";
          delete spec.ports![0]!.nodePort;
        }),
      },
      {
        owner: "kubernetes.published",
        wrong: "another node port",
        why: /is a NodePort with node port 30282, not a NodePort with 30281/,
        ...service("wordpress", (spec) => (spec.ports![0]!.nodePort = 30282)),
      },
    ]);
  });

  describe("what runs", () => {
    const env = (name: string, value: string) =>
      container(
        "wordpress",
        (one) => (one.env = one.env!.map((variable) => (variable.name === name ? { name, value } : variable))),
      );
    wrong([
      {
        owner: "kubernetes.mysql",
        wrong: "an image that does not exist",
        doctor: "image cannot be pulled",
        why: /MySQL does not start: its image mysql:9\.7\.22 cannot be pulled/,
        ...container("mysql", (one) => (one.image = "mysql:9.7.22")),
      },
      {
        owner: "kubernetes.mysql",
        wrong: "a flag that MySQL does not know",
        doctor: "crash loop",
        why: /MySQL starts and ends again/,
        ...container("mysql", (one) => one.args!.push("--no-such-flag")),
      },
      {
        owner: "kubernetes.mysql",
        wrong: "runs, but is asked as another user",
        why: /MySQL/,
        ...container("mysql", (one) => {
          const probe = {
            exec: { command: ["sh", "-c", "mysql --host=127.0.0.1 --user=nobody --execute='SELECT 1'"] },
          };
          Object.assign(one, { startupProbe: undefined, readinessProbe: probe, livenessProbe: undefined });
        }),
      },
      {
        owner: "kubernetes.wordpress",
        wrong: "an image that does not exist",
        why: /WordPress does not start: its image wordpress:7\.1\.00 cannot be pulled/,
        ...container("wordpress", (one) => (one.image = "wordpress:7.1.00")),
      },
      {
        owner: "kubernetes.wordpress",
        wrong: "a command that ends at once",
        why: /WordPress starts and ends again \(exit code 3\)/,
        ...container("wordpress", (one) => (one.args = ["sh", "-c", "exit 3"])),
      },
      {
        owner: "kubernetes.wordpress",
        wrong: "killed for memory: exit code 137",
        doctor: "out of memory",
        why: /WordPress .*memory/,
        ...container("wordpress", (one) => {
          one.args = ["php", "-d", "memory_limit=-1", "-r", "$a = []; while (true) $a[] = str_repeat('x', 1 << 20);"];
          one.resources = { limits: { memory: "48Mi" }, requests: { memory: "16Mi" } };
        }),
      },
      {
        owner: "kubernetes.database",
        wrong: "another password than the volume's",
        doctor: "wrong password",
        why: /MySQL error 1045/,
        ...env("WORDPRESS_DB_PASSWORD", "another"),
      },
      {
        owner: "kubernetes.database",
        wrong: "a database that the user may not use",
        why: /MySQL error 10(?:44|49)/,
        ...env("WORDPRESS_DB_NAME", "wordpress2"),
      },
      {
        owner: "kubernetes.database",
        wrong: "a host name of another namespace",
        why: /nothing answers at that host name \(MySQL error 2002\)/,
        ...env("WORDPRESS_DB_HOST", "mysql.default"),
      },
      {
        owner: "kubernetes.page",
        wrong: "a page that says WordPress, and is none",
        why: /is not WordPress: 200, "WordPress"/,
        make: () => inSite("mv index.php index.aside; echo '<title>WordPress</title> wp-content' > index.html"),
        undo: () => inSite("mv index.aside index.php; rm index.html"),
      },
      {
        owner: "kubernetes.page",
        wrong: "closed for maintenance",
        why: /answers with error 503|Nothing answers/,
        make: () => inSite("echo '<?php $upgrading = time();' > .maintenance"),
        undo: () => inSite("rm .maintenance"),
      },
      {
        owner: "kubernetes.page",
        wrong: "runs, but is never ready: no endpoint",
        why: /Nothing answers at .* WordPress runs, but is not ready/,
        ...container("wordpress", (one) =>
          Object.assign(one, { startupProbe: undefined, readinessProbe: { exec: { command: ["false"] } } }),
        ),
      },
    ]);
  });

  describe("drills", () => {
    it("pass, and say how long a new pod took", async () => {
      const results = await look(true);
      note(results);
      const heals = results.find(({ id }) => id === "kubernetes.heals");
      assert.ok(Number(heals?.evidence.seconds) > 0 && Number(heals?.evidence.seconds) < 60);
    });

    /** Wrong states that only show when a pod has gone. */
    const drilled = (mutants: Mutant[], patience: number) => {
      for (const mutant of mutants) {
        it(`${mutant.owner}: ${mutant.wrong}`, async () => {
          const make = async () => {
            await mutant.make();
            await settled();
          };
          await fails({ ...mutant, make }, () => look(true, {}, patience));
          await settled();
        });
      }
    };
    let secret: Record<string, string> | undefined;
    drilled(
      [
        {
          owner: "kubernetes.heals",
          wrong: "a quota of no pods",
          why: /no ready one in its place.*exceeded quota/,
          make: () =>
            api().core.createNamespacedResourceQuota({
              namespace,
              body: { metadata: { name: "none" }, spec: { hard: { pods: "0" } } },
            }),
          undo: async () => {
            await api().core.deleteNamespacedResourceQuota({ namespace, name: "none" });
            await afresh();
          },
        },
        {
          owner: "kubernetes.heals",
          wrong: "a limit range below what the pod needs",
          why: /no ready one in its place.*maximum memory usage per Container is 64Mi/,
          make: () =>
            api().core.createNamespacedLimitRange({
              namespace,
              body: { metadata: { name: "small" }, spec: { limits: [{ type: "Container", max: { memory: "64Mi" } }] } },
            }),
          undo: async () => {
            await api().core.deleteNamespacedLimitRange({ namespace, name: "small" });
            await afresh();
          },
        },
        {
          owner: "kubernetes.heals",
          wrong: "the Secret's key is gone: what runs still runs",
          why: /no ready one in its place/,
          make: async () => {
            const { core } = api();
            const found = await core.readNamespacedSecret({ namespace, name: "mysql" });
            secret = found.data;
            await core.replaceNamespacedSecret({ namespace, name: "mysql", body: { ...found, data: {} } });
          },
          undo: async () => {
            const { core } = api();
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
      edit<V1Deployment>("apps/v1", "Deployment", "wordpress", ({ spec }) => {
        spec!.template.metadata!.annotations = { at: new Date().toISOString() };
      });

    drilled(
      [
        {
          owner: "kubernetes.survives",
          wrong: "MySQL stores beside its claim",
          why: /What was stored before MySQL's pod ended is gone/,
          ...container("mysql", (one) => one.args!.push("--datadir=/tmp/database")),
        },
        {
          owner: "kubernetes.survives",
          wrong: "MySQL stores in an emptyDir beside its claim",
          why: /What was stored before MySQL's pod ended is gone/,
          ...deployment("mysql", ({ template }) => {
            template.spec!.volumes!.push({ name: "fast", emptyDir: {} });
            const [one] = template.spec!.containers;
            one!.volumeMounts!.push({ name: "fast", mountPath: "/fast" });
            one!.args!.push("--datadir=/fast/data");
          }),
        },
        {
          owner: "kubernetes.survives",
          wrong: "a container before MySQL's empties the claim",
          why: /What was stored before MySQL's pod ended is gone/,
          ...deployment("mysql", ({ template }) => {
            const [one] = template.spec!.containers;
            const { image, volumeMounts, securityContext } = one!;
            const command = ["sh", "-c", "rm -rf /var/lib/mysql/*"];
            template.spec!.initContainers = [{ name: "clean", image, volumeMounts, securityContext, command }];
          }),
        },
      ],
      120_000,
    );
  });

  describe("the mutant table", () => {
    it("every check was told from at least three wrong states", () => {
      assert.ok(kubeconfigFiles(settings.kubeconfig).length > 0);
      console.log(mutantTable([...known]));
    });
  });
});
