import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer as httpServer } from "node:http";
import { AddressInfo, createServer, Server } from "node:net";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { attempt, live } from "../../tools/checks/facts/live";

describe("how checks reach the running labs", () => {
  const servers: Server[] = [];
  const listening = async (server: Server) => {
    servers.push(server);
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    return (server.address() as AddressInfo).port;
  };
  const free = async () => {
    const port = await listening(createServer());
    await new Promise((resolve) => servers.pop()!.close(resolve));
    return port;
  };
  after(() => servers.forEach((server) => server.close()));

  it("sends a line to a server, and returns its answer without the reply to QUIT", async () => {
    const asked: string[] = [];
    const port = await listening(
      createServer((socket) => {
        socket.on("data", (data) => {
          asked.push(data.toString());
          socket.write("+PO");
          socket.end("NG\r\n+OK\r\n");
        });
      }),
    );
    assert.equal(await live.ask("127.0.0.1", port, "PING"), "+PONG");
    assert.deepEqual(asked, ["PING\r\nQUIT\r\n"]);
  });

  it("fetches a page and follows no redirect", async () => {
    const port = await listening(
      httpServer((_, response) => response.writeHead(302, { Location: "/elsewhere" }).end("moved")),
    );
    const { status, headers, body } = await live.get(`http://127.0.0.1:${port}/`);
    assert.deepEqual([status, headers.location, body], [302, "/elsewhere", "moved"]);
  });

  it("reports why there is no answer", async () => {
    const port = await free();
    await assert.rejects(live.ask("127.0.0.1", port, "PING"), /ECONNREFUSED/);
    await assert.rejects(live.get(`http://127.0.0.1:${port}/`), { message: "ECONNREFUSED" });
  });

  it("treats a failing command as an answer, but a missing one as none", async () => {
    const script = "console.log('out'); console.error('err'); process.exitCode = Number(process.argv[1])";
    const said = { stdout: "out\n", stderr: "err\n" };
    for (const code of [0, 3]) {
      assert.deepEqual(await attempt(process.execPath, ["-e", script, String(code)]), { code, ...said });
    }
    await assert.rejects(attempt("course-labs-no-such-command", []), /ENOENT/);
  });

  it("resolves a name on this machine", async () => {
    assert.match((await live.resolve("localhost")) ?? "", /^(127\.0\.0\.1|::1)$/);
    assert.equal(await live.resolve("no-such-name.invalid"), undefined);
  });
});

describe("an image's layers and steps", function () {
  if (process.platform === "win32") return;
  const { PATH } = process.env;
  let folder: string;
  const tar = (...args: string[]) => execFileSync("tar", args, { cwd: folder });
  const program = (name: string, script: string) => {
    writeFileSync(join(folder, "bin", name), `#!/bin/sh\n${script}\n`);
    chmodSync(join(folder, "bin", name), 0o755);
  };

  before(() => {
    folder = mkdtempSync(join(tmpdir(), "course-labs-live-"));
    for (const name of ["bin", "root", "hello"]) mkdirSync(join(folder, name));
    writeFileSync(join(folder, "root", "note"), "");
    tar("-cf", "lower", "root");
    tar("-cf", "upper", "hello");
    writeFileSync(join(folder, "manifest.json"), JSON.stringify([{ Layers: ["lower", "upper"] }]));
    tar("-cf", "saved.tar", "manifest.json", "lower", "upper");
    const real = execFileSync("sh", ["-c", "command -v tar"], { encoding: "utf8" }).trim();
    program(
      "docker",
      `case $1 in
        # As the one of the snap, which may not write into /tmp.
        image) case "$*" in *--output*) echo "invalid output path" >&2; exit 1;; esac; cat ${join(folder, "saved.tar")} ;;
        history) printf '%s\\n' '{"CreatedBy":"newest","Comment":"b"}' '{"CreatedBy":"oldest","Comment":""}' ;;
        *) echo "$*" ;;
      esac`,
    );
    // As the one of Git Bash, which takes C:\image.tar for a file of the machine C.
    program("tar", `for word; do case $word in /* | *:*) exit 128 ;; esac; done\nexec ${real} "$@"`);
    process.env.PATH = `${join(folder, "bin")}${delimiter}${PATH}`;
  });
  after(() => {
    process.env.PATH = PATH;
    rmSync(folder, { recursive: true });
  });

  it("are read from what docker saves, by a tar that takes no whole paths", async () => {
    assert.deepEqual(await live.layers("mine:1"), [["root/", "root/note"], ["hello/"]]);
  });

  it("come with its steps, the oldest first", async () =>
    assert.deepEqual(await live.history("mine:1"), [
      { step: "oldest", comment: "" },
      { step: "newest", comment: "b" },
    ]));

  it("are read in a temporary container without a network", async () => {
    const { stdout } = await live.runOnce("mine:1", "cat", "/etc/os-release");
    assert.equal(stdout, "run --rm --network none --entrypoint cat mine:1 /etc/os-release\n");
    assert.equal((await live.exec("debian", "hostname", "-I")).stdout, "exec debian hostname -I\n");
  });
});

// Docker is a script for a shell here.
(process.platform === "win32" ? describe.skip.bind(describe) : describe)("how a check has Docker build", () => {
  const { PATH, DOCKER_BUILDKIT } = process.env;
  let folder: string;
  const read = (file: string) => readFileSync(join(folder, file), "utf8");
  before(() => {
    folder = mkdtempSync(join(tmpdir(), "course-labs-builds-"));
    const script = `#!/bin/sh
cd "$(dirname "$0")"
echo "$*" >> calls
case "$*" in
  "image ls"*) echo sha256:old ;;
  build*) cat > content; env | grep BUILD | sort > env; [ ! -f fails ] || { cat fails >&2; exit 1; }; echo a word; cat id ;;
  "image inspect"*) echo '[{ "Id": "'$3'", "RepoTags": null, "RepoDigests": null, "Config": { "Cmd": ["a"] } }]' ;;
  history*) echo '{ "CreatedBy": "two", "Comment": "c" }'; echo '{ "CreatedBy": "one", "Comment": "" }' ;;
esac
`;
    writeFileSync(join(folder, "docker"), script, { mode: 0o755 });
    process.env.PATH = [folder, PATH].join(delimiter);
    delete process.env.DOCKER_BUILDKIT;
  });
  after(() => {
    process.env.PATH = PATH;
    if (DOCKER_BUILDKIT !== undefined) process.env.DOCKER_BUILDKIT = DOCKER_BUILDKIT;
    rmSync(folder, { recursive: true });
  });
  beforeEach(() => {
    rmSync(join(folder, "calls"), { force: true });
    writeFileSync(join(folder, "id"), "sha256:new\n");
  });

  it("from a text, with the default builder, and removes the image afterwards", async () => {
    const built = await live.build({ content: "FROM a\n", args: { BASE: "a:1", B: "2" } });
    assert.ok("image" in built);
    assert.deepEqual([built.image.id, built.image.command], ["sha256:new", ["a"]]);
    assert.deepEqual(built.history, [
      { step: "one", comment: "" },
      { step: "two", comment: "c" },
    ]);
    assert.deepEqual(read("calls").trim().split("\n"), [
      "image ls --all --quiet --no-trunc",
      "build --quiet --build-arg BASE=a:1 --build-arg B=2 -",
      "image inspect sha256:new",
      "history --no-trunc --format {{json .}} sha256:new",
      "image rm sha256:new",
    ]);
    assert.equal(read("content"), "FROM a\n");
    assert.equal(read("env"), "BUILDX_BUILDER=default\nBUILDX_NO_DEFAULT_ATTESTATIONS=1\n");
  });

  it("from a file and its folder, with the requested builder", async () => {
    for (const [buildKit, number] of [
      [true, 1],
      [false, 0],
    ] as const) {
      await live.build({ file: "/a/Dockerfile", args: {}, buildKit });
      assert.match(read("calls"), /^build --quiet --file \/a\/Dockerfile \/a$/m);
      assert.match(read("env"), new RegExp(`^DOCKER_BUILDKIT=${number}$`, "m"));
    }
  });

  it("and keeps an image that existed before", async () => {
    writeFileSync(join(folder, "id"), "sha256:old\n");
    await live.build({ content: "FROM a\n", args: {} });
    assert.doesNotMatch(read("calls"), /image rm/);
  });

  it("and reports why Docker could not", async () => {
    writeFileSync(join(folder, "fails"), "no such base\n");
    assert.deepEqual(await live.build({ content: "FROM a\n", args: {} }), { problem: "no such base" });
  });
});
