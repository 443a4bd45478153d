import assert from "node:assert/strict";
import { checksOf, Facts } from "../../checks";
import { Result, runChecks } from "../../checks/check";
import { KubernetesFacts } from "../../checks/kubernetes-facts";
import { Target, targetOf } from "../../checks/target";
import { parseSettings } from "../../config";
import { ailments } from "../../doctor";
import { answering } from "./fakes";
import { clusterWith, endpoint, healthy, pod } from "./kubernetes-fakes";

const url = "http://192.168.49.2:30080";
const target = targetOf(parseSettings({}), {
  labs: ["kubernetes"],
  kubernetes: { namespace: "wordpress", ip: "192.168.49.2", port: 30080, url },
});
const live = answering({
  get: () => Promise.resolve({ status: 302, headers: { location: `${url}/wp-admin/install.php` }, body: "" }),
});

/** Runs the checks on what the cluster has after a change to the healthy state, and asks doctor. */
async function look(change: (facts: KubernetesFacts) => void, of: Target = target) {
  const facts = healthy();
  change(facts);
  const all: Facts = { kubernetes: { seen: { facts }, cluster: clusterWith(facts) } };
  const results = await runChecks(checksOf(of, all, live));
  const nothing = () => Promise.resolve(undefined);
  const found = await ailments(of, all, results, {
    logs: () => Promise.resolve(""),
    holder: nothing,
    pullProblem: nothing,
  });
  return { failures: failures(results), found };
}
const failures = (results: Result[]) =>
  results.flatMap((result) => (result.status === "failed" ? [`${result.id}: ${result.why.en}`] : []));

describe("checks of the Kubernetes lab", () => {
  const well: [name: string, change: (facts: KubernetesFacts) => void][] = [
    ["as it should be", () => {}],
    [
      "with an evicted pod left over, whose replacement is well",
      ({ pods }) =>
        pods.push(
          pod("wordpress", "0", {
            phase: "Failed",
            reason: "Evicted",
            message: "The node was low on resource: ephemeral-storage.",
            conditions: [],
            containerStatuses: [],
          }),
        ),
    ],
    [
      "with a pod left over that ended when its node was shut down",
      ({ pods }) => pods.push(pod("mysql", "0", { phase: "Failed", reason: "Terminated", conditions: [] })),
    ],
    [
      "while the pod before is still ending",
      ({ pods, slices }) => {
        const old = pod("wordpress", "0");
        old.metadata!.deletionTimestamp = new Date();
        pods.push(old);
        slices[1]!.endpoints.push(endpoint(old, { ready: false, serving: true, terminating: true }));
      },
    ],
  ];
  for (const [name, change] of well) {
    it(`all pass ${name}, and doctor finds nothing`, async () =>
      assert.deepEqual(await look(change), { failures: [], found: [] }));
  }
});
