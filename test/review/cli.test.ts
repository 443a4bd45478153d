import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseReview } from "../../tools/commands/review";
import { refuseFile } from "../../tools/terminal/output-errors";
import { LabError } from "../../text";

const refused = (what: () => unknown, en: RegExp, ko: RegExp = /[가-힣]/) =>
  assert.throws(what, (error: LabError) => en.test(error.text.en) && ko.test(error.text.ko));

describe("the options of a review", () => {
  it("set what they are for", () => {
    const none = { base: "origin/main", stack: "dev", deploy: false, help: false };
    assert.deepEqual({ ...parseReview([]) }, none);
    assert.deepEqual(
      { ...parseReview("--base main --stack kim --deploy --markdown a.md --json a.json --lang ko --help".split(" ")) },
      {
        ...{ base: "main", stack: "kim", deploy: true, markdown: "a.md" },
        ...{ json: "a.json", lang: "ko", help: true },
      },
    );
  });

  it("are refused with their value where they are wrong", () => {
    refused(() => parseReview(["--lang", "fr"]), /^--lang is "fr": it must be ko or en\.\n\nUsage: npm run review/);
    refused(() => parseReview(["--stack", "a/b"]), /^--stack is "a\/b"/);
    refused(() => parseReview(["--nothing"]), /Unknown option '--nothing'/);
  });
});

describe("a file to write the review to", () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "review-cli-"));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  it("is new, or there to be written again", () => {
    writeFileSync(join(folder, "old.json"), "{}");
    for (const file of [undefined, join(folder, "new.json"), join(folder, "old.json")]) refuseFile("--json", file);
  });

  it("is refused before the review where it cannot be written", () => {
    refused(
      () => refuseFile("--json", join(folder, "none/x.json")),
      /^--json is ".*none\/x\.json": there is no folder .*none\. Specify a file in a folder that you can write to\.$/,
    );
    mkdirSync(join(folder, "sub"));
    refused(() => refuseFile("--markdown", join(folder, "sub")), /^--markdown is ".*sub": this is not a file/);
    refused(() => refuseFile("--markdown", ""), /this is not a file/);
    writeFileSync(join(folder, "file"), "");
    refused(() => refuseFile("--json", join(folder, "file/x.json")), /there is no folder/);
  });
});
