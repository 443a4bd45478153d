import { styleText } from "node:util";
import stringWidth from "string-width";
import { labNames } from "../../../config";
import { Text } from "../../../text";
import { Result, sections } from "../check";
import type { Row } from "./compare";

type Style = "bold" | "red" | "green" | "cyan" | "gray" | "yellow";

export const marks: Record<Result["status"], { mark: string; style: Style }> = {
  passed: { mark: "✔", style: "green" },
  failed: { mark: "✘", style: "red" },
  open: { mark: "○", style: "yellow" },
  blocked: { mark: "–", style: "gray" },
};

export interface Look {
  told: (text: Text) => string;
  /** Whether to use colours; without them, the marks show the same. */
  colour: boolean;
}

/** Whether a stream is a terminal whose user wants colours. @see https://no-color.org */
export function wantsColour(stream: { isTTY?: boolean }, env: NodeJS.ProcessEnv): boolean {
  return stream.isTTY === true && !env.NO_COLOR && env.TERM !== "dumb";
}

/** Text in colours, or as it is. */
export function styled(colour: boolean) {
  const paint = (style: Style) => (text: string) => (colour ? styleText(style, text, { validateStream: false }) : text);
  return {
    bold: paint("bold"),
    red: paint("red"),
    green: paint("green"),
    cyan: paint("cyan"),
    gray: paint("gray"),
    yellow: paint("yellow"),
  };
}

/** Pads with spaces to a width in columns: a Korean character takes two. */
export const padded = (text: string, width: number) => text + " ".repeat(Math.max(0, width - stringWidth(text)));

export function count(results: readonly Result[]) {
  const number = (status: Result["status"]) => results.filter((result) => result.status === status).length;
  return { passed: number("passed"), failed: number("failed"), open: number("open"), blocked: number("blocked") };
}

export function verdict(results: readonly Result[]): Text {
  const { passed, failed, open, blocked } = count(results);
  const parts = [
    { en: `${passed} passed`, ko: `통과 ${passed}` },
    ...(failed > 0 ? [{ en: `${failed} failed`, ko: `실패 ${failed}` }] : []),
    ...(blocked > 0 ? [{ en: `${blocked} not checked`, ko: `점검하지 못함 ${blocked}` }] : []),
    ...(open > 0 ? [{ en: `${open} for you to do`, ko: `직접 할 일 ${open}` }] : []),
  ];
  return { en: parts.map(({ en }) => en).join(", "), ko: parts.map(({ ko }) => ko).join(", ") };
}

/** The results as a table for a terminal: one line each, and for a failure the reason and the next step. */
export function table(results: readonly Result[], { told, colour }: Look): string {
  const paint = styled(colour);
  const place = Math.max(0, ...results.map(({ section }) => section.length));
  const width = Math.max(0, ...results.map(({ title }) => stringWidth(told(title))));
  const why = told({ en: "why", ko: "원인" });
  const next = told({ en: "next", ko: "할 일" });
  const label = Math.max(stringWidth(why), stringWidth(next));
  const lines = labNames.flatMap((lab) => {
    const own = results.filter((result) => result.lab === lab);
    if (own.length === 0) return [];
    return [
      paint.bold(told(sections[lab])),
      ...own.flatMap((result) => {
        const { mark, style } = marks[result.status];
        const time = result.status === "blocked" ? "" : `${(result.ms / 1000).toFixed(1)} s`;
        const head = `  ${paint[style](mark)} ${result.section.padEnd(place)} ${padded(told(result.title), width)} ${paint.gray(time.padStart(7))}`;
        const more = [
          // A blocked check is listed below the check that it waits for.
          ...("why" in result && result.status !== "blocked" ? [`${padded(why, label)}  ${told(result.why)}`] : []),
          ...("next" in result ? [`${padded(next, label)}  ${paint.cyan(told(result.next))}`] : []),
        ];
        return [head.trimEnd(), ...more.map((line) => `        ${line}`)];
      }),
    ];
  });
  return lines.join("\n");
}

/** The comparison for a terminal: each question, with its two long answers below each other. */
export function sideBySide(rows: readonly Row[], told: Look["told"]): string {
  return rows
    .map(
      ({ question, compose, kubernetes }) =>
        `${told(question)}\n  compose     ${told(compose)}\n  kubernetes  ${told(kubernetes)}`,
    )
    .join("\n");
}
