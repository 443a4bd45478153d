import assert from "node:assert/strict";
import { chmodSync, chownSync, mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { refuseOthersFiles } from "../../tools/terminal/own-files";
import { LabError } from "../../text";

describe("files left by a run with sudo", () => {
  // Only root can leave files that are another's; where the tests run as somebody else, there is nobody to be kept out.
  if (process.getuid?.() !== 0) return;
  const [me, home] = [65534, process.cwd()];
  const HOME = process.env.HOME;
  let folder: string;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "course-labs-own-"));
    process.chdir(folder);
    process.env.HOME = join(folder, "home");
    mkdirSync(".pulumi/stacks/course-labs", { recursive: true });
    writeFileSync(".pulumi/stacks/course-labs/dev.json", "{}");
    writeFileSync(".pulumi/passphrase", "x", { mode: 0o600 });
    writeFileSync("Pulumi.dev.yaml", "config:\n");
    for (const file of [".", ".pulumi", ".pulumi/stacks", ".pulumi/stacks/course-labs"]) chownSync(file, me, me);
    for (const file of [".pulumi/stacks/course-labs/dev.json", ".pulumi/passphrase", "Pulumi.dev.yaml"]) {
      chownSync(file, me, me);
    }
  });
  afterEach(() => {
    process.chdir(home);
    process.env.HOME = HOME;
    rmSync(folder, { recursive: true });
  });
  /** Looks as somebody else, whom the system keeps out of everything that is not open to all. */
  const look = () => {
    process.seteuid?.(me);
    try {
      refuseOthersFiles(me, (file) => (statSync(file).mode & 0o006) !== 0o006);
    } finally {
      process.seteuid?.(0);
    }
  };
  const refused = (english: RegExp) =>
    assert.throws(look, (error: unknown) => {
      assert.ok(error instanceof LabError, String(error));
      assert.match(error.text.en, english);
      assert.match(error.text.ko, /소유자/);
      return true;
    });

  it("are ignored if there are none, or for root", () => {
    look();
    chownSync(".pulumi/passphrase", 0, 0);
    refuseOthersFiles();
  });

  it("are reported with the command that changes the owner: the passphrase", () => {
    chownSync(".pulumi/passphrase", 0, 0);
    refused(/^You have no permission to change \.pulumi\. The owner is root.*: sudo chown -R \$USER \.pulumi$/);
  });

  it("are reported: the state and the settings file", () => {
    chownSync(".pulumi/stacks/course-labs/dev.json", 0, 0);
    chownSync("Pulumi.dev.yaml", 0, 0);
    refused(/\.pulumi, Pulumi\.dev\.yaml\. .*: sudo chown -R \$USER \.pulumi Pulumi\.dev\.yaml$/);
  });

  it("are reported: a folder that cannot be read", () => {
    mkdirSync(".pulumi/locks", { mode: 0o700 });
    refused(/sudo chown -R \$USER \.pulumi$/);
  });

  it("are reported: the whole folder of the project", () => {
    chownSync(".", 0, 0);
    chmodSync(".", 0o755);
    refused(/sudo chown -R \$USER \.$/);
  });

  it("are reported: the folder of Pulumi", () => {
    mkdirSync("home/.pulumi", { recursive: true });
    refused(/sudo chown -R \$USER \S+home\/\.pulumi$/);
  });

  it("are ignored if the user may change them, as in a folder shared by a group", () => {
    chownSync("Pulumi.dev.yaml", 0, 0);
    chmodSync("Pulumi.dev.yaml", 0o666);
    look();
  });
});
