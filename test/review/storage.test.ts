import assert from "node:assert/strict";
import { judge } from "../../tools/review/judge";
import { Inputs } from "../../tools/review/resources/model";
import { change, claim, container, deployment, said, volume, workload } from "./build";

const dangers = (...changes: Parameters<typeof said>) => said(...changes).filter((told) => told.includes("!"));
const onDocker = (before: Inputs, after: Inputs) =>
  dangers(change({ type: container, lab: "compose", before, after, forcing: [""] }));
const inCluster = (before: Inputs, after: Inputs) => dangers(change({ type: deployment, before, after }));
const mysql = (more?: Parameters<typeof workload>[1]) => workload("mysql:9.7.2", more);
const image = "docker:index/remoteImage:RemoteImage";

const target = "/var/lib/mysql";
const named = { volumeName: "v", containerPath: target };
const bind = (hostPath: string, more: Inputs = {}) => ({ volumes: [{ hostPath, containerPath: target, ...more }] });
const mount = (more: Inputs) => ({ mounts: [{ target, ...more }] });

describe("data that is no longer visible", () => {
  for (const [what, before, after] of [
    ["a folder of the machine that goes", bind("/srv/mysql"), {}],
    ["a mount that goes", mount({ type: "volume", source: "v" }), {}],
    ["a volume in memory", { volumes: [named] }, mount({ type: "tmpfs" })],
    ["memory laid over a volume", { volumes: [named] }, { volumes: [named], tmpfs: { [target]: "" } }],
    [
      "a volume laid over a database's folder",
      { volumes: [named] },
      { volumes: [named, { volumeName: "w", containerPath: `${target}/wordpress` }] },
    ],
    ["the volumes of another container", { volumes: [{ fromContainer: "a" }] }, {}],
    ["a volume without a name", { volumes: [{ containerPath: target }] }, { volumes: [{ containerPath: target }] }],
  ] as const) {
    it(what, () => assert.deepEqual(onDocker(before, after), ["data loss! thing"]));
  }

  for (const [what, before, after] of [
    ["the same volume as a mount", { volumes: [named] }, mount({ type: "volume", source: "v" })],
    ["the same volume as a mount, with a slash", { volumes: [named] }, mount({ source: "v", target: `${target}/` })],
    ["a socket that goes", { volumes: [{ hostPath: "/var/run/docker.sock", containerPath: "/x" }] }, {}],
    ["settings that go", { volumes: [{ hostPath: "/srv/c", containerPath: "/etc/c", readOnly: true }] }, {}],
    ["one more volume", { volumes: [named] }, { volumes: [named, { volumeName: "c", containerPath: "/cache" }] }],
  ] as const) {
    it(`not: ${what}`, () => assert.deepEqual(onDocker(before, after), []));
  }

  const host = { name: "data", hostPath: { path: "/srv" } };
  const emptied = { pod: { volumes: [{ name: "data", emptyDir: {} }] } };
  it("is lost in a pod with another folder of the node, another namespace's claim, or another place", () => {
    assert.deepEqual(inCluster(mysql({ pod: { volumes: [host] } }), mysql(emptied)), ["data loss! thing"]);
    const socket = { name: "data", hostPath: { path: "/run/mysqld" } };
    assert.deepEqual(inCluster(mysql({ pod: { volumes: [socket] } }), mysql(emptied)), []);
    const elsewhere = { ...mysql(), metadata: { name: "mysql", namespace: "other" } };
    assert.deepEqual(inCluster(mysql(), elsewhere), ["data loss! thing"]);
    for (const args of [["--datadir=/tmp/x"], ["--datadir", "/tmp/x"]])
      assert.deepEqual(inCluster(mysql(), mysql({ container: { args } })), ["data loss! thing"]);
  });

  it("is lost in a pod with another folder of the same claim", () => {
    const at = (more: Inputs) => mysql({ container: { volumeMounts: [{ name: "data", mountPath: target, ...more }] } });
    assert.deepEqual(inCluster(at({}), at({ subPath: "a" })), ["data loss! thing"]);
    assert.deepEqual(inCluster(at({ subPath: "a" }), at({ subPathExpr: "b" })), ["data loss! thing"]);
    assert.deepEqual(inCluster(at({ subPath: "a" }), at({ subPath: "a" })), []);
  });

  it("is told with its place and with what is there instead", () => {
    const texts = (before: Inputs, after: Inputs) =>
      judge([change({ type: container, lab: "compose", before, after, forcing: [""] })])
        .filter(({ kind }) => kind === "data loss" || kind === "availability")
        .map(({ text }) => text.en);
    const lost = "`Container thing` no longer has the volume `v` at `/var/lib/mysql`";
    const unused = "the data stored there is no longer used.";
    assert.deepEqual(texts({ volumes: [named] }, {}), [`${lost}: ${unused}`]);
    const other = { volumeName: "w", containerPath: target };
    const cache = { volumeName: "c", containerPath: "/cache" };
    assert.deepEqual(texts({ volumes: [named, cache] }, { volumes: [cache, other] }), [
      `${lost}, but \`c\` at \`/cache\`, \`w\` at \`/var/lib/mysql\`: ${unused}`,
    ]);
    assert.deepEqual(texts({ volumes: [named] }, { volumes: [cache] }), [
      `${lost}, but \`c\` at \`/cache\`: ${unused}`,
    ]);
    const covered = (by: string) =>
      `\`Container thing\`: \`/var/lib/mysql\` is covered by ${by}: the data of \`v\` at \`/var/lib/mysql\` there is no longer visible.`;
    const memory = { volumes: [named], tmpfs: { [target]: "" } };
    assert.deepEqual(texts({ volumes: [named] }, memory), [covered("something empty")]);
    assert.deepEqual(texts({ volumes: [named] }, { volumes: [named, other] }), [covered("`w`")]);
    const may = "`Container thing` may only read";
    assert.deepEqual(texts({ volumes: [named] }, { volumes: [{ ...named, readOnly: true }] }), [
      `${may} \`v\` at \`/var/lib/mysql\`: a database does not start without writing.`,
    ]);
    assert.deepEqual(texts({ volumes: [cache] }, { volumes: [{ ...cache, readOnly: true }] }), [
      `${may} \`c\` at \`/cache\`.`,
    ]);
  });

  it("stays in a pod with the same claim by another name, or beside a sidecar's folder", () => {
    const renamed = mysql({
      pod: { volumes: [{ name: "d2", persistentVolumeClaim: { claimName: "mysql-data" } }] },
      container: { volumeMounts: [{ name: "d2", mountPath: target }] },
    });
    assert.deepEqual(inCluster(mysql(), renamed), []);
  });

  it("is not told where the claim goes, which is told by itself", () => {
    const metadata = { name: "mysql-data", namespace: "wordpress" };
    const gone = change({
      type: claim,
      name: "c",
      before: { metadata },
      after: { metadata },
      forcing: [""],
      op: "replace",
    });
    const pod = change({ type: deployment, before: mysql(), after: mysql(emptied) });
    assert.deepEqual(dangers(gone, pod), ["data loss! c"]);
  });

  it("is dangerous for a database that may not write, or asks for no password", () => {
    assert.deepEqual(onDocker({ volumes: [named] }, { volumes: [{ ...named, readOnly: true }] }), [
      "availability! thing",
    ]);
    const readOnly = { volumeMounts: [{ name: "data", mountPath: target, readOnly: true }] };
    assert.deepEqual(inCluster(mysql(), mysql({ container: readOnly })), ["availability! thing"]);
    assert.deepEqual(inCluster(mysql(), mysql({ container: { args: ["--skip-grant-tables"] } })), ["security! thing"]);
  });

  it("is kept from a claim whose size cannot be read or gets smaller: `up` fails", () => {
    const sized = (storage: string) => ({ spec: { resources: { requests: { storage } } } });
    const of = (before: string, after: string) =>
      dangers(change({ type: claim, before: sized(before), after: sized(after) }));
    assert.deepEqual(of("1Gi", "1e6"), ["failure! thing"]);
    assert.deepEqual(of("1Gi", "2e9"), []);
    assert.deepEqual(of("1Gi", "plenty"), ["failure! thing"]);
  });
});

describe("what a database took at its first start", () => {
  const env = (...list: Inputs[]) => mysql({ container: { env: list } });
  const hidden = (path: string) => [{ path, old: "[secret]", new: "[secret]", forcesReplacement: false }];

  it("is no time zone, no language and no other name of the container", () => {
    assert.deepEqual(inCluster(env(), env({ name: "TZ", value: "UTC" })), []);
    assert.deepEqual(inCluster(env(), env({ name: "LC_ALL", value: "C" })), []);
    const database = { name: "MYSQL_DATABASE", value: "a" };
    assert.deepEqual(inCluster(env(database), mysql({ container: { name: "db", env: [database] } })), []);
  });

  it("includes a hidden variable, however the difference is told", () => {
    const after = env({ name: "MYSQL_DATABASE", value: "[secret]" });
    for (const path of ["spec", "spec.template.spec.containers.env.value"]) {
      const told = said(change({ type: deployment, before: after, after, properties: hidden(path) }));
      assert.ok(told.includes("data loss! thing"), path);
    }
    const other = env({ name: "TZ", value: "[secret]" });
    assert.ok(
      !said(change({ type: deployment, before: other, after: other, properties: hidden("spec") })).includes(
        "data loss! thing",
      ),
    );
  });

  it("includes a key of a Secret unless it is new", () => {
    const of = (stringData: Inputs) => ({ stringData });
    const type = "kubernetes:core/v1:Secret";
    assert.deepEqual(dangers(change({ type, before: of({ a: "x" }), after: of({ a: "x", b: "y" }) })), []);
    for (const before of [of({ a: "x", b: "y" }), of({ a: "x", b: "y", c: "z" })])
      assert.deepEqual(dangers(change({ type, before, after: of({ a: "x" }) })), ["data loss! thing"]);
    const both = of({ a: "x", b: "y" });
    const properties = [...hidden("stringData.a"), ...hidden("stringData.b")];
    assert.deepEqual(dangers(change({ type, before: both, after: both, properties })), ["data loss! thing"]);
  });

  it("is told once for several variables, and not for a database that comes or goes", () => {
    const made = (value: string) => ({
      ...env({ name: "MYSQL_DATABASE", value }, { name: "MYSQL_USER", value }),
      ...{ metadata: { name: "mysql", namespace: "wordpress" } },
    });
    assert.deepEqual(inCluster(made("a"), made("b")), ["data loss! thing"]);
    const started = mysql({ container: { args: ["--datadir=/x"], env: [{ name: "MYSQL_USER", value: "a" }] } });
    for (const side of ["before", "after"]) {
      const told = said(change({ type: deployment, [side]: started }));
      assert.ok(!told.includes("data loss! thing"), side);
    }
  });

  it("is not how something else starts, nor asking for passwords again", () => {
    const site = (folder: string) => workload("nginx:1.29.0", { container: { args: [`--datadir=${folder}`] } });
    assert.deepEqual(inCluster(site("/a"), site("/b")), []);
    assert.deepEqual(inCluster(mysql({ container: { args: ["--skip-grant-tables"] } }), mysql()), []);
  });

  it("needs a decision if WordPress looks for its database elsewhere", () => {
    const site = (...list: Inputs[]) => workload("wordpress:7.1.0", { container: { name: "wordpress", env: list } });
    const key = (name: string) => ({
      name: "WORDPRESS_DB_PASSWORD",
      valueFrom: { secretKeyRef: { name: "mysql", key: name } },
    });
    const value = (name: string, text: string) => ({ name, value: text });
    for (const [before, after] of [
      [site(value("WORDPRESS_DB_NAME", "a")), site(value("WORDPRESS_DB_NAME", "b"))],
      [site(), site(value("WORDPRESS_TABLE_PREFIX", "x_"))],
      [site(key("password")), site(key("root-password"))],
    ] as const)
      assert.deepEqual(inCluster(before, after), ["availability! thing"]);
    assert.deepEqual(inCluster(site(), site(value("SITE_HOSTS", "a"))), []);
    const later = {
      name: "WORDPRESS_DB_PASSWORD",
      valueFrom: { secretKeyRef: { name: "[unknown]", key: "password" } },
    };
    assert.deepEqual(inCluster(site(key("password")), site(later)), []);
  });

  it("needs a decision if a name that others ask for goes from the network", () => {
    const called = (...aliases: string[]) => ({ networksAdvanced: [{ name: "wordpress", aliases }] });
    assert.deepEqual(onDocker(called("mysql"), called("db")), ["availability! thing"]);
    assert.deepEqual(onDocker(called("mysql"), called("mysql", "db")), []);
  });
});

describe("another name in the program", () => {
  const stored = (more: Inputs = {}) => ({ image: "sha256:a", volumes: [named], ...more });
  const moves = (type: string, before: Inputs, after: Inputs, lab = "compose") => [
    change({ type, lab, name: "old", before }),
    change({ type, lab, name: "new", after }),
  ];

  it("does not hide a major version", () => {
    assert.ok(dangers(...moves(image, { name: "mysql:8.4.3" }, { name: "mysql:9.7.2" })).includes("version! new"));
    const other = (name: string, of: string) => ({ ...workload(of), metadata: { name, namespace: "wordpress" } });
    assert.deepEqual(
      dangers(...moves(deployment, other("mysql", "mysql:8.4.3"), other("db", "mysql:9.7.2"), "kubernetes")),
      ["version! new"],
    );
  });

  it("does not hide what the database took at its first start", () => {
    const env = (name: string, value: string) => ({
      ...mysql({ container: { env: [{ name: "MYSQL_DATABASE", value }] } }),
      metadata: { name, namespace: "wordpress" },
    });
    assert.deepEqual(dangers(...moves(deployment, env("mysql", "a"), env("db", "b"), "kubernetes")), [
      "data loss! new",
    ]);
    assert.deepEqual(dangers(...moves(deployment, env("mysql", "a"), env("db", "a"), "kubernetes")), []);
  });

  it("of the containers of a pod does not hide a major version, whatever else is in it", () => {
    const pod = (...containers: Inputs[]) => mysql({ pod: { containers } });
    const [old, now] = [
      pod({ name: "mysql", image: "mysql:8.4.3" }, { name: "a", image: "adminer:4.8.1" }),
      pod({ name: "db", image: "mysql:9.7.2" }, { name: "b", image: "phpmyadmin:5.2.1" }),
    ];
    assert.ok(inCluster(old, now).includes("version! thing"), String(inCluster(old, now)));
    const alone = (name: string, image: string) => pod({ name, image });
    assert.ok(
      said(
        change({ type: deployment, before: alone("a", "adminer:4.8.1"), after: alone("b", "adminer:5.0.0") }),
      ).includes("version thing"),
    );
  });

  it("does not hide a volume that is lost", () => {
    assert.deepEqual(dangers(...moves(container, stored({ name: "mysql" }), { name: "db", image: "sha256:a" })), [
      "data loss! new",
    ]);
    const emptied = { ...mysql({ pod: { volumes: [{ name: "data", emptyDir: {} }] } }), metadata: { name: "db" } };
    assert.deepEqual(dangers(...moves(deployment, mysql(), emptied, "kubernetes")), ["data loss! new"]);
  });

  it("pairs a database with a database, whatever else comes and goes", () => {
    const changes = [
      ...moves(image, { name: "mysql:8.4.3" }, { name: "adminer:5.0.0" }),
      change({ type: image, lab: "compose", name: "newer", after: { name: "mysql:9.7.2" } }),
      change({ type: volume, lab: "compose", name: "v", after: { name: "v" } }),
    ];
    assert.deepEqual(dangers(...changes), ["version! newer"]);
  });

  it("is harmless where nothing else differs", () => {
    assert.deepEqual(dangers(...moves(container, stored({ name: "mysql" }), stored({ name: "db" }))), []);
  });
});
