import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { createServer, Server } from "node:net";
import { mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { dockerProblem } from "../../tools/docker/docker-problems";
import { edit, setting } from "./edits";
import { clone, docker, dockerObjects, npmRun, remove } from "./harness";

/** One clear error, in either language, and nothing created. */
describe("bad input", () => {
  let folder: string;
  let stackFile: string;
  let asCloned: string;
  let atFirst: ReturnType<typeof dockerObjects>;

  before(() => {
    atFirst = dockerObjects();
    folder = clone();
    stackFile = join(folder, "Pulumi.dev.yaml");
    asCloned = readFileSync(stackFile, "utf8");
  });
  afterEach(() => {
    writeFileSync(stackFile, asCloned);
    assert.deepEqual(dockerObjects(), atFirst, "nothing was created");
  });
  after(() => remove(folder));

  /** Runs `up` with more settings, and expects exactly one kind of answer. */
  async function refused(
    settings: string[],
    args: string[],
    says: RegExp,
    env: Record<string, string | undefined> = {},
  ) {
    writeFileSync(stackFile, asCloned);
    for (const line of settings) {
      const [name = "", value = ""] = line.split(/: (.*)/);
      edit(folder, [setting(name, value)]);
    }
    const { code, said } = await npmRun(folder, "up", args, { env });
    assert.equal(code, 1, said);
    assert.match(said, says);
    assert.doesNotMatch(said, /\n\s+at .*:\d+/, "no stack trace");
    return said;
  }

  it("an unknown setting, with the one that was probably meant", () =>
    refused(["redisport: 6380"], [], /Setting course-labs:redisport does not exist, did you mean redisPort\?/));

  it("an unknown lab in the settings and on the command line", async () => {
    edit(folder, [setting("labs", "[redos]")]);
    const { code, said } = await npmRun(folder, "up");
    assert.equal(code, 1);
    assert.match(said, /Setting course-labs:labs is "redos": the labs are redis, registry, compose, kubernetes/);
    await refused(
      [],
      ["--labs", "redos"],
      /--labs contains "redos": the labs are redis, registry, compose, kubernetes/,
    );
  });

  it("an unknown option", () => refused([], ["--lab", "redis"], /Unknown option '--lab'/));

  it("a port that is no number", () =>
    refused(["redisPort: abc"], [], /course-labs:redisPort is "abc": it must be a port/));

  it("a port that two labs would share", () =>
    refused(["redisPort: 30000"], [], /course-labs:redisPort and course-labs:composePort are both 30000/));

  it("a malformed image name", () =>
    refused(["mysqlImage: My SQL"], [], /course-labs:mysqlImage is "My SQL": it must be an image name/));

  it("an address that this machine does not have", () =>
    refused(
      ["bindAddress: 203.0.113.7"],
      ["--labs", "redis"],
      /course-labs:bindAddress is "203.0.113.7": this machine has no such address/,
    ));

  it("a port that a process holds, with the command that names it", async () => {
    const server: Server = createServer();
    await new Promise<void>((resolve) => server.listen(6379, "127.0.0.1", resolve));
    try {
      await refused(
        [],
        ["--labs", "redis"],
        /course-labs:redisPort is 6379, but another program already uses this port\. Stop it \(to see which: .*6379\)/,
      );
    } finally {
      server.close();
    }
  });

  it("a port and a name that containers hold, which are named", async () => {
    docker(
      "run",
      "--detach",
      "--name",
      "somebodys",
      "--publish",
      "127.0.0.1:30000:80",
      "debian:12",
      "sleep",
      "infinity",
    );
    docker("run", "--detach", "--name", "mysql", "debian:12", "sleep", "infinity");
    try {
      const said = await refused(
        [],
        ["--labs", "compose"],
        /course-labs:composePort is 30000, but container somebodys already uses this port/,
      );
      assert.match(
        said,
        /container mysql already exists and was not created by this stack.*docker container rm --force mysql/,
      );
    } finally {
      docker("rm", "--force", "somebodys", "mysql");
    }
  });

  it("DOCKER_HOST where no Docker answers", () =>
    refused(
      [],
      ["--labs", "redis"],
      /DOCKER_HOST is set to unix:\/\/\/nonexistent\/docker\.sock in this terminal, but no Docker answers there\. .*unset DOCKER_HOST/,
      {
        DOCKER_HOST: "unix:///nonexistent/docker.sock",
      },
    ));

  it("no permission on Docker's socket", () => {
    // root may open every socket, so somebody else has to try, behind a folder that only root may enter
    const socket = join(mkdtempSync(join(tmpdir(), "course-labs-socket-")), "docker.sock");
    const env = { ...process.env, HOME: "/", DOCKER_HOST: `unix://${socket}` };
    const { stderr } = spawnSync("docker", ["version"], { uid: 65534, gid: 65534, env, encoding: "utf8" });
    assert.match(
      dockerProblem(stderr, { platform: process.platform }).en,
      /You have no permission to use Docker: permission denied on its socket\. .*usermod -aG docker/,
    );
  });

  it("a kube context that does not exist, with those that do", async () => {
    const kubeconfig = join(folder, ".pulumi-kubeconfig");
    writeFileSync(
      kubeconfig,
      "contexts:\n- {name: class-a, context: {cluster: a}}\n- {name: class-b, context: {cluster: a}}\n",
    );
    await refused(
      [`kubeconfig: ${kubeconfig}`, "kubeContext: minikube"],
      ["--labs", "kubernetes"],
      /course-labs:kubeContext is "minikube", .* has no such context\. Available contexts: class-a, class-b\./,
      { PATH: `${fakePlugin("kubernetes")}:${process.env.PATH}` },
    );
  });

  it("a cluster that does not answer", async () => {
    const kubeconfig = join(folder, ".pulumi-kubeconfig");
    writeFileSync(
      kubeconfig,
      "contexts: [{name: minikube, context: {cluster: a}}]\nclusters: [{name: a, cluster: {server: 'https://127.0.0.1:9'}}]\n",
    );
    await refused(
      [`kubeconfig: ${kubeconfig}`, "kubeContext: minikube"],
      ["--labs", "kubernetes"],
      /The cluster of context "minikube" does not answer at https:\/\/127\.0\.0\.1:9\. Start the cluster .*minikube start --profile minikube/,
      { PATH: `${fakePlugin("kubernetes")}:${process.env.PATH}` },
    );
  });

  it("the wrong passphrase, whether the salt is in the stack's file or only in the state", async () => {
    const made = await npmRun(folder, "up", ["--labs", "registry"]);
    assert.equal(made.code, 0, made.said);
    try {
      for (const settings of [readFileSync(stackFile, "utf8"), asCloned]) {
        writeFileSync(stackFile, settings);
        const env = { PULUMI_CONFIG_PASSPHRASE: "not-the-one" };
        const { code, said } = await npmRun(folder, "up", ["--labs", "registry"], { env });
        assert.equal(code, 1, said);
        assert.match(said, /The passphrase is wrong/);
      }
    } finally {
      const gone = await npmRun(folder, "destroy");
      assert.equal(gone.code, 0, gone.said);
    }
  });

  it("two stacks whose names would collide", async () => {
    const other = clone();
    try {
      const first = await npmRun(other, "up", ["--labs", "registry"]);
      assert.equal(first.code, 0, first.said);
      const { code, said } = await npmRun(folder, "up", ["--labs", "registry"]);
      assert.equal(code, 1, said);
      assert.match(said, /container debian belongs to another stack of this project \(dev, id [0-9a-f]{8}\)/);
    } finally {
      const gone = await npmRun(other, "destroy");
      assert.equal(gone.code, 0, gone.said);
      remove(other);
    }
  });

  it("speaks Korean on request", () =>
    refused(["redisPort: 30000"], ["--lang", "ko"], /두 실습이 같은 포트를 쓸 수 없습니다/));
});

/** A folder with a plugin that is only there to be found: these cases end before Pulumi starts it. */
function fakePlugin(name: string): string {
  const folder = mkdtempSync(join(tmpdir(), "course-labs-plugin-"));
  writeFileSync(join(folder, `pulumi-resource-${name}`), "#!/bin/sh\nexit 1\n", { mode: 0o755 });
  return folder;
}
