import assert from "node:assert/strict";
import { problemsOf } from "../../tools/checks/doctor";
import { insideMinikube } from "../../tools/causes/inside-minikube";
import { Ask } from "../../tools/checks/doctor/docker";
import { sizeProblems } from "../../tools/checks/doctor/size";
import { DockerFacts } from "../../tools/checks/facts/docker";
import { Result } from "../../tools/checks/check";
import { Cause } from "../../tools/causes/problem";
import { targetOf } from "../../tools/checks/target";
import { parseSettings } from "../../config";
import { healthy, result, target } from "./fakes";

const ask: Ask = {
  logs: () => Promise.resolve("first\n\nlast words\n"),
  holder: () => Promise.resolve(undefined),
  pullProblem: () => Promise.resolve("manifest unknown"),
};
async function found(change: (docker: DockerFacts) => void, results: Result[] = []) {
  const docker = healthy();
  change(docker);
  return problemsOf(target, { docker }, results, ask);
}
const named = ({ containers }: DockerFacts, name: string) => containers.find((one) => one.name === name)!;

describe("doctor", () => {
  it("finds nothing where nothing is wrong", async () => {
    assert.deepEqual(await found(() => {}), []);
  });

  const cases: [name: string, cause: string, says: RegExp, change: (docker: DockerFacts) => void][] = [
    [
      "a crash loop",
      "crash loop",
      /starts and ends again \(restarts: 4, exit code 3\)/,
      (docker) => Object.assign(named(docker, "redis"), { status: "restarting", restarts: 4, exitCode: 3 }),
    ],
    [
      "a crash loop, met while it runs",
      "crash loop",
      /starts and ends again \(restarts: 1\)/,
      (docker) => Object.assign(named(docker, "redis"), { restarts: 1, startedAt: new Date().toISOString() }),
    ],
    [
      "exit code 137, out of memory",
      "out of memory",
      /was killed \(exit code 137\)/,
      (docker) =>
        Object.assign(named(docker, "mysql"), { status: "exited", running: false, exitCode: 137, outOfMemory: true }),
    ],
    [
      "exit code 137, killed",
      "killed",
      /was killed \(exit code 137\)/,
      (docker) => Object.assign(named(docker, "mysql"), { status: "exited", running: false, exitCode: 137 }),
    ],
    [
      "a taken port",
      "port taken",
      /could not start/,
      (docker) =>
        Object.assign(named(docker, "redis"), {
          status: "created",
          running: false,
          error:
            "driver failed programming external connectivity on endpoint redis: Error starting userland proxy: listen tcp4 127.0.0.1:6379: bind: address already in use",
        }),
    ],
    [
      "an image that cannot be pulled",
      "image cannot be pulled",
      /mysql:9\.7\.2 is not here and cannot be pulled/,
      (docker) => {
        docker.images = docker.images.filter(({ names }) => names[0] !== "mysql:9.7.2");
        docker.containers = docker.containers.filter(({ name }) => name !== "mysql");
      },
    ],
    [
      "a stopped container",
      "stopped",
      /is not running \(exited, exit code 0\)/,
      (docker) => Object.assign(named(docker, "debian"), { status: "exited", running: false }),
    ],
  ];
  for (const [name, cause, says, change] of cases) {
    it(name, async () => {
      const [first, ...more] = await found(change);
      assert.deepEqual(more, []);
      assert.equal(first?.cause, cause);
      assert.match(first?.what.en ?? "", says);
      assert.ok(first?.next?.en);
    });
  }

  it("says how to find out who has the port", async () => {
    const [first] = await found((docker) =>
      Object.assign(named(docker, "redis"), {
        status: "created",
        running: false,
        error: "listen tcp4 127.0.0.1:6379: bind: address already in use",
      }),
    );
    assert.match(first?.why?.en ?? "", /^Port 6379 is taken by another program\. To see which: .*6379/);
  });

  it("knows a port that Windows keeps for itself from one that somebody has", async () => {
    const [first, ...more] = await found((docker) =>
      Object.assign(named(docker, "redis"), {
        status: "created",
        running: false,
        exitCode: 128,
        error:
          "Ports are not available: exposing port TCP 127.0.0.1:6379 -> 127.0.0.1:0: listen tcp 127.0.0.1:6379: bind: An attempt was made to access a socket in a way forbidden by its access permissions.",
      }),
    );
    assert.deepEqual(more, []);
    assert.match(first?.why?.en ?? "", /^Windows reserves port 6379; netsh int ipv4 show excludedportrange tcp/);
    assert.match(
      first?.next?.en ?? "",
      /course-labs:redisPort\), then: docker rm --force redis; npm run up -- --labs redis,registry,compose$/,
    );
  });

  it("calls a container of a compose project by its own name, and uses the file that is there", async () => {
    const byHand = targetOf(parseSettings({}), undefined, { labs: ["compose"] });
    const docker = healthy();
    for (const service of ["mysql", "wordpress"]) {
      const labels = { "com.docker.compose.project": "wordpress", "com.docker.compose.service": service };
      Object.assign(named(docker, service), { name: `wordpress-${service}-1`, labels });
    }
    Object.assign(named(docker, "wordpress-mysql-1"), { status: "exited", running: false });
    const [first, ...more] = await problemsOf(byHand, { docker }, [], ask);
    assert.deepEqual(more, []);
    assert.equal(first?.next?.en, "docker start wordpress-mysql-1");
    docker.containers = docker.containers.filter(({ name }) => name !== "wordpress-mysql-1");
    const [gone] = await problemsOf(byHand, { docker }, [], ask);
    assert.equal(gone?.what.en, "There is no container wordpress-mysql-1.");
    assert.equal(gone?.next?.en, "docker compose --file docker/compose/compose.yaml up --detach --wait");
  });

  it("shows what Docker said of a container that it could not start", async () => {
    const [first] = await found((docker) =>
      Object.assign(named(docker, "redis"), {
        status: "created",
        running: false,
        exitCode: 127,
        error: 'exec: "redis-servr": executable file not found in $PATH',
      }),
    );
    assert.deepEqual(first?.evidence, [
      'exec: "redis-servr": executable file not found in $PATH',
      "first",
      "last words",
    ]);
    assert.equal(first?.what.en, "Container redis could not start.");
  });

  const why = { en: "why", ko: "왜" };
  const failed = (id: string, cause: Cause): Result => result(id, { status: "failed", cause, why, next: why });

  it("calls what only a check saw by the name that people search for", async () => {
    const results = [
      failed("compose.database", "wrong password"),
      failed("compose.page", "stale address"),
      failed("kubernetes.services", "no endpoints"),
    ];
    assert.deepEqual(
      (await found(() => {}, results)).map(({ cause }) => cause),
      ["wrong password", "stale address", "no endpoints"],
    );
  });

  it("says once what a stopped container makes fail, and leaves out that it is not healthy where the reason is known", async () => {
    const stopped = await found(
      (docker) => Object.assign(named(docker, "redis"), { status: "exited", running: false }),
      [failed("redis.container", "stopped")],
    );
    assert.deepEqual(
      stopped.map(({ cause }) => cause),
      ["stopped"],
    );
    const ill = await found(
      (docker) => (named(docker, "wordpress").health = "unhealthy"),
      [failed("compose.database", "wrong password")],
    );
    assert.deepEqual(
      ill.map(({ cause }) => cause),
      ["wrong password"],
    );
  });

  it("tells a terminal that uses the Docker of minikube's node", () => {
    assert.deepEqual(insideMinikube({}), []);
    const [first] = insideMinikube({ MINIKUBE_ACTIVE_DOCKERD: "course-labs", DOCKER_HOST: "tcp://192.168.49.2:2376" });
    assert.match(first?.what.en ?? "", /the Docker inside minikube's node course-labs/);
    assert.match(first?.next?.en ?? "", /^eval \$\(minikube docker-env --unset\)/);
  });

  it("asks for more room only where there is too little", () => {
    const gib = 2 ** 30;
    const labs = { labs: ["kubernetes" as const] };
    assert.deepEqual(sizeProblems({ disk: 20 * gib, memory: 8 * gib }, labs, false), []);
    assert.deepEqual(
      sizeProblems({ disk: 2 * gib, memory: 2 * gib }, labs, false).map(({ cause }) => cause),
      ["disk full", "too little memory"],
    );
    assert.deepEqual(sizeProblems({ disk: 2 * gib, memory: 8 * gib }, labs, true), []);
  });
});
