// What all benches share: processes that are timed and weighed, medians, tables.
import { spawn } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { cpus, loadavg, totalmem } from "node:os";

/** What a bench found. */
export interface Report {
  /** A table and what has to be said about it, in Markdown. */
  markdown: string;
  /** Limits that were broken, a sentence each. */
  broken: string[];
}

export interface Measured {
  /** Wall time from the start of the process to its end. */
  seconds: number;
  /** Peak of the resident memory of the process and all it started, in MiB, if weighed; shared pages count once a process. */
  peak: number;
  /** What it printed to standard output. */
  stdout: string;
}

/** Set when somebody asks to stop. */
export const stop = { asked: false };

/** Resident memory of a process and its descendants, in MiB, or 0 where there is no /proc. */
function resident(root: number): number {
  const children = new Map<number, number[]>();
  const pages = new Map<number, number>();
  let entries: string[];
  try {
    entries = readdirSync("/proc").filter((name) => /^\d+$/.test(name));
  } catch {
    return 0;
  }
  for (const pid of entries.map(Number)) {
    try {
      const fields = readFileSync(`/proc/${pid}/stat`, "utf8").split(") ").pop()?.split(" ") ?? [];
      const parent = Number(fields[1]);
      children.set(parent, [...(children.get(parent) ?? []), pid]);
      pages.set(pid, Number(fields[21]));
    } catch {
      // It ended in between.
    }
  }
  const sum = (pid: number): number =>
    (pages.get(pid) ?? 0) + (children.get(pid) ?? []).map(sum).reduce((a, b) => a + b, 0);
  return (sum(root) * 4096) / 2 ** 20;
}

/**
 * Runs a program to its end.
 * @param options.weigh whether to look at its memory, which takes a sixteenth of a core
 * @throws Error with what it printed, when it fails
 */
export async function measured(
  program: string,
  args: string[],
  {
    cwd,
    env,
    input,
    weigh = false,
  }: { cwd?: string; env?: Record<string, string>; input?: string; weigh?: boolean } = {},
): Promise<Measured> {
  const started = performance.now();
  const child = spawn(program, args, {
    cwd,
    env: { ...process.env, ...env },
    stdio: [input === undefined ? "ignore" : "pipe", "pipe", "pipe"],
  });
  let [stdout, said, peak] = ["", "", 0];
  child.stdout?.on("data", (data: Buffer) => {
    stdout += data.toString();
    said += data.toString();
  });
  child.stderr?.on("data", (data: Buffer) => (said += data.toString()));
  child.stdin?.end(input);
  const watch = weigh ? setInterval(() => (peak = Math.max(peak, resident(child.pid ?? 0))), 100) : undefined;
  try {
    const code = await new Promise((resolve, reject) => child.on("error", reject).on("close", resolve));
    if (code !== 0) throw new Error(`${program} ${args.join(" ")} failed:\n${said}`);
  } finally {
    clearInterval(watch);
  }
  return { seconds: (performance.now() - started) / 1000, peak, stdout };
}

/** How long something takes, in seconds. */
export async function timed(work: () => Promise<unknown>): Promise<number> {
  const started = performance.now();
  await work();
  return (performance.now() - started) / 1000;
}

export const median = (values: number[]) => [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] as number;

/** The median, with the smallest and the largest, so that a noisy machine shows. */
export const spread = (values: number[]) =>
  `${median(values).toFixed(2)} s (${Math.min(...values).toFixed(2)} to ${Math.max(...values).toFixed(2)})`;

export const mib = (value: number) => `${value.toFixed(0)} MiB`;

/** A table in Markdown. */
export const table = (head: string[], ...rows: string[][]) =>
  [head, head.map(() => "---"), ...rows].map((cells) => `| ${cells.join(" | ")} |`).join("\n");

/** The machine and the day, for which alone the numbers hold. */
export const machine = () =>
  `${new Date().toISOString().slice(0, 10)}, ${cpus().length} cores, ${Math.round(totalmem() / 2 ** 30)} GiB, ` +
  `Node.js ${process.versions.node}, load average at the start ${loadavg()[0]?.toFixed(1)}`;

/** A line for whoever watches. @throws Error when somebody asked to stop, so that only what cleans up is done any more */
export function progress(line: string): void {
  console.error(line);
  if (stop.asked) throw new Error("stopped");
}
