import { Inputs } from "../resources/model";
import { objectsAt } from "../resources/values";
import { namespaceSafeguards, policyOpenings, policySafeguards } from "./cluster";
import { containerOpenings, containerSafeguards, imageOpenings, networkSafeguards } from "./container";
import { missing, Opening } from "./opening";
import { podOpenings, podSafeguards, podOf } from "./pod";
import { roleOpenings } from "./rights";
import { serviceOpenings } from "./service";
import { strange } from "./strange";

export { isClosedBy, policyType } from "./cluster";
export type { Opening } from "./opening";
export { podOf, runsPods } from "./pod";
export { selectorOf, serviceTargets } from "./service";

interface Look {
  openings?: (inputs: Inputs) => Iterable<Opening>;
  safeguards?: (inputs: Inputs) => Iterable<Opening>;
}

export const looks: Record<string, Look> = {
  "docker:index/container:Container": { openings: containerOpenings, safeguards: containerSafeguards },
  "docker:index/network:Network": { safeguards: networkSafeguards },
  "docker:index/image:Image": { openings: imageOpenings },
  "kubernetes:core/v1:Service": { openings: serviceOpenings },
  "kubernetes:core/v1:Namespace": { safeguards: namespaceSafeguards },
  "kubernetes:networking.k8s.io/v1:NetworkPolicy": { openings: policyOpenings, safeguards: policySafeguards },
  "kubernetes:rbac.authorization.k8s.io/v1:RoleBinding": { openings: roleOpenings },
};

const lookOf = (type: string): Look => looks[type] ?? {};

export function openingsOf(type: string, inputs: Inputs | undefined): Opening[] {
  if (!inputs) return [];
  const pod = podOf(type, inputs);
  const known = [...(lookOf(type).openings?.(inputs) ?? []), ...(pod === undefined ? [] : podOpenings(pod))];
  return [...known, ...strange(type, inputs)];
}

/** What a resource leaves open that it did not before. */
export const opened = (type: string, before: Inputs | undefined, after: Inputs | undefined): Opening[] =>
  missing(openingsOf(type, after), openingsOf(type, before));

/** What kept a resource shut and is gone, while the resource is still there. */
export function unguarded(type: string, before: Inputs, after: Inputs): Opening[] {
  const safeguards = lookOf(type).safeguards ?? (() => []);
  const [was, is] = [podOf(type, before), podOf(type, after)];
  const names = objectsAt(is, "containers").map(({ name }) => name);
  const stay = objectsAt(was, "containers").filter(({ name }) => names.includes(name));
  // What an opening reports already, no safeguard has to.
  const known = [...safeguards(after), ...podSafeguards(is), ...openingsOf(type, after)];
  return missing([...safeguards(before), ...podSafeguards({ containers: stay })], known);
}
