import stringWidth from "string-width";
import { Text } from "../../text";
import { padded, styled } from "../checks/report/table";
import { Lane, laneNames, lanes } from "./actors";
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
const lanesWidth = 30;
/** In fewer columns, the lanes would leave no room for the text. */
const narrow = 80;

/** One step in the lanes: an arrow to the API server, because no component talks to another. */
function arrow(lane: Lane, mark: string): string {
  const cells = Array.from({ length: lanesWidth }, () => " ");
  for (const one of lanes) cells[columns[one]] = "·";
  const at = columns[lane];
  const [from, to] = at < server ? [at, server] : [server, at];
  for (let i = from + 1; i < to; i++) cells[i] = "─";
  cells[server] = "│";
  cells[at < server ? server - 1 : server + 1] = at < server ? "►" : "◄";
  cells[at] = mark;
  return cells.join("");
}

function heads({ told }: Look): string {
  const short: Record<Lane, Text> = {
    ...laneNames,
    controllers: { en: "ctrl", ko: "컨트" },
    scheduler: { en: "sched", ko: "스케줄" },
  };
  const all = [
    { at: 0, text: told(short.person) },
    { at: server - 1, text: "API" },
    { at: columns.controllers - 1, text: told(short.controllers) },
    { at: columns.scheduler - 1, text: told(short.scheduler) },
    { at: columns.kubelet - 2, text: told(short.kubelet) },
  ];
  return all.reduce((line, { at, text }) => padded(line, at) + text, "");
}

/** Shortened to what fits in a line. */
export function cut(text: string, width: number | undefined): string {
  if (width === undefined || stringWidth(text) <= width) return text;
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

/** A story as lines for a terminal: the lanes, one line for each step, and where the chain ends. */
export function rendered({ steps, notes }: Story, ending: Ending | undefined, look: Look): string {
  const { told, colour, width, why } = look;
  const paint = styled(colour);
  const withLanes = width === undefined || width >= narrow;
  const start = steps[0]?.time;
  const timeWidth = 6;
  const lines = steps.flatMap((step) => {
    const time = padded(since(start, step), timeWidth);
    const lead = withLanes ? `${time} ${arrow(step.actor.lane, step.what === "said" ? "○" : "●")} ` : `${time} `;
    const text = cut(summary(step, told), width === undefined ? undefined : width - lead.length);
    const reason = `${" ".repeat(withLanes ? lead.length : timeWidth + 1)}${told(step.why)}`;
    return [
      lead + (step.what === "said" ? paint.gray(text) : text),
      ...(why && step.what !== "said" ? [paint.gray(cut(reason, width))] : []),
    ];
  });
  return [
    ...(withLanes && steps.length > 0 ? [`${" ".repeat(timeWidth + 1)}${paint.bold(heads(look))}`] : []),
    ...lines,
    ...notes.map((note) => paint.gray(told(note))),
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
