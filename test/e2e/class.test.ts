import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { edit, setting } from "./edits";
import { clone, npmRun, tearDown } from "./harness";
import { context, kubectl, podOf, startCluster, until } from "./minikube";
import { parseSettings } from "../../config";
import { SeatOutputs } from "../../outputs";
import { followClass } from "../../tools/class/live";
import { Progress } from "../../tools/class/progress";
import { clusterApi } from "../../tools/cluster/api";
import { pullEverywhere } from "../../tools/cluster/pull-images";

const [right, wrong, hostile] = ["gimminsu", "kim", "mallory"];
const namespaceOf = (seat: string) => `e2e-seat-${seat}`;
const [victim, own] = [namespaceOf(right), namespaceOf(hostile)];
const rules = "e2e-course-labs-class";
const { wordpressImage } = parseSettings({});

interface Said {
  code: number;
  said: string;
}

/** Runs kubectl with a seat's own kubeconfig, and a manifest on its standard input. */
function kubectlAs(kubeconfig: string, args: string[], manifest?: object): Promise<Said> {
  return new Promise((done) => {
    const child = execFile("kubectl", ["--kubeconfig", kubeconfig, ...args], (error, stdout, stderr) =>
      done({ code: error ? 1 : 0, said: stdout + stderr }),
    );
    child.stdin?.end(manifest ? JSON.stringify(manifest) : "");
  });
}

const pod = (name: string, spec: object = {}, container: object = {}) => ({
  apiVersion: "v1",
  kind: "Pod",
  metadata: { name },
  spec: {
    terminationGracePeriodSeconds: 0,
    containers: [{ name: "c", image: wordpressImage, command: ["sleep", "600"], ...container }],
    ...spec,
  },
});
const service = (name: string, spec: object) => ({
  ...{ apiVersion: "v1", kind: "Service", metadata: { name } },
  spec: { selector: { app: name }, ...spec },
});

/** What is tried, by whom it has to be refused, and how. */
interface Attack {
  what: string;
  args: string[];
  manifest?: object;
  /** What the refusal says; by the right one, and not because the attack was clumsy. */
  refused: RegExp;
}

const create = ["create", "--filename", "-"];
const forbidden = /is forbidden: User "system:serviceaccount:e2e-seat-mallory:student" cannot/;
const ofClass = /This object belongs to the class and keeps its seats apart/;
const baseline = /violates PodSecurity "baseline:latest"/;
const quota = /exceeded quota: class-quota/;
const patch = (kind: string, name: string, change: object) => [
  "patch",
  kind,
  name,
  "--type=merge",
  `--patch=${JSON.stringify(change)}`,
];

/** @param pods names of pods of the seat that is attacked */
const attacksOn = (pods: { mysql: string; site: string }, sitePort: number): Attack[] => [
  { what: "read another seat's Secrets", args: ["get", "secrets", "-n", victim], refused: forbidden },
  { what: "read one Secret of it by name", args: ["get", "secret", "mysql", "-n", victim], refused: forbidden },
  { what: "see another seat's pods", args: ["get", "pods", "-n", victim], refused: forbidden },
  { what: "read its logs", args: ["logs", pods.site, "-n", victim], refused: forbidden },
  {
    what: "run a command in its database",
    args: ["create", "--raw", `/api/v1/namespaces/${victim}/pods/${pods.mysql}/exec?command=id&stdout=1`, "-f", "-"],
    manifest: {},
    refused: forbidden,
  },
  { what: "delete its Deployment", args: ["delete", "deployment", "mysql", "-n", victim], refused: forbidden },
  { what: "make a pod in it", args: [...create, "-n", victim], manifest: pod("guest"), refused: forbidden },
  { what: "list Secrets of the whole cluster", args: ["get", "secrets", "-A"], refused: forbidden },
  { what: "list who else has a seat", args: ["get", "namespaces"], refused: forbidden },
  { what: "look at the nodes", args: ["get", "nodes"], refused: forbidden },
  { what: "delete the own wall", args: ["delete", "networkpolicy", "class-incoming"], refused: ofClass },
  {
    what: "delete all walls at once",
    args: ["delete", "--raw", `/apis/networking.k8s.io/v1/namespaces/${own}/networkpolicies`],
    refused: ofClass,
  },
  {
    what: "let the wall let everything out",
    args: patch("networkpolicy", "class-outgoing", { spec: { egress: [{}] } }),
    refused: ofClass,
  },
  {
    what: "take the class's label off the wall",
    args: patch("networkpolicy", "class-outgoing", { metadata: { labels: { "course-labs/seat": null } } }),
    refused: ofClass,
  },
  {
    what: "add a policy that opens the seat",
    args: create,
    manifest: {
      apiVersion: "networking.k8s.io/v1",
      kind: "NetworkPolicy",
      metadata: { name: "open" },
      spec: { podSelector: {}, policyTypes: ["Egress"], egress: [{ to: [{ namespaceSelector: {} }] }] },
    },
    refused: /it may deny access, but not open the seat to others/,
  },
  { what: "delete the own quota", args: ["delete", "resourcequota", "class-quota"], refused: forbidden },
  {
    what: "raise the own quota",
    args: patch("resourcequota", "class-quota", { spec: { hard: { pods: "1000" } } }),
    refused: forbidden,
  },
  { what: "delete the own limits", args: ["delete", "limitrange", "class-limits"], refused: forbidden },
  {
    what: "give oneself the role admin",
    args: ["create", "rolebinding", "more", "--clusterrole=admin", `--serviceaccount=${own}:student`],
    refused: forbidden,
  },
  {
    what: "add somebody to the own role",
    args: patch("rolebinding", "class-student", { subjects: [] }),
    refused: forbidden,
  },
  { what: "make a role", args: ["create", "role", "all", "--verb=*", "--resource=*"], refused: forbidden },
  {
    what: "delete the rules of the class",
    args: ["delete", "validatingadmissionpolicy", rules],
    refused: forbidden,
  },
  {
    what: "unbind the rules of the class",
    args: ["delete", "validatingadmissionpolicybinding", rules],
    refused: forbidden,
  },
  {
    what: "ask less of the own namespace",
    args: ["label", "namespace", own, "pod-security.kubernetes.io/enforce=privileged", "--overwrite"],
    refused: forbidden,
  },
  {
    what: "claim 10 GiB",
    args: create,
    manifest: {
      apiVersion: "v1",
      kind: "PersistentVolumeClaim",
      metadata: { name: "big" },
      spec: { accessModes: ["ReadWriteOnce"], resources: { requests: { storage: "10Gi" } } },
    },
    refused: quota,
  },
  {
    what: "a pod with 8 GiB of memory",
    args: create,
    manifest: pod("big", {}, { resources: { limits: { memory: "8Gi" } } }),
    refused: quota,
  },
  {
    what: "hostPath: the node's files",
    args: create,
    manifest: pod("files", { volumes: [{ name: "v", hostPath: { path: "/" } }] }),
    refused: baseline,
  },
  { what: "the node's network", args: create, manifest: pod("net", { hostNetwork: true }), refused: baseline },
  { what: "the node's processes", args: create, manifest: pod("pids", { hostPID: true }), refused: baseline },
  {
    what: "a privileged container",
    args: create,
    manifest: pod("root", {}, { securityContext: { privileged: true } }),
    refused: baseline,
  },
  {
    what: "a port of the node itself",
    args: create,
    manifest: pod("port", {}, { ports: [{ containerPort: 80, hostPort: 8080 }] }),
    refused: baseline,
  },
  {
    what: "another seat's node port",
    args: create,
    manifest: service("thief", { type: "NodePort", ports: [{ port: 80, nodePort: sitePort - 1 }] }),
    refused: /The node port of this seat is \d+, other ports are other seats'|already allocated/,
  },
  {
    what: "whatever node port is free",
    args: create,
    manifest: service("any", { type: "NodePort", ports: [{ port: 80 }] }),
    refused: /The node port of this seat is \d+/,
  },
  {
    what: "a load balancer",
    args: create,
    manifest: service("lb", { type: "LoadBalancer", allocateLoadBalancerNodePorts: false, ports: [{ port: 80 }] }),
    refused: quota,
  },
  {
    what: "take over an address",
    args: create,
    manifest: service("ip", { externalIPs: ["192.0.2.7"], ports: [{ port: 80 }] }),
    refused: /would receive what is sent to others/,
  },
  {
    what: "a token that lasts longer",
    args: ["create", "token", "student", "--duration=720h"],
    refused: /Access to this seat ends when the class does/,
  },
  {
    what: "a token that never ends",
    args: create,
    manifest: {
      ...{ apiVersion: "v1", kind: "Secret", type: "kubernetes.io/service-account-token" },
      metadata: { name: "forever", annotations: { "kubernetes.io/service-account.name": "student" } },
    },
    refused: /A token in a Secret would never expire/,
  },
  {
    what: "a pod that is the student",
    args: create,
    manifest: pod("me", { serviceAccountName: "student" }),
    refused: /The account student is for your kubectl, not for pods/,
  },
  {
    what: "delete the account, to break renewal",
    args: ["delete", "serviceaccount", "student"],
    refused: ofClass,
  },
  {
    what: "be the administrator",
    args: ["get", "nodes", "--as=admin", "--as-group=system:masters"],
    refused: forbidden,
  },
  {
    what: "be another student",
    args: ["get", "secrets", "-n", victim, `--as=system:serviceaccount:${victim}:student`],
    refused: forbidden,
  },
  {
    what: "a token of the cluster's own accounts",
    args: ["create", "token", "default", "-n", "kube-system"],
    refused: /cannot create resource "serviceaccounts\/token"|is forbidden/,
  },
  {
    what: "push others' pods off the node",
    args: create,
    manifest: pod("vip", { priorityClassName: "system-node-critical" }),
    refused: /A pod of that priority would evict the pods of others/,
  },
];

describe("a class of three, each through the kubeconfig that was handed out", () => {
  let [folder, seats] = ["", ""];
  const kubeconfig = (seat: string) => join(seats, seat, "kubeconfig.yaml");
  const as = (seat: string, args: string[], manifest?: object) => kubectlAs(kubeconfig(seat), args, manifest);
  /** What has to work. */
  async function works(seat: string, args: string[], manifest?: object): Promise<string> {
    const { code, said } = await as(seat, args, manifest);
    assert.equal(code, 0, `${args.join(" ")}\n${said}`);
    return said;
  }
  const names = "김민수, kim, mallory";
  let all: SeatOutputs[] = [];
  const ports = { first: 31201 };

  before(async () => {
    await startCluster();
    folder = clone();
    seats = mkdtempSync(join(tmpdir(), "course-labs-seats-"));
    edit(folder, [
      setting("labs", "[kubernetes]"),
      setting("prefix", "e2e-"),
      setting("kubernetesNamespace", "e2e-wordpress"),
      setting("nodePort", ports.first - 1),
      setting("seats", `[${names}]`),
      setting("seatHours", 1),
    ]);
  });
  after(async () => {
    rmSync(seats, { recursive: true, force: true });
    await tearDown(folder, "--lang", "en");
    assert.equal(
      kubectl("get", "namespaces", "--selector", "course-labs/seat", "--output", "name").includes("e2e-"),
      false,
    );
    assert.equal(kubectl("get", "validatingadmissionpolicy", rules, "--ignore-not-found", "--output", "name"), "");
  });

  it("up creates the seats, and has nothing to do the second time", async () => {
    const made = await npmRun(folder, "up");
    assert.equal(made.code, 0, made.said);
    assert.match((await npmRun(folder, "up")).said, /No changes/);
    const outputs = JSON.parse((await npmRun(folder, "outputs", ["--json"])).stdout) as {
      class: { seats: SeatOutputs[] };
    };
    all = outputs.class.seats;
    assert.deepEqual(
      all.map(({ seat, student }) => [seat, student]),
      [
        [right, "김민수"],
        [wrong, undefined],
        [hostile, undefined],
      ],
    );
  });

  it("hand-out refuses a cluster that only this machine can reach, or reports whether its network keeps seats apart", async () => {
    const refused = await npmRun(folder, "class", ["hand-out", seats]);
    assert.equal(refused.code, 1, refused.said);
    assert.match(refused.said, /which only this machine can reach.*To try it on this machine only: --here/);
    const { code, said } = await npmRun(folder, "class", ["hand-out", seats, "--here"]);
    assert.equal(code, 0, said);
    assert.match(said, /Seats handed out: 3/);
    assert.match(said, /Network: (measured|NOT kept apart)/);
    // Nothing of it is in the state.
    const [token] = /ey[\w-]+\.[\w-]+\.[\w-]+/.exec(readFileSync(kubeconfig(right), "utf8")) ?? [];
    assert.ok(token);
    const state = readFileSync(join(folder, ".pulumi/stacks/course-labs/dev.json"), "utf8");
    assert.ok(!state.includes(token));
    const { exp = 0, iat = 0 } = JSON.parse(Buffer.from(token.split(".")[1]!, "base64url").toString()) as {
      exp?: number;
      iat?: number;
    };
    assert.equal(exp - iat, 3600);
  });

  it("every node pulls the images with temporary pods, and an image that it cannot pull is reported", async () => {
    const apis = clusterApi({ kubeContext: context });
    const { mysqlImage } = parseSettings({});
    const pull = (...images: string[]) =>
      pullEverywhere(apis, images, { kubeContext: context }, new AbortController().signal);
    assert.equal(await pull(mysqlImage, wordpressImage), undefined);
    const problem = await pull(wordpressImage, "registry.invalid/mysql:9");
    assert.match(problem?.en ?? "", /^Node course-labs cannot pull registry\.invalid\/mysql:9\. /);
    const left = () => kubectl("get", "jobs,daemonsets,pods", "--namespace", "default", "--output", "name");
    await until(() => !left().includes("course-labs-images"), "nothing is left of it", 30);
  });

  it("the commands of the page lead to a WordPress at the seat's own address", async () => {
    await works(right, [
      "create",
      "secret",
      "generic",
      "mysql",
      "--from-literal=password=a1",
      "--from-literal=root-password=b2",
    ]);
    await works(right, ["apply", "--filename", join(seats, right, "wordpress-k8s.yml")]);
    await works(right, ["rollout", "status", "deployment", "wordpress", "--timeout=150s"]);
    const [, url = ""] = /http:\/\/(\S+)/.exec(readFileSync(join(seats, right, "START.md"), "utf8")) ?? [];
    assert.match(url, new RegExp(`:${ports.first}$`));
    // A Service leads to a ready pod a moment later.
    const page = () => fetch(`http://${url}/wp-login.php`, { redirect: "manual" }).catch(() => undefined);
    await until(async () => (await page())?.status === 302, "the page is served", 15);
  });

  it("the teacher's page shows within two seconds what a student did wrong, and that it is fixed", async () => {
    const api = clusterApi({ kubeContext: context });
    const settings = parseSettings({});
    const following = await followClass(api, settings, all);
    const stateOf = async (name: string) => (await following.now()).find(({ seat }) => seat === name)!;
    /** Waits for what is to be seen. @returns after how many milliseconds it was */
    const seen = async (what: (one: Progress) => boolean, patience: number) => {
      const began = Date.now();
      for (;;) {
        const one = await stateOf(wrong);
        const after = Date.now() - began;
        if (what(one)) return after;
        assert.ok(after < patience, `after ${after} ms: ${JSON.stringify(one)}`);
        // As the page does.
        await sleep(500);
      }
    };
    try {
      assert.equal((await stateOf(wrong)).state, "not begun");
      assert.equal((await stateOf(right)).state, "done");
      const before = following.requests();
      // What the course's manifest is, with the claims forgotten.
      const service = {
        kind: "Service",
        metadata: { name: "mysql" },
        spec: { ports: [{ port: 3306 }], selector: { app: "x" } },
      };
      await works(wrong, create, { apiVersion: "v1", ...service });
      const told = await seen(({ state, at }) => state === "working" && /mysql-data/.test(at?.why.en ?? ""), 2000);
      const claim = (name: string) => ({
        ...{ apiVersion: "v1", kind: "PersistentVolumeClaim", metadata: { name } },
        spec: { accessModes: ["ReadWriteOnce"], resources: { requests: { storage: "1Gi" } } },
      });
      for (const name of ["mysql-data", "wordpress-data"]) await works(wrong, create, claim(name));
      // The volumes are made by a program of the cluster's own.
      await seen(({ at }) => at?.id === "kubernetes.chain", 20_000);
      await works(wrong, ["create", "deployment", "mysql", "--image=mysql:no-such-tag"]);
      await seen(({ state, doctor, at }) => {
        const says = `${at?.why.en} ${doctor?.what.en}`;
        return state === "stuck" && says.includes("mysql:no-such-tag");
      }, 60_000);
      assert.equal((await following.now())[0]?.seat, wrong, "who needs help is first");
      console.log(
        `      seen after ${told} ms; ${before} requests for the whole class, ${following.requests()} in the end`,
      );
      assert.ok(before <= 22, String(before));
    } finally {
      await following.stop();
    }
  });

  it("grade runs the course's checks in every seat", async () => {
    const file = join(seats, "grades.csv");
    const { code, said } = await npmRun(folder, "class", ["grade", file]);
    assert.equal(code, 0, said);
    const lines = readFileSync(file, "utf8").replace("\ufeff", "").trim().split("\r\n");
    assert.equal(lines.length, 4);
    assert.match(lines[1]!, /^gimminsu,김민수,e2e-seat-gimminsu,[^,]+,1[12],[01],[01],0,(passed,?){11}/);
    assert.match(lines[2]!, /^kim,kim,e2e-seat-kim,[^,]+,2,1,0,\d+,/);
    assert.match(lines[3]!, /^mallory,/);
  });

  it("everything that a lesson needs works in a seat, without warnings about limits", async () => {
    await works(hostile, ["run", "web", `--image=${wordpressImage}`, "--command", "--", "sleep", "600"]);
    await works(hostile, ["create", "configmap", "c", "--from-literal=a=b"]);
    await works(hostile, ["create", "serviceaccount", "robot"]);
    await works(hostile, ["create", "token", "robot"]);
    await works(
      hostile,
      create,
      service("mine", { type: "NodePort", ports: [{ port: 80, nodePort: ports.first + 2 }] }),
    );
    await works(hostile, create, {
      apiVersion: "networking.k8s.io/v1",
      kind: "NetworkPolicy",
      metadata: { name: "close" },
      spec: { podSelector: { matchLabels: { app: "db" } }, ingress: [{ from: [{ podSelector: {} }] }] },
    });
    await works(hostile, ["wait", "pod/web", "--for=condition=Ready", "--timeout=60s"]);
    assert.equal((await works(hostile, ["exec", "web", "--", "echo", "in"])).trim(), "in");
    await works(hostile, ["delete", "networkpolicy", "close"]);
    await works(hostile, ["delete", "service", "mine"]);
  });

  it("every attack of a hostile student is refused, each for its own reason", async function () {
    const pods = { mysql: podOf(victim, "mysql").metadata.name, site: podOf(victim, "wordpress").metadata.name };
    const attacks = attacksOn(pods, ports.first + 2);
    assert.ok(attacks.length >= 20);
    const rows: string[] = [];
    const open: string[] = [];
    for (let i = 0; i < attacks.length; i += 6) {
      const some = attacks.slice(i, i + 6);
      const answers = await Promise.all(some.map(({ args, manifest }) => as(hostile, args, manifest)));
      some.forEach(({ what, refused }, j) => {
        const { code, said } = answers[j]!;
        const held = code !== 0 && refused.test(said);
        if (!held) open.push(`${what}: ${said}`);
        rows.push(
          `${held ? "refused" : "OPEN   "}  ${what.padEnd(42)} ${(refused.exec(said) ?? [said])[0].slice(0, 90)}`,
        );
      });
    }
    console.log(rows.map((row) => `      ${row}`).join("\n"));
    assert.deepEqual(open, []);
  });

  it("a hundred pods become ten, and the other seats go on", async () => {
    await works(hostile, [
      "create",
      "deployment",
      "many",
      `--image=${wordpressImage}`,
      "--replicas=100",
      "--",
      "sleep",
      "600",
    ]);
    await works(hostile, ["wait", "deployment/many", "--for=condition=ReplicaFailure", "--timeout=60s"]);
    const names = (await works(hostile, ["get", "pods", "--output=name"])).trim().split("\n");
    assert.ok(names.length <= 10, names.join());
    await works(hostile, ["delete", "deployment", "many", "--wait=false"]);
    await works(right, ["wait", "deployment/wordpress", "--for=condition=Available", "--timeout=10s"]);
  });

  it("another seat's database cannot be reached if the network enforces policies, which is measured", async function () {
    const { ip } = (
      JSON.parse(kubectl("get", "pods", "-n", victim, "-l", "app.kubernetes.io/name=mysql", "-o", "json")) as {
        items: { status: { podIP: string } }[];
      }
    ).items.map(({ status }) => ({ ip: status.podIP }))[0]!;
    const { said } = await as(hostile, [
      ...["exec", "web", "--", "php", "-r"],
      `echo @fsockopen("${ip}", 3306, $code, $why, 4) ? "REACHED" : "kept out";`,
    ]);
    const told = (await npmRun(folder, "class", ["hand-out", seats, "--here"])).said;
    console.log(`      ${said.trim()}: ${/Network: .*/.exec(told)?.[0] ?? told}`);
    assert.match(told, said.includes("REACHED") ? /Network: NOT kept apart/ : /Network: measured/);
  });

  it("revoked access ends at once, for that seat only, and the seat's contents are kept", async () => {
    const { code, said } = await npmRun(folder, "class", ["revoke", "--seat", "김민수"]);
    assert.equal(code, 0, said);
    const late = await as(right, ["get", "pods"]);
    assert.equal(late.code, 1);
    assert.match(late.said, /Unauthorized|must be logged in/);
    await works(wrong, ["get", "pods"]);
    assert.equal(
      kubectl("get", "deployment", "wordpress", "-n", victim, "-o", "jsonpath={.status.readyReplicas}"),
      "1",
    );
    assert.match((await npmRun(folder, "up")).said, /No changes/);
    await npmRun(folder, "class", ["hand-out", seats, "--here", "--seat", right]);
    await works(right, ["get", "pods"]);
  });

  it("up refuses to remove a seat from the list, because its data would be lost", async () => {
    const back = edit(folder, [["Pulumi.dev.yaml", `[${names}]`, "[kim, mallory]"]]);
    const refused = await npmRun(folder, "up");
    assert.equal(refused.code, 1, refused.said);
    assert.match(
      refused.said,
      /Nothing was changed, because this data would be lost:\n {2}- namespace e2e-seat-gimminsu: everything in it/,
    );
    back();
  });
});
