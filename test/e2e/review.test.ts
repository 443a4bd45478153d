import assert from "node:assert/strict";
import { Change } from "../../tools/review/resources/model";
import { cases, settings } from "../review/cases";
import { edit } from "./edits";
import { everything } from "./everything";
import { clone, docker, git, npmRun, tearDown } from "./harness";
import { reviewed } from "./reviewing";

/** What every run tries: each kind of verdict and of warning once. All the others are tried at night. */
const always = [
  "nothing",
  "a line of the Dockerfile",
  "the port of Redis",
  "a password's length, as it is: not applied",
  "the passwords",
  "a claim, smaller",
  "the prefix of all names",
  "a lab with data switched off",
  "two replicas",
  "ports open to everyone",
  "pods may run as root",
  "an image without a version",
];
const tried = cases.filter(({ what }) => everything || always.includes(what));

const verdicts = { nothing: 0, failed: 1, changes: 2, dangerous: 3 } as const;

describe("npm run review, against the running labs", () => {
  let folder: string;
  let untouched: string;
  const table: string[] = [];
  const running = () =>
    docker("ps", "--all", "--no-trunc", "--format", "{{.ID}} {{.Names}} {{.State}}", "--filter", "name=^rv-");

  before(async () => {
    folder = clone();
    edit(folder, settings);
    git(folder, "commit", "--quiet", "--all", "--message", "Base");
    const { code, said } = await npmRun(folder, "up");
    assert.equal(code, 0, said);
    untouched = running();
    assert.equal(untouched.split("\n").length, 3);
  });
  after(async () => {
    await tearDown(folder);
    const head = ["| change | verdict | s | what the review says |", "| --- | --- | --- | --- |"];
    console.log(["", ...head, ...table, ""].join("\n"));
  });

  for (const { what, edits, code, warnings, changes = [], says = /./ } of tried) {
    it(what, async () => {
      edit(folder, edits);
      const found = await reviewed(folder, "--base", "HEAD").finally(() => git(folder, "checkout", "--quiet", "."));
      const told = found.report.warnings.map(
        ({ kind, dangerous, resource, lab }) => `${kind}${dangerous ? "!" : ""} ${resource ?? lab}`,
      );
      table.push(`| ${what} | ${found.report.verdict} | ${found.seconds.toFixed(1)} | ${told.join("; ") || "–"} |`);
      assert.equal(found.code, code, `${told.join("; ")}\n${found.said}`);
      assert.equal(verdicts[found.report.verdict], code);
      for (const warning of warnings) assert.ok(told.includes(warning), `no "${warning}" in: ${told.join("; ")}`);
      const of = found.report.changes.map(({ op, name }: Change) => `${op} ${name}`);
      for (const change of changes) assert.ok(of.includes(change), `no "${change}" in: ${of.join("; ")}`);
      assert.match(found.markdown, says);
      // What a person reads is what a program reads.
      for (const { text } of found.report.warnings) assert.ok(found.markdown.includes(text.en), text.en);
      if (code !== 1) assert.deepEqual(found.report.unchecked, []);
      assert.doesNotMatch(found.markdown + JSON.stringify(found.report), /hush/);
    });
  }

  it("knows all that every run tries", () => {
    const names = cases.map(({ what }) => what);
    assert.deepEqual(
      always.filter((what) => !names.includes(what)),
      [],
    );
  });

  it("leaves the labs, the state and the folder as they were", async () => {
    assert.equal(running(), untouched);
    assert.equal(git(folder, "status", "--porcelain"), "");
    const { code, said } = await npmRun(folder, "up");
    assert.equal(code, 0, said);
    assert.match(said, /No changes/);
  });
});
