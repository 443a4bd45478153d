import assert from "node:assert/strict";
import { Choice, Target, targetOf } from "../../tools/checks/target";
import { LabName, labNames, parseSettings } from "../../config";
import { Outputs } from "../../outputs";

const outputs: Outputs = {
  labs: [...labNames],
  redis: { host: "redis.host", port: 1111, image: "redis:out", container: "redis-out" },
  registry: { image: "debian:out", container: "debian-out" },
  compose: { url: "http://compose.out" },
  kubernetes: { namespace: "out", ip: "10.0.0.1", port: 30333, url: "http://kubernetes.out" },
};
const settings = (more: Record<string, unknown> = {}) => parseSettings({ prefix: "kim-", ...more });
const provisioned = (more: Partial<Outputs> = {}, choice?: Choice, set = settings()) =>
  targetOf(set, { ...outputs, ...more }, choice);
const byHand = (choice?: Choice, set = settings()) => targetOf(set, undefined, choice);

describe("the target of checks", () => {
  it("follows from the outputs and the settings", () => {
    const { redis, registry, compose, kubernetes, byHand } = provisioned();
    assert.equal(byHand, false);
    const run = "npm run up";
    assert.deepEqual(redis, {
      ...{ ...outputs.redis, baseImage: "ubuntu:24.04", dockerfile: "docker/redis/Dockerfile" },
      ...{ bindAddress: "127.0.0.1", build: "npm run up", make: run, buildArgs: { BASE_IMAGE: "ubuntu:24.04" } },
    });
    const { get, ...ofRegistry } = registry;
    assert.deepEqual(ofRegistry, {
      ...{ ...outputs.registry, committed: "mine:1", cleanedUp: false },
      others: ["redis:out", "mysql:9.7.2", "wordpress:7.1.0-php8.3-apache", "ubuntu:24.04"],
      make: "npm run up",
    });
    assert.equal(get("mysql:9.7.2"), "npm run up");
    assert.deepEqual(compose, {
      ...{ url: "http://compose.out", port: 30000, bindAddress: "127.0.0.1" },
      ...{ mysqlImage: "mysql:9.7.2", wordpressImage: "wordpress:7.1.0-php8.3-apache" },
      containers: { mysql: "kim-mysql", wordpress: "kim-wordpress" },
      make: "npm run up",
      anew: "npm run destroy -- --labs compose; npm run up",
    });
    const { namespace, node, nodePort, url, patience } = kubernetes;
    assert.deepEqual(
      { namespace, node, nodePort, url, patience },
      {
        ...{ namespace: "out", node: "course-labs", nodePort: 30333, url: "http://kubernetes.out", patience: 120_000 },
      },
    );
    assert.deepEqual(
      [kubernetes.byHand, kubernetes.make, kubernetes.begin, kubernetes.start],
      [false, "npm run up", "npm run up", "npm run up"],
    );
    assert.equal(kubernetes.anew, "npm run destroy -- --labs kubernetes; npm run up");
  });

  it("by hand follows from the settings, with the commands of the course", () => {
    const { redis, registry, compose, kubernetes, byHand: hand, labs } = byHand();
    assert.equal(hand, true);
    assert.deepEqual(labs, [...labNames]);
    const run = "docker run --detach --name kim-redis --publish 127.0.0.1:6379:6379 kim-redis:v1.0";
    const build = "docker build --tag kim-redis:v1.0 docker/redis";
    const { host, port, image, container, make } = redis;
    assert.deepEqual([host, port, image, container], ["localhost", 6379, "kim-redis:v1.0", "kim-redis"]);
    assert.deepEqual([make, redis.build], [run, `${build}; ${run}`]);
    assert.deepEqual(redis.buildArgs, {}, "docker build as it is typed takes the Dockerfile's own base");
    assert.deepEqual([registry.image, registry.container], ["debian:12", "kim-debian"]);
    assert.equal(registry.make, "docker run --detach --name kim-debian debian:12 sleep infinity");
    assert.deepEqual(registry.others, ["kim-redis:v1.0", "mysql:9.7.2", "wordpress:7.1.0-php8.3-apache"]);
    assert.equal(registry.get("kim-redis:v1.0"), build);
    assert.equal(registry.get("mysql:9.7.2"), "docker pull mysql:9.7.2");
    const up = "docker compose --file docker/compose/compose.yaml up --detach --wait";
    assert.deepEqual(
      [compose.url, compose.containers, compose.make, compose.anew],
      [
        "http://localhost:30000",
        { project: "kim-wordpress" },
        up,
        `docker compose --file docker/compose/compose.yaml down --volumes; ${up}`,
      ],
    );
    const { namespace, nodePort, url, anew } = kubernetes;
    assert.deepEqual([namespace, nodePort, url, kubernetes.byHand], ["wordpress", 30080, undefined, true]);
    assert.equal(kubernetes.make, "kubectl --context course-labs apply --filename docker/kubernetes/wordpress-k8s.yml");
    assert.equal(anew, "kubectl --context course-labs delete namespace wordpress");
    for (const text of Object.values(kubernetes.begin)) {
      assert.match(text as string, /docker\/kubernetes\/wordpress-k8s\.yml.*--context course-labs/);
    }
  });

  const choices: [what: string, target: () => Target, labs: LabName[]][] = [
    ["all that are on", () => provisioned(), [...labNames]],
    ["those that were provisioned", () => provisioned({ labs: ["compose"] }), ["compose"]],
    [
      "those that were asked for, in the course's order",
      () => provisioned({}, { labs: ["compose", "redis"] }),
      ["redis", "compose"],
    ],
    ["by hand, those that are on", () => byHand({}, settings({ labs: "registry" })), ["registry"]],
    ["by hand, those that were asked for", () => byHand({ labs: ["kubernetes"] }), ["kubernetes"]],
  ];
  for (const [what, target, labs] of choices) {
    it(`is in the labs: ${what}`, () => assert.deepEqual(target().labs, labs));
  }

  it("is provisioned again with the same labs, and no others", () => {
    assert.equal(provisioned({ labs: ["redis", "compose"] }).compose.make, "npm run up -- --labs redis,compose");
    assert.equal(provisioned({ labs: ["redis"] }, {}, settings({ labs: "redis" })).redis.build, "npm run up");
    assert.equal(targetOf(settings(), {}).redis.build, "npm run up");
  });

  const others: [labs: LabName[], others: string[]][] = [
    [
      ["redis", "registry"],
      ["redis:out", "ubuntu:24.04"],
    ],
    [
      ["registry", "compose"],
      ["mysql:9.7.2", "wordpress:7.1.0-php8.3-apache"],
    ],
    [["registry"], []],
  ];
  for (const [labs, images] of others) {
    it(`leaves the images alone that ${labs.join(" and ")} need`, () =>
      assert.deepEqual(provisioned({}, { labs }).registry.others, images));
  }

  it("is the student's own image, and its clean-up, where they say so", () => {
    const { committed, cleanedUp } = provisioned({}, { committed: "kim:2", cleanedUp: true }).registry;
    assert.deepEqual([committed, cleanedUp], ["kim:2", true]);
  });

  it("is at the address that the ports are published on", () => {
    const set = settings({ bindAddress: "192.168.0.7", composePort: 80, redisPort: 16379 });
    const { redis, compose } = byHand({}, set);
    assert.deepEqual([redis.host, redis.port, redis.bindAddress], ["192.168.0.7", 16379, "192.168.0.7"]);
    assert.match(redis.make, /--publish 192\.168\.0\.7:16379:6379 /);
    assert.deepEqual([compose.url, compose.port, compose.bindAddress], ["http://192.168.0.7", 80, "192.168.0.7"]);
  });

  const starts: [context: string, start: RegExp][] = [
    ["course-labs", /^npm run up$/],
    ["minikube", /^minikube start --profile minikube$/],
    ["kind-kind", /kind-kind.*course-labs:kubeContext/],
  ];
  for (const [kubeContext, start] of starts) {
    it(`has a way to start the cluster of context ${kubeContext}`, () => {
      const told = provisioned({}, {}, settings({ kubeContext })).kubernetes.start;
      for (const text of typeof told === "string" ? [told] : [told.en, told.ko]) assert.match(text, start);
    });
  }
});
