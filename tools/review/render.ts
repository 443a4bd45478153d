import { Language, Text } from "../../text";
import { worthTelling } from "./collect";
import { called } from "./resources/labs";
import { Change, Property, Report, SettingChange, Warning } from "./resources/model";
import { cutTo, unknown } from "./resources/values";
import { kinds, ops, verdicts, words } from "./resources/words";

/** What a comment on GitHub may have, less what the script adds. @see https://docs.github.com/rest/issues/comments */
export const commentLimit = 65_000;

/** The first line of the report: by it the comment of an earlier run is found. */
export const marker = "<!-- course-labs-review -->";

/** Names and values are shown up to here; the JSON has them whole. */
const longest = 300;

const oneLine = (text: string) => text.replace(/\r\n|[\r\n\u2028\u2029]/g, "⏎");

/** Text that somebody else has written, in one line: it ends no comment, opens no tag, leads nowhere and calls nobody. */
const inert = (text: string) =>
  oneLine(text)
    .replace(/<(?=[a-z!/?])/gi, "<\u200b")
    .replace(/(^|[^\w])@(?=\w)/g, "$1@\u200b")
    .replace(/\](?=[([])/g, "]\u200b");

function asCode(text: string): string {
  const cut = cutTo(oneLine(text), longest);
  const runs = Math.max(0, ...(cut.match(/`+/g) ?? []).map((run) => run.length));
  const fence = "`".repeat(runs + 1);
  const space = runs > 0 ? " " : "";
  return `${fence}${space}${cut}${space}${fence}`;
}

/** A bar, and a backslash before it, would end the cell. */
const cell = (text: string) => text.replace(/\\(?=\|)/g, "\\\u200b").replaceAll("|", "\\|");

/** Renders a report in one language, at most {@link commentLimit} characters long: what comes last is cut. */
export function render(report: Report, language: Language): string {
  const text = markdown(report, language);
  if (text.length <= commentLimit) return text;
  const note = `\n\n_${words.shortened[language]}_\n`;
  const end = "\n\n</details>";
  const kept = text.slice(0, commentLimit - note.length - end.length);
  const whole = kept.slice(0, Math.max(kept.lastIndexOf("\n"), 0)) || kept;
  const isOpen = whole.split("<details>").length > whole.split("</details>").length;
  return `${whole}${isOpen ? end : ""}${note}`;
}

function markdown(report: Report, language: Language): string {
  const t = (text: Text) => text[language];
  const { verdict, base, stack } = report;
  const { sign, text } = verdicts[verdict];
  // What nobody judged may be dangerous.
  const headline = verdict === "changes" && report.unchecked.length > 0 ? words.notAllJudged : text;
  const commit = base.commit.slice(0, 7);
  const dangerous = report.warnings.filter((warning) => warning.dangerous);
  const others = report.warnings.filter((warning) => !warning.dangerous);
  const told = worthTelling(report.changes);
  const fresh = told.filter(({ already }) => !already);

  const sections = [
    marker,
    `## ${sign} ${t(words.title)}: ${t(headline)}`,
    summary(fresh, language, base.ref === base.commit ? `\`${commit}\`` : `${asCode(base.ref)} (${commit})`, stack),
    ...(report.failure
      ? [`### ${t(words.failed)}`, "```\n" + cutTo(t(report.failure).replaceAll("```", "'''"), 8000) + "\n```"]
      : []),
    ...warnings(t(words.dangerous), "⛔", dangerous, language),
    ...warnings(t(words.told), "•", others, language),
    ...labs(t(words.changes), fresh, language),
    ...labs(
      t(words.already),
      told.filter(({ already }) => already),
      language,
      t(words.alreadyWhy),
    ),
    ...table(t(words.settings), t(words.setting), report.settings, language),
    ...table(t(words.outputs), t(words.output), report.outputs, language),
    ...list(
      t(words.files),
      report.files.map((file) => asCode(file)),
    ),
    ...list(
      t(words.unchecked),
      report.unchecked.map((text) => inert(t(text))),
    ),
  ];
  return `${sections.join("\n\n")}\n`;
}

/** `3 replaced, 1 deleted`, as both languages count. */
const counts = (changes: readonly Change[], language: Language) =>
  (["create", "update", "replace", "delete"] as const)
    .map((op) => ({ what: ops[op][language], n: changes.filter((change) => change.op === op).length }))
    .filter(({ n }) => n > 0)
    .map(({ what, n }) => (language === "ko" ? `${what} ${n}개` : `${n} ${what}`))
    .join(", ");

function summary(changes: readonly Change[], language: Language, base: string, stack: string): string {
  const what = counts(changes, language).replace(/.$/, "$&. ");
  return language === "ko"
    ? `${what}기준 리비전: ${base}, 스택: \`${stack}\`.`
    : `${what}Compared with ${base}, stack \`${stack}\`.`;
}

function warnings(title: string, sign: string, all: readonly Warning[], language: Language): string[] {
  const sentences = all.map(({ kind, lab, text, already }) => {
    const too = already ? ` _(${words.already[language]})_` : "";
    return `${sign} **${kinds[kind][language]}** · ${inert(lab)}: ${inert(text[language])}${too}`;
  });
  return list(title, sentences);
}

function row({ path, old, new: now, forcesReplacement }: Property, language: Language): string {
  const side = (text: string | undefined) =>
    text === undefined ? "–" : text === unknown ? `_${words.later[language]}_` : asCode(text);
  const forces = forcesReplacement ? ` (${words.forces[language]})` : "";
  return `${cell(`${asCode(path)}${forces}`)} | ${cell(`${side(old)} → ${side(now)}`)}`;
}

function reason({ op }: Change, language: Language): string {
  if (op === "replace") return `${words.dependency[language]} | `;
  return op === "update" ? `${words.retried[language]} | ` : " | ";
}

function labs(title: string, changes: readonly Change[], language: Language, note?: string): string[] {
  if (changes.length === 0) return [];
  const blocks = [...new Set(changes.map(({ lab }) => lab))].map((lab) => {
    const of = changes.filter((change) => change.lab === lab);
    const head = `<b>${inert(cutTo(lab, longest)).replaceAll("<", "&lt;")}</b>: ${counts(of, language)}`;
    const rows = of.flatMap((change) => {
      const harm = change.op === "replace" || change.op === "delete" ? "**" : "";
      const start = `| ${cell(asCode(called(change)))} | ${harm}${ops[change.op][language]}${harm} | `;
      return change.properties.length > 0
        ? change.properties.map((property, i) => (i === 0 ? start : "| | | ") + row(property, language) + " |")
        : [`${start}${reason(change, language)} |`];
    });
    const header = [words.resource, words.what, words.property, words.values].map((text) => text[language]);
    return [
      `<details><summary>${head}</summary>`,
      "",
      `| ${header.join(" | ")} |`,
      "| --- | --- | --- | --- |",
      ...rows,
      "",
      "</details>",
    ].join("\n");
  });
  return [`### ${title}`, ...(note ? [note] : []), blocks.join("\n")];
}

function table(title: string, what: string, changes: readonly SettingChange[], language: Language): string[] {
  if (changes.length === 0) return [];
  const side = (text: string | undefined) => (text === undefined ? "–" : asCode(text));
  const rows = changes.map(
    ({ name, old, new: now }) => `| ${cell(asCode(name))} | ${cell(`${side(old)} → ${side(now)}`)} |`,
  );
  return [`### ${title}`, [`| ${what} | ${words.values[language]} |`, "| --- | --- |", ...rows].join("\n")];
}

function list(title: string, items: readonly string[]): string[] {
  return items.length === 0 ? [] : [`### ${title}`, items.map((item) => `- ${item}`).join("\n")];
}
