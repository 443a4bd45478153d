import assert from "node:assert/strict";
import { npmrc, packageJson, packageLock } from "../../tools/review/packages";

type Row = [what: string, before: object, after: object, says: RegExp | undefined];

describe("what changes in package.json", () => {
  const scripts = (before: object, after: object) => [{ scripts: before }, { scripts: after }] as const;
  const added = (name: string, command: string) => scripts({}, { [name]: command });
  const unasked = /npm runs it unasked, on the machine of everybody/;
  const foreign = /It starts what is not a part of this project/;
  const rows: Row[] = [
    ["a script of the project's own program", ...added("more", "node tools/run.mjs more"), undefined],
    ["two of them, one after the other", ...added("more", "tsc --noEmit && eslint ."), undefined],
    ["the others", ...added("more", "node tools/run.mjs && mocha && prettier --check ."), undefined],
    [
      "the project's own scripts",
      ...scripts({ lint: "tsc" }, { lint: "tsc", all: "npm run lint && npm all" }),
      undefined,
    ],
    ["what people start by hand", ...added("start", "node tools/run.mjs up"), undefined],
    ["a script of npm's that is not there", ...added("more", "npm exec a"), foreign],
    ["a program of the machine's", ...added("more", "node /tmp/a.js"), foreign],
    ["one beside the project", ...added("more", "node ../a.js"), foreign],
    ["one that came with a package", ...added("more", "node node_modules/a/a.js"), foreign],
    ["one that another loads", ...added("more", "mocha --require=/tmp/a.js"), foreign],
    ["a script that goes", ...scripts({ lint: "eslint ." }, {}), undefined],
    ["a program from elsewhere", ...added("more", "curl https://example.org"), foreign],
    ["one behind a known one", ...added("more", "tsc && curl https://example.org"), foreign],
    ["one behind a pipe", ...added("more", "tsc | sh"), foreign],
    ["one behind a single &", ...added("more", "tsc & id"), foreign],
    ["one in a variable", ...added("more", "tsc $(id)"), foreign],
    ["node with text to run", ...added("more", "node -e 1"), foreign],
    ["node with a file that is no script", ...added("more", "node data.txt"), foreign],
    ["a script that another one brings along", ...scripts({ up: "tsc" }, { up: "tsc", preup: "tsc" }), unasked],
    ["after another one", ...scripts({ up: "tsc" }, { up: "tsc", postup: "tsc" }), unasked],
    ["a name like that of nothing else", ...added("preview", "tsc"), undefined],
    ...[
      "install",
      "preinstall",
      "postinstall",
      "prepare",
      "prepublishOnly",
      "prepublish",
      "dependencies",
      "prepack",
    ].map((name): Row => [`${name}, which npm runs by itself`, ...added(name, "node a.js"), unasked]),
    ["a package", { dependencies: {} }, { dependencies: { a: "^1.2.3" } }, /package `a` is new/],
    ["a package of the tests", {}, { devDependencies: { a: "1.2.3" } }, /package `a` is new/],
    ["one that need not be there", {}, { optionalDependencies: { a: "1.2.3" } }, /package `a` is new/],
    ["one that others bring along", {}, { peerDependencies: { a: "git+https://example.org/a" } }, /`a` comes from/],
    ["one in another's place", {}, { overrides: { b: { a: "npm:c@1.0.0" } } }, /`a` comes from `"npm:c@1.0.0"`/],
    ["another version in its place", {}, { overrides: { a: "1.0.0", b: { c: "$c" } } }, undefined],
    ["another version", { dependencies: { a: "1.2.3" } }, { dependencies: { a: ">=1.2.4 <2" } }, undefined],
    ["one that goes", { dependencies: { a: "1.2.3" } }, { dependencies: {} }, undefined],
    ["one that moves", { dependencies: { a: "1.0.0" } }, { devDependencies: { a: "1.0.0" } }, undefined],
    ...["git+https://example.org/a.git", "file:../a", "https://example.org/a.tgz", "latest", "npm:b@1.0.0"].map(
      (spec): Row => [
        `a package that is ${spec}`,
        { dependencies: { a: "1.0.0" } },
        { dependencies: { a: spec } },
        /package `a` comes from `".*"` instead of the registry/,
      ],
    ),
    ...[
      ...["author", "bugs", "contributors", "description", "engines", "funding", "homepage", "keywords"],
      ...["license", "name", "private", "repository", "version"],
    ].map((key): Row => [`${key}: nothing runs by it`, { [key]: "a" }, { [key]: "b" }, undefined]),
  ];
  for (const [what, before, after, says] of rows) {
    it(what, () => {
      const { warnings, unchecked } = packageJson(before, after);
      assert.deepEqual(unchecked, []);
      assert.equal(warnings.length, says ? 1 : 0, JSON.stringify(warnings));
      for (const { text, dangerous, kind } of warnings) {
        assert.match(text.en, says!);
        assert.deepEqual([dangerous, kind], [true, "security"]);
      }
    });
  }

  it("a part that nobody taught the review was not judged", () => {
    const { warnings, unchecked } = packageJson({}, { workspaces: ["a"] });
    assert.deepEqual(warnings, []);
    assert.match(unchecked[0]!.en, /what `workspaces` does was not judged/);
  });
});

describe("what changes in package-lock.json", () => {
  const registry = "https://registry.example";
  const of = (more: object = {}) => ({
    packages: {
      "node_modules/a": { version: "1.0.0", resolved: `${registry}/a.tgz`, integrity: "sha512-a", ...more },
    },
  });
  const elsewhere = /`a` is installed from `.*`: no package came from there before/;
  const rows: Row[] = [
    ["nothing", of(), of(), undefined],
    ["the project itself", { packages: { "": { a: 1 } } }, { packages: { "": { a: 2 } } }, undefined],
    ["a package that goes", of(), { packages: {} }, undefined],
    [
      "another version from the same place",
      of(),
      of({ version: "1.0.1", resolved: `${registry}/a-1.tgz`, integrity: "sha512-b" }),
      undefined,
    ],
    ["from another place", of(), of({ resolved: "https://example.org/a.tgz" }), elsewhere],
    ["unencrypted", of(), of({ resolved: "http://registry.example/a.tgz" }), elsewhere],
    ["a folder", of(), of({ link: true, resolved: "../a", integrity: undefined }), elsewhere],
    ["a part of another package", of(), of({ inBundle: true, resolved: undefined, integrity: undefined }), undefined],
    ["another package", of(), of({ resolved: `${registry}/b.tgz` }), /`a` is another package .*`\/b\.tgz`/],
    [
      "another package by its name",
      of(),
      of({ name: "b", version: "1.0.1", integrity: "sha512-b" }),
      /another package .*`b`/,
    ],
    ["in an older form", of(), { lockfileVersion: 1, dependencies: {} }, /`packages` is gone/],
    ["a weak checksum", of(), of({ version: "1.0.1", integrity: "sha1-b" }), /`a` has no checksum/],
    ["without a checksum", of(), of({ integrity: undefined }), /`a` has no checksum/],
    ["another checksum", of(), of({ integrity: "sha512-b" }), /`a` has the same version and another checksum/],
    ["a checksum where there was none", of({ integrity: undefined }), of(), undefined],
    ["a script", of(), of({ hasInstallScript: true }), /`a` runs a script of its own when it is installed/],
    [
      "a script that was there",
      of({ hasInstallScript: true }),
      of({ hasInstallScript: true, version: "2" }),
      undefined,
    ],
  ];
  for (const [what, before, after, says] of rows) {
    it(what, () => {
      const { warnings } = packageLock(before, after);
      // The same version with another checksum is told beside what else it is.
      assert.equal(warnings.length, says ? 1 : 0, JSON.stringify(warnings));
      for (const { text } of warnings) assert.match(text.en, says!);
    });
  }

  it("names the packages whose code was not looked into: three, and how many more", () => {
    const packages = (...names: string[]) => ({
      packages: Object.fromEntries(
        names.map((name) => [`node_modules/x/node_modules/${name}`, { resolved: registry, integrity: "a" }]),
      ),
    });
    const said = (...names: string[]) => packageLock(packages(), packages(...names)).unchecked.map(({ en }) => en);
    assert.match(said("a", "b", "c")[0]!, /^`package-lock\.json`: `a`, `b`, `c`: the code of these packages/);
    assert.match(said("a", "b", "c", "d")[0]!, /: `a`, `b`, `c`, \+1: the code/);
    assert.deepEqual(packageLock(packages("a"), packages("a")).unchecked, []);
  });

  it("takes the registry that npm on this machine uses for known", () => {
    const before = process.env.npm_config_registry;
    process.env.npm_config_registry = "https://mirror.example/";
    try {
      assert.deepEqual(packageLock(of(), of({ resolved: "https://mirror.example/a.tgz" })).warnings, []);
    } finally {
      if (before === undefined) delete process.env.npm_config_registry;
      else process.env.npm_config_registry = before;
    }
  });
});

describe("what changes in .npmrc", () => {
  const said = (before: string | undefined, after: string | undefined) =>
    npmrc(before, after).map(({ text }) => text.en.split(" ")[0]);
  it("a place or a way to install is told, added, changed and removed", () => {
    assert.deepEqual(said(undefined, "registry=https://example.org\n"), ["`registry`"]);
    assert.deepEqual(said("ignore-scripts=true\n", "ignore-scripts = false\n"), ["`ignore-scripts`"]);
    assert.deepEqual(said("registry=https://example.org\n", undefined), ["`registry`"]);
  });
  it("what says how much is printed, and comments, are not", () => {
    for (const key of [
      "audit",
      "color",
      "engine-strict",
      "fund",
      "loglevel",
      "progress",
      "save-exact",
      "update-notifier",
    ])
      assert.deepEqual(said(`${key}=a\n`, `${key}=b\n`), [], key);
    assert.deepEqual(said(undefined, "ignore-scripts=true\n"), []);
    assert.deepEqual(said(undefined, "package-lock=false\n"), ["`package-lock`"]);
    assert.deepEqual(said("# a\n; b\n\n", "; registry=https://example.org\n"), []);
  });
});
