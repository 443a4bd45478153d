import { AssertionError } from "node:assert";
import type { ExecFileException } from "node:child_process";
import { LabError, same, Text } from "../../../text";

/** Something does not answer, or a program failed, as is to be expected with broken labs. */
export class Unreachable extends Error {
  /** Why, in a line for a person. */
  readonly why: Text;
  /** Whether the other side answers, but denies access. */
  readonly refused: boolean;

  constructor(why: Text | string, { refused = false, cause }: { refused?: boolean; cause?: unknown } = {}) {
    const text = typeof why === "string" ? same(why) : why;
    super(text.en, { cause });
    this.why = text;
    this.refused = refused;
  }
}

/**
 * An error in this project's own code. A TypeError from the network has a cause; a SyntaxError comes from an answer
 * that is not JSON.
 */
const isOurs = (error: unknown) =>
  (error instanceof TypeError && error.cause === undefined) ||
  [ReferenceError, RangeError, AssertionError].some((kind) => error instanceof kind);

/** Why something could not be done, in a line. Never the command that failed: passwords may be among its arguments. */
function lineOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const { cmd, code, signal, stderr } = error as Partial<ExecFileException> & { stderr?: string };
  if (cmd === undefined || typeof code === "string") return error.message.split("\n")[0] ?? "";
  // Docker's messages end with a reference to its help.
  const said = stderr?.split("\n").filter((line) => line.trim() && !/^(?:Run|See) '.* --help'/.test(line)) ?? [];
  return said.pop()?.trim() ?? `${cmd.split(" ")[0]} ended with ${signal ?? code}`;
}

/**
 * Asks something outside of this process. Failures become {@link Unreachable}, except for errors in our own code.
 * @param why returns the reason in one line, if there is more to an error than its message
 * @throws Unreachable
 */
export async function outside<T>(
  question: () => Promise<T>,
  why: (error: unknown) => Text | string = lineOf,
): Promise<T> {
  try {
    return await question();
  } catch (error) {
    if (error instanceof Unreachable || isOurs(error)) throw error;
    throw new Unreachable(error instanceof LabError ? error.text : why(error), { cause: error });
  }
}

/** An {@link Unreachable}, for a `catch`; any other error is thrown on. */
export function unreachableIn(error: unknown): Unreachable {
  if (error instanceof Unreachable) return error;
  throw error;
}
