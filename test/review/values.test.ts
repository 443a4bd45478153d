import assert from "node:assert/strict";
import { isDatabase, isForeign, jump, shortName } from "../../tools/review/resources/images";
import { properties } from "../../tools/review/collect";
import { cutTo, differences, plain, shown } from "../../tools/review/resources/values";

const marked = (value: unknown) => ({ "4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270", value });

describe("inputs that may be shown", () => {
  const text = (inputs: unknown, type = "docker:index/container:Container") => JSON.stringify(plain(inputs, type));

  it("hide what Pulumi marks as secret, however deep", () => {
    const shown = text({ a: marked("hush"), list: [{ deep: { er: [marked({ x: "hush" })] } }] });
    assert.equal(shown, '{"a":"[secret]","list":[{"deep":{"er":["[secret]"]}}]}');
  });

  it("hide what is called a password, even if nobody marked it", () => {
    const env = {
      env: [
        { name: "MYSQL_PASSWORD", value: "hush" },
        { name: "MYSQL_USER", value: "wordpress" },
      ],
    };
    assert.doesNotMatch(text(env), /hush/);
    assert.match(text(env), /wordpress/);
    assert.equal(text({ envs: ["A=b", "ROOT_PASSWORD=hush"] }), '{"envs":["A=b","ROOT_PASSWORD=[secret]"]}');
    assert.equal(
      text({ adminPassword: "hush", auth: { token: "hush" } }),
      '{"adminPassword":"[secret]","auth":{"token":"[secret]"}}',
    );
  });

  it("hide a password that has another name or stands inside a text", () => {
    const hidden = [
      { envs: ["REDIS_PASS=hush", "DB_PWD=hush", "WORDPRESS_AUTH_KEY=hush", "NONCE_SALT=hush"] },
      { envs: ["DATABASE_URL=mysql://u:hush@h/db"] },
      { command: ["redis-server", "--requirepass", "hush"] },
      { command: ["mysql --password=hush", "--password hush", "--requirepass hush"] },
      { env: [{ name: "DB_PWD", value: "hush" }] },
      { data: { "my.cnf": "[client]\npassword = hush\n", "redis.conf": "requirepass hush" } },
      { kubeconfig: "users:\n- user:\n    client-key-data: hush" },
    ];
    for (const inputs of hidden) assert.doesNotMatch(text(inputs), /hush/, JSON.stringify(inputs));
  });

  it("show what only looks like a password", () => {
    const inputs = {
      command: ["mysql", '--password="$MYSQL_PASSWORD"', "--port", "3306", "--user=root"],
      envs: ["PWD=/srv", "URL=http://localhost:80/a@b", "MYSQL_USER=wordpress"],
      image: "acme/token:1.0.0",
    };
    assert.equal(text(inputs), JSON.stringify(inputs));
  });

  it("hide all values of a Secret, but not its keys", () => {
    const shown = text(
      { metadata: { name: "mysql" }, stringData: { password: "hush", note: "hush" } },
      "kubernetes:core/v1:Secret",
    );
    assert.doesNotMatch(shown, /hush/);
    assert.match(shown, /"note":"\[secret\]"/);
    assert.doesNotMatch(text({ data: marked({ a: "hush" }) }, "kubernetes:core/v1:Secret"), /hush/);
  });

  it("show where a password comes from", () => {
    const from = { env: [{ name: "MYSQL_PASSWORD", valueFrom: { secretKeyRef: { name: "mysql", key: "password" } } }] };
    assert.equal(text(from), JSON.stringify(from));
  });

  it("leave out what only Pulumi reads, and mark what is not known yet", () => {
    const inputs = { __defaults: [], image: "04da6b54-80e4-46f7-96ec-b56ff0331ba9", nothing: undefined };
    assert.equal(text(inputs), '{"image":"[unknown]"}');
  });
});

describe("a value as text", () => {
  it("is itself, JSON or nothing", () =>
    assert.deepEqual(["a", 1, { b: [2] }, null, undefined].map(shown), ["a", "1", '{"b":[2]}', "", ""]));
  it("is cut to the room that there is", () => assert.deepEqual([cutTo("abc", 3), cutTo("abcd", 3)], ["abc", "ab…"]));
});

describe("differences", () => {
  it("are told property by property", () => {
    assert.deepEqual(differences({ a: 1, b: { c: "x", d: true } }, { a: 2, b: { c: "x" }, e: [1] }), [
      { path: "a", old: 1, new: 2 },
      { path: "b.d", old: true },
      { path: "e[0]", new: 1 },
    ]);
  });

  it("find items of a list by their names, not by their positions", () => {
    const env = (...names: string[]) => ({ env: names.map((name) => ({ name, value: name })) });
    assert.deepEqual(differences(env("A", "B"), env("NEW", "A", "B")), [{ path: "env[NEW].value", new: "NEW" }]);
    assert.deepEqual(differences({ envs: ["A=1", "B=2"] }, { envs: ["B=2", "A=3"] }), [
      { path: "envs[A]", old: "1", new: "3" },
    ]);
    const labels = (value: string) => ({ labels: [{ label: "lesson", value }] });
    assert.deepEqual(differences(labels("1"), labels("2")), [{ path: "labels[lesson]", old: "1", new: "2" }]);
  });

  it("find items without names by their positions", () => {
    assert.deepEqual(differences({ args: ["a", "b"] }, { args: ["a", "c"] }), [
      { path: "args[1]", old: "b", new: "c" },
    ]);
  });

  it("are none where there is nothing", () => {
    assert.deepEqual(differences({ a: [], b: null }, { a: [] }), []);
  });
});

describe("what the engine says of properties", () => {
  it("marks what forces a replacement, however the plugin counts items", () => {
    const found = properties(
      { ports: [{ internal: 80, external: 1 }], restart: "no" },
      { ports: [{ internal: 80, external: 2 }], restart: "always" },
      { detailedDiff: { "ports[7].external": { diffKind: "update-replace" as never, inputDiff: false } } },
    );
    assert.deepEqual(found, [
      { path: "ports[0].external", old: "1", new: "2", forcesReplacement: true },
      { path: "restart", old: "no", new: "always", forcesReplacement: false },
    ]);
  });

  it("adds a secret that differs although it reads the same", () => {
    const inputs = { envs: "[secret]" };
    const found = properties(inputs, inputs, {
      detailedDiff: { envs: { diffKind: "update-replace" as never, inputDiff: false } },
    });
    assert.deepEqual(found, [{ path: "envs", old: "[secret]", new: "[secret]", forcesReplacement: true }]);
  });

  it("adds each secret once, and nothing that only Pulumi reads", () => {
    const inputs = { a: "[secret]" };
    const update = { diffKind: "update" as never, inputDiff: false };
    const found = properties(inputs, inputs, {
      detailedDiff: { a: update, __defaults: update },
      keys: ["a"],
      diffs: ["a"],
    });
    assert.deepEqual(found, [{ path: "a", old: "[secret]", new: "[secret]", forcesReplacement: true }]);
  });

  it("adds a secret in a list by its name, even if another item differs visibly", () => {
    const inputs = (zone: string) => ({
      containers: [
        {
          name: "mysql",
          env: [
            { name: "TZ", value: zone },
            { name: "MYSQL_DATABASE", value: "[secret]" },
          ],
        },
      ],
    });
    const update = { diffKind: "update" as never, inputDiff: false };
    const found = properties(inputs("UTC"), inputs("Asia/Seoul"), {
      detailedDiff: { "containers[0].env[0].value": update, "containers[0].env[1].value": update },
    });
    assert.deepEqual(
      found.map(({ path, old, new: now }) => [path, old, now]),
      [
        ["containers[mysql].env[TZ].value", "UTC", "Asia/Seoul"],
        ["containers[mysql].env[MYSQL_DATABASE].value", "[secret]", "[secret]"],
      ],
    );
  });
});

describe("images", () => {
  it("have a short name", () => {
    for (const image of ["mysql:9.7.2", "localhost:5000/a/mysql", `docker.io/library/mysql:9@sha256:${"0".repeat(64)}`])
      assert.equal(shortName(image), "mysql", image);
  });

  for (const [old, now, far] of [
    ["mysql:9.7.2", "mysql:9.7.2", "none"],
    ["mysql:9.7.2", "mysql:9.7.3", "patch"],
    ["mysql:9.7.2", "mysql:9.8.0", "minor"],
    ["mysql:8.4.11", "mysql:9.7.2", "major"],
    ["mysql:9.7.2", "mysql:8.4.11", "back"],
    ["mysql:9.7.2", "mysql:9.7.1", "back"],
    ["mysql:9.7.2", "mysql:9", "cannot be told"],
    ["mysql:9.7.2", "mysql:lts", "cannot be told"],
    ["mysql:9.7.2", "mysql", "cannot be told"],
    ["mysql:9.7.2", "mariadb:11.8.8", "other software"],
    ["mysql:9.7.2", "docker.io/library/mysql:9.7.2", "none"],
    ["mysql:9.7.2", "mirror.example/library/mysql:9.7.2", "other registry"],
    ["mysql:9.7.2", "mirror.example/library/mysql:10.0.0", "major"],
    ["mysql:9.7.2", "mirror.example/mysql:9.7.2", "other publisher"],
    ["mysql:9.7.2", "bitnami/mysql:9.7.2", "other publisher"],
    ["mysql:8.4.3", "bitnami/mysql:9.7.2", "major"],
    ["mysql:8.0.40", "mysql:8.4.3", "major"],
    ["mysql:8.4.3", "mysql:8.4.4", "patch"],
    ["mysql:5.6.51", "mysql:5.7.44", "major"],
    ["percona:8.0.40", "percona:8.4.3", "major"],
    ["mariadb:10.6.1", "mariadb:10.11.2", "major"],
    ["postgres:9.5.1", "postgres:9.6.1", "major"],
    ["postgres:16.1", "postgres:16.4", "major"],
    ["mongo:4.2.1", "mongo:4.4.1", "major"],
    ["postgis/postgis:15-3.4", "postgis/postgis:16-3.4", "major"],
    ["timescale/timescaledb:2.14.2-pg15", "timescale/timescaledb:2.14.2-pg16", "cannot be told"],
    ["timescale/timescaledb:2.14.2-pg16", "timescale/timescaledb:2.14.3-pg16", "patch"],
    ["pgvector/pgvector:pg17", "pgvector/pgvector:pg16", "cannot be told"],
    ["mysql", "mysql:latest", "none"],
    ["mysql:9.7.2-oracle", "mysql:9.7.2", "none"],
    ["mysql:9.7.2", "mysql:9.7.2@sha256:a", "none"],
    ["mysql:9.7.2@sha256:a", "mysql@sha256:a", "none"],
    ["mysql:9.7.2@sha256:a", "mysql:9.7.2@sha256:b", "cannot be told"],
    ["wordpress:7.1.0-php8.3-apache", "wordpress:7.1.0-php8.4-apache", "cannot be told"],
    ["ubuntu:24.04", "ubuntu:26.04", "major"],
  ] as const) {
    it(`${old} → ${now}: ${far}`, () => assert.equal(jump(old, now), far));
  }

  for (const [old, now, foreign] of [
    ["wordpress:7.1.0", "wordpress:7.1.1", false],
    ["wordpress:7.1.0", "example.org/wordpress:7.1.0", true],
    ["wordpress:7.1.0", "somebody/wordpress:7.1.0", true],
    ["ubuntu:24.04", "somebody/linux:1", true],
    ["ubuntu:24.04", "debian:12", false],
    ["somebody/wordpress:1.0.0", "somebody/wordpress:1.0.1", false],
    ["somebody/wordpress:1.0.0", "wordpress:7.1.0", false],
    ["mysql:9.7.2", "mirror.gcr.io/library/mysql:9.7.2", false],
    ["mysql:9.7.2", "public.ecr.aws/docker/library/mysql:9.7.2", false],
    ["mysql:9.7.2", "example.org/library/mysql:9.7.2", true],
    ["mysql:9.7.2@sha256:a", "example.org/library/mysql:9.7.2@sha256:a", false],
  ] as const) {
    it(`${old} → ${now}: ${foreign ? "somebody else's" : "the same one's, or official"}`, () =>
      assert.equal(isForeign(old, now), foreign));
  }

  it("are recognized as databases by each of their names", () => {
    const names = ["mysql", "mysql/mysql-server", "bitnami/postgresql", "postgis/postgis", "timescale/timescaledb-ha"];
    for (const name of [...names, "pgvector/pgvector", "mongodb/mongodb-community-server"])
      assert.ok(isDatabase(`${name}:1`), name);
    for (const name of ["wordpress", "redis", "mysqld-exporter"]) assert.ok(!isDatabase(`${name}:1`), name);
  });
});
