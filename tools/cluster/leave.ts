import type { V1Namespace } from "@kubernetes/client-node";
import { kubernetesLabelKeys, labComponents } from "../../components/names";
import { ownProfile, Settings } from "../../config";
import { LabError } from "../../text";
import { Arguments } from "../terminal/arguments";
import { say } from "../terminal/language";
import { settingsOf } from "../stack/settings";
import { ownerId, State } from "../stack/stack";
import { toolchain } from "../install/toolchain";
import { clusterOf, inState } from "./in-state";
import { ClusterChoice } from "./kubeconfig";
import { look } from "./look";
import { nodeImageNames, profileExists, remove, start, stop } from "./minikube";
import { isOwn } from "./running";

/** How the Kubernetes lab goes. */
export interface Leaving {
  /** Whether its cluster is gone, so that only the state is left to be cleared. */
  gone: boolean;
  /** What is to be done before the labs are removed, when nothing speaks against it. */
  before: () => Promise<void>;
  /** What is left to do when the labs are removed. */
  afterwards: () => Promise<void>;
  /** What Docker may call the image that the node of a removed cluster was made of. */
  nodeImage: string[];
}

const nothing = () => Promise.resolve();
const nothingToDo: Leaving = { gone: false, before: nothing, afterwards: nothing, nodeImage: [] };
const answers = async (choice: ClusterChoice) => (await look({ ...choice, kubeNode: choice.kubeContext })).answers;

/** Kubernetes' own and those of minikube's addons. */
const systemNamespaces = [
  ...["default", "kube-system", "kube-public", "kube-node-lease", "local-path-storage"],
  ...["kubernetes-dashboard", "ingress-nginx", "metallb-system"],
];

/**
 * What somebody made in a cluster that is to be removed: namespaces other than Kubernetes' own and this stack's, and
 * pods and claims in the namespace that is there for everyone.
 */
export function strangers(
  namespaces: readonly V1Namespace[],
  inDefault: readonly { kind: string; name: string }[],
  owner: string | undefined,
): string[] {
  const foreign = namespaces.filter(
    ({ metadata }) =>
      !systemNamespaces.includes(metadata?.name ?? "") &&
      (owner === undefined || metadata?.labels?.[kubernetesLabelKeys.id] !== owner),
  );
  return [
    ...foreign.map(({ metadata }) => {
      const stack = metadata?.labels?.[kubernetesLabelKeys.stack];
      return `namespace ${metadata?.name}${stack ? ` (stack ${stack})` : ""}`;
    }),
    ...inDefault.map(({ kind, name }) => `${kind} ${name}`),
  ];
}

/** @throws LabError that lists what would be lost with the cluster */
async function refuseStrangers(choice: ClusterChoice, state: State): Promise<void> {
  const { clusterApi, inTime } = await import("./api");
  const { core } = clusterApi(choice);
  const [namespaces, pods, claims] = await Promise.all([
    inTime(core.listNamespace()),
    inTime(core.listNamespacedPod({ namespace: "default" })),
    inTime(core.listNamespacedPersistentVolumeClaim({ namespace: "default" })),
  ]);
  const named = (kind: string, { items }: { items: { metadata?: { name?: string } }[] }) =>
    items.map(({ metadata }) => ({ kind, name: metadata?.name ?? "" }));
  const found = strangers(namespaces.items, [...named("pod", pods), ...named("claim", claims)], ownerId(state));
  if (found.length === 0) return;
  throw new LabError({
    en: `Nothing was removed, because the cluster ${ownProfile} also has: ${found.join(", ")}. Remove that first, or lose it: npm run destroy -- --cluster --allow-data-loss. To remove only the labs: npm run destroy`,
    ko: `아무것도 지우지 않았습니다. ${ownProfile} 클러스터에 다음이 더 있습니다: ${found.join(", ")}. 먼저 지우거나, 잃어도 괜찮으면: npm run destroy -- --cluster --allow-data-loss. 실습만 지우려면: npm run destroy`,
  });
}

/** The cluster of the labs runs, started here for its lab's sake where it was stopped. */
async function started(choice: ClusterChoice): Promise<boolean> {
  if (await answers(choice)) return false;
  await toolchain({ labs: [], images: [], docker: true });
  await start(choice);
  return true;
}

/**
 * Sees to it that a cluster can be removed whole; the lab in it needs no removing of its own, only the state has to
 * hear of it.
 */
async function wholeCluster({ allowDataLoss }: Arguments, choice: ClusterChoice, state: State): Promise<Leaving> {
  if (!profileExists()) {
    say({ en: `There is no cluster ${ownProfile}.`, ko: `${ownProfile} 클러스터가 없습니다.` });
    return { ...nothingToDo, gone: true };
  }
  const stopped = !allowDataLoss && (await started(choice));
  if (!allowDataLoss) {
    try {
      await refuseStrangers(choice, state);
    } catch (error) {
      if (stopped) await stop(choice);
      throw error;
    }
  }
  const before = async () => {
    await toolchain({ labs: [], images: [], docker: true });
    await remove(choice);
  };
  return { ...nothingToDo, gone: true, before, nodeImage: nodeImageNames() };
}

/** The lab's namespace: the one in the state, or where a killed run did not get so far, that of the settings. */
function namespaceOf({ stack }: Arguments, state: State): string {
  // Those of a class's seats are in the state, too.
  const [namespace] = inState(state, "kubernetes:core/v1:Namespace").filter(({ urn }) =>
    urn.includes(`::${labComponents.kubernetes}$`),
  );
  return namespace?.id ?? settingsOf(stack).kubernetesNamespace;
}

/**
 * Gets a cluster ready for the Kubernetes lab to be removed from it, or removes it whole.
 * @param lab whether the stack has the lab, and it is to go
 * @throws LabError where the cluster cannot be reached and may not be gone
 */
export async function leaveCluster(args: Arguments, state: State, lab: boolean): Promise<Leaving> {
  if (!lab && !args.cluster) return nothingToDo;
  const choice: ClusterChoice = clusterOf(state) ?? settingsOf(args.stack);
  if (args.cluster) {
    if (!isOwn(choice)) throw notOurs(choice);
    return wholeCluster(args, choice, state);
  }
  const before = async () => (await import("./preflight")).removeClusterStrays(choice, namespaceOf(args, state), state);
  if (await answers(choice)) return { ...nothingToDo, before, afterwards: () => Promise.resolve(staying(choice)) };
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
    return { ...nothingToDo, before, afterwards };
  }
  say({
    en: `The cluster ${ownProfile} is gone, and with it all that was in it: only the stack's notes of it are removed.`,
    ko: `${ownProfile} 클러스터와 그 안의 모든 것이 이미 없습니다: 스택에 남은 기록만 지웁니다.`,
  });
  return { ...nothingToDo, gone: true };
}

/** Says that a cluster that was made for the lab is still there. */
function staying(choice: ClusterChoice): void {
  if (!isOwn(choice)) return;
  say({
    en: `The cluster ${ownProfile} stays for the next time. Remove it, too: npm run destroy -- --cluster`,
    ko: `${ownProfile} 클러스터는 다음을 위해 남겨 둡니다. 지우려면: npm run destroy -- --cluster`,
  });
}

function notOurs({ kubeContext }: Pick<Settings, "kubeContext">): LabError {
  return new LabError({
    en: `The cluster of context "${kubeContext}" was not made by this project, so --cluster does not remove it. Nothing was removed. To remove the labs: npm run destroy`,
    ko: `"${kubeContext}" 컨텍스트의 클러스터는 이 프로젝트가 만들지 않아 --cluster 로 지우지 않습니다. 아무것도 지우지 않았습니다. 실습만 지우려면: npm run destroy`,
  });
}

function silent({ kubeContext }: Pick<Settings, "kubeContext">): LabError {
  const once = "PULUMI_K8S_DELETE_UNREACHABLE=true";
  // For PowerShell and cmd alike, and for this run only.
  const gone = process.platform === "win32" ? `cmd /c "set ${once}&& npm run destroy"` : `${once} npm run destroy`;
  return new LabError({
    en: `The cluster of context "${kubeContext}" does not answer, so the Kubernetes lab cannot be removed from it. Nothing was removed. Start it, then run the command again. If it no longer exists: ${gone}`,
    ko: `"${kubeContext}" 컨텍스트의 클러스터가 응답하지 않아 쿠버네티스 실습을 지울 수 없습니다. 아무것도 지우지 않았습니다. 클러스터를 시작한 뒤 다시 실행하세요. 클러스터가 이미 없다면: ${gone}`,
  });
}
