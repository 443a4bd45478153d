import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { clone, docker, npmRun, Result, tearDown, processesIn } from "./harness";

/** Names and ports that are in nobody's way. */
const settings = `config:
  pulumi:disable-default-providers: [docker, kubernetes]
  course-labs:labs: [redis, compose]
  course-labs:prefix: stop-
  course-labs:redisPort: 26380
  course-labs:composePort: 32081
`;

interface Typed {
  /** Sent to every process of the terminal's group, as Ctrl-C and the terminal's end are. */
  signal: NodeJS.Signals;
  /** What has been printed when it is sent. */
  when: RegExp;
  /** Whether it is sent a second time. */
  twice?: boolean;
}

/** Types `npm run COMMAND` in a terminal of its own, and interrupts it. */
async function interrupted(folder: string, command: string, { signal, when, twice }: Typed): Promise<Result> {
  const env = { ...process.env, LC_ALL: "C" };
  const options = { cwd: folder, env, detached: true, stdio: ["ignore", "pipe", "pipe"] as ["ignore", "pipe", "pipe"] };
  const child = spawn("npm", ["run", "--silent", command], options);
  let [said, stdout, sent] = ["", "", 0];
  const send = () => {
    sent = Date.now();
    try {
      process.kill(-(child.pid ?? 0), signal);
    } catch {
      // It has ended already.
    }
  };
  const heard = (data: Buffer) => {
    said += data.toString();
    if (sent > 0 || !when.test(said)) return;
    send();
    if (twice) setTimeout(send, 700);
  };
  child.stderr.on("data", heard);
  child.stdout.on("data", (data: Buffer) => {
    stdout += data.toString();
    heard(data);
  });
  const code = await new Promise<number | null>((resolve) => child.on("close", resolve));
  assert.ok(sent > 0, `never said ${when.source}:\n${said}`);
  // npm goes before what it started when the terminal does.
  for (let tries = 0; tries < 600 && processesIn(folder).length > 0; tries++) await sleep(100);
  assert.deepEqual(
    processesIn(folder).map(({ command }) => command),
    [],
    `lives on after:\n${said}`,
  );
  return { code, said, stdout, seconds: (Date.now() - sent) / 1000 };
}

// The machines that this runs on have /proc; what else there is of it runs everywhere: test/terminal/interruption.test.ts
describe("a command that is interrupted, then the plain command again", () => {
  let folder: string;
  const url = "http://localhost:32081/wp-login.php";

  before(() => {
    folder = clone();
    writeFileSync(join(folder, "Pulumi.dev.yaml"), settings);
  });
  after(() => tearDown(folder));

  async function converges(command: string): Promise<void> {
    const { code, said } = await npmRun(folder, command);
    assert.equal(code, 0, said);
    // What was cancelled in an orderly way holds no lock, and is not waited for.
    assert.doesNotMatch(said, /Another run|has finished its last step/);
  }

  for (const [when, typed] of [
    ["before the engine runs", { signal: "SIGINT", when: /./ }],
    ["when the engine has begun", { signal: "SIGINT", when: /Deploying/ }],
    ["while the image is built, by SIGTERM", { signal: "SIGTERM", when: /\+ network/ }],
    ["while MySQL starts", { signal: "SIGINT", when: /\+ volume/ }],
    ["by the end of the terminal", { signal: "SIGHUP", when: /\+ container/ }],
  ] as [string, Typed][]) {
    it(`up ${when}`, async () => {
      await converges("destroy");
      const stopped = await interrupted(folder, "up", typed);
      assert.notEqual(stopped.code, 0, stopped.said);
      if (typed.signal !== "SIGHUP") assert.match(stopped.said, /Stopping/);
      await converges("up");
      assert.equal((await fetch(url, { redirect: "manual" })).status, 302);
      assert.match((await npmRun(folder, "up")).said, /No changes/);
    });
  }

  it("up a second time, which ends it at once", async () => {
    await converges("destroy");
    const stopped = await interrupted(folder, "up", { signal: "SIGINT", when: /\+ volume/, twice: true });
    assert.notEqual(stopped.code, 0, stopped.said);
    assert.ok(stopped.seconds < 15, `took ${stopped.seconds} s:\n${stopped.said}`);
    await converges("up");
    assert.equal((await fetch(url, { redirect: "manual" })).status, 302);
  });

  it("preview", async () => {
    const stopped = await interrupted(folder, "preview", { signal: "SIGINT", when: /Changes that up would make/ });
    assert.notEqual(stopped.code, 0, stopped.said);
    assert.match((await npmRun(folder, "preview")).said, /no changes/);
  });

  it("destroy", async () => {
    const stopped = await interrupted(folder, "destroy", { signal: "SIGINT", when: /- container/ });
    assert.notEqual(stopped.code, 0, stopped.said);
    await converges("destroy");
    assert.equal(docker("ps", "--all", "--quiet", "--filter", "name=^/stop-"), "");
  });
});
