import assert from "node:assert/strict";
import type { V1Pod, V1Service } from "@kubernetes/client-node";
import { checksOf, Facts } from "../../checks";
import { Result, runChecks } from "../../checks/check";
import { healing } from "../../checks/kubernetes-drill";
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
const nodePortService = (name: string, selector?: Record<string, string>): V1Service => ({
  metadata: { namespace: "wordpress", name },
  spec: { type: "NodePort", selector, ports: [{ port: 80, nodePort: 30099 }] },
});
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
    [
      "beside a Service that only leads out",
      ({ services }) =>
        services.push({
          metadata: { namespace: "wordpress", name: "files" },
          spec: { type: "ExternalName", externalName: "files.example.org" },
        }),
    ],
  ];
  for (const [name, change] of well) {
    it(`all pass ${name}, and doctor finds nothing`, async () =>
      assert.deepEqual(await look(change), { failures: [], found: [] }));
  }

  const wrong: [name: string, expected: RegExp, change: (facts: KubernetesFacts) => void][] = [
    [
      "MySQL on a port of its node",
      /^kubernetes\.published: Pod mysql-7d9c8b-1 has port 3306 of its node: the database can be reached/,
      ({ pods }) => (pods[0]!.spec!.containers[0]!.ports = [{ containerPort: 3306, hostPort: 3306 }]),
    ],
    [
      "MySQL on the network of its node",
      /^kubernetes\.published: Pod mysql-7d9c8b-1 is on the network of its node: the database can be reached/,
      ({ pods }) => (pods[0]!.spec!.hostNetwork = true),
    ],
    [
      "MySQL's Service at an address outside",
      /^kubernetes\.published: Service mysql has the external address 192\.168\.49\.2: the database can be reached/,
      ({ services }) => (services[0]!.spec!.externalIPs = ["192.168.49.2"]),
    ],
    [
      "a second Service of MySQL, on a node port",
      /^kubernetes\.published: Service mysql-2 is a NodePort: the database can be reached/,
      ({ services }) => services.push(nodePortService("mysql-2", { "app.kubernetes.io/name": "mysql" })),
    ],
    [
      "something else on a node port, which is not the database",
      /^kubernetes\.published: Service admin is a NodePort: more than WordPress on node port 30080 can be reached/,
      ({ services }) => services.push(nodePortService("admin", { app: "admin" })),
    ],
    [
      "an open Service that selects nothing, which is not the database",
      /^kubernetes\.published: Service none is a NodePort: more than WordPress/,
      ({ services }) => services.push(nodePortService("none")),
    ],
  ];
  for (const [name, expected, change] of wrong) {
    it(name, async () => {
      const { failures } = await look(change);
      assert.equal(failures.length, 1, failures.join("\n"));
      assert.match(failures[0]!, expected);
    });
  }

  describe("the drill with a pod that goes", () => {
    /** Two replicas of WordPress; what the cluster has after the deletion is up to each test. */
    const drilled = (after: V1Pod[]) => {
      const facts = healthy();
      facts.deployments[1]!.spec!.replicas = 2;
      const others = [
        pod("wordpress", "2"),
        ...facts.pods.filter(({ metadata }) => metadata?.name?.startsWith("mysql")),
      ];
      facts.pods = [pod("wordpress", "1"), ...others];
      const deletePod = (name: string) => {
        assert.equal(name, "wordpress-7d9c8b-1");
        facts.pods = [...others, ...after];
        return Promise.resolve();
      };
      return healing(clusterWith(facts, { deletePod }), 0);
    };

    it("does not take another replica for the new pod", async () => {
      const verdict = await drilled([]);
      assert.equal(verdict.status, "failed");
    });

    it("passes with the new one", async () => {
      const verdict = await drilled([pod("wordpress", "3")]);
      assert.equal(verdict.status, "passed");
      assert.equal(verdict.evidence.replacedBy, "wordpress-7d9c8b-3");
    });
  });
});
