import assert from "node:assert/strict";
import * as docker from "@pulumi/docker";
import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import * as random from "@pulumi/random";
import { parseSettings } from "../../config";

import { blind } from "../../tools/review/blind";
import { compare } from "../../tools/review/compare";
import { judge } from "../../tools/review/judge";
import { Inputs } from "../../tools/review/resources/model";
import { register } from "../../tools/review/resources/register";
import { violations } from "../../tools/review/policies/enforce";
import { told, workload } from "./build";

// eslint-disable-next-line @typescript-eslint/no-require-imports
const state = require("@pulumi/pulumi/runtime/state") as Parameters<typeof register>[1]["state"];

const options = { pulumi, state, project: "course-labs", stack: "dev" };

/** What the labs register with these settings. */
function labs(settings: Record<string, unknown>) {
  const config = Object.entries(parseSettings(settings))
    .filter(([, value]) => value !== undefined)
    .map(([key, value]) => [`course-labs:${key}`, typeof value === "string" ? value : JSON.stringify(value)]);
  const program = () => {
    const index = require.resolve("../../index");
    delete require.cache[index];
    // eslint-disable-next-line @typescript-eslint/no-require-imports
    return require(index) as unknown;
  };
  return register(program, { ...options, config: Object.fromEntries(config) as Record<string, string> });
}

/** What differs between two programs of one resource each. */
const between = async (old: () => unknown, now: () => unknown) =>
  compare(await register(old, { ...options, config: {} }), await register(now, { ...options, config: {} }));

describe("two programs, compared without an engine", () => {
  const base = labs({ prefix: "a-" });

  it("do not differ from themselves", async () => {
    assert.deepEqual(compare(await base, await labs({ prefix: "a-" })), []);
  });

  it("register resources with the URNs that the engine gives them", async () => {
    const found = (await base).find(({ name }) => name === "kubernetes-mysql-deployment");
    assert.equal(
      found?.urn,
      "urn:pulumi:dev::course-labs::course:labs:KubernetesWordPress$course:labs:StatefulWorkload$kubernetes:apps/v1:Deployment::kubernetes-mysql-deployment",
    );
    assert.equal((await base).filter(({ read }) => read).length, 1);
  });

  const changed = async (settings: Record<string, unknown>) =>
    compare(await base, await labs({ prefix: "a-", ...settings }));
  const brief = (changes: Awaited<ReturnType<typeof changed>>) =>
    changes.map(({ op, name, lab }) => `${op} ${lab}/${name}`).sort();

  it("replace the container for another port", async () => {
    const changes = await changed({ redisPort: 6380 });
    assert.deepEqual(brief(changes), ["replace redis/redis-container"]);
    assert.deepEqual(changes[0]?.properties, [
      { path: "ports[0].external", old: "6379", new: "6380", forcesReplacement: true },
    ]);
  });

  it("replace the container for another base image", async () => {
    assert.deepEqual(brief(await changed({ redisBaseImage: "ubuntu:22.04" })), [
      "replace redis/redis-container",
      "update redis/redis-image",
    ]);
  });

  it("lose the volumes for another prefix", async () => {
    const found = told(judge(await changed({ prefix: "b-", labs: ["redis", "registry", "compose", "kubernetes"] })));
    assert.ok(found.includes("data loss! compose-mysql-data"));
  });

  it("replace the database for another image", async () => {
    const found = told(judge(await changed({ mysqlImage: "mysql:8.4.11" })));
    assert.ok(found.includes("version! kubernetes-mysql-deployment"), String(found));
    assert.ok(found.includes("version! compose-mysql-image"));
  });

  it("change the size of a claim in place", async () => {
    const found = told(judge(await changed({ mysqlStorage: "512Mi" })));
    assert.deepEqual(found, ["failure! kubernetes-mysql-claim"]);
  });

  it("lose everything in the namespace for another namespace", async () => {
    const found = told(judge(await changed({ kubernetesNamespace: "other" })));
    assert.ok(found.includes("data loss! kubernetes-namespace") && found.includes("data loss! kubernetes-mysql-claim"));
  });

  it("show a lab that goes and one that comes", async () => {
    const without = await changed({ labs: ["redis", "registry", "kubernetes"] });
    assert.ok(told(judge(without)).includes("data loss! compose-mysql-data"));
    const back = compare(await labs({ prefix: "a-", labs: ["redis", "registry", "kubernetes"] }), await base);
    assert.ok(back.every(({ op, lab }) => op === "create" && lab === "compose"));
    assert.deepEqual(judge(back), []);
  });

  it("do not count an edit of an ignored property", async () => {
    const make = (label: string) => () =>
      new docker.Volume("v", { name: "v", labels: [{ label: "a", value: label }] }, { ignoreChanges: ["labels"] });
    assert.deepEqual(await between(make("1"), make("2")), []);
    const applied = (label: string) => () =>
      new docker.Volume("v", { name: "v", labels: [{ label: "a", value: label }] });
    assert.deepEqual(
      (await between(applied("1"), applied("2"))).map(({ op }) => op),
      ["replace"],
    );
  });

  it("show a secret that differs without its value", async () => {
    const make = (text: string) => () =>
      new docker.Container("c", { image: "a:1", envs: pulumi.secret([`A=${text}`]) });
    const [change] = await between(make("hush"), make("hush-hush"));
    const secret = { old: "[secret]", new: "[secret]", forcesReplacement: true };
    assert.deepEqual(change?.properties, [{ path: "envs[A]", ...secret }]);
    assert.doesNotMatch(JSON.stringify(change), /hush/);
  });

  it("run a function that changes every resource, as Pulumi does", async () => {
    const make = (memory?: number) => () => {
      pulumi.runtime.registerStackTransformation(({ props, opts }) => ({ props: { ...props, memory }, opts }));
      new docker.Container("c", { image: "a:1" });
    };
    assert.deepEqual(await between(make(), make()), []);
    const [change] = await between(make(), make(64));
    assert.deepEqual(
      change?.properties.map(({ path }) => path),
      ["memory"],
    );
  });

  const nested = (image: string, secretName: string, pod: Inputs = {}) => {
    const { result } = new random.RandomPassword("p", { length: 24 });
    const env = [
      { name: "MYSQL_DATABASE", value: pulumi.secret(secretName) },
      { name: "MYSQL_PASSWORD", value: result },
    ];
    return new k8s.apps.v1.Deployment(
      "d",
      workload(image, { pod, container: { env } }) as unknown as k8s.apps.v1.DeploymentArgs,
    );
  };

  it("hide nothing but a secret that is deep inside", async () => {
    const found = await between(
      () => nested("mysql:9.7.2", "a"),
      () => nested("mysql:10.0.0", "a", { hostNetwork: true, volumes: [{ name: "data", emptyDir: {} }] }),
    );
    assert.deepEqual(
      found[0]?.properties.map(({ path }) => path),
      [
        "spec.template.spec.containers[mysql].image",
        "spec.template.spec.volumes[data].persistentVolumeClaim.claimName",
        "spec.template.spec.hostNetwork",
        "spec.template.spec.volumes[data].emptyDir",
      ],
    );
    const warnings = told(judge(found));
    assert.deepEqual(found.flatMap(blind), []);
    for (const warning of ["exposure! d", "data loss! d"]) assert.ok(warnings.includes(warning), String(warnings));
  });

  it("need a decision if a secret hides what the rules look at", async () => {
    const whole = (image: string) => () => {
      const spec = pulumi.secret((workload(image) as { spec: object }).spec);
      return new k8s.apps.v1.Deployment("d", {
        metadata: { name: "d" },
        spec,
      } as unknown as k8s.apps.v1.DeploymentArgs);
    };
    const [changed] = await between(whole("mysql:9.7.2"), whole("mysql:10.0.0"));
    assert.deepEqual(
      changed?.properties.map(({ path }) => path),
      ["spec"],
    );
    assert.deepEqual(told(blind(changed)), ["unknown! d"]);
    assert.match(blind(changed)[0]!.text.en, /^`Deployment d`: `spec` is a secret as a whole/);
    const plain = () =>
      new k8s.apps.v1.Deployment("d", {
        metadata: { name: "d" },
        spec: (workload("mysql:9.7.2") as { spec: object }).spec,
      } as unknown as k8s.apps.v1.DeploymentArgs);
    const [opened] = await between(whole("mysql:9.7.2"), plain);
    assert.deepEqual(told(blind(opened!)), ["unknown! d"], "what it was before is not known");
    const ports = (...ips: string[]) =>
      new docker.Container("c", { image: "a:1", ports: pulumi.secret(ips.map((ip) => ({ internal: 80, ip }))) });
    const [made] = await between(
      () => undefined,
      () => ports("0.0.0.0"),
    );
    assert.deepEqual(told(blind(made!)), ["unknown! c"]);
    const [gone] = await between(
      () => ports("0.0.0.0"),
      () => undefined,
    );
    assert.deepEqual(blind(gone!), []);
    const [other] = await between(
      () => ports("0.0.0.0"),
      () => new docker.Container("c", { image: "a:2", ports: pulumi.secret([{ internal: 80, ip: "0.0.0.0" }]) }),
    );
    assert.deepEqual(blind(other!), []);
  });

  it("show a secret that differs by its own path, beside what else differs", async () => {
    const [change] = await between(
      () => nested("mysql:9.7.2", "hush"),
      () => nested("mysql:9.7.3", "hush-hush"),
    );
    assert.deepEqual(change?.properties, [
      {
        path: "spec.template.spec.containers[mysql].image",
        old: "mysql:9.7.2",
        new: "mysql:9.7.3",
        forcesReplacement: false,
      },
      {
        path: "spec.template.spec.containers[mysql].env[MYSQL_DATABASE].value",
        old: "[secret]",
        new: "[secret]",
        forcesReplacement: false,
      },
    ]);
    assert.doesNotMatch(JSON.stringify(change), /hush/);
  });

  it("show one new variable, even before a secret one", async () => {
    const make =
      (...envs: string[]) =>
      () =>
        new docker.Container("c", { image: "a:1", envs: [...envs, pulumi.secret("URL=hush")] });
    const [change] = await between(make(), make("TZ=UTC"));
    assert.deepEqual(change?.properties, [{ path: "envs[TZ]", new: "UTC", forcesReplacement: true }]);
    assert.doesNotMatch(JSON.stringify(change), /hush/);
  });

  it("apply every rule to a resource with a secret deep inside", async () => {
    const pod = { hostNetwork: true };
    const found = await register(() => nested("mysql:latest", "a", pod), { ...options, config: {} });
    const broken = violations(found, {}).map(({ rule }) => rule);
    for (const rule of ["no-public-port", "pinned-image", "labels"]) assert.ok(broken.includes(rule), String(broken));
  });

  it("count what is imported, and tell two resources of one name apart by their parents", async () => {
    const make = (label: string) => () => {
      new docker.Volume("v", { name: "a" }, { import: "a" });
      new docker.Volume("v", { name: "b", labels: [{ label: "l", value: label }] }, { parent: new Lab("compose") });
    };
    assert.deepEqual(
      (await between(make("1"), make("2"))).map(({ op, lab }) => `${op} ${lab}`),
      ["replace compose"],
    );
    const drop = () => new Lab("compose");
    assert.equal((await between(make("1"), drop)).filter(({ op }) => op === "delete").length, 2);
  });

  class Lab extends pulumi.ComponentResource {
    constructor(name: string, opts?: pulumi.ComponentResourceOptions) {
      super("course:labs:ComposeWordPress", name, {}, opts);
    }
  }

  it("find a resource again by its alias", async () => {
    const plain = () => new docker.Volume("old", { name: "v" });
    const renamed = () => new docker.Volume("new", { name: "v" }, { aliases: [{ name: "old" }] });
    assert.deepEqual(await between(plain, renamed), []);
    const moved = () => {
      const aliases = [{ parent: pulumi.rootStackResource }];
      return new docker.Volume("old", { name: "v" }, { parent: new Lab("compose"), aliases });
    };
    assert.deepEqual(
      (await between(plain, moved)).map(({ op, name }) => `${op} ${name}`),
      ["create compose"],
    );
    const lab = (name: string, aliases: pulumi.Alias[]) => () =>
      new docker.Volume(`${name}-data`, { name: "v" }, { parent: new Lab(name, { aliases }) });
    assert.deepEqual(await between(lab("compose", []), lab("wordpress", [{ name: "compose" }])), []);
    const changed = await between(plain, () => {
      new docker.Volume("new", { name: "w" }, { aliases: [{ name: "old" }] });
      new docker.Volume("another", { name: "a" });
    });
    assert.deepEqual(changed.map(({ op, name }) => `${op} ${name}`).sort(), ["create another", "replace new"]);
    assert.equal(
      (await between(plain, () => new docker.Volume("new", { name: "v" }))).length,
      2,
      "without an alias it is another one",
    );
  });

  it("replace what replaceOnChanges names", async () => {
    const claim = (label: string) => () =>
      new k8s.core.v1.PersistentVolumeClaim(
        "c",
        { metadata: { name: "c", labels: { label } } },
        { replaceOnChanges: ["metadata.labels"] },
      );
    const found = await between(claim("1"), claim("2"));
    assert.deepEqual(
      found.map(({ op }) => op),
      ["replace"],
    );
    assert.ok(told(judge(found)).includes("data loss! c"));
  });

  it("change everything that has the owner's id if the id gets longer", async () => {
    const make = (byteLength: number) => () => {
      const { hex } = new random.RandomId("owner-id", { byteLength });
      const labels = [{ label: "course-labs.id", value: hex }];
      return new docker.Container("registry-container", { name: "debian", image: "sha256:aa", labels });
    };
    const found = await between(make(4), make(8));
    assert.deepEqual(found.map(({ op, name }) => `${op} ${name}`).sort(), [
      "replace owner-id",
      "replace registry-container",
    ]);
  });

  it("count what a program makes after it has waited", async () => {
    const open = (ip: string) => async () => {
      await new Promise((done) => setTimeout(done, 20));
      new docker.Container("c", { image: "a:1", ports: [{ internal: 80, ip }] });
    };
    const found = await between(open("127.0.0.1"), open("0.0.0.0"));
    assert.deepEqual(told(judge(found)).slice(0, 1), ["exposure! c"]);
    const exported = await between(
      () => open("127.0.0.1"),
      () => open("0.0.0.0"),
    );
    assert.equal(exported.length, 1);
  });

  it("replace the provider for another cluster, not for another way to apply", async () => {
    const on = (args: k8s.ProviderArgs) => () => new k8s.Provider("p", args);
    const ops = async (args: k8s.ProviderArgs) => (await between(on({ context: "a" }), on(args))).map(({ op }) => op);
    assert.deepEqual(await ops({ context: "b" }), ["replace"]);
    assert.deepEqual(await ops({ context: "a", enablePatchForce: true }), ["update"]);
  });

  it("change what a password goes into, if the password changes", async () => {
    const make = (length: number) => () => {
      const { result } = new random.RandomPassword("p", { length });
      return new docker.Container("c", { image: "a:1", envs: [pulumi.interpolate`PASSWORD=${result}`] });
    };
    assert.deepEqual((await between(make(24), make(30))).map(({ op, name }) => `${op} ${name}`).sort(), [
      "replace c",
      "replace p",
    ]);
  });

  it("pass on what a program throws, even if it throws later", async () => {
    const now = () => {
      throw new Error("at once");
    };
    await assert.rejects(register(now, { ...options, config: {} }), /at once/);
    const later = () => pulumi.output(1).apply(() => now());
    await assert.rejects(register(later, { ...options, config: {} }), /at once/);
  });

  it("replace for another replacementTrigger, not for a new one", async () => {
    const volume = (trigger?: string) => () =>
      new docker.Volume(
        "v",
        { name: "v", driver: trigger },
        { ignoreChanges: ["driver"], replacementTrigger: trigger },
      );
    const ops = async (...[old, now]: [string?, string?]) =>
      (await between(volume(old), volume(now))).map(({ op, name }) => `${op} ${name}`);
    assert.deepEqual(await ops("a", "b"), ["replace v"]);
    assert.deepEqual(await ops("a", "a"), []);
    assert.deepEqual(await ops(undefined, "a"), ["update v"]);
  });
});
