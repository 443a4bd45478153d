import { Opening, Safeguard, opened, unguarded } from "../openings";
import { Change } from "../resources/model";
import { secret, unknown } from "../resources/values";
import { because, code, Rule, warning } from "./rule";
import { followed } from "./selectors";

const told = (change: Change, { kind, text }: Opening | Safeguard, dangerous: boolean) => {
  const why = change.op === "create" ? { en: "", ko: "" } : because(change);
  return warning(change, kind, dangerous, {
    en: `${code(change)}: ${text.en}${why.en}.`,
    ko: `${code(change)}: ${text.ko}${why.ko}.`,
  });
};

/** Openings that were closed before. */
const newOpenings: Rule = (change, { added, changes }) => {
  const isNew = change.op === "create" && added.has(change.lab);
  return opened(change.type, followed(change, changes), change.after)
    .filter(({ byDesign }) => !(isNew && byDesign === "silent"))
    .map((opening) => told(change, opening, !(isNew && opening.byDesign)));
};

/** What kept a resource closed. */
export const safeguardsLost: Rule = (change, { changes }) => {
  const before = followed(change, changes);
  return before && change.after
    ? unguarded(change.type, before, change.after).map((safeguard) => told(change, safeguard, true))
    : [];
};

/** Who may talk to whom in a namespace. */
const policyRemoved: Rule = (change, { removed }) =>
  change.op === "delete" && change.type.endsWith(":NetworkPolicy") && !removed.has(change.lab)
    ? [
        warning(change, "exposure", true, {
          en: `${code(change)} is removed: what it kept out may come in.`,
          ko: `${code(change)} 리소스가 삭제되어, 지금까지 막던 접근이 허용됩니다.`,
        }),
      ]
    : [];

const isInside = (path: string, whole: string) => path.startsWith(whole) && /^[.[]/.test(path.slice(whole.length));

/** What was a secret, by itself or as a part of one, and is one no longer. */
const disclosed: Rule = (change) => {
  const plain = change.properties.filter(({ new: now }) => now !== undefined && now !== secret && now !== unknown);
  const paths = change.properties
    .filter(({ old }) => old === secret)
    .flatMap(({ path, new: now }) => {
      if (now === secret) return [];
      return plain.find((property) => property.path === path || isInside(property.path, path))?.path ?? [];
    });
  return paths.map((path) =>
    warning(change, "security", true, {
      en: `${code(change)}: \`${path}\` was a secret and is plain text now.`,
      ko: `${code(change)}: \`${path}\` 값은 비밀이었지만 이제 그대로 드러납니다.`,
    }),
  );
};

export const openingRules: Rule[] = [newOpenings, safeguardsLost, policyRemoved, disclosed];
