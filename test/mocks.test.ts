import assert from "node:assert/strict";
import * as pulumi from "@pulumi/pulumi";
import { record } from "./mocks";

describe("mocks", () => {
  it("refuse a type that they were not taught", async () => {
    await assert.rejects(
      record(() => new pulumi.ComponentResource("course:labs:Unheard", "unheard")),
      /not taught the type course:labs:Unheard of unheard/,
    );
  });

  it("refuse every call to a provider's function", async () => {
    await assert.rejects(
      record(() => void pulumi.runtime.invoke("docker:index/getNetwork:getNetwork", {}).catch(() => undefined)),
      /not taught to call docker:index\/getNetwork:getNetwork/,
    );
  });
});
