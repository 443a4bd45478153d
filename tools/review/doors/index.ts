import { Inputs } from "../resources/model";
import { objectsAt } from "../resources/values";
import { namespaceLocks, policyDoors, policyLocks } from "./cluster";
import { admissionLocks, bindingLocks, roleDoors } from "./rights";
import { containerDoors, containerLocks, imageDoors, networkDoors, networkLocks, volumeDoors } from "./container";
import { Door, Lock, missing } from "./door";
import { podDoors, podLocks, podOf } from "./pod";
import { serviceDoors } from "./service";

export type { Door, Lock } from "./door";
export { podOf, runsPods } from "./pod";
export { selectorOf, serviceTargets } from "./service";

/** What is looked at of a resource, by its type. */
interface Look {
  doors?: (inputs: Inputs) => Door[];
  locks?: (inputs: Inputs) => Lock[];
}

export const looks: Record<string, Look> = {
  "docker:index/container:Container": { doors: containerDoors, locks: containerLocks },
  "docker:index/network:Network": { doors: networkDoors, locks: networkLocks },
  "docker:index/volume:Volume": { doors: volumeDoors },
  "docker:index/image:Image": { doors: imageDoors },
  "kubernetes:core/v1:Service": { doors: serviceDoors },
  "kubernetes:core/v1:Namespace": { locks: namespaceLocks },
  "kubernetes:networking.k8s.io/v1:NetworkPolicy": { doors: policyDoors, locks: policyLocks },
  "kubernetes:rbac.authorization.k8s.io/v1:RoleBinding": { doors: roleDoors },
  "kubernetes:admissionregistration.k8s.io/v1:ValidatingAdmissionPolicy": { locks: admissionLocks },
  "kubernetes:admissionregistration.k8s.io/v1:ValidatingAdmissionPolicyBinding": { locks: bindingLocks },
};

const lookOf = (type: string): Look => looks[type] ?? {};

/** The doors of a resource and its pod. */
export function doorsOf(type: string, inputs: Inputs | undefined): Door[] {
  if (!inputs) return [];
  const pod = podOf(type, inputs);
  return [...(lookOf(type).doors?.(inputs) ?? []), ...(pod === undefined ? [] : podDoors(pod))];
}

/** What a resource leaves open that it did not before. */
export const opened = (type: string, before: Inputs | undefined, after: Inputs | undefined): Door[] =>
  missing(doorsOf(type, after), doorsOf(type, before));

/** What kept a resource shut and is gone, while the resource is still there. */
export function unlocked(type: string, before: Inputs, after: Inputs): (Door | Lock)[] {
  const locks = lookOf(type).locks ?? (() => []);
  const [was, is] = [podOf(type, before), podOf(type, after)];
  const names = objectsAt(is, "containers").map(({ name }) => name);
  const stay = objectsAt(was, "containers").filter(({ name }) => names.includes(name));
  // What a door tells already, no lock needs to.
  const known = [...locks(after), ...podLocks(is), ...doorsOf(type, after)];
  return missing<Door | Lock>([...locks(before), ...podLocks({ containers: stay })], known);
}
