import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { join } from "node:path";

const root = join(__dirname, "..");

/** What a script prints that runs in a process of its own, with the commands' way to load code. */
function printed(script: string): unknown {
  const module = `import { loader } from "./tools/load.mjs"; const require = loader(process.cwd()); ${script}`;
  const out = execFileSync(process.execPath, ["--input-type=module", "--eval", module], { cwd: root });
  return JSON.parse(out.toString());
}

describe("how the commands load their code", function () {
  // What is loaded here in processes of their own takes seconds on a busy machine.
  this.timeout(60_000);

  it("strips the types of a module", () => {
    assert.deepEqual(printed(`console.log(JSON.stringify(require("../config.ts").labNames))`), [
      "redis",
      "registry",
      "compose",
      "kubernetes",
    ]);
  });
});
