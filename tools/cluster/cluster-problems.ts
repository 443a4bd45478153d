import type { V1Namespace, V1Node, V1Pod, V1Service, V1StorageClass } from "@kubernetes/client-node";
import { quantityToScalar } from "@kubernetes/client-node/dist/util.js";
import { kubernetesLabelKeys } from "../../components/names";
import { podMemory } from "../../components/wordpress-app";
import { project, Settings } from "../../config";
import { storageRemedy } from "../causes/remedies";
import { isDefaultClass } from "../causes/storage";
import { Text } from "../../text";
import { ownerId, State } from "../stack/stack";
import { claimProblems } from "../stack/stored";
import { inState } from "./in-state";

/** What of a cluster decides whether the lab can be made in it; a list is missing where we may not see it. */
export interface ClusterObjects {
  nodes?: V1Node[];
  services?: V1Service[];
  pods?: V1Pod[];
  storageClasses?: V1StorageClass[];
  /** The lab's namespace, if there is one. */
  namespace?: V1Namespace;
}

function nodeProblems({ nodes }: ClusterObjects, { kubeNode, kubeContext }: Settings): Text[] {
  const names = nodes?.map(({ metadata }) => metadata?.name);
  if (!names || names.includes(kubeNode)) return [];
  return [
    {
      en: `Setting ${project}:kubeNode is "${kubeNode}": the cluster of context "${kubeContext}" has no such node. There are: ${names.join(", ")}. For example ${project}:kubeNode: ${names[0]}`,
      ko: `설정 ${project}:kubeNode 값이 "${kubeNode}" 입니다: "${kubeContext}" 컨텍스트의 클러스터에 그런 노드가 없습니다. 있는 노드: ${names.join(", ")}. 예: ${project}:kubeNode: ${names[0]}`,
    },
  ];
}

function portProblems({ services = [] }: ClusterObjects, settings: Settings, state: State): Text[] {
  const { nodePort, kubernetesNamespace } = settings;
  const owner = ownerId(state);
  // What has our label is ours, also in another namespace: it goes, or its loss is refused.
  const ours = ({ metadata }: V1Service) =>
    (metadata?.namespace === kubernetesNamespace && metadata.name === "wordpress") ||
    (owner !== undefined && metadata?.labels?.[kubernetesLabelKeys.id] === owner);
  const holder = services.find(
    (service) => (service.spec?.ports ?? []).some((port) => port.nodePort === nodePort) && !ours(service),
  );
  if (!holder) return [];
  const used = new Set(services.flatMap(({ spec }) => (spec?.ports ?? []).map((port) => port.nodePort)));
  const free = [1, 2, 3, 4, 5, -1, -2, -3]
    .map((step) => nodePort + step)
    .find((p) => p >= 30000 && p <= 32767 && !used.has(p));
  const name = `${holder.metadata?.namespace}/${holder.metadata?.name}`;
  return [
    {
      en: `Setting ${project}:nodePort is ${nodePort}: Service ${name} of the cluster has that port. Choose another, for example ${project}:nodePort: ${free}, or remove that Service.`,
      ko: `설정 ${project}:nodePort 값이 ${nodePort} 입니다: 클러스터의 서비스 ${name} 이(가) 이 포트를 쓰고 있습니다. 다른 포트를 고르거나 (예: ${project}:nodePort: ${free}) 그 서비스를 지우세요.`,
    },
  ];
}

function namespaceProblems({ namespace }: ClusterObjects, settings: Settings, state: State): Text[] {
  const { kubernetesNamespace: name, kubeContext } = settings;
  if (!namespace || inState(state, "kubernetes:core/v1:Namespace").some(({ id }) => id === name)) return [];
  const labels = namespace.metadata?.labels ?? {};
  const id = labels[kubernetesLabelKeys.id];
  if (id !== undefined && id === ownerId(state)) return [];
  const stack = labels[kubernetesLabelKeys.stack];
  const remove = `kubectl --context ${kubeContext} delete namespace ${name}`;
  const another = `${project}:kubernetesNamespace: my-${name}`.slice(0, 80);
  return [
    stack
      ? {
          en: `Namespace ${name} belongs to another stack of this project (${stack}, id ${id}). Remove that one where it was started (npm run destroy), or give this one another namespace and port, for example ${another}. If it is gone: ${remove} (this deletes what is stored in it)`,
          ko: `네임스페이스 ${name} 은(는) 이 프로젝트의 다른 스택(${stack}, id ${id})의 것입니다. 그 스택을 시작한 곳에서 지우거나 (npm run destroy), 이 스택에 다른 네임스페이스와 포트를 주세요. 예: ${another}. 그 스택이 이미 없다면: ${remove} (저장된 내용이 지워집니다)`,
        }
      : {
          en: `Setting ${project}:kubernetesNamespace is "${name}": that namespace exists already and was not made by this stack. Choose another, for example ${another}. Or remove it if you do not need it: ${remove} (this deletes what is stored in it)`,
          ko: `설정 ${project}:kubernetesNamespace 값이 "${name}" 입니다: 이미 있는 네임스페이스이며 이 스택이 만든 것이 아닙니다. 다른 이름을 고르세요. 예: ${another}. 필요 없으면 지우세요: ${remove} (저장된 내용이 지워집니다)`,
        },
  ];
}

function storageProblems({ storageClasses }: ClusterObjects, { kubeContext }: Settings, state: State): Text[] {
  if (
    !storageClasses ||
    storageClasses.some(isDefaultClass) ||
    inState(state, "kubernetes:core/v1:PersistentVolumeClaim").length >= 2
  )
    return [];
  const next = storageRemedy(kubeContext, storageClasses[0]?.metadata?.name);
  return [
    {
      en: `The cluster has no default storage class, so there is no disk for MySQL and WordPress. ${next.en}`,
      ko: `클러스터에 기본 스토리지 클래스가 없어 MySQL 과 WordPress 가 쓸 디스크가 없습니다. ${next.ko}`,
    },
  ];
}

/** The bytes that the containers of a pod ask for. */
const requested = ({ spec }: V1Pod) =>
  (spec?.containers ?? []).reduce(
    (sum, { resources }) => sum + Number(quantityToScalar(resources?.requests?.memory ?? "0")),
    0,
  );

function memoryProblems({ nodes, pods }: ClusterObjects, settings: Settings): Text[] {
  if (!nodes || !pods) return [];
  const running = pods.filter(
    ({ metadata, status }) =>
      metadata?.namespace !== settings.kubernetesNamespace && !["Succeeded", "Failed"].includes(status?.phase ?? ""),
  );
  const free = nodes
    .filter(({ spec }) => !spec?.unschedulable)
    .map(({ metadata, status }) =>
      running
        .filter(({ spec }) => spec?.nodeName === metadata?.name)
        .reduce((left, pod) => left - requested(pod), Number(quantityToScalar(status?.allocatable?.memory ?? "0"))),
    );
  const wanted = Object.values(podMemory).map(({ request }) => Number(quantityToScalar(request)));
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
  return [
    {
      en: `The cluster has too little memory: ${have} MiB are free for pods, and WordPress with MySQL asks for ${need} MiB. Remove what else runs there (kubectl --context ${settings.kubeContext} get pods --all-namespaces), or use a larger cluster.`,
      ko: `클러스터의 메모리가 부족합니다: 파드가 쓸 수 있는 메모리는 ${have} MiB 인데 WordPress 와 MySQL 은 ${need} MiB 를 요청합니다. 그곳에서 실행 중인 다른 것을 지우거나 (kubectl --context ${settings.kubeContext} get pods --all-namespaces) 더 큰 클러스터를 쓰세요.`,
    },
  ];
}

/** What would stop the Kubernetes lab half-way, each with its remedy. */
export function clusterProblems(objects: ClusterObjects, settings: Settings, state: State): Text[] {
  return [
    ...nodeProblems(objects, settings),
    ...portProblems(objects, settings, state),
    ...namespaceProblems(objects, settings, state),
    ...storageProblems(objects, settings, state),
    ...claimProblems(settings, state, objects.storageClasses),
    ...memoryProblems(objects, settings),
  ];
}
