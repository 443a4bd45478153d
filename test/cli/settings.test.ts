import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { settingsOf, withoutSalt } from "../../cli/settings";
import { parseSettings } from "../../config";
import { LabError } from "../../text";

describe("settings read from a stack's file", () => {
  const home = process.cwd();
  let folder: string;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "course-labs-settings-"));
    process.chdir(folder);
  });
  afterEach(() => {
    process.chdir(home);
    rmSync(folder, { recursive: true });
  });

  it("are the defaults where there is no file", () => {
    assert.equal(settingsOf("dev").redisPort, 6379);
  });

  it("are those of this project only", () => {
    writeFileSync(
      "Pulumi.dev.yaml",
      "config:\n  docker:host: x\n  course-labs:redisPort: 6380\n  course-labs:labs: [redis]\n",
    );
    const settings = settingsOf("dev");
    assert.equal(settings.redisPort, 6380);
    assert.deepEqual(settings.labs, ["redis"]);
  });

  it("belong to the project when they name none", () => {
    writeFileSync("Pulumi.dev.yaml", "config:\n  composePort: 30001\n");
    assert.equal(settingsOf("dev").composePort, 30001);
  });

  it("are those of the stack that was asked for", () => {
    writeFileSync("Pulumi.kim.yaml", "config:\n  course-labs:prefix: kim-\n");
    assert.equal(settingsOf("kim").prefix, "kim-");
    assert.equal(settingsOf("dev").prefix, "");
  });

  it("are those of Pulumi.yaml for all stacks, where the stack's own file has no other", () => {
    const described = "{ type: string, default: kim- }";
    writeFileSync(
      "Pulumi.yaml",
      `config:\n  course-labs:redisPort: 6380\n  prefix: ${described}\n  composePort: { value: 30002, default: 30001 }\n  course-labs:labs: [redis]\n`,
    );
    writeFileSync("Pulumi.dev.yaml", "config:\n  course-labs:redisPort: 6381\n");
    const { redisPort, prefix, composePort, labs } = settingsOf("dev");
    assert.deepEqual(
      { redisPort, prefix, composePort, labs },
      { redisPort: 6381, prefix: "kim-", composePort: 30002, labs: ["redis"] },
    );
    assert.equal(settingsOf("lee").redisPort, 6380);
  });

  it("with another project's name before them are refused, those of the providers are not", () => {
    writeFileSync("Pulumi.dev.yaml", "config:\n  course-lab:redisPort: 6380\n");
    assert.throws(
      () => settingsOf("dev"),
      /Setting course-lab:redisPort in Pulumi\.dev\.yaml .* did you mean course-labs:redisPort\?/,
    );
    for (const other of ["pulumi", "docker", "kubernetes", "random"]) {
      writeFileSync("Pulumi.dev.yaml", `config:\n  ${other}:kubeconfig: x\n`);
      assert.equal(settingsOf("dev").kubeconfig, undefined, other);
    }
    writeFileSync("Pulumi.dev.yaml", "config:\n  somebody:else: x\n");
    assert.deepEqual(settingsOf("dev"), parseSettings({}));
  });

  it("name a file that is not YAML", () => {
    writeFileSync("Pulumi.dev.yaml", "config: [\n");
    assert.throws(
      () => settingsOf("dev"),
      (error: unknown) =>
        error instanceof LabError && /^Pulumi\.dev\.yaml is not YAML: .*git checkout/.test(error.text.en),
    );
  });
});

describe("what git sees of a stack's file", () => {
  const clean = (input: string) =>
    spawnSync(process.execPath, [join(__dirname, "../../cli/strip-salt.mjs")], { input, encoding: "utf8" }).stdout;
  const settings = "config:\n  course-labs:redisPort: 6380\n";

  it("is the file without its salt, wherever it stands", () => {
    assert.equal(clean(`encryptionsalt: v1:abc=:v1:def\n${settings}`), settings);
    assert.equal(clean(`${settings}encryptionsalt: v1:abc=:v1:def`), settings);
  });

  it("is the file itself when it has none", () => assert.equal(clean(settings), settings));

  for (const [name, file, without] of [
    ["with the line ends of Windows", "encryptionsalt: v1:a\r\nconfig: {}\r\n", "config: {}\r\n"],
    ["with two salts, which a merge may leave", `encryptionsalt: a\n${settings}encryptionsalt: b\n`, settings],
    ["with a setting of that name", "config:\n  encryptionsalt: x\n", "config:\n  encryptionsalt: x\n"],
  ] as const) {
    it(`is the same for git and for the commands: a file ${name}`, () => {
      assert.equal(clean(file), without);
      assert.equal(withoutSalt(file), without);
    });
  }
});
