import { Door, doorsOf } from "../doors";
import { secret, unknown } from "../values";
import { arrow, because, code, Rule, warning } from "./rule";

/** Doors that were closed before. */
const opened: Rule = (change, { added }) => {
  const before = new Set(doorsOf(change.type, change.before).map(({ key }) => key));
  const isNew = change.op === "create" && added.has(change.lab);
  return doorsOf(change.type, change.after)
    .filter(({ key }) => !before.has(key))
    .map(({ kind, text, byDesign }: Door) => {
      const why = change.op === "create" ? { en: "", ko: "" } : because(change);
      return warning(change, kind, !(isNew && byDesign), {
        en: `${code(change)}: ${text.en}${why.en}.`,
        ko: `${code(change)}: ${text.ko}${why.ko}.`,
      });
    });
};

/** Who may talk to whom in a namespace. */
const networkPolicy: Rule = (change, { removed }) => {
  if (!change.type.endsWith(":NetworkPolicy") || removed.has(change.lab)) return [];
  if (change.op === "delete") {
    return [
      warning(change, "exposure", true, {
        en: `${code(change)} is removed: what it kept out may come in.`,
        ko: `${code(change)} 이(가) 삭제됩니다: 지금까지 막던 접근이 허용됩니다.`,
      }),
    ];
  }
  const spec = change.op === "create" ? [] : change.properties.filter(({ path }) => path.startsWith("spec"));
  return spec.length === 0
    ? []
    : [
        warning(change, "exposure", true, {
          en: `${code(change)} lets others in than before (${spec.slice(0, 2).map(arrow).join(", ")}).`,
          ko: `${code(change)} 이(가) 허용하는 접근이 달라집니다 (${spec.slice(0, 2).map(arrow).join(", ")}).`,
        }),
      ];
};

/** What was a secret and is one no longer. */
const disclosed: Rule = (change) =>
  change.properties
    .filter(({ old, new: now }) => old === secret && now !== undefined && now !== secret && now !== unknown)
    .map(({ path }) =>
      warning(change, "security", true, {
        en: `${code(change)}: \`${path}\` was a secret and is plain text now.`,
        ko: `${code(change)}: \`${path}\` 은(는) 비밀 값이었지만 이제 그대로 드러납니다.`,
      }),
    );

export const doorRules: Rule[] = [opened, networkPolicy, disclosed];
