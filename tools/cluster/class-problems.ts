import { BlockList, isIPv4 } from "node:net";
import type { V1Pod } from "@kubernetes/client-node";
import { project, Settings } from "../../config";
import { Text } from "../../text";

/** What else decides whether a class can be created; a list is missing without permission to read it. */
export interface ClassObjects {
  version: { major: string; minor: string };
  /** What the user may not create. */
  lacking: string[];
  pods?: V1Pod[];
}

/** The first version of Kubernetes with ValidatingAdmissionPolicy. */
const since = 30;

function versionProblems({ version }: ClassObjects, { kubeContext }: Settings): Text | Text[] {
  const minor = Number(/^\d+/.exec(version.minor)?.[0]);
  if (Number(version.major) > 1 || minor >= since) return [];
  const has = `${version.major}.${version.minor}`;
  return {
    en: `Setting ${project}:seats asks for a class, but the cluster of context "${kubeContext}" has Kubernetes ${has}, and the rules that keep seats apart need 1.${since} or later. Use a newer cluster, or remove ${project}:seats.`,
    ko: `${project}:seats 설정으로 자리를 만들려면 쿠버네티스 1.${since} 이상이 필요한데(자리를 분리하는 규칙), "${kubeContext}" 컨텍스트의 클러스터는 ${has} 버전입니다. 더 새로운 클러스터를 쓰거나 ${project}:seats 설정을 지우세요.`,
  };
}

function rightProblems({ lacking }: ClassObjects, { kubeContext }: Settings): Text | Text[] {
  if (lacking.length === 0) return [];
  const what = lacking.join(", ");
  return {
    en: `Setting ${project}:seats asks for a class, but the user of context "${kubeContext}" has no permission to create: ${what}. Ask the cluster's administrator for it (the role cluster-admin includes it), or choose another context: ${project}:kubeContext`,
    ko: `${project}:seats 설정으로 자리를 만들어야 하는데, "${kubeContext}" 컨텍스트의 사용자에게 다음을 만들 권한이 없습니다: ${what}. 클러스터 관리자에게 권한을 요청하거나(cluster-admin 역할에 들어 있습니다) 다른 컨텍스트를 지정하세요: ${project}:kubeContext`,
  };
}

/** Pods outside of the configured network, between which the seats' policies would not apply. */
function networkProblems({ pods = [] }: ClassObjects, { podNetwork }: Settings): Text | Text[] {
  const [start = "", length] = podNetwork.split("/");
  const network = new BlockList();
  network.addSubnet(start, Number(length));
  const address = pods
    .filter(({ spec }) => !spec?.hostNetwork)
    .map(({ status }) => status?.podIP ?? "")
    .find((ip) => isIPv4(ip) && !network.check(ip));
  if (address === undefined) return [];
  const example = address.replace(/\.\d+\.\d+$/, ".0.0/16");
  return {
    en: `Setting ${project}:podNetwork is "${podNetwork}", but the pods of this cluster have other addresses, such as ${address}, so seats would not be kept apart. Specify the address range of your cluster's pods, for example ${project}:podNetwork: ${example}`,
    ko: `${project}:podNetwork 설정의 값이 "${podNetwork}"입니다. 이 클러스터의 파드 주소는 그 범위 밖에 있어서(예: ${address}) 자리가 서로 분리되지 않습니다. 클러스터의 파드 주소 범위를 지정하세요. 예: ${project}:podNetwork: ${example}`,
  };
}

/** What would make a class fail half-way, or leave its seats open to each other, with the remedies. */
export function classProblems(objects: ClassObjects, settings: Settings): Text[] {
  return [
    versionProblems(objects, settings),
    rightProblems(objects, settings),
    networkProblems(objects, settings),
  ].flat();
}
