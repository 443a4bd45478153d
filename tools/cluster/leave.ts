import type { KubernetesObject, V1Namespace } from "@kubernetes/client-node";
import { kubernetesLabelKeys, labComponents } from "../../components/names";
import { ownProfile, Settings } from "../../config";
import { LabError } from "../../text";
import { Arguments } from "../terminal/arguments";
import { say } from "../terminal/language";
import { settingsOf } from "../stack/settings";
import { ownerId, State } from "../stack/stack";
import { needDocker } from "../install/toolchain";
import { clusterOf, inState } from "./in-state";
import { ClusterChoice } from "./kubeconfig";
import { inTime } from "./answers";
import { look } from "./get";
import { nodeImageNames, profileExists, remove, start, stop } from "./minikube";
import { isOwn } from "./running";

export interface Leaving {
  /** The cluster no longer exists, so only the state has to be cleaned up. */
  gone: boolean;
  /** Asks the cluster that the lab is removed from. */
  answers?: () => Promise<boolean>;
  before: () => Promise<void>;
  afterwards: () => Promise<void>;
  /** Possible names of the node image of a removed cluster in Docker. */
  nodeImage: string[];
}

const nothing = () => Promise.resolve();
const nothingToDo: Leaving = { gone: false, before: nothing, afterwards: nothing, nodeImage: [] };
const answers = async (choice: ClusterChoice) => (await look({ ...choice, kubeNode: choice.kubeContext })).answers;

/** Namespaces of Kubernetes and of minikube's addons. */
const systemNamespaces = [
  ...["default", "kube-system", "kube-public", "kube-node-lease", "local-path-storage"],
  ...["kubernetes-dashboard", "ingress-nginx", "metallb-system"],
];

/** What belongs neither to Kubernetes nor to this stack in a cluster that is about to be deleted, as kubectl names it. */
export function strangers(
  namespaces: readonly V1Namespace[],
  inDefault: readonly string[],
  owner: string | undefined,
): string[] {
  const foreign = namespaces.filter(
    ({ metadata }) =>
      !systemNamespaces.includes(metadata?.name ?? "") &&
      (owner === undefined || metadata?.labels?.[kubernetesLabelKeys.id] !== owner),
  );
  return [...foreign.map(({ metadata }) => `namespace/${metadata?.name}`), ...inDefault];
}

/** @throws LabError that lists the objects that would be lost with the cluster */
async function refuseStrangers(choice: ClusterChoice, state: State): Promise<void> {
  const { clusterApi } = await import("./api");
  const { core } = clusterApi(choice);
  const [namespaces, pods, claims] = await Promise.all([
    inTime(core.listNamespace()),
    inTime(core.listNamespacedPod({ namespace: "default" })),
    inTime(core.listNamespacedPersistentVolumeClaim({ namespace: "default" })),
  ]);
  const named = (kind: string, { items }: { items: KubernetesObject[] }) =>
    items.map(({ metadata }) => `${kind}/${metadata?.name}`);
  const found = strangers(namespaces.items, [...named("pod", pods), ...named("pvc", claims)], ownerId(state));
  if (found.length === 0) return;
  const names = found.join(", ");
  throw new LabError({
    en: `Nothing was removed, because the cluster ${ownProfile} also contains: ${names}. Delete these first. To delete everything with the cluster: npm run destroy -- --cluster --allow-data-loss. To remove only the labs: npm run destroy`,
    ko: `아무것도 삭제하지 않았습니다. ${ownProfile} 클러스터에 다른 오브젝트가 더 있습니다: ${names}. 먼저 이것을 삭제하세요. 클러스터와 함께 모두 삭제하려면: npm run destroy -- --cluster --allow-data-loss. 실습 환경만 삭제하려면: npm run destroy`,
  });
}

/** Starts the cluster of the labs if it is stopped. @returns whether it was started */
async function started(choice: ClusterChoice): Promise<boolean> {
  if (await answers(choice)) return false;
  await needDocker();
  await start(choice);
  return true;
}

/** Prepares the deletion of the whole cluster. The lab is deleted with it, so only the state has to be cleaned up. */
async function wholeCluster({ allowDataLoss }: Arguments, choice: ClusterChoice, state: State): Promise<Leaving> {
  if (!profileExists()) {
    say({ en: `There is no cluster ${ownProfile}.`, ko: `${ownProfile} 클러스터가 없습니다.` });
    return { ...nothingToDo, gone: true };
  }
  if (!allowDataLoss) {
    const stopped = await started(choice);
    try {
      await refuseStrangers(choice, state);
    } catch (error) {
      if (stopped) await stop(choice);
      throw error;
    }
  }
  const before = async () => {
    await needDocker();
    await remove(choice);
  };
  return { ...nothingToDo, gone: true, before, nodeImage: nodeImageNames() };
}

/** The namespace of the lab: from the state, or from the settings if a run was interrupted before creating it. */
function namespaceOf({ stack }: Arguments, state: State): string {
  // Those of a class's seats are in the state, too.
  const [namespace] = inState(state, "kubernetes:core/v1:Namespace").filter(({ urn }) =>
    urn.includes(`::${labComponents.kubernetes}$`),
  );
  return namespace?.id ?? settingsOf(stack).kubernetesNamespace;
}

/**
 * Prepares the removal of the Kubernetes lab from a cluster, or the deletion of the whole cluster.
 * @param lab whether the lab is to be removed
 * @throws LabError if the cluster does not answer and may still exist
 */
export async function leaveCluster(args: Arguments, state: State, lab: boolean): Promise<Leaving> {
  if (!lab && !args.cluster) return nothingToDo;
  const choice: ClusterChoice = clusterOf(state) ?? settingsOf(args.stack);
  if (args.cluster) {
    if (isOwn(choice)) return wholeCluster(args, choice, state);
    throw new LabError({
      en: `The cluster of context "${choice.kubeContext}" was not created by this project, so --cluster cannot delete it. Nothing was removed. To remove the labs: npm run destroy`,
      ko: `"${choice.kubeContext}" 컨텍스트의 클러스터는 이 프로젝트에서 만든 것이 아니므로 --cluster로 삭제할 수 없습니다. 아무것도 삭제하지 않았습니다. 실습 환경만 삭제하려면: npm run destroy`,
    });
  }
  const before = async () => (await import("./preflight")).removeClusterStrays(choice, namespaceOf(args, state), state);
  const there = { ...nothingToDo, answers: () => answers(choice), before };
  if (await there.answers()) return { ...there, afterwards: () => Promise.resolve(staying(choice)) };
  if (!isOwn(choice)) {
    if (process.env.PULUMI_K8S_DELETE_UNREACHABLE === "true") return { ...nothingToDo, gone: true };
    throw silent(choice);
  }
  if (profileExists()) {
    const stopped = await started(choice);
    const afterwards = async () => {
      if (stopped) await stop(choice);
      staying(choice);
    };
    return { ...there, afterwards };
  }
  say({
    en: `The cluster ${ownProfile} and everything in it no longer exist. Only their entries in the stack's state are removed.`,
    ko: `${ownProfile} 클러스터와 그 안의 오브젝트가 이미 없습니다. 스택 상태에 남은 기록만 삭제합니다.`,
  });
  return { ...nothingToDo, gone: true };
}

function staying(choice: ClusterChoice): void {
  if (!isOwn(choice)) return;
  say({
    en: `The cluster ${ownProfile} is kept for the next run. To delete it, too: npm run destroy -- --cluster`,
    ko: `${ownProfile} 클러스터는 다음 실행을 위해 남겨 둡니다. 삭제하려면: npm run destroy -- --cluster`,
  });
}

function silent({ kubeContext }: Pick<Settings, "kubeContext">): LabError {
  const once = "PULUMI_K8S_DELETE_UNREACHABLE=true";
  // Works in PowerShell and in cmd, and sets the variable for this run only.
  const gone = process.platform === "win32" ? `cmd /c "set ${once}&& npm run destroy"` : `${once} npm run destroy`;
  return new LabError({
    en: `The cluster of context "${kubeContext}" does not answer, so the Kubernetes lab cannot be removed from it. Nothing was removed. Start it, then run the command again. If it no longer exists: ${gone}`,
    ko: `"${kubeContext}" 컨텍스트의 클러스터가 응답하지 않아 쿠버네티스 실습 환경을 삭제할 수 없습니다. 아무것도 삭제하지 않았습니다. 클러스터를 시작한 뒤 다시 실행하세요. 클러스터가 더 이상 없다면: ${gone}`,
  });
}
