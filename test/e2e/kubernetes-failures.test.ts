import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { Edit, edit, setting } from "./edits";
import { clone, npmRun, Options, run, tearDown } from "./harness";
import { context, kubectl, startCluster } from "./minikube";

const lab = ["--labs", "kubernetes"];

/** A shorter wait than learners have, who are told when it is over: the first failure that is waited for has theirs. */
const impatient: Edit = [
  "components/stateful-workload.ts",
  'create: "100s", update: "100s"',
  'create: "40s", update: "40s"',
];

/** What a student will meet: each ends within two minutes, says what happened and the next step, and can be mended. */
describe("failures of the Kubernetes lab", () => {
  let folder: string;

  before(async () => {
    await startCluster();
    folder = clone();
  });
  after(async () => {
    await tearDown(folder);
  });

  async function fails(says: RegExp[], args: string[] = [], options: Options = {}) {
    const { code, said, seconds } = await npmRun(folder, "up", [...lab, ...args], options);
    assert.equal(code, 1, said);
    for (const pattern of says) assert.match(said, pattern);
    assert.doesNotMatch(said, /\n\s+at .*:\d+/, "no stack trace");
    assert.ok(seconds < 120, `took ${seconds} s`);
    console.log(`      told after ${seconds.toFixed(0)} s`);
    return said;
  }
  async function converges() {
    const { code, said } = await npmRun(folder, "up", lab);
    assert.equal(code, 0, said);
  }
  const nothingWasMade = () =>
    assert.equal(kubectl("get", "namespace", "wordpress", "--ignore-not-found", "--output", "name"), "");

  it("no default storage class: told before anything is made", async () => {
    run("minikube", "--profile", context, "addons", "disable", "default-storageclass");
    try {
      await fails([/no default storage class/i, /addons enable default-storageclass/]);
      nothingWasMade();
    } finally {
      run("minikube", "--profile", context, "addons", "enable", "default-storageclass");
    }
  });

  it("the node port is taken: told before anything is made, with who has it", async () => {
    kubectl("create", "service", "nodeport", "holder", "--tcp=80", "--node-port=30080");
    try {
      await fails([/course-labs:nodePort is 30080/, /default\/holder/]);
      nothingWasMade();
    } finally {
      kubectl("delete", "service", "holder");
    }
  });

  it("too little memory: told before anything is made", async () => {
    const allocatable = Number.parseInt(
      kubectl("get", "node", context, "--output", "jsonpath={.status.allocatable.memory}"),
    );
    const hog = {
      apiVersion: "v1",
      kind: "Pod",
      metadata: { name: "hog", namespace: "default" },
      spec: {
        terminationGracePeriodSeconds: 0,
        containers: [
          {
            name: "hog",
            image: "registry.k8s.io/pause:3.10",
            resources: { requests: { memory: `${allocatable - 300 * 1024}Ki` } },
          },
        ],
      },
    };
    const file = join(folder, "hog.json");
    writeFileSync(file, JSON.stringify(hog));
    kubectl("apply", "--filename", file);
    kubectl("wait", "--for=condition=PodScheduled", "pod/hog", "--timeout=30s");
    try {
      await fails([/memory/i]);
      nothingWasMade();
    } finally {
      kubectl("delete", "pod", "hog", "--now");
    }
  });

  it("an image that does not exist, on a cluster that pulls for itself", async () => {
    // The same cluster under another name is somebody else's to this project: nothing is loaded into it.
    const config = join(folder, "elsewhere.yaml");
    writeFileSync(config, kubectl("config", "view", "--minify", "--flatten"), { mode: 0o600 });
    run("kubectl", "--kubeconfig", config, "config", "rename-context", context, "elsewhere");
    const elsewhere = [
      setting("kubeconfig", config),
      setting("kubeContext", "elsewhere"),
      setting("kubeNode", context),
    ];
    const asBefore = edit(folder, [...elsewhere, setting("wordpressImage", "wordpress:no-such-tag")]);
    try {
      await fails([
        /WordPress does not start: its image wordpress:no-such-tag cannot be pulled/,
        /course-labs:wordpressImage/,
      ]);
    } finally {
      asBefore();
    }
    const back = edit(folder, elsewhere);
    try {
      await converges();
      const { code, said } = await npmRun(folder, "destroy");
      assert.equal(code, 0, said);
    } finally {
      back();
    }
    nothingWasMade();
  });

  it("the volume is full", async () => {
    const data = "/tmp/hostpath-provisioner/wordpress/mysql-data";
    const node = (command: string) => run("minikube", "--profile", context, "ssh", "--", `sudo sh -c '${command}'`);
    node(`mkdir -p ${data} && mount -t tmpfs -o size=24m tmpfs ${data} && chmod 777 ${data}`);
    const asBefore = edit(folder, [impatient]);
    try {
      // Its first start says that there is no room; all later ones say that what it left is unusable.
      await fails([/MySQL (cannot write\. Its volume is full|does not start\. .*there was no room)/, /npm run up/]);
    } finally {
      asBefore();
      const { code, said } = await npmRun(folder, "destroy");
      assert.equal(code, 0, said);
      node(`umount ${data}; rm -rf ${data}`);
    }
    nothingWasMade();
  });

  it("the cluster is stopped in the middle", async () => {
    let stopping: Promise<void> | undefined;
    const stop = () => {
      stopping ??= new Promise((resolve) => {
        setImmediate(() => {
          run("minikube", "stop", "--profile", context);
          resolve();
        });
      });
    };
    const asBefore = edit(folder, [impatient]);
    await fails([/cluster/i, /npm run up/], [], {
      killWhen: (said) => {
        if (/\+ Namespace/.test(said)) stop();
        return false;
      },
    }).finally(asBefore);
    assert.ok(stopping, "it was stopped");
    await stopping;
    await converges();
  });

  it("another password than the volume has", async () => {
    const passwords = "components/database-passwords.ts";
    const asBefore = edit(folder, [
      impatient,
      [passwords, /length: \d+/, "length: 31"],
      [passwords, /pulumi\.mergeOptions\(opts, .*\)/, "opts"],
    ]);
    try {
      await fails(
        [/WordPress cannot log in to its database/, /npm run destroy -- --labs kubernetes/],
        ["--allow-data-loss"],
      );
    } finally {
      asBefore();
    }
    const { code, said } = await npmRun(folder, "destroy", ["--labs", "kubernetes"]);
    assert.equal(code, 0, said);
    await converges();
  });
});
