import assert from "node:assert/strict";
import { concluded, json } from "../../tools/review";
import { judge } from "../../tools/review/judge";
import { Change, Report, Warning } from "../../tools/review/resources/model";
import { commentLimit, marker, render } from "../../tools/review/render";
import { change, container, volume } from "./build";

function report(changes: Change[], more: Partial<Report> = {}): Report {
  // To judge thousands takes long, and is not needed where a test brings its own.
  const warnings = more.warnings ?? judge(changes);
  return {
    ...{ verdict: "changes", base: { ref: "main", commit: "0123456789abcdef" }, stack: "dev" },
    ...{ warnings, changes, settings: [], outputs: [], files: [], unchecked: [] },
    ...more,
  };
}

const port = change({
  ...{ type: container, lab: "redis", name: "redis-container", forcing: ["ports"] },
  before: { ports: [{ internal: 6379, external: 6379, ip: "127.0.0.1" }] },
  after: { ports: [{ internal: 6379, external: 6380, ip: "127.0.0.1" }] },
});

describe("the verdict", () => {
  const none = { base: { ref: "main", commit: "0" }, stack: "dev", warnings: [], changes: [], unchecked: [] };
  const empty = { ...none, settings: [], outputs: [], files: [] };
  const of = (more: Partial<typeof empty> | Partial<Report>, different = false) =>
    concluded({ ...empty, ...more }, different).verdict;
  const dangerous: Warning = { kind: "exposure", dangerous: true, lab: "redis", text: { en: "a", ko: "가" } };
  it("says that nothing changes only if nothing differs", () => {
    assert.equal(of({}), "nothing");
    assert.equal(of({}, true), "changes");
    assert.equal(of({ changes: [port] }), "changes");
    assert.equal(of({ settings: [{ name: "a", new: "1" }] }), "changes");
    assert.equal(of({ outputs: [{ name: "a", new: "1" }] }), "changes");
    assert.equal(of({ files: ["a.ts"] }), "changes");
    assert.equal(of({ warnings: [{ ...dangerous, dangerous: false }] }), "changes");
  });
  it("goes by this change, not by what happens anyway", () => {
    assert.equal(of({ changes: [{ ...port, already: true }] }), "nothing");
    assert.equal(of({ warnings: [{ ...dangerous, already: true }] }), "nothing");
  });
  it("is the worst of all warnings", () => {
    assert.equal(of({ warnings: [dangerous] }), "dangerous");
    assert.equal(of({ warnings: [dangerous], failure: { en: "a", ko: "가" } }), "failed");
  });
});

describe("the report", () => {
  it("is two lines if nothing changes", () => {
    const text = render(report([], { verdict: "nothing" }), "en");
    assert.equal(
      text,
      `${marker}\n\n## ✅ Review of the course labs: nothing changes for the running labs\n\nCompared with \`main\` (0123456), stack \`dev\`.\n`,
    );
  });

  it("lists every property, and marks what forces a replacement", () => {
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

  it("separates what happens without this change, too", () => {
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

  it("says why the labs cannot be provisioned", () => {
    const failure = { en: "the cluster is gone\n```", ko: "클러스터가 없습니다" };
    const text = render(report([], { verdict: "failed", failure }), "en");
    assert.match(text, /### It cannot be provisioned\n\n```\nthe cluster is gone\n'''\n```/);
  });

  it("shows values as they are, whatever they contain", () => {
    const odd = change({ type: container, lab: "redis", before: { command: "a" }, after: { command: "x | y\n`z`" } });
    assert.match(render(report([odd]), "en"), /`a` → `` x \\\| y⏎`z` `` \|/);
  });

  it("stays intact with odd names and values", () => {
    const evil = "x\n\n<!-- @course/everyone <b> [a](https://evil.example) | ``` \\|";
    const odd = change({
      ...{ type: container, lab: evil, name: evil },
      before: { [evil]: "a" },
      after: { [evil]: evil },
    });
    const text = render(
      report([odd], {
        warnings: [{ kind: "exposure", dangerous: true, lab: evil, resource: evil, text: { en: evil, ko: evil } }],
        files: [evil, "a`b"],
        unchecked: [{ en: evil, ko: evil }],
        settings: [{ name: evil, old: "a", new: evil }],
        base: { ref: evil, commit: "0123456789abcdef" },
      }),
      "en",
    );
    const lines = text.split("\n").slice(1);
    for (const line of lines) assert.doesNotMatch(line, /^\s*(x$|<!--)/);
    // Outside of code nothing of it means anything.
    const prose = lines.map((line) => line.replace(/(?<!`)(`+)(?!`)(.+?)(?<!`)\1(?!`)/g, "")).join("\n");
    assert.doesNotMatch(prose, /<!--|<b> |(^|\W)@course|\]\(https/m);
    for (const line of lines.filter((line) => line.startsWith("|"))) {
      assert.ok([4, 6].includes(line.split(/(?<!\\)\|/).length), line);
      assert.doesNotMatch(line, /\\\\\|/);
    }
    assert.match(text, /- `` a`b ``/);
  });

  it("reads the same in both languages, line by line", () => {
    const of = (name: string, op: Change["op"], more: Partial<Change> = {}): Change => ({
      ...{ ...change({ type: volume, lab: "compose", name, op }), properties: [] },
      ...more,
    });
    const changes = [
      of("gone", "delete"),
      of("again", "replace"),
      of("waits", "update"),
      of("new", "create", { lab: "redis" }),
      of("later", "update", { properties: [{ path: "a", old: "1", new: "[unknown]", forcesReplacement: false }] }),
      of("anyway", "delete", { already: true }),
    ];
    const warnings: Warning[] = [
      { kind: "data loss", dangerous: true, lab: "compose", text: { en: "It goes.", ko: "사라집니다." } },
      { kind: "option", dangerous: false, lab: "compose", already: true, text: { en: "It is so.", ko: "그렇습니다." } },
    ];
    const more: Partial<Report> = {
      ...{ verdict: "dangerous", warnings, settings: [{ name: "s", old: "1" }], outputs: [{ name: "o", new: "2" }] },
      ...{ files: ["f.ts"], unchecked: [{ en: "the cluster", ko: "클러스터" }] },
    };
    const english = `${marker}

## ⛔ Review of the course labs: dangerous changes

1 created, 2 changed, 1 replaced, 1 deleted. Compared with \`main\` (0123456), stack \`dev\`.

### Needs a decision

- ⛔ **Data loss** · compose: It goes.

### Good to know

- • **Option** · compose: It is so. _(Happens without this change, too)_

### What changes

<details><summary><b>compose</b>: 2 changed, 1 replaced, 1 deleted</summary>

| resource | what happens | property | old → new |
| --- | --- | --- | --- |
| \`Volume gone\` | **deleted** |  |  |
| \`Volume again\` | **replaced** | because of what it depends on |  |
| \`Volume waits\` | changed | was not ready when it was last applied: tried again |  |
| \`Volume later\` | changed | \`a\` | \`1\` → _known once it is made_ |

</details>
<details><summary><b>redis</b>: 1 created</summary>

| resource | what happens | property | old → new |
| --- | --- | --- | --- |
| \`Volume new\` | created |  |  |

</details>

### Happens without this change, too

The running labs are not as the base has them; the next \`up\` does this in any case.

<details><summary><b>compose</b>: 1 deleted</summary>

| resource | what happens | property | old → new |
| --- | --- | --- | --- |
| \`Volume anyway\` | **deleted** |  |  |

</details>

### Settings

| setting | old → new |
| --- | --- |
| \`s\` | \`1\` → – |

### Outputs

| output | old → new |
| --- | --- |
| \`o\` | – → \`2\` |

### Other files that change

- \`f.ts\`

### Not checked

- the cluster
`;
    assert.equal(render(report(changes, more), "en"), english);
    const korean = render(report(changes, more), "ko");
    const headings = korean.split("\n").filter((line) => /^(#|생성|- |<details>)/.test(line));
    assert.deepEqual(headings, [
      "## ⛔ 실습 변경 검토: 위험한 변경이 있습니다",
      "생성 1개, 변경 2개, 교체 1개, 삭제 1개. 기준 리비전: `main` (0123456), 스택: `dev`.",
      "### 확인이 필요한 위험한 변경",
      "- ⛔ **데이터 손실** · compose: 사라집니다.",
      "### 참고 사항",
      "- • **옵션** · compose: 그렇습니다. _(이 변경이 없어도 일어나는 일)_",
      "### 변경 내용",
      "<details><summary><b>compose</b>: 변경 2개, 교체 1개, 삭제 1개</summary>",
      "<details><summary><b>redis</b>: 생성 1개</summary>",
      "### 이 변경이 없어도 일어나는 일",
      "<details><summary><b>compose</b>: 삭제 1개</summary>",
      "### 설정",
      "### 출력",
      "### 그 밖에 바뀌는 파일",
      "- `f.ts`",
      "### 확인하지 못한 부분",
      "- 클러스터",
    ]);
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

  it("leaves inputs that only the rules need out of its JSON", () => {
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
        ...{ type: "kubernetes:core/v1:ConfigMap", lab: `lab-${i % 7}`, name: `container-${i}`, op: "update" },
        before: Object.fromEntries(Array.from({ length: properties }, (_, p) => [`key${p}`, "a".repeat(90)])),
        after: Object.fromEntries(Array.from({ length: properties }, (_, p) => [`key${p}`, "b".repeat(90)])),
      }),
    );
  const warnings = (count: number): Warning[] =>
    Array.from({ length: count }, (_, i) => ({
      ...{ kind: "data loss", dangerous: true, lab: `lab-${i % 7}`, resource: `volume-${i}` },
      text: { en: `Volume volume-${i} is removed.`, ko: `볼륨 volume-${i}` },
    }));

  for (const [count, properties, warned] of [
    [60, 20, 10],
    [900, 5, 300],
  ] as const) {
    it(`is cut at its end, where no warning is: ${count} resources, ${warned} warnings`, () => {
      const text = render(report(many(count, properties), { warnings: warnings(warned) }), "en");
      assert.ok(text.length <= commentLimit && text.length > commentLimit * 0.9, String(text.length));
      const named = new Set(text.match(/\bvolume-\d+\b/g));
      for (let i = 0; i < warned; i++) assert.ok(named.has(`volume-${i}`), `volume-${i}`);
      assert.match(text, /<\/details>\n\n_The rest is cut\. `npm run review -- --json FILE` has everything\._\n$/);
      assert.equal(text.split("<details>").length, text.split("</details>").length);
      for (const line of text.split("\n").filter((line) => line.startsWith("|"))) assert.match(line, /\|$/);
    });
  }

  it("fits however long the names are", () => {
    const long = "n".repeat(3000);
    const each: Warning[] = warnings(200).map((warning, i) => ({ ...warning, lab: `${i}${long}`, resource: long }));
    const settings = Array.from({ length: 100 }, (_, i) => ({ name: `${i}${long}`, old: long, new: long }));
    const unchecked = each.map(({ lab }) => ({ en: lab.slice(0, 2000), ko: lab }));
    const failure = { en: long.repeat(50), ko: long };
    const more = { settings, unchecked, failure, files: settings.map(({ name }) => name), warnings: each };
    const changes = many(50, 1).map((change, i) => ({ ...change, lab: `${i}${long}`, name: long }));
    for (const language of ["en", "ko"] as const) {
      const text = render(report(changes, more), language);
      assert.ok(text.length <= commentLimit, String(text.length));
    }
  });

  it("shows names and values up to 300 letters, and what Pulumi says up to 8000", () => {
    const shown = (name: string) =>
      /\| `(x+…?)` \|/.exec(render(report([], { settings: [{ name, new: "1" }] }), "en"))?.[1];
    assert.equal(shown("x".repeat(300)), "x".repeat(300));
    assert.equal(shown("x".repeat(301)), `${"x".repeat(299)}…`);
    const said = (en: string) => /^x+…?$/m.exec(render(report([], { failure: { en, ko: "" } }), "en"))?.[0];
    assert.equal(said("x".repeat(8000)), "x".repeat(8000));
    assert.equal(said("x".repeat(8001)), `${"x".repeat(7999)}…`);
  });

  it("keeps every detail while it fits", () => {
    const text = render(report(many(20, 5)), "en");
    assert.equal(text.match(/`key\d` \|/g)?.length, 100);
    assert.doesNotMatch(text, /is cut/);
  });
});
