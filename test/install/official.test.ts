import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { createServer, Server } from "node:http";
import { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  checksumFor,
  cliRelease,
  commandInto,
  downloadVerified,
  minikubeFolder,
  minikubeRelease,
  pluginRelease,
  unpackInto,
} from "../../tools/install/official";
import { cacheRoot } from "../../tools/install/closed-network/cache";
import { LabError } from "../../text";

describe("official releases", () => {
  let server: Server;
  let base: string;
  let folder: string;
  const files = new Map<string, Buffer>();
  const asked: string[] = [];

  before(async () => {
    folder = mkdtempSync(join(tmpdir(), "course-labs-official-"));
    mkdirSync(join(folder, "in"));
    writeFileSync(join(folder, "in", "pulumi-resource-docker"), "a plugin");
    execFileSync("tar", ["-czf", join(folder, "plugin.tar.gz"), "-C", join(folder, "in"), "."]);
    files.set("/plugin.tar.gz", readFileSync(join(folder, "plugin.tar.gz")));
    server = createServer((request, response) => {
      asked.push(request.url ?? "");
      if (request.url === "/cut") {
        response.writeHead(200, { "content-length": 100 }).write("half", () => response.destroy());
        return;
      }
      const file = files.get(request.url ?? "");
      response.writeHead(file ? 200 : request.url === "/broken" ? 503 : 404).end(file);
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });
  after(() => {
    server.close();
    rmSync(folder, { recursive: true });
  });

  const manual = "https://example.org/by-hand";
  const list = (algorithm: string, content = files.get("/plugin.tar.gz") as Buffer) =>
    Buffer.from(`${createHash(algorithm).update(content).digest("hex")}  ./plugin.tar.gz\n`);
  const release = () => ({
    archive: `${base}/plugin.tar.gz`,
    checksums: [`${base}/none.txt`, `${base}/sums.txt`],
    manual,
  });
  const refused = (says: RegExp, from = release()) =>
    assert.rejects(downloadVerified(from), (error: unknown) => error instanceof LabError && says.test(error.text.en));

  for (const algorithm of ["sha1", "sha256", "sha512"]) {
    it(`are accepted if the published ${algorithm} matches`, async () => {
      files.set("/sums.txt", list(algorithm));
      assert.equal((await downloadVerified(release())).length, files.get("/plugin.tar.gz")?.length);
    });
  }

  it("are refused if the checksum does not match", async () => {
    files.set("/sums.txt", list("sha256", Buffer.from("something else")));
    await refused(/does not match .*sums\.txt: sha256 .*It was not installed/);
  });

  it("are refused if no checksum is published", async () => {
    files.set("/sums.txt", Buffer.from("0123  another.tar.gz\n"));
    await refused(/No published checksum was found/);
  });

  it("that cannot be downloaded are reported with the cause and a remedy, after three attempts", async () => {
    for (const [path, cause] of [
      ["/broken", /503 Service Unavailable/],
      ["/cut", /terminated|other side closed/],
    ] as const) {
      asked.length = 0;
      const from = { archive: `${base}${path}`, checksums: [], manual };
      await refused(
        new RegExp(`${path} could not be downloaded \\(.*${cause.source}.*NODE_USE_ENV_PROXY.*${manual}`),
        from,
      );
      assert.deepEqual(asked, [path, path, path]);
    }
    server.closeAllConnections();
  });

  it("whose certificate is not valid by the clock are reported with what it says", async () => {
    const { fetch } = globalThis;
    globalThis.fetch = () =>
      Promise.reject(
        new TypeError("fetch failed", { cause: Object.assign(new Error(), { code: "CERT_NOT_YET_VALID" }) }),
      );
    try {
      await assert.rejects(downloadVerified(release()), ({ text: { en, ko } }: LabError) => {
        const today = new Date().toISOString().slice(0, 10);
        assert.match(
          en,
          /plugin\.tar\.gz could not be downloaded, .* \(fetch failed, CERT_NOT_YET_VALID\)\. Set the clock/,
        );
        assert.match(ko, /시계를 맞춘 뒤 명령을 다시 실행하세요\.$/);
        return en.includes(`which says ${today} `) && ko.includes(`(${today})`);
      });
    } finally {
      globalThis.fetch = fetch;
    }
  });

  it("that cannot be written are reported with the folder", async () => {
    files.set("/sums.txt", list("sha256"));
    writeFileSync(join(folder, "a-file"), "");
    await assert.rejects(
      unpackInto(release(), join(folder, "a-file", "x")),
      (error: unknown) =>
        error instanceof LabError && /Could not write to .*a-file.x: .*ENOTDIR|EEXIST/.test(error.text.en),
    );
  });

  it("that do not exist are reported", () =>
    refused(/The file .*absent\.tar\.gz does not exist/, { archive: `${base}/absent.tar.gz`, checksums: [], manual }));

  it("are unpacked completely, with executable plugins", async () => {
    files.set("/sums.txt", list("sha256"));
    const target = join(folder, "plugins", "resource-docker-v1");
    await unpackInto(release(), target);
    assert.equal(readFileSync(join(target, "pulumi-resource-docker"), "utf8"), "a plugin");
    if (process.platform !== "win32") {
      assert.equal(statSync(join(target, "pulumi-resource-docker")).mode & 0o111, 0o111);
    }
    assert.deepEqual(readdirSync(join(folder, "plugins")), ["resource-docker-v1"]);
  });

  it("may be a single command with a checksum file", async () => {
    files.set("/minikube", Buffer.from("#!/bin/sh\n"));
    files.set("/minikube.sha256", Buffer.from(createHash("sha256").update("#!/bin/sh\n").digest("hex")));
    const from = { archive: `${base}/minikube`, checksums: [`${base}/minikube.sha256`], manual };
    await commandInto(from, join(folder, "tools", "minikube-v1"), "minikube");
    const file = join(folder, "tools", "minikube-v1", process.platform === "win32" ? "minikube.exe" : "minikube");
    assert.equal(readFileSync(file, "utf8"), "#!/bin/sh\n");
    assert.ok(process.platform === "win32" || (statSync(file).mode & 0o111) !== 0);
    files.set("/minikube", Buffer.from("something else"));
    await refused(/does not match .*minikube\.sha256:/, from);
  });

  for (const [platform, arch, file] of [
    ["linux", "x64", "minikube-linux-amd64"],
    ["linux", "arm64", "minikube-linux-arm64"],
    ["darwin", "arm64", "minikube-darwin-arm64"],
    ["win32", "x64", "minikube-windows-amd64.exe"],
    ["win32", "arm64", "minikube-windows-amd64.exe"],
  ] as const) {
    it(`of minikube for ${platform} on ${arch} are ${file}`, () => {
      const { archive, checksums } = minikubeRelease(platform, arch);
      assert.ok(archive.endsWith(`/v1.38.1/${file}`), archive);
      assert.deepEqual(checksums, [`${archive}.sha256`]);
    });
  }

  it("of minikube are stored in the common cache", () => {
    const { COURSE_LABS_CACHE: own, XDG_CACHE_HOME: all } = process.env;
    try {
      delete process.env.COURSE_LABS_CACHE;
      process.env.XDG_CACHE_HOME = join(folder, "cache");
      assert.equal(minikubeFolder(), join(cacheRoot(), "official", "minikube-v1.38.1"));
      assert.ok(minikubeFolder().startsWith(join(folder, "cache", "course-labs")));
    } finally {
      for (const [name, value] of Object.entries({ COURSE_LABS_CACHE: own, XDG_CACHE_HOME: all })) {
        if (value === undefined) delete process.env[name];
        else process.env[name] = value;
      }
    }
  });

  it("leave nothing behind if they are refused", async () => {
    files.set("/sums.txt", list("sha256", Buffer.from("something else")));
    await assert.rejects(unpackInto(release(), join(folder, "refused", "x")));
    assert.equal(existsSync(join(folder, "refused", "x")), false);
  });

  it("are found in checksum lists of sha256sum and shasum", () => {
    const hash = "a".repeat(64);
    assert.deepEqual(checksumFor(`${hash}  f.tar.gz\n`, "f.tar.gz"), { algorithm: "sha256", hash });
    assert.deepEqual(checksumFor(`${hash} *./f.tar.gz\n`, "f.tar.gz"), { algorithm: "sha256", hash });
    assert.equal(checksumFor(`${hash}  ff.tar.gz\n`, "f.tar.gz"), undefined);
    assert.equal(checksumFor("", "f.tar.gz"), undefined);
  });

  it("are those of this machine", () => {
    assert.match(
      cliRelease("3.232.0").archive,
      /\/pulumi-v3\.232\.0-(linux|darwin|windows)-(x64|arm64)\.(tar\.gz|zip)$/,
    );
    assert.match(
      pluginRelease("docker", "5.2.0").archive,
      /\/v5\.2\.0\/pulumi-resource-docker-v5\.2\.0-\w+-(amd64|arm64)\.tar\.gz$/,
    );
  });
});
