import assert from "node:assert/strict";
import { cpSync, existsSync, mkdtempSync, rmSync, symlinkSync, unlinkSync, writeFileSync } from "node:fs";
import { homedir, tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { everything } from "./everything";
import { clone, docker, learnersPath, npmRun, oddName, remove, run, tearDown } from "./harness";

/** Names that are in nobody's way. */
const settings = `config:
  pulumi:disable-default-providers: [docker, kubernetes]
  course-labs:labs: [registry]
  course-labs:prefix: place-
`;

/** A disk of its own, which is in memory. */
function disk(mebibytes: number): string {
  const folder = mkdtempSync(join(tmpdir(), "course-labs-disk-"));
  run("mount", "-t", "tmpfs", "-o", `size=${mebibytes}m`, "tmpfs", folder);
  return folder;
}

function unmount(folder: string): void {
  run("umount", "--lazy", folder);
  rmSync(folder, { recursive: true });
}

/** Takes all the room of a disk but for some; returns what gives it back. */
function fill(folder: string, kibibytes = 0): () => void {
  const file = join(folder, "ballast");
  const free = Number(run("df", "--output=avail", "--block-size=1K", folder).split("\n").pop());
  // A file with content, since a disk in memory gives no room to one without.
  run("dd", "if=/dev/zero", `of=${file}`, "bs=1K", `count=${free - kibibytes}`, "status=none");
  return () => unlinkSync(file);
}

// Only root may mount a disk.
(process.getuid?.() === 0 ? describe : describe.skip.bind(describe))(
  "a folder of an odd name, on a disk that is full or read-only",
  () => {
    let [mounted, folder] = ["", ""];

    before(() => {
      mounted = disk(64);
      folder = join(mounted, oddName.trim());
      const whole = clone();
      const modules = join(dirname(dirname(__dirname)), "node_modules");
      cpSync(whole, folder, { recursive: true, filter: (path) => path !== join(whole, "node_modules") });
      symlinkSync(modules, join(folder, "node_modules"));
      remove(whole);
      writeFileSync(join(folder, "Pulumi.dev.yaml"), settings);
    });
    after(async () => {
      if (existsSync(join(folder, "Pulumi.dev.yaml"))) await tearDown(folder);
      unmount(mounted);
    });

    /** Says in one line that it is the disk, and leaves nothing that the next run would stumble over. */
    async function refused(command: string, says: RegExp, env: Record<string, string> = {}): Promise<string> {
      const { code, said } = await npmRun(folder, command, [], { env });
      assert.equal(code, 1, said);
      assert.match(said, says);
      assert.doesNotMatch(said, /\n\s+at .*:\d+|error in the course labs/);
      return said;
    }
    async function well(command: string): Promise<string> {
      const { code, said } = await npmRun(folder, command);
      assert.equal(code, 0, said);
      return said;
    }
    const isUp = () => assert.equal(docker("inspect", "--format", "{{.State.Running}}", "place-debian"), "true");

    it("before the first run: nothing is begun, and with room again it goes well", async () => {
      const giveBack = fill(mounted);
      try {
        await refused("up", /^The disk is full \(ENOSPC/m);
        assert.equal(existsSync(join(folder, ".pulumi/passphrase")), false, "it would be an empty one");
      } finally {
        giveBack();
      }
      await well("up");
      isUp();
      assert.match(await well("up"), /No changes/);
    });

    it("while the state is written: it is told, and with room again the run goes on", async () => {
      docker("rm", "--force", "place-debian");
      const giveBack = fill(mounted, 8);
      try {
        await refused("up", /^The disk is full/m);
      } finally {
        giveBack();
      }
      assert.match(await well("up"), /The state file is incomplete, because writing it was interrupted/);
      isUp();
      assert.match(await well("up"), /No changes/);
    });

    it("while it is destroyed: it is told, and with room again everything is removed", async () => {
      await well("up");
      const giveBack = fill(mounted, 8);
      try {
        await refused("destroy", /^The disk is full/m);
      } finally {
        giveBack();
      }
      await well("destroy");
      assert.equal(docker("ps", "--all", "--quiet", "--filter", "name=^/place-"), "");
    });

    it("where a report is to be written: it is told", async () => {
      await well("up");
      const giveBack = fill(mounted);
      try {
        const { code, said } = await npmRun(folder, "check", ["--report", "kim.html"]);
        assert.equal(code, 1, said);
        assert.match(said, /Could not write to kim\.html \(ENOSPC\)/);
      } finally {
        giveBack();
      }
    });

    it("that cannot be written to: what only looks works, and what writes is told", async () => {
      run("mount", "-o", "remount,ro", mounted);
      try {
        for (const command of ["up", "destroy"])
          await refused(command, /^You have no permission to write to .*\(EROFS\)/m);
        for (const command of ["outputs", "check", "preview"]) await well(command);
      } finally {
        run("mount", "-o", "remount,rw", mounted);
      }
      isUp();
      assert.match(await well("up"), /No changes/);
    });

    if (everything) {
      it("while npm installs: it is told, and with room again all is installed", async () => {
        const small = disk(40);
        try {
          const fresh = clone({ fresh: true });
          cpSync(fresh, join(small, "labs"), { recursive: true });
          remove(fresh);
          const outputs = () => npmRun(join(small, "labs"), "outputs");
          const { code, said } = await outputs();
          assert.equal(code, 1, said);
          assert.match(
            said,
            /^npm could not install all dependencies: the disk has 0 MB of free space, and about 400 MB are needed\. /m,
          );
          assert.doesNotMatch(said, /\n\s+at .*:\d+/);
          run("mount", "-o", "remount,size=1g", small);
          const again = await outputs();
          assert.equal(again.code, 0, again.said);
        } finally {
          unmount(small);
        }
      });

      it("while Pulumi is downloaded or built: it is told, and nothing half made is taken for whole", async () => {
        const small = disk(4);
        const go = { GOCACHE: join(homedir(), ".cache/go-build"), GOPATH: join(homedir(), "go") };
        const env = { ...go, HOME: small, COURSE_LABS_CACHE: join(small, "cache"), PATH: learnersPath };
        const says = /^The disk is full, so the Pulumi CLI could not be built|^Could not write to .*ENOSPC/m;
        try {
          for (const command of ["up", "outputs"]) await refused(command, says, env);
          run("mount", "-o", "remount,size=2g", small);
          const { code, said } = await npmRun(folder, "outputs", [], { env });
          assert.equal(code, 0, said);
        } finally {
          unmount(small);
        }
      });
    }
  },
);
