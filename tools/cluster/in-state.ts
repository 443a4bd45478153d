import { classNames, KubernetesName, kubernetesNames } from "../../components/names";
import { Settings } from "../../config";
import { State } from "../stack/stack";
import { claimsOf } from "../stack/stored";
import { ClusterChoice } from "./kubeconfig";

export const inState = (state: State, type: string) => state.resources.filter((resource) => resource.type === type);

/** The objects that are missing in the state. */
export function missing(names: readonly KubernetesName[], state: State): KubernetesName[] {
  const known = new Set(state.resources.map(({ type, id }) => `${type} ${id}`));
  const idOf = ({ namespace, name }: KubernetesName) => (namespace === undefined ? name : `${namespace}/${name}`);
  return names.filter((one) => !known.has(`${one.type} ${idOf(one)}`));
}

const text = (value: unknown) => (typeof value === "string" ? value : undefined);

/** The cluster of the stack's Kubernetes lab, which may differ from the current settings. */
export function clusterOf(state: State): ClusterChoice | undefined {
  const provider = state.resources.find(({ type }) => type === "pulumi:providers:kubernetes");
  const kubeContext = text(provider?.inputs?.context);
  return kubeContext === undefined ? undefined : { kubeContext, kubeconfig: text(provider?.inputs?.kubeconfig) };
}

/** Reports whether the objects in the state match the settings. Then the cluster need not be searched for conflicts. */
export function standsAsWanted(state: State, settings: Settings): boolean {
  const { kubernetesNamespace: namespace, kubeContext, nodePort } = settings;
  const service = inState(state, "kubernetes:core/v1:Service").find(({ id }) => id === `${namespace}/wordpress`);
  const { spec } = (service?.inputs ?? {}) as { spec?: { ports?: { nodePort?: number }[] } };
  return (
    clusterOf(state)?.kubeContext === kubeContext &&
    spec?.ports?.[0]?.nodePort === nodePort &&
    claimsOf(state, settings).every(({ storage, now }) => storage === now) &&
    missing([...kubernetesNames(settings), ...classNames(settings)], state).length === 0 &&
    state.resources.every(({ initErrors }) => !initErrors?.length) &&
    !state.pending_operations?.length
  );
}
