import assert from "node:assert/strict";
import * as pulumi from "@pulumi/pulumi";
import { databasePasswords } from "../../components/database-passwords";
import { promiseOf, record } from "../mocks";

describe("databasePasswords", () => {
  it("are two, and both are secret", async () => {
    const { recording, result } = await record(() => databasePasswords("lab", {}));
    assert.deepEqual(recording.list, [
      "random:index/randomPassword:RandomPassword lab-password",
      "random:index/randomPassword:RandomPassword lab-root-password",
    ]);
    assert.deepEqual(await promiseOf(pulumi.output(result)), {
      password: "secret-of-lab-password",
      "root-password": "secret-of-lab-root-password",
    });
    for (const [name, password] of Object.entries(result)) assert.equal(await pulumi.isSecret(password), true, name);
  });
});
