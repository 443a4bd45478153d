import assert from "node:assert/strict";
import { recording } from "./recording";

describe("a recording of a command", () => {
  const svg = recording(
    "npm run up",
    [
      { text: "  + Container redis: created <1>", at: 5 },
      { text: `${"word ".repeat(40)}end`, at: 20 },
    ],
    8,
  );
  const lines = [...svg.matchAll(/class="(\w+)" style="animation-delay:([\d.]+)s">(.*)<\/text>/g)].map((found) =>
    found.slice(1),
  );

  it("begins with what was typed, and tells each line after its share of the time", () => {
    assert.deepEqual(lines.slice(0, 2), [
      ["typed", "0.00", "$ npm run up"],
      ["done", "2.00", "  + Container redis: created &#60;1&#62;"],
    ]);
    assert.equal(lines.at(-1)?.[1], "8.00");
  });

  it("breaks a long line between words, and is as high as its lines", () => {
    assert.equal(lines.length, 4);
    assert.match(lines[3]?.[2] ?? "", /^ {4}word .* end$/);
    assert.ok(lines.every(([, , text = ""]) => text.length <= 120));
    const last = Number([...svg.matchAll(/ y="(\d+)"/g)].at(-1)?.[1]);
    assert.ok(Number(/height="(\d+)" role/.exec(svg)?.[1]) > last);
  });
});
