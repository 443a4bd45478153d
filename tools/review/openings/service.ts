import { Inputs } from "../resources/model";
import { at, objectsAt, shown } from "../resources/values";
import { Opening, opening, items } from "./opening";

/** Where the ports of a Service lead, by port: to what port of which pods. */
export function serviceTargets(inputs: Inputs | undefined): Map<string, string> {
  return new Map(
    objectsAt(inputs, "spec.ports").map(({ port, protocol, targetPort }) => [
      `${shown(port)}/${shown(protocol ?? "TCP")}`,
      shown(targetPort ?? port),
    ]),
  );
}

/** The labels of the pods that a Service leads to, in one order. */
export const selectorOf = (inputs: Inputs | undefined): string =>
  JSON.stringify(Object.entries(at(inputs, "spec.selector") ?? {}).sort());

export function serviceOpenings(inputs: Inputs): Opening[] {
  const type = shown(at(inputs, "spec.type") ?? "ClusterIP");
  const [name, selector] = [shown(at(inputs, "metadata.name")), selectorOf(inputs)];
  const openings: Opening[] = [];
  if (type === "NodePort" || type === "LoadBalancer") {
    const targets = serviceTargets(inputs);
    const ranges = type === "LoadBalancer" ? items(at(inputs, "spec.loadBalancerSourceRanges")).map(shown) : [];
    for (const target of targets.size > 0 ? targets.values() : [""]) {
      const balancer = (range: string) => `LoadBalancer ${selector} ${target} ${range}`;
      const keys =
        type === "NodePort"
          ? [`NodePort ${selector} ${target}`]
          : (ranges.length > 0 ? ranges : ["everyone"]).map(balancer);
      for (const key of keys) {
        openings.push(
          opening(
            "exposure",
            key,
            `Service ${name} is of type ${type}: anyone who can reach a node can reach it from outside the cluster`,
            `${name} 서비스가 ${type} 유형이 되어, 노드에 접근할 수 있으면 누구나 클러스터 밖에서 쓸 수 있습니다`,
            {
              within: [balancer("everyone"), balancer("0.0.0.0/0")],
              ...(type === "NodePort" ? { byDesign: "told" } : {}),
            },
          ),
        );
      }
    }
  }
  for (const ip of items(at(inputs, "spec.externalIPs")))
    openings.push(
      opening(
        "exposure",
        `ip ${shown(ip)} ${selector}`,
        `the Service answers on ${shown(ip)}`,
        `서비스가 ${shown(ip)} 주소에서 응답합니다`,
      ),
    );
  return openings;
}
