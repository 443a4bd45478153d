import * as k8s from "@pulumi/kubernetes";

export interface ClusterArgs {
  /** File that names the cluster. @default what kubectl uses: KUBECONFIG, a list of files, or ~/.kube/config */
  kubeconfig?: string;
  /** Context in it. @see https://kubernetes.io/docs/concepts/configuration/organize-cluster-access-kubeconfig/ */
  context: string;
}

/**
 * The provider of one cluster. Where no file is named, none is noted in the state: the SDK would note KUBECONFIG as it
 * is in this terminal, and look there again from every other one, also after the file is gone.
 */
export const clusterProvider = (name: string, { kubeconfig, context }: ClusterArgs) =>
  new k8s.Provider(
    name,
    { kubeconfig, context },
    kubeconfig === undefined
      ? { transformations: [({ props, opts }) => ({ props: { ...props, kubeconfig: undefined }, opts })] }
      : {},
  );
