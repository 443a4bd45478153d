import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { changesOf, markAlready, worthTelling } from "../../tools/review/collect";
import { judge, verdictOf } from "../../tools/review/judge";
import { container, service, step, told, urn, volume } from "./build";

type Step = Parameters<typeof changesOf>[0][number];

/** The previews of the original plugins, a change each. */
function recorded(name: string): Step[][] {
  const file = join(__dirname, "../fixtures/recordings", `${name}-previews.jsonl`);
  interface Line {
    op: Step["op"];
    urn: string;
    replaceReasons: string[] | null;
    diffReasons: string[] | null;
    detailedDiff: Record<string, { kind: string; inputDiff: boolean }> | null;
  }
  return readFileSync(file, "utf8")
    .trim()
    .split("\n")
    .map((line) =>
      (JSON.parse(line) as Line[]).map(({ op, urn: short, replaceReasons, diffReasons, detailedDiff }) => {
        const [type = "", name = ""] = short.split("::");
        const diff = Object.entries(detailedDiff ?? {}).map(([path, { kind, inputDiff }]) => [
          path,
          { diffKind: kind, inputDiff },
        ]);
        const more = {
          keys: replaceReasons ?? undefined,
          diffs: diffReasons ?? undefined,
          detailedDiff: Object.fromEntries(diff) as never,
        };
        return step(op, { urn: urn("any", type, name), type, old: {}, new: {}, more });
      }),
    );
}

describe("changes of a preview, as the original plugins tell them", () => {
  const verdicts = (name: string) =>
    recorded(name).map((steps) => {
      const changes = changesOf(steps, new Map());
      return verdictOf({ warnings: judge(changes), different: changes.length > 0, failed: false });
    });

  it("never call a replaced volume, claim or password safe", () => {
    const [env, label, network, volume, port, restart, password, dockerfile] = verdicts("docker");
    assert.deepEqual({ volume, password }, { volume: "dangerous", password: "dangerous" });
    assert.deepEqual(
      { env, label, network, port, restart, dockerfile },
      {
        env: "changes",
        label: "changes",
        network: "changes",
        port: "changes",
        restart: "changes",
        dockerfile: "changes",
      },
    );
    const [, , accessMode, , , secret, namespace, selector] = verdicts("kubernetes");
    assert.deepEqual(
      { accessMode, secret, namespace },
      { accessMode: "dangerous", secret: "dangerous", namespace: "dangerous" },
    );
    assert.equal(selector, "changes");
  });

  it("name the property that forces a replacement, even if its values are hidden", () => {
    const [, , , , port] = recorded("docker");
    const [change] = changesOf(port!, new Map());
    assert.deepEqual(change?.properties, [{ path: "ports.external", forcesReplacement: true }]);
  });

  it("show a Deployment that did not become ready as an update without properties", () => {
    const [first] = recorded("kubernetes");
    const wordpress = changesOf(first!, new Map()).find(({ name }) => name === "wordpress");
    assert.deepEqual({ op: wordpress?.op, properties: wordpress?.properties }, { op: "update", properties: [] });
  });

  it("show no property of what is replaced because of what it depends on", () => {
    const [, , , withVolume] = recorded("docker");
    const mysql = changesOf(withVolume!, new Map()).find(({ name }) => name === "mysql");
    assert.deepEqual({ op: mysql?.op, properties: mysql?.properties }, { op: "replace", properties: [] });
  });
});

describe("changes", () => {
  const about = { urn: urn("redis", container, "redis-container"), type: container };

  it("count the three steps of a replacement once", () => {
    const found = changesOf(
      [
        step("create-replacement", { ...about, old: { name: "a" }, new: { name: "b" }, more: { keys: ["name"] } }),
        step("replace", { ...about, old: { name: "a" }, new: { name: "b" }, more: { keys: ["name"] } }),
        step("delete-replaced", { ...about, old: { name: "a" } }),
      ],
      new Map(),
    );
    assert.equal(found.length, 1);
    assert.equal(found[0]?.op, "replace");
    assert.deepEqual(found[0]?.properties, [{ path: "name", old: "a", new: "b", forcesReplacement: true }]);
  });

  it("leave out what stays the same or is only read", () => {
    assert.deepEqual(
      changesOf(
        [step("same", { ...about, old: {}, new: {} }), step("read", { ...about, new: {} }), step("refresh", about)],
        new Map(),
      ),
      [],
    );
  });

  it("belong to the lab of the topmost component", () => {
    const top = "urn:pulumi:dev::course-labs::course:labs:KubernetesWordPress::kubernetes";
    const part =
      "urn:pulumi:dev::course-labs::course:labs:KubernetesWordPress$course:labs:StatefulWorkload::kubernetes-mysql";
    const inner = `urn:pulumi:dev::course-labs::course:labs:KubernetesWordPress$course:labs:StatefulWorkload$${service}::s`;
    const stack = "urn:pulumi:dev::course-labs::pulumi:pulumi:Stack::course-labs-dev";
    const parents = new Map([
      [inner, part],
      [part, top],
      [top, stack],
    ]);
    assert.equal(changesOf([step("delete", { urn: inner, type: service, old: {} })], parents)[0]?.lab, "kubernetes");
    const provider = "urn:pulumi:dev::course-labs::pulumi:providers:docker::docker";
    assert.equal(
      changesOf([step("update", { urn: provider, type: "pulumi:providers:docker", old: {}, new: {} })], parents)[0]
        ?.lab,
      "shared",
    );
  });

  it("show a component only if none of its parts changes", () => {
    const component = { urn: "urn:pulumi:dev::course-labs::course:labs:RedisLab::redis", type: "course:labs:RedisLab" };
    const created = step("create", { ...component, new: {} });
    const typesOf = (...steps: Step[]) => worthTelling(changesOf(steps, new Map())).map(({ type }) => type);
    const part = step("create", { ...about, new: {}, more: {} });
    assert.deepEqual(
      worthTelling(changesOf([created, { ...part, new: { ...part.new!, parent: component.urn } }], new Map())).map(
        ({ type }) => type,
      ),
      [container],
    );
    assert.deepEqual(typesOf(created), ["course:labs:RedisLab"]);
    const stack = { urn: "urn:pulumi:dev::course-labs::pulumi:pulumi:Stack::s", type: "pulumi:pulumi:Stack" };
    assert.deepEqual(typesOf(step("update", { ...stack, old: {}, new: {} })), []);
  });

  it("are marked if the base makes them as well", () => {
    const [same, other] = [
      step("delete", { urn: urn("compose", volume, "v"), type: volume, old: { name: "v" } }),
      step("update", { ...about, old: { restart: "no" }, new: { restart: "always" } }),
    ];
    const differently = step("update", { ...about, old: { restart: "no" }, new: { restart: "on-failure" } });
    const [head, base] = [changesOf([same, other], new Map()), changesOf([same, differently], new Map())];
    assert.deepEqual(
      markAlready(head, base).map(({ already }) => already),
      [true, false],
    );
  });

  it("are the same only if everything about them is", () => {
    const made = (ip: string) =>
      changesOf([step("create", { ...about, new: { ports: [{ internal: 6379, ip }] } })], new Map());
    const marked = (head: string, base: string) => markAlready(made(head), made(base))[0];
    assert.equal(marked("127.0.0.1", "127.0.0.1")?.already, true);
    assert.equal(marked("0.0.0.0", "127.0.0.1")?.already, false);
    assert.deepEqual(told(judge(markAlready(made("0.0.0.0"), made("127.0.0.1")))), ["exposure! redis-container"]);
  });
});
