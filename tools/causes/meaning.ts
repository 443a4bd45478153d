import { Text } from "../../text";

/** A message of a failing program, its meaning, and the one next step. @template On what the step depends on */
export interface Meaning<On extends unknown[]> {
  says: RegExp;
  why: Text;
  next: (...on: On) => Text;
}

/** A row of a table of meanings. */
export const row = <On extends unknown[]>(
  says: RegExp,
  en: string,
  ko: string,
  next: Meaning<On>["next"],
): Meaning<On> => ({ says, why: { en, ko }, next });

/** A step to take, and the command after it. */
export const thenRun = (en: string, ko: string, command: string): Text => ({
  en: `${en}, then: ${command}`,
  ko: `${ko}: ${command}`,
});
