import assert from "node:assert/strict";
import { existsSync, rmSync } from "node:fs";
import { Result } from "../../tools/checks/check";
import { Problem } from "../../tools/causes/problem";
import { padded } from "../../tools/checks/report/table";
import { everything } from "./everything";
import { docker, run } from "./harness";

/** A wrong state that looks right. */
export interface Mutant {
  /** Check that owns it: this one, and no other, fails. */
  owner: string;
  wrong: string;
  /** What the check says. */
  why: RegExp;
  /** Whether another check may own it the next moment, as where a container comes and goes. @default false */
  flips?: boolean;
  /** The one cause that `npm run doctor` names for it. @default not asked */
  doctor?: string;
  /** What it says to do next, or the commands that it ends with. @default not looked at */
  next?: RegExp;
  /**
   * Whether what it says is all it takes, which is then done instead of `undo`: the command that it ends with, or all that
   * are in the groups of an expression, or what a person does who reads it. @default false
   */
  mends?: boolean | RegExp | ((text: string) => unknown);
  /** Who says it. @default "check" */
  advice?: "check" | "doctor";
  /** What the text asks a person to do before its commands. */
  byHand?: () => unknown;
  /** What a person puts for NAME in them. */
  name?: string;
  /** A file that the commands keep something in. */
  kept?: string;
  make: () => unknown;
  undo: () => unknown;
  /** What is removed in the end, mended or undone. */
  after?: () => unknown;
}

/** Every wrong state that was told from a right one, in this file's run. */
const all: { owner: string; wrong: string; why: string; doctor?: string; nextToo: boolean; carriedOut?: string }[] = [];

const seen = ({ id, status, ...rest }: Result) => `${id} ${status}${"why" in rest ? `: ${rest.why.en}` : ""}`;

/** What a test of wrong states is called. */
export const titleOf = (mutants: Mutant | readonly Mutant[]): string =>
  [mutants]
    .flat()
    .map(({ owner, wrong }) => `${owner}: ${wrong}`)
    .join("; ");

/** The commands of a next step that mend what it belongs to. */
function commandsIn(text: string, mends: Mutant["mends"]): string[] {
  if (typeof mends === "function") return [];
  if (!(mends instanceof RegExp)) return [text.split(": ").at(-1) ?? ""];
  const [, ...commands] = mends.exec(text) ?? assert.fail(`${text}\nis not ${String(mends)}`);
  return commands;
}

/** Holds what was found to a wrong state; returns the next step, and the commands of it that mend it. */
function told(
  { owner, wrong, why, next, doctor, mends, advice, name }: Mutant,
  first: Result | undefined,
  found: Problem[],
  alone: boolean,
) {
  assert.ok(first?.status === "failed");
  assert.match(first.why.en, why);
  assert.match(first.why.ko, /[가-힣]/);
  if (doctor !== undefined) {
    const causes = found.filter(({ lab }) => lab === first.lab).map(({ cause }) => cause as string);
    assert.ok(causes.includes(doctor) && (!alone || causes.length === 1), causes.join());
  }
  const step = advice === "doctor" ? found.find(({ lab }) => lab === first.lab)?.next : first.next;
  assert.ok(step);
  const commands = commandsIn(step.en, mends);
  for (const command of commands) assert.match(command, /\S/);
  const last = commands.at(-1) ?? step.en;
  if (next) assert.ok(next.test(step.en) || next.test(last), `${step.en}\nis not ${String(next)}`);
  // A command is the same in both languages.
  if (step.ko !== step.en) {
    assert.match(step.ko, /[가-힣]/);
    if (mends) for (const command of commands) assert.ok(step.ko.includes(command), `${step.ko}\nhas no ${command}`);
  }
  all.push({ owner, wrong, why: first.why.en, doctor, nextToo: mends !== undefined || next !== undefined });
  return {
    text: step.en,
    commands: commands.map((command) => (name === undefined ? command : command.replaceAll("NAME", name))),
  };
}

/** Types commands as a person does. Where several end with what provisions all of the labs, that is typed once, in the end. */
function type(commands: readonly string[]): void {
  const provisions = /(?:^|; )(npm run up\b[^;]*)$/;
  const ends = new Set(commands.flatMap((command) => provisions.exec(command)?.[1] ?? []));
  for (const command of commands) {
    const [begin, end] = ends.size > 0 ? [command.replace(provisions, ""), "; true"] : [command, ""];
    if (begin !== "") run("sh", "-c", begin + end);
  }
  for (const end of ends) run("sh", "-c", end);
}

/**
 * Makes wrong states, each with another check, looks at them as `npm run check` does, and expects exactly their owners to fail, for
 * the right reasons. What mends them is taken out of what is said, and carried out word by word.
 */
export async function fails(
  these: Mutant | readonly Mutant[],
  look: () => Promise<Result[]>,
  doctor: () => Promise<Problem[]> = () => Promise.resolve([]),
  well: () => Promise<void> = () => Promise.reject(new Error("nobody looks whether it is mended")),
): Promise<void> {
  const mutants = [these].flat();
  /** Takes it all back that was not mended. */
  const clean = async (mended: boolean) => {
    if (!mended) for (const { undo } of [...mutants].reverse()) await undo();
    for (const { after, kept } of mutants) {
      await after?.();
      if (kept !== undefined) rmSync(kept.split("/")[0]!, { recursive: true, force: true });
    }
  };
  let mended = false;
  try {
    for (const { make } of mutants) await make();
    const results = await look();
    const failed = results.filter(({ status }) => status === "failed");
    assert.deepEqual(
      failed.map(({ id }) => id).sort(),
      mutants.map(({ owner }) => owner).sort(),
      results.map(seen).join("\n"),
    );
    const asked = mutants.some((one) => one.doctor !== undefined) ? await doctor() : [];
    const before = all.length;
    const steps = mutants.map((one) =>
      told(
        one,
        failed.find(({ id }) => id === one.owner),
        asked,
        mutants.length === 1,
      ),
    );
    if (mutants.every(({ mends }) => mends)) {
      for (const [i, { byHand, mends }] of mutants.entries()) {
        await byHand?.();
        if (typeof mends === "function") await mends(steps[i]!.text);
      }
      type(steps.flatMap(({ commands }) => commands));
      await well();
      mended = true;
      for (const { kept } of mutants) assert.ok(kept === undefined || existsSync(kept), `${kept} is kept`);
      steps.forEach(({ text, commands }, i) => (all[before + i]!.carriedOut = commands.join(" // ") || text));
    }
  } catch (error) {
    // What went wrong first is what is told.
    await clean(mended).catch((next: unknown) => console.error(next));
    throw error;
  }
  await clean(mended);
}

export function passes(results: readonly Result[]): void {
  assert.deepEqual(results.filter(({ status }) => status !== "passed").map(seen), []);
}

/**
 * The table of wrong states that were told from right ones, and by which check; at least three for every check, and one
 * of them with what it says to do next.
 */
export function mutantTable(checks: readonly string[]): string {
  const ours = new Set(checks);
  const least = everything ? 3 : 2;
  const rows = all.filter(({ owner }) => ours.has(owner));
  const short = checks.filter((id) => rows.filter(({ owner }) => owner === id).length < least);
  assert.deepEqual(short, [], `have less than ${least} wrong states`);
  const without = checks.filter((id) => !rows.some(({ owner, nextToo }) => owner === id && nextToo));
  assert.deepEqual(without, [], "have none where the next step is looked at");
  const [first, second] = [
    Math.max(...rows.map(({ owner }) => owner.length)),
    Math.max(...rows.map(({ wrong }) => wrong.length)),
  ];
  const lines = rows.map(({ owner, wrong, why, doctor, carriedOut }) => {
    const cause =
      (doctor === undefined ? "" : ` [doctor: ${doctor}]`) +
      (carriedOut === undefined ? "" : ` [mended by: ${carriedOut}]`);
    return `    ${padded(owner, first)}  ${padded(wrong, second)}  ${why}${cause}`;
  });
  const done = rows.filter(({ carriedOut }) => carriedOut !== undefined).length;
  const head = `    ${padded("check", first)}  ${padded("wrong state", second)}  why it failed`;
  return [head, ...lines, `    ${done} of ${rows.length} mended by what the check said`].join("\n");
}

/** What is different about a container that takes another one's place. */
export interface Change {
  image?: string;
  publish?: string[];
  /** Options of `docker run` for mounts. @default those of the original's volumes */
  mounts?: string[];
  env?: Record<string, string>;
  network?: string;
  labels?: string[];
  command?: string[];
  entrypoint?: string[];
  /** More options of `docker run`. */
  options?: string[];
}

/** Arguments of `docker run` that make a container like another one, but for a change. */
export function like(original: string, change: Change): string[] {
  const [raw] = JSON.parse(docker("container", "inspect", original)) as [
    {
      Image: string;
      Config: { Env: string[]; Cmd: string[]; Entrypoint: string[] | null; Labels: Record<string, string> };
      HostConfig: { PortBindings: Record<string, { HostIp: string; HostPort: string }[]> | null };
      Mounts: { Type: string; Name: string; Destination: string }[];
      NetworkSettings: { Networks: Record<string, { Aliases: string[] | null }> };
    },
  ];
  const [[network, { Aliases }] = ["bridge", { Aliases: null }]] = Object.entries(raw.NetworkSettings.Networks);
  const ports = Object.entries(raw.HostConfig.PortBindings ?? {}).flatMap(([inside, on]) =>
    on.map(({ HostIp, HostPort }) => `${HostIp}:${HostPort}:${inside}`),
  );
  const mounts = raw.Mounts.map(({ Name, Destination }) => `--volume=${Name}:${Destination}`);
  const labels = Object.entries(raw.Config.Labels).map(([key, value]) => `${key}=${value}`);
  const [entrypoint, ...first] = change.entrypoint ?? raw.Config.Entrypoint ?? [];
  return [
    ...(change.publish ?? ports).map((port) => `--publish=${port}`),
    ...(change.mounts ?? mounts),
    ...raw.Config.Env.map((line) => `--env=${line}`),
    ...Object.entries(change.env ?? {}).map(([key, value]) => `--env=${key}=${value}`),
    ...(change.labels ?? labels).map((label) => `--label=${label}`),
    `--network=${change.network ?? network}`,
    ...(network === "bridge" ? [] : (Aliases ?? []).map((alias) => `--network-alias=${alias}`)),
    ...(entrypoint === undefined ? [] : [`--entrypoint=${entrypoint}`]),
    ...(change.options ?? []),
    change.image ?? raw.Image,
    ...first,
    ...(change.command ?? raw.Config.Cmd),
  ];
}

/** Puts another container in the place of one, which is kept aside. */
export function replaced(name: string, change: Change): Pick<Mutant, "make" | "undo"> {
  const aside = `${name}-original`;
  let kept = false;
  return {
    make: () => {
      const args = like(name, change);
      docker("stop", "--time", "30", name);
      docker("rename", name, aside);
      kept = true;
      docker("run", "--detach", "--name", name, ...args);
    },
    undo: () => {
      if (!kept) return;
      docker("rm", "--force", "--volumes", name);
      docker("rename", aside, name);
      docker("start", name);
      kept = false;
    },
  };
}

/**
 * Another container in the place of one, which is gone: for what the commands of a check have to make again.
 * @param undo makes it again
 * @param runs whether Docker can start it
 */
export function inPlace(
  name: string,
  change: Change,
  undo: () => unknown,
  runs = true,
): Pick<Mutant, "make" | "undo" | "after"> {
  let volumes: string[] = [];
  return {
    make: () => {
      const args = like(name, change);
      docker("rm", "--force", name);
      docker("create", "--name", name, ...args);
      const mounted = docker("inspect", "--format", "{{range .Mounts}}{{.Name}}\n{{end}}", name);
      volumes = mounted.split("\n").filter((one) => /^[0-9a-f]{64}$/.test(one));
      if (runs) docker("start", name);
      else assert.throws(() => docker("start", name));
    },
    undo,
    // No command that a student types asks for them to be removed.
    after: () => volumes.length > 0 && docker("volume", "rm", ...volumes),
  };
}
