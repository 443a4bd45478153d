import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";

const root = join(__dirname, "..", "..");

/** What a script prints that runs in a process of its own, with the commands' way to load code. */
function printed(script: string): unknown {
  const module = `import { loader } from "./cli/load.mjs"; const require = loader(process.cwd()); ${script}`;
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

  it("leaves npm and the TypeScript compiler alone until they are used", () => {
    const script = `
      require("@pulumi/pulumi");
      const files = () => Object.keys(require.cache).filter((file) => /node_modules.@npmcli.arborist/.test(file)).length;
      const before = files();
      const { version } = require("typescript");
      const { Arborist } = require("module").createRequire(require.resolve("@pulumi/pulumi"))("@npmcli/arborist");
      console.log(JSON.stringify({ before, after: files() > before, version, Arborist: typeof Arborist }));`;
    const manifest = readFileSync(join(root, "node_modules/typescript/package.json"), "utf8");
    const { version } = JSON.parse(manifest) as { version: string };
    assert.deepEqual(printed(script), { before: 1, after: true, version, Arborist: "function" });
  });
});
