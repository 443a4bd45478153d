import assert from "node:assert/strict";
import { comparison } from "../../tools/checks/report/compare";
import { DockerFacts } from "../../tools/checks/facts/docker";
import { KubernetesFacts } from "../../tools/checks/facts/kubernetes";
import { sideBySide } from "../../tools/checks/report/table";
import { targetOf } from "../../tools/checks/target";
import { parseSettings } from "../../config";
import { answering, container, healthy as dockerHealthy, result } from "./fakes";
import { clusterWith, healthy as clusterHealthy, pod } from "./kubernetes-fakes";

const target = targetOf(parseSettings({}), {
  labs: ["compose", "kubernetes"],
  compose: { url: "http://localhost:30000" },
  kubernetes: { namespace: "wordpress", ip: "192.168.49.2", port: 30080, url: "http://192.168.49.2:30080" },
});
const live = answering({
  exec: (container, ...command) =>
    Promise.resolve({
      code: 0,
      stdout: `${container === "wordpress" ? "172.18.0.2" : "?"} ${command.join(" ")}`,
      stderr: "",
    }),
  resolve: (name) => Promise.resolve(name === "mysql" ? "10.0.0.7" : undefined),
});
const drilled = [
  result("kubernetes.heals", { shown: { drill: "pod deleted", deleted: "pod-a", replacedBy: "pod-b", seconds: 4.2 } }),
  result("kubernetes.survives", { shown: { drill: "database pod deleted", seconds: 9.3 } }),
  result("compose.survives", { shown: { drill: "compose down", seconds: 12.5, afterDownVolumes: "not installed" } }),
];

type Change = (docker: DockerFacts, facts: KubernetesFacts) => unknown;
const compare = (change: Change = () => {}, { results = drilled, resolve = live.resolve } = {}) => {
  const [docker, facts] = [dockerHealthy(), clusterHealthy()];
  docker.containers.push(container("mysql-of-somebody", "mysql:9.7.2", { restarts: 7 }));
  docker.containers.find(({ name }) => name === "wordpress")!.restarts = 2;
  facts.services[0]!.spec!.clusterIP = "10.96.0.3";
  facts.services.push({ metadata: { namespace: "default", name: "kubernetes" }, spec: {} });
  facts.claims[0]!.spec = { volumeName: "pv-1" };
  facts.pods[1]!.status!.containerStatuses![0]!.restartCount = 3;
  facts.pods[1]!.spec!.restartPolicy = "Always";
  change(docker, facts);
  const stdout = "10.96.0.3 mysql.wordpress";
  const exec = (of: string, container: string) => {
    assert.deepEqual([of, container], ["wordpress-7d9c8b-1", "wordpress"]);
    return Promise.resolve({ code: 0, stdout, stderr: "" });
  };
  return comparison(target, docker, facts, {
    cluster: clusterWith(facts, { exec }),
    live: { ...live, resolve },
    results,
  });
};

describe("the comparison of the two editions", () => {
  /** What each row must say of compose, and what of Kubernetes. */
  const said: [compose: string[], kubernetes: string[]][] = [
    [
      ["2× container, 1× network, 2× volume"],
      ["2× Deployment, 2× ReplicaSet, 2× Pod, 2× Service, 2× PersistentVolumeClaim, 1× Secret"],
    ],
    [["mysql 0×, wordpress 2×"], ["mysql-7d9c8b-1 0×, wordpress-7d9c8b-1 3×"]],
    [["unless-stopped"], ["kubelet", "Always"]],
    [["docker compose up"], ["pod-a → pod-b", "4.2"]],
    [["12.5"], ["MySQL", "9.3"]],
    [
      ["172.18.0.2 (mysql)", "10.0.0.7"],
      ["10.96.0.3 (Service mysql, 10.96.0.3)", "10.0.0.7"],
    ],
    [["course-labs-mysql, course-labs-wordpress"], ["mysql-data → pv-1, wordpress-data → -"]],
    [["127.0.0.1:30000 → 80/tcp"], ["mysql: ClusterIP 3306; wordpress: NodePort 30080 → 80"]],
  ];

  it("answers every question from each of the two, in both languages", async () => {
    const rows = await compare();
    assert.equal(rows.length, said.length);
    rows.forEach(({ compose, kubernetes }, i) => {
      const [ofCompose, ofKubernetes] = said[i]!;
      assert.doesNotMatch(compose.en, /(unless-stopped).*\1/, "a word twice");
      for (const part of ofCompose) assert.ok(compose.en.includes(part) && compose.ko.includes(part), compose.en);
      for (const part of ofKubernetes) {
        assert.ok(kubernetes.en.includes(part) && kubernetes.ko.includes(part), kubernetes.en);
      }
    });
  });

  it("says what WordPress was after down --volumes", async () => {
    const { compose } = (await compare())[4]!;
    assert.match(compose.en, /after down --volumes WordPress was not installed$/);
    assert.match(compose.ko, /WordPress 상태: 설치 전$/);
  });

  it("says what was not tried, and which name this machine does not know", async () => {
    const failed = drilled.map(({ id, title }) =>
      result(id, { status: "failed", cause: "data lost", why: title, next: title }),
    );
    for (const results of [[], failed]) {
      const rows = await compare(undefined, { results, resolve: () => Promise.resolve(undefined) });
      for (const told of [rows[3]?.kubernetes, rows[4]?.compose, rows[4]?.kubernetes]) {
        assert.match(told?.en ?? "", /--drill/);
        assert.match(told?.ko ?? "", /--drill/);
      }
      assert.doesNotMatch(rows[5]?.compose.en ?? "", /undefined/);
    }
  });

  const stopped =
    (name: string): Change =>
    (docker) =>
      (docker.containers.find((one) => one.name === name)!.running = false);
  const cases: [what: string, change: Change][] = [
    ["MySQL's container is stopped", stopped("mysql")],
    ["WordPress's container is stopped", stopped("wordpress")],
    ["there is no container", (docker) => (docker.containers = [])],
    ["MySQL has no pod", (_, facts) => facts.pods.shift()],
    ["WordPress has no pod", (_, facts) => facts.pods.pop()],
  ];
  for (const [what, change] of cases) {
    it(`says nothing where ${what}`, async () => assert.deepEqual(await compare(change), []));
  }

  it("leaves out kinds of which there is no object", async () => {
    const rows = await compare((_, facts) => (facts.policies = []));
    assert.match(rows[0]?.kubernetes.en ?? "", /1× Secret$/);
  });

  it("counts the existing pods", async () => {
    const rows = await compare((_, { pods }) => pods.push(pod("wordpress", "2")));
    assert.match(rows[0]?.kubernetes.en ?? "", /3× Pod/);
  });

  it("counts no restart of a pod that has not started", async () => {
    const rows = await compare((_, { pods }) => (pods[0]!.status = {}));
    assert.ok(rows.some(({ kubernetes }) => kubernetes.en === "mysql-7d9c8b-1 0×, wordpress-7d9c8b-1 3×"));
  });

  it("shows the answer of compose first", async () => {
    const [row] = await compare();
    const lines = sideBySide([row!, row!], ({ en }) => en).split("\n");
    assert.equal(lines.length, 6);
    assert.equal(lines[3], row?.question.en);
    assert.match(lines[4]!, /^ +compose +2× container/);
    assert.match(lines[5]!, /^ +kubernetes +2× Deployment/);
  });
});
