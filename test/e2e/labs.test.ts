import assert from "node:assert/strict";
import { appendFileSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { edit, setting } from "./edits";
import { clone, docker, dockerObjects, npmRun, ping, run, tearDown } from "./harness";
import { Visitor } from "./wordpress";

const all = ["--labs", "redis,registry,compose"];

describe("the labs on Docker, from a fresh clone", () => {
  let atFirst: ReturnType<typeof dockerObjects>;
  const visitor = new Visitor("http://localhost:30000");
  let folder: string;
  /** Everything that any command printed. */
  let printed = "";

  /** The labs' containers, in a fixed order; others may come and go beside them. */
  const containerIds = () =>
    docker("inspect", "--format", "{{.Id}} {{.State.Running}}", "redis", "debian", "mysql", "wordpress");
  const labs = async (command: string, ...args: string[]) => {
    const result = await npmRun(folder, command, args);
    printed += result.said;
    return result;
  };

  before(() => {
    atFirst = dockerObjects();
    folder = clone({ fresh: true });
  });
  after(async () => {
    await tearDown(folder);
  });

  it("one command installs what is missing and prints the labs' addresses", async () => {
    const { code, said } = await labs("up", ...all);
    assert.equal(code, 0, said);
    assert.match(
      said,
      /What is running:\n {2}redis {7}localhost:6379 .*\n {2}registry .*debian.*\n {2}compose {5}http:\/\/localhost:30000/,
    );
  });

  it("leaves no changes for git", () => {
    assert.equal(run("git", "-C", folder, "status", "--porcelain"), "");
  });

  it("Redis answers PONG on the printed address and by exec", async () => {
    assert.equal(await ping(6379), "+PONG");
    assert.equal(docker("exec", "redis", "redis-cli", "ping"), "PONG");
  });

  it("Redis is published on this machine only", () => {
    assert.equal(docker("port", "redis"), "6379/tcp -> 127.0.0.1:6379");
  });

  it("the registry lab's container stays up", () => {
    assert.equal(docker("inspect", "--format", "{{.State.Running}}", "debian"), "true");
    assert.match(docker("exec", "debian", "cat", "/etc/os-release"), /debian/);
  });

  it("WordPress serves its install page, is installed, and a post is written", async () => {
    await visitor.install();
    await visitor.write("First post of the class");
    assert.ok(await visitor.shows("First post of the class"));
  });

  it("WordPress answers at the address of the request", async () => {
    const other = new Visitor("http://127.0.0.1:30000");
    assert.ok(await other.shows("First post of the class"), "not sent back to the address of the installation");
  });

  it("MySQL cannot be reached from this machine", () => {
    assert.equal(docker("port", "mysql"), "");
  });

  it("outputs are the same for a person and for a program", async () => {
    const { stdout } = await labs("outputs", "--json");
    const outputs = JSON.parse(stdout) as Record<string, unknown>;
    assert.deepEqual(outputs, {
      labs: ["redis", "registry", "compose"],
      redis: { container: "redis", host: "localhost", image: "redis:v1.0", port: 6379 },
      registry: { container: "debian", image: "debian:12" },
      compose: { url: "http://localhost:30000" },
    });
  });

  it("up again changes nothing", async () => {
    const ids = containerIds();
    const { code, said } = await labs("up", ...all);
    assert.equal(code, 0, said);
    assert.match(said, /No changes/);
    assert.equal(containerIds(), ids);
    // That run has noted what a refresh found of new containers; the next one ends after its preview.
    const state = () => readFileSync(join(folder, ".pulumi/stacks/course-labs/dev.json"), "utf8");
    const noted = state();
    assert.match((await labs("up", ...all)).said, /No changes/);
    assert.equal(state(), noted);
  });

  it("preview of nothing says so", async () => {
    const { code, said } = await labs("preview", ...all);
    assert.equal(code, 0, said);
    assert.match(said, /no changes/);
  });

  it("an edited Dockerfile: preview shows the container replaced, up replaces it, the new one answers", async () => {
    const [image, container] = [
      docker("inspect", "--format", "{{.Image}}", "redis"),
      docker("inspect", "--format", "{{.Id}}", "redis"),
    ];
    appendFileSync(join(folder, "docker/redis/Dockerfile"), "\nLABEL lesson=two\n");
    const shown = await labs("preview", ...all);
    assert.match(shown.said, /\+- container \S*redis\S*: replace \(image\)/);
    assert.equal(docker("inspect", "--format", "{{.Id}}", "redis"), container, "a preview changes nothing");
    const { code, said } = await labs("up", ...all);
    assert.equal(code, 0, said);
    assert.notEqual(docker("inspect", "--format", "{{.Image}}", "redis"), image);
    assert.equal(docker("image", "inspect", "--format", '{{index .Config.Labels "lesson"}}', "redis:v1.0"), "two");
    assert.equal(await ping(6379), "+PONG");
    // The other lane builds the same image under a name of its own.
    const left = dockerObjects().images?.filter((line) => line.includes(image));
    assert.deepEqual(left, [], "the old image is gone");
  });

  it("a Dockerfile that fails: says which instruction, what it printed, and leaves the container as it is", async () => {
    const container = docker("inspect", "--format", "{{.Id}}", "redis");
    const asBefore = edit(folder, [["docker/redis/Dockerfile", /$/, "\nRUN echo the disk is on fire; exit 3\n"]]);
    const { code, said } = await labs("up", ...all);
    asBefore();
    assert.equal(code, 1, said);
    assert.match(said, /\[\d\/\d\] RUN echo the disk is on fire/);
    assert.match(said, /could not be built[^]*Pulumi's message:\n[^]*exit code: 3\n[^]*^the disk is on fire$/m);
    assert.equal(docker("inspect", "--format", "{{.Id}}", "redis"), container);
    assert.equal(await ping(6379), "+PONG");
  });

  it("a container that was removed by hand is repaired, and nothing else is touched", async () => {
    const wordpress = docker("inspect", "--format", "{{.Id}}", "wordpress");
    docker("rm", "--force", "redis");
    const { code, said } = await labs("up", ...all);
    assert.equal(code, 0, said);
    assert.equal(await ping(6379), "+PONG");
    assert.equal(docker("inspect", "--format", "{{.Id}}", "wordpress"), wordpress);
  });

  it("an image that was removed by hand is rebuilt", async () => {
    docker("rm", "--force", "redis");
    docker("rmi", "--force", "redis:v1.0");
    const { code, said } = await labs("up", ...all);
    assert.equal(code, 0, said);
    assert.equal(await ping(6379), "+PONG");
  });

  it("another image with the name of the built one is reported and kept without the name, and the image is rebuilt", async () => {
    const id = (name: string) => docker("image", "inspect", "--format", "{{.Id}}", name);
    docker("commit", "--change", "ENV MINE=1", "redis", "redis:v1.0");
    const mine = id("redis:v1.0");
    const before = await labs("preview", ...all);
    for (const { code, said } of [before, await labs("up", ...all)]) {
      assert.equal(code, 0, said);
      assert.match(said, /redis:v1\.0 refers to another image \([0-9a-f]{12}\) than the one built by up/);
      assert.match(said, /built image \S+: (?:replace|re-created)/);
    }
    assert.notEqual(id("redis:v1.0"), mine);
    assert.equal(docker("inspect", "--format", "{{.Image}}", "redis"), id("redis:v1.0"));
    assert.equal(await ping(6379), "+PONG");
    docker("image", "rm", mine);
    assert.match((await labs("up", ...all)).said, /No changes/);
  });

  it("an image that lost its name under a running container gets it back, and the container stays", async () => {
    const container = docker("inspect", "--format", "{{.Id}}", "debian");
    docker("rmi", "--force", "debian:12");
    const { code, said } = await labs("up", ...all);
    assert.equal(code, 0, said);
    assert.equal(docker("inspect", "--format", "{{.Id}}", "debian"), container);
  });

  it("the registry lab removed as in the course: doctor suggests up, which creates it again", async () => {
    docker("rm", "--force", "debian");
    // A registry would give the same image again.
    docker("tag", "debian:12", "course-labs-test/debian:1");
    docker("rmi", "debian:12");
    assert.match(
      (await labs("doctor")).said,
      /There is no image debian:12[;.][^]*next {2}npm run up -- --labs redis,registry,compose$/m,
    );
    const { code, said } = await labs("up", ...all);
    assert.equal(code, 0, said);
    docker("rmi", "course-labs-test/debian:1");
    assert.equal((await labs("doctor")).code, 0);
  });

  it("both containers of WordPress removed by hand: the post is still there after up", async () => {
    docker("rm", "--force", "wordpress", "mysql");
    const { code, said } = await labs("up", ...all);
    assert.equal(code, 0, said);
    assert.ok(await visitor.shows("First post of the class"));
  });

  it("what a student wrote in the registry container survives stop and up", async () => {
    docker("exec", "debian", "sh", "-c", "echo hello > /root/note");
    docker("commit", "debian", "course-labs-test/student:1");
    docker("stop", "debian");
    const { code, said } = await labs("up", ...all);
    assert.equal(code, 0, said);
    docker("start", "debian");
    assert.equal(docker("exec", "debian", "cat", "/root/note"), "hello");
  });

  it("--labs does not change the other labs", async () => {
    const { code, said } = await labs("up", "--labs", "redis");
    assert.equal(code, 0, said);
    assert.match(said, /already running and are kept: registry, compose/);
    assert.ok(await visitor.shows("First post of the class"));
  });

  it("a change that would lose the posts is refused, and nothing is changed", async () => {
    const ids = containerIds();
    const asBefore = edit(folder, [setting("prefix", "other-")]);
    const { code, said } = await labs("up", ...all);
    asBefore();
    assert.equal(code, 1, said);
    assert.match(said, /Nothing was changed, because this data would be lost:\n(.*\n)*.*volume course-labs-mysql:/);
    assert.equal(containerIds(), ids);
  });

  it("another stack with other names and ports runs beside this one", async () => {
    const settings = "  course-labs:labs: [redis]\n  course-labs:prefix: kim-\n  course-labs:redisPort: 6380\n";
    writeFileSync(join(folder, "Pulumi.kim.yaml"), `config:\n${settings}`);
    const { code, said } = await labs("up", "--stack", "kim");
    assert.equal(code, 0, said);
    assert.match(said, /localhost:6380/);
    assert.equal(await ping(6380), "+PONG");
    assert.equal(await ping(6379), "+PONG");
    const gone = await labs("destroy", "--stack", "kim");
    assert.equal(gone.code, 0, gone.said);
    assert.equal(await ping(6379), "+PONG");
    assert.doesNotMatch(docker("image", "ls", "--format", "{{.Repository}}"), /kim-/);
    rmSync(join(folder, "Pulumi.kim.yaml"));
  });

  it("one lab is destroyed, and another image with its name is kept", async () => {
    docker("commit", "--change", "ENV MINE=1", "redis", "redis:v1.0");
    const mine = docker("image", "inspect", "--format", "{{.Id}}", "redis:v1.0");
    const { code, said } = await labs("destroy", "--labs", "redis");
    assert.equal(code, 0, said);
    assert.match(
      said,
      /redis:v1\.0 referred to another image \([0-9a-f]{12}\) than the one built by up\. The other image is kept/,
    );
    docker("image", "rm", mine);
    assert.doesNotMatch(docker("ps", "--all", "--format", "{{.Names}}"), /^redis$/m);
    assert.ok(await visitor.shows("First post of the class"));
  });

  it("no password appears in what was printed, or in the state", () => {
    const env = docker("inspect", "--format", '{{join .Config.Env "\\n"}}', "mysql");
    const passwords = [...env.matchAll(/^MYSQL_(?:ROOT_)?PASSWORD=(.+)$/gm)].map((found) => found[1] as string);
    assert.equal(passwords.length, 2);
    const state = join(folder, ".pulumi");
    const kept = readdirSync(state, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => readFileSync(join(entry.parentPath, entry.name), "utf8"))
      .join("\n");
    for (const password of passwords) {
      assert.ok(password.length >= 16);
      assert.ok(!printed.includes(password));
      assert.ok(!kept.includes(password));
    }
  });

  it("destroy works whatever a student removed or created, and keeps what they created", async () => {
    docker("rm", "--force", "debian");
    const { code, said } = await labs("destroy");
    assert.equal(code, 0, said);
    assert.match(said, /Removing volume/);
    assert.equal(
      docker("image", "inspect", "--format", "{{.RepoTags}}", "course-labs-test/student:1"),
      "[course-labs-test/student:1]",
    );
    docker("rmi", "course-labs-test/student:1");
  });

  it("destroy leaves no container, network, volume or image that the stack made", () => {
    assert.deepEqual(dockerObjects(), atFirst);
  });
});
