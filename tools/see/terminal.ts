import stringWidth from "string-width";
import { same, Text } from "../../text";
import { Look as Plain, padded, styled } from "../checks/report/table";
import { laneNames } from "./actors";
import { Shown, Told } from "./told";

interface Look extends Plain {
  /** Columns of the terminal; undefined without a terminal, where nothing has to be shortened. */
  width?: number;
  why: boolean;
}

/** The columns of the places of a drawing, from left to right. All arrows meet at the second one. */
const columns: Record<Told["drawing"], Record<string, number>> = {
  cluster: { person: 1, server: 7, controllers: 13, scheduler: 19, kubelet: 27 },
  docker: { client: 1, daemon: 9, image: 16, network: 23, volume: 31, container: 39, health: 49 },
};
/** The names above the columns, where they are not the places' own. */
const heads: Record<string, Text> = {
  person: laneNames.person,
  server: same("API"),
  controllers: { en: "ctrl", ko: "컨트" },
  scheduler: { en: "sched", ko: "스케줄" },
  client: { en: "client", ko: "요청" },
  daemon: { en: "daemon", ko: "데몬" },
};

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

/** One step in the lanes: everybody writes to the API server; Docker's daemon acts on its parts. */
function laneLine(drawing: Told["drawing"], { lit, said }: Shown): string {
  const all = Object.values(columns[drawing]);
  const [, hub = 0] = all;
  const cells: string[] = Array.from({ length: Math.max(...all) + 3 }, (_, at) => (all.includes(at) ? "·" : " "));
  for (const at of lit.map((place) => columns[drawing][place] ?? hub)) {
    const [from, to] = drawing === "docker" && at > hub ? [hub, at] : [at, hub];
    cells.fill("─", Math.min(from, to), Math.max(from, to));
    cells[from < to ? to - 1 : to + 1] = from < to ? "►" : "◄";
    cells[at] = said ? "○" : "●";
  }
  cells[hub] = "│";
  return cells.join("");
}

/** A story as lines for a terminal: the lanes, one line for each step, and where the chain ends. */
export function rendered({ drawing, steps, notes, end }: Told, { told, colour, width = Infinity, why }: Look): string {
  const paint = styled(colour);
  const places = Object.entries(columns[drawing]);
  // In fewer columns, the lanes would leave no room for the text.
  const withLanes = steps.length > 0 && width >= Math.max(...places.map(([, at]) => at)) + 53;
  const names = places.reduce((line, [place, at]) => padded(line, at - 1) + told(heads[place] ?? same(place)), "");
  const lines = steps.flatMap((step) => {
    const lead = `${padded(step.since, 8)} ${withLanes ? `${laneLine(drawing, step)} ` : ""}`;
    const text = [told(step.head), step.changes && told(step.changes)].filter(Boolean).join("  ");
    const line = cut(text, width - lead.length);
    const reason = paint.gray(cut(" ".repeat(lead.length) + told(step.why), width));
    return [lead + (step.said ? paint.gray(line) : line), ...(why && !step.said ? [reason] : [])];
  });
  return [
    ...(withLanes ? [" ".repeat(9) + paint.bold(names)] : []),
    ...lines,
    ...notes.map((note) => paint.gray(told(note))),
    "",
    `${end.ok ? paint.green("✔") : paint.red("✘")} ${paint.bold(told(end.head))}`,
    ...(end.what.en ? [`  ${told(end.what)}`] : []),
    ...end.evidence.map((line) => `    | ${line}`),
    ...end.more.map((text) => `  ${told(text)}`),
  ].join("\n");
}
