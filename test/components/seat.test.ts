import assert from "node:assert/strict";
import * as k8s from "@pulumi/kubernetes";
import { Class } from "../../components/class";
import { ClassRules } from "../../components/class-rules";
import { LabOwner } from "../../components/lab-owner";
import { Seat, SeatArgs } from "../../components/seat";
import { kubernetesLabels, record, Recording, sharedNames } from "../mocks";

const lee = { seat: "lee", namespace: "seat-lee", nodePort: 30081 };

async function run(args: Partial<SeatArgs> = {}): Promise<Recording> {
  const { recording } = await record(() => {
    const owner = new LabOwner("owner");
    const provider = new k8s.Provider("some-cluster", { context: "x" });
    const { binding } = new ClassRules("rules", { owner, policy: "class" }, { provider });
    return new Seat("seat-lee", { owner, ...lee, rules: [binding], ...args }, { provider });
  });
  return recording;
}

const labels = { "app.kubernetes.io/part-of": "class", "course-labs/seat": "lee", ...kubernetesLabels };
const spec = (recording: Recording, name: string) => recording.get(name).inputs.spec as Record<string, unknown>;

describe("Seat", () => {
  let usual: Promise<Recording>;
  before(() => (usual = run()));

  it("is a namespace whose pods have to be harmless, and that says whose it is and which port is its own", async () => {
    const { metadata } = (await run({ student: "이민수" })).get("seat-lee-namespace").inputs as {
      metadata: Record<"labels" | "annotations", Record<string, string>>;
    };
    assert.deepEqual(metadata.labels, {
      ...labels,
      "course-labs/node-port": "30081",
      "pod-security.kubernetes.io/enforce": "baseline",
      "pod-security.kubernetes.io/enforce-version": "latest",
    });
    assert.equal(metadata.annotations["course-labs/student"], "이민수");
    const unnamed = (await usual).get("seat-lee-namespace").inputs as typeof metadata & { metadata: typeof metadata };
    assert.equal(unnamed.metadata.annotations["course-labs/student"], "lee");
  });

  it("marks all that keeps it apart, so that the rules know it", async () => {
    const recording = await usual;
    const inside = recording.resources.filter(({ name, custom }) => custom && name.startsWith("seat-lee-"));
    assert.equal(inside.length, 7);
    for (const { name, inputs } of inside) {
      const metadata = inputs.metadata as { namespace?: string; labels: Record<string, string> };
      assert.equal(metadata.labels["course-labs/seat"], "lee", name);
      if (name !== "seat-lee-namespace") assert.equal(metadata.namespace, "seat-lee", name);
    }
  });

  it("has a share of the cluster, and limits for pods that name none", async () => {
    const recording = await usual;
    const { hard } = spec(recording, "seat-lee-quota") as { hard: Record<string, string> };
    assert.equal(hard["limits.memory"], "1536Mi");
    assert.equal(hard["requests.storage"], "2Gi");
    assert.equal(hard.pods, "10");
    assert.equal(hard["services.nodeports"], "1");
    assert.equal(hard["services.loadbalancers"], "0");
    const { limits } = spec(recording, "seat-lee-limits") as { limits: Record<string, Record<string, string>>[] };
    // What the quota counts of a container, each container has to have.
    const counted = Object.keys(hard).filter((key) => /^(limits|requests)\.(?!storage)/.test(key));
    for (const key of counted) {
      const [kind, resource] = key.split(/\.(.*)/) as [string, string];
      const given = kind === "limits" ? limits[0]?.default : limits[0]?.defaultRequest;
      assert.ok(given?.[resource], key);
    }
    const other = spec(await run({ memory: "3Gi", storage: "5Gi" }), "seat-lee-quota") as typeof hard & {
      hard: typeof hard;
    };
    assert.deepEqual([other.hard["limits.memory"], other.hard["requests.storage"]], ["3Gi", "5Gi"]);
  });

  it("lets in its own pods and what is no pod", async () => {
    assert.deepEqual(spec(await usual, "seat-lee-class-incoming"), {
      podSelector: {},
      policyTypes: ["Ingress"],
      ingress: [
        { from: [{ podSelector: {} }] },
        { from: [{ ipBlock: { cidr: "0.0.0.0/0", except: ["10.244.0.0/16"] } }] },
      ],
    });
  });

  it("lets its pods out to each other, to ask for names, and to the internet, but to no private network", async () => {
    const out = async (podNetwork?: string) => {
      const { egress, policyTypes, podSelector } = spec(await run({ podNetwork }), "seat-lee-class-outgoing") as {
        egress: { to?: { ipBlock?: { cidr: string; except: string[] } }[] }[];
      } & Record<string, unknown>;
      assert.deepEqual([podSelector, policyTypes], [{}, ["Egress"]]);
      assert.deepEqual(egress.slice(0, 2), [
        { to: [{ podSelector: {} }] },
        {
          ports: [
            { protocol: "UDP", port: 53 },
            { protocol: "TCP", port: 53 },
          ],
        },
      ]);
      assert.equal(egress.length, 3);
      assert.equal(egress[2]?.to?.[0]?.ipBlock?.cidr, "0.0.0.0/0");
      return egress[2].to[0].ipBlock.except;
    };
    const closed = ["10.0.0.0/8", "100.64.0.0/10", "169.254.0.0/16", "172.16.0.0/12", "192.168.0.0/16"];
    const edges = ["100.64.0.0/12", "100.127.0.0/16", "172.16.0.0/16", "172.31.0.0/16"];
    for (const inside of [undefined, "10.42.0.0/16", "192.168.9.0/24", ...edges]) {
      assert.deepEqual(await out(inside), closed, inside);
    }
    const beside = ["100.63.0.0/16", "100.128.0.0/16", "172.15.0.0/16", "172.32.0.0/16", "192.169.0.0/16"];
    for (const outside of ["25.0.0.0/9", "25.100.0.0/16", "25.20.0.0/16", "25.168.0.0/16", ...beside]) {
      assert.deepEqual(await out(outside), [outside, ...closed], outside);
    }
  });

  it("has an account that may edit there, and may not come in before the walls stand", async () => {
    const recording = await usual;
    assert.equal(recording.get("seat-lee-account").inputs.automountServiceAccountToken, false);
    const { inputs, dependencies } = recording.get("seat-lee-role");
    assert.deepEqual(inputs.roleRef, { apiGroup: "rbac.authorization.k8s.io", kind: "ClusterRole", name: "edit" });
    assert.deepEqual(inputs.subjects, [{ kind: "ServiceAccount", name: "student", namespace: "seat-lee" }]);
    const walls = ["quota", "limits", "class-incoming", "class-outgoing"].map((part) => `seat-lee-${part}`);
    for (const wall of [...walls, "rules-binding"]) assert.ok(dependencies.includes(wall), wall);
    assert.equal(recording.resources.filter(({ type }) => /Role(Binding)?$/.test(type)).length, 1);
  });

  it("shares no name with another seat", async () => {
    const { recording } = await record(() => {
      const owner = new LabOwner("owner");
      const provider = new k8s.Provider("some-cluster", { context: "x" });
      new Seat("one", { owner, ...lee }, { provider });
      new Seat("two", { owner, seat: "kim", namespace: "seat-kim", nodePort: 30082 }, { provider });
    });
    assert.deepEqual(sharedNames(recording, "one", "two"), []);
  });
});

describe("ClassRules", () => {
  let usual: Promise<Recording>;
  before(() => (usual = run()));

  it("refuse, and do not only warn; also where they cannot be worked out", async () => {
    const recording = await usual;
    assert.equal(spec(recording, "rules-policy").failurePolicy, "Fail");
    const binding = spec(recording, "rules-binding");
    assert.deepEqual(binding.validationActions, ["Deny"]);
    assert.equal(binding.policyName, "class");
  });

  it("hold in every seat of this class, and in no other namespace", async () => {
    assert.deepEqual(spec(await usual, "rules-binding").matchResources, {
      namespaceSelector: {
        matchLabels: { "course-labs/id": "0a1b2c3d" },
        matchExpressions: [{ key: "course-labs/seat", operator: "Exists" }],
      },
    });
  });

  it("are asked about everything that keeps seats apart", async () => {
    const { matchConstraints } = spec(await usual, "rules-policy") as {
      matchConstraints: { resourceRules: Record<"apiGroups" | "apiVersions" | "operations" | "resources", string[]>[] };
    };
    assert.deepEqual(
      matchConstraints.resourceRules.map(({ apiGroups, apiVersions }) => [...apiGroups, ...apiVersions].join(" ")),
      [" v1", "networking.k8s.io rbac.authorization.k8s.io v1"],
    );
    for (const { operations } of matchConstraints.resourceRules) {
      assert.deepEqual(operations, ["CREATE", "UPDATE", "DELETE"]);
    }
    const asked = matchConstraints.resourceRules.flatMap(({ resources }) => resources).sort();
    const walls = ["limitranges", "networkpolicies", "resourcequotas", "rolebindings", "roles", "serviceaccounts"];
    assert.deepEqual(asked, [...walls, "pods", "secrets", "serviceaccounts/token", "services"].sort());
  });

  it("say what they mean by a word before they use it", async () => {
    const { variables, ...rules } = spec(await usual, "rules-policy") as {
      variables: { name: string; expression: string }[];
    };
    const used = [...JSON.stringify(rules).matchAll(/variables\.(\w+)/g)].map(([, name]) => name);
    assert.deepEqual([...new Set(used)].sort(), variables.map(({ name }) => name).sort());
  });

  it("say in words what is to be done", async () => {
    const { validations } = spec(await usual, "rules-policy") as {
      validations: { message?: string; messageExpression?: string; reason: string }[];
    };
    assert.equal(validations.length, 8);
    for (const { message, messageExpression, reason } of validations) {
      assert.ok(message ?? messageExpression);
      assert.equal(reason, "Forbidden");
    }
  });
});

describe("Class", () => {
  it("lets nobody into a seat before its rules are in force", async () => {
    const { recording } = await record(() => {
      const provider = new k8s.Provider("some-cluster", { context: "x" });
      const args = { owner: new LabOwner("owner"), seats: [lee], policy: "class", hours: 8, host: "school.example" };
      return new Class("class", args, { provider });
    });
    assert.ok(recording.get("seat-lee-role").dependencies.includes("class-rules-binding"));
  });
});
