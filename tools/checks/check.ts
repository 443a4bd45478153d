import { LabName, labNames } from "../../config";
import { same, Text } from "../../text";
import { Cause } from "../causes/problem";
import { unreachableIn } from "./facts/unreachable";

/** What a check saw, for people; no program reads it. It goes into reports, so it never contains a password. */
export type Evidence = Record<string, unknown>;

/** What a drill showed, for the comparison of Compose and Kubernetes. */
export type Shown =
  | { drill: "pod deleted"; deleted: string; replacedBy: string; seconds: number }
  | { drill: "database pod deleted"; seconds: number }
  | { drill: "compose down"; seconds: number; afterDownVolumes: string };

/**
 * What a check found.
 * - `passed`, `failed`: it was checked.
 * - `open`: a step that the student has not done yet; not a failure.
 * - `blocked`: not checked, because a check that it needs failed.
 */
export type Verdict =
  | { status: "passed"; evidence: Evidence; shown?: Shown }
  | { status: "failed"; cause: Cause; why: Text; next: Text; evidence: Evidence }
  | { status: "open"; why: Text; next: Text; evidence: Evidence }
  | { status: "blocked"; why: Text; evidence: Evidence };

/** One step of the course, and how to check that it works. */
export interface Check {
  /** Name for programs: its lab and a word, such as "redis.image". */
  id: `${LabName}.${string}`;
  /** What holds when it passes. */
  title: Text;
  /** Checks that have to pass first: without them this one could only repeat their failure. @default none */
  needs?: readonly Check[];
  /** What it changes while it looks. Such a check runs only when that was asked for. @default nothing */
  drill?: Text;
  probe: () => Promise<Verdict> | Verdict;
}

export type Result = Verdict & {
  id: string;
  lab: LabName;
  title: Text;
  /** Place in the course, such as "1.2". */
  section: string;
  /** How long it took, in milliseconds. */
  ms: number;
};

export const passed = (evidence: Evidence = {}, shown?: Shown): Verdict => ({
  status: "passed",
  evidence,
  ...(shown && { shown }),
});

/** What is not as it should be, and what that was seen by. */
interface Finding extends Text {
  evidence?: Evidence;
}

export const failed = (cause: Cause, next: Text | string, finding: Finding): Verdict => ({
  status: "failed",
  cause,
  ...said(next, finding),
});

export const open = (next: Text | string, finding: Finding): Verdict => ({ status: "open", ...said(next, finding) });

const said = (next: Text | string, { en, ko, evidence = {} }: Finding) => ({
  why: { en, ko },
  next: typeof next === "string" ? same(next) : next,
  evidence,
});

export const sections: Record<LabName, Text> = {
  redis: { en: "1 Build an image and run it: Redis", ko: "1 이미지를 빌드하고 실행하기: Redis" },
  registry: { en: "2 Use a registry: Debian", ko: "2 레지스트리 사용하기: Debian" },
  compose: { en: "3 Two containers: WordPress with compose", ko: "3 컨테이너 두 개: compose로 실행하는 WordPress" },
  kubernetes: { en: "4 WordPress on Kubernetes", ko: "4 쿠버네티스 위의 WordPress" },
};

const labOf = ({ id }: Check): LabName => certain(labNames.find((lab) => id.startsWith(`${lab}.`)));

/** What a check finds, also where it cannot look. @throws Error where the mistake is ours: nobody's lab is judged by it */
export async function judge(probe: Check["probe"]): Promise<Verdict> {
  try {
    return await probe();
  } catch (error) {
    const { en, ko } = unreachableIn(error).why;
    return failed("cannot be checked", "npm run doctor", {
      en: `This could not be checked: ${en}`,
      ko: `점검할 수 없었습니다: ${ko}`,
      evidence: { error: en },
    });
  }
}

/**
 * Runs checks: those that change nothing at the same time, then drills one after the other.
 * A check whose needs did not pass is skipped. An error in this project's code ends the run.
 * @param drill whether checks that change something run, too
 */
export async function runChecks(checks: readonly Check[], { drill = false } = {}): Promise<Result[]> {
  const chosen = checks.filter((check) => drill || !check.drill);
  const running = new Map<string, Promise<Result>>();

  const begin = async (check: Check): Promise<Result> => {
    const needs = chosen.filter(({ id }) => check.needs?.some((need) => need.id === id));
    const lacking = (await Promise.all(needs.map(run))).find(({ status }) => status !== "passed");
    const started = performance.now();
    const verdict = lacking ? blockedBy(lacking) : await judge(check.probe);
    const { id, title } = check;
    const lab = labOf(check);
    const place = checks.filter((other) => labOf(other) === lab).indexOf(check) + 1;
    const section = `${labNames.indexOf(lab) + 1}.${place}`;
    return { id, lab, title, section, ms: Math.round(performance.now() - started), ...verdict };
  };
  const run = (check: Check): Promise<Result> => {
    const result = running.get(check.id) ?? begin(check);
    running.set(check.id, result);
    return result;
  };

  await Promise.all(chosen.filter((check) => !check.drill).map(run));
  for (const check of chosen) await run(check);
  return Promise.all(chosen.map(run));
}

const blockedBy = ({ id, title }: Result): Verdict => ({
  status: "blocked",
  why: { en: `Skipped, because this has to pass first: ${title.en}`, ko: `먼저 통과해야 하는 항목: ${title.ko}` },
  evidence: { needs: id },
});

/** How long something took, to a tenth of a second. @param started by performance.now() */
export const secondsSince = (started: number) => Math.round((performance.now() - started) / 100) / 10;

/** What a check that came before has found. @throws Error where that one is not among its needs */
export function certain<T>(found: T | undefined): T {
  if (found === undefined) throw new Error("a check relies on what none of its needs has found");
  return found;
}
