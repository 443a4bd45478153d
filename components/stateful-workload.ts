import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { LabOwner } from "./lab-owner";

export interface StatefulWorkloadArgs {
  /** Labels of all objects. */
  owner: LabOwner;
  /** Namespace of the objects. */
  namespace: pulumi.Input<string>;
  /** Name of the Deployment and of the Service, which is the host name in the namespace. The PVC is called `<name>-data`. */
  workload: string;
  /**
   * Its role in the application.
   * @see https://kubernetes.io/docs/concepts/overview/working-with-objects/common-labels/
   */
  component: string;
  /** The application it is part of. */
  partOf: string;
  /** Image to run. @see https://kubernetes.io/docs/concepts/containers/images/ */
  image: pulumi.Input<string>;
  /** Arguments for the image's entry point. @default none */
  flags?: string[];
  /** Environment variables. */
  env: pulumi.Input<k8s.types.input.core.v1.EnvVar>[];
  /** Port of the pod and of the Service. */
  port: number;
  /**
   * Node port of the Service, 30000 to 32767.
   * @default none, reachable from inside the cluster only
   * @see https://kubernetes.io/docs/concepts/services-networking/service/#type-nodeport
   */
  nodePort?: pulumi.Input<number>;
  /** Data directory, where the volume is mounted. */
  dataPath: string;
  /** Size of the volume, a quantity of bytes. @see https://kubernetes.io/docs/concepts/storage/persistent-volumes/ */
  storage: pulumi.Input<string>;
  /** Numeric user and group that it runs as and that own its files. */
  uid: number;
  /** Shell command that succeeds if it is ready to serve. */
  health: string;
  /**
   * Liveness probe, which fails if only a restart can help.
   * @default `health`
   * @see https://kubernetes.io/docs/concepts/configuration/liveness-readiness-startup-probes/
   */
  alive?: k8s.types.input.core.v1.Probe;
  /** Memory request and limit in bytes. */
  memory: { request: string; limit: string };
}

/**
 * How long `up` waits for an object. Pulumi's default of ten minutes is too long to wait for a typo to show. A slow object
 * continues to start after the timeout, and the next `up` picks it up.
 */
const patience: pulumi.CustomTimeouts = { create: "100s", update: "100s" };

/** A server with persistent data: a PersistentVolumeClaim, a Deployment with one pod, and its Service. */
export class StatefulWorkload extends pulumi.ComponentResource {
  /** Labels that select the pod. */
  readonly selector: Record<string, pulumi.Input<string>>;
  /** Node port of the Service, if it has one; known once the pod is ready. */
  readonly nodePort: pulumi.Output<number>;

  constructor(name: string, args: StatefulWorkloadArgs, opts?: pulumi.ComponentResourceOptions) {
    super("course:labs:StatefulWorkload", name, {}, opts);
    const child: pulumi.CustomResourceOptions = { parent: this, customTimeouts: patience };
    const { namespace, workload, port } = args;

    // Only labels that never change: the selector of a Deployment is immutable.
    this.selector = { "app.kubernetes.io/name": workload, "app.kubernetes.io/instance": namespace };
    const labels = {
      ...this.selector,
      "app.kubernetes.io/component": args.component,
      "app.kubernetes.io/part-of": args.partOf,
      ...args.owner.kubernetesLabels,
    };

    const annotations = args.owner.kubernetesAnnotations;
    // Pulumi does not have to wait for the PVC and the Service, because the Deployment is ready only after both are usable.
    // Pulumi would wait for an unbound PVC for five minutes whatever the timeout, and ten extra seconds for the Service.
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
          // The old pod has to stop first, because the volume is ReadWriteOnce.
          strategy: { type: "Recreate" },
          template: {
            metadata: { labels },
            spec: {
              // The pod neither uses the Kubernetes API nor the variables that describe other Services (MYSQL_PORT=tcp://…).
              automountServiceAccountToken: false,
              enableServiceLinks: false,
              securityContext: {
                runAsNonRoot: true,
                runAsUser: args.uid,
                runAsGroup: args.uid,
                fsGroup: args.uid,
                seccompProfile: { type: "RuntimeDefault" },
                // By default only root may listen on ports below 1024.
                sysctls: port < 1024 ? [{ name: "net.ipv4.ip_unprivileged_port_start", value: "0" }] : undefined,
              },
              containers: [
                {
                  name: workload,
                  image: args.image,
                  // Uses the images that were loaded with `minikube image load`.
                  imagePullPolicy: "IfNotPresent",
                  args: args.flags,
                  env: args.env,
                  ports: [{ containerPort: port }],
                  // No CPU limit, because it would slow down the first start.
                  resources: {
                    requests: { cpu: "100m", memory: args.memory.request },
                    limits: { memory: args.memory.limit },
                  },
                  securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: ["ALL"] } },
                  // Every second during the start, for up to ten minutes.
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
