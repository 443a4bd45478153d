import assert from "node:assert/strict";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { labsIn, ownerLabel, passphrase } from "../../cli/stack";
import { summary } from "../../cli/summary";

const urn = (types: string, name: string) => `urn:pulumi:dev::course-labs::${types}::${name}`;

describe("the state of a stack", () => {
  const component = (type: string) => ({ type, urn: urn(type, "x") });

  it("tells which labs are up, in the order of the course", () => {
    const resources = [
      component("course:labs:ComposeWordPress"),
      component("course:labs:RedisLab"),
      component("other:x:Y"),
    ];
    assert.deepEqual(labsIn({ resources }), ["redis", "compose"]);
  });

  it("tells the label of what the stack made", () => {
    const resources = [{ ...component("random:index/randomId:RandomId"), outputs: { hex: "0a1b2c3d" } }];
    assert.equal(ownerLabel({ resources }), "course-labs.id=0a1b2c3d");
    assert.equal(ownerLabel({ resources: [] }), undefined);
  });
});

describe("the passphrase", () => {
  const home = process.cwd();
  const { PULUMI_CONFIG_PASSPHRASE: own, PULUMI_CONFIG_PASSPHRASE_FILE: file } = process.env;
  let folder: string;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "course-labs-passphrase-"));
    process.chdir(folder);
    delete process.env.PULUMI_CONFIG_PASSPHRASE;
    delete process.env.PULUMI_CONFIG_PASSPHRASE_FILE;
  });
  afterEach(() => {
    process.chdir(home);
    rmSync(folder, { recursive: true });
    delete process.env.PULUMI_CONFIG_PASSPHRASE;
    delete process.env.PULUMI_CONFIG_PASSPHRASE_FILE;
    if (own !== undefined) process.env.PULUMI_CONFIG_PASSPHRASE = own;
    if (file !== undefined) process.env.PULUMI_CONFIG_PASSPHRASE_FILE = file;
  });

  it("is made once, for this user only", () => {
    passphrase("dev");
    const made = readFileSync(".pulumi/passphrase", "utf8");
    assert.ok(made.trim().length >= 32);
    if (process.platform !== "win32") assert.equal(statSync(".pulumi/passphrase").mode & 0o777, 0o600);
    assert.equal(process.env.PULUMI_CONFIG_PASSPHRASE_FILE, ".pulumi/passphrase");
    delete process.env.PULUMI_CONFIG_PASSPHRASE_FILE;
    passphrase("dev");
    assert.equal(readFileSync(".pulumi/passphrase", "utf8"), made);
  });

  it("is the user's own when there is one", () => {
    process.env.PULUMI_CONFIG_PASSPHRASE = "";
    passphrase("dev");
    assert.equal(existsSync(".pulumi/passphrase"), false);
  });

  it("is asked for when plain pulumi made the stack with one", () => {
    mkdirSync(".pulumi/stacks/course-labs", { recursive: true });
    writeFileSync(".pulumi/stacks/course-labs/dev.json", "{}");
    assert.throws(() => passphrase("dev"), /Stack dev exists, but its passphrase is not in \.pulumi\/passphrase/);
  });

  it("that is new makes the salt of a lost one go", () => {
    writeFileSync("Pulumi.dev.yaml", "encryptionsalt: v1:old\nconfig: {}\n");
    passphrase("dev");
    assert.equal(readFileSync("Pulumi.dev.yaml", "utf8"), "config: {}\n");
  });
});

describe("the summary", () => {
  it("has a line for each lab that is on and none for the others", () => {
    const text = summary({
      redis: { host: "127.0.0.1", port: 6379, image: "redis:v1.0", container: "redis" },
      compose: { url: "http://localhost:30000" },
    });
    assert.equal(text.en.split("\n").length, 3);
    assert.match(text.en, /redis +127\.0\.0\.1:6379 .*docker exec redis redis-cli ping/);
    assert.match(text.ko, /실행 중인 실습:\n.*127\.0\.0\.1:6379.*\n.*http:\/\/localhost:30000/);
  });

  it("says when nothing runs", () => assert.equal(summary({}).en, "No lab is running."));
});
