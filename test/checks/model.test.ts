import assert from "node:assert/strict";
import { marksOf, sceneOf } from "../../tools/checks/report/model";
import { Facts } from "../../tools/checks/labs";
import { container, healthy, target } from "./fakes";
import { clusterWith, healthy as healthyCluster, pod } from "./kubernetes-fakes";

/** All that was looked at, with a cluster where there is to be one. */
const facts = (docker = healthy(), seen?: NonNullable<Facts["kubernetes"]>["seen"]): Facts => ({
  docker,
  ...(seen && { kubernetes: { seen, cluster: clusterWith(healthyCluster()) } }),
});

describe("what a report shows about Docker", () => {
  it("is each lab's containers in the order of the course, and what they are about", () => {
    const { containers, cluster } = sceneOf(target, facts());
    assert.equal(cluster, undefined);
    assert.deepEqual(
      containers.map(({ name }) => name),
      ["redis", "debian", "mysql", "wordpress"],
    );
    assert.deepEqual(containers[3], {
      ...{ name: "wordpress", image: "wordpress:7.1.0-php8.3-apache", status: "running", running: true },
      ...{ ports: ["127.0.0.1:30000 → 80/tcp"], network: "wordpress", addresses: ["172.18.0.3"] },
      stores: [{ name: "course-labs-wordpress", path: "/var/www/html" }],
    });
  });

  it("is nothing about labs that were not checked or do not exist", () => {
    const names = (labs: typeof target.labs) =>
      sceneOf({ ...target, labs }, facts()).containers.map(({ name }) => name);
    assert.deepEqual(names(["redis"]), ["redis"]);
    assert.deepEqual(names(["registry"]), ["debian"]);
    assert.deepEqual(names(["compose"]), ["mysql", "wordpress"]);
    const docker = healthy();
    docker.containers = docker.containers.filter(({ name }) => name !== "mysql");
    assert.deepEqual(
      sceneOf(target, facts(docker)).containers.map(({ name }) => name),
      ["redis", "debian", "wordpress"],
    );
    assert.deepEqual(sceneOf(target, {}), { containers: [] });
  });

  it("is a container as it is: unhealthy, stopped, without a network, of an unnamed image, with bind mounts", () => {
    const docker = healthy();
    docker.containers = [
      container("redis", "gone", {
        ...{ image: `sha256:${"0123456789abcdef".repeat(4)}`, status: "running", health: "unhealthy" },
        networks: [{ name: "none", address: "", aliases: [] }],
        mounts: [
          { type: "bind", name: "/srv", path: "/srv", writable: true },
          { type: "volume", name: "v".repeat(64), path: "/data", writable: true },
        ],
      }),
      container("debian", "debian:12", { status: "exited", running: false, networks: [] }),
    ];
    const [redis, debian] = sceneOf(target, facts(docker)).containers;
    assert.deepEqual(
      [redis?.image, redis?.status, redis?.network, redis?.addresses],
      ["0123456789ab", "running, unhealthy", "none", []],
    );
    assert.deepEqual(redis?.stores, [{ name: "v".repeat(40), path: "/data" }]);
    assert.deepEqual([debian?.status, debian?.running, debian?.network], ["exited", false, "-"]);
  });
});

describe("what a report shows about a cluster", () => {
  const seen = () => {
    const all = healthyCluster();
    const site = all.pods[1]!;
    site.spec!.containers[0]!.image = "wordpress:7";
    site.spec!.containers[0]!.env = [
      { name: "SITE_HOSTS", value: "a" },
      { name: "WORDPRESS_DB_HOST", value: "mysql" },
    ];
    site.status!.podIP = "10.244.0.5";
    all.claims[1]!.status!.capacity = { storage: "1Gi" };
    return all;
  };

  it("is its location, and the path from each Service to the claim", () => {
    const { cluster } = sceneOf(target, facts(healthy(), { facts: seen() }));
    assert.deepEqual([cluster?.context, cluster?.namespace], ["course-labs", "wordpress"]);
    const [database, site] = cluster!.workloads;
    assert.deepEqual(site, {
      ...{ service: "wordpress · NodePort 30080 → 80", deployment: "wordpress", replicaSet: "wordpress-7d9c8b" },
      pods: [
        ...[{ name: "wordpress-7d9c8b-1", ready: true, reached: true, image: "wordpress:7", address: "10.244.0.5" }],
      ],
      ...{ database: "mysql", claims: ["wordpress-data · Bound 1Gi"] },
    });
    assert.deepEqual(
      [database?.service, database?.claims, database?.database],
      ["mysql · ClusterIP 3306", ["mysql-data · Bound "], undefined],
    );
    assert.deepEqual([database?.pods[0]?.address, database?.pods[0]?.image], ["-", ""]);
  });

  it("includes a pod without a Service, and one that is not ready", () => {
    const all = seen();
    all.pods.push(pod("wordpress", "2", { conditions: [{ type: "Ready", status: "False" }] }));
    const [, site] = sceneOf(target, facts(healthy(), { facts: all })).cluster!.workloads;
    assert.deepEqual(
      site?.pods.map(({ ready, reached }) => [ready, reached]),
      [
        [true, true],
        [false, false],
      ],
    );
  });

  it("is nothing from another namespace, and nothing if there is nothing", () => {
    const all = seen();
    for (const { metadata } of all.services) metadata!.namespace = "other";
    Object.assign(all, { pods: [], replicaSets: [], deployments: [] });
    const [, site] = sceneOf(target, facts(healthy(), { facts: all })).cluster!.workloads;
    assert.deepEqual(site, {
      ...{ service: undefined, deployment: undefined, replicaSet: undefined, pods: [] },
      ...{ database: undefined, claims: [] },
    });
  });
});

describe("what identifies two reports of the same machine", () => {
  it("is each container and each pod, and not in plain text", () => {
    const cluster = { facts: healthyCluster() };
    const marks = marksOf(target, facts(healthy(), cluster));
    assert.equal(new Set(marks).size, 6);
    for (const mark of marks) assert.match(mark, /^[0-9a-f]{16}$/);
    assert.deepEqual(marksOf(target, facts()), marks.slice(0, 4));
    const docker = healthy();
    docker.containers[0]!.id = "another";
    const others = marksOf(target, facts(docker, cluster));
    assert.deepEqual([others[0] === marks[0], others.slice(1)], [false, marks.slice(1)]);
  });
});
