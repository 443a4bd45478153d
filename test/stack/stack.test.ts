import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import fs, { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { labsIn, ownerLabel, passphrase, refuseFolder, stateFile, stateOf } from "../../tools/stack/stack";
import { asTyped, summary } from "../../tools/commands/summary";
import { LabError } from "../../text";
import { fakePulumi } from "./fake-pulumi";

const urn = (types: string, name: string) => `urn:pulumi:dev::course-labs::${types}::${name}`;

describe("the state of a stack", () => {
  const component = (type: string) => ({ type, urn: urn(type, "x") });

  it("lists the labs in the order of the course", () => {
    const resources = [
      component("course:labs:ComposeWordPress"),
      component("course:labs:RedisLab"),
      component("other:x:Y"),
    ];
    assert.deepEqual(labsIn({ resources }), ["redis", "compose"]);
  });

  it("contains the label of the stack's objects", () => {
    const resources = [{ ...component("random:index/randomId:RandomId"), outputs: { hex: "0a1b2c3d" } }];
    assert.equal(ownerLabel({ resources }), "course-labs.id=0a1b2c3d");
    assert.equal(ownerLabel({ resources: [] }), undefined);
  });
});

describe("the folder of the state", () => {
  it("may have any name that Pulumi accepts as a path", () =>
    assert.doesNotThrow(() => refuseFolder("/home/김 철수/labs (1)")));
  for (const sign of ["#", "%", "?"]) {
    it(`may not have ${sign} in its name, which is reported with a remedy`, () =>
      assert.throws(
        () => refuseFolder(`/home/lee/C${sign} labs`),
        ({ text }: LabError) =>
          text.en.includes(`because its name contains ${sign}. Move or rename`) && /바꾼 뒤/.test(text.ko),
      ));
  }
});

describe("the stored state", () => {
  const home = process.cwd();
  const { PULUMI_BACKEND_URL: backend } = process.env;
  const exported = { resources: [{ type: "a:b:C", urn: urn("a:b:C", "exported") }] };
  let folder: string;
  let putBack = () => {};

  const write = (content: unknown) => {
    mkdirSync(dirname(stateFile("dev")), { recursive: true });
    writeFileSync(stateFile("dev"), JSON.stringify(content));
  };
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "course-labs-state-"));
    process.chdir(folder);
    delete process.env.PULUMI_BACKEND_URL;
  });
  afterEach(() => {
    putBack();
    process.chdir(home);
    rmSync(folder, { recursive: true });
    if (backend === undefined) delete process.env.PULUMI_BACKEND_URL;
    else process.env.PULUMI_BACKEND_URL = backend;
  });

  it("is read from its file", async () => {
    const resources = [{ type: "a:b:C", urn: urn("a:b:C", "kept") }];
    write({ version: 3, checkpoint: { stack: "dev", latest: { resources, pending_operations: [] } } });
    assert.deepEqual(await stateOf("dev"), { resources, pending_operations: [] });
  });

  it("is empty before the first up", async () => {
    for (const latest of [null, undefined, {}, { resources: null }]) {
      write({ version: 3, checkpoint: { stack: "dev", latest } });
      assert.deepEqual((await stateOf("dev")).resources, []);
    }
  });

  // Windows starts no script by its name.
  const unlessWindows = process.platform === "win32" ? it.skip.bind(it) : it;
  unlessWindows("is read by Pulumi if it is not in this folder", async () => {
    putBack = fakePulumi(`console.log(${JSON.stringify(JSON.stringify({ deployment: exported }))})`);
    assert.deepEqual(await stateOf("dev"), exported);
    write({ version: 3, checkpoint: { stack: "dev", latest: { resources: [] } } });
    process.env.PULUMI_BACKEND_URL = "s3://elsewhere";
    assert.deepEqual(await stateOf("dev"), exported);
  });
});

describe("the passphrase", () => {
  const home = process.cwd();
  const { PULUMI_CONFIG_PASSPHRASE: own, PULUMI_CONFIG_PASSPHRASE_FILE: file } = process.env;
  let folder: string;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "course-labs-passphrase-"));
    process.chdir(folder);
    delete process.env.PULUMI_CONFIG_PASSPHRASE;
    delete process.env.PULUMI_CONFIG_PASSPHRASE_FILE;
  });
  afterEach(() => {
    process.chdir(home);
    rmSync(folder, { recursive: true });
    delete process.env.PULUMI_CONFIG_PASSPHRASE;
    delete process.env.PULUMI_CONFIG_PASSPHRASE_FILE;
    if (own !== undefined) process.env.PULUMI_CONFIG_PASSPHRASE = own;
    if (file !== undefined) process.env.PULUMI_CONFIG_PASSPHRASE_FILE = file;
  });

  it("is generated once and readable by this user only", () => {
    passphrase("dev");
    const made = readFileSync(".pulumi/passphrase", "utf8");
    assert.ok(made.trim().length >= 32);
    if (process.platform !== "win32") assert.equal(statSync(".pulumi/passphrase").mode & 0o777, 0o600);
    assert.equal(process.env.PULUMI_CONFIG_PASSPHRASE_FILE, ".pulumi/passphrase");
    delete process.env.PULUMI_CONFIG_PASSPHRASE_FILE;
    passphrase("dev");
    assert.equal(readFileSync(".pulumi/passphrase", "utf8"), made);
  });

  describe("that cannot be written", () => {
    const { existsSync: exists, writeFileSync: write } = fs;
    afterEach(() => void Object.assign(fs, { existsSync: exists, writeFileSync: write }));

    it("because another run writes it at the same moment is that of the other run", () => {
      mkdirSync(".pulumi");
      writeFileSync(".pulumi/passphrase", "theirs\n");
      // As it was when this run looked.
      Object.assign(fs, { existsSync: (file: string) => file !== ".pulumi/passphrase" && exists(file) });
      passphrase("dev");
      assert.equal(process.env.PULUMI_CONFIG_PASSPHRASE_FILE, ".pulumi/passphrase");
      assert.equal(readFileSync(".pulumi/passphrase", "utf8"), "theirs\n");
    });

    it("because the disk is full is not left behind empty", () => {
      const full = Object.assign(new Error("ENOSPC"), { code: "ENOSPC" });
      // What a full disk does: the name is there, the content is not.
      const cut = (file: string, _: string, options: object) => {
        write(file, "", options);
        throw full;
      };
      Object.assign(fs, { writeFileSync: cut });
      assert.throws(() => passphrase("dev"), full);
      assert.equal(existsSync(".pulumi/passphrase"), false);
      assert.equal(process.env.PULUMI_CONFIG_PASSPHRASE_FILE, undefined);
    });
  });

  it("is the user's own if there is one", () => {
    process.env.PULUMI_CONFIG_PASSPHRASE = "";
    passphrase("dev");
    assert.equal(existsSync(".pulumi/passphrase"), false);
  });

  it("is required if the stack was created with plain pulumi", () => {
    mkdirSync(".pulumi/stacks/course-labs", { recursive: true });
    writeFileSync(".pulumi/stacks/course-labs/dev.json", "{}");
    assert.throws(() => passphrase("dev"), /Stack dev exists, but \.pulumi\/passphrase with its passphrase is missing/);
  });

  for (const [whose, prepared] of [
    ["a lost one", () => undefined],
    ["the one there is", () => passphrase("dev")],
    ["the user's own", () => (process.env.PULUMI_CONFIG_PASSPHRASE = "mine")],
  ] as const) {
    it(`removes the salt from the stack's file: of ${whose}`, () => {
      prepared();
      writeFileSync("Pulumi.dev.yaml", "encryptionsalt: v1:old\nconfig: {}\n");
      passphrase("dev");
      assert.equal(readFileSync("Pulumi.dev.yaml", "utf8"), "config: {}\n");
    });
  }

  it("removes the salt that Pulumi writes later, in any folder of any repository", () => {
    writeFileSync("Pulumi.dev.yaml", "config: {}\n");
    const stack = join(__dirname, "../../tools/stack/stack");
    const script = `require(${JSON.stringify(stack)}).passphrase("dev");
      require("node:fs").appendFileSync("Pulumi.dev.yaml", "encryptionsalt: v1:new\\n");`;
    const register = require.resolve("ts-node/register/transpile-only");
    const { status, stderr } = spawnSync(process.execPath, ["--require", register, "--eval", script], {
      encoding: "utf8",
      env: { ...process.env, TS_NODE_PROJECT: join(__dirname, "../../tsconfig.json") },
    });
    assert.equal(status, 0, stderr);
    assert.equal(readFileSync("Pulumi.dev.yaml", "utf8"), "config: {}\n");
  });
});

describe("a command that the user's shell does not find", () => {
  const step = "minikube start --profile course-labs, then: kubectl --context course-labs get pods; kubectl is kept";
  it("is minikube's if up has downloaded it, and no other program's", () => {
    assert.equal(asTyped(step, "course-labs", "minikube", true), step);
    assert.equal(
      asTyped(step, "course-labs", "/c/minikube", false),
      "/c/minikube start --profile course-labs, then: /c/minikube --profile course-labs kubectl -- --context course-labs get pods; kubectl is kept",
    );
    assert.equal(asTyped(step, "kind-kind", "/c/minikube", false), step);
    assert.equal(asTyped(step, "course-labs", undefined, false), step);
  });
});

describe("the summary", () => {
  it("has a line for each enabled lab", () => {
    const text = summary({
      redis: { host: "127.0.0.1", port: 6379, image: "redis:v1.0", container: "redis" },
      compose: { url: "http://localhost:30000" },
    });
    assert.equal(text.en.split("\n").length, 3);
    assert.match(text.en, /redis +127\.0\.0\.1:6379 .*docker exec redis redis-cli ping/);
    assert.match(text.ko, /실행 중인 실습:\n.*127\.0\.0\.1:6379.*\n.*http:\/\/localhost:30000/);
  });

  it("reports if no lab is running", () => assert.equal(summary({}).en, "No lab is running."));
});
