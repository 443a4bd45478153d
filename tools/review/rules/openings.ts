import { classComponent } from "../../../components/names";
import { isClosedBy, opened, Opening, policyType, unguarded } from "../openings";
import { Change } from "../resources/model";
import { fetchedAndRun, unseen } from "../resources/code";
import { differences, leadsThrough, secret, shown, unknown } from "../resources/values";
import { arrows, because, code, followed, movesWithNamespace, Rule, stays, warning } from "./rule";

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
  const { type, after } = change;
  const before = followed(change, changes);
  return before && after ? unguarded(type, before, after).map((safeguard) => told(change, safeguard, true)) : [];
};

/** Objects that only close. */
const walls = /:(NetworkPolicy|ResourceQuota|LimitRange|ValidatingAdmissionPolicy(Binding)?)$/;

const admissionTypes = "kubernetes:admissionregistration.k8s.io/";

const wallRemoved: Rule = (change, { changes, removed }) => {
  if (
    change.op !== "delete" ||
    !walls.test(change.type) ||
    removed.has(change.lab) ||
    movesWithNamespace(change, changes)
  )
    return [];
  // With the last seat, there is nobody left to be kept apart.
  const lastOfClass =
    change.type.startsWith(admissionTypes) &&
    changes.some(({ op, type }) => op === "delete" && type === classComponent);
  if (lastOfClass) return [];
  return warning(change, "exposure", true, {
    en: `${code(change)} is removed: what it refused or limited is allowed.`,
    ko: `${code(change)} 리소스가 삭제되어, 지금까지 막거나 제한하던 것이 허용됩니다.`,
  });
};

/** The rules that keep a class apart are a program of their own: whether they refuse less, nobody can tell by comparing. */
const admission: Rule = (change) => {
  const rules = change.properties.filter(({ path }) => /^spec(?!.*\.(message(Expression)?|reason)$)/.test(path));
  if (!change.type.startsWith(admissionTypes) || !stays(change) || rules.length === 0) return [];
  return warning(change, "exposure", true, {
    en: `${code(change)}: the rules of the class change (${arrows(rules)}). Read what they no longer refuse.`,
    ko: `${code(change)}: 반의 규칙이 바뀝니다 (${arrows(rules)}). 무엇을 더 이상 거부하지 않는지 읽어 보세요.`,
  });
};

/** What was a secret, by itself or as a part of one, and is one no longer. */
const disclosed: Rule = (change) => {
  const plain = change.properties.filter(({ new: now }) => now !== undefined && now !== secret && now !== unknown);
  const paths = change.properties
    .filter(({ old }) => old === secret)
    .flatMap(({ path }) => plain.find((property) => leadsThrough(property.path, path))?.path ?? []);
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

export const openingRules: Rule[] = [newOpenings, safeguardsLost, wallRemoved, admission, disclosed, fetching];
