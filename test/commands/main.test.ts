import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir, userInfo } from "node:os";
import { join } from "node:path";
import { LabError } from "../../text";
import { tellOf } from "../../tools/main";

describe("a command that fails", () => {
  /** What is told of it, and its exit code. */
  function told(error: unknown) {
    const { error: print } = console;
    const lines: unknown[] = [];
    console.error = (line: unknown) => lines.push(line);
    try {
      return { code: tellOf(error), lines };
    } finally {
      console.error = print;
    }
  }

  it("exits with 1 if the user has to act, and says only that", () => {
    const { code, lines } = told(new LabError({ en: "do this", ko: "do this" }));
    assert.equal(code, 1);
    assert.deepEqual(lines, ["\ndo this"]);
  });

  const system = (code: string, more: object = {}) => Object.assign(new Error(code), { code, ...more });
  for (const [what, error, says] of [
    ["a full disk", system("ENOSPC", { path: "/home/kim/a" }), "The disk is full (ENOSPC, /home/kim/a). Free up space"],
    ["a full disk, where a file is moved", system("ENOSPC", { path: "a", dest: "b" }), "The disk is full (ENOSPC, b)."],
    ["a full quota, of which no file is told", system("EDQUOT"), "The disk is full (EDQUOT). Free up space"],
    ["a read-only disk", system("EROFS", { path: ".pulumi" }), "You have no permission to write to .pulumi (EROFS)."],
    [
      "a read-only folder",
      system("EACCES", { path: ".pulumi" }),
      "You have no permission to write to .pulumi (EACCES).",
    ],
  ] as const) {
    it(`says what to do about ${what}, and does not call it an error of the labs`, () => {
      const { code, lines } = told(error);
      assert.equal(code, 1);
      assert.equal(lines.length, 1);
      assert.ok(String(lines[0]).startsWith(`\n${says}`), String(lines[0]));
    });
  }

  it("does not mistake a forbidden port for a problem of the disk", () =>
    assert.equal(told(system("EACCES")).code, 70));

  it("exits with a code of its own for an error of the labs, with all that is needed to find it", () => {
    const mistake = new TypeError("x is not a function");
    const { code, lines } = told(mistake);
    assert.equal(code, 70);
    assert.equal(lines.length, 2);
    assert.equal(lines[1], mistake);
  });
});

// Windows has another variable for it.
(process.platform === "win32" ? describe.skip.bind(describe) : describe)("HOME", () => {
  let folder: string;
  before(() => {
    folder = mkdtempSync(join(tmpdir(), "course-labs-home-"));
    // What a program that the command starts would be given.
    writeFileSync(join(folder, "tell.cjs"), 'process.on("exit", () => console.error(`HOME=${process.env.HOME}`));');
  });
  after(() => rmSync(folder, { recursive: true }));
  const homeOf = (HOME: string | undefined) => {
    const env = { ...process.env, HOME, NODE_OPTIONS: `--require=${JSON.stringify(join(folder, "tell.cjs"))}` };
    const args = ["tools/run.mjs", "check", "--help"];
    const { stderr } = spawnSync(process.execPath, args, { cwd: join(__dirname, "../.."), env, encoding: "utf8" });
    return /^HOME=(.*)$/m.exec(stderr)?.[1];
  };

  it("that is not set becomes the user's folder for all programs that a command starts", () => {
    for (const none of [undefined, ""]) assert.equal(homeOf(none), userInfo().homedir);
  });
  it("that is set is kept", () => assert.equal(homeOf(folder), folder));
  it("that is not set is required if the system does not know the user", () => {
    const stranger = join(folder, "stranger.cjs");
    const none = 'require("os").userInfo = () => { throw new Error("ENOENT"); };';
    writeFileSync(stranger, `${none} require("module").syncBuiltinESMExports();`);
    const env = { ...process.env, HOME: undefined, NODE_OPTIONS: `--require=${JSON.stringify(stranger)}` };
    const args = ["tools/run.mjs", "check", "--help", "--lang", "en"];
    const cwd = join(__dirname, "../..");
    const { status, stderr } = spawnSync(process.execPath, args, { cwd, env, encoding: "utf8" });
    assert.deepEqual([status, stderr.split(". ")[0]], [1, "HOME is not set, and this user has no home directory"]);
  });
});

// Windows has neither of these devices.
(process.platform === "win32" ? describe.skip.bind(describe) : describe)("standard output", () => {
  const typed = (line: string) => {
    const env = { ...process.env, LC_ALL: "C" };
    return spawnSync("bash", ["-c", `set -o pipefail; ${line}`], {
      cwd: join(__dirname, "../.."),
      env,
      encoding: "utf8",
    });
  };
  const help = `${JSON.stringify(process.execPath)} tools/run.mjs check --help`;

  const onLinux = process.platform === "linux" ? it : it.skip.bind(it);
  onLinux("that is full ends a command with 1 and one line", () => {
    const { status, stderr } = typed(`${help} > /dev/full`);
    assert.equal(status, 1);
    assert.match(stderr, /^Could not write to standard output \(ENOSPC\)\. .*\n$/);
  });

  it("that is closed, or has no reader any more, ends a command quietly", () => {
    for (const line of [`(sleep 0.2; ${help}) | true`, `${help} >&-`]) {
      const { status, stderr } = typed(line);
      assert.deepEqual({ status, stderr }, { status: 0, stderr: "" }, line);
    }
  });

  it("whose reader leaves half-way ends a command as it would have ended, with all that it has to say", () => {
    const reports = mkdtempSync(join(tmpdir(), "course-labs-reports-"));
    try {
      // More than a pipe holds.
      for (let i = 0; i < 1500; i++) writeFileSync(join(reports, `${"student".repeat(10)}-${i}.html`), "");
      const line = `${JSON.stringify(process.execPath)} tools/run.mjs grade ${reports} --lang en | head -n 1`;
      const { status, stdout, stderr } = typed(line);
      assert.match(stdout, /^\uFEFFfile,.*\r\n$/);
      assert.match(stderr, /^Files: 1500\nNo readable report found in: .*Ask for these reports again\.\n$/);
      assert.equal(status, 1);
    } finally {
      rmSync(reports, { recursive: true });
    }
  });
});
