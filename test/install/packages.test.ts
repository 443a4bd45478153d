import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const root = join(__dirname, "../..");

describe("the packages of a new clone", () => {
  let folder: string;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "course-labs-packages-"));
    mkdirSync(join(folder, "tools"));
    for (const file of ["package-lock.json", ...["run", "load", "node-version"].map((name) => `tools/${name}.mjs`)])
      copyFileSync(join(root, file), join(folder, file));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  /** What a command says where npm does this, and the disk has so much room afterwards. */
  function said(npm: string, freeMiB: number, lang = "en") {
    writeFileSync(join(folder, "npm.cjs"), npm);
    const disk = `require("fs").statfsSync = () => ({ bavail: ${freeMiB}, bsize: ${2 ** 20} });`;
    writeFileSync(join(folder, "disk.cjs"), `${disk} require("module").syncBuiltinESMExports();`);
    const NODE_OPTIONS = `--require=${JSON.stringify(join(folder, "disk.cjs"))}`;
    const env = { ...process.env, NODE_OPTIONS, npm_execpath: join(folder, "npm.cjs") };
    const args = ["tools/run.mjs", "outputs", "--lang", lang];
    const { status, stderr } = spawnSync(process.execPath, args, { cwd: folder, env, encoding: "utf8" });
    assert.equal(status, 1, stderr);
    return stderr.trim().split("\n").slice(1);
  }
  const fails = 'console.error("npm error code ECONNRESET"); process.exit(1);';

  it("that npm could not download are told with npm's own reason", () => {
    const says = "npm could not install all dependencies. See its message above, then run the command again.";
    assert.deepEqual(said(fails, 5000), ["npm error code ECONNRESET", says]);
    assert.match(said(fails, 5000, "ko")[1]!, /^npm 패키지를 모두 설치하지 못했습니다\. 위의 메시지를 확인한 뒤/);
  });

  // npm 11 ends with 0 then, having warned of each file, and with 1 and no reason where its cache has no room either.
  for (const npm of ["", "process.exit(1);"]) {
    it(`that a full disk cut off are told in one line where npm ends with ${npm === "" ? 0 : 1}`, () => {
      assert.deepEqual(said(npm, 12), [
        "npm could not install all dependencies: the disk has 12 MB of free space, and about 400 MB are needed. Free up space, then run the command again.",
      ]);
      assert.match(
        said(npm, 12, "ko").join("\n"),
        /^디스크 공간이 부족해 .* 남은 공간은 12MB이고 약 400MB가 필요합니다\..*$/,
      );
    });
  }

  it("are installed again, as long as npm's list of them is cut off or lacks one", () => {
    for (const list of ["", '{ "packages": {} }']) {
      const modules = join(folder, "node_modules");
      mkdirSync(join(modules, "@swc", `core-${process.platform}-${process.arch}`), { recursive: true });
      writeFileSync(join(modules, ".package-lock.json"), list);
      assert.deepEqual(said(fails, 5000)[0], "npm error code ECONNRESET");
    }
  });
});
