import type { V1Namespace, V1Node, V1Pod, V1Service, V1StorageClass } from "@kubernetes/client-node";
import { setTimeout as sleep } from "node:timers/promises";
import { kubernetesLabelKeys } from "../../components/names";
import { kubernetesNames } from "../../components/names";
import { Settings } from "../../config";
import { LabError, lines } from "../../text";
import { say } from "../terminal/language";
import { ownerId, State } from "../stack/stack";
import type { ClusterApi } from "./api";
import { ClusterObjects, clusterProblems } from "./cluster-problems";
import { unless } from "./answers";
import { Get, readerOf } from "./get";
import { inState } from "./in-state";
import { ClusterChoice } from "./kubeconfig";

/** What a list holds, or nothing where we may not see it. */
const itemsOf = async <T>(get: Get, path: string) => (await unless(403, get<{ items: T[] }>(path)))?.items;

/** The lab's namespace, if there is one. */
const namespaceOf = (get: Get, { kubernetesNamespace }: Settings) =>
  unless(404, get<V1Namespace>(`/api/v1/namespaces/${kubernetesNamespace}`));

/** Asks a cluster for all that {@link clusterProblems} looks at. */
async function objectsOf(get: Get, settings: Settings): Promise<ClusterObjects> {
  const [nodes, services, pods, storageClasses, namespace] = await Promise.all([
    itemsOf<V1Node>(get, "/api/v1/nodes"),
    itemsOf<V1Service>(get, "/api/v1/services"),
    itemsOf<V1Pod>(get, "/api/v1/pods"),
    itemsOf<V1StorageClass>(get, "/apis/storage.k8s.io/v1/storageclasses"),
    namespaceOf(get, settings),
  ]);
  return { nodes, services, pods, storageClasses, namespace };
}

/** How long a namespace that is being deleted is waited for, in milliseconds. */
const patience = 60_000;

/** Lets a namespace go that is being deleted: nothing can be made in it. @throws LabError when it does not go */
async function settled(get: Get, settings: Settings): Promise<void> {
  const { kubeContext, kubernetesNamespace: name } = settings;
  const deadline = Date.now() + patience;
  let told = false;
  for (;;) {
    const namespace = await namespaceOf(get, settings);
    if (namespace?.status?.phase !== "Terminating") return;
    if (!told) {
      say({
        en: `Namespace ${name} is still being deleted: waiting …`,
        ko: `네임스페이스 ${name} 을(를) 아직 지우는 중입니다: 기다리는 중 …`,
      });
      told = true;
    }
    if (Date.now() > deadline) {
      const said = (namespace.status.conditions ?? [])
        .filter(({ status }) => status === "True")
        .map(({ message }) => message);
      throw new LabError({
        en: `Namespace ${name} is being deleted and does not go: ${said.join(" ")} Look at what is left (kubectl --context ${kubeContext} get all,pvc --namespace ${name}), then run the command again.`,
        ko: `네임스페이스 ${name} 이(가) 삭제되지 않고 남아 있습니다: ${said.join(" ")} 무엇이 남았는지 확인한 뒤 (kubectl --context ${kubeContext} get all,pvc --namespace ${name}) 명령을 다시 실행하세요.`,
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
  const get = await readerOf(settings);
  if (!get) throw new Error(`the kubeconfig has no context ${settings.kubeContext}`);
  await settled(get, settings);
  const objects = await objectsOf(get, settings);
  const problems = clusterProblems(objects, settings, state);
  if (problems.length > 0) throw new LabError(lines(problems));
  return objects.namespace ? strays(await apiOf(settings), settings, state) : [];
}

/** The Kubernetes library, which takes half a second to load, where a question needs it. */
const apiOf = async (choice: ClusterChoice) => (await import("./api")).clusterApi(choice);

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
  const api = await apiOf(choice);
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
