import assert from "node:assert/strict";
import type { V1Node, V1Pod } from "@kubernetes/client-node";
import { parseSettings } from "../../config";
import { ClassObjects, classProblems } from "../../tools/cluster/class-problems";
import { ClusterObjects, clusterProblems } from "../../tools/cluster/cluster-problems";
import { State } from "../../tools/stack/stack";

const settings = parseSettings({ seats: ["lee", "kim"], kubeContext: "school" });
const empty: State = { resources: [] };
const ours: State = {
  resources: [{ urn: "", type: "random:index/randomId:RandomId", outputs: { hex: "0a1b" } }],
};
type Objects = ClassObjects & ClusterObjects;
const fine: ClassObjects = { version: { major: "1", minor: "30" }, lacking: [] };
const all = (objects: Partial<Objects>, of = settings, state = empty) => [
  ...clusterProblems(objects, of, state),
  ...classProblems({ ...fine, ...objects }, of),
];
const problems = (objects: Partial<Objects>, state = empty) => all(objects, settings, state);
const named = (name: string, labels: Record<string, string> = {}, namespace?: string) => ({
  metadata: { name, labels, namespace },
});

describe("what stops a class", () => {
  it("is nothing on a cluster that is new enough, empty and ours", () => {
    assert.deepEqual(problems({}), []);
    assert.deepEqual(problems({ version: { major: "1", minor: "31+" } }), []);
    assert.deepEqual(problems({ namespaces: [named("default"), named("seat-choi")], pods: [], services: [] }), []);
  });

  const cases: [what: string, objects: Partial<Objects>, en: RegExp][] = [
    [
      "a cluster without rules of admission",
      { version: { major: "1", minor: "29" } },
      /^Setting course-labs:seats asks for a class, but the cluster of context "school" has Kubernetes 1\.29, .* need 1\.30 or later/,
    ],
    [
      "a user who may not",
      { lacking: ["namespaces", "validatingadmissionpolicies"] },
      /the user of context "school" has no permission to create: namespaces, validatingadmissionpolicies\. Ask/,
    ],
    [
      "somebody's namespace",
      { namespaces: [named("seat-kim")] },
      /^The namespace seat-kim already exists and was not created by this stack\. .*course-labs:prefix: b-\. If nobody needs it, .* delete namespace seat-kim \(this deletes/,
    ],
    [
      "another class's namespace",
      { namespaces: [named("seat-kim", { "course-labs/stack": "dev", "course-labs/id": "ffff" })] },
      /belongs to another stack of this project \(dev, id ffff\)/,
    ],
    [
      "another class's rules",
      { policy: named("course-labs-class") },
      /^The ValidatingAdmissionPolicy course-labs-class already exists/,
    ],
    [
      "somebody's Service on a seat's port",
      { services: [{ ...named("web", {}, "shop"), spec: { ports: [{ port: 80, nodePort: 30082 }] } }] },
      /^Setting course-labs:nodePort is 30080 \(with the seats: 30080–30082\), but the Service shop\/web .* port 30082\. .* course-labs:nodePort: 30083,/,
    ],
    [
      "pods of another network",
      { pods: [{ spec: { containers: [] }, status: { podIP: "10.42.0.9" } }] },
      /^Setting course-labs:podNetwork is "10\.244\.0\.0\/16", .* such as 10\.42\.0\.9, .* course-labs:podNetwork: 10\.42\.0\.0\/16$/,
    ],
  ];
  for (const [what, objects, en] of cases) {
    it(`is ${what}, reported in one line with the remedy`, () => {
      const [problem, ...others] = problems(objects);
      assert.match(problem?.en ?? "", en);
      assert.ok(problem?.ko && /[가-힣]/.test(problem.ko));
      assert.deepEqual(others, []);
    });
  }

  it("is not what this stack created before", () => {
    const labels = { "course-labs/id": "0a1b" };
    const web = { ...named("web", labels, "shop"), spec: { ports: [{ port: 80, nodePort: 30082 }] } };
    const mine = {
      namespaces: [named("seat-kim", labels)],
      policy: named("course-labs-class", labels),
      services: [web],
    };
    assert.deepEqual(problems(mine, ours), []);
    assert.equal(problems(mine, empty).length, 3);
    const known: State = { resources: [{ urn: "", type: "kubernetes:core/v1:Namespace", id: "seat-kim" }] };
    assert.deepEqual(problems({ namespaces: [named("seat-kim")] }, known), []);
  });

  it("is not a Service in a seat, a pod on the node's own network, or one without an address", () => {
    const inSeat = { ...named("web", {}, "seat-lee"), spec: { ports: [{ port: 80, nodePort: 30081 }] } };
    const pods = [
      { spec: { containers: [], hostNetwork: true }, status: { podIP: "192.168.0.3" } },
      { spec: { containers: [] }, status: { podIP: "fd00::1" } },
      { spec: { containers: [] } },
      { spec: { containers: [] }, status: { podIP: "10.244.255.255" } },
    ];
    assert.deepEqual(problems({ services: [inSeat], pods }), []);
  });

  describe("of seats that have the lab in them", () => {
    const node = (memory: string): V1Node => ({ metadata: { name: "n" }, status: { allocatable: { memory } } });
    const pod = (namespace: string, memory: string): V1Pod => ({
      metadata: { namespace },
      spec: { nodeName: "n", containers: [{ name: "c", resources: { requests: { memory } } }] },
    });
    const of = (seats: number, nodes: V1Node[], pods: V1Pod[] = [], seatLab = true) =>
      all({ nodes, pods }, parseSettings({ seats, seatLab, kubeContext: "school", kubeNode: "n" }));

    it("is more of them than there is memory for, with how many there is room for", () => {
      const [problem, ...others] = of(30, [node("4Gi")]);
      assert.match(
        problem?.en ?? "",
        /^The cluster has too little memory: 4096 MiB are available .* request 11904 MiB\. .* room for 9 of the 30 seats: .*course-labs:seatLab: false\)\.$/,
      );
      assert.match(problem?.ko ?? "", /11904MiB.*30개 중 9개만 들어갑니다/);
      assert.deepEqual(others, []);
      assert.match(of(1, [node("256Mi")])[0]?.en ?? "", /room for 0 of the 1 seats/);
    });

    it("counts the teacher's own lab, and the pods of others, but not those of the class itself", () => {
      assert.deepEqual(of(9, [node("3840Mi")]), []);
      assert.equal(of(10, [node("3840Mi")]).length, 1);
      assert.equal(of(9, [node("3840Mi")], [pod("shop", "1Mi")]).length, 1);
      assert.deepEqual(of(9, [node("3840Mi")], [pod("seat-01", "1Gi"), pod("wordpress", "1Gi")]), []);
      assert.deepEqual(of(19, [node("3840Mi"), { ...node("3840Mi"), metadata: { name: "m" } }]), []);
    });

    it("is nothing if the students create it, or if the nodes cannot be read", () => {
      assert.deepEqual(of(30, [node("1Gi")], [], false), []);
      const settings = parseSettings({ seats: 30, seatLab: true });
      assert.deepEqual(all({ pods: [] }, settings), []);
      assert.deepEqual(all({ nodes: [{ ...node("1Gi"), metadata: { name: settings.kubeNode } }] }, settings), []);
    });
  });

  it("knows which addresses are in a network", () => {
    for (const [address, network, within] of [
      ["10.244.0.1", "10.244.0.0/16", true],
      ["10.245.0.1", "10.244.0.0/16", false],
      ["10.245.0.1", "10.244.0.0/15", true],
      ["192.168.9.200", "192.168.9.128/25", true],
      ["192.168.9.100", "192.168.9.128/25", false],
      ["255.1.2.3", "255.1.2.3/32", true],
    ] as const) {
      const pods = [{ spec: { containers: [] }, status: { podIP: address } }];
      const found = classProblems({ ...fine, pods }, parseSettings({ seats: 1, podNetwork: network }));
      assert.equal(found.length === 0, within, `${address} ${network}`);
    }
  });
});
