import assert from "node:assert/strict";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { CutOff, stateOf } from "../../tools/stack/stack";
import { mendStateFiles } from "../../tools/stack/state-files";

describe("the state files after a killed run", () => {
  const home = process.cwd();
  const state = ".pulumi/stacks/course-labs/dev.json";
  let folder: string;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "course-labs-state-"));
    process.chdir(folder);
    mkdirSync(".pulumi/stacks/course-labs", { recursive: true });
  });
  afterEach(() => {
    process.chdir(home);
    rmSync(folder, { recursive: true });
  });
  const files = (content: Record<string, string>) => {
    for (const [name, text] of Object.entries(content)) writeFileSync(name, text);
  };

  it("lose incomplete attributes and keep complete ones", () => {
    files({ [state]: "{}", [`${state}.attrs`]: "", [`${state}.bak.attrs`]: "{}" });
    mendStateFiles("dev");
    assert.equal(existsSync(`${state}.attrs`), false);
    assert.equal(existsSync(`${state}.bak.attrs`), true);
  });

  it("are restored from the backup if the state is incomplete", () => {
    files({ [state]: '{"version": 3, "ch', [`${state}.bak`]: '{"version":3}' });
    mendStateFiles("dev");
    assert.equal(readFileSync(state, "utf8"), '{"version":3}');
  });

  it("are not changed if they are complete", () => {
    files({ [state]: '{"version":4}', [`${state}.bak`]: '{"version":3}' });
    mendStateFiles("dev");
    assert.equal(readFileSync(state, "utf8"), '{"version":4}');
  });

  it("are not changed if the backup is incomplete, too", () => {
    files({ [state]: "", [`${state}.bak`]: "" });
    mendStateFiles("dev");
    assert.equal(readFileSync(state, "utf8"), "");
  });

  it("are named where the state cannot be read, with where the older ones are", async () => {
    files({ [state]: '{"version": 3, "ch' });
    await assert.rejects(
      stateOf("dev"),
      ({ text }: CutOff) =>
        /dev\.json is not complete.*npm run up goes on with \S+dev\.json\.bak\..* newest file of \.pulumi\/backups\/course-labs\/dev /.test(
          text.en,
        ) && /온전하지 않습니다: \.pulumi/.test(text.ko),
    );
  });

  it("do not restore a removed stack", () => {
    files({ [`${state}.bak`]: "{}" });
    mendStateFiles("dev");
    assert.equal(existsSync(state), false);
  });
});
