import assert from "node:assert/strict";
import type { V1ContainerStatus } from "@kubernetes/client-node";
import { problemsOf } from "../../tools/checks/doctor";
import { insideMinikube } from "../../tools/causes/inside-minikube";
import { Ask } from "../../tools/checks/doctor/docker";
import { sizeProblems } from "../../tools/checks/doctor/machine";
import { DockerFacts } from "../../tools/checks/facts/docker";
import { Result, runChecks } from "../../tools/checks/check";
import { checksOf } from "../../tools/checks/labs";
import { Cause } from "../../tools/causes/problem";
import { targetOf } from "../../tools/checks/target";
import { parseSettings } from "../../config";
import { answering, healthy, result, target } from "./fakes";
import { clusterWith, healthy as cluster } from "./kubernetes-fakes";

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
  it("reports nothing if nothing is wrong", async () => {
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
      "a container that was stopped after it had been restarted often",
      "stopped",
      /is not running \(exited, exit code 0\)/,
      (docker) => Object.assign(named(docker, "redis"), { status: "exited", running: false, restarts: 5 }),
    ],
    [
      "a container that Docker no longer restarts",
      "crash loop",
      /starts and ends again \(restarts: 3, exit code 1\)/,
      (docker) => Object.assign(named(docker, "redis"), { status: "exited", running: false, restarts: 3, exitCode: 1 }),
    ],
    [
      "a container that was restarted twice",
      "ended",
      /is not running \(exited, exit code 1\)/,
      (docker) => Object.assign(named(docker, "redis"), { status: "exited", running: false, restarts: 2, exitCode: 1 }),
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

  for (const [status, exitCode, why, next] of [
    ["exited", 0, /was stopped, or its command has ended/, /^docker start debian; docker logs debian$/],
    ["exited", 143, /was stopped, or its command has ended/, /^docker start debian; docker logs debian$/],
    ["paused", 0, /was stopped/, /^docker unpause debian$/],
    ["exited", 1, /log says why/, /^docker start debian; docker logs debian$/],
  ] as const) {
    it(`says what to do about a container that is ${status}, exit code ${exitCode}`, async () => {
      const change = { status, running: status === "paused", exitCode };
      const [first] = await found((docker) => Object.assign(named(docker, "debian"), change));
      assert.match(first?.why?.en ?? "", why);
      assert.match(first?.next?.en ?? "", next);
      assert.equal(first?.cause, exitCode === 1 ? "ended" : "stopped");
      const ko = status === "paused" ? "일시 정지" : "종료됨";
      assert.ok(first?.what.ko.includes(`${ko}, 종료 코드 ${exitCode}`), first?.what.ko);
    });
  }

  it("says how to find out who uses the port", async () => {
    const [first] = await found((docker) =>
      Object.assign(named(docker, "redis"), {
        status: "created",
        running: false,
        error: "listen tcp4 127.0.0.1:6379: bind: address already in use",
      }),
    );
    assert.match(first?.why?.en ?? "", /^Port 6379 is taken by another program\. To see which: .*6379/);
  });

  it("distinguishes a port that Windows reserves from one that is in use", async () => {
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
    assert.equal(first?.next?.en, "docker start wordpress-mysql-1; docker logs wordpress-mysql-1");
    docker.containers = docker.containers.filter(({ name }) => name !== "wordpress-mysql-1");
    assert.deepEqual(await problemsOf(byHand, { docker }, [], ask), []);
  });

  it("shows Docker's message about a container that it could not start", async () => {
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

  const starts: [error: string, why: RegExp, next: RegExp][] = [
    [
      "network 0d4f1a not found",
      /^Its network was removed\.$/,
      /^Data on its volumes is kept .*: docker rm --force mysql; npm run up -- --labs/,
    ],
    [
      "failed to set up container networking: failed to create endpoint mysql on network wordpress: network id 05669d not found",
      /network was removed/,
      /npm run up/,
    ],
    [
      "driver failed programming external connectivity on endpoint mysql: (iptables failed: iptables --wait -t nat -A DOCKER: iptables: No chain/target/match by that name.",
      /rules are gone from the firewall/,
      /systemctl restart docker\), then: docker start mysql$/,
    ],
    [
      'failed to create task: OCI runtime create failed: exec: "mysqld": executable file not found in $PATH',
      /command that it should run is not in its image/,
      /npm run up/,
    ],
    ["something new", /^Docker reports:$/, /^docker start mysql; docker logs mysql$/],
  ];
  for (const [error, reason, next] of starts) {
    it(`sends nobody round in a circle by docker start: ${error.slice(0, 60)}`, async () => {
      const stop = (docker: DockerFacts) =>
        Object.assign(named(docker, "mysql"), { status: "exited", running: false, exitCode: 128, error });
      const [first, ...more] = await found(stop);
      assert.deepEqual(more, []);
      assert.equal(first?.cause, "cannot start");
      assert.match(first.why?.en ?? "", reason);
      assert.match(first.next?.en ?? "", next);
      // The check goes on the same way.
      const docker = healthy();
      stop(docker);
      const results = await runChecks(checksOf({ ...target, labs: ["compose"] }, { docker }, answering()));
      const [check] = results.flatMap((result) => (result.status === "failed" ? [result] : []));
      assert.equal(check?.id, "compose.containers");
      assert.deepEqual(check.next, first.next);
      assert.ok(check.why.en.endsWith(error) && check.why.ko.endsWith(error), check.why.en);
    });
  }

  const logs: [log: string, cause: Cause, next: RegExp][] = [
    ["Fatal glibc error: CPU does not support x86-64-v2", "another processor", /then: npm run up|Then: npm run up/],
    ["exec /usr/local/bin/docker-entrypoint.sh: exec format error", "another processor", /docker pull mysql:9\.7\.2/],
    [
      "[MY-014060] Invalid MySQL server upgrade: Cannot upgrade from 50744 to 90702",
      "too old a database",
      /step by step/,
    ],
    [
      "[MY-014061] Invalid MySQL server downgrade: Cannot downgrade from 90702 to 80400",
      "older database",
      /newer version/,
    ],
    ["[InnoDB] Unable to lock ./ibdata1 error: 11", "shared volume", /\(docker ps, or .* lists what runs\)/],
    [
      "--initialize specified but the data directory has files in it. Aborting.",
      "half-made database",
      /uploads, is deleted with it: npm run destroy -- --labs compose; npm run up/,
    ],
    [
      "mysqld: Disk is full writing './binlog.000001' (OS errno 28 - No space left on device)",
      "volume full",
      /builder prune/,
    ],
    // Who may log in is found by logging in.
    ["Access denied for user 'wordpress'@'localhost'", "crash loop", /docker logs mysql/],
  ];
  for (const [log, cause, next] of logs) {
    it(`reads a log as it does in the cluster: ${log.slice(0, 50)}`, async () => {
      const docker = healthy();
      Object.assign(named(docker, "mysql"), { status: "restarting", running: false, restarts: 4, exitCode: 1 });
      const words = { ...ask, logs: () => Promise.resolve(`first\n${log}\nlast\n`) };
      const [first, ...more] = await problemsOf(target, { docker }, [], words);
      assert.deepEqual(more, []);
      assert.deepEqual([first?.cause, first?.lab], [cause, "compose"]);
      assert.match(first?.what.en ?? "", /^Container mysql /);
      assert.match(first?.what.ko ?? "", /^mysql 컨테이너가 /);
      assert.match(first?.next?.en ?? "", next);
    });
  }

  const why = { en: "why", ko: "왜" };
  const failed = (id: string, cause: Cause): Result => result(id, { status: "failed", cause, why, next: why });

  it("names what only a check found by the term that people search for", async () => {
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

  it("reports once what a stopped container makes fail, and omits that it is unhealthy if the reason is known", async () => {
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

  /** What the cluster shows, what checks found beside it, and what is left of both. */
  const both: [what: string, shown: V1ContainerStatus["state"], found: [id: string, cause: Cause][], left: Cause[]][] =
    [
      [
        "a check that the cluster explains",
        { waiting: { reason: "ImagePullBackOff" } },
        [["kubernetes.wordpress", "not ready"]],
        ["image cannot be pulled"],
      ],
      [
        "a page that does not come for that",
        { waiting: { reason: "ImagePullBackOff" } },
        [["kubernetes.page", "no answer"]],
        ["image cannot be pulled"],
      ],
      [
        "what only the page shows",
        { waiting: { reason: "ImagePullBackOff" } },
        [["kubernetes.page", "stale address"]],
        ["image cannot be pulled", "stale address"],
      ],
      [
        "what another check shows",
        { waiting: { reason: "ImagePullBackOff" } },
        [["kubernetes.services", "no endpoints"]],
        ["image cannot be pulled", "no endpoints"],
      ],
      [
        "the same of another check",
        { waiting: { reason: "ImagePullBackOff" } },
        [["kubernetes.chain", "image cannot be pulled"]],
        ["image cannot be pulled"],
      ],
      [
        "a pod that is not ready, and why",
        { running: {} },
        [["kubernetes.services", "no endpoints"]],
        ["no endpoints"],
      ],
      [
        "a pod that is not ready, and another lab",
        { running: {} },
        [["redis.pong", "no answer"]],
        ["not ready", "no answer"],
      ],
      ["a pod that is not ready, alone", { running: {} }, [], ["not ready"]],
    ];
  for (const [what, state, results, left] of both) {
    it(`reports once ${what}`, async () => {
      const facts = cluster();
      facts.pods[1]!.status = {
        phase: "Running",
        conditions: [{ type: "Ready", status: "False" }],
        containerStatuses: [
          { name: "wordpress", image: "wordpress:1", imageID: "", ready: false, restartCount: 0, state },
        ],
      };
      const seen = { kubernetes: { seen: { facts }, cluster: clusterWith(facts) } };
      const judged = results.map(([id, cause]) => failed(id, cause));
      const problems = await problemsOf({ ...target, labs: ["kubernetes"] }, seen, judged, ask);
      assert.deepEqual(
        problems.map(({ cause }) => cause),
        left,
      );
    });
  }

  it("keeps a container that is unhealthy, if only another lab fails", async () => {
    const problems = await found(
      (docker) => (named(docker, "wordpress").health = "unhealthy"),
      [failed("redis.pong", "no answer")],
    );
    assert.deepEqual(
      problems.map(({ cause, lab }) => [cause, lab]),
      [
        ["unhealthy", "compose"],
        ["no answer", "redis"],
      ],
    );
  });

  it("detects a terminal that uses the Docker of minikube's node", () => {
    assert.deepEqual(insideMinikube({}), []);
    const [first] = insideMinikube({ MINIKUBE_ACTIVE_DOCKERD: "course-labs", DOCKER_HOST: "tcp://192.168.49.2:2376" });
    assert.match(first?.what.en ?? "", /the Docker inside minikube's node course-labs/);
    assert.match(first?.next?.en ?? "", /^eval \$\(minikube docker-env --unset\)/);
  });

  it("asks for more space only if there is too little", () => {
    const gib = 2 ** 30;
    const labs = { labs: ["kubernetes" as const] };
    assert.deepEqual(sizeProblems({ disk: 20 * gib, memory: 8 * gib }, labs, false), []);
    assert.deepEqual(sizeProblems({ disk: 8 * gib, memory: 3 * gib }, labs, false), [], "exactly what is needed");
    assert.deepEqual(
      sizeProblems({ disk: 2 * gib, memory: 2 * gib }, labs, false).map(({ cause }) => cause),
      ["disk full", "too little memory"],
    );
    assert.deepEqual(sizeProblems({ disk: 2 * gib, memory: 8 * gib }, labs, true), []);
  });
});
