import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { clone, docker, dockerObjects, git, npmRun, tearDown } from "./harness";
import { changed, Edit, edit, setting } from "./edits";
import { reviewed } from "./reviewing";

describe("npm run review, where nothing is running", () => {
  let folder: string;
  let atFirst: ReturnType<typeof dockerObjects>;

  before(() => {
    atFirst = dockerObjects();
    folder = clone();
    edit(folder, [setting("labs", "[redis]"), setting("prefix", "rvd-"), setting("redisPort", "26390")]);
    git(folder, "commit", "--quiet", "--all", "--message", "Base");
  });
  after(async () => {
    await tearDown(folder);
    assert.deepEqual(dockerObjects(), atFirst);
  });
  afterEach(() => git(folder, "checkout", "--quiet", "."));

  const everyone: Edit = ["components/redis-lab.ts", "ip: bindAddress", 'ip: "0.0.0.0"'];

  it("compares only the programs, and says so", async () => {
    edit(folder, [everyone]);
    const { code, report, markdown } = await reviewed(folder, "--base", "HEAD");
    assert.equal(code, 3);
    assert.deepEqual(
      report.changes.map(({ op, name, basis }) => [op, name, basis]),
      [["replace", "redis-container", "programs"]],
    );
    assert.deepEqual(
      report.warnings.filter(({ dangerous }) => dangerous).map(({ kind }) => kind),
      ["exposure", "policy"],
    );
    assert.match(markdown, /### Not checked\n\n- `redis`: not running here/);
  });

  it("speaks Korean", async () => {
    edit(folder, [everyone]);
    const { markdown } = await reviewed(folder, "--base", "HEAD", "--lang", "ko");
    assert.match(markdown, /⛔ 실습 변경 검토: 위험한 변경이 있습니다/);
  });

  it("a broken rule stops up before anything is created", async () => {
    edit(folder, [everyone]);
    const { code, said } = await npmRun(folder, "up");
    assert.equal(code, 1);
    assert.match(
      said,
      /Nothing was changed, because the program breaks the rules.*\n {2}- Container redis-container: port 26390 .*\[no-public-port\]/,
    );
    assert.deepEqual(dockerObjects(), atFirst);
  });

  it("a setting that is wrong: the reason, and exit code 1", async () => {
    edit(folder, [changed("redisPort", "26390", "hello")]);
    const { code, report, markdown } = await reviewed(folder, "--base", "HEAD");
    assert.equal(code, 1);
    assert.equal(report.verdict, "failed");
    assert.match(markdown, /### It cannot be provisioned\n\n```\nSetting course-labs:redisPort is "hello"/);
  });

  it("a program that does not run: the reason, and exit code 1", async () => {
    edit(folder, [
      [
        "components/redis-lab.ts",
        'super("course:labs:RedisLab"',
        'throw new Error("out of order"); super("course:labs:RedisLab"',
      ],
    ]);
    const { code, markdown } = await reviewed(folder, "--base", "HEAD");
    assert.equal(code, 1);
    assert.match(markdown, /out of order/);
  });

  it("a base that is not here: how to get it, and exit code 1", async () => {
    const { code, markdown } = await reviewed(folder, "--base", "origin/nowhere");
    assert.equal(code, 1);
    assert.match(markdown, /git fetch origin nowhere/);
  });

  it("--deploy provisions the base, which is then what runs here", async () => {
    edit(folder, [changed("redisPort", "26390", "26391")]);
    const settings = readFileSync(join(folder, "Pulumi.dev.yaml"), "utf8");
    const { code, said, report } = await reviewed(folder, "--base", "HEAD", "--deploy");
    assert.equal(readFileSync(join(folder, "Pulumi.dev.yaml"), "utf8"), settings);
    assert.equal(code, 2, said);
    assert.deepEqual(report.unchecked, []);
    assert.deepEqual(
      report.changes.map(({ op, name, basis }) => [op, name, basis]),
      [["replace", "redis-container", "engine"]],
    );
    assert.equal(docker("port", "rvd-redis"), "6379/tcp -> 127.0.0.1:26390");
    git(folder, "checkout", "--quiet", ".");
    const again = await npmRun(folder, "up");
    assert.match(again.said, /No changes/);
  });
});
