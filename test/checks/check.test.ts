import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { Check, failed, passed, Result, runChecks } from "../../tools/checks/check";
import { outside, Unreachable } from "../../tools/checks/facts/unreachable";
import { checksOf } from "../../tools/checks/labs";
import { targetOf } from "../../tools/checks/target";
import { parseSettings } from "../../config";
import { LabError } from "../../text";
import { answering, check, healthy } from "./fakes";
import { clusterWith, healthy as cluster } from "./kubernetes-fakes";

const bad = () => failed("no answer", "next", { en: "why", ko: "왜" });
const statuses = (results: Result[]) => results.map(({ id, status }) => `${id} ${status}`);

describe("running checks", () => {
  it("returns results in the order of the course, each with its section", async () => {
    const results = await runChecks([check("redis.a"), check("compose.b"), check("redis.c")]);
    assert.deepEqual(
      results.map(({ id, section }) => [id, section]),
      [
        ["redis.a", "1.1"],
        ["compose.b", "3.1"],
        ["redis.c", "1.2"],
      ],
    );
  });

  it("skips what needs a failed check, directly or indirectly", async () => {
    let ran = 0;
    const probe = () => {
      ran++;
      return bad();
    };
    const results = await runChecks([
      check("redis.c", { needs: [check("redis.b")], probe }),
      check("redis.b", { needs: [check("redis.a")], probe }),
      check("redis.a", { probe: bad }),
    ]);
    assert.deepEqual(statuses(results), ["redis.c blocked", "redis.b blocked", "redis.a failed"]);
    assert.equal(ran, 0);
  });

  it("needs only earlier checks of the same lab", () => {
    // @ts-expect-error A name may be misspelt.
    const [named]: NonNullable<Check["needs"]> = ["redis.image"];
    assert.equal(typeof named, "string");
    const settings = parseSettings({});
    const kubernetes = { seen: { facts: cluster() }, cluster: clusterWith(cluster()) };
    let needed = 0;
    for (const cleanedUp of [false, true]) {
      const checks = checksOf(
        targetOf(settings, undefined, { cleanedUp }),
        { docker: healthy(), kubernetes },
        answering(),
      );
      for (const [i, { id, needs = [] }] of checks.entries()) {
        const [lab] = id.split(".");
        const before = checks.slice(0, i).flatMap((other) => (other.id.startsWith(`${lab}.`) ? [other.id] : []));
        for (const need of needs) assert.ok(before.includes(need.id), `${id} needs ${need.id}`);
        needed += needs.length;
        // Whatever looks at a lab begins with the one check that tells whether there is anything of it.
        assert.equal(needs.length === 0, before.length === 0, id);
      }
    }
    assert.ok(needed > 50, `only ${needed}`);
  });

  it("reports a check that could not run, and continues", async () => {
    const results = await runChecks([
      check("redis.a", { probe: () => outside(() => Promise.reject(new Error("no such thing\nsecond line"))) }),
      check("redis.b"),
    ]);
    assert.deepEqual(statuses(results), ["redis.a failed", "redis.b passed"]);
    const [first] = results;
    assert.ok(first?.status === "failed");
    assert.equal(first.why.en, "This could not be checked: no such thing");
    assert.equal(first.next.en, "npm run doctor");
    assert.equal(first.cause, "cannot be checked");
  });

  it("gives the reason in the learner's language, if there is one", async () => {
    const why = { en: "no file", ko: "파일이 없음" };
    const probe = () => outside(() => Promise.reject(new LabError(why)));
    const [result] = await runChecks([check("redis.a", { probe })]);
    assert.ok(result?.status === "failed");
    assert.match(result.why.en, /: no file$/);
    assert.match(result.why.ko, /: 파일이 없음$/);
  });

  const mistakes: [what: string, probe: () => Promise<never>][] = [
    ["outside of every question", () => Promise.reject(new TypeError("x is not a function"))],
    ["within a question", () => outside(() => Promise.reject(new TypeError("x is not a function")))],
    ["of a name", () => outside(() => Promise.reject(new ReferenceError("x is not defined")))],
    ["of a range", () => outside(() => Promise.reject(new RangeError("x")))],
    ["that was asserted not to be", () => outside(() => Promise.reject(new assert.AssertionError({ message: "x" })))],
    ["that is no TypeError, either", () => Promise.reject(new Error("lacks one of its needs"))],
  ];
  for (const [what, probe] of mistakes) {
    it(`fails no lab for an error of this project: ${what}`, async () => {
      await assert.rejects(
        runChecks([check("redis.a", { probe }), check("redis.b")]),
        (error) => !(error instanceof Unreachable),
      );
    });
  }

  it("does not treat a TypeError of the network as an error of this project", async () => {
    const probe = () => outside(() => fetch("http://127.0.0.1:1/")).then(() => passed());
    const [result] = await runChecks([check("redis.a", { probe })]);
    assert.equal(result?.status, "failed");
  });

  const commands: [what: string, says: string[], told: RegExp][] = [
    [
      "with its reason",
      ["Unable to find image", "docker: no space left on device"],
      /: docker: no space left on device$/,
    ],
    [
      "and says where to read more",
      ["docker: name in use", "", "Run 'docker run --help' for more information"],
      /: docker: name in use$/,
    ],
    ["and says nothing", [], /: node ended with 3$/],
  ];
  for (const [what, says, told] of commands) {
    it(`tells of a command that failed ${what}, and never of its arguments`, async () => {
      const script = `console.error(${JSON.stringify(says.join("\n"))}); process.exitCode = 3`;
      const args = ["-e", script, "MYSQL_PWD=hunter22"];
      const probe = async () => {
        await outside(() => promisify(execFile)("node", args));
        return passed();
      };
      const [result] = await runChecks([check("redis.a", { probe })]);
      assert.ok(result?.status === "failed");
      assert.match(result.why.en, told);
      assert.match(result.why.ko, told);
      assert.doesNotMatch(JSON.stringify(result), /hunter22/);
    });
  }

  it("reports that there is no such command", async () => {
    const probe = () =>
      outside(() => promisify(execFile)("course-labs-no-such-command", ["hunter22"])).then(() => passed());
    const [result] = await runChecks([check("redis.a", { probe })]);
    assert.ok(result?.status === "failed");
    assert.match(result.why.en, /: spawn course-labs-no-such-command ENOENT$/);
  });

  it("runs drills only when asked, after everything else and one at a time", async () => {
    const order: string[] = [];
    const slow = (id: string) => async () => {
      order.push(`${id} begins`);
      await new Promise((resolve) => setTimeout(resolve, 10));
      order.push(`${id} ends`);
      return { status: "passed" as const, evidence: {} };
    };
    const drill = { en: "changes", ko: "바꿈" };
    const checks = [
      check("redis.d1", { drill, probe: slow("d1") }),
      check("redis.d2", { drill, probe: slow("d2") }),
      check("redis.a", { probe: slow("a") }),
    ];
    assert.deepEqual(statuses(await runChecks(checks)), ["redis.a passed"]);
    order.length = 0;
    await runChecks(checks, { drill: true });
    assert.deepEqual(order, ["a begins", "a ends", "d1 begins", "d1 ends", "d2 begins", "d2 ends"]);
  });

  it("skips what needs a drill that was not run", async () => {
    const drill = { en: "changes", ko: "바꿈" };
    assert.deepEqual(
      statuses(await runChecks([check("redis.a", { needs: [check("redis.d")] }), check("redis.d", { drill })])),
      ["redis.a passed"],
    );
  });
});
