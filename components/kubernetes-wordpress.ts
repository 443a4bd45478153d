import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { ownProfile } from "../config";
import { KubernetesOutputs } from "../outputs";
import { LabError } from "../text";
import { hostAndPort } from "./addresses";
import { databasePasswords } from "./database-passwords";
import { LabOwner } from "./lab-owner";
import { StatefulWorkload } from "./stateful-workload";
import { databaseHost, Environment, mysql, podMemory, wordpress } from "./wordpress-app";

export interface KubernetesWordPressArgs {
  /** Labels of all objects. */
  owner: LabOwner;
  /** Namespace, which the lab creates. @default "wordpress" */
  namespace?: pulumi.Input<string>;
  /** That namespace, where somebody else makes it. @default the lab makes it */
  within?: k8s.core.v1.Namespace;
  /** MySQL image. @default "mysql:9.7.2" @see https://hub.docker.com/_/mysql */
  mysqlImage?: pulumi.Input<string>;
  /** WordPress image, an Apache variant. @default "wordpress:7.1.0-php8.3-apache" @see https://hub.docker.com/_/wordpress */
  wordpressImage?: pulumi.Input<string>;
  /** Size of MySQL's volume, a quantity of bytes. @default "1Gi" */
  mysqlStorage?: pulumi.Input<string>;
  /** Size of WordPress's volume, a quantity of bytes. @default "1Gi" */
  wordpressStorage?: pulumi.Input<string>;
  /** Node whose address is used. @default "course-labs" @see https://minikube.sigs.k8s.io/docs/commands/ip/ */
  node?: pulumi.Input<string>;
  /** Host name or address to open in the browser. @default the node's address */
  host?: string;
  /**
   * Node port of WordPress, 30000 to 32767.
   * @default 30080
   * @see https://kubernetes.io/docs/concepts/services-networking/service/#type-nodeport
   */
  nodePort?: pulumi.Input<number>;
}

/**
 * The address of a node, as printed by `minikube ip`.
 * @throws LabError when the node has none
 */
export function internalIp(
  node: string,
  addresses: readonly k8s.types.output.core.v1.NodeAddress[] | undefined,
): string {
  const found = addresses?.find(({ type }) => type === "InternalIP");
  if (found) return found.address;
  throw new LabError({
    en:
      `Node "${node}" has no InternalIP, so WordPress has no address to open. Check whether the node is running: ` +
      `kubectl get node ${node} --output wide. To start it: npm run up`,
    ko:
      `"${node}" 노드에 InternalIP가 없어 WordPress에 접속할 주소를 알 수 없습니다. 노드가 실행 중인지 확인하세요: ` +
      `kubectl get node ${node} --output wide. 노드를 시작하려면: npm run up`,
  });
}

/** The lab "Kubernetes": WordPress and MySQL in a namespace. docker/kubernetes/wordpress-k8s.yml is the manual version. */
export class KubernetesWordPress extends pulumi.ComponentResource {
  readonly outputs: pulumi.Output<KubernetesOutputs>;

  constructor(name: string, args: KubernetesWordPressArgs, opts?: pulumi.ComponentResourceOptions) {
    super("course:labs:KubernetesWordPress", name, {}, opts);
    const child: pulumi.CustomResourceOptions = { parent: this };
    const { owner } = args;
    const partOf = "wordpress";
    const nodePort = args.nodePort ?? 30080;

    const namespaceName = args.namespace ?? "wordpress";
    const labels = {
      "app.kubernetes.io/name": partOf,
      "app.kubernetes.io/instance": namespaceName,
      "app.kubernetes.io/part-of": partOf,
      ...owner.kubernetesLabels,
    };
    const annotations = owner.kubernetesAnnotations;
    const made =
      args.within ??
      new k8s.core.v1.Namespace(`${name}-namespace`, { metadata: { name: namespaceName, labels, annotations } }, child);
    const namespace = made.metadata.name;

    const secret = new k8s.core.v1.Secret(
      `${name}-secret`,
      { metadata: { name: "mysql", namespace, labels, annotations }, stringData: databasePasswords(name, child) },
      child,
    );
    const env = ({ variables, passwords }: Environment): k8s.types.input.core.v1.EnvVar[] => [
      ...Object.entries(variables).map(([variable, value]) => ({ name: variable, value })),
      ...Object.entries(passwords).map(([variable, key]) => ({
        name: variable,
        valueFrom: { secretKeyRef: { name: secret.metadata.name, key } },
      })),
    ];

    const database = new StatefulWorkload(
      `${name}-mysql`,
      {
        ...mysql,
        owner,
        namespace,
        partOf,
        workload: databaseHost,
        component: "database",
        image: args.mysqlImage ?? "mysql:9.7.2",
        env: env(mysql.environment),
        storage: args.mysqlStorage ?? "1Gi",
        memory: podMemory.mysql,
      },
      { parent: this },
    );

    const hosts = new Set(["$(NODE_IP)", "localhost", "127.0.0.1", ...(args.host ? [args.host] : [])]);
    const siteHosts = pulumi
      .output(nodePort)
      .apply((port) => [...hosts].map((host) => hostAndPort(host, port)).join(","));

    // Does not depend on MySQL: both start at the same time, and WordPress becomes ready once the database answers.
    const site = new StatefulWorkload(
      `${name}-wordpress`,
      {
        ...wordpress,
        owner,
        namespace,
        partOf,
        workload: "wordpress",
        component: "website",
        image: args.wordpressImage ?? "wordpress:7.1.0-php8.3-apache",
        env: [
          // The node's address differs between machines. Kubernetes replaces $(NODE_IP) below.
          { name: "NODE_IP", valueFrom: { fieldRef: { fieldPath: "status.hostIP" } } },
          ...env(wordpress.environment(siteHosts)),
        ],
        // Only checks the port: without its database WordPress is not ready, but a restart would not help.
        alive: { tcpSocket: { port: wordpress.port } },
        nodePort,
        storage: args.wordpressStorage ?? "1Gi",
        memory: podMemory.wordpress,
      },
      { parent: this },
    );

    // Only WordPress may connect to the database. The network plugin of the cluster has to enforce this: kindnet (minikube's
    // default with containerd) and Calico do, a plain bridge does not.
    new k8s.networking.v1.NetworkPolicy(
      `${name}-mysql-ingress`,
      {
        metadata: { name: "mysql-ingress", namespace, labels, annotations },
        spec: {
          podSelector: { matchLabels: database.selector },
          policyTypes: ["Ingress"],
          ingress: [
            { from: [{ podSelector: { matchLabels: site.selector } }], ports: [{ protocol: "TCP", port: mysql.port }] },
          ],
        },
      },
      child,
    );

    const nodeName = args.node ?? ownProfile;
    const node = k8s.core.v1.Node.get(`${name}-node`, nodeName, child);

    // Depends on the node port, which is known once WordPress is ready: a printed address works.
    this.outputs = pulumi
      .all([namespace, nodeName, node.status.addresses, site.nodePort])
      .apply(([namespace, nodeName, addresses, port]) => {
        const ip = internalIp(nodeName, addresses);
        return { namespace, ip, port, url: `http://${hostAndPort(args.host ?? ip, port)}` };
      });
    this.registerOutputs({ outputs: this.outputs });
  }
}
