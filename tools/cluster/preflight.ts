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
  const seats = seatPlaces(settings);
  const ofClass = seats.length > 0 ? await classObjects(get, settings) : undefined;
  const problems = [
    ...clusterProblems(objects, settings, state),
    ...(ofClass ? classProblems({ ...objects, ...ofClass }, settings, state) : []),
  ];
  if (problems.length > 0) throw new LabError(lines(problems));
  const begun = ofClass?.namespaces?.some(({ metadata }) =>
    seats.some(({ namespace }) => namespace === metadata?.name),
  );
  return objects.namespace || begun || ofClass?.policy ? strays(await apiOf(settings), settings, state) : [];
}

/** Asks a cluster for what else {@link classProblems} looks at. */
async function classObjects(get: Get, settings: Settings): Promise<ClassObjects> {
  const policy = `/apis/admissionregistration.k8s.io/v1/validatingadmissionpolicies/${classPolicy(settings)}`;
  const [version, namespaces, found, rights] = await Promise.all([
    get<{ major: string; minor: string }>("/version"),
    itemsOf<V1Namespace>(get, "/api/v1/namespaces"),
    unless(403, unless(404, get<KubernetesObject>(policy))),
    mayMake(await apiOf(settings)),
  ]);
  return { version, namespaces, policy: found, lacking: rights };
}

/** What a class is made of that the user of the context may not make. */
async function mayMake({ config }: ClusterApi): Promise<string[]> {
  const [{ AuthorizationV1Api }, { inTime }] = await Promise.all([import("@kubernetes/client-node"), import("./api")]);
  const api = config.makeApiClient(AuthorizationV1Api);
  const wanted: [group: string, resource: string][] = [
    ["", "namespaces"],
    ["", "resourcequotas"],
    ["rbac.authorization.k8s.io", "rolebindings"],
    ["admissionregistration.k8s.io", "validatingadmissionpolicies"],
  ];
  const answers = await Promise.all(
    wanted.map(async ([group, resource]) => {
      const body = { spec: { resourceAttributes: { verb: "create", group, resource } } };
      const { status } = await inTime(api.createSelfSubjectAccessReview({ body }));
      return status?.allowed === false ? [resource] : [];
    }),
  );
  return answers.flat();
}

/** The Kubernetes library, which takes half a second to load, where a question needs it. */
const apiOf = async (choice: ClusterChoice) => (await import("./api")).clusterApi(choice);

/** The lab's objects that are in the cluster although the state does not know them. */
async function unknownObjects(api: ClusterApi, names: readonly KubernetesName[], state: State) {
  const unknown = names.filter(
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
  const names = kubernetesNames({ labs: ["kubernetes"], kubernetesNamespace });
  const found = await unknownObjects(api, [...names, ...(await seatsLeft(api, state))], state);
  for (const { name } of found.filter(({ ours }) => ours)) {
    say({
      en: `Removing ${name.kind} ${name.name}, which a stopped run left behind.`,
      ko: `중단된 실행이 남긴 ${name.kind} ${name.name} 을(를) 지웁니다.`,
    });
    await api.remove(name);
  }
}

/** What the cluster has of this stack's class: its seats' namespaces, with all that is in them, and its rules. */
async function seatsLeft({ core, config }: ClusterApi, state: State): Promise<KubernetesName[]> {
  const [{ AdmissionregistrationV1Api }, { inTime }] = await Promise.all([
    import("@kubernetes/client-node"),
    import("./api"),
  ]);
  const admission = config.makeApiClient(AdmissionregistrationV1Api);
  const labelSelector = `${kubernetesLabelKeys.id}=${ownerId(state)}`;
  const hidden = { items: [] as KubernetesObject[] };
  const list = async (question: Promise<{ items: KubernetesObject[] }>) =>
    ((await unless(404, unless(403, inTime(question)))) ?? hidden).items.map(({ metadata }) => metadata?.name ?? "");
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

/** @throws LabError when an object of the lab's name is in the way that this stack did not make */
async function strays(api: ClusterApi, settings: Settings, state: State): Promise<string[]> {
  const there = await unknownObjects(api, [...kubernetesNames(settings), ...classNames(settings)], state);
  const foreign = there.filter(({ ours }) => !ours);
  if (foreign.length === 0) return there.map(({ name }) => `${name.kind} ${name.name}`);
  const { kubeContext, kubernetesNamespace } = settings;
  throw new LabError(
    lines(
      foreign.map(({ name: { kind, name, namespace = kubernetesNamespace } }) => {
        const remove = `kubectl --context ${kubeContext} --namespace ${namespace} delete ${kind.toLowerCase()} ${name}`;
        return {
          en: `${kind} ${name} exists already in namespace ${namespace} and was not made by this stack. Remove it if you do not need it: ${remove}`,
          ko: `네임스페이스 ${namespace} 에 ${kind} ${name} 이(가) 이미 있으며 이 스택이 만든 것이 아닙니다. 필요 없으면 지우세요: ${remove}`,
        };
      }),
    ),
  );
}
