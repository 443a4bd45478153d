import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { Edit, edit, setting } from "./edits";
import { clone, npmRun, Options, Result, run, tearDown } from "./harness";
import { context, kubectl, startCluster } from "./minikube";
import { Visitor } from "./wordpress";

const lab = ["--labs", "kubernetes"];

/** A shorter wait than learners have, who are told when it is over: one of the failures has theirs. */
const impatient: Edit = [
  "components/stateful-workload.ts",
  'create: "100s", update: "100s"',
  'create: "25s", update: "25s"',
];

/** What a student will meet: each comes to its end, says what happened and the next step, and can be mended. */
describe("failures of the Kubernetes lab", () => {
  let folder: string;

  before(async () => {
    await startCluster();
    folder = clone();
  });
  after(async () => {
    await tearDown(folder);
  });

  function failed({ code, said, seconds }: Result, says: RegExp[]) {
    assert.equal(code, 1, said);
    for (const pattern of says) assert.match(said, pattern);
    assert.doesNotMatch(said, /\n\s+at .*:\d+/, "no stack trace");
    console.log(`      told after ${seconds.toFixed(0)} s`);
  }
  const fails = async (says: RegExp[], args: string[] = [], options: Options = {}) => {
    const result = await npmRun(folder, "up", [...lab, ...args], options);
    failed(result, says);
    return result.said;
  };
  /** Provisions, and looks at the page as a visitor does: a new WordPress sends its first one to be installed. */
  async function converges(of = folder) {
    const { code, said } = await npmRun(of, "up", lab);
    assert.equal(code, 0, said);
    const { stdout } = await npmRun(of, "outputs", ["--json"]);
    const { wordpressUrl } = JSON.parse(stdout) as { wordpressUrl: string };
    const first = await new Visitor(wordpressUrl).request("/");
    assert.match(first.headers.get("location") ?? "", /\/wp-admin\/install\.php$/);
  }
  const nothingWasMade = () =>
    assert.equal(kubectl("get", "namespace", "wordpress", "--ignore-not-found", "--output", "name"), "");

  it("no default storage class: reported before anything is created", async () => {
    run("minikube", "--profile", context, "addons", "disable", "default-storageclass");
    let step = `minikube --profile ${context} addons enable default-storageclass`;
    try {
      step = await fails([
        /The cluster has no default storage class, so no volumes can be created for MySQL and WordPress\./,
        /addons enable default-storageclass/,
      ]);
      nothingWasMade();
    } finally {
      for (const [command] of step.matchAll(/minikube --profile \S+ addons enable [\w-]+/g)) run("sh", "-c", command);
    }
  });

  it("the node port is taken: reported before anything is created, with who uses it", async () => {
    kubectl("create", "service", "nodeport", "holder", "--tcp=80", "--node-port=30080");
    try {
      await fails([/course-labs:nodePort is 30080/, /default\/holder/]);
      nothingWasMade();
    } finally {
      kubectl("delete", "service", "holder");
    }
  });

  it("too little memory: reported before anything is created", async () => {
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
      await fails([
        /The cluster has too little memory: \d+ MiB are available for pods, but WordPress and MySQL request \d+ MiB\./,
        /kubectl --context course-labs get pods --all-namespaces/,
      ]);
      nothingWasMade();
    } finally {
      kubectl("delete", "pod", "hog", "--now");
    }
  });

  describe("in two namespaces at once", () => {
    let other: string;
    let missing: Promise<Result>;
    let rightImage: () => void;

    before(() => {
      other = clone();
      // The same cluster under another name is somebody else's to this project: nothing is loaded into it.
      const config = join(other, ".git", "elsewhere.yaml");
      writeFileSync(config, kubectl("config", "view", "--minify", "--flatten"), { mode: 0o600 });
      run("kubectl", "--kubeconfig", config, "config", "rename-context", context, "elsewhere");
      edit(other, [
        setting("kubeconfig", config),
        setting("kubeContext", "elsewhere"),
        setting("kubeNode", context),
        setting("kubernetesNamespace", "elsewhere"),
        setting("nodePort", 30082),
      ]);
      rightImage = edit(other, [setting("wordpressImage", "wordpress:no-such-tag")]);
      missing = npmRun(other, "up", lab);
    });
    after(() => tearDown(other));

    it("the volume is full", async () => {
      const data = "/tmp/hostpath-provisioner/wordpress/mysql-data";
      const node = (command: string) => run("minikube", "--profile", context, "ssh", "--", `sudo sh -c '${command}'`);
      node(`mkdir -p ${data} && mount -t tmpfs -o size=24m tmpfs ${data} && chmod 777 ${data}`);
      const asBefore = edit(folder, [impatient]);
      try {
        // Its first start says that there is no room; all later ones say that what it left is unusable.
        await fails([/MySQL does not work\. .*(volume is full|there was no room)/, /npm run up/]);
      } finally {
        asBefore();
        const { code, said } = await npmRun(folder, "destroy");
        assert.equal(code, 0, said);
        node(`umount ${data}; rm -rf ${data}`);
      }
      nothingWasMade();
    });

    it("an image that does not exist, on a cluster that pulls for itself, with learners' patience", async () => {
      failed(await missing, [
        /WordPress does not start: its image wordpress:no-such-tag cannot be pulled/,
        /its registry cannot be reached/,
      ]);
      rightImage();
      await converges(other);
    });
  });

  describe("in a cluster that nobody else needs", () => {
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
      // With the lab's own patience: it ends, although the provider may wait for its first list of the pods without an end.
      await fails([/The cluster of (?:context "course-labs"|the Kubernetes lab) does not answer/, /npm run up/], [], {
        killWhen: (said) => {
          if (/\+ Namespace/.test(said)) stop();
          return false;
        },
      });
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
});
