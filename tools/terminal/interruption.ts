// Handles Ctrl-C, SIGTERM and the closing of the terminal.
import { spawnSync } from "node:child_process";
import { constants } from "node:os";
import { setTimeout as sleep } from "node:timers/promises";
import { Text } from "../../text";
import { say } from "./language";

/** Thrown in a command that was asked to stop, at the next point where it can stop. */
export class Interrupted extends Error {}

/** Work that must be allowed to finish. */
interface Unbroken {
  /** The unfinished steps, to show to the user. */
  underWay: () => string[];
  /** The process that does the work, in its own process group. */
  pid?: number;
  /** What it does now that it was asked to stop. @default it waits for Pulumi */
  stopping?: Text;
}

const working = new Set<Unbroken>();
const asked = new AbortController();

/** @throws Interrupted if this run was asked to stop */
export function goOn(): void {
  if (asked.signal.aborted) throw new Interrupted("stopped");
}

/**
 * Runs work that must not be cut off: this process waits until it has finished, even after being asked to stop.
 * @param work is notified by the abort signal; its result is ignored then
 * @throws Interrupted instead of the result of the work, if this run was asked to stop
 */
export async function unbroken<T>(
  work: (stop: AbortSignal, note: (pid: number | undefined) => void) => Promise<T>,
  underWay: () => string[] = () => [],
  stopping?: Text,
): Promise<T> {
  goOn();
  const one: Unbroken = { underWay, stopping };
  working.add(one);
  try {
    return await work(asked.signal, (pid) => (one.pid = pid));
  } finally {
    working.delete(one);
    goOn();
  }
}

interface Process {
  pid: number;
  parent: number;
  group: number;
}

/** All processes of this machine; none if there is no `ps`, as on Windows. */
function processes(): Process[] {
  const { stdout, pid: itself } = spawnSync("ps", ["-A", "-o", "pid=,ppid=,pgid="], { encoding: "utf8" });
  return (stdout ?? "").split("\n").flatMap((line) => {
    const [pid, parent, group] = line.trim().split(/\s+/).map(Number);
    return pid && pid !== itself && parent !== undefined && group !== undefined ? [{ pid, parent, group }] : [];
  });
}

function below(pid: number, all: readonly Process[]): number[] {
  return [pid, ...all.filter(({ parent }) => parent === pid).flatMap((child) => below(child.pid, all))];
}

/**
 * The child processes that end with this one. Processes in their own group are meant to continue: a Docker daemon, or a
 * program that has to clean up.
 */
function ours(all = processes()): number[] {
  const group = all.find(({ pid }) => pid === process.pid)?.group;
  const started = new Set(below(process.pid, all));
  return all
    .filter((one) => one.group === group && one.pid !== process.pid && started.has(one.pid))
    .map(({ pid }) => pid);
}

function signal(pids: readonly number[], name: NodeJS.Signals): void {
  for (const pid of pids) {
    try {
      process.kill(pid, name);
    } catch {
      // It has already exited.
    }
  }
}

function killAll(): void {
  const engines = [...working].flatMap(({ pid }) => pid ?? []);
  if (process.platform === "win32") {
    for (const pid of engines) spawnSync("taskkill", ["/pid", String(pid), "/T", "/F"]);
    return;
  }
  const all = processes();
  signal([...engines.flatMap((pid) => below(pid, all)), ...ours(all)], "SIGKILL");
}

function tellStopping(): void {
  if (working.size === 0) return say({ en: "\nStopping …", ko: "\n중단하는 중 …" });
  const own = [...working].find(({ stopping }) => stopping)?.stopping;
  if (own) return say(own);
  const names = [...working].flatMap(({ underWay }) => underWay());
  const list = names.length > 0 ? ` (${names.join(", ")})` : "";
  say({
    en: `\nStopping: waiting until Pulumi has finished the current steps${list}. Press Ctrl-C again to stop immediately; the next run then cleans up unfinished resources.`,
    ko: `\n중단하는 중입니다. Pulumi의 현재 작업${list}이 끝날 때까지 기다립니다. 바로 끝내려면 Ctrl-C를 한 번 더 누르세요. 완성되지 않은 리소스는 다음 실행에서 정리합니다.`,
  });
}

/**
 * One keypress sends several signals within milliseconds: the terminal signals every process of the group, and npm
 * forwards the signal it receives.
 */
const onePress = 500;
/** How long a command may continue without any child process, in milliseconds, until it is ended. */
const patience = 2000;

const sentence: Text = {
  en: "Stopped. The next run continues from here.",
  ko: "중단했습니다. 다시 실행하면 여기서부터 이어집니다.",
};

/** Waits until the command has ended or hangs. */
async function ended(command: Promise<unknown>): Promise<void> {
  const settled = command.then(
    () => true,
    () => true,
  );
  let idle = performance.now();
  for (;;) {
    if (await Promise.race([settled, sleep(100, false)])) return;
    if (working.size > 0 || ours().length > 0) idle = performance.now();
    else if (performance.now() - idle > patience) return;
  }
}

/** Runs a command that can be stopped cleanly by a signal. */
export async function interruptible(command: () => Promise<void>): Promise<void> {
  let first: number | undefined;
  const running = Promise.resolve().then(command);
  const stop = (name: NodeJS.Signals) => {
    const code = 128 + constants.signals[name];
    if (first !== undefined) {
      if (performance.now() - first < onePress || name === "SIGHUP") return;
      killAll();
      say({ en: "Stopped immediately.", ko: "즉시 종료했습니다." });
      process.exit(code);
    }
    first = performance.now();
    tellStopping();
    asked.abort();
    // A terminal's Ctrl-C reaches the whole group, but `kill` reaches only this process.
    signal(ours(), name === "SIGHUP" ? "SIGTERM" : name);
    void ended(running).then(() => {
      say(sentence);
      process.exit(code);
    });
  };
  const signals: NodeJS.Signals[] = ["SIGINT", "SIGTERM", "SIGHUP"];
  for (const name of signals) process.on(name, stop);
  try {
    await running;
  } catch (error) {
    // After an interruption, a failure is its consequence.
    if (first === undefined) throw error;
  } finally {
    if (first === undefined) for (const name of signals) process.off(name, stop);
    else await new Promise(() => undefined);
  }
}
