import assert from "node:assert/strict";
import { provisioned } from "../../tools/causes/edition";
import { endingOf, Left } from "../../tools/see/ending";
import type { Thing } from "../../tools/see/objects";

const lab = { namespace: "wordpress", context: "course-labs", nodePort: 30080 };
const labels = { "app.kubernetes.io/name": "web", "pod-template-hash": "1" };

/** A Deployment of one pod, with what was made for it. */
function made(pod: object | undefined, more: object[] = []): Left {
  const meta = (name: string, rest: object = {}) => ({ name, namespace: "wordpress", uid: name, ...rest });
  const owner = (kind: string, name: string) => ({
    ownerReferences: [{ apiVersion: "apps/v1", kind, name, uid: name, controller: true }],
  });
  const template = { metadata: { labels }, spec: { containers: [{ name: "web", image: "web:1" }] } };
  const things = [
    {
      ...{ kind: "Deployment", metadata: meta("web", { generation: 1 }), spec: { replicas: 1, template } },
      status: { observedGeneration: 1, replicas: 1, readyReplicas: pod && "ready" in pod ? 1 : 0 },
    },
    { kind: "ReplicaSet", metadata: meta("web-1", owner("Deployment", "web")), spec: { replicas: 1, template } },
    ...(pod
      ? [
          {
            kind: "Pod",
            metadata: meta("web-1-a", { labels, ...owner("ReplicaSet", "web-1") }),
            spec: template.spec,
            ...pod,
          },
        ]
      : []),
    ...more,
  ] as unknown as Thing[];
  return { things, storageClasses: [], lab, edition: provisioned };
}

const ready = { ready: true, status: { phase: "Running", conditions: [{ type: "Ready", status: "True" }] } };
const event = (kind: string, name: string, reason: string, message: string) => ({
  ...{
    kind: "Event",
    metadata: { name: `${name}.1`, uid: `${name}.1` },
    involvedObject: { kind, name },
    reason,
    message,
  },
});
const unplaced = (message: string) => ({
  status: {
    phase: "Pending",
    conditions: [{ type: "PodScheduled", status: "False", reason: "Unschedulable", message }],
  },
});
const waiting = (reason: string, message = "") => ({
  status: {
    phase: "Pending",
    containerStatuses: [
      {
        name: "web",
        image: "web:1",
        restartCount: 3,
        state: { waiting: { reason, message } },
        lastState: { terminated: { exitCode: 3 } },
      },
    ],
  },
});

describe("where a story ends", () => {
  it("is with nobody, where all is as wanted", () => {
    const ending = endingOf(made(ready));
    assert.deepEqual([ending.ok, ending.at, ending.cause], [true, undefined, undefined]);
    assert.match(ending.what.en, /1 pod is ready\./);
  });

  const stops: [string, Left, string, string, RegExp][] = [
    [
      "the ReplicaSet controller, where the API server takes no pod",
      made(undefined, [
        event("ReplicaSet", "web-1", "FailedCreate", 'pods "web-1-x" is forbidden: exceeded quota: none'),
      ]),
      ...(["replicaset-controller", "pod refused", /more than the quota/] as const),
    ],
    [
      "the scheduler, where no node has room",
      made(unplaced("0/1 nodes are available: 1 Insufficient memory.")),
      ...(["default-scheduler", "too little memory", /too little memory left/] as const),
    ],
    [
      "the kubelet, where the image does not come",
      made(waiting("ImagePullBackOff")),
      "kubelet",
      "image cannot be pulled",
      /./,
    ],
    [
      "the kubelet, where the container ends",
      made(waiting("CrashLoopBackOff")),
      "kubelet",
      "crash loop",
      /log says why/,
    ],
  ];
  for (const [where, left, at, cause, why] of stops) {
    it(`is with ${where}`, () => {
      const ending = endingOf(left);
      assert.deepEqual([ending.ok, ending.at?.id, ending.cause], [false, at, cause]);
      assert.match(ending.why?.en ?? "", why);
      assert.ok(ending.waits.length > 0);
      for (const { en, ko } of ending.waits) assert.ok(/[a-z]/.test(en) && /[가-힣]/.test(ko));
    });
  }

  it("is with the volume controller, and not with the scheduler that waits for it", () => {
    const pod = {
      ...unplaced("0/1 nodes are available: pod has unbound immediate PersistentVolumeClaims."),
      spec: { containers: [{ name: "web" }], volumes: [{ name: "d", persistentVolumeClaim: { claimName: "data" } }] },
    };
    const claim = {
      kind: "PersistentVolumeClaim",
      metadata: { name: "data", uid: "data" },
      spec: { storageClassName: "no" },
      status: { phase: "Pending" },
    };
    const left = made(pod, [claim]);
    assert.deepEqual(
      [endingOf(left).at?.id, endingOf(left).cause],
      ["persistentvolume-controller", "no storage class"],
    );
    // Somebody who may read the namespace only.
    const blind = endingOf({ ...left, storageClasses: undefined });
    assert.deepEqual([blind.at?.id, blind.cause], ["persistentvolume-controller", "no volume"]);
    // A claim that no pod waits for is nobody's matter.
    assert.ok(endingOf(made(ready, [claim])).ok);
  });

  it("is with the EndpointSlice controller, where a Service looks for labels that no pod has", () => {
    const service = (selector: object) => ({
      kind: "Service",
      metadata: { name: "web", uid: "s" },
      spec: { selector },
    });
    const ending = endingOf(made(ready, [service({ "app.kubernetes.io/name": "wbe" })]));
    assert.deepEqual([ending.at?.id, ending.cause], ["endpointslice-controller", "selector"]);
    assert.match(
      ending.why?.en ?? "",
      /looks for pods with app\.kubernetes\.io\/name=wbe.*has app\.kubernetes\.io\/name=web\./,
    );
    assert.match(ending.next?.en ?? "", /--namespace wordpress edit service web$/);
    assert.ok(endingOf(made(ready, [service({ "app.kubernetes.io/name": "web" })])).ok);
    // One without a selector has its addresses from somebody else.
    assert.ok(endingOf(made(ready, [service({})])).ok);
  });

  it("tells of one workload only, where that is asked", () => {
    const left = made(waiting("ImagePullBackOff"));
    assert.ok(endingOf({ ...left, workload: "another" }).ok);
    assert.equal(endingOf({ ...left, workload: "web" }).ok, false);
  });

  it("is not there yet, where controllers are behind", () => {
    const left = made(ready);
    Object.assign(left.things[0]!, { status: { observedGeneration: 0, readyReplicas: 1 } });
    const ending = endingOf(left);
    assert.deepEqual([ending.ok, ending.cause], [false, undefined]);
  });
});
