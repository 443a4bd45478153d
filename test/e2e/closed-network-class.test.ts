import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createServer, Server } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { BatchV1Api } from "@kubernetes/client-node";
import { parse } from "yaml";
import { edit, setting } from "./edits";
import { clone, npmRun, tearDown } from "./harness";
import { until } from "./minikube";
import { ControlPlane, context, nodeName, powerless } from "../control-plane";
import { clusterApi } from "../../tools/cluster/api";
import { onEveryNode, timeLimit } from "../../tools/cluster/pull-images";

/** A second kind of cluster: no minikube, three nodes, and a network of which nothing is known. */
describe("a class on a cluster that is not minikube", () => {
  let [folder, handed] = ["", ""];
  let plane: ControlPlane;
  let site: Server;
  const port = 31300;
  const seat = "e2e-k-seat-gimminsu";
  const token = () =>
    (
      parse(readFileSync(join(handed, "gimminsu", "kubeconfig.yaml"), "utf8")) as {
        users: { user: { token: string } }[];
      }
    ).users[0]!.user.token;

  before(async () => {
    plane = await ControlPlane.of(3);
    // Somebody answers at the address that `up` opens in the end.
    site = createServer((_, response) => response.end()).listen(port, "127.0.0.1");
    folder = clone();
    handed = mkdtempSync(join(tmpdir(), "course-labs-seats-"));
    edit(folder, [
      setting("labs", "[kubernetes]"),
      setting("kubeconfig", plane.kubeconfig),
      setting("kubeContext", context),
      setting("kubeNode", nodeName(0)),
      setting("kubernetesNamespace", "e2e-k"),
      setting("prefix", "e2e-k-"),
      setting("nodePort", port),
      setting("seats", "[김민수, kim]"),
    ]);
  });
  after(async () => {
    site?.close();
    rmSync(handed, { recursive: true, force: true });
    await plane?.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  const left = async () => {
    const { core, apps } = plane.api();
    const [namespaces, sets, pods] = await Promise.all([
      core.listNamespace(),
      apps.listDaemonSetForAllNamespaces(),
      core.listNamespacedPod({ namespace: "default" }),
    ]);
    return [...namespaces.items, ...sets.items, ...pods.items]
      .map(({ metadata }) => metadata?.name ?? "")
      .filter((name) => /e2e-k|images/.test(name));
  };

  it("is refused in one line if the user cannot create namespaces, before anything is created", async () => {
    const back = edit(folder, [["Pulumi.dev.yaml", `kubeContext: ${context}`, `kubeContext: ${powerless}`]]);
    const { code, said } = await npmRun(folder, "up");
    back();
    assert.equal(code, 1, said);
    assert.match(
      said,
      /the user of context "visitor" has no permission to create: namespaces, resourcequotas, rolebindings, val/,
    );
    assert.deepEqual(await left(), []);
  });

  it("is created after a temporary DaemonSet has pulled its images on every node", async () => {
    const { code, said } = await npmRun(folder, "up");
    assert.equal(code, 0, said);
    assert.match(said, /Pulling mysql:\S+, wordpress:\S+ on every node …\n {2}pulled \(\d+ s\)\n/);
    await until(async () => (await left()).every((name) => !name.includes("images")), "the DaemonSet is gone", 20);
    assert.deepEqual((await left()).sort(), ["e2e-k", "e2e-k-seat-gimminsu", "e2e-k-seat-kim"]);
    assert.match((await npmRun(folder, "up")).said, /No changes/);
  });

  it("is handed out, with the note that its network could not be measured", async () => {
    const { code, said } = await npmRun(folder, "class", ["hand-out", handed, "--here"]);
    assert.equal(code, 0, said);
    assert.match(said, /^Network: could not measure whether this cluster's network plugin enforces NetworkPolicies/m);
    assert.equal((await plane.ask(`/api/v1/namespaces/${seat}/pods`, token())).status, 200);
    assert.equal((await plane.ask("/api/v1/namespaces/e2e-k-seat-kim/pods", token())).status, 403);
  });

  it("accepts no expired token", async () => {
    const claims = JSON.parse(Buffer.from(token().split(".")[1]!, "base64url").toString()) as Record<string, unknown>;
    const now = Math.floor(Date.now() / 1000);
    const until = (end: number) => plane.signed({ ...claims, iat: now - 7200, nbf: now - 7200, exp: now + end });
    const path = `/api/v1/namespaces/${seat}/pods`;
    assert.equal((await plane.ask(path, until(60))).status, 200, "one that has not ended is taken");
    const { status, body } = await plane.ask(path, until(-60));
    assert.equal(status, 401);
    // What kubectl makes of it is what the student's page explains.
    assert.match(body, /"message":"Unauthorized"/);
    assert.match(readFileSync(join(handed, "gimminsu", "START.md"), "utf8"), /`Unauthorized`/);
  });

  it("has rules here, too", async () => {
    const { networking } = await studentApi();
    await assert.rejects(
      networking.deleteNamespacedNetworkPolicy({ name: "class-incoming", namespace: seat }),
      /This object belongs to the class and keeps its seats apart/,
    );
  });

  async function studentApi() {
    const { NetworkingV1Api } = await import("@kubernetes/client-node");
    const { config } = clusterApi({
      kubeconfig: join(handed, "gimminsu", "kubeconfig.yaml"),
      kubeContext: seat,
    });
    return { networking: config.makeApiClient(NetworkingV1Api) };
  }

  it("loses the DaemonSet even if nobody is left to remove it", async () => {
    const { apps, config } = plane.api();
    const [name, namespace, images] = ["left-images", "default", ["mysql:9", "wordpress:7"]];
    const batch = config.makeApiClient(BatchV1Api);
    const job = await batch.createNamespacedJob({ namespace, body: timeLimit(name, images, 3) });
    await apps.createNamespacedDaemonSet({ namespace, body: onEveryNode(name, images, job) });
    await until(async () => (await left()).filter((one) => one.startsWith(name)).length === 4, "it has its pods", 20);
    await until(async () => (await left()).every((one) => !one.startsWith(name)), "it is gone", 60);
  });

  it("is removed completely", async () => {
    await tearDown(folder, "--lang", "en");
    await until(async () => (await left()).length === 0, "nothing is left", 60);
  });
});
