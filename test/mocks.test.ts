import assert from "node:assert/strict";
import * as pulumi from "@pulumi/pulumi";
import * as random from "@pulumi/random";
import { record } from "./mocks";

describe("mocks", () => {
  it("refuse a type that they were not taught", async () => {
    await assert.rejects(
      record(() => new pulumi.ComponentResource("course:labs:Unheard", "unheard")),
      /not taught the type course:labs:Unheard of unheard/,
    );
  });

  it("record the options that decide what an update or a destroy may do", async () => {
    const { recording } = await record(
      () =>
        new random.RandomId(
          "id",
          { byteLength: 4 },
          {
            ...{ protect: true, retainOnDelete: true, replaceOnChanges: ["byteLength"], aliases: [{ name: "before" }] },
            customTimeouts: { create: "1m", update: "2m", delete: "3m" },
          },
        ),
    );
    const { protect, retainOnDelete, replaceOnChanges, aliases, timeouts } = recording.get("id");
    assert.deepEqual([protect, retainOnDelete, replaceOnChanges], [true, true, ["byteLength"]]);
    assert.equal(aliases.length, 1);
    assert.match(JSON.stringify(aliases), /before/);
    assert.deepEqual(timeouts, { create: "1m", update: "2m", delete: "3m" });
  });

  it("refuse every call to a provider's function", async () => {
    await assert.rejects(
      record(() => void pulumi.runtime.invoke("docker:index/getNetwork:getNetwork", {}).catch(() => undefined)),
      /not taught to call docker:index\/getNetwork:getNetwork/,
    );
  });
});
