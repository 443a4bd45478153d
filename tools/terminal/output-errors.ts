import { accessSync, constants, existsSync, statSync } from "node:fs";
import { dirname } from "node:path";
import { LabError } from "../../text";
import { say } from "./language";

/**
 * Ends a command whose output nobody takes any more: quietly where the reader has left, as with `| head`, and with a line
 * where there is no room for it.
 */
export function onOutputError(error: NodeJS.ErrnoException, exit = (code: number): void => process.exit(code)): void {
  if (error.code === "EPIPE" || error.code === "ERR_STREAM_DESTROYED") return exit(Number(process.exitCode ?? 0));
  say(notWritten("standard output", "표준 출력", error).text);
  exit(1);
}

/** Has a command bear it when its output cannot be written. */
export function watchOutput(): void {
  process.stdout.on("error", (error: NodeJS.ErrnoException) => onOutputError(error));
  // Where messages cannot be written, as without the terminal, there is nobody to be told, and no reason to break off.
  process.stderr.on("error", () => undefined);
}

/** What could not be written, and why. */
export const notWritten = (en: string, ko: string, { code, message }: NodeJS.ErrnoException) =>
  new LabError({
    en: `This could not be written: ${en} (${code ?? message}). Make room, or choose another place.`,
    ko: `쓸 수 없습니다: ${ko} (${code ?? message}). 공간을 비우거나 다른 곳을 고르세요.`,
  });

/** Why a file cannot be written, as writing to it would say it; nothing where it can be. */
export function unwritable(file: string): NodeJS.ErrnoException | undefined {
  const refused = (code: string) => Object.assign(new Error(code), { code });
  const folder = dirname(file);
  try {
    if (existsSync(file)) {
      accessSync(file, constants.W_OK);
      return statSync(file).isDirectory() ? refused("EISDIR") : undefined;
    }
    accessSync(folder, constants.W_OK);
    return statSync(folder).isDirectory() ? undefined : refused("ENOTDIR");
  } catch (error) {
    return error as NodeJS.ErrnoException;
  }
}
