import assert from "node:assert/strict";
import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import * as auto from "@pulumi/pulumi/automation";
import { parseSettings } from "../../config";
import { context, kubectl, startCluster } from "./minikube";
import { Properties, Recorded, secretKey } from "./recordings";

/** The program that was recorded with the original kubernetes plugin, and what of its state differs from run to run. */

export const { mysqlImage, wordpressImage } = parseSettings({ labs: ["kubernetes"] });
export const namespaces = { recorded: "standin-wordpress", other: "standin-other", errors: "standin-errors" };
export const nodePort = 31980;
export const pause = "registry.k8s.io/pause:3.10";
export const passwords = { password: "a-password-of-24-letters", "root-password": "another-one-of-24-letter" };

export const inNamespace = ["--namespace", namespaces.recorded];
const node = () => kubectl("get", "nodes", "--output", "jsonpath={.items[0].metadata.name}");

/** A cluster with the lab's images, and without anything of these tests. */
export async function freshCluster() {
  await startCluster();
  removeEverything();
}

export function removeEverything() {
  const names = Object.values(namespaces);
  kubectl("delete", "namespace", "--ignore-not-found", "--wait", ...names);
}

export interface Changes {
  image?: string;
  storage?: string;
  accessMode?: string;
  nodePort?: number;
  type?: string;
  password?: string;
  namespace?: string;
  selector?: string;
  replicas?: number;
  timeout?: string;
}

const onCluster = () => ({ provider: new k8s.Provider("cluster", { context }) });

/** The program of the recordings, and its changes. */
export const recorded =
  (changes: Changes = {}): auto.PulumiFn =>
  async () => {
    const opts = {
      ...onCluster(),
      customTimeouts: { create: changes.timeout ?? "3m", update: changes.timeout ?? "3m" },
    };
    const name = node();
    k8s.core.v1.Node.get("minikube", name, opts);
    const wp = new k8s.core.v1.Namespace("wp", { metadata: { name: changes.namespace ?? namespaces.recorded } }, opts);
    const namespace = wp.metadata.name;
    const secret = new k8s.core.v1.Secret(
      "db",
      {
        metadata: { name: "mysql", namespace },
        stringData: pulumi.secret(
          changes.password ? { password: changes.password, "root-password": changes.password } : passwords,
        ),
      },
      opts,
    );
    const claim = (of: string) =>
      new k8s.core.v1.PersistentVolumeClaim(
        `${of}-data`,
        {
          metadata: { name: `${of}-data`, namespace },
          spec: {
            accessModes: [changes.accessMode ?? "ReadWriteOnce"],
            resources: { requests: { storage: changes.storage ?? "1Gi" } },
          },
        },
        opts,
      );
    const [wordpressData, mysqlData] = [claim("wordpress"), claim("mysql")];
    const database = new k8s.core.v1.Service(
      "mysql",
      {
        metadata: { name: "mysql", namespace, labels: { app: "mysql" } },
        spec: { clusterIP: "None", selector: { app: "mysql" }, ports: [{ port: 3306 }] },
      },
      opts,
    );
    const fromSecret = (name: string, key: string) => ({
      name,
      valueFrom: { secretKeyRef: { name: secret.metadata.name, key } },
    });
    const workload = (
      of: string,
      data: k8s.core.v1.PersistentVolumeClaim,
      mountPath: string,
      container: Partial<k8s.types.input.core.v1.Container>,
      spec: Partial<k8s.types.input.apps.v1.DeploymentSpec> = {},
    ) =>
      new k8s.apps.v1.Deployment(
        of,
        {
          metadata: { name: of, namespace, labels: { app: of } },
          spec: {
            selector: { matchLabels: { app: of } },
            strategy: { type: "Recreate" },
            template: {
              metadata: { labels: { app: of } },
              spec: {
                containers: [
                  {
                    name: of,
                    imagePullPolicy: "IfNotPresent",
                    volumeMounts: [{ name: "data", mountPath }],
                    ...container,
                  },
                ],
                volumes: [{ name: "data", persistentVolumeClaim: { claimName: data.metadata.name } }],
              },
            },
            ...spec,
          },
        },
        opts,
      );
    workload(
      "mysql",
      mysqlData,
      "/var/lib/mysql",
      {
        image: changes.image ?? mysqlImage,
        args: ["--innodb-buffer-pool-size=64M", "--performance-schema=OFF", "--mysqlx=OFF"],
        env: [
          { name: "MYSQL_DATABASE", value: "wordpress" },
          { name: "MYSQL_USER", value: "wordpress" },
          fromSecret("MYSQL_PASSWORD", "password"),
          fromSecret("MYSQL_ROOT_PASSWORD", "root-password"),
        ],
        ports: [{ containerPort: 3306 }],
        readinessProbe: {
          exec: {
            command: ["sh", "-c", "mysql -h 127.0.0.1 -u$MYSQL_USER -p$MYSQL_PASSWORD -e 'select 1' $MYSQL_DATABASE"],
          },
          initialDelaySeconds: 3,
          periodSeconds: 3,
          timeoutSeconds: 5,
        },
      },
      changes.selector ? { selector: { matchLabels: { app: changes.selector } } } : {},
    );
    workload(
      "wordpress",
      wordpressData,
      "/var/www/html",
      {
        image: wordpressImage,
        env: [
          { name: "WORDPRESS_DB_HOST", value: database.metadata.name },
          { name: "WORDPRESS_DB_USER", value: "wordpress" },
          { name: "WORDPRESS_DB_NAME", value: "wordpress" },
          fromSecret("WORDPRESS_DB_PASSWORD", "password"),
        ],
        ports: [{ containerPort: 80 }],
        readinessProbe: { httpGet: { path: "/wp-admin/install.php", port: 80 }, periodSeconds: 3, timeoutSeconds: 10 },
      },
      changes.replicas ? { replicas: changes.replicas } : {},
    );
    new k8s.core.v1.Service(
      "wordpress",
      {
        metadata: { name: "wordpress", namespace, labels: { app: "wordpress" } },
        spec: {
          type: changes.type ?? "NodePort",
          selector: { app: "wordpress" },
          ports: [{ port: 80, nodePort: changes.nodePort ?? nodePort }],
        },
      },
      opts,
    );
    return Promise.resolve({ data: secret.data });
  };

/** Fields that differ from run to run, and those that the recordings leave out. */
const perRun = [
  ...["creationTimestamp", "resourceVersion", "uid", "managedFields", "volumeName", "clusterIPs"],
  ...["lastTransitionTime", "lastUpdateTime", "lastHeartbeatTime"],
];

/** Replaces what differs from cluster to cluster and from run to run by words. */
export function normalised(value: unknown, key = ""): unknown {
  if (Array.isArray(value)) {
    const elements = value.map((element) => normalised(element, key));
    const type = (of: unknown) => (of as { type: string }).type;
    return key === "conditions" ? elements.sort((a, b) => type(a).localeCompare(type(b))) : elements;
  }
  if (value !== null && typeof value === "object") {
    if (secretKey in value) return "SECRET";
    return Object.fromEntries(
      Object.entries(value)
        // null is how the API server writes the creation time of a pod that is only described.
        .filter(([name, element]) => !perRun.includes(name) || element === null)
        // The claims of the recording were bound to volumes made by hand, of another size.
        .filter(([name]) => !/storage-provisioner$/.test(name))
        .map(([name, element]) => [name, name === "capacity" ? "CAPACITY" : normalised(element, name)]),
    );
  }
  if (key === "nodePort") return value === nodePort || value === 30080 ? "NODE PORT" : value;
  if (typeof value !== "string") return value;
  if (key === "clusterIP") return value.replace(/^\d+\.\d+\.\d+\.\d+$/, "ADDRESS");
  if (key === "__fieldManager") return value.replace(/-[0-9a-f]{8}$/, "-RANDOM");
  if (key === "image") return value.replace(/:.*/, ":TAG");
  return value.replace(namespaces.recorded, "wordpress").replace(/-[0-9a-f]{8,10}"/, '-HASH"');
}

/** What of a resource has to be as recorded. */
export function comparable({ type, id, inputs, outputs, propertyDependencies }: Recorded): Properties {
  // The recordings leave out the properties that depend on nothing.
  const dependencies = Object.entries(propertyDependencies ?? {})
    .filter(([, urns]) => (urns as string[]).length > 0)
    .map(([name, urns]) => [name, (urns as string[]).map((urn) => urn.split("::").slice(2).join("::")).sort()]);
  const shown = { type, id, inputs, outputs, propertyDependencies: Object.fromEntries(dependencies) as Properties };
  if (type === "kubernetes:core/v1:Node") return { ...shown, id: "", ...nodeProperties(shown) };
  if (id.endsWith("/wordpress") && type === "kubernetes:apps/v1:Deployment") {
    // When it was recorded, it was not ready.
    const { status, ...others } = outputs;
    assert.ok(status);
    return { ...shown, outputs: others };
  }
  return shown;
}

/** Of a node: what is asked of it, and that its address can be read. */
function nodeProperties({ inputs, outputs }: Pick<Recorded, "inputs" | "outputs">): Properties {
  const name = (inputs.metadata as { name: string }).name;
  const { addresses } = outputs.status as { addresses: { type: string; address: string }[] };
  assert.match(addresses.find(({ type }) => type === "InternalIP")?.address ?? "", /^\d+\.\d+\.\d+\.\d+$/);
  const { __inputs: given, __fieldManager: manager, __initialApiVersion: version, apiVersion, kind } = outputs;
  const named = JSON.parse(JSON.stringify({ inputs, given }).replaceAll(`"${name}"`, '"NODE"')) as Properties;
  return {
    ...named,
    outputs: { __fieldManager: manager, version, apiVersion, kind, keys: Object.keys(outputs).sort() },
  };
}

export const nameOf = ({ type, id }: Recorded) =>
  `${type} ${type.endsWith(":Node") ? "" : id.replace(/^standin-/, "")}`;
