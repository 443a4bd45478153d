import assert from "node:assert/strict";
import { readFileSync, renameSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { parse } from "yaml";
import { Result } from "../../tools/checks/check";
import { Row } from "../../tools/checks/report/compare";
import { sideBySide } from "../../tools/checks/report/table";
import { edit, setting } from "./edits";
import { atNight } from "./everything";
import { clone, docker, dockerObjects, npmRun, remove, run, tearDown } from "./harness";
import { clusterTools, context, kubectl, kubectlJson, podOf, until } from "./minikube";
import { Visitor } from "./wordpress";

const namespace = "wordpress";
const post = "First post of the class";

/** What a kubeconfig looks like that its owner uses for something else. */
const theirs = `apiVersion: v1
kind: Config
clusters:
  - name: at-work
    cluster: { server: "https://192.0.2.1:6443" }
users:
  - name: at-work
    user: { token: "not-a-real-one" }
contexts:
  - name: at-work
    context: { cluster: at-work, user: at-work, namespace: mine }
current-context: at-work
`;
/** What a kubeconfig says, however it is written. */
const contexts = () => parse(readFileSync(process.env.KUBECONFIG ?? "", "utf8")) as object;
const selectedContext = () => (contexts() as { "current-context"?: string })["current-context"];

describe("all four labs, from a clone and without a cluster", () => {
  let atFirst: ReturnType<typeof dockerObjects>;
  const kubeconfig = process.env.KUBECONFIG;
  let folder: string;
  let onCompose: Visitor;
  let onKubernetes: Visitor;
  /** Everything that any command printed. */
  let printed = "";

  const labs = async (command: string, ...args: string[]) => {
    const result = await npmRun(folder, command, args);
    printed += result.said;
    return result;
  };
  const converges = async (...args: string[]) => {
    const { code, said } = await labs("up", ...args);
    assert.equal(code, 0, said);
    return said;
  };

  before(async () => {
    folder = clone();
    await clusterTools();
    const gone = await labs("destroy", "--cluster");
    assert.equal(gone.code, 0, gone.said);
    atFirst = dockerObjects(true);
    process.env.KUBECONFIG = join(folder, "..", `${basename(folder)}.kubeconfig`);
    writeFileSync(process.env.KUBECONFIG, theirs, { mode: 0o600 });
  });
  after(async () => {
    try {
      await tearDown(folder, "--cluster");
    } finally {
      remove(process.env.KUBECONFIG ?? "");
      if (kubeconfig === undefined) delete process.env.KUBECONFIG;
      else process.env.KUBECONFIG = kubeconfig;
    }
  });

  it("one command starts minikube and prints the address of every lab", async () => {
    const { code, said, seconds } = await labs("up");
    assert.equal(code, 0, said);
    assert.match(
      said,
      /What is running:\n {2}redis .*\n {2}registry .*\n {2}compose .*\n {2}kubernetes +http:\/\/[\d.]+:30080/,
    );
    console.log(`      up with all labs, minikube started: ${seconds.toFixed(0)} s`);
  });

  it("leaves no changes for git", () => {
    assert.equal(run("git", "-C", folder, "status", "--porcelain"), "");
  });

  it("does not change the current context, and adds one for kubectl", () => {
    assert.equal(selectedContext(), "at-work");
    assert.equal(kubectl("get", "node", "--output", "name"), `node/${context}`);
  });

  it("the address and port in the outputs are those of minikube", async () => {
    const outputs = JSON.parse((await labs("outputs", "--json")).stdout) as Record<string, unknown>;
    const ip = run("minikube", "--profile", context, "ip");
    const url = run("minikube", "--profile", context, "service", "wordpress", "--namespace", namespace, "--url");
    const port = Number(new URL(url).port);
    assert.deepEqual(outputs, {
      labs: ["redis", "registry", "compose", "kubernetes"],
      redis: { container: "redis", host: "localhost", image: "redis:v1.0", port: 6379 },
      registry: { container: "debian", image: "debian:12" },
      compose: { url: "http://localhost:30000" },
      kubernetes: { namespace, ip, port, url },
      minikubeIp: ip,
      minikubePort: port,
      wordpressUrl: url,
    });
    onKubernetes = new Visitor(url);
    onCompose = new Visitor("http://localhost:30000");
  });

  it("every check passes, in under ten seconds, and the doctor finds nothing", async () => {
    const { code, stdout, said } = await labs("check", "--json");
    assert.equal(code, 0, said);
    const { seconds, results, comparison } = JSON.parse(stdout) as {
      seconds: number;
      results: Result[];
      comparison: Row[];
    };
    const not = (...statuses: Result["status"][]) =>
      results.filter(({ status }) => !statuses.includes(status)).map(({ id, status }) => `${id} ${status}`);
    assert.deepEqual(not("passed"), ["registry.commit open"], "what is left is what the student has to do");
    assert.ok(new Set(results.map(({ lab }) => lab)).size === 4);
    assert.ok(seconds < 10, `took ${seconds} s`);
    assert.match(comparison[0]?.compose.en ?? "", /^2× container, 1× network, 2× volume$/);
    assert.match(comparison[0]?.kubernetes.en ?? "", /^2× Deployment, 2× ReplicaSet, 2× Pod, 2× Service,/);
    const asTold = sideBySide(comparison, ({ en }) => en).replace(/^/gm, "      ");
    console.log(`      ${results.length} checks in ${seconds} s; compose and Kubernetes side by side:\n${asTold}`);
    const health = await labs("doctor");
    assert.equal(health.code, 0, health.said);
    assert.match(health.said, /No problems found/);
  });

  it("both editions serve the install page, are installed, and accept a post", async () => {
    for (const [visitor, title] of [
      [onCompose, `${post}, on Docker`],
      [onKubernetes, post],
    ] as const) {
      await visitor.install();
      await visitor.write(title);
      assert.ok(await visitor.shows(title));
    }
    assert.ok(!(await onKubernetes.shows(`${post}, on Docker`)), "they are two WordPresses with two databases");
  });

  it("up and preview with nothing to do say so, and touch no pod", async () => {
    const pods = kubectl("--namespace", namespace, "get", "pods", "--output", "jsonpath={.items[*].metadata.uid}");
    assert.match(await converges(), /No changes/);
    const { code, said } = await labs("preview");
    assert.equal(code, 0, said);
    assert.match(said, /no changes/);
    assert.equal(
      kubectl("--namespace", namespace, "get", "pods", "--output", "jsonpath={.items[*].metadata.uid}"),
      pods,
    );
  });

  it("a kubeconfig in another place makes no difference", async () => {
    const here = process.env.KUBECONFIG ?? "";
    const elsewhere = `${here}.moved`;
    renameSync(here, elsewhere);
    try {
      const { code, said } = await npmRun(folder, "up", [], { env: { KUBECONFIG: elsewhere } });
      assert.equal(code, 0, said);
      assert.match(said, /No changes/);
    } finally {
      renameSync(elsewhere, here);
    }
  });

  for (const workload of ["wordpress", "mysql"]) {
    it(`a ${workload} pod that is deleted comes back, and the post is still there`, async () => {
      const old = podOf(namespace, workload);
      kubectl("--namespace", namespace, "delete", "pod", old.metadata.name);
      kubectl("--namespace", namespace, "rollout", "status", "deployment", workload, "--timeout=90s");
      assert.notEqual(podOf(namespace, workload).metadata.uid, old.metadata.uid);
      await until(async () => onKubernetes.shows(post), "the front page shows the post", 60);
    });
  }

  it("minikube stop, then up: the cluster is started and the post is still there", async () => {
    run("minikube", "stop", "--profile", context);
    const { code, said } = await labs("preview");
    assert.equal(code, 1, "a preview starts no cluster");
    assert.match(said, /npm run up/);
    await converges();
    assert.ok(await onKubernetes.shows(post));
    assert.equal(selectedContext(), "at-work");
  });

  /** Once is enough for every run: the test before starts it as well. */
  for (const title of atNight("minikube stop and start by hand: the post is still there")) {
    it(title, async () => {
      run("minikube", "stop", "--profile", context);
      const address = new URL(onKubernetes.url).hostname;
      // The flags of the first start are kept in the profile.
      run(
        "minikube",
        "start",
        "--profile",
        context,
        "--keep-context",
        ...(process.getuid?.() === 0 ? ["--force"] : []),
      );
      // A minikube that was stopped selects its own context all the same; whoever starts it by hand selects theirs again.
      run("kubectl", "config", "use-context", "at-work");
      assert.equal(run("minikube", "--profile", context, "ip"), address);
      await until(async () => onKubernetes.shows(post), "the front page shows the post", 120);
    });
  }

  it("another image: preview shows it, up loads it into the node and rolls it out", async () => {
    const image = podOf(namespace, "wordpress").spec.containers[0]?.image ?? "";
    const other = image.replace(/:.*/, ":lesson-two");
    docker("tag", image, other);
    const asBefore = edit(folder, [setting("wordpressImage", other)]);
    try {
      const { said } = await labs("preview");
      assert.match(said, /~ Deployment wordpress in namespace \S+: update \(.*image.*\)/);
      assert.equal(podOf(namespace, "wordpress").spec.containers[0]?.image, image, "a preview changes nothing");
      await converges();
      assert.equal(podOf(namespace, "wordpress").spec.containers[0]?.image, other);
      assert.ok(await onKubernetes.shows(post));
    } finally {
      asBefore();
    }
    await converges();
    docker("rmi", other);
  });

  it("other resources: preview shows them, up rolls them out", async () => {
    const memory = (limit: string) => `wordpress: { request: "128Mi", limit: "${limit}" }`;
    const asBefore = edit(folder, [["components/wordpress-app.ts", memory("512Mi"), memory("640Mi")]]);
    try {
      const { said } = await labs("preview");
      assert.match(said, /~ Deployment wordpress in namespace \S+: update \(.*memory.*\)/);
      await converges();
      assert.equal(podOf(namespace, "wordpress").spec.containers[0]?.resources.limits.memory, "640Mi");
      assert.ok(await onKubernetes.shows(post));
    } finally {
      asBefore();
    }
    await converges();
  });

  it("replicas that were scaled by hand: preview shows it, up sets them back", async () => {
    kubectl("--namespace", namespace, "scale", "deployment", "wordpress", "--replicas=0");
    const { said } = await labs("preview");
    assert.match(said, /~ Deployment wordpress in namespace \S+: update \(.*replicas.*\)/);
    await converges();
    assert.ok(await onKubernetes.shows(post));
  });

  it("what was deleted by hand is re-created, and the post still exists", async () => {
    kubectl("--namespace", namespace, "delete", "deployment,service", "wordpress");
    await converges();
    assert.ok(await onKubernetes.shows(post));
  });

  it("a change that would lose the posts is refused, and nothing is changed", async () => {
    const pods = kubectl("--namespace", namespace, "get", "pods", "--output", "jsonpath={.items[*].metadata.uid}");
    const asBefore = edit(folder, [setting("kubernetesNamespace", "other")]);
    try {
      const { code, said } = await labs("up");
      assert.equal(code, 1, said);
      assert.match(
        said,
        /Nothing was changed, because this data would be lost:\n(.*\n)*.*PersistentVolumeClaim wordpress\/mysql-data:/,
      );
    } finally {
      asBefore();
    }
    assert.equal(
      kubectl("--namespace", namespace, "get", "pods", "--output", "jsonpath={.items[*].metadata.uid}"),
      pods,
    );
  });

  it("the NetworkPolicy lets WordPress to MySQL and nobody else, and the cluster enforces it", () => {
    interface Policy {
      spec: {
        podSelector: { matchLabels: Record<string, string> };
        policyTypes: string[];
        ingress: { from: object[]; ports: { port: number; protocol: string }[] }[];
      };
    }
    const { spec } = kubectlJson<Policy>("--namespace", namespace, "get", "networkpolicy", "mysql-ingress");
    const selectedBy = (labels: Record<string, string>) => {
      const selector = Object.entries(labels).map(([key, value]) => `${key}=${value}`);
      return kubectl("--namespace", namespace, "get", "pods", "--selector", selector.join(","), "--output", "name");
    };
    const pod = (workload: string) => `pod/${podOf(namespace, workload).metadata.name}`;
    assert.equal(selectedBy(spec.podSelector.matchLabels), pod("mysql"));
    assert.deepEqual(spec.policyTypes, ["Ingress"]);
    const [{ from, ports } = { from: [], ports: [] }, ...more] = spec.ingress;
    assert.deepEqual([more, ports], [[], [{ port: 3306, protocol: "TCP" }]]);
    const [who, ...others] = from as { podSelector: { matchLabels: Record<string, string> } }[];
    assert.deepEqual([Object.keys(who ?? {}), others], [["podSelector"], []], "pods of this namespace alone");
    assert.equal(selectedBy(who!.podSelector.matchLabels), pod("wordpress"));

    // A pod of the same namespace is what `npm run check` tries; this one comes from another, and by the Service's name.
    const image = podOf(namespace, "mysql").spec.containers[0]?.image ?? "";
    const greeted = `exec 3<>/dev/tcp/mysql.${namespace}/3306 && read -r -t 20 -n 1 -u 3`;
    const connect = `timeout 4 bash -c '${greeted}' && echo connected || echo kept out`;
    const asked = `run stranger --namespace default --image ${image} --image-pull-policy=IfNotPresent --restart=Never`;
    const command = ["--rm", "--attach", "--quiet", "--command", "--", "bash", "-c", connect];
    assert.match(kubectl(...asked.split(" "), ...command), /kept out/);
  });

  it("no password appears in what was printed", () => {
    const { data } = kubectlJson<{ data: Record<string, string> }>("--namespace", namespace, "get", "secret", "mysql");
    const passwords = Object.values(data).map((value) => Buffer.from(value, "base64").toString());
    assert.equal(passwords.length, 2);
    for (const password of passwords) {
      assert.ok(password.length >= 16);
      assert.ok(!printed.includes(password));
    }
  });

  it("a cluster that was deleted by hand: up re-creates it, and says what is lost", async () => {
    run("minikube", "delete", "--profile", context);
    assert.match(await converges(), /The cluster of the Kubernetes lab was deleted/);
    // minikube may have taken another network for it.
    const { wordpressUrl } = JSON.parse((await labs("outputs", "--json")).stdout) as { wordpressUrl: string };
    const first = await new Visitor(wordpressUrl).request("/");
    assert.equal(first.status, 302, `the new WordPress at ${wordpressUrl} asks to be installed`);
  });

  it("destroy leaves no namespace, claim or volume, and keeps the cluster", async () => {
    const { code, said } = await labs("destroy");
    assert.equal(code, 0, said);
    assert.equal(kubectl("get", "namespace", namespace, "--ignore-not-found", "--output", "name"), "");
    await until(
      () => kubectl("get", "persistentvolumeclaims,persistentvolumes", "--all-namespaces", "--output", "name") === "",
      "no claim and no volume is left",
      30,
    );
    assert.equal(run("minikube", "--profile", context, "status", "--format", "{{.APIServer}}"), "Running");
    assert.match((await labs("destroy")).said, /There is no lab to remove/);
  });

  it("destroy --cluster refuses to delete what somebody else created in the cluster", async () => {
    kubectl("create", "namespace", "homework");
    const { code, said } = await labs("destroy", "--cluster");
    assert.equal(code, 1, said);
    assert.match(said, /homework/);
    kubectl("delete", "namespace", "homework");
  });

  it("destroy --cluster leaves nothing: Docker and the kubeconfig are as before", async () => {
    const { code, said } = await labs("destroy", "--cluster");
    assert.equal(code, 0, said);
    assert.match(
      said,
      /^Images kept .*: (\S+)\. To remove them: docker image rm \1$/m,
      "the image of the node is named",
    );
    assert.deepEqual(dockerObjects(true), atFirst);
    assert.deepEqual(contexts(), parse(theirs));
  });
});
