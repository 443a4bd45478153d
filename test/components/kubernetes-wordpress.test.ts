import assert from "node:assert/strict";
import * as k8s from "@pulumi/kubernetes";
import { internalIp, KubernetesWordPress, KubernetesWordPressArgs } from "../../components/kubernetes-wordpress";
import { LabOwner } from "../../components/lab-owner";
import { LabError } from "../../text";
import { kubernetesLabels, nodeIp, promiseOf, record, Recording, sharedNames, without } from "../mocks";

const run = (
  args: Omit<KubernetesWordPressArgs, "owner"> = {},
  computed: Record<string, Record<string, unknown>> = {},
) =>
  record(() => {
    const provider = new k8s.Provider("some-cluster");
    return new KubernetesWordPress("lab", { owner: new LabOwner("owner"), ...args }, { provider });
  }, computed);

const pod = (recording: Recording, name: string) =>
  (recording.get(name).inputs.spec as { template: { spec: Record<string, unknown> } }).template.spec;
const container = (recording: Recording, name: string) =>
  (pod(recording, name).containers as Record<string, unknown>[])[0]!;

const labels = (name: string, instance = "wordpress") => ({
  "app.kubernetes.io/name": name,
  "app.kubernetes.io/instance": instance,
  "app.kubernetes.io/part-of": "wordpress",
  ...kubernetesLabels,
});

/** How every run takes over what a stopped run, or a person, left otherwise. */
const applied = { "pulumi.com/patchFieldManager": "course-labs", "pulumi.com/patchForce": "true" };

const workloads = [
  { part: "mysql", uid: 999, component: "database", image: "mysql:9.7.2", port: 3306 },
  { part: "wordpress", uid: 33, component: "website", image: "wordpress:7.1.0-php8.3-apache", port: 80 },
];

describe("KubernetesWordPress", () => {
  let usual: ReturnType<typeof run>;
  before(() => (usual = run()));

  it("creates a namespace, a Secret, a NetworkPolicy, and a PersistentVolumeClaim, a Deployment and a Service for each server", async () => {
    const { recording } = await usual;
    assert.deepEqual(recording.list, [
      "course:labs:KubernetesWordPress lab",
      "course:labs:LabOwner owner",
      "course:labs:StatefulWorkload lab-mysql < lab",
      "course:labs:StatefulWorkload lab-wordpress < lab",
      "kubernetes:apps/v1:Deployment lab-mysql-deployment < lab-mysql",
      "kubernetes:apps/v1:Deployment lab-wordpress-deployment < lab-wordpress",
      "kubernetes:core/v1:Namespace lab-namespace < lab",
      "kubernetes:core/v1:Node lab-node < lab",
      "kubernetes:core/v1:PersistentVolumeClaim lab-mysql-claim < lab-mysql",
      "kubernetes:core/v1:PersistentVolumeClaim lab-wordpress-claim < lab-wordpress",
      "kubernetes:core/v1:Secret lab-secret < lab",
      "kubernetes:core/v1:Service lab-mysql-service < lab-mysql",
      "kubernetes:core/v1:Service lab-wordpress-service < lab-wordpress",
      "kubernetes:networking.k8s.io/v1:NetworkPolicy lab-mysql-ingress < lab",
      "pulumi:providers:kubernetes some-cluster",
      "random:index/randomId:RandomId owner-id < owner",
      "random:index/randomPassword:RandomPassword lab-password < lab",
      "random:index/randomPassword:RandomPassword lab-root-password < lab",
    ]);
  });

  it("passes its provider to all objects, including the node that it reads", async () => {
    const { recording } = await usual;
    const objects = recording.resources.filter(({ type }) => type.startsWith("kubernetes:"));
    assert.equal(objects.length, 10);
    for (const { name, provider } of objects) assert.equal(provider, "some-cluster", name);
  });

  it("creates all objects in its namespace, with the labels of the application and its owner", async () => {
    const { recording } = await run({ namespace: "blog" });
    assert.deepEqual(recording.get("lab-namespace").inputs.metadata, {
      name: "blog",
      labels: labels("wordpress", "blog"),
      annotations: applied,
    });
    const inside = recording.resources.filter(({ type, id }) => /^kubernetes:(?!.*:Namespace)/.test(type) && !id);
    assert.equal(inside.length, 8);
    for (const { name, inputs } of inside) {
      const metadata = inputs.metadata as { namespace: string; labels: Record<string, string>; annotations: object };
      assert.equal(metadata.namespace, "blog", name);
      assert.deepEqual({ ...metadata.annotations, ...applied }, metadata.annotations, name);
      const own = ["app.kubernetes.io/name", "app.kubernetes.io/component"];
      assert.deepEqual(without(metadata.labels, ...own), without(labels("", "blog"), ...own), name);
    }
  });

  it("stores the passwords only in the Secret", async () => {
    const { recording } = await usual;
    const secret = recording.get("lab-secret");
    assert.deepEqual(secret.inputs.metadata, {
      name: "mysql",
      namespace: "wordpress",
      labels: labels("wordpress"),
      annotations: applied,
    });
    // Pulumi keeps an object with a secret in it as a whole secret, or each of its values.
    assert.ok(secret.secrets.length > 0 && secret.secrets.every((path) => path.startsWith("stringData")));
    assert.deepEqual(secret.inputs.stringData, {
      password: "secret-of-lab-password",
      "root-password": "secret-of-lab-root-password",
    });
    for (const { name, inputs } of recording.resources.filter((resource) => resource !== secret)) {
      assert.doesNotMatch(JSON.stringify(inputs), /secret-of/, name);
    }
  });

  it("generates two long passwords only once", async () => {
    const { recording } = await usual;
    for (const name of ["lab-password", "lab-root-password"]) {
      assert.deepEqual(recording.get(name).inputs, { length: 24, special: false }, name);
      assert.deepEqual(recording.get(name).ignoreChanges, ["length", "special"], name);
    }
  });

  for (const { part, uid, component, image, port } of workloads) {
    it(`gives ${part} its own volume with the requested size`, async () => {
      const { recording } = await run({ [`${part}Storage`]: "3Gi" });
      const { metadata, spec } = recording.get(`lab-${part}-claim`).inputs;
      assert.equal((metadata as { name: string }).name, `${part}-data`);
      assert.deepEqual(spec, { accessModes: ["ReadWriteOnce"], resources: { requests: { storage: "3Gi" } } });
      assert.deepEqual(pod(recording, `lab-${part}-deployment`).volumes, [
        { name: "data", persistentVolumeClaim: { claimName: `${part}-data` } },
      ]);
    });

    it(`runs one pod of ${part}, and stops the old one before starting the new one`, async () => {
      const { recording } = await usual;
      const { replicas, strategy, selector, template } = recording.get(`lab-${part}-deployment`).inputs.spec as Record<
        string,
        unknown
      >;
      assert.equal(replicas, 1);
      assert.deepEqual(strategy, { type: "Recreate" });
      const chosen = { "app.kubernetes.io/name": part, "app.kubernetes.io/instance": "wordpress" };
      assert.deepEqual(selector, { matchLabels: chosen });
      assert.deepEqual((template as { metadata: unknown }).metadata, {
        labels: { ...labels(part), "app.kubernetes.io/component": component },
      });
    });

    it(`runs ${part} without root, capabilities and a service account token`, async () => {
      const { recording } = await usual;
      const { automountServiceAccountToken, enableServiceLinks, securityContext } = pod(
        recording,
        `lab-${part}-deployment`,
      );
      assert.equal(automountServiceAccountToken, false);
      assert.equal(enableServiceLinks, false);
      assert.deepEqual(securityContext, {
        runAsNonRoot: true,
        runAsUser: uid,
        runAsGroup: uid,
        fsGroup: uid,
        seccompProfile: { type: "RuntimeDefault" },
        ...(port < 1024 ? { sysctls: [{ name: "net.ipv4.ip_unprivileged_port_start", value: "0" }] } : {}),
      });
      assert.deepEqual(container(recording, `lab-${part}-deployment`).securityContext, {
        allowPrivilegeEscalation: false,
        capabilities: { drop: ["ALL"] },
      });
    });

    it(`runs the specified image of ${part}, if possible from the node`, async () => {
      const pinned = container((await usual).recording, `lab-${part}-deployment`);
      assert.equal(pinned.image, image);
      assert.equal(pinned.imagePullPolicy, "IfNotPresent");
      const other = container((await run({ [`${part}Image`]: "other:1" })).recording, `lab-${part}-deployment`);
      assert.equal(other.image, "other:1");
    });

    it(`gives up on ${part} within two minutes, and does not wait for its PersistentVolumeClaim`, async () => {
      const { recording } = await usual;
      for (const kind of ["deployment", "service"]) {
        const { timeouts } = recording.get(`lab-${part}-${kind}`);
        assert.deepEqual(timeouts, { create: "100s", update: "100s", delete: "" }, kind);
      }
      const { annotations } = recording.get(`lab-${part}-claim`).inputs.metadata as { annotations: unknown };
      assert.deepEqual(annotations, { ...applied, "pulumi.com/skipAwait": "true" });
    });
  }

  it("fits in a minikube of 2 CPUs and 2 GB", async () => {
    const { recording } = await usual;
    const of = (part: string) => container(recording, `lab-${part}-deployment`).resources;
    assert.deepEqual(of("mysql"), { requests: { cpu: "100m", memory: "256Mi" }, limits: { memory: "512Mi" } });
    assert.deepEqual(of("wordpress"), { requests: { cpu: "100m", memory: "128Mi" }, limits: { memory: "512Mi" } });
  });

  it("checks MySQL over TCP as the application's user", async () => {
    const { recording } = await usual;
    const { startupProbe, readinessProbe, livenessProbe } = container(recording, "lab-mysql-deployment");
    const probe = {
      exec: {
        command: [
          "sh",
          "-c",
          'mysql --host=127.0.0.1 --user="$MYSQL_USER" --password="$MYSQL_PASSWORD" --execute="SELECT 1" "$MYSQL_DATABASE"',
        ],
      },
      timeoutSeconds: 5,
    };
    assert.deepEqual(startupProbe, { ...probe, periodSeconds: 1, failureThreshold: 600 });
    assert.deepEqual(readinessProbe, { ...probe, periodSeconds: 10 });
    assert.deepEqual(livenessProbe, { ...probe, periodSeconds: 10 });
  });

  it("checks the login page of WordPress, but does not restart it if the database is missing", async () => {
    const { recording } = await usual;
    const { startupProbe, readinessProbe, livenessProbe } = container(recording, "lab-wordpress-deployment");
    const probe = {
      exec: { command: ["sh", "-c", "curl -fsS -o /dev/null http://localhost/wp-login.php"] },
      timeoutSeconds: 5,
    };
    assert.deepEqual(startupProbe, { ...probe, periodSeconds: 1, failureThreshold: 600 });
    assert.deepEqual(readinessProbe, { ...probe, periodSeconds: 10 });
    assert.deepEqual(livenessProbe, { tcpSocket: { port: 80 }, periodSeconds: 10 });
  });

  it("reads all passwords from the Secret", async () => {
    const { recording } = await usual;
    const references = workloads.flatMap(({ part }) =>
      (container(recording, `lab-${part}-deployment`).env as { name: string; valueFrom?: { secretKeyRef?: unknown } }[])
        .filter(({ valueFrom }) => valueFrom?.secretKeyRef)
        .map(({ name, valueFrom }) => [name, valueFrom?.secretKeyRef]),
    );
    assert.deepEqual(references, [
      ["MYSQL_PASSWORD", { name: "mysql", key: "password" }],
      ["MYSQL_ROOT_PASSWORD", { name: "mysql", key: "root-password" }],
      ["WORDPRESS_DB_PASSWORD", { name: "mysql", key: "password" }],
    ]);
  });

  it("defines the node's address before the list of addresses that uses it", async () => {
    const { recording } = await run({ nodePort: 31000 });
    const env = container(recording, "lab-wordpress-deployment").env as { name: string; value?: string }[];
    const [ip, hosts] = [
      env.findIndex(({ name }) => name === "NODE_IP"),
      env.findIndex(({ name }) => name === "SITE_HOSTS"),
    ];
    assert.deepEqual(env[ip], { name: "NODE_IP", valueFrom: { fieldRef: { fieldPath: "status.hostIP" } } });
    assert.equal(env[hosts]?.value, "$(NODE_IP):31000,localhost:31000,127.0.0.1:31000");
    assert.ok(ip < hosts);
  });

  it("exposes MySQL inside the cluster and WordPress outside", async () => {
    const { recording } = await usual;
    assert.deepEqual(recording.get("lab-mysql-service").inputs.spec, {
      type: "ClusterIP",
      selector: { "app.kubernetes.io/name": "mysql", "app.kubernetes.io/instance": "wordpress" },
      ports: [{ port: 3306 }],
    });
    assert.deepEqual(recording.get("lab-wordpress-service").inputs.spec, {
      type: "NodePort",
      selector: { "app.kubernetes.io/name": "wordpress", "app.kubernetes.io/instance": "wordpress" },
      ports: [{ port: 80, nodePort: 30080 }],
    });
  });

  it("allows only WordPress's pods to connect to MySQL, and only on its port", async () => {
    const { recording } = await usual;
    const selected = (name: string) => ({
      matchLabels: { "app.kubernetes.io/name": name, "app.kubernetes.io/instance": "wordpress" },
    });
    assert.deepEqual(recording.get("lab-mysql-ingress").inputs.spec, {
      podSelector: selected("mysql"),
      policyTypes: ["Ingress"],
      ingress: [{ from: [{ podSelector: selected("wordpress") }], ports: [{ protocol: "TCP", port: 3306 }] }],
    });
  });

  it("does not make WordPress wait for MySQL", async () => {
    const { recording } = await usual;
    const ofMysql = ["lab-mysql-claim", "lab-mysql-deployment", "lab-mysql-service"];
    for (const kind of ["claim", "deployment", "service"]) {
      const { dependencies } = recording.get(`lab-wordpress-${kind}`);
      assert.deepEqual(
        dependencies.filter((name) => ofMysql.includes(name)),
        [],
        kind,
      );
    }
    assert.equal("initContainers" in pod(recording, "lab-wordpress-deployment"), false);
  });

  it("outputs the node's address, not its host name", async () => {
    const { recording, result } = await run({ nodePort: 31000, namespace: "blog", node: "some-node" });
    assert.equal(recording.get("lab-node").id, "some-node");
    assert.deepEqual(await promiseOf(result.outputs), {
      namespace: "blog",
      ip: nodeIp,
      port: 31000,
      url: `http://${nodeIp}:31000`,
    });
  });

  it("outputs the specified host instead of the node's address", async () => {
    const { recording, result } = await run({ nodePort: 31000, host: "labs.example.org" });
    assert.deepEqual(await promiseOf(result.outputs), {
      namespace: "wordpress",
      ip: nodeIp,
      port: 31000,
      url: "http://labs.example.org:31000",
    });
    const env = container(recording, "lab-wordpress-deployment").env as { name: string; value?: string }[];
    assert.equal(
      env.find(({ name }) => name === "SITE_HOSTS")?.value,
      "$(NODE_IP):31000,localhost:31000,127.0.0.1:31000,labs.example.org:31000",
    );
  });

  it("reads the port from the Service", async () => {
    const { result } = await run({}, { "lab-wordpress-service": { spec: { ports: [{ port: 80, nodePort: 32100 }] } } });
    assert.equal((await promiseOf(result.outputs)).port, 32100);
  });

  it("can be deployed twice", async () => {
    const { recording } = await record(() => {
      const owner = new LabOwner("owner");
      const opts = { provider: new k8s.Provider("some-cluster") };
      new KubernetesWordPress("one", { owner }, opts);
      new KubernetesWordPress("two", { owner, namespace: "two", nodePort: 30081 }, opts);
    });
    assert.deepEqual(sharedNames(recording, "one", "two"), []);
  });
});

describe("internalIp", () => {
  it("is the node's InternalIP", () => {
    const addresses = [
      { type: "Hostname", address: "minikube" },
      { type: "InternalIP", address: "10.0.0.5" },
    ];
    assert.equal(internalIp("minikube", addresses), "10.0.0.5");
  });

  for (const addresses of [undefined, [], [{ type: "Hostname", address: "minikube" }]]) {
    it(`names a node without one and the next step if it has ${JSON.stringify(addresses)}`, () => {
      assert.throws(
        () => internalIp("lab-node", addresses),
        (error: LabError) => {
          assert.ok(error instanceof LabError);
          assert.equal(
            error.message,
            'Node "lab-node" has no InternalIP, so WordPress has no address to open. Check whether the node is running: ' +
              "kubectl get node lab-node --output wide. To start it: npm run up",
          );
          assert.match(error.text.ko, /^"lab-node" 노드에 InternalIP가 없어 .*npm run up$/);
          return true;
        },
      );
    });
  }
});
