import assert from "node:assert/strict";
import type { V1Pod, V1Service } from "@kubernetes/client-node";
import { checksOf, Facts } from "../../tools/checks/labs";
import { Result, runChecks } from "../../tools/checks/check";
import { healing } from "../../tools/checks/labs/kubernetes-drill";
import { KubernetesFacts, Seen } from "../../tools/checks/facts/kubernetes";
import { Unreachable } from "../../tools/checks/facts/unreachable";
import { Target, targetOf } from "../../tools/checks/target";
import { parseSettings } from "../../config";
import { problemsOf } from "../../tools/checks/doctor";
import { Ask } from "../../tools/checks/doctor/docker";
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

const nothing = () => Promise.resolve(undefined);
const ask: Ask = { logs: () => Promise.resolve(""), holder: nothing, pullProblem: nothing };

/** Runs the checks on what the cluster has after a change to the healthy state, and asks doctor. */
async function look(change: (facts: KubernetesFacts) => void, of: Target = target) {
  const facts = healthy();
  change(facts);
  const all: Facts = { kubernetes: { seen: { facts }, cluster: clusterWith(facts) } };
  const results = await runChecks(checksOf(of, all, live));
  const found = await problemsOf(of, all, results, ask);
  return { failures: failures(results), found };
}
const nodePortService = (name: string, selector?: Record<string, string>): V1Service => ({
  metadata: { namespace: "wordpress", name },
  spec: { type: "NodePort", selector, ports: [{ port: 80, nodePort: 30099 }] },
});
const failures = (results: Result[]) =>
  results.flatMap((result) => (result.status === "failed" ? [`${result.id}: ${result.why.en}`] : []));

describe("where WordPress of the Kubernetes lab is to be opened", () => {
  const cases: [what: string, more: Partial<Target["kubernetes"]>, seen: Seen, url: string][] = [
    ["as it was printed", { url: "http://printed:1" }, { facts: healthy() }, "http://printed:1"],
    ["on the host that leads there", { host: "localhost" }, { facts: healthy() }, "http://localhost:30080"],
    ["on the node", {}, { facts: healthy() }, url],
    ["unknown, of a node that does not tell its address", { node: "other" }, { facts: healthy() }, "http://NODE:30080"],
    ["unknown, without a cluster", { url: "http://printed:1" }, { problem: new Unreachable("") }, "http://NODE:30080"],
  ];
  for (const [what, more, seen, told] of cases) {
    it(`is ${what}`, () => {
      const of = { ...target, kubernetes: { ...target.kubernetes, url: undefined, ...more } };
      const checks = checksOf(of, { kubernetes: { seen, cluster: clusterWith(healthy()) } }, live);
      const { title } = checks.find(({ id }) => id === "kubernetes.page")!;
      assert.deepEqual(title, { en: `WordPress is served at ${told}`, ko: `WordPress가 ${told}에서 열린다` });
    });
  }
});

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
      /^kubernetes\.published: The database can be reached .*: pod\/mysql-7d9c8b-1 \(hostPort 3306\)\.$/,
      ({ pods }) => (pods[0]!.spec!.containers[0]!.ports = [{ containerPort: 3306, hostPort: 3306 }]),
    ],
    [
      "MySQL on the network of its node",
      /^kubernetes\.published: The database can be reached .*: pod\/mysql-7d9c8b-1 \(hostNetwork\)\.$/,
      ({ pods }) => (pods[0]!.spec!.hostNetwork = true),
    ],
    [
      "MySQL's Service at an address outside",
      /^kubernetes\.published: The database can be reached .*: service\/mysql \(externalIPs 192\.168\.49\.2\)\.$/,
      ({ services }) => (services[0]!.spec!.externalIPs = ["192.168.49.2"]),
    ],
    [
      "a second Service of MySQL, on a node port",
      /^kubernetes\.published: The database can be reached .*: service\/mysql-2 \(NodePort\)\.$/,
      ({ services }) => services.push(nodePortService("mysql-2", { "app.kubernetes.io/name": "mysql" })),
    ],
    [
      "something else on a node port, which is not the database",
      /^kubernetes\.published: More than WordPress on node port 30080 can be reached .*: service\/admin \(NodePort\)\.$/,
      ({ services }) => services.push(nodePortService("admin", { app: "admin" })),
    ],
    [
      "an open Service that selects nothing, which is not the database",
      /^kubernetes\.published: More than WordPress .*: service\/none \(NodePort\)\.$/,
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

  describe("next steps", () => {
    const next = async (change: (facts: KubernetesFacts) => void, of: Target) => {
      const facts = healthy();
      change(facts);
      const results = await runChecks(
        checksOf(of, { kubernetes: { seen: { facts }, cluster: clusterWith(facts) } }, live),
      );
      const first = results.find(({ status }) => status === "failed");
      assert.ok(first?.status === "failed");
      return { why: first.why.en, next: first.next.en };
    };
    const byHand = (kubeContext?: string) =>
      targetOf(parseSettings({ kubeContext }), undefined, { labs: ["kubernetes"] });

    it("where the node has another name than the context, as in kind", async () => {
      const told = await next(({ nodes }) => (nodes[0]!.metadata!.name = "kind-control-plane"), byHand("kind-kind"));
      assert.deepEqual(told, {
        why: "The cluster has no node kind-kind. Existing nodes: kind-control-plane.",
        next: "Set course-labs:kubeNode in the stack's file, for example: course-labs:kubeNode: kind-control-plane",
      });
    });

    it("where the node is not ready, with minikube where it is minikube's only", async () => {
      const notReady =
        (name: string) =>
        ({ nodes: [node], lab }: KubernetesFacts) => {
          lab.context = name;
          node!.metadata!.name = name;
          node!.status!.conditions = [{ type: "Ready", status: "False", message: "no network" }];
        };
      const of = (name: string) => next(notReady(name), byHand(name));
      assert.match(
        (await of("kind-kind")).next,
        /^Find out what is wrong \(kubectl --context kind-kind describe nodes\)/,
      );
      assert.deepEqual(await of("course-labs"), {
        why: "Node course-labs is not ready: no network.",
        next: "Restart the node (stored data is kept): minikube stop --profile course-labs; minikube start --profile course-labs",
      });
    });

    it("where there is no namespace yet: the file does not make it", async () => {
      const told = await next((facts) => (facts.namespaces = ["default"]), byHand());
      assert.equal(
        told.next,
        "Run the commands at the top of docker/kubernetes/wordpress-k8s.yml, each kubectl with --context course-labs",
      );
    });

    it("name the context, for what was made by hand", async () => {
      const told = await next((facts) => (facts.deployments = []), byHand());
      assert.equal(told.next, "kubectl --context course-labs apply --filename docker/kubernetes/wordpress-k8s.yml");
    });

    const problem = async (problem: Unreachable, of: Target) => {
      const kubernetes = { seen: { problem }, cluster: clusterWith(healthy()) };
      const [first] = await runChecks(checksOf(of, { kubernetes }, live));
      assert.ok(first?.status === "failed");
      const [found] = await problemsOf(of, { kubernetes }, [first], ask);
      return { why: first.why.en, next: first.next.en, cause: found?.cause };
    };

    it("if the user has no permission to read", async () => {
      const { why, next, cause } = await problem(
        new Unreachable("403 Forbidden", { refused: true }),
        byHand("kind-kind"),
      );
      assert.match(
        why,
        /^The user of context kind-kind has no permission to read what the checks need .*: 403 Forbidden\.$/,
      );
      assert.match(next, /^Ask whoever runs the cluster.*: kubectl --context kind-kind auth can-i --list$/);
      assert.equal(cause, "access refused");
    });

    it("where a cluster that is not minikube's does not answer", async () => {
      const { next, cause } = await problem(new Unreachable("ECONNREFUSED"), byHand("kind-kind"));
      assert.match(next, /^Start the cluster of context kind-kind, or choose another .*course-labs:kubeContext/);
      assert.equal(cause, "cluster unreachable");
    });
  });

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
      return healing(clusterWith(facts, { deletePod }), { ...target.kubernetes, patience: 0 });
    };

    it("does not mistake another replica for the new pod", async () => {
      const verdict = await drilled([]);
      assert.ok(verdict.status === "failed");
      assert.equal(
        verdict.next.en,
        "kubectl --context course-labs --namespace wordpress describe deployment wordpress",
      );
    });

    it("passes with the new one", async () => {
      const verdict = await drilled([pod("wordpress", "3")]);
      assert.equal(verdict.status, "passed");
      assert.equal(verdict.evidence.replacedBy, "wordpress-7d9c8b-3");
    });
  });
});
