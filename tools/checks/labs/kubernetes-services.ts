import type { V1Pod } from "@kubernetes/client-node";
import { mysql as mysqlApp, wordpress as wordpressApp } from "../../../components/wordpress-app";
import type { Edition } from "../../causes/edition";
import { titleOf } from "../../causes/objects";
import { Evidence, failed, passed, Verdict } from "../check";
import {
  chainOf,
  labelsOf,
  madeAgain,
  namesOf,
  ownServices,
  selects,
  serviceNamed,
  shownLabels,
  slicesOf,
  Workload,
} from "./kubernetes-objects";
import { KubernetesFacts } from "../facts/kubernetes";

const ports: Record<Workload, number> = { mysql: mysqlApp.port, wordpress: wordpressApp.port };

/** Whether each Service leads to the pods of its Deployment, all of them and no others, at the port they listen on. */
export function serviceLeads(facts: KubernetesFacts, edition: Edition): Verdict {
  const evidence: Evidence = {};
  for (const name of ["mysql", "wordpress"] as const) {
    // Others may have added to it what neither `up` nor `kubectl apply` takes out.
    const again = madeAgain(facts, `service ${name}`, edition);
    const service = serviceNamed(facts, name);
    const pods = chainOf(facts, name).pods;
    const slices = slicesOf(facts, name);
    const reached = slices
      .flatMap(({ endpoints }) => endpoints ?? [])
      // A pod that is going gets no new visitors.
      .filter(({ conditions }) => !conditions?.terminating)
      .flatMap(({ targetRef }) => (targetRef ? [targetRef] : []));
    const to = [...new Set(slices.flatMap(({ ports }) => ports ?? []).map(({ port }) => port))];
    const selector = service?.spec?.selector ?? {};
    evidence[name] = { selector, leadsTo: reached.map((ref) => ref.name), ports: to };
    const shown = shownLabels(selector);
    if (!service) {
      return failed("no Service", edition.make, {
        en: `There is no Service ${name}. Existing Services: ${namesOf(ownServices(facts))}.`,
        ko: `${name} 서비스가 없습니다. 있는 서비스: ${namesOf(ownServices(facts))}.`,
        evidence,
      });
    }
    const own = pods.map(({ metadata }) => metadata?.uid);
    const strangers = reached.filter(({ uid }) => !own.includes(uid));
    const fits = (pod: V1Pod) => pod.status?.phase === "Pending" && selects({ matchLabels: selector }, labelsOf(pod));
    // It has no address before it has a node, which its own check tells.
    if (reached.length === 0 && pods.length > 0 && pods.every(fits)) continue;
    if (reached.length === 0) {
      const labels = shownLabels(pods[0]?.metadata?.labels);
      return failed("no endpoints", again, {
        en: `Service ${name} has no endpoints: no pod matches its selector (${shown}). Labels of the pod: ${labels}.`,
        ko: `${name} 서비스에 연결된 파드가 없습니다. 셀렉터(${shown})와 일치하는 레이블을 가진 파드가 없습니다. 파드의 레이블: ${labels}.`,
        evidence,
      });
    }
    if (strangers.length > 0) {
      return failed("too many endpoints", again, {
        en: `Service ${name} also routes to ${strangers.map((ref) => ref.name).join(", ")}: its selector ${shown} matches more than ${titleOf(name)}.`,
        ko: `${name} 서비스가 다른 파드에도 연결됩니다: ${strangers.map((ref) => ref.name).join(", ")}. 셀렉터(${shown})가 ${titleOf(name)} 외의 파드와도 일치합니다.`,
        evidence,
      });
    }
    if (to.length !== 1 || to[0] !== ports[name]) {
      return failed("wrong target port", again, {
        en: `Service ${name} routes to port ${to.join(", ")} of the pod, but ${titleOf(name)} listens on ${ports[name]}.`,
        ko: `${name} 서비스의 대상 포트(${to.join(", ")})가 ${titleOf(name)} 컨테이너가 수신 대기(listen)하는 포트(${ports[name]})와 다릅니다.`,
        evidence,
      });
    }
  }
  return passed(evidence);
}
