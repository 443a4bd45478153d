import type { V1Namespace, V1Node, V1Pod, V1Service, V1StorageClass } from "@kubernetes/client-node";
import { quantity } from "../../config/quantity";
import { kubernetesLabelKeys } from "../../components/names";
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

const memory = (text = "0") => quantity(text) ?? 0;

/** The objects that decide whether the lab can be created; a list is undefined if the user has no permission to read it. */
export interface ClusterObjects {
  nodes?: V1Node[];
  services?: V1Service[];
  pods?: V1Pod[];
  storageClasses?: V1StorageClass[];
  namespace?: V1Namespace;
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
  // Includes objects of this stack in another namespace: they will be deleted, unless data loss is refused.
  const ours = ({ metadata }: V1Service) =>
    (metadata?.namespace === kubernetesNamespace && metadata.name === "wordpress") || isOurs(metadata?.labels, state);
  const holder = services.find(
    (service) => (service.spec?.ports ?? []).some((port) => port.nodePort === nodePort) && !ours(service),
  );
  if (!holder) return [];
  const used = new Set(services.flatMap(({ spec }) => (spec?.ports ?? []).map((port) => port.nodePort)));
  const free = [1, 2, 3, 4, 5, -1, -2, -3]
    .map((step) => nodePort + step)
    .find((p) => p >= 30000 && p <= 32767 && !used.has(p));
  const name = `${holder.metadata?.namespace}/${holder.metadata?.name}`;
  return {
    en: `Setting ${project}:nodePort is ${nodePort}, but the Service ${name} in the cluster already uses this port. Choose another one, for example ${project}:nodePort: ${free}, or delete this Service.`,
    ko: `${project}:nodePort 설정의 값이 ${nodePort}인데, 클러스터의 ${name} 서비스가 이 포트를 사용하고 있습니다. 다른 포트를 지정하거나(예: ${project}:nodePort: ${free}) 그 서비스를 삭제하세요.`,
  };
}

function namespaceProblems({ namespace }: ClusterObjects, settings: Settings, state: State): Text | Text[] {
  const { kubernetesNamespace: name, kubeContext } = settings;
  if (!namespace || inState(state, "kubernetes:core/v1:Namespace").some(({ id }) => id === name)) return [];
  const labels = namespace.metadata?.labels ?? {};
  if (isOurs(labels, state)) return [];
  const [stack, id] = [labels[kubernetesLabelKeys.stack], labels[kubernetesLabelKeys.id]];
  const remove = `kubectl --context ${kubeContext} delete namespace ${name}`;
  const another = `${project}:kubernetesNamespace: my-${name}`.slice(0, 80);
  return stack
    ? {
        en: `Namespace ${name} belongs to another stack of this project (${stack}, id ${id}). Destroy that stack in the folder where it was created (npm run destroy), or give this stack another namespace and port, for example ${another}. If that stack no longer exists: ${remove} (this deletes the data stored in it)`,
        ko: `이 프로젝트의 다른 스택(${stack}, id ${id})에서 ${name} 네임스페이스를 사용하고 있습니다. 그 스택을 만든 폴더에서 삭제하거나(npm run destroy), 이 스택에 다른 네임스페이스와 포트를 지정하세요. 예: ${another}. 그 스택이 더 이상 없다면: ${remove} (저장된 데이터가 삭제됩니다)`,
      }
    : {
        en: `Setting ${project}:kubernetesNamespace is "${name}", but this namespace already exists and was not created by this stack. Choose another one, for example ${another}. Or delete it if you do not need it: ${remove} (this deletes the data stored in it)`,
        ko: `${project}:kubernetesNamespace 설정의 값이 "${name}"인데, 이 스택에서 만들지 않은 같은 이름의 네임스페이스가 이미 있습니다. 다른 이름을 지정하세요. 예: ${another}. 그 네임스페이스가 필요 없으면 삭제해도 됩니다: ${remove} (저장된 데이터가 삭제됩니다)`,
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

const requested = ({ spec }: V1Pod) =>
  (spec?.containers ?? []).reduce((sum, { resources }) => sum + memory(resources?.requests?.memory), 0);

/** The memory in bytes that each schedulable node has left for more pods, given these. */
export function freeMemory(nodes: readonly V1Node[], pods: readonly V1Pod[]): number[] {
  const running = pods.filter(({ status }) => !["Succeeded", "Failed"].includes(status?.phase ?? ""));
  return nodes
    .filter(({ spec }) => !spec?.unschedulable)
    .map(({ metadata, status }) =>
      running
        .filter(({ spec }) => spec?.nodeName === metadata?.name)
        .reduce((left, pod) => left - requested(pod), memory(status?.allocatable?.memory)),
    );
}

export const labRequests = () => Object.values(podMemory).map(({ request }) => memory(request));

function memoryProblems({ nodes, pods }: ClusterObjects, settings: Settings): Text | Text[] {
  if (!nodes || !pods) return [];
  const others = pods.filter(({ metadata }) => metadata?.namespace !== settings.kubernetesNamespace);
  const free = freeMemory(nodes, others);
  const wanted = labRequests();
  const left = [...free];
  const fits = wanted
    .sort((a, b) => b - a)
    .every((bytes) => {
      const roomiest = left.indexOf(Math.max(...left));
      if (roomiest < 0 || (left[roomiest] as number) < bytes) return false;
      left[roomiest] = (left[roomiest] as number) - bytes;
      return true;
    });
  if (fits) return [];
  const mib = (bytes: number) => Math.max(0, Math.floor(bytes / 2 ** 20));
  const need = mib(wanted.reduce((a, b) => a + b, 0));
  const have = mib(Math.max(0, ...free));
  return {
    en: `The cluster has too little memory: ${have} MiB are available for pods, but WordPress and MySQL request ${need} MiB. Delete other pods (kubectl --context ${settings.kubeContext} get pods --all-namespaces lists them), or use a larger cluster.`,
    ko: `클러스터의 메모리가 부족합니다. 파드에 할당할 수 있는 메모리는 ${have}MiB인데, WordPress와 MySQL은 ${need}MiB를 요청합니다. 실행 중인 다른 파드를 삭제하거나(목록: kubectl --context ${settings.kubeContext} get pods --all-namespaces) 더 큰 클러스터를 쓰세요.`,
  };
}

/** Finds everything that would make the deployment of the Kubernetes lab fail, with the remedies. */
export function clusterProblems(objects: ClusterObjects, settings: Settings, state: State): Text[] {
  return [
    nodeProblems(objects, settings),
    portProblems(objects, settings, state),
    namespaceProblems(objects, settings, state),
    storageProblems(objects, settings, state),
    claimProblems(settings, state, objects.storageClasses),
    memoryProblems(objects, settings),
  ].flat();
}
