import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer, Server } from "node:http";
import { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { V1Status } from "@kubernetes/client-node";
import { clusterOf, exitCodeOf, noCluster } from "../../tools/checks/facts/kubernetes";
import { Unreachable } from "../../tools/checks/facts/unreachable";
import { parseSettings } from "../../config";

const inSpace = (group: string, kind: string) => `/${group}/namespaces/blog/${kind}`;
/** Where the cluster's own pods are. */
const system = "/api/v1/namespaces/kube-system/pods";

/** Where the cluster is asked for what; each list has one object, which is called as its kind. */
const lists = {
  namespaces: "/api/v1/namespaces",
  nodes: "/api/v1/nodes",
  services: "/api/v1/services",
  storageClasses: "/apis/storage.k8s.io/v1/storageclasses",
  system: "/api/v1/namespaces/kube-system/pods",
  pods: inSpace("api/v1", "pods"),
  events: inSpace("api/v1", "events"),
  claims: inSpace("api/v1", "persistentvolumeclaims"),
  secrets: inSpace("api/v1", "secrets"),
  deployments: inSpace("apis/apps/v1", "deployments"),
  replicaSets: inSpace("apis/apps/v1", "replicasets"),
  slices: inSpace("apis/discovery.k8s.io/v1", "endpointslices"),
  policies: inSpace("apis/networking.k8s.io/v1", "networkpolicies"),
};

describe("what a cluster has", () => {
  let server: Server;
  let folder: string;
  let refuses: number | undefined;
  let keepsItsOwn: boolean;
  let deleted: string[];

  before(async () => {
    server = createServer((request, response) => {
      const path = (request.url ?? "").split("?")[0]!;
      const [kind] = Object.entries({ ...lists, system }).find(([, at]) => at === path) ?? [];
      const status = kind === "system" && keepsItsOwn ? 403 : refuses;
      if (request.method === "DELETE") deleted.push(path);
      const found = kind ? { items: [{ metadata: { name: kind }, data: { password: "aHVudGVyMjI=" } }] } : undefined;
      response
        .writeHead(status ?? (found ? 200 : 404), { "content-type": "application/json" })
        .end(JSON.stringify(found ?? { kind: "Status" }));
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    folder = mkdtempSync(join(tmpdir(), "course-labs-cluster-"));
  });
  after(() => {
    server.close();
    rmSync(folder, { recursive: true });
  });
  beforeEach(() => ([refuses, keepsItsOwn, deleted] = [undefined, false, []]));

  const cluster = (port = (server.address() as AddressInfo).port) => {
    const kubeconfig = join(folder, "config");
    writeFileSync(
      kubeconfig,
      `apiVersion: v1\nkind: Config\ncontexts: [{name: c, context: {cluster: c, user: u}}]\nusers: [{name: u, user: {token: t}}]\n` +
        `clusters: [{name: c, cluster: {server: 'http://127.0.0.1:${port}', insecure-skip-tls-verify: true}}]\n`,
    );
    return clusterOf(parseSettings({ kubeconfig, kubeContext: "c", kubernetesNamespace: "blog", nodePort: 30099 }));
  };

  it("is read for every kind, but only the names of Secrets", async () => {
    const seen = await (await cluster()).look();
    assert.ok("facts" in seen, JSON.stringify(seen));
    const { facts } = seen;
    for (const kind of Object.keys(lists) as (keyof typeof lists)[]) {
      const names = facts[kind]?.map((one) => (typeof one === "string" ? one : one.metadata?.name));
      assert.deepEqual(names, [kind], kind);
    }
    assert.deepEqual(facts.lab, { namespace: "blog", context: "c", nodePort: 30099 });
    assert.deepEqual(facts.secrets, ["secrets"]);
    assert.deepEqual(
      facts.system?.map(({ metadata }) => metadata?.name),
      ["system"],
    );
  });

  it("is read without the cluster's own pods if they cannot be read", async () => {
    keepsItsOwn = true;
    const seen = await (await cluster()).look();
    assert.ok("facts" in seen, JSON.stringify(seen));
    assert.equal(seen.facts.system, undefined);
    assert.equal(seen.facts.pods.length, 1);
  });

  for (const [status, problem] of [
    [401, /^401 Unauthorized$/],
    [403, /^403 Forbidden$/],
    [500, /500/],
  ] as const) {
    it(`is a problem in one line if the cluster answers ${status}`, async () => {
      refuses = status;
      const seen = await (await cluster()).look();
      assert.ok("problem" in seen);
      assert.match(seen.problem.message, problem);
      assert.doesNotMatch(seen.problem.message, /\n/);
      assert.equal(seen.problem.refused, status === 403);
    });
  }

  it("is a problem if nothing answers", async () => {
    const closed = createServer();
    await new Promise<void>((resolve) => closed.listen(0, "127.0.0.1", resolve));
    const { port } = closed.address() as AddressInfo;
    await new Promise((resolve) => closed.close(resolve));
    const seen = await (await cluster(port)).look();
    assert.ok("problem" in seen);
    assert.deepEqual(seen.problem.why, { en: "ECONNREFUSED", ko: "ECONNREFUSED" });
  });

  it("deletes a pod, also if it is already gone", async () => {
    await (await cluster()).deletePod("wordpress-1");
    assert.deepEqual(deleted, ["/api/v1/namespaces/blog/pods/wordpress-1"]);
  });

  it("fails every request if there is no access", async () => {
    const problem = new Unreachable("no access");
    const none = noCluster(problem);
    assert.deepEqual(await none.look(), { problem });
    await assert.rejects(none.exec("pod", "container", "true"), problem);
    await assert.rejects(none.deletePod("pod"), problem);
    const work = () => assert.fail("there is no pod");
    await assert.rejects(none.beside({}, work), problem);
  });

  it("is a problem, in both languages, if the kubeconfig is broken", async () => {
    const kubeconfig = join(folder, "broken");
    writeFileSync(kubeconfig, "- a list");
    const seen = await (await clusterOf(parseSettings({ kubeconfig, kubeContext: "c" }))).look();
    assert.ok("problem" in seen);
    assert.match(seen.problem.why.en, /is not a kubeconfig/);
    assert.match(seen.problem.why.ko, /kubeconfig 형식이 아닙니다/);
  });
});

describe("how a command in a pod ended", () => {
  const causes = [
    { reason: "Other", message: "7" },
    { reason: "ExitCode", message: "3" },
  ];
  const cases: [what: string, status: V1Status, code: number | undefined][] = [
    ["0 if it succeeded", { status: "Success" }, 0],
    ["its exit code if it failed", { status: "Failure", details: { causes } }, 3],
    ["nothing if it could not be run", { status: "Failure", details: { causes: causes.slice(0, 1) } }, undefined],
    ["nothing if the API gives no details", { status: "Failure" }, undefined],
  ];
  for (const [what, status, code] of cases) it(`is ${what}`, () => assert.equal(exitCodeOf(status), code));
});
