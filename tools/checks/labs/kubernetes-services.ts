import type { V1Pod, V1Service } from "@kubernetes/client-node";
import { tellingPods, titleOf, workloadOf } from "../../causes/objects";
import { Evidence, failed, passed, Verdict } from "../check";
import {
  apps,
  chainOf,
  labelsOf,
  madeAgain,
  namesOf,
  ownServices,
  selects,
  serviceNamed,
  shownLabels,
  slicesOf,
  workloads,
} from "./kubernetes-objects";
import { KubernetesFacts } from "../facts/kubernetes";
import { KubernetesTarget } from "../target";

/** Whether each Service leads to the pods of its Deployment, all of them and no others, at the port they listen on. */
export function serviceLeads(facts: KubernetesFacts, target: KubernetesTarget): Verdict {
  const evidence: Evidence = {};
  for (const name of workloads) {
    // Others may have added to it what neither `up` nor `kubectl apply` takes out.
    const again = madeAgain(facts, `service ${name}`, target);
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
      return failed("no Service", target.make, {
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
    if (to.length !== 1 || to[0] !== apps[name].port) {
      return failed("wrong target port", again, {
        en: `Service ${name} routes to port ${to.join(", ")} of the pod, but ${titleOf(name)} listens on ${apps[name].port}.`,
        ko: `${name} 서비스의 대상 포트(${to.join(", ")})가 ${titleOf(name)} 컨테이너가 수신 대기(listen)하는 포트(${apps[name].port})와 다릅니다.`,
        evidence,
      });
    }
  }
  return passed(evidence);
}

/** A way in from outside that is not the Service of WordPress. */
interface Opening {
  /** What is open and by which of its fields, such as "service/mysql (NodePort)". */
  what: string;
  /** Whether it leads to MySQL. */
  database: boolean;
  /** What has to be made without it, as kubectl takes it. */
  object: string;
}

/** The field that lets a Service be reached from outside; "" if none does. An ExternalName is a way out, and none in. */
function openService({ spec }: V1Service): string {
  const { type = "", externalIPs = [] } = spec ?? {};
  if (type === "NodePort" || type === "LoadBalancer") return type;
  return externalIPs.length > 0 ? `externalIPs ${externalIPs.join(", ")}` : "";
}

/** The field that lets a pod be reached at the address of its node; "" if none does. */
function openPod({ spec }: V1Pod): string {
  if (spec?.hostNetwork) return "hostNetwork";
  const ports = (spec?.containers ?? []).flatMap(({ ports = [] }) => ports.flatMap(({ hostPort }) => hostPort ?? []));
  return ports.length > 0 ? `hostPort ${ports.join(", ")}` : "";
}

function openings(facts: KubernetesFacts): Opening[] {
  const pods = tellingPods(facts.pods);
  const isDatabase = (pod: V1Pod) => workloadOf(pod) === "mysql";
  const leadsToDatabase = ({ spec }: V1Service) => {
    const { selector = {} } = spec ?? {};
    const fits = (pod: V1Pod) => isDatabase(pod) && selects({ matchLabels: selector }, labelsOf(pod));
    return Object.keys(selector).length > 0 && pods.some(fits);
  };
  const services = ownServices(facts).map((service) => ({
    name: service.metadata?.name,
    how: openService(service),
    kind: "service",
    database: leadsToDatabase(service),
    object: `service ${service.metadata?.name}`,
  }));
  const direct = pods.map((pod) => ({
    name: pod.metadata?.name,
    how: openPod(pod),
    kind: "pod",
    database: isDatabase(pod),
    object: `deployment ${workloadOf(pod)}`,
  }));
  return [...services, ...direct]
    .filter(({ how, object }) => how !== "" && !object.endsWith(" wordpress"))
    .map(({ kind, name, how, ...more }) => ({ what: `${kind}/${name} (${how})`, ...more }));
}

/** Whether WordPress, and only WordPress, can be reached from outside the cluster. */
export function servicesOpened(facts: KubernetesFacts, target: KubernetesTarget): Verdict {
  const { nodePort } = target;
  const services = ownServices(facts).map(({ metadata, spec }) => [
    metadata?.name,
    { type: spec?.type, nodePorts: spec?.ports?.flatMap((port) => port.nodePort ?? []) },
  ]);
  const open = openings(facts);
  const evidence: Evidence = { services: Object.fromEntries(services), nodePort, open: open.map(({ what }) => what) };
  const worst = open.find(({ database }) => database) ?? open[0];
  if (worst) {
    const reached = worst.database
      ? { en: "The database", ko: "데이터베이스에" }
      : {
          en: `More than WordPress on node port ${nodePort}`,
          ko: `${nodePort}번 노드포트의 WordPress 외에 다른 것에도`,
        };
    return failed("published too widely", madeAgain(facts, worst.object, target), {
      en: `${reached.en} can be reached from outside the cluster: ${worst.what}.`,
      ko: `클러스터 외부에서 ${reached.ko} 접속할 수 있습니다: ${worst.what}.`,
      evidence,
    });
  }
  const { type, ports = [] } = serviceNamed(facts, "wordpress")?.spec ?? {};
  const opened = ports.map((port) => port.nodePort).join(", ");
  if (type === "NodePort" && opened === `${nodePort}`) return passed(evidence);
  return failed("not published", madeAgain(facts, "service wordpress", target), {
    en: `Service wordpress is a ${type} with node port ${opened || "-"}, not a NodePort with ${nodePort}.`,
    ko: `wordpress 서비스는 ${nodePort}번 노드포트만 여는 NodePort 타입이어야 합니다. 현재: ${type} (${opened || "-"}).`,
    evidence,
  });
}
