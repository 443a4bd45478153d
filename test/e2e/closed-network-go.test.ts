import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { existsSync, readdirSync } from "node:fs";
import { delimiter, join } from "node:path";

const root = join(__dirname, "../../tools/install/closed-network");

/** The Go modules that have tests of their own. */
const modules = ["plugins", ...readdirSync(join(root, "tools")).map((name) => join("tools", name))].filter(
  (module) =>
    existsSync(join(root, module, "go.mod")) &&
    readdirSync(join(root, module), { recursive: true }).some((file) => String(file).endsWith("_test.go")),
);

describe("the Go modules of the closed network", () => {
  /** Go is where its packages or its own archive put it. */
  const PATH = [process.env.PATH, "/usr/local/go/bin", "/usr/lib/go/bin"].join(delimiter);
  function go(module: string, command: string, ...args: string[]): string {
    const options = { cwd: join(root, module), env: { ...process.env, PATH, GOTOOLCHAIN: "auto", CGO_ENABLED: "0" } };
    // As the programs are built, or all that they are made of would be compiled a second time.
    const built = [command, "-trimpath", "-tags", "no_compose", ...args, "./..."];
    const { status, stdout, stderr, error } = spawnSync("go", built, { ...options, encoding: "utf8" });
    assert.equal(status, 0, error?.message ?? `${stdout}${stderr}`);
    return stdout;
  }

  it("are those that are expected", () =>
    assert.ok(modules.includes("plugins") && modules.length >= 3, modules.join()));

  for (const module of modules) {
    it(`go vet finds nothing in ${module}`, () => void go(module, "vet"));

    it(`the tests of ${module} pass`, () => {
      const passed = go(module, "test", "-v").match(/^ *--- PASS/gm)?.length ?? 0;
      assert.ok(passed > 0, "there was none");
      console.log(`      ${passed} tests in Go`);
    });
  }
});
