import assert from "node:assert/strict";
import { createServer, Server } from "node:http";
import { AddressInfo } from "node:net";
import {
  AppsV1Api,
  BatchV1Api,
  CoreV1Api,
  KubeConfig,
  V1DaemonSet,
  V1DaemonSetStatus,
  V1Job,
  V1Node,
  V1Pod,
} from "@kubernetes/client-node";
import { pullEverywhere, toPull } from "../../tools/cluster/pull-images";

const images = ["mysql:9", "wordpress:7"];
const node = (has: string[], spec: V1Node["spec"] = {}): V1Node => ({
  spec,
  status: { images: has.map((name) => ({ names: [`docker.io/library/${name}`] })) },
});

describe("the images that a class's nodes pull", () => {
  for (const [what, nodes, pulled] of [
    ["none, where each node has them", [node(images), node(images)], []],
    ["what one of them lacks", [node(images), node(["mysql:9"])], ["wordpress:7"]],
    ["all, where there is nothing", [node([])], images],
    ["nothing for a node that takes no pods", [node([], { unschedulable: true })], []],
    ["nothing for one of the control plane", [node([], { taints: [{ key: "c", effect: "NoSchedule" }] })], []],
    [
      "all for one that only prefers others",
      [node([], { taints: [{ key: "c", effect: "PreferNoSchedule" }] })],
      images,
    ],
  ] as [string, V1Node[], string[]][]) {
    it(`are ${what}`, () => assert.deepEqual(toPull(nodes, images), pulled));
  }
});

describe("a DaemonSet that pulls images", () => {
  let server: Server;
  let asked: string[];
  let bodies: Record<string, object>;
  /** What is seen of it, look by look; the last from then on. */
  let statuses: V1DaemonSetStatus[];
  let pods: V1Pod[][];
  let refuses: Record<string, number>;
  let orphans: string | null;

  before(async () => {
    server = createServer((request, response) => {
      let text = "";
      request.on("data", (data: Buffer) => (text += data.toString()));
      request.on("end", () => {
        const url = new URL(request.url ?? "", "http://cluster");
        const kind = url.pathname.split("/namespaces/default/")[1]?.split("/")[0] ?? "";
        const what = `${request.method} ${kind}`;
        asked.push(what);
        orphans = url.searchParams.get("propagationPolicy");
        if (text !== "") bodies[what] = JSON.parse(text) as object;
        const next = <T>(list: T[]) => (list.length > 1 ? list.shift() : list[0]);
        const job = bodies["POST jobs"] as V1Job | undefined;
        const answers: Record<string, object> = {
          "POST jobs": { ...job, metadata: { ...job?.metadata, uid: "uid-of-job" } },
          "GET daemonsets": what === "GET daemonsets" ? { status: next(statuses) } : {},
          "GET pods": what === "GET pods" ? { items: next(pods) } : {},
        };
        const code = refuses[what];
        response
          .writeHead(code ?? 200, { "content-type": "application/json" })
          .end(JSON.stringify(code ? { kind: "Status", message: `no ${kind}` } : (answers[what] ?? {})));
      });
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  });
  after(() => server.close());
  beforeEach(() => ([asked, bodies, statuses, pods, refuses] = [[], {}, [seen(2, 2)], [[]], {}]));

  const seen = (ready: number, wanted: number): V1DaemonSetStatus => ({
    ...{ currentNumberScheduled: wanted, desiredNumberScheduled: wanted, numberMisscheduled: 0 },
    ...{ numberReady: ready, observedGeneration: 1 },
  });
  const waiting = (reason: string, message?: string): V1Pod => ({
    spec: { nodeName: "node-2", containers: [] },
    status: {
      initContainerStatuses: [
        {
          name: "c",
          image: "mysql:9",
          imageID: "",
          ready: false,
          restartCount: 0,
          state: { waiting: { reason, message } },
        },
      ],
    },
  });
  const told: [number, number][] = [];
  const run = async (stop = new AbortController().signal) => {
    told.length = 0;
    const config = new KubeConfig();
    config.loadFromClusterAndUser(
      { name: "c", server: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, skipTLSVerify: true },
      { name: "u", token: "t" },
    );
    const [core, apps, batch] = [CoreV1Api, AppsV1Api, BatchV1Api].map((api) => config.makeApiClient(api as never));
    const apis = { core, apps, batch } as unknown as Parameters<typeof pullEverywhere>[0];
    return pullEverywhere(apis, images, { kubeContext: "school" }, stop, (...each) => told.push(each), 10);
  };

  it("is created, runs until every node has them, and is removed", async () => {
    const unseen = { ...seen(0, 0), observedGeneration: undefined };
    statuses = [unseen, seen(0, 2), seen(1, 2), seen(2, 2)];
    assert.equal(await run(), undefined);
    assert.deepEqual(told, [
      [0, 2],
      [1, 2],
      [2, 2],
    ]);
    assert.deepEqual(asked.slice(0, 3), ["POST jobs", "POST daemonsets", "GET daemonsets"]);
    assert.equal(asked.at(-1), "DELETE jobs");
    assert.equal(orphans, "Background", "what it owns goes, too");
  });

  it("has one container for each image, which does nothing and requests nothing", async () => {
    await run();
    const { spec } = bodies["POST daemonsets"] as V1DaemonSet;
    const { initContainers = [], containers, ...pod } = spec!.template.spec!;
    assert.deepEqual(
      [...initContainers, ...containers].map(({ image, command }) => [image, command]),
      [
        ["wordpress:7", ["true"]],
        ["mysql:9", ["sleep", "infinity"]],
      ],
    );
    // https://kubernetes.io/docs/concepts/security/pod-security-standards/#restricted
    assert.deepEqual(pod.securityContext, {
      ...{ runAsNonRoot: true, runAsUser: 65534, seccompProfile: { type: "RuntimeDefault" } },
    });
    for (const { securityContext, resources, imagePullPolicy } of [...initContainers, ...containers]) {
      assert.deepEqual(securityContext, { allowPrivilegeEscalation: false, capabilities: { drop: ["ALL"] } });
      assert.ok(resources?.limits?.cpu && resources.requests?.memory, "a quota may demand them");
      assert.equal(imagePullPolicy, undefined, "what a node has is not pulled again");
    }
    assert.deepEqual([pod.restartPolicy, pod.automountServiceAccountToken], ["Always", false]);
    assert.deepEqual(spec?.selector.matchLabels, spec?.template.metadata?.labels);
  });

  it("is removed without this process, too: with a Job that has no pods and ends in time", async () => {
    refuses = { "DELETE jobs": 500 };
    assert.equal(await run(), undefined);
    const { metadata, spec } = bodies["POST jobs"] as V1Job;
    const { parallelism, activeDeadlineSeconds, ttlSecondsAfterFinished } = spec!;
    assert.deepEqual([parallelism, activeDeadlineSeconds, ttlSecondsAfterFinished], [0, 1800, 0]);
    const [owner, ...others] = (bodies["POST daemonsets"] as V1DaemonSet).metadata?.ownerReferences ?? [];
    assert.deepEqual([owner?.kind, owner?.name, owner?.uid, others], ["Job", metadata?.name, "uid-of-job", []]);
  });

  it("is given up and removed if a node cannot pull an image, with the reason and the next step", async () => {
    statuses = [seen(1, 2)];
    pods = [
      [waiting("PodInitializing")],
      [waiting("ErrImagePull", "toomanyrequests: You have reached your pull rate limit")],
      [waiting("ImagePullBackOff", 'Back-off pulling image "mysql:9"')],
    ];
    const problem = await run();
    assert.match(problem?.en ?? "", /^Node node-2 cannot pull mysql:9\. The registry's pull limit is reached\. /);
    assert.match(problem?.ko ?? "", /^node-2 노드가 mysql:9 이미지를 내려받을 수 없습니다\. /);
    assert.equal(asked.at(-1), "DELETE jobs");
  });

  it("is not given up for a temporary failure", async () => {
    statuses = [seen(0, 1), seen(0, 1), seen(1, 1)];
    pods = [[waiting("ErrImagePull", "unexpected EOF")], [waiting("PodInitializing")]];
    assert.equal(await run(), undefined);
  });

  it("is removed if this process has to stop", async () => {
    statuses = [seen(0, 2)];
    const stop = new AbortController();
    const running = run(stop.signal);
    stop.abort();
    assert.equal(await running, undefined);
    assert.equal(asked.at(-1), "DELETE jobs");
  });

  it("leaves nothing behind if the cluster rejects it", async () => {
    refuses = { "POST daemonsets": 403 };
    await assert.rejects(run(), /no daemonsets/);
    assert.equal(asked.at(-1), "DELETE jobs");
    [asked, refuses] = [[], { "POST jobs": 403 }];
    await assert.rejects(run(), /no jobs/);
    assert.deepEqual(asked, ["POST jobs"]);
  });
});
