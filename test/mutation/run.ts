import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { cpSync, mkdtempSync, readFileSync, realpathSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, dirname, join, relative, sep } from "node:path";
import * as ts from "typescript";
import { Mutant, mutantsOf, mutated, typeChecker } from "./mutants";
import { configOf, pass, stop, Warm } from "./processes";
import { Room } from "./rooms";

/** How a mutation run is made. */
export interface Choice {
  /** The project's folder, which is left as it is. */
  root: string;
  rooms: readonly Room[];
  /** Mutants to try in each room. */
  sample: number;
  /** The same seed chooses the same mutants. */
  seed: string;
  /** Told of each mutant that was tried. */
  tried?: (mutant: Mutant, killed: boolean) => void;
}

/** What came of a room's mutants. */
export interface Outcome {
  room: string;
  /** How many the room has, also those that do not compile. */
  mutants: number;
  killed: number;
  survivors: Mutant[];
}

const posix = (path: string) => path.split(sep).join("/");

/** The project's files that fit patterns, by their paths in it. */
export const filesOf = (root: string, patterns: string[]) =>
  ts.sys
    .readDirectory(root, [".ts"], ["node_modules", "test/e2e"], patterns)
    .map((path) => posix(relative(root, path)));

/** Everything that a file loads of the project, itself included. */
function loadedBy(root: string, file: string, seen = new Set<string>()): Set<string> {
  const content = seen.has(file) ? undefined : ts.sys.readFile(join(root, file));
  if (content === undefined) return seen;
  seen.add(file);
  for (const { fileName } of ts.preProcessFile(content).importedFiles) {
    if (!fileName.startsWith(".")) continue;
    const path = join(dirname(file), fileName);
    const found = [`${path}.ts`, join(path, "index.ts")].find((one) => ts.sys.fileExists(join(root, one)));
    if (found) loadedBy(root, posix(found), seen);
  }
  return seen;
}

/** A copy of the project to break, with the same packages. */
function copyOf(root: string): string {
  const copy = realpathSync(mkdtempSync(join(tmpdir(), "course-labs-mutants-")));
  const left = ["node_modules", ".git", ".pulumi"];
  cpSync(root, copy, { recursive: true, filter: (path) => !left.includes(basename(path)) });
  symlinkSync(join(root, "node_modules"), join(copy, "node_modules"), "junction");
  // Tests that go through all files of the project ask git for them.
  for (const args of [
    ["init", "--quiet", "--initial-branch=main"],
    ["add", "--all"],
  ]) {
    execFileSync("git", args, { cwd: copy, stdio: ["ignore", "ignore", "inherit"] });
  }
  return copy;
}

/** In an order that a seed gives, and that does not depend on what else there is. */
export function shuffled(mutants: readonly Mutant[], seed: string): Mutant[] {
  const placed = mutants.map((mutant) => {
    const { file, start, operator, replacement } = mutant;
    const place = createHash("sha256").update([seed, file, start, operator, replacement].join()).digest("hex");
    return { mutant, place };
  });
  return placed.sort((a, b) => (a.place < b.place ? -1 : 1)).map(({ mutant }) => mutant);
}

/** A room's tests: what each loads of the project, and how long to wait for it; the quickest come first. */
async function timed(copy: string, warm: Warm, { name, tests }: Room) {
  const all = filesOf(copy, tests).filter((file) => file.endsWith(".test.ts"));
  if (all.length === 0) throw failing(name, "there are none");
  const { timeout } = configOf(copy);
  const quick: { test: string; patience: number; files: Set<string> }[] = [];
  for (const test of all) {
    const began = Date.now();
    const passed = await warm.pass(test, 600_000);
    const patience = timeout + 5 * (Date.now() - began);
    if (passed) quick.push({ test, patience, files: loadedBy(copy, test) });
    // What passes in a process of its own only is left to the run of the whole room.
    else if (!(await pass(copy, [test], 600_000))) throw failing(name, test);
  }
  quick.sort((a, b) => a.patience - b.patience);
  return { name, all, quick, patience: quick.reduce((sum, { patience }) => sum + patience, 300_000) };
}

const failing = (room: string, why: string) => new Error(`The tests of ${room} fail without any fault: ${why}`);

/** Whether the tests of a room notice a fault. It is theirs only where the same tests pass without it. */
async function noticed(
  { name, all, quick, patience: whole }: Awaited<ReturnType<typeof timed>>,
  { copy, file, warm, put }: { copy: string; file: string; warm: Warm; put: (fault: boolean) => void },
): Promise<boolean> {
  const ends = async (run: () => Promise<boolean | undefined>) => {
    put(true);
    const passed = await run();
    put(false);
    if (passed) return "passed";
    return passed === false && (await run()) ? "failed" : "unclear";
  };
  const named = quick.filter(({ files }) => files.has(file));
  // What no test names may be loaded by a path that is put together.
  for (const { test, patience } of named.length > 0 ? named : quick) {
    const here = () => warm.pass(test, patience);
    const end = await ends(here);
    if (end === "passed") continue;
    // Twice: what an earlier fault has left behind may come up once.
    if (end === "failed" && (await ends(here)) === "failed") return true;
    warm.stop();
    if ((await ends(() => pass(copy, [test], patience))) === "failed") return true;
  }
  const end = await ends(() => pass(copy, all, whole));
  if (end === "unclear") throw failing(name, all.join(" "));
  return end === "failed";
}

/**
 * Builds faults into a copy of the project, one at a time, and looks which ones the unit tests notice.
 * @throws Error when the tests of a room fail without any fault: then they would seem to notice all of them
 */
export async function run({ root, rooms, sample, seed, tried = () => {} }: Choice): Promise<Outcome[]> {
  const copy = copyOf(root);
  const remove = () => {
    stop();
    rmSync(copy, { recursive: true, force: true });
  };
  process.on("exit", remove);
  const read = (file: string) => readFileSync(join(copy, file), "utf8");
  try {
    const products = rooms.map(({ files }) => filesOf(copy, files));
    const compiles = typeChecker(posix(copy), products.flat());
    const outcomes: Outcome[] = [];
    for (const [i, room] of rooms.entries()) {
      const warm = new Warm(copy);
      const tests = await timed(copy, warm, room);
      const mutants = (products[i] ?? []).flatMap((file) => mutantsOf(file, read(file)));
      const outcome: Outcome = { room: room.name, mutants: mutants.length, killed: 0, survivors: [] };
      for (const mutant of shuffled(mutants, seed)) {
        if (outcome.killed + outcome.survivors.length === sample) break;
        const { file } = mutant;
        const content = read(file);
        const broken = mutated(content, mutant);
        if (!compiles(file, broken)) continue;
        const put = (fault: boolean) => writeFileSync(join(copy, file), fault ? broken : content);
        const killed = await noticed(tests, { copy, file, warm, put });
        if (killed) outcome.killed++;
        else outcome.survivors.push(mutant);
        tried(mutant, killed);
      }
      warm.stop();
      outcomes.push(outcome);
    }
    return outcomes;
  } finally {
    process.off("exit", remove);
    remove();
  }
}
