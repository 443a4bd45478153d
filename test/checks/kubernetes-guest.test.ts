import assert from "node:assert/strict";
import { createServer, Server } from "node:http";
import { AddressInfo } from "node:net";
import {
  BatchV1Api,
  CoreV1Api,
  KubeConfig,
  NetworkingV1Api,
  V1Job,
  V1NetworkPolicy,
  V1Pod,
} from "@kubernetes/client-node";
import { NoGuest, withGuest } from "../../tools/checks/facts/kubernetes-guest";
import { selects } from "../../tools/checks/labs/kubernetes-objects";

const host: V1Pod = {
  spec: {
    nodeName: "node-2",
    imagePullSecrets: [{ name: "registry" }],
    containers: [{ name: "wordpress", image: "wordpress:mine" }],
  },
};
const running: V1Pod["status"] = {
  phase: "Running",
  containerStatuses: [{ name: "guest", image: "", imageID: "", ready: true, restartCount: 0, state: { running: {} } }],
};
const waiting = (reason: string, message?: string): V1Pod["status"] => ({
  phase: "Pending",
  containerStatuses: [
    { name: "guest", image: "", imageID: "", ready: false, restartCount: 0, state: { waiting: { reason, message } } },
  ],
});

describe("a pod beside the lab's", () => {
  let server: Server;
  let asked: string[];
  let bodies: Record<string, object>;
  /** What the guest's pod shows, look by look; none where there is no pod yet. */
  let statuses: (V1Pod["status"] | undefined)[];
  let refuses: Record<string, number>;
  /** What the last question says of what the object made. */
  let orphans: string | null;

  before(async () => {
    server = createServer((request, response) => {
      let text = "";
      request.on("data", (data: Buffer) => (text += data.toString()));
      request.on("end", () => {
        const url = new URL(request.url ?? "", "http://cluster");
        const kind = url.pathname.split("/namespaces/blog/")[1]?.split("/")[0] ?? "";
        const what = `${request.method} ${kind}${url.searchParams.has("dryRun") ? " dry" : ""}`;
        asked.push(what);
        orphans = url.searchParams.get("propagationPolicy");
        if (text !== "") bodies[what] = JSON.parse(text) as object;
        const [status, ...later] = statuses;
        if (what === "GET pods" && later.length > 0) statuses = later;
        const pods = status ? [{ metadata: { name: "guest-1" }, status }] : [];
        const job = bodies["POST jobs"] as V1Job | undefined;
        const made = { ...job, metadata: { ...job?.metadata, uid: "uid-of-job" } };
        const answer = what === "GET pods" ? { items: pods } : what === "POST jobs" ? made : {};
        const code = refuses[what];
        response
          .writeHead(code ?? 200, { "content-type": "application/json" })
          .end(JSON.stringify(code ? { kind: "Status", message: `no ${kind}` } : answer));
      });
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  });
  after(() => server.close());
  beforeEach(() => ([asked, bodies, statuses, refuses] = [[], {}, [running], {}]));

  const apis = () => {
    const config = new KubeConfig();
    config.loadFromClusterAndUser(
      { name: "c", server: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, skipTLSVerify: true },
      { name: "u", token: "t" },
    );
    return {
      namespace: "blog",
      core: config.makeApiClient(CoreV1Api),
      batch: config.makeApiClient(BatchV1Api),
      networking: config.makeApiClient(NetworkingV1Api),
      exec: (...command: string[]) => Promise.resolve({ code: 0, stdout: command.join(" "), stderr: "" }),
    };
  };

  it("is started by a Job, asked, and removed", async () => {
    statuses = [undefined, waiting("ContainerCreating"), running];
    const said = await withGuest(apis(), host, ({ exec }) => exec("php", "-v"));
    assert.equal(said.stdout, "guest-1 guest php -v");
    assert.deepEqual(asked, ["POST pods dry", "POST jobs", ...Array<string>(3).fill("GET pods"), "DELETE jobs"]);
    assert.equal(orphans, "Background", "its pod goes, too");
  });

  it("uses an image of its node, requests no resources, and ends by itself", async () => {
    await withGuest(apis(), host, () => Promise.resolve());
    const { metadata, spec } = bodies["POST jobs"] as V1Job;
    assert.ok(spec);
    const { ttlSecondsAfterFinished, activeDeadlineSeconds, backoffLimit, template } = spec;
    assert.deepEqual([ttlSecondsAfterFinished, activeDeadlineSeconds, backoffLimit], [0, 40, 0]);
    assert.equal(template.spec?.restartPolicy, "Never");
    assert.equal(template.spec.nodeName, "node-2");
    assert.deepEqual(template.spec.imagePullSecrets, [{ name: "registry" }]);
    assert.equal(template.spec.automountServiceAccountToken, false);
    const [container] = template.spec.containers;
    assert.deepEqual([container?.image, container?.imagePullPolicy], ["wordpress:mine", "Never"]);
    assert.deepEqual(container?.command, ["sleep", "30"]);
    // https://kubernetes.io/docs/concepts/security/pod-security-standards/#restricted
    assert.deepEqual(
      [template.spec.securityContext, container?.securityContext],
      [
        { runAsNonRoot: true, runAsUser: 65534, seccompProfile: { type: "RuntimeDefault" } },
        { allowPrivilegeEscalation: false, capabilities: { drop: ["ALL"] } },
      ],
    );
    assert.ok(container?.resources?.requests?.cpu && container.resources.limits?.memory, "a quota may demand them");
    assert.deepEqual((bodies["POST pods dry"] as V1Pod).spec, template.spec, "what is asked for is what is made");
    assert.match(metadata?.name ?? "", /^course-labs-guest-[0-9a-f]{8}$/);
  });

  it("cannot send anything because of a policy of its own, which is removed with the Job", async () => {
    await withGuest(apis(), host, ({ silence }) => silence());
    const { metadata, spec } = bodies["POST networkpolicies"] as V1NetworkPolicy;
    const job = bodies["POST jobs"] as V1Job;
    assert.deepEqual([spec?.policyTypes, spec?.egress], [["Egress"], undefined]);
    const labels = job.spec?.template.metadata?.labels ?? {};
    assert.ok(selects(spec?.podSelector, labels));
    assert.ok(!selects(spec?.podSelector, { "app.kubernetes.io/name": "mysql" }), "the lab's pods go on");
    const [owner] = metadata?.ownerReferences ?? [];
    assert.deepEqual([owner?.kind, owner?.name, owner?.uid], ["Job", job.metadata?.name, "uid-of-job"]);
  });

  it("is removed if its work fails; if it cannot be removed, that failure is still reported", async () => {
    const fails = () => withGuest(apis(), host, () => Promise.reject(new Error("no route")));
    await assert.rejects(fails(), /^Error: no route$/);
    assert.equal(asked.at(-1), "DELETE jobs");
    refuses = { "DELETE jobs": 500 };
    await assert.rejects(fails(), /^Error: no route$/);
  });

  it("is not created if the namespace rejects it", async () => {
    refuses = { "POST pods dry": 403 };
    const work = () => assert.fail("there is no guest");
    await assert.rejects(
      withGuest(apis(), host, work),
      (error) => error instanceof NoGuest && error.message === "no pods",
    );
    assert.deepEqual(asked, ["POST pods dry"]);
    refuses = { "POST jobs": 403 };
    await assert.rejects(
      withGuest(apis(), host, work),
      (error) => error instanceof NoGuest && error.message === "no jobs",
    );
  });

  it("is given up and removed if it cannot start", async () => {
    const work = () => assert.fail("it does not run");
    for (const [status, reason] of [
      [waiting("ErrImageNeverPull", "the image is not present"), /^the image is not present$/],
      [waiting("CreateContainerError"), /^CreateContainerError$/],
      [{ phase: "Failed", message: "Node didn't have enough resource: memory" }, /^Node didn't have enough/],
    ] as const) {
      [asked, statuses] = [[], [status]];
      await assert.rejects(withGuest(apis(), host, work), (error) => {
        assert.ok(error instanceof NoGuest);
        assert.match(error.message, reason);
        return true;
      });
      assert.equal(asked.at(-1), "DELETE jobs");
    }
  });
});
