import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { existsSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { clone, docker, npmRun, ping, Result, tearDown } from "./harness";

/** Names and ports that are in nobody's way. */
const settings = `config:
  pulumi:disable-default-providers: [docker, kubernetes]
  course-labs:labs: [redis, compose]
  course-labs:prefix: once-
  course-labs:redisPort: 26382
  course-labs:composePort: 32082
`;

/** A command that runs on by itself, once it has said something. */
async function begun(folder: string, command: string, when: RegExp): Promise<{ ended: Promise<Result> }> {
  const started = Date.now();
  const env = { ...process.env, LC_ALL: "C" };
  const child = spawn(process.execPath, ["tools/run.mjs", command], {
    cwd: folder,
    env,
    stdio: ["ignore", "pipe", "pipe"],
  });
  let [said, stdout] = ["", ""];
  const ended = new Promise<Result>((resolve) =>
    child.on("close", (code) => resolve({ code, said, stdout, seconds: (Date.now() - started) / 1000 })),
  );
  await new Promise<void>((resolve, reject) => {
    const heard = (data: Buffer) => {
      said += data.toString();
      if (when.test(said)) resolve();
    };
    child.stdout.on("data", (data: Buffer) => {
      stdout += data.toString();
      heard(data);
    });
    child.stderr.on("data", heard);
    child.on("close", () => reject(new Error(`never said ${when.source}:\n${said}`)));
  });
  return { ended };
}

describe("commands at the same time, in one folder", () => {
  let folder: string;
  const busy = /Another run is using (stack dev|this stack)/;
  const containers = () =>
    docker("ps", "--all", "--filter", "name=^/once-", "--format", "{{.Names}} {{.Status}}").split("\n").sort();

  before(() => {
    folder = clone();
    writeFileSync(join(folder, "Pulumi.dev.yaml"), settings);
  });
  after(() => tearDown(folder));

  /** One goes well, and the other either has nothing left to do or says why it did nothing. */
  function oneAtMostGaveWay(both: Result[]): void {
    const said = both.map(({ said }) => said).join("\n---\n");
    assert.ok(
      both.some(({ code }) => code === 0),
      said,
    );
    for (const one of both) if (one.code !== 0) assert.ok(one.code === 1 && busy.test(one.said), said);
    assert.doesNotMatch(said, /left by an interrupted run|\n\s+at .*:\d+/);
  }

  async function stands(): Promise<void> {
    const again = await npmRun(folder, "up");
    assert.equal(again.code, 0, again.said);
    assert.match(again.said, /No changes/, "nothing was doubled, removed or left half made");
    assert.equal(await ping(26382), "+PONG");
    assert.equal((await fetch("http://localhost:32082/wp-login.php", { redirect: "manual" })).status, 302);
    assert.match(containers().join(), /^once-mysql Up .*,once-redis Up .*,once-wordpress Up /);
  }

  it("two simultaneous first runs create the labs once, with one passphrase", async () => {
    rmSync(join(folder, ".pulumi"), { recursive: true, force: true });
    oneAtMostGaveWay(await Promise.all([npmRun(folder, "up"), npmRun(folder, "up")]));
    await stands();
  });

  it("up beside up, destroy and check: only check gets through, and changes nothing", async () => {
    docker("rm", "--force", "once-wordpress", "once-mysql");
    const first = await begun(folder, "up", /Deploying/);
    // The engine takes its lock a moment after that.
    const locks = join(folder, ".pulumi/locks/organization/course-labs/dev");
    while (!existsSync(locks) || readdirSync(locks).length === 0) await sleep(20);
    const [second, destroy, check] = await Promise.all([
      npmRun(folder, "up"),
      npmRun(folder, "destroy"),
      npmRun(folder, "check", ["--labs", "redis"]),
    ]);
    const { code, said } = await first.ended;
    assert.equal(code, 0, said);
    for (const one of [second, destroy]) {
      assert.equal(one.code, 1, one.said);
      assert.match(one.said, busy);
      assert.doesNotMatch(one.said, /Removing|left by an interrupted run/);
    }
    assert.equal(check.code, 0, check.said);
    await stands();
  });

  it("up beside destroy gives way, and everything is removed", async () => {
    const first = await begun(folder, "destroy", /Removing volume/);
    const up = await npmRun(folder, "up");
    const { code, said } = await first.ended;
    assert.equal(code, 0, said);
    assert.equal(up.code, 1, up.said);
    assert.match(up.said, busy);
    assert.deepEqual(containers(), [""]);
    assert.equal(docker("volume", "ls", "--quiet", "--filter", "name=^once-"), "");
  });
});
