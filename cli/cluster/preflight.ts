import type { V1Namespace } from "@kubernetes/client-node";
import { setTimeout as sleep } from "node:timers/promises";
import { kubernetesLabelKeys } from "../../components/lab-owner";
import { kubernetesNames } from "../../components/names";
import { Settings } from "../../config";
import { LabError, lines } from "../../text";
import { say } from "../language";
import { ownerId, State } from "../stack";
import { ClusterApi, clusterApi, inTime } from "./api";
import { ClusterObjects, clusterProblems } from "./cluster-problems";
import { inState } from "./in-state";
import { ClusterChoice } from "./kubeconfig";

/** What a list holds, or nothing where we may not see it. */
async function itemsOf<T>(list: Promise<{ items: T[] }>): Promise<T[] | undefined> {
  try {
    return (await inTime(list)).items;
  } catch (error) {
    if ((error as { code?: number }).code === 403) return undefined;
    throw error;
  }
}

/** Asks a cluster for all that {@link clusterProblems} looks at. */
async function objectsOf({ core, storage, read }: ClusterApi, settings: Settings): Promise<ClusterObjects> {
  const [name] = kubernetesNames(settings);
  const [nodes, services, pods, storageClasses, namespace] = await Promise.all([
    itemsOf(core.listNode()),
    itemsOf(core.listServiceForAllNamespaces()),
    itemsOf(core.listPodForAllNamespaces()),
    itemsOf(storage.listStorageClass()),
    name && read<V1Namespace>(name),
  ]);
  return { nodes, services, pods, storageClasses, namespace };
}

/** How long a namespace that is being deleted is waited for, in milliseconds. */
const patience = 60_000;

/** Lets a namespace go that is being deleted: nothing can be made in it. @throws LabError when it does not go */
async function settled(api: ClusterApi, settings: Settings): Promise<void> {
  const [name] = kubernetesNames(settings);
  const deadline = Date.now() + patience;
  let told = false;
  for (;;) {
    const namespace = name && (await api.read<V1Namespace>(name));
    if (namespace?.status?.phase !== "Terminating") return;
    if (!told) {
      say({
        en: `Namespace ${name?.name} is still being deleted: waiting …`,
        ko: `네임스페이스 ${name?.name} 을(를) 아직 지우는 중입니다: 기다리는 중 …`,
      });
      told = true;
    }
    if (Date.now() > deadline) {
      const said = (namespace.status.conditions ?? [])
        .filter(({ status }) => status === "True")
        .map(({ message }) => message);
      throw new LabError({
        en: `Namespace ${name?.name} is being deleted and does not go: ${said.join(" ")} Look at what is left (kubectl --context ${settings.kubeContext} get all,pvc --namespace ${name?.name}), then run the command again.`,
        ko: `네임스페이스 ${name?.name} 이(가) 삭제되지 않고 남아 있습니다: ${said.join(" ")} 무엇이 남았는지 확인한 뒤 (kubectl --context ${settings.kubeContext} get all,pvc --namespace ${name?.name}) 명령을 다시 실행하세요.`,
      });
    }
    await sleep(1000);
  }
}

/**
 * Looks for what would stop the Kubernetes lab half-way, before anything is created.
 * @returns objects that carry this stack's label although the state does not know them: a killed run made them
 * @throws LabError that lists every problem with its remedy
 */
export async function clusterPreflight(settings: Settings, state: State): Promise<string[]> {
  const api = clusterApi(settings);
  await settled(api, settings);
  const objects = await objectsOf(api, settings);
  const problems = clusterProblems(objects, settings, state);
  if (problems.length > 0) throw new LabError(lines(problems));
  return objects.namespace ? strays(api, settings, state) : [];
}

/** The lab's objects that are in the cluster although the state does not know them. */
async function unknownObjects(api: ClusterApi, settings: Pick<Settings, "labs" | "kubernetesNamespace">, state: State) {
  const unknown = kubernetesNames(settings).filter(
    ({ type, namespace, name }) =>
      !inState(state, type).some(({ id }) => id === (namespace ? `${namespace}/${name}` : name)),
  );
  const found = await Promise.all(unknown.map(async (name) => ({ name, object: await api.read(name) })));
  return found.flatMap(({ name, object }) =>
    object ? [{ name, ours: object.metadata?.labels?.[kubernetesLabelKeys.id] === ownerId(state) }] : [],
  );
}

/**
 * Removes what a killed run made in the cluster and the state does not know. Otherwise Pulumi would wait for claims that
 * such a run's pods still hold.
 */
export async function removeClusterStrays(
  choice: ClusterChoice,
  kubernetesNamespace: string,
  state: State,
): Promise<void> {
  if (ownerId(state) === undefined) return;
  const api = clusterApi(choice);
  const found = await unknownObjects(api, { labs: ["kubernetes"], kubernetesNamespace }, state);
  for (const { name } of found.filter(({ ours }) => ours)) {
    say({
      en: `Removing ${name.kind} ${name.name}, which a stopped run left behind.`,
      ko: `중단된 실행이 남긴 ${name.kind} ${name.name} 을(를) 지웁니다.`,
    });
    await api.remove(name);
  }
}

/** @throws LabError when an object of the lab's name is in the way that this stack did not make */
async function strays(api: ClusterApi, settings: Settings, state: State): Promise<string[]> {
  const there = await unknownObjects(api, settings, state);
  const foreign = there.filter(({ ours }) => !ours);
  if (foreign.length === 0) return there.map(({ name }) => `${name.kind} ${name.name}`);
  const { kubeContext, kubernetesNamespace } = settings;
  throw new LabError(
    lines(
      foreign.map(({ name: { kind, name } }) => {
        const remove = `kubectl --context ${kubeContext} --namespace ${kubernetesNamespace} delete ${kind.toLowerCase()} ${name}`;
        return {
          en: `${kind} ${name} exists already in namespace ${kubernetesNamespace} and was not made by this stack. Remove it if you do not need it: ${remove}`,
          ko: `네임스페이스 ${kubernetesNamespace} 에 ${kind} ${name} 이(가) 이미 있으며 이 스택이 만든 것이 아닙니다. 필요 없으면 지우세요: ${remove}`,
        };
      }),
    ),
  );
}
