import assert from "node:assert/strict";
import { change, said } from "./build";
import { judge } from "../../tools/review/judge";
import { isLab, labOf } from "../../tools/review/resources/labs";
import { Change } from "../../tools/review/resources/model";

const core = (kind: string) => `kubernetes:core/v1:${kind}`;
const network = "kubernetes:networking.k8s.io/v1:NetworkPolicy";
const role = "kubernetes:rbac.authorization.k8s.io/v1:RoleBinding";
const admission = "kubernetes:admissionregistration.k8s.io/v1:ValidatingAdmissionPolicy";

const namespace = {
  metadata: {
    name: "seat-lee",
    labels: { "course-labs/seat": "lee", "pod-security.kubernetes.io/enforce": "baseline" },
  },
};
const inside = { metadata: { name: "wall", namespace: "seat-lee" } };
const quota = (hard: Record<string, string>) => ({ ...inside, spec: { hard } });
const binding = (name: string, who = "student") => ({
  ...inside,
  roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "ClusterRole", name },
  subjects: [{ kind: "ServiceAccount", name: who, namespace: "seat-lee" }],
});
const policy = (spec: object = {}) => ({
  metadata: { name: "class" },
  spec: {
    failurePolicy: "Fail",
    matchConstraints: {
      resourceRules: [{ apiGroups: [""], resources: ["pods", "secrets"], operations: ["CREATE", "DELETE"] }],
    },
    variables: [{ name: "student", expression: "true" }],
    validations: [
      { expression: "a", message: "not a" },
      { expression: "b", message: "not b" },
    ],
    ...spec,
  },
});
const rules = (spec: object = {}) => ({
  metadata: { name: "class" },
  spec: {
    policyName: "class",
    validationActions: ["Deny"],
    matchResources: { namespaceSelector: { matchLabels: { "course-labs/id": "1" } } },
    ...spec,
  },
});

/** What is said of a change, and of the way back. */
const bothWays = (type: string, before: object, after: object, forcing?: string[]) => [
  said(change({ type, before: { ...before }, after: { ...after }, forcing })),
  said(change({ type, before: { ...after }, after: { ...before }, forcing })),
];

describe("a review of a class", () => {
  it("calls a seat that is removed data loss, once, and not each wall that goes with it", () => {
    const walls = [core("ResourceQuota"), core("LimitRange"), network, role, core("Secret"), core("Service")];
    const removed = [
      change({ type: core("Namespace"), before: namespace, op: "delete" }),
      ...walls.map((type) => change({ type, before: inside, op: "delete" })),
    ];
    assert.deepEqual(said(...removed), ["data loss! thing"]);
    assert.match(judge(removed)[0]!.text.en, /Lost: namespace seat-lee: everything in it\.$/);
  });

  it("calls a seat that gets another name data loss, too", () => {
    const renamed = [
      change({ type: core("Namespace"), name: "seat-lee-namespace", before: namespace, op: "delete" }),
      change({
        type: core("Namespace"),
        name: "seat-kim-namespace",
        after: { metadata: { ...namespace.metadata, name: "seat-kim" } },
        op: "create",
      }),
    ];
    assert.deepEqual(said(...renamed), ["data loss! seat-lee-namespace"]);
  });

  for (const type of [core("ResourceQuota"), core("LimitRange"), network, admission, `${admission}Binding`]) {
    it(`calls it exposure where ${type} is removed and the seat stays`, () => {
      assert.deepEqual(said(change({ type, before: inside, op: "delete" })), ["exposure! thing"]);
    });
  }

  it("misses no rules where the whole class goes", () => {
    const whole: Change = { ...change({ type: "course:labs:Class", op: "delete" }), component: true };
    for (const type of [admission, `${admission}Binding`]) {
      assert.deepEqual(said(whole, change({ type, before: policy(), op: "delete" })), []);
    }
  });

  it("calls a wider role exposure, and a narrower one nothing", () => {
    for (const [narrow, wide] of [
      ["edit", "admin"],
      ["view", "cluster-admin"],
    ] as const) {
      assert.deepEqual(bothWays(role, binding(narrow), binding(wide), ["roleRef"]), [["exposure! thing"], []]);
    }
    const unknown = bothWays(role, binding("edit"), binding("mine"), ["roleRef"]);
    assert.deepEqual(unknown, [["exposure! thing"], ["exposure! thing"]]);
  });

  it("says nothing of the access to a seat that is new, and that a student has lost it where it goes", () => {
    const come = [
      change({ type: core("Namespace"), after: namespace }),
      change({ type: role, after: binding("edit") }),
      change({ type: network, after: { ...inside, spec: { podSelector: {}, ingress: [{}] } } }),
    ];
    assert.deepEqual(said(...come), []);
    assert.deepEqual(said(change({ type: role, after: binding("edit") })), ["exposure! thing"]);
    for (const type of [role, core("ServiceAccount")]) {
      assert.deepEqual(said(change({ type, before: binding("edit") })), ["availability! thing"]);
    }
  });

  it("calls somebody else who may come in exposure", () => {
    const both = { ...binding("edit"), subjects: [...binding("edit").subjects, ...binding("edit", "guest").subjects] };
    assert.deepEqual(bothWays(role, binding("edit"), both), [["exposure! thing"], []]);
  });

  it("calls another share a note, and no limit at all exposure", () => {
    const memory = (value: string) => quota({ "limits.memory": value });
    const type = core("ResourceQuota");
    const notes = [["exposure thing"], ["exposure thing"]];
    assert.deepEqual(bothWays(type, memory("1536Mi"), memory("2Gi")), notes);
    assert.deepEqual(bothWays(type, quota({ pods: "10" }), quota({ pods: "11" })), notes);
    assert.deepEqual(bothWays(type, quota({ pods: "10" }), quota({})), [["exposure! thing"], ["exposure thing"]]);
  });

  it("calls every change of the rules exposure, but not another message", () => {
    const both = [["exposure! thing"], ["exposure! thing"]];
    for (const spec of [
      { validations: [{ expression: "a", message: "not a" }] },
      { failurePolicy: "Ignore" },
      { matchConditions: [{ name: "a", expression: "false" }] },
      { variables: [{ name: "student", expression: "false" }] },
    ])
      assert.deepEqual(bothWays(admission, policy(), policy(spec)), both, JSON.stringify(spec));
    for (const spec of [
      { validationActions: ["Warn"] },
      { policyName: "other" },
      { matchResources: { namespaceSelector: { matchLabels: { other: "1" } } } },
    ])
      assert.deepEqual(bothWays(`${admission}Binding`, rules(), rules(spec)), both, JSON.stringify(spec));
    for (const key of ["message", "messageExpression", "reason"]) {
      const said = (text: string) => policy({ validations: [{ expression: "a", [key]: text }] });
      assert.deepEqual(bothWays(admission, said("a"), said("b")), [[], []], key);
    }
    const labelled = { ...policy(), metadata: { name: "a", labels: { a: "b" } } };
    assert.deepEqual(bothWays(admission, policy(), labelled), [[], []]);
  });

  it("calls a seat that is taken out of the rules exposure", () => {
    const labels = { "pod-security.kubernetes.io/enforce": "baseline" };
    const out = { metadata: { name: "seat-lee", labels } };
    assert.deepEqual(bothWays(core("Namespace"), namespace, out), [["exposure! thing"], []]);
  });

  it("counts a class to the lab whose cluster it is on, and a seat's lab as no lab of its own", () => {
    const top = "urn:pulumi:dev::course-labs::pulumi:pulumi:Stack::course-labs-dev";
    const of = (types: string, name: string) => `urn:pulumi:dev::course-labs::${types}::${name}`;
    const whole = of("course:labs:Class", "class");
    const seat = of("course:labs:Class$course:labs:Seat", "seat-lee");
    const lab = of("course:labs:Class$course:labs:KubernetesWordPress", "seat-lee-lab");
    const parents = new Map([
      [whole, top],
      [seat, whole],
      [lab, whole],
    ]);
    for (const urn of parents.keys()) assert.equal(labOf(urn, parents), "kubernetes", urn);
    assert.equal(isLab({ urn: whole, type: "course:labs:Class" }), false);
    assert.equal(isLab({ urn: lab, type: "course:labs:KubernetesWordPress" }), false);
    const own = of("course:labs:KubernetesWordPress", "kubernetes");
    assert.equal(isLab({ urn: own, type: "course:labs:KubernetesWordPress" }), true);
  });
});
