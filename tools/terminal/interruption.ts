// What happens on Ctrl-C, SIGTERM and when the terminal is closed.
import { spawnSync } from "node:child_process";
import { constants } from "node:os";
import { setTimeout as sleep } from "node:timers/promises";
import { Text } from "../../text";
import { say } from "./language";

/** Thrown in a command that was asked to stop, at the next moment where it can. */
export class Interrupted extends Error {}

/** Work that has to come to an end by itself. */
interface Unbroken {
  /** What it is still at, to be told to whoever waits for it. */
  underWay: () => string[];
  /** The process that does it, in a group of its own, with processes of its own. */
  pid?: number;
  /** What it does now that it was asked to stop. @default it waits for Pulumi */
  stopping?: Text;
}

const working = new Set<Unbroken>();
const asked = new AbortController();

/** @throws Interrupted when this run was asked to stop */
export function goOn(): void {
  if (asked.signal.aborted) throw new Interrupted("stopped");
}

/**
 * Runs work that must not be cut off: this process waits for its end, also when it was asked to stop.
 * @param work is told so by a signal; how it ends does not matter then
 * @throws Interrupted instead of what it returns or throws, when this run was asked to stop
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

/** The processes of this machine; none where there is no `ps`, as on Windows. */
function processes(): Process[] {
  const { stdout, pid: itself } = spawnSync("ps", ["-A", "-o", "pid=,ppid=,pgid="], { encoding: "utf8" });
  return (stdout ?? "").split("\n").flatMap((line) => {
    const [pid, parent, group] = line.trim().split(/\s+/).map(Number);
    return pid && pid !== itself && parent !== undefined && group !== undefined ? [{ pid, parent, group }] : [];
  });
}

/** A process with all that it started and they started. */
function below(pid: number, all: readonly Process[]): number[] {
  return [pid, ...all.filter(({ parent }) => parent === pid).flatMap((child) => below(child.pid, all))];
}

/**
 * The processes that this one started and that end with it. What has a group of its own goes on by intent: a Docker
 * daemon, or what has to clean up after itself.
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
      // It has ended.
    }
  }
}

/** Ends everything at once. */
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
  if (working.size === 0) return say({ en: "\nStopping …", ko: "\n멈추는 중 …" });
  const own = [...working].find(({ stopping }) => stopping)?.stopping;
  if (own) return say(own);
  const names = [...working].flatMap(({ underWay }) => underWay());
  const list = names.length > 0 ? ` (${names.join(", ")})` : "";
  say({
    en: `\nStopping: waiting until Pulumi has finished what it is in the middle of${list}. Press Ctrl-C again to end at once; the next run then clears up what was left half-made.`,
    ko: `\n멈추는 중: Pulumi 가 하던 작업${list}을 마칠 때까지 기다립니다. 바로 끝내려면 Ctrl-C 를 한 번 더 누르세요. 그러면 만들다 만 것은 다음 실행이 정리합니다.`,
  });
}

/**
 * Signals of one keypress come more than once, milliseconds apart: the terminal sends its own to every process of the
 * group, and npm, in front, hands on what it gets.
 */
const onePress = 500;
/** How long a command may go on, with nothing running that it started, until it is ended where it is. */
const patience = 2000;

const sentence: Text = {
  en: "Stopped. The next run goes on from here.",
  ko: "멈췄습니다. 다음 실행이 여기서부터 이어집니다.",
};

/** Waits until the command has ended, or hangs. */
async function ended(command: Promise<unknown>): Promise<void> {
  const settled = command.then(
    () => true,
    () => true,
  );
  let idle = Date.now();
  for (;;) {
    if (await Promise.race([settled, sleep(100, false)])) return;
    if (working.size > 0 || ours().length > 0) idle = Date.now();
    else if (Date.now() - idle > patience) return;
  }
}

/** Runs a command so that it stops in an orderly way when it is asked to. */
export async function interruptible(command: () => Promise<void>): Promise<void> {
  let first: number | undefined;
  const running = Promise.resolve().then(command);
  const stop = (name: NodeJS.Signals) => {
    const code = 128 + constants.signals[name];
    if (first !== undefined) {
      if (Date.now() - first < onePress || name === "SIGHUP") return;
      killAll();
      say({ en: "Ended at once.", ko: "바로 끝냈습니다." });
      process.exit(code);
    }
    first = Date.now();
    tellStopping();
    asked.abort();
    // Those of this group have a terminal's Ctrl-C already, but not what was sent to this process alone.
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
    // Whatever failed, failed because of that.
    if (first === undefined) throw error;
  } finally {
    if (first === undefined) for (const name of signals) process.off(name, stop);
    else await new Promise(() => undefined);
  }
}
