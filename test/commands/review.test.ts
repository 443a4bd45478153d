import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { delimiter, dirname, join } from "node:path";
import type { Report } from "../../tools/review/resources/model";
import { Machine } from "./machine";

describe("npm run review", function () {
  // A process of its own for each revision, with TypeScript in it.
  this.timeout(60_000);
  let machine: Machine;
  const git = (...args: string[]) =>
    execFileSync("git", ["-c", "user.name=t", "-c", "user.email=t@example.org", ...args], { stdio: "pipe" });
  const found = execFileSync(process.platform === "win32" ? "where" : "which", ["git"], { encoding: "utf8" });

  beforeEach(async () => {
    machine = await Machine.make();
    process.env.PATH = [process.env.PATH, dirname(found.trim().split("\n")[0]!)].join(delimiter);
    writeFileSync(".gitignore", "node_modules\nbin\nhome\n.pulumi\nr.json\nr.md\n");
    writeFileSync("tsconfig.json", readFileSync(join(__dirname, "../../tsconfig.json")));
    writeFileSync("config.ts", "export {};\n");
    program("");
    git("init", "--quiet", "--initial-branch=main");
    git("add", "--all");
    git("commit", "--quiet", "--message", "Base");
  });
  afterEach(() => machine.remove());

  /** A program that makes something. */
  const program = (more: string) =>
    writeFileSync(
      "index.ts",
      `import * as random from "@pulumi/random";\nnew random.RandomId("a", { byteLength: 4 });\n${more}`,
    );
  const review = (...args: string[]) => machine.run("review", "--base", "main", ...args);
  const report = () => JSON.parse(readFileSync("r.json", "utf8")) as Report;

  it("exits with 0 if nothing changes, and creates no stack", async () => {
    const { code, printed, said } = await review("--json", "r.json");
    assert.equal(code, 0, said);
    assert.match(printed, /nothing changes for the running labs/);
    assert.equal(report().verdict, "nothing");
    assert.deepEqual(machine.engine(), []);
    assert.equal(existsSync(".pulumi"), false);
  });

  it("exits with 2 if something changes, and writes the report into files only", async () => {
    program('new random.RandomId("b", { byteLength: 4 });\n');
    const { code, printed, said } = await review("--json", "r.json", "--markdown", "r.md");
    assert.equal(code, 2, said);
    assert.equal(printed, "");
    assert.deepEqual(
      report().changes.map(({ op, name }) => `${op} ${name}`),
      ["create b"],
    );
    assert.match(readFileSync("r.md", "utf8"), /\bb\b/);
  });

  it("exits with 3 if data would be lost", async () => {
    program('new random.RandomPassword("pw", { length: 24 });\n');
    git("commit", "--quiet", "--all", "--message", "A password");
    program('new random.RandomPassword("pw", { length: 25 });\n');
    const { code, printed, said } = await review("--json", "r.json");
    assert.equal(code, 3, said);
    assert.equal(report().verdict, "dangerous");
    assert.match(printed, /pw/);
  });

  it("exits with 1 if the review failed, with a report and one line", async () => {
    const { code, printed, said } = await machine.run("review", "--base", "no-such", "--json", "r.json");
    assert.equal(code, 1);
    assert.match(said, /^--base is "no-such": git knows no such revision of .*git fetch origin no-such/m);
    assert.match(printed, /no such revision/);
    assert.equal(report().verdict, "failed");
    assert.doesNotMatch(said, /\n\s+at .*:\d+/);
  });

  it("refuses a file that cannot be written, and a folder without history, before it does anything", async () => {
    mkdirSync("sub");
    assert.match(await machine.refused("review", "--markdown", "sub"), /^--markdown is "sub": this is not a file\./m);
    execFileSync(process.execPath, ["-e", 'fs.rmSync(".git", { recursive: true })']);
    assert.match(await machine.refused("review"), /git finds no earlier revision to compare with/);
    assert.deepEqual(machine.calls(), []);
  });

  it("explains its options", async () => {
    const { code, printed } = await machine.run("review", "--help");
    assert.equal(code, 0);
    assert.match(
      printed,
      /^Usage: npm run review[^]*Exit codes: 0 no changes, 2 changes, 3 dangerous changes, 1 the review failed$/,
    );
  });
});
