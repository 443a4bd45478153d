import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { deb822, install, parseDeb822, parseOneLine, sourcesFor } from "../../tools/install/closed-network/apt";
import {
  Recipe,
  cacheKey,
  cacheRoot,
  fill,
  filesOf,
  ownerIsAlive,
  withLock,
} from "../../tools/install/closed-network/cache";
import { daemonSettings } from "../../tools/install/closed-network/dockerd";
import { goTool, goVersion, pulumiCli, requiredVersion } from "../../tools/install/closed-network/go";
import { plain } from "../../tools/install/closed-network/images";
import { parseReference, requireStandIn, standInFor } from "../../tools/install/closed-network/references";
import { elapsed, lastLines, run, withProgress } from "../../tools/install/closed-network/run";
import { treeImage } from "../../tools/install/closed-network/trees";
import { LabError, Text } from "../../text";

const module_ = path.join(__dirname, "../../tools/install/closed-network/tools/pulumi");
const hangul = /[가-힣]/;

describe("closed network", () => {
  // It is for Linux: only its files are looked at, and a Windows has neither their modes nor its signals.
  if (process.platform === "win32") return;
  let root: string;
  beforeEach(() => (root = fs.mkdtempSync(path.join(os.tmpdir(), "cn-test-"))));
  afterEach(() => fs.rmSync(root, { recursive: true, force: true }));

  /** Does something where programs are these shell scripts, for root. */
  async function withPrograms(scripts: Record<string, string>, work: () => Promise<unknown>): Promise<void> {
    const { env, getuid } = process;
    const bin = fs.mkdtempSync(path.join(root, "bin-"));
    for (const [name, script] of Object.entries(scripts))
      fs.writeFileSync(path.join(bin, name), `#!/bin/sh\n${script}\n`, { mode: 0o755 });
    process.env = { ...env, PATH: `${bin}${path.delimiter}${env.PATH}` };
    process.getuid = () => 0;
    try {
      await work();
    } finally {
      process.env = env;
      process.getuid = getuid;
    }
  }

  describe("cache", () => {
    const recipe: Recipe = { name: "tool", version: "v1", content: { "a.txt": "one", "b.txt": "two" } };
    const silent = () => undefined;

    it("is located as set in the environment", () => {
      assert.equal(cacheRoot({ COURSE_LABS_CACHE: "/c", XDG_CACHE_HOME: "/x" }, "/h"), "/c");
      assert.equal(cacheRoot({ XDG_CACHE_HOME: "/x" }, "/h"), "/x/course-labs");
      assert.equal(cacheRoot({ XDG_CACHE_HOME: "relative" }, "/h"), "/h/.cache/course-labs");
      assert.equal(cacheRoot({}, "/h"), "/h/.cache/course-labs");
    });

    it("has one key per recipe, independent of the order of its parts", () => {
      const key = cacheKey(recipe);
      assert.equal(cacheKey({ ...recipe, content: { "b.txt": "two", "a.txt": "one" } }), key);
      assert.match(key, /^v1-[0-9a-f]{16}$/);
      const others = [
        { ...recipe, name: "other" },
        { ...recipe, version: "v2" },
        { ...recipe, content: { ...recipe.content, "a.txt": "changed" } },
        { ...recipe, content: { ...recipe.content, "c.txt": "" } },
        // Text that moves from one file to the next is another recipe.
        { ...recipe, content: { "a.txt": "onetwo", "b.txt": "" } },
      ].map(cacheKey);
      assert.equal(new Set([key, ...others]).size, 6);
    });

    it("reads a recipe's files with their folders", async () => {
      fs.mkdirSync(path.join(root, "sub"));
      fs.writeFileSync(path.join(root, "sub", "x"), "1");
      fs.writeFileSync(path.join(root, "y"), "2");
      assert.deepEqual(await filesOf(root), { [path.join("sub", "x")]: "1", y: "2" });
      assert.deepEqual(await filesOf(root, (file) => file !== "y"), { [path.join("sub", "x")]: "1" });
    });

    it("builds once, and gives the same entry afterwards", async () => {
      let builds = 0;
      const build = async (folder: string) => {
        builds++;
        await fs.promises.writeFile(path.join(folder, "out"), "made");
      };
      const first = await fill(root, recipe, build, silent);
      const second = await fill(root, recipe, build, silent);
      assert.equal(first, path.join(root, "tool", cacheKey(recipe)));
      assert.deepEqual([second, builds], [first, 1]);
      assert.equal(fs.readFileSync(path.join(first, "out"), "utf8"), "made");
      await fill(root, { ...recipe, version: "v2" }, build, silent);
      assert.equal(builds, 2, "a changed recipe is built");
    });

    it("lets one process build while the others wait and report it", async () => {
      let builds = 0;
      const said: Text[] = [];
      const build = async (folder: string) => {
        builds++;
        await new Promise((resolve) => setTimeout(resolve, 300));
        await fs.promises.writeFile(path.join(folder, "out"), "made");
      };
      const all = [1, 2, 3].map(() => fill(root, recipe, build, (line) => said.push(line)));
      assert.equal(new Set(await Promise.all(all)).size, 1);
      assert.equal(builds, 1);
      assert.deepEqual(
        said.map((line) => line.en),
        Array(2).fill(`tool: waiting for process ${process.pid}, which is building it`),
      );
      assert.ok(said.every((line) => hangul.test(line.ko)));
    });

    it("keeps nothing of a build that failed", async () => {
      const fails = fill(
        root,
        recipe,
        (folder) =>
          fs.promises.writeFile(path.join(folder, "half"), "").then(() => {
            throw new Error("no network");
          }),
        silent,
      );
      await assert.rejects(fails, /no network/);
      assert.deepEqual(fs.readdirSync(path.join(root, "tool")), []);
    });

    it("starts over after a killed build", async () => {
      const leftover = path.join(root, "tool", ".building-killed");
      fs.mkdirSync(leftover, { recursive: true });
      fs.writeFileSync(path.join(leftover, "half"), "");
      const entry = await fill(root, recipe, (folder) => fs.promises.writeFile(path.join(folder, "out"), ""), silent);
      assert.deepEqual(fs.readdirSync(entry), ["out"]);
      assert.deepEqual(fs.readdirSync(path.join(root, "tool")), [path.basename(entry)]);
    });
  });

  describe("lock", () => {
    const never = () => assert.fail("nobody was to be waited for");
    const deadPid = () => spawnSync(process.execPath, ["--eval", ""]).pid;
    const held = (owner: string) => {
      const lock = path.join(root, "lock");
      fs.mkdirSync(lock);
      fs.writeFileSync(path.join(lock, owner), "");
      return lock;
    };

    it("detects dead owners, even if a PID was reused", () => {
      assert.equal(ownerIsAlive(`${process.pid}--x`), true);
      assert.equal(ownerIsAlive(`${deadPid()}--x`), false);
      assert.equal(ownerIsAlive("no-number"), false);
      // Started at another time: this process has the number of one that is gone.
      if (process.platform === "linux") assert.equal(ownerIsAlive(`${process.pid}-1-x`), false);
    });

    it("is taken over from a dead process by only one other", async () => {
      const lock = held(`${deadPid()}-77-dead`);
      const inside: number[] = [];
      let most = 0;
      const work = async () => {
        inside.push(1);
        most = Math.max(most, inside.length);
        await new Promise((resolve) => setTimeout(resolve, 20));
        inside.pop();
      };
      await Promise.all(Array.from({ length: 8 }, () => withLock(lock, "x", () => undefined, work, 5)));
      assert.equal(most, 1);
      assert.deepEqual(fs.readdirSync(root), [], "nothing is left");
    });

    it("is released if the work fails", async () => {
      const lock = path.join(root, "lock");
      const fails = withLock(lock, "x", never, () => Promise.reject(new Error("broken")));
      await assert.rejects(fails, /broken/);
      assert.equal(await withLock(lock, "x", never, () => Promise.resolve("done")), "done");
    });

    it("waits for a running process", async () => {
      const owner = `${process.pid}--other`;
      const lock = held(owner);
      let held_ = true;
      setTimeout(() => {
        held_ = false;
        fs.rmSync(path.join(lock, owner));
        fs.rmdirSync(lock);
      }, 100);
      const said: Text[] = [];
      await withLock(
        lock,
        "x",
        (line) => said.push(line),
        () => Promise.resolve(assert.equal(held_, false)),
        10,
      );
      assert.equal(said.length, 1, "said once, not at every look");
    });
  });

  describe("image names", () => {
    it("are parsed as Docker does", () => {
      assert.deepEqual(parseReference("mysql"), { repository: "mysql", tag: "latest" });
      for (const same of ["mysql:9", "library/mysql:9", "docker.io/mysql:9", "docker.io/library/mysql:9"]) {
        assert.deepEqual(parseReference(same), { repository: "mysql", tag: "9" }, same);
      }
      assert.deepEqual(parseReference("bitnami/mysql:9"), { repository: "bitnami/mysql", tag: "9" });
      assert.deepEqual(parseReference("localhost:5000/mysql"), {
        repository: "mysql",
        tag: "latest",
        registry: "localhost:5000",
      });
      assert.deepEqual(parseReference("example.org/library/mysql:9"), {
        repository: "library/mysql",
        tag: "9",
        registry: "example.org",
      });
      assert.equal(parseReference("mysql:9@sha256:00").digest, "sha256:00");
    });

    it("determine the packages of a release", () => {
      const release = (image: string) => standInFor(parseReference(image))?.release;
      assert.equal(release("debian:12"), "bookworm");
      assert.equal(release("debian:bookworm-slim"), "bookworm");
      assert.equal(release("debian:12.11"), "bookworm");
      assert.equal(release("debian:13"), "trixie");
      assert.equal(release("debian"), "trixie");
      assert.equal(release("ubuntu:24.04"), "bookworm");
      assert.equal(release("ubuntu:26.04"), "trixie");
      assert.equal(release("docker.io/library/mysql:9.7.2"), "sid");
      assert.equal(release("wordpress:7.1.0-php8.3-apache"), "sid");
      for (const none of [
        "debian:120",
        "debian:1",
        "redis:7",
        "bitnami/wordpress:7",
        "wordpress:7-fpm",
        "wordpress:cli",
      ])
        assert.equal(release(none), undefined, none);
      assert.equal(release("example.org/mysql:9"), undefined, "another registry's image is another image");
      assert.equal(release(`mysql@sha256:${"0".repeat(64)}`), undefined, "no stand-in has that content");
    });

    it("without a stand-in are refused, with the available ones", () => {
      const refusal = (error: unknown) =>
        error instanceof LabError &&
        [error.text.en, error.text.ko].every((text) => text.includes('"redis:7"') && text.includes("mysql:<tag>")) &&
        hangul.test(error.text.ko);
      assert.throws(() => requireStandIn("redis:7"), refusal);
    });

    it("are shown with upstream versions", () => {
      assert.equal(plain("9.7.4-2"), "9.7.4");
      assert.equal(plain("7.1.4+dfsg1-1"), "7.1.4");
      assert.equal(plain("5:7.0.15-1~deb12u10"), "7.0.15");
      assert.equal(plain("6.8.12+dfsg1-0+deb13u1"), "6.8.12");
    });
  });

  describe("package sources", () => {
    const stanza = [
      "# the main one",
      "Types: deb deb-src",
      "URIs: http://mirror.example/debian",
      "# a comment within",
      "Suites: bookworm bookworm-updates bookworm-backports",
      "Components: main contrib",
      "Signed-By:",
      " -----BEGIN",
      " .",
      " -----END",
    ].join("\n");

    it("are parsed in both formats of apt", () => {
      assert.deepEqual(
        parseOneLine("deb [arch=amd64 signed-by=/k.gpg,/l.gpg] http://m.example/d bookworm main contrib # x"),
        [
          {
            uris: ["http://m.example/d"],
            suites: ["bookworm"],
            components: ["main", "contrib"],
            signedBy: "/k.gpg /l.gpg",
          },
        ],
      );
      assert.deepEqual(
        parseOneLine("# deb http://m.example/d bookworm main\ndeb-src http://m.example/d bookworm main"),
        [],
      );
      assert.deepEqual(parseDeb822(stanza + "\n\nTypes: deb-src\nURIs: x\nSuites: y\nComponents: main\n"), [
        {
          uris: ["http://mirror.example/debian"],
          suites: ["bookworm", "bookworm-updates", "bookworm-backports"],
          components: ["main", "contrib"],
          signedBy: "\n -----BEGIN\n .\n -----END",
        },
      ]);
      assert.deepEqual(parseDeb822("Types: deb\nEnabled: no\nURIs: x\nSuites: y\nComponents: main"), []);
    });

    it("are those of this machine, for another release", () => {
      const security = "deb http://mirror.example/security bookworm-security main";
      const foreign = "deb http://tool.example/apt stable main";
      const host = [...parseDeb822(stanza), ...parseOneLine(`${security}\n${foreign}`)];
      const suites = (release: string) => sourcesFor(release, host, "bookworm").map((source) => source.suites);
      assert.deepEqual(suites("trixie"), [["trixie", "trixie-updates"], ["trixie-security"]]);
      assert.deepEqual(suites("sid"), [["sid"]], "a rolling release has one suite");
    });

    it("are written in a format that is parsed to the same result", () => {
      const host = parseDeb822(stanza);
      assert.deepEqual(parseDeb822(deb822(host)), host);
    });
  });

  describe("Debian packages", () => {
    const none = () => undefined;
    // Hash sums catch what a mirror that is being updated, or a cut connection, gives.
    const cut = "E: Failed to fetch http://mirror/m.deb  Connection failed";

    it("whose lists are out of date are got with new ones", async () => {
      const log = path.join(root, "log");
      const got = `echo "$1" >> '${log}'; [ "$1" = update ] && exit; grep -q update '${log}'`;
      await withPrograms({ "apt-get": got }, () => install(["gcc"], "gcc", none));
      assert.deepEqual(fs.readFileSync(log, "utf8").trim().split("\n"), ["install", "update", "install"]);
    });

    it("that are cut off are told with the command and apt's own reason", () =>
      withPrograms({ "apt-get": `echo "${cut}" >&2; exit 100` }, () =>
        assert.rejects(
          install(["gcc", "libc6-dev"], "gcc", none),
          ({ text: { en, ko } }: LabError) =>
            en.startsWith("apt-get install gcc libc6-dev failed, which is required for gcc.") &&
            ko.startsWith("필요한 패키지(gcc)를 설치하지 못했습니다.") &&
            en.endsWith(`\n${cut}`),
        ),
      ));

    it("of a tree that are cut off leave no half of it, and the next run begins anew", async () => {
      const of = { name: "mysql", release: "trixie", packages: ["mysql-server"], scripts: {} };
      const recipe = { name: "tree-mysql", version: "1", content: {} };
      const cache = path.join(root, "cache");
      const made = () => treeImage(cache, { of, recipe, sources: "", options: [] }, none);
      const half = 'for into; do case "$into" in */tree.tar) break; esac; done; echo half > "$into"';
      await withPrograms({ mmdebstrap: `${half}; echo "${cut}" >&2; exit 25` }, () =>
        assert.rejects(
          made(),
          ({ text: { en, ko } }: LabError) =>
            /^mmdebstrap could not install Debian trixie packages for mysql /.test(en) &&
            /^mmdebstrap이 .*설치하지 못했습니다/.test(ko) &&
            en.endsWith(`\n${cut}`),
        ),
      );
      assert.deepEqual(fs.readdirSync(path.join(cache, "tree-mysql")), []);
      const whole = `${half}; echo whole > "$into"; echo "mysql 9" > "$LAB_PACKAGES_FILE"`;
      const docker = `[ "$1" = import ] && grep -q whole "$2"`;
      await withPrograms({ mmdebstrap: whole, docker }, async () => {
        assert.deepEqual((await made()).versions, ["mysql 9"]);
      });
    });
  });

  describe("tools", () => {
    it("include the CLI in the version of the library", () => {
      const goMod = fs.readFileSync(path.join(module_, "go.mod"), "utf8");
      const manifest = JSON.parse(fs.readFileSync(path.join(__dirname, "../../package.json"), "utf8")) as {
        dependencies: Record<string, string>;
      };
      const version = requiredVersion(goMod, "github.com/pulumi/pulumi/pkg/v3");
      assert.equal(version, `v${manifest.dependencies["@pulumi/pulumi"]}`);
      assert.match(goVersion(goMod), /^1\.\d+\.\d+$/);
      assert.throws(() => requiredVersion(goMod, "github.com/pulumi/pulumi"), /no version/);
    });

    for (const [what, said, en, ko] of [
      ["a full disk", "write /tmp/x: no space left on device", /^The disk is full, so .* could not be built/, /디스크/],
      ["anything else", "dial tcp: lookup proxy", /needs the Go module proxy: check "go env GOPROXY"/, /GOPROXY/],
      ["a module that is cut off", "read x.zip: unexpected EOF", /^Building .* check "go env GOPROXY" and run/, /실패/],
    ] as const) {
      it(`that cannot be built name ${what}, and leave nothing that is half built`, async () => {
        const go = `[ "$1" = env ] && exec echo go1.99.0\necho "${said}" >&2\nexit 1`;
        await withPrograms({ go }, () =>
          assert.rejects(
            goTool(path.join(root, "cache"), pulumiCli, () => undefined),
            ({ text }: LabError) => en.test(text.en) && ko.test(text.ko) && text.en.endsWith(said),
          ),
        );
        assert.deepEqual(fs.readdirSync(path.join(root, "cache/pulumi")), []);
      });
    }

    it("set the MTU only if it differs from the default", () => {
      assert.equal(daemonSettings(1400).mtu, 1400);
      assert.equal("mtu" in daemonSettings(1500), false);
      assert.equal("mtu" in daemonSettings(undefined), false);
    });
  });

  describe("programs", () => {
    it("return their output and exit code, and write a log", async () => {
      const log = path.join(root, "logs", "x.log");
      const script = "process.stdin.pipe(process.stdout); process.stderr.write('warned'); process.exitCode = 3";
      const result = await run(process.execPath, ["--eval", script], { input: "hello", log });
      assert.deepEqual([result.code, result.stdout], [3, "hello"]);
      assert.match(result.tail, /warned/);
      assert.match(fs.readFileSync(log, "utf8"), /hello/);
    });

    const onLinux = process.platform === "linux" ? it : it.skip.bind(it);
    onLinux("go on where the disk has no room for their log", async () => {
      const result = await run(process.execPath, ["--eval", "console.log('said')"], { log: "/dev/full" });
      assert.deepEqual([result.code, result.stdout], [0, "said\n"]);
    });

    it("that have to clean up outlive this process, and write to their log", async () => {
      const log = path.join(root, "x.log");
      const done = path.join(root, "done");
      const script = `setTimeout(() => process.stdout.write("on"), 500); setTimeout(() => fs.writeFileSync(${JSON.stringify(done)}, ""), 700)`;
      const caller = `require("ts-node").register({ transpileOnly: true });
        const { run } = require("./tools/install/closed-network/run");
        void run(process.execPath, ["--eval", ${JSON.stringify(script)}], { log: ${JSON.stringify(log)}, outlives: true });
        setTimeout(() => process.kill(process.pid, "SIGKILL"), 200);`;
      const killed = spawnSync(process.execPath, ["--eval", caller], { cwd: path.join(__dirname, "../..") });
      assert.equal(killed.signal, "SIGKILL", killed.stderr.toString());
      for (let i = 0; i < 50 && !fs.existsSync(done); i++) await new Promise((resolve) => setTimeout(resolve, 50));
      assert.ok(fs.existsSync(done), "it ran to its end");
      const result = await run(process.execPath, ["--eval", "console.error('said')"], { log, outlives: true });
      assert.deepEqual([result.code, result.tail], [0, "said\n"]);
    });

    it("that do not exist are reported like failed ones", async () => {
      const result = await run("cn-test-no-such-program", []);
      assert.equal(result.code, 127);
    });

    it("that take long report their progress", async () => {
      const said: string[] = [];
      const work = () => new Promise<string>((resolve) => setTimeout(() => resolve("made"), 120));
      const made = await withProgress(
        { en: "building x", ko: "x 빌드" },
        (line) => said.push(`${line.en}|${line.ko}`),
        work,
        40,
      );
      assert.equal(made, "made");
      assert.equal(said[0], "building x ...|x 빌드 ...");
      assert.match(said[1] ?? "", /^building x: 0 s so far\|x 빌드: 0초째$/);
      assert.match(said.at(-1) ?? "", /^building x: done in 0 s\|/);
    });

    it("report readable times and last lines", () => {
      assert.equal(elapsed(0, 65_000).en, "1 min 05 s");
      assert.equal(elapsed(0, 65_000).ko, "1분 5초");
      assert.equal(lastLines("a\nb\nc\n", 2), "b\nc");
    });
  });
});
