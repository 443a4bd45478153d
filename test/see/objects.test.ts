import type { V1ManagedFieldsEntry } from "@kubernetes/client-node";
import assert from "node:assert/strict";
import { digestOf } from "../../tools/see/digest";
import {
  changesOf,
  owns,
  Part,
  pathText,
  reporterOf,
  revisionOf,
  Thing,
  timeOf,
  writersOf,
} from "../../tools/see/objects";

describe("what differs between two versions of an object", () => {
  const cases: [what: string, before: unknown, after: unknown, changes: string[]][] = [
    ["nothing", { spec: { a: 1 } }, { spec: { a: 1 } }, []],
    ["a value", { spec: { a: 1, b: 1 } }, { spec: { a: 2, b: 1 } }, ["spec.a: 1 → 2"]],
    ["what is new", {}, { spec: { a: 1, b: { c: 2 } } }, ["spec.a: – → 1", "spec.b.c: – → 2"]],
    ["what is gone", { spec: { a: 1, b: 2 } }, { spec: { b: 2 } }, ["spec.a: 1 → –"]],
    [
      "no field that changes with every write",
      { metadata: { resourceVersion: "1", generation: 1 } },
      { metadata: {} },
      [],
    ],
    [
      "no time of a write or a probe",
      {
        metadata: { uid: "1", selfLink: "/1", creationTimestamp: "1", managedFields: [1] },
        status: { observedGeneration: 1, c: [{ type: "Ready", lastTransitionTime: "1", lastHeartbeatTime: "1" }] },
        d: { lastProbeTime: "1", lastUpdateTime: "1" },
      },
      {
        metadata: { uid: "2", selfLink: "/2", creationTimestamp: "2", managedFields: [2] },
        status: { observedGeneration: 2, c: [{ type: "Ready", lastTransitionTime: "2", lastHeartbeatTime: "2" }] },
        d: { lastProbeTime: "2", lastUpdateTime: "2" },
      },
      [],
    ],
    ...["name", "type", "ip", "uid", "containerPort", "port", "key"].map((key): (typeof cases)[number] => [
      `an element by its ${key}`,
      { l: [{ [key]: "x" }, { [key]: "y", v: 1 }] },
      { l: [{ [key]: "y", v: 2 }, { [key]: "x" }] },
      ["l[y].v: 1 → 2"],
    ]),
    ["nothing, if null becomes missing", { a: null }, {}, []],
    ["nothing, if missing becomes null", {}, { a: null }, []],
    [
      "an element by its name",
      {
        l: [
          { name: "x", v: 1 },
          { name: "y", v: 1 },
        ],
      },
      {
        l: [
          { name: "y", v: 2 },
          { name: "x", v: 1 },
        ],
      },
      ["l[y].v: 1 → 2"],
    ],
    [
      "an element that is new",
      { l: [{ name: "x", v: 1 }] },
      {
        l: [
          { name: "x", v: 1 },
          { name: "y", v: 2 },
        ],
      },
      ['l[y].name: – → "y"', "l[y].v: – → 2"],
    ],
    ["an element that is gone", { l: [{ name: "x" }] }, { l: [] }, ['l[x].name: "x" → –']],
    ["a list that is gone", { l: [{ name: "x" }] }, {}, ['l[x].name: "x" → –']],
    ["a list that is new", { l: undefined }, { l: [{ type: "Ready" }] }, ['l[Ready].type: – → "Ready"']],
    ["the whole list if its elements have no key", { l: [1, 2] }, { l: [1, 3] }, ["l: [1,2] → [1,3]"]],
    [
      "the whole list if one element has no key",
      { l: [{ name: "x" }] },
      { l: [{ name: "x" }, 3] },
      ['l: [{"name":"x"}] → [{"name":"x"},3]'],
    ],
    ["a map that becomes a list", { m: { a: 1 } }, { m: [1] }, ['m: {"a":1} → [1]']],
    [
      "a name that has to be quoted",
      { metadata: { labels: { "a.b/c": "1" } } },
      { metadata: { labels: { "a.b/c": "2" } } },
      ['metadata.labels["a.b/c"]: "1" → "2"'],
    ],
  ];
  for (const [what, before, after, changes] of cases) {
    it(`is ${what}`, () => {
      const text = (value: unknown) => (value === undefined ? "–" : JSON.stringify(value));
      assert.deepEqual(
        changesOf(before, after).map(
          (change) => `${pathText(change.path)}: ${text(change.before)} → ${text(change.after)}`,
        ),
        changes,
      );
    });
  }
});

describe("whether an entry owns a field", () => {
  const fieldsV1 = {
    "f:spec": { "f:replicas": {}, "f:template": { "f:c": { 'k:{"name":"web"}': { ".": {}, "f:image": {} } } } },
    "f:metadata": { "f:labels": {} },
  };
  const cases: [path: Part[], owned: boolean][] = [
    [["spec", "replicas"], true],
    [["spec", "paused"], false],
    [["status"], false],
    // A map that is owned as one.
    [["metadata", "labels", "a"], true],
    [["spec", "template", "c", { name: "web" }, "image"], true],
    [["spec", "template", "c", { name: "other" }, "image"], false],
    [["spec", "template", "c", { name: "web" }, "command"], false],
    [["spec"], true],
  ];
  for (const [path, owned] of cases) {
    it(`is ${owned} for ${pathText(path)}`, () => assert.equal(owns({ fieldsV1 }, path), owned));
  }
  it("is false for an entry without fields", () => assert.equal(owns({}, ["spec"]), false));
});

describe("the entries of managedFields that a write created", () => {
  const at = (seconds: number, fieldsV1: object, more: Partial<V1ManagedFieldsEntry> = {}): V1ManagedFieldsEntry => ({
    ...{ manager: "a", operation: "Update", apiVersion: "v1", time: new Date(seconds * 1000), fieldsV1 },
    ...more,
  });
  const thing = (...managedFields: V1ManagedFieldsEntry[]): Thing => ({ metadata: { managedFields } });
  const one = at(1, { "f:a": {} });
  const cases: [what: string, before: Thing | undefined, after: Thing, made: number][] = [
    ["all entries of a new object", undefined, thing(one, at(1, {}, { manager: "b" })), 2],
    ["none that are unchanged", thing(one), thing(one), 0],
    ["none that only became smaller", thing(at(1, { "f:a": {}, "f:b": {} })), thing(one), 0],
    ["one with another time", thing(one), thing(at(2, { "f:a": {} })), 1],
    ["one with one field more, in the same second", thing(one), thing(at(1, { "f:a": {}, "f:b": {} })), 1],
    ["one with one field more below, in the same second", thing(one), thing(at(1, { "f:a": { "f:b": {} } })), 1],
    ["one of another manager", thing(one), thing(at(1, { "f:a": {} }, { manager: "b" })), 1],
    ["one of another operation", thing(one), thing(at(1, { "f:a": {} }, { operation: "Apply" })), 1],
    ["one of another subresource", thing(one), thing(at(1, { "f:a": {} }, { subresource: "status" })), 1],
    ["one of another version", thing(one), thing(at(1, { "f:a": {} }, { apiVersion: "v2" })), 1],
  ];
  for (const [what, before, after, made] of cases) {
    it(`are ${what}`, () => assert.equal(writersOf(before, after).length, made));
  }
});

describe("what is read from an object", () => {
  it("is its number, if it is one", () => {
    assert.equal(revisionOf({ metadata: { resourceVersion: "12" } }), 12n);
    assert.equal(revisionOf({ metadata: { resourceVersion: "1x" } }), 0n);
    assert.equal(revisionOf({ metadata: {} }), 0n);
  });

  it("is a time as a text or as a date", () => {
    assert.equal(timeOf("1970-01-01T00:00:01Z"), 1000);
    assert.equal(timeOf(new Date(1000)), 1000);
    assert.equal(timeOf("soon"), undefined);
    assert.equal(timeOf(undefined), undefined);
  });

  it("is the reporter of an Event, in the new format or the old one", () => {
    assert.equal(reporterOf({ metadata: {}, reportingComponent: "a", source: { component: "b" } }), "a");
    assert.equal(reporterOf({ metadata: {}, reportingComponent: "", source: { component: "b" } }), "b");
    assert.equal(reporterOf({ metadata: {} }), "");
  });
});

describe("the desired and the current state of an object", () => {
  const spec = (image: string) => ({ spec: { containers: [{ image }, { image: "side" }] } });
  const container = (state: object, restartCount = 0) => ({ name: "c", state, restartCount });
  const pod = (status: object, more: object = {}) => ({ kind: "Pod", metadata: {}, ...spec("i"), status, ...more });
  const cases: [what: string, thing: object, desired: string, current: string][] = [
    [
      "a Deployment",
      {
        kind: "Deployment",
        spec: { replicas: 2, template: spec("i") },
        status: { replicas: 3, updatedReplicas: 2, readyReplicas: 1 },
      },
      "pods 2, image i, side",
      "pods 3, up to date 2, ready 1",
    ],
    ["a new Deployment", { kind: "Deployment", spec: { template: {} } }, "pods 1", "pods 0, up to date 0, ready 0"],
    [
      "a ReplicaSet",
      { kind: "ReplicaSet", spec: { replicas: 2, template: spec("i") }, status: { replicas: 3, readyReplicas: 1 } },
      "pods 2, image i, side",
      "pods 3, ready 1",
    ],
    ["a new ReplicaSet", { kind: "ReplicaSet" }, "pods 1", "pods 0, ready 0"],
    ["a new pod", pod({ phase: "Pending" }), "node –, image i, side", "phase Pending, ready False"],
    [
      "a pod without a place",
      pod({ phase: "Pending", conditions: [{ type: "PodScheduled", status: "False", reason: "Unschedulable" }] }),
      "node –, image i, side",
      "phase Pending, scheduled Unschedulable, ready False",
    ],
    [
      "a pod that has its place",
      pod({ phase: "Pending", conditions: [{ type: "PodScheduled", status: "True", reason: "x" }] }),
      "node –, image i, side",
      "phase Pending, ready False",
    ],
    [
      "a pod that runs",
      pod(
        {
          phase: "Running",
          podIP: "10.0.0.1",
          conditions: [{ type: "Ready", status: "True" }],
          containerStatuses: [container({ running: {} }, 1)],
        },
        { spec: { nodeName: "n1" } },
      ),
      "node n1",
      "phase Running, container running (×1), address 10.0.0.1, ready True",
    ],
    [
      "a pod that goes",
      pod(
        {
          containerStatuses: [
            container({ terminated: { reason: "Error", exitCode: 3 } }),
            container({ terminated: { exitCode: 0 } }),
          ],
        },
        { metadata: { deletionTimestamp: "x" } },
      ),
      "node –, image i, side, to be deleted ✔",
      "container Error (3), ended (0), ready False",
    ],
    [
      "a pod that waits",
      pod({ containerStatuses: [container({ waiting: { reason: "Back" } }, 2), container({})] }),
      "node –, image i, side",
      "container Back (×2), waiting, ready False",
    ],
    [
      "a Service",
      { kind: "Service", spec: { selector: { a: "b", c: "d" }, type: "NodePort", clusterIP: "10.1.1.1" } },
      "selects pods with a=b, c=d, type NodePort",
      "cluster address 10.1.1.1",
    ],
    ["a Service without a selector", { kind: "Service" }, "selects pods with –", ""],
    [
      "an EndpointSlice",
      {
        kind: "EndpointSlice",
        metadata: { labels: { "kubernetes.io/service-name": "web" } },
        endpoints: [
          { addresses: ["a"], conditions: { ready: true } },
          { addresses: ["b"], conditions: { ready: false } },
          { addresses: ["c"], conditions: { ready: true, terminating: true } },
          { addresses: ["d"] },
        ],
      },
      "of Service web",
      "routes to a ready, b not ready, c terminating, d ready",
    ],
    ["an empty EndpointSlice", { kind: "EndpointSlice" }, "", "routes to –"],
    [
      "a claim",
      {
        kind: "PersistentVolumeClaim",
        spec: { resources: { requests: { storage: "1Gi" } }, storageClassName: "standard", volumeName: "v" },
        status: { phase: "Bound" },
      },
      "size 1Gi, class standard",
      "phase Bound, volume v",
    ],
    ["anything else", { kind: "Secret", data: {} }, "", ""],
  ];
  for (const [what, thing, desired, current] of cases) {
    it(`is shown for ${what}`, () => {
      const digest = digestOf({ metadata: {}, ...thing });
      const text = (lines: typeof digest.desired) => lines.map(({ name, value }) => `${name.en} ${value}`).join(", ");
      assert.deepEqual([text(digest.desired), text(digest.current)], [desired, current]);
      for (const { name } of [...digest.desired, ...digest.current]) assert.match(name.ko, /[가-힣]/);
    });
  }
  it("is empty without an object", () => assert.deepEqual(digestOf(undefined), { desired: [], current: [] }));
});
