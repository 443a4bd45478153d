import type { KubernetesObject, V1Namespace } from "@kubernetes/client-node";
import { kubernetesLabelKeys, seatPlaces } from "../../components/names";
import { project, Settings } from "../../config";
import { Text } from "../../text";
import { State } from "../stack/stack";
import { ClusterObjects, freeMemory, isOurs, labRequests } from "./cluster-problems";
import { inState } from "./in-state";

/** What else decides whether a class can be created; a list is missing without permission to read it. */
export interface ClassObjects {
  version: { major: string; minor: string };
  namespaces?: V1Namespace[];
  /** Existing rules with the name of this class. */
  policy?: KubernetesObject;
  lacking: string[];
}

type Objects = Pick<ClusterObjects, "nodes" | "services" | "pods"> & ClassObjects;

/** The first version of Kubernetes with ValidatingAdmissionPolicy. */
const since = 30;

function versionProblems({ version }: Objects, { kubeContext }: Settings): Text | Text[] {
  const minor = Number(/^\d+/.exec(version.minor)?.[0]);
  if (Number(version.major) > 1 || minor >= since) return [];
  const has = `${version.major}.${version.minor}`;
  return {
    en: `Setting ${project}:seats asks for a class, but the cluster of context "${kubeContext}" has Kubernetes ${has}, and the rules that keep seats apart need 1.${since} or later. Use a newer cluster, or remove ${project}:seats.`,
    ko: `${project}:seats 설정으로 자리를 만들려면 쿠버네티스 1.${since} 이상이 필요한데(자리를 분리하는 규칙), "${kubeContext}" 컨텍스트의 클러스터는 ${has} 버전입니다. 더 새로운 클러스터를 쓰거나 ${project}:seats 설정을 지우세요.`,
  };
}

function rightProblems({ lacking }: Objects, { kubeContext }: Settings): Text | Text[] {
  if (lacking.length === 0) return [];
  const what = lacking.join(", ");
  return {
    en: `Setting ${project}:seats asks for a class, but the user of context "${kubeContext}" has no permission to create: ${what}. Ask the cluster's administrator for it (the role cluster-admin includes it), or choose another context: ${project}:kubeContext`,
    ko: `${project}:seats 설정으로 자리를 만들어야 하는데, "${kubeContext}" 컨텍스트의 사용자에게 다음을 만들 권한이 없습니다: ${what}. 클러스터 관리자에게 권한을 요청하거나(cluster-admin 역할에 들어 있습니다) 다른 컨텍스트를 지정하세요: ${project}:kubeContext`,
  };
}

/** Who created an object that does not belong to this stack. */
const makerOf = (labels: Record<string, string>): Text => {
  const [stack, id] = [labels[kubernetesLabelKeys.stack], labels[kubernetesLabelKeys.id]];
  return stack
    ? {
        en: `belongs to another stack of this project (${stack}, id ${id})`,
        ko: `이 프로젝트의 다른 스택(${stack}, id ${id})의 것입니다`,
      }
    : { en: "was not created by this stack", ko: "이 스택이 만든 것이 아닙니다" };
};

function nameProblems({ namespaces = [], policy }: Objects, settings: Settings, state: State): Text[] {
  const wanted = seatPlaces(settings).map(({ namespace }) => namespace);
  const known = inState(state, "kubernetes:core/v1:Namespace").map(({ id }) => id);
  const foreign = namespaces.filter(
    ({ metadata }) =>
      wanted.includes(metadata?.name ?? "") && !known.includes(metadata?.name) && !isOurs(metadata?.labels, state),
  );
  const another = `${project}:prefix: b-`;
  const taken = [
    ...foreign.map(({ metadata }) => ({ what: `namespace ${metadata?.name}`, labels: metadata?.labels ?? {} })),
    ...(policy && !isOurs(policy.metadata?.labels, state)
      ? [{ what: `ValidatingAdmissionPolicy ${policy.metadata?.name}`, labels: policy.metadata?.labels ?? {} }]
      : []),
  ];
  return taken.map(({ what, labels }) => {
    const maker = makerOf(labels);
    return {
      en: `The class needs ${what}, which already exists and ${maker.en}. Choose other names for this class, for example ${another}`,
      ko: `이 반에 필요한 ${what} 이름이 이미 있으며 ${maker.ko}. 이 반에 다른 이름을 지정하세요. 예: ${another}`,
    };
  });
}

function portProblems({ services = [] }: Objects, settings: Settings, state: State): Text | Text[] {
  const seats = seatPlaces(settings);
  const mine = new Set(seats.map(({ namespace }) => namespace));
  const holder = services.find(
    ({ metadata, spec }) =>
      !mine.has(metadata?.namespace ?? "") &&
      !isOurs(metadata?.labels, state) &&
      (spec?.ports ?? []).some(({ nodePort }) => seats.some((seat) => seat.nodePort === nodePort)),
  );
  if (!holder) return [];
  const [first, last] = [seats[0]!.nodePort, seats[seats.length - 1]!.nodePort];
  const name = `${holder.metadata?.namespace}/${holder.metadata?.name}`;
  return {
    en: `Setting ${project}:nodePort is ${settings.nodePort}, so the seats use the node ports ${first} to ${last}, but the Service ${name} in the cluster already uses one of them. Choose another range, for example ${project}:nodePort: ${Math.min(last + 1, 32767 - seats.length)}, or delete that Service.`,
    ko: `${project}:nodePort 설정의 값이 ${settings.nodePort}입니다. 자리가 노드포트 ${first}–${last} 범위를 쓰는데, 클러스터의 ${name} 서비스가 그중 하나를 사용하고 있습니다. 다른 범위를 지정하거나(예: ${project}:nodePort: ${Math.min(last + 1, 32767 - seats.length)}) 그 서비스를 삭제하세요.`,
  };
}

const asNumber = (address: string) => address.split(".").reduce((sum, part) => sum * 256 + Number(part), 0);

export function isWithin(address: string, network: string): boolean {
  const [start = "", length] = network.split("/");
  const size = 2 ** (32 - Number(length));
  return Math.floor(asNumber(address) / size) === Math.floor(asNumber(start) / size);
}

/** Pods outside of the configured network, between which the seats' policies would not apply. */
function networkProblems({ pods = [] }: Objects, { podNetwork }: Settings): Text | Text[] {
  const address = pods
    .filter(({ spec }) => !spec?.hostNetwork)
    .map(({ status }) => status?.podIP ?? "")
    .find((ip) => /^\d+\.\d+\.\d+\.\d+$/.test(ip) && !isWithin(ip, podNetwork));
  if (address === undefined) return [];
  const example = address.replace(/\.\d+\.\d+$/, ".0.0/16");
  return {
    en: `Setting ${project}:podNetwork is "${podNetwork}", but the pods of this cluster have other addresses, such as ${address}, so seats would not be kept apart. Specify the address range of your cluster's pods, for example ${project}:podNetwork: ${example}`,
    ko: `${project}:podNetwork 설정의 값이 "${podNetwork}"입니다. 이 클러스터의 파드 주소는 그 범위 밖에 있어서(예: ${address}) 자리가 서로 분리되지 않습니다. 클러스터의 파드 주소 범위를 지정하세요. 예: ${project}:podNetwork: ${example}`,
  };
}

/** More seats with labs than the cluster has memory for; an existing class of this stack does not count twice. */
function roomProblems({ nodes, pods }: Objects, settings: Settings): Text | Text[] {
  if (!settings.seatLab || !nodes || !pods) return [];
  const places = seatPlaces(settings);
  const own = [settings.kubernetesNamespace, ...places.map(({ namespace }) => namespace)];
  const others = pods.filter(({ metadata }) => !own.includes(metadata?.namespace ?? ""));
  const sum = (numbers: number[]) => numbers.reduce((a, b) => a + b, 0);
  const each = sum(labRequests());
  // One lab is the teacher's own.
  const fit = Math.max(0, Math.floor(sum(freeMemory(nodes, others)) / each) - 1);
  if (places.length <= fit) return [];
  const [count, mib] = [places.length, each / 2 ** 20];
  return {
    en: `Setting ${project}:seats asks for ${count} seats with WordPress and MySQL in each (${project}:seatLab), and each seat requests ${mib} MiB of memory, but the cluster of context "${settings.kubeContext}" has room for ${fit}. Use a larger cluster or fewer seats, or let the students create the lab: ${project}:seatLab: false`,
    ko: `${project}:seats 설정에 WordPress와 MySQL이 들어 있는 자리(${project}:seatLab)가 ${count}개 있고 자리마다 메모리 ${mib}MiB를 요청하는데, "${settings.kubeContext}" 컨텍스트의 클러스터에는 ${fit}개만 들어갑니다. 더 큰 클러스터를 쓰거나 자리를 줄이세요. 학생이 직접 만들게 하려면: ${project}:seatLab: false`,
  };
}

/** What would make a class fail half-way, or leave its seats open to each other, with the remedies. */
export function classProblems(objects: Objects, settings: Settings, state: State): Text[] {
  return [
    versionProblems(objects, settings),
    rightProblems(objects, settings),
    nameProblems(objects, settings, state),
    portProblems(objects, settings, state),
    networkProblems(objects, settings),
    roomProblems(objects, settings),
  ].flat();
}
