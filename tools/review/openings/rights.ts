import { Inputs } from "../resources/model";
import { at, cutTo, objectsAt, shown } from "../resources/values";
import { exposure, items, Opening } from "./opening";

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

/** What a policy of admission asks of which requests, one by one. */
function* requestsOf(inputs: Inputs): Generator<string> {
  for (const { apiGroups, resources, operations } of objectsAt(inputs, "spec.matchConstraints.resourceRules"))
    for (const group of items(apiGroups).map(shown))
      for (const resource of items(resources).map(shown))
        for (const operation of items(operations).map(shown))
          yield `${operation} ${resource}${group === "" ? "" : `.${group}`}`;
}

export function* admissionSafeguards(inputs: Inputs): Generator<Opening> {
  const name = shown(at(inputs, "metadata.name"));
  for (const { expression, message } of objectsAt(inputs, "spec.validations")) {
    const reason = cutTo(shown(message ?? expression), 100);
    yield exposure(`admission ${name} ${shown(expression)}`, {
      en: `it does not refuse any more what it refused with: ${reason}`,
      ko: `지금까지 다음 이유로 거부하던 것을 더 거부하지 않습니다: ${reason}`,
    });
  }
  for (const { name: variable, expression } of objectsAt(inputs, "spec.variables"))
    yield exposure(`admission ${name} ${shown(variable)} ${shown(expression)}`, {
      en: `its rules go by another \`${shown(variable)}\` than before (spec.variables)`,
      ko: `규칙이 쓰는 \`${shown(variable)}\` 값의 뜻이 달라집니다 (spec.variables)`,
    });
  for (const what of requestsOf(inputs))
    yield exposure(`admission ${name} asked ${what}`, {
      en: `it is not asked about ${what} any more`,
      ko: `${what} 요청을 더 확인하지 않습니다`,
    });
  if (shown(at(inputs, "spec.failurePolicy") ?? "Fail") === "Fail")
    yield exposure(`admission ${name} fails`, {
      en: "what it cannot judge is let through (failurePolicy)",
      ko: "판단할 수 없는 것을 통과시킵니다 (failurePolicy)",
    });
}

export function* bindingSafeguards(inputs: Inputs): Generator<Opening> {
  const name = shown(at(inputs, "metadata.name"));
  const where = JSON.stringify(at(inputs, "spec.matchResources") ?? {});
  yield exposure(`binding ${name} where ${where}`, {
    en: "the rules hold for other objects or namespaces than before (spec.matchResources)",
    ko: "규칙이 적용되는 오브젝트나 네임스페이스가 달라집니다 (spec.matchResources)",
    within: [`binding ${name} where {}`],
  });
  const policy = shown(at(inputs, "spec.policyName"));
  yield exposure(`binding ${name} of ${policy}`, {
    en: `the rules of ${policy} do not hold any more (spec.policyName)`,
    ko: `${policy} 정책의 규칙이 더 적용되지 않습니다 (spec.policyName)`,
  });
  if (items(at(inputs, "spec.validationActions")).includes("Deny"))
    yield exposure(`binding ${name} denies`, {
      en: "the rules only warn, or note, and refuse nothing (spec.validationActions)",
      ko: "규칙이 경고나 기록만 하고 아무것도 거부하지 않습니다 (spec.validationActions)",
    });
}
