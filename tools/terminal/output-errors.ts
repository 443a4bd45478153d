import { accessSync, constants, existsSync, statSync } from "node:fs";
import { dirname } from "node:path";
import { LabError } from "../../text";
import { say } from "./language";

/**
 * Ends a command whose output cannot be written: silently if the reader has exited, as with `| head`, and with a message if
 * the disk is full.
 */
export function onOutputError(error: NodeJS.ErrnoException, exit = (code: number): void => process.exit(code)): void {
  if (error.code === "EPIPE" || error.code === "ERR_STREAM_DESTROYED") return exit(Number(process.exitCode ?? 0));
  say(notWritten("standard output", "표준 출력", error).text);
  exit(1);
}

export function watchOutput(): void {
  process.stdout.on("error", (error: NodeJS.ErrnoException) => onOutputError(error));
  // Without a terminal messages cannot be shown, which is no reason to stop.
  process.stderr.on("error", () => undefined);
}

export const notWritten = (en: string, ko: string, { code, message }: NodeJS.ErrnoException) =>
  new LabError({
    en: `Could not write to ${en} (${code ?? message}). Free up disk space, or choose another file.`,
    ko: `저장하지 못했습니다: ${ko} (${code ?? message}). 디스크 공간을 확보하거나 다른 위치를 지정하세요.`,
  });

/** The error that writing to a file would cause; undefined if it can be written. */
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
