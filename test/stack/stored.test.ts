import assert from "node:assert/strict";
import { clusterProblems } from "../../tools/cluster/cluster-problems";
import { standsAsWanted } from "../../tools/cluster/in-state";
import { losses } from "../../tools/stack/data-loss";
import { explain } from "../../tools/stack/explain";
import { asDeletion } from "../../tools/stack/session";
import { State, StateResource } from "../../tools/stack/stack";
import { claimProblems, refusedBy, versionProblems } from "../../tools/stack/stored";
import { parseSettings } from "../../config";

const urn = (type: string, name: string) => `urn:pulumi:dev::course-labs::${type}::${name}`;
const resource = (type: string, name: string, more: Partial<StateResource>): StateResource => ({
  type,
  urn: urn(type, name),
  ...more,
});
const claim = (workload: string, storage: string) =>
  resource("kubernetes:core/v1:PersistentVolumeClaim", `kubernetes-${workload}-data`, {
    id: `wordpress/${workload}-data`,
    inputs: { spec: { resources: { requests: { storage } } } },
    outputs: { spec: { storageClassName: "standard", resources: { requests: { storage } } } },
  });
const state = (...resources: StateResource[]): State => ({ resources });

describe("versions of MySQL", () => {
  const ways: [from: string, to: string, refused: ReturnType<typeof refusedBy>][] = [
    ["mysql:8.0.36", "mysql:8.0.40", undefined],
    ["mysql:8.0.40", "mysql:8.0.36", "no way back"],
    ["mysql:8.4.5", "mysql:8.4.3", undefined],
    ["mysql:8.4.5", "mysql:8.0.40", "no way back"],
    ["mysql:9.7.2", "mysql:8.4.5", "no way back"],
    ["mysql:9.2.0", "mysql:9.1.0", "no way back"],
    ["mysql:5.7", "mysql:8.0.40", undefined],
    ["mysql:5.7", "mysql:8.4.5", { by: "8.0" }],
    ["mysql:5.6.51", "mysql:8.0.40", { by: "5.7" }],
    ["mysql:8.0.40", "mysql:8.4.5", undefined],
    ["mysql:8.0.40", "mysql:9.7.2", { by: "8.4" }],
    ["mysql:8.3.0", "mysql:9.1.0", { by: "8.4" }],
    ["mysql:8.4.5", "mysql:9.1.0", undefined],
    ["mysql:8.4.5", "mysql:9.7.2", undefined],
    ["mysql:9.1.0", "mysql:9.7.2", undefined],
    ["mysql:9.7.2", "mysql:10.1.0", undefined],
    ["mysql:latest", "mysql:9.7.2", undefined],
    ["registry:5000/mysql:8.0.40-debian", `mysql:9.7.2@sha256:${"a".repeat(64)}`, { by: "8.4" }],
  ];
  for (const [from, to, refused] of ways) {
    it(`${from} to ${to.slice(0, 20)}: ${JSON.stringify(refused) ?? "taken"}`, () => {
      assert.deepEqual(refusedBy(from, to), refused);
    });
  }

  it("that cannot read the data of a lab are reported in advance", () => {
    const compose = resource("docker:index/remoteImage:RemoteImage", "compose-mysql-image", {
      inputs: { name: "mysql:9.7.2" },
    });
    const cluster = resource("kubernetes:apps/v1:Deployment", "kubernetes-mysql", {
      inputs: {
        metadata: { name: "mysql" },
        spec: { template: { spec: { containers: [{ image: "mysql:5.7.44" }] } } },
      },
    });
    const told = (mysqlImage: string, labs: ("compose" | "kubernetes")[] = ["compose", "kubernetes"]) =>
      versionProblems(parseSettings({ mysqlImage, labs }), state(compose, cluster)).map(({ en }) => en);
    assert.deepEqual(told("mysql:9.7.2", ["compose"]), []);
    const [back, by] = told("mysql:8.4.5");
    assert.match(
      back!,
      /compose lab was written by mysql:9\.7\.2, and MySQL does not support downgrades.*\(course-labs:mysqlImage: mysql:9\.7\.2\).*deletes posts/,
    );
    assert.match(
      by!,
      /kubernetes lab was written by mysql:5\.7\.44, .* upgraded to 8\.0 first\. Set course-labs:mysqlImage: mysql:8\.0 /,
    );
    assert.deepEqual(versionProblems(parseSettings({ mysqlImage: "mysql:5.6.1" }), state()), []);
  });
});

describe("sizes of PersistentVolumeClaims", () => {
  const of = (mysqlStorage: string) => parseSettings({ mysqlStorage });
  const here = state(claim("mysql", "1Gi"), claim("wordpress", "1Gi"));
  const standard = (allowVolumeExpansion?: boolean) => [
    { metadata: { name: "standard" }, provisioner: "k8s.io/minikube-hostpath", allowVolumeExpansion },
  ];
  const told = (size: string, grows?: boolean) => claimProblems(of(size), here, standard(grows)).map(({ en }) => en);

  it("that Kubernetes does not support are reported in advance", () => {
    assert.deepEqual(told("1Gi"), []);
    assert.deepEqual(told("1024Mi"), []);
    assert.match(told("0.5Gi", true).join(), /mysqlStorage is "0\.5Gi", .* cannot shrink it/);
    assert.match(
      told("512Mi", true).join(),
      /mysqlStorage is "512Mi", but the PersistentVolumeClaim mysql-data has 1Gi, and Kubernetes cannot shrink it/,
    );
    assert.match(
      told("2Gi").join(),
      /storage class standard does not support expansion\. Restore the previous value \(course-labs:mysqlStorage: 1Gi\)/,
    );
    assert.deepEqual(told("2Gi", true), []);
    assert.equal(clusterProblems({ storageClasses: standard() }, of("2Gi"), here).length, 1);
  });

  it("are checked even if everything else matches the settings", () => {
    const made = (type: string, name: string, inputs: Record<string, unknown> = {}) =>
      resource(`kubernetes:${type}`, name, { id: `wordpress/${name}`, inputs });
    const all = state(
      resource("pulumi:providers:kubernetes", "kubernetes", { inputs: { context: "course-labs" } }),
      made("core/v1:Service", "wordpress", { spec: { ports: [{ nodePort: 30080 }] } }),
      resource("kubernetes:core/v1:Namespace", "wordpress", { id: "wordpress" }),
      made("core/v1:Secret", "mysql"),
      made("core/v1:Service", "mysql"),
      made("networking.k8s.io/v1:NetworkPolicy", "mysql-ingress"),
      made("apps/v1:Deployment", "mysql"),
      made("apps/v1:Deployment", "wordpress"),
      ...here.resources,
    );
    assert.equal(standsAsWanted(all, of("1Gi")), true);
    assert.equal(standsAsWanted(all, of("2Gi")), false);
  });
});

describe("the name of lost data", () => {
  const lost = (one: StateResource) => losses([asDeletion(one)])[0]?.en.split(":")[0];
  const cases: [type: string, name: string, more: Partial<StateResource>, called: string][] = [
    [
      "docker:index/volume:Volume",
      "compose-mysql-data",
      { id: "my-mysql", outputs: { name: "my-mysql" } },
      "volume my-mysql",
    ],
    [
      "kubernetes:core/v1:PersistentVolumeClaim",
      "kubernetes-mysql-data",
      { id: "wordpress/mysql-data" },
      "PersistentVolumeClaim wordpress/mysql-data",
    ],
    ["kubernetes:core/v1:Namespace", "kubernetes-namespace", { id: "wordpress" }, "namespace wordpress"],
    [
      "course:labs:RegistryLab$docker:index/container:Container",
      "registry-container",
      { id: "0a1b", inputs: { name: "kim-debian" } },
      "container kim-debian",
    ],
  ];
  for (const [type, name, more, called] of cases) {
    it(called, () => {
      const plain = type.split("$").pop()!;
      assert.equal(lost({ type: plain, urn: urn(type, name), ...more }), called);
      // Where nothing is known of it but what Pulumi calls it.
      assert.match(lost({ type: plain, urn: urn(type, name) }) ?? "", new RegExp(`${name}$`));
    });
  }
});

describe("an operation refused by Docker or the cluster", () => {
  const cases: [said: string, means: RegExp][] = [
    ["could not find an available, non-overlapping IPv4 address pool among the defaults", /docker network prune/],
    ["all predefined address pools have been fully subnetted", /no free addresses for another network/],
    ["mkdir /var/lib/docker/volumes/x: no space left on device", /The disk is full\..*docker builder prune/],
  ];
  for (const [said, means] of cases) {
    it(said.slice(0, 70), () => {
      const { text } = explain([said], new Error("code: 255"));
      assert.match(text.en.split("\n\nPulumi's message:")[0] ?? "", means);
      assert.ok(!text.en.startsWith("Pulumi failed") && text.ko.includes(said));
    });
  }
});
