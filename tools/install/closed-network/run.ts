import { spawn } from "node:child_process";
import { closeSync, createWriteStream, mkdirSync, openSync, readFileSync } from "node:fs";
import * as path from "node:path";
import { Text } from "../../../text";
import { Report } from "./cache";

export interface Result {
  code: number | null;
  stdout: string;
  /** The last part of standard error and standard output, as they came. */
  tail: string;
}

export interface Options {
  cwd?: string;
  env?: NodeJS.ProcessEnv;
  input?: string;
  /** File that gets all output. */
  log?: string;
  /**
   * Lets the program run to its end when this one is killed, for one that has to clean up after itself. It has a process
   * group of its own, and writes straight to the log: a pipe that nobody reads would end it.
   */
  outlives?: boolean;
}

/** Runs a program to its end; a program that is not there ends like one that failed, with code 127. */
export async function run(command: string, args: readonly string[], options: Options = {}): Promise<Result> {
  const straight = options.outlives && options.log ? openLog(options.log) : undefined;
  const log = options.log && straight === undefined ? createWriteStream("", { fd: openLog(options.log) }) : undefined;
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
      // A program that ends before it read its input is told by its exit code.
      child.stdin?.on("error", () => undefined);
      child.stdin?.end(options.input ?? "");
    });
  } finally {
    if (straight !== undefined) closeSync(straight);
    if (log) await new Promise<void>((resolve) => log.end(resolve));
  }
}

/** How much of a program's output an error message can be made of. */
const kept = 8000;

function openLog(file: string): number {
  mkdirSync(path.dirname(file), { recursive: true });
  return openSync(file, "w");
}

/** The last lines of a text, for an error message. */
export function lastLines(text: string, count = 12): string {
  return text.trim().split("\n").slice(-count).join("\n");
}

/** Minutes and seconds since a moment, such as "1 min 05 s". */
export function elapsed(since: number, now = Date.now()): Text {
  const seconds = Math.round((now - since) / 1000);
  const [m, s] = [Math.floor(seconds / 60), seconds % 60];
  return m === 0
    ? { en: `${s} s`, ko: `${s}초` }
    : { en: `${m} min ${String(s).padStart(2, "0")} s`, ko: `${m}분 ${s}초` };
}

/** Says what is being made, again while it takes long, and when it is there. */
export async function told<T>(what: Text, report: Report, work: () => Promise<T>, everyMs = 10_000): Promise<T> {
  const start = Date.now();
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
