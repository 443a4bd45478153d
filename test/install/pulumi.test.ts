import assert from "node:assert/strict";
import type { EngineEvent } from "@pulumi/pulumi/automation";
import * as pulumi from "../../tools/install/pulumi";
import { fakePulumi } from "../stack/fake-pulumi";

// Windows starts no script by its name.
(process.platform === "win32" ? describe.skip.bind(describe) : describe)("the pulumi command", () => {
  let putBack = () => {};
  const fake = (script: string) => (putBack = fakePulumi(script));
  afterEach(() => putBack());

  /** What it was called with is what it tells. */
  const echo =
    "const { COURSE_LABS_ONLY: labs, PULUMI_K8S_CLIENT_QPS: qps } = process.env;" +
    "console.log(JSON.stringify({ args: process.argv.slice(2), labs, qps }));";
  interface Called {
    args: string[];
    labs?: string;
    qps?: string;
  }

  it("gets the stack, the labs of the run and the resources to replace, without prompts", async () => {
    fake(echo);
    const events: EngineEvent[] = [];
    const onEvent = (event: EngineEvent) => events.push(event);
    await pulumi.up({ name: "kim", labs: ["redis", "compose"] }, { onEvent, replace: ["urn:1", "urn:2"] });
    const [{ args, labs } = {} as Called] = events as unknown as Called[];
    assert.equal(labs, "redis,compose");
    assert.deepEqual(args, [
      ...["up", "--yes", "--skip-preview", "--json", "--stack", "kim"],
      ...["--replace", "urn:1", "--replace", "urn:2", "--non-interactive"],
    ]);
  });

  it("also removes dependents of the targets", async () => {
    fake(echo);
    const events: EngineEvent[] = [];
    process.env.COURSE_LABS_ONLY = "redis";
    try {
      await pulumi.destroy({ name: "kim" }, { onEvent: (event) => events.push(event), target: ["urn:1"] });
    } finally {
      delete process.env.COURSE_LABS_ONLY;
    }
    const [{ args, labs } = {} as Called] = events as unknown as Called[];
    assert.equal(labs, undefined, "not what somebody has exported");
    assert.deepEqual(args.slice(6), ["--target", "urn:1", "--target-dependents", "--non-interactive"]);
  });

  it("leaves out what is excluded, and what depends on it", async () => {
    fake(echo);
    const events: EngineEvent[] = [];
    await pulumi.up({ name: "kim" }, { onEvent: (event) => events.push(event), exclude: "**Seat**" });
    const [{ args } = {} as Called] = events as unknown as Called[];
    assert.deepEqual(args.slice(6), ["--exclude", "**Seat**", "--exclude-dependents", "--non-interactive"]);
  });

  it("limits requests to the cluster only if the user wants that", async () => {
    fake(echo);
    const events: EngineEvent[] = [];
    const preview = () => pulumi.preview({ name: "kim" }, { onEvent: (event) => events.push(event) });
    const { PULUMI_K8S_CLIENT_QPS: before } = process.env;
    try {
      delete process.env.PULUMI_K8S_CLIENT_QPS;
      await preview();
      process.env.PULUMI_K8S_CLIENT_QPS = "7";
      await preview();
    } finally {
      if (before === undefined) delete process.env.PULUMI_K8S_CLIENT_QPS;
      else process.env.PULUMI_K8S_CLIENT_QPS = before;
    }
    assert.deepEqual(
      (events as unknown as Called[]).map(({ qps }) => qps),
      ["1000", "7"],
    );
  });

  it("reports events, but no other lines", async () => {
    fake(
      `process.stdout.write('{"sequence":1}\\nwarning: old\\n{"sequ'); setTimeout(() => console.log('ence":2}'), 50);`,
    );
    const events: EngineEvent[] = [];
    await pulumi.preview({ name: "dev" }, { onEvent: (event) => events.push(event) });
    assert.deepEqual(
      events.map(({ sequence }) => sequence),
      [1, 2],
    );
  });

  it("is no longer listened for once it has ended, however often it runs", async () => {
    fake("");
    const warnings: string[] = [];
    const note = ({ name }: Error) => warnings.push(name);
    process.on("warning", note);
    for (let i = 0; i < 12; i++) await pulumi.preview({ name: "dev" }, {});
    await new Promise((resolve) => setImmediate(resolve));
    process.off("warning", note);
    assert.deepEqual(warnings, []);
  });

  it("reports its message if it fails", async () => {
    fake(`console.error("error: incorrect passphrase"); process.exitCode = 255;`);
    await assert.rejects(pulumi.preview({ name: "dev" }, {}), { message: "error: incorrect passphrase" });
  });

  it("selects a stack that another run creates at the same moment", async () => {
    const create = 'console.error("error: stack already exists"); process.exitCode = 255;';
    fake(`if (process.argv.includes("--create")) { ${create} }`);
    await pulumi.select("dev", true);
    putBack();
    fake(create);
    await assert.rejects(pulumi.select("dev", true), { message: "error: stack already exists" });
    await assert.rejects(pulumi.select("dev", false));
  });

  it("reports an error if it does not exist", async () => {
    fake("");
    putBack();
    const { PATH } = process.env;
    putBack = () => (process.env.PATH = PATH);
    process.env.PATH = "/nowhere";
    await assert.rejects(pulumi.preview({ name: "dev" }, {}), { code: "ENOENT" });
    assert.equal(await pulumi.version(), undefined);
  });

  it("reports its version, if it has one", async () => {
    fake(`console.log("v3.276.0");`);
    assert.equal(await pulumi.version(), "3.276.0");
    putBack();
    fake(`console.log("");`);
    assert.equal(await pulumi.version(), undefined);
  });

  it("exports and imports a state", async () => {
    fake(`
      if (process.argv[3] === "export") console.log('{"version":3,\\n"deployment":{"resources":[]}}');
      else process.stdin.on("data", (data) => { if (!/"resources":\\[\\]/.test(data)) process.exitCode = 1; });`);
    const state = await pulumi.exported("dev");
    assert.deepEqual(state, { version: 3, deployment: { resources: [] } });
    await pulumi.imported("dev", state);
    await assert.rejects(pulumi.imported("dev", { version: 3, deployment: {} }));
  });
});
