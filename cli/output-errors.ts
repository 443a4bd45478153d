import { LabError } from "../text";
import { say } from "./language";

/**
 * Ends a command whose output nobody takes any more: quietly where the reader has left, as with `| head`, and with a line
 * where there is no room for it.
 */
export function onOutputError(error: NodeJS.ErrnoException, exit: (code: number) => void = process.exit): void {
  if (error.code === "EPIPE" || error.code === "ERR_STREAM_DESTROYED") return exit(Number(process.exitCode ?? 0));
  say(notWritten("standard output", "표준 출력", error).text);
  exit(1);
}

/** What could not be written, and why. */
export const notWritten = (en: string, ko: string, { code, message }: NodeJS.ErrnoException) =>
  new LabError({
    en: `This could not be written: ${en} (${code ?? message}). Make room, or choose another place.`,
    ko: `쓸 수 없습니다: ${ko} (${code ?? message}). 공간을 비우거나 다른 곳을 고르세요.`,
  });
