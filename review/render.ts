import { Language, Text } from "../text";
import { worthTelling } from "./collect";
import { called } from "./labs";
import { Change, Op, Property, Report, Warning } from "./model";
import { unknown } from "./values";
import { kinds, ops, verdicts, words } from "./words";

/** Characters that a comment on GitHub may have. @see https://docs.github.com/rest/issues/comments */
export const commentLimit = 65_536;

/** The first line of the report: by it the comment of an earlier run is found. */
export const marker = "<!-- course-labs-review -->";

/** How much detail there is, from everything to as little as it takes; warnings stay at every level. */
const levels = [
  { value: 300, properties: Infinity, rows: true, list: Infinity, grouped: false },
  { value: 60, properties: 5, rows: true, list: 50, grouped: false },
  { value: 60, properties: 0, rows: true, list: 20, grouped: false },
  { value: 60, properties: 0, rows: false, list: 20, grouped: false },
  { value: 30, properties: 0, rows: false, list: 5, grouped: true },
] as const;
type Level = (typeof levels)[number];

/** Text as code, in one line, whatever is in it. */
function asCode(text: string, limit: number): string {
  const line = text.replace(/\r?\n/g, "⏎");
  const cut = line.length > limit ? `${line.slice(0, limit - 1)}…` : line;
  const fence = cut.includes("`") ? "``" : "`";
  const space = cut.startsWith("`") || cut.endsWith("`") ? " " : "";
  return `${fence}${space}${cut}${space}${fence}`;
}

const cell = (text: string) => text.replaceAll("|", "\\|");

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
    summary(told, language, base.ref === base.commit ? `\`${commit}\`` : `\`${base.ref}\` (${commit})`, stack),
    ...(report.failure
      ? [`### ${t(words.failed)}`, "```\n" + t(report.failure).replaceAll("```", "'''") + "\n```"]
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
      report.files.map((file) => `\`${file}\``),
      level,
    ),
    ...list(t(words.unchecked), report.unchecked.map(t), { ...level, list: Infinity }),
    ...(level === levels[0] ? [] : [`_${t(words.shortened)}_`]),
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
  { grouped }: Level,
): string[] {
  if (all.length === 0) return [];
  const sentence = (warning: Warning) => {
    const already = warning.already ? ` _(${words.already[language]})_` : "";
    return `- ${sign} **${kinds[warning.kind][language]}** · ${warning.lab}: ${warning.text[language]}${already}`;
  };
  if (!grouped) return [`### ${title}`, all.map(sentence).join("\n")];
  const groups = new Map<string, string[]>();
  for (const { kind, lab, resource } of all) {
    const key = `- ${sign} **${kinds[kind][language]}** · ${lab}`;
    groups.set(key, [...(groups.get(key) ?? []), ...(resource ? [resource] : [])]);
  }
  return [`### ${title}`, [...groups].map(([key, names]) => `${key}: ${names.join(", ")}`).join("\n")];
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
    const head = `<b>${lab}</b>: ${counts.join(", ")}`;
    if (!level.rows) return `- ${head}`;
    const rows = of.flatMap((change) => {
      const start = `| ${asCode(called(change), 120)} | ${ops[change.op][language]} | `;
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
  return [`### ${title}`, ...(note ? [note] : []), blocks.join("\n")];
}

function settings(report: Report, language: Language, level: Level): string[] {
  if (report.settings.length === 0) return [];
  const side = (text: string | undefined) => (text === undefined ? "–" : asCode(text, level.value));
  const rows = report.settings
    .slice(0, level.list)
    .map(({ name, old, new: now }) => `| \`${name}\` | ${cell(side(old))} → ${cell(side(now))} |`);
  const table = [`| ${words.setting[language]} | ${words.values[language]} |`, "| --- | --- |", ...rows];
  return [`### ${words.settings[language]}`, table.join("\n")];
}

function list(title: string, items: readonly string[], { list: limit }: { list: number }): string[] {
  if (items.length === 0) return [];
  const more = items.length > limit ? [`- … +${items.length - limit}`] : [];
  return [`### ${title}`, [...items.slice(0, limit).map((item) => `- ${item}`), ...more].join("\n")];
}
