import assert from "node:assert/strict";
import { EngineEvent, StepEventMetadata } from "@pulumi/pulumi/automation";
import { Progress } from "../../cli/progress";

/** What is printed while a preview announces one step. */
function printed(step: Partial<StepEventMetadata>): string {
  const lines: string[] = [];
  const log = console.error;
  console.error = (line: string) => lines.push(line);
  try {
    const progress = new Progress();
    const urn = "urn:pulumi:dev::course-labs::x::kubernetes-wordpress-deployment";
    const metadata = { op: "update", urn, type: "kubernetes:apps/v1:Deployment", provider: "", ...step };
    progress.on({ sequence: 1, timestamp: 0, resourcePreEvent: { metadata, planning: true } } as EngineEvent);
    progress.stop();
  } finally {
    console.error = log;
  }
  return lines.join("\n");
}

describe("what a preview says of a step", () => {
  const changed = (...paths: string[]) => ({
    detailedDiff: Object.fromEntries(paths.map((path) => [path, { diffKind: "update", inputDiff: false }])),
  });

  it("names the properties as exactly as the provider does", () => {
    const path = "spec.template.spec.containers[0].image";
    const said = printed({ ...changed(path), diffs: ["spec"] } as Partial<StepEventMetadata>);
    assert.ok(said.startsWith("  ~ Deployment kubernetes-wordpress-deployment: "), said);
    assert.ok(said.endsWith(` (${path})`), said);
  });

  it("names the properties that changed where that is all the provider tells", () =>
    assert.match(printed({ diffs: ["spec", "__inputs"] }), / \(spec\)$/));

  it("names four, and how many there are more", () =>
    assert.match(
      printed(changed("a", "b", "c", "d", "e", "f") as Partial<StepEventMetadata>),
      /\(a, b, c, d, … \+2\)$/,
    ));

  it("says nothing of components", () => assert.equal(printed({ type: "course:labs:RedisLab", op: "create" }), ""));
});
