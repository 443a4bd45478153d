import assert from "node:assert/strict";
import { judge, verdictOf } from "../../tools/review/judge";
import { warningKinds } from "../../tools/review/resources/model";
import { kinds } from "../../tools/review/resources/words";
import { About, change, claim, container, deployment, lab, password, said, service, volume, workload } from "./build";

const one = (about: About) => said(change(about));
const image = "docker:index/remoteImage:RemoteImage";

describe("data loss", () => {
  it("is a volume that is replaced or deleted, with the property that forces it", () => {
    const [warning] = judge([
      change({
        type: volume,
        lab: "compose",
        name: "compose-mysql-data",
        before: { name: "a" },
        after: { name: "b" },
        forcing: ["name"],
      }),
    ]);
    assert.equal(warning?.kind, "data loss");
    assert.equal(warning?.dangerous, true);
    assert.match(
      warning?.text.en ?? "",
      /`Volume compose-mysql-data` is replaced \(`name: a → b`\)\. Lost: volume a: .*the database/,
    );
    assert.match(warning?.text.ko ?? "", /교체됩니다 \(`name: a → b`\)/);
    assert.deepEqual(one({ type: volume, before: { name: "a" } }), ["data loss! thing"]);
  });

  it("is a claim or a namespace that is deleted", () => {
    assert.deepEqual(one({ type: claim, before: {}, after: { spec: { accessModes: ["a"] } }, forcing: ["spec"] }), [
      "data loss! thing",
    ]);
    assert.ok(
      one({ type: "kubernetes:core/v1:Namespace", before: { metadata: { name: "a" } } }).includes("data loss! thing"),
    );
  });

  it("is a password that is replaced, unless its lab goes with it", () => {
    const gone = change({ type: password, lab: "compose", before: { length: 24 } });
    assert.ok(said(gone).includes("data loss! thing"));
    assert.deepEqual(said(gone, lab("compose", "delete")), ["interruption compose"]);
  });

  it("is the container that students work in; any other one without a volume is a note", () => {
    const registry = {
      type: container,
      lab: "registry",
      name: "registry-container",
      before: { name: "a" },
      after: { name: "b" },
      forcing: ["name"],
    };
    const urn =
      "urn:pulumi:dev::course-labs::course:labs:RegistryLab$docker:index/container:Container::registry-container";
    assert.equal(change(registry).urn, urn);
    assert.ok(said(change(registry)).includes("data loss! registry-container"));
    assert.ok(one({ ...registry, lab: "redis", name: "redis" }).includes("data loss redis"));
    assert.ok(
      !one({
        ...registry,
        lab: "compose",
        before: { volumes: [{ volumeName: "v", containerPath: "/x" }] },
        after: { volumes: [{ volumeName: "v", containerPath: "/x" }], name: "b" },
      }).some((text) => text.startsWith("data loss")),
    );
  });

  it("is a volume that is no longer mounted", () => {
    const mounted = (volumeName: string, containerPath = "/data") => ({ volumes: [{ volumeName, containerPath }] });
    assert.ok(
      one({ type: container, before: mounted("a"), after: mounted("b"), forcing: ["volumes"] }).includes(
        "data loss! thing",
      ),
    );
    assert.ok(
      one({ type: container, before: mounted("a"), after: mounted("a", "/elsewhere"), forcing: ["volumes"] }).includes(
        "data loss! thing",
      ),
    );
    const pod = workload("mysql:9.7.2", { pod: { volumes: [{ name: "data", emptyDir: {} }] } });
    assert.ok(one({ type: deployment, before: workload("mysql:9.7.2"), after: pod }).includes("data loss! thing"));
    const moved = workload("mysql:9.7.2", { container: { volumeMounts: [{ name: "data", mountPath: "/elsewhere" }] } });
    assert.ok(one({ type: deployment, before: workload("mysql:9.7.2"), after: moved }).includes("data loss! thing"));
  });

  it("is a setting that a database takes only when its volume is first filled", () => {
    const secret = {
      type: "kubernetes:core/v1:Secret",
      before: { stringData: { password: "x" } },
      after: { stringData: { password: "y" } },
    };
    const properties = [{ path: "stringData.password", old: "[secret]", new: "[secret]", forcesReplacement: true }];
    assert.ok(one({ ...secret, op: "replace", properties }).includes("data loss! thing"));
    const mysql = { volumes: [{ volumeName: "v", containerPath: "/var/lib/mysql" }], envs: "[secret]" };
    const envs = [{ path: "envs", old: "[secret]", new: "[secret]", forcesReplacement: true }];
    assert.ok(
      one({ type: container, before: mysql, after: mysql, op: "replace", properties: envs }).includes(
        "data loss! thing",
      ),
    );
    const env = (value: string) => workload("mysql:9.7.2", { container: { env: [{ name: "MYSQL_DATABASE", value }] } });
    assert.ok(one({ type: deployment, before: env("wordpress"), after: env("other") }).includes("data loss! thing"));
  });

  it("is told once if a password is replaced", () => {
    const replaced = change({
      type: password,
      lab: "compose",
      name: "pw",
      before: { length: 24 },
      after: { length: 30 },
      forcing: ["length"],
    });
    const mysql = { volumes: [{ volumeName: "v", containerPath: "/var/lib/mysql" }], envs: "[secret]" };
    const envs = [{ path: "envs", old: "[secret]", new: "[secret]", forcesReplacement: true }];
    const database = change({
      type: container,
      lab: "compose",
      before: mysql,
      after: mysql,
      op: "replace",
      properties: envs,
    });
    assert.deepEqual(
      said(replaced, database).filter((text) => text.startsWith("data loss")),
      ["data loss! pw"],
    );
  });

  it("is nothing that is created or changed in place", () => {
    assert.deepEqual(one({ type: volume, after: { name: "a" } }), []);
    assert.deepEqual(
      one({ type: claim, before: { metadata: { labels: { a: "1" } } }, after: { metadata: { labels: { a: "2" } } } }),
      [],
    );
  });
});

describe("exposure and security", () => {
  const published = (ip?: string) => ({ ports: [{ internal: 6379, external: 6379, ...(ip ? { ip } : {}) }] });
  const port = (before: string | undefined, after: string | undefined) =>
    one({
      type: container,
      lab: "redis",
      before: published(before),
      after: published(after),
      forcing: ["ports"],
    }).includes("exposure! thing");

  it("is a port that opens beyond this machine, not one that closes or moves", () => {
    assert.ok(port("127.0.0.1", "0.0.0.0"));
    assert.ok(port("127.0.0.1", undefined));
    assert.ok(port("127.0.0.1", "192.168.0.7"));
    assert.ok(!port("0.0.0.0", "192.168.0.7"));
    assert.ok(!port("0.0.0.0", "127.0.0.1"));
    assert.ok(!port("127.0.0.1", "127.0.0.1"));
    assert.ok(one({ type: container, lab: "redis", after: published("0.0.0.0") }).includes("exposure! thing"));
  });

  const serviceOf = (type?: string) => ({ metadata: { name: "s" }, spec: { ...(type ? { type } : {}) } });
  for (const type of ["NodePort", "LoadBalancer"]) {
    it(`a Service that becomes a ${type}`, () => {
      assert.deepEqual(one({ type: service, before: serviceOf(), after: serviceOf(type) }), ["exposure! thing"]);
      assert.deepEqual(one({ type: service, before: serviceOf(type), after: serviceOf("ClusterIP") }), []);
    });
  }
  it("is not a Service that stops being a LoadBalancer", () =>
    assert.deepEqual(one({ type: service, before: serviceOf("LoadBalancer"), after: serviceOf("NodePort") }), []));

  it("is a note for the NodePort of a new lab", () => {
    const created = change({ type: service, after: serviceOf("NodePort") });
    assert.deepEqual(said(created, lab("kubernetes", "create")), ["exposure thing"]);
    assert.deepEqual(said(created), ["exposure! thing"]);
  });

  it("is a NetworkPolicy that goes or lets others in", () => {
    const type = "kubernetes:networking.k8s.io/v1:NetworkPolicy";
    const spec = (from: unknown[]) => ({ spec: { ingress: [{ from }] } });
    assert.ok(one({ type, before: spec([]) }).includes("exposure! thing"));
    assert.deepEqual(one({ type, before: spec([{ a: 1 }]), after: spec([]) }), ["exposure! thing"]);
    assert.deepEqual(said(change({ type, before: spec([]) }), lab("kubernetes", "delete")), [
      "interruption kubernetes",
    ]);
  });

  const safe = workload("mysql:9.7.2");
  for (const [what, after] of Object.entries({
    "runs as root": workload("mysql:9.7.2", {
      pod: { securityContext: { seccompProfile: { type: "RuntimeDefault" } } },
    }),
    "gets a token": workload("mysql:9.7.2", { pod: { automountServiceAccountToken: true } }),
    "is without seccomp": workload("mysql:9.7.2", { pod: { securityContext: { runAsNonRoot: true } } }),
    "may gain privileges": workload("mysql:9.7.2", {
      container: { securityContext: { capabilities: { drop: ["ALL"] } } },
    }),
    "keeps capabilities": workload("mysql:9.7.2", {
      container: { securityContext: { allowPrivilegeEscalation: false } },
    }),
    "sees the node's files": workload("mysql:9.7.2", { pod: { volumes: [{ name: "h", hostPath: { path: "/" } }] } }),
  })) {
    it(`a pod that ${what}`, () => {
      assert.ok(one({ type: deployment, before: safe, after }).includes("security! thing"));
      assert.ok(!one({ type: deployment, before: after, after: safe }).includes("security! thing"));
    });
  }

  for (const [what, after] of Object.entries({
    "is privileged": { privileged: true },
    "has Docker's socket": { volumes: [{ hostPath: "/var/run/docker.sock", containerPath: "/x" }] },
    "gets a capability": { capabilities: { adds: ["SYS_ADMIN"] } },
    "is unconfined": { securityOpts: ["seccomp=unconfined"] },
  })) {
    it(`a container that ${what}`, () => {
      assert.ok(one({ type: container, before: {}, after, forcing: [""] }).includes("security! thing"));
      assert.ok(!one({ type: container, before: after, after: {}, forcing: [""] }).includes("security! thing"));
    });
  }

  it("is a secret that becomes plain text", () => {
    const properties = [{ path: "envs[A]", old: "[secret]", new: "b", forcesReplacement: false }];
    assert.deepEqual(one({ type: service, before: {}, after: {}, properties }), ["security! thing"]);
  });
});

describe("versions", () => {
  const moved = (before: string, after: string) =>
    one({ type: image, lab: "compose", before: { name: before }, after: { name: after }, forcing: ["name"] })[0];

  it("need a decision for a database's major version or any step back", () => {
    for (const to of ["mysql:10.0.0", "mysql:8.4.11", "mysql:9.7.1", "mariadb:11.8.8", "mysql:lts", "mysql"]) {
      assert.equal(moved("mysql:9.7.2", to), "version! thing", to);
    }
    assert.equal(moved("mysql:9.7.2", "mysql:9.8.0"), "version thing");
    assert.equal(moved("mysql:9.7.2", "mysql:9.7.3"), "version thing");
  });

  it("of an image that its lab builds are told only for a database", () => {
    const built = (before: string, after: string) =>
      one({ type: image, lab: "redis", before: { name: before }, after: { name: after, forceRemove: true } });
    assert.deepEqual(built("mysql:8.4.3", "mysql:9.7.2"), ["version! thing"]);
    assert.deepEqual(built("redis:v1.0", "redis:v2.0"), []);
  });

  it("are read from a container's image if that is a name", () => {
    const of = (image: string) => ({ image, volumes: [{ volumeName: "v", containerPath: "/var/lib/mysql" }] });
    const versions = (before: string, after: string, ...more: Omit<About, "type">[]) =>
      said(
        change({
          type: container,
          lab: "compose",
          name: "c",
          before: of(before),
          after: of(after),
          forcing: ["image"],
        }),
        ...more.map((about) => change({ ...about, type: image, lab: "compose" })),
      ).filter((text) => text.startsWith("version"));
    assert.deepEqual(versions("mysql:8.4.3", "mysql:9.7.2"), ["version! c"]);
    assert.deepEqual(versions("mysql:9.7.2", "mysql:9.7.3"), ["version c"]);
    assert.deepEqual(versions("sha256:a", "mariadb:11.8.8"), ["version! c"]);
    assert.deepEqual(versions("sha256:a", "sha256:b"), ["version! c"]);
    const pulled = { name: "mysql:9.7.2" };
    assert.deepEqual(versions("sha256:a", "mysql:9.7.3", { before: pulled }), ["version! c"]);
    assert.deepEqual(versions("mysql:8.4.3", "[unknown]", { after: pulled }), ["version! c"]);
    const patch = { before: pulled, after: { name: "mysql:9.7.3" }, forcing: ["name"] };
    assert.deepEqual(versions("sha256:a", "[unknown]", patch), ["version thing"]);
  });

  it("are compared in a Deployment, whatever its container is called", () => {
    const renamed = workload("mysql:9.7.2", { container: { name: "db" } });
    assert.ok(one({ type: deployment, before: workload("mysql:8.4.11"), after: renamed }).includes("version! thing"));

    assert.ok(
      one({ type: deployment, before: workload("mysql:8.4.11"), after: workload("mysql:9.7.2") }).includes(
        "version! thing",
      ),
    );
  });

  it("of anything else are a note", () => {
    assert.equal(moved("wordpress:7.1.0", "wordpress:8.0.0"), "version thing");
    const built = (BASE_IMAGE: string) => ({ build: { args: { BASE_IMAGE } } });
    assert.ok(
      one({
        type: "docker:index/image:Image",
        lab: "redis",
        before: built("ubuntu:24.04"),
        after: built("ubuntu:18.04"),
      }).includes("version thing"),
    );
  });
});

describe("workloads", () => {
  const spec = (spec: object, image = "mysql:9.7.2") => workload(image, { spec: spec as Record<string, unknown> });
  const from = (after: object, image?: string) =>
    one({ type: deployment, before: spec({}, image), after: spec(after, image) });

  it("need a decision with two replicas of a database on a volume, or with none of anything", () => {
    assert.ok(from({ replicas: 2 }).includes("availability! thing"));
    assert.ok(from({ replicas: 0 }, "wordpress:7.1.0").includes("availability! thing"));
    assert.ok(!from({ replicas: 2 }, "wordpress:7.1.0").includes("availability! thing"));
  });

  it("need a decision if a database no longer stops before the next one starts", () => {
    assert.ok(from({ strategy: { type: "RollingUpdate" } }).includes("availability! thing"));
    assert.ok(from({ strategy: undefined }).includes("availability! thing"));
    assert.ok(from({ strategy: { type: "RollingUpdate" } }, "wordpress:7.1.0").includes("availability thing"));
  });

  it("get a note with less memory or without a probe", () => {
    const limited = (memory: string) => workload("mysql:9.7.2", { container: { resources: { limits: { memory } } } });
    assert.ok(
      one({ type: deployment, before: limited("512Mi"), after: limited("256Mi") }).includes("availability thing"),
    );
    assert.ok(
      !one({ type: deployment, before: limited("512Mi"), after: limited("1Gi") }).includes("availability thing"),
    );
    assert.ok(
      one({
        type: deployment,
        before: limited("1Gi"),
        after: workload("mysql:9.7.2", { container: { readinessProbe: undefined } }),
      }).includes("availability thing"),
    );
  });

  it("may let a claim grow, never shrink", () => {
    const sized = (storage: string) => ({ spec: { resources: { requests: { storage } } } });
    assert.deepEqual(one({ type: claim, before: sized("1Gi"), after: sized("512Mi") }), ["failure! thing"]);
    assert.deepEqual(one({ type: claim, before: sized("1Gi"), after: sized("2Gi") }), ["failure thing"]);
    assert.deepEqual(one({ type: claim, before: sized("1Gi"), after: sized("1024Mi") }), []);
  });

  it("get a note if the labels change by which the commands find them", () => {
    const labelled = (key: string, value: string) => ({ labels: [{ label: key, value }] });
    const change = (key: string) =>
      one({
        type: container,
        lab: "redis",
        before: labelled(key, "a"),
        after: labelled(key, "b"),
        forcing: ["labels"],
      });
    assert.ok(change("course-labs.id").includes("availability thing"));
    assert.ok(!change("lesson").includes("availability thing"));
  });
});

describe("coming and going", () => {
  it("fail if an object gets a new name in the program", () => {
    const named = { metadata: { namespace: "wordpress", name: "mysql" } };
    const found = said(
      change({ type: service, name: "old", before: named }),
      change({ type: service, name: "new", after: named }),
    );
    assert.deepEqual(found, ["failure! new"]);
  });

  it("need a decision if a part goes while its lab stays", () => {
    const gone = change({ type: service, before: {} });
    assert.deepEqual(said(gone), ["availability! thing"]);
    assert.deepEqual(said(gone, lab("kubernetes", "delete")), ["interruption kubernetes"]);
  });

  it("need a decision for another cluster", () => {
    const type = "pulumi:providers:kubernetes";
    assert.deepEqual(one({ type, before: { context: "a" }, after: { context: "b" } }), ["availability! thing"]);
    assert.deepEqual(one({ type, before: { version: "1" }, after: { version: "2" } }), []);
  });

  it("calls a type that it does not know dangerous, unless it is a pod that comes", () => {
    const stateful = "kubernetes:apps/v1:StatefulSet";
    assert.ok(one({ type: stateful, before: {} }).includes("unknown! thing"));
    assert.ok(!one({ type: stateful, after: {} }).includes("unknown! thing"));
    for (const type of [
      "docker:index/service:Service",
      "kubernetes:autoscaling/v2:HorizontalPodAutoscaler",
      "kubernetes:networking.k8s.io/v1:IngressClass",
      "command:local:Command",
    ])
      assert.deepEqual(one({ type, after: {} }), ["unknown! thing"], type);
    assert.deepEqual(one({ type: "kubernetes:policy/v1:PodDisruptionBudget", after: {} }), []);
    const order = (value: number) => ({ value });
    assert.deepEqual(
      one({ type: "kubernetes:scheduling.k8s.io/v1:PriorityClass", before: order(1), after: order(2) }),
      ["unknown! thing"],
    );
  });

  it("get a note for another address", () => {
    const port = (nodePort: number) => ({ spec: { type: "NodePort", ports: [{ port: 80, nodePort }] } });
    assert.deepEqual(one({ type: service, before: port(30080), after: port(30081) }), ["address thing"]);
  });
});

describe("interruption", () => {
  const texts = (...changes: Parameters<typeof judge>[0][number][]) =>
    judge(changes).filter(({ kind }) => kind === "interruption");

  it("names the lab, the time and what restarts", () => {
    const mysql = { volumes: [{ volumeName: "v", containerPath: "/var/lib/mysql" }] };
    const site = { volumes: [{ volumeName: "w", containerPath: "/var/www/html" }] };
    const [warning] = texts(
      change({
        type: container,
        lab: "compose",
        name: "compose-mysql",
        before: mysql,
        after: { ...mysql, name: "b" },
        forcing: ["name"],
      }),
      change({
        type: container,
        lab: "compose",
        name: "compose-wordpress",
        before: site,
        after: { ...site, name: "b" },
        forcing: ["name"],
      }),
    );
    assert.match(
      warning?.text.en ?? "",
      /`compose` is down for roughly 45 s: restarting `Container compose-mysql`, `Container compose-wordpress`\./,
    );
    assert.match(warning?.text.ko ?? "", /`compose` 실습이 약 45초 동안 멈춥니다/);
  });

  it("adds the time for an image that is not there yet", () => {
    const [warning] = texts(
      change({
        type: image,
        lab: "registry",
        before: { name: "debian:12" },
        after: { name: "debian:13" },
        forcing: ["name"],
      }),
      change({ type: container, lab: "registry", before: { image: "a" }, after: { image: "b" }, forcing: ["image"] }),
    );
    assert.match(warning?.text.en ?? "", /plus the time to get the image/);
  });

  it("is none for a rolling update, for something new or for a resource without a process", () => {
    const rolling = (image: string) => workload(image, { spec: { strategy: undefined } });
    assert.deepEqual(
      texts(change({ type: deployment, before: rolling("wordpress:1.0.0"), after: rolling("wordpress:1.0.1") })),
      [],
    );
    assert.equal(
      texts(change({ type: deployment, before: workload("wordpress:1.0.0"), after: workload("wordpress:1.0.1") }))
        .length,
      1,
    );
    assert.deepEqual(texts(change({ type: container, after: {} })), []);
    assert.deepEqual(texts(change({ type: container, before: { restart: "no" }, after: { restart: "always" } })), []);
  });
});

describe("the verdict", () => {
  it("orders every kind of warning, the gravest first", () => {
    assert.deepEqual([...warningKinds], Object.keys(kinds));
    assert.equal(warningKinds[0], "data loss");
  });

  const verdict = (about?: About, failed = false) => {
    const changes = about ? [change(about)] : [];
    return verdictOf({ warnings: judge(changes), different: changes.length > 0, failed });
  };

  it("is one of four words", () => {
    assert.equal(verdict(), "nothing");
    assert.equal(verdict({ type: volume, after: {} }), "changes");
    assert.equal(verdict({ type: volume, before: {} }), "dangerous");
    assert.equal(verdict({ type: volume, before: {} }, true), "failed");
  });

  it("puts dangerous warnings first, and of those data loss", () => {
    const found = said(
      change({ type: service, before: { spec: { type: "ClusterIP" } }, after: { spec: { type: "NodePort" } } }),
      change({ type: container, lab: "redis", name: "redis", before: {}, after: { name: "b" }, forcing: ["name"] }),
      change({ type: volume, name: "v", before: {} }),
    );
    assert.deepEqual(found, ["data loss! v", "exposure! thing", "data loss redis", "interruption redis"]);
  });
});
