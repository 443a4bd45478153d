import assert from "node:assert/strict";
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { dockerFacts, readImage } from "../../tools/checks/facts/docker";

/** A program that answers `docker KIND ls` and `docker KIND inspect` from files, the latter with an error where there is one. */
const docker = (folder: string) => `#!/bin/sh
cd ${folder}
echo "$*" >> calls
[ "$2" = ls ] && exec cat "$1.ids"
if [ -s "$1.error" ]; then
  head -1 "$1.error" >&2
  sed -i.bak 1d "$1.error"
  exit 1
fi
exec cat "$1.json"
`;

describe("what Docker has", function () {
  if (process.platform === "win32") return;
  const { PATH } = process.env;
  let folder: string;
  const kinds = ["container", "image"] as const;
  type Kind = (typeof kinds)[number];
  const has = (kind: Kind, ids: string[], objects: unknown[], errors: string[] = []) => {
    writeFileSync(join(folder, `${kind}.ids`), ids.join("\n"));
    writeFileSync(join(folder, `${kind}.json`), JSON.stringify(objects));
    writeFileSync(join(folder, `${kind}.error`), errors.map((error) => `${error}\n`).join(""));
  };
  const calls = () => readFileSync(join(folder, "calls"), "utf8").trim().split("\n").sort();

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "course-labs-facts-"));
    mkdirSync(join(folder, "bin"));
    writeFileSync(join(folder, "bin/docker"), docker(folder));
    chmodSync(join(folder, "bin/docker"), 0o755);
    for (const kind of kinds) has(kind, [], []);
    process.env.PATH = `${join(folder, "bin")}${delimiter}${PATH}`;
  });
  afterEach(() => {
    process.env.PATH = PATH;
    rmSync(folder, { recursive: true });
  });

  const state = {
    ...{ Status: "exited", Running: false, ExitCode: 3, OOMKilled: true },
    ...{ StartedAt: "2026-11-22T00:00:00Z", FinishedAt: "2026-11-22T00:00:01Z" },
    ...{ Error: "why", Health: { Status: "unhealthy" } },
  };
  const container = {
    ...{ Id: "c1", Name: "/redis", Image: "sha256:i1", RestartCount: 2, State: state },
    Config: { Image: "redis:v1.0", Labels: { a: "b" } },
    HostConfig: { RestartPolicy: { Name: "always" } },
    Mounts: [
      { Type: "volume", Name: "v", Source: "/var/lib/docker/v", Destination: "/data", RW: true },
      { Type: "bind", Source: "/home", Destination: "/home", RW: false },
      { Type: "tmpfs", Destination: "/run", RW: true },
    ],
    NetworkSettings: {
      Ports: { "6379/tcp": [{ HostIp: "127.0.0.1", HostPort: "6380" }], "80/tcp": null },
      Networks: { mine: { IPAddress: "172.18.0.2", GlobalIPv6Address: "", Aliases: ["db"] } },
    },
  };

  it("is read for every kind, each object once", async () => {
    has("container", ["c1", "c1"], [container]);
    has(
      "image",
      ["i1"],
      [
        {
          ...{ Id: "i1", RepoTags: ["redis:v1.0"], RepoDigests: ["redis@sha256:1"], RootFS: { Layers: ["l"] } },
          Config: {
            ...{ Cmd: ["c"], Entrypoint: ["e"], User: "redis", WorkingDir: "/w", Labels: { a: "b" } },
            ExposedPorts: { "6379/tcp": {} },
          },
        },
      ],
    );
    assert.deepEqual(await dockerFacts(), {
      containers: [
        {
          ...{ id: "c1", name: "redis", image: "sha256:i1", imageName: "redis:v1.0", status: "exited", running: false },
          ...{ health: "unhealthy", exitCode: 3, outOfMemory: true, restarts: 2, restartPolicy: "always" },
          ...{
            startedAt: "2026-11-22T00:00:00Z",
            finishedAt: "2026-11-22T00:00:01Z",
            error: "why",
            labels: { a: "b" },
          },
          ports: [{ inside: "6379/tcp", address: "127.0.0.1", port: 6380 }],
          networks: [{ name: "mine", address: "172.18.0.2", aliases: ["db"] }],
          mounts: [
            { type: "volume", name: "v", path: "/data", writable: true },
            { type: "bind", name: "/home", path: "/home", writable: false },
            { type: "tmpfs", name: "", path: "/run", writable: true },
          ],
        },
      ],
      images: [
        {
          ...{ id: "i1", names: ["redis:v1.0"], digests: ["redis@sha256:1"], layers: ["l"], command: ["c"] },
          labels: { a: "b" },
          settings: {
            ...{ CMD: 'CMD ["c"]', ENTRYPOINT: 'ENTRYPOINT ["e"]', USER: "USER redis", WORKDIR: "WORKDIR /w" },
            ...{ "EXPOSE 6379/tcp": "EXPOSE 6379/tcp", "LABEL a": "LABEL a=b" },
          },
        },
      ],
    });
    assert.deepEqual(calls(), [
      "container inspect c1",
      "container ls --quiet --all --no-trunc",
      "image inspect i1",
      "image ls --quiet --all --no-trunc",
    ]);
  });

  it("is nothing, and nothing is inspected, if there is nothing", async () => {
    assert.deepEqual(await dockerFacts(), { containers: [], images: [] });
    assert.ok(calls().every((call) => / ls /.test(call)));
  });

  it("is read again, up to three times, if something was removed meanwhile", async () => {
    const gone = "Error: No such container: c2";
    has("container", ["c1", "c2"], [container], [gone, gone, gone]);
    assert.equal((await dockerFacts()).containers.length, 1);
    has("container", ["c1", "c2"], [container], [gone, gone, gone, gone]);
    await assert.rejects(dockerFacts(), /No such container/);
  });

  it("is not read again for other errors of Docker", async () => {
    has("image", ["i1"], [], ["permission denied"]);
    await assert.rejects(dockerFacts(), /permission denied/);
    assert.equal(calls().filter((call) => call.startsWith("image inspect")).length, 1);
  });
});

describe("what an image is run with", () => {
  const of = (Config: object) => readImage({ Id: "i", RepoTags: null, RepoDigests: null, Config }).settings;
  it("is what a Dockerfile would contain for it", () => {
    assert.deepEqual(
      of({
        ...{ Cmd: ["a", "b"], Entrypoint: ["c"], Shell: ["/bin/sh", "-c"], StopSignal: "SIGINT", User: "redis" },
        ...{ WorkingDir: "/w", Healthcheck: { Test: ["NONE"] }, OnBuild: ["RUN a", "RUN b"], Env: ["TZ=UTC", "A=b=c"] },
        ...{ ExposedPorts: { "80/tcp": {} }, Labels: { l: "m=n" }, Volumes: { "/v": {} } },
      }),
      {
        ...{ CMD: 'CMD ["a", "b"]', ENTRYPOINT: 'ENTRYPOINT ["c"]', SHELL: 'SHELL ["/bin/sh", "-c"]' },
        ...{ STOPSIGNAL: "STOPSIGNAL SIGINT", USER: "USER redis", WORKDIR: "WORKDIR /w" },
        ...{ HEALTHCHECK: 'HEALTHCHECK {"Test":["NONE"]}', ONBUILD: "ONBUILD RUN a; RUN b" },
        ...{ "ENV TZ": "ENV TZ=UTC", "ENV A": "ENV A=b=c", "EXPOSE 80/tcp": "EXPOSE 80/tcp" },
        ...{ "LABEL l": "LABEL l=m=n", "VOLUME /v": "VOLUME /v" },
      },
    );
  });
  it("is nothing for defaults", () => {
    for (const User of ["root", "0", "root:root", "0:0", "0:root"]) assert.deepEqual(of({ User }), {}, User);
    assert.deepEqual(of({ Cmd: [], Entrypoint: [], Shell: [], WorkingDir: "/", Healthcheck: null, OnBuild: [] }), {});
    assert.deepEqual(of({ User: "root:redis" }), { USER: "USER root:redis" });
  });
});
