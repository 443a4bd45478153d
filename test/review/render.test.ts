import assert from "node:assert/strict";
import { json } from "../../review";
import { judge } from "../../review/judge";
import { Change, Report, Warning } from "../../review/model";
import { commentLimit, marker, render } from "../../review/render";
import { change, container, volume } from "./build";

function report(changes: Change[], more: Partial<Report> = {}): Report {
  const warnings = judge(changes);
  return {
    ...{ verdict: "changes", base: { ref: "main", commit: "0123456789abcdef" }, stack: "dev" },
    ...{ warnings, changes, settings: [], files: [], unchecked: [] },
    ...more,
  };
}

const port = change({
  ...{ type: container, lab: "redis", name: "redis-container", forcing: ["ports"] },
  before: { ports: [{ internal: 6379, external: 6379, ip: "127.0.0.1" }] },
  after: { ports: [{ internal: 6379, external: 6380, ip: "127.0.0.1" }] },
});

describe("the report", () => {
  it("of nothing is one look", () => {
    const text = render(report([], { verdict: "nothing" }), "en");
    assert.equal(
      text,
      `${marker}\n\n## ✅ Review of the course labs: nothing changes for the running labs\n\nCompared with \`main\` (0123456), stack \`dev\`.\n`,
    );
  });

  it("tells property by property, and what forces a replacement", () => {
    const text = render(report([port]), "en");
    assert.match(text, /1 replaced\. Compared with/);
    assert.match(text, /<summary><b>redis<\/b>: 1 replaced<\/summary>/);
    assert.match(
      text,
      /\| `Container redis-container` \| \*\*replaced\*\* \| `ports\[0\]\.external` \(forces the replacement\) \| `6379` → `6380` \|/,
    );
    assert.match(text, /• \*\*Interruption\*\* · redis: Lab `redis` is down for roughly 5 s/);
  });

  it("puts warnings before details, dangerous ones first", () => {
    const lost = change({ type: volume, lab: "compose", name: "v", before: { name: "v" } });
    const text = render(report([port, lost], { verdict: "dangerous" }), "en");
    const order = ["⛔ Review", "### Needs a decision", "**Data loss**", "### Good to know", "### What changes"];
    const places = order.map((part) => text.indexOf(part));
    assert.deepEqual(
      [...places].sort((a, b) => a - b),
      places,
    );
    assert.ok(places[0]! >= 0);
  });

  it("keeps apart what happens without this change, too", () => {
    const text = render(report([{ ...port, already: true }], { warnings: [] }), "en");
    assert.match(text, /### Happens without this change, too/);
    assert.doesNotMatch(text, /### What changes|1 replaced\. Compared/);
  });

  it("lists settings, files and what was not checked", () => {
    const text = render(
      report([], {
        settings: [
          { name: "redisPort", old: "6379", new: "6380" },
          { name: "kubeconfig", new: "a|b" },
        ],
        files: ["docker/compose/compose.yaml"],
        unchecked: [{ en: "the cluster", ko: "클러스터" }],
      }),
      "en",
    );
    assert.match(text, /\| `redisPort` \| `6379` → `6380` \|/);
    assert.match(text, /\| `kubeconfig` \| – → `a\\\|b` \|/);
    assert.match(text, /- `docker\/compose\/compose\.yaml`/);
    assert.match(text, /### Not checked\n\n- the cluster/);
  });

  it("says why it cannot be provisioned", () => {
    const failure = { en: "the cluster is gone\n```", ko: "클러스터가 없습니다" };
    const text = render(report([], { verdict: "failed", failure }), "en");
    assert.match(text, /### It cannot be provisioned\n\n```\nthe cluster is gone\n'''\n```/);
  });

  it("shows values as they are, whatever is in them", () => {
    const odd = change({ type: container, lab: "redis", before: { command: "a" }, after: { command: "x | y\n`z`" } });
    assert.match(render(report([odd]), "en"), /`a` → `` x \\\| y⏎`z` `` \|/);
  });

  it("speaks Korean throughout", () => {
    const lost = change({ type: volume, lab: "compose", name: "v", before: { name: "v" } });
    const text = render(report([port, lost], { verdict: "dangerous" }), "ko");
    const words = text.replace(/`[^`]*`|<[^>]*>|[^\p{L}\s]/gu, " ").match(/\b[a-z]{4,}\b/gi) ?? [];
    assert.deepEqual(
      words.filter((word) => !/^(course|labs|review|redis|compose|Docker|main)$/i.test(word)),
      [],
    );
    assert.match(text, /데이터 손실/);
  });

  it("as data has what a program needs, and not what is only for the rules", () => {
    const data = JSON.parse(json(report([port]))) as { version: number; changes: Record<string, unknown>[] };
    assert.equal(data.version, 1);
    assert.deepEqual(Object.keys(data.changes[0]!).sort(), [
      "already",
      "basis",
      "lab",
      "name",
      "op",
      "properties",
      "type",
      "urn",
    ]);
  });
});

describe("a report that is too long for a comment", () => {
  const many = (count: number, properties: number) =>
    Array.from({ length: count }, (_, i) =>
      change({
        ...{ type: container, lab: `lab-${i % 7}`, name: `container-${i}`, op: "update" },
        before: Object.fromEntries(Array.from({ length: properties }, (_, p) => [`key${p}`, "a".repeat(90)])),
        after: Object.fromEntries(Array.from({ length: properties }, (_, p) => [`key${p}`, "b".repeat(90)])),
      }),
    );
  const warnings = (count: number): Warning[] =>
    Array.from({ length: count }, (_, i) => ({
      ...{ kind: "data loss", dangerous: true, lab: `lab-${i % 7}`, resource: `volume-${i}` },
      text: { en: `Volume volume-${i} is removed. ${"Everything in it is lost. ".repeat(4)}`, ko: `볼륨 volume-${i}` },
    }));

  for (const [count, properties, warned] of [
    [60, 20, 10],
    [300, 10, 100],
    [900, 5, 300],
    [2000, 3, 1500],
  ] as const) {
    it(`loses detail but no warning: ${count} resources, ${warned} warnings`, () => {
      const text = render(report(many(count, properties), { warnings: warnings(warned) }), "en");
      assert.ok(text.length <= commentLimit, String(text.length));
      for (let i = 0; i < warned; i++) assert.match(text, new RegExp(`\\bvolume-${i}\\b`));
      for (let i = 0; i < 7; i++) assert.match(text, new RegExp(`lab-${i}`));
      assert.match(text, /Details are shortened/);
    });
  }

  it("keeps every detail while it fits", () => {
    const text = render(report(many(20, 5)), "en");
    assert.equal(text.match(/`key\d` \|/g)?.length, 100);
    assert.doesNotMatch(text, /shortened/);
  });
});
