import type { KubernetesObject, V1Namespace, V1Node, V1Pod, V1Service, V1StorageClass } from "@kubernetes/client-node";
import { quantity } from "../../config/quantity";
import { kubernetesLabelKeys, seatPlaces } from "../../components/names";
import { podMemory } from "../../components/wordpress-app";
import { project, Settings } from "../../config";
import { storageRemedy } from "../causes/remedies";
import { isDefaultClass } from "../causes/storage";
import { Text } from "../../text";
import { ownerId, State } from "../stack/stack";
import { claimProblems } from "../stack/stored";
import { inState } from "./in-state";

/** Whether an object with these labels belongs to this stack. */
export function isOurs(labels: Record<string, string> | undefined, state: State): boolean {
  const owner = ownerId(state);
  return owner !== undefined && labels?.[kubernetesLabelKeys.id] === owner;
}

/** The objects that decide whether the lab can be created; a list is undefined if the user has no permission to read it. */
export interface ClusterObjects {
  nodes?: V1Node[];
  services?: V1Service[];
  pods?: V1Pod[];
  storageClasses?: V1StorageClass[];
  namespace?: V1Namespace;
  /** All namespaces, for a class. */
  namespaces?: V1Namespace[];
  /** Existing rules with the name of this class. */
  policy?: KubernetesObject;
}

function nodeProblems({ nodes }: ClusterObjects, { kubeNode, kubeContext }: Settings): Text | Text[] {
  const names = nodes?.map(({ metadata }) => metadata?.name);
  if (!names || names.includes(kubeNode)) return [];
  return {
    en: `Setting ${project}:kubeNode is "${kubeNode}", but the cluster of context "${kubeContext}" has no such node. Available nodes: ${names.join(", ")}. For example ${project}:kubeNode: ${names[0]}`,
    ko: `${project}:kubeNode 설정의 값이 "${kubeNode}"인데, "${kubeContext}" 컨텍스트의 클러스터에 이 노드가 없습니다. 사용할 수 있는 노드: ${names.join(", ")}. 예: ${project}:kubeNode: ${names[0]}`,
  };
}

function portProblems({ services = [] }: ClusterObjects, settings: Settings, state: State): Text | Text[] {
  const { nodePort, kubernetesNamespace } = settings;
  const seats = seatPlaces(settings);
  const from = (start: number) => [start, ...seats.map((_, i) => start + 1 + i)];
  const portsOf = ({ spec }: V1Service) => (spec?.ports ?? []).map((port) => port.nodePort);
  // Includes objects of this stack in another namespace: they will be deleted, unless data loss is refused.
  const ours = ({ metadata }: V1Service) =>
    (metadata?.namespace === kubernetesNamespace && metadata.name === "wordpress") ||
    seats.some(({ namespace }) => namespace === metadata?.namespace) ||
    isOurs(metadata?.labels, state);
  const taken = (one: V1Service) => from(nodePort).find((port) => portsOf(one).includes(port));
  const holder = services.find((one) => taken(one) !== undefined && !ours(one));
  if (!holder) return [];
  const used = services.flatMap(portsOf);
  const after = Array.from({ length: 32767 - nodePort }, (_, i) => nodePort + 1 + i);
  const free = after.find((start) => from(start).every((port) => port <= 32767 && !used.includes(port))) ?? 30100;
  const range = seats.length > 0 ? `–${nodePort + seats.length}` : "";
  const name = `${holder.metadata?.namespace}/${holder.metadata?.name}`;
  return {
    en: `Setting ${project}:nodePort is ${nodePort}${range && ` (with the seats: ${nodePort}${range})`}, but the Service ${name} in the cluster already uses port ${taken(holder)}. Choose another one, for example ${project}:nodePort: ${free}, or delete this Service.`,
    ko: `${project}:nodePort 설정의 값이 ${nodePort}인데${range && `(자리까지 포함하면 ${nodePort}${range})`}, 클러스터의 ${name} 서비스가 ${taken(holder)}번 포트를 사용하고 있습니다. 다른 포트를 지정하거나(예: ${project}:nodePort: ${free}) 그 서비스를 삭제하세요.`,
  };
}

/** Objects with names of the lab or the class that this stack did not create. */
function nameProblems(
  { namespace, namespaces = [], policy }: ClusterObjects,
  settings: Settings,
  state: State,
): Text[] {
  const { kubernetesNamespace, kubeContext } = settings;
  const seats = seatPlaces(settings).map((seat) => seat.namespace);
  const known = inState(state, "kubernetes:core/v1:Namespace").map(({ id }) => id);
  const found = [
    ...[namespace, ...namespaces.filter(({ metadata }) => seats.includes(metadata?.name ?? ""))]
      .filter((one) => one && !known.includes(one.metadata?.name))
      .map((object) => ({ kind: "namespace", object })),
    { kind: "ValidatingAdmissionPolicy", object: policy },
  ];
  return found.flatMap(({ kind, object }): Text[] => {
    const { name = "", labels } = object?.metadata ?? {};
    if (!object || isOurs(labels, state)) return [];
    const setting = name === kubernetesNamespace ? `kubernetesNamespace: my-${name}` : "prefix: b-";
    const another = `${project}:${setting}`.slice(0, 80);
    return [foreign(`${kind} ${name}`, labels, `kubectl --context ${kubeContext} delete ${kind} ${name}`, another)];
  });
}

/** An object in the way of this stack. @param remove command that deletes it @param another setting with another name */
export function foreign(what: string, labels: Record<string, string> = {}, remove: string, another?: string): Text {
  const [stack, id] = [labels[kubernetesLabelKeys.stack], labels[kubernetesLabelKeys.id]];
  const [en, ko] = stack
    ? [
        `belongs to another stack of this project (${stack}, id ${id}). Destroy that stack in the folder where it was created (npm run destroy)`,
        `이 프로젝트의 다른 스택(${stack}, id ${id})에서 만들었습니다. 그 스택을 만든 폴더에서 삭제하세요(npm run destroy)`,
      ]
    : ["was not created by this stack", "이 스택에서 만들지 않았습니다"];
  return {
    en: `The ${what} already exists and ${en}.${another ? ` Choose another name, for example ${another}.` : ""} If nobody needs it, delete it: ${remove} (this deletes the data stored in it).`,
    ko: `같은 이름의 오브젝트가 이미 있습니다: ${what}. ${ko}.${another ? ` 다른 이름을 지정하세요. 예: ${another}.` : ""} 아무도 쓰지 않으면 삭제해도 됩니다: ${remove} (저장된 데이터가 삭제됩니다).`,
  };
}

function storageProblems({ storageClasses }: ClusterObjects, { kubeContext }: Settings, state: State): Text | Text[] {
  const claims = inState(state, "kubernetes:core/v1:PersistentVolumeClaim");
  if (!storageClasses || storageClasses.some(isDefaultClass) || claims.length >= 2) return [];
  const next = storageRemedy(kubeContext, storageClasses[0]?.metadata?.name);
  return {
    en: `The cluster has no default storage class, so no volumes can be created for MySQL and WordPress. ${next.en}`,
    ko: `클러스터에 기본 스토리지 클래스가 없어 MySQL과 WordPress가 사용할 볼륨을 만들 수 없습니다. ${next.ko}`,
  };
}

/** A lab that the cluster has no memory for; what this stack already has in it does not count twice. */
function memoryProblems({ nodes, pods }: ClusterObjects, settings: Settings): Text | Text[] {
  if (!nodes || !pods) return [];
  const seats = settings.seatLab ? seatPlaces(settings) : [];
  const own = [settings.kubernetesNamespace, ...seats.map(({ namespace }) => namespace)];
  const sum = (texts: (string | undefined)[]) => texts.reduce((all, text) => all + (quantity(text ?? "0") ?? 0), 0);
  const open = nodes.filter(({ spec }) => !spec?.unschedulable);
  const others = pods.filter(
    ({ metadata, spec, status }) =>
      open.some((node) => node.metadata?.name === spec?.nodeName) &&
      !["Succeeded", "Failed"].includes(status?.phase ?? "") &&
      !own.includes(metadata?.namespace ?? ""),
  );
  const free =
    sum(open.map(({ status }) => status?.allocatable?.memory)) -
    sum(others.flatMap(({ spec }) => spec?.containers ?? []).map(({ resources }) => resources?.requests?.memory));
  const each = sum(Object.values(podMemory).map(({ request }) => request));
  // One lab is the teacher's own.
  const need = each * (1 + seats.length);
  if (free >= need) return [];
  const mib = (bytes: number) => Math.max(0, Math.floor(bytes / 2 ** 20));
  const list = `kubectl --context ${settings.kubeContext} get pods --all-namespaces`;
  const fit = Math.max(0, Math.floor(free / each) - 1);
  const [en, ko] =
    seats.length > 0
      ? [
          ` There is room for ${fit} of the ${seats.length} seats: set fewer ${project}:seats, or let the students create the lab (${project}:seatLab: false).`,
          ` 자리 ${seats.length}개 중 ${fit}개만 들어갑니다. ${project}:seats 설정에서 자리를 줄이거나 학생이 직접 실습을 만들게 하세요(${project}:seatLab: false).`,
        ]
      : ["", ""];
  return {
    en: `The cluster has too little memory: ${mib(free)} MiB are available for pods, but WordPress and MySQL request ${mib(need)} MiB. Delete other pods (${list} lists them), or use a larger cluster.${en}`,
    ko: `클러스터의 메모리가 부족합니다. 파드에 할당할 수 있는 메모리는 ${mib(free)}MiB인데, WordPress와 MySQL은 ${mib(need)}MiB를 요청합니다. 실행 중인 다른 파드를 삭제하거나(목록: ${list}) 더 큰 클러스터를 쓰세요.${ko}`,
  };
}

/** Finds everything that would make the deployment of the Kubernetes lab fail, with the remedies. */
export function clusterProblems(objects: ClusterObjects, settings: Settings, state: State): Text[] {
  return [
    nodeProblems(objects, settings),
    portProblems(objects, settings, state),
    nameProblems(objects, settings, state),
    storageProblems(objects, settings, state),
    claimProblems(settings, state, objects.storageClasses),
    memoryProblems(objects, settings),
  ].flat();
}
