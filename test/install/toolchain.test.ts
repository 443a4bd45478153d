import assert from "node:assert/strict";
import { releasesAnswer, worksWith } from "../../tools/install/toolchain";

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

describe("the official releases", () => {
  const failed = (code: string, name = "Error") => Object.assign(new Error(code), { code, name });
  for (const [what, answers, reached] of [
    ["answer", [200], true],
    ["answer with an error", [503], true],
    ["answer the second time on a slow network", [failed("", "AbortError"), 200], true],
    ["do not answer at all", [failed("", "AbortError"), failed("", "AbortError")], false],
    ["do not answer", [failed("ENOTFOUND")], false],
    ["are behind a proxy with a certificate of its own", [failed("SELF_SIGNED_CERT_IN_CHAIN")], false],
    // To build them for half an hour would help nobody whose clock was set back.
    ["have a certificate that is not valid yet, by the clock", [failed("CERT_NOT_YET_VALID")], true],
    ["have a certificate that is not valid any more, by the clock", [failed("CERT_HAS_EXPIRED")], true],
  ] as const) {
    it(`${what}: ${reached ? "are downloaded" : "are built here"}`, async () => {
      const left = [...answers];
      const asked = () => {
        const answer = left.shift() ?? assert.fail("it was asked too often");
        return typeof answer === "number" ? Promise.resolve(answer) : Promise.reject(answer);
      };
      assert.equal(await releasesAnswer(asked), reached);
      assert.deepEqual(left, []);
    });
  }
});
