import type { V1Service } from "@kubernetes/client-node";
import { mysql as mysqlApp, wordpress as wordpressApp } from "../../../components/wordpress-app";
import { titleOf } from "../../causes/objects";
import { Evidence, failed, passed, Verdict } from "../check";
import type { Chain, Workload } from "./kubernetes-objects";
import { KubernetesFacts } from "../facts/kubernetes";

const ports: Record<Workload, number> = { mysql: mysqlApp.port, wordpress: wordpressApp.port };

/** The label that tells which slices are a Service's. @see https://kubernetes.io/docs/concepts/services-networking/endpoint-slices/ */
const serviceLabel = "kubernetes.io/service-name";

export const serviceNamed = ({ services, lab }: KubernetesFacts, name: string): V1Service | undefined =>
  services.find(({ metadata }) => metadata?.namespace === lab.namespace && metadata.name === name);

/** Whether each Service leads to the pods of its Deployment, all of them and no others, at the port they listen on. */
export function serviceLeads(
  facts: KubernetesFacts,
  chain: (name: Workload) => Chain,
  kubectl: string,
  make: string,
): Verdict {
  const evidence: Evidence = {};
  for (const name of ["mysql", "wordpress"] as const) {
    const service = serviceNamed(facts, name);
    const pods = chain(name).pods;
    const slices = facts.slices.filter(({ metadata }) => metadata?.labels?.[serviceLabel] === name);
    const reached = slices
      .flatMap(({ endpoints }) => endpoints ?? [])
      // A pod that is going gets no new visitors.
      .filter(({ conditions }) => !conditions?.terminating)
      .flatMap(({ targetRef }) => (targetRef ? [targetRef] : []));
    const to = [...new Set(slices.flatMap(({ ports }) => ports ?? []).map(({ port }) => port))];
    const selector = service?.spec?.selector ?? {};
    evidence[name] = { selector, leadsTo: reached.map((ref) => ref.name), ports: to };
    const shown =
      Object.entries(selector)
        .map(([key, value]) => `${key}=${value}`)
        .join(",") || "-";
    if (!service) {
      const others = facts.services.filter(({ metadata }) => metadata?.namespace === facts.lab.namespace);
      const names = others.map(({ metadata }) => metadata?.name).join(", ") || "-";
      return failed(
        {
          en: `There is no Service ${name}. There are: ${names}.`,
          ko: `서비스 ${name} 이(가) 없습니다. 있는 것: ${names}.`,
        },
        make,
        evidence,
      );
    }
    const own = pods.map(({ metadata }) => metadata?.uid);
    const strangers = reached.filter(({ uid }) => !own.includes(uid));
    if (reached.length === 0) {
      const labels = Object.entries(pods[0]?.metadata?.labels ?? {})
        .map(([key, value]) => `${key}=${value}`)
        .join(",");
      return failed(
        {
          en: `Service ${name} leads nowhere: no pod has the labels it selects (${shown}). The pod has ${labels}.`,
          ko: `서비스 ${name} 이(가) 어디로도 이어지지 않습니다: 선택하는 라벨(${shown})을 가진 파드가 없습니다. 파드의 라벨: ${labels}.`,
        },
        make,
        evidence,
      );
    }
    if (strangers.length > 0) {
      return failed(
        {
          en: `Service ${name} leads to ${strangers.map((ref) => ref.name).join(", ")}, too: its selector ${shown} fits more than ${titleOf(name)}.`,
          ko: `서비스 ${name} 이(가) ${strangers.map((ref) => ref.name).join(", ")} (으)로도 이어집니다: 선택자 ${shown} 에 ${titleOf(name)} 말고도 맞습니다.`,
        },
        make,
        evidence,
      );
    }
    if (to.length !== 1 || to[0] !== ports[name]) {
      return failed(
        {
          en: `Service ${name} leads to port ${to.join(", ")} of the pod; ${titleOf(name)} listens on ${ports[name]}.`,
          ko: `서비스 ${name} 이(가) 파드의 ${to.join(", ")} 포트로 이어지는데 ${titleOf(name)} 은(는) ${ports[name]} 포트에서 듣습니다.`,
        },
        `${kubectl} get service ${name} --output yaml`,
        evidence,
      );
    }
  }
  return passed(evidence);
}
