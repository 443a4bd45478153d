import stringWidth from "string-width";
import { Text } from "../../text";
import { Look, marks, padded, styled } from "../checks/report/table";
import { Progress, SeatState } from "./progress";

export const stateText: Record<SeatState, Text> = {
  stuck: { en: "stuck", ko: "막힘" },
  working: { en: "working", ko: "하는 중" },
  "not begun": { en: "not begun", ko: "시작 전" },
  done: { en: "done", ko: "완료" },
};

/** How long ago something was. */
export function ago(since: string | undefined, now = Date.now()): Text {
  if (since === undefined) return { en: "", ko: "" };
  const minutes = Math.max(0, Math.floor((now - new Date(since).getTime()) / 60_000));
  if (minutes < 1) return { en: "just now", ko: "방금" };
  if (minutes < 120) return { en: `${minutes} min`, ko: `${minutes}분` };
  return { en: `${Math.floor(minutes / 60)} h`, ko: `${Math.floor(minutes / 60)}시간` };
}

/** The seat and its student. */
export const whose = ({ seat, student }: Pick<Progress, "seat" | "student">) =>
  student === undefined ? seat : `${seat} (${student})`;

/** The class as a table for a terminal, in the given order: one line for each seat, and the reason if it is stuck. */
export function classTable(
  seats: readonly Progress[],
  { told, colour, now = Date.now() }: Look & { now?: number },
): string {
  const paint = styled(colour);
  const inColour: Record<SeatState, (text: string) => string> = {
    ...{ stuck: paint.red, working: paint.yellow, "not begun": paint.gray, done: paint.green },
  };
  const cells = (one: Progress) => [whose(one), told(stateText[one.state]), told(ago(one.since, now))] as const;
  const widest = (i: 0 | 1 | 2) => Math.max(0, ...seats.map((one) => stringWidth(cells(one)[i])));
  return seats
    .map((one) => {
      const { state, steps, at, doctor } = one;
      const [name, text, time] = cells(one);
      const passed = steps.map(({ status }) => marks[status].mark).join("");
      const shown = [padded(name, widest(0)), inColour[state](padded(text, widest(1))), passed, time].join("  ");
      const reasons = at ? [at.why, ...(doctor ? [doctor.what] : [])] : [];
      const lines = [...(at ? [told(at.title)] : []), ...reasons.map((text) => paint.cyan(told(text)))];
      return [shown.trimEnd(), ...lines.map((line) => `    ${line}`)].join("\n");
    })
    .join("\n");
}

/** The number of seats in each state, in one line. */
export function tally(seats: readonly Progress[]): Text {
  const parts = (Object.keys(stateText) as SeatState[]).flatMap((state) => {
    const number = seats.filter((one) => one.state === state).length;
    return number > 0 ? [{ en: `${number} ${stateText[state].en}`, ko: `${stateText[state].ko} ${number}` }] : [];
  });
  return {
    en: `${seats.length} seats: ${parts.map(({ en }) => en).join(", ")}`,
    ko: `자리 ${seats.length}: ${parts.map(({ ko }) => ko).join(", ")}`,
  };
}
