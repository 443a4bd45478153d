import assert from "node:assert/strict";
import * as pulumi from "@pulumi/pulumi";
import { LabOwner, labelValue } from "../../components/lab-owner";
import { dockerLabels, kubernetesLabels, promiseOf, record } from "../mocks";

describe("LabOwner", () => {
  it("creates one random id", async () => {
    const { recording, result } = await record(() => new LabOwner("owner"));
    assert.deepEqual(recording.list, ["course:labs:LabOwner owner", "random:index/randomId:RandomId owner-id < owner"]);
    assert.deepEqual(recording.get("owner-id").inputs, { byteLength: 4 });
    assert.equal(await promiseOf(result.id), "0a1b2c3d");
  });

  it("labels Docker objects with the project, the stack and the id", async () => {
    const { result } = await record(() => new LabOwner("owner"));
    assert.deepEqual(await promiseOf(pulumi.output(result.dockerLabels)), dockerLabels);
  });

  it("labels Kubernetes objects with the same and with managed-by", async () => {
    const { result } = await record(() => new LabOwner("owner"));
    assert.deepEqual(await promiseOf(pulumi.output(result.kubernetesLabels)), kubernetesLabels);
  });
});

describe("labelValue", () => {
  const valid = /^([A-Za-z0-9]([A-Za-z0-9_.-]{0,61}[A-Za-z0-9])?)?$/;
  for (const [text, value] of [
    ["dev", "dev"],
    ["_dev.2-", "dev.2"],
    ["---", ""],
    ["a".repeat(100), "a".repeat(63)],
    ["a".repeat(62) + "-b", "a".repeat(62)],
  ] as const) {
    it(`turns ${text} into a valid label value`, () => {
      assert.equal(labelValue(text), value);
      assert.match(labelValue(text), valid);
    });
  }
});
