import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { LabOwner } from "./lab-owner";
import { seatComponent, seatKeys, seatObjects, SeatPlace } from "./names";

export interface SeatArgs extends SeatPlace {
  /** Labels of the created objects. */
  owner: LabOwner;
  /** Memory that its pods may take together. @default "1536Mi" */
  memory?: string;
  /** Storage that its claims may ask for together. @default "2Gi" */
  storage?: string;
  /** Addresses of the cluster's pods. @default "10.244.0.0/16" */
  podNetwork?: string;
  /** What has to stand before the student may come in. @default only the seat's own walls */
  rules?: pulumi.Resource[];
}

/** What no pod of a seat should reach: private networks, and the metadata service of a cloud. */
const privateNetworks = ["10.0.0.0/8", "100.64.0.0/10", "169.254.0.0/16", "172.16.0.0/12", "192.168.0.0/16"];

/** The first two numbers of an address, which decide whether a network is inside one of {@link privateNetworks}. */
function isPrivate(network: string): boolean {
  const [a, b] = network.split(".").map(Number) as [number, number];
  const within = [a === 10, a === 100 && b >= 64 && b < 128, a === 172 && b >= 16 && b < 32, a === 192 && b === 168];
  return within.some(Boolean);
}

/** How many objects of a kind a seat may have: more than any lesson needs, but too few to fill the cluster's etcd. */
const mostObjects = {
  pods: "10",
  persistentvolumeclaims: "4",
  services: "10",
  "services.loadbalancers": "0",
  "services.nodeports": "1",
  secrets: "50",
  configmaps: "50",
  "count/deployments.apps": "20",
  "count/replicasets.apps": "200",
  "count/statefulsets.apps": "20",
  "count/daemonsets.apps": "20",
  "count/jobs.batch": "20",
  "count/cronjobs.batch": "10",
  "count/networkpolicies.networking.k8s.io": "20",
  "count/ingresses.networking.k8s.io": "5",
};

/**
 * A student's place on a cluster: a namespace with a share of it, an account that may `edit` there and nowhere else, and
 * the rules that isolate it.
 */
export class Seat extends pulumi.ComponentResource {
  /** The namespace, once the seat is isolated. */
  readonly namespace: k8s.core.v1.Namespace;

  constructor(name: string, args: SeatArgs, opts?: pulumi.ComponentResourceOptions) {
    super(seatComponent, name, {}, opts);
    const { owner, seat, nodePort, student = seat, podNetwork = "10.244.0.0/16" } = args;
    const labels = {
      "app.kubernetes.io/part-of": "class",
      [seatKeys.seat]: seat,
      ...owner.kubernetesLabels,
    };
    const annotations = owner.kubernetesAnnotations;

    this.namespace = new k8s.core.v1.Namespace(
      `${name}-namespace`,
      {
        metadata: {
          name: args.namespace,
          labels: {
            ...labels,
            [seatKeys.nodePort]: String(nodePort),
            "pod-security.kubernetes.io/enforce": "baseline",
            "pod-security.kubernetes.io/enforce-version": "latest",
          },
          annotations: { ...annotations, [seatKeys.student]: student },
        },
      },
      { parent: this },
    );
    const namespace = this.namespace.metadata.name;
    const metadata = (object: string) => ({ name: object, namespace, labels, annotations });
    // They are deleted with the namespace, and the rules not before what they isolate.
    const child: pulumi.CustomResourceOptions = { parent: this, deletedWith: this.namespace };

    const quota = new k8s.core.v1.ResourceQuota(
      `${name}-quota`,
      {
        metadata: metadata(seatObjects.quota),
        spec: {
          hard: {
            "limits.memory": args.memory ?? "1536Mi",
            "requests.storage": args.storage ?? "2Gi",
            // Shares of the processor when all want it; without a limit, what nobody else wants may be used.
            "requests.cpu": "1",
            "requests.ephemeral-storage": "2Gi",
            "limits.ephemeral-storage": "6Gi",
            ...mostObjects,
          },
        },
      },
      child,
    );
    // Without these a plain `kubectl run` would be refused, for want of a limit that the quota counts.
    const limits = new k8s.core.v1.LimitRange(
      `${name}-limits`,
      {
        metadata: metadata(seatObjects.limits),
        spec: {
          limits: [
            {
              type: "Container",
              default: { memory: "256Mi", "ephemeral-storage": "1Gi" },
              defaultRequest: { cpu: "25m", memory: "64Mi", "ephemeral-storage": "64Mi" },
            },
          ],
        },
      },
      child,
    );

    const within = [{ podSelector: {} }];
    const policy = (object: string, spec: k8s.types.input.networking.v1.NetworkPolicySpec) =>
      new k8s.networking.v1.NetworkPolicy(`${name}-${object}`, { metadata: metadata(object), spec }, child);
    const walls = [
      // From its own pods, and from outside of the cluster, where browsers are: so from everywhere but other pods.
      policy(seatObjects.incoming, {
        podSelector: {},
        policyTypes: ["Ingress"],
        ingress: [{ from: within }, { from: [{ ipBlock: { cidr: "0.0.0.0/0", except: [podNetwork] } }] }],
      }),
      policy(seatObjects.outgoing, {
        podSelector: {},
        policyTypes: ["Egress"],
        egress: [
          { to: within },
          // Where names are asked for differs from cluster to cluster, the port does not.
          { ports: ["UDP", "TCP"].map((protocol) => ({ protocol, port: 53 })) },
          {
            to: [
              {
                ipBlock: {
                  cidr: "0.0.0.0/0",
                  except: [...(isPrivate(podNetwork) ? [] : [podNetwork]), ...privateNetworks],
                },
              },
            ],
          },
        ],
      }),
    ];

    const account = new k8s.core.v1.ServiceAccount(
      `${name}-account`,
      // What a pod runs as is another account: this one is for the student's own kubectl.
      { metadata: metadata(seatObjects.account), automountServiceAccountToken: false },
      child,
    );
    new k8s.rbac.v1.RoleBinding(
      `${name}-role`,
      {
        metadata: metadata(seatObjects.role),
        roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "ClusterRole", name: "edit" },
        subjects: [{ kind: "ServiceAccount", name: account.metadata.name, namespace }],
      },
      // Nobody comes in before the walls stand.
      { ...child, dependsOn: [quota, limits, ...walls, ...(args.rules ?? [])] },
    );

    this.registerOutputs({});
  }
}
