import assert from "node:assert/strict";
import * as docker from "@pulumi/docker";
import * as pulumi from "@pulumi/pulumi";
import * as random from "@pulumi/random";
import { parseSettings } from "../../config";
import { compare } from "../../review/compare";
import { judge } from "../../review/judge";
import { register } from "../../review/register";
import { told } from "./build";

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

describe("two programs side by side, without an engine", () => {
  const base = labs({ prefix: "a-" });

  it("are equal to themselves", async () => {
    assert.deepEqual(compare(await base, await labs({ prefix: "a-" })), []);
  });

  it("register what the engine would, with URNs and parents as it has them", async () => {
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

  it("a port: the container is replaced", async () => {
    const changes = await changed({ redisPort: 6380 });
    assert.deepEqual(brief(changes), ["replace redis/redis-container"]);
    assert.deepEqual(changes[0]?.properties, [
      { path: "ports[0].external", old: "6379", new: "6380", forcesReplacement: true },
    ]);
  });

  it("a base image: the image is built anew, and so is its container", async () => {
    assert.deepEqual(brief(await changed({ redisBaseImage: "ubuntu:22.04" })), [
      "replace redis/redis-container",
      "update redis/redis-image",
    ]);
  });

  it("other names: the volumes are lost", async () => {
    const found = told(judge(await changed({ prefix: "b-", labs: ["redis", "registry", "compose", "kubernetes"] })));
    assert.ok(found.includes("data loss! compose-mysql-data"));
  });

  it("an image of a database", async () => {
    const found = told(judge(await changed({ mysqlImage: "mysql:8.4.11" })));
    assert.ok(found.includes("version! kubernetes-mysql-deployment"), String(found));
    assert.ok(found.includes("version! compose-mysql-image"));
  });

  it("a claim's size: in place", async () => {
    const found = told(judge(await changed({ mysqlStorage: "512Mi" })));
    assert.deepEqual(found, ["failure! kubernetes-mysql-claim"]);
  });

  it("another namespace: everything in it is lost", async () => {
    const found = told(judge(await changed({ kubernetesNamespace: "other" })));
    assert.ok(found.includes("data loss! kubernetes-namespace") && found.includes("data loss! kubernetes-mysql-claim"));
  });

  it("a lab that goes, and one that comes", async () => {
    const without = await changed({ labs: ["redis", "registry", "kubernetes"] });
    assert.ok(told(judge(without)).includes("data loss! compose-mysql-data"));
    const back = compare(await labs({ prefix: "a-", labs: ["redis", "registry", "kubernetes"] }), await base);
    assert.ok(back.every(({ op, lab }) => op === "create" && lab === "compose"));
    assert.deepEqual(judge(back), []);
  });

  it("an edit that is ignored when it is applied is none", async () => {
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

  it("a secret that differs is told without its value", async () => {
    const make = (text: string) => () =>
      new docker.Container("c", { image: "a:1", envs: pulumi.secret([`A=${text}`]) });
    const [change] = await between(make("hush"), make("hush-hush"));
    assert.deepEqual(change?.properties, [{ path: "envs", old: "[secret]", new: "[secret]", forcesReplacement: true }]);
    assert.doesNotMatch(JSON.stringify(change), /hush/);
  });

  it("another password changes what is made of it", async () => {
    const make = (length: number) => () => {
      const { result } = new random.RandomPassword("p", { length });
      return new docker.Container("c", { image: "a:1", envs: [pulumi.interpolate`PASSWORD=${result}`] });
    };
    assert.deepEqual((await between(make(24), make(30))).map(({ op, name }) => `${op} ${name}`).sort(), [
      "replace c",
      "replace p",
    ]);
  });

  it("what a program throws is told, also when it does so later", async () => {
    const now = () => {
      throw new Error("at once");
    };
    await assert.rejects(register(now, { ...options, config: {} }), /at once/);
    const later = () => pulumi.output(1).apply(() => now());
    await assert.rejects(register(later, { ...options, config: {} }), /at once/);
  });
});
