import { Inputs } from "../resources/model";
import { at, items, objectsAt, shown } from "../resources/values";
import { exposure, Opening } from "./opening";

/** Where the ports of a Service lead, by port: to what port of which pods. */
export function serviceTargets(inputs: Inputs | undefined): Map<string, string> {
  return new Map(
    objectsAt(inputs, "spec.ports").map(({ port, protocol, targetPort }) => [
      `${shown(port)}/${shown(protocol ?? "TCP")}`,
      shown(targetPort ?? port),
    ]),
  );
}

export const selectorOf = (inputs: Inputs | undefined): string =>
  JSON.stringify(Object.entries(at(inputs, "spec.selector") ?? {}).sort());

function* beyondTheCluster(inputs: Inputs, type: "NodePort" | "LoadBalancer"): Generator<Opening> {
  const [name, selector] = [shown(at(inputs, "metadata.name")), selectorOf(inputs)];
  const targets = serviceTargets(inputs);
  const ranges = items(at(inputs, "spec.loadBalancerSourceRanges")).map(shown);
  for (const target of targets.size > 0 ? targets.values() : [""]) {
    const balancer = (range: string) => `LoadBalancer ${selector} ${target} ${range}`;
    const keys =
      type === "NodePort"
        ? [`NodePort ${selector} ${target}`]
        : (ranges.length > 0 ? ranges : ["everyone"]).map(balancer);
    for (const key of keys) {
      yield exposure(key, {
        en: `Service ${name} is of type ${type}: anyone who can reach a node can reach it from outside the cluster`,
        ko: `${name} 서비스가 ${type} 유형이 되어, 노드에 접근할 수 있으면 누구나 클러스터 밖에서 쓸 수 있습니다`,
        within: [balancer("everyone"), balancer("0.0.0.0/0")],
        ...(type === "NodePort" ? { byDesign: "told" } : {}),
      });
    }
  }
}

export function* serviceOpenings(inputs: Inputs): Generator<Opening> {
  const type = shown(at(inputs, "spec.type") ?? "ClusterIP");
  if (type === "NodePort" || type === "LoadBalancer") yield* beyondTheCluster(inputs, type);
  for (const ip of items(at(inputs, "spec.externalIPs")).map(shown))
    yield exposure(`ip ${ip} ${selectorOf(inputs)}`, {
      en: `the Service answers on ${ip}`,
      ko: `서비스가 ${ip} 주소에서 응답합니다`,
    });
}
