import assert from "node:assert/strict";
import type { Thing, WatchEvent } from "../../tools/see/objects";
import { isOver, isSettled, isStuck, isUndone } from "../../tools/see/settled";

const thing = (kind: string, name: string, more: object = {}) =>
  ({ kind, metadata: { name }, ...more }) as unknown as Thing;
const seen = (things: Thing[], events: object[] = []) => ({
  all: (kind: string) => things.filter((one) => one.kind === kind),
  events: events.map((object) => ({ type: "ADDED", object })) as WatchEvent[],
});

interface Status {
  replicas?: number;
  updatedReplicas?: number;
  readyReplicas?: number;
  observedGeneration?: number;
}
const deployment = (replicas: number, status: Status, generation = 2) =>
  thing("Deployment", "web", { metadata: { name: "web", generation }, spec: { replicas }, status });
const whole: Status = { replicas: 1, updatedReplicas: 1, readyReplicas: 1, observedGeneration: 2 };
const pod = (status: object = {}, of = "web", metadata: object = {}) =>
  thing("Pod", `${of}-1-a`, {
    metadata: { name: `${of}-1-a`, labels: { "app.kubernetes.io/name": of }, ...metadata },
    status: { conditions: [{ type: "Ready", status: "True" }], ...status },
  });
const unready = { conditions: [{ type: "Ready", status: "False" }] };
const slice = (ready: boolean[], of = "web") =>
  thing("EndpointSlice", `${of}-x`, {
    metadata: { name: `${of}-x`, labels: { "kubernetes.io/service-name": of } },
    endpoints: ready.map((one) => ({ conditions: { ready: one } })),
  });

describe("a workload in its desired state", () => {
  const service = thing("Service", "web");
  const cases: [what: string, things: Thing[], count: number, settled: boolean][] = [
    ["is, with its pod", [deployment(1, whole), pod()], 1, true],
    ["is, with a Service that leads to it", [deployment(1, whole), pod(), service, slice([true])], 1, true],
    ["is, with no pod if none is wanted", [deployment(0, { observedGeneration: 2 })], 0, true],
    ["is not without its Deployment", [pod()], 1, false],
    ["is not if another number is wanted", [deployment(2, whole), pod()], 1, false],
    [
      "is not before its controller has seen the change",
      [deployment(1, { ...whole, observedGeneration: 1 }), pod()],
      1,
      false,
    ],
    [
      "is not before any controller has seen it",
      [thing("Deployment", "web", { spec: { replicas: 1 } }), pod()],
      1,
      false,
    ],
    ["is not with too few pods", [deployment(1, { ...whole, replicas: 0 }), pod()], 1, false],
    ["is not with pods of an older template", [deployment(1, { ...whole, updatedReplicas: 0 }), pod()], 1, false],
    ["is not with too few ready pods", [deployment(1, { ...whole, readyReplicas: 0 }), pod()], 1, false],
    ["is not without the pod itself", [deployment(1, whole)], 1, false],
    ["is not with a pod too many", [deployment(1, whole), pod(), pod()], 1, false],
    ["is not with a pod that is not ready", [deployment(1, whole), pod(unready)], 1, false],
    ["is, whatever the pods of another workload are", [deployment(1, whole), pod(), pod(unready, "db")], 1, true],
    ["is not while its Service has no endpoints", [deployment(1, whole), pod(), service], 1, false],
    [
      "is not while its Service has too many endpoints",
      [deployment(1, whole), pod(), service, slice([true, true])],
      1,
      false,
    ],
    [
      "is not while its Service leads to what is not ready",
      [deployment(1, whole), pod(), service, slice([false])],
      1,
      false,
    ],
    [
      "is, whatever endpoints another Service has",
      [deployment(1, whole), pod(), service, slice([true]), slice([false], "db")],
      1,
      true,
    ],
    ["is, if the only Service is another workload's", [deployment(1, whole), pod(), thing("Service", "db")], 1, true],
  ];
  for (const [what, things, count, settled] of cases) {
    it(what, () => assert.equal(isSettled(seen(things), "web", count), settled));
  }
});

describe("a workload", () => {
  const waiting = (reason: string) => ({ containerStatuses: [{ name: "web", state: { waiting: { reason } } }] });
  const refusal = (name: string, reason = "FailedCreate") => ({ kind: "Event", reason, involvedObject: { name } });
  const cases: [what: string, things: Thing[], events: object[], stuck: boolean][] = [
    ["is stuck if an image cannot be pulled", [pod(waiting("ImagePullBackOff"))], [], true],
    ["is stuck if a container crashes again and again", [pod(waiting("CrashLoopBackOff"))], [], true],
    ["is stuck if a container cannot start", [pod(waiting("CreateContainerConfigError"))], [], true],
    ["is not stuck while a container is being created", [pod(waiting("ContainerCreating"))], [], false],
    [
      "is not stuck because of a pod that is being deleted",
      [pod(waiting("ImagePullBackOff"), "web", { deletionTimestamp: "x" })],
      [],
      false,
    ],
    ["is not stuck because of another workload's pod", [pod(waiting("ImagePullBackOff"), "db")], [], false],
    [
      "is stuck if a pod cannot be scheduled",
      [pod({ conditions: [{ type: "PodScheduled", status: "False" }] })],
      [],
      true,
    ],
    [
      "is not stuck if a pod is scheduled",
      [pod({ conditions: [{ type: "PodScheduled", status: "True" }] })],
      [],
      false,
    ],
    ["is not stuck because a pod is not ready yet", [pod(unready)], [], false],
    ["is stuck if a pod was refused", [], [refusal("web-1")], true],
    ["is not stuck because another workload's pod was refused", [], [refusal("db-1")], false],
    ["is not stuck because of another Event", [], [refusal("web-1", "SuccessfulCreate")], false],
    ["is not stuck if nothing exists", [], [], false],
  ];
  for (const [what, things, events, stuck] of cases) {
    it(what, () => assert.equal(Boolean(isStuck(seen(things, events), "web")), stuck));
  }
});

describe("a step", () => {
  const ready = [deployment(1, whole), pod({}, "web", { uid: "new" })];
  const stuck = [pod({ conditions: [{ type: "PodScheduled", status: "False" }] }, "web", { uid: "new" })];
  const cases: [what: string, over: boolean, things: Thing[], aim: object][] = [
    ["is over with as many pods as it leads to", true, ready, { leads: 1 }],
    ["is not over with another number", false, ready, { leads: 2 }],
    ["is over if it gets stuck", true, stuck, { leads: 1 }],
    ["is over only then if it leads nowhere", false, ready, {}],
    ["is over without the pod that is replaced", true, ready, { leads: 1, replaces: "old" }],
    ["is not over before that pod is gone", false, ready, { leads: 1, replaces: "new" }],
    ["is not stuck before that pod is gone", false, stuck, { leads: 1, replaces: "new" }],
  ];
  for (const [what, over, things, aim] of cases) {
    it(what, () => assert.equal(isOver(seen(things), { workload: "web", ...aim }), over));
  }

  it("is undone with as many pods as before", () => {
    const recording = { ...seen(ready), now: new Map([["1", ready[0]!]]) };
    assert.deepEqual(
      [isUndone(recording, { workload: "web", back: 1 }), isUndone(recording, { workload: "web", back: 0 })],
      [true, false],
    );
  });
});

describe("an object that is left of a workload", () => {
  const cases: [thing: Thing, of: boolean][] = [
    [thing("Deployment", "web"), true],
    [thing("ReplicaSet", "web-1"), true],
    [thing("Service", "webs"), false],
    [thing("Event", "web-1"), false],
    [pod(), true],
    [pod({}, "db"), false],
    [pod({}, "db", { name: "web-1-a" }), false],
    [pod({}, "web", { name: "a" }), true],
  ];
  for (const [one, of] of cases)
    it(`${of ? "is" : "is not"} ${one.kind} ${one.metadata.name}`, () =>
      assert.equal(isUndone({ ...seen([]), now: new Map([["1", one]]) }, { workload: "web" }), !of));
});
