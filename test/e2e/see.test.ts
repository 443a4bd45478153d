import assert from "node:assert/strict";
import { execFileSync, spawn } from "node:child_process";
import type { Ending } from "../../tools/see/ending";
import type { Step } from "../../tools/see/story";
import { edit, setting } from "./edits";
import { clone, npmRun, remove, Result } from "./harness";
import { context, kubectl, kubectlJson, podOf, startCluster, until } from "./minikube";

const namespace = "see-lab";
const fails = "see-fails";

interface Seen {
  steps: Step[];
  ending: Ending;
  seconds: { step: number; told: number };
}

interface Owned {
  metadata: { managedFields: { manager: string }[] };
}

/** What a pod of the lab's own image is made of. */
interface Template {
  command?: string[];
  memory?: string;
  claim?: string;
}

const deployment = (name: string, image: string, { command, memory, claim }: Template) => ({
  apiVersion: "apps/v1",
  kind: "Deployment",
  metadata: { name },
  spec: {
    selector: { matchLabels: { app: name } },
    template: {
      metadata: { labels: { app: name } },
      spec: {
        terminationGracePeriodSeconds: 0,
        containers: [
          {
            name,
            image,
            command: command ?? ["sleep", "infinity"],
            resources: { requests: { cpu: "1m", memory: memory ?? "1Mi" } },
          },
        ],
        volumes: claim ? [{ name: "data", persistentVolumeClaim: { claimName: claim } }] : [],
      },
    },
  },
});

const service = (name: string, app: string) => ({
  apiVersion: "v1",
  kind: "Service",
  metadata: { name },
  spec: { selector: { app }, ports: [{ port: 80 }] },
});

/** Whoever wrote something, in the order in which each first did. */
const cast = (steps: readonly Step[]) => [
  ...new Set(steps.filter(({ what }) => what !== "said").map(({ actor }) => actor.id)),
];

/** What was written of one kind, and by whom. */
const of = (kind: string, steps: readonly Step[]) =>
  steps.filter(({ object }) => object.kind === kind).map(({ actor, what }) => `${actor.id} ${what}`);

/** Whether these come in this order, with whatever else between them. */
function inOrder(all: readonly string[], wanted: readonly string[]): void {
  let at = -1;
  for (const one of wanted) {
    at = all.indexOf(one, at + 1);
    assert.ok(at >= 0, `${one} is not where it should be in\n${all.join("\n")}`);
  }
}

/** From the end of the step to the story. */
function inTime({ step, told }: Seen["seconds"]): void {
  console.log(`      told ${told.toFixed(2)} s after the end of the step, which took ${step.toFixed(1)} s`);
  assert.ok(told < 2, `${told} s`);
}

const written = (steps: readonly Step[]) =>
  steps.filter(({ what }) => what !== "said").map(({ actor, what, object: { kind } }) => `${actor.id} ${what} ${kind}`);

describe("npm run see on a real cluster", () => {
  let folder: string;
  let image: string;

  async function see(...args: string[]): Promise<Seen & { result: Result }> {
    const result = await npmRun(folder, "see", [...args, "--json"]);
    assert.equal(result.code, 0, result.said);
    return { ...(JSON.parse(result.stdout) as Seen), result };
  }

  before(async () => {
    await startCluster();
    folder = clone();
    edit(folder, [setting("kubernetesNamespace", namespace), setting("nodePort", 30086)]);
    const { code, said } = await npmRun(folder, "up", ["--labs", "kubernetes"]);
    assert.equal(code, 0, said);
    image = podOf(namespace, "wordpress").spec.containers[0]!.image;
  });
  after(async () => {
    const found = kubectl("get", "namespaces", "--selector", "course-labs-test=see", "--output", "name");
    const names = found.split("\n").filter(Boolean);
    if (names.length > 0) kubectl("delete", ...names, "--timeout=120s");
    const { code, said } = await npmRun(folder, "destroy");
    remove(folder);
    assert.equal(code, 0, said);
  });

  /** Everything of the lab that a step could leave something in. */
  function left() {
    const kinds = "deployments,replicasets,services,persistentvolumeclaims,secrets,configmaps";
    const { items } = kubectlJson<{ items: { kind: string; metadata: Record<string, unknown>; spec: unknown }[] }>(
      ...["--namespace", namespace, "get", kinds, "--show-managed-fields"],
    );
    return items.map(({ kind, metadata, spec }) => {
      const { name, labels, annotations, managedFields } = metadata as {
        name: string;
        labels: unknown;
        annotations?: Record<string, string>;
        managedFields: { manager: string; operation: string; fieldsV1: unknown; subresource?: string }[];
      };
      // The cluster counts rollouts, and there is no way back.
      const own = Object.entries(annotations ?? {}).filter(([key]) => !key.startsWith("deployment.kubernetes.io/"));
      const people = managedFields
        .filter(({ manager }) => manager !== "kube-controller-manager")
        .map(({ manager, operation, fieldsV1 }) => ({ manager, operation, fieldsV1 }));
      return { kind, name, labels, own, people, spec };
    });
  }

  async function undone(work: () => Promise<void>): Promise<void> {
    const before = left();
    await work();
    assert.deepEqual(left(), before);
    assert.match((await npmRun(folder, "see", ["undo"])).said, /There was nothing to undo/);
  }

  it("apply: a person, two controllers, the scheduler, the kubelet, and the Service's list", () =>
    undone(async () => {
      const { steps, ending, seconds } = await see("apply");
      inOrder(written(steps), [
        "npm-run-see created Deployment",
        "deployment-controller created ReplicaSet",
        "replicaset-controller created Pod",
        "default-scheduler changed Pod",
        "kubelet changed Pod",
        "endpointslice-controller changed EndpointSlice",
        "deployment-controller changed Deployment",
      ]);
      assert.deepEqual(of("Pod", steps).slice(0, 2), ["replicaset-controller created", "default-scheduler changed"]);
      assert.deepEqual(
        steps.filter(({ doubt }) => doubt),
        [],
      );
      assert.ok(ending.ok, ending.what.en);
      inTime(seconds);
    }));

  it("scale: the number is passed on, and a second pod appears", () =>
    undone(async () => {
      const { steps, ending, seconds } = await see("scale", "2");
      inOrder(written(steps), [
        "npm-run-see changed Deployment",
        "deployment-controller changed ReplicaSet",
        "replicaset-controller created Pod",
        "default-scheduler changed Pod",
        "kubelet changed Pod",
        "endpointslice-controller changed EndpointSlice",
      ]);
      assert.match(ending.what.en, /2 pods are ready/);
      assert.deepEqual(
        steps.filter(({ doubt }) => doubt),
        [],
      );
      inTime(seconds);
    }));

  it("delete-pod: one pod is replaced by another, and only the deletion is by this program", () =>
    undone(async () => {
      const { uid } = podOf(namespace, "wordpress").metadata;
      const { steps, ending, seconds } = await see("delete-pod", "--by-hand");
      inOrder(written(steps), [
        "npm-run-see asked to go Pod",
        "replicaset-controller created Pod",
        "default-scheduler changed Pod",
        "kubelet deleted Pod",
      ]);
      assert.deepEqual(
        of("Pod", steps).filter((one) => one.startsWith("npm-run-see")),
        ["npm-run-see asked to go"],
      );
      assert.notEqual(podOf(namespace, "wordpress").metadata.uid, uid);
      assert.ok(ending.ok, ending.what.en);
      inTime(seconds);
    }));

  it("wrong-image: the chain stops at the kubelet, and is put right", () =>
    undone(async () => {
      const { steps, ending, seconds } = await see("wrong-image");
      inOrder(written(steps), [
        "npm-run-see changed Deployment",
        "replicaset-controller asked to go Pod",
        "deployment-controller created ReplicaSet",
        "replicaset-controller created Pod",
        "default-scheduler changed Pod",
        "kubelet changed Pod",
      ]);
      assert.deepEqual([ending.cause, ending.at?.id], ["image cannot be pulled", "kubelet"]);
      assert.match(ending.what.en, /:this-tag-does-not-exist/);
      inTime(seconds);
      assert.equal(podOf(namespace, "wordpress").spec.containers[0]!.image, image);
    }));

  it("last: shows afterwards what somebody did with kubectl", async () => {
    kubectl("--namespace", namespace, "rollout", "restart", "deployment", "wordpress");
    kubectl("--namespace", namespace, "rollout", "status", "deployment", "wordpress", "--timeout=120s");
    const { steps } = await see("last");
    assert.deepEqual(cast(steps).slice(0, 2), ["kubectl", "deployment-controller"]);
    inOrder(written(steps), ["kubectl changed Deployment", "default-scheduler changed Pod", "kubelet changed Pod"]);
  });

  it("a step that is stopped is undone", () =>
    undone(async () => {
      const stopped = execFileSync(
        "sh",
        ["-c", "node tools/run.mjs see wrong-image & sleep 2; kill -INT $!; wait $!; echo code $?"],
        { cwd: folder, encoding: "utf8", stdio: ["ignore", "pipe", "ignore"], env: { ...process.env, LC_ALL: "C" } },
      );
      assert.match(stopped, /code 130/);
      await until(() => podOf(namespace, "wordpress").spec.containers[0]!.image === image, "its own image", 30);
    }));

  it("what a killed run left blocks the next one, until undo removes it", () =>
    undone(async () => {
      const replicas = () =>
        kubectl("--namespace", namespace, "get", "deployment", "wordpress", "--output", "jsonpath={.spec.replicas}");
      const child = spawn(process.execPath, ["tools/run.mjs", "see", "scale", "3"], { cwd: folder, stdio: "ignore" });
      await until(() => replicas() === "3", "the step is begun", 30);
      child.kill("SIGKILL");
      const next = await npmRun(folder, "see", ["delete-pod"]);
      assert.deepEqual([next.code, /npm run see -- undo/.test(next.said)], [1, true], next.said);
      assert.match((await npmRun(folder, "see", ["undo"])).said, /Undone: back to 1 pod\./);
      kubectl("--namespace", namespace, "rollout", "status", "deployment", "wordpress", "--timeout=120s");
    }));

  it("what somebody else changed meanwhile is reported and kept", async () => {
    const inLab = (...args: string[]) => kubectl("--namespace", namespace, ...args);
    const spec = (path: string) => inLab("get", "deployment", "wordpress", "--output", `jsonpath={.spec.${path}}`);
    const killed = async (...args: string[]) => {
      const child = spawn(process.execPath, ["tools/run.mjs", "see", ...args], { cwd: folder, stdio: "ignore" });
      await until(() => inLab("get", "configmaps", "--output", "name").includes("course-labs-see"), "a note", 30);
      await until(() => kubectlJson<Owned>(...deploymentOf).metadata.managedFields.some(ours), "the step is begun", 30);
      child.kill("SIGKILL");
    };
    const deploymentOf = ["--namespace", namespace, "get", "deployment", "wordpress", "--show-managed-fields"];
    const ours = ({ manager }: { manager: string }) => manager === "npm-run-see";
    try {
      // Another number, and beside it something that the step is not about.
      await killed("scale", "3");
      inLab("scale", "deployment", "wordpress", "--replicas=0");
      inLab("patch", "deployment", "wordpress", "--patch", '{"spec":{"minReadySeconds":1}}');
      const { said, code } = await npmRun(folder, "see", ["undo"]);
      assert.equal(code, 0, said);
      assert.match(
        said,
        /^Not undone: somebody else has set 0 pods since the step \(which left 3\), so this is kept\. Before the step: 1 pod\. To go back to that: kubectl .* scale deployment wordpress --replicas=1\. Changed by somebody else since the step, and kept: spec\.minReadySeconds\.$/m,
      );
      assert.deepEqual([spec("replicas"), spec("minReadySeconds")], ["0", "1"]);
      const { metadata } = kubectlJson<Owned>(...deploymentOf);
      assert.ok(!metadata.managedFields.some(ours));
      // What it says leads back.
      execFileSync("sh", ["-c", / to that: (kubectl .*--replicas=1)/.exec(said)?.[1] ?? "false"], { stdio: "ignore" });
      inLab(
        "patch",
        "deployment",
        "wordpress",
        "--type=json",
        "--patch",
        '[{"op":"remove","path":"/spec/minReadySeconds"}]',
      );
      inLab("rollout", "status", "deployment", "wordpress", "--timeout=120s");
      assert.match((await npmRun(folder, "see", ["undo"])).said, /There was nothing to undo/);

      // Of two changes, the step's own is taken back, and the other one is named.
      await killed("wrong-image");
      inLab("patch", "deployment", "wordpress", "--patch", '{"spec":{"progressDeadlineSeconds":700}}');
      const again = await npmRun(folder, "see", ["undo"]);
      assert.match(again.said, /^Undone: back to image .* kept: spec\.progressDeadlineSeconds\.$/m);
      assert.deepEqual([spec("template.spec.containers[0].image"), spec("progressDeadlineSeconds")], [image, "700"]);
    } finally {
      const up = await npmRun(folder, "up", ["--labs", "kubernetes"]);
      assert.equal(up.code, 0, up.said);
      inLab("rollout", "status", "deployment", "wordpress", "--timeout=120s");
    }
  });

  describe("of what does not come to its end", () => {
    const failures: { name: string; make: () => object[]; cause: string; at: string; cast: string[] }[] = [
      {
        name: "image",
        make: () => [deployment("image", `${image.replace(/:.*/, "")}:no-such-tag`, {})],
        cause: "image cannot be pulled",
        at: "kubelet",
        cast: ["kubectl", "deployment-controller", "replicaset-controller", "default-scheduler", "kubelet"],
      },
      {
        name: "quota",
        make: () => [
          { apiVersion: "v1", kind: "ResourceQuota", metadata: { name: "none" }, spec: { hard: { pods: "0" } } },
          deployment("quota", image, {}),
        ],
        cause: "pod refused",
        at: "replicaset-controller",
        cast: ["kubectl", "deployment-controller", "replicaset-controller"],
      },
      {
        name: "node",
        make: () => [deployment("node", image, { memory: "9000Gi" })],
        cause: "too little memory",
        at: "default-scheduler",
        cast: ["kubectl", "deployment-controller", "replicaset-controller", "default-scheduler"],
      },
      {
        name: "claim",
        make: () => [
          {
            ...{ apiVersion: "v1", kind: "PersistentVolumeClaim", metadata: { name: "claim" } },
            spec: {
              ...{ accessModes: ["ReadWriteOnce"], storageClassName: "no-such-class" },
              resources: { requests: { storage: "1Mi" } },
            },
          },
          deployment("claim", image, { claim: "claim" }),
        ],
        cause: "no storage class",
        at: "persistentvolume-controller",
        cast: ["kubectl", "deployment-controller", "replicaset-controller", "default-scheduler"],
      },
      {
        name: "selector",
        make: () => [deployment("selector", image, {}), service("selector", "slector")],
        cause: "selector",
        at: "endpointslice-controller",
        cast: ["kubectl", "deployment-controller", "replicaset-controller", "default-scheduler", "kubelet"],
      },
      {
        name: "crash",
        make: () => [deployment("crash", image, { command: ["sh", "-c", "echo gone; exit 3"] })],
        cause: "crash loop",
        at: "kubelet",
        cast: ["kubectl", "deployment-controller", "replicaset-controller", "default-scheduler", "kubelet"],
      },
    ];

    /** A namespace for each, so that what happened last in it is one story. */
    const apply = () => {
      const items = failures.flatMap(({ name, make }) => {
        const inside = make().map((object) => {
          const { metadata } = object as { metadata: object };
          return { ...object, metadata: { ...metadata, namespace: `${fails}-${name}` } };
        });
        const labels = { "course-labs-test": "see" };
        return [{ apiVersion: "v1", kind: "Namespace", metadata: { name: `${fails}-${name}`, labels } }, ...inside];
      });
      execFileSync("kubectl", ["--context", context, "apply", "--filename", "-"], {
        input: JSON.stringify({ apiVersion: "v1", kind: "List", items }),
        stdio: ["pipe", "ignore", "inherit"],
      });
    };
    before(apply);

    for (const { name, cause, at, cast: wanted } of failures) {
      it(`${name}: the story ends at the ${at}`, async () => {
        let seen: Seen | undefined;
        await until(
          async () => (seen = await see("last", "--namespace", `${fails}-${name}`)).ending.cause === cause,
          `the story ends with ${cause}`,
          60,
        );
        const { steps, ending } = seen!;
        assert.equal(ending.at?.id, at, JSON.stringify(ending));
        const order = cast(steps).filter((id) => wanted.includes(id));
        assert.deepEqual(order, wanted, cast(steps).join(", "));
        // Where no pod was let in, nobody wrote one.
        if (cause === "pod refused") assert.deepEqual(of("Pod", steps), []);
        assert.ok(ending.waits.length > 0 && !ending.ok);
      });
    }
  });

  it("reports wrong arguments in one line", async () => {
    const wrong: [string[], RegExp][] = [
      [["last", "--namespace", "no-such-namespace"], /^There is no namespace "no-such-namespace"/m],
      [["scale", "1"], /^WordPress has 1 pods? already/m],
      [["scale", "many"], /^scale is "many": it must be one number/m],
      [["delete-pod", "--namespace", "default"], /^There is no Deployment "wordpress" in namespace "default"/m],
    ];
    for (const [args, says] of wrong) {
      const { code, said } = await npmRun(folder, "see", args);
      assert.equal(code, 1, said);
      assert.match(said, says);
    }
  });
});
