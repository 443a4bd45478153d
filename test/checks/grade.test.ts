import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { checksOf } from "../../tools/checks/labs";
import { noCluster } from "../../tools/checks/facts/kubernetes";
import { Unreachable } from "../../tools/checks/facts/unreachable";
import { Arguments } from "../../tools/terminal/arguments";
import { grade } from "../../tools/commands/grade";
import { projectVersion } from "../../tools/commands/report";
import { labNames } from "../../config";
import { grades } from "../../tools/checks/report/grade";
import { Report } from "../../tools/checks/report/model";
import { page, reportIn, template } from "../../tools/checks/report/page";
import { answering, healthy, result, target } from "./fakes";
import { report } from "./fixture";

const lines = (csv: string) =>
  csv
    .replace(/^\ufeff/, "")
    .trim()
    .split("\r\n");
const columns = "file,student,made,edition,drills,passed,failed,open,blocked,page,same machine as";
const asScript = (thing: object) => JSON.stringify(thing).replaceAll("<", "\\u003c");

describe("grading", () => {
  it("writes one line for each report, with every check", () => {
    const csv = grades([{ file: "kim.html", html: page(report()) }], "0.1.0");
    assert.ok(csv.startsWith("\ufeff"), "spreadsheets need the mark");
    assert.deepEqual(lines(csv), [
      `${columns},redis.image,compose.page`,
      "kim.html,Kim,2026-11-22T00:00:00.000Z,provisioned,no,1,1,0,0,unedited,,passed,failed",
    ]);
  });

  it("recognizes a page of another version", () =>
    assert.match(
      lines(grades([{ file: "a.html", html: page(report()) }], "0.2.0"))[1]!,
      /,made with version 0\.1\.0,/,
    ));

  it("accuses nobody if the template of the page has changed since", () => {
    const html = page(report({ template: "0123456789ab" })).replaceAll("Lab report", "Report");
    assert.match(lines(grades([{ file: "a.html", html }], "0.1.0"))[1]!, /,made with another revision of 0\.1\.0,/);
    const { template: current, ...older } = report();
    assert.ok(current);
    assert.match(lines(grades([{ file: "a.html", html: page(older) }], "0.1.0"))[1]!, /,made with another revision/);
  });

  it("does not call a page edited if only its looks changed", () => {
    const html = page(report()).replace("#1f2328", "#000");
    assert.match(lines(grades([{ file: "a.html", html }], "0.1.0"))[1]!, /,saved again by a browser,/);
    assert.match(template(), /^[0-9a-f]{12}$/);
  });

  it("is in Korean on request", () => {
    const csv = grades([{ file: "kim.html", html: page(report()) }], "0.1.0", ({ ko }) => ko);
    assert.deepEqual(lines(csv), [
      "파일,학생,작성 일시,실습 환경,복구 점검,통과,실패,미완료,점검하지 못함,페이지,같은 컴퓨터에서 만든 파일,redis.image,compose.page",
      "kim.html,Kim,2026-11-22T00:00:00.000Z,npm run up,아니요,1,1,0,0,수정 없음,,통과,실패",
    ]);
  });

  it("does not call a page edited if only its line ends changed", () => {
    const why = { en: 'It says "Bad\r\nRequest"', ko: "왜" };
    const results = [result("compose.page", { status: "failed", why, next: why })];
    for (const html of [page(report()), page(report({ results }))]) {
      for (const came of [html, `\ufeff${html}`, html.replace(/\r?\n/g, "\r\n"), html.replaceAll("\r\n", "\n")]) {
        assert.match(lines(grades([{ file: "a.html", html: came }], "0.1.0"))[1]!, /,unedited,/);
      }
    }
  });

  const named: [what: string, id: string][] = [
    ["a column", "page"],
    ["another column", "same machine as"],
    ["a number of the sum", "failed"],
    ["a formula", "=redis.image"],
    ["what every object has", "__proto__"],
  ];
  for (const [what, id] of named) {
    it(`believes no report that calls a check as ${what}: ${id}`, () => {
      const forged = page(report({ results: [result("redis.image"), { ...result("redis.pong"), id }] }));
      const [head, row, other] = lines(
        grades(
          [
            { file: "a.html", html: forged },
            { file: "b.html", html: page(report()) },
          ],
          "0.1.0",
        ),
      );
      assert.equal(head, `${columns},redis.image,compose.page`);
      assert.match(row!, /^a\.html,{9}no usable report,/);
      assert.match(other!, /^b\.html,Kim,.*,unedited,,passed,failed$/);
    });
  }

  it("knows every check of the course", () => {
    const problem = new Unreachable("");
    const facts = { docker: healthy(), kubernetes: { seen: { problem }, cluster: noCluster(problem) } };
    const results = checksOf({ ...target, labs: [...labNames] }, facts, answering()).map(({ id }) => result(id));
    assert.ok(results.length > 20);
    assert.equal(reportIn(page(report({ results })))?.results.length, results.length);
  });

  const broken: [what: string, change: (made: Report) => object][] = [
    ["nothing in the place of a result", (made) => ({ ...made, results: [null] })],
    ["a word in the place of a result", (made) => ({ ...made, results: ["x"] })],
    ["a student who is no text", (made) => ({ ...made, student: { a: "=1" } })],
    ["no marks", (made) => ({ ...made, marks: undefined })],
    ["another format", (made) => ({ ...made, format: 2 })],
    ["a number as its version", (made) => ({ ...made, version: 1 })],
    ["no date", (made) => ({ ...made, made: undefined })],
    ["a word for whether it was made by hand", (made) => ({ ...made, byHand: "no" })],
    ["a word for whether drills were run", (made) => ({ ...made, drill: "no" })],
    ["a mark that is no text", (made) => ({ ...made, marks: [1] })],
    ["a check of another lab", (made) => ({ ...made, results: [result("other.pong")] })],
    ["a check whose name is more than a word", (made) => ({ ...made, results: [result("redis.pong=1")] })],
    ["a status of its own", (made) => ({ ...made, results: [{ ...result("redis.pong"), status: "done" }] })],
  ];
  for (const [what, change] of broken) {
    it(`has a line for a report with ${what}, and for the others`, () => {
      const html = page(report()).replace(
        /(id="report">)[^<]*/,
        (_, head: string) => head + asScript(change(report())),
      );
      const [, row, other] = lines(
        grades(
          [
            { file: "a.html", html },
            { file: "b.html", html: page(report()) },
          ],
          "0.1.0",
        ),
      );
      assert.match(row!, /^a\.html,.*no usable report/);
      assert.match(other!, /^b\.html,Kim,/);
    });
  }

  it("has a line for a file that cannot be read", () => {
    assert.match(lines(grades([{ file: "a.html" }], "0.1.0"))[1]!, /^a\.html,.*no usable report/);
  });

  it("calls a page edited if it cannot be reproduced", () => {
    const html = page(report()).replace(/"scene":\{[^<]*?\]\}\]\}/, '"scene":null');
    assert.match(lines(grades([{ file: "a.html", html }], "0.1.0"))[1]!, /^a\.html,Kim,.*,EDITED,/);
  });

  it("finds reports that were made on the same machine", () => {
    const of = (student: string, marks: string[]) => ({
      file: `${student}.html`,
      html: page(report({ student, marks })),
    });
    const [, ...rows] = lines(grades([of("a", ["1", "2"]), of("b", ["2"]), of("c", ["3"])], "0.1.0"));
    assert.deepEqual(
      rows.map((row) => row.split(",")[10]),
      ["b.html", "a.html", ""],
    );
  });

  it("lets no cell become a formula, and reads no report from another page", () => {
    const [, row, other] = lines(
      grades(
        [
          { file: "a.html", html: page(report({ student: '=HYPERLINK("http://x")' })) },
          { file: "b.html", html: "<html></html>" },
        ],
        "0.1.0",
      ),
    );
    assert.match(row!, /^a\.html,"'=HYPERLINK\(""http:\/\/x""\)",/);
    assert.match(other!, /^b\.html,.*no usable report/);
  });
});

describe("a folder of reports", () => {
  /** What the command prints for a folder: on standard output, to the teacher, and its exit code. */
  async function graded(fill: (folder: string) => void) {
    const folder = mkdtempSync(join(tmpdir(), "course-labs-grade-"));
    const write = process.stdout.write.bind(process.stdout);
    const { error } = console;
    let [csv, said] = ["", ""];
    try {
      fill(folder);
      process.stdout.write = (text: string) => (csv += text) !== "";
      console.error = (text: string) => (said += `${text}\n`);
      await grade({ folder } as Arguments);
      return { files: lines(csv).slice(1), said, code: process.exitCode };
    } finally {
      process.stdout.write = write;
      console.error = error;
      process.exitCode = undefined;
      rmSync(folder, { recursive: true });
    }
  }
  const made = (student: string) => page(report({ student, version: projectVersion(), marks: [student] }));
  const names = (rows: string[]) => rows.map((row) => row.split(",").slice(0, 2).join(" "));

  it("may have a folder for each student, and names as browsers and systems write them", async () => {
    const { files, said, code } = await graded((folder) => {
      mkdirSync(join(folder, "Kim_123", "file"), { recursive: true });
      writeFileSync(join(folder, "Kim_123", "file", "report.html"), made("Kim"));
      writeFileSync(join(folder, "Lee.HTML"), made("Lee"));
      writeFileSync(join(folder, "Park.htm"), made("Park"));
      mkdirSync(join(folder, "saved.html"));
      writeFileSync(join(folder, "Choi.pdf"), "%PDF");
    });
    assert.deepEqual(names(files), ["Kim_123/file/report.html Kim", "Lee.HTML Lee", "Park.htm Park"]);
    assert.match(said, /3/);
    assert.match(said, /Choi\.pdf/);
    assert.doesNotMatch(said, /saved/);
    assert.equal(code, undefined);
  });

  it("is graded even if one cannot be read, which is named", async () => {
    const { files, said, code } = await graded((folder) => {
      writeFileSync(join(folder, "a.html"), made("A"));
      writeFileSync(join(folder, "b.html"), "<html></html>");
      if (process.platform !== "win32") symlinkSync("nowhere", join(folder, "c.html"));
    });
    assert.deepEqual(names(files).slice(0, 2), ["a.html A", "b.html "]);
    if (process.platform !== "win32") assert.match(files[2]!, /^c\.html,.*no usable report/);
    assert.match(said, /b\.html/);
    assert.doesNotMatch(said, /a\.html/);
    assert.equal(code, 1);
  });
});
