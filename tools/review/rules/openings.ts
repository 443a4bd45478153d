import { classComponent } from "../../../components/names";
import { Text } from "../../../text";
import { isClosedBy, opened, Opening, policyType, unguarded } from "../openings";
import { Change } from "../resources/model";
import { fetchedAndRun, unseen } from "../resources/code";
import { differences, leadsThrough, secret, shown, unknown } from "../resources/values";
import { because, code, movesWithNamespace, Rule, warning } from "./rule";
import { followed } from "./selectors";

const told = (change: Change, { kind, text }: Opening, dangerous: boolean) => {
  const why = change.op === "create" ? { en: "", ko: "" } : because(change);
  return warning(change, kind, dangerous, {
    en: `${code(change)}: ${text.en}${why.en}.`,
    ko: `${code(change)}: ${text.ko}${why.ko}.`,
  });
};

const newOpenings: Rule = (change, { added, changes, base }) => {
  // A policy for pods that none closes lets in nobody who was not.
  const walls = change.type === policyType ? base?.filter(({ type }) => type === policyType) : undefined;
  const opens = (one: Opening) => walls?.some(({ inputs }) => isClosedBy(one, change.after ?? {}, inputs)) ?? true;
  // A seat of a class is as new as a lab is.
  const isNew = change.op === "create" && (added.has(change.lab) || movesWithNamespace(change, changes));
  return opened(change.type, followed(change, changes), change.after)
    .filter((one) => !(isNew && one.byDesign === "silent") && opens(one))
    .map((opening) => told(change, opening, !(isNew && opening.byDesign)));
};

/** What kept a resource closed. */
export const safeguardsLost: Rule = (change, { changes }) => {
  const before = followed(change, changes);
  return before && change.after
    ? unguarded(change.type, before, change.after).map((safeguard) => told(change, safeguard, true))
    : [];
};

/** What is open without an object that only closes. */
const withoutWall: Record<string, Text> = {
  NetworkPolicy: { en: "what it kept out may come in", ko: "지금까지 막던 접근이 허용됩니다" },
  ResourceQuota: {
    en: "its namespace may take all that the cluster has",
    ko: "그 네임스페이스가 클러스터의 자원을 모두 쓸 수 있게 됩니다",
  },
  LimitRange: {
    en: "pods that name no limit have none, or are refused where a quota counts it",
    ko: "제한을 적지 않은 파드에 제한이 없어지고, 할당량이 세는 값이면 거부됩니다",
  },
  ValidatingAdmissionPolicy: { en: "what it refused is allowed", ko: "지금까지 거부하던 것이 허용됩니다" },
  ValidatingAdmissionPolicyBinding: { en: "what it refused is allowed", ko: "지금까지 거부하던 것이 허용됩니다" },
};

const wallRemoved: Rule = (change, { changes, removed }) => {
  const text = withoutWall[change.type.split(":").pop() ?? ""];
  if (change.op !== "delete" || !text || removed.has(change.lab) || movesWithNamespace(change, changes)) return [];
  // With the last seat, there is nobody left to be kept apart.
  const lastOfClass =
    change.type.startsWith("kubernetes:admissionregistration") &&
    changes.some(({ op, type }) => op === "delete" && type === classComponent);
  if (lastOfClass) return [];
  return warning(change, "exposure", true, {
    en: `${code(change)} is removed: ${text.en}.`,
    ko: `${code(change)} 리소스가 삭제되어, ${text.ko}.`,
  });
};

/** What was a secret, by itself or as a part of one, and is one no longer. */
const disclosed: Rule = (change) => {
  const plain = change.properties.filter(({ new: now }) => now !== undefined && now !== secret && now !== unknown);
  const paths = change.properties
    .filter(({ old }) => old === secret)
    .flatMap(({ path, new: now }) => {
      if (now === secret) return [];
      return plain.find((property) => leadsThrough(property.path, path))?.path ?? [];
    });
  return paths.map((path) =>
    warning(change, "security", true, {
      en: `${code(change)}: \`${path}\` was a secret and is plain text now.`,
      ko: `${code(change)}: \`${path}\` 값은 비밀이었지만 이제 그대로 드러납니다.`,
    }),
  );
};

/** A command that fetches a program and runs it, wherever it is put together. */
const fetching: Rule = (change) =>
  differences(change.before ?? {}, change.after ?? {})
    .flatMap(({ old, new: now }) => fetchedAndRun(shown(old), shown(now)).map(unseen))
    .map(({ en, ko }) =>
      warning(change, "security", true, { en: `${code(change)}: ${en}`, ko: `${code(change)}: ${ko}` }),
    );

export const openingRules: Rule[] = [newOpenings, safeguardsLost, wallRemoved, disclosed, fetching];
