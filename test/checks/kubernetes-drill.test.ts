import assert from "node:assert/strict";
import { healing, surviving } from "../../tools/checks/labs/kubernetes-drill";
import { KubernetesFacts } from "../../tools/checks/facts/kubernetes";
import { Unreachable } from "../../tools/checks/facts/unreachable";
import { targetOf } from "../../tools/checks/target";
import { parseSettings } from "../../config";
import { clusterWith, healthy, pod } from "./kubernetes-fakes";

const target = { ...targetOf(parseSettings({}), undefined).kubernetes, make: "MAKE", patience: 0 };
const describeOf = (workload: string) =>
  `kubectl --context course-labs --namespace wordpress describe deployment ${workload}`;

/** MySQL as a pod holds it: tables go with the pod unless they are on the claim. */
const database = ({ keeps = true, refuses = false, after = [pod("mysql", "2")] } = {}) => {
  const facts = healthy();
  const statements: [pod: string, container: string, sql: string][] = [];
  let rows: string[] = [];
  const said = (stdout: string, code = 0, stderr = "") => Promise.resolve({ code, stdout, stderr });
  const cluster = clusterWith(facts, {
    exec: (name, container, ...command) => {
      const sql = /--execute="([^"]*)"/.exec(command.join(" "))![1]!;
      statements.push([name, container, sql]);
      if (refuses) return said("", 1, "mysql: [Warning] x\nERROR 1045: Access denied\n");
      const [, mark] = /VALUES \('(\w+)'\)/.exec(sql) ?? [];
      if (mark) rows = [mark];
      if (!sql.startsWith("SELECT")) return said("");
      return rows.length > 0 ? said(`${rows.join("\n")}\n`) : said("", 1, "warning\nERROR 1146: no such table\n");
    },
    deletePod: (name) => {
      assert.equal(name, "mysql-7d9c8b-1");
      facts.pods = [...after, ...facts.pods.slice(1)];
      if (!keeps) rows = [];
      return Promise.resolve();
    },
  });
  return { cluster, statements, facts };
};

describe("the drill with what MySQL stores", () => {
  it("passes if the new pod reads what the old one wrote, and removes its table", async () => {
    const { cluster, statements } = database();
    const verdict = await surviving(cluster, target);
    assert.equal(verdict.status, "passed");
    const { deleted, replacedBy, written, read } = verdict.evidence;
    assert.deepEqual([deleted, replacedBy], ["mysql-7d9c8b-1", "mysql-7d9c8b-2"]);
    assert.match(String(written), /^[0-9a-f]{12}$/);
    assert.equal(read, written);
    const table = `course_labs_drill_${String(written)}`;
    assert.deepEqual(statements, [
      [
        "mysql-7d9c8b-1",
        "mysql",
        `CREATE TABLE ${table} (mark VARCHAR(20)); INSERT INTO ${table} VALUES ('${String(written)}');`,
      ],
      ["mysql-7d9c8b-2", "mysql", `SELECT mark FROM ${table};`],
      ["mysql-7d9c8b-2", "mysql", `DROP TABLE IF EXISTS ${table};`],
    ]);
  });

  it("fails if it is gone, with MySQL's message", async () => {
    const verdict = await surviving(database({ keeps: false }).cluster, target);
    assert.ok(verdict.status === "failed");
    assert.match(verdict.next.en, /Data on the claims is kept.* delete deployment mysql; MAKE$/);
    assert.equal(verdict.evidence.read, "ERROR 1146: no such table");
  });

  it("does not begin if nothing can be written", async () => {
    const { cluster, statements } = database({ refuses: true });
    await assert.rejects(surviving(cluster, target), /^Error: ERROR 1045: Access denied$/);
    assert.equal(statements.length, 1);
  });

  it("fails if there is no new pod", async () => {
    const verdict = await surviving(database({ after: [] }).cluster, target);
    assert.ok(verdict.status === "failed");
    assert.deepEqual(verdict.next, { en: describeOf("mysql"), ko: describeOf("mysql") });
    assert.match(verdict.why.en, /mysql-7d9c8b-1/);
  });
});

describe("the drill with a pod that is deleted", () => {
  /** What WordPress's pod is replaced by, and what else the cluster shows then. */
  const drilled = (change: (facts: KubernetesFacts) => unknown) => {
    const facts = healthy();
    const deletePod = () => {
      facts.pods = facts.pods.slice(0, 1);
      change(facts);
      return Promise.resolve();
    };
    return healing(clusterWith(facts, { deletePod }), target);
  };
  const starting = pod("wordpress", "2", {
    conditions: [{ type: "Ready", status: "False" }],
    containerStatuses: [
      {
        ...{ name: "wordpress", image: "wordpress:1", imageID: "", ready: false, restartCount: 0 },
        state: {
          waiting: { reason: "ImagePullBackOff", message: `Back-off pulling image: ${"not found ".repeat(3)}` },
        },
      },
    ],
  });
  const refused = (name: string, message: string) => ({
    metadata: {},
    involvedObject: { kind: "ReplicaSet", name },
    reason: "FailedCreate",
    message,
  });

  it("passes with the new one, and says how long it took", async () => {
    const verdict = await drilled(({ pods }) => pods.push(pod("wordpress", "2")));
    assert.equal(verdict.status, "passed");
    const { deleted, replacedBy, seconds } = verdict.evidence;
    assert.deepEqual([deleted, replacedBy], ["wordpress-7d9c8b-1", "wordpress-7d9c8b-2"]);
    assert.ok(Number(seconds) >= 0 && Number(seconds) < 60);
  });

  it("says what is wrong with the new one", async () => {
    const verdict = await drilled(({ pods }) => pods.push(starting));
    assert.ok(verdict.status === "failed");
    for (const text of [verdict.why.en, verdict.why.ko]) {
      assert.match(text, /wordpress-7d9c8b-1 /);
      assert.match(text, /wordpress:1.* Back-off pulling image/s);
    }
    assert.match(verdict.next.en, /^Correct the image of Deployment wordpress in .*, then: MAKE$/);
  });

  it("says why its ReplicaSet was rejected, but no other one", async () => {
    const verdict = await drilled(({ events }) =>
      events.push(
        refused("wordpress-7d9c8b", "exceeded quota: a"),
        refused("wordpress-7d9c8b", "exceeded quota: b"),
        refused("other-7d9c8b", "exceeded quota: c"),
      ),
    );
    assert.ok(verdict.status === "failed");
    assert.match(verdict.why.en, / exceeded quota: b$/);
    assert.match(verdict.why.ko, / exceeded quota: b$/);
  });

  it("says what is wrong elsewhere if the pod itself shows nothing", async () => {
    const verdict = await drilled(({ pods }) => {
      const site = starting.status!.containerStatuses!;
      pods[0] = pod("mysql", "1", {
        conditions: [],
        containerStatuses: [{ ...site[0]!, name: "mysql", image: "mysql:1" }],
      });
    });
    assert.ok(verdict.status === "failed");
    assert.match(verdict.why.en, /MySQL .*mysql:1/);
  });

  it("says what is wrong with the new one if something is wrong elsewhere, too", async () => {
    const verdict = await drilled(({ pods }) => {
      const site = starting.status!.containerStatuses!;
      const other = { ...site[0]!, name: "mysql", image: "mysql:1" };
      pods[0] = pod("mysql", "1", { conditions: [], containerStatuses: [other] });
      pods.push(starting);
    });
    assert.ok(verdict.status === "failed");
    assert.match(verdict.why.en, /wordpress:1/);
    assert.doesNotMatch(verdict.why.en, /mysql:1/);
  });

  it("ends if the cluster no longer answers", async () => {
    const facts = healthy();
    let looks = 0;
    const look = () => Promise.resolve(looks++ === 0 ? { facts } : { problem: new Unreachable("ECONNREFUSED") });
    await assert.rejects(healing(clusterWith(facts, { look }), target), /ECONNREFUSED/);
  });

  it("waits for a pod that takes its time", async () => {
    const facts = healthy();
    let looks = 0;
    const look = () => {
      if (looks++ === 2) facts.pods = [pod("mysql", "1"), pod("wordpress", "2")];
      return Promise.resolve({ facts });
    };
    const verdict = await healing(clusterWith(facts, { look }), { ...target, patience: 60_000 });
    assert.equal(verdict.status, "passed");
    assert.ok(Number(verdict.evidence.seconds) >= 0.3);
  });
});
