import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { parseArguments, usage } from "../../cli/arguments";
import { LabError } from "../../text";

const refused = (argv: string[], english: RegExp, korean: RegExp) =>
  assert.throws(
    () => parseArguments(argv),
    (error: unknown) => error instanceof LabError && english.test(error.text.en) && korean.test(error.text.ko),
  );

describe("options of the commands", () => {
  it("have defaults", () => {
    assert.deepEqual(parseArguments([]), {
      labs: undefined,
      stack: "dev",
      lang: undefined,
      allowDataLoss: false,
      images: false,
      cluster: false,
      json: false,
      check: {
        byHand: false,
        drill: false,
        cleanedUp: false,
        committed: undefined,
        junit: undefined,
        report: undefined,
        student: undefined,
      },
      folder: undefined,
      help: false,
    });
  });

  it("take labs in any order and give them in the course's", () => {
    assert.deepEqual(parseArguments(["--labs", "compose, redis"]).labs, ["redis", "compose"]);
  });

  it("refuse an unknown lab by name", () => refused(["--labs", "redis,redos"], /--labs has "redos"/, /"redos"/));
  it("refuse an empty list of labs", () => refused(["--labs", ""], /--labs has ""/, /--labs 에 ""/));
  it("refuse an unknown option and show the usage", () => refused(["--lab", "redis"], /'--lab'.*\n\nUsage/s, /사용법/));
  it("refuse words that are no options", () => refused(["redis"], /redis/, /redis/));
  it("take a folder only for grade", () => {
    assert.equal(parseArguments(["reports"], "grade").folder, "reports");
    assert.throws(() => parseArguments(["reports"], "check"), LabError);
  });
  it("refuse a committed image whose name cannot be", () =>
    refused(["--committed", "Mine 1"], /--committed is "Mine 1": it must be an image name/, /"Mine 1"/));
  it("refuse another language", () => refused(["--lang", "fr"], /--lang is "fr": it must be ko or en/, /"fr"/));
  it("refuse a stack's name that would lead out of the folder, or be nothing but dots", () => {
    for (const name of ["../x", "..", ".", ".x"]) {
      refused(["--stack", name], new RegExp(`--stack is "${name.replace("/", "\\/")}"`), /점으로 시작할 수 없습니다/);
    }
    assert.equal(parseArguments(["--stack", "kim.2026_1-a"]).stack, "kim.2026_1-a");
  });

  it("are all in the usage, in both languages", () => {
    for (const option of ["labs", "stack", "lang", "allow-data-loss", "images", "cluster", "json"]) {
      assert.ok(usage.en.includes(`--${option}`) && usage.ko.includes(`--${option}`), option);
    }
  });
});

describe("options that npm keeps for itself, having seen no --", () => {
  /** A command as npm starts it then. */
  const typed = (command: string, env: Record<string, string>) => {
    const run = join(__dirname, "../../cli/run.mjs");
    const { status, stderr } = spawnSync(process.execPath, [run, command], {
      env: { ...process.env, LC_ALL: "C", ...env },
      encoding: "utf8",
    });
    return { status, stderr };
  };

  it("stop the command before it does anything, with the way to write it", () => {
    const { status, stderr } = typed("destroy", { npm_config_labs: "redis", npm_config_allow_data_loss: "true" });
    assert.equal(status, 1);
    assert.match(stderr, /^Nothing was done: .*npm run destroy -- --labs=redis --allow-data-loss /);
    assert.match(stderr, /npm\.cmd run destroy -- /);
  });

  it("are told in Korean, too", () =>
    assert.match(
      typed("up", { npm_config_cluster: "true", LC_ALL: "ko_KR.UTF-8" }).stderr,
      /아무것도 하지 않았습니다.*--cluster/,
    ));

  it("are all that the commands have", () => {
    const all = [...usage.en.matchAll(/^ {2}--([a-z-]+)/gm)].map((found) => found[1] as string);
    assert.ok(all.length > 10);
    for (const name of all.filter((option) => option !== "json")) {
      const { status, stderr } = typed("outputs", { [`npm_config_${name.replaceAll("-", "_")}`]: "true" });
      assert.equal(status, 1, name);
      assert.match(stderr, new RegExp(`--${name}`));
    }
  });
});
