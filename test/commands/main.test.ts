import assert from "node:assert/strict";
import { LabError } from "../../text";
import { tellOf } from "../../tools/main";

describe("a command that fails", () => {
  /** What is told of it, and its exit code. */
  function told(error: unknown) {
    const { error: print } = console;
    const lines: unknown[] = [];
    console.error = (line: unknown) => lines.push(line);
    try {
      return { code: tellOf(error), lines };
    } finally {
      console.error = print;
    }
  }

  it("ends with 1 where somebody has to act, and says only that", () => {
    const { code, lines } = told(new LabError({ en: "do this", ko: "do this" }));
    assert.equal(code, 1);
    assert.deepEqual(lines, ["\ndo this"]);
  });

  it("ends with a code of its own for a mistake of ours, with all that is needed to find it", () => {
    const mistake = new TypeError("x is not a function");
    const { code, lines } = told(mistake);
    assert.equal(code, 70);
    assert.equal(lines.length, 2);
    assert.equal(lines[1], mistake);
  });
});
