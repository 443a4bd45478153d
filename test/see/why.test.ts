import assert from "node:assert/strict";
import { reporter } from "../../tools/see/actors";
import { Thing } from "../../tools/see/objects";
import { saidText, whyOf, Write } from "../../tools/see/why";

const person = { id: "kubectl", lane: "person", name: { en: "kubectl", ko: "kubectl" } } as const;
const kubelet = reporter("kubelet");
const scheduler = reporter("default-scheduler");
const deployments = reporter("deployment-controller");
const replicaSets = reporter("replicaset-controller");

const thing = (kind: string, more: object = {}) => ({ kind, metadata: { name: "web" }, ...more }) as Thing;
const ending = (grace: number) => ({ metadata: { deletionTimestamp: new Date(0), deletionGracePeriodSeconds: grace } });
const pod = (state: object, ready = false, more: object = {}) =>
  thing("Pod", {
    status: {
      conditions: [{ type: "Ready", status: ready ? "True" : "False" }],
      containerStatuses: [{ name: "web", state }],
    },
    ...more,
  });
const waits = (reason: string) => pod({ waiting: { reason } });
const said = (reason: string) => thing("Event", { reason });
const sized = (replicas: number) => thing("ReplicaSet", { spec: { replicas } });

describe("the reason for a step", () => {
  const by = (write: Partial<Write> & Pick<Write, "actor" | "after">): Write => ({
    ...{ type: "MODIFIED", by: "managedFields" },
    ...write,
  });
  const cases: [what: string, write: Write, en: RegExp][] = [
    [
      "an Event that means something",
      by({ actor: scheduler, after: said("FailedScheduling") }),
      /says why no node fits/,
    ],
    ["an Event that only reports", by({ actor: kubelet, after: said("Whatever") }), /^An Event: a note for people/],
    [
      "a pod that a kubelet removes",
      by({ type: "DELETED", actor: kubelet, after: thing("Pod") }),
      /^All its containers have ended, so/,
    ],
    [
      "what the garbage collector removes",
      by({ type: "DELETED", actor: reporter("garbage-collector"), after: thing("Pod") }),
      /^Its owner is gone/,
    ],
    [
      "another thing that a kubelet removes",
      by({ type: "DELETED", actor: kubelet, after: thing("Lease") }),
      /^The object is removed/,
    ],
    [
      "a pod that a person removes",
      by({ type: "DELETED", actor: person, after: thing("Pod") }),
      /^The object is removed/,
    ],
    [
      "a pod whose grace is over",
      by({ by: "deletion", actor: kubelet, after: thing("Pod", ending(0)) }),
      /^All its containers have ended: the kubelet requests the deletion again/,
    ],
    [
      "a pod that a kubelet wants gone with grace",
      by({ by: "deletion", actor: kubelet, after: thing("Pod", ending(30)) }),
      /^At first, a deletion is only a timestamp/,
    ],
    [
      "a pod that a person wants gone at once",
      by({ by: "own", actor: person, after: thing("Pod", ending(0)) }),
      /^At first, a deletion is only a timestamp/,
    ],
    [
      "a pod too many",
      by({ by: "event", actor: replicaSets, after: thing("Pod", ending(30)) }),
      /^There are more pods than wanted/,
    ],
    [
      "a pod that reports while it ends",
      by({ actor: kubelet, after: { ...pod({}), ...ending(30) } }),
      /^The kubelet reports which containers have stopped/,
    ],
    [
      "a Deployment that a person writes",
      by({ type: "ADDED", actor: person, after: thing("Deployment") }),
      /^It tells the API server what should run/,
    ],
    [
      "a Deployment that a person changes",
      by({ actor: person, after: thing("Deployment") }),
      /^Only the desired state changes/,
    ],
    ["a Deployment's numbers", by({ actor: deployments, after: thing("Deployment") }), /^It records the current state/],
    ["a ReplicaSet's numbers", by({ actor: replicaSets, after: sized(1) }), /^It records the current state/],
    [
      "a new ReplicaSet",
      by({ type: "ADDED", actor: deployments, after: sized(1) }),
      /^It saw a Deployment whose pod template/,
    ],
    [
      "another number for a ReplicaSet",
      by({ actor: deployments, before: sized(1), after: sized(2) }),
      /^It updates the ReplicaSet to match/,
    ],
    ["a pod too few", by({ type: "ADDED", actor: replicaSets, after: thing("Pod") }), /^It saw fewer pods than wanted/],
    [
      "a pod that a person writes",
      by({ type: "ADDED", actor: person, after: thing("Pod") }),
      /^It tells the API server the desired state/,
    ],
    [
      "a node for a pod",
      by({ by: "binding", actor: scheduler, after: thing("Pod") }),
      /^It saw a pod without a node, chose one/,
    ],
    ["no node for a pod", by({ actor: scheduler, after: thing("Pod") }), /^The scheduler says why no node fits/],
    [
      "a pod that a person changes",
      by({ actor: person, after: thing("Pod") }),
      /^It tells the API server the desired state/,
    ],
    [
      "a pod that a controller changes",
      by({ actor: replicaSets, after: thing("Pod") }),
      /^It records the current state/,
    ],
    [
      "a container that is made",
      by({ actor: kubelet, after: waits("ContainerCreating") }),
      /^The kubelet of that node saw a pod assigned to its node/,
    ],
    [
      "a pod that runs what comes first",
      by({ actor: kubelet, after: waits("PodInitializing") }),
      /^The kubelet of that node saw a pod assigned to its node/,
    ],
    [
      "an image that does not come",
      by({ actor: kubelet, after: waits("ErrImagePull") }),
      /^The kubelet cannot pull the image/,
    ],
    [
      "an image's back-off",
      by({ actor: kubelet, after: waits("ImagePullBackOff") }),
      /^The kubelet cannot pull the image/,
    ],
    [
      "a container's back-off",
      by({ actor: kubelet, after: waits("CrashLoopBackOff") }),
      /^The kubelet waits before it tries again/,
    ],
    [
      "a container that has ended",
      by({ actor: kubelet, after: pod({ terminated: { exitCode: 1 } }) }),
      /^A container has ended/,
    ],
    [
      "a pod that is ready",
      by({ actor: kubelet, before: pod({ running: {} }), after: pod({ running: {} }, true) }),
      /^The readiness probe succeeded/,
    ],
    [
      "a pod that is ready at once",
      by({ actor: kubelet, after: pod({ running: {} }, true) }),
      /^The readiness probe succeeded/,
    ],
    [
      "a pod that runs and is not ready",
      by({ actor: kubelet, after: pod({ running: {} }) }),
      /^The container is running\. The pod is not ready/,
    ],
    [
      "a pod that was ready before",
      by({ actor: kubelet, before: pod({ running: {} }, true), after: pod({ running: {} }, true) }),
      /^The kubelet reports what it sees/,
    ],
    [
      "a Service that somebody writes",
      by({ type: "ADDED", actor: person, after: thing("Service") }),
      /^A fixed name and address/,
    ],
    [
      "a Service that somebody changes",
      by({ actor: person, after: thing("Service") }),
      /^It tells the API server the desired state/,
    ],
    [
      "a Service's empty list",
      by({ actor: replicaSets, after: thing("EndpointSlice", { endpoints: [] }) }),
      /^No pod that the Service selects/,
    ],
    [
      "a Service's list that is not there",
      by({ actor: replicaSets, after: thing("EndpointSlice") }),
      /^No pod that the Service selects/,
    ],
    [
      "a Service's list",
      by({ actor: replicaSets, after: thing("EndpointSlice", { endpoints: [{}] }) }),
      /^It saw pods that match/,
    ],
    [
      "a claim that somebody writes",
      by({ actor: person, after: thing("PersistentVolumeClaim") }),
      /^It tells the API server the desired state/,
    ],
    [
      "a claim without a volume",
      by({ actor: deployments, after: thing("PersistentVolumeClaim") }),
      /^It looks for a volume that fits/,
    ],
    [
      "a claim with a volume",
      by({ actor: deployments, after: thing("PersistentVolumeClaim", { spec: { volumeName: "v" } }) }),
      /^It found a volume for the claim/,
    ],
    [
      "a kind that no sentence is about",
      by({ actor: person, after: thing("Ingress") }),
      /^It tells the API server the desired state/,
    ],
  ];
  for (const [what, write, en] of cases) {
    it(`is told of ${what}`, () => {
      const why = whyOf(write);
      assert.match(why.en, en);
      assert.match(why.ko, /[가-힣]/);
    });
  }

  for (const reason of ["FailedCreate", "BackOff", "Pulling", "Pulled", "Created", "Started", "Killing", "Unhealthy"]) {
    it(`is specific for the Event ${reason}`, () =>
      assert.doesNotMatch(whyOf(by({ actor: kubelet, after: said(reason) })).en, /^An Event/));
  }

  it("for an Event is its message in one line, and its count", () => {
    assert.equal(saidText({ metadata: {}, reason: "R", message: " a\n  b " }), "R: a b");
    assert.equal(saidText({ metadata: {}, reason: "R", message: "a", count: 1 }), "R: a");
    assert.equal(saidText({ metadata: {}, reason: "R", message: "a", count: 2 }), "R: a (×2)");
    assert.equal(saidText({ metadata: {} }), ": ");
  });
});
