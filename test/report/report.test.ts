import assert from "node:assert/strict";
import { grades } from "../../report/grade";
import { drawing } from "../../report/drawing";
import { page, reportIn } from "../../report/page";
import { report } from "./fixture";

describe("a report", () => {
  it("is found again in its page, and makes the same page again", () => {
    const made = report();
    const html = page(made);
    assert.deepEqual(reportIn(html), made);
    assert.equal(page(reportIn(html)!), html);
  });

  it("lets nothing of what it shows become markup", () => {
    const html = page(report({ student: "<img src=x onerror=alert(1)>" }));
    assert.equal(html.match(/<\/script>/g)?.length, 2);
    assert.ok(!html.includes("<img"));
    assert.ok(!drawing(report().scene).includes("redis<x>"));
  });

  it("holds no character that a page may not have", () => {
    const html = page(report({ student: "Kim\u0000\u001b\ud83d" }));
    assert.ok(html.includes("<b>Kim���</b>"));
  });

  it("asks nothing of any server", () => {
    assert.doesNotMatch(page(report()), /(?:src|href)="(?!data:,)|url\((?!#)|@import|fetch\(/);
  });
});

describe("grading", () => {
  const lines = (csv: string) =>
    csv
      .replace(/^\ufeff/, "")
      .trim()
      .split("\r\n");

  it("is a line each, with every check", () => {
    const csv = grades([{ file: "kim.html", html: page(report()) }], "0.1.0");
    assert.ok(csv.startsWith("\ufeff"), "spreadsheets need the mark");
    assert.deepEqual(lines(csv), [
      "file,student,made,edition,drills,passed,failed,open,blocked,page,same machine as,redis.image,compose.page",
      "kim.html,Kim,2026-11-22T00:00:00.000Z,provisioned,no,1,1,0,0,unedited,,passed,failed",
    ]);
  });

  it("tells an edited page, whichever of its halves was edited", () => {
    const html = page(report());
    for (const edited of [html.replace("✘ 1", "✘ 0"), html.replace('"status":"failed"', '"status":"passed"')]) {
      assert.notEqual(edited, html);
      assert.match(lines(grades([{ file: "a.html", html: edited }], "0.1.0"))[1]!, /,EDITED,/);
    }
    assert.match(lines(grades([{ file: "a.html", html }], "0.2.0"))[1]!, /,made with version 0\.1\.0,/);
    assert.match(lines(grades([{ file: "a.html", html: html.replaceAll("\n", "\r\n") }], "0.1.0"))[1]!, /,unedited,/);
  });

  it("tells reports that were made on one machine", () => {
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

  it("lets no cell become a formula, and reads no report out of another page", () => {
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
    assert.match(other!, /^b\.html,.*no report inside/);
  });
});
