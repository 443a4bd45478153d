import assert from "node:assert/strict";
import { change, container, deployment, lab, said, service, workload } from "./build";
import { Inputs } from "../../review/model";

const opens = (type: string, before: Inputs | undefined, after: Inputs | undefined) =>
  said(change({ type, lab: type.startsWith("docker:") ? "compose" : "kubernetes", before, after })).filter((told) =>
    /^(exposure|security)!/.test(told),
  );

/** A change that opens something; back again it is harmless. */
function oneWay(type: string, cases: Record<string, [shut: Inputs, open: Inputs, kind: "exposure" | "security"]>) {
  for (const [what, [shut, open, kind]] of Object.entries(cases)) {
    it(what, () => {
      assert.deepEqual([...new Set(opens(type, shut, open))], [`${kind}! thing`]);
      assert.deepEqual(opens(type, open, shut), []);
    });
  }
}

/** A change that opens nothing. */
function harmless(type: string, cases: Record<string, [before: Inputs, after: Inputs]>) {
  for (const [what, [before, after]] of Object.entries(cases)) {
    it(`not: ${what}`, () => assert.deepEqual(opens(type, before, after), []));
  }
}

const np = "kubernetes:networking.k8s.io/v1:NetworkPolicy";

describe("a container on Docker", () => {
  const bind = (more: Inputs = {}) => ({ volumes: [{ hostPath: "/etc", containerPath: "/x", ...more }] });
  const networks = (...names: string[]) => ({ networksAdvanced: names.map((name) => ({ name })) });
  const port = (ip?: string) => ({ ports: [{ internal: 80, external: 80, ...(ip === undefined ? {} : { ip }) }] });
  oneWay(container, {
    "runs as root": [{ user: "redis" }, { user: "root" }, "security"],
    "runs as root, by number": [{}, { user: "0:0" }, "security"],
    "runs as its image's user again": [{ user: "redis" }, {}, "security"],
    "may gain privileges": [{ securityOpts: ["no-new-privileges:true"] }, {}, "security"],
    "keeps a capability": [{ capabilities: { drops: ["NET_RAW"] } }, {}, "security"],
    "may change its files": [{ readOnly: true }, { readOnly: false }, "security"],
    "gets a device": [{}, { devices: [{ hostPath: "/dev/mem" }] }, "security"],
    "joins a group": [{}, { groupAdds: ["docker"] }, "security"],
    "is in the machine's cgroups": [{}, { cgroupnsMode: "host" }, "security"],
    "may change a folder of the machine": [bind({ readOnly: true }), bind(), "security"],
    "shares another one's network": [{}, { networkMode: "container:x" }, "exposure"],
    "joins a second network": [networks("wordpress"), networks("wordpress", "other"), "exposure"],
    "publishes on IPv6": [port("127.0.0.1"), port("::"), "exposure"],
    "publishes on one more address": [port("192.168.0.7"), port("0.0.0.0"), "exposure"],
  });
  harmless(container, {
    "a network of another name": [networks("wordpress"), networks("rv-wordpress")],
    "every address, said in another way": [port(), port("::")],
    "one capability in place of all": [{ capabilities: { drops: ["NET_RAW"] } }, { capabilities: { drops: ["ALL"] } }],
  });

  it("in a lab that is new, what is usual is not told", () => {
    const made = change({ type: container, lab: "compose", after: { ...networks("a", "b"), image: "a:1" } });
    assert.deepEqual(said(made, lab("compose", "create")), []);
  });
});

describe("a network on Docker", () => {
  oneWay("docker:index/network:Network", {
    "is no longer internal": [{ internal: true }, { internal: false }, "exposure"],
    "is the machine's": [{ driver: "bridge" }, { driver: "macvlan" }, "exposure"],
  });
});

describe("a pod", () => {
  const careful = { allowPrivilegeEscalation: false, capabilities: { drop: ["ALL"] } };
  const secure = (more: Inputs) => workload("mysql:9.7.2", { container: { securityContext: { ...careful, ...more } } });
  const user = (more: Inputs) =>
    workload("mysql:9.7.2", { pod: { securityContext: { seccompProfile: { type: "RuntimeDefault" }, ...more } } });
  const plain = workload("mysql:9.7.2");
  const claim = { name: "data", persistentVolumeClaim: { claimName: "mysql-data" } };
  const env = (entry: Inputs) =>
    workload("mysql:9.7.2", { container: { env: [{ name: "MYSQL_PASSWORD", ...entry }] } });
  oneWay(deployment, {
    "whose container has no seccomp profile": [plain, secure({ seccompProfile: { type: "Unconfined" } }), "security"],
    "whose container AppArmor does not confine": [
      plain,
      secure({ appArmorProfile: { type: "Unconfined" } }),
      "security",
    ],
    "that may change its files": [secure({ readOnlyRootFilesystem: true }), plain, "security"],
    "that sees /proc": [plain, secure({ procMount: "Unmasked" }), "security"],
    "that shares its processes": [plain, workload("mysql:9.7.2", { pod: { shareProcessNamespace: true } }), "security"],
    "with a projected token": [
      plain,
      workload("mysql:9.7.2", {
        pod: {
          volumes: [claim, { name: "t", projected: { sources: [{ serviceAccountToken: { path: "t" } }] } }],
        },
      }),
      "security",
    ],
    "that is root, where it might have been": [user({ runAsUser: 999 }), user({ runAsUser: 0 }), "security"],
    "with a secret written into it": [
      env({ valueFrom: { secretKeyRef: { name: "mysql", key: "password" } } }),
      env({ value: "hush" }),
      "security",
    ],
  });

  it("not: a careful container that goes from it", () => {
    const two = workload("mysql:9.7.2", {
      pod: {
        containers: [
          { name: "a", securityContext: { ...careful, readOnlyRootFilesystem: true } },
          { name: "b", securityContext: careful },
        ],
      },
    });
    const one = workload("mysql:9.7.2", { pod: { containers: [{ name: "b", securityContext: careful }] } });
    assert.deepEqual(opens(deployment, two, one), []);
  });

  it("not: the wish for a random password", () => {
    const wish = workload("mysql:9.7.2", {
      container: { env: [{ name: "MYSQL_RANDOM_ROOT_PASSWORD", value: "yes" }] },
    });
    assert.deepEqual(opens(deployment, plain, wish), []);
  });
});

describe("a Service", () => {
  const of = (spec: Inputs) => ({ metadata: { name: "s" }, spec });
  const ports = (...list: Inputs[]) => of({ type: "NodePort", selector: { app: "a" }, ports: list });
  const balanced = (more: Inputs) => of({ type: "LoadBalancer", ports: [{ port: 80 }], ...more });
  oneWay(service, {
    "opens one more port": [
      ports({ port: 80, nodePort: 30080 }),
      ports({ port: 80, nodePort: 30080 }, { port: 3306, nodePort: 30306 }),
      "exposure",
    ],
    "that everyone may use": [balanced({ loadBalancerSourceRanges: ["10.0.0.0/8"] }), balanced({}), "exposure"],
    "gets a load balancer": [
      ports({ port: 80 }),
      of({ type: "LoadBalancer", selector: { app: "a" }, ports: [{ port: 80 }] }),
      "exposure",
    ],
  });
  harmless(service, {
    "another node port": [ports({ port: 80, nodePort: 30080 }), ports({ port: 80, nodePort: 30081 })],
  });

  it("that leads elsewhere", () => {
    const to = (selector: Inputs, type = "ClusterIP", more: Inputs = {}) =>
      of({ type, selector, ports: [{ port: 80, ...more }] });
    const told = (before: Inputs, after: Inputs) => said(change({ type: service, before, after }));
    assert.deepEqual(told(to({ app: "mysql" }), to({ app: "mysqll" })), ["availability! thing"]);
    assert.deepEqual(told(to({ app: "wordpress" }, "NodePort"), to({ app: "mysql" }, "NodePort")), [
      "exposure! thing",
      "availability! thing",
    ]);
    assert.deepEqual(told(to({}), to({}, "ClusterIP", { targetPort: 22 })), ["availability! thing"]);
    assert.deepEqual(told(to({ a: "1", b: "2" }), to({ b: "2", a: "1" }, "ClusterIP", { targetPort: 80 })), []);
    const named = (name: string) => ({ metadata: { name }, spec: {} });
    const renamed = change({ type: service, before: named("mysql"), after: named("db"), forcing: ["metadata.name"] });
    assert.ok(said(renamed).includes("availability! thing"));
  });
});

describe("pods that are called something else", () => {
  const pods = (labels: Inputs) => ({ spec: { template: { metadata: { labels }, spec: { containers: [] } } } });
  const called = (before: Inputs, after: Inputs) =>
    change({ type: deployment, name: "pods", before: pods(before), after: pods(after), forcing: ["spec"] });
  const found = (before: Inputs, after: Inputs) => [
    change({
      ...{ type: service, name: "s" },
      before: { spec: { type: "NodePort", selector: before } },
      after: { spec: { type: "NodePort", selector: after } },
    }),
    change({
      ...{ type: np, name: "n" },
      before: { spec: { podSelector: { matchLabels: before }, ingress: [] } },
      after: { spec: { podSelector: { matchLabels: after }, ingress: [] } },
    }),
  ];
  const [old, now] = [{ app: "a" }, { app: "a", lesson: "two" }];
  const dangers = (...changes: Parameters<typeof said>) => said(...changes).filter((told) => told.includes("!"));

  it("are the same to what finds them by their new labels", () => {
    assert.deepEqual(
      dangers(called(old, now), ...found(old, now)).filter((told) => !told.endsWith(" pods")),
      [],
    );
  });
  it("are not where they keep their labels, or others have them", () => {
    const told = ["exposure! s", "exposure! n", "availability! s"];
    assert.deepEqual(dangers(...found(old, now)), told);
    assert.deepEqual(dangers(called({ app: "b" }, now), ...found(old, now)), told);
  });
});

describe("a NetworkPolicy", () => {
  const of = (spec: Inputs, namespace = "wordpress") => ({
    metadata: { name: "n", namespace },
    spec: { podSelector: {}, ...spec },
  });
  const site = { podSelector: { matchLabels: { app: "wordpress" } } };
  const from = (...peers: Inputs[]) => of({ ingress: [{ from: peers }] });
  oneWay(np, {
    "lets another one in": [from(site), from(site, { podSelector: {} }), "exposure"],
    "lets the whole world in": [from(site), from(site, { ipBlock: { cidr: "0.0.0.0/0" } }), "exposure"],
    "lets everyone in": [from(site), of({ ingress: [{}] }), "exposure"],
    "lets in on every port": [of({ ingress: [{ from: [site], ports: [{ port: 3306 }] }] }), from(site), "exposure"],
    "is for fewer pods": [of({ ingress: [] }), of({ podSelector: { a: "1" }, ingress: [] }), "exposure"],
    "is for another direction": [
      of({ policyTypes: ["Ingress", "Egress"], ingress: [] }),
      of({ policyTypes: ["Ingress"], ingress: [] }),
      "exposure",
    ],
  });
  it("that goes to another namespace leaves its pods behind", () => {
    const moved = change({
      type: np,
      before: of({}),
      after: of({}, "other"),
      forcing: ["metadata.namespace"],
    });
    assert.ok(said(moved).includes("exposure! thing"));
  });
  it("that is new lets in whom another one kept out; in a new lab there was none", () => {
    const made = change({ type: np, after: of({ ingress: [{}] }) });
    assert.deepEqual(said(made), ["exposure! thing"]);
    assert.deepEqual(said(made, lab("kubernetes", "create")), []);
    assert.deepEqual(said(change({ type: np, after: of({ ingress: [] }) })), []);
  });
});

describe("a namespace", () => {
  const enforced = (level?: string) => ({
    metadata: { name: "w", labels: level ? { "pod-security.kubernetes.io/enforce": level } : {} },
  });
  oneWay("kubernetes:core/v1:Namespace", {
    "a namespace that demands less": [enforced("restricted"), enforced("privileged"), "security"],
    "a namespace that demands nothing": [enforced("baseline"), enforced(), "security"],
  });
});

describe("secrets", () => {
  const says = (after: Inputs, properties: { path: string; old?: string; new?: string }[], before: Inputs = after) =>
    said(
      change({
        ...{ type: deployment, before, after },
        properties: properties.map((property) => ({ ...property, forcesReplacement: false })),
      }),
    );

  it("a part of what was a secret is plain text now", () => {
    const told = says({}, [
      { path: "envs", old: "[secret]" },
      { path: "envs[DATABASE_URL]", new: "mysql://u@h" },
      { path: "envs[USER]", new: "u" },
    ]);
    assert.deepEqual(told, ["security! thing"]);
    assert.deepEqual(
      says({}, [
        { path: "envs", old: "[secret]" },
        { path: "envs[A]", new: "[secret]" },
      ]),
      [],
    );
  });
});
