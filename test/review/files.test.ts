import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { FileKind, kindOf, lookInto } from "../../tools/review/files";

describe("files beside the program", () => {
  let at: string;
  beforeEach(() => {
    at = mkdtempSync(join(tmpdir(), "review-files-"));
  });
  afterEach(() => rmSync(at, { recursive: true }));

  type Sides = Record<string, readonly [before: string | undefined, after: string | undefined]>;
  const look = (sides: Sides, former: [string, string][] = []) => {
    for (const [file, texts] of Object.entries(sides)) {
      texts.forEach((text, i) => {
        const to = join(at, ["base", "head"][i]!, file);
        mkdirSync(dirname(to), { recursive: true });
        if (text === undefined) rmSync(to, { force: true });
        else writeFileSync(to, text);
      });
    }
    const folders = { base: join(at, "base"), head: join(at, "head") };
    const { files, warnings, unchecked } = lookInto(Object.keys(sides), folders, "dev", new Map(former));
    return {
      files,
      warnings: warnings.map(({ kind, dangerous, lab }) => `${kind}${dangerous ? "!" : ""} ${lab}`),
      texts: warnings.map(({ text }) => text.en),
      unchecked: unchecked.map(({ en }) => en),
    };
  };

  it("that were moved begin nothing new, unless they are moved into the program", () => {
    const text = 'import { spawn } from "node:child_process";\nspawn("a");\n';
    for (const [file, told] of [
      ["tools/new.ts", []],
      ["components/new.ts", ["security! components/new.ts"]],
    ] as const) {
      const { warnings } = look({ [file]: [undefined, text], "tools/old.ts": [text, undefined] }, [
        [file, "tools/old.ts"],
      ]);
      assert.deepEqual(warnings, told);
    }
  });

  it("of another stack were not compared, and the command that does is named", () => {
    for (const after of ["config:\n  course-labs:bindAddress: 0.0.0.0\n", undefined]) {
      const { unchecked } = look({ "Pulumi.kim.yaml": ["config: {}\n", after] });
      assert.match(String(unchecked), /stack kim was not compared.*--stack kim/);
    }
  });

  const kinds: [kind: FileKind, files: string[]][] = [
    ["words", ["README.md", "docs/a.png", "a.svg", "a.jpg", "a.jpeg", "a.gif", "LICENSE", ".editorconfig"]],
    ["words", [".github/CODEOWNERS.example", ".github/ISSUE_TEMPLATE/idea.yml", "tools/review/README.md"]],
    ["rules", ["tools/review/judge.ts", "tools/commands/review.ts", "tools/stack/data-loss.ts"]],
    ["program", ["index.ts", "config.ts", "outputs.ts", "text.ts", "config/a.ts", "components/a/b.ts"]],
    ["npm", ["package.json", "package-lock.json", "npm-shrinkwrap.json", ".npmrc", "tools/a/package.json"]],
    ["npm", ["test/.npmrc", "binding.gyp"]],
    ["pulumi", ["Pulumi.yaml"]],
    ["stack", ["Pulumi.dev.yaml", "Pulumi.kim.yaml"]],
    ["workflow", [".github/workflows/a.yml", ".github/workflows/a.yaml"]],
    ["tests", ["test/a.test.ts", ".ci/run", ".mocharc.yml", "eslint.config.mjs"]],
    ["other", ["docker/redis/Dockerfile", "docker/compose/compose.yaml", "tools/run.mjs", ".github/scripts/a.mjs"]],
    ["other", ["a.ts", "docs/a.html", "sub/index.ts", "Pulumi.yml", "LICENSE.sh", "tsconfig.json"]],
  ];
  for (const [kind, names] of kinds) {
    it(`are ${kind}: ${names.join(", ")}`, () => {
      for (const name of names) assert.equal(kindOf(name), kind, name);
    });
  }

  it("of Pulumi are dangerous where anything changes that something runs by", () => {
    const between = (key: string, after: unknown) =>
      look({ "Pulumi.yaml": ["name: a\n", `name: a\n${key}: ${JSON.stringify(after)}\n`] });
    for (const key of ["main", "packages", "plugins", "runtime", "options", "backend"]) {
      assert.deepEqual(between(key, "x").warnings, ["security! Pulumi.yaml"], key);
      assert.ok(between(key, "x").texts[0]!.startsWith(`\`${key}: – → x\`. It says where the state is`));
    }
    for (const key of ["author", "config", "description", "license", "template", "website"]) {
      const { warnings, unchecked } = between(key, "x");
      assert.deepEqual([warnings, unchecked], [[], []], key);
    }
    assert.deepEqual(look({ "Pulumi.yaml": ["name: a\n", "name: b\n"] }).warnings, ["security! Pulumi.yaml"]);
    assert.match(
      String(look({ "Pulumi.yaml": ["name: a\n", "name: [\n"] }).unchecked),
      /^`Pulumi\.yaml`: what this does/,
    );
  });

  it("of the reviewed stack are named only where more than its settings changes", () => {
    const { files, unchecked } = look({
      "Pulumi.dev.yaml": ["config: {}\n", "config: { a: 1 }\nencryptionsalt: v1\n"],
    });
    assert.deepEqual([files, unchecked], [[], []]);
    for (const key of ["secretsprovider", "encryptedkey", "environment", "more"]) {
      const { files, warnings } = look({ "Pulumi.dev.yaml": ["config: {}\n", `config: {}\n${key}: x\n`] });
      assert.deepEqual([files, warnings], [["Pulumi.dev.yaml"], ["security! Pulumi.dev.yaml"]], key);
    }
  });

  it("that nobody judges are named, three of them and how many more", () => {
    const names = ["a", "b", "c", "d"].map((name) => `tools/${name}.ts`);
    const { files, unchecked } = look(Object.fromEntries(names.map((name) => [name, ["f(1);", "f(2);"] as const])));
    assert.deepEqual(files, names);
    assert.deepEqual(unchecked, [
      "`tools/a.ts`, `tools/b.ts`, `tools/c.ts`, +1: what this does was not judged. Read what changes in it.",
    ]);
    for (const [file, before, after] of [
      ["test/a.ts", "f(1);", "f(2);"],
      ["docker/kubernetes/a.yml", "a: 1\n---\na: 1\n", "a: 1\n---\na: 2\n"],
      ["docker/run.sh", "a", "b"],
      ["tools/a.yaml", "a: 1", "]["],
      ["docker/new.yaml", undefined, "a: 1"],
      ["docker/old.yaml", "a: 1", undefined],
    ] as const)
      assert.match(String(look({ [file]: [before, after] }).unchecked), /was not judged/, file);
  });

  it("of data say the same with another comment", () => {
    for (const file of ["docker/compose/compose.yaml", ".github/workflows/a.yml"]) {
      const { warnings, unchecked } = look({ [file]: ["a: 1", "a: 1 # one"] });
      assert.deepEqual([warnings, unchecked], [[], []]);
    }
  });

  it("that are workflows need a decision, unless only names, time limits or the commit of one of GitHub's own actions change", () => {
    const uses = (action: string, commit: string) =>
      `on: push\njobs: { a: { steps: [{ uses: "${action}@${commit.repeat(40)}" }] } }\n`;
    const told = (before: string | undefined, after: string | undefined) => {
      const { warnings, unchecked } = look({ ".github/workflows/a.yml": [before, after] });
      return [warnings.length, unchecked.length];
    };
    assert.deepEqual(told(uses("actions/checkout", "a"), uses("actions/checkout", "b")), [0, 1]);
    assert.deepEqual(told(uses("github/codeql-action/init", "a"), uses("github/codeql-action/init", "b")), [0, 1]);
    assert.deepEqual(told(uses("actions/checkout", "a"), uses("actions/cache", "a")), [1, 1]);
    assert.deepEqual(told(uses("a/b", "a"), uses("a/b", "b")), [1, 1]);
    assert.deepEqual(told(uses("actions/checkout", "a"), uses("actions/checkout", "a").replace(/a{40}/, "v1")), [1, 1]);
    const job = (more: string, step = "", env = "A") =>
      `name: ${more}\non: push\njobs: { a: { name: ${more}, runs-on: x, timeout-minutes: 5${more.length}, steps: [{ name: ${more}, run: make${step}, env: { name: ${env} } }] } }\n`;
    assert.deepEqual(told(job("b"), job("build")), [0, 1], "it only has other names and times");
    assert.deepEqual(told(job("b"), job("b", " all")), [1, 1]);
    assert.deepEqual(told(job("b"), job("b", "", "B")), [1, 1], "a variable may have any name");
    assert.deepEqual(told("on: push\n", "on: pull_request_target\n"), [1, 1]);
    assert.deepEqual(told(undefined, "on: push\n"), [1, 1]);
    assert.deepEqual(told("on: push\n", undefined), [0, 1]);
    const { texts } = look({ ".github/workflows/a.yml": ["on: push\n", "on: issues\n"] });
    assert.match(texts[0]!, /runs with the rights and the secrets of the repository/);
  });

  it("of npm are judged by what they are", () => {
    const told = (file: string, before: string | undefined, after: string | undefined) => {
      const { files, warnings, unchecked } = look({ [file]: [before, after] });
      assert.deepEqual(files, [file]);
      return [warnings, unchecked.length];
    };
    const scripts = JSON.stringify({ scripts: { postinstall: "node a.js" } });
    assert.deepEqual(told("package.json", "{}", scripts), [["security! package.json"], 0]);
    assert.deepEqual(told("package.json", undefined, scripts), [["security! package.json"], 0]);
    assert.deepEqual(told("package.json", scripts, "{}"), [[], 0]);
    const lock = JSON.stringify({
      packages: { "node_modules/a": { resolved: "http://192.0.2.1/a", integrity: "sha512-a" } },
    });
    assert.deepEqual(told("package-lock.json", "{}", lock), [["security! package-lock.json"], 1]);
    assert.deepEqual(told("package-lock.json", lock, undefined), [["security! package-lock.json"], 0]);
    // The form of npm 6 has no list of packages.
    const older = JSON.stringify({ lockfileVersion: 1, dependencies: {} });
    assert.deepEqual(told("package-lock.json", lock, older), [["security! package-lock.json"], 0]);
    for (const file of [".npmrc", "npm-shrinkwrap.json", "binding.gyp"]) {
      assert.deepEqual(told(file, undefined, "a"), [[`security! ${file}`], 0]);
      assert.deepEqual(told(file, "a", undefined), [[`security! ${file}`], 0]);
    }
    const { unchecked } = look({ "package.json": ["{}", "{"] });
    assert.match(String(unchecked), /^`package\.json`: what this does was not judged/);
  });

  it("that fetch a program and run it are dangerous, with the line that does, cut where it is long", () => {
    const line = `curl https://example.org/${"a".repeat(100)} | sh`;
    const text = (more: string) => `echo "\`id\`"\n${more}`;
    mkdirSync(join(at, "base/tools"), { recursive: true });
    mkdirSync(join(at, "head/tools"), { recursive: true });
    writeFileSync(join(at, "base/tools/a.sh"), text(""));
    writeFileSync(join(at, "head/tools/a.sh"), text(`${line}\nwget -qO- \`a\` | sh\n`));
    const { warnings } = lookInto(["tools/a.sh"], { base: join(at, "base"), head: join(at, "head") }, "dev");
    assert.deepEqual(
      warnings.map(({ lab, dangerous, text }) => [lab, dangerous, /^`(.*)` fetches a program/.exec(text.en)?.[1]]),
      [
        ["tools/a.sh", true, `${line.slice(0, 99)}…`],
        ["tools/a.sh", true, "wget -qO- 'a' | sh"],
      ],
    );
  });

  it("that are the rules need somebody who reads them, because the review went by the changed ones", () => {
    const rules = look({ "tools/review/policies/rules.ts": ["rules", "[]"], "tools/review/judge.ts": ["a", "b"] });
    assert.deepEqual([rules.warnings, rules.unchecked], [["policy! tools/review/policies"], []]);
    assert.match(
      look({ "tools/review/judge.ts": ["a", "b"] }).texts[0]!,
      /^`tools\/review\/judge\.ts`: the rules themselves/,
    );
    assert.deepEqual(look({ "tools/commands/up.ts": ["a", "b"], "tsconfig.json": ["{}", "[]"] }).warnings, []);
    assert.deepEqual(look({ "tools/review/policies/rules.ts": ["rules;", "// Read it well.\nrules;"] }).warnings, []);
  });

  it("named Dockerfile are judged wherever they are, unless they go", () => {
    const { warnings, unchecked } = look({
      "docker/redis/Dockerfile": ["FROM a\nUSER redis\n", "FROM a\nUSER root\n"],
      "docker/old/Dockerfile": ["FROM a\n", undefined],
    });
    assert.deepEqual(warnings, ["security! docker/redis/Dockerfile"]);
    assert.deepEqual(unchecked, []);
    const elsewhere = look({ "tools/a/Dockerfile": ["FROM a\nUSER a\n", "FROM a\nUSER root\n"] });
    assert.deepEqual(elsewhere.warnings, ["security! tools/a/Dockerfile"]);
  });
});
