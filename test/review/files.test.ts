import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { byHand } from "../../tools/review/editions";
import { lookInto } from "../../tools/review/files";

describe("what people build from and apply by hand", () => {
  const root = join(__dirname, "../..");
  /** What is said where something in a file of the project stands otherwise. */
  const said = (file: string, ...edits: [string | RegExp, string][]) => {
    const before = readFileSync(join(root, file), "utf8");
    const after = edits.reduce((text, [from, to]) => {
      assert.notEqual(text.replace(from, to), text, String(from));
      return text.replace(from, to);
    }, before);
    return byHand(file, before, after)?.map(({ kind, dangerous, text }) => `${kind}${dangerous ? "!" : ""} ${text.en}`);
  };
  const [dockerfile, compose, kubernetes] = [
    "docker/redis/Dockerfile",
    "docker/compose/compose.yaml",
    "docker/kubernetes/wordpress-k8s.yml",
  ];

  for (const file of [dockerfile, compose, kubernetes]) {
    it(`a comment in ${file} opens nothing`, () => assert.deepEqual(said(file, [/$/, "\n# Read it well.\n"]), []));
  }

  it("a Dockerfile that runs as root, says so or not", () => {
    for (const user of ["USER root", "USER 0:0", ""]) {
      assert.match(String(said(dockerfile, ["USER redis", user])), /^security! .*root instead of `redis`/, user);
    }
    assert.deepEqual(said(dockerfile, ["USER redis", "USER 999"]), []);
  });

  it("a Dockerfile with another port", () => {
    assert.match(String(said(dockerfile, ["EXPOSE 6379", "EXPOSE 6379 22"])), /^exposure .*port `22`/);
  });

  it("a port of compose that is open to everyone, however it is written", () => {
    for (const port of ["30000:80", "0.0.0.0:30000:80", "[::]:30000:80/tcp", "80"]) {
      assert.match(String(said(compose, ["127.0.0.1:30000:80", port])), /exposure! .*: port \d+ is open on/, port);
    }
    const long = "{ target: 80, published: 30000, host_ip: 0.0.0.0 }";
    assert.match(String(said(compose, ['"127.0.0.1:30000:80"', long])), /exposure! .*port 30000 is open on 0\.0\.0\.0/);
    assert.deepEqual(said(compose, ["127.0.0.1:30000:80", "127.0.0.1:30001:80"]), []);
    assert.deepEqual(said(compose, ["127.0.0.1:30000:80", "[::1]:30000:80"]), []);
  });

  it("a database of compose of another version, a folder of the machine, root on the machine", () => {
    assert.match(
      String(said(compose, ["mysql:9.7.2", "mysql:10.0.0"])),
      /version! .*`mysql:9\.7\.2` → `mysql:10\.0\.0`/,
    );
    assert.match(String(said(compose, ["- mysql-data:/", "- /etc:/etc\n      - mysql-data:/"])), /security! .*\/etc/);
    const more = "restart: unless-stopped\n    privileged: true\n";
    assert.match(String(said(compose, ["restart: unless-stopped\n", more])), /security! .*privileged/);
  });

  it("an object of Kubernetes that is opened or loosened", () => {
    assert.match(String(said(kubernetes, ["runAsNonRoot: true", "runAsNonRoot: false"])), /security! .*root/);
    assert.match(String(said(kubernetes, [/image: mysql:\S+/, "image: mysql:10.0.0"])), /version! /);
    assert.match(String(said(kubernetes, ["type: NodePort", "type: LoadBalancer"])), /exposure! .*LoadBalancer/);
  });

  it("what cannot be read is not called harmless", () => {
    assert.equal(said(compose, [/$/, "\n]["]), undefined);
    assert.equal(byHand("docker/run.sh", "a", "b"), undefined);
    assert.equal(byHand("docker/other.yaml", "a: 1", "a: 2"), undefined);
  });
});

describe("files beside the program", () => {
  let at: string;
  beforeEach(() => {
    at = mkdtempSync(join(tmpdir(), "review-files-"));
  });
  afterEach(() => rmSync(at, { recursive: true }));

  const look = (sides: Record<string, [before: string | undefined, after: string | undefined]>) => {
    for (const [file, texts] of Object.entries(sides)) {
      texts.forEach((text, i) => {
        const to = join(at, ["base", "head"][i]!, file);
        mkdirSync(dirname(to), { recursive: true });
        if (text !== undefined) writeFileSync(to, text);
      });
    }
    const folders = { base: join(at, "base"), head: join(at, "head") };
    const { files, warnings, unchecked } = lookInto(Object.keys(sides), folders, "dev");
    return {
      files,
      warnings: warnings.map(({ kind, dangerous, lab }) => `${kind}${dangerous ? "!" : ""} ${lab}`),
      unchecked: unchecked.map(({ en }) => en),
    };
  };

  it("another stack's file, or one that goes: it was not compared, and how it is", () => {
    for (const after of ["config:\n  course-labs:bindAddress: 0.0.0.0\n", undefined]) {
      const { unchecked } = look({ "Pulumi.kim.yaml": ["config: {}\n", after] });
      assert.match(String(unchecked), /stack kim was not compared.*--stack kim/);
    }
  });

  it("another place for the state", () => {
    const url = (url: string) => `name: course-labs\nbackend:\n  url: ${url}\n`;
    assert.deepEqual(look({ "Pulumi.yaml": [url("file://."), url("file:///srv")] }).warnings, [
      "availability! Pulumi.yaml",
    ]);
    assert.deepEqual(look({ "Pulumi.yaml": [url("file://."), `${url("file://.")}description: labs\n`] }).warnings, []);
  });

  it("rules that change judge both sides: somebody has to read them", () => {
    const rules = look({ "tools/review/policies/rules.ts": ["rules", "[]"], "tools/review/judge.ts": ["a", "b"] });
    assert.deepEqual([rules.warnings, rules.unchecked], [["policy! tools/review/policies"], []]);
    assert.deepEqual(look({ "tools/commands/up.ts": ["a", "b"], ".github/workflows/ci.yml": ["a", "b"] }).warnings, []);
    assert.deepEqual(look({ "tools/review/policies/rules.ts": ["rules;", "// Read it well.\nrules;"] }).warnings, []);
  });

  it("below docker/: what opens, and what was not looked into", () => {
    const { warnings, unchecked } = look({
      "docker/redis/Dockerfile": ["FROM a\nUSER redis\n", "FROM a\nUSER root\n"],
      "docker/run.sh": ["a", "b"],
    });
    assert.deepEqual(warnings, ["security! docker/redis/Dockerfile"]);
    assert.match(String(unchecked), /^`docker\/run\.sh`: it was not looked into/);
  });
});
