import assert from "node:assert/strict";
import { ChildProcess, spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { setTimeout as sleep } from "node:timers/promises";
import { LanguageRuntimeClient } from "@pulumi/pulumi/proto/language_grpc_pb";
import * as language from "@pulumi/pulumi/proto/language_pb";
import { lives } from "../../tools/stack/locks";
import { AddressInfo, createServer } from "node:net";

const root = join(__dirname, "../..");
const sdk = createRequire(require.resolve("@pulumi/pulumi"));
const { credentials } = sdk("@grpc/grpc-js") as typeof import("@grpc/grpc-js");
const { Empty } = sdk("google-protobuf/google/protobuf/empty_pb.js") as { Empty: new () => object };

interface Named {
  version: string;
}
type Call<Request, Answer> = (request: Request, done: (error: Error | null, answer: Answer) => void) => unknown;

const program = join(root, "tools/install/closed-network/language-host", "bin", "pulumi-language-nodejs");
/** Stands for an engine, which the host only looks for. */
const listener = createServer();
let engine = "";

/** The host as Pulumi's engine starts it: in a group of its own, its port the first line that it prints. */
class Host {
  said = "";
  readonly child: ChildProcess;
  client!: LanguageRuntimeClient;

  constructor(folder: string) {
    // Windows, where it is not needed, would not know what to start it with.
    this.child = spawn(process.execPath, [program, engine], { cwd: folder, detached: true });
    this.child.stderr?.on("data", (data: Buffer) => (this.said += data.toString()));
  }

  async ready(): Promise<this> {
    const lines = createInterface(this.child.stdout!);
    const port = await new Promise<string>((done) => lines.once("line", done));
    lines.on("line", (line) => (this.said += `${line}\n`));
    this.client = new LanguageRuntimeClient(`127.0.0.1:${port}`, credentials.createInsecure());
    return this;
  }

  ask<Request, Answer>(name: keyof LanguageRuntimeClient, request: Request): Promise<Answer> {
    const call = (this.client[name] as unknown as Call<Request, Answer>).bind(this.client);
    return new Promise((done, fail) => call(request, (error, answer) => (error ? fail(error) : done(answer))));
  }

  async until(text: RegExp): Promise<string> {
    for (let tries = 0; !text.test(this.said) && tries < 400; tries++) await sleep(20);
    const found = text.exec(this.said);
    assert.ok(found, `never said ${text.source}: ${this.said}`);
    return found[1] ?? "";
  }

  end(): void {
    this.client.close();
    if (lives(this.child.pid!)) process.kill(-this.child.pid!, "SIGKILL");
  }
}

(process.platform === "win32" ? describe.skip.bind(describe) : describe)("the Node.js language host", function () {
  this.timeout(20_000);
  let host: Host;
  let folder: string;

  before((done) => {
    listener.listen(0, "127.0.0.1", () => {
      engine = `127.0.0.1:${(listener.address() as AddressInfo).port}`;
      done();
    });
  });
  after(() => void listener.close());

  /** A project whose own `cmd/run` is a script. */
  const open = async (script: string) => {
    folder = mkdtempSync(join(tmpdir(), "course-labs-host-"));
    writeFileSync(join(folder, "package.json"), '{"dependencies":{"valibot":"1","@pulumi/random":"4"}}');
    const modules = join(folder, "node_modules");
    mkdirSync(join(modules, "@pulumi", "pulumi", "cmd", "run"), { recursive: true });
    writeFileSync(join(modules, "@pulumi", "pulumi", "cmd", "run", "index.js"), script);
    for (const name of ["valibot", "@pulumi/random"])
      symlinkSync(join(root, "node_modules", name), join(modules, name));
    host = await new Host(folder).ready();
  };
  afterEach(() => {
    host.end();
    rmSync(folder, { recursive: true });
  });

  function request({ dryRun = false } = {}): language.RunRequest {
    const info = new language.ProgramInfo();
    info.setRootDirectory(folder);
    info.setProgramDirectory(folder);
    info.setEntryPoint("index.ts");
    const run = new language.RunRequest();
    run.setInfo(info);
    run.setProject("course-labs");
    run.setStack("dev");
    run.setMonitorAddress("127.0.0.1:2");
    run.setParallel(16);
    run.setDryrun(dryRun);
    run.getConfigMap().set("course-labs:labs", '["redis"]');
    return run;
  }
  const run = (options = {}) => host.ask<language.RunRequest, language.RunResponse>("run", request(options));

  it("passes project, stack, engine address and settings to a program", async () => {
    await open("console.log(JSON.stringify({ args: process.argv.slice(2), config: process.env.PULUMI_CONFIG }));");
    const answer = await run({ dryRun: true });
    assert.deepEqual([answer.getError(), answer.getBail()], ["", false]);
    await host.until(/config/);
    const { args, config } = JSON.parse(host.said) as { args: string[]; config: string };
    const expected = ["--monitor", "127.0.0.1:2", "--engine", engine, "--project", "course-labs"];
    assert.deepEqual(args, [
      ...expected,
      ...["--root-directory", folder, "--stack", "dev", "--pwd", folder, "--parallel", "16", "--dry-run", "index.ts"],
    ]);
    assert.deepEqual(JSON.parse(config), { "course-labs:labs": '["redis"]' });
  });

  it("adds nothing if the program has reported the problem", async () => {
    await open("process.exit(32)");
    const answer = await run();
    assert.deepEqual([answer.getError(), answer.getBail()], ["", true]);
  });

  it("reports the exit code of a program", async () => {
    await open("process.exit(7)");
    const answer = await run();
    assert.deepEqual([answer.getError(), answer.getBail()], ["Program exited with non-zero exit code: 7", false]);
  });

  const waits = 'console.log("program " + process.pid + ";"); setInterval(() => {}, 1000);';
  const gone = async (pid: number) => {
    for (let tries = 0; tries < 100 && lives(pid); tries++) await sleep(20);
    assert.ok(!lives(pid), `process ${pid} lives on`);
  };

  it("ends the program if the engine cancels, and continues to serve", async () => {
    await open(waits);
    const answer = run();
    const pid = Number(await host.until(/program (\d+);/));
    await host.ask("cancel", new Empty());
    assert.match((await answer).getError(), /SIGINT/);
    await gone(pid);
    assert.ok(lives(host.child.pid!));
  });

  it("ends with its program on SIGINT, which is how the engine closes a plugin", async () => {
    await open(waits);
    const answer = run().catch(() => undefined);
    const pid = Number(await host.until(/program (\d+);/));
    host.child.kill("SIGINT");
    await answer;
    await gone(pid);
    await gone(host.child.pid!);
  });

  it("exits if the engine has exited during its start", async () => {
    await open("");
    const late = spawn(process.execPath, [program, "127.0.0.1:1"], {
      detached: true,
      stdio: ["ignore", "pipe", "pipe"],
    });
    let said = "";
    late.stdout.on("data", (data: Buffer) => (said += data.toString()));
    await gone(late.pid!);
    assert.equal(said, "", "it offered nothing");
  });

  it("has the version of the package, and reports the installed dependencies", async () => {
    await open("");
    const { version } = sdk("./package.json") as Named;
    const info = await host.ask<object, { getVersion: () => string }>("getPluginInfo", new Empty());
    assert.equal(info.getVersion(), version);
    const question = new language.GetProgramDependenciesRequest();
    question.setInfo(request().getInfo());
    const answer = await host.ask<object, language.GetProgramDependenciesResponse>("getProgramDependencies", question);
    const installed = (name: string) =>
      (JSON.parse(readFileSync(join(root, "node_modules", name, "package.json"), "utf8")) as Named).version;
    assert.deepEqual(answer.toObject().dependenciesList, [
      { name: "valibot", version: installed("valibot") },
      { name: "@pulumi/random", version: installed("@pulumi/random") },
    ]);
    const packages = new language.GetRequiredPackagesRequest();
    packages.setInfo(request().getInfo());
    const required = await host.ask<object, language.GetRequiredPackagesResponse>("getRequiredPackages", packages);
    const [plugin, ...others] = required.toObject().packagesList;
    assert.deepEqual(others, [], "valibot brings no plugin");
    assert.ok(plugin);
    assert.deepEqual(
      [plugin.name, plugin.kind, plugin.version],
      ["random", "resource", `v${installed("@pulumi/random")}`],
    );
  });
});
