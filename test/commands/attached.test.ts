import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { LabError } from "../../text";
import { attachment, storyIn } from "../../tools/commands/report";
import { page, toldIn } from "../../tools/see/page";
import { storyOf } from "../../tools/see/story";
import { clusterTold } from "../../tools/see/told";
import { parseArguments } from "../../tools/terminal/arguments";
import { recorded } from "../see/fixture";

describe("a story that is attached to a report", () => {
  const title = { en: "How a pod is created", ko: "파드가 생성되는 과정" };
  const story = storyOf(recorded("pod-replaced"));
  const told = clusterTold({ title, context: "course-labs", namespace: "lab", ...story });
  let folder: string;
  before(() => (folder = mkdtempSync(join(tmpdir(), "course-labs-attached-"))));
  after(() => rmSync(folder, { recursive: true }));

  it("is the page as npm run see wrote it", () => {
    const file = join(folder, "see.html");
    writeFileSync(file, page(told));
    const attached = attachment(storyIn(file), []);
    assert.deepEqual(attached, { title, html: page(told) });
  });

  it("shows no secret, and keeps the data of the drawing", () => {
    const [step] = told.steps;
    const why = { en: "It is hunter22, on the kubelet.", ko: "hunter22" };
    const { html } = attachment({ ...told, steps: [{ ...step!, why, lit: ["kubelet"] }] }, ["hunter22", "kubelet"]);
    const [shown] = toldIn(html)?.steps ?? [];
    assert.deepEqual([shown?.why.en, shown?.why.ko, shown?.lit], ["It is •••, on the •••.", "•••", ["kubelet"]]);
  });

  const wrong: [what: string, content: string | undefined][] = [
    ["nothing", undefined],
    ["another page", "<!doctype html>"],
    ["an edited one", page(told).replace("kubelet · removes", "kubectl · removes")],
  ];
  for (const [what, content] of wrong) {
    it(`is refused if the file is ${what}`, () => {
      const file = join(folder, "wrong.html");
      if (content !== undefined) writeFileSync(file, content);
      assert.throws(
        () => storyIn(file),
        (error) => {
          assert.ok(error instanceof LabError);
          assert.match(error.text.en, /^--attach is ".*wrong\.html": .* Make it again: npm run see -- --page /);
          assert.ok(error.text.ko.includes(file));
          return true;
        },
      );
    });
  }

  it("needs a report to be attached to", () =>
    assert.throws(
      () => parseArguments(["--attach", "see.html"]),
      (error) => error instanceof LabError && /^--attach is "see\.html", but there is no report/.test(error.text.en),
    ));
});
