import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { LabOwner } from "./lab-owner";

export interface StatefulWorkloadArgs {
  /** Labels of the objects that are made. */
  owner: LabOwner;
  /** Namespace of the objects. */
  namespace: pulumi.Input<string>;
  /** Name of the Deployment and the Service, and so the host name inside the namespace; the claim is `<name>-data`. */
  workload: string;
  /**
   * What it is within the application.
   * @see https://kubernetes.io/docs/concepts/overview/working-with-objects/common-labels/
   */
  component: string;
  /** Application that it is part of. */
  partOf: string;
  /** Image to run. @see https://kubernetes.io/docs/concepts/containers/images/ */
  image: pulumi.Input<string>;
  /** Arguments for the image's entry point. @default none */
  flags?: string[];
  /** Environment variables. */
  env: pulumi.Input<k8s.types.input.core.v1.EnvVar>[];
  /** Port that it listens on, in the pod and as a Service. */
  port: number;
  /**
   * Port of every node that leads to the Service, 30000 to 32767.
   * @default none, it is reached from inside the cluster only
   * @see https://kubernetes.io/docs/concepts/services-networking/service/#type-nodeport
   */
  nodePort?: pulumi.Input<number>;
  /** Folder of its data, where the volume is mounted. */
  dataPath: string;
  /** Size of the volume, a quantity of bytes. @see https://kubernetes.io/docs/concepts/storage/persistent-volumes/ */
  storage: pulumi.Input<string>;
  /** User and group, by number, that it runs as; its files are theirs. */
  uid: number;
  /** Shell command that succeeds when it can do its work. */
  health: string;
  /**
   * Asks whether only a restart can help it.
   * @default `health` fails for half a minute
   * @see https://kubernetes.io/docs/concepts/configuration/liveness-readiness-startup-probes/
   */
  alive?: k8s.types.input.core.v1.Probe;
  /** Memory in bytes: what the scheduler sets aside, and where it is killed. */
  memory: { request: string; limit: string };
}

/**
 * For how long `up` waits for an object. Pulumi's own ten minutes are long to sit out for a typing error; what is only
 * slow goes on meanwhile, and the next `up` takes it from wherever this one stopped.
 */
const patience: pulumi.CustomTimeouts = { create: "100s", update: "100s" };

/** One server with a disk: a claim, a Deployment of one pod, and the Service that leads to it. */
export class StatefulWorkload extends pulumi.ComponentResource {
  /** Labels that the pod is found by. */
  readonly selector: Record<string, pulumi.Input<string>>;
  /** Port of the node that leads to it, where it has one; known once its pod is ready. */
  readonly nodePort: pulumi.Output<number>;

  constructor(name: string, args: StatefulWorkloadArgs, opts?: pulumi.ComponentResourceOptions) {
    super("course:labs:StatefulWorkload", name, {}, opts);
    const child: pulumi.CustomResourceOptions = { parent: this, customTimeouts: patience };
    const { namespace, workload, port } = args;

    // Two labels that never change: a Deployment's selector cannot be edited, only replaced.
    this.selector = { "app.kubernetes.io/name": workload, "app.kubernetes.io/instance": namespace };
    const labels = {
      ...this.selector,
      "app.kubernetes.io/component": args.component,
      "app.kubernetes.io/part-of": args.partOf,
      ...args.owner.kubernetesLabels,
    };

    const annotations = args.owner.kubernetesAnnotations;
    // Pulumi need not wait for these. For a claim it would, for five minutes whatever it is told, and for a Service it does
    // ten seconds longer than its pods take: the Deployment, which it waits for, waits for the claim and makes the pods ready.
    const unawaited = { ...annotations, "pulumi.com/skipAwait": "true" };
    const claim = new k8s.core.v1.PersistentVolumeClaim(
      `${name}-claim`,
      {
        metadata: { name: `${workload}-data`, namespace, labels, annotations: unawaited },
        spec: { accessModes: ["ReadWriteOnce"], resources: { requests: { storage: args.storage } } },
      },
      child,
    );

    const probe = { exec: { command: ["sh", "-c", args.health] }, timeoutSeconds: 5 };

    const deployment = new k8s.apps.v1.Deployment(
      `${name}-deployment`,
      {
        metadata: { name: workload, namespace, labels, annotations },
        spec: {
          replicas: 1,
          selector: { matchLabels: this.selector },
          // The old pod goes first: the new one could not have the same ReadWriteOnce volume beside it.
          strategy: { type: "Recreate" },
          template: {
            metadata: { labels },
            spec: {
              // It never talks to the Kubernetes API, and needs no MYSQL_PORT=tcp://… from every Service around it.
              automountServiceAccountToken: false,
              enableServiceLinks: false,
              securityContext: {
                runAsNonRoot: true,
                runAsUser: args.uid,
                runAsGroup: args.uid,
                fsGroup: args.uid,
                seccompProfile: { type: "RuntimeDefault" },
                // Ports below 1024 are root's, unless the pod says otherwise.
                sysctls: port < 1024 ? [{ name: "net.ipv4.ip_unprivileged_port_start", value: "0" }] : undefined,
              },
              containers: [
                {
                  name: workload,
                  image: args.image,
                  // What `minikube image load` brought is used as it is.
                  imagePullPolicy: "IfNotPresent",
                  args: args.flags,
                  env: args.env,
                  ports: [{ containerPort: port }],
                  // No CPU limit: it would only slow down the first start.
                  resources: {
                    requests: { cpu: "100m", memory: args.memory.request },
                    limits: { memory: args.memory.limit },
                  },
                  securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: ["ALL"] } },
                  // Asked every second while it starts, for up to ten minutes; after that, seldom.
                  startupProbe: { ...probe, periodSeconds: 1, failureThreshold: 600 },
                  readinessProbe: { ...probe, periodSeconds: 10 },
                  livenessProbe: { ...(args.alive ?? probe), periodSeconds: 10 },
                  volumeMounts: [{ name: "data", mountPath: args.dataPath }],
                },
              ],
              volumes: [{ name: "data", persistentVolumeClaim: { claimName: claim.metadata.name } }],
            },
          },
        },
      },
      child,
    );

    const service = new k8s.core.v1.Service(
      `${name}-service`,
      {
        metadata: { name: workload, namespace, labels, annotations: unawaited },
        spec: {
          type: args.nodePort === undefined ? "ClusterIP" : "NodePort",
          selector: this.selector,
          ports: [{ port, nodePort: args.nodePort }],
        },
      },
      child,
    );

    this.nodePort = pulumi.all([service.spec.ports, deployment.metadata.name]).apply(([ports]) => ports[0]!.nodePort);
    this.registerOutputs({ selector: this.selector });
  }
}
