import assert from "node:assert/strict";
import { packageJson, packageLock } from "../../tools/review/packages";

type Row = [what: string, before: object, after: object, says: RegExp | undefined];

describe("what changes in package.json", () => {
  const scripts = (before: object, after: object) => [{ scripts: before }, { scripts: after }] as const;
  const added = (name: string, command: string) => scripts({}, { [name]: command });
  const runs = /^script `\w+`: `.*`\. npm runs it on the machine of everybody/;
  const rows: Row[] = [
    ["a script of the project's own program", ...added("more", "node tools/run.mjs more"), undefined],
    [
      "the others, one after the other",
      ...added("all", "tsc && npm run lint && mocha && prettier --check ."),
      undefined,
    ],
    ["a program beside the project", ...added("more", "node ../a.js"), runs],
    ["one of the machine's", ...added("more", "node /tmp/a.js"), runs],
    ["one that came with a package", ...added("more", "node node_modules/a/a.js"), runs],
    ["one that another loads", ...added("more", "mocha --require=/tmp/a.js"), runs],
    ["one from elsewhere", ...added("more", "curl https://example.org"), runs],
    ["one behind a known one", ...added("more", "tsc && curl https://example.org"), runs],
    ["one behind a pipe", ...added("more", "tsc | sh"), runs],
    ["one behind a single &", ...added("more", "tsc & id"), runs],
    ["one in a variable", ...added("more", "tsc $(id)"), runs],
    ["node with text to run", ...added("more", "node -e 1"), runs],
    ["npm with a package", ...added("more", "npm exec a"), runs],
    ...["install", "preinstall", "postinstall", "prepare", "prepublish", "prepack", "postup", "dependencies"].map(
      (name): Row => [`${name}, which npm runs by itself`, ...added(name, "node a.js"), runs],
    ),
    ["a script that is new", ...scripts({}, { postinstall: "node a.js" }), runs],
    ["a script that changes", ...scripts({ up: "tsc" }, { up: "tsc && id" }), /`tsc → tsc && id`/],
    ["a script that stays", ...scripts({ up: "tsc" }, { up: "tsc" }), undefined],
    ["a script that goes", ...scripts({ lint: "eslint ." }, {}), undefined],
    ["a package", { dependencies: {} }, { dependencies: { a: "^1.2.3" } }, /package `a` is new/],
    ["a package of the tests", {}, { devDependencies: { a: "1.2.3" } }, /package `a` is new/],
    ["one that need not be there", {}, { optionalDependencies: { a: "1.2.3" } }, /package `a` is new/],
    ["one that others bring along", {}, { peerDependencies: { a: "git+https://example.org/a" } }, /`a` comes from/],
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

  it("says of a part that it does not know that it was not judged", () => {
    for (const part of ["workspaces", "overrides"]) {
      const { warnings, unchecked } = packageJson({}, { [part]: ["a"] });
      assert.deepEqual(warnings, []);
      assert.equal(unchecked.length, 1);
      assert.ok(unchecked[0]!.en.includes(`what \`${part}\` does was not judged`));
    }
  });
});

describe("what changes in package-lock.json", () => {
  const registry = "https://registry.example";
  const of = (more: object = {}) => ({
    packages: {
      "node_modules/a": { version: "1.0.0", resolved: `${registry}/a.tgz`, integrity: "sha512-a", ...more },
    },
  });
  const field = (name: string) => new RegExp(`^\`a\`: \`${name}: .* → .*\`\\. It comes from another place`);
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
    ["from another place", of(), of({ resolved: "https://example.org/a.tgz" }), field("resolved")],
    ["unencrypted", of(), of({ resolved: "http://registry.example/a.tgz" }), field("resolved")],
    ["from nowhere", of(), of({ resolved: undefined }), field("resolved")],
    ["a folder", of(), of({ link: true, resolved: "../a", integrity: undefined }), field("resolved")],
    [
      "the same folder with another version",
      of({ link: true, resolved: "../a" }),
      of({ link: true, resolved: "../a", version: "2" }),
      field("resolved"),
    ],
    ["a part of another package", of(), of({ inBundle: true, resolved: undefined, integrity: undefined }), undefined],
    ["another package", of(), of({ resolved: `${registry}/b.tgz` }), field("resolved")],
    [
      "a package with a scope",
      of(),
      { packages: { "node_modules/@x/a": { resolved: `${registry}/%40x/a.tgz`, integrity: "sha512-a" } } },
      undefined,
    ],
    ["another package by its name", of(), of({ name: "b" }), field("name")],
    ["another package as before", of({ name: "b" }), of({ name: "b", version: "2" }), undefined],
    ["a weak checksum", of(), of({ version: "1.0.1", integrity: "sha1-b" }), field("integrity")],
    ["without a checksum", of(), of({ integrity: undefined }), field("integrity")],
    ["a checksum where there was none", of({ integrity: undefined }), of(), undefined],
    ["a script", of(), of({ hasInstallScript: true }), field("hasInstallScript")],
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
