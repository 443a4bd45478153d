import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Arguments } from "../../tools/terminal/arguments";
import { grade } from "../../tools/commands/grade";
import { onOutputError } from "../../tools/terminal/output-errors";
import { projectVersion } from "../../tools/commands/report";
import { grades } from "../../tools/checks/report/grade";
import { page } from "../../tools/checks/report/page";
import { report } from "./fixture";

/** A page as a browser saves it: it writes down anew what it has read, and notes where that was from. */
const saved = (html: string) =>
  html
    .replace("<!doctype html>", "<!DOCTYPE html>\n<!-- saved from url=(0030)file:///home/lee/reports/lee.html -->")
    .replace('<html lang="en" data-shown="en">', '<html lang="ko" data-shown="ko">')
    .replace('<meta charset="utf-8">', '<meta http-equiv="Content-Type" content="text/html; charset=UTF-8">')
    .replaceAll("&quot;", '"')
    .replaceAll("&#39;", "'");
const verdict = (html: string) =>
  grades([{ file: "a.html", html }], "0.1.0")
    .trim()
    .split("\r\n")[1]
    ?.split(",")[9];

describe("a page that was handed in", () => {
  it("and saved again by a browser is not called edited; an edited one still is", () => {
    const html = page(report());
    assert.equal(verdict(html), "unedited");
    assert.equal(verdict(saved(html)), "saved again by a browser");
    for (const edit of [
      (text: string) => text.replace("통과</span> 1", "통과</span> 2"),
      (text: string) => text.replace('class="failed"', 'class="passed"'),
      (text: string) => text.replace('"status":"failed"', '"status":"passed"'),
      (text: string) => text.replace("<b>Kim</b>", "<b>Lee</b>"),
    ]) {
      assert.notEqual(edit(saved(html)), saved(html));
      assert.equal(verdict(edit(saved(html))), "EDITED");
      assert.equal(verdict(edit(html)), "EDITED");
    }
  });

  it("with attached pages is graded as without them", () => {
    const html = '<!doctype html><p class="passed">a < b</p><script>let x = "&";</script>';
    const made = page(report({ attached: [{ title: { en: "How?", ko: "어떻게?" }, html }] }));
    assert.equal(verdict(made), "unedited");
    // Browsers write an attribute in their own way, or keep what is in the frame in a file of its own.
    const written = made.replace(
      /srcdoc="[^"]*"/,
      `srcdoc="${html.replaceAll("&", "&amp;").replaceAll('"', "&quot;")}"`,
    );
    const apart = made.replace(/srcdoc="[^"]*"/, 'src="./lee_files/saved_resource.html"');
    for (const other of [written, apart]) {
      assert.notEqual(other, made);
      assert.equal(verdict(saved(other)), "saved again by a browser");
      assert.equal(verdict(saved(other).replace("<b>Kim</b>", "<b>Lee</b>")), "EDITED");
    }
    assert.equal(verdict(made.replace("a &#60; b", "a &#60; c").replace("How?</span>", "Why?</span>")), "EDITED");
  });

  it("has exactly one line, whatever its name and its student's", () => {
    const csv = grades([{ file: "a\nb.html", html: page(report({ student: "Kim\r\nMin\nsu" })) }], "0.1.0");
    assert.equal(csv.trim().split(/\r?\n|\r/).length, 2);
    assert.match(csv, /a b\.html,Kim Min su,/);
  });
});

describe("a folder of reports from macOS", () => {
  it("ignores the files that macOS adds", async () => {
    const folder = mkdtempSync(join(tmpdir(), "course-labs-macos-"));
    const write = process.stdout.write.bind(process.stdout);
    const { error } = console;
    let [csv, said] = ["", ""];
    try {
      mkdirSync(join(folder, "__MACOSX"));
      writeFileSync(join(folder, "lee.html"), page(report({ version: projectVersion() })));
      writeFileSync(join(folder, "._kim.html"), "\0\x05\x16\x07");
      writeFileSync(join(folder, ".DS_Store"), "");
      writeFileSync(join(folder, "__MACOSX", "._lee.html"), "\0\x05\x16\x07");
      process.stdout.write = (text: string) => (csv += text) !== "";
      console.error = (text: string) => (said += `${text}\n`);
      await grade({ folder } as Arguments);
    } finally {
      process.stdout.write = write;
      console.error = error;
      rmSync(folder, { recursive: true });
    }
    assert.equal(csv.trim().split("\r\n").length, 2);
    assert.doesNotMatch(said, /_lee|_kim|DS_Store/);
    assert.equal(process.exitCode, undefined);
  });
});

describe("a place that cannot be written to", () => {
  it("ends a command quietly if its reader has left, and with a line if there is no space", () => {
    const { error } = console;
    const codes: number[] = [];
    let said = "";
    try {
      console.error = (text: string) => (said += text);
      onOutputError(Object.assign(new Error(), { code: "EPIPE" }), (code) => codes.push(code));
      assert.equal(said, "");
      onOutputError(Object.assign(new Error(), { code: "ENOSPC" }), (code) => codes.push(code));
    } finally {
      console.error = error;
    }
    assert.deepEqual(codes, [0, 1]);
    assert.match(said, /ENOSPC/);
  });
});
