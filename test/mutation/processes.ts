import { ChildProcess, fork, spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";

const running = new Set<ChildProcess>();

/** Ends every process that runs tests, also one that does not listen any more. */
export function stop(): void {
  for (const child of running) child.kill("SIGKILL");
  running.clear();
}

/** What mocha is asked for in a folder. It would add the files that are asked for to those of its configuration. */
export const configOf = (folder: string) =>
  parse(readFileSync(join(folder, ".mocharc.yml"), "utf8")) as { require: string; timeout: number };

/** Whether tests pass in a process of their own; those that do not end in time do not. */
export async function pass(folder: string, tests: string[], patience: number): Promise<boolean> {
  const mocha = join(folder, "node_modules/mocha/bin/mocha.js");
  const { require, timeout } = configOf(folder);
  const options = ["--no-config", "--exit", "--bail", "--reporter", "min", "--require", require];
  const args = [mocha, ...options, "--timeout", String(timeout), ...tests];
  const kill = { timeout: patience, killSignal: "SIGKILL" } as const;
  const child = spawn(process.execPath, args, { cwd: folder, stdio: "ignore", ...kill });
  running.add(child);
  return new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("exit", (code) => {
      running.delete(child);
      resolve(code === 0);
    });
  });
}

/** Runs files of tests one at a time in a process that goes on: it starts in no time, and may be what makes them fail. */
export class Warm {
  private child?: ChildProcess;

  constructor(private readonly folder: string) {}

  /** Whether a file's tests pass; undefined where the process ended, or did not answer in time. */
  async pass(test: string, patience: number): Promise<boolean | undefined> {
    const child = (this.child ??= this.start());
    let timer;
    const answer = await new Promise<unknown>((resolve) => {
      timer = setTimeout(resolve, patience);
      child.on("message", resolve).on("error", resolve).on("exit", resolve);
      child.send(test, (error) => error && resolve(error));
    });
    clearTimeout(timer);
    child.removeAllListeners();
    if (typeof answer === "boolean") return answer;
    this.stop();
    return undefined;
  }

  stop(): void {
    this.child?.kill("SIGKILL");
    if (this.child) running.delete(this.child);
    this.child = undefined;
  }

  private start(): ChildProcess {
    const { require, timeout } = configOf(this.folder);
    const child = fork(join(__dirname, "warm.ts"), [String(timeout)], {
      cwd: this.folder,
      execArgv: ["--require", require],
      stdio: ["ignore", "ignore", "ignore", "ipc"],
    });
    running.add(child);
    return child;
  }
}
