import assert from "node:assert/strict";
import type { V1ContainerStatus, V1Endpoint, V1EndpointSlice, V1Pod } from "@kubernetes/client-node";
import { Cluster, KubernetesFacts } from "../../tools/checks/facts/kubernetes";
import { Guest } from "../../tools/checks/facts/kubernetes-guest";
import { workloads, Workload } from "../../tools/checks/labs/kubernetes-objects";
import { databaseHost, mysql, wordpress } from "../../components/wordpress-app";

const apps = { mysql, wordpress };
const meta = (name: string) => ({ metadata: { name } });

/** A pod of a workload as it should be. @param mark at the end of its name */
export const pod = (workload: Workload, mark: string, status: V1Pod["status"] = {}): V1Pod => ({
  metadata: {
    name: `${workload}-7d9c8b-${mark}`,
    namespace: "wordpress",
    uid: `uid-of-${workload}-${mark}`,
    labels: { "app.kubernetes.io/name": workload, "pod-template-hash": "7d9c8b" },
    ownerReferences: [
      { apiVersion: "apps/v1", kind: "ReplicaSet", name: `${workload}-7d9c8b`, uid: `uid-of-set-${workload}` },
    ],
  },
  spec: {
    containers: [{ name: workload, volumeMounts: [{ name: "data", mountPath: apps[workload].dataPath }] }],
    volumes: [{ name: "data", persistentVolumeClaim: { claimName: `${workload}-data` } }],
  },
  status: {
    phase: "Running",
    conditions: [{ type: "Ready", status: "True" }],
    containerStatuses: [
      { name: workload, image: `${workload}:1`, imageID: "", ready: true, restartCount: 0, state: { running: {} } },
    ],
    ...status,
  },
});

export const endpoint = ({ metadata }: V1Pod, conditions: V1Endpoint["conditions"] = { ready: true }): V1Endpoint => ({
  addresses: ["10.244.0.5"],
  targetRef: { kind: "Pod", name: metadata?.name, uid: metadata?.uid },
  conditions,
});

/** What the cluster has when the lab is as it should be. */
export function healthy(): KubernetesFacts {
  const pods = { mysql: pod("mysql", "1"), wordpress: pod("wordpress", "1") };
  const each = <T>(make: (workload: Workload) => T) => workloads.map(make);
  const selector = (workload: Workload) => ({ "app.kubernetes.io/name": workload });
  return {
    lab: { namespace: "wordpress", context: "course-labs", nodePort: 30080 },
    namespaces: ["default", "wordpress"],
    pods: Object.values(pods),
    events: [],
    logs: {},
    storageClasses: [],
    policies: [],
    secrets: ["mysql"],
    claims: each((name) => ({ ...meta(`${name}-data`), status: { phase: "Bound" } })),
    nodes: [
      {
        ...meta("course-labs"),
        status: {
          conditions: [{ type: "Ready", status: "True" }],
          addresses: [{ type: "InternalIP", address: "192.168.49.2" }],
        },
      },
    ],
    services: each((name) => ({
      metadata: { namespace: "wordpress", name },
      spec: {
        type: name === "mysql" ? "ClusterIP" : "NodePort",
        selector: selector(name),
        ports: [{ port: apps[name].port, ...(name === "wordpress" && { nodePort: 30080 }) }],
      },
    })),
    deployments: each((name) => ({
      metadata: { name, uid: `uid-of-${name}` },
      spec: {
        replicas: 1,
        strategy: { type: "Recreate" },
        selector: { matchLabels: selector(name) },
        template: { spec: pods[name].spec },
      },
    })),
    replicaSets: each((name) => ({
      metadata: {
        name: `${name}-7d9c8b`,
        uid: `uid-of-set-${name}`,
        ownerReferences: [{ apiVersion: "apps/v1", kind: "Deployment", name, uid: `uid-of-${name}` }],
      },
    })),
    slices: each((name): V1EndpointSlice => ({
      addressType: "IPv4",
      metadata: { labels: { "kubernetes.io/service-name": name } },
      endpoints: [endpoint(pods[name])],
      ports: [{ port: apps[name].port }],
    })),
  };
}

/** A pod beside the lab's, which gets through to MySQL or not: in turn, and from then on as the last time. */
export function guest(...through: boolean[]) {
  const commands: string[][] = [];
  let silenced = 0;
  const answer = () => (through.length > 1 ? through.shift() : through[0]) ?? false;
  const guest: Guest = {
    exec: (...command) => {
      commands.push(command);
      const stdout = JSON.stringify(
        answer() ? { through: true, said: "it answered" } : { through: false, said: "timeout" },
      );
      return Promise.resolve({ code: 0, stdout, stderr: "" });
    },
    silence: () => Promise.resolve(void silenced++),
  };
  return { guest, commands, silenced: () => silenced };
}

/** A cluster that has these facts, and where WordPress can log in to its database. */
export const clusterWith = (facts: KubernetesFacts, more: Partial<Cluster> = {}): Cluster => ({
  look: () => Promise.resolve({ facts }),
  exec: (pod, container) => {
    // Only there is a client that logs in.
    assert.match(`${pod} ${container}`, /^wordpress-\S+ wordpress$/);
    return Promise.resolve({
      code: 0,
      stdout: JSON.stringify({
        errno: 0,
        error: null,
        host: databaseHost,
        row: ["mysql-7d9c8b-1", "9.7.2", "wordpress", "wordpress@%"],
      }),
      stderr: "",
    });
  },
  deletePod: () => Promise.resolve(),
  beside: (_, work) => work(guest().guest),
  ...more,
});

/** The status of MySQL's container, which is not ready. */
export const unreadyMysql = (status: Partial<V1ContainerStatus>): V1ContainerStatus => ({
  name: "mysql",
  image: "mysql:1",
  imageID: "",
  ready: false,
  restartCount: 0,
  ...status,
});
