import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { dirname, join, normalize } from "node:path";
import ts from "typescript";

const root = join(__dirname, "..");
const files = execFileSync("git", ["ls-files", "--cached", "--others", "--exclude-standard"], { cwd: root })
  .toString()
  .split("\n")
  .filter((file) => /\.(ts|mjs)$/.test(file) && !file.startsWith("test/fixtures/") && existsSync(join(root, file)));

/** The files of the project that a file loads. */
function loads(file: string): string[] {
  const { importedFiles } = ts.preProcessFile(readFileSync(join(root, file), "utf8"), true, true);
  return importedFiles
    .filter(({ fileName }) => fileName.startsWith("."))
    .flatMap(({ fileName }) => {
      const at = normalize(join(dirname(file), fileName)).replaceAll("\\", "/");
      return [at, `${at}.ts`, `${at}/index.ts`].filter((one) => files.includes(one)).slice(0, 1);
    });
}

/** A folder; each file of the project's own folder counts by itself, because that is where the program stands. */
const roomOf = (file: string) => (file.includes("/") ? dirname(file) : file);

describe("the rooms of the house", () => {
  const product = files.filter((file) => !file.startsWith("test/") && file.includes("."));
  const uses = new Map(product.map((file) => [file, loads(file)]));

  it("are derived from what they import", () => {
    assert.ok(product.length > 100 && [...uses.values()].flat().length > 300, `${product.length} files`);
  });

  it("import no tests", () => {
    // The door starts them, too.
    const others = [...uses].filter(([file]) => file !== "tools/run.mjs");
    assert.deepEqual(
      others.filter(([, used]) => used.some((one) => one.startsWith("test/"))).map(([file]) => file),
      [],
    );
  });

  it("do not load each other, on no way round", () => {
    const rooms = new Map<string, Set<string>>();
    for (const [file, used] of uses) {
      const to = rooms.get(roomOf(file)) ?? new Set();
      for (const one of used) if (roomOf(one) !== roomOf(file)) to.add(roomOf(one));
      rooms.set(roomOf(file), to);
    }
    const left = new Map(rooms);
    for (let before = -1; before !== left.size;) {
      before = left.size;
      for (const [room, to] of left) if (![...to].some((one) => left.has(one))) left.delete(room);
    }
    const circle = [...left].map(([room, to]) => `${room} -> ${[...to].filter((one) => left.has(one)).join(", ")}`);
    assert.deepEqual(circle, []);
  });

  it("have no circle among their files", () => {
    const left = new Map(uses);
    for (let before = -1; before !== left.size;) {
      before = left.size;
      for (const [file, used] of left) if (!used.some((one) => left.has(one))) left.delete(file);
    }
    assert.deepEqual([...left.keys()], []);
  });
});
