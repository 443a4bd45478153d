import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import * as auto from "@pulumi/pulumi/automation";
import { parseSettings } from "../../config";
import { context, kubectl, startCluster } from "./minikube";
import {
  byUrn,
  diagnostics,
  Project,
  Properties,
  Recorded,
  recordedErrors,
  recordedPreviews,
  recording,
  resourcesOf,
  secretKey,
  Step,
  stepsInto,
} from "./recordings";

// Runs the recorded program again, with the stand-in plugin on PATH, a real engine and a real cluster, and holds what it
// did against what the original did (test/fixtures/recordings). Everything here is in namespaces called standin-….

const { mysqlImage, wordpressImage } = parseSettings({ labs: ["kubernetes"] });
const namespaces = { recorded: "standin-wordpress", other: "standin-other", errors: "standin-errors" };
const nodePort = 31980;
const pause = "registry.k8s.io/pause:3.10";
const passwords = { password: "a-password-of-24-letters", "root-password": "another-one-of-24-letter" };

const inNamespace = ["--namespace", namespaces.recorded];
const node = () => kubectl("get", "nodes", "--output", "jsonpath={.items[0].metadata.name}");

function removeEverything() {
  const names = Object.values(namespaces);
  kubectl("delete", "namespace", "--ignore-not-found", "--wait", ...names);
}

interface Changes {
  image?: string;
  storage?: string;
  accessMode?: string;
  nodePort?: number;
  type?: string;
  password?: string;
  namespace?: string;
  selector?: string;
  replicas?: number;
  timeout?: string;
}

const onCluster = () => ({ provider: new k8s.Provider("cluster", { context }) });

/** The program of the recordings, and its changes. */
const recorded =
  (changes: Changes = {}): auto.PulumiFn =>
  async () => {
    const opts = {
      ...onCluster(),
      customTimeouts: { create: changes.timeout ?? "3m", update: changes.timeout ?? "3m" },
    };
    const name = node();
    k8s.core.v1.Node.get("minikube", name, opts);
    const wp = new k8s.core.v1.Namespace("wp", { metadata: { name: changes.namespace ?? namespaces.recorded } }, opts);
    const namespace = wp.metadata.name;
    const secret = new k8s.core.v1.Secret(
      "db",
      {
        metadata: { name: "mysql", namespace },
        stringData: pulumi.secret(
          changes.password ? { password: changes.password, "root-password": changes.password } : passwords,
        ),
      },
      opts,
    );
    const claim = (of: string) =>
      new k8s.core.v1.PersistentVolumeClaim(
        `${of}-data`,
        {
          metadata: { name: `${of}-data`, namespace },
          spec: {
            accessModes: [changes.accessMode ?? "ReadWriteOnce"],
            resources: { requests: { storage: changes.storage ?? "1Gi" } },
          },
        },
        opts,
      );
    const [wordpressData, mysqlData] = [claim("wordpress"), claim("mysql")];
    const database = new k8s.core.v1.Service(
      "mysql",
      {
        metadata: { name: "mysql", namespace, labels: { app: "mysql" } },
        spec: { clusterIP: "None", selector: { app: "mysql" }, ports: [{ port: 3306 }] },
      },
      opts,
    );
    const fromSecret = (name: string, key: string) => ({
      name,
      valueFrom: { secretKeyRef: { name: secret.metadata.name, key } },
    });
    const workload = (
      of: string,
      data: k8s.core.v1.PersistentVolumeClaim,
      mountPath: string,
      container: Partial<k8s.types.input.core.v1.Container>,
      spec: Partial<k8s.types.input.apps.v1.DeploymentSpec> = {},
    ) =>
      new k8s.apps.v1.Deployment(
        of,
        {
          metadata: { name: of, namespace, labels: { app: of } },
          spec: {
            selector: { matchLabels: { app: of } },
            strategy: { type: "Recreate" },
            template: {
              metadata: { labels: { app: of } },
              spec: {
                containers: [
                  {
                    name: of,
                    imagePullPolicy: "IfNotPresent",
                    volumeMounts: [{ name: "data", mountPath }],
                    ...container,
                  },
                ],
                volumes: [{ name: "data", persistentVolumeClaim: { claimName: data.metadata.name } }],
              },
            },
            ...spec,
          },
        },
        opts,
      );
    workload(
      "mysql",
      mysqlData,
      "/var/lib/mysql",
      {
        image: changes.image ?? mysqlImage,
        args: ["--innodb-buffer-pool-size=64M", "--performance-schema=OFF", "--mysqlx=OFF"],
        env: [
          { name: "MYSQL_DATABASE", value: "wordpress" },
          { name: "MYSQL_USER", value: "wordpress" },
          fromSecret("MYSQL_PASSWORD", "password"),
          fromSecret("MYSQL_ROOT_PASSWORD", "root-password"),
        ],
        ports: [{ containerPort: 3306 }],
        readinessProbe: {
          exec: {
            command: ["sh", "-c", "mysql -h 127.0.0.1 -u$MYSQL_USER -p$MYSQL_PASSWORD -e 'select 1' $MYSQL_DATABASE"],
          },
          initialDelaySeconds: 3,
          periodSeconds: 3,
          timeoutSeconds: 5,
        },
      },
      changes.selector ? { selector: { matchLabels: { app: changes.selector } } } : {},
    );
    workload(
      "wordpress",
      wordpressData,
      "/var/www/html",
      {
        image: wordpressImage,
        env: [
          { name: "WORDPRESS_DB_HOST", value: database.metadata.name },
          { name: "WORDPRESS_DB_USER", value: "wordpress" },
          { name: "WORDPRESS_DB_NAME", value: "wordpress" },
          fromSecret("WORDPRESS_DB_PASSWORD", "password"),
        ],
        ports: [{ containerPort: 80 }],
        readinessProbe: { httpGet: { path: "/wp-admin/install.php", port: 80 }, periodSeconds: 3, timeoutSeconds: 10 },
      },
      changes.replicas ? { replicas: changes.replicas } : {},
    );
    new k8s.core.v1.Service(
      "wordpress",
      {
        metadata: { name: "wordpress", namespace, labels: { app: "wordpress" } },
        spec: {
          type: changes.type ?? "NodePort",
          selector: { app: "wordpress" },
          ports: [{ port: 80, nodePort: changes.nodePort ?? nodePort }],
        },
      },
      opts,
    );
    return Promise.resolve({ data: secret.data });
  };

/** Fields that differ from run to run, and those that the recordings leave out. */
const perRun = [
  ...["creationTimestamp", "resourceVersion", "uid", "managedFields", "volumeName", "clusterIPs"],
  ...["lastTransitionTime", "lastUpdateTime", "lastHeartbeatTime"],
];

/** Replaces what differs from cluster to cluster and from run to run by words. */
function normalised(value: unknown, key = ""): unknown {
  if (Array.isArray(value)) {
    const elements = value.map((element) => normalised(element, key));
    const type = (of: unknown) => (of as { type: string }).type;
    return key === "conditions" ? elements.sort((a, b) => type(a).localeCompare(type(b))) : elements;
  }
  if (value !== null && typeof value === "object") {
    if (secretKey in value) return "SECRET";
    return Object.fromEntries(
      Object.entries(value)
        // null is how the API server writes the creation time of a pod that is only described.
        .filter(([name, element]) => !perRun.includes(name) || element === null)
        // The claims of the recording were bound to volumes made by hand, of another size.
        .filter(([name]) => !/storage-provisioner$/.test(name))
        .map(([name, element]) => [name, name === "capacity" ? "CAPACITY" : normalised(element, name)]),
    );
  }
  if (key === "nodePort") return value === nodePort || value === 30080 ? "NODE PORT" : value;
  if (typeof value !== "string") return value;
  if (key === "clusterIP") return value.replace(/^\d+\.\d+\.\d+\.\d+$/, "ADDRESS");
  if (key === "__fieldManager") return value.replace(/-[0-9a-f]{8}$/, "-RANDOM");
  if (key === "image") return value.replace(/:.*/, ":TAG");
  return value.replace(namespaces.recorded, "wordpress").replace(/-[0-9a-f]{8,10}"/, '-HASH"');
}

/** What of a resource has to be as recorded. */
function comparable({ type, id, inputs, outputs, propertyDependencies }: Recorded): Properties {
  // The recordings leave out the properties that depend on nothing.
  const dependencies = Object.entries(propertyDependencies ?? {})
    .filter(([, urns]) => (urns as string[]).length > 0)
    .map(([name, urns]) => [name, (urns as string[]).map((urn) => urn.split("::").slice(2).join("::")).sort()]);
  const shown = { type, id, inputs, outputs, propertyDependencies: Object.fromEntries(dependencies) as Properties };
  if (type === "kubernetes:core/v1:Node") return { ...shown, id: "", ...nodeProperties(shown) };
  if (id.endsWith("/wordpress") && type === "kubernetes:apps/v1:Deployment") {
    // When it was recorded, it was not ready.
    const { status, ...others } = outputs;
    assert.ok(status);
    return { ...shown, outputs: others };
  }
  return shown;
}

/** Of a node: what is asked of it, and that its address can be read. */
function nodeProperties({ inputs, outputs }: Pick<Recorded, "inputs" | "outputs">): Properties {
  const name = (inputs.metadata as { name: string }).name;
  const { addresses } = outputs.status as { addresses: { type: string; address: string }[] };
  assert.match(addresses.find(({ type }) => type === "InternalIP")?.address ?? "", /^\d+\.\d+\.\d+\.\d+$/);
  const { __inputs: given, __fieldManager: manager, __initialApiVersion: version, apiVersion, kind } = outputs;
  const named = JSON.parse(JSON.stringify({ inputs, given }).replaceAll(`"${name}"`, '"NODE"')) as Properties;
  return {
    ...named,
    outputs: { __fieldManager: manager, version, apiVersion, kind, keys: Object.keys(outputs).sort() },
  };
}

const nameOf = ({ type, id }: Recorded) => `${type} ${type.endsWith(":Node") ? "" : id.replace(/^standin-/, "")}`;

describe("stand-in for the kubernetes plugin", function () {
  this.timeout(240_000);
  before(async function () {
    this.timeout(600_000);
    await startCluster();
    removeEverything();
  });
  after(removeEverything);

  describe("the recorded program", () => {
    const project = new Project("protok8s", "k8s");
    let state: Recorded[];
    let printed = "";

    before(async () => {
      const stack = await project.stack(recorded());
      const up = await stack.up();
      printed += up.stdout + up.stderr;
      assert.equal(up.outputs.data?.secret, true);
      // Only a refresh notes the inputs of what is only read, such as the node.
      await stack.refresh();
      state = (await resourcesOf(stack)).filter(({ type }) => type.startsWith("kubernetes:"));
    });

    after(async () => {
      await (await project.stack(recorded())).destroy();
      project.remove();
    });

    for (const expected of JSON.parse(recording("kubernetes-state.json")) as Recorded[]) {
      it(`records ${nameOf(expected)} as the original does`, () => {
        const actual = state.find((resource) => nameOf(resource) === nameOf(expected));
        assert.ok(actual, `no ${nameOf(expected)} in the state`);
        assert.deepEqual(normalised(comparable(actual)), normalised(comparable(expected)));
      });
    }

    it("has nothing to do when nothing changed, with and without a refresh", async () => {
      const stack = await project.stack(recorded());
      const same = { read: 1, same: state.length + 1 };
      assert.deepEqual((await stack.preview()).changeSummary, same);
      assert.deepEqual((await stack.preview({ refresh: true })).changeSummary, same);
    });

    it("gives the passwords away nowhere", () => {
      const texts = Object.values(passwords).flatMap((text) => [text, Buffer.from(text).toString("base64")]);
      const files = project.stateFiles();
      assert.match(files, /mysql-data/);
      assert.match(printed, /mysql-data/);
      for (const text of texts) {
        assert.ok(!files.includes(text), "a state file has a password in plain text");
        assert.ok(!printed.includes(text), "an output has a password in plain text");
      }
      const data = kubectl(...inNamespace, "get", "secret", "mysql", "--output", "jsonpath={.data.password}");
      assert.equal(Buffer.from(data, "base64").toString(), passwords.password);
    });

    describe("while WordPress is not ready", () => {
      before(async () => {
        const file = "/var/www/html/wp-admin/install.php";
        kubectl(...inNamespace, "exec", "deployment/wordpress", "--", "mv", file, `${file}.away`);
        kubectl(...inNamespace, "wait", "--for=condition=Available=false", "deployment/wordpress");
        await (await project.stack(recorded())).refresh();
      });

      it("notes in the state what does not work", async () => {
        const unready = (await resourcesOf(await project.stack(recorded()))).filter(
          ({ initErrors }) => initErrors !== undefined && initErrors.length > 0,
        );
        assert.deepEqual(unready.map(nameOf).sort(), [
          "kubernetes:apps/v1:Deployment wordpress/wordpress",
          "kubernetes:core/v1:Service wordpress/wordpress",
        ]);
        assert.match(
          unready[0]?.initErrors?.join("\n") ?? "",
          /\[MinimumReplicasUnavailable\] Deployment does not have/,
        );
      });

      const cases: [string, Changes][] = [
        ["the MySQL image", { image: pause }],
        ["the size of the claims", { storage: "2Gi" }],
        ["the access mode of the claims", { accessMode: "ReadWriteMany" }],
        ["the node port", { nodePort: nodePort + 1 }],
        ["the type of the Service", { type: "LoadBalancer" }],
        ["the passwords", { password: "another" }],
        ["the name of the namespace", { namespace: namespaces.other }],
        ["the selector", { selector: "other" }],
        ["the number of replicas", { replicas: 2 }],
      ];
      const previews = recordedPreviews("kubernetes-previews.jsonl");

      it("has a change for every recorded preview", () => assert.equal(cases.length, previews.length));

      cases.forEach(([what, changes], i) => {
        it(`previews ${what} as the original does`, async () => {
          const steps: Step[] = [];
          const onEvent = stepsInto(steps, "read", "replace", "update");
          const preview = (await project.stack(recorded(changes))).preview({ onEvent });
          if (changes.selector) {
            // The API server refuses it, so that the steps after it are left out, in no certain order.
            await assert.rejects(preview, /`selector` does not match template `labels`/);
            const ofMysql = ({ urn }: Step) => urn === "kubernetes:apps/v1:Deployment::mysql";
            assert.deepEqual(steps.filter(ofMysql), previews[i]?.filter(ofMysql));
          } else {
            await preview;
            assert.deepEqual(steps.sort(byUrn), previews[i]?.sort(byUrn));
          }
        });
      });

      it("repairs it", async () => {
        const file = "/var/www/html/wp-admin/install.php";
        kubectl(...inNamespace, "exec", "deployment/wordpress", "--", "mv", `${file}.away`, file);
        const stack = await project.stack(recorded());
        assert.equal((await stack.up()).summary.resourceChanges?.update, 2);
        assert.equal((await stack.preview()).changeSummary.update, undefined);
      });
    });

    describe("once all is ready", () => {
      it("finds what was edited by hand, and puts it right", async () => {
        const get = (path: string) =>
          kubectl(...inNamespace, "get", "service", "wordpress", "--output", `jsonpath={${path}}`);
        const ports = JSON.stringify({ spec: { ports: [{ port: 80, nodePort: nodePort + 2 }] } });
        kubectl(...inNamespace, "patch", "service", "wordpress", "--patch", ports);
        kubectl(...inNamespace, "label", "service", "wordpress", "app=mine", "--overwrite");
        kubectl(...inNamespace, "annotate", "service", "wordpress", "mine=kept");
        const stack = await project.stack(recorded());
        assert.equal((await stack.up({ refresh: true })).summary.resourceChanges?.update, 1);
        assert.equal(get(".spec.ports[0].nodePort"), String(nodePort));
        assert.equal(get(".metadata.labels.app"), "wordpress");
        assert.equal((await stack.preview({ refresh: true })).changeSummary.update, undefined);
      });

      it("makes again what was deleted by hand", async () => {
        kubectl(...inNamespace, "delete", "service", "wordpress", "mysql");
        const stack = await project.stack(recorded());
        assert.equal((await stack.refresh()).summary.resourceChanges?.delete, 2);
        assert.equal((await stack.up()).summary.resourceChanges?.create, 2);
      });

      it("rolls out a new version, and does not touch the rest", async () => {
        const changes = { replicas: 2 };
        const stack = await project.stack(recorded(changes));
        const { resourceChanges } = (await stack.up()).summary;
        assert.deepEqual([resourceChanges?.update, resourceChanges?.same], [1, state.length]);
        const ready = ["get", "deployment", "wordpress", "--output", "jsonpath={.status.readyReplicas}"];
        assert.equal(kubectl(...inNamespace, ...ready), "2");
      });

      it("destroys everything, also what is gone already", async () => {
        kubectl(...inNamespace, "delete", "deployment", "wordpress");
        const destroyed = await (await project.stack(recorded())).destroy();
        assert.equal(destroyed.summary.result, "succeeded");
        const left = ["get", "namespace", namespaces.recorded, "--ignore-not-found", "--output", "name"];
        assert.equal(kubectl(...left), "");
      });
    });
  });

  describe("errors", () => {
    const project = new Project("k8serr", "e");
    const inErrors = ["--namespace", namespaces.errors];
    const taken = { port: 80, nodePort: nodePort + 3 };

    before(() => {
      kubectl("create", "namespace", namespaces.errors);
      kubectl(...inErrors, "create", "service", "nodeport", "holder", "--tcp=80", `--node-port=${taken.nodePort}`);
    });
    after(() => project.remove());
    afterEach(async () => {
      await (await project.stack(async () => {})).destroy();
    });

    type Pod = k8s.types.input.core.v1.PodSpec;
    type Container = Partial<k8s.types.input.core.v1.Container>;
    const here = (of = context): pulumi.CustomResourceOptions => ({
      provider: new k8s.Provider("cluster", { context: of, namespace: namespaces.errors }),
      customTimeouts: { create: "15s", update: "1m" },
    });
    const deployment = (opts: pulumi.CustomResourceOptions, container: Container, pod: Partial<Pod> = {}) =>
      new k8s.apps.v1.Deployment(
        "d",
        {
          metadata: { name: "d" },
          spec: {
            selector: { matchLabels: { app: "d" } },
            template: {
              metadata: { labels: { app: "d" } },
              spec: {
                terminationGracePeriodSeconds: 0,
                containers: [{ name: "c", image: wordpressImage, imagePullPolicy: "IfNotPresent", ...container }],
                ...pod,
              },
            },
          },
        },
        opts,
      );
    /** A program that makes something, all of it on the cluster and in the namespace of these tests. */
    const program =
      (make: (o: pulumi.CustomResourceOptions) => void, of?: string): auto.PulumiFn =>
      () =>
        Promise.resolve(void make(here(of)));
    const shell = (script: string) => ["sh", "-c", script];
    const claimed: Partial<Pod> = { volumes: [{ name: "v", persistentVolumeClaim: { claimName: "c" } }] };

    const mounted: Container = { volumeMounts: [{ name: "v", mountPath: "/v" }] };

    /** The recorded failures, each with what the stand-in says beside what the original says. */
    const failing: Record<string, { make: (o: pulumi.CustomResourceOptions) => void; of?: string; beside: RegExp[] }> =
      {
        "image missing": {
          make: (o) => deployment(o, { image: "nosuch:1" }),
          beside: [/^Container "c" of Pod "d-HASH" cannot get its image "nosuch:1": .*nosuch:1/],
        },
        "crash loop": {
          make: (o) => deployment(o, { command: shell("echo here I am; exit 3") }),
          beside: [
            /^Container "c" of Pod "d-HASH" ends instead of running: exit code 3 \(Error\), restarted \d+ times\nits last log lines:\nhere I am$/,
          ],
        },
        "pending claim": {
          make: (o) => {
            const spec = {
              storageClassName: "nosuch",
              accessModes: ["ReadWriteOnce"],
              resources: { requests: { storage: "1Mi" } },
            };
            new k8s.core.v1.PersistentVolumeClaim("c", { metadata: { name: "c" }, spec }, o);
            deployment(o, mounted, claimed);
          },
          beside: [
            /^PersistentVolumeClaim "c" is Pending: storageclass.*"nosuch" not found/,
            /^Pod "d-HASH" cannot be scheduled: .*unbound immediate PersistentVolumeClaims/,
          ],
        },
        "too much memory": {
          make: (o) => deployment(o, { resources: { requests: { memory: "1Ti" } } }),
          beside: [/^Pod "d-HASH" cannot be scheduled: .*Insufficient memory/],
        },
        "not ready": {
          make: (o) => deployment(o, { image: pause, readinessProbe: { tcpSocket: { port: 81 }, periodSeconds: 1 } }),
          beside: [/^Container "c" of Pod "d-HASH" runs, but is not ready: Readiness probe failed: .*refused/],
        },
        "node port taken": {
          make: (o) => {
            const spec = { type: "NodePort", ports: [taken] };
            new k8s.core.v1.Service("s", { metadata: { name: "s" }, spec }, o);
          },
          beside: [],
        },
        "name exists": {
          make: (o) => new k8s.core.v1.Namespace("n", { metadata: { name: namespaces.errors } }, o),
          beside: [],
        },
        "wrong context": {
          make: (o) => new k8s.core.v1.Namespace("n", { metadata: { name: "n" } }, o),
          of: "nosuch",
          beside: [],
        },
      };

    /** What each resource says, without what differs from run to run; the reasons of one are a list. */
    function reasons(text: string): Record<string, string[]> {
      const plain = text
        .replaceAll(`${namespaces.errors}/`, "")
        .replaceAll(`"${namespaces.errors}"`, '"wordpress"')
        .replaceAll(String(taken.nodePort), "30080")
        .replace(/\bd-[0-9a-f]{8,10}-[0-9a-z]{5}\b/g, "d-HASH")
        .replace(/\[(ErrImagePull|ImagePullBackOff)\] .*/g, "[NO IMAGE]")
        // Which of the two it is when the time is up depends on the moment.
        .replace(/container "c" completed with exit code 3|\[CrashLoopBackOff\] .*/g, "ENDED")
        .replace(/(terminated at) \S+Z/g, "$1 TIME");
      const found: Record<string, string[]> = {};
      for (const block of plain.split(/^ {2}(?=\S)/m)) {
        const [resource = "", ...lines] = block.split("\n");
        if (!resource.startsWith("kubernetes:")) continue;
        const rest = lines.map((line) => line.trim()).filter((line) => line !== "");
        const listed = rest
          .join("\n")
          .split(/^\* /m)
          .map((line) => line.trim().replace(/^error: \d+ errors? occurred:$/, ""));
        found[resource] = listed.filter((line) => line !== "");
      }
      return found;
    }

    const sections = recordedErrors("kubernetes-errors.txt");

    it("has a program for every recorded error", () => {
      assert.deepEqual(
        sections.map(({ title }) => title),
        Object.keys(failing),
      );
    });

    for (const { title, text } of sections) {
      it(`says on "${title}" what the original says, and why`, async () => {
        const { make, of, beside } = failing[title]!;
        // Nothing else ends the wait for the claim when the Deployment has failed.
        const interrupt = new AbortController();
        const onOutput = (line: string) => {
          if (title === "pending claim" && /Deployment d .*failed/.test(line)) interrupt.abort();
        };
        const options = { onOutput, signal: interrupt.signal };
        const said = reasons(await project.outcome(program(make, of), options));
        const expected = reasons(text);
        const claim = "kubernetes:core/v1:PersistentVolumeClaim (c):";
        if (title === "pending claim") {
          // The original tells it in the words of its client library.
          assert.match(said[claim]?.[0] ?? "", /become live: Resource operation was cancelled for "c"$/);
          delete said[claim];
          delete expected[claim];
        }
        assert.deepEqual(Object.keys(said), Object.keys(expected));
        for (const [resource, lines] of Object.entries(expected)) {
          const all = said[resource] ?? [];
          assert.deepEqual(all.slice(0, lines.length), lines);
          const more = all.slice(lines.length);
          assert.equal(more.length, beside.length, more.join("\n"));
          beside.forEach((pattern, i) => assert.match(more[i] ?? "", pattern));
        }
        const kept = (await resourcesOf(await project.stack(async () => {}))).filter(({ type }) =>
          /Deployment$/.test(type),
        );
        assert.equal(kept.length, beside.length > 0 ? 1 : 0, "what exists is in the state, and nothing else");
        for (const { initErrors } of kept) assert.ok((initErrors?.length ?? 0) > beside.length);
      });
    }

    const others: [string, (o: pulumi.CustomResourceOptions) => void, RegExp][] = [
      [
        "of a container that takes too much memory",
        (o) => deployment(o, { command: shell("tail /dev/zero"), resources: { limits: { memory: "16Mi" } } }),
        /used more memory than its limit \(OOMKilled, exit code 137\)/,
      ],
      [
        "of a volume that cannot be mounted",
        (o) => deployment(o, mounted, { volumes: [{ name: "v", configMap: { name: "nosuch" } }] }),
        /Container "c" of Pod ".*" is not made yet: FailedMount: .*configmap "nosuch" not found/,
      ],
      [
        "of a Secret that does not exist",
        (o) => deployment(o, { envFrom: [{ secretRef: { name: "nosuch" } }] }),
        /Container "c" of Pod ".*" cannot be started: CreateContainerConfigError: secret "nosuch" not found/,
      ],
      [
        "of a Service whose pods are not ready",
        (o) => {
          deployment(o, { image: pause, readinessProbe: { tcpSocket: { port: 81 } } });
          const spec = { selector: { app: "d" }, ports: [{ port: 80 }] };
          new k8s.core.v1.Service("s", { metadata: { name: "s" }, spec }, o);
        },
        /the Service leads to no ready Pod/,
      ],
      [
        "of what the API server refuses",
        (o) => new k8s.core.v1.Service("s", { metadata: { name: "s" }, spec: { ports: [] } }, o),
        /Service "s" is invalid: spec\.ports: Required value/,
      ],
      [
        "of a kind that the cluster does not have",
        (o) => new k8s.apiextensions.CustomResource("w", { apiVersion: "example.org/v1", kind: "Widget" }, o),
        /no matches for kind "Widget" in version "example\.org\/v1"/,
      ],
      [
        "of what the stand-in does not have",
        (o) => new k8s.core.v1.ConfigMapPatch("p", { metadata: { name: "p" } }, o),
        /the resource ConfigMapPatch is not supported by the stand-in kubernetes plugin/,
      ],
    ];
    for (const [what, make, message] of others) {
      it(`says the cause ${what}`, async () => {
        assert.match(await project.outcome(program(make)), message);
      });
    }

    it("keeps what did not become ready, and repairs it with the next up", async () => {
      assert.match(await project.outcome(program(failing["image missing"]!.make)), /nosuch:1/);
      const steps: Step[] = [];
      const broken = await project.stack(program(failing["image missing"]!.make));
      await broken.preview({ onEvent: stepsInto(steps, "update", "create", "replace") });
      const again = { op: "update", diffReasons: null, replaceReasons: null, detailedDiff: {} };
      assert.deepEqual(steps, [{ ...again, urn: "kubernetes:apps/v1:Deployment::d" }]);
      const right = await project.stack(program((o) => deployment(o, { image: pause })));
      assert.equal((await right.up()).summary.resourceChanges?.update, 1);
      assert.equal((await right.preview()).changeSummary.update, undefined);
    });

    it("shows in a preview what the API server will refuse", async () => {
      const stack = await project.stack(program(failing["node port taken"]!.make));
      await assert.rejects(stack.preview(), (error) => /provided port is already allocated/.test(diagnostics(error)));
    });

    it("takes over what exists only when it is told to", async () => {
      const make = (...literals: string[]) =>
        kubectl(...inErrors, "create", "configmap", "m", ...literals.map((literal) => `--from-literal=${literal}`));
      make("a=by hand", "b=kept");
      const applied = program(
        (o) => new k8s.core.v1.ConfigMap("m", { metadata: { name: "m" }, data: { a: "applied" } }, o),
      );
      assert.match(await project.outcome(applied), /configmaps "m" already exists/);
      const stack = await project.stack(applied, { PULUMI_K8S_UPSERT_EXISTING_OBJECTS: "true" });
      await assert.rejects(stack.up(), /field manager "pulumi-kubernetes-.*" applies a field that another one holds/);
      kubectl(...inErrors, "delete", "configmap", "m");
      make("b=kept");
      assert.equal((await stack.up()).summary.resourceChanges?.create, 1);
      const data = kubectl(...inErrors, "get", "configmap", "m", "--output", "jsonpath={.data}");
      assert.deepEqual(JSON.parse(data), { a: "applied", b: "kept" });
    });

    it("names what the program does not name, and makes the new one before the old one goes", async () => {
      const program = (text: string) => () => {
        const map = new k8s.core.v1.ConfigMap("auto", { data: { text } }, here());
        return Promise.resolve({ name: map.metadata.name });
      };
      const first = (await (await project.stack(program("1"))).up()).outputs.name?.value as string;
      assert.match(first, /^auto-[0-9a-f]{8}$/);
      const up = await (await project.stack(program("2"))).up();
      assert.equal(up.summary.resourceChanges?.replace, 1);
      assert.match(up.outputs.name?.value as string, /^auto-[0-9a-f]{8}$/);
      assert.notEqual(up.outputs.name?.value, first);
    });

    it("adopts by id what is there", async () => {
      kubectl(...inErrors, "create", "configmap", "there", "--from-literal=a=b");
      const program = (options: pulumi.CustomResourceOptions) => () =>
        Promise.resolve(
          void new k8s.core.v1.ConfigMap(
            "there",
            { metadata: { name: "there", namespace: namespaces.errors }, data: { a: "b" } },
            { ...here(), ...options },
          ),
        );
      const stack = await project.stack(program({ import: `${namespaces.errors}/there` }));
      assert.equal((await stack.up()).summary.resourceChanges?.import, 1);
      assert.equal((await (await project.stack(program({}))).preview()).changeSummary.update, undefined);
    });

    it("works with kinds that it does not know, and waits for jobs", async () => {
      const widgets = { plural: "widgets", singular: "widget", kind: "Widget" };
      const openAPIV3Schema = {
        type: "object",
        properties: { spec: { type: "object", properties: { size: { type: "integer" } } } },
      };
      const program = (size: number) => () => {
        const o = here();
        const crd = new k8s.apiextensions.v1.CustomResourceDefinition(
          "crd",
          {
            metadata: { name: "widgets.standin.example.org" },
            spec: {
              group: "standin.example.org",
              names: widgets,
              scope: "Namespaced",
              versions: [{ name: "v1", served: true, storage: true, schema: { openAPIV3Schema } }],
            },
          },
          o,
        );
        new k8s.apiextensions.CustomResource(
          "w",
          { apiVersion: "standin.example.org/v1", kind: "Widget", metadata: { name: "w" }, spec: { size } },
          { ...o, dependsOn: crd },
        );
        const containers = [{ name: "c", image: wordpressImage, imagePullPolicy: "IfNotPresent", command: ["true"] }];
        const job = new k8s.batch.v1.Job(
          "j",
          { metadata: { name: "j" }, spec: { template: { spec: { restartPolicy: "Never", containers } } } },
          o,
        );
        return Promise.resolve({ succeeded: job.status.succeeded });
      };
      const up = await (await project.stack(program(1))).up();
      assert.equal(up.outputs.succeeded?.value, 1);
      const stack = await project.stack(program(2));
      assert.equal((await stack.up()).summary.resourceChanges?.update, 1);
      assert.equal(kubectl(...inErrors, "get", "widget", "w", "--output", "jsonpath={.spec.size}"), "2");
      assert.equal((await stack.preview({ refresh: true })).changeSummary.update, undefined);
    });

    it("gives up what is in a cluster that is gone only when it is told to", async () => {
      const file = join(project.folder, "kubeconfig");
      const config = kubectl("config", "view", "--raw", "--minify", "--flatten");
      writeFileSync(file, config);
      const program = () => {
        const provider = new k8s.Provider("cluster", { kubeconfig: file, namespace: namespaces.errors });
        return Promise.resolve(void new k8s.core.v1.ConfigMap("gone", { metadata: { name: "gone" } }, { provider }));
      };
      await (await project.stack(program)).up();
      writeFileSync(file, readFileSync(file, "utf8").replace(/server: .*/, "server: https://127.0.0.1:1"));
      const unreachable = await project.stack(program);
      await assert.rejects(unreachable.refresh(), (error) => {
        return /configured Kubernetes cluster is unreachable: the API server does not answer: /.test(
          diagnostics(error),
        );
      });
      await assert.rejects(unreachable.destroy(), /PULUMI_K8S_DELETE_UNREACHABLE/);
      const told = await project.stack(program, { PULUMI_K8S_DELETE_UNREACHABLE: "true" });
      assert.equal((await told.refresh()).summary.resourceChanges?.delete, 1);
    });
  });
});
