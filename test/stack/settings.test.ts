import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { settingsOf, withoutSalt } from "../../tools/stack/settings";
import { LabError } from "../../text";

describe("settings in a stack's file", () => {
  const home = process.cwd();
  let folder: string;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "course-labs-settings-"));
    process.chdir(folder);
  });
  afterEach(() => {
    process.chdir(home);
    rmSync(folder, { recursive: true });
  });

  it("are the defaults if there is no file", () => {
    assert.equal(settingsOf("dev").redisPort, 6379);
  });

  it("are those of this project only", () => {
    writeFileSync(
      "Pulumi.dev.yaml",
      "config:\n  pulumi:disable-default-providers: [docker]\n  course-labs:redisPort: 6380\n  course-labs:labs: [redis]\n",
    );
    const settings = settingsOf("dev");
    assert.equal(settings.redisPort, 6380);
    assert.deepEqual(settings.labs, ["redis"]);
  });

  it("belong to the project if they have no namespace", () => {
    writeFileSync("Pulumi.dev.yaml", "config:\n  composePort: 30001\n");
    assert.equal(settingsOf("dev").composePort, 30001);
  });

  it("are those of the specified stack", () => {
    writeFileSync("Pulumi.kim.yaml", "config:\n  course-labs:prefix: kim-\n");
    assert.equal(settingsOf("kim").prefix, "kim-");
    assert.equal(settingsOf("dev").prefix, "");
  });

  it("come from Pulumi.yaml unless the stack's file overrides them", () => {
    const described = "{ type: string, default: kim- }";
    writeFileSync(
      "Pulumi.yaml",
      `config:\n  course-labs:redisPort: 6380\n  prefix: ${described}\n  composePort: { value: 30002, default: 30001 }\n  course-labs:labs: [redis]\n`,
    );
    writeFileSync("Pulumi.dev.yaml", "config:\n  course-labs:redisPort: 6381\n");
    const { redisPort, prefix, composePort, labs } = settingsOf("dev");
    assert.deepEqual(
      { redisPort, prefix, composePort, labs },
      { redisPort: 6381, prefix: "kim-", composePort: 30002, labs: ["redis"] },
    );
    assert.equal(settingsOf("lee").redisPort, 6380);
  });

  it("with the namespace of another project are refused", () => {
    writeFileSync("Pulumi.dev.yaml", "config:\n  course-lab:redisPort: 6380\n");
    assert.throws(
      () => settingsOf("dev"),
      /Setting course-lab:redisPort in Pulumi\.dev\.yaml .* Did you mean course-labs:redisPort\?/,
    );
  });

  const silent: [what: string, content: string, english: RegExp, korean: RegExp][] = [
    [
      "that stand outside config:",
      "config:\n  course-labs:labs: [redis]\ncourse-labs:redisPort: 6380\n",
      /^course-labs:redisPort in Pulumi\.dev\.yaml would be ignored, .*not indented below config:\. Indent it by two spaces:\nconfig:\n {2}course-labs:redisPort/,
      /course-labs:redisPort 설정은 config: 아래에 들여쓰지 않아/,
    ],
    [
      "that stand outside config:, without the project's name",
      "config:\n  course-labs:labs: [redis]\nredisPort: 6380\n",
      /redisPort in .*not indented below config:/,
      /config: 아래에 들여쓰지 않아/,
    ],
    [
      "without any config:",
      "course-labs:labs: [redis]\n",
      /course-labs:labs in .*not below a line config:/,
      /config: 줄이 없어/,
    ],
    [
      "below Config:",
      "Config:\n  course-labs:labs: [redis]\n",
      /contains Config: instead of config:/,
      /소문자 config:/,
    ],
    [
      "below a key of another name",
      "settings:\n  course-labs:labs: [redis]\n",
      /settings: in .*outside of config:/,
      /settings\./,
    ],
    ["in a list", "config:\n  - course-labs:labs: [redis]\n", /contains a list instead of settings/, /목록/],
    ["in a list, all of it", "- course-labs:labs: [redis]\n", /must begin with config:/, /config: 줄로 시작/],
    ["with no space after the colon", "config:\n  course-labs:redisPort:6380\n", /plain text.*space after/, /공백/],
    [
      "below the project's name",
      "config:\n  course-labs:\n    redisPort: 6380\n",
      /nested below course-labs:\. .*for example course-labs:redisPort/,
      /course-labs:redisPort/,
    ],
    [
      "of a provider",
      "config:\n  kubernetes:kubeconfig: x\n",
      /would have no effect\. Use course-labs:kubeconfig/,
      /적용되지/,
    ],
    [
      "of Pulumi's that is ours",
      "config:\n  pulumi:redisPort: 1\n",
      /no effect\. Did you mean course-labs:redisPort/,
      /redisPort/,
    ],
    ["with a name of three parts", "config:\n  course-labs:redisPort:x: 1\n", /redisPort:x does not exist/, /없습니다/],
    [
      "twice, with the project's name and without",
      "config:\n  course-labs:redisPort: 6380\n  redisPort: 6381\n",
      /contains both redisPort and course-labs:redisPort, which are one setting/,
      /같은 설정이 두 번/,
    ],
    [
      "that are encrypted",
      "config:\n  course-labs:kubeContext:\n    secure: v1:def\n",
      /kubeContext in .* is encrypted.*pulumi config set --plaintext course-labs:kubeContext VALUE/,
      /암호화되어/,
    ],
    ["of another", "config:\n  kubernetes:context: x\n", /Use course-labs:kubeContext/, /kubeContext/],
    ["of a third", "config:\n  docker:host: x\n", /docker:host .*docker context use NAME/, /docker context use/],
    ["of a fourth", "config:\n  docker:registryAuth: []\n", /docker:registryAuth .*Remove it/, /지우세요/],
  ];
  for (const [what, content, english, korean] of silent) {
    it(`${what} are refused instead of ignored`, () => {
      writeFileSync("Pulumi.dev.yaml", content);
      assert.throws(
        () => settingsOf("dev"),
        (error: unknown) => {
          assert.ok(error instanceof LabError, String(error));
          assert.match(error.text.en, english);
          assert.match(error.text.ko, korean);
          return true;
        },
      );
    });
  }

  for (const value of ["06370", "1_000", "0b11", "0x18EB", "0o10", "1e3", "6380.0", "+6380", ".inf", "2026-11-30"]) {
    it(`are refused where Pulumi reads another value: ${value}`, () => {
      for (const written of [value, `[redis, ${value}]`]) {
        writeFileSync("Pulumi.dev.yaml", `config:\n  course-labs:seats: ${written}\n`);
        assert.throws(
          () => settingsOf("dev"),
          ({ text }: LabError) =>
            text.en.startsWith(`course-labs:seats in Pulumi.dev.yaml is ${value}, which Pulumi would read as`) &&
            text.ko.includes(`읽을 값이 있습니다: ${value}.`),
        );
      }
      writeFileSync("Pulumi.dev.yaml", `config:\n  course-labs:kubeContext: "${value}"\n`);
      assert.equal(settingsOf("dev").kubeContext, value);
    });
  }

  it("are read as they are written where there is one way to read them", () => {
    writeFileSync(
      "Pulumi.dev.yaml",
      "config:\n  seats: [2026-1, 1.5, -7a, 0]\n  nodePort: &port 30081\n  prefix: 7-\n",
    );
    assert.throws(() => settingsOf("dev"), /course-labs:seats is "-7a"/);
    writeFileSync("Pulumi.dev.yaml", "\ufeffconfig:\r\n  seats: [2026-1, 1.5, 0]\r\n  prefix: 7-\r\n");
    assert.deepEqual(settingsOf("dev").seats, ["2026-1", "1.5", "0"]);
  });

  it("in what is no file are reported as that", () => {
    mkdirSync("Pulumi.dev.yaml");
    assert.throws(
      () => settingsOf("dev"),
      ({ text }: LabError) => /^Pulumi\.dev\.yaml is not valid YAML: EISDIR.*git checkout/.test(text.en),
    );
  });

  it("in a file that is not UTF-8 are reported as that", () => {
    for (const content of [Buffer.from("\ufeffconfig:\n", "utf16le"), Buffer.from("config: # \xb1\xe8\n", "latin1")]) {
      writeFileSync("Pulumi.dev.yaml", content);
      assert.throws(
        () => settingsOf("dev"),
        ({ text }: LabError) =>
          /yaml is not valid YAML: save it in UTF-8\./.test(text.en) && /UTF-8로 저장/.test(text.ko),
      );
    }
  });

  it("may be missing, and may be beside other keys of Pulumi", () => {
    writeFileSync("Pulumi.dev.yaml", "encryptionsalt: v1:a=:b\nsecretsprovider: passphrase\nconfig:\n");
    assert.equal(settingsOf("dev").redisPort, 6379);
    writeFileSync("Pulumi.dev.yaml", "# nothing yet\n");
    assert.equal(settingsOf("dev").redisPort, 6379);
    writeFileSync("Pulumi.yaml", "name: course-labs\nruntime: nodejs\noptions: { refresh: always }\n");
    assert.equal(settingsOf("dev").redisPort, 6379);
  });

  it("in a file that Pulumi does not read are reported", () => {
    writeFileSync("Pulumi.dev.yml", "config:\n  course-labs:labs: [redis]\n");
    assert.throws(() => settingsOf("dev"), /Pulumi\.dev\.yml\. Rename it to Pulumi\.dev\.yaml/);
    assert.equal(settingsOf("kim").redisPort, 6379);
  });

  it("in Pulumi.yaml are refused outside config:, too", () => {
    writeFileSync("Pulumi.yaml", "name: course-labs\nruntime: nodejs\ncourse-labs:redisPort: 6380\n");
    assert.throws(() => settingsOf("dev"), /course-labs:redisPort in Pulumi\.yaml would be ignored/);
  });

  it("in invalid YAML are reported with the name of the file", () => {
    writeFileSync("Pulumi.dev.yaml", "config: [\n");
    assert.throws(
      () => settingsOf("dev"),
      (error: unknown) =>
        error instanceof LabError && /^Pulumi\.dev\.yaml is not valid YAML: .*git checkout/.test(error.text.en),
    );
  });
});

describe("a stack's file", () => {
  const settings = "config:\n  course-labs:redisPort: 6380\n";
  const cases: [what: string, content: string, without: string][] = [
    ["at its top", `encryptionsalt: v1:abc=:v1:def\n${settings}`, settings],
    ["at its end", `${settings}encryptionsalt: v1:abc=:v1:def`, settings],
    ["with the line ends of Windows", "encryptionsalt: v1:a\r\nconfig: {}\r\n", "config: {}\r\n"],
    ["twice, which a merge may leave", `encryptionsalt: a\n${settings}encryptionsalt: b\n`, settings],
  ];
  for (const [what, content, without] of cases) {
    it(`loses its salt: ${what}`, () => assert.equal(withoutSalt(content), without));
  }

  it("is not changed if it has no salt", () => {
    for (const content of [settings, "config:\n  encryptionsalt: x\n"]) assert.equal(withoutSalt(content), content);
  });

  it("keeps the salt if it has encrypted settings", () => {
    const content = "encryptionsalt: v1:abc\nconfig:\n  course-labs:kubeContext:\n    secure: v1:def\n";
    assert.equal(withoutSalt(content), content);
  });

  it("is committed without a salt", () => {
    const root = join(__dirname, "../..");
    const git = (...args: string[]) => spawnSync("git", args, { cwd: root, encoding: "utf8" });
    const { stdout } = git("ls-files", "-z", "--", "Pulumi.*.yaml");
    for (const file of stdout.split("\0").filter(Boolean)) {
      const { stdout: content } = git("show", `:./${file}`);
      assert.equal(withoutSalt(content), content, `Remove the line encryptionsalt: from ${file}, and commit it.`);
    }
  });
});
