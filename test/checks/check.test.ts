import assert from "node:assert/strict";
import { failed, Result, runChecks } from "../../checks/check";
import { check } from "./fakes";

const bad = () => failed({ en: "why", ko: "왜" }, "next");
const statuses = (results: Result[]) => results.map(({ id, status }) => `${id} ${status}`);

describe("running checks", () => {
  it("gives results in the course's order, with a place in the course", async () => {
    const results = await runChecks([check("a"), check("b", { lab: "compose" }), check("c")]);
    assert.deepEqual(
      results.map(({ id, section }) => [id, section]),
      [
        ["a", "1.1"],
        ["b", "3.1"],
        ["c", "1.2"],
      ],
    );
  });

  it("does not run what needs a failed check, nor what needs that", async () => {
    let ran = 0;
    const probe = () => {
      ran++;
      return bad();
    };
    const results = await runChecks([
      check("c", { needs: ["b"], probe }),
      check("b", { needs: ["a"], probe }),
      check("a", { probe: bad }),
    ]);
    assert.deepEqual(statuses(results), ["c blocked", "b blocked", "a failed"]);
    assert.equal(ran, 0);
  });

  it("blames a check that could not be done, and goes on", async () => {
    const results = await runChecks([
      check("a", { probe: () => Promise.reject(new Error("no such thing\nsecond line")) }),
      check("b"),
    ]);
    assert.deepEqual(statuses(results), ["a failed", "b passed"]);
    const [first] = results;
    assert.ok(first?.status === "failed");
    assert.equal(first.why.en, "This could not be looked at: no such thing");
    assert.equal(first.next.en, "npm run doctor");
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
      check("d1", { drill, probe: slow("d1") }),
      check("d2", { drill, probe: slow("d2") }),
      check("a", { probe: slow("a") }),
    ];
    assert.deepEqual(statuses(await runChecks(checks)), ["a passed"]);
    order.length = 0;
    await runChecks(checks, { drill: true });
    assert.deepEqual(order, ["a begins", "a ends", "d1 begins", "d1 ends", "d2 begins", "d2 ends"]);
  });

  it("leaves out what needs a drill that was not run", async () => {
    const drill = { en: "changes", ko: "바꿈" };
    assert.deepEqual(statuses(await runChecks([check("a", { needs: ["d"] }), check("d", { drill })])), ["a passed"]);
  });
});
