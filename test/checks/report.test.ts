import assert from "node:assert/strict";
import { drawing } from "../../tools/checks/report/drawing";
import { page, reportIn } from "../../tools/checks/report/page";
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
