import { Inputs } from "../resources/model";
import { at, objectsAt, shown } from "../resources/values";
import { exposure, Opening } from "./opening";

/** Roles that come with Kubernetes, from the one that may least to the one that may most. */
const roles = ["view", "edit", "admin", "cluster-admin"];

/**
 * Whom a RoleBinding lets do what. Who may do more already could do this before.
 * @see https://kubernetes.io/docs/reference/access-authn-authz/rbac/#user-facing-roles
 */
export function roleOpenings(inputs: Inputs): Opening[] {
  const role = `${shown(at(inputs, "roleRef.kind"))} ${shown(at(inputs, "roleRef.name"))}`;
  const rank = roles.indexOf(shown(at(inputs, "roleRef.name")));
  const wider = rank < 0 ? [] : roles.slice(rank + 1).map((name) => `ClusterRole ${name}`);
  const namespace = shown(at(inputs, "metadata.namespace"));
  return objectsAt(inputs, "subjects").map(({ kind, name, namespace: home }) => {
    const who = `${shown(kind)} ${home === undefined ? "" : `${shown(home)}/`}${shown(name)}`;
    const key = (of: string) => `${namespace} ${of} ${who}`;
    return exposure(key(role), {
      en: `it gives ${who} the role ${role} in namespace ${namespace}`,
      ko: `네임스페이스 ${namespace}에서 ${who} 대상에 ${role} 역할을 줍니다`,
      byDesign: "silent",
      within: wider.map(key),
    });
  });
}
