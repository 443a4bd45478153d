import { ChildProcess, spawn } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { Lane, Plan } from "./plan";

/** What the reporter counts, test by test. */
interface Count {
  passed: number;
  failed: number;
  failures: { title: string; why: string }[];
}

/** How a suite ended. */
interface Outcome extends Count {
  suite: string;
  lane: string;
  minutes: number;
  /** Why it did not come to its own end. */
  cut?: string;
}

export interface Limits {
  /** When the whole has to be over, in milliseconds since the epoch. */
  end: number;
  /** What one suite may take, in milliseconds. */
  suite: (name: string) => number;
}

export interface Running {
  /** Program and arguments that run one suite. */
  command: (suite: string) => string[];
  limits: Limits;
  /** What tells why something hangs; printed before it is stopped. */
  situation: () => Promise<string>;
  /** What a lane has left behind, asked after each of its groups; nothing where it is clean. */
  left: (lane: string) => Promise<string[]>;
  print: (line: string) => void;
  /** After how long without a word from any suite a line says what is at work, in milliseconds. */
  silence: number;
}

const minutesSince = (start: number) => (Date.now() - start) / 60_000;

/** Ends a suite and all that it started. */
function stop(child: ChildProcess): void {
  const signal = (name: NodeJS.Signals) => {
    try {
      process.kill(-child.pid!, name);
    } catch {
      // It has ended.
    }
  };
  signal("SIGTERM");
  setTimeout(() => signal("SIGKILL"), 5000);
}

/** Runs the suites of a plan. */
export class Lanes {
  readonly outcomes: Outcome[] = [];
  /** Suites that were not begun, and why. */
  private readonly notRun: { suite: string; lane: string; why: string }[] = [];
  private readonly working = new Map<string, { child: ChildProcess; since: number }>();
  private readonly folder = mkdtempSync(join(tmpdir(), "course-labs-lanes-"));
  private heard = Date.now();
  /** Why nothing more is begun. */
  private over?: string;

  constructor(private readonly on: Running) {}

  /** @returns 0, or 1 where something failed */
  async run({ beside, alone }: Plan): Promise<number> {
    const started = Date.now();
    const width = Math.max(...[...beside, alone].flatMap(({ groups }) => groups.flat()).map(({ length }) => length), 0);
    const beat = setInterval(() => this.beat(), Math.min(this.on.silence, 5000));
    const clock = setTimeout(() => this.end("the time for all suites is over"), this.on.limits.end - started);
    const interrupted = () => this.end("interrupted");
    process.on("SIGTERM", interrupted).on("SIGINT", interrupted);
    try {
      const whole = await Promise.all(beside.map((lane) => this.lane(lane, width)));
      if (whole.every(Boolean)) await this.lane(alone, width);
      else this.leaveOut(alone, alone.groups.flat(), this.over ?? "a lane before it was cut off");
    } finally {
      clearInterval(beat);
      clearTimeout(clock);
      process.off("SIGTERM", interrupted).off("SIGINT", interrupted);
      rmSync(this.folder, { recursive: true, force: true });
    }
    return this.summary(minutesSince(started));
  }

  /** @returns whether it came to its end */
  private async lane(lane: Lane, width: number): Promise<boolean> {
    for (const [i, group] of lane.groups.entries()) {
      const rest = lane.groups.slice(i).flat();
      if (this.over) {
        this.leaveOut(lane, rest, this.over);
        return false;
      }
      const ended = await Promise.all(group.map((suite) => this.suite(suite, lane.name, width)));
      const [first, later] = [ended[0]!, rest.slice(group.length)];
      const cut = ended.find((outcome) => outcome.cut);
      if (cut || (lane.dependent && i === 0 && first.failed > 0)) {
        this.leaveOut(lane, later, cut ? `${cut.suite} was cut off` : `${first.suite} failed`);
        return false;
      }
      const left = await this.on.left(lane.name);
      if (left.length === 0) continue;
      const title = `${lane.name}: ${group.join(", ")}`;
      ended[0]!.failed++;
      ended[0]!.failures.push({ title: `${title} leaves what it made`, why: left.join("\n") });
      this.on.print(`${title} left: ${left.join(", ")}`);
    }
    return true;
  }

  private leaveOut(lane: Lane, suites: readonly string[], why: string): void {
    for (const suite of suites) this.notRun.push({ suite, lane: lane.name, why });
  }

  private async suite(suite: string, lane: string, width: number): Promise<Outcome> {
    const since = Date.now();
    const file = join(this.folder, `${suite}.json`);
    const [program = "", ...args] = this.on.command(suite);
    const child = spawn(program, args, {
      // A group of its own: what hangs is often something that a test has started.
      detached: true,
      stdio: ["ignore", "pipe", "pipe"],
      env: { ...process.env, COURSE_LABS_COUNT_FILE: file },
    });
    this.working.set(suite, { child, since });
    const say = (line: string) => {
      this.heard = Date.now();
      this.on.print(`${suite.padEnd(width)} │ ${line}`);
    };
    for (const stream of [child.stdout, child.stderr]) createInterface({ input: stream }).on("line", say);

    let cut: string | undefined;
    const patience = this.on.limits.suite(suite);
    const limit = setTimeout(() => {
      cut = `not over after ${Math.round(patience / 60_000)} minutes`;
      void this.tell(suite, cut).finally(() => stop(child));
    }, patience);
    const code = await new Promise<number | null>((resolve) => {
      child.on("error", ({ message }) => {
        say(message);
        resolve(1);
      });
      child.on("close", resolve);
      // What a test started in the background may keep the pipes open for ever.
      child.on("exit", (exit) => setTimeout(() => resolve(exit), 2000));
    });
    clearTimeout(limit);
    this.working.delete(suite);

    const none: Count = { passed: 0, failed: 0, failures: [] };
    const count = existsSync(file) ? (JSON.parse(readFileSync(file, "utf8")) as Count) : none;
    const outcome: Outcome = { suite, lane, minutes: minutesSince(since), ...count, cut: cut ?? this.over };
    if (outcome.cut) count.failures.push({ title: suite, why: outcome.cut });
    else if (code !== 0 && count.failed === 0)
      count.failures.push({ title: suite, why: `ended with ${code}, see above` });
    else if (count.passed + count.failed === 0) count.failures.push({ title: suite, why: "had no test" });
    outcome.failed = count.failures.length;
    this.outcomes.push(outcome);
    say(`${outcome.passed} passed, ${outcome.failed} failed, ${outcome.minutes.toFixed(1)} min`);
    return outcome;
  }

  /** Says in time what is known of something that hangs. */
  private async tell(what: string, why: string): Promise<void> {
    this.on.print(`\n${what}: ${why}. This is how things are:\n`);
    this.on.print(`${await this.on.situation()}\n`);
  }

  /** Ends everything. */
  private end(why: string): void {
    if (this.over) return;
    this.over = why;
    const names = [...this.working.keys()].join(", ");
    void this.tell(names, why).finally(() => {
      for (const { child } of this.working.values()) stop(child);
    });
  }

  private beat(): void {
    if (Date.now() - this.heard < this.on.silence || this.working.size === 0) return;
    this.heard = Date.now();
    const at = [...this.working].map(([suite, { since }]) => `${suite} for ${minutesSince(since).toFixed(1)} min`);
    this.on.print(`… at work: ${at.join(", ")}`);
  }

  /** The table, what failed, and the line that counts. */
  private summary(minutes: number): number {
    const rows = [
      ...this.outcomes.map(({ suite, lane, passed, failed, minutes: took }) => [
        ...[lane, suite, String(passed + failed), failed > 0 ? String(failed) : "", took.toFixed(1)],
      ]),
      ...this.notRun.map(({ suite, lane, why }) => [lane, suite, "", "", `not run: ${why}`]),
    ];
    const all = [["lane", "suite", "tests", "failed", "minutes"], ...rows];
    const widths = [0, 1, 2, 3].map((i) => Math.max(...all.map((row) => row[i]!.length)));
    const line = (row: string[]) =>
      row.map((cell, i) => (i < 2 ? cell.padEnd(widths[i]!) : cell.padStart(widths[i] ?? 7))).join("  ");
    this.on.print(`\n${all.map(line).join("\n")}\n\nTogether ${minutes.toFixed(1)} minutes.`);
    const failures = this.outcomes.flatMap(({ suite, failures }) => failures.map((failure) => ({ suite, ...failure })));
    for (const { suite, title, why } of failures) {
      const told = why.split("\n");
      // The last line says where.
      const most = told.length > 13 ? [...told.slice(0, 12), "…", ...told.slice(-1)] : told;
      const lines = most.map((text) => `    ${text.slice(0, 300)}`);
      this.on.print(`\nfailed in ${suite}: ${title}\n${lines.join("\n")}`);
    }
    const passed = this.outcomes.reduce((sum, outcome) => sum + outcome.passed, 0);
    // What was never begun is not known to work.
    const failed = failures.length + (this.notRun.length > 0 && failures.length === 0 ? 1 : 0);
    this.on.print(`\n${passed} passed, ${failed} failed`);
    return failed > 0 ? 1 : 0;
  }
}
