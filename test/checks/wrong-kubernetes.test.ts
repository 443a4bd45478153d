import assert from "node:assert/strict";
import type { V1Deployment, V1Pod, V1Service } from "@kubernetes/client-node";
import { checksOf } from "../../tools/checks/labs";
import { runChecks } from "../../tools/checks/check";
import { Cluster, KubernetesFacts } from "../../tools/checks/facts/kubernetes";
import { Unreachable } from "../../tools/checks/facts/unreachable";
import { chainOf, Workload } from "../../tools/checks/labs/kubernetes-objects";
import { targetOf } from "../../tools/checks/target";
import { parseSettings } from "../../config";
import { Text } from "../../text";
import { answering, logIn, toldByOne } from "./fakes";
import { clusterWith, endpoint, healthy, pod } from "./kubernetes-fakes";

type Change = (facts: KubernetesFacts) => unknown;

const url = "http://192.168.49.2:30080";
const target = targetOf(parseSettings({}), {
  labs: ["kubernetes"],
  kubernetes: { namespace: "wordpress", ip: "192.168.49.2", port: 30080, url },
});
const { make, begin } = target.kubernetes;
const kubectl = "kubectl --context course-labs --namespace wordpress";
/** The step that has an object made again without what somebody added to it; a pod says what it costs. */
const again = (object: string) =>
  object.startsWith("service")
    ? `${kubectl} delete ${object}; ${make}`
    : new RegExp(`^.*(?:is kept|유지되고).*: ${kubectl} delete ${object}; ${make}$`);
const live = answering({
  get: () => Promise.resolve({ status: 302, headers: { location: `${url}/wp-admin/install.php` }, body: "" }),
});

const at = { mysql: 0, wordpress: 1 };
const deployment = ({ deployments }: KubernetesFacts, name: Workload): V1Deployment => deployments[at[name]]!;
const podOf = ({ pods }: KubernetesFacts, name: Workload): V1Pod => pods[at[name]]!;
const service = ({ services }: KubernetesFacts, name: Workload): V1Service => services[at[name]]!;
const mountOf = (facts: KubernetesFacts, name: Workload) => podOf(facts, name).spec!.containers[0]!.volumeMounts![0]!;
/** A pod's status while it starts. */
const starting: V1Pod["status"] = {
  conditions: [{ type: "Ready", status: "False" }],
  containerStatuses: [
    {
      name: "c",
      image: "i",
      imageID: "",
      ready: false,
      restartCount: 0,
      state: { waiting: { reason: "ContainerCreating" } },
    },
  ],
};
const pending: Change = ({ claims }) => (claims[1]!.status!.phase = "Pending");

/** What is wrong, the one check that must fail, what its reason must name in both languages, and the next step. */
type Row = [what: string, id: string, names: string[], next: string | RegExp | Text, change: Change];

const rows: Row[] = [
  [
    "no namespace, told without the cluster's own",
    "kubernetes.cluster",
    ["wordpress", ": default, blog."],
    begin,
    (facts) => (facts.namespaces = ["kube-system", "default", "blog"]),
  ],
  ["no claim", "kubernetes.claims", ["wordpress-data", "mysql-data."], make, ({ claims }) => claims.pop()],
  [
    "a claim that goes when its pod ends",
    "kubernetes.claims",
    ["mysql-data"],
    /(?:Its data is kept|유지되고).*: kubectl \S+ \S+ \S+ \S+ patch persistentvolume pv-1 .*Retain.* delete deployment mysql; .* wait .*persistentvolumeclaim\/mysql-data .*"claimRef":null.*; npm run up/,
    ({ claims }) => {
      claims[0]!.metadata!.deletionTimestamp = new Date();
      claims[0]!.spec = { volumeName: "pv-1" };
    },
  ],
  [
    "a claim that nothing tells of",
    "kubernetes.claims",
    ["wordpress-data", "Pending"],
    `${kubectl} describe persistentvolumeclaim wordpress-data`,
    (facts) => {
      facts.claims[1]!.status!.phase = "Pending";
      const metadata = { name: "slow", annotations: { "storageclass.kubernetes.io/is-default-class": "true" } };
      facts.storageClasses = [{ metadata, provisioner: "some/provisioner", volumeBindingMode: "WaitForFirstConsumer" }];
    },
  ],
  [
    "a claim whose volume somebody deleted",
    "kubernetes.claims",
    ["wordpress-data"],
    /npm run destroy -- --labs kubernetes; npm run up/,
    ({ claims }) => (claims[1]!.status!.phase = "Lost"),
  ],
  [
    "a claim without a storage class",
    "kubernetes.claims",
    ["wordpress-data"],
    /addons enable default-storageclass/,
    pending,
  ],
  [
    "no Deployment, but one of another name",
    "kubernetes.chain",
    ["wordpress", "mysql, site"],
    make,
    (facts) => (deployment(facts, "wordpress").metadata!.name = "site"),
  ],
  [
    "a Deployment that wants no pod",
    "kubernetes.chain",
    ["mysql", "0"],
    `${kubectl} scale deployment mysql --replicas 1`,
    (facts) => {
      deployment(facts, "mysql").spec!.replicas = 0;
      facts.pods.shift();
    },
  ],
  [
    "a Deployment whose pod is refused",
    "kubernetes.chain",
    ["MySQL", "ResourceQuota"],
    /quota/,
    (facts) => {
      facts.pods.shift();
      const message =
        'Error creating: pods "mysql-7d9c8b-" is forbidden: exceeded quota: small, requested: pods=1, used: pods=1, limited: pods=1';
      const involvedObject = { kind: "ReplicaSet", name: "mysql-7d9c8b" };
      facts.events = [{ metadata: {}, involvedObject, reason: "FailedCreate", message }];
    },
  ],
  [
    "a pod too few, while another Deployment's are refused",
    "kubernetes.chain: wrong number of pods",
    ["mysql", "2", "1"],
    `${kubectl} describe deployment mysql`,
    (facts) => {
      deployment(facts, "mysql").spec!.replicas = 2;
      facts.pods.pop();
      const message = 'Error creating: pods "wordpress-7d9c8b-" is forbidden: exceeded quota: small';
      const involvedObject = { kind: "ReplicaSet", name: "wordpress-7d9c8b" };
      facts.events = [{ metadata: {}, involvedObject, reason: "FailedCreate", message }];
    },
  ],
  [
    "a Deployment that was scaled to nothing after its pod was refused",
    "kubernetes.chain: wrong number of pods",
    ["mysql", "0"],
    `${kubectl} scale deployment mysql --replicas 1`,
    (facts) => {
      deployment(facts, "mysql").spec!.replicas = 0;
      facts.pods.shift();
      const message = 'Error creating: pods "mysql-7d9c8b-" is forbidden: exceeded quota: small';
      const involvedObject = { kind: "ReplicaSet", name: "mysql-7d9c8b" };
      facts.events = [{ metadata: {}, involvedObject, reason: "FailedCreate", message }];
    },
  ],
  [
    "a Deployment that is paused",
    "kubernetes.chain",
    ["mysql"],
    `${kubectl} rollout resume deployment mysql`,
    (facts) => {
      deployment(facts, "mysql").spec!.paused = true;
      facts.replicaSets.shift();
    },
  ],
  [
    "a claim of a storage class that is not there",
    "kubernetes.claims",
    ["wordpress-data", '"standrad"'],
    /^(?:Delete the claim, which stores nothing yet|아직).*delete persistentvolumeclaim wordpress-data.*: npm run up/,
    (facts) => {
      pending(facts);
      facts.claims[1]!.spec = { storageClassName: "standrad" };
    },
  ],
  [
    "a claim of minikube's own storage class, which is gone",
    "kubernetes.claims",
    ["wordpress-data", '"standard"'],
    /addons enable default-storageclass/,
    (facts) => {
      pending(facts);
      facts.claims[1]!.spec = { storageClassName: "standard" };
    },
  ],
  [
    "a Deployment without a ReplicaSet",
    "kubernetes.chain",
    ["mysql"],
    `${kubectl} describe deployment mysql`,
    ({ replicaSets }) => replicaSets.shift(),
  ],
  [
    "a ReplicaSet of another Deployment of the same name",
    "kubernetes.chain",
    ["mysql"],
    `${kubectl} describe deployment mysql`,
    ({ replicaSets }) => (replicaSets[0]!.metadata!.ownerReferences![0]!.uid = "uid-of-the-one-before"),
  ],
  [
    "one pod of two",
    "kubernetes.chain",
    ["wordpress", "wordpress-7d9c8b", "1", "2"],
    `${kubectl} describe deployment wordpress`,
    (facts) => (deployment(facts, "wordpress").spec!.replicas = 2),
  ],
  [
    "a pod that is only going",
    "kubernetes.chain",
    ["mysql", "0"],
    `${kubectl} describe deployment mysql`,
    (facts) => (podOf(facts, "mysql").metadata!.deletionTimestamp = new Date()),
  ],
  [
    "two pods of MySQL",
    "kubernetes.single",
    ["2"],
    `${kubectl} scale deployment mysql --replicas 1`,
    (facts) => {
      deployment(facts, "mysql").spec!.replicas = 2;
      const second = pod("mysql", "2");
      facts.pods.push(second);
      facts.slices[0]!.endpoints.push(endpoint(second));
    },
  ],
  [
    "a MySQL that is replaced while the old one runs",
    "kubernetes.single",
    ["mysql", "RollingUpdate"],
    /^kubectl .* patch deployment mysql .*Recreate/,
    (facts) => (deployment(facts, "mysql").spec!.strategy = { type: "RollingUpdate" }),
  ],
  [
    "a WordPress that is replaced while the old one runs",
    "kubernetes.single",
    ["wordpress", "RollingUpdate"],
    /^kubectl .* patch deployment wordpress .*Recreate/,
    (facts) => (deployment(facts, "wordpress").spec!.strategy = { type: "RollingUpdate" }),
  ],
  [
    "a second server on MySQL's files",
    "kubernetes.single",
    ["mysql-2"],
    {
      en: `Save its definition first: ${kubectl} get deployment mysql-2 --output yaml > mysql-2.yaml. Then: ${kubectl} delete deployment mysql-2`,
      ko: `먼저 정의를 저장해 두세요: ${kubectl} get deployment mysql-2 --output yaml > mysql-2.yaml. 그런 다음: ${kubectl} delete deployment mysql-2`,
    },
    ({ deployments }) =>
      deployments.unshift({ metadata: { name: "mysql-2", uid: "2" }, spec: structuredClone(deployments[0]!.spec) }),
  ],
  [
    "files in the pod",
    "kubernetes.storage",
    ["/var/lib/mysql", "emptyDir", "mysql-data"],
    again("deployment mysql"),
    (facts) => (podOf(facts, "mysql").spec!.volumes = [{ name: "data", emptyDir: {} }]),
  ],
  [
    "files on an empty folder, beside another one and the claim",
    "kubernetes.storage",
    ["/var/lib/mysql", "emptyDir", "mysql-data", "/elsewhere"],
    again("deployment mysql"),
    (facts) => {
      const spec = podOf(facts, "mysql").spec!;
      spec.volumes = [
        { name: "other", emptyDir: {} },
        { name: "data", emptyDir: {} },
        { name: "claim", persistentVolumeClaim: { claimName: "mysql-data" } },
      ];
      spec.containers[0]!.volumeMounts = [
        { name: "other", mountPath: "/other" },
        { name: "data", mountPath: "/var/lib/mysql" },
        { name: "claim", mountPath: "/elsewhere" },
      ];
    },
  ],
  [
    "files on no volume",
    "kubernetes.storage",
    ["/var/lib/mysql", "mysql-data"],
    again("deployment mysql"),
    (facts) => {
      const { volumes, containers } = podOf(facts, "mysql").spec!;
      podOf(facts, "mysql").spec = { volumes, containers: containers.map((one) => ({ ...one, volumeMounts: [] })) };
    },
  ],
  [
    "a pod without containers and volumes",
    "kubernetes.storage",
    ["/var/lib/mysql", "mysql-data"],
    again("deployment mysql"),
    (facts) => (podOf(facts, "mysql").spec = { containers: [] }),
  ],
  [
    "files beside the claim",
    "kubernetes.storage",
    ["/var/www/html", "wordpress-data", "/elsewhere"],
    again("deployment wordpress"),
    (facts) => (mountOf(facts, "wordpress").mountPath = "/elsewhere"),
  ],
  [
    "files on the other's claim",
    "kubernetes.storage",
    ["/var/www/html", "wordpress-data", "mysql-data"],
    again("deployment wordpress"),
    (facts) => {
      const volumes = [{ name: "data", persistentVolumeClaim: { claimName: "mysql-data" } }];
      podOf(facts, "wordpress").spec = { ...podOf(facts, "wordpress").spec!, volumes };
    },
  ],
  [
    "a claim that nothing can be stored on",
    "kubernetes.storage",
    ["/var/lib/mysql", "mysql-data"],
    again("deployment mysql"),
    (facts) => (mountOf(facts, "mysql").readOnly = true),
  ],
  ["no Service", "kubernetes.services", ["mysql", "wordpress"], make, ({ services }) => services.shift()],
  [
    "a Service of that name in another namespace",
    "kubernetes.services",
    ["mysql", ": wordpress."],
    make,
    (facts) => (service(facts, "mysql").metadata!.namespace = "default"),
  ],
  [
    "a Service that leads nowhere",
    "kubernetes.services",
    ["mysql", "app=db,tier=x", "app.kubernetes.io/name=mysql,pod-template-hash=7d9c8b"],
    again("service mysql"),
    (facts) => {
      service(facts, "mysql").spec!.selector = { app: "db", tier: "x" };
      facts.slices[0]!.endpoints = [];
    },
  ],
  [
    "a Service that leads nowhere, although its pod runs",
    "kubernetes.services",
    ["mysql", "app.kubernetes.io/name=mysql"],
    again("service mysql"),
    ({ slices }) => (slices[0]!.endpoints = []),
  ],
  [
    "a Service that leads only to a pod that is going",
    "kubernetes.services",
    ["wordpress"],
    again("service wordpress"),
    (facts) =>
      (facts.slices[1]!.endpoints = [endpoint(podOf(facts, "wordpress"), { ready: false, terminating: true })]),
  ],
  [
    "a Service that leads to another's pods, too",
    "kubernetes.services",
    ["mysql", "wordpress-7d9c8b-1"],
    again("service mysql"),
    (facts) => facts.slices[0]!.endpoints.push(endpoint(podOf(facts, "wordpress"))),
  ],
  [
    "a Service that leads to a port where nobody listens",
    "kubernetes.services",
    ["wordpress", "8080", "80"],
    again("service wordpress"),
    ({ slices }) => (slices[1]!.ports = [{ port: 8080 }]),
  ],
  [
    "a Service that leads to two ports",
    "kubernetes.services",
    ["mysql", "3306, 33060"],
    again("service mysql"),
    ({ slices }) => slices[0]!.ports!.push({ port: 33060 }),
  ],
  [
    "WordPress on another node port",
    "kubernetes.published",
    ["30080", "30090"],
    again("service wordpress"),
    (facts) => (service(facts, "wordpress").spec!.ports![0]!.nodePort = 30090),
  ],
  [
    "WordPress on two node ports",
    "kubernetes.published",
    ["30080, 30090"],
    again("service wordpress"),
    (facts) => service(facts, "wordpress").spec!.ports!.push({ port: 443, nodePort: 30090 }),
  ],
  [
    "WordPress inside the cluster only",
    "kubernetes.published",
    ["ClusterIP", "-"],
    again("service wordpress"),
    (facts) => Object.assign(service(facts, "wordpress").spec!, { type: "ClusterIP", ports: [] }),
  ],
  [
    "MySQL behind a load balancer",
    "kubernetes.published",
    ["mysql", "LoadBalancer"],
    again("service mysql"),
    (facts) => (service(facts, "mysql").spec!.type = "LoadBalancer"),
  ],
  [
    "the database of two things that are open",
    "kubernetes.published",
    ["mysql"],
    again("service mysql"),
    (facts) => {
      facts.services.unshift({
        metadata: { namespace: "wordpress", name: "admin" },
        spec: { type: "NodePort", selector: { app: "admin" }, ports: [{ port: 80, nodePort: 30099 }] },
      });
      facts.services.find(({ metadata }) => metadata?.name === "mysql")!.spec!.type = "NodePort";
    },
  ],
  [
    "a MySQL that is not ready",
    "kubernetes.mysql",
    ["MySQL"],
    /: npm run up -- --labs kubernetes$/,
    (facts) => Object.assign(podOf(facts, "mysql").status!, starting),
  ],
  [
    "a MySQL that no node takes, which has no address yet",
    "kubernetes.mysql",
    ["MySQL"],
    /describe nodes/,
    (facts) => {
      const message = "0/1 nodes are available: 1 node(s) had untolerated taint {a: b}.";
      podOf(facts, "mysql").status = {
        phase: "Pending",
        conditions: [{ type: "PodScheduled", status: "False", reason: "Unschedulable", message }],
      };
      facts.slices[0]!.endpoints = [];
    },
  ],
];

describe("what is wrong on Kubernetes", () => {
  const look = async (change: Change) => {
    const facts = healthy();
    change(facts);
    return runChecks(checksOf(target, { kubernetes: { seen: { facts }, cluster: clusterWith(facts) } }, live));
  };

  for (const [what, id, names, next, change] of rows) {
    it(`is reported by ${id} alone, with the next step: ${what}`, async () => {
      toldByOne(await look(change), id, names, next);
    });
  }

  it("says in Korean, too, whether a claim is read-only or another one", async () => {
    const said = async (change: Change) => {
      const storage = (await look(change)).find(({ id }) => id === "kubernetes.storage")!;
      assert.ok(storage.status === "failed");
      return storage.why.ko;
    };
    assert.match(await said((facts) => (mountOf(facts, "mysql").readOnly = true)), /mysql-data \(읽기 전용\)\.$/);
    const volumes = [{ name: "data", persistentVolumeClaim: { claimName: "wordpress-data" } }];
    const other: Change = (facts) => (podOf(facts, "mysql").spec = { ...podOf(facts, "mysql").spec!, volumes });
    assert.match(await said(other), /: wordpress-data\.$/);
  });

  const well: [what: string, change: Change][] = [
    [
      "that runs what its newest ReplicaSet makes",
      (facts) => {
        const newest = facts.replicaSets[1]!;
        newest.metadata!.annotations = { "deployment.kubernetes.io/revision": "10" };
        const older = structuredClone(newest);
        Object.assign(older.metadata!, { name: "wordpress-old", uid: "old" });
        older.metadata!.annotations = { "deployment.kubernetes.io/revision": "9" };
        facts.replicaSets.unshift(older);
      },
    ],
    [
      "beside a Deployment that stores elsewhere",
      ({ deployments }) =>
        deployments.push({
          metadata: { name: "cache", uid: "cache" },
          spec: { selector: {}, template: { spec: { containers: [], volumes: [{ name: "data", emptyDir: {} }] } } },
        }),
    ],
    [
      "with a container beside the server's",
      (facts) => podOf(facts, "mysql").spec!.containers.unshift({ name: "exporter" }),
    ],
    [
      "whose WordPress runs, but is not ready yet",
      (facts) => (podOf(facts, "wordpress").status!.conditions = [{ type: "Ready", status: "False" }]),
    ],
  ];
  for (const [what, change] of well) {
    it(`is nothing with a lab ${what}`, async () =>
      assert.deepEqual(
        (await look(change)).flatMap(({ id, status }) => (status === "passed" ? [] : [`${id} ${status}`])),
        [],
      ));
  }

  it("is reported in the order of the course", async () => {
    assert.deepEqual(
      (await look(() => {})).map(({ id }) => id.replace("kubernetes.", "")),
      [
        ...["cluster", "claims", "chain", "single", "storage", "services", "published"],
        ...["mysql", "wordpress", "database", "page", "isolated"],
      ],
    );
  });

  it("is one reason for a page that does not load", async () => {
    const facts = healthy();
    podOf(facts, "wordpress").status!.conditions = [{ type: "Ready", status: "False" }];
    const get = () => Promise.reject(new Unreachable("timeout"));
    const told = async (of: KubernetesFacts) => {
      const all = { kubernetes: { seen: { facts: of }, cluster: clusterWith(of) } };
      const page = (await runChecks(checksOf(target, all, answering({ get })))).find(
        ({ id }) => id === "kubernetes.page",
      );
      return page?.status === "failed" ? page.why.en : page?.status;
    };
    assert.match(
      (await told(facts)) ?? "",
      new RegExp(`^Nothing answers at ${url}: timeout\\.(?! WordPress is ready)`),
    );
    assert.match((await told(healthy())) ?? "", /timeout\. WordPress is ready in the cluster, but this machine/);
  });

  it("shows what was checked", async () => {
    const evidence = Object.fromEntries((await look(() => {})).map(({ id, evidence }) => [id, evidence]));
    assert.deepEqual(evidence["kubernetes.services"], {
      mysql: { selector: { "app.kubernetes.io/name": "mysql" }, leadsTo: ["mysql-7d9c8b-1"], ports: [3306] },
      wordpress: { selector: { "app.kubernetes.io/name": "wordpress" }, leadsTo: ["wordpress-7d9c8b-1"], ports: [80] },
    });
    assert.deepEqual(evidence["kubernetes.chain"], {
      mysql: { deployment: "mysql", replicaSet: "mysql-7d9c8b", pods: ["mysql-7d9c8b-1"], wanted: 1 },
      wordpress: { deployment: "wordpress", replicaSet: "wordpress-7d9c8b", pods: ["wordpress-7d9c8b-1"], wanted: 1 },
    });
  });

  it("shows which ports are open, and how", async () => {
    const of = async (change: Change) =>
      (await look(change)).find(({ id }) => id === "kubernetes.published")?.evidence as Record<string, unknown>;
    const services = {
      mysql: { type: "ClusterIP", nodePorts: [] },
      wordpress: { type: "NodePort", nodePorts: [30080] },
    };
    assert.deepEqual(await of(() => {}), { services, nodePort: 30080, open: [] });
    const opened = await of((facts) => (podOf(facts, "mysql").spec!.hostNetwork = true));
    assert.equal((opened.open as string[]).length, 1);
  });

  describe("where a part of the cluster does not run", () => {
    const without = (exec?: Cluster["exec"], change: Change = () => {}) => {
      const facts = { ...healthy(), system: [] };
      change(facts);
      const cluster = clusterWith(facts, exec && { exec });
      return runChecks(checksOf(target, { kubernetes: { seen: { facts }, cluster } }, live));
    };
    const stdout = logIn({ errno: 2002, error: "getaddrinfo failed" });
    const named =
      ". The cluster's name service (CoreDNS) is not running. Without it WordPress cannot find the host mysql.";

    for (const [what, exec, evidence] of [
      ["is the cause of what fails", () => Promise.resolve({ code: 0, stdout, stderr: "" }), "host"],
      ["is the cause of what cannot be checked", () => Promise.reject(new Unreachable("no answer")), "error"],
    ] as const) {
      it(what, async () => {
        const failed = (await without(exec)).find(({ status }) => status === "failed");
        assert.ok(failed?.status === "failed");
        assert.deepEqual([failed.id, failed.cause], ["kubernetes.database", "cluster part"]);
        assert.ok(failed.why.en.endsWith(named) && !failed.why.en.includes(".."), failed.why.en);
        assert.match(failed.next.en, /scale deployment coredns/);
        assert.ok(evidence in failed.evidence, JSON.stringify(failed.evidence));
      });
    }
    it("passes what still works", async () =>
      assert.deepEqual(
        (await without()).filter(({ status }) => status !== "passed"),
        [],
      ));
    it("is reported together with a wrong object", async () => {
      const [failed] = (await without(undefined, ({ claims }) => claims.pop())).filter(
        ({ status }) => status === "failed",
      );
      assert.ok(failed?.status === "failed");
      assert.deepEqual([failed.id, failed.cause], ["kubernetes.claims", "cluster part"]);
      assert.match(failed.why.en, /wordpress-data.* The cluster's name service \(CoreDNS\) is not running\./);
    });
  });

  it("does not chain objects that have no owner", () => {
    const facts = healthy();
    facts.replicaSets.push({ metadata: { name: "alone" } });
    facts.deployments = [];
    assert.deepEqual(chainOf(facts, "mysql"), { deployment: undefined, replicaSet: undefined, pods: [] });
  });
});
