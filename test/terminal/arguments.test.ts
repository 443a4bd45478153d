import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { Arguments, CheckArguments, parseArguments, usage } from "../../tools/terminal/arguments";
import { LabError } from "../../text";
import { commandNamed, commands, others } from "../../tools/commands";

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
        attach: [],
        student: undefined,
      },
      folder: undefined,
      help: false,
    });
  });

  /** Every option, as it is typed, and the one field that it sets. */
  const options: [typed: string[], sets: Partial<Omit<Arguments, "check">> & { check?: Partial<CheckArguments> }][] = [
    [["--labs", "redis"], { labs: ["redis"] }],
    [["--stack", "kim"], { stack: "kim" }],
    [["--lang", "ko"], {}],
    [["--lang", "en"], {}],
    [["--allow-data-loss"], { allowDataLoss: true }],
    [["--images"], { images: true }],
    [["--cluster"], { cluster: true }],
    [["--json"], { json: true }],
    [["--by-hand"], { check: { byHand: true } }],
    [["--drill"], { check: { drill: true } }],
    [["--committed", "mine:2"], { check: { committed: "mine:2" } }],
    [["--cleaned-up"], { check: { cleanedUp: true } }],
    [["--junit", "a.xml"], { check: { junit: "a.xml" } }],
    [["--report", "a.html"], { check: { report: "a.html" } }],
    [
      ["--attach", "b.html", "--attach", "c.html", "--report", "a.html"],
      { check: { report: "a.html", attach: ["b.html", "c.html"] } },
    ],
    [["--student", "Kim"], { check: { student: "Kim" } }],
    [["--help"], { help: true }],
  ];
  for (const [typed, sets] of options) {
    it(`each set one field: ${typed.join(" ")}`, () => {
      const { check, ...others } = parseArguments([]);
      assert.deepEqual(parseArguments(typed), { ...others, ...sets, check: { ...check, ...sets.check } });
    });
  }

  it("accept labs in any order and return them in the order of the course", () => {
    assert.deepEqual(parseArguments(["--labs", "compose, redis"]).labs, ["redis", "compose"]);
  });

  it("refuse an unknown lab and name it", () =>
    refused(["--labs", "redis,redos"], /--labs contains "redos"/, /"redos"/));
  it("refuse an empty list of labs", () =>
    refused(["--labs", ","], /--labs contains ""/, /알 수 없는 실습이 있습니다: ""/));
  it("refuse an empty value, as of a variable that is not set", () => {
    for (const option of ["labs", "report", "student", "junit", "committed", "lang"]) {
      refused(
        [`--${option}`, " "],
        new RegExp(`^--${option} is " "\\. Write it with a value: --${option} `),
        /값과 함께/,
      );
    }
  });
  it("refuse a second value, of which only one would count", () => {
    refused(
      ["--labs", "redis", "--labs", "compose"],
      /--labs is given more than once.*Write it once: --labs a,b/,
      /한 번만/,
    );
    refused(["--stack=dev", "--stack=kim"], /--stack is given more than once/, /--stack 옵션을 두 번 이상/);
    assert.equal(parseArguments(["--json", "--json"]).json, true);
  });
  it("refuse an option of another command, which would do nothing", () => {
    const told = (command: string, ...argv: string[]) => {
      try {
        return parseArguments(argv, command).help;
      } catch (error) {
        return (error as LabError).text.en.split("\n")[0];
      }
    };
    assert.equal(told("destroy", "--by-hand"), "--by-hand is not an option of destroy, but of check, doctor.");
    assert.equal(told("up", "--report", "a.html"), "--report is not an option of up, but of check.");
    assert.equal(told("preview", "--json"), "--json is not an option of preview, but of outputs, check, doctor.");
    for (const command of ["outputs", "check", "doctor"]) assert.equal(told(command, "--json"), false);
  });
  it("refuse an unknown option and show the usage", () => refused(["--lab", "redis"], /'--lab'.*\n\nUsage/s, /사용법/));
  it("explain the errors of parseArgs in Korean", () => {
    const korean = (argv: string[]) => {
      try {
        parseArguments(argv);
      } catch (error) {
        return (error as LabError).text.ko.split("\n")[0];
      }
      return "accepted";
    };
    assert.equal(korean(["--lab", "redis"]), "알 수 없는 옵션입니다: --lab");
    assert.equal(korean(["redis"]), "옵션이 아닌 값은 쓸 수 없습니다: redis");
    assert.equal(korean(["--labs"]), "--labs 옵션에 값이 필요합니다.");
    assert.equal(korean(["--labs", "--json"]), "--labs 옵션에 값이 필요합니다.");
    assert.equal(korean(["--json=yes"]), "--json 옵션에는 값을 쓸 수 없습니다.");
  });
  it("refuse positional arguments", () => refused(["redis"], /redis/, /redis/));
  it("accept a folder only for grade", () => {
    assert.equal(parseArguments(["reports"], "grade").folder, "reports");
    assert.throws(() => parseArguments(["reports"], "check"), LabError);
    assert.throws(() => parseArguments(["a.html", "b.html"], "grade"), /"b\.html" is one too many/);
  });
  it("refuse an invalid name of a committed image", () =>
    refused(["--committed", "Mine 1"], /--committed is "Mine 1": it must be an image name/, /"Mine 1"/));
  it("refuse to attach a page without a report", () =>
    refused(["--attach", "b.html"], /--attach is "b\.html", but there is no report .*add --report/, /"b\.html"/));
  it("refuse another language", () => refused(["--lang", "fr"], /--lang is "fr": it must be ko or en/, /"fr"/));
  it("refuse a stack name that leaves the folder or consists of dots", () => {
    for (const name of ["../x", "..", ".", ".x", "Pulumi.kim.yaml"]) {
      refused(["--stack", name], new RegExp(`--stack is "${name.replace("/", "\\/")}"`), /점으로 시작할 수 없습니다/);
    }
    assert.equal(parseArguments(["--stack", "kim.2026_1-a"]).stack, "kim.2026_1-a");
  });

  it("are all described in the usage, in both languages", () => {
    const typed = new Set(options.map(([[option]]) => option).filter((option) => option !== "--help"));
    for (const text of [usage.en, usage.ko]) {
      assert.deepEqual(new Set([...text.matchAll(/^ {2}(--[a-z-]+)/gm)].map(([, option]) => option)), typed);
    }
  });

  for (const [stack, taken] of [
    ["a".repeat(100), true],
    ["a".repeat(101), false],
    ["", false],
  ] as const) {
    it(`${taken ? "take" : "refuse"} a stack's name of ${stack.length} characters`, () => {
      if (taken) assert.equal(parseArguments(["--stack", stack]).stack, stack);
      else refused(["--stack", stack], /--stack is "/, /--stack 옵션의 값이 "/);
    });
  }
});

describe("the help of a command", function () {
  this.timeout(60_000);

  const help = (command: string) => {
    const run = join(__dirname, "../../tools/run.mjs");
    return spawnSync(process.execPath, [run, command, "--help"], {
      env: { ...process.env, LC_ALL: "C" },
      encoding: "utf8",
    });
  };

  for (const command of ["up", "review", "class", "see", "shell"]) {
    it(`is printed to standard output: ${command}`, () => {
      const { status, stdout, stderr } = help(command);
      assert.equal(status, 0);
      assert.match(stdout, /--stack NAME/);
      assert.equal(stderr, "");
    });
  }

  it("describes every command in both languages", () => {
    const all = [...Object.keys(commands), ...Object.keys(others)].sort();
    for (const text of [usage.en, usage.ko]) {
      assert.deepEqual([...text.matchAll(/^ {2}([a-z]+) {3}/gm)].map(([, name]) => name).sort(), all);
    }
  });

  it("lists all commands if a command does not exist", () =>
    assert.throws(() => commandNamed("deploy"), /There is no command "deploy"\. .*up, .*review, see, class, shell$/));
});

describe("options that npm consumes without --", function () {
  // Each is a process of its own, which takes seconds to start on a busy machine.
  this.timeout(60_000);

  /** A command as npm starts it then. */
  const typed = (command: string, env: Record<string, string>) => {
    const run = join(__dirname, "../../tools/run.mjs");
    const { status, stderr } = spawnSync(process.execPath, [run, command], {
      env: { ...process.env, LC_ALL: "C", ...env },
      encoding: "utf8",
    });
    return { status, stderr };
  };

  it("stop the command before it does anything, and show the correct command", () => {
    const { status, stderr } = typed("destroy", { npm_config_labs: "redis", npm_config_allow_data_loss: "true" });
    assert.equal(status, 1);
    assert.match(stderr, /^\nNothing was done, .*npm run destroy -- --labs=redis --allow-data-loss /);
    assert.match(stderr, /npm\.cmd run destroy -- /);
  });

  it("are explained in Korean, too", () =>
    assert.match(
      typed("up", { npm_config_cluster: "true", LC_ALL: "ko_KR.UTF-8" }).stderr,
      /아무것도 실행하지 않았습니다.*--cluster/,
    ));

  it("do not stop a command for a --json that may be meant for npm", () => {
    const { stderr } = typed("grade", { npm_config_json: "true", npm_config_images: "true" });
    assert.deepEqual(stderr.match(/--[a-z-]+/g)?.includes("--json"), false);
  });

  it("include all options of the commands", () => {
    const all = [...usage.en.matchAll(/^ {2}--([a-z-]+)/gm)].map((found) => found[1] as string);
    const env = all.map((name) => [`npm_config_${name.replaceAll("-", "_")}`, "true"]);
    const { status, stderr } = typed("outputs", Object.fromEntries(env) as Record<string, string>);
    assert.equal(status, 1);
    assert.deepEqual(new Set(stderr.match(/--[a-z-]+/g)), new Set(all.map((name) => `--${name}`)));
  });
});
