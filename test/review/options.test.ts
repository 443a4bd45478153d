import assert from "node:assert/strict";
import * as docker from "@pulumi/docker";
import * as pulumi from "@pulumi/pulumi";
import * as random from "@pulumi/random";
import { compare } from "../../tools/review/compare";
import { harmful, lookupsAdded, optionsChanged } from "../../tools/review/options";
import { outputChanges } from "../../tools/review/outputs";
import { Lookup, ofAll, optionNames, Registered } from "../../tools/review/resources/register";
import { told } from "./build";
import { answerOf } from "./programs";

const volume = "docker:index/volume:Volume";
const of = (more: Partial<Registered> = {}): Registered => ({
  ...{ urn: `urn:pulumi:dev::course-labs::${volume}::v`, type: volume, name: "v" },
  ...{ inputs: { name: "v" }, ignoreChanges: [], read: false },
  ...more,
});
const set = (option: string, value: string) => of({ options: { [option]: value } });
const says = (was: Registered, is: Registered, asked: string[] = []) => told(optionsChanged([was], [is], asked));

describe("an option of a resource", () => {
  /** It is not set, it is; which of the two ways needs a decision, and which is told. */
  const cases: Record<string, [without: Registered, having: Registered, comes: string[], goes: string[]]> = {
    additionalSecretOutputs: [of(), set("additionalSecretOutputs", '["a"]'), ["option v"], ["security! v"]],
    customTimeouts: [of(), set("customTimeouts", '{"create":"1m"}'), ["option v"], ["option v"]],
    deleteBeforeReplace: [of(), set("deleteBeforeReplace", "true"), ["option v"], ["failure! v"]],
    deletedWith: [of(), set("deletedWith", '["u"]'), ["option v"], ["option v"]],
    dependsOn: [of(), set("dependsOn", '["u"]'), ["option v"], ["option v"]],
    envVarMappings: [of(), set("envVarMappings", "[]"), ["unknown! v"], ["option v"]],
    hideDiffs: [of(), set("hideDiffs", '["name"]'), ["option v"], ["option v"]],
    hooks: [of(), set("hooks", '["afterCreate: h"]'), ["unknown! v"], ["option v"]],
    import: [of(), set("import", "mine"), ["data loss! v"], ["option v"]],
    parent: [of(), of({ parent: "urn:pulumi:dev::course-labs::a:b:C::c" }), ["option v"], ["option v"]],
    pluginDownloadURL: [of(), set("pluginDownloadURL", "https://x"), ["unknown! v"], ["option v"]],
    protect: [of(), set("protect", "true"), ["option v"], ["data loss v"]],
    replaceOnChanges: [of(), set("replaceOnChanges", '["labels"]'), ["option v"], ["option v"]],
    replaceWith: [of(), set("replaceWith", '["u"]'), ["option v"], ["option v"]],
    retainOnDelete: [of(), set("retainOnDelete", "true"), ["option v"], ["data loss v"]],
    stateMigrations: [of(), set("stateMigrations", '["a function"]'), ["unknown! v"], ["option v"]],
    transforms: [of(), set("transforms", '["() => 1"]'), ["unknown! v"], ["option v"]],
    version: [of(), set("version", "1.0.0"), ["option v"], ["option v"]],
  };
  it("is in the table below", () => assert.deepEqual(Object.keys(cases).sort(), [...optionNames, "parent"].sort()));
  it("is harmful only if it exists", () => {
    for (const name of Object.keys(harmful)) assert.ok(name in cases, name);
  });
  for (const [option, [without, having, comes, goes]] of Object.entries(cases)) {
    it(option, () => {
      assert.deepEqual(says(without, having), comes);
      assert.deepEqual(says(having, without), goes);
      assert.deepEqual(says(having, having), []);
    });
  }

  it("ignoreChanges: is dangerous if it ends for what holds data, and a note if it begins", () => {
    const ignoring = of({ ignoreChanges: ["labels"] });
    assert.deepEqual(says(ignoring, of()), ["unknown! v"]);
    assert.deepEqual(says(ignoring, of(), ["v"]), ["unknown v"]);
    assert.deepEqual(says(of(), ignoring), ["option v"]);
    const labelled = (label: string) => of({ ignoreChanges: ["labels"], inputs: { name: "v", labels: { label } } });
    const [warning] = optionsChanged([labelled("a")], [labelled("b")], []);
    assert.match(warning!.text.en, /ignores `labels\.label: a → b` while it runs/);
  });

  it("ignoreChanges: is dangerous if an ignored property opens something", () => {
    const type = "docker:index/container:Container";
    const box = (inputs: object) => ({
      ...of({ ignoreChanges: ["privileged", "memory"] }),
      type,
      inputs: { ...inputs },
    });
    assert.deepEqual(says(box({}), box({ privileged: true })), ["security! v", "option v"]);
    assert.deepEqual(says(box({}), box({ memory: 1 })), ["option v"]);
  });

  it("additionalSecretOutputs: names only the outputs that are no longer secret", () => {
    const [both, one] = [set("additionalSecretOutputs", '["a","b"]'), set("additionalSecretOutputs", '["a"]')];
    assert.match(optionsChanged([both], [one], [])[0]!.text.en, /no longer keeps `b` secret/);
    assert.deepEqual(says(one, both), ["option v"]);
  });

  it("import: is dangerous unless the engine was asked", () => {
    assert.deepEqual(says(of(), set("import", "mine"), ["v"]), ["option v"]);
    assert.deepEqual(told(optionsChanged([], [set("import", "mine")], [])), ["data loss! v"]);
  });

  it("is told of a new resource only if it is harmful", () => {
    assert.deepEqual(told(optionsChanged([], [set("dependsOn", '["u"]')], [])), []);
    assert.deepEqual(told(optionsChanged([], [set("pluginDownloadURL", "https://x")], [])), ["unknown! v"]);
  });

  it("provider: counts only if it leads to another place", () => {
    const on = (name: string, host: string) => {
      const urn = `urn:pulumi:dev::course-labs::pulumi:providers:docker::${name}`;
      const provider = { ...of({ inputs: { host } }), urn, type: "pulumi:providers:docker", name };
      return [provider, of({ provider: urn })];
    };
    const between = (old: Registered[], now: Registered[]) => ({
      warnings: told(optionsChanged(old, now, [])).filter((text) => text.endsWith(" v")),
      ops: compare(old, now).flatMap(({ op, name }) => (name === "v" ? [op] : [])),
    });
    assert.deepEqual(between(on("docker", "a"), on("engine", "a")), { warnings: [], ops: [] });
    assert.deepEqual(between(on("docker", "a"), on("engine", "b")), {
      warnings: ["availability! v"],
      ops: ["replace"],
    });
    assert.deepEqual(between(on("docker", "a"), [of()]), { warnings: ["availability! v"], ops: ["replace"] });
  });

  it("is found as programs set it", async () => {
    const made = (opts: () => pulumi.CustomResourceOptions) =>
      answerOf(() => new docker.Volume("v", { name: "v" }, opts()));
    const base = (await made(() => ({}))).resources;
    const between = async (opts: pulumi.CustomResourceOptions | (() => pulumi.CustomResourceOptions)) =>
      told(optionsChanged(base, (await made(typeof opts === "function" ? opts : () => opts)).resources, []));
    assert.deepEqual(await between({}), []);
    assert.deepEqual(await between({ pluginDownloadURL: "https://x" }), ["unknown! v"]);
    assert.deepEqual(await between({ import: "mine" }), ["data loss! v"]);
    const plain: pulumi.CustomResourceOptions[] = [
      { additionalSecretOutputs: ["name"] },
      { customTimeouts: { create: "1m" } },
      { deleteBeforeReplace: true },
      { deleteBeforeReplace: false },
      { hideDiffs: ["name"] },
      { ignoreChanges: ["labels"] },
      { protect: true },
      { replaceOnChanges: ["labels"] },
      { retainOnDelete: true },
      { version: "1.0.0" },
    ];
    for (const opts of plain) assert.deepEqual(await between(opts), ["option v"], JSON.stringify(opts));
    // Of another resource, by the name that the engine has for it.
    for (const option of ["dependsOn", "deletedWith", "replaceWith", "parent"] as const) {
      const { resources } = await answerOf(() => {
        const other = new docker.Volume("o", { name: "o" });
        new docker.Volume("v", { name: "v" }, { [option]: option === "replaceWith" ? [other] : other });
      });
      const v = resources.find(({ name }) => name === "v")!;
      const before = base.find(({ name }) => name === "v")!;
      const warnings = told(optionsChanged([before], [{ ...v, urn: before.urn }], []));
      assert.deepEqual([...new Set(warnings)], ["option v"], option);
      assert.match(option === "parent" ? v.parent! : v.options![option]!, /Volume::o/);
    }
    assert.deepEqual(await between({ hooks: { afterCreate: [() => undefined] } }), ["unknown! v"]);
    assert.deepEqual(await between(() => ({ hooks: { onError: [new pulumi.ErrorHook("h", () => false)] } })), [
      "unknown! v",
    ]);
    assert.deepEqual(await between({ transforms: [({ props, opts }) => ({ props, opts })] }), ["unknown! v"]);
    assert.deepEqual(await between({ stateMigrations: [({ oldState }) => ({ newState: oldState })] }), ["unknown! v"]);
  });

  it("is the same in another run of the program, even if it is a function", async () => {
    const program = () => {
      const h = new pulumi.ResourceHook("h", () => undefined);
      const opts: pulumi.CustomResourceOptions = {
        hooks: { beforeDelete: [h] },
        transforms: [({ props, opts }) => ({ props, opts })],
      };
      new docker.Volume("v", { name: "v" }, opts);
    };
    const [one, other] = [await answerOf(program), await answerOf(program)];
    assert.deepEqual(one.resources, other.resources);
    assert.match(one.resources[0]!.options!.transforms!, /=>/, "as it is written");
  });
});

describe("what a program looks up", () => {
  const cases: [Lookup, warned: string, text: string][] = [
    [{ token: "kubernetes:core/v1:Node", of: "minikube" }, "unknown shared", "looks up"],
    [{ token: "kubernetes:core/v1:Secret", of: "kube-system/token" }, "security! shared", "Find out what for"],
    [{ token: "pulumi:pulumi:StackReference", of: "organization/other/dev" }, "security! shared", "Find out what for"],
    [{ token: "docker:index/getNetwork:getNetwork", of: "{}" }, "unknown shared", "looks up"],
    [{ token: "command:local:run", of: '{"command":"id"}' }, "unknown! shared", "read what it does"],
    [{ token: ofAll, of: "({ props, opts }) => ({ props, opts })" }, "unknown! shared", "read what it does"],
  ];
  for (const [lookup, warned, text] of cases) {
    it(lookup.token, () => {
      const warnings = lookupsAdded([], [lookup]);
      assert.deepEqual(told(warnings), [warned]);
      assert.ok(warnings[0]!.text.en.includes(text), warnings[0]!.text.en);
      assert.deepEqual(lookupsAdded([lookup], [lookup]), []);
      assert.deepEqual(lookupsAdded([lookup], []), []);
    });
  }
  it("includes a password that it prints, and no other text", async () => {
    const program = (say: (text: string) => string) => () => {
      new random.RandomPassword("p", { length: 20 }).result.apply((text) => console.log(say(text)));
    };
    const [base, head] = [await answerOf(program(() => "a word")), await answerOf(program((text) => `it is ${text}`))];
    assert.deepEqual(told(lookupsAdded(base.lookups, head.lookups)), ["security! shared"]);
    assert.deepEqual(base.lookups, []);
  });
  it("includes functions that change every resource or call", async () => {
    const { lookups } = await answerOf(() => {
      pulumi.runtime.registerResourceTransform(({ props, opts }) => ({ props: { ...props, name: "w" }, opts }));
      pulumi.runtime.registerInvokeTransform(({ args, opts }) => ({ args, opts }));
      new docker.Volume("v", { name: "v" });
    });
    assert.deepEqual(
      lookups.map(({ token }) => token),
      [ofAll, ofAll],
    );
    assert.match(lookups[0]!.of, /name: "w"/);
  });

  it("includes a resource that it takes from the state by its URN", async () => {
    const urn = "urn:pulumi:dev::course-labs::docker:index/volume:Volume::old";
    const { lookups, resources } = await answerOf(() => ({ of: new docker.Volume("v", {}, { urn }).name }));
    assert.deepEqual(lookups, [{ token: "pulumi:pulumi:getResource", of: urn }]);
    assert.deepEqual(
      resources.map(({ name }) => name),
      ["outputs"],
    );
    assert.deepEqual(told(lookupsAdded([], lookups)), ["unknown shared"]);
  });

  it("includes an object that exists already", async () => {
    const { lookups, resources } = await answerOf(() => docker.Network.get("n", "bridge"));
    assert.deepEqual(lookups, [{ token: "docker:index/network:Network", of: "bridge" }]);
    assert.equal(resources[0]!.read, true);
  });

  it("includes the function of a plugin that it calls", async () => {
    const { lookups } = await answerOf(async () => {
      new docker.Volume("v", { name: "v" });
      await pulumi.runtime.invoke("command:local:run", { command: "id" });
    });
    assert.deepEqual(lookups, [{ token: "command:local:run", of: '{"command":"id"}' }]);
  });
});

describe("the outputs of a program", () => {
  const password = () => new random.RandomPassword("p", { length: 20 }).result;
  const between = async (old: () => unknown, now: () => unknown) => {
    const [base, head] = [await answerOf(old), await answerOf(now)];
    const { outputs, warnings } = outputChanges(base.resources, head.resources);
    return {
      outputs,
      warnings: warnings.map(({ kind, dangerous, text }) => `${kind}${dangerous ? "!" : ""} ${text.en}`),
    };
  };

  it("are shown only if they differ", async () => {
    const of = (port: number) => () => ({ redis: pulumi.output({ host: "localhost", port }), labs: ["redis"] });
    assert.deepEqual(await between(of(1), of(1)), { outputs: [], warnings: [] });
    assert.deepEqual(await between(of(1), of(2)), {
      outputs: [{ name: "redis.port", old: "1", new: "2" }],
      warnings: [],
    });
  });

  it("are dangerous if a secret or a part of it becomes plain text", async () => {
    const hidden = () => ({ a: pulumi.output({ url: "u", pass: password() }) });
    const shown = () => ({ a: pulumi.unsecret(pulumi.output({ url: "u", pass: password() })) });
    const { warnings, outputs } = await between(hidden, shown);
    assert.match(warnings.join(), /^security! `Stack outputs`: the output `a\.url` was a secret and is plain text now/);
    assert.doesNotMatch(JSON.stringify(outputs), /"new":"generated/, "a value by the name of a password is not shown");
    assert.deepEqual((await between(shown, hidden)).warnings, []);
  });

  it("include those of a component", async () => {
    class Part extends pulumi.ComponentResource {
      constructor(value: pulumi.Input<string>) {
        super("acme:labs:Part", "part");
        this.registerOutputs({ value });
      }
    }
    const { warnings } = await between(
      () => new Part(pulumi.secret("hush")),
      () => new Part("hush"),
    );
    assert.match(warnings.join(), /^security! `Part part`: the output `value` was a secret/);
  });

  it("are seen if they only wait for a resource, and called unknown if nobody can know them", async () => {
    const { outputs, warnings } = await between(
      () => ({}),
      () => {
        const box = new docker.Container("c", { image: "a:1" });
        return { known: box.id.apply(() => "here"), later: box.hostname };
      },
    );
    assert.deepEqual(
      outputs.find(({ name }) => name === "known"),
      { name: "known", new: "here" },
    );
    assert.match(
      warnings.join(),
      /^unknown `Stack outputs`: what the output `later` shows is known only once it is made/,
    );
  });
});
