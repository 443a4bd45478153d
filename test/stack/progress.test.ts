import assert from "node:assert/strict";
import { DiagnosticEvent, EngineEvent, StepEventMetadata } from "@pulumi/pulumi/automation";
import { Progress } from "../../tools/stack/progress";

/** What is printed of events, which errors are kept, and whether a preview has found nothing to do. */
function heard(...events: Partial<EngineEvent>[]): { said: string; errors: string[]; nothingToDo: boolean } {
  const lines: string[] = [];
  const log = console.error;
  console.error = (line: string) => lines.push(line);
  const progress = new Progress();
  try {
    events.forEach((event, sequence) => progress.on({ sequence, timestamp: 0, ...event }));
  } finally {
    progress.stop();
    console.error = log;
  }
  return { said: lines.join("\n"), errors: progress.errors, nothingToDo: progress.nothingToDo };
}

/** What is printed while a preview announces one step. */
function printed(step: Partial<StepEventMetadata>): string {
  const urn = "urn:pulumi:dev::course-labs::x::kubernetes-wordpress-deployment";
  const metadata = { op: "update", urn, type: "kubernetes:apps/v1:Deployment", provider: "", ...step };
  return heard({ resourcePreEvent: { metadata, planning: true } } as Partial<EngineEvent>).said;
}

/** A message of the engine or a plugin. */
const told = (severity: DiagnosticEvent["severity"], message: string, more: Partial<DiagnosticEvent> = {}) => ({
  diagnosticEvent: { severity, message, color: "never", ...more },
});

describe("a line of a preview", () => {
  const changed = (...paths: string[]) => ({
    detailedDiff: Object.fromEntries(paths.map((path) => [path, { diffKind: "update", inputDiff: false }])),
  });

  it("shows the exact properties that changed", () => {
    const path = "spec.template.spec.containers[0].image";
    const said = printed({ ...changed(path), diffs: ["spec"] } as Partial<StepEventMetadata>);
    assert.ok(said.startsWith("  ~ Deployment kubernetes-wordpress-deployment: "), said);
    assert.ok(said.endsWith(` (${path})`), said);
  });

  it("shows the changed properties if the provider reports no details", () =>
    assert.match(printed({ diffs: ["spec", "__inputs"] }), / \(spec\)$/));

  it("shows four properties and the number of others", () =>
    assert.match(
      printed(changed("a", "b", "c", "d", "e", "f") as Partial<StepEventMetadata>),
      /\(a, b, c, d, … \+2\)$/,
    ));

  const called = (type: string, inputs: object) =>
    printed({ op: "create", type, new: { inputs } } as unknown as Partial<StepEventMetadata>);
  const names: [type: string, inputs: object, line: string][] = [
    ["docker:index/container:Container", { name: "redis" }, "  + container redis: create"],
    ["docker:index/network:Network", { name: "wordpress" }, "  + network wordpress: create"],
    ["docker:index/volume:Volume", { name: "course-labs-mysql" }, "  + volume course-labs-mysql: create"],
    ["docker:index/image:Image", { imageName: "redis:v1" }, "  + built image redis:v1: create"],
    ["docker:index/remoteImage:RemoteImage", { name: "debian:12" }, "  + image debian:12: create"],
    [
      "docker:index/remoteImage:RemoteImage",
      { name: "redis:v1", keepLocally: false },
      "  + image tag redis:v1: create",
    ],
    ["random:index/randomId:RandomId", {}, "  + random id for the labels of this stack's objects: create"],
    ["kubernetes:core/v1:Namespace", { metadata: { name: "kim" } }, "  + Namespace kim: create"],
    [
      "kubernetes:apps/v1:Deployment",
      { metadata: { name: "mysql", namespace: "kim" } },
      "  + Deployment mysql in namespace kim: create",
    ],
  ];
  for (const [type, inputs, line] of names)
    it(`calls an object what Docker and Kubernetes call it: ${line.slice(4)}`, () =>
      assert.equal(called(type, inputs), line));

  it("does not show components", () => assert.equal(printed({ type: "course:labs:RedisLab", op: "create" }), ""));
});

describe("a preview that finds nothing to do", () => {
  const is = { urn: "u", type: "docker:index/container:Container", outputs: { ip: "172.17.0.2" } };
  const moved = { ...is, outputs: { ip: "172.17.0.3" } };
  const planned = (op: string, old: object | undefined, now: object | undefined): Partial<EngineEvent> => {
    const metadata = { op, urn: is.urn, type: is.type, provider: "", old, new: now } as unknown as StepEventMetadata;
    return { resOutputsEvent: { metadata, planning: true } };
  };
  const end = { summaryEvent: { resourceChanges: { same: 1 } } } as unknown as Partial<EngineEvent>;

  const nothing: [what: string, events: Partial<EngineEvent>[]][] = [
    ["everything is as the state has it", [planned("refresh", is, { ...is }), planned("same", is, { ...is }), end]],
    ["a refresh found labels in another order", [planned("refresh", is, moved), planned("same", moved, is), end]],
    ["what is only looked up has changed", [planned("refresh", is, moved), planned("read", moved, moved), end]],
    ["a warning is told of elsewhere", [told("warning", "using pulumi-resource-docker from $PATH at /bin"), end]],
    ["a resource is not ready for a moment", [told("warning", "not yet", { ephemeral: true }), end]],
  ];
  for (const [what, events] of nothing) it(what, () => assert.equal(heard(...events).nothingToDo, true));

  const something: [what: string, events: Partial<EngineEvent>[]][] = [
    ["it was cut off", [planned("same", is, is)]],
    ["a refresh found another address", [planned("refresh", is, moved), planned("same", moved, moved), end]],
    ["an output of the stack differs", [planned("same", is, moved), end]],
    ["a resource has another parent", [planned("same", is, { ...is, parent: "p" }), end]],
    ["a resource is gone", [planned("refresh", is, undefined), end]],
    ["something is looked up for the first time", [planned("read", undefined, is), end]],
    ["something is updated", [planned("update", is, is), end]],
    ["something is deleted", [planned("delete", is, undefined), end]],
    ["there is a warning", [told("warning", "it is old"), end]],
  ];
  for (const [what, events] of something)
    it(`not where ${what}`, () => assert.equal(heard(...events).nothingToDo, false));
});

describe("the progress of Pulumi", () => {
  it("shows warnings, but not that a resource is not ready yet", () => {
    const { said, errors } = heard(
      told("warning", "[Pod mysql-1]: containers with unready status: [mysql]", { ephemeral: true }),
      told("error", "Deployment does not have minimum availability", { ephemeral: true }),
      told("warning", "it is old"),
    );
    assert.equal(said, "  ! it is old");
    assert.deepEqual(errors, []);
  });

  const urn = "urn:pulumi:dev::course-labs::docker:index/image:Image::redis-image";
  const building = (...messages: string[]) => messages.map((text) => told("info", text, { urn, ephemeral: true }));

  it("shows each instruction of a Dockerfile once, with both builders", () => {
    const buildKit = building(
      "Starting Docker build",
      "digest: sha256:1\n[internal] load build definition from Dockerfile\ntransferring dockerfile:",
      "digest: sha256:2\n[1/2] FROM docker.io/library/ubuntu:24.04\ndigest: sha256:3\n[2/2] RUN apt-get update",
      "Get:1 http://archive.example/ noble InRelease",
      "digest: sha256:3\n[2/2] RUN apt-get update",
    );
    const { said } = heard(...buildKit, ...building("Step 1/2 : FROM ubuntu:24.04\n", " ---> 1234"));
    assert.deepEqual(said.split("\n"), [
      "    [1/2] FROM docker.io/library/ubuntu:24.04",
      "    [2/2] RUN apt-get update",
      "    Step 1/2 : FROM ubuntu:24.04",
    ]);
  });

  it("keeps the last output of an instruction to explain a failed build", () => {
    const failed = "error reading build output: exit code: 100";
    const lines = Array.from({ length: 30 }, (_, i) => `line ${i}`);
    const { errors } = heard(
      ...building("digest: sha256:2\n[1/2] RUN true", "not this"),
      ...building("digest: sha256:3\n[2/2] RUN apt-get update", lines.join("\n")),
      ...building("digest: sha256:3\n[2/2] RUN apt-get update\nerror: exit code: 100"),
      told("error", failed),
    );
    assert.deepEqual(errors, [failed, ...lines.slice(-10)]);
  });
});
