import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import { delimiter } from "node:path";
import { parseShell, script, Shell } from "../../tools/commands/shell";
import { LabError } from "../../text";

/** What a folder may be called. */
const names = ["/home/lee/course labs", '/home/o\'neil/"labs"', "/home/김 철수/실습", "/tmp/$HOME/`id`/\\n/a;b&c/‘x’"];

const shells: { shell: Shell; program: string; run: (lines: string) => string[] }[] = [
  // It reads the startup file of whoever runs the tests where its input is a socket, as one from Node.js is.
  {
    shell: "posix",
    program: "bash",
    run: (lines) => ["--norc", "-c", `set -eu\n${lines}\nprintf '%s\\n' "$TOLD" "$PATH"`],
  },
  { shell: "posix", program: "zsh", run: (lines) => ["-fc", `set -eu\n${lines}\nprintf '%s\\n' "$TOLD" "$PATH"`] },
  { shell: "posix", program: "dash", run: (lines) => ["-c", `set -eu\n${lines}\nprintf '%s\\n' "$TOLD" "$PATH"`] },
  { shell: "fish", program: "fish", run: (lines) => ["-Nc", `${lines}\nprintf '%s\\n' $TOLD (string join : $PATH)`] },
  {
    shell: "powershell",
    program: "pwsh",
    run: (lines) => ["-NoProfile", "-Command", `${lines}\n$env:TOLD; $env:PATH`],
  },
];
const has = (program: string) => spawnSync(program, ["--version"]).error === undefined;

describe("the commands for a shell", () => {
  for (const { shell, program, run } of shells.filter((one) => has(one.program))) {
    for (const name of names) {
      it(`set ${name} in ${program}`, () => {
        const before = { PATH: process.env.PATH };
        const after = { PATH: [name, process.env.PATH].join(delimiter), TOLD: `${name}/passphrase` };
        const env = { ...process.env, ...before, BASH_ENV: undefined };
        const [told, path] = execFileSync(program, run(script(shell, before, after)), { encoding: "utf8", env }).split(
          "\n",
        );
        assert.equal(told, after.TOLD);
        assert.equal(path?.trim(), after.PATH);
      });
    }
  }

  it("do the same in every shell", () => {
    const before = { PATH: ["/a", "/b"].join(delimiter), DOCKER_CONTEXT: "far", LANG: "C" };
    const after = { PATH: ["/it's", "/a", "/b"].join(delimiter), LANG: "C", DOCKER_HOST: "unix:///run/d o" };
    assert.equal(
      script("posix", before, after),
      `export PATH='/it'\\''s':"$PATH";\nunset DOCKER_CONTEXT;\nexport DOCKER_HOST='unix:///run/d o';\n`,
    );
    assert.equal(
      script("fish", before, after),
      `set -gx PATH '/it\\'s' $PATH;\nset -e DOCKER_CONTEXT;\nset -gx DOCKER_HOST 'unix:///run/d o';\n`,
    );
    assert.equal(
      script("powershell", before, after),
      `$env:PATH = '/it''s${delimiter}' + $env:PATH;\nRemove-Item Env:DOCKER_CONTEXT;\n$env:DOCKER_HOST = 'unix:///run/d o';\n`,
    );
  });

  it("are empty if nothing has to change", () => assert.equal(script("posix", { PATH: "/a" }, { PATH: "/a" }), ""));

  it("are for the specified shell and stack", () => {
    assert.deepEqual(parseShell([]), { shell: "posix", stack: "dev", help: false });
    assert.deepEqual(parseShell(["--fish", "--stack", "kim"]), { shell: "fish", stack: "kim", help: false });
    assert.equal(parseShell(["--powershell"]).shell, "powershell");
  });

  for (const wrong of [["--tcsh"], ["--stack", "../x"], ["bash"]]) {
    it(`are not printed for ${wrong.join(" ")}, but the usage is`, () =>
      assert.throws(
        () => parseShell(wrong),
        ({ text }: LabError) => text.en.includes(wrong[0] ?? "") && /eval "\$\(npm run/.test(text.en + text.ko),
      ));
  }
});
