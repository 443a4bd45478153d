import { Inputs } from "../resources/model";
import { at, cutTo, objectsAt, shown } from "../resources/values";
import { items, Opening, opening, Safeguard, safeguard } from "./opening";

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
    return opening(
      "exposure",
      key(role),
      `it gives ${who} the role ${role} in namespace ${namespace}`,
      `네임스페이스 ${namespace}에서 ${who} 대상에 ${role} 역할을 줍니다`,
      { byDesign: "silent", within: wider.map(key) },
    );
  });
}

/** What a policy of admission refuses. */
export function admissionSafeguards(inputs: Inputs): Safeguard[] {
  const name = shown(at(inputs, "metadata.name"));
  const rules = objectsAt(inputs, "spec.validations").map(({ expression, message }) => {
    const said = cutTo(shown(message ?? expression), 100);
    return safeguard(
      `admission ${name} ${shown(expression)}`,
      `it does not refuse any more what it refused with: ${said}`,
      `지금까지 다음 이유로 거부하던 것을 더 거부하지 않습니다: ${said}`,
      { kind: "exposure" },
    );
  });
  const asked = objectsAt(inputs, "spec.matchConstraints.resourceRules").flatMap(
    ({ apiGroups, resources, operations }) =>
      items(apiGroups).flatMap((group) =>
        items(resources).flatMap((resource) =>
          items(operations).map((operation) => {
            const what = `${shown(operation)} ${shown(resource)}${shown(group) === "" ? "" : `.${shown(group)}`}`;
            return safeguard(
              `admission ${name} asked ${what}`,
              `it is not asked about ${what} any more`,
              `${what} 요청을 더 확인하지 않습니다`,
              { kind: "exposure" },
            );
          }),
        ),
      ),
  );
  const fails = shown(at(inputs, "spec.failurePolicy") ?? "Fail") === "Fail";
  return [
    ...rules,
    ...asked,
    ...(fails
      ? [
          safeguard(
            `admission ${name} fails`,
            "what it cannot judge is let through (failurePolicy)",
            "판단할 수 없는 것을 통과시킵니다 (failurePolicy)",
            { kind: "exposure" },
          ),
        ]
      : []),
  ];
}

/** Where a policy of admission holds, and that it refuses. */
export function bindingSafeguards(inputs: Inputs): Safeguard[] {
  const name = shown(at(inputs, "metadata.name"));
  const where = JSON.stringify(at(inputs, "spec.matchResources") ?? {});
  const denies = items(at(inputs, "spec.validationActions")).includes("Deny");
  return [
    safeguard(
      `binding ${name} where ${where}`,
      "the rules hold for other objects or namespaces than before (spec.matchResources)",
      "규칙이 적용되는 오브젝트나 네임스페이스가 달라집니다 (spec.matchResources)",
      { kind: "exposure", within: [`binding ${name} where {}`] },
    ),
    ...(denies
      ? [
          safeguard(
            `binding ${name} denies`,
            "the rules only warn, or note, and refuse nothing (spec.validationActions)",
            "규칙이 경고나 기록만 하고 아무것도 거부하지 않습니다 (spec.validationActions)",
            { kind: "exposure" },
          ),
        ]
      : []),
  ];
}
