import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { cacheRoot } from "../../tools/install/closed-network/cache";
import { goTool } from "../../tools/install/closed-network/go";

const root = join(__dirname, "../..");

describe("the workflows for GitHub", () => {
  let actionlint: string;

  before(async () => {
    const what = { en: "actionlint", ko: "actionlint" };
    const of = "github.com/rhysd/actionlint";
    const args = () => ["build", "-ldflags", "-s -w", "-o", "bin/actionlint", `${of}/cmd/actionlint`];
    const made = await goTool(cacheRoot(), { name: "actionlint", what, of, args }, () => undefined);
    actionlint = join(made, "bin/actionlint");
  });

  const lint = (args: string[], input = "") =>
    execFileSync(actionlint, ["-no-color", ...args], { cwd: root, encoding: "utf8", stdio: "pipe", input });

  it("are valid for GitHub", () => {
    const files = readdirSync(join(root, ".github/workflows")).map((file) => `.github/workflows/${file}`);
    assert.ok(files.length > 0);
    assert.equal(lint(files), "");
  });

  it("are checked by a tool that finds mistakes", () => {
    const wrong =
      "on: push\njobs:\n  a:\n    runs-on: ubuntu-24.04\n    steps:\n      - run: echo ${{ github.nonsense }}\n";
    assert.throws(
      () => lint(["-"], wrong),
      ({ stdout }: { stdout: string }) => /"nonsense" is not defined/.test(stdout),
    );
  });
});
