import type { V1Deployment, V1ManagedFieldsEntry } from "@kubernetes/client-node";
import assert from "node:assert/strict";
import type { ClusterApi } from "../../tools/cluster/api";
import { ownManager } from "../../tools/see/actors";
import { Note, undoingOf, withoutOwn } from "../../tools/see/note";
import { Performer } from "../../tools/see/perform";

const place = { kubeContext: "course-labs", namespace: "wordpress" };

const entry = (manager: string, fieldsV1: object, subresource?: string): V1ManagedFieldsEntry => ({
  ...{ manager, operation: "Update", apiVersion: "apps/v1", fieldsType: "FieldsV1", fieldsV1, subresource },
});
const replicas = { "f:spec": { "f:replicas": {} } };
const imageOf = (name: string) => ({
  "f:spec": {
    "f:template": { "f:spec": { "f:containers": { [`k:{"name":"${name}"}`]: { ".": {}, "f:image": {} } } } },
  },
});

/** A Deployment of one pod with two containers. */
function deployment(more: { replicas?: number; image?: string; side?: string; uid?: string } = {}): V1Deployment {
  const { replicas = 1, image = "wordpress:7", side = "side:1", uid = "u1" } = more;
  return {
    metadata: { name: "wordpress", uid, resourceVersion: "10" },
    spec: {
      replicas,
      selector: {},
      template: {
        metadata: { labels: { app: "wordpress" } },
        spec: {
          containers: [
            { name: "wordpress", image },
            { name: "side", image: side },
          ],
        },
      },
    },
  };
}

const noted = (field: Note["field"], was: Note["was"], set: Note["set"], managedFields = [entry("pulumi", replicas)]) =>
  ({ field, was, set, uid: "u1", spec: deployment().spec, managedFields }) satisfies Note;

describe("the result of undoing a step", () => {
  const scaled = noted("replicas", 1, 3);
  const wrong = noted("image", "wordpress:7", "wordpress:none");
  const also = "spec.template.spec.containers[side].image";
  const cases: [what: string, note: Note, now: V1Deployment | undefined, as: string, en: RegExp, ko: RegExp][] = [
    [
      "a number as the step left it",
      scaled,
      deployment({ replicas: 3 }),
      "reverts",
      /^back to 1 pod$/,
      /^파드 수 1개: 복원$/,
    ],
    [
      "several pods as they were",
      noted("replicas", 2, 0),
      deployment({ replicas: 0 }),
      ...(["reverts", /^back to 2 pods$/, /2개: 복원$/] as const),
    ],
    [
      "an image as the step left it",
      wrong,
      deployment({ image: "wordpress:none" }),
      ...(["reverts", /^back to image wordpress:7$/, /^이미지 wordpress:7: 복원$/] as const),
    ],
    [
      "a step that was not done",
      scaled,
      deployment(),
      "keeps",
      /^it was already as before$/,
      /^이미 이전과 같은 상태$/,
    ],
    [
      "a number that somebody else set",
      scaled,
      deployment({ replicas: 4 }),
      "keeps, foreign",
      /^somebody else has set 4 pods since the step \(which left 3\), so this is kept\. Before the step: 1 pod\. .*: kubectl --context course-labs --namespace wordpress scale deployment wordpress --replicas=1$/,
      /지금: 파드 수 4개, 이 단계가 남긴 값: 3, 단계 전: 파드 수 1개\..*--replicas=1$/,
    ],
    [
      "an image that somebody else set",
      wrong,
      deployment({ image: "wordpress:8" }),
      "keeps, foreign",
      /^somebody else has set image wordpress:8 since the step \(which left wordpress:none\), .*set image deployment\/wordpress wordpress=wordpress:7$/,
      /지금: 이미지 wordpress:8, /,
    ],
    [
      "something else that was changed beside it",
      scaled,
      deployment({ replicas: 3, side: "side:2" }),
      "reverts, foreign",
      new RegExp(
        `^back to 1 pod\\. Changed by somebody else since the step, and kept: ${also.replace(/[[\]]/g, "\\$&")}$`,
      ),
      /^파드 수 1개: 복원\. 그사이 다른 쪽이 바꿔서 그대로 둔 것: /,
    ],
    [
      "the other container's image, where the step was about an image",
      wrong,
      deployment({ image: "wordpress:none", side: "side:2" }),
      "reverts, foreign",
      /kept: spec\.template\.spec\.containers\[side\]\.image$/,
      /\[side\]/,
    ],
    [
      "a step that is as before, with another change",
      scaled,
      deployment({ side: "side:2" }),
      ...(["keeps, foreign", /^it was already as before\. Changed by/, /그대로 둔 것/] as const),
    ],
    ["no Deployment", scaled, undefined, "keeps, foreign", /was deleted since the step.*npm run up$/, /npm run up$/],
    [
      "another Deployment of the same name, even with the step's number",
      scaled,
      deployment({ replicas: 3, uid: "u2" }),
      ...(["keeps, foreign", /was deleted since the step.*npm run up$/, /npm run up$/] as const),
    ],
  ];
  for (const [what, note, now, as, en, ko] of cases) {
    it(`is described for ${what}`, () => {
      const { reverts, foreign, text } = undoingOf(note, now, place);
      assert.equal(`${reverts ? "reverts" : "keeps"}${foreign ? ", foreign" : ""}`, as);
      assert.match(text.en, en);
      assert.match(text.ko, ko);
    });
  }
});

describe("who wrote what, after a step is undone", () => {
  const own = entry(ownManager, replicas);
  const controller = entry("kube-controller-manager", { "f:status": {} }, "status");

  it("is unchanged if the step left no trace", () =>
    assert.equal(withoutOwn(noted("replicas", 1, 3), [entry("pulumi", replicas)], true), undefined));

  it("is as before: the field returns to its previous owner", () => {
    const other = { "f:spec": { "f:strategy": {} } };
    const note = noted("replicas", 1, 3, [entry("pulumi", { "f:spec": { ...other["f:spec"], "f:replicas": {} } })]);
    const left = withoutOwn(note, [entry("pulumi", other), own, controller], true);
    assert.deepEqual(left, [controller, entry("pulumi", { "f:spec": { "f:strategy": {}, "f:replicas": {} } })]);
  });

  it("is as before if somebody owned only that field, and nothing else is restored", () => {
    const had = entry("kubectl-scale", replicas, "scale");
    const gone = entry("kubectl-edit", { "f:metadata": { "f:labels": {} } });
    assert.deepEqual(withoutOwn(noted("replicas", 1, 3, [had, gone]), [own], true), [had]);
  });

  it("finds an image by its container", () => {
    const note = noted("image", "wordpress:7", "wordpress:none", [entry("pulumi", imageOf("wordpress"))]);
    const left = withoutOwn(note, [entry(ownManager, imageOf("wordpress"))], true);
    assert.deepEqual(left, [entry("pulumi", imageOf("wordpress"))]);
    const others = noted("image", "wordpress:7", "wordpress:none", [entry("pulumi", imageOf("side"))]);
    assert.deepEqual(withoutOwn(others, [entry(ownManager, imageOf("wordpress"))], true), []);
  });

  it("keeps what others have taken over since", () => {
    const taken = entry("kubectl-edit", { "f:spec": { "f:paused": {} } });
    assert.deepEqual(withoutOwn(noted("replicas", 1, 3), [taken, own], true), [taken, entry("pulumi", replicas)]);
    // Whoever set another number has it.
    const set = entry("kubectl-scale", replicas, "scale");
    assert.deepEqual(withoutOwn(noted("replicas", 1, 3), [set, own], false), [set]);
    // The same writer in another way is another entry.
    assert.deepEqual(withoutOwn(noted("replicas", 1, 3), [entry("pulumi", {}, "scale"), own], true), [
      entry("pulumi", {}, "scale"),
      entry("pulumi", replicas),
    ]);
  });
});

describe("npm run see -- undo", () => {
  const refusal = (code: number) => Object.assign(new Error(`HTTP ${code}`), { code });
  const found = <T>(thing: T | undefined) => (thing ? Promise.resolve(thing) : Promise.reject(refusal(404)));

  /** A namespace with what a killed run has left in it. */
  function cluster({ note, now, copy }: { note?: Note; now?: V1Deployment; copy?: Record<string, string> }) {
    const done: string[] = [];
    let conflicts = 1;
    const labelled = copy && { metadata: { labels: copy } };
    const sets = ["wordpress:none", "wordpress:7"].flatMap((image, i) =>
      ["u1", "u2"].map((uid) => ({
        metadata: { name: `set-${i}-${uid}`, ownerReferences: [{ uid }] },
        spec: { template: { spec: { containers: [{ image }] } } },
      })),
    );
    const removed = (kind: string) => (given: { name: string }) => {
      done.push(`delete ${kind} ${given.name}`);
      return Promise.resolve({});
    };
    const api = {
      core: {
        readNamespacedConfigMap: () => found(note && { data: { before: JSON.stringify(note) } }),
        readNamespacedService: () => found(labelled),
        deleteNamespacedConfigMap: removed("ConfigMap"),
        deleteNamespacedService: removed("Service"),
      },
      apps: {
        readNamespacedDeployment: ({ name }: { name: string }) => found(name === "wordpress" ? now : labelled),
        listNamespacedReplicaSet: () => Promise.resolve({ items: sets }),
        deleteNamespacedReplicaSet: removed("ReplicaSet"),
        deleteNamespacedDeployment: removed("Deployment"),
        patchNamespacedDeployment: ({ body }: { body: { path: string; value: unknown }[] }) => {
          // Somebody else comes first, once.
          if (conflicts-- > 0) return Promise.reject(refusal(409));
          const [version, { path, value } = assert.fail()] = body;
          assert.deepEqual(version, { op: "replace", path: "/metadata/resourceVersion", value: "10" });
          const shown = path.endsWith("managedFields")
            ? (value as V1ManagedFieldsEntry[]).map(({ manager }) => manager).join()
            : value;
          done.push(`${path} = ${String(shown)}`);
          return Promise.resolve({ metadata: { resourceVersion: "11" } });
        },
      },
    } as unknown as ClusterApi;
    return { performer: new Performer(api, place), done };
  }

  const with_ = (now: V1Deployment): V1Deployment => ({
    ...now,
    metadata: { ...now.metadata, managedFields: [entry(ownManager, replicas)] },
  });

  it("restores what a killed run changed, without a trace of its own writes", async () => {
    const now = with_(deployment({ image: "wordpress:none" }));
    const { performer, done } = cluster({ note: noted("image", "wordpress:7", "wordpress:none"), now });
    assert.equal((await performer.undo())?.reverts, true);
    assert.deepEqual(done, [
      "/spec/template/spec/containers/0/image = wordpress:7",
      "/metadata/managedFields = ",
      "delete ReplicaSet set-0-u1",
      "delete ConfigMap course-labs-see",
    ]);
  });

  it("keeps what somebody else set, and removes the note", async () => {
    const { performer, done } = cluster({ note: noted("replicas", 1, 3), now: with_(deployment({ replicas: 4 })) });
    const undoing = await performer.undo();
    assert.deepEqual([undoing?.reverts, undoing?.foreign], [false, true]);
    assert.deepEqual(done, ["/metadata/managedFields = ", "delete ConfigMap course-labs-see"]);
  });

  for (const now of [undefined, with_(deployment({ replicas: 3, uid: "u2" }))]) {
    it(`changes nothing if the Deployment is ${now ? "another one" : "gone"}`, async () => {
      const { performer, done } = cluster({ note: noted("replicas", 1, 3), now });
      assert.equal((await performer.undo())?.foreign, true);
      assert.deepEqual(done, ["delete ConfigMap course-labs-see"]);
    });
  }

  it("removes the copy that it created, but no other object of that name", async () => {
    const ours = cluster({ now: deployment(), copy: { "course-labs/see": "copy" } });
    assert.match((await ours.performer.undo())?.text.en ?? "", /^wordpress-see removed$/);
    assert.deepEqual(ours.done, ["delete Deployment wordpress-see", "delete Service wordpress-see"]);
    for (const copy of [undefined, { "course-labs/see": "mine" }]) {
      const theirs = cluster({ now: deployment(), copy });
      assert.equal(await theirs.performer.undo(), undefined);
      assert.deepEqual(theirs.done, []);
    }
  });
});
