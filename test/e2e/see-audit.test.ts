import assert from "node:assert/strict";
import { existsSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { homedir, tmpdir } from "node:os";
import { join } from "node:path";
import { pulledImages } from "../../components/names";
import { parseSettings } from "../../config";
import { machine, minikubeTool } from "../../tools/cluster/minikube";
import { creationArguments, forceArguments } from "../../tools/cluster/start-arguments";
import { inClosedNetwork, needImages, needPlugins } from "../../tools/install/toolchain";
import type { Step } from "../../tools/see/story";
import { opened } from "./browser";
import { edit, setting } from "./edits";
import { clone, docker, npmRun, remove, run, sweep } from "./harness";

// The API server's own log is switched on for a cluster of this suite alone, in a folder that no other cluster reads.
const profile = "see-audit";
const namespace = "wordpress";

/** Of whatever npm run see watches, each write with its answer. */
const policy = `apiVersion: audit.k8s.io/v1
kind: Policy
omitStages: [RequestReceived]
omitManagedFields: true
rules:
  - level: RequestResponse
    namespaces: [${namespace}]
    verbs: [create, update, patch, delete]
    resources:
      - { group: "", resources: [pods, pods/status, pods/binding, events, services, persistentvolumeclaims] }
      - { group: apps, resources: [deployments, deployments/status, replicasets, replicasets/status] }
      - { group: discovery.k8s.io, resources: [endpointslices] }
      - { group: events.k8s.io, resources: [events] }
  - level: None
`;

/** A line of the log. */
interface Audited {
  verb: string;
  user: { username: string };
  objectRef: { resource: string; subresource?: string; name?: string };
  requestReceivedTimestamp: string;
  responseStatus: { code: number };
  responseObject?: { metadata?: { name?: string; resourceVersion?: string; deletionGracePeriodSeconds?: number } };
}

/** The accounts of the cluster's parts: as a story calls them, and as the page does. */
const accounts: Record<string, [id: string, name: string]> = {
  "minikube-user": ["npm-run-see", "npm run see"],
  "system:kube-scheduler": ["default-scheduler", "scheduler"],
  [`system:node:${profile}`]: ["kubelet", "kubelet"],
  "system:serviceaccount:kube-system:deployment-controller": ["deployment-controller", "Deployment controller"],
  "system:serviceaccount:kube-system:replicaset-controller": ["replicaset-controller", "ReplicaSet controller"],
  "system:serviceaccount:kube-system:endpointslice-controller": [
    "endpointslice-controller",
    "EndpointSlice controller",
  ],
};
const accountOf = (username: string) =>
  accounts[username] ?? assert.fail(`an account that was not expected: ${username}`);

describe("npm run see and the audit log of the API server", () => {
  const given = { MINIKUBE_HOME: process.env.MINIKUBE_HOME, KUBECONFIG: process.env.KUBECONFIG };
  let home: string;
  let folder: string;
  const kubectl = (...args: string[]) => run("kubectl", "--context", profile, ...args);
  const minikube = (command: string, ...args: string[]) => run("minikube", command, "--profile", profile, ...args);

  before(async () => {
    const began = Date.now();
    const images = pulledImages(parseSettings({ labs: ["kubernetes"] })).map(({ image }) => image);
    await needPlugins(["kubernetes"]);
    await needImages(images);
    const needed = await minikubeTool(true);
    // Of a run that was killed.
    sweep(`name.minikube.sigs.k8s.io=${profile}`);
    folder = clone();
    edit(folder, [setting("kubeContext", profile), setting("kubeNode", profile)]);
    home = mkdtempSync(join(tmpdir(), "course-labs-audit-"));
    const usual = join(given.MINIKUBE_HOME ?? homedir(), ".minikube", "cache");
    const own = join(home, ".minikube");
    mkdirSync(join(own, "files", "etc", "ssl", "certs"), { recursive: true });
    if (existsSync(usual)) symlinkSync(usual, join(own, "cache"));
    // minikube puts it into the node, into the one folder of it that the API server reads anyway.
    writeFileSync(join(own, "files", "etc", "ssl", "certs", "audit-policy.yaml"), policy);
    Object.assign(process.env, { MINIKUBE_HOME: home, KUBECONFIG: join(home, "kubeconfig") });
    const audit = ["policy-file=/etc/ssl/certs/audit-policy.yaml", "log-path=-"];
    const args = [
      ...creationArguments(await machine(), {}),
      ...needed,
      ...(await forceArguments(process.getuid?.() === 0, inClosedNetwork)),
      ...audit.map((option) => `--extra-config=apiserver.audit-${option}`),
    ];
    minikube("start", "--interactive=false", ...new Set(args));
    if (await inClosedNetwork()) {
      const file = join(home, "images.tar");
      docker("save", "--output", file, ...images);
      minikube("image", "load", file);
    }
    kubectl("create", "namespace", namespace);
    const passwords = ["password", "root-password"].map((key) => `--from-literal=${key}=by-hand-${key}-1`);
    kubectl("--namespace", namespace, "create", "secret", "generic", "mysql", ...passwords);
    kubectl("apply", "--filename", join(folder, "docker/kubernetes/wordpress-k8s.yml"));
    kubectl("--namespace", namespace, "rollout", "status", "deployment", "wordpress", "--timeout=240s");
    console.log(`      a cluster with the lab and the log: ${((Date.now() - began) / 1000).toFixed(0)} s`);
  });
  after(() => {
    try {
      minikube("delete");
    } finally {
      for (const [name, value] of Object.entries(given)) {
        if (value === undefined) delete process.env[name];
        else process.env[name] = value;
      }
      remove(folder);
      rmSync(home, { recursive: true, force: true });
    }
    assert.deepEqual(sweep(`name.minikube.sigs.k8s.io=${profile}`), []);
  });

  /**
   * All writes that went well: the account of each version. Two have none in the log: a node that a pod gets, and the end of
   * its grace, which is one request with its removal and the version before that.
   */
  function log() {
    const lines = kubectl("--namespace", "kube-system", "logs", `kube-apiserver-${profile}`).split("\n");
    const all = lines
      .filter((line) => line.startsWith('{"kind":"Event","apiVersion":"audit.k8s.io/'))
      .map((line) => JSON.parse(line) as Audited)
      .filter(({ responseStatus }) => responseStatus.code < 300)
      .sort((a, b) => a.requestReceivedTimestamp.localeCompare(b.requestReceivedTimestamp));
    const versions = new Map<string, string>();
    const [bindings, ends] = [new Map<string, string>(), new Map<string, string>()];
    for (const { verb, user, objectRef, responseObject } of all) {
      const { name = "", resourceVersion: version, deletionGracePeriodSeconds: grace } = responseObject?.metadata ?? {};
      if (verb === "delete" && grace === 0) ends.set(name, user.username);
      if (objectRef.subresource === "binding") bindings.set(objectRef.name ?? "", user.username);
      // What changes nothing is answered with the version that there is.
      else if (version && !versions.has(version)) versions.set(version, user.username);
    }
    return { versions, bindings, ends };
  }

  const steps: [story: string[], writers: number][] = [
    [["apply"], 6],
    [["scale", "2"], 6],
    [["delete-pod"], 5],
    [["wrong-image"], 6],
  ];
  for (const [story, writers] of steps) {
    it(`${story.join(" ")}: every step is by whom the log says, and the page tells them in the log's order`, async () => {
      const page = join(home, `${story[0]}.html`);
      const { code, said, stdout } = await npmRun(folder, "see", [...story, "--by-hand", "--json", "--page", page]);
      assert.equal(code, 0, said);
      const { steps, seconds } = JSON.parse(stdout) as { steps: Step[]; seconds: { step: number; told: number } };
      const { versions, bindings, ends } = log();
      const loggedFor = ({ resourceVersion, object: { name }, by }: Pick<Step, "resourceVersion" | "object" | "by">) =>
        (by === "binding" ? bindings.get(name) : versions.get(resourceVersion)) ??
        (by === "deletion" ? ends.get(name) : undefined) ??
        assert.fail(`the log has no ${resourceVersion} (${name})`);

      const compared = steps.map((step) => [step.resourceVersion, step.actor.id]);
      assert.deepEqual(
        compared,
        steps.map((step) => [step.resourceVersion, accountOf(loggedFor(step))[0]]),
      );
      assert.deepEqual(
        steps.filter(({ doubt }) => doubt),
        [],
      );
      assert.equal(new Set(compared.map(([, id]) => id)).size, writers);
      assert.ok(seconds.told < 2, `${seconds.told} s`);

      // What the log has between the first and the last step is told, all of it.
      const told = new Set(steps.map(({ resourceVersion }) => resourceVersion));
      const [first = 0, last = 0] = [steps[0], steps.at(-1)].map((step) => Number(step?.resourceVersion));
      const between = [...versions.keys()].filter((version) => Number(version) >= first && Number(version) <= last);
      assert.deepEqual(
        between.filter((version) => !told.has(version)),
        [],
      );

      // Whoever reads nothing but the page.
      await opened(page, async ({ page, errors, requests }) => {
        const read: string[] = [];
        const logged: string[] = [];
        for (const step of steps) {
          const version = await page.locator("#panel").getAttribute("data-version");
          read.push(`${version} ${(await page.locator("#who").innerText()).split(" · ")[0]}`);
          logged.push(`${step.resourceVersion} ${accountOf(loggedFor(step))[1]}`);
          await page.keyboard.press("ArrowRight");
        }
        assert.deepEqual(read, logged);
        const order = read.map((line) => Number(line.split(" ")[0]));
        assert.deepEqual(
          order,
          [...order].sort((a, b) => a - b),
        );
        assert.deepEqual([errors, requests], [[], []]);
      });
      const { step, told: after } = seconds;
      console.log(
        `      ${steps.length} steps by ${writers}, as in the log; told ${after} s after the end (step: ${step} s)`,
      );
    });
  }

  it("the log is on in no folder of minikube's that another cluster reads", () => {
    const usual = join(given.MINIKUBE_HOME ?? homedir(), ".minikube");
    assert.ok(!existsSync(join(usual, "files", "etc", "ssl", "certs", "audit-policy.yaml")));
    assert.ok(!existsSync(join(usual, "profiles", profile)));
  });
});
