import assert from "node:assert/strict";
import { KubernetesLab, tried } from "./checks/kubernetes";
import { claimsChecks, clusterChecks } from "./checks/kubernetes-cluster";
import { objectsChecks } from "./checks/kubernetes-objects";
import { mutantTable } from "./mutants";

/** The checks of what the namespace holds, against the real cluster; its pods' are another suite, which runs beside. */
describe("npm run check, the lab on Kubernetes", () => {
  const on = new KubernetesLab("ck-labs", 30281);
  before(() => on.up());
  after(() => on.down());

  it("all pass on what was provisioned", async () => {
    const { results } = await on.checked("--labs", "kubernetes");
    on.note(results);
    assert.equal(results.length, 12);
  });

  clusterChecks(on);
  claimsChecks(on);
  objectsChecks(on);

  describe("the mutant table", () => {
    it("each of these checks detected at least two wrong states, three at night", () => {
      assert.deepEqual([...on.known].filter((id) => !tried.pods.includes(id)).sort(), [...tried.objects].sort());
      console.log(mutantTable(tried.objects));
    });
  });
});
