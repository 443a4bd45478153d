import assert from "node:assert/strict";
import { worksWith } from "../../tools/install/toolchain";

describe("the user's own Pulumi CLI", () => {
  for (const [version, works] of [
    ["3.232.0", true],
    ["3.200.0", true],
    ["3.1000.0-alpha.1", true],
    ["3.199.9", false],
    ["2.300.0", false],
    ["4.0.0", false],
    [undefined, true],
  ] as const) {
    it(`of version ${version ?? "none"} ${works ? "is used" : "is ignored"}`, () =>
      assert.equal(worksWith(version), works));
  }
});
