import assert from "node:assert/strict";
import type { Thing, WatchEvent } from "../../tools/see/objects";
import { lastOf, Step, Story, storyOf } from "../../tools/see/story";
import { cut } from "../../tools/see/terminal";
import { shownOf } from "../../tools/see/told";
import { Text } from "../../text";

const en = ({ en }: Text) => en;
const time = (seconds: number) => new Date(seconds * 1000);

/** A version of an object that kubectl wrote. */
function version(resourceVersion: number, more: object = {}, metadata: object = {}, kind = "ConfigMap"): Thing {
  const managedFields = [
    { manager: "kubectl-edit", operation: "Update", apiVersion: "v1", time: time(resourceVersion), fieldsV1: {} },
  ];
  return {
    kind,
    metadata: {
      name: "one",
      namespace: "lab",
      uid: "u",
      resourceVersion: String(resourceVersion),
      managedFields,
      ...metadata,
    },
    ...more,
  };
}
const event = (type: WatchEvent["type"], object: Thing): WatchEvent => ({ type, object });
const said = (resourceVersion: number, more: object = {}, uid = `e${resourceVersion}`): Thing => ({
  ...{
    kind: "Event",
    metadata: { name: uid, uid, resourceVersion: String(resourceVersion) },
    reason: "R",
    message: "m",
  },
  ...more,
});

describe("the steps of a story", () => {
  it("are in the numerical order of resourceVersions, and begin after the list", () => {
    const events = [10, 9, 11, 2].map((number) => event("MODIFIED", version(number, { data: { number } })));
    const { steps } = storyOf(events, { before: [version(2)] });
    assert.deepEqual(
      steps.map(({ resourceVersion }) => resourceVersion),
      ["9", "10", "11"],
    );
    assert.deepEqual(steps[0]?.object, { kind: "ConfigMap", name: "one", namespace: "lab" });
    assert.deepEqual(steps[1]?.fields, [{ path: "data.number", before: "9", after: "10" }]);
  });

  it("distinguish two objects of the same name, even if one has no uid", () => {
    const objects = [version(1), version(2, {}, { uid: undefined }), version(3, {}, { uid: "other" })];
    assert.deepEqual(
      storyOf(objects.map((one) => event("ADDED", one))).steps.map(({ what }) => what),
      ["created", "created", "created"],
    );
  });

  const whats: [what: string, event: WatchEvent, before: Thing | undefined, is: string][] = [
    ["is new", event("ADDED", version(2)), undefined, "created"],
    ["is a newer version", event("MODIFIED", version(2)), version(1), "changed"],
    ["is gone", event("DELETED", version(2)), version(1), "deleted"],
    ["is to be deleted", event("MODIFIED", version(2, {}, { deletionTimestamp: time(2) })), version(1), "asked to go"],
    [
      "was to be deleted before",
      event("MODIFIED", version(2, {}, { deletionTimestamp: time(2) })),
      version(1, {}, { deletionTimestamp: time(2) }),
      "changed",
    ],
    [
      "is to be deleted, and was not seen before",
      event("MODIFIED", version(2, {}, { deletionTimestamp: time(2) })),
      undefined,
      "asked to go",
    ],
    [
      "was to be deleted before it was seen",
      event("MODIFIED", version(90, {}, { deletionTimestamp: time(100), deletionGracePeriodSeconds: 30 })),
      undefined,
      "changed",
    ],
    ["is an Event", event("ADDED", said(2)), undefined, "said"],
  ];
  for (const [what, one, before, is] of whats) {
    it(`are "${is}" for an object that ${what}`, () => {
      const [step] = storyOf([one], { before: before && [before] }).steps;
      assert.equal(step?.what, is);
      // Of what is new or gone, its lines say all; of what was not seen before, nobody knows what differs.
      if (!before) assert.deepEqual(step?.fields, []);
      if (is === "created" || is === "deleted" || is === "said") assert.deepEqual(step.fields, []);
    });
  }

  it("treat another object of the same name as a new one", () => {
    const before = [version(1, { replicas: 1 }, { uid: "old" })];
    const [step] = storyOf([event("ADDED", version(2, { replicas: 2 }, { uid: "new" }))], { before }).steps;
    assert.deepEqual([step?.what, step?.fields], ["created", []]);
  });

  it("include no Event that the cluster removes", () =>
    assert.deepEqual(storyOf([event("DELETED", said(2))]).steps, []));

  it("show the message of an Event, and its object", () => {
    const { steps } = storyOf([
      event("ADDED", said(2, { involvedObject: { kind: "Pod", name: "p" }, count: 2 })),
      event("ADDED", said(3)),
    ]);
    assert.deepEqual(
      steps.map(({ message, about }) => [message, about]),
      [
        ["R: m (×2)", { kind: "Pod", name: "p" }],
        ["R: m", { kind: "", name: "" }],
      ],
    );
    assert.equal(storyOf([event("ADDED", version(4))]).steps[0]?.message, undefined);
  });

  const times: [what: string, object: Thing, at: number | undefined][] = [
    ["the last entry of managedFields", version(5), 5],
    ["its creation, where that is later", version(5, {}, { creationTimestamp: time(7) }), 7],
    [
      "a condition, where that is later",
      version(5, { status: { conditions: [{ lastTransitionTime: time(8) }, {}] } }),
      8,
    ],
    [
      "when the deletion was asked for",
      version(5, {}, { deletionTimestamp: time(40), deletionGracePeriodSeconds: 30 }),
      10,
    ],
    ["when the deletion was asked for, without any grace", version(5, {}, { deletionTimestamp: time(40) }), 40],
    ["what an Event says last", said(5, { lastTimestamp: time(9), eventTime: time(8) }), 9],
    ["what an Event of the new kind says", said(5, { eventTime: time(8) }), 8],
    ["when an Event was made", { ...said(5), metadata: { ...said(5).metadata, creationTimestamp: time(6) } }, 6],
    ["nothing, where nothing is noted", { kind: "ConfigMap", metadata: { uid: "u", resourceVersion: "5" } }, undefined],
  ];
  for (const [what, object, at] of times) {
    it(`have for a time ${what}`, () => {
      const [step] = storyOf([event("ADDED", object)]).steps;
      assert.equal(step?.time, at === undefined ? undefined : time(at).toISOString());
    });
  }

  it("show which lines are new, with their previous values", () => {
    const sized = (number: number, replicas?: number, status?: object) =>
      version(number, { spec: { replicas }, status }, {}, "ReplicaSet");
    const [step, same] = storyOf([event("MODIFIED", sized(2, 2)), event("MODIFIED", sized(3, 2))], {
      before: [sized(1, 1)],
    }).steps;
    assert.deepEqual(
      step?.desired.map(({ value, was }) => `${was} ${value}`),
      ["1 2"],
    );
    assert.deepEqual(
      same?.desired.map(({ was }) => was),
      [undefined],
    );
    const claim = (number: number, phase?: string) =>
      version(number, { status: { phase } }, {}, "PersistentVolumeClaim");
    const [first] = storyOf([event("MODIFIED", claim(2, "Bound"))], { before: [claim(1)] }).steps;
    assert.deepEqual(
      first?.current.map(({ value, was }) => `${was} ${value}`),
      ["– Bound"],
    );
  });

  it("leave out annotations that no story is about", () => {
    const annotations = {
      "kubectl.kubernetes.io/last-applied-configuration": "{}",
      "kubectl.kubernetes.io/restartedAt": "x",
    };
    const after = version(2, { status: { a: 1 }, endpoints: [1], spec: { b: null, c: { d: 1 } } }, { annotations });
    const [step] = storyOf([event("MODIFIED", after)], { before: [version(1, { spec: { b: "x" } })] }).steps;
    assert.deepEqual(
      step?.fields.map(({ path, before, after }) => `${path} ${before} → ${after}`),
      ["spec.b x → undefined", "spec.c.d undefined → 1", "status.a undefined → 1", "endpoints undefined → [1]"],
    );
  });

  it("attribute orphans to the garbage collector, whether their owner is gone or being deleted", () => {
    const owned = { ownerReferences: [{ apiVersion: "v1", kind: "X", name: "o", uid: "owner", controller: true }] };
    const pod = (number: number, more: object = {}) => version(number, {}, { uid: "p", ...owned, ...more }, "Pod");
    const going = { deletionTimestamp: time(2) };
    for (const owner of [
      event("DELETED", version(2, {}, { uid: "owner" })),
      event("MODIFIED", version(2, {}, { uid: "owner", ...going })),
    ]) {
      const before = [pod(1), version(1, {}, { uid: "owner" })];
      const { steps } = storyOf([owner, event("MODIFIED", pod(3, { ...going, deletionGracePeriodSeconds: 30 }))], {
        before,
      });
      assert.equal(steps[1]?.actor.id, "garbage-collector");
    }
  });

  it("count doubtful steps, and name the process that writes for all", () => {
    const nameless = (number: number, uid: string) => event("DELETED", version(number, {}, { uid }));
    const { notes, combined } = storyOf([nameless(1, "a"), nameless(2, "b"), event("ADDED", version(3))]);
    assert.match(notes.map(en).join(), /^Steps marked \? \(2\)/);
    assert.match(notes[0]?.ko ?? "", /2개/);
    assert.deepEqual(combined, []);
    const by = (manager: string, fieldsV1: object) => ({
      managedFields: [{ manager, operation: "Update", subresource: "status", time: time(1), fieldsV1 }],
    });
    const things = [
      version(1, {}, { uid: "s", ...by("k3s", {}) }, "ReplicaSet"),
      version(2, {}, { uid: "p", ...by("k3s", { "f:status": { "f:containerStatuses": {} } }) }, "Pod"),
    ];
    const all = storyOf(things.map((thing) => event("ADDED", thing)));
    assert.deepEqual(all.combined, ["k3s"]);
    assert.deepEqual(storyOf([], { before: things }).combined, ["k3s"], "of what was there before, too");
    // That alone is said: everything is doubtful then.
    assert.equal(all.notes.length, 1);
    assert.match(lastOf(all).notes.map(en).join(), /one process \(k3s\)/);
  });
});

describe("the last story of all", () => {
  const step = (
    who: string,
    seconds: number | undefined,
    what = "changed",
    lane = who === "ctrl" ? "controllers" : "person",
  ) =>
    ({ actor: { id: who, lane }, what, time: seconds === undefined ? undefined : time(seconds).toISOString() }) as Step;
  const cases: [what: string, steps: Step[], left: number][] = [
    ["begins with the last change by a person", [step("a", 0), step("ctrl", 1), step("a", 60), step("ctrl", 61)], 2],
    [
      "includes what one person changed within 20 seconds",
      [step("a", 0), step("ctrl", 1), step("a", 20), step("ctrl", 21)],
      4,
    ],
    ["leaves out changes that are older than that", [step("a", 0), step("a", 20.001), step("ctrl", 21)], 2],
    ["counts the pause from change to change", [step("a", 0), step("a", 15), step("a", 30)], 3],
    ["begins anew with another person", [step("b", 0), step("a", 1), step("ctrl", 2)], 2],
    ["does not begin with an Event", [step("a", 0), step("a", 60), step("a", 61, "said"), step("ctrl", 62)], 3],
    [
      "does not begin with a write of unknown origin",
      [step("a", 0), step("a", 60), { ...step("client", 61), doubt: { en: "?", ko: "?" } }, step("ctrl", 62)],
      3,
    ],
    ["is everything if no person changed anything", [step("ctrl", 0), step("ctrl", 60)], 2],
    ["is empty without steps", [], 0],
  ];
  for (const [what, steps, left] of cases) {
    it(what, () => {
      const story: Story = { steps, notes: [], combined: [] };
      assert.deepEqual(lastOf(story).steps, left === 0 ? [] : steps.slice(-left));
    });
  }
});

describe("a step in a line", () => {
  const line = (key: string, value: string, was?: string) => ({
    key,
    name: { en: key, ko: key },
    value,
    ...(was === undefined ? {} : { was }),
  });
  const step = (more: Partial<Step>): Step => ({
    ...{
      resourceVersion: "1",
      object: { kind: "Pod", name: "p", namespace: "n" },
      what: "changed",
      fields: [],
      desired: [],
      current: [],
    },
    ...{
      actor: { id: "kubelet", lane: "kubelet", name: { en: "kubelet", ko: "kubelet" } },
      by: "managedFields",
      why: { en: "", ko: "" },
    },
    ...more,
  });
  const field = (path: string, before?: string, after?: string) => ({ path, before, after });
  const cases: [what: string, step: Step, text: string][] = [
    [
      "what changed",
      step({ desired: [line("node", "n1", "–"), line("image", "i")], current: [line("ready", "True", "False")] }),
      "kubelet · changes · Pod p  desired: node – → n1  current: ready False → True",
    ],
    [
      "one side",
      step({ current: [line("a", "1", "0"), line("b", "2", "1")] }),
      "kubelet · changes · Pod p  current: a 0 → 1, b 1 → 2",
    ],
    [
      "all lines of a new object that have a value",
      step({ what: "created", desired: [line("node", "–"), line("image", "i")] }),
      "kubelet · writes · Pod p  desired: image i",
    ],
    [
      "no state of a removed object",
      step({ what: "deleted", desired: [line("image", "i")] }),
      "kubelet · removes · Pod p",
    ],
    ["a requested deletion", step({ what: "asked to go" }), "kubelet · asks to delete · Pod p"],
    [
      "written fields if no line is about them",
      step({
        fields: [
          field("spec.a", "1", "2"),
          field("status.b", undefined, "3"),
          field("status.c", "4"),
          field("status.d", "5", "6"),
        ],
      }),
      "kubelet · changes · Pod p  spec.a: 1 → 2, status.b: – → 3",
    ],
    [
      "no field that is too long",
      step({ fields: [field("spec.a", "x".repeat(120), "y"), field("spec.b", "1", "2")] }),
      "kubelet · changes · Pod p  spec.b: 1 → 2",
    ],
    ["that a change was seen if no field was written", step({}), "kubelet · changes · Pod p  has seen the change"],
    ["the message of an Event", step({ what: "said", message: "R: m" }), "kubelet · says · R: m"],
    ["a doubt", step({ what: "deleted", doubt: { en: "d", ko: "d" } }), "kubelet ? · removes · Pod p"],
  ];
  for (const [what, one, text] of cases) {
    it(`shows ${what}`, () => {
      const { head, changes } = shownOf(one, undefined);
      assert.equal([head.en, changes?.en].filter(Boolean).join("  "), text);
    });
  }

  it("shows fields only for a change", () => {
    const made = step({ what: "created", fields: [field("spec.a", "1", "2")] });
    assert.deepEqual(shownOf(made, undefined).changes, { en: "", ko: "" });
  });

  it("shows the time since the beginning", () => {
    const start = time(10).toISOString();
    const since = (from: string | undefined, seconds: number | undefined) =>
      shownOf(step({ time: seconds === undefined ? undefined : time(seconds).toISOString() }), from).since;
    assert.deepEqual([since(start, 10), since(start, 11.6), since(start, 910)], ["+0 s", "+2 s", "+900 s"]);
    assert.deepEqual([since(start, undefined), since(undefined, 1)], ["", ""]);
  });

  it("is shortened to a width in columns", () => {
    assert.deepEqual([cut("abc", 3), cut("abcd", 3), cut("abcd", Infinity)], ["abc", "ab…", "abcd"]);
    assert.deepEqual([cut("가나", 4), cut("가나다", 4), cut("가나다", 5)], ["가나", "가…", "가나…"]);
  });
});
