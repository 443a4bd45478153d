import assert from "node:assert/strict";
import type { V1Pod, V1Service } from "@kubernetes/client-node";
import { ClusterObjects, clusterProblems } from "../../tools/cluster/cluster-problems";
import { clusterOf, standsAsWanted } from "../../tools/cluster/in-state";
import { strangers } from "../../tools/cluster/leave";
import { StateResource } from "../../tools/stack/stack";
import { kubernetesNames } from "../../components/names";
import { parseSettings } from "../../config";

const settings = parseSettings({ labs: "kubernetes" });
const owner: StateResource = { urn: "", type: "random:index/randomId:RandomId", outputs: { hex: "0a1b2c3d" } };
const state = { resources: [owner] };
const service = (namespace: string, name: string, nodePort?: number): V1Service => ({
  metadata: { namespace, name },
  spec: { ports: [{ port: 80, nodePort }] },
});
const pod = (memory: string | undefined, more: Partial<V1Pod["status"]> = {}, namespace = "other"): V1Pod => ({
  metadata: { namespace, name: "p" },
  spec: {
    nodeName: "course-labs",
    containers: [{ name: "c", resources: memory === undefined ? undefined : { requests: { memory } } }],
  },
  status: { phase: "Running", ...more },
});

/** A cluster in which nothing is in the lab's way. */
const well = (): ClusterObjects => ({
  nodes: [{ metadata: { name: "course-labs" }, status: { allocatable: { memory: "2Gi" } } }],
  services: [service("default", "kubernetes")],
  pods: [pod("100Mi"), pod(undefined)],
  storageClasses: [
    {
      metadata: { name: "standard", annotations: { "storageclass.kubernetes.io/is-default-class": "true" } },
      provisioner: "k8s.io/minikube-hostpath",
    },
  ],
});

describe("a conflict with the lab in a cluster", () => {
  const one = (objects: Partial<ClusterObjects>, english: RegExp, korean: RegExp, given = state, of = settings) => {
    const problems = clusterProblems({ ...well(), ...objects }, of, given);
    assert.equal(problems.length, 1, JSON.stringify(problems));
    assert.match(problems[0]?.en ?? "", english);
    assert.match(problems[0]?.ko ?? "", korean);
  };
  const none = (objects: Partial<ClusterObjects>, given: { resources: StateResource[] } = state) =>
    assert.deepEqual(clusterProblems({ ...well(), ...objects }, settings, given), []);

  it("does not exist in a healthy cluster", () => none({}));

  it("is not reported without permission to read the objects", () =>
    none({ nodes: undefined, services: undefined, pods: undefined, storageClasses: undefined }));

  it("is a missing node, reported with the existing ones", () =>
    one(
      {},
      /kubeNode is "worker", .* Available nodes: course-labs\. For example course-labs:kubeNode: course-labs/,
      /"worker".*course-labs/,
      state,
      parseSettings({ labs: "kubernetes", kubeNode: "worker" }),
    ));

  it("is another Service with the same port, reported with a free port", () =>
    one(
      { services: [service("shop", "web", 30080), service("shop", "api", 30081)] },
      /nodePort is 30080, but the Service shop\/web .* port 30080\. .* for example course-labs:nodePort: 30082/,
      /30080.*shop\/web.*30082/,
    ));

  it("is not the lab's own Service, even in its previous namespace", () => {
    none({ services: [service("wordpress", "wordpress", 30080)] });
    const ours = service("before", "wordpress", 30080);
    none({ services: [{ ...ours, metadata: { ...ours.metadata, labels: { "course-labs/id": "0a1b2c3d" } } }] });
  });

  it("is a namespace created by somebody else", () =>
    one(
      { namespace: { metadata: { name: "wordpress" } } },
      /^The namespace wordpress already exists and was not created by this stack\. .*kubernetesNamespace: my-wordpress.*kubectl --context course-labs delete namespace wordpress/,
      /같은 이름의 오브젝트가 이미 있습니다: namespace wordpress/,
    ));

  it("is a namespace of another stack, reported with its name", () =>
    one(
      {
        namespace: {
          metadata: { name: "wordpress", labels: { "course-labs/stack": "kim", "course-labs/id": "ffffffff" } },
        },
      },
      /belongs to another stack of this project \(kim, id ffffffff\)/,
      /다른 스택\(kim, id ffffffff\)/,
    ));

  it("is not the lab's own namespace, in the state or left by an interrupted run", () => {
    none({
      namespace: {
        metadata: { name: "wordpress", labels: { "course-labs/stack": "dev", "course-labs/id": "0a1b2c3d" } },
      },
    });
    const known = { urn: "", type: "kubernetes:core/v1:Namespace", id: "wordpress" };
    none({ namespace: { metadata: { name: "wordpress" } } }, { resources: [owner, known] });
  });

  it("is a namespace without a label while this stack has no id yet", () =>
    one(
      { namespace: { metadata: { name: "wordpress", labels: {} } } },
      /was not created by this stack/,
      /이 스택에서 만들지 않았습니다/,
      {
        resources: [],
      },
    ));

  it("is a missing default storage class, with minikube's commands", () =>
    one(
      { storageClasses: [{ metadata: { name: "standard" }, provisioner: "p" }] },
      /no default storage class.*minikube --profile course-labs addons enable default-storageclass, and: minikube --profile course-labs addons enable storage-provisioner/,
      /기본 스토리지 클래스가 없어.*addons enable default-storageclass/,
    ));

  it("is a missing default storage class in another cluster, with kubectl's command", () =>
    one(
      { storageClasses: [{ metadata: { name: "gp3" }, provisioner: "p" }] },
      /kubectl --context class annotate storageclass gp3 storageclass\.kubernetes\.io\/is-default-class=true/,
      /annotate storageclass gp3/,
      state,
      parseSettings({ labs: "kubernetes", kubeContext: "class", kubeNode: "course-labs" }),
    ));

  it("is not the storage class if the PersistentVolumeClaims exist", () => {
    const claim = { urn: "", type: "kubernetes:core/v1:PersistentVolumeClaim" };
    none({ storageClasses: [] }, { resources: [owner, claim, claim] });
  });

  it("is too little memory because of other pods", () =>
    one(
      { pods: [pod("1Gi"), pod("700Mi")] },
      /324 MiB are available for pods, but WordPress and MySQL request 384/,
      /324MiB.*384MiB/,
    ));

  it("does not include the memory of finished pods or of the lab itself", () =>
    none({ pods: [pod("2Gi", { phase: "Succeeded" }), pod("2Gi", {}, "wordpress")] }));

  it("is too little memory on all nodes together that accept pods", () => {
    const node = (name: string, memory: string, unschedulable = false) => ({
      metadata: { name },
      spec: { unschedulable },
      status: { allocatable: { memory } },
    });
    const closed = node("c", "8Gi", true);
    one(
      { nodes: [node("course-labs", "200Mi"), node("b", "183Mi"), closed], pods: [] },
      /383 MiB are available/,
      /383MiB/,
    );
    none({ nodes: [node("course-labs", "200Mi"), node("b", "184Mi"), closed], pods: [] });
    const onClosed = pod("1Gi");
    onClosed.spec!.nodeName = "c";
    none({ nodes: [node("course-labs", "384Mi"), closed], pods: [onClosed] });
    one({ nodes: [node("course-labs", "100Mi")], pods: [pod("200Mi")] }, /: 0 MiB are available/, / 0MiB인데/);
  });
});

describe("the Kubernetes lab in the state", () => {
  const provider = {
    urn: "",
    type: "pulumi:providers:kubernetes",
    inputs: { context: "course-labs", kubeconfig: "/k" },
  };
  const resource = (type: string, name: string, more: Partial<StateResource> = {}): StateResource => ({
    urn: "",
    type: `kubernetes:${type}`,
    id: `wordpress/${name}`,
    ...more,
  });
  const whole: StateResource[] = [
    provider,
    resource("core/v1:Service", "wordpress", { inputs: { spec: { ports: [{ port: 80, nodePort: 30080 }] } } }),
    ...kubernetesNames(settings)
      .filter(({ type, name }) => type !== "kubernetes:core/v1:Service" || name !== "wordpress")
      .map(({ type, name, namespace }) => ({ urn: "", type, id: namespace ? `${namespace}/${name}` : name })),
  ];

  it("has its own cluster, whatever the settings say", () => {
    assert.deepEqual(clusterOf({ resources: whole }), { kubeContext: "course-labs", kubeconfig: "/k" });
    assert.equal(clusterOf({ resources: [] }), undefined);
  });

  it("matches the settings", () => assert.ok(standsAsWanted({ resources: whole }, settings)));

  for (const [what, resources, wanted] of [
    ["another port is wanted", whole, { nodePort: 30090 }],
    ["another namespace is wanted", whole, { kubernetesNamespace: "blog" }],
    ["another cluster is wanted", whole, { kubeContext: "class" }],
    ...whole.slice(1).map((left) => [`without ${left.id} ${left.type}`, whole.filter((r) => r !== left), {}] as const),
    ["one did not become ready", whole.map((r) => ({ ...r, initErrors: ["no"] })), {}],
  ] as const) {
    it(`does not match the settings: ${what}`, () =>
      assert.equal(
        standsAsWanted({ resources: [...resources] }, parseSettings({ labs: "kubernetes", ...wanted })),
        false,
      ));
  }

  it("does not match the settings while operations are pending", () =>
    assert.equal(
      standsAsWanted({ resources: whole, pending_operations: [{ resource: provider, type: "creating" }] }, settings),
      false,
    ));
});

describe("objects of others in a cluster to delete", () => {
  const namespace = (name: string, labels: Record<string, string> = {}) => ({ metadata: { name, labels } });
  const system = ["default", "kube-system", "kube-public", "kube-node-lease"].map((name) => namespace(name));
  const ours = namespace("wordpress", { "course-labs/id": "0a1b2c3d", "course-labs/stack": "dev" });

  it("do not include those of Kubernetes and of this stack", () =>
    assert.deepEqual(strangers([...system, ours], [], "0a1b2c3d"), []));

  it("are listed, including the lab of another stack", () =>
    assert.deepEqual(
      strangers(
        [...system, ours, namespace("mine"), namespace("blog", { "course-labs/id": "f", "course-labs/stack": "kim" })],
        ["pod/nginx"],
        "0a1b2c3d",
      ),
      ["namespace/mine", "namespace/blog", "pod/nginx"],
    ));

  it("include everything if the stack no longer has the lab", () =>
    assert.deepEqual(strangers([...system, ours], [], undefined), ["namespace/wordpress"]));
});
