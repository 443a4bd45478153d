import stringWidth from "string-width";
import { Text } from "../../text";
import { padded, styled } from "../checks/report/table";
import { Lane, laneNames } from "./actors";
import { Ending } from "./ending";
import { Step, Story } from "./story";

export interface Look {
  told: (text: Text) => string;
  colour: boolean;
  /** Columns of the terminal; undefined without a terminal, where nothing has to be shortened. */
  width?: number;
  why: boolean;
}

/** The columns of the lanes; the API server is between people and the components of the cluster. */
const columns: Record<Lane, number> = { person: 1, controllers: 13, scheduler: 19, kubelet: 27 };
const server = 7;

/** Lanes with arrows between them, and marks. @param bar the column that all arrows meet at */
export function laneLine(
  lanes: readonly number[],
  bar: number,
  arrows: readonly [from: number, to: number][],
  marks: Record<number, string>,
): string {
  const cells = Array.from({ length: Math.max(...lanes) + 3 }, () => " ");
  for (const at of lanes) cells[at] = "·";
  for (const [from, to] of arrows) {
    for (let i = Math.min(from, to) + 1; i < Math.max(from, to); i++) cells[i] = "─";
    cells[from < to ? to - 1 : to + 1] = from < to ? "►" : "◄";
  }
  return Object.assign(cells, { [bar]: "│", ...marks }).join("");
}

/** The names above the lanes, each at its column. */
export type Heads = readonly { at: number; text: Text | string }[];

const heads: Heads = [
  { at: 0, text: laneNames.person },
  { at: server - 1, text: "API" },
  { at: columns.controllers - 1, text: { en: "ctrl", ko: "컨트" } },
  { at: columns.scheduler - 1, text: { en: "sched", ko: "스케줄" } },
  { at: columns.kubelet - 2, text: laneNames.kubelet },
];

/** Shortened to what fits in a line. */
export function cut(text: string, width: number): string {
  if (stringWidth(text) <= width) return text;
  let [kept, used] = ["", 0];
  for (const character of text) {
    const wide = stringWidth(character);
    if (used + wide > width - 1) break;
    kept += character;
    used += wide;
  }
  return `${kept}…`;
}

export const verbs: Record<Step["what"], Text> = {
  created: { en: "writes", ko: "작성" },
  changed: { en: "changes", ko: "변경" },
  "asked to go": { en: "asks to delete", ko: "삭제 요청" },
  deleted: { en: "removes", ko: "삭제" },
  said: { en: "says", ko: "알림" },
};

/** Desired and current state after a step: all of it for a new object, or else the differences. */
export function states(step: Step, told: Look["told"]): { desired: string; current: string } {
  const { what, desired, current } = step;
  const fresh = what === "created";
  const text = (lines: Step["desired"]) =>
    lines
      .filter(({ was, value }) => was !== undefined || (fresh && value !== "–"))
      .map(({ name, value, was }) => `${told(name)} ${was === undefined ? "" : `${was} → `}${value}`)
      .join(", ");
  const main = { desired: text(desired), current: text(current) };
  return what !== "changed" || main.desired || main.current ? main : fieldsIn(step, told);
}

/** The written fields, if the lines of the object do not show them. */
function fieldsIn({ fields }: Step, told: Look["told"]): ReturnType<typeof states> {
  const text = (side: "desired" | "current") =>
    fields
      .filter((field) => field.side === side)
      .map(({ path, before = "–", after = "–" }) => `${path} ${before} → ${after}`)
      .filter((line) => line.length < 120)
      .slice(0, 2)
      .join(", ");
  const seen = { en: "has seen the change", ko: "변경을 확인함" };
  return { desired: text("desired"), current: fields.length === 0 ? told(seen) : text("current") };
}

export function summary(step: Step, told: Look["told"]): string {
  const name = `${told(step.actor.name)}${step.doubt ? " ?" : ""}`;
  const verb = told(verbs[step.what]);
  if (step.what === "said") return `${name} ${verb}: ${step.message}`;
  const { desired, current } = states(step, told);
  const both = [
    desired && `${told({ en: "desired", ko: "원함" })}: ${desired}`,
    current && `${told({ en: "current", ko: "현재" })}: ${current}`,
  ].filter(Boolean);
  const object = `${step.object.kind} ${step.object.name}`;
  const head = told({ en: `${name} ${verb} ${object}`, ko: `${name}: ${object} ${verb}` });
  return [head, ...both].join("  ");
}

export function since(start: string | undefined, { time }: Step): string {
  if (start === undefined || time === undefined) return "";
  return `+${Math.round((Date.parse(time) - Date.parse(start)) / 1000)} s`;
}

/** One step as a line. */
export interface Row {
  time: string;
  lanes: string;
  text: string;
  why: Text;
  /** An Event, which changes nothing: shown in gray, without a reason. */
  said?: boolean;
}

/** @param narrow in fewer columns, the lanes would leave no room for the text */
export function rowLines(rows: readonly Row[], above: Heads, look: Look, timeWidth: number, narrow: number): string[] {
  const { told, colour, width = Infinity, why } = look;
  const paint = styled(colour);
  const withLanes = width >= narrow;
  const names = above.reduce(
    (line, { at, text }) => padded(line, at) + (typeof text === "string" ? text : told(text)),
    "",
  );
  const lines = rows.flatMap((row) => {
    const lead = `${padded(row.time, timeWidth)} ${withLanes ? `${row.lanes} ` : ""}`;
    const text = cut(row.text, width - lead.length);
    const reason = cut(" ".repeat(lead.length) + told(row.why), width);
    return [lead + (row.said ? paint.gray(text) : text), ...(why && !row.said ? [paint.gray(reason)] : [])];
  });
  return [...(withLanes && rows.length > 0 ? [" ".repeat(timeWidth + 1) + paint.bold(names)] : []), ...lines];
}

/** A story as lines for a terminal: the lanes, one line for each step, and where the chain ends. */
export function rendered({ steps, notes }: Story, ending: Ending | undefined, look: Look): string {
  const { told, colour } = look;
  const start = steps[0]?.time;
  const rows = steps.map((step): Row => {
    const said = step.what === "said";
    const at = columns[step.actor.lane];
    // Every arrow leads to the API server, because no component talks to another.
    const lanes = laneLine(Object.values(columns), server, [[at, server]], { [at]: said ? "○" : "●" });
    return { time: since(start, step), lanes, text: summary(step, told), why: step.why, said };
  });
  return [
    ...rowLines(rows, heads, look, 6, 80),
    ...notes.map((note) => styled(colour).gray(told(note))),
    ...(ending ? ["", ...endingLines(ending, look)] : []),
  ].join("\n");
}

export function endingLines(ending: Ending, { told, colour }: Pick<Look, "told" | "colour">): string[] {
  const paint = styled(colour);
  const { ok, at, what, why, waits, next, evidence } = ending;
  const where = at && `${told({ en: "The chain stops at the", ko: "과정이 멈춘 곳:" })} ${told(at.name)}. `;
  return [
    `${ok ? paint.green("✔") : paint.red("✘")} ${paint.bold(`${where ?? ""}${told(what)}`)}${why ? ` ${told(why)}` : ""}`,
    ...evidence.map((line) => `    | ${line}`),
    ...waits.map((text) => `  ${told(text)}`),
    ...(next && !ok ? [`  ${told({ en: "next", ko: "할 일" })}  ${paint.cyan(told(next))}`] : []),
  ];
}
