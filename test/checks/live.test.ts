import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { live } from "../../checks/live";

describe("an image's layers", function () {
  if (process.platform === "win32") return;
  const { PATH } = process.env;
  let folder: string;
  const tar = (...args: string[]) => execFileSync("tar", args, { cwd: folder });
  const program = (name: string, script: string) => {
    writeFileSync(join(folder, "bin", name), `#!/bin/sh\n${script}\n`);
    chmodSync(join(folder, "bin", name), 0o755);
  };

  before(() => {
    folder = mkdtempSync(join(tmpdir(), "course-labs-live-"));
    for (const name of ["bin", "root", "hello"]) mkdirSync(join(folder, name));
    writeFileSync(join(folder, "root", "note"), "");
    tar("-cf", "lower", "root");
    tar("-cf", "upper", "hello");
    writeFileSync(join(folder, "manifest.json"), JSON.stringify([{ Layers: ["lower", "upper"] }]));
    tar("-cf", "saved.tar", "manifest.json", "lower", "upper");
    const real = execFileSync("sh", ["-c", "command -v tar"], { encoding: "utf8" }).trim();
    // As the one of the snap, which may not write into /tmp.
    const refuse = 'case "$*" in *--output*) echo "failed to save image: invalid output path" >&2; exit 1;; esac';
    program("docker", `${refuse}\ncat ${join(folder, "saved.tar")}`);
    // As the one of Git Bash, which takes C:\image.tar for a file of the machine C.
    program("tar", `for word; do case $word in /* | *:*) exit 128 ;; esac; done\nexec ${real} "$@"`);
    process.env.PATH = `${join(folder, "bin")}${delimiter}${PATH}`;
  });
  after(() => {
    process.env.PATH = PATH;
    rmSync(folder, { recursive: true });
  });

  it("are read from what docker saves, by a tar that takes no whole paths", async () => {
    assert.deepEqual(await live.layers("mine:1"), [["root/", "root/note"], ["hello/"]]);
  });
});
