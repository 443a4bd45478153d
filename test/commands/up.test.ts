import assert from "node:assert/strict";
import { ChildProcess, spawn } from "node:child_process";
import { copyFileSync, existsSync, readFileSync, statSync, symlinkSync, utimesSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { ending } from "../../tools/commands/up";
import { asItIs, deployed, Machine, objectsOf, resource, step, writeLock } from "./machine";

describe("npm run up", () => {
  it("counts its steps over both of its parts", () => {
    assert.equal(ending(15, ["kubernetes"]).en, "15 steps so far. Still to come: kubernetes");
    assert.equal(ending(26, []).en, "Done: 26 steps.");
    assert.match(ending(0, []).en, /^No changes/);
    assert.match(ending(0, ["kubernetes"]).ko, /^지금까지 0단계/);
  });

  let machine: Machine;
  beforeEach(async () => {
    machine = await Machine.make();
  });
  afterEach(() => machine.remove());

  const images = ["mysql:9.7.2", "wordpress:7.1.0-php8.3-apache", "ck-base/debian:12", "ubuntu:24.04"];
  const pulled = images.map((name) => ({ kind: "image" as const, id: `sha256:${name}`, name }));
  /** A machine that the labs run on. */
  const running = () => {
    const state = deployed(machine);
    machine.left(state);
    return { state, objects: [...objectsOf(state), ...pulled] };
  };

  it("deploys on a new clone: pulls the images, and says what it created and where it is", async () => {
    const state = deployed(machine);
    const events = state.resources.flatMap((one) => step("create", one));
    machine.world({ operations: { up: { events, state } } });
    const { said, printed } = await machine.well("up");
    assert.match(said, /^Deploying: redis, registry, compose$/m);
    assert.match(said, /^ {2}\+ container ck-redis: created \(0\.\d s\)$/m);
    assert.doesNotMatch(said, /ComposeWordPress|providers/, "nobody looks for components");
    assert.match(said, /^Done: 14 steps\.$/m);
    assert.match(said, new RegExp(`redis +localhost:${machine.redisPort} +try: docker exec ck-redis redis-cli ping`));
    assert.match(said, new RegExp(`compose +http://localhost:${machine.composePort} `));
    assert.equal(printed, "", "standard output is for results");
    assert.deepEqual(machine.engine(), ["pulumi stack select dev --create", "pulumi up --yes --skip-preview"]);
    assert.deepEqual(
      machine.calls(/^docker pull/).sort(),
      ["mysql:9.7.2", "ck-base/debian:12", "ubuntu:24.04", "wordpress:7.1.0-php8.3-apache"]
        .map((image) => `docker pull ${image}`)
        .sort(),
    );
    assert.equal(statSync(".pulumi/passphrase").mode & 0o777, 0o600);
    assert.equal((JSON.parse(readFileSync(".pulumi/docker/dev.json", "utf8")) as { id: string }).id, "ID-1");
  });

  it("has nothing to do the second time, pulls nothing, and says where everything is", async () => {
    const { state, objects } = running();
    machine.world({ objects, operations: { preview: { events: asItIs(state) } } });
    const { said } = await machine.well("up");
    assert.match(said, /^Deploying: .*\nNo changes: everything is up to date\.\nWhat is running:\n {2}redis /m);
    assert.deepEqual(machine.calls(/^docker (pull|start|stop|tag|run)| rm /), []);
    assert.deepEqual(machine.engine(), ["pulumi preview"]);
    const plugins = machine.calls(/^pulumi-resource-/).sort();
    assert.deepEqual(plugins, ["pulumi-resource-docker --version", "pulumi-resource-random --version"]);
  });

  it("writes the state if the preview found something new, or the program was edited", async () => {
    const { state, objects } = running();
    const container = resource(state, "redis-container");
    const moved = { ...container, outputs: { ip: "172.17.0.3" } };
    const others = { resources: state.resources.filter((one) => one !== container) };
    const steps = [...step("refresh", container, true, moved), ...step("same", moved, true, moved)];
    const events = [...steps, ...asItIs(others)];
    machine.world({ objects, operations: { preview: { events } } });
    assert.match((await machine.well("up")).said, /^No changes: everything is up to date\.$/m);
    assert.deepEqual(machine.engine(), ["pulumi preview", "pulumi up --yes --skip-preview"]);

    // The second is a state from before the clock was set back: nobody can tell then.
    for (const written of [0, Date.now() / 1000 + 3600]) {
      machine.world({ objects, operations: { preview: { events: asItIs(state) } } });
      utimesSync(".pulumi/stacks/course-labs/dev.json", written, written);
      await machine.well("up");
      assert.deepEqual(machine.engine(), ["pulumi preview", "pulumi up --yes --skip-preview"]);
    }
  });

  it("refuses to lose data, and names it, before anything is changed; continues on request", async () => {
    const { state, objects } = running();
    const volume = resource(state, "compose-mysql-data");
    const events = ["replace", "create-replacement"].flatMap((op) => step(op as "replace", volume, true));
    machine.world({ objects, operations: { preview: { events } } });
    assert.match(
      await machine.refused("up"),
      /^Nothing was changed, because this data would be lost:\n {2}- volume ck-course-labs-mysql: all data .*\n.*npm run up -- --allow-data-loss$/m,
    );
    assert.deepEqual(machine.engine(), ["pulumi preview"]);
    assert.deepEqual(machine.state(), state);
    machine.world({ objects });
    await machine.well("up", "--allow-data-loss");
    assert.deepEqual(machine.engine(), ["pulumi up --yes --skip-preview"]);
  });

  it("explains why the engine failed, with Pulumi's own words, and prints no addresses", async () => {
    const { objects } = running();
    const message = "error: mkdir /var/lib/docker/volumes/x: no space left on device";
    const diagnosticEvent = { severity: "error", message, prefix: "", color: "never" } as const;
    machine.world({
      objects,
      operations: { up: { events: [{ sequence: 1, timestamp: 0, diagnosticEvent }], fails: "error: update failed" } },
    });
    const said = await machine.refused("up");
    assert.match(said, /^The disk is full\. .*docker builder prune.* removes .* no volume\. Then: npm run up$/m);
    assert.match(said, /^Pulumi's message:\n.*no space left on device$/m);
    assert.doesNotMatch(said, /Done|No changes|What is running/);
  });

  it("lists everything that is in the way, in one go, and does not touch it", async () => {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(machine.redisPort, "127.0.0.1", resolve));
    const objects = [
      { kind: "container" as const, id: "f0", name: "somebodys", port: machine.composePort },
      { kind: "volume" as const, id: "ck-course-labs-mysql", name: "ck-course-labs-mysql" },
      {
        kind: "network" as const,
        id: "n0",
        name: "ck-wordpress",
        labels: { "course-labs.stack": "kim", "course-labs.id": "1" },
      },
    ];
    const other = createServer();
    await new Promise<void>((resolve) => other.listen(machine.composePort, "127.0.0.1", resolve));
    try {
      machine.world({ objects });
      const said = await machine.refused("up");
      assert.match(
        said,
        new RegExp(
          `redisPort is ${machine.redisPort}, but another program already uses this port.*: ${machine.redisPort + 1}$`,
          "m",
        ),
      );
      assert.match(
        said,
        new RegExp(`composePort is ${machine.composePort}, but container somebodys .*\\(docker stop somebodys\\)`),
      );
      assert.match(
        said,
        /^volume ck-course-labs-mysql already exists .*docker volume rm ck-course-labs-mysql \(this deletes the data stored in it\)/m,
      );
      assert.match(
        said,
        /^network ck-wordpress belongs to another stack of this project \(kim, id 1\).*docker network rm ck-wordpress$/m,
      );
    } finally {
      server.close();
      other.close();
    }
    assert.deepEqual(machine.engine(), ["pulumi stack select dev --create"]);
    assert.equal(machine.objects().length, 3);
    assert.equal(existsSync(".pulumi/docker/dev.json"), false);
  });

  it("refuses an address that this machine does not have", async () => {
    machine.settings("  course-labs:bindAddress: 203.0.113.7\n");
    assert.match(await machine.refused("up"), /bindAddress is "203\.0\.113\.7": this machine has no such address/);
    assert.deepEqual(machine.calls(/^docker pull/), []);
  });

  it("cleans up after an interrupted run, and starts what was stopped", async () => {
    const { state, objects } = running();
    const pending = [{ resource: resource(state, "redis-image"), type: "creating" }];
    machine.left({ ...state, pending_operations: pending });
    const labels = { "course-labs.id": "458da07e" };
    const strays = [
      { kind: "container" as const, id: "abcdef0123456789", name: "half", labels },
      { kind: "network" as const, id: "0123456789abcdef", name: "half", labels },
      { kind: "volume" as const, id: "data", name: "data", labels },
    ];
    const stopped = objects.map((one) => (one.name === "ck-redis" ? { ...one, status: "exited" } : one));
    machine.world({ objects: [...stopped, ...strays] });
    const { said } = await machine.well("up");
    assert.match(said, /^Removing container abcdef012345, left by an interrupted run\.$/m);
    assert.match(said, /^Removing network 0123456789ab, left by an interrupted run\.$/m);
    assert.match(said, /^Starting the stopped container ck-redis\.$/m);
    assert.deepEqual(machine.calls(/^docker start/), [`docker start ${resource(state, "redis-container").id}`]);
    assert.ok(machine.objects().includes("volume data"), "a volume may hold posts");
    assert.deepEqual(machine.state()?.pending_operations, []);
    // A container that starts for the first time is not killed.
    assert.equal(machine.calls(/^docker stop -t 30 abcdef0123456789/).length, 1);
  });

  it("tries again if a container of an interrupted run appears late", async () => {
    const { objects } = running();
    const late = {
      kind: "container" as const,
      id: "abcdef0123456789",
      name: "late",
      labels: { "course-labs.id": "458da07e" },
    };
    const fails = 'error: Conflict. The container name "/ck-redis" is already in use';
    machine.world({ objects, operations: { up: [{ fails, makes: [late] }, {}] } });
    assert.match((await machine.well("up")).said, /Removing container abcdef012345/);
    assert.deepEqual(machine.engine(), ["pulumi preview", ...Array<string>(2).fill("pulumi up --yes --skip-preview")]);
    machine.world({ objects, operations: { up: { fails } } });
    assert.match(await machine.refused("up"), /another container called ck-redis/);
    assert.equal(machine.calls(/^pulumi up/).length, 1, "nothing was in the way that is ours");
  });

  it("says that the disk is full even if the state was cut off, and continues from the backup", async () => {
    const { state, objects } = running();
    const file = ".pulumi/stacks/course-labs/dev.json";
    copyFileSync(file, `${file}.bak`);
    const fails = "error: could not save: write dev.json: no space left on device";
    machine.world({ objects, operations: { up: { fails, cuts: true } } });
    assert.match(await machine.refused("up"), /^The disk is full\./m);
    machine.world({ objects });
    assert.match((await machine.well("up")).said, /^The state file is incomplete, .* Continuing with the backup/m);
    assert.deepEqual(machine.state(), state);
  });

  it("rebuilds an image whose name was given to another one, and says so", async () => {
    const { state, objects } = running();
    const image = resource(state, "redis-image");
    const mine = objects.map((one) => (one.name === "ck-redis:v1.0" ? { ...one, id: "sha256:0123456789abcdef" } : one));
    machine.world({ objects: mine });
    assert.match((await machine.well("up")).said, /ck-redis:v1\.0 refers to another image \(0123456789ab\)/);
    assert.deepEqual(machine.engine().at(-1), `pulumi up --yes --skip-preview --replace ${image.urn}`);
  });

  it("removes the image that a new one has replaced", async () => {
    const { state, objects } = running();
    const [image, tag] = [resource(state, "redis-image"), "sha256:new"];
    const made = { ...image, outputs: { ...image.outputs, repoDigest: tag } };
    const after = { resources: state.resources.map((one) => (one === image ? made : one)) };
    machine.world({ objects, operations: { up: { state: after, events: step("update", image) } } });
    await machine.well("up");
    assert.deepEqual(machine.calls(/^docker image rm/), [`docker image rm ${String(image.outputs?.repoDigest)}`]);
  });

  // Windows does not say of which program a process is.
  (process.platform === "win32" ? describe.skip.bind(describe) : describe)("beside another run", () => {
    let other: ChildProcess;
    const named = () => new RegExp(`^Another run is using stack dev \\(process ${other.pid} on `, "m");
    beforeEach(() => {
      const sleep = ["/bin/sleep", "/usr/bin/sleep"].find((file) => existsSync(file)) ?? assert.fail();
      symlinkSync(sleep, "pulumi");
      other = spawn(join(machine.folder, "pulumi"), ["60"], { stdio: "ignore" });
    });
    afterEach(() => other.kill());

    it("is refused, as are all that would change something, but not those that only read", async () => {
      const { state, objects } = running();
      machine.world({ objects });
      writeLock(other.pid as number);
      for (const command of ["up", "preview", "destroy"]) {
        assert.match(await machine.refused(command), named());
        assert.deepEqual(machine.engine(), []);
      }
      assert.deepEqual(machine.state(), state);
      assert.match((await machine.run("check")).printed, /failed/);
    });

    it("that began at the same moment does not touch what that one creates", async () => {
      const { objects } = running();
      const theirs = { kind: "container" as const, id: "abcdef0123456789", name: "made-by-the-other" };
      const makes = [{ ...theirs, labels: { "course-labs.id": "458da07e" } }];
      const fails = "error: the stack is currently locked by 1 lock(s).";
      machine.world({ objects, operations: { up: { fails, makes, locked: other.pid as number } } });
      assert.match(await machine.refused("up"), named());
      assert.ok(machine.objects().includes("container made-by-the-other"));
      assert.deepEqual(machine.calls(/^docker (stop|container rm)/), []);
    });
  });

  it("says which running labs the settings disable, and which of their data would be lost", async () => {
    const { state, objects } = running();
    machine.settings("", "redis, registry");
    const events = step("delete", resource(state, "compose-mysql-data"), true);
    machine.world({ objects, operations: { preview: { events } } });
    const said = await machine.refused("up");
    assert.match(
      said,
      /running but disabled in the settings \(course-labs:labs\), so they are removed: compose\. .*--labs redis,registry,compose$/m,
    );
    assert.match(said, /volume ck-course-labs-mysql: all data/);
    assert.deepEqual(machine.engine(), ["pulumi preview"]);
  });

  it("keeps the labs that nobody asked for", async () => {
    const { objects } = running();
    machine.world({ objects });
    assert.match(
      (await machine.well("up", "--labs", "redis")).said,
      /already running and are kept: registry, compose\. .*destroy -- --labs registry,compose$/m,
    );
  });

  it("creates nothing if Docker does not answer", async () => {
    machine.world({
      broken: "Cannot connect to the Docker daemon at unix:///var/run/docker.sock. Is the docker daemon running?",
    });
    process.env.HTTPS_PROXY = "http://127.0.0.1:9";
    assert.match(await machine.refused("up"), /Docker/);
    assert.deepEqual(machine.calls(/^pulumi up/), []);
  });

  it("says why an image cannot be pulled, and deploys nothing", async () => {
    process.env.HTTPS_PROXY = "http://127.0.0.1:9";
    machine.world({ pulling: "Error response from daemon: manifest for mysql:9.7.2 not found: manifest unknown" });
    assert.match(
      await machine.refused("up", "--labs", "compose"),
      /^Image \S+ cannot be pulled\. [^]*manifest unknown$/m,
    );
    assert.deepEqual(machine.calls(/^pulumi up/), []);
  });

  it("creates a missing stack only if it is named, and says that it is new", async () => {
    running();
    machine.world({ objects: pulled, operations: { up: { state: { resources: [] } } } });
    const said = (await machine.well("up", "--stack", "kim", "--labs", "registry")).said;
    assert.match(
      said,
      /^Creating the new stack kim\. There is no Pulumi\.kim\.yaml, .*Other stacks in this folder: dev$/m,
    );
    assert.ok(machine.calls(/^pulumi stack select kim --create/).length === 1);
  });

  it("speaks Korean if the locale is Korean", async () => {
    machine.remove();
    machine = await Machine.make("ko_KR.UTF-8");
    const { objects } = running();
    machine.world({ objects });
    const { said } = await machine.well("up");
    assert.match(said, /^실습 환경을 구성합니다: redis, registry, compose$/m);
    assert.match(said, /^변경 사항 없음: 모두 정상입니다\.$/m);
    assert.doesNotMatch(said, /Deploying|No changes/);
  });
});
