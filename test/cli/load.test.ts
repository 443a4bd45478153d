import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { join } from "node:path";

const root = join(__dirname, "..", "..");

/** What a script prints that runs in a process of its own, with the commands' way to load code. */
function printed(script: string): unknown {
  const module = `import { loader } from "./cli/load.mjs"; const require = loader(process.cwd()); ${script}`;
  const out = execFileSync(process.execPath, ["--input-type=module", "--eval", module], { cwd: root });
  return JSON.parse(out.toString());
}

describe("how the commands load their code", () => {
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
    const { version } = JSON.parse(
      execFileSync(process.execPath, ["-p", `JSON.stringify(require("typescript/package.json"))`], {
        cwd: root,
      }).toString(),
    ) as { version: string };
    assert.deepEqual(printed(script), { before: 1, after: true, version, Arborist: "function" });
  });
});
