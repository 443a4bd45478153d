import assert from "node:assert/strict";
import { kubeconfigFiles } from "../../cli/cluster/kubeconfig";
import { KubernetesLab } from "./checks/kubernetes";
import { claimsChecks, clusterChecks } from "./checks/kubernetes-cluster";
import { drillsChecks } from "./checks/kubernetes-drills";
import { objectsChecks } from "./checks/kubernetes-objects";
import { podsChecks } from "./checks/kubernetes-pods";
import { mutantTable } from "./mutants";

/** Every check of the Kubernetes lab, against the real cluster. */
describe("npm run check, the lab on Kubernetes", () => {
  const on = new KubernetesLab();
  before(() => on.up());
  after(() => on.down());

  it("all pass on what was provisioned, and as the by-hand edition", async () => {
    for (const args of [[], ["--by-hand"]]) {
      const { results, seconds } = await on.checked("--labs", "kubernetes", ...args);
      on.note(results);
      assert.equal(results.length, 11);
      assert.ok(seconds < 10, `${seconds} s`);
    }
  });

  clusterChecks(on);
  claimsChecks(on);
  objectsChecks(on);
  podsChecks(on);
  drillsChecks(on);

  describe("the mutant table", () => {
    it("every check was told from at least three wrong states", () => {
      assert.ok(kubeconfigFiles(on.settings.kubeconfig).length > 0);
      console.log(mutantTable([...on.known]));
    });
  });
});
