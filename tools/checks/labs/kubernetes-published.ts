import type { V1Pod, V1Service } from "@kubernetes/client-node";
import { tellingPods, workloadOf } from "../../causes/objects";
import { Text } from "../../../text";
import { Evidence, failed, passed, Verdict } from "../check";
import { KubernetesFacts } from "../facts/kubernetes";
import { labelsOf, madeAgain, selects } from "./kubernetes-objects";
import { KubernetesTarget } from "../target";
import { serviceNamed } from "./kubernetes-services";

/** A way in from outside that is not the Service of WordPress. */
interface Opening {
  what: Text;
  /** Whether it leads to MySQL. */
  database: boolean;
  /** What has to be made without it, as kubectl takes it. */
  object: string;
}

/** How a Service can be reached from outside, if it can. An ExternalName is a way out, and none in. */
function openService({ metadata, spec }: V1Service): Text | undefined {
  const { type = "", externalIPs = [] } = spec ?? {};
  const [name, addresses] = [metadata?.name, externalIPs.join(", ")];
  if (type === "NodePort" || type === "LoadBalancer") {
    return { en: `Service ${name} is a ${type}`, ko: `${name} 서비스의 타입이 ${type}이어서` };
  }
  if (addresses === "") return undefined;
  return {
    en: `Service ${name} has the external address ${addresses}`,
    ko: `${name} 서비스에 외부 주소(${addresses})가 있어`,
  };
}

/** How a pod can be reached at the address of its node, if it can. */
function openPod({ metadata, spec }: V1Pod): Text | undefined {
  const name = metadata?.name;
  if (spec?.hostNetwork) {
    return {
      en: `Pod ${name} uses the network of its node`,
      ko: `${name} 파드가 노드의 네트워크를 사용해`,
    };
  }
  const ports = (spec?.containers ?? []).flatMap(({ ports = [] }) => ports.flatMap(({ hostPort }) => hostPort ?? []));
  if (ports.length === 0) return undefined;
  return {
    en: `Pod ${name} uses port ${ports.join(", ")} of its node`,
    ko: `${name} 파드가 노드의 ${ports.join(", ")}번 포트를 사용해`,
  };
}

function openings(facts: KubernetesFacts): Opening[] {
  const pods = tellingPods(facts.pods);
  const isDatabase = (pod: V1Pod) => workloadOf(pod) === "mysql";
  const leadsToDatabase = ({ spec }: V1Service) => {
    const { selector = {} } = spec ?? {};
    const fits = (pod: V1Pod) => isDatabase(pod) && selects({ matchLabels: selector }, labelsOf(pod));
    return Object.keys(selector).length > 0 && pods.some(fits);
  };
  const services = facts.services.filter(
    ({ metadata }) => metadata?.namespace === facts.lab.namespace && metadata.name !== "wordpress",
  );
  const all = [
    ...services.map((service) => ({
      what: openService(service),
      database: leadsToDatabase(service),
      object: `service ${service.metadata?.name}`,
    })),
    ...pods
      .filter((pod) => workloadOf(pod) !== "wordpress")
      .map((pod) => ({ what: openPod(pod), database: isDatabase(pod), object: `deployment ${workloadOf(pod)}` })),
  ];
  return all.flatMap(({ what, ...more }) => (what ? [{ what, ...more }] : []));
}

/** Whether WordPress, and only WordPress, can be reached from outside the cluster. */
export function servicesOpened(facts: KubernetesFacts, { nodePort, ...edition }: KubernetesTarget): Verdict {
  const site = serviceNamed(facts, "wordpress");
  const types: Record<string, unknown> = Object.fromEntries(
    facts.services
      .filter(({ metadata }) => metadata?.namespace === facts.lab.namespace)
      .map(({ metadata, spec }) => [
        metadata?.name ?? "",
        { type: spec?.type, nodePorts: spec?.ports?.flatMap((port) => port.nodePort ?? []) },
      ]),
  );
  const open = openings(facts);
  const evidence: Evidence = { services: types, nodePort, open: open.map(({ what }) => what.en) };
  const worst = open.find(({ database }) => database) ?? open[0];
  if (worst) {
    const reached = worst.database
      ? { en: "the database", ko: "데이터베이스에" }
      : {
          en: `more than WordPress on node port ${nodePort}`,
          ko: `${nodePort}번 노드포트의 WordPress 외에 다른 것에도`,
        };
    return failed({
      cause: "published too widely",
      en: `${worst.what.en}: ${reached.en} can be reached from outside the cluster.`,
      ko: `${worst.what.ko} 클러스터 외부에서 ${reached.ko} 접속할 수 있습니다.`,
      next: madeAgain(facts, worst.object, edition),
      evidence,
    });
  }
  const opened = site?.spec?.ports?.map((port) => port.nodePort) ?? [];
  if (site?.spec?.type === "NodePort" && opened.length === 1 && opened[0] === nodePort) return passed(evidence);
  return failed({
    cause: "not published",
    en: `Service wordpress is a ${site?.spec?.type} with node port ${opened.join(", ") || "-"}, not a NodePort with ${nodePort}.`,
    ko: `wordpress 서비스는 ${nodePort}번 노드포트만 여는 NodePort 타입이어야 합니다. 현재: ${site?.spec?.type} (${opened.join(", ") || "-"}).`,
    next: madeAgain(facts, "service wordpress", edition),
    evidence,
  });
}
