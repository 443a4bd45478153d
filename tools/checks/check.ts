import type { ExecFileException } from "node:child_process";
import { LabName } from "../../config";
import { Text } from "../../text";

/** What was seen, for whoever wants to judge by themselves. It goes into reports: never a password. */
export type Evidence = Record<string, unknown>;

/**
 * What a check found.
 * - `passed`, `failed`: it was looked at.
 * - `open`: the student's own step, not done yet; no failure.
 * - `blocked`: not looked at, because a check that it needs failed.
 */
export type Verdict =
  | { status: "passed"; evidence: Evidence }
  | { status: "failed"; why: Text; next: Text; evidence: Evidence }
  | { status: "open"; why: Text; next: Text; evidence: Evidence }
  | { status: "blocked"; why: Text; evidence: Evidence };

/** One step of the course, and how to tell that it works. */
export interface Check {
  /** Name for programs, such as "redis.image". */
  id: string;
  lab: LabName;
  /** What holds when it passes. */
  title: Text;
  /** What the step teaches, and the command that shows it. */
  hint: Text;
  /** Checks that have to pass first: without them this one could only repeat their failure. @default none */
  needs?: readonly string[];
  /** What it changes while it looks. Such a check runs only when that was asked for. @default nothing */
  drill?: Text;
  probe: () => Promise<Verdict> | Verdict;
}

/** A check that was run. */
export type Result = Verdict & {
  id: string;
  lab: LabName;
  title: Text;
  hint: Text;
  /** Place in the course, such as "1.2". */
  section: string;
  /** How long it took, in milliseconds. */
  ms: number;
};

export const passed = (evidence: Evidence = {}): Verdict => ({ status: "passed", evidence });

export const failed = (why: Text, next: Text | string, evidence: Evidence = {}): Verdict => ({
  status: "failed",
  why,
  next: command(next),
  evidence,
});

export const open = (why: Text, next: Text | string, evidence: Evidence = {}): Verdict => ({
  status: "open",
  why,
  next: command(next),
  evidence,
});

/** A command is the same in every language. */
const command = (next: Text | string): Text => (typeof next === "string" ? { en: next, ko: next } : next);

/** The labs as sections of the course. */
export const sections: Record<LabName, Text> = {
  redis: { en: "1 Build an image and run it: Redis", ko: "1 이미지를 빌드하고 실행하기: Redis" },
  registry: { en: "2 Use a registry: Debian", ko: "2 레지스트리 쓰기: Debian" },
  compose: { en: "3 Two containers: WordPress with compose", ko: "3 컨테이너 두 개: compose 로 WordPress" },
  kubernetes: { en: "4 WordPress on Kubernetes", ko: "4 쿠버네티스 위의 WordPress" },
};

/** Why something could not be done, in a line. Never the command that failed: passwords may be among its arguments. */
function whyNot(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const { cmd, code, signal, stderr } = error as Partial<ExecFileException> & { stderr?: string };
  if (cmd === undefined || typeof code === "string") return error.message.split("\n")[0] ?? "";
  // Docker ends what it says with where to read more.
  const said = stderr?.split("\n").filter((line) => line.trim() && !/^(?:Run|See) '.* --help'/.test(line)) ?? [];
  return said.pop()?.trim() ?? `${cmd.split(" ")[0]} ended with ${signal ?? code}`;
}

async function judge(check: Check): Promise<Verdict> {
  try {
    return await check.probe();
  } catch (error) {
    const said = whyNot(error);
    return failed(
      { en: `This could not be looked at: ${said}`, ko: `확인할 수 없었습니다: ${said}` },
      "npm run doctor",
      { error: said },
    );
  }
}

/**
 * Runs checks: those that only look at the same time, then drills one after the other, because each disturbs.
 * A check whose needs did not pass is not run.
 * @param drill whether checks that change something run, too
 * @param finished told of every result as soon as there is one
 */
export async function runChecks(
  checks: readonly Check[],
  { drill = false, finished = () => {} }: { drill?: boolean; finished?: (result: Result) => void } = {},
): Promise<Result[]> {
  const chosen = checks.filter((check) => drill || !check.drill);
  const running = new Map<string, Promise<Result>>();

  const run = (check: Check): Promise<Result> => {
    const known = running.get(check.id);
    if (known) return known;
    const begun = (async () => {
      const needed = await Promise.all(
        (check.needs ?? []).flatMap((id) => chosen.filter((other) => other.id === id).map(run)),
      );
      const lacking = needed.find(({ status }) => status !== "passed");
      const started = Date.now();
      const verdict = lacking ? blockedBy(lacking) : await judge(check);
      const { id, lab, title, hint } = check;
      const place = checks.filter((other) => other.lab === lab).indexOf(check) + 1;
      const section = `${sections[lab].en.slice(0, 1)}.${place}`;
      const result = { id, lab, title, hint, section, ms: Date.now() - started, ...verdict };
      finished(result);
      return result;
    })();
    running.set(check.id, begun);
    return begun;
  };

  await Promise.all(chosen.filter((check) => !check.drill).map(run));
  for (const check of chosen) await run(check);
  return Promise.all(chosen.map(run));
}

const blockedBy = ({ id, title }: Result): Verdict => ({
  status: "blocked",
  why: { en: `Not looked at, because this has to work first: ${title.en}`, ko: `먼저 되어야 하는 것: ${title.ko}` },
  evidence: { needs: id },
});
