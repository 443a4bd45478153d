import assert from "node:assert/strict";
import * as docker from "@pulumi/docker";
import { ComposeWordPress, ComposeWordPressArgs } from "../../components/compose-wordpress";
import { LabOwner } from "../../components/lab-owner";
import { dockerLabels, promiseOf, record, Recording, sharedNames, waitsFor, without } from "../mocks";

const run = (args: Omit<ComposeWordPressArgs, "owner"> = {}) =>
  record(() => {
    const provider = new docker.Provider("some-docker");
    return new ComposeWordPress("lab", { owner: new LabOwner("owner"), ...args }, { provider });
  });

const envs = (recording: Recording, name: string) => {
  const list = recording.get(name).inputs.envs as string[];
  return Object.fromEntries(list.map((env) => env.split(/=(.*)/s).slice(0, 2) as [string, string]));
};

const timing = { interval: "3s", timeout: "5s", retries: 5, startPeriod: "2m0s" };

describe("ComposeWordPress", () => {
  let usual: ReturnType<typeof run>;
  before(() => (usual = run()));

  it("creates a network, two volumes, two images, two passwords and two containers", async () => {
    const { recording } = await usual;
    assert.deepEqual(recording.list, [
      "course:labs:ComposeWordPress lab",
      "course:labs:LabOwner owner",
      "docker:index/container:Container lab-mysql < lab",
      "docker:index/container:Container lab-wordpress < lab",
      "docker:index/network:Network lab-network < lab",
      "docker:index/remoteImage:RemoteImage lab-mysql-image < lab",
      "docker:index/remoteImage:RemoteImage lab-wordpress-image < lab",
      "docker:index/volume:Volume lab-mysql-data < lab",
      "docker:index/volume:Volume lab-wordpress-data < lab",
      "pulumi:providers:docker some-docker",
      "random:index/randomId:RandomId owner-id < owner",
      "random:index/randomPassword:RandomPassword lab-password < lab",
      "random:index/randomPassword:RandomPassword lab-root-password < lab",
    ]);
  });

  it("passes its provider to all Docker objects", async () => {
    const { recording } = await usual;
    const made = recording.resources.filter(({ type }) => type.startsWith("docker:"));
    assert.equal(made.length, 7);
    for (const { name, provider } of made) assert.equal(provider, "some-docker", name);
  });

  it("labels the network and the volumes, and keeps the data when the labels change", async () => {
    const { recording } = await usual;
    assert.deepEqual(recording.get("lab-network").inputs, { name: "wordpress", labels: dockerLabels });
    for (const [name, volume] of [
      ["lab-mysql-data", "course-labs-mysql"],
      ["lab-wordpress-data", "course-labs-wordpress"],
    ] as const) {
      assert.deepEqual(recording.get(name).inputs, { name: volume, labels: dockerLabels });
      assert.deepEqual(recording.get(name).ignoreChanges, ["labels"]);
    }
  });

  it("keeps the pulled images on destroy", async () => {
    const { recording } = await usual;
    assert.deepEqual(recording.get("lab-mysql-image").inputs, { name: "mysql:9.7.2", keepLocally: true });
    assert.deepEqual(recording.get("lab-wordpress-image").inputs, {
      name: "wordpress:7.1.0-php8.3-apache",
      keepLocally: true,
    });
  });

  it("generates two long passwords only once", async () => {
    const { recording } = await usual;
    for (const name of ["lab-password", "lab-root-password"]) {
      assert.deepEqual(recording.get(name).inputs, { length: 24, special: false }, name);
      assert.deepEqual(recording.get(name).ignoreChanges, ["length", "special"], name);
    }
  });

  it("runs MySQL on the network only, and waits until its user can connect over TCP", async () => {
    const { recording } = await usual;
    assert.deepEqual(without(recording.get("lab-mysql").inputs, "envs"), {
      name: "mysql",
      image: "sha256:pulled-mysql:9.7.2",
      command: ["--innodb-buffer-pool-size=64M", "--performance-schema=OFF"],
      networksAdvanced: [{ name: "wordpress", aliases: ["mysql"] }],
      volumes: [{ volumeName: "course-labs-mysql", containerPath: "/var/lib/mysql" }],
      healthcheck: {
        tests: [
          "CMD-SHELL",
          'mysql --host=127.0.0.1 --user="$MYSQL_USER" --password="$MYSQL_PASSWORD" --execute="SELECT 1" "$MYSQL_DATABASE"',
        ],
        ...timing,
      },
      wait: true,
      waitTimeout: 180,
      destroyGraceSeconds: 30,
      restart: "unless-stopped",
      labels: dockerLabels,
    });
  });

  it("gives MySQL a user of the application's own, and root another password", async () => {
    const { recording } = await usual;
    assert.deepEqual(envs(recording, "lab-mysql"), {
      MYSQL_DATABASE: "wordpress",
      MYSQL_USER: "wordpress",
      MYSQL_PASSWORD: "secret-of-lab-password",
      MYSQL_ROOT_PASSWORD: "secret-of-lab-root-password",
    });
  });

  it("runs WordPress on this machine's port, and waits until its login page works", async () => {
    const { recording } = await usual;
    assert.deepEqual(without(recording.get("lab-wordpress").inputs, "envs"), {
      name: "wordpress",
      image: "sha256:pulled-wordpress:7.1.0-php8.3-apache",
      ports: [{ internal: 80, external: 30000, ip: "127.0.0.1" }],
      networksAdvanced: [{ name: "wordpress", aliases: ["wordpress"] }],
      volumes: [{ volumeName: "course-labs-wordpress", containerPath: "/var/www/html" }],
      healthcheck: { tests: ["CMD-SHELL", "curl -fsS -o /dev/null http://localhost/wp-login.php"], ...timing },
      wait: true,
      waitTimeout: 180,
      restart: "unless-stopped",
      labels: dockerLabels,
    });
  });

  it("points WordPress at MySQL with the same user, password and database", async () => {
    const { recording } = await usual;
    const database = envs(recording, "lab-mysql");
    assert.deepEqual(without(envs(recording, "lab-wordpress"), "WORDPRESS_CONFIG_EXTRA", "SITE_HOSTS"), {
      WORDPRESS_DB_HOST: "mysql",
      WORDPRESS_DB_NAME: database.MYSQL_DATABASE,
      WORDPRESS_DB_USER: database.MYSQL_USER,
      WORDPRESS_DB_PASSWORD: database.MYSQL_PASSWORD,
    });
  });

  it("keeps the environments secret, and the passwords out of everything else", async () => {
    const { recording } = await usual;
    for (const { name, inputs, secrets } of recording.resources) {
      assert.deepEqual(secrets, inputs.envs ? ["envs"] : [], name);
      assert.doesNotMatch(JSON.stringify(without(inputs, "envs")), /secret-of/, name);
    }
  });

  it("starts WordPress after MySQL, and never has two of either", async () => {
    const { recording } = await usual;
    assert.ok(recording.get("lab-wordpress").dependencies.includes("lab-mysql"));
    assert.equal(recording.get("lab-mysql").deleteBeforeReplace, true);
    assert.equal(recording.get("lab-wordpress").deleteBeforeReplace, true);
  });

  it("outputs the address of WordPress", async () => {
    const { result } = await usual;
    assert.deepEqual(await promiseOf(result.outputs), { url: "http://localhost:30000" });
    // An address that is printed works.
    assert.ok((await waitsFor(result.outputs)).includes("lab-wordpress"));
  });

  for (const { bindAddress, port, url, hosts } of [
    { bindAddress: "127.0.0.1", port: 30000, url: "http://localhost:30000", hosts: "localhost:30000,127.0.0.1:30000" },
    { bindAddress: "0.0.0.0", port: 8080, url: "http://localhost:8080", hosts: "localhost:8080,127.0.0.1:8080" },
    { bindAddress: "127.0.0.1", port: 80, url: "http://localhost", hosts: "localhost,127.0.0.1" },
    {
      bindAddress: "192.168.0.7",
      port: 8080,
      url: "http://192.168.0.7:8080",
      hosts: "localhost:8080,127.0.0.1:8080,192.168.0.7:8080",
    },
  ]) {
    it(`is at ${url} when it is published on ${bindAddress}:${port}`, async () => {
      const { recording, result } = await run({ bindAddress, port });
      assert.deepEqual(recording.get("lab-wordpress").inputs.ports, [
        { internal: 80, external: port, ip: bindAddress },
      ]);
      assert.equal(envs(recording, "lab-wordpress").SITE_HOSTS, hosts);
      assert.deepEqual(await promiseOf(result.outputs), { url });
    });
  }

  it("can be deployed twice", async () => {
    const { recording } = await record(() => {
      const owner = new LabOwner("owner");
      const opts = { provider: new docker.Provider("some-docker") };
      new ComposeWordPress("one", { owner }, opts);
      new ComposeWordPress(
        "two",
        {
          owner,
          networkName: "two",
          mysqlName: "mysql-two",
          mysqlVolume: "mysql-two",
          wordpressName: "wordpress-two",
          wordpressVolume: "wordpress-two",
          port: 30001,
        },
        opts,
      );
    });
    assert.deepEqual(sharedNames(recording, "one", "two"), []);
    assert.deepEqual(recording.get("two-mysql").inputs.networksAdvanced, [{ name: "two", aliases: ["mysql"] }]);
    assert.deepEqual(recording.get("two-mysql").inputs.volumes, [
      { volumeName: "mysql-two", containerPath: "/var/lib/mysql" },
    ]);
  });
});
