import assert from "node:assert/strict";
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { useDocker } from "../../tools/docker/docker";
import { forgetAddress, noteDocker, sameDocker, withoutAddress } from "../../tools/stack/same-docker";
import type { State } from "../../tools/stack/stack";
import { LabError } from "../../text";
import { fakePulumi } from "./fake-pulumi";

const urn = (type: string, name: string) => `urn:pulumi:dev::course-labs::${type}::${name}`;
const provider = (properties: Record<string, unknown>) => ({
  type: "pulumi:providers:docker",
  urn: urn("pulumi:providers:docker", "docker"),
  inputs: { ...properties, version: "5.2.0" },
  outputs: { ...properties, version: "5.2.0" },
});
const container = {
  type: "docker:index/container:Container",
  urn: urn("docker:index/container:Container", "redis-container"),
  id: "c0ffee",
};
const volume = {
  type: "docker:index/volume:Volume",
  urn: urn("docker:index/volume:Volume", "compose-mysql-data"),
  id: "course-labs-mysql",
};

describe("the state", () => {
  if (process.platform === "win32") return;
  /** What a `pulumi` was given to import in place of a state, if anything. */
  const imported = async (state: State) => {
    const folder = mkdtempSync(join(tmpdir(), "course-labs-imported-"));
    const file = join(folder, "state.json");
    const putBack = fakePulumi(`
      const exported = ${JSON.stringify({ version: 3, deployment: state })};
      if (process.argv.includes("export")) console.log(JSON.stringify(exported));
      else require("fs").writeFileSync(${JSON.stringify(file)}, require("fs").readFileSync(0));
    `);
    try {
      await forgetAddress("dev", state);
      if (!existsSync(file)) return undefined;
      return (JSON.parse(readFileSync(file, "utf8")) as { deployment: State }).deployment;
    } finally {
      putBack();
      rmSync(folder, { recursive: true, force: true });
    }
  };

  it("of an older version loses the address of Docker and nothing else", async () => {
    const state = { resources: [provider({ host: "unix:///tmp/one.sock" }), container], manifest: { magic: "m" } };
    assert.deepEqual(await imported(state), { resources: [provider({}), container], manifest: { magic: "m" } });
  });

  it("without an address is not changed", async () => {
    const state = { resources: [provider({}), container] };
    assert.equal(await imported(state), undefined);
    assert.equal(withoutAddress(state), state);
    assert.equal(withoutAddress(null), null);
  });
});

describe("the Docker of a stack", () => {
  if (process.platform === "win32") return;
  const home = process.cwd();
  const variables = ["PATH", "DOCKER_HOST", "DOCKER_CONTEXT", "MINIKUBE_ACTIVE_DOCKERD"];
  const before = variables.map((name) => [name, process.env[name]] as const);
  let folder: string;

  /** Selects a context, as a new terminal or `docker context use` does. */
  const select = async (name: string) => {
    delete process.env.DOCKER_HOST;
    writeFileSync("selected", name);
    await useDocker();
  };
  const state: State = { resources: [provider({}), container, volume] };
  /** An engine of a name, with an identity and containers. */
  const engine = (name: string, id: string, containers: string) => {
    writeFileSync(`${name}.id`, id);
    writeFileSync(`${name}.containers`, containers);
  };
  const refused = async (given: State, english: RegExp, korean: RegExp) =>
    assert.rejects(sameDocker("dev", given), (error: unknown) => {
      assert.ok(error instanceof LabError, String(error));
      assert.match(error.text.en, english);
      assert.match(error.text.ko, korean);
      return true;
    });

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "course-labs-same-docker-"));
    process.chdir(folder);
    const script = `#!/bin/sh
context=$(basename "\${DOCKER_HOST:-unix:///$(cat ${folder}/selected).sock}" .sock)
case "$1 $2" in
  "version --format") echo "29.0.1|linux|Engine,";;
  "context inspect") echo "$context|unix:///$context.sock";;
  "info --format") echo "$(cat ${folder}/$context.id)|OS of $context";;
  "container inspect")
    if grep -qx "$3" ${folder}/$context.containers; then echo '[{"Id": "'$3'"}]'; else echo "Error: No such container: $3" >&2; exit 1; fi;;
  *) echo "unexpected: $*" >&2; exit 1;;
esac
`;
    writeFileSync("docker", script);
    chmodSync("docker", 0o755);
    process.env.PATH = `${folder}${delimiter}${process.env.PATH ?? ""}`;
    for (const name of variables.slice(1)) delete process.env[name];
    engine("desktop-linux", "ID-1", "c0ffee");
    engine("default", "ID-2", "");
  });
  afterEach(() => {
    process.chdir(home);
    rmSync(folder, { recursive: true });
    for (const [name, value] of before) {
      if (value === undefined) delete process.env[name];
      else process.env[name] = value;
    }
  });

  it("is recorded, and any other one is refused", async () => {
    await select("desktop-linux");
    await noteDocker("dev", state);
    await sameDocker("dev", state);
    await select("default");
    await refused(
      state,
      /another Docker, OS of desktop-linux \(desktop-linux, unix:\/\/\/desktop-linux\.sock\), .* now uses OS of default \(default, unix:\/\/\/default\.sock\)\. Nothing was changed\. .*docker context use desktop-linux\. If it no longer exists, and the data of the labs is lost with it.*--allow-data-loss$/,
      /desktop-linux\.sock.*default\.sock.*docker context use desktop-linux.*--allow-data-loss/,
    );
  });

  it("may be available at another socket", async () => {
    await select("desktop-linux");
    await noteDocker("dev", state);
    engine("default", "ID-1", "c0ffee");
    await select("default");
    await sameDocker("dev", state);
  });

  it("is the same if everything was removed by hand", async () => {
    await select("desktop-linux");
    await noteDocker("dev", state);
    engine("desktop-linux", "ID-1", "");
    await sameDocker("dev", state);
  });

  it("is a different one if Docker was reinstalled", async () => {
    await select("desktop-linux");
    await noteDocker("dev", state);
    engine("desktop-linux", "ID-9", "");
    await refused(state, /a different Docker now answers at this address.*reinstalled/, /다른 Docker/);
  });

  it("is identified by its address if DOCKER_HOST is set", async () => {
    await select("desktop-linux");
    process.env.DOCKER_HOST = "unix:///default.sock";
    await useDocker();
    await noteDocker("dev", { resources: [] });
    await select("desktop-linux");
    engine("desktop-linux", "ID-1", "");
    await refused(
      state,
      /OS of default \(unix:\/\/\/default\.sock\).*: export DOCKER_HOST=unix:\/\/\/default\.sock\./,
      /DOCKER_HOST/,
    );
  });

  it("is left behind on request, and the new one is recorded", async () => {
    await select("desktop-linux");
    await noteDocker("dev", state);
    await select("default");
    await sameDocker("dev", state, true);
    await noteDocker("dev", state, true);
    assert.equal((JSON.parse(readFileSync(".pulumi/docker/dev.json", "utf8")) as { id: string }).id, "ID-2");
  });

  it("is identified by the state of an older version", async () => {
    await select("default");
    const old = { resources: [provider({ host: "unix:///desktop-linux.sock" }), container] };
    await refused(old, /another Docker, Docker \(unix:\/\/\/desktop-linux\.sock\)/, /desktop-linux\.sock/);
    engine("default", "ID-1", "c0ffee");
    await sameDocker("dev", old);
  });

  it("matters only if the stack has objects on Docker", async () => {
    await select("default");
    await sameDocker("dev", { resources: [provider({ host: "unix:///gone.sock" }), volume] });
    assert.equal(existsSync(".pulumi"), false);
  });
});
