import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { Result } from "../../tools/checks/check";
import { edit, setting } from "./edits";
import { clone, npmRun, remove } from "./harness";
import { kubectl, nodeAddress, startCluster, until } from "./minikube";
import { Visitor } from "./wordpress";

describe("the by-hand edition of the Kubernetes lab", () => {
  const post = "Written by hand";
  const byHand = ["--by-hand", "--labs", "kubernetes"];
  let folder: string;
  let visitor: Visitor;

  before(async () => {
    await startCluster();
    folder = clone();
    visitor = new Visitor(`http://${nodeAddress()}:30080`);
  });
  after(() => {
    kubectl("delete", "namespace", "wordpress", "--ignore-not-found", "--timeout=120s");
    remove(folder);
  });

  it("the commands at the top of the manifest deploy a WordPress that accepts a post", async () => {
    const { code, said } = await npmRun(folder, "check", byHand);
    assert.equal(code, 1, said);
    const step =
      /has no namespace wordpress\..*\n +next +Run the commands at the top of (\S+), each kubectl with (--context \S+)$/m;
    const [, file = "", onContext] = step.exec(said) ?? assert.fail(said);
    const lines = readFileSync(join(folder, file), "utf8").matchAll(/^# {3}(.*)$/gm);
    const commands = [...lines].map(([, line]) => line?.replace(/^kubectl/, `kubectl ${onContext}`)).join("\n");
    execFileSync("sh", ["-ec", commands], { cwd: join(folder, dirname(file)) });
    // A Service leads to a ready pod a moment later.
    await until(async () => (await visitor.request("/")).status === 302, "the page is served", 15);
    await visitor.install();
    await visitor.write(post);
    assert.ok(await visitor.shows(post));
  });

  it("check and doctor --by-hand find nothing wrong with it", async () => {
    const { code, said, stdout } = await npmRun(folder, "check", [...byHand, "--json"]);
    assert.equal(code, 0, said);
    const { results } = JSON.parse(stdout) as { results: Result[] };
    assert.deepEqual(
      results.map(({ status }) => status),
      Array<string>(12).fill("passed"),
      said,
    );
    const health = await npmRun(folder, "doctor", byHand);
    assert.equal(health.code, 0, health.said);
  });

  it("after one fault they exit with 1, and their advice fixes it without npm run up", async () => {
    const in_ = ["--namespace", "wordpress"];
    kubectl(...in_, "patch", "service", "mysql", "--patch", '{"spec":{"selector":{"app.kubernetes.io/name":"mysq"}}}');
    const { code, said, stdout } = await npmRun(folder, "check", [...byHand, "--json"]);
    assert.equal(code, 1, said);
    const [failed, ...more] = (JSON.parse(stdout) as { results: Result[] }).results.filter(
      ({ status }) => status === "failed",
    );
    assert.deepEqual([failed?.id, more], ["kubernetes.services", []]);
    assert.ok(failed?.status === "failed");
    assert.match(failed.why.en, /^Service mysql has no endpoints: /);
    const health = await npmRun(folder, "doctor", byHand);
    assert.equal(health.code, 1, health.said);
    assert.match(health.said, /^ {4}Service mysql has no endpoints: /m);
    assert.doesNotMatch(said + health.said, /npm run up/);
    // What it says is typed where the course's files are.
    execFileSync("sh", ["-c", failed.next.en], { cwd: folder });
    await until(async () => (await npmRun(folder, "check", byHand)).code === 0, "what it said mends it", 60);
  });

  it("up does not touch what was made by hand, and reports the conflict", async () => {
    const { code, said } = await npmRun(folder, "up", ["--labs", "kubernetes"]);
    assert.equal(code, 1, said);
    assert.match(
      said,
      /The namespace wordpress already exists and was not created by this stack\. .*course-labs:kubernetesNamespace: my-wordpress/,
    );
    assert.ok(await visitor.shows(post));
  });

  it("in another namespace and on another port the stack runs beside it", async () => {
    edit(folder, [setting("kubernetesNamespace", "beside"), setting("nodePort", 30081)]);
    const { code, said } = await npmRun(folder, "up", ["--labs", "kubernetes"]);
    assert.equal(code, 0, said);
    const beside = new Visitor(`http://${nodeAddress()}:30081`);
    await until(async () => (await beside.request("/")).status === 302, "the other WordPress is a new one", 30);
    const gone = await npmRun(folder, "destroy");
    assert.equal(gone.code, 0, gone.said);
    assert.ok(await visitor.shows(post));
  });
});
