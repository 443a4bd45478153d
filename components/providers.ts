import * as docker from "@pulumi/docker";
import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";

/**
 * Keeps an input that the SDK reads from the environment, such as DOCKER_HOST or KUBECONFIG, out of the state. Otherwise
 * every later run, even `destroy`, would use that value from other terminals and after it has become invalid. The plugin
 * reads the environment itself.
 */
const unnoted = (input: string): pulumi.ResourceOptions => ({
  transformations: [({ props, opts }) => ({ props: { ...props, [input]: undefined }, opts })],
});

/** The provider for the Docker Engine of this run: the one of DOCKER_HOST, or the one the docker command uses. */
export const dockerProvider = (name: string) => new docker.Provider(name, {}, unnoted("host"));

export interface ClusterArgs {
  /** Path of the kubeconfig. @default as kubectl: the list of files in KUBECONFIG, or ~/.kube/config */
  kubeconfig?: string;
  /** Context in it. @see https://kubernetes.io/docs/concepts/configuration/organize-cluster-access-kubeconfig/ */
  context: string;
}

/** The provider for the cluster of one context. */
export const clusterProvider = (name: string, { kubeconfig, context }: ClusterArgs) =>
  new k8s.Provider(name, { kubeconfig, context }, kubeconfig === undefined ? unnoted("kubeconfig") : {});
