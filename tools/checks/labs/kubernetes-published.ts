import type { V1Pod, V1Service } from "@kubernetes/client-node";
import { tellingPods, workloadOf } from "../../causes/objects";
import { Evidence, failed, passed, Verdict } from "../check";
import { KubernetesFacts } from "../facts/kubernetes";
import { labelsOf, madeAgain, ownServices, selects, serviceNamed } from "./kubernetes-objects";
import { KubernetesTarget } from "../target";

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
