import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { AddressInfo } from "node:net";
import { hostname, tmpdir } from "node:os";
import { join } from "node:path";
import { losses, refusal } from "../../cli/data-loss";
import { dockerProblem } from "../../cli/docker";
import { explain } from "../../cli/explain";
import { clearLocks } from "../../cli/locks";
import { processOn, tryPort } from "../../cli/port-holder";
import { labsIn, ownerLabel, passphrase } from "../../cli/stack";
import { summary } from "../../cli/summary";
import { LabError } from "../../text";

const urn = (types: string, name: string) => `urn:pulumi:dev::course-labs::${types}::${name}`;
const step = (op: "delete" | "replace" | "update" | "create", type: string, parents: string, name: string) => ({
  op,
  type,
  urn: urn(`${parents}$${type}`, name),
  provider: "",
});

describe("what would be lost", () => {
  const volume = "docker:index/volume:Volume";

  for (const op of ["delete", "replace"] as const) {
    it(`a volume that is ${op}d`, () => {
      const [lost] = losses([step(op, volume, "course:labs:ComposeWordPress", "compose-data")]);
      assert.match(lost?.en ?? "", /volume compose-data: everything stored in it/);
      assert.match(lost?.ko ?? "", /볼륨 compose-data/);
    });
  }

  it("a claim, a namespace and a password", () => {
    const found = losses([
      step("replace", "kubernetes:core/v1:PersistentVolumeClaim", "a", "claim"),
      step("delete", "kubernetes:core/v1:Namespace", "a", "space"),
      step("replace", "random:index/randomPassword:RandomPassword", "a", "pw"),
    ]);
    assert.deepEqual(
      found.map(({ en }) => en.split(":")[0]),
      ["claim claim", "namespace space", "password pw"],
    );
  });

  it("the container that a student works in, but no other", () => {
    const container = "docker:index/container:Container";
    assert.equal(losses([step("replace", container, "course:labs:RegistryLab", "registry-container")]).length, 1);
    assert.equal(losses([step("replace", container, "course:labs:RedisLab", "redis-container")]).length, 0);
  });

  it("nothing by creating or changing", () => {
    assert.deepEqual(losses([step("create", volume, "a", "v"), step("update", volume, "a", "v")]), []);
  });

  it("once, though a replacement has several steps", () => {
    assert.equal(losses([step("replace", volume, "a", "v"), step("delete", volume, "a", "v")]).length, 1);
  });

  it("is said with the way to go on", () => {
    const { text } = refusal(losses([step("delete", volume, "a", "v")]));
    assert.match(text.en, /Nothing was changed.*\n {2}- volume v.*\n.*--allow-data-loss/);
    assert.match(text.ko, /아무것도 바꾸지 않았습니다.*\n {2}- 볼륨 v.*\n.*--allow-data-loss/);
  });
});

describe("what Pulumi and Docker report", () => {
  const means = (said: string) => explain([said], new Error("code: 255")).text;

  const cases: [string, string, RegExp, RegExp][] = [
    [
      "a wrong passphrase",
      "get stack secrets manager: incorrect passphrase",
      /The passphrase is wrong/,
      /암호가 틀립니다/,
    ],
    ["a lock", "error: the stack is currently locked by 1 lock(s).", /Another run is at work/, /다른 실행이/],
    [
      "an image that cannot be pulled",
      "Unable to read Docker image into resource: unable to pull image nosuch/image:1: error pulling image",
      /Image nosuch\/image:1 is not here and cannot be pulled/,
      /nosuch\/image:1 이미지가 없고/,
    ],
    [
      "a name that is taken",
      'Conflict. The container name "/redis" is already in use by container "24a4"',
      /Another container is called redis already.*docker rm --force redis/,
      /redis 이름의 컨테이너/,
    ],
    [
      "a port that is taken",
      "Error starting userland proxy: listen tcp4 127.0.0.1:6399: bind: address already in use",
      /Port 6399 was taken/,
      /6399 포트/,
    ],
    [
      "a port that another container has",
      "Bind for 0.0.0.0:80 failed: port is already allocated",
      /Port 80 was taken/,
      /80 포트/,
    ],
    [
      "a container that is not healthy",
      "container failed to be in healthy state",
      /did not become healthy/,
      /정상 상태/,
    ],
    [
      "a network in use",
      "error while removing network: network wordpress id 1 has active endpoints",
      /still uses its network/,
      /네트워크/,
    ],
    [
      "a volume in use",
      "Error response from daemon: remove x: volume is in use - [ab]",
      /still uses one of its volumes/,
      /볼륨/,
    ],
    [
      "a cluster that is off",
      "configured Kubernetes cluster is unreachable: unable to load",
      /does not answer/,
      /응답하지 않습니다/,
    ],
  ];
  for (const [what, said, english, korean] of cases) {
    it(`${what} is explained, and what was said follows`, () => {
      const text = means(said);
      assert.match(text.en, english);
      assert.match(text.ko, korean);
      assert.ok(text.en.includes(said) && text.ko.includes(said));
    });
  }

  it("what is not known is passed on as it is", () => {
    assert.equal(means("something new").en, "Pulumi could not do it:\nsomething new");
  });

  it("an error that is clear already is left alone", () => {
    const clear = new LabError({ en: "clear", ko: "분명" });
    assert.equal(explain(["noise"], clear), clear);
  });
});

describe("why Docker cannot be used", () => {
  it("it is not installed", () =>
    assert.match(dockerProblem("", true).en, /not installed.*https:\/\/docs\.docker\.com\//));
  it("it may not be used", () =>
    assert.match(
      dockerProblem("dial unix /var/run/docker.sock: connect: permission denied", false).en,
      /usermod -aG docker/,
    ));
  it("it does not run", () =>
    assert.match(
      dockerProblem("Cannot connect to the Docker daemon at unix:///x.\nmore", false).en,
      /not running \(Cannot connect .*x\.\)\. Start/,
    ));
});

describe("locks", () => {
  const home = process.cwd();
  const locks = ".pulumi/locks/organization/course-labs/dev";
  let folder: string;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "course-labs-locks-"));
    process.chdir(folder);
    mkdirSync(locks, { recursive: true });
  });
  afterEach(() => {
    process.chdir(home);
    rmSync(folder, { recursive: true });
  });
  const lock = (pid: number, host = hostname()) => {
    const content = { pid, username: "u", hostname: host, timestamp: "2026-01-01T00:00:00Z" };
    writeFileSync(join(locks, "a.json"), JSON.stringify(content));
  };

  it("of a process that ended are cleared", async () => {
    const child = spawn(process.execPath, ["-e", ""]);
    await new Promise((resolve) => child.on("close", resolve));
    lock(child.pid as number);
    await clearLocks("dev");
    assert.equal(existsSync(join(locks, "a.json")), false);
  });

  it("of a living process stop the command and name the process", async () => {
    lock(process.pid);
    await assert.rejects(
      clearLocks("dev", 0),
      (error: unknown) => error instanceof LabError && error.text.en.includes(`process ${process.pid}`),
    );
    assert.ok(existsSync(join(locks, "a.json")));
  });

  it("of another machine are left alone, even when no such process is here", async () => {
    lock(2 ** 22 + 1, "another-machine");
    await assert.rejects(clearLocks("dev", 0), /another-machine/);
  });

  it("that were written half are cleared", async () => {
    writeFileSync(join(locks, "a.json"), '{"pid": 1');
    await clearLocks("dev");
    assert.equal(existsSync(join(locks, "a.json")), false);
  });

  it("are no matter where there are none", () => clearLocks("another"));
});

describe("ports", () => {
  it("that somebody listens on are taken, by a process with a name", async () => {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const { port } = server.address() as AddressInfo;
    assert.equal(await tryPort("127.0.0.1", port), "taken");
    assert.match((await processOn(port)) ?? "", new RegExp(`\\(process ${process.pid}\\)$`));
    await new Promise((resolve) => server.close(resolve));
    assert.equal(await tryPort("127.0.0.1", port), "free");
    assert.equal(await processOn(port), undefined);
  });

  it("cannot be bound to an address of another machine", async () => {
    assert.equal(await tryPort("203.0.113.7", 45678), "no such address");
  });
});

describe("the state of a stack", () => {
  const component = (type: string) => ({ type, urn: urn(type, "x") });

  it("tells which labs are up, in the order of the course", () => {
    const resources = [
      component("course:labs:ComposeWordPress"),
      component("course:labs:RedisLab"),
      component("other:x:Y"),
    ];
    assert.deepEqual(labsIn({ resources }), ["redis", "compose"]);
  });

  it("tells the label of what the stack made", () => {
    const resources = [{ ...component("random:index/randomId:RandomId"), outputs: { hex: "0a1b2c3d" } }];
    assert.equal(ownerLabel({ resources }), "course-labs.id=0a1b2c3d");
    assert.equal(ownerLabel({ resources: [] }), undefined);
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

  it("is made once, for this user only", async () => {
    const { readFileSync, statSync } = await import("node:fs");
    passphrase("dev");
    const made = readFileSync(".pulumi/passphrase", "utf8");
    assert.ok(made.trim().length >= 32);
    if (process.platform !== "win32") assert.equal(statSync(".pulumi/passphrase").mode & 0o777, 0o600);
    assert.equal(process.env.PULUMI_CONFIG_PASSPHRASE_FILE, ".pulumi/passphrase");
    delete process.env.PULUMI_CONFIG_PASSPHRASE_FILE;
    passphrase("dev");
    assert.equal(readFileSync(".pulumi/passphrase", "utf8"), made);
  });

  it("is the user's own when there is one", () => {
    process.env.PULUMI_CONFIG_PASSPHRASE = "";
    passphrase("dev");
    assert.equal(existsSync(".pulumi/passphrase"), false);
  });

  it("is asked for when plain pulumi made the stack with one", () => {
    mkdirSync(".pulumi/stacks/course-labs", { recursive: true });
    writeFileSync(".pulumi/stacks/course-labs/dev.json", "{}");
    assert.throws(() => passphrase("dev"), /Stack dev exists, but its passphrase is not in \.pulumi\/passphrase/);
  });

  it("that is new makes the salt of a lost one go", async () => {
    const { readFileSync } = await import("node:fs");
    writeFileSync("Pulumi.dev.yaml", "encryptionsalt: v1:old\nconfig: {}\n");
    passphrase("dev");
    assert.equal(readFileSync("Pulumi.dev.yaml", "utf8"), "config: {}\n");
  });
});

describe("the summary", () => {
  it("has a line for each lab that is on and none for the others", () => {
    const text = summary({
      redis: { host: "127.0.0.1", port: 6379, image: "redis:v1.0", container: "redis" },
      compose: { url: "http://localhost:30000" },
    });
    assert.equal(text.en.split("\n").length, 3);
    assert.match(text.en, /redis +127\.0\.0\.1:6379 .*docker exec redis redis-cli ping/);
    assert.match(text.ko, /실행 중인 실습:\n.*127\.0\.0\.1:6379.*\n.*http:\/\/localhost:30000/);
  });

  it("says when nothing runs", () => assert.equal(summary({}).en, "No lab is running."));
});
