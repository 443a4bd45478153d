import { spawn } from "node:child_process";
import { closeSync, createWriteStream, mkdirSync, openSync, readFileSync } from "node:fs";
import * as path from "node:path";
import { Text } from "../../../text";
import { Report } from "./cache";

export interface Result {
  code: number | null;
  stdout: string;
  /** The end of standard error and standard output. */
  tail: string;
}

export interface Options {
  cwd?: string;
  env?: NodeJS.ProcessEnv;
  input?: string;
  /** File for all output. */
  log?: string;
  /**
   * Lets the program finish if this process is killed, because it has to clean up. It gets its own process group and writes
   * directly to the log, because a pipe without a reader would end it.
   */
  outlives?: boolean;
}

/** Runs a program until it exits. If the program does not exist, the exit code is 127. */
export async function run(command: string, args: readonly string[], options: Options = {}): Promise<Result> {
  const straight = options.outlives && options.log ? openLog(options.log) : undefined;
  const log = options.log && straight === undefined ? createWriteStream("", { fd: openLog(options.log) }) : undefined;
  // What is kept of the output is enough to go on with, such as on a full disk.
  log?.on("error", () => undefined);
  try {
    return await new Promise<Result>((resolve, reject) => {
      const child = spawn(command, args, {
        cwd: options.cwd,
        env: options.env ?? process.env,
        detached: options.outlives ?? false,
        stdio: ["pipe", straight ?? "pipe", straight ?? "pipe"],
      });
      let stdout = "";
      let tail = "";
      const keep = (text: string) => {
        tail = (tail + text).slice(-kept);
        log?.write(text);
      };
      child.stdout?.setEncoding("utf8").on("data", (text: string) => {
        stdout += text;
        keep(text);
      });
      child.stderr?.setEncoding("utf8").on("data", keep);
      child.on("error", (error: NodeJS.ErrnoException) => {
        if (error.code === "ENOENT") resolve({ code: 127, stdout, tail: `${command}: not found` });
        else reject(error);
      });
      child.on("close", (code) => {
        if (options.log && straight !== undefined) keep(readFileSync(options.log, "utf8"));
        resolve({ code, stdout, tail });
      });
      // If a program exits before reading its input, the exit code matters.
      child.stdin?.on("error", () => undefined);
      child.stdin?.end(options.input ?? "");
    });
  } finally {
    if (straight !== undefined) closeSync(straight);
    if (log) await new Promise<void>((resolve) => log.end(resolve));
  }
}

/** How much output to keep for error messages. */
const kept = 8000;

function openLog(file: string): number {
  mkdirSync(path.dirname(file), { recursive: true });
  return openSync(file, "w");
}

/** The last lines of a text, for an error message. */
export function lastLines(text: string, count = 12): string {
  return text.trim().split("\n").slice(-count).join("\n");
}

/** The time since a moment, such as "1 min 05 s". */
export function elapsed(since: number, now = performance.now()): Text {
  const seconds = Math.round((now - since) / 1000);
  const [m, s] = [Math.floor(seconds / 60), seconds % 60];
  return m === 0
    ? { en: `${s} s`, ko: `${s}초` }
    : { en: `${m} min ${String(s).padStart(2, "0")} s`, ko: `${m}분 ${s}초` };
}

/** Reports the start, the progress and the end of long work. */
export async function withProgress<T>(
  what: Text,
  report: Report,
  work: () => Promise<T>,
  everyMs = 10_000,
): Promise<T> {
  const start = performance.now();
  report({ en: `${what.en} ...`, ko: `${what.ko} ...` });
  const timer = setInterval(() => {
    const time = elapsed(start);
    report({ en: `${what.en}: ${time.en} so far`, ko: `${what.ko}: ${time.ko}째` });
  }, everyMs);
  try {
    const result = await work();
    const time = elapsed(start);
    report({ en: `${what.en}: done in ${time.en}`, ko: `${what.ko}: ${time.ko} 만에 끝났습니다` });
    return result;
  } finally {
    clearInterval(timer);
  }
}
