import type { KubernetesObject, V1Namespace, V1Node, V1Pod, V1Service, V1StorageClass } from "@kubernetes/client-node";
import { setTimeout as sleep } from "node:timers/promises";
import {
  admissionApi,
  classNames,
  classPolicy,
  kubernetesLabelKeys,
  KubernetesName,
  kubernetesNames,
  objectNamed,
  seatKeys,
  seatPlaces,
} from "../../components/names";
import { Settings } from "../../config";
import { LabError, lines } from "../../text";
import { say } from "../terminal/language";
import { ownerId, State } from "../stack/stack";
import type { ClusterApi } from "./api";
import { ClassObjects, classProblems } from "./class-problems";
import { ClusterObjects, clusterProblems, foreign, isOurs } from "./cluster-problems";
import { inTime, unless } from "./answers";
import { Get, readerOf } from "./get";
import { missing } from "./in-state";
import { ClusterChoice } from "./kubeconfig";

/** The items of a list; undefined if the user has no permission to read it. */
const itemsOf = async <T>(get: Get, path: string) => (await unless(403, get<{ items: T[] }>(path)))?.items;

/** An object; undefined if there is none, or the user has no permission to read it. */
const objectOf = <T>(get: Get, path: string) => unless(403, unless(404, get<T>(path)));

const namespaceOf = (get: Get, { kubernetesNamespace }: Settings) =>
  objectOf<V1Namespace>(get, `/api/v1/namespaces/${kubernetesNamespace}`);

async function objectsOf(get: Get, settings: Settings, ofClass: boolean): Promise<ClusterObjects> {
  const rules = `/apis/admissionregistration.k8s.io/v1/validatingadmissionpolicies/${classPolicy(settings)}`;
  const [nodes, services, pods, storageClasses, namespace, namespaces, policy] = await Promise.all([
    itemsOf<V1Node>(get, "/api/v1/nodes"),
    itemsOf<V1Service>(get, "/api/v1/services"),
    itemsOf<V1Pod>(get, "/api/v1/pods"),
    itemsOf<V1StorageClass>(get, "/apis/storage.k8s.io/v1/storageclasses"),
    namespaceOf(get, settings),
    ofClass ? itemsOf<V1Namespace>(get, "/api/v1/namespaces") : undefined,
    ofClass ? objectOf<KubernetesObject>(get, rules) : undefined,
  ]);
  return { nodes, services, pods, storageClasses, namespace, namespaces, policy };
}

/** How long to wait for the deletion of a namespace, in milliseconds. */
const patience = 60_000;

/** Waits if the namespace is being deleted, because nothing can be created in it. @throws LabError after a timeout */
async function settled(get: Get, settings: Settings): Promise<void> {
  const { kubeContext, kubernetesNamespace: name } = settings;
  const deadline = performance.now() + patience;
  const terminating = async () => {
    const namespace = await namespaceOf(get, settings);
    return namespace?.status?.phase === "Terminating" ? namespace.status : undefined;
  };
  let status = await terminating();
  if (!status) return;
  say({
    en: `Waiting until namespace ${name} has been deleted …`,
    ko: `${name} 네임스페이스의 삭제가 끝나기를 기다리는 중 …`,
  });
  for (; status; status = await terminating()) {
    if (performance.now() > deadline) {
      const said = (status.conditions ?? []).filter(({ status }) => status === "True").map(({ message }) => message);
      throw new LabError({
        en: `Namespace ${name} is stuck in Terminating: ${said.join(" ")} Check what is left in it (kubectl --context ${kubeContext} get all,pvc --namespace ${name}), then run the command again.`,
        ko: `${name} 네임스페이스의 삭제가 끝나지 않습니다(Terminating 상태): ${said.join(" ")} 무엇이 남아 있는지 확인한 뒤(kubectl --context ${kubeContext} get all,pvc --namespace ${name}) 명령을 다시 실행하세요.`,
      });
    }
    await sleep(1000);
  }
}

/**
 * Finds everything that would make the deployment of the Kubernetes lab fail, before anything is created.
 * @returns objects with the label of this stack that are missing in the state: an interrupted run created them
 * @throws LabError that lists all problems with their remedies
 */
export async function clusterPreflight(settings: Settings, state: State): Promise<string[]> {
  const get = await readerOf(settings);
  if (!get) throw new Error(`the kubeconfig has no context ${settings.kubeContext}`);
  await settled(get, settings);
  const seats = seatPlaces(settings);
  const objects = await objectsOf(get, settings, seats.length > 0);
  const { namespace, namespaces = [], policy, pods } = objects;
  const ofClass = async (): Promise<ClassObjects> => ({
    version: await get("/version"),
    lacking: await mayNotMake(await apiOf(settings)),
    pods,
  });
  const problems = [
    ...clusterProblems(objects, settings, state),
    ...(seats.length > 0 ? classProblems(await ofClass(), settings) : []),
  ];
  if (problems.length > 0) throw new LabError(lines(problems));
  const begun = namespaces.some(({ metadata }) => seats.some((seat) => seat.namespace === metadata?.name));
  return namespace || begun || policy ? strays(await apiOf(settings), settings, state) : [];
}

async function mayNotMake({ authorization }: ClusterApi): Promise<string[]> {
  const wanted: [group: string, resource: string][] = [
    ["", "namespaces"],
    ["", "resourcequotas"],
    ["rbac.authorization.k8s.io", "rolebindings"],
    ["admissionregistration.k8s.io", "validatingadmissionpolicies"],
  ];
  const answers = await Promise.all(
    wanted.map(async ([group, resource]) => {
      const body = { spec: { resourceAttributes: { verb: "create", group, resource } } };
      const { status } = await inTime(authorization.createSelfSubjectAccessReview({ body }));
      return status?.allowed === false ? [resource] : [];
    }),
  );
  return answers.flat();
}

/** Loads the Kubernetes library, which takes half a second. */
const apiOf = async (choice: ClusterChoice) => (await import("./api")).clusterApi(choice);

/** How many objects to ask for at the same time: a class has thousands, and the cluster has to answer each in time. */
const atOnce = 50;

/** The objects of the lab and of a class in the cluster that are missing in the state. */
async function unknownObjects(api: ClusterApi, names: readonly KubernetesName[], state: State) {
  const unknown = missing(names, state);
  const ask = async (name: KubernetesName) => ({ name, object: await api.read(name) });
  const found: Awaited<ReturnType<typeof ask>>[] = [];
  for (let i = 0; i < unknown.length; i += atOnce) {
    found.push(...(await Promise.all(unknown.slice(i, i + atOnce).map(ask))));
  }
  return found.flatMap(({ name, object }) => (object ? [{ name, labels: object.metadata?.labels }] : []));
}

/** Deletes what an interrupted run left: otherwise Pulumi would wait for PVCs that are still used by pods of that run. */
export async function removeClusterStrays(
  choice: ClusterChoice,
  kubernetesNamespace: string,
  state: State,
): Promise<void> {
  if (ownerId(state) === undefined) return;
  const api = await apiOf(choice);
  const names = kubernetesNames({ labs: ["kubernetes"], kubernetesNamespace });
  const found = await unknownObjects(api, [...names, ...(await seatsLeft(api, state))], state);
  for (const { name } of found.filter(({ labels }) => isOurs(labels, state))) {
    say({
      en: `Removing ${name.kind} ${name.name}, left by an interrupted run.`,
      ko: `중단된 실행에서 남은 오브젝트를 삭제합니다: ${name.kind} ${name.name}`,
    });
    await api.remove(name);
  }
}

/** The objects of this stack's class in the cluster: its seats' namespaces with everything in them, and its rules. */
async function seatsLeft({ core, admission }: ClusterApi, state: State): Promise<KubernetesName[]> {
  const labelSelector = `${kubernetesLabelKeys.id}=${ownerId(state)}`;
  const list = async (question: Promise<{ items: KubernetesObject[] }>) =>
    (await unless(404, unless(403, inTime(question))))?.items.map(({ metadata }) => metadata?.name ?? "") ?? [];
  const [namespaces, bindings, policies] = await Promise.all([
    list(core.listNamespace({ labelSelector: `${labelSelector},${seatKeys.seat}` })),
    list(admission.listValidatingAdmissionPolicyBinding({ labelSelector })),
    list(admission.listValidatingAdmissionPolicy({ labelSelector })),
  ]);
  return [
    ...namespaces.map((name) => objectNamed("v1", "Namespace", name)),
    ...bindings.map((name) => objectNamed(admissionApi, "ValidatingAdmissionPolicyBinding", name)),
    ...policies.map((name) => objectNamed(admissionApi, "ValidatingAdmissionPolicy", name)),
  ];
}

/** @throws LabError if there are objects with the same names that this stack did not create */
async function strays(api: ClusterApi, settings: Settings, state: State): Promise<string[]> {
  const there = await unknownObjects(api, [...kubernetesNames(settings), ...classNames(settings)], state);
  const others = there.filter(({ labels }) => !isOurs(labels, state));
  if (others.length === 0) return there.map(({ name }) => `${name.kind} ${name.name}`);
  const problems = others.map(({ labels, name: { kind, name, namespace = settings.kubernetesNamespace } }) => {
    const remove = `kubectl --context ${settings.kubeContext} --namespace ${namespace} delete`;
    return foreign(`${kind} ${namespace}/${name}`, labels, `${remove} ${kind.toLowerCase()} ${name}`);
  });
  throw new LabError(lines(problems));
}
