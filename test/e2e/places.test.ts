import assert from "node:assert/strict";
import { cpSync, existsSync, mkdtempSync, rmSync, symlinkSync, unlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { everything } from "./everything";
import { clone, docker, npmRun, remove, run, tearDown } from "./harness";

/** Names that are in nobody's way. */
const settings = `config:
  pulumi:disable-default-providers: [docker, kubernetes]
  course-labs:labs: [registry]
  course-labs:prefix: full-
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
(process.getuid?.() === 0 ? describe : describe.skip.bind(describe))("a disk that is full", () => {
  let [mounted, folder] = ["", ""];

  before(() => {
    mounted = disk(64);
    folder = join(mounted, "labs");
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
  const isUp = () => assert.equal(docker("inspect", "--format", "{{.State.Running}}", "full-debian"), "true");

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
    docker("rm", "--force", "full-debian");
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
    assert.equal(docker("ps", "--all", "--quiet", "--filter", "name=^/full-"), "");
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

  if (everything) {
    it("while npm installs: it is told with npm's own reason", async () => {
      const small = disk(40);
      try {
        const fresh = clone({ fresh: true });
        cpSync(fresh, join(small, "labs"), { recursive: true });
        remove(fresh);
        const { code, said } = await npmRun(join(small, "labs"), "outputs");
        assert.equal(code, 1, said);
        assert.match(said, /ENOSPC/);
        assert.match(said, /^npm could not install the dependencies\. See its message above/m);
      } finally {
        unmount(small);
      }
    });

    it("while what cannot be downloaded is built: it is told, and nothing half built is taken for whole", async () => {
      const small = disk(4);
      try {
        await refused("up", /^The disk is full|no space left on device/m, { COURSE_LABS_CACHE: small });
        const { said } = await npmRun(folder, "outputs", [], { env: { COURSE_LABS_CACHE: small } });
        assert.doesNotMatch(said, /No lab is running|What is running/, "it begins again");
      } finally {
        unmount(small);
      }
    });
  }
});
