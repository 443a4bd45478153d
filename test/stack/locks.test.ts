import assert from "node:assert/strict";
import { ChildProcess, execFileSync, spawn } from "node:child_process";
import { chmodSync, existsSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import os, { hostname, tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { mock } from "node:test";
import { clearLocks } from "../../tools/stack/locks";
import { LabError } from "../../text";

describe("locks", () => {
  const home = process.cwd();
  const locks = ".pulumi/locks/organization/course-labs/dev";
  let folder: string;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "course-labs-locks-"));
    process.chdir(folder);
    mkdirSync(locks, { recursive: true });
  });
  afterEach(() => {
    process.chdir(home);
    rmSync(folder, { recursive: true });
  });
  const lock = (pid: number, host = hostname(), timestamp = new Date().toISOString()) => {
    const content = { pid, username: "u", hostname: host, timestamp };
    writeFileSync(join(locks, "a.json"), JSON.stringify(content));
  };

  it("of a process that has ended are removed", async () => {
    const child = spawn(process.execPath, ["-e", ""]);
    await new Promise((resolve) => child.on("close", resolve));
    lock(child.pid as number);
    await clearLocks("dev");
    assert.equal(existsSync(join(locks, "a.json")), false);
  });

  it("are removed if there is an attributes file, too", async () => {
    writeFileSync(join(locks, "a.json.attrs"), '{"user.content_type":"application/json"}');
    await clearLocks("dev", 0);
    assert.ok(existsSync(join(locks, "a.json.attrs")));
  });

  // Windows does not say of which program a process is.
  (process.platform === "win32" ? describe.skip.bind(describe) : describe)("of a process", () => {
    const sleeping: ChildProcess[] = [];
    /** A program that is called so, and sleeps. */
    const program = (name: string) => {
      symlinkSync(execFileSync("sh", ["-c", "command -v sleep"], { encoding: "utf8" }).trim(), name);
      return join(folder, name);
    };
    const living = (name: string) => {
      const child = spawn(program(name), ["60"], { stdio: "ignore" });
      sleeping.push(child);
      return child.pid as number;
    };
    afterEach(() => {
      for (const child of sleeping.splice(0)) child.kill();
    });

    // A clock that was set meanwhile, either way, makes no difference.
    for (const timestamp of [new Date().toISOString(), "2026-01-01T00:00:00Z", "2099-01-01T00:00:00Z"]) {
      it(`that lives stop the command and name it: locked at ${timestamp.slice(0, 4)}`, async () => {
        const pid = living("pulumi");
        lock(pid, hostname(), timestamp);
        await assert.rejects(
          clearLocks("dev", 0),
          ({ text }: LabError) =>
            text.en.includes(`process ${pid} on`) && text.en.includes(timestamp) && /끝날 때까지/.test(text.ko),
        );
        assert.ok(existsSync(join(locks, "a.json")));
      });

      it(`are removed if the PID now belongs to another program: locked at ${timestamp.slice(0, 4)}`, async () => {
        lock(living("editor"), hostname(), timestamp);
        await clearLocks("dev", 0);
        assert.equal(existsSync(join(locks, "a.json")), false);
      });
    }

    it("whose command was killed are waited for", async () => {
      program("pulumi");
      // The shell that starts it ends at once, and the system takes it in.
      const begin = ["-c", "./pulumi 1.5 >/dev/null 2>&1 & echo $!"];
      lock(Number(execFileSync("sh", begin, { encoding: "utf8" })));
      const started = Date.now();
      await clearLocks("dev");
      assert.ok(Date.now() - started > 1000, "it was given time to end");
      assert.equal(existsSync(join(locks, "a.json")), false);
    });
  });

  describe("of a container", () => {
    if (process.platform === "win32") return;
    const path = process.env.PATH;
    const [here, gone] = ["0123456789ab", "ba9876543210"];
    /** Has Docker know of containers, and this process be in one. */
    const known = (script: string) => {
      writeFileSync(
        "docker",
        `#!/bin/sh\nfor id; do :; done\ncase $id in\n${script}\n*) echo "Error: No such container: $id" >&2; exit 1;;\nesac\n`,
      );
      chmodSync("docker", 0o755);
      process.env.PATH = `${folder}${delimiter}${path ?? ""}`;
      mock.method(os, "hostname", () => here);
      lock(1, gone);
    };
    afterEach(() => {
      process.env.PATH = path;
      mock.restoreAll();
    });

    it("that was rebuilt are removed", async () => {
      known(`${here}) echo true;;`);
      await clearLocks("dev", 0);
      assert.equal(existsSync(join(locks, "a.json")), false);
    });

    it("that was stopped are removed", async () => {
      known(`${here}) echo true;; ${gone}) echo false;;`);
      await clearLocks("dev", 0);
      assert.equal(existsSync(join(locks, "a.json")), false);
    });

    it("that is running are kept", async () => {
      known(`${here}) echo true;; ${gone}) echo true;;`);
      await assert.rejects(clearLocks("dev", 0), new RegExp(gone));
    });

    it("that Docker does not know are kept, with a remedy", async () => {
      known("");
      await assert.rejects(
        clearLocks("dev", 0),
        ({ text }: LabError) =>
          /was a container that has been rebuilt: rm \S+a\.json$/.test(text.en) && /다시 빌드/.test(text.ko),
      );
    });
  });

  it("of another machine are kept, even if no such process exists here", async () => {
    lock(2 ** 22 + 1, "another-machine");
    await assert.rejects(clearLocks("dev", 0), /another-machine/);
  });

  it("that are incomplete are removed", async () => {
    writeFileSync(join(locks, "a.json"), '{"pid": 1');
    await clearLocks("dev");
    assert.equal(existsSync(join(locks, "a.json")), false);
  });

  it("of another stack are kept", async () => {
    lock(2 ** 22 + 1);
    await clearLocks("another", 0);
    assert.ok(existsSync(join(locks, "a.json")));
  });
});
