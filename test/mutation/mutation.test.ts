import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { mutation, verdict } from ".";
import { mutantsOf, mutated, typeChecker } from "./mutants";
import { rooms } from "./rooms";
import { filesOf, run, shuffled } from "./run";

const root = join(__dirname, "../..");

describe("the faults that are built in", () => {
  const all = (content: string) => mutantsOf("a.ts", content).map((mutant) => mutated(content, mutant));

  const cases: [what: string, content: string, mutants: string[]][] = [
    ["comparisons", "a === b", ["a !== b"]],
    ["comparisons of size", "a < b; a >= b", ["a <= b; a >= b", "a < b; a > b"]],
    ["and, or", "a && b || c", ["a && b && c", "a || b || c"]],
    ["not", "f(!a)", ["f(a)"]],
    ["a value with a fallback", "a ?? b", ["a", "b"]],
    ["a choice", "a ? b : c", ["a ? c : b"]],
    ["a number", "f(9)", ["f(10)"]],
    ["a condition", "if (a) f();", ["if (false) f();"]],
    ["a list", "f([a, ...b])", ["f([...b])", "f([a])"]],
    ["a filter", "a.b.filter(c)", ["a.b"]],
    ["nothing that only the compiler reads", "type A = 1 | [2]; interface B { c: 3 } f<4>(d as 5);", []],
  ];
  for (const [what, content, mutants] of cases) {
    it(`change ${what}`, () => assert.deepEqual(all(content), mutants));
  }
});

describe("a mutation run", function () {
  // A run is a few processes, each of which takes seconds to start on a busy machine.
  this.timeout(300_000);
  let folder: string;
  const write = (file: string, content: string) => writeFileSync(join(folder, file), content);

  before(() => {
    folder = mkdtempSync(join(tmpdir(), "course-labs-mutated-"));
    symlinkSync(join(root, "node_modules"), join(folder, "node_modules"), "junction");
    mkdirSync(join(folder, "room"));
    mkdirSync(join(folder, "test"));
    write(".mocharc.yml", "require: ts-node/register\ntimeout: 4000\nexit: true\nspec: nothing/**\n");
    const compilerOptions = { strict: true, target: "ES2022", module: "commonjs", types: [] };
    write("tsconfig.json", JSON.stringify({ compilerOptions, "ts-node": { swc: true } }));
    write("room/plus.ts", "export const isPlus = (n: number) => n > 0;\n");
    // Without its fallback this would be undefined, which the compiler does not let pass.
    write("room/name.ts", 'export const nameOf = (name?: string): string => name ?? "nobody";\n');
    write("room/alone.ts", "export const alone = (a: boolean) => !a;\n");
    // The fault in its first line, which comes first, makes the test fail in every later run of the same process.
    write("room/leaves.ts", "export const leaves = (a: boolean) => !a;\nexport const never = (a: boolean) => !a;\n");
    write(
      "test/leaves.test.ts",
      `import { leaves } from "../room/leaves";
      it("leaves nothing", () => {
        if ("left" in globalThis) throw new Error();
        if (leaves(true)) Object.assign(globalThis, { left: true });
      });`,
    );
    write("room/ends.ts", "export const ends = (a: boolean) => { while (!a); };\n");
    write("test/ends.test.ts", 'import { ends } from "../room/ends";\nit("ends", () => ends(true));\n');
    write(
      "test/room.test.ts",
      `import { isPlus } from "../room/plus";
      import { nameOf } from "../room/name";
      it("is one", () => { if (!isPlus(1) || nameOf("Kim") !== "Kim") throw new Error(); });`,
    );
  });
  after(() => rmSync(folder, { recursive: true }));

  const tried: string[] = [];
  const begin = () =>
    run({
      ...{ root: folder, rooms: [{ name: "room", files: ["room/*"], tests: ["test/*"] }], sample: 20, seed: "5" },
      tried: ({ file, operator }, killed) => tried.push(`${file} ${operator}: ${killed ? "killed" : "survived"}`),
    });

  it("kills what a test notices, lists what none does, and leaves the project as it was", async () => {
    const before = readdirSync(folder, { recursive: true });
    const [{ mutants, killed, survivors } = assert.fail()] = await begin();
    assert.deepEqual(tried.sort(), [
      "room/alone.ts no !: survived",
      "room/ends.ts no !: killed",
      "room/leaves.ts no !: survived",
      "room/leaves.ts no !: survived",
      "room/name.ts one side of ??: killed",
      "room/plus.ts comparison: survived",
      "room/plus.ts n + 1: killed",
    ]);
    assert.deepEqual([mutants, killed], [8, 3]);
    assert.equal(
      survivors.map(({ file, line }) => `${file}:${line}`).filter((at) => at === "room/leaves.ts:2").length,
      1,
    );
    assert.deepEqual(readdirSync(folder, { recursive: true }), before);
    assert.match(readFileSync(join(folder, "room/plus.ts"), "utf8"), /n > 0;/);
  });

  it("removes its copy when it is interrupted", async () => {
    const own = mkdtempSync(join(tmpdir(), "course-labs-interrupted-"));
    const options = ["--require", "ts-node/register", "--eval"];
    const script = `void require("./test/mutation").mutation(["arguments"])`;
    const env = { ...process.env, TMPDIR: own };
    const child = spawn(process.execPath, [...options, script], {
      cwd: root,
      env,
      stdio: ["ignore", "pipe", "inherit"],
    });
    try {
      for await (const line of child.stdout) if (/killed|SURVIVED/.test(String(line))) break;
      const copies = () => readdirSync(own).filter((name) => name.startsWith("course-labs-mutants-"));
      assert.equal(copies().length, 1);
      child.kill("SIGINT");
      assert.deepEqual(await once(child, "exit"), [1, null]);
      assert.deepEqual(copies(), []);
    } finally {
      child.kill("SIGKILL");
      rmSync(own, { recursive: true });
    }
  });

  it("takes a file that loads nothing but Node.js itself for one that compiles", () => {
    const file = "tools/terminal/options.ts";
    const content = readFileSync(join(root, file), "utf8");
    const compiles = typeChecker(root, [file]);
    assert.deepEqual([compiles(file, content), compiles(file, `${content}\nconst a: string = 1;\n`)], [true, false]);
  });

  it("does not begin where the tests fail without any fault", async () => {
    write("test/room.test.ts", "throw new Error();\n");
    await assert.rejects(begin(), /tests of room fail without any fault: test\/room\.test\.ts/);
  });
});

describe("the sample", () => {
  const content = "f(1, 2, 3, 4, 5, 6, 7, 8)";
  const order = (seed: string, mutants = mutantsOf("a.ts", content)) =>
    shuffled(mutants, seed).map(({ start }) => start);

  it("is the same for the same seed, and another for another", () => {
    assert.deepEqual(order("a"), order("a"));
    assert.notDeepEqual(order("a"), order("b"));
    assert.deepEqual(order("a").sort(), order("b").sort());
  });

  it("keeps its order where others come to it", () =>
    assert.deepEqual(
      order("a", [
        ...mutantsOf("b.ts", "g(1)").map((mutant) => ({ ...mutant, start: 99 })),
        ...mutantsOf("a.ts", content),
      ]).filter((start) => start !== 99),
      order("a"),
    ));
});

describe("what a mutation run tells", () => {
  it("is a row each room and one for all, and the rooms where not enough were noticed", () => {
    const survivor = { file: "a.ts", line: 1, operator: "x", start: 0, end: 1, replacement: "" };
    const one = { room: "one", mutants: 30, killed: 9, survivors: [survivor] };
    const two = { room: "two", mutants: 5, killed: 5, survivors: [] };
    assert.deepEqual(verdict([one, two], 90).table.split("\n").slice(2), [
      "| one | 30 | 10 | 9 | 1 | 90 % |",
      "| two | 5 | 5 | 5 | 0 | 100 % |",
      "| all | 35 | 15 | 14 | 1 | 93 % |",
    ]);
    assert.deepEqual(verdict([one, two], 90).below, []);
    // One room does not make up for another.
    assert.deepEqual(verdict([one, two], 91).below, ["one"]);
    // Where nothing could be tried, nothing is known.
    assert.deepEqual(verdict([two, { room: "none", mutants: 9, killed: 0, survivors: [] }], 90).below, ["none"]);
  });

  for (const [what, options] of [
    ["a room that there is not", ["kitchen"]],
    ["a sample that is no number", ["config", "--sample", "all"]],
  ] as const) {
    it(`is that nothing was tried, where it is asked for ${what}`, async () => {
      const { error, log } = console;
      const said: string[] = [];
      Object.assign(console, { error: (text: string) => said.push(text), log: () => undefined });
      try {
        assert.equal(await mutation([...options]), 1);
      } finally {
        Object.assign(console, { error, log });
      }
      assert.match(said.join(), /"kitchen"\. The rooms are: components|--sample is "all"/);
    });
  }

  it("is of rooms that are there, each with tests", () => {
    for (const { name, files, tests } of rooms) {
      for (const pattern of [...files, ...tests]) assert.ok(filesOf(root, [pattern]).length > 0, `${name}: ${pattern}`);
    }
    assert.ok(!rooms.some(({ tests }) => filesOf(root, tests).some((file) => file.startsWith("test/e2e/"))));
  });
});
