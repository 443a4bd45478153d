import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer, Server } from "node:http";
import { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { labProblems } from "../../tools/cluster/diagnose";
import { clusterPreflight, removeClusterStrays } from "../../tools/cluster/preflight";
import { StateResource } from "../../tools/stack/stack";
import { seatPlaces } from "../../components/names";
import { parseSettings } from "../../config";
import { LabError } from "../../text";

const resources: Record<string, Record<string, string>> = {
  "/api/v1": {
    Namespace: "namespaces",
    Secret: "secrets",
    ServiceAccount: "serviceaccounts",
    ResourceQuota: "resourcequotas",
    LimitRange: "limitranges",
    Service: "services",
    PersistentVolumeClaim: "persistentvolumeclaims",
  },
  "/apis/apps/v1": { Deployment: "deployments" },
  "/apis/networking.k8s.io/v1": { NetworkPolicy: "networkpolicies" },
  "/apis/rbac.authorization.k8s.io/v1": { RoleBinding: "rolebindings" },
  "/apis/admissionregistration.k8s.io/v1": {
    ValidatingAdmissionPolicy: "validatingadmissionpolicies",
    ValidatingAdmissionPolicyBinding: "validatingadmissionpolicybindings",
  },
};
const ours = { "course-labs/id": "0a1b2c3d", "course-labs/stack": "dev" };
const owner: StateResource = { urn: "", type: "random:index/randomId:RandomId", outputs: { hex: "0a1b2c3d" } };
const state = (...known: StateResource[]) => ({ resources: [owner, ...known] });
const inSpace = "/api/v1/namespaces/wordpress";

/** A server that answers as Kubernetes does, from objects by path; what is deleted is written down. */
describe("a cluster", () => {
  let server: Server;
  let folder: string;
  let settings: ReturnType<typeof parseSettings>;
  let objects: Record<string, unknown>;
  let deleted: string[];
  let forbidden: string[];
  /** How many questions are open now, and at most. */
  let [open, busiest] = [0, 0];

  before(async () => {
    server = createServer((request, response) => {
      const path = (request.url ?? "").split("?")[0] as string;
      busiest = Math.max(busiest, ++open);
      response.on("close", () => (open -= 1));
      const answer = (status: number, body: object) => {
        response.writeHead(status, { "content-type": "application/json" });
        // Not before others have asked, too.
        setTimeout(() => response.end(JSON.stringify(body)), 2);
      };
      const kinds = resources[path];
      if (forbidden.includes(path)) return answer(403, { kind: "Status", code: 403 });
      if (kinds) {
        const list = Object.entries(kinds).map(([kind, name]) => ({
          kind,
          name,
          namespaced: !/^(Namespace|Validating.*)$/.test(kind),
        }));
        return answer(200, { kind: "APIResourceList", groupVersion: path.replace(/^\/apis?\//, ""), resources: list });
      }
      const found = objects[path];
      if (found && request.method === "DELETE") deleted.push(path);
      return answer(found ? 200 : 404, found ?? { kind: "Status", code: 404 });
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    folder = mkdtempSync(join(tmpdir(), "course-labs-api-"));
    const kubeconfig = join(folder, "config");
    const { port } = server.address() as AddressInfo;
    writeFileSync(
      kubeconfig,
      `apiVersion: v1\nkind: Config\ncontexts: [{name: c, context: {cluster: c, user: u}}]\nusers: [{name: u, user: {token: t}}]\n` +
        `clusters: [{name: c, cluster: {server: 'http://127.0.0.1:${port}', insecure-skip-tls-verify: true}}]\n`,
    );
    settings = parseSettings({ labs: "kubernetes", kubeconfig, kubeContext: "c" });
  });
  after(() => {
    server.close();
    rmSync(folder, { recursive: true });
  });
  beforeEach(() => {
    [deleted, forbidden, busiest] = [[], [], 0];
    const list = (...items: object[]) => ({ items });
    objects = {
      "/api/v1/nodes": list({ metadata: { name: "c" }, status: { allocatable: { memory: "4Gi" } } }),
      "/api/v1/nodes/c": { metadata: { name: "c" } },
      "/api/v1/services": list(),
      "/api/v1/pods": list(),
      "/api/v1/namespaces/kube-system/pods": list(),
      "/apis/storage.k8s.io/v1/storageclasses": list({
        metadata: { name: "standard", annotations: { "storageclass.kubernetes.io/is-default-class": "true" } },
        provisioner: "p",
      }),
    };
  });
  const namespace = (labels: object, phase = "Active") => ({
    kind: "Namespace",
    metadata: { name: "wordpress", labels },
    status: { phase },
  });
  const object = (kind: string, name: string, labels: object) => ({
    apiVersion: "v1",
    kind,
    metadata: { name, namespace: "wordpress", labels },
  });

  it("without conflicts accepts the lab", async () => assert.deepEqual(await clusterPreflight(settings, state()), []));

  it("with restricted permissions accepts the lab", async () => {
    const lists = ["/api/v1/nodes", "/api/v1/services", "/api/v1/pods", "/apis/storage.k8s.io/v1/storageclasses"];
    forbidden = [...lists, inSpace];
    assert.deepEqual(await clusterPreflight(settings, state()), []);
  });

  it("reports all conflicts at once", async () => {
    objects["/apis/storage.k8s.io/v1/storageclasses"] = { items: [] };
    objects[inSpace] = namespace({});
    await assert.rejects(clusterPreflight(settings, state()), (error: unknown) => {
      assert.ok(error instanceof LabError);
      assert.match(error.text.en, /namespace wordpress already exists.*\n.*no default storage class/);
      return true;
    });
  });

  it("lists objects of an interrupted run of this stack", async () => {
    objects[inSpace] = namespace(ours);
    objects[`${inSpace}/secrets/mysql`] = object("Secret", "mysql", ours);
    objects["/apis/apps/v1/namespaces/wordpress/deployments/mysql"] = object("Deployment", "mysql", ours);
    const known = { urn: "", type: "kubernetes:core/v1:Secret", id: "wordpress/mysql" };
    assert.deepEqual(await clusterPreflight(settings, state(known)), ["Namespace wordpress", "Deployment mysql"]);
  });

  it("lists what an interrupted run left of a large class, without asking for everything at once", async () => {
    const school = parseSettings({ ...settings, labs: ["kubernetes"], seats: 30 });
    const seats = seatPlaces(school).map((place) => place.namespace);
    objects["/version"] = { major: "1", minor: "36" };
    objects["/apis/authorization.k8s.io/v1/selfsubjectaccessreviews"] = { status: { allowed: true } };
    objects["/api/v1/namespaces"] = { items: seats.map((name) => ({ metadata: { name, labels: ours } })) };
    for (const name of seats) {
      objects[`/api/v1/namespaces/${name}`] = { kind: "Namespace", metadata: { name, labels: ours } };
      objects[`/api/v1/namespaces/${name}/serviceaccounts/student`] = object("ServiceAccount", "student", ours);
    }
    const found = await clusterPreflight(school, state());
    assert.deepEqual(
      found,
      seats.flatMap((name) => [`Namespace ${name}`, "ServiceAccount student"]),
    );
    assert.ok(busiest > 10 && busiest <= 50, `${busiest} questions at once`);
  });

  it("refuses to adopt objects of others in the lab's namespace", async () => {
    objects[inSpace] = namespace(ours);
    objects[`${inSpace}/secrets/mysql`] = object("Secret", "mysql", {});
    await assert.rejects(clusterPreflight(settings, state()), (error: unknown) => {
      assert.ok(error instanceof LabError);
      assert.match(
        error.text.en,
        /^The Secret wordpress\/mysql already exists and was not created by this stack\. If nobody needs it/,
      );
      assert.match(
        error.text.en,
        /kubectl --context c --namespace wordpress delete secret mysql \(this deletes the data stored in it\)\.$/,
      );
      assert.match(error.text.ko, /Secret wordpress\/mysql\. 이 스택에서 만들지 않았습니다/);
      return true;
    });
  });

  it("waits for a namespace that is being deleted", async () => {
    objects[inSpace] = namespace({}, "Terminating");
    setTimeout(() => delete objects[inSpace], 1200);
    const begun = Date.now();
    assert.deepEqual(await clusterPreflight(settings, state()), []);
    assert.ok(Date.now() - begun > 1000);
  });

  it("loses only objects of an interrupted run that are missing in the state", async () => {
    objects[inSpace] = namespace(ours);
    objects[`${inSpace}/persistentvolumeclaims/mysql-data`] = object("PersistentVolumeClaim", "mysql-data", ours);
    objects[`${inSpace}/services/mysql`] = object("Service", "mysql", {});
    const deployment = "/apis/apps/v1/namespaces/wordpress/deployments/mysql";
    objects[deployment] = object("Deployment", "mysql", ours);
    const known = [
      { urn: "", type: "kubernetes:core/v1:Namespace", id: "wordpress" },
      { urn: "", type: "kubernetes:core/v1:PersistentVolumeClaim", id: "wordpress/mysql-data" },
    ];
    await removeClusterStrays(settings, "wordpress", state(...known));
    assert.deepEqual(deleted, [deployment]);
    await removeClusterStrays(settings, "wordpress", { resources: known });
    assert.deepEqual(deleted, [deployment], "without an id nothing is known to be ours");
  });

  it("explains why the lab does not work, with the log from before the last restart", async () => {
    const status = {
      name: "mysql",
      image: "mysql:1",
      imageID: "",
      ready: false,
      restartCount: 2,
      state: { waiting: { reason: "CrashLoopBackOff" } },
      lastState: { terminated: { exitCode: 3 } },
    };
    objects[`${inSpace}/pods`] = {
      items: [
        {
          metadata: { name: "mysql-1", namespace: "wordpress", labels: { "app.kubernetes.io/name": "mysql" } },
          spec: { containers: [{ name: "mysql" }] },
          status: { phase: "Running", containerStatuses: [status] },
        },
      ],
    };
    objects[`${inSpace}/pods/mysql-1/log`] = "it said why";
    objects[`${inSpace}/events`] = { items: [] };
    objects[`${inSpace}/persistentvolumeclaims`] = { items: [] };
    const [finding, ...others] = await labProblems(settings);
    assert.deepEqual(others, []);
    assert.equal(finding?.cause, "crash loop");
    assert.match(finding?.evidence.join("\n") ?? "", /it said why/);
  });

  it("that does not answer is reported", async () => {
    const [finding] = await labProblems({ ...settings, kubeContext: "absent" });
    assert.equal(finding?.cause, "cluster unreachable");
    assert.match(finding?.what.en ?? "", /has no such context.*npm run up/);
    // minikube removes the context of a cluster that it stops.
    const [own] = await labProblems({ ...settings, kubeContext: "course-labs" });
    assert.match(own?.what.en ?? "", /^The cluster of context "course-labs" does not answer\. npm run up starts it/);
  });
});
