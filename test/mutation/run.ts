import { execFileSync, spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, dirname, join, relative, sep } from "node:path";
import * as ts from "typescript";
import { parse } from "yaml";
import { Mutant, mutantsOf, mutated, typeChecker } from "./mutants";
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
  const copy = mkdtempSync(join(tmpdir(), "course-labs-mutants-"));
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

/** Whether the tests pass in a copy; those that do not end in time do not. */
async function pass(copy: string, tests: string[], patience: number): Promise<boolean> {
  const mocha = join(copy, "node_modules/mocha/bin/mocha.js");
  // mocha would add the files that are asked for to those of its configuration.
  const config = parse(readFileSync(join(copy, ".mocharc.yml"), "utf8")) as { require: string; timeout: number };
  const { require, timeout } = config;
  const options = ["--no-config", "--exit", "--bail", "--reporter", "min", "--require", require];
  const args = [mocha, ...options, "--timeout", String(timeout), ...tests];
  const child = spawn(process.execPath, args, { cwd: copy, stdio: "ignore", timeout: patience, killSignal: "SIGKILL" });
  return new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("exit", (code) => resolve(code === 0));
  });
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

/**
 * Builds faults into a copy of the project, one at a time, and looks which ones the unit tests notice.
 * @throws Error when the tests of a room fail without any fault: then they would seem to notice all of them
 */
export async function run({ root, rooms, sample, seed, tried = () => {} }: Choice): Promise<Outcome[]> {
  const copy = copyOf(root);
  const remove = () => rmSync(copy, { recursive: true, force: true });
  process.on("exit", remove);
  const read = (file: string) => readFileSync(join(copy, file), "utf8");
  try {
    const products = rooms.map(({ files }) => filesOf(copy, files));
    const compiles = typeChecker(posix(copy), products.flat());
    const outcomes: Outcome[] = [];
    for (const [i, { name, tests }] of rooms.entries()) {
      const all = filesOf(copy, tests).filter((file) => file.endsWith(".test.ts"));
      const loaded = all.map((test) => ({ test, files: loadedBy(copy, test) }));
      // What looks at little is quick, and the first failure ends a run.
      loaded.sort((a, b) => a.files.size - b.files.size);
      const began = Date.now();
      if (all.length === 0 || !(await pass(copy, all, 600_000))) {
        throw new Error(`The tests of ${name} fail without any fault: ${all.join(" ")}`);
      }
      const patience = Math.max(30_000, 5 * (Date.now() - began));

      const mutants = (products[i] ?? []).flatMap((file) => mutantsOf(file, read(file)));
      const outcome: Outcome = { room: name, mutants: mutants.length, killed: 0, survivors: [] };
      for (const mutant of shuffled(mutants, seed)) {
        if (outcome.killed + outcome.survivors.length === sample) break;
        const { file } = mutant;
        const content = read(file);
        if (!compiles(file, mutated(content, mutant))) continue;
        const named = loaded.filter(({ files }) => files.has(file));
        // What no test names may be loaded by a path that is put together.
        const covering = (named.length > 0 ? named : loaded).map(({ test }) => test);
        writeFileSync(join(copy, file), mutated(content, mutant));
        const killed = !(await pass(copy, covering, patience));
        writeFileSync(join(copy, file), content);
        if (killed) outcome.killed++;
        else outcome.survivors.push(mutant);
        tried(mutant, killed);
      }
      outcomes.push(outcome);
    }
    return outcomes;
  } finally {
    process.off("exit", remove);
    remove();
  }
}
