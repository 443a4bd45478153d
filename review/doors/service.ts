import { Inputs } from "../model";
import { at, objectsAt, shown } from "../values";
import { Door, door, items } from "./door";

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
  JSON.stringify(Object.entries(at(inputs, "spec.selector") ?? {}).sort(([a], [b]) => (a < b ? -1 : 1)));

export function serviceDoors(inputs: Inputs): Door[] {
  const type = shown(at(inputs, "spec.type") ?? "ClusterIP");
  const [name, selector] = [shown(at(inputs, "metadata.name")), selectorOf(inputs)];
  const doors: Door[] = [];
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
        doors.push(
          door(
            "exposure",
            key,
            `Service ${name} is a ${type}: reachable from outside the cluster, by whoever reaches a node`,
            `Service ${name} 의 종류가 ${type} 입니다: 클러스터 밖에서, 노드에 접근할 수 있는 누구나 쓸 수 있습니다`,
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
    doors.push(
      door(
        "exposure",
        `ip ${shown(ip)} ${selector}`,
        `the Service answers on ${shown(ip)}`,
        `Service 가 ${shown(ip)} 에서 응답합니다`,
      ),
    );
  return doors;
}

/** The Service and the port that a rule of an Ingress or a route of a gateway leads to. */
const backend = (service: unknown) => {
  const name = shown(at(service, "name") ?? "");
  const port = at(service, "port.number") ?? at(service, "port.name") ?? at(service, "port");
  return port === undefined ? name : `${name}:${shown(port)}`;
};

const way = (to: string, from: string) =>
  door(
    "exposure",
    `way ${from} ${to}`,
    `${to} is reachable from outside the cluster, at ${from}`,
    `${to} 을(를) 클러스터 밖에서 ${from} (으)로 쓸 수 있습니다`,
  );

export function ingressDoors(inputs: Inputs): Door[] {
  const whole = at(inputs, "spec.defaultBackend.service");
  return [
    ...(whole === undefined ? [] : [way(backend(whole), "*/")]),
    ...objectsAt(inputs, "spec.rules").flatMap((rule) =>
      objectsAt(rule, "http.paths").map((path) =>
        way(backend(at(path, "backend.service")), `${shown(rule.host ?? "*")}${shown(path.path ?? "/")}`),
      ),
    ),
  ];
}

/** HTTPRoute, TCPRoute and the like. @see https://gateway-api.sigs.k8s.io/ */
export function routeDoors(inputs: Inputs): Door[] {
  const hosts = items(at(inputs, "spec.hostnames")).map(shown);
  return objectsAt(inputs, "spec.rules").flatMap((rule) => {
    const paths = objectsAt(rule, "matches").map((match) => shown(at(match, "path.value") ?? "/"));
    return objectsAt(rule, "backendRefs").flatMap((to) =>
      (hosts.length > 0 ? hosts : ["*"]).flatMap((host) =>
        (paths.length > 0 ? paths : ["/"]).map((path) => way(backend(to), `${host}${path}`)),
      ),
    );
  });
}
