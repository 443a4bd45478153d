import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

const root = join(__dirname, "../..");
const files = [
  "tools/commands/review.ts",
  ...["tools/review", ".github/scripts"].flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true, encoding: "utf8" }).map((file) => `${folder}/${file}`),
  ),
].filter((file) => /\.(ts|mjs)$/.test(file));

/** 한글 맞춤법 제41항: a particle is written to its word, whatever script that is in. */
const detached =
  /[A-Za-z0-9`}")] (은|는|이|가|을|를|와|과|의|로|으로|에|에서|에게|도|만|라는|라고|입니다|처럼|까지|부터|보다)(?=[ .,:;`"?!)]|$)/;
const double = /이\(가\)|을\(를\)|은\(는\)|와\(과\)|\(으\)로|\(이\)/;

describe("the Korean of a review", () => {
  const lines = files.flatMap((file) =>
    readFileSync(join(root, file), "utf8")
      .split("\n")
      .map((line, i) => ({ line, at: `${file}:${i + 1}` }))
      .filter(({ line }) => /[가-힣]/.test(line)),
  );
  it("is all over the review", () => assert.ok(lines.length > 150, String(lines.length)));

  for (const [what, pattern] of [
    ["has no particle apart from its word", detached],
    ["asks nobody to choose a particle", double],
    ["has no semicolon", /[가-힣]; /],
  ] as const) {
    it(what, () =>
      assert.deepEqual(
        lines.filter(({ line }) => pattern.test(line)).map(({ at, line }) => `${at} ${line.trim()}`),
        [],
      ),
    );
  }
});
