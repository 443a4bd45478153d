import assert from "node:assert/strict";
import { KubernetesLab, tried } from "./checks/kubernetes";
import { drillsChecks } from "./checks/kubernetes-drills";
import { podsChecks } from "./checks/kubernetes-pods";
import { mutantTable } from "./mutants";

/** The checks of what runs in the pods, and the drills; beside the suite of the objects, in a namespace of its own. */
describe("npm run check, the pods of the lab on Kubernetes", () => {
  const on = new KubernetesLab("ck-pods", 30283);
  before(() => on.up());
  after(() => on.down());

  podsChecks(on);
  drillsChecks(on);

  describe("the mutant table", () => {
    it("each of these checks detected at least two wrong states, three at night", () => {
      assert.deepEqual([...on.known].sort(), [...tried.objects, ...tried.pods].sort());
      console.log(mutantTable(tried.pods));
    });
  });
});
