import type { V1ManagedFieldsEntry } from "@kubernetes/client-node";
import assert from "node:assert/strict";
import { attribute, combinedManagers, Evidence, reporter, Setting } from "../../tools/see/actors";
import { changesOf, Said, Thing } from "../../tools/see/objects";

const by = (
  manager: string,
  fieldsV1: object = {},
  more: Partial<V1ManagedFieldsEntry> = {},
): V1ManagedFieldsEntry => ({
  ...{ manager, operation: "Update", apiVersion: "v1", time: new Date(1000), fieldsV1 },
  ...more,
});
const status = { subresource: "status" };
const owner = (kind: string) => ({
  ownerReferences: [{ apiVersion: "apps/v1", kind, name: "web-1", uid: "o", controller: true }],
});
const thing = (
  kind: string,
  managedFields: V1ManagedFieldsEntry[],
  metadata: object = {},
  more: object = {},
): Thing => ({
  ...{ kind, metadata: { name: "web-1-a", uid: "p", resourceVersion: "7", managedFields, ...metadata } },
  ...more,
});
const said = (reason: string, more: Partial<Said> = {}): Said => ({
  ...{ kind: "Event", metadata: {}, reason, reportingComponent: "replicaset-controller" },
  ...{ involvedObject: { kind: "Pod", name: "web-1-a", uid: "p" } },
  ...more,
});
const gone = (grace: number, seconds = 100) => ({
  ...{ deletionTimestamp: new Date(seconds * 1000), deletionGracePeriodSeconds: grace },
});
const onNode = { spec: { nodeName: "n1" } };
const manager = "kube-controller-manager";

interface Row {
  what: string;
  type?: "ADDED" | "DELETED";
  before?: Thing;
  after: Thing;
  setting?: Partial<Setting>;
  who: string;
  by: Evidence;
  doubt?: RegExp;
}

describe("the writer of a version", () => {
  const k3s = { combined: new Set(["k3s"]) };
  const running = { status: { containerStatuses: [{ name: "web" }] } };
  const rows: Row[] = [
    { what: "a kubelet", after: thing("Pod", [by("kubelet", {}, status)]), who: "kubelet", by: "managedFields" },
    {
      what: "the scheduler",
      after: thing("Pod", [by("kube-scheduler", {}, status)]),
      who: "default-scheduler",
      by: "managedFields",
    },
    {
      what: "kubectl, whatever its command",
      after: thing("Pod", [by("kubectl-client-side-apply")]),
      who: "kubectl",
      by: "managedFields",
    },
    { what: "Pulumi", after: thing("Pod", [by("pulumi-kubernetes-1a2b")]), who: "pulumi", by: "managedFields" },
    { what: "this program", after: thing("Pod", [by("npm-run-see")]), who: "npm-run-see", by: "managedFields" },
    { what: "another client", after: thing("Pod", [by("k9s")]), who: "k9s", by: "managedFields" },
    { what: "somebody, without a manager", after: thing("Pod", [by("")]), who: "client", by: "managedFields" },
    {
      what: "another controller",
      after: thing("Pod", [by("hostpath-provisioner")]),
      who: "hostpath-provisioner",
      by: "managedFields",
    },
    {
      what: "the API server itself",
      after: thing("Service", [by("kube-apiserver")]),
      who: "kube-apiserver",
      by: "managedFields",
    },
    {
      what: "this program, if the version is one that it wrote",
      after: thing("Pod", [by("kubelet")]),
      setting: { own: new Set(["7"]) },
      who: "npm-run-see",
      by: "own",
    },
    {
      what: "the Deployment controller, of a Deployment",
      after: thing("Deployment", [by(manager, {}, status)]),
      who: "deployment-controller",
      by: "ownership",
    },
    {
      what: "the Deployment controller, of a ReplicaSet",
      after: thing("ReplicaSet", [by(manager)], owner("Deployment")),
      who: "deployment-controller",
      by: "ownership",
    },
    {
      what: "the ReplicaSet controller, of its status",
      after: thing("ReplicaSet", [by(manager, {}, status)], owner("Deployment")),
      who: "replicaset-controller",
      by: "ownership",
    },
    {
      what: "the ReplicaSet controller, of a ReplicaSet without an owner",
      after: thing("ReplicaSet", [by(manager)]),
      who: "replicaset-controller",
      by: "ownership",
    },
    {
      what: "the controller of a pod's owner",
      after: thing("Pod", [by(manager)], owner("ReplicaSet")),
      who: "replicaset-controller",
      by: "ownership",
    },
    {
      what: "the controller of another kind of owner",
      after: thing("Pod", [by(manager)], owner("Job")),
      who: "job-controller",
      by: "ownership",
    },
    {
      what: "the controller manager, of a pod's status",
      after: thing("Pod", [by(manager, {}, status)], owner("Job")),
      who: manager,
      by: "ownership",
    },
    {
      what: "the controller manager, of a pod without an owner",
      after: thing("Pod", [by(manager)]),
      who: manager,
      by: "ownership",
    },
    {
      what: "the controller on the label of an EndpointSlice",
      after: thing("EndpointSlice", [by(manager)], {
        labels: { "endpointslice.kubernetes.io/managed-by": "mirror-controller.k8s.io" },
      }),
      who: "mirror-controller",
      by: "ownership",
    },
    {
      what: "the EndpointSlice controller",
      after: thing("EndpointSlice", [by(manager)]),
      who: "endpointslice-controller",
      by: "ownership",
    },
    {
      what: "the volume controller",
      after: thing("PersistentVolumeClaim", [by(manager)]),
      who: "persistentvolume-controller",
      by: "ownership",
    },
    {
      what: "the controller manager, of any other kind",
      after: thing("Service", [by(manager)]),
      who: manager,
      by: "ownership",
    },
    {
      what: "the reporter of an Event",
      after: said("Killing", { reportingComponent: "kubelet" }),
      who: "kubelet",
      by: "event",
    },
    // One process for everything.
    {
      what: "a component of k3s, by the object",
      after: thing("ReplicaSet", [by("k3s", {}, status)]),
      setting: k3s,
      who: "replicaset-controller",
      by: "ownership",
      doubt: /inferred from the object$/,
    },
    {
      what: "the kubelet of k3s, if the status of containers changed",
      before: thing("Pod", []),
      after: thing("Pod", [by("k3s", {}, status)], {}, running),
      setting: k3s,
      who: "kubelet",
      by: "ownership",
      doubt: /inferred from the object$/,
    },
    {
      what: "the scheduler of k3s",
      before: thing("Pod", []),
      after: thing("Pod", [by("k3s", {}, status)], {}, { status: { conditions: [{ type: "PodScheduled" }] } }),
      setting: k3s,
      who: "default-scheduler",
      by: "ownership",
      doubt: /inferred from the object$/,
    },
    {
      what: "a controller of k3s, of a pod's labels",
      before: thing("Pod", [], owner("ReplicaSet")),
      after: thing("Pod", [by("k3s")], owner("ReplicaSet")),
      setting: k3s,
      who: "replicaset-controller",
      by: "ownership",
      doubt: /inferred from the object$/,
    },
    // Deletions.
    {
      what: "unknown for a deletion without an Event",
      before: thing("Pod", []),
      after: thing("Pod", [], gone(30)),
      who: "client",
      by: "deletion",
      doubt: /does not record who deletes/,
    },
    {
      what: "the controller whose Event names the deleted pod",
      before: thing("Pod", [], owner("ReplicaSet")),
      after: thing("Pod", [], { ...gone(30), ...owner("ReplicaSet") }),
      setting: { said: [said("SuccessfulDelete", { message: "Deleted pod: web-1-a", involvedObject: { uid: "o" } })] },
      who: "replicaset-controller",
      by: "event",
    },
    {
      what: "unknown if the Event names another pod",
      before: thing("Pod", [], owner("ReplicaSet")),
      after: thing("Pod", [], { ...gone(30), ...owner("ReplicaSet") }),
      setting: { said: [said("SuccessfulDelete", { message: "Deleted pod: other", involvedObject: { uid: "o" } })] },
      who: "client",
      by: "deletion",
      doubt: /does not record who deletes/,
    },
    {
      what: "unknown if the Event is about another owner",
      before: thing("Pod", [], owner("ReplicaSet")),
      after: thing("Pod", [], { ...gone(30), ...owner("ReplicaSet") }),
      setting: { said: [said("SuccessfulDelete", { message: "Deleted pod: web-1-a", involvedObject: { uid: "x" } })] },
      who: "client",
      by: "deletion",
      doubt: /does not record who deletes/,
    },
    {
      what: "unknown if the Event is not about a deletion",
      before: thing("Pod", [], owner("ReplicaSet")),
      after: thing("Pod", [], { ...gone(30), ...owner("ReplicaSet") }),
      setting: { said: [said("SuccessfulCreate", { message: "web-1-a", involvedObject: { uid: "o" } })] },
      who: "client",
      by: "deletion",
      doubt: /does not record who deletes/,
    },
    {
      what: "the garbage collector if the owner is gone",
      before: thing("Pod", [], owner("ReplicaSet")),
      after: thing("Pod", [], { ...gone(30), ...owner("ReplicaSet") }),
      setting: { gone: new Set(["o"]) },
      who: "garbage-collector",
      by: "deletion",
    },
    {
      what: "the kubelet, when the grace period becomes 0",
      before: thing("Pod", [], gone(30), onNode),
      after: thing("Pod", [], gone(0), onNode),
      who: "kubelet",
      by: "deletion",
    },
    {
      what: "the kubelet, when a grace period of 0 is all that was seen",
      after: thing("Pod", [], gone(0), onNode),
      who: "kubelet",
      by: "deletion",
    },
    {
      what: "the kubelet, of the removal of a pod on a node",
      type: "DELETED",
      before: thing("Pod", [], gone(0), onNode),
      after: thing("Pod", [], gone(0), onNode),
      who: "kubelet",
      by: "deletion",
    },
    {
      what: "unknown for a pod without a node that is deleted at once",
      before: thing("Pod", [], gone(30)),
      after: thing("Pod", [], gone(0)),
      who: "client",
      by: "managedFields",
      doubt: /nothing in the object/,
    },
    {
      what: "unknown for a pod on a node that is deleted at once",
      before: thing("Pod", [], {}, onNode),
      after: thing("Pod", [], gone(0), onNode),
      who: "client",
      by: "deletion",
      doubt: /does not record who deletes/,
    },
    {
      what: "the kubelet, of the last status of a pod",
      before: thing("Pod", [], gone(0), onNode),
      after: thing("Pod", [by("kubelet", {}, status)], gone(0), { ...onNode, status: { phase: "Failed" } }),
      who: "kubelet",
      by: "managedFields",
    },
    {
      what: "the kubelet, of a status while the pod is being deleted",
      before: thing("Pod", [], gone(30)),
      after: thing("Pod", [by("kubelet", {}, status)], gone(30)),
      who: "kubelet",
      by: "managedFields",
    },
    {
      what: "unknown for the removal of another kind",
      type: "DELETED",
      before: thing("Service", []),
      after: thing("Service", []),
      who: "client",
      by: "deletion",
      doubt: /does not record who deletes/,
    },
    {
      what: "the last of several writers of the first version that was seen",
      after: thing("Pod", [by("kubelet", {}, { time: new Date(3000) }), by("kubectl", {}, { time: new Date(2000) })]),
      who: "kubelet",
      by: "managedFields",
    },
    {
      what: "the last writer, whatever the order of the entries",
      after: thing("Pod", [by("kubectl", {}, { time: new Date(2000) }), by("kubelet", {}, { time: new Date(3000) })]),
      who: "kubelet",
      by: "managedFields",
    },
    {
      what: "the last writer if the deletion was requested before its write",
      after: thing("Pod", [by("kubelet", {}, { time: new Date(90_000) })], gone(30)),
      who: "kubelet",
      by: "managedFields",
    },
    {
      what: "unknown if the deletion is newer than the last write",
      after: thing("Pod", [by("kubelet", {}, { time: new Date(60_000) })], gone(30)),
      who: "client",
      by: "deletion",
      doubt: /does not record who deletes/,
    },
    // More than one, or none.
    {
      what: "the last of two writers, with a doubt",
      before: thing("Pod", []),
      after: thing("Pod", [by("kubelet", {}, { time: new Date(3000) }), by("kubectl", {}, { time: new Date(2000) })]),
      who: "kubelet",
      by: "managedFields",
      doubt: /^kubelet and kubectl both wrote/,
    },
    {
      what: "one writer with two entries",
      before: thing("Pod", []),
      after: thing("Pod", [by("kubelet"), by("kubelet", {}, status)]),
      who: "kubelet",
      by: "managedFields",
    },
    {
      what: "the scheduler named by the Event, of a node without a recorded writer",
      before: thing("Pod", []),
      after: thing("Pod", [], {}, onNode),
      setting: { said: [said("Scheduled", { reportingComponent: "my-scheduler" })] },
      who: "my-scheduler",
      by: "binding",
    },
    {
      what: "the scheduler that the pod names, without an Event",
      before: thing("Pod", []),
      after: thing("Pod", [], {}, { spec: { nodeName: "n1", schedulerName: "mine" } }),
      setting: { said: [said("Scheduled", { involvedObject: { uid: "x" } }), said("Pulled")] },
      who: "mine",
      by: "binding",
      doubt: /Scheduled was not seen/,
    },
    {
      what: "the default scheduler, without an Event or a name",
      before: thing("Pod", []),
      after: thing("Pod", [], {}, onNode),
      who: "default-scheduler",
      by: "binding",
      doubt: /Scheduled was not seen/,
    },
    {
      what: "the owner of the field, of a second write in one second",
      before: thing("Deployment", [by("kubectl", { "f:spec": { "f:replicas": {} } })], {}, { spec: { replicas: 1 } }),
      after: thing("Deployment", [by("kubectl", { "f:spec": { "f:replicas": {} } })], {}, { spec: { replicas: 2 } }),
      who: "kubectl",
      by: "managedFields",
    },
    {
      what: "the previous owner of a field that was removed",
      before: thing("Deployment", [by("kubectl", { "f:spec": { "f:paused": {} } })], {}, { spec: { paused: true } }),
      after: thing("Deployment", [], {}, { spec: {} }),
      who: "kubectl",
      by: "managedFields",
    },
    {
      what: "one of two owners of the field, with a doubt",
      before: thing("Pod", [by("kubectl", { "f:a": {} }), by("kubelet", { "f:a": {} })], {}, { a: 1 }),
      after: thing("Pod", [by("kubectl", { "f:a": {} }), by("kubelet", { "f:a": {} })], {}, { a: 2 }),
      who: "kubectl",
      by: "managedFields",
      doubt: /nothing in the object/,
    },
    {
      what: "unknown for a field without an owner",
      before: thing("Pod", [], {}, { a: 1 }),
      after: thing("Pod", [], {}, { a: 2 }),
      who: "client",
      by: "managedFields",
      doubt: /nothing in the object/,
    },
    {
      what: "unknown for a node in an object of another kind",
      before: thing("Thing", []),
      after: thing("Thing", [], {}, onNode),
      who: "client",
      by: "managedFields",
      doubt: /nothing in the object/,
    },
  ];
  const people = ["kubectl", "pulumi", "npm-run-see", "k9s", "client"];
  const laneOf = (who: string) =>
    people.includes(who)
      ? "person"
      : who === "kubelet"
        ? who
        : /scheduler|^mine$/.test(who)
          ? "scheduler"
          : "controllers";
  for (const { what, type = "MODIFIED", before, after, setting, who, by: evidence, doubt } of rows) {
    it(`is ${what}`, () => {
      const all: Setting = { said: [], combined: new Set(), own: new Set(), gone: new Set(), ...setting };
      const found = attribute(type, before, after, before ? changesOf(before, after) : [], all);
      assert.deepEqual([found.actor.id, found.by, found.actor.lane], [who, evidence, laneOf(who)]);
      if (doubt) assert.match(found.doubt?.en ?? "", doubt);
      else assert.equal(found.doubt, undefined);
      assert.ok(!found.doubt || /[가-힣]/.test(found.doubt.ko));
    });
  }
});

describe("a person's program", () => {
  const setting: Setting = { said: [], combined: new Set(), own: new Set(), gone: new Set() };
  for (const [manager, name] of [
    ["npm-run-see", "npm run see"],
    ["kubectl-edit", "kubectl"],
    ["pulumi-kubernetes", "Pulumi"],
    ["k9s", "k9s"],
    ["", "somebody"],
  ] as const) {
    it(`is called ${name}`, () => {
      const pod = thing("Pod", [by(manager)]);
      assert.equal(attribute("ADDED", undefined, pod, [], setting).actor.name.en, name);
    });
  }
});

describe("an Event's reporter", () => {
  for (const [id, lane, name] of [
    ["kubelet", "kubelet", "kubelet"],
    ["default-scheduler", "scheduler", "scheduler"],
    ["my-scheduler", "scheduler", "scheduler"],
    ["deployment-controller", "controllers", "Deployment controller"],
    ["taint-eviction-controller", "controllers", "taint-eviction-controller"],
    ["some-operator", "controllers", "some-operator"],
    ["", "controllers", "unknown"],
  ] as const) {
    it(`is known by its name: ${id}`, () => {
      const actor = reporter(id);
      assert.deepEqual([actor.id, actor.lane, actor.name.en], [id || "unknown", lane, name]);
    });
  }
});

describe("a process that contains several components of the control plane", () => {
  const containers = { "f:status": { "f:containerStatuses": {} } };
  const cases: [what: string, things: Thing[], found: string[]][] = [
    [
      "writes for a controller and a kubelet",
      [thing("ReplicaSet", [by("k3s", {}, status)]), thing("Pod", [by("k3s", containers, status)])],
      ["k3s"],
    ],
    [
      "is not one that writes as a controller only",
      [thing("ReplicaSet", [by("a", {}, status)]), thing("Pod", [by("b", containers, status)])],
      [],
    ],
    [
      "is not one that writes no status of a ReplicaSet",
      [thing("ReplicaSet", [by("a")]), thing("Pod", [by("a", containers, status)])],
      [],
    ],
    [
      "is not one that writes no containers",
      [thing("ReplicaSet", [by("a", {}, status)]), thing("Pod", [by("a", {}, status)])],
      [],
    ],
    [
      "is not one that writes these elsewhere",
      [thing("Deployment", [by("a", {}, status)]), thing("Pod", [by("a", containers, status)])],
      [],
    ],
    [
      "is not one whose pods' spec it is",
      [thing("ReplicaSet", [by("a", {}, status)]), thing("Pod", [by("a", containers)])],
      [],
    ],
    [
      "is not one that writes another kind's containers",
      [thing("ReplicaSet", [by("a", {}, status)]), thing("Job", [by("a", containers, status)])],
      [],
    ],
  ];
  for (const [what, things, found] of cases) {
    it(what, () => assert.deepEqual([...combinedManagers(things)], found));
  }
});
