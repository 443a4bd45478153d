import { Language, Text } from "../text";
import { worthTelling } from "./collect";
import { called } from "./labs";
import { Change, Op, Property, Report, Warning } from "./model";
import { unknown } from "./values";
import { kinds, ops, verdicts, words } from "./words";

/**
 * Characters that a comment on GitHub may have, less what the script that writes it adds.
 * @see https://docs.github.com/rest/issues/comments
 */
export const commentLimit = 65_000;

/** The first line of the report: by it the comment of an earlier run is found. */
export const marker = "<!-- course-labs-review -->";

/** How much detail there is, from everything to as little as it takes; every warning counts at every level. */
const levels = [
  { value: 300, properties: Infinity, rows: true, list: Infinity, warnings: "sentences" },
  { value: 60, properties: 5, rows: true, list: 50, warnings: "sentences" },
  { value: 60, properties: 0, rows: true, list: 20, warnings: "sentences" },
  { value: 60, properties: 0, rows: false, list: 20, warnings: "sentences" },
  { value: 30, properties: 0, rows: false, list: 20, warnings: "names" },
  { value: 30, properties: 0, rows: false, list: 20, warnings: "counts" },
] as const;
type Level = (typeof levels)[number];

const cutTo = (text: string, limit: number) => (text.length > limit ? `${text.slice(0, limit - 1)}…` : text);

const oneLine = (text: string) => text.replace(/\r\n|[\r\n\u2028\u2029]/g, "⏎");

/** Text that somebody else has written, in one line: it ends no comment, opens no tag, leads nowhere and calls nobody. */
const inert = (text: string) =>
  oneLine(text)
    .replace(/<(?=[a-z!/?])/gi, "<\u200b")
    .replace(/(^|[^\w])@(?=\w)/g, "$1@\u200b")
    .replace(/\](?=[([])/g, "]\u200b");

/** Text as code, in one line, whatever is in it. */
function asCode(text: string, limit: number): string {
  const cut = cutTo(oneLine(text), limit);
  const longest = Math.max(0, ...(cut.match(/`+/g) ?? []).map((run) => run.length));
  const fence = "`".repeat(longest + 1);
  const space = longest > 0 ? " " : "";
  return `${fence}${space}${cut}${space}${fence}`;
}

/** A bar, and a backslash before it, would end the cell. */
const cell = (text: string) => text.replace(/\\(?=\|)/g, "\\\u200b").replaceAll("|", "\\|");

/** Lists no more than what can be read, and says how many more there are. */
function atMost(lines: readonly string[], limit: number, language: Language): string[] {
  const more = lines.length - limit;
  return more > 0 ? [...lines.slice(0, limit), `- … +${more}: ${words.inJson[language]}`] : [...lines];
}

/** Renders a report in one language, at most {@link commentLimit} characters long. */
export function render(report: Report, language: Language): string {
  const rendered = levels.map((level) => () => markdown(report, language, level));
  for (const attempt of rendered) {
    const text = attempt();
    if (text.length <= commentLimit) return text;
  }
  return markdown(report, language, levels[levels.length - 1]!);
}

function markdown(report: Report, language: Language, level: Level): string {
  const t = (text: Text) => text[language];
  const { verdict, base, stack } = report;
  const { sign, text } = verdicts[verdict];
  const commit = base.commit.slice(0, 7);
  const dangerous = report.warnings.filter((warning) => warning.dangerous);
  const others = report.warnings.filter((warning) => !warning.dangerous);
  const told = worthTelling(report.changes);

  const sections = [
    marker,
    `## ${sign} ${t(words.title)}: ${t(text)}`,
    summary(told, language, base.ref === base.commit ? `\`${commit}\`` : `${asCode(base.ref, 120)} (${commit})`, stack),
    ...(report.failure
      ? [`### ${t(words.failed)}`, "```\n" + cutTo(t(report.failure).replaceAll("```", "'''"), 8000) + "\n```"]
      : []),
    ...warnings(t(words.dangerous), "⛔", dangerous, language, level),
    ...warnings(t(words.told), "•", others, language, level),
    ...labs(
      t(words.changes),
      told.filter(({ already }) => !already),
      language,
      level,
    ),
    ...labs(
      t(words.already),
      told.filter(({ already }) => already),
      language,
      level,
      t(words.alreadyWhy),
    ),
    ...settings(report, language, level),
    ...list(
      t(words.files),
      report.files.map((file) => asCode(file, 200)),
      level.list,
      language,
    ),
    ...list(
      t(words.unchecked),
      report.unchecked.map((text) => inert(t(text))),
      level.warnings === "counts" ? level.list : Infinity,
      language,
    ),
    ...(level === levels[0] ? [] : [`_${t(level.warnings === "counts" ? words.counted : words.shortened)}_`]),
  ];
  return `${sections.join("\n\n")}\n`;
}

/** One line: how much of what. */
function summary(changes: readonly Change[], language: Language, base: string, stack: string): string {
  const count = (op: Op) => changes.filter((change) => change.op === op && !change.already).length;
  const counts = (["create", "update", "replace", "delete"] as const)
    .filter((op) => count(op) > 0)
    .map((op) => `${count(op)} ${ops[op][language].replaceAll("**", "")}`);
  const what = counts.length > 0 ? `${counts.join(", ")}. ` : "";
  return language === "ko"
    ? `${what}비교 기준: ${base}, 스택 \`${stack}\`.`
    : `${what}Compared with ${base}, stack \`${stack}\`.`;
}

function warnings(
  title: string,
  sign: string,
  all: readonly Warning[],
  language: Language,
  { warnings: told, list }: Level,
): string[] {
  if (all.length === 0) return [];
  const about = ({ kind, lab }: Warning) =>
    `- ${sign} **${kinds[kind][language]}** · ${inert(told === "counts" ? cutTo(lab, 60) : lab)}`;
  if (told === "sentences") {
    const sentences = all.map((warning) => {
      const already = warning.already ? ` _(${words.already[language]})_` : "";
      return `${about(warning)}: ${inert(warning.text[language])}${already}`;
    });
    return [`### ${title}`, sentences.join("\n")];
  }
  const groups = new Map<string, Warning[]>();
  for (const warning of all) groups.set(about(warning), [...(groups.get(about(warning)) ?? []), warning]);
  const lines = [...groups].map(([key, of]) =>
    told === "counts"
      ? `${key}: ${of.length}`
      : `${key}: ${of.flatMap(({ resource }) => (resource ? [inert(resource)] : [])).join(", ")}`,
  );
  return [`### ${title}`, (told === "counts" ? atMost(lines, list, language) : lines).join("\n")];
}

function row({ path, old, new: now, forcesReplacement }: Property, language: Language, { value }: Level): string {
  const side = (text: string | undefined) =>
    text === undefined ? "–" : text === unknown ? `_${words.later[language]}_` : asCode(text, value);
  const forces = forcesReplacement ? ` (${words.forces[language]})` : "";
  return `${cell(`${asCode(path, 120)}${forces}`)} | ${cell(`${side(old)} → ${side(now)}`)}`;
}

/** A reason where there is no property to show. */
function reason({ op, properties }: Change, language: Language): string {
  if (properties.length > 0) return ` | `;
  if (op === "replace") return `${words.dependency[language]} | `;
  return op === "update" ? `${words.retried[language]} | ` : " | ";
}

function labs(title: string, changes: readonly Change[], language: Language, level: Level, note?: string): string[] {
  if (changes.length === 0) return [];
  const blocks = [...new Set(changes.map(({ lab }) => lab))].map((lab) => {
    const of = changes.filter((change) => change.lab === lab);
    const counts = (["delete", "replace", "update", "create"] as const)
      .map((op) => ({ op, n: of.filter((change) => change.op === op).length }))
      .filter(({ n }) => n > 0)
      .map(({ op, n }) => `${n} ${ops[op][language].replaceAll("**", "")}`);
    const head = `<b>${inert(cutTo(lab, 120)).replaceAll("<", "&lt;")}</b>: ${counts.join(", ")}`;
    if (!level.rows) return `- ${head}`;
    const rows = of.flatMap((change) => {
      const start = `| ${cell(asCode(called(change), 120))} | ${ops[change.op][language]} | `;
      const shown = change.properties.slice(0, level.properties);
      const more = change.properties.length - shown.length;
      return [
        ...(shown.length > 0
          ? shown.map((property, i) => (i === 0 ? start : "| | | ") + row(property, language, level) + " |")
          : [`${start}${reason(change, language)} |`]),
        ...(more > 0 && shown.length > 0 ? [`| | | … +${more} | |`] : []),
      ];
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
  const shown = level.warnings === "counts" ? atMost(blocks, level.list, language) : blocks;
  return [`### ${title}`, ...(note ? [note] : []), shown.join("\n")];
}

function settings(report: Report, language: Language, level: Level): string[] {
  if (report.settings.length === 0) return [];
  const side = (text: string | undefined) => (text === undefined ? "–" : asCode(text, level.value));
  const rows = report.settings
    .slice(0, level.list)
    .map(({ name, old, new: now }) => `| ${cell(asCode(name, 120))} | ${cell(`${side(old)} → ${side(now)}`)} |`);
  const more = report.settings.length - rows.length;
  const table = [
    `| ${words.setting[language]} | ${words.values[language]} |`,
    "| --- | --- |",
    ...rows,
    ...(more > 0 ? [`| … +${more} | |`] : []),
  ];
  return [`### ${words.settings[language]}`, table.join("\n")];
}

function list(title: string, items: readonly string[], limit: number, language: Language): string[] {
  if (items.length === 0) return [];
  const lines = items.map((item) => `- ${item}`);
  return [`### ${title}`, atMost(lines, limit, language).join("\n")];
}
