import { violations } from "./policies/enforce";
import { LabError, Text } from "../../text";
import { blind } from "./blind";
import { changesOf, markAlready, worthTelling } from "./collect";
import { compare } from "./compare";
import { lookInto } from "./files";
import { inOrder, judge, verdictOf } from "./judge";
import { Change, Property, Report, Warning } from "./resources/model";
import { lookupsAdded, optionsChanged } from "./options";
import { outputChanges } from "./outputs";
import { Program } from "./program";
import { differences, settingChange } from "./resources/values";
import { Running, stateOfLabs } from "./state";
import { Base, changedFiles, formerNames, Tree } from "./tree";
import { RegisterAnswer } from "./worker";

export interface ReviewOptions {
  root: string;
  project: string;
  stack: string;
  ref: string;
  base: Base;
  head: Tree;
  /** What is running; nothing where nothing is, or where it is not known. */
  running?: Running;
  /** Of labs, those that cannot be asked, and why not. */
  unreachable: (labs: string[]) => Promise<Map<string, Text>>;
}

const union = <T>(...lists: readonly T[][]) => [...new Set(lists.flat())];

/** The rules that the head breaks; those that the base breaks, too, are not new. */
function brokenRules(base: RegisterAnswer, head: RegisterAnswer): Warning[] {
  const of = ({ resources, settings }: RegisterAnswer) =>
    violations(resources, { bindAddress: settings.bindAddress, nodePort: Number(settings.nodePort) });
  const print = ({ urn, text }: { urn: string; text: Text }) => `${urn} ${text.en}`;
  const known = new Set(of(base).map(print));
  return of(head).map((violation) => ({
    kind: "policy",
    dangerous: true,
    lab: violation.lab,
    resource: violation.name,
    text: violation.text,
    ...(known.has(print(violation)) ? { already: true } : {}),
  }));
}

const notRunning: Text = {
  en: "not running here, so that only the two programs were compared: what is running elsewhere was not looked at, and what is replaced is read from a table",
  ko: "여기에서 실행 중이 아니어서 두 프로그램만 비교했습니다. 다른 곳에서 실행 중인 실습은 보지 않았고, 교체 여부는 표로 판단했습니다",
};

const enginesRefusal: Text = {
  en: "Pulumi could not preview it (see above), so that only the two programs were compared",
  ko: "Pulumi 미리보기가 실패하여 (위 참고) 두 프로그램만 비교했습니다",
};

/** @throws what a promise was rejected with */
function valueOf<T>(result: PromiseSettledResult<T>): T {
  if (result.status === "rejected") throw result.reason;
  return result.value;
}

/** What the engine would do to the labs that run, and the URNs of everything that it was asked about, on either side. */
async function askEngine(
  programs: Programs,
  labsOf: (side: keyof Programs) => string[],
  running: Running,
  labs: string[],
) {
  const state = stateOfLabs(running, [...labs, ...running.outside]);
  const preview = async (side: keyof Programs) =>
    labsOf(side).length > 0 ? (await programs[side].preview(labsOf(side), state)).steps : [];
  const [base, head] = await Promise.allSettled([preview("base"), preview("head")]);
  const wanted = valueOf(head);
  // Of a base that cannot be previewed nothing is known to happen anyway.
  const known = base.status === "fulfilled" ? base.value : [];
  return {
    changes: markAlready(changesOf(wanted, running.parents), changesOf(known, running.parents)),
    seen: new Set([...wanted, ...known].map(({ urn }) => urn)),
  };
}

/** The engine hides all variables of a container where one is a secret: which of them differ, the programs tell. */
function seenThrough(change: Change, same: Change | undefined): Change {
  const isHidden = ({ path, old, new: now }: Property) => path === "envs" && old === now;
  const found = same?.properties.filter(({ path }) => path.startsWith("envs[")) ?? [];
  if (found.length === 0 || !change.properties.some(isHidden)) return change;
  return {
    ...change,
    properties: change.properties.flatMap((one) => (isHidden(one) ? found : one)),
    before: { ...change.before, envs: same?.before?.envs },
    after: { ...change.after, envs: same?.after?.envs },
  };
}

export type Programs = Record<"base" | "head", Pick<Program, "preview">>;

/** Asks the engine about the labs that are running, and compares the programs for the others. */
export async function changesBetween(
  programs: Programs,
  answers: Record<keyof Programs, RegisterAnswer>,
  { running, unreachable }: Pick<ReviewOptions, "running" | "unreachable">,
): Promise<Omit<Assessed, "settings" | "outputs">> {
  const all = union(answers.base.labs, answers.head.labs);
  const added = answers.head.labs.filter((lab) => !answers.base.labs.includes(lab));
  const wanted = running ? union(running.labs, added) : [];
  const reasons = wanted.length > 0 ? await unreachable(wanted) : new Map<string, Text>();
  let asked = wanted.filter((lab) => !reasons.has(lab));
  const labsOf = (side: keyof Programs) => answers[side].labs.filter((lab) => asked.includes(lab));
  // A program has one lab at least; what has none left is compared.
  if (labsOf("head").length === 0 || !asked.some((lab) => running?.labs.includes(lab))) asked = [];

  let others = all.filter((lab) => !asked.includes(lab));

  const compared = compare(answers.base.resources, answers.head.resources);
  let changes = compared;
  let failure: Text | undefined;
  if (running && asked.length > 0) {
    try {
      const engine = await askEngine(programs, labsOf, running, asked);
      const rest = compared.filter(({ urn, lab }) => !engine.seen.has(urn) && !asked.includes(lab));
      const same = new Map(compared.map((change) => [change.urn, change]));
      const seen = engine.changes.map((change) => seenThrough(change, same.get(change.urn)));
      changes = [...seen, ...(others.length > 0 ? rest : [])];
    } catch (error) {
      if (!(error instanceof LabError)) throw error;
      failure = error.text;
      for (const lab of asked) reasons.set(lab, enginesRefusal);
      [asked, others] = [[], all];
    }
  }
  const byReason = new Map<Text, string[]>();
  for (const lab of others) {
    const why = reasons.get(lab) ?? notRunning;
    byReason.set(why, [...(byReason.get(why) ?? []), `\`${lab}\``]);
  }
  const unchecked = [...byReason].map(([why, labs]) => ({
    en: `${labs.join(", ")}: ${why.en}.`,
    ko: `${labs.join(", ")}: ${why.ko}.`,
  }));
  // The engine announces steps as they come: the same change shall read the same each time.
  changes.sort((a, b) => (a.urn < b.urn ? -1 : 1));
  const warnings = [
    ...optionsChanged(answers.base.resources, answers.head.resources, asked),
    ...lookupsAdded(answers.base.lookups, answers.head.lookups),
  ];
  const different = compared.length + warnings.length > 0;
  return { changes, warnings, unchecked, different, ...(failure ? { failure } : {}) };
}

export type Assessed = Pick<Report, "settings" | "outputs" | "warnings" | "changes" | "unchecked" | "failure"> & {
  /** The two programs ask for other things, whatever becomes of them. */
  different: boolean;
};

export async function assess(
  programs: Programs,
  answers: Record<keyof Programs, RegisterAnswer>,
  options: Pick<ReviewOptions, "running" | "unreachable">,
): Promise<Assessed> {
  const settings = differences(answers.base.settings, answers.head.settings).map((one) => settingChange(one.path, one));
  const results = outputChanges(answers.base.resources, answers.head.resources);
  const { warnings, ...compared } = await changesBetween(programs, answers, options);
  const judged = [...judge(compared.changes, answers.base.resources), ...compared.changes.flatMap(blind)];
  return {
    ...compared,
    settings,
    outputs: results.outputs,
    warnings: [...brokenRules(answers.base, answers.head), ...results.warnings, ...warnings, ...judged],
  };
}

/** Puts what was found in order, and says in one word what it amounts to. */
export function concluded(report: Omit<Report, "verdict">, different: boolean): Report {
  const lists = [report.changes.filter(({ already }) => !already), report.settings, report.outputs, report.files];
  const warnings = inOrder(report.warnings);
  const verdict = verdictOf({
    warnings: warnings.filter(({ already }) => !already),
    different: different || lists.some((list) => list.length > 0),
    failed: report.failure !== undefined,
  });
  return { ...report, verdict, warnings };
}

/** Compares the labs of two revisions, and what the second one does to what is running. Changes nothing. */
export async function review(options: ReviewOptions): Promise<Report> {
  const { root, project, stack, ref, base, head } = options;
  const programs = {
    base: new Program(base.folder, project, stack),
    head: new Program(head.folder, project, stack),
  };
  const folders = { base: base.folder, head: head.folder };
  const looked = lookInto(changedFiles(root, base.commit), folders, stack, formerNames(root, base.commit));
  const about = { base: { ref, commit: base.commit }, stack, ...looked };
  try {
    // Both run at once; the base's failure is told only where the head is well.
    const [ofBase, ofHead] = await Promise.allSettled([programs.base.register(), programs.head.register()]);
    const answers = { head: valueOf(ofHead), base: valueOf(ofBase) };
    const { different, ...assessed } = await assess(programs, answers, options);
    const [warnings, unchecked] = [
      [...looked.warnings, ...assessed.warnings],
      [...looked.unchecked, ...assessed.unchecked],
    ];
    return concluded({ ...about, ...assessed, warnings, unchecked }, different);
  } catch (error) {
    if (!(error instanceof LabError)) throw error;
    return concluded({ ...about, changes: [], settings: [], outputs: [], failure: error.text }, true);
  } finally {
    programs.base.end();
    programs.head.end();
  }
}

/** The report as data: without the inputs of every resource, which the properties tell the differences of. */
export function json(report: Report): string {
  const changes = worthTelling(report.changes).map((change) => ({ ...change, before: undefined, after: undefined }));
  return `${JSON.stringify({ version: 1, ...report, changes }, undefined, 2)}\n`;
}
