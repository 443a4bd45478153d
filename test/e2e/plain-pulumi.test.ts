import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { State } from "../../tools/stack/stack";
import { edit } from "./edits";
import { clone, docker, learnersPath, npmRun, ping, Result, tearDown } from "./harness";

const port = 26381;

/** Names and ports that are in nobody's way. */
const settings = (more = "") => `config:
  pulumi:disable-default-providers: [docker, kubernetes]
  course-labs:labs: [redis, registry]
  course-labs:prefix: plain-
  course-labs:redisPort: ${port}
${more}`;

describe("pulumi, as it is typed", () => {
  let folder: string;

  before(() => {
    folder = clone({ odd: true });
    writeFileSync(join(folder, "Pulumi.dev.yaml"), settings());
  });
  after(async () => {
    writeFileSync(join(folder, "Pulumi.dev.yaml"), settings());
    await tearDown(folder);
  });

  /** Types lines in a shell that has been told where everything is. */
  async function typed(lines: string, env: Record<string, string | undefined> = {}): Promise<Result> {
    const started = Date.now();
    const child = spawn("bash", ["-c", `eval "$(npm run --silent shell)"\n${lines}`], {
      cwd: folder,
      env: { ...process.env, PATH: learnersPath, LC_ALL: "C", PULUMI_CONFIG_PASSPHRASE_FILE: undefined, ...env },
      stdio: ["ignore", "pipe", "pipe"],
    });
    let [said, stdout] = ["", ""];
    child.stdout.on("data", (data: Buffer) => {
      stdout += data.toString();
      said += data.toString();
    });
    child.stderr.on("data", (data: Buffer) => (said += data.toString()));
    const code = await new Promise<number | null>((resolve) => child.on("close", resolve));
    return { code, said, stdout, seconds: (Date.now() - started) / 1000 };
  }
  async function well(lines: string): Promise<string> {
    const { code, said } = await typed(lines);
    assert.equal(code, 0, said);
    return said;
  }
  const npm = async (command: string, ...args: string[]) => {
    const { code, said } = await npmRun(folder, command, args);
    assert.equal(code, 0, said);
    return said;
  };

  it("is found with its language host and plugins by a shell that asked for them, and by no other", async () => {
    assert.match(
      await well("pulumi version; type -P pulumi-language-nodejs"),
      /v3\.\d+\.\d+\n.*pulumi-language-nodejs/,
    );
    assert.equal(docker("ps", "--all", "--quiet", "--filter", "name=^/plain-"), "", "the shell alone makes nothing");
    await npm("up", "--labs", "redis");
    await npm("destroy");
  });

  it("previews, provisions, and has nothing more to do", async () => {
    await well("pulumi stack select --create dev");
    assert.match(await well("pulumi preview"), /\+ \d+ to create/);
    await well("pulumi up --yes");
    assert.equal(await ping(port), "+PONG");
    assert.match(await well("pulumi up --yes"), /\d+ unchanged/);
    assert.match(await well("pulumi preview --expect-no-changes"), /\d+ unchanged/);
    const about = await well("pulumi about");
    assert.match(about, /language +nodejs +3\.\d+\.\d+/);
    const { dependencies } = JSON.parse(readFileSync(join(folder, "package.json"), "utf8")) as {
      dependencies: Record<string, string>;
    };
    const { stdout } = await typed("pulumi stack export");
    const { resources } = (JSON.parse(stdout) as { deployment: State }).deployment;
    for (const name of ["docker", "kubernetes", "random"]) {
      const version = dependencies[`@pulumi/${name}`]!;
      assert.match(about, new RegExp(`resource +${name} +${version}`.replaceAll(".", "\\.")));
      const provider = resources.find(({ type }) => type === `pulumi:providers:${name}`);
      // The Kubernetes lab is off here.
      if (name !== "kubernetes") assert.equal(provider?.inputs?.version, version, name);
    }
  });

  it("shows in detail what a changed setting does", async () => {
    writeFileSync(join(folder, "Pulumi.dev.yaml"), settings().replace(`${port}`, `${port + 1}`));
    const said = await well("pulumi preview --diff");
    assert.match(said, new RegExp(`external *: ${port} => ${port + 1}`));
    assert.match(said, /\[provider: |docker:index\/container:Container/);
    writeFileSync(join(folder, "Pulumi.dev.yaml"), settings());
  });

  it("detects on refresh what was removed by hand, and re-creates it", async () => {
    docker("rm", "--force", "plain-debian");
    assert.match(await well("pulumi refresh --yes"), /1 deleted/);
    assert.match(await well("pulumi up --yes"), /1 created/);
  });

  it("continues where npm run left off, and vice versa", async () => {
    assert.match(await npm("up"), /No changes/);
    writeFileSync(join(folder, "Pulumi.dev.yaml"), settings("  course-labs:bindAddress: 127.0.0.2\n"));
    assert.match(await npm("preview"), /container \S*redis/);
    await well("pulumi up --yes");
    assert.match(await npm("preview"), /no changes/);
    writeFileSync(join(folder, "Pulumi.dev.yaml"), settings());
    await npm("up");
    assert.match(await well("pulumi preview --expect-no-changes"), /\d+ unchanged/);
    // The labs of one run are not those of the stack.
    await npm("destroy", "--labs", "registry");
    assert.match(await npm("preview", "--labs", "redis"), /no changes/);
    assert.match(await well("pulumi preview"), /\+ \d+ to create/);
  });

  it("reports a wrong passphrase", async () => {
    const { code, said } = await typed("pulumi preview", { PULUMI_CONFIG_PASSPHRASE: "wrong" });
    assert.notEqual(code, 0);
    assert.match(said, /incorrect passphrase/);
  });

  it("reports bad settings with the messages of config.ts, without a stack trace", async () => {
    writeFileSync(join(folder, "Pulumi.dev.yaml"), settings("  course-labs:composePort: 70000\n"));
    for (const command of ["pulumi preview", "pulumi up --yes"]) {
      const { code, said } = await typed(command);
      assert.notEqual(code, 0);
      assert.match(said, /Setting course-labs:composePort is "70000": it must be a port/);
      assert.doesNotMatch(said, /\n +at .*:\d+:\d+|non-zero exit code|unhandled exception/);
    }
    writeFileSync(join(folder, "Pulumi.dev.yaml"), settings());
  });

  it("enforces the rules as a policy pack", async () => {
    assert.match(await well("pulumi preview --policy-pack tools/review/policies"), /course-labs@v/);
    const asBefore = edit(folder, [["components/redis-lab.ts", "labels: args.owner.dockerLabels,", ""]]);
    const { code, said } = await typed("pulumi preview --policy-pack tools/review/policies");
    asBefore();
    assert.notEqual(code, 0);
    assert.match(said, /\[mandatory\] +labels +\(docker:index(?:\/container)?:Container: redis-container\)/);
  });

  it("passes the stack's settings to a policy pack", async () => {
    writeFileSync(join(folder, "Pulumi.dev.yaml"), settings("  course-labs:bindAddress: 0.0.0.0\n"));
    const said = await well("pulumi preview --policy-pack tools/review/policies");
    assert.doesNotMatch(said, /\[mandatory\]/);
    writeFileSync(join(folder, "Pulumi.dev.yaml"), settings());
  });

  it("removes everything, including what npm run created", async () => {
    await npm("up");
    await well("pulumi destroy --yes");
    assert.equal(docker("ps", "--all", "--quiet", "--filter", "name=^/plain-"), "");
  });

  /** A line without what is another at every run: times, ports and how many spaces. */
  const plain = (line: string) =>
    line
      .replace(/\(\d[\d.]*s\)/, "(0s)")
      .replace(/\b\d{4,5}\b/g, "PORT")
      .trim();

  for (const page of ["README.md", "README.ko.md"]) {
    it(`prints the lines that ${page} shows, in their order`, async () => {
      writeFileSync(join(folder, "Pulumi.dev.yaml"), settings().replace("[redis, registry]", "[redis]"));
      const shown = /^```console\n(.*?)^```$/ms.exec(readFileSync(join(folder, page), "utf8"))?.[1] ?? "";
      const commands = shown.split(/^\$ /m).filter(Boolean);
      assert.ok(commands.length >= 3);
      for (const one of commands) {
        const [command = "", ...lines] = one.trimEnd().split("\n");
        let rest = (await well(command)).split("\n").map(plain);
        for (const line of lines.map(plain)) {
          // What is left out at the end of a line is marked.
          const at = rest.findIndex((one) => (line.endsWith(" …") ? one.startsWith(line.slice(0, -2)) : one === line));
          assert.ok(at >= 0, `${command}: ${line}\n\n${rest.join("\n")}`);
          rest = rest.slice(at + 1);
        }
      }
      assert.equal(docker("ps", "--all", "--quiet", "--filter", "name=^/plain-"), "");
    });
  }
});
