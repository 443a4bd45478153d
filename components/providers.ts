import * as docker from "@pulumi/docker";
import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";

/**
 * Has a provider's input that is taken from this terminal, such as DOCKER_HOST or KUBECONFIG, not noted in the state: every
 * later run, `destroy` too, would go there, from other terminals and also when it is gone. The plugin looks for it itself,
 * where the SDK did.
 */
const unnoted = (input: string): pulumi.ResourceOptions => ({
  transformations: [({ props, opts }) => ({ props: { ...props, [input]: undefined }, opts })],
});

/** The provider of the Docker Engine that a run uses: that of DOCKER_HOST, or where the docker command looks. */
export const dockerProvider = (name: string) => new docker.Provider(name, {}, unnoted("host"));

export interface ClusterArgs {
  /** File that names the cluster. @default what kubectl uses: KUBECONFIG, a list of files, or ~/.kube/config */
  kubeconfig?: string;
  /** Context in it. @see https://kubernetes.io/docs/concepts/configuration/organize-cluster-access-kubeconfig/ */
  context: string;
}

/** The provider of one cluster. */
export const clusterProvider = (name: string, { kubeconfig, context }: ClusterArgs) =>
  new k8s.Provider(name, { kubeconfig, context }, kubeconfig === undefined ? unnoted("kubeconfig") : {});
