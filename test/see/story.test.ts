import assert from "node:assert/strict";
import { lanes } from "../../tools/see/actors";
import { Step, storyOf } from "../../tools/see/story";
import { audited, recorded } from "./fixture";

const who = ({ actor, what, object }: Step) => `${actor.id} ${what} ${object.kind}`;
const at = (steps: readonly Step[], version: string) => {
  const step = steps.find(({ resourceVersion }) => resourceVersion === version);
  assert.ok(step, `no step ${version}`);
  return step;
};
const clean = (text: string) => assert.doesNotMatch(text, /undefined|null|\[object/);

describe("the story of a pod", () => {
  it("names the writer that the audit log names, at every write", () => {
    const { steps } = storyOf(recorded("pod-creation"));
    // The account that each part logs in with; kim is who typed kubectl.
    const accounts: Record<string, string> = {
      "system:kube-scheduler": "default-scheduler",
      "system:node:n1": "kubelet",
      kim: "kubectl",
    };
    const byVersion = new Map(
      audited()
        .filter(({ responseObject }) => responseObject)
        .map(({ user, responseObject }) => [responseObject!.metadata.resourceVersion, user.username]),
    );
    const binding = audited().find(({ objectRef }) => objectRef.subresource === "binding");
    assert.equal(binding?.user.username, "system:kube-scheduler");
    const compared = steps.map(({ resourceVersion, actor, by, object }) => {
      const user = by === "binding" ? binding.user.username : byVersion.get(resourceVersion);
      // Pods and slices get their name from the API server; the log has it in the answer only.
      if (user === undefined) return `${resourceVersion} ${object.kind}: not in the log`;
      assert.equal(actor.id, accounts[user] ?? user.replace("system:serviceaccount:kube-system:", ""), resourceVersion);
      return "same";
    });
    assert.deepEqual(
      compared.filter((one) => one !== "same"),
      [],
    );
    assert.equal(compared.length, 17);
    assert.deepEqual(
      steps.filter(({ doubt }) => doubt),
      [],
    );
  });

  it("attributes the node to the scheduler, although no writer is recorded", () => {
    const { steps } = storyOf(recorded("pod-creation"));
    const bound = at(steps, "276");
    assert.deepEqual([bound.actor.id, bound.by, bound.doubt], ["default-scheduler", "binding", undefined]);
    assert.deepEqual(
      bound.desired.find(({ was }) => was),
      {
        key: "node",
        name: { en: "node", ko: "노드" },
        value: "n1",
        was: "–",
      },
    );
    assert.match(bound.why.en, /chose one/);
    assert.ok(bound.fields.some(({ path, after }) => path === "spec.nodeName" && after === "n1"));
  });

  it("doubts a binding that no Event confirms", () => {
    const { steps, notes } = storyOf(recorded("pod-creation").filter(({ object }) => object.reason !== "Scheduled"));
    const bound = at(steps, "276");
    assert.equal(bound.actor.id, "default-scheduler");
    assert.match(bound.doubt?.en ?? "", /Scheduled was not seen/);
    assert.match(notes[0]?.en ?? "", /^Steps marked \? \(1\)/);
  });

  it("shows how a pod is replaced, actor by actor", () => {
    const { steps } = storyOf(recorded("pod-replaced"), { own: ["7433"] });
    assert.deepEqual(steps.filter(({ what }) => what !== "said").map(who), [
      "npm-run-see asked to go Pod",
      "endpointslice-controller changed EndpointSlice",
      "replicaset-controller created Pod",
      "replicaset-controller changed ReplicaSet",
      "default-scheduler changed Pod",
      "replicaset-controller changed ReplicaSet",
      "kubelet changed Pod",
      "kubelet changed Pod",
      "endpointslice-controller changed EndpointSlice",
      "kubelet changed Pod",
      "endpointslice-controller changed EndpointSlice",
      "kubelet changed Pod",
      "kubelet deleted Pod",
      "kubelet changed Pod",
      "kubelet changed Pod",
      "endpointslice-controller changed EndpointSlice",
      "replicaset-controller changed ReplicaSet",
    ]);
    const said = steps
      .filter(({ what }) => what === "said")
      .map(({ actor, message }) => `${actor.id} ${message?.split(":")[0]}`);
    assert.deepEqual(said, [
      "kubelet Killing",
      "replicaset-controller SuccessfulCreate",
      "default-scheduler Scheduled",
      "kubelet Pulled",
      "kubelet Created",
      "kubelet Started",
    ]);
  });

  it("names nobody for a deletion with no recorded writer", () => {
    const [first] = storyOf(recorded("pod-replaced")).steps;
    assert.deepEqual([first?.actor.id, first?.what, first?.actor.lane], ["client", "asked to go", "person"]);
    assert.match(first?.doubt?.en ?? "", /does not record who deletes/);
  });

  it("attributes a deletion to the controller whose Event names the pod", () => {
    const events = recorded("pod-replaced");
    const pod = events[0]!.object;
    const owner = pod.metadata.ownerReferences![0]!;
    const said = structuredClone(events.find(({ object }) => object.reason === "SuccessfulCreate")!);
    Object.assign(said.object, {
      reason: "SuccessfulDelete",
      message: `Deleted pod: ${pod.metadata.name}`,
      involvedObject: { kind: "ReplicaSet", name: owner.name, uid: owner.uid },
    });
    said.object.metadata.resourceVersion = "7435";
    const [first] = storyOf([...events, said]).steps;
    assert.deepEqual([first?.actor.id, first?.by, first?.doubt], ["replicaset-controller", "event", undefined]);
  });

  it("accepts events in any order, and counts each once", () => {
    const events = recorded("pod-replaced");
    const shuffled = [...events].sort((a, b) =>
      String(a.object.metadata.uid).localeCompare(String(b.object.metadata.uid)),
    );
    assert.notDeepEqual(shuffled, events);
    assert.deepEqual(storyOf(shuffled), storyOf(events));
    const known = events[0]!.object;
    assert.equal(storyOf(events, { before: [known] }).steps.length, events.length - 1);
  });

  it("shows only what changed in each object", () => {
    const events = recorded("pod-replaced");
    const before = structuredClone(events[0]!.object);
    before.metadata.resourceVersion = "7000";
    delete before.metadata.deletionTimestamp;
    delete before.metadata.deletionGracePeriodSeconds;
    const [first] = storyOf(events, { before: [before] }).steps;
    assert.equal(first?.what, "asked to go");
    assert.deepEqual(
      first.fields.map(({ path }) => path),
      ["metadata.deletionTimestamp", "metadata.deletionGracePeriodSeconds"],
    );
    assert.deepEqual(
      first.desired.filter(({ was }) => was).map(({ name }) => name.en),
      ["to be deleted"],
    );
  });

  it("infers the writer if one process writes for all components, and says so", () => {
    const events = recorded("pod-replaced", (text) =>
      text.replaceAll(/"manager":"(?:kubelet|kube-controller-manager|kube-scheduler)"/g, '"manager":"k3s"'),
    );
    const { steps, notes } = storyOf(events, { own: ["7433"] });
    assert.match(notes[0]?.en ?? "", /one process \(k3s\) writes for the controllers, the scheduler and the kubelet/);
    assert.deepEqual(steps.map(who), storyOf(recorded("pod-replaced"), { own: ["7433"] }).steps.map(who));
    assert.match(at(steps, "7445").doubt?.en ?? "", /inferred from the object$/);
  });

  it("reports two writers between two versions", () => {
    const events = recorded("pod-creation").filter(({ object }) => object.metadata.resourceVersion !== "276");
    const pod = events.find(({ object }) => object.metadata.resourceVersion === "295")!;
    pod.object.metadata.managedFields!.push({
      ...{ manager: "kubectl-edit", operation: "Update", apiVersion: "v1", fieldsType: "FieldsV1" },
      ...{ time: new Date("2026-11-29T20:10:23Z"), fieldsV1: { "f:metadata": { "f:labels": { "f:mine": {} } } } },
    });
    const step = at(storyOf(events).steps, "295");
    assert.equal(step.actor.id, "kubelet");
    assert.match(step.doubt?.en ?? "", /kubelet and kubectl both wrote/);
  });

  it("has a reason for every step in both languages, and one of the lanes", () => {
    for (const name of ["pod-creation", "pod-replaced"] as const) {
      for (const step of storyOf(recorded(name)).steps) {
        assert.ok(lanes.includes(step.actor.lane));
        assert.ok(step.why.en.length > 10 && /[가-힣]/.test(step.why.ko), step.resourceVersion);
        assert.doesNotMatch(step.why.ko, /을\(를\)|이\(가\)/);
        clean(JSON.stringify(step));
      }
    }
  });

  it("has a time for each step, in ascending order", () => {
    const times = storyOf(recorded("pod-replaced")).steps.map(({ time }) => time ?? "");
    assert.equal(times[0], "2026-11-29T21:37:07.000Z");
    assert.deepEqual([...times].sort(), times);
  });
});
