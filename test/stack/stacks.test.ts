import assert from "node:assert/strict";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { mock } from "node:test";
import { parseArguments } from "../../tools/terminal/arguments";
import { leftBy } from "../../tools/commands/check";
import { commandNamed } from "../../tools/commands";
import { openMade } from "../../tools/stack/session";
import { stateFile } from "../../tools/stack/stack";
import { isMade, noStack, requireStack, tellNew } from "../../tools/stack/stacks";
import { LabError } from "../../text";

describe("a stack that does not exist", () => {
  const home = process.cwd();
  const { PULUMI_BACKEND_URL: backend } = process.env;
  let folder: string;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "course-labs-stacks-"));
    process.chdir(folder);
    delete process.env.PULUMI_BACKEND_URL;
    writeFileSync("Pulumi.yaml", "name: course-labs\nruntime: nodejs\n");
    writeFileSync("Pulumi.dev.yaml", "config:\n");
    mkdirSync(dirname(stateFile("kim")), { recursive: true });
    writeFileSync(stateFile("kim"), "{}");
  });
  afterEach(() => {
    process.chdir(home);
    rmSync(folder, { recursive: true });
    if (backend === undefined) delete process.env.PULUMI_BACKEND_URL;
    else process.env.PULUMI_BACKEND_URL = backend;
  });
  const everything = () => readdirSync(".", { recursive: true }).sort();
  const told = (act: () => void) => {
    const said = mock.method(console, "error", () => undefined);
    try {
      act();
      return said.mock.calls.map(({ arguments: [text] }) => String(text)).join("\n");
    } finally {
      said.mock.restore();
    }
  };

  for (const command of ["destroy", "outputs", "check", "doctor"]) {
    it(`is not created by ${command}, which lists the existing stacks`, async () => {
      const before = everything();
      await assert.rejects(commandNamed(command)(parseArguments(["--stack", "kmi"], command)), (error: unknown) => {
        assert.ok(error instanceof LabError, String(error));
        assert.match(error.text.en, /^There is no stack kmi\. Existing stacks: dev, kim\. Nothing was done\./);
        assert.match(error.text.ko, /kmi 스택은 없습니다\. 있는 스택: dev, kim\./);
        return true;
      });
      assert.deepEqual(everything(), before);
    });
  }

  it("is not created by reading or destroying it, even if it has settings", async () => {
    const before = everything();
    requireStack("dev");
    assert.deepEqual(await openMade("dev"), { resources: [] });
    assert.deepEqual(await leftBy("dev"), { outputs: {}, state: { resources: [] } });
    assert.deepEqual(everything(), before);
  });

  it("is reported before it is created, with the existing stacks", () => {
    assert.match(
      told(() => tellNew("kmi")),
      /kmi.*Pulumi\.kmi\.yaml.*dev, kim$/,
    );
    assert.match(
      told(() => tellNew("dev")),
      /dev.*kim$/,
    );
    assert.equal(
      told(() => tellNew("kim")),
      "",
      "it was made before",
    );
    rmSync(stateFile("kim"));
    assert.equal(
      told(() => tellNew("dev")),
      "",
      "the first of all",
    );
  });

  it("is unknown if the state is stored elsewhere", () => {
    process.env.PULUMI_BACKEND_URL = "s3://elsewhere";
    assert.equal(isMade("kmi"), undefined);
    requireStack("kmi");
    assert.match(noStack("kmi").text.en, /There is no stack kmi\. Existing stacks: dev\./);
    assert.ok(!existsSync("Pulumi.kmi.yaml"));
  });
});
