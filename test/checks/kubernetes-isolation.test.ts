import assert from "node:assert/strict";
import type { V1LabelSelector, V1NetworkPolicy, V1NetworkPolicySpec } from "@kubernetes/client-node";
import { checksOf } from "../../tools/checks/labs";
import { runChecks } from "../../tools/checks/check";
import { Cluster, KubernetesFacts } from "../../tools/checks/facts/kubernetes";
import { Unreachable } from "../../tools/checks/facts/unreachable";
import { NoGuest } from "../../tools/checks/facts/kubernetes-guest";
import { isolated } from "../../tools/checks/labs/kubernetes-isolation";
import { selects } from "../../tools/checks/labs/kubernetes-objects";
import { targetOf } from "../../tools/checks/target";
import { parseSettings } from "../../config";
import { databaseHost } from "../../components/wordpress-app";
import { answering } from "./fakes";
import { clusterWith, guest, healthy } from "./kubernetes-fakes";

const named = (workload: string) => ({ matchLabels: { "app.kubernetes.io/name": workload } });
const policy = (name: string, spec: V1NetworkPolicySpec): V1NetworkPolicy => ({ metadata: { name }, spec });
/** The lab's own, or that with a change. */
const labs = (change: Partial<V1NetworkPolicySpec> = {}) =>
  policy("mysql-ingress", {
    podSelector: named("mysql"),
    policyTypes: ["Ingress"],
    ingress: [{ _from: [{ podSelector: named("wordpress") }], ports: [{ port: 3306 }] }],
    ...change,
  });

const targetIn = (kubeContext?: string) => ({
  ...targetOf(parseSettings({ kubeContext }), undefined, { labs: ["kubernetes"] }).kubernetes,
  make: "MAKE",
});
const target = targetIn();
const kubectl = "kubectl --context course-labs --namespace wordpress";

/** A lab with policies, whose MySQL has an address. */
function lab(...policies: V1NetworkPolicy[]): KubernetesFacts {
  const facts = healthy();
  facts.pods[0]!.status!.podIP = "10.244.0.5";
  return { ...facts, policies };
}

/** What the check says where another pod gets through or not, try by try. */
async function look(facts: KubernetesFacts, ...through: boolean[]) {
  const other = guest(...through);
  const hosts: (string | undefined)[] = [];
  const beside: Cluster["beside"] = (pod, work) => {
    hosts.push(pod.metadata?.name);
    return work(other.guest);
  };
  const verdict = await isolated(facts, clusterWith(facts, { beside }), target, 1000);
  return { verdict, ...other, hosts };
}

describe("the check that keeps other pods away from MySQL", () => {
  it("passes if another pod cannot connect, without further tests", async () => {
    const { verdict, commands, silenced, hosts } = await look(lab(labs()), false);
    assert.deepEqual(verdict, {
      status: "passed",
      evidence: { address: "10.244.0.5:3306", policies: ["mysql-ingress"], anotherPod: "timeout" },
    });
    assert.deepEqual([commands.length, silenced(), hosts], [1, 0, ["wordpress-7d9c8b-1"]]);
    assert.deepEqual(commands[0]!.slice(0, 2), ["php", "-r"]);
    assert.match(commands[0]![2]!, /"tcp:\/\/10\.244\.0\.5:3306"/);
  });

  it("writes an IPv6 address as PHP expects it", async () => {
    const facts = lab(labs());
    facts.pods[0]!.status!.podIP = "fd00::5";
    assert.match((await look(facts, false)).commands[0]![2]!, /"tcp:\/\/\[fd00::5\]:3306"/);
  });

  /** The policies of a cluster that enforces them, why another pod gets through, and what is next. */
  const wrong: [what: string, policies: V1NetworkPolicy[], en: RegExp, ko: RegExp, next: string][] = [
    ["no policy", [], /no NetworkPolicy limits .*: -\. Labels/, /없습니다\. .*: -\. 파드/, "MAKE"],
    [
      "one that selects another pod",
      [labs({ podSelector: named("mysq") })],
      /: mysql-ingress \(Ingress: app\.kubernetes\.io\/name=mysq\)\. Labels of the pod: app\.kubernetes\.io\/name=mysql,/,
      /: mysql-ingress \(Ingress: .*name=mysq\)\. .*name=mysql,/,
      "MAKE",
    ],
    [
      "one that selects by expressions only, and another pod",
      [labs({ podSelector: { matchExpressions: [{ key: "tier", operator: "Exists" }] } })],
      /: mysql-ingress \(Ingress: -\)\. Labels/,
      /: mysql-ingress \(Ingress: -\)\. 파드/,
      "MAKE",
    ],
    [
      "one for what MySQL sends only",
      [labs({ policyTypes: ["Egress"] })],
      /: mysql-ingress \(Egress: app\.kubernetes\.io\/name=mysql\)\. Labels/,
      /: mysql-ingress \(Egress: .*\)\. 파드/,
      "MAKE",
    ],
    [
      "one that lets everybody in",
      [labs({ ingress: [{ ports: [{ port: 3306 }] }] })],
      /mysql-ingress lets in more than WordPress\./,
      /mysql-ingress 설정이 WordPress 말고도/,
      "MAKE",
    ],
    [
      "one that lets an address range in",
      [labs({ ingress: [{ _from: [{ ipBlock: { cidr: "0.0.0.0/0" } }] }] })],
      /mysql-ingress lets in/,
      /mysql-ingress 설정이/,
      "MAKE",
    ],
    [
      "a second one, of the student's, that lets everything in the namespace in",
      [labs(), policy("open", { podSelector: {}, ingress: [{ _from: [{ podSelector: {} }] }] })],
      /: NetworkPolicy open lets in more than WordPress\. What one policy lets in, no other keeps out\.$/,
      /네트워크폴리시 open 설정이/,
      `${kubectl} delete networkpolicy open`,
    ],
    [
      "a second one that lets all in but one",
      [
        labs(),
        policy("but-one", {
          podSelector: named("mysql"),
          ingress: [
            { _from: [{ podSelector: { matchExpressions: [{ key: "app", operator: "NotIn", values: ["x"] }] } }] },
          ],
        }),
      ],
      /: NetworkPolicy but-one lets in/,
      /but-one 설정이/,
      `${kubectl} delete networkpolicy but-one`,
    ],
  ];
  for (const [what, policies, en, ko, next] of wrong) {
    it(`fails if the cluster enforces policies, with ${what}`, async () => {
      const { verdict, silenced } = await look(lab(...policies), true, true, false);
      assert.ok(verdict.status === "failed", JSON.stringify(verdict));
      assert.match(verdict.why.en, /^Another pod can connect to MySQL: /);
      assert.match(verdict.why.ko, /^다른 파드가 MySQL에 접속할 수 있습니다\. /);
      assert.match(verdict.why.en, en);
      assert.match(verdict.why.ko, ko);
      assert.ok(verdict.next.en.endsWith(next) && verdict.next.ko.endsWith(next), verdict.next.en);
      assert.equal(verdict.evidence.enforced, true);
      assert.equal(silenced(), 1);
    });
  }

  it("keeps the definition of a policy that is to be deleted", async () => {
    const all = policy("open", { podSelector: {}, ingress: [{}] });
    const { verdict } = await look(lab(all), true, false);
    assert.ok(verdict.status === "failed");
    assert.match(verdict.next.en, /get networkpolicy open --output yaml > open\.yaml\. Then: /);
  });

  it("does not fail if even a pod that may send nothing gets through, and says so", async () => {
    const { verdict, commands } = await look(lab(), true);
    assert.ok(verdict.status === "open");
    assert.match(verdict.why.en, /^This cluster does not enforce NetworkPolicies: /);
    assert.match(verdict.why.ko, /적용하지 않습니다/);
    assert.equal(verdict.evidence.enforced, false);
    assert.ok(commands.length > 3, "it is given time");
    for (const text of [verdict.next.en, verdict.next.ko])
      assert.match(text, /(posts are lost|글은 사라집니다).*destroy/);
  });

  it("suggests another cluster if this one is not of this project", async () => {
    const facts = lab(labs());
    const cluster = clusterWith(facts, { beside: (_, work) => work(guest(true).guest) });
    for (const [context, offer] of [
      ["minikube", "minikube start --profile calico --cni=calico"],
      ["kind-kind", "kindnet, Calico, Cilium"],
    ] as const) {
      const verdict = await isolated(facts, cluster, targetIn(context), 0);
      assert.ok(verdict.status === "open");
      assert.ok(verdict.next.en.endsWith(offer) && verdict.next.ko.endsWith(offer), verdict.next.en);
    }
  });

  it("does not fail if no other pod can be started, and says why", async () => {
    const refused = clusterWith(lab(), { beside: () => Promise.reject(new NoGuest("exceeded quota: none")) });
    const verdict = await isolated(lab(), refused, target);
    assert.ok(verdict.status === "open");
    for (const text of [verdict.why.en, verdict.why.ko]) assert.match(text, /wordpress.*: exceeded quota: none$/);
    assert.match(verdict.next.en, /get events,resourcequotas,limitranges$/);
  });

  it("treats an unusable answer as none", async () => {
    const said = (stdout: string, stderr: string) => {
      const exec = () => Promise.resolve({ code: 1, stdout, stderr });
      return clusterWith(lab(), { beside: (_, work) => work({ ...guest().guest, exec }) });
    };
    await assert.rejects(isolated(lab(), said("", "php: not found\n"), target), /^Error: php: not found$/);
    await assert.rejects(isolated(lab(), said("Killed\n", ""), target), /^Error: Killed$/);
    const gone = clusterWith(lab(), { beside: () => Promise.reject(new Error("ECONNRESET")) });
    await assert.rejects(isolated(lab(), gone, target), /^Error: ECONNRESET$/);
  });
});

describe("a policy that blocks wanted connections", () => {
  const page = { status: 302, headers: { location: "http://192.168.49.2:30080/wp-admin/install.php" }, body: "" };
  const outcome = async (facts: KubernetesFacts, more: Partial<Cluster>, served = true) => {
    const get = () => (served ? Promise.resolve(page) : Promise.reject(new Unreachable("timeout")));
    const of = targetOf(parseSettings({}), undefined, { labs: ["kubernetes"] });
    const seen = { kubernetes: { seen: { facts }, cluster: clusterWith(facts, more) } };
    const failed = (await runChecks(checksOf(of, seen, answering({ get })))).filter(
      ({ status }) => status === "failed",
    );
    assert.equal(failed.length, 1);
    const [first] = failed;
    assert.ok(first?.status === "failed");
    return first;
  };
  const noLogIn = (errno: number): Partial<Cluster> => ({
    exec: () => {
      const by = { HOST: "WORDPRESS_DB_HOST", NAME: "", USER: "", PASSWORD: "" };
      const stdout = JSON.stringify({
        host: databaseHost,
        database: "w",
        user: "u",
        errno,
        error: "no",
        row: null,
        by,
      });
      return Promise.resolve({ code: 0, stdout, stderr: "" });
    },
  });

  it("is named if WordPress cannot reach its database", async () => {
    const narrow = lab(labs({ ingress: [{ _from: [{ podSelector: named("wordpres") }] }] }));
    const { id, why, next, evidence } = await outcome(narrow, noLogIn(2002));
    assert.equal(id, "kubernetes.database");
    assert.match(why.en, /\(MySQL error 2002\)\. NetworkPolicy mysql-ingress does not let WordPress in\.$/);
    assert.match(why.ko, /mysql-ingress 설정이 WordPress를 허용하지 않습니다\.$/);
    assert.match(next.en, /^kubectl .*apply/);
    assert.deepEqual(evidence.said, ["mysql-ingress"]);
  });

  it("is not named if WordPress may connect, or did connect and was refused", async () => {
    assert.doesNotMatch((await outcome(lab(labs()), noLogIn(2002))).why.en, /NetworkPolicy/);
    const none = lab(labs({ ingress: [] }));
    assert.doesNotMatch((await outcome(none, noLogIn(1045))).why.en, /NetworkPolicy/);
  });

  it("is named if the page cannot be reached, with a next step that undoes it", async () => {
    const denied = lab(labs(), policy("deny-all", { podSelector: {}, policyTypes: ["Ingress"] }));
    const { id, why, next } = await outcome(denied, {}, false);
    assert.equal(id, "kubernetes.page");
    assert.match(why.en, /NetworkPolicy deny-all lets nobody in from outside\.$/);
    assert.match(why.ko, /deny-all 설정이 외부의 접속을 막습니다\.$/);
    assert.ok(next.en.endsWith(`${kubectl} delete networkpolicy deny-all`), next.en);
  });

  it("is not named if it allows anybody from outside", async () => {
    for (const rule of [{}, { _from: [{ ipBlock: { cidr: "0.0.0.0/0" } }] }]) {
      const open = lab(labs(), policy("site", { podSelector: named("wordpress"), ingress: [rule] }));
      assert.doesNotMatch((await outcome(open, {}, false)).why.en, /NetworkPolicy/);
    }
  });
});

describe("a selector of labels", () => {
  const labels = { app: "db", tier: "back" };
  const cases: [selector: V1LabelSelector | undefined, selected: boolean][] = [
    [undefined, true],
    [{}, true],
    [{ matchLabels: { app: "db" } }, true],
    [{ matchLabels: { app: "db", tier: "front" } }, false],
    [{ matchLabels: { stage: "test" } }, false],
    [{ matchExpressions: [{ key: "app", operator: "In", values: ["db", "cache"] }] }, true],
    [{ matchExpressions: [{ key: "app", operator: "In", values: ["cache"] }] }, false],
    [{ matchExpressions: [{ key: "stage", operator: "In", values: [""] }] }, false],
    [{ matchExpressions: [{ key: "app", operator: "NotIn", values: ["db"] }] }, false],
    [{ matchExpressions: [{ key: "app", operator: "NotIn", values: ["cache"] }] }, true],
    [{ matchExpressions: [{ key: "stage", operator: "NotIn", values: [""] }] }, true],
    [{ matchExpressions: [{ key: "app", operator: "Exists" }] }, true],
    [{ matchExpressions: [{ key: "stage", operator: "Exists" }] }, false],
    [{ matchExpressions: [{ key: "app", operator: "DoesNotExist" }] }, false],
    [{ matchExpressions: [{ key: "stage", operator: "DoesNotExist" }] }, true],
    [{ matchLabels: { app: "db" }, matchExpressions: [{ key: "tier", operator: "DoesNotExist" }] }, false],
  ];
  for (const [selector, selected] of cases) {
    it(`${JSON.stringify(selector)} ${selected ? "selects" : "does not select"} ${JSON.stringify(labels)}`, () =>
      assert.equal(selects(selector, labels), selected));
  }
});
