import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";

const root = join(__dirname, "..");

/** Which of some versions the commands run on. */
function runOn(versions: readonly string[]): string[] {
  const script = `
    import { runsOn } from "./tools/node-version.mjs";
    console.log(JSON.stringify(${JSON.stringify(versions)}.filter(runsOn)));`;
  const out = execFileSync(process.execPath, ["--input-type=module", "--eval", script], { cwd: root });
  return JSON.parse(out.toString()) as string[];
}

describe("the version of Node.js", () => {
  const good = ["20.19.0", "20.20.2", "22.12.0", "22.21.1", "23.0.0", "24.11.0", "26.0.0"];
  const bad = ["12.22.12", "18.20.8", "20.18.3", "21.7.3", "22.0.0", "22.11.0"];

  it("can load all packages", () => assert.deepEqual(runOn([...good, ...bad]), good));

  it("is the one in package.json", () => {
    const { engines } = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as { engines: { node: string } };
    assert.equal(engines.node, "^20.19 || >=22.12");
  });

  it("includes this one", () => assert.deepEqual(runOn([process.versions.node]), [process.versions.node]));
});

describe("an unsupported version of Node.js", () => {
  for (const [lang, says] of [
    [
      "en",
      /^This is Node\.js 21\.7\.3, but 20\.19 \(or a newer 20\.x\), or 22\.12 or newer is required\. .*nodejs\.org\n$/,
    ],
    ["ko", /^현재 Node\.js 버전은 21\.7\.3입니다\. .*22\.12 이상 버전이 필요합니다\..*nodejs\.org\n$/],
  ] as const) {
    it(`is refused in one line, in ${lang}`, () => {
      const pretend = `data:text/javascript,Object.defineProperty(process, "versions", { value: { node: "21.7.3" } });`;
      const args = ["--import", pretend, "tools/run.mjs", "up", "--lang", lang];
      assert.throws(
        () => execFileSync(process.execPath, args, { cwd: root, stdio: "pipe" }),
        ({ status, stderr }: { status: number; stderr: Buffer }) => status === 1 && says.test(stderr.toString()),
      );
    });
  }
});
