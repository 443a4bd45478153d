import assert from "node:assert/strict";
import { execFileSync, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { cpSync, mkdirSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import * as docker from "@pulumi/docker";
import * as pulumi from "@pulumi/pulumi";
import * as auto from "@pulumi/pulumi/automation";
import * as random from "@pulumi/random";
import { lives } from "../../tools/stack/locks";
import {
  byUrn,
  Project,
  Properties,
  Recorded,
  recordedErrors,
  recordedPreviews,
  recording,
  resourcesOf,
  secretKey,
  Step,
  stepsInto,
} from "./recordings";

// Runs the recorded programs again, with the stand-in plugins on PATH and a real engine, and holds what they did
// against what the originals did (test/fixtures/recordings). Every Docker object here is called standin-….

/** Outputs that the recordings have not: Terraform's own notes of versions and time limits, and a property that is newer. */
const unrecorded = ["__meta", "deviceCgroupRules"];

/** A resource of any type, with any properties. */
class AnyResource extends pulumi.CustomResource {}

const baseImage = process.env.STANDIN_BASE_IMAGE ?? "debian:12";

/** The recorded port, and where this machine publishes it. */
const port = 63990;
const images = { mysql: "standin-mysql:8.4", redis: "standin-redis:v1.0", base: "standin-debian:bookworm-local" };
const containers = ["standin-redis", "standin-course-mysql", "standin-c", "standin-c1", "standin-c2"];

const dockerCli = (...args: string[]) => execFileSync("docker", args, { encoding: "utf8", stdio: "pipe" }).trim();
const tryDocker = (...args: string[]) => spawnSync("docker", args, { encoding: "utf8" });

const defaultRuntime = () => dockerCli("info", "--format", "{{.DefaultRuntime}}");

function buildImage(tag: string, ...lines: string[]) {
  execFileSync("docker", ["build", "--quiet", "--tag", tag, "-"], {
    input: [`FROM ${baseImage}`, ...lines].join("\n"),
    env: { ...process.env, DOCKER_BUILDKIT: "0" },
    stdio: "pipe",
  });
}

function removeEverything() {
  tryDocker("rm", "--force", "--volumes", ...containers);
  tryDocker("network", "rm", "standin-course-wp", "standin-import");
  tryDocker("volume", "rm", "--force", "standin-course-db", "standin-import");
  tryDocker("image", "rm", "--force", ...Object.values(images), "standin-bad:1");
}

interface Changes {
  user?: string;
  redisLabel?: string;
  networkLabel?: string;
  volumeLabel?: string;
  external?: number;
  restart?: string;
  passwordLength?: number;
}

/** The program of the recordings, and its changes. */
const recorded =
  (changes: Changes = {}): auto.PulumiFn =>
  () => {
    const label = (value = "labs") => [{ label: "course", value }];
    const password = new random.RandomPassword("pw", { length: changes.passwordLength ?? 24, special: false });
    const network = new docker.Network("wp", { name: "standin-course-wp", labels: label(changes.networkLabel) });
    const volume = new docker.Volume("db", { name: "standin-course-db", labels: label(changes.volumeLabel) });
    const mysql = new docker.RemoteImage("mysql", { name: images.mysql, keepLocally: true });
    new docker.Container("mysql", {
      name: "standin-course-mysql",
      image: mysql.imageId,
      command: ["mysqld", "--innodb-buffer-pool-size=64M", "--performance-schema=OFF"],
      envs: [
        "MYSQL_DATABASE=wordpress",
        `MYSQL_USER=${changes.user ?? "wordpress"}`,
        pulumi.interpolate`MYSQL_PASSWORD=${password.result}`,
        pulumi.interpolate`MYSQL_ROOT_PASSWORD=${password.result}`,
      ],
      networksAdvanced: [{ name: network.name, aliases: ["mysql"] }],
      volumes: [{ volumeName: volume.name, containerPath: "/var/lib/mysql" }],
    });
    const image = new docker.Image("redis", {
      imageName: images.redis,
      skipPush: true,
      build: {
        context: "docker",
        dockerfile: "docker/Dockerfile",
        platform: "linux/amd64",
        args: { BASE_IMAGE: images.base },
      },
    });
    new docker.Container("redis", {
      name: "standin-redis",
      image: image.repoDigest,
      labels: label(changes.redisLabel),
      ports: [{ internal: 6379, external: changes.external ?? port, ip: "127.0.0.1" }],
      restart: changes.restart ?? "unless-stopped",
      wait: true,
      waitTimeout: 60,
      healthcheck: { tests: ["CMD", "redis-cli", "ping"], interval: "2s", timeout: "2s", retries: 5 },
    });
    return Promise.resolve({ password: password.result });
  };

const dockerfile = [
  "ARG BASE_IMAGE",
  "FROM ${BASE_IMAGE}",
  "RUN printf '#!/bin/sh\\nexec sleep infinity\\n' > /usr/bin/redis-server && ln -s /bin/true /usr/bin/redis-cli",
  "RUN chmod +x /usr/bin/redis-server",
  'CMD ["redis-server", "--protected-mode", "no"]',
  "",
].join("\n");

/** Replaces what differs from machine to machine and from run to run by words. */
function normalised(value: unknown, key = ""): unknown {
  if (Array.isArray(value)) return value.map((element) => normalised(element, key));
  if (value !== null && typeof value === "object") {
    if (secretKey in value) return "SECRET";
    return Object.fromEntries(Object.entries(value).map(([name, element]) => [name, normalised(element, name)]));
  }
  if (key === "external") return value === port || value === 6379 ? "PORT" : value;
  if (key === "ipPrefixLength") return typeof value === "number" && value > 0 ? "BITS" : value;
  if (typeof value !== "string") return value;
  // The daemon's default one, whatever it is called there.
  if (key === "runtime") return value.startsWith("runc") || value === defaultRuntime() ? "RUNTIME" : value;
  if (["gateway", "ipAddress", "subnet"].includes(key)) {
    return value.replace(/^\d+\.\d+\.\d+\.\d+/, "ADDRESS").replace(/\/\d+$/, "/BITS");
  }
  return value
    .replace(/standin-/g, "")
    .replace(/\b[0-9a-f]{64}/g, "DIGEST")
    .replace(/^[0-9a-f]{12}$/, "HOSTNAME")
    .replace(/^02:42(:[0-9a-f]{2}){4}$/, "MAC")
    .replace(/^.*(?=\/volumes\/course-db\/_data$)/, "DOCKER_ROOT");
}

const nameOf = ({ inputs }: Recorded) => (inputs.name ?? inputs.imageName ?? "the password") as string;

describe("stand-in plugins", function () {
  this.timeout(60_000);

  /** Images without a name: what is left of one when its name moves on to a new build. */
  const nameless = () => dockerCli("image", "ls", "--quiet", "--no-trunc", "--filter", "dangling=true").split("\n");
  let atFirst: string[];

  before(() => {
    removeEverything();
    atFirst = nameless();
    dockerCli("tag", baseImage, images.base);
    buildImage(
      images.mysql,
      "RUN printf '#!/bin/sh\\nexec sleep infinity\\n' > /entry.sh && chmod +x /entry.sh",
      'ENTRYPOINT ["/entry.sh"]',
    );
  });

  after(() => {
    removeEverything();
    tryDocker("image", "rm", "--force", ...nameless().filter((id) => id && !atFirst.includes(id)));
  });

  describe("the recorded program", () => {
    const project = new Project("rec");
    let state: Recorded[];
    let password: string;
    let printed = "";

    before(async () => {
      mkdirSync(join(project.folder, "docker"));
      writeFileSync(join(project.folder, "docker", "Dockerfile"), dockerfile);
      const stack = await project.stack(recorded());
      const up = await stack.up();
      printed += up.stdout + up.stderr;
      assert.equal(up.outputs.password?.secret, true);
      password = up.outputs.password.value as string;
      state = await resourcesOf(stack);
    });

    after(async () => {
      await (await project.stack(recorded())).destroy();
      project.remove();
    });

    for (const expected of JSON.parse(recording("docker-state.json")) as Recorded[]) {
      const name = nameOf(expected);
      it(`records ${expected.type} ${name} as the original does`, () => {
        const actual = state.find(
          (resource) => resource.type === expected.type && normalised(nameOf(resource)) === name,
        );
        assert.ok(actual, `no ${expected.type} in the state`);
        assert.deepEqual(normalised(actual.inputs), normalised(expected.inputs));
        const outputs = Object.entries(actual.outputs).filter(([property]) => !unrecorded.includes(property));
        assert.deepEqual(normalised(Object.fromEntries(outputs)), normalised(expected.outputs));
        assert.equal(normalised(actual.id), normalised(expected.id));
        assert.deepEqual(
          Object.keys(actual.propertyDependencies ?? {}).sort(),
          Object.keys(expected.propertyDependencies ?? {}).sort(),
        );
      });
    }

    it("has nothing to do when nothing changed", async () => {
      const preview = await (await project.stack(recorded())).preview();
      assert.deepEqual(preview.changeSummary, { same: state.length - 2 });
    });

    const cases: [string, Changes][] = [
      ["an environment variable of the MySQL container", { user: "other" }],
      ["a label of Redis", { redisLabel: "other" }],
      ["a label of the network", { networkLabel: "other" }],
      ["a label of the volume", { volumeLabel: "other" }],
      ["the published port", { external: 63991 }],
      ["the restart policy", { restart: "no" }],
      ["the password's length", { passwordLength: 30 }],
      ["a line more in the Dockerfile", {}],
    ];
    const previews = recordedPreviews("docker-previews.jsonl");

    it("has a change for every recorded preview", () => assert.equal(cases.length, previews.length));

    cases.forEach(([what, changes], i) => {
      it(`previews ${what} as the original does`, async () => {
        const file = join(project.folder, "docker", "Dockerfile");
        if (Object.keys(changes).length === 0) writeFileSync(file, dockerfile + "LABEL one.more=line\n");
        const steps: Step[] = [];
        const onEvent = stepsInto(steps, "replace", "update");
        const preview = await (await project.stack(recorded(changes))).preview({ onEvent, diff: true });
        printed += preview.stdout + preview.stderr;
        writeFileSync(file, dockerfile);
        assert.deepEqual(steps.sort(byUrn), previews[i]?.sort(byUrn));
      });
    });

    it("gives the password away nowhere", () => {
      assert.equal(password.length, 24);
      const text = project.stateFiles();
      assert.match(text, /standin-course-mysql/);
      assert.ok(!text.includes(password), "a state file has the password in plain text");
      assert.match(printed, /standin-course-mysql|mysql/);
      assert.ok(!printed.includes(password), "an output has the password in plain text");
      for (const { type, outputs } of state) {
        if (type === "random:index/randomPassword:RandomPassword") {
          assert.ok(secretKey in (outputs.result as Properties) && secretKey in (outputs.bcryptHash as object));
        }
      }
      assert.match(dockerCli("inspect", "standin-course-mysql"), new RegExp(`MYSQL_PASSWORD=${password}`));
    });

    it("notices a stopped container on refresh, and starts it again", async () => {
      dockerCli("stop", "--time", "0", "standin-course-mysql");
      const id = dockerCli("inspect", "--format", "{{.Id}}", "standin-course-mysql");
      const stack = await project.stack(recorded());
      assert.deepEqual((await stack.refresh()).summary.resourceChanges, { same: state.length - 3, update: 1 });
      assert.equal((await stack.up()).summary.resourceChanges?.update, 1);
      assert.deepEqual(
        dockerCli("inspect", "--format", "{{.Id}} {{.State.Running}}", "standin-course-mysql"),
        `${id} true`,
      );
    });

    it("changes the restart policy in place", async () => {
      const id = dockerCli("inspect", "--format", "{{.Id}}", "standin-redis");
      const up = await (await project.stack(recorded({ restart: "always" }))).up();
      assert.equal(up.summary.resourceChanges?.update, 1);
      const now = dockerCli("inspect", "--format", "{{.Id}} {{.HostConfig.RestartPolicy.Name}}", "standin-redis");
      assert.equal(now, `${id} always`);
    });

    it("drops from the state what was removed by hand, and makes it again", async () => {
      dockerCli("rm", "--force", "standin-redis", "standin-course-mysql");
      dockerCli("network", "rm", "standin-course-wp");
      const stack = await project.stack(recorded());
      assert.equal((await stack.refresh()).summary.resourceChanges?.delete, 3);
      assert.equal((await stack.up()).summary.resourceChanges?.create, 3);
    });

    it("destroys what is gone already", async () => {
      dockerCli("rm", "--force", "--volumes", "standin-redis", "standin-course-mysql");
      dockerCli("network", "rm", "standin-course-wp");
      dockerCli("volume", "rm", "standin-course-db");
      const destroyed = await (await project.stack(recorded())).destroy();
      assert.equal(destroyed.summary.result, "succeeded");
      assert.equal(dockerCli("image", "ls", "--quiet", images.redis).length, 12, "the original leaves its images");
    });
  });

  describe("errors", () => {
    const project = new Project("recerr", "e");
    /** Has the port that a container wants. */
    const holder = createServer();
    const failing = {
      "name in use": () => new docker.Container("c", { name: "standin-redis", image: images.mysql }),
      "port in use": () => {
        const ports = [{ internal: 80, external: port, ip: "127.0.0.1" }];
        new docker.Container("c", { name: "standin-c1", image: images.mysql, ports });
      },
      "image missing": () => new docker.RemoteImage("c", { name: "nosuch/image:1" }),
      "container of missing image": () => new docker.Container("c", { name: "standin-c", image: "nosuch:1" }),
      "command exits": () => new docker.Container("c", { name: "standin-c", image: images.base, command: ["true"] }),
      "never healthy": () => {
        const healthcheck = { tests: ["CMD", "false"], interval: "1s", timeout: "1s", retries: 1 };
        const waiting = { wait: true, waitTimeout: 2, healthcheck };
        new docker.Container("c", { name: "standin-c", image: images.mysql, ...waiting });
      },
      "build fails": () => {
        const build = { context: "bad", dockerfile: "bad/Dockerfile", platform: "linux/amd64" };
        new docker.Image("c", { imageName: "standin-bad:1", skipPush: true, build });
      },
    };

    /** The lines with an error in them, without what depends on the machine, in the order of the recording. */
    function errorLines(text: string): string[] {
      const lines = text.split("\n").filter((line) => /error|unable/i.test(line));
      const plain = lines.map((line) =>
        line
          .replace(/\bstandin-/g, "")
          .replace(/\b[0-9a-f]{64}\b/g, "ID")
          // Where the version of the bridge has the line that tells.
          .replace(/\bprovider2\.go:\d+/, "provider2.go")
          .replace(new RegExp(`127\\.0\\.0\\.1:(${port}|6399)`), "127.0.0.1:PORT")
          // What the network says of a registry that is out of reach is its own business.
          .replace(/Get "https:\/\/[^/]+\/v2\/": .*?(?=: provider=|$)/, "REGISTRY OUT OF REACH"),
      );
      return [...new Set(plain)].sort();
    }

    before((done) => {
      dockerCli("run", "--detach", "--name", "standin-redis", images.mysql);
      mkdirSync(join(project.folder, "bad"));
      writeFileSync(join(project.folder, "bad", "Dockerfile"), `FROM ${images.base}\nRUN exit 3\n`);
      holder.listen(port, "127.0.0.1", done);
    });

    after(() => {
      holder.close();
      project.remove();
    });

    const sections = recordedErrors("docker-errors.txt");

    it("has a program for every recorded error", () => {
      assert.deepEqual(
        sections.map(({ title }) => title),
        Object.keys(failing),
      );
    });

    for (const { title: name, text: expected } of sections) {
      it(`says on "${name}" the errors that the original says`, async () => {
        const make = failing[name as keyof typeof failing];
        const text = await project.outcome(() => Promise.resolve(void make()));
        assert.deepEqual(errorLines(text), errorLines(expected));
        const stack = await project.stack(async () => {});
        const left = (await resourcesOf(stack)).find(({ type }) => type === "docker:index/container:Container");
        const exists = ["port in use", "never healthy", "command exits"].includes(name);
        assert.equal(left !== undefined, exists, "what exists is in the state, and nothing else");
        assert.equal(left?.initErrors?.length ?? 0, exists && name !== "command exits" ? 1 : 0);
        if (name === "port in use") {
          assert.equal(dockerCli("inspect", "--format", "{{.State.Status}}", "standin-c1"), "created");
        }
        if (exists) await stack.destroy();
        assert.equal(tryDocker("inspect", "standin-c", "standin-c1").stdout.trim(), "[]");
      });
    }

    const refusals: [string, () => void, RegExp][] = [
      [
        "a property that no one knows",
        // The SDK drops what it does not know; a program in YAML, or of another version, does not.
        () => new AnyResource("docker:index/container:Container", "c", { image: images.mysql, colour: "red" }),
        /resource 'c' has a problem: Invalid or unknown key\. Examine values at 'c\.colour'/,
      ],
      [
        "a value that the original does not accept",
        () => new docker.Container("c", { name: "standin-c", image: images.mysql, restart: "never" }),
        /'never' doesn't match the pattern '\^\(no\|on-failure\|always\|unless-stopped\)\$'/,
      ],
      [
        "a push",
        () => new docker.Image("c", { imageName: "standin-bad:1" }),
        /cannot push images to a registry: set skipPush: true/,
      ],
      [
        "a provider setting that the stand-in does not have",
        () => {
          const provider = new docker.Provider("p", { context: "elsewhere" });
          new docker.Volume("c", { name: "standin-course-db" }, { provider });
        },
        /the provider setting "context" is not supported by the stand-in plugin/,
      ],
      [
        "a Docker host that does not answer",
        () => {
          const provider = new docker.Provider("p", { host: "unix:///nowhere/docker.sock" });
          new docker.Volume("c", { name: "standin-course-db" }, { provider });
        },
        /failed to connect to any docker daemon/,
      ],
    ];
    for (const [what, make, message] of refusals) {
      it(`refuses ${what}, and names it`, async () => {
        assert.match(await project.outcome(() => Promise.resolve(void make())), message);
      });
    }
  });

  describe("more of what a program can ask for", () => {
    const project = new Project("more");
    afterEach(async () => {
      await (await project.stack(async () => {})).destroy();
      tryDocker("rm", "--force", "standin-c", "standin-c2");
    });
    after(() => project.remove());

    it("adopts by id what is there, and changes nothing about it", async () => {
      const ids = {
        volume: dockerCli("volume", "create", "--label", "a=b", "standin-import"),
        network: dockerCli("network", "create", "--label", "a=b", "standin-import"),
      };
      const labels = [{ label: "a", value: "b" }];
      const program = () => {
        new docker.Volume("v", { name: "standin-import", labels }, { import: ids.volume });
        new docker.Network("n", { name: "standin-import", labels }, { import: ids.network });
        return Promise.resolve();
      };
      const stack = await project.stack(program);
      assert.deepEqual((await stack.up()).summary.resourceChanges, { create: 1, import: 2 });
      assert.deepEqual((await stack.up()).summary.resourceChanges, { same: 3 });
      assert.equal(dockerCli("network", "inspect", "--format", "{{.Id}}", "standin-import"), ids.network);
      await stack.destroy();
      assert.equal(tryDocker("volume", "inspect", "standin-import").stdout.trim(), "[]");
    });

    it("passes on every kind of setting, and has nothing to do the second time", async () => {
      const program = () => {
        const suffix = new random.RandomId("suffix", { byteLength: 4 });
        new docker.Container("c", {
          name: "standin-c",
          image: images.base,
          entrypoints: ["/bin/sleep"],
          command: ["infinity"],
          envs: ["B=2", "A=1"],
          labels: ["z", "y", "x"].map((label) => ({ label, value: label })),
          ports: [
            { internal: 80, external: 63991, ip: "127.0.0.1" },
            { internal: 53, external: 63992, ip: "127.0.0.1", protocol: "udp" },
          ],
          volumes: [{ hostPath: project.folder, containerPath: "/host", readOnly: true }],
          mounts: [{ type: "tmpfs", target: "/scratch", tmpfsOptions: { sizeBytes: 1 << 20 } }],
          restart: "on-failure",
          maxRetryCount: 3,
          init: true,
          user: "1000:1000",
          memory: 64,
          memorySwap: 64,
          cpuShares: 512,
          cpus: "0.5",
          capabilities: { adds: ["CAP_NET_ADMIN"], drops: ["CAP_CHOWN", "CAP_KILL"] },
          securityOpts: ["no-new-privileges:true"],
          tmpfs: { "/tmp": "rw,size=1m" },
          hostname: "stand-in",
          stdinOpen: true,
          tty: true,
          workingDir: "/tmp",
          destroyGraceSeconds: 1,
          stopSignal: "SIGKILL",
          stopTimeout: 2,
          logDriver: "json-file",
          logOpts: { "max-size": "1m" },
          sysctls: { "net.ipv4.ip_unprivileged_port_start": "0" },
          shmSize: 32,
          hosts: [{ host: "example", ip: "192.0.2.1" }],
          ulimits: [{ name: "nofile", soft: 1024, hard: 2048 }],
          uploads: [{ file: "/etc/hello", content: "hello", permissions: "0600" }],
        });
        new docker.Container("c2", { name: "standin-c2", image: images.mysql, readOnly: true });
        return Promise.resolve({ hex: suffix.hex, url: suffix.b64Url, id: suffix.id, dec: suffix.dec });
      };
      const stack = await project.stack(program);
      const { outputs } = await stack.up();
      const hex = outputs.hex?.value as string;
      assert.match(hex, /^[0-9a-f]{8}$/);
      assert.equal(outputs.dec?.value, BigInt(`0x${hex}`).toString());
      assert.equal(Buffer.from(outputs.url?.value as string, "base64url").toString("hex"), hex);
      assert.equal(outputs.id?.value, outputs.url?.value);
      type Inspected = Record<"Config" | "HostConfig" | "State", Record<string, unknown>>;
      const [inspected] = JSON.parse(dockerCli("inspect", "standin-c")) as [Inspected];
      const { Config: config, HostConfig: host, State: status } = inspected;
      assert.equal(status.Running, true);
      assert.deepEqual([config.User, config.Hostname, config.WorkingDir], ["1000:1000", "stand-in", "/tmp"]);
      assert.deepEqual([config.StopSignal, config.StopTimeout, config.Tty], ["SIGKILL", 2, true]);
      assert.deepEqual([host.Memory, host.MemorySwap, host.ShmSize], [64 << 20, 64 << 20, 32 << 20]);
      assert.deepEqual([host.NanoCpus, host.CpuShares, host.Init], [5e8, 512, true]);
      assert.equal(dockerCli("inspect", "--format", "{{.HostConfig.ReadonlyRootfs}}", "standin-c2"), "true");
      assert.deepEqual(
        [host.CapAdd, (host.CapDrop as string[]).sort()],
        [["CAP_NET_ADMIN"], ["CAP_CHOWN", "CAP_KILL"]],
      );
      assert.deepEqual(host.RestartPolicy, { Name: "on-failure", MaximumRetryCount: 3 });
      assert.deepEqual(host.LogConfig, { Type: "json-file", Config: { "max-size": "1m" } });
      assert.deepEqual(host.Binds, [`${project.folder}:/host:ro`]);
      assert.equal((await stack.up()).summary.resourceChanges?.same, 4);
      await stack.refresh();
      assert.equal((await stack.up()).summary.resourceChanges?.same, 4);
    });

    it("names what the program does not name", async () => {
      const program = () => {
        const volume = new docker.Volume("standin-auto");
        return Promise.resolve({ name: volume.name });
      };
      const stack = await project.stack(program);
      const name = (await stack.up()).outputs.name?.value as string;
      assert.match(name, /^standin-auto-[0-9a-f]{7}$/);
      assert.equal((await stack.up()).outputs.name?.value, name);
    });

    it("sees a change of any file of the context that is not ignored, and no other", async () => {
      const context = join(project.folder, "context");
      mkdirSync(context);
      writeFileSync(join(context, "Dockerfile"), `FROM ${images.base}\nCOPY . /here\n`);
      writeFileSync(join(context, "seen"), "1");
      writeFileSync(join(context, ".dockerignore"), "ignored\n");
      cpSync(join(context, "seen"), join(context, "ignored"));
      const program = () => {
        const build = { context: "context", platform: "linux/amd64" };
        const image = new docker.Image("i", { imageName: images.redis, skipPush: true, build });
        return Promise.resolve({ digest: image.repoDigest });
      };
      const stack = await project.stack(program);
      const before = (await stack.up()).outputs.digest?.value as string;
      assert.match(before, /^sha256:[0-9a-f]{64}$/);
      writeFileSync(join(context, "ignored"), "2");
      assert.deepEqual((await stack.preview()).changeSummary, { same: 2 });
      writeFileSync(join(context, "seen"), "2");
      const up = await stack.up();
      assert.equal(up.summary.resourceChanges?.update, 1);
      assert.notEqual(up.outputs.digest?.value, before);
    });

    it("ends with the engine that started it", async () => {
      for (const plugin of ["pulumi-resource-docker", "pulumi-resource-random"]) {
        // The shell is the engine's place: it lives for a second after it has told the plugin's process.
        const parent = spawn("sh", ["-c", `${plugin} 127.0.0.1:1 >/dev/null 2>&1 & echo $!; sleep 1`]);
        const over = once(parent, "exit");
        const [told] = (await once(parent.stdout, "data")) as [Buffer];
        const pid = Number(told.toString());
        await new Promise((r) => setTimeout(r, 500));
        assert.equal(lives(pid), true, `${plugin} ends while its parent lives`);
        await over;
        for (let waited = 0; lives(pid) && waited < 10_000; waited += 100) await new Promise((r) => setTimeout(r, 100));
        assert.equal(lives(pid), false, `${plugin} outlives its parent`);
      }
    });
  });
});
