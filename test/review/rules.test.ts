import assert from "node:assert/strict";
import { judge } from "../../tools/review/judge";
import { Change, Inputs } from "../../tools/review/resources/model";
import { labsThatMove } from "../../tools/review/rules/lifecycle";
import { change, claim, container, deployment, lab, said, service, volume, workload } from "./build";

const mysql = (more?: Parameters<typeof workload>[1]) => workload("mysql:9.7.2", more);
const target = "/var/lib/mysql";
const stored = { volumeName: "v", containerPath: target };
const dangers = (told: readonly string[]) => told.filter((text) => text.includes("!"));
const onDocker = (before: Inputs, after: Inputs) =>
  said(change({ type: container, lab: "compose", before, after, forcing: [""] }));
const inCluster = (before: Inputs, after: Inputs) => said(change({ type: deployment, before, after }));

describe("what a database took at its first start", () => {
  for (const variable of ["MYSQL_USER", "MARIADB_DATABASE", "POSTGRES_DB", "MONGO_INITDB_DATABASE"]) {
    it(variable, () => {
      const envs = (value: string) => ({ volumes: [stored], envs: [`${variable}=${value}`] });
      assert.ok(dangers(onDocker(envs("a"), envs("b"))).includes("data loss! thing"));
      const env = (value: string) => mysql({ container: { env: [{ name: variable, value }] } });
      assert.deepEqual(dangers(inCluster(env("a"), env("b"))), ["data loss! thing"]);
    });
  }

  for (const flag of ["--datadir=", "--datadir ", "--dbpath=", "--dbpath ", "data_directory=", "data-directory="]) {
    it(`its folder, ${flag.trim()}`, () => {
      const args = (folder: string) => mysql({ container: { args: `-c ${flag}${folder}`.split(" ") } });
      assert.deepEqual(dangers(inCluster(args("/a"), args("/b"))), ["data loss! thing"]);
      assert.deepEqual(inCluster(args("/a"), args("/a")), []);
    });
  }
  it("is told beside a password that is replaced", () => {
    const envs = (value: string, user = "a") => ({
      ...{ volumes: [stored], image: "mysql:9" },
      envs: [`MYSQL_PASSWORD=${value}`, `MYSQL_USER=${user}`],
    });
    const replaced = change({
      ...{ type: "random:index/randomPassword:RandomPassword", lab: "compose", name: "password" },
      ...{ before: { length: 24 }, after: { length: 30 }, forcing: ["length"] },
    });
    const told = (after: Inputs) =>
      judge([replaced, change({ type: container, lab: "compose", before: envs("[secret]"), after, forcing: [""] })])
        .filter(({ kind, resource }) => kind === "data loss" && resource === "thing")
        .map(({ text }) => /`(MYSQL_\w+)` changes/.exec(text.en)?.[1]);
    assert.deepEqual(told(envs("[unknown]")), []);
    assert.deepEqual(told(envs("[unknown]", "b")), ["MYSQL_USER"]);
  });
  for (const key of ["entrypoints", "command", "args"]) {
    it(`its folder on Docker, in ${key}`, () => {
      const start = (folder: string) => ({ volumes: [stored], [key]: ["mysqld", `--datadir=${folder}`] });
      assert.ok(dangers(onDocker(start("/a"), start("/b"))).includes("data loss! thing"));
    });
  }
  it("its folder, PGDATA", () => {
    const env = (value: string) => mysql({ container: { env: [{ name: "PGDATA", value }] } });
    assert.deepEqual(dangers(inCluster(env("/a"), env("/b"))), ["data loss! thing"]);
  });
});

describe("a part that goes while the lab stays", () => {
  const types = {
    [container]: true,
    "docker:index/network:Network": true,
    [deployment]: true,
    [service]: true,
    "kubernetes:core/v1:Secret": true,
    "docker:index/remoteImage:RemoteImage": false,
    "random:index/randomId:RandomId": false,
  };
  for (const [type, needed] of Object.entries(types)) {
    it(`${type}: ${needed ? "what needs it stops working" : "nothing stops"}`, () => {
      const gone = change({ type, before: { metadata: { name: "a" } } });
      assert.equal(said(gone).includes("availability! thing"), needed);
      assert.ok(!said(gone, lab("kubernetes", "delete")).includes("availability! thing"));
    });
  }
});

describe("a provider that is set up otherwise", () => {
  const cases: Record<string, boolean> = {
    context: true,
    kubeconfig: true,
    cluster: true,
    namespace: true,
    host: true,
    registryAuth: true,
    sshOpts: true,
    renderYamlToDirectory: true,
    version: false,
    enablePatchForce: false,
    suppressDeprecationWarnings: false,
  };
  for (const [key, dangerous] of Object.entries(cases)) {
    it(`${key}: ${dangerous ? "somebody has to agree" : "leads nowhere else"}`, () => {
      const type = key === "host" || key === "registryAuth" ? "pulumi:providers:docker" : "pulumi:providers:kubernetes";
      const told = said(change({ type, lab: "shared", before: { [key]: "a" }, after: { [key]: "b" } }));
      assert.deepEqual(told, dangerous ? ["availability! thing"] : []);
    });
  }
});

describe("a provider that is new", () => {
  const made = (after: Inputs) => change({ type: "pulumi:providers:docker", lab: "shared", after });
  it("leads elsewhere where it says where, unless a lab comes with it", () => {
    assert.deepEqual(said(made({ host: "tcp://192.0.2.1:2375" })), ["availability! thing"]);
    assert.deepEqual(said(made({ version: "5" })), []);
    assert.deepEqual(said(made({ host: "a" }), lab("redis", "create")), []);
  });
});

describe("for how long a lab is down", () => {
  const down = (...changes: Change[]) => judge(changes).find(({ kind }) => kind === "interruption")?.text.en ?? "";
  const box = change({ type: container, lab: "redis", before: { image: "a" }, after: { image: "b" }, forcing: [""] });
  const image = (before?: Inputs, after?: Inputs) =>
    change({ type: "docker:index/remoteImage:RemoteImage", lab: "redis", name: "image", before, after });
  it("includes the time for an image only if one is needed", () => {
    const first = ", plus the time to get the image: restarting `Container thing`.";
    for (const one of [image(undefined, { name: "b" }), image({ name: "a" }, { name: "b" })])
      assert.ok(down(box, one).endsWith(first), down(box, one));
    const plain = "Lab `redis` is down for roughly 5 s: restarting `Container thing`.";
    for (const one of [image({ name: "a" }), image({ name: "a" }, { name: "a" })]) assert.equal(down(box, one), plain);
    assert.equal(down(box), plain);
  });
  it("is told of a cluster as well", () => {
    const to = (after: Inputs) => down(change({ type: deployment, before: workload("a:1"), after }));
    assert.match(to(workload("a:2")), /^Lab `kubernetes` is down for roughly 5 s, plus the time to get the image/);
    assert.match(to(workload("a:1", { container: { args: ["b"] } })), /roughly 5 s: restarting `Deployment thing`\.$/);
  });
});

describe("why something is replaced", () => {
  it("is told by the first two properties, shortened", () => {
    const inputs = (value: string) => ({ name: "v", driver: value, driverOpts: { o: value, device: value } });
    const about = { type: volume, lab: "compose", forcing: ["driver"] };
    const long = "n".repeat(100);
    const [told] = judge([change({ ...about, before: inputs("o".repeat(61)), after: inputs(long) })]);
    const [was, now] = [`${"o".repeat(59)}…`, `${"n".repeat(59)}…`];
    const both = `(\`driver: ${was} → ${now}\`, \`driverOpts.o: ${was} → ${now}\`)`;
    assert.ok(told!.text.en.includes(both), told!.text.en);
  });
});

describe("what is said of versions, and of what changes by itself", () => {
  const texts = (...changes: Change[]) => judge(changes).filter(({ kind }) => kind !== "interruption");
  it("names a replacement because of what it depends on", () => {
    const same = { name: "v" };
    const [told] = texts(change({ type: volume, lab: "compose", before: same, after: same, op: "replace" }));
    assert.match(told!.text.en, /is replaced \(because of what it depends on\)\. Lost/);
    assert.match(told!.text.ko, /교체됩니다 \(의존하는 리소스 때문에\)\./);
  });
  it("asks to find out what an unknown type opens, or what it holds", () => {
    const type = "kubernetes:example.org/v1:Thing";
    const [inputs, other] = [{ metadata: { name: "a" } }, { metadata: { name: "b" } }];
    const of = (before?: Inputs, after?: Inputs) => texts(change({ type, before, after }))[0]!.text.en;
    assert.match(of(undefined, inputs), /is created, and .*find out what it opens or does\.$/);
    assert.match(of(inputs), /is deleted, and .*find out what it holds\.$/);
    assert.match(of(inputs, other), /is changed .*find out what it holds\.$/);
  });
  it("says of WordPress alone that its own files stay", () => {
    const type = "docker:index/remoteImage:RemoteImage";
    const of = (name: string) =>
      texts(change({ type, lab: "compose", before: { name: `${name}:1.0.0` }, after: { name: `${name}:1.1.0` } }))[0]!;
    assert.match(of("wordpress").text.en, /a minor version\. WordPress's own files stay/);
    assert.match(of("debian").text.en, /a minor version\.$/);
    assert.match(of("mysql").text.en, /Back up first\.$/);
  });
  it("names both images of a database as far as they are known", () => {
    const box = (image: unknown) => ({ volumes: [stored], image });
    const of = (before: unknown, after: unknown) =>
      texts(change({ type: container, lab: "compose", before: box(before), after: box(after), forcing: ["image"] }))
        .filter(({ kind }) => kind === "version")
        .map(({ text }) => /image `(.*)` → `(.*)`\. Which/.exec(text.en)?.slice(1));
    assert.deepEqual(of("sha256:a", "sha256:b"), [["sha256:a", "sha256:b"]]);
    assert.deepEqual(of("mysql:9.7.2", "sha256:b"), [["mysql:9.7.2", "sha256:b"]]);
    assert.deepEqual(of("sha256:a", "mysql:9.7.2"), [["sha256:a", "mysql:9.7.2"]]);
    assert.deepEqual(of("sha256:a", undefined), [["sha256:a", "–"]]);
    assert.deepEqual(of(undefined, "mysql:9.7.2"), [["–", "mysql:9.7.2"]]);
    assert.deepEqual(of("sha256:a", `sha256:${"0".repeat(64)}`), [["sha256:a", `sha256:${"0".repeat(52)}…`]]);
    assert.deepEqual(of("sha256:a", "sha256:a"), []);
  });
});

describe("a component that has another name in the program", () => {
  const part = (name: string, op: "create" | "delete") =>
    change({
      ...{ type: container, lab: "redis", name: `${name}-container` },
      ...{ [op === "create" ? "after" : "before"]: { name: "redis" } },
    });
  const component = (name: string, op: "create" | "delete") => ({ ...lab("redis", op), name });

  it("fails, because Pulumi creates its parts a second time", () => {
    const told = judge([
      ...[component("redis", "delete"), part("redis", "delete")],
      ...[component("cache", "create"), part("cache", "create")],
    ]);
    assert.match(
      told[0]!.text.en,
      /`Container redis-container` is called `cache-container` in the program now: .*fails.*`aliases`/,
    );
    assert.ok(told.every(({ text }) => !text.en.includes("goes away")));
    assert.ok(told.some(({ kind, text }) => kind === "interruption" && text.en.includes("is down")));
  });
  it("fails with the names swapped as well", () => {
    const told = said(
      ...[component("cache", "delete"), part("cache", "delete")],
      ...[component("redis", "create"), part("redis", "create")],
    );
    assert.ok(told.includes("failure! redis-container"), String(told));
  });
});

describe("what goes with its volume is told once", () => {
  const named = { type: volume, lab: "compose", name: "v" };
  const claimed = { type: claim, name: "v" };
  const metadata = { name: "mysql-data", namespace: "wordpress" };
  for (const op of ["delete", "replace"] as const) {
    it(`on Docker, ${op}`, () => {
      const side = { before: { name: "v" }, ...(op === "replace" ? { after: { name: "w" }, op } : {}) };
      const box = change({ type: container, lab: "compose", before: { volumes: [stored] }, after: {}, forcing: [""] });
      assert.deepEqual(dangers(said(change({ ...named, ...side }), box)), ["data loss! v"]);
    });
    it(`in the cluster, ${op}`, () => {
      const side = { before: { metadata }, ...(op === "replace" ? { after: { metadata }, op } : {}) };
      const emptied = mysql({ pod: { volumes: [{ name: "data", emptyDir: {} }] } });
      const pod = change({ type: deployment, before: mysql(), after: emptied });
      assert.deepEqual(dangers(said(change({ ...claimed, ...side }), pod)), ["data loss! v"]);
    });
  }
  it("is told beside another volume that goes", () => {
    const box = change({ type: container, lab: "compose", before: { volumes: [stored] }, after: {}, forcing: [""] });
    assert.deepEqual(dangers(said(change({ ...named, before: { name: "other" } }), box)), [
      "data loss! v",
      "data loss! thing",
    ]);
  });
});

describe("volumes", () => {
  it("are dangerous if something covers a database's folder, and a note for WordPress's", () => {
    const site = { volumeName: "w", containerPath: "/var/www/html" };
    const over = (path: string) => ({ volumeName: "x", containerPath: path });
    const told = (mine: Inputs, path: string) =>
      onDocker({ volumes: [mine] }, { volumes: [mine, over(path)] }).filter((text) => text.startsWith("data loss"));
    assert.deepEqual(told(stored, `${target}/x`), ["data loss! thing"]);
    assert.deepEqual(told(site, "/var/www/html/x"), ["data loss thing"]);
    assert.deepEqual(told(site, "/var/www/html"), ["data loss! thing"]);
    assert.deepEqual(told(site, "/var/www/html-x"), []);
  });

  it("get a note if they become read-only", () => {
    const other = { volumeName: "c", containerPath: "/c" };
    const read = (...volumes: Inputs[]) => ({ volumes });
    const told = (before: Inputs, after: Inputs) =>
      onDocker(before, after).filter((text) => text.startsWith("availability"));
    assert.deepEqual(told(read(stored), read({ ...stored, readOnly: true })), ["availability! thing"]);
    assert.deepEqual(told(read(stored, other), read(stored, { ...other, readOnly: true })), ["availability thing"]);
    assert.deepEqual(told(read({ ...stored, readOnly: true }), read({ ...stored, readOnly: true })), []);
    assert.deepEqual(told(read(stored), read(stored, { ...other, readOnly: true })), []);
  });

  it("of a cluster stay the same if they become read-only", () => {
    const nfs = (readOnly: boolean) =>
      mysql({ pod: { volumes: [{ name: "data", nfs: { server: "s", path: "/", readOnly } }] } });
    assert.deepEqual(dangers(inCluster(nfs(false), nfs(true))), ["availability! thing"]);
  });
});

describe("memory", () => {
  const limited = (memory: string) =>
    mysql({ container: { resources: { requests: { cpu: "1", memory: "1Mi" }, limits: { memory } } } });
  const told = (before: string, after: string) =>
    inCluster(limited(before), limited(after)).filter((text) => text.startsWith("availability"));
  it("gets a note only if it becomes less, however it is written", () => {
    assert.deepEqual(told("1Gi", "512Mi"), ["availability thing"]);
    assert.deepEqual(told("1Gi", "1024Mi"), []);
    assert.deepEqual(told("1Gi", "2Gi"), []);
  });
});

describe("times", () => {
  it("add up on Docker, where parts wait for each other, and not on a cluster", () => {
    const restarted = (image: string, name: string) =>
      change({
        ...{ type: deployment, name },
        before: workload(image),
        after: workload(image, { container: { args: ["--x"] } }),
      });
    const [down] = judge([restarted("mysql:9.7.2", "mysql"), restarted("wordpress:7.1.0", "wordpress")]).filter(
      ({ kind }) => kind === "interruption",
    );
    assert.match(down!.text.en, /roughly 30 s/);
    const replaced = (name: string, volumes: Inputs[]) =>
      change({
        type: container,
        lab: "compose",
        name,
        before: { volumes },
        after: { volumes, name: "b" },
        forcing: ["name"],
      });
    const [docker] = judge([replaced("mysql", [stored]), replaced("wordpress", [])]).filter(
      ({ kind }) => kind === "interruption",
    );
    assert.match(docker!.text.en, /roughly 45 s/);
  });
});

describe("a secret", () => {
  const says = (old: string, now: string) =>
    said(
      change({
        ...{ type: service, before: {}, after: {} },
        properties: [{ path: "a", old, new: now, forcesReplacement: false }],
      }),
    );
  it("is told if it becomes plain text, not if it is unknown yet", () => {
    assert.deepEqual(says("[secret]", "b"), ["security! thing"]);
    assert.deepEqual(says("[secret]", "[unknown]"), []);
    assert.deepEqual(says("[secret]", "[secret]"), []);
    assert.deepEqual(says("a", "b"), []);
  });
});

describe("another address", () => {
  it("is told of a Docker port and a node port, not of a new port", () => {
    const ports = (external: number) => ({ ports: [{ internal: 80, external, ip: "127.0.0.1" }] });
    assert.ok(onDocker(ports(80), ports(81)).includes("address thing"));
    assert.ok(!onDocker({ ports: [] }, ports(81)).includes("address thing"));
    const node = (nodePort: number) => ({ spec: { type: "NodePort", ports: [{ port: 80, nodePort }] } });
    assert.deepEqual(said(change({ type: service, before: node(30080), after: node(30081) })), ["address thing"]);
  });
});

describe("an object of the cluster with another name in the program", () => {
  const named = (name: string, namespace: string | undefined, op: "create" | "delete") =>
    change({
      ...{ type: "kubernetes:core/v1:ConfigMap", name },
      [op === "create" ? "after" : "before"]: { metadata: { name: "same", ...(namespace ? { namespace } : {}) } },
    });
  it("does not fail for an object that only changes while another of its name goes", () => {
    const inputs = { metadata: { name: "same" } };
    const stays = change({
      type: "kubernetes:core/v1:ConfigMap",
      name: "new",
      before: inputs,
      after: { ...inputs, data: {} },
    });
    assert.deepEqual(said(named("old", undefined, "delete"), stays), []);
  });
  it("fails in the same namespace only, where it is a second one of its name", () => {
    const fails = (was: string | undefined, is: string | undefined) =>
      said(named("old", was, "delete"), named("new", is, "create")).filter((text) => text.startsWith("failure"));
    assert.deepEqual(fails("a", "a"), ["failure! new"]);
    assert.deepEqual(fails(undefined, undefined), ["failure! new"]);
    assert.deepEqual(fails("a", "b"), []);
    assert.deepEqual(fails(undefined, "b"), []);
  });
});

describe("a Service that leads elsewhere", () => {
  const served = (port: object) => ({ spec: { selector: { a: "b" }, ports: [port] } });
  const between = (before: object, after: object) =>
    said(change({ type: "kubernetes:core/v1:Service", before: served(before), after: served(after) }));
  const rows: [what: string, before: object, after: object, warned: string[]][] = [
    ["another target", { port: 80, targetPort: 80 }, { port: 80, targetPort: 81 }, ["availability! thing"]],
    ["the port itself is the target", { port: 80 }, { port: 80, targetPort: 80 }, []],
    ["TCP is what is meant", { port: 80 }, { port: 80, protocol: "TCP" }, []],
    ["another protocol", { port: 80 }, { port: 80, protocol: "UDP" }, ["availability! thing"]],
    ["another port", { port: 80 }, { port: 81 }, ["availability! thing"]],
  ];
  for (const [what, before, after, warned] of rows) it(what, () => assert.deepEqual(between(before, after), warned));
});

describe("the labs that go and come", () => {
  const inner = (op: "create" | "delete", name = "compose") => ({
    ...lab("compose", op),
    type: "course:labs:Part",
    name,
  });
  it("are those whose component goes or comes, whatever other components do", () => {
    const of = (...changes: Change[]) => {
      const { removed, added } = labsThatMove(changes);
      return { removed: [...removed], added: [...added] };
    };
    assert.deepEqual(of(lab("compose", "delete")), { removed: ["compose"], added: [] });
    assert.deepEqual(of(lab("compose", "create")), { removed: [], added: ["compose"] });
    assert.deepEqual(of(lab("compose", "delete"), inner("create")), { removed: ["compose"], added: [] });
    assert.deepEqual(of(lab("compose", "delete"), { ...lab("compose", "create"), name: "site" }), {
      removed: [],
      added: [],
    });
    assert.deepEqual(of(inner("delete", "part")), { removed: [], added: [] });
  });
});

describe("a type that no lab has", () => {
  const rbac = "kubernetes:rbac.authorization.k8s.io/v1";
  const dangerous = [
    ...[`${rbac}:Role`, `${rbac}:ClusterRole`, `${rbac}:ClusterRoleBinding`],
    ...["kubernetes:networking.k8s.io/v1:Ingress", "kubernetes:gateway.networking.k8s.io/v1:HTTPRoute"],
    ...["kubernetes:helm.sh/v3:Release", "kubernetes:yaml/v2:ConfigFile", "kubernetes:core/v1:PersistentVolume"],
    ...[
      "kubernetes:storage.k8s.io/v1:StorageClass",
      "kubernetes:admissionregistration.k8s.io/v1:MutatingWebhookConfiguration",
    ],
    ...["command:local:Command", "pulumi-nodejs:dynamic:Resource", "docker:index/service:Service"],
  ];
  for (const type of dangerous) {
    it(`${type} needs a decision, whether it comes, changes or goes`, () => {
      for (const sides of [{ after: { a: "1" } }, { before: { a: "1" }, after: { a: "2" } }, { before: { a: "1" } }])
        assert.deepEqual(
          said(change({ type, ...sides })).filter((text) => text.startsWith("unknown")),
          ["unknown! thing"],
        );
    });
  }
  it("is not ServiceAccount, which opens nothing by coming", () =>
    assert.deepEqual(said(change({ type: "kubernetes:core/v1:ServiceAccount", after: {} })), []));
  it("is not a component, which is judged by its parts", () => {
    assert.deepEqual(said({ ...change({ type: "acme:labs:Course", after: {} }), component: true }), []);
  });
});
