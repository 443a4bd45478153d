// What all benches share: processes that are timed and weighed, medians, tables.
import { spawn } from "node:child_process";
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
  /** Time of the processor for the process and all that it started and waited for. */
  cpu: number;
  /** What it printed to standard output. */
  stdout: string;
}

/** Set when somebody asks to stop. */
export const stop = { asked: false };

/** Hands a program on, and says on a stream of its own what the processor did for it and all that it started. */
const withTimes = ['"$@"; code=$?; times >&3; exit $code', "sh"];

/** User and system time, in seconds, of the second line that `times` prints, such as "0m1.250s 0m0.310s". */
function cpuIn(times: string): number {
  const parts =
    times
      .trim()
      .split("\n")[1]
      ?.match(/(\d+)m([\d.]+)s/g) ?? [];
  return parts
    .map((part) => part.split("m").map((number) => parseFloat(number)))
    .reduce((sum, [minutes = 0, seconds = 0]) => sum + minutes * 60 + seconds, 0);
}

/**
 * Runs a program to its end.
 * @throws Error with what it printed, when it fails
 */
export async function measured(
  program: string,
  args: string[],
  { cwd, env, input }: { cwd?: string; env?: Record<string, string>; input?: string } = {},
): Promise<Measured> {
  const started = performance.now();
  const child = spawn("sh", ["-c", ...withTimes, program, ...args], {
    cwd,
    env: { ...process.env, ...env },
    stdio: [input === undefined ? "ignore" : "pipe", "pipe", "pipe", "pipe"],
  });
  let [stdout, said, times] = ["", "", ""];
  child.stdout?.on("data", (data: Buffer) => {
    stdout += data.toString();
    said += data.toString();
  });
  child.stderr?.on("data", (data: Buffer) => (said += data.toString()));
  child.stdio[3]?.on("data", (data: Buffer) => (times += data.toString()));
  child.stdin?.end(input);
  const code = await new Promise((resolve, reject) => child.on("error", reject).on("close", resolve));
  if (code !== 0) throw new Error(`${program} ${args.join(" ")} failed:\n${said}`);
  return { seconds: (performance.now() - started) / 1000, cpu: cpuIn(times), stdout };
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

export const secondsOf = (all: readonly Measured[]) => all.map(({ seconds }) => seconds);
export const cpuOf = (all: readonly Measured[]) => all.map(({ cpu }) => cpu);

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
