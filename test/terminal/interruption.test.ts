import assert from "node:assert/strict";
import { ChildProcess, spawn } from "node:child_process";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { lives } from "../../tools/stack/locks";
import { fakePulumi } from "../stack/fake-pulumi";

const root = join(__dirname, "..", "..");

/** A command in a process of its own, as the commands run: what it prints, and how it ended. */
class Command {
  static readonly all: Command[] = [];
  said = "";
  readonly child: ChildProcess;
  readonly ended: Promise<number | NodeJS.Signals | null>;

  constructor(body: string) {
    Command.all.push(this);
    const script = `
      const { loader } = await import("./tools/load.mjs");
      const require = loader(process.cwd());
      const { interruptible, unbroken, goOn } = require("./terminal/interruption.ts");
      const pulumi = require("./install/pulumi.ts");
      const { spawn, execFileSync } = process.getBuiltinModule("node:child_process");
      const started = (...args) => { const child = spawn(...args); console.log("pid", child.pid); return child; };
      const forever = () => new Promise(() => setInterval(() => {}, 1000));
      await interruptible(async () => { ${body} });
      console.log("went on");`;
    const args = ["--input-type=module", "--eval", script];
    const env = { ...process.env, LC_ALL: "C" };
    // In a group of its own, as a terminal gives one to each line that is typed.
    this.child = spawn(process.execPath, args, { cwd: root, env, detached: true, stdio: ["ignore", "pipe", "pipe"] });
    for (const stream of [this.child.stdout, this.child.stderr]) {
      stream?.on("data", (data: Buffer) => (this.said += data.toString()));
    }
    this.ended = new Promise((done) => this.child.on("close", (code, signal) => done(code ?? signal)));
  }

  async until(said: RegExp): Promise<string> {
    for (const started = Date.now(); !said.test(this.said); await sleep(20)) {
      assert.ok(Date.now() - started < 8000, `never said ${said.source}:\n${this.said}`);
    }
    return said.exec(this.said)?.[1] ?? "";
  }

  /** Ends it where a test has failed. */
  kill(): void {
    if (this.child.exitCode === null && this.child.signalCode === null) process.kill(-(this.child.pid ?? 0), "SIGKILL");
  }

  /** As Ctrl-C does: to every process of the group. */
  press(): void {
    process.kill(-(this.child.pid ?? 0), "SIGINT");
  }
}

/** An engine that takes a moment to stop, and has a plugin in a group of its own, as Pulumi has. */
const engine = (stopping: string) => `
  const { spawn } = require("node:child_process");
  const plugin = spawn("sleep", ["60"], { detached: true });
  console.error("engine", process.pid);
  process.on("SIGINT", () => { ${stopping} });
  console.log(JSON.stringify({ plugin: plugin.pid, engine: process.pid }));
  setInterval(() => {}, 1000);`;
const operation = `
  const onEvent = ({ plugin, engine }) => console.log("plugin", plugin, "engine", engine);
  await pulumi.up({ name: "dev" }, { onEvent, underWay: () => ["Container mysql 12 s"] });
  console.log("second step");`;

// Windows has no signals to send: the console tells every process itself.
(process.platform === "win32" ? describe.skip.bind(describe) : describe)(
  "a command that is asked to stop",
  function () {
    this.timeout(20_000);
    let putBack = () => {};
    afterEach(() => {
      for (const command of Command.all.splice(0)) command.kill();
      putBack();
      putBack = () => {};
    });
    const gone = async (pid: string) => {
      for (let tries = 0; tries < 50 && lives(Number(pid)); tries++) await sleep(20);
      assert.ok(!lives(Number(pid)), `process ${pid} lives on`);
    };

    it("waits until the engine has stopped, reports the current steps, and starts nothing new", async () => {
      putBack = fakePulumi(engine("setTimeout(() => { plugin.kill(); process.exit(255); }, 900);"));
      const command = new Command(operation);
      const plugin = await command.until(/plugin (\d+)/);
      const pid = await command.until(/engine (\d+)/);
      command.press();
      const code = await command.ended;
      assert.equal(code, 130, command.said);
      assert.match(command.said, /Stopping: waiting until Pulumi has finished .*\(Container mysql 12 s\)/);
      assert.match(command.said, /Stopped\. The next run continues from here\.\n$/);
      assert.doesNotMatch(command.said, /second step|went on|at once\.$/m);
      await gone(plugin);
      await gone(pid);
    });

    it("stops immediately at the second signal, together with the engine and its plugins", async () => {
      putBack = fakePulumi(engine(""));
      const command = new Command(operation);
      const plugin = await command.until(/plugin (\d+)/);
      const pid = await command.until(/engine (\d+)/);
      command.press();
      await sleep(700);
      const pressed = Date.now();
      command.press();
      assert.equal(await command.ended, 130, command.said);
      assert.ok(Date.now() - pressed < 2000);
      assert.match(command.said, /Stopped immediately/);
      await gone(plugin);
      await gone(pid);
    });

    it("treats a keypress that npm forwards as one signal", async () => {
      putBack = fakePulumi(engine("setTimeout(() => { plugin.kill(); process.exit(255); }, 900);"));
      const command = new Command(operation);
      await command.until(/plugin (\d+)/);
      command.press();
      await sleep(50);
      command.child.kill("SIGINT");
      assert.equal(await command.ended, 130, command.said);
      assert.match(command.said, /Stopped\./);
      assert.equal(command.said.match(/Stopping/g)?.length, 1);
    });

    for (const [signal, code] of [
      ["SIGTERM", 143],
      ["SIGHUP", 129],
    ] as const) {
      it(`stops the engine in the same way on ${signal}`, async () => {
        putBack = fakePulumi(engine("setTimeout(() => { plugin.kill(); process.exit(255); }, 100);"));
        const command = new Command(operation);
        const plugin = await command.until(/plugin (\d+)/);
        command.child.kill(signal);
        assert.equal(await command.ended, code, command.said);
        await gone(plugin);
      });

      it(`ends the programs it waits for on ${signal}, cleans up, and reports no failure`, async () => {
        const command = new Command(`
        const child = started("sleep", ["60"]);
        try {
          await new Promise((_, reject) => child.on("close", () => reject(new Error("sleep failed"))));
        } finally {
          await new Promise((done) => spawn("sleep", ["0.3"]).on("close", done));
          console.log("cleaned up");
        }`);
        const pid = await command.until(/pid (\d+)/);
        command.child.kill(signal);
        assert.equal(await command.ended, code, command.said);
        assert.match(command.said, /cleaned up/);
        assert.doesNotMatch(command.said, /sleep failed|went on/);
        await gone(pid);
      });
    }

    it("does not stop processes that are meant to continue, such as a daemon", async () => {
      const command = new Command(`started("sleep", ["60"], { detached: true }).unref(); await forever();`);
      const pid = Number(await command.until(/pid (\d+)/));
      command.press();
      assert.equal(await command.ended, 130, command.said);
      assert.ok(lives(pid));
      process.kill(pid);
    });

    it("does not hang if no child process is left", async () => {
      const command = new Command(`console.log("pid 0"); await forever();`);
      await command.until(/pid/);
      const pressed = Date.now();
      command.press();
      assert.equal(await command.ended, 130, command.said);
      assert.ok(Date.now() - pressed < 6000);
    });

    it("does not change anything without a signal", async () => {
      const command = new Command(`await unbroken(() => Promise.resolve()); console.log("done");`);
      assert.equal(await command.ended, 0, command.said);
      assert.match(command.said, /done\nwent on/);
    });
  },
);
