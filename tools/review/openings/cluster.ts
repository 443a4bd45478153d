import { seatKeys } from "../../../components/names";
import { Inputs } from "../resources/model";
import { at, fieldsOf, items, objectsAt, shown } from "../resources/values";
import { exposure, Opening, security } from "./opening";

const anyone = "everyone";
const anyPort = "every port";
const inKorean = (text: string) => ({ [anyone]: "모든 곳", [anyPort]: "모든 포트" })[text] ?? text;

const directions = {
  Ingress: { who: "from", ko: "인그레스" },
  Egress: { who: "to", ko: "이그레스" },
} as const;
type Direction = keyof typeof directions;

/** The directions that a NetworkPolicy closes, except for what it names. */
function limited(inputs: Inputs): Direction[] {
  const types = items(at(inputs, "spec.policyTypes"));
  const names = types.length > 0 ? types : ["Ingress", ...(at(inputs, "spec.egress") === undefined ? [] : ["Egress"])];
  return (Object.keys(directions) as Direction[]).filter((direction) => names.includes(direction));
}

const podsOf = (inputs: Inputs) => JSON.stringify(at(inputs, "spec.podSelector") ?? {});

/** A port, or a range of them, as a rule names it. */
const portOf = ({ port, endPort, protocol }: Record<string, unknown>) =>
  `${shown(protocol ?? "TCP")} ${shown(port ?? "*")}${endPort === undefined ? "" : `-${shown(endPort)}`}`;

/**
 * Whom a NetworkPolicy lets through. Policies add up: what one lets in, no other keeps out.
 * @see https://kubernetes.io/docs/concepts/services-networking/network-policies/
 */
export function policyOpenings(inputs: Inputs): Opening[] {
  return limited(inputs).flatMap((direction) => {
    const { who, ko } = directions[direction];
    const key = (one: string, port: string) => `${direction} ${podsOf(inputs)} ${one} ${port}`;
    return objectsAt(inputs, `spec.${direction.toLowerCase()}`).flatMap((rule) => {
      const peers = objectsAt(rule, who).map((one) => JSON.stringify(one));
      const ports = objectsAt(rule, "ports").map(portOf);
      return (peers.length > 0 ? peers : [anyone]).flatMap((one) =>
        (ports.length > 0 ? ports : [anyPort]).map((port) => {
          const within = [key(anyone, port), key(one, anyPort), key(anyone, anyPort)];
          return exposure(key(one, port), {
            en: `it allows ${direction.toLowerCase()} ${who} ${one}, on ${port}`,
            ko: `다음 ${ko} 트래픽을 허용합니다: ${inKorean(one)} (${inKorean(port)})`,
            ...{ byDesign: "silent", within },
          });
        }),
      );
    });
  });
}

export function policySafeguards(inputs: Inputs): Opening[] {
  const namespace = shown(at(inputs, "metadata.namespace"));
  return limited(inputs).map((direction) => {
    const key = (pods: string) => `${direction} ${namespace} ${pods}`;
    return exposure(key(podsOf(inputs)), {
      en: `it no longer limits the ${direction.toLowerCase()} of the pods that it selected: all of it is allowed, unless another NetworkPolicy prevents that`,
      ko: `대상이던 파드의 ${directions[direction].ko} 트래픽을 더 제한하지 않습니다. 다른 네트워크폴리시가 막지 않으면 모두 허용됩니다`,
      within: [key("{}")],
    });
  });
}

export const policyType = "kubernetes:networking.k8s.io/v1:NetworkPolicy";

/** Whether an opening of a policy is one although another closes its direction, maybe for the same pods. */
export function isClosedBy({ key }: Opening, policy: Inputs, other: Inputs): boolean {
  const [one, two] = [policy, other].map((inputs) => fieldsOf(at(inputs, "spec.podSelector.matchLabels")));
  const apart = Object.entries(one!).some(([label, value]) => label in two! && two![label] !== value);
  const [here, there] = [policy, other].map((inputs) => shown(at(inputs, "metadata.namespace")));
  return !apart && here === there && limited(other).some((direction) => key.startsWith(`${direction} `));
}

/** From the one that demands most. What is not named here demands nothing. */
const levels = ["restricted", "baseline"];

/** What a namespace demands of its pods. @see https://kubernetes.io/docs/concepts/security/pod-security-admission/ */
export function* namespaceSafeguards(inputs: Inputs): Generator<Opening> {
  const labels = (at(inputs, "metadata.labels") ?? {}) as Record<string, unknown>;
  if (labels[seatKeys.seat] !== undefined)
    yield exposure("rules of the class", {
      en: `the rules of the class do not hold in it any more (${seatKeys.seat})`,
      ko: `반의 규칙이 더 적용되지 않습니다 (${seatKeys.seat})`,
    });
  const level = levels.indexOf(shown(labels["pod-security.kubernetes.io/enforce"]));
  if (level >= 0 && shown(labels["pod-security.kubernetes.io/enforce-version"] ?? "latest") === "latest")
    yield security("pod security latest", {
      en: "its pods need only be what an older Kubernetes asked for (pod-security.kubernetes.io/enforce-version)",
      ko: "파드가 이전 쿠버네티스의 기준만 지키면 됩니다 (pod-security.kubernetes.io/enforce-version)",
    });
  for (const name of level < 0 ? [] : levels.slice(level))
    yield security(`pod security ${name}`, {
      en: `its pods need not be ${name} any more (pod-security.kubernetes.io/enforce)`,
      ko: `파드가 ${name} 기준을 더 지키지 않아도 됩니다 (pod-security.kubernetes.io/enforce)`,
    });
}
