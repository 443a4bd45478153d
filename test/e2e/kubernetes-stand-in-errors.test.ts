import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import * as auto from "@pulumi/pulumi/automation";
import { context, kubectl } from "./minikube";
import { freshCluster, namespaces, nodePort, pause, removeEverything, wordpressImage } from "./recorded-kubernetes";
import { diagnostics, Project, recordedErrors, resourcesOf, Step, stepsInto } from "./recordings";

// Has the stand-in plugin fail in every way that was recorded with the original, and in a few more.

describe("stand-in for the kubernetes plugin, errors", function () {
  this.timeout(240_000);
  before(async function () {
    this.timeout(600_000);
    await freshCluster();
  });
  after(removeEverything);

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

  // Without it, a container is ready from its start on, and what ends soon after may be taken for what works.
  const neverReady: Container = { readinessProbe: { tcpSocket: { port: 81 }, periodSeconds: 1 } };

  /** The recorded failures, each with what the stand-in says beside what the original says. */
  const failing: Record<string, { make: (o: pulumi.CustomResourceOptions) => void; of?: string; beside: RegExp[] }> = {
    "image missing": {
      make: (o) => deployment(o, { image: "nosuch:1" }),
      beside: [/^Container "c" of Pod "d-HASH" cannot get its image "nosuch:1": .*nosuch:1/],
    },
    "crash loop": {
      make: (o) => deployment(o, { command: shell("echo here I am; exit 3"), ...neverReady }),
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
      make: (o) => deployment(o, { image: pause, ...neverReady }),
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
      (o) => {
        const resources = { limits: { memory: "16Mi" } };
        deployment(o, { command: shell("tail /dev/zero"), resources, ...neverReady });
      },
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
        deployment(o, { image: pause, ...neverReady });
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
      return /configured Kubernetes cluster is unreachable: the API server does not answer: /.test(diagnostics(error));
    });
    await assert.rejects(unreachable.destroy(), /PULUMI_K8S_DELETE_UNREACHABLE/);
    const told = await project.stack(program, { PULUMI_K8S_DELETE_UNREACHABLE: "true" });
    assert.equal((await told.refresh()).summary.resourceChanges?.delete, 1);
  });
});
