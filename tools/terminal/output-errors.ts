import { accessSync, constants, existsSync, statSync, writeFileSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { LabError } from "../../text";
import { say } from "./language";

/** Ends a command whose output cannot be written: silently if the reader has exited, as with `| head`. */
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

const notWritten = (en: string, ko: string, { code, message }: NodeJS.ErrnoException) =>
  new LabError({
    en: `Could not write to ${en} (${code ?? message}). Free up disk space, or choose another file.`,
    ko: `저장하지 못했습니다: ${ko} (${code ?? message}). 디스크 공간을 확보하거나 다른 위치를 지정하세요.`,
  });

/** The error for a full or read-only disk, whatever was to be written; undefined for any other error. */
export function ofDisk(error: unknown): LabError | undefined {
  const { code = "", path, dest } = error as NodeJS.ErrnoException & { dest?: string };
  // A failed write to an open file names none.
  const file = dest ?? path;
  const where = file === undefined ? code : `${code}, ${file}`;
  if (["ENOSPC", "EDQUOT"].includes(code)) {
    return new LabError({
      en: `The disk is full (${where}). Free up space, then run the command again.`,
      ko: `디스크가 가득 찼습니다(${where}). 공간을 확보한 뒤 명령을 다시 실행하세요.`,
    });
  }
  if (!["EROFS", "EACCES", "EPERM"].includes(code) || file === undefined) return undefined;
  return new LabError({
    en: `You have no permission to write to ${file} (${code}). Change its permissions, or move the project to a folder that you can write to. Then run the command again.`,
    ko: `쓰기 권한이 없습니다: ${file} (${code}). 권한을 바꾸거나 프로젝트를 쓰기 권한이 있는 폴더로 옮긴 뒤 명령을 다시 실행하세요.`,
  });
}

/**
 * Refuses a file that cannot be written before the work, which may take minutes.
 * @param typed the option that names it, such as --json
 * @throws LabError that says why
 */
export function refuseFile(typed: string, file: string | undefined): void {
  if (file === undefined) return;
  const [path, folder] = [resolve(file), dirname(resolve(file))];
  const refuse = (en: string, ko: string) => {
    throw new LabError({
      en: `${typed} is "${file}": ${en}. Specify a file in a folder that you can write to.`,
      ko: `${typed} 값이 "${file}"입니다. ${ko}. 쓰기 권한이 있는 폴더의 파일을 지정하세요.`,
    });
  };
  const isFolder = (at: string) => existsSync(at) && statSync(at).isDirectory();
  if (file === "" || isFolder(path)) refuse("this is not a file", "파일이 아닙니다");
  if (!isFolder(folder)) refuse(`there is no folder ${folder}`, `${folder} 폴더가 없습니다`);
  const at = existsSync(path) ? path : folder;
  try {
    accessSync(at, constants.W_OK);
  } catch {
    // It exists, so nothing else can prevent writing.
    refuse(`you have no permission to write to ${at}`, `${at} 위치에 쓸 권한이 없습니다`);
  }
}

/** Writes a result. @throws LabError if that fails */
export function writeResult(file: string, content: string): void {
  try {
    writeFileSync(file, content);
  } catch (error) {
    throw notWritten(file, file, error as NodeJS.ErrnoException);
  }
}
