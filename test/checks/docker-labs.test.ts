import assert from "node:assert/strict";
import { checksOf } from "../../tools/checks/labs";
import { Result, runChecks } from "../../tools/checks/check";
import { DockerFacts, readContainer, readImage } from "../../tools/checks/facts/docker";
import { Live, Page } from "../../tools/checks/facts/live";
import { Unreachable } from "../../tools/checks/facts/unreachable";
import { targetOf } from "../../tools/checks/target";
import { parseSettings } from "../../config";
import { layerDiff } from "../../tools/checks/labs/registry";
import { answering, container, healthy, image, target } from "./fakes";

/** Runs the checks on what Docker has after a change to the healthy state. */
async function look(
  change: (docker: DockerFacts) => void = () => {},
  live: Partial<Live> = {},
  at = target,
): Promise<Result[]> {
  const docker = healthy();
  change(docker);
  return runChecks(checksOf(at, { docker }, answering(live)));
}
const failures = (results: Result[]) =>
  results.flatMap((result) => (result.status === "failed" ? [`${result.id}: ${result.why.en}`] : []));
/** Containers in which one command says something else. */
const saying = (command: string, stdout: string): Partial<Live> => ({
  exec: (name, ...words) =>
    words.join(" ").startsWith(command)
      ? Promise.resolve({ code: 0, stdout, stderr: "" })
      : answering().exec(name, ...words),
});
const named = ({ containers }: DockerFacts, name: string) => containers.find((one) => one.name === name)!;

describe("checks of the Docker labs", () => {
  it("all pass on the healthy state, except for what the student still has to do", async () => {
    const results = await look();
    assert.deepEqual(failures(results), []);
    assert.deepEqual(
      results.filter(({ status }) => status !== "passed").map(({ id, status }) => `${id} ${status}`),
      ["registry.commit open"],
    );
    assert.equal(results.length, 15);
  });

  const wrong: [name: string, expected: RegExp, change: (docker: DockerFacts) => void, live?: Partial<Live>][] = [
    [
      "another base",
      /^redis\.image: redis:v1\.0 is not built from the current ubuntu:24\.04, but from another/,
      ({ images }) => (images[1]!.layers = ["d", "r"]),
    ],
    [
      "another user",
      /^redis\.image: .*the file has "USER redis", the image: no such step/,
      ({ images }) => delete images[1]!.settings.USER,
    ],
    [
      "ends over and over, and runs just now",
      /^redis\.container: Container redis starts and ends again \(restarts: 3\)\. Its log says why\.$/,
      (docker) => Object.assign(named(docker, "redis"), { restarts: 3, startedAt: new Date().toISOString() }),
    ],
    [
      "published on every address of version 6, too",
      /^redis\.published: .*published on .*:::6379 .* connect to port 6379\.$/,
      (docker) => named(docker, "redis").ports.push({ inside: "6379/tcp", address: "::", port: 6379 }),
    ],
    [
      "published on another port of every address of version 6",
      /^redis\.published: .*published on .*:::6380 .* connect to port 6380\.$/,
      (docker) => named(docker, "redis").ports.push({ inside: "6379/tcp", address: "::", port: 6380 }),
    ],
    [
      "an address that is not the container's",
      /^redis\.address: .*inside the container: 172\.17\.0\.2 fd12::2/,
      () => {},
      saying("hostname -I", "172.17.0.2 fd12::2 \n"),
    ],
    [
      "a PONG among other words",
      /^redis\.pong: .*"\+PONG, sort of"/,
      () => {},
      { ask: () => Promise.resolve("+PONG, sort of") },
    ],
    [
      "no container, and none of a similar name",
      /^registry\.container: There is no container debian\.$/,
      ({ containers }) => containers.splice(1, 1),
    ],
    [
      "a folder of the machine",
      /^compose\.volumes: .*but on a bind\. /,
      (docker) => (named(docker, "mysql").mounts[0]!.type = "bind"),
    ],
    [
      "a volume that nothing can be written to",
      /^compose\.volumes: .*but on a volume, read-only\. /,
      (docker) => (named(docker, "mysql").mounts[0]!.writable = false),
    ],
    [
      "no connection",
      /^compose\.page: Nothing answers at http:\/\/localhost:30000: ECONNREFUSED/,
      () => {},
      { get: () => Promise.reject(new Unreachable("ECONNREFUSED")) },
    ],
  ];
  for (const [name, expected, change, live] of wrong) {
    it(name, async () => {
      const found = failures(await look(change, live));
      assert.equal(found.length, 1, found.join("\n"));
      assert.match(found[0]!, expected);
    });
  }

  for (const [id, needs, change, live] of [
    ["compose.survives", "compose.volumes", (docker: DockerFacts) => (named(docker, "mysql").mounts = []), {}],
    ["compose.survives", "compose.page", () => {}, { get: () => Promise.reject(new Unreachable("ECONNREFUSED")) }],
    ["compose.database", "compose.network", (docker: DockerFacts) => (named(docker, "mysql").networks = []), {}],
    ["compose.page", "compose.database", (docker: DockerFacts) => (named(docker, "mysql").networks = []), {}],
    ["compose.page", "compose.published", (docker: DockerFacts) => (named(docker, "wordpress").ports = []), {}],
  ] as const) {
    it(`${id} does not begin where ${needs} does not pass`, async () => {
      const docker = healthy();
      change(docker);
      const checks = checksOf(target, { docker }, answering(live)).filter(({ id }) => id.startsWith("compose."));
      const { status, evidence } = (await runChecks(checks, { drill: true })).find((result) => result.id === id)!;
      assert.deepEqual({ status, evidence }, { status: "blocked", evidence: { needs } });
    });
  }

  it("fails compose.page if WordPress is configured with another address", async () => {
    const json = (home: string) => JSON.stringify({ home, name: "Class", namespaces: ["wp/v2"] });
    const get =
      (home: string) =>
      (url: string): Promise<Page> =>
        Promise.resolve({
          status: 200,
          headers: {},
          body: url.includes("rest_route") ? json(home) : "<title>Class</title>",
        });
    assert.deepEqual(failures(await look(undefined, { get: get("http://localhost:30000") })), []);
    const found = failures(await look(undefined, { get: get("http://localhost:31000") }));
    assert.match(
      found.join(),
      /^compose\.page: WordPress at http:\/\/localhost:30000 is configured with the site URL http:\/\/localhost:31000/,
    );
  });

  it("passes if the bridge network has IPv6 addresses, too", async () => {
    const results = await look(
      (docker) => (named(docker, "redis").networks[0]!.address6 = "fd12::2"),
      saying("hostname -I", "172.17.0.2 fd12::2 \n"),
    );
    assert.deepEqual(failures(results), []);
  });

  it("passes a port that is published on all addresses if the settings say so", async () => {
    const everywhere = { ...target, redis: { ...target.redis, bindAddress: "0.0.0.0" }, labs: ["redis" as const] };
    const on = (...ports: [address: string, port: number][]) =>
      look(
        (docker) =>
          (named(docker, "redis").ports = ports.map(([address, port]) => ({ inside: "6379/tcp", address, port }))),
        {},
        everywhere,
      );
    assert.deepEqual(failures(await on(["0.0.0.0", 6379])), []);
    assert.deepEqual(failures(await on(["0.0.0.0", 6379], ["::", 6379])), []);
    assert.match(
      failures(await on(["::", 6379])).join(),
      /^redis\.published: .*published on 0\.0\.0\.0:6379 -> 6379\/tcp only/,
    );
    assert.match(
      failures(await on(["0.0.0.0", 6379], ["::", 6380])).join(),
      /^redis\.published: .*published on .*:::6380 .* connect to port 6380\.$/,
    );
  });

  it("finds images by digest, with and without a tag", async () => {
    const digest = `@sha256:12${"a".repeat(62)}`;
    for (const [mysqlImage, registryImage] of [
      [`mysql${digest}`, `debian${digest}`],
      [`mysql:9.7.2${digest}`, `docker.io/library/debian:12${digest}`],
    ] as const) {
      const at = targetOf(parseSettings({ mysqlImage, registryImage }), {
        labs: ["registry", "compose"],
        registry: { image: registryImage, container: "debian" },
        compose: { url: target.compose.url },
      });
      const pulled = ({ images }: DockerFacts) => {
        for (const name of ["mysql", "debian"]) {
          const image = images.find(({ names }) => names[0]?.startsWith(`${name}:`))!;
          Object.assign(image, { names: [], digests: [`${name}${digest}`] });
        }
      };
      assert.deepEqual(failures(await look(pulled, {}, at)), []);
      assert.match(
        failures(await look(({ images }) => images.forEach((image) => (image.digests = [])), {}, at)).join("\n"),
        /registry\.pulled: There is no image .*\n.*compose\.containers: .* runs mysql:9\.7\.2, not the current mysql/,
      );
    }
  });

  it("does not find images by a part of their name", async () => {
    const found = failures(await look(({ images }) => (images[1]!.names = ["my-redis:v1.0"])));
    assert.match(found.join(), /^redis\.image: There is no image redis:v1\.0; there is my-redis:v1\.0/);
  });

  describe("of the registry lab", () => {
    const at = { ...target, labs: ["registry" as const] };
    const debians = { step: "# debian.sh --arch 'amd64' out/ 'bookworm' '@1'", comment: "debuerreotype 0.16" };
    /** What is said of an image mine:1 whose newest layer has these files, and whose newest step is this one. */
    const mine = (step: string, command: string[], files: string[], more: Partial<typeof at> = {}) =>
      look(
        ({ images }) => images.push(image("mine:1", { layers: ["d", "m"], command })),
        {
          history: (of) => Promise.resolve([debians, ...(of === "sha256:mine:1" ? [{ step, comment: "" }] : [])]),
          layers: () => Promise.resolve([["./", "./etc/", "./root/"], files]),
        },
        { ...at, ...more },
      );
    const note = ["root/", "root/note"];

    it("reports that a committed image was not pulled, although containerd gives it a digest", async () => {
      const under = (step: string, command: string[]) =>
        look(
          ({ images }) =>
            Object.assign(
              images.find(({ names }) => names[0] === "debian:12")!,
              { command },
            ),
          { history: () => Promise.resolve([debians, { step, comment: "" }]) },
          at,
        );
      assert.deepEqual(failures(await under('/bin/sh -c #(nop)  CMD ["bash"]', ["bash"])), []);
      for (const [step, command] of [
        ["sleep infinity", ["sleep", "infinity"]],
        ["", []],
      ] as const) {
        const found = failures(await under(step, [...command]));
        assert.match(found.join(), /^registry\.pulled: debian:12 was built on this machine/);
      }
    });

    it("accepts the image under its full name", async () => {
      const registry = { ...at.registry, image: "docker.io/library/debian:12" };
      assert.deepEqual(failures(await look(undefined, {}, { ...at, registry })), []);
    });

    it("reports that an image could not be checked if Docker cannot start a container", async () => {
      const stderr = "docker: Error response from daemon: no space left on device\n\nRun 'docker run --help'";
      const results = await look(undefined, { runOnce: () => Promise.resolve({ code: 125, stdout: "", stderr }) }, at);
      assert.match(
        failures(results).join(),
        /^registry\.pulled: This could not be checked: docker: Error .* no space left on device$/,
      );
      const other = await look(
        undefined,
        { runOnce: () => Promise.resolve({ code: 127, stdout: "", stderr: "no cat" }) },
        at,
      );
      assert.match(failures(other).join(), /^registry\.pulled: debian:12 contains an unknown system/);
    });

    it("recognizes a commit, whatever command the container was started with", async () => {
      for (const [step, command] of [
        ["sleep infinity", ["sleep", "infinity"]],
        ["/bin/sh -c sleep infinity", ["/bin/sh", "-c", "sleep infinity"]],
        ["", []],
        // docker commit --change
        ["sleep infinity", ["bash"]],
      ] as const) {
        assert.deepEqual(failures(await mine(step, [...command], note)), [], step);
        assert.match(
          failures(await mine(step, [...command], note, { registry: { ...at.registry, cleanedUp: true } })).join(),
          /^registry\.clean: Not removed yet: image mine:1/,
        );
      }
      for (const step of ["RUN /bin/sh -c touch /root/note # buildkit", "/bin/sh -c touch /root/note", ""]) {
        assert.match(failures(await mine(step, ["bash"], note)).join(), /^registry\.commit: .* It was built/);
      }
    });

    it("counts a new folder as a change, but not the history of bash", async () => {
      const results = await mine("bash", ["bash"], ["root/", "hello/"]);
      assert.deepEqual(failures(results), []);
      assert.deepEqual(results.at(-1)?.evidence.diff, ["A /hello"]);
      assert.match(
        failures(await mine("bash", ["bash"], ["root/", "root/.bash_history"])).join(),
        /^registry\.commit: mine:1 is committed, but contains no changes/,
      );
    });
  });

  describe("of compose by hand", () => {
    const byHand = {
      ...target,
      labs: ["compose" as const],
      compose: { ...target.compose, containers: { project: "wordpress" } },
    };
    const labels = (service: string, project = "wordpress", oneOff = "False") => ({
      "com.docker.compose.project": project,
      "com.docker.compose.service": service,
      "com.docker.compose.oneoff": oneOff,
    });
    const project = async (change: (docker: DockerFacts) => void) =>
      failures(
        await look(
          (docker) => {
            named(docker, "mysql").labels = labels("mysql");
            named(docker, "wordpress").labels = labels("wordpress");
            change(docker);
          },
          {},
          byHand,
        ),
      ).join("\n");

    it("fails if a service has several containers", async () => {
      assert.equal(await project(() => {}), "");
      assert.match(
        await project(({ containers }) =>
          containers.push(container("wordpress-mysql-2", "mysql:9.7.2", { labels: labels("mysql") })),
        ),
        /^compose\.containers: .*has 2 containers of service mysql, not one: mysql, wordpress-mysql-2\.$/,
      );
    });

    it("ignores the containers of docker compose run", async () => {
      const left = container("wordpress-wordpress-run-1f", "wordpress:7.1.0-php8.3-apache", {
        labels: labels("wordpress", "wordpress", "True"),
        status: "exited",
        running: false,
      });
      assert.equal(await project(({ containers }) => containers.unshift(left)), "");
      assert.match(
        await project((docker) => (docker.containers = [left, named(docker, "mysql")])),
        /has 0 containers of service wordpress, not one; existing ones, as project\/service: wordpress\/mysql\.$/,
      );
    });

    it("lists the existing projects and services if none has the expected name", async () => {
      const others = (docker: DockerFacts) => {
        named(docker, "mysql").labels = labels("db", "wp");
        named(docker, "wordpress").labels = labels("wordpress", "wp");
      };
      assert.match(
        await project(others),
        /has 0 containers of service mysql, not one; existing ones, as project\/service: wp\/db, wp\/wordpress\.$/,
      );
      assert.match(await project(({ containers }) => (containers.length = 0)), /service mysql, not one\.$/);
    });
  });
});

describe("what Docker tells", () => {
  it("is an image without layers and settings if there is none for this platform", () => {
    for (const nothing of [{}, { Config: null, RootFS: null }, { RootFS: {} }]) {
      const raw = { Id: "sha256:1", RepoTags: ["debian:12"], RepoDigests: null, ...nothing };
      assert.deepEqual(readImage(raw), image("debian:12", { id: "sha256:1" }));
    }
  });

  it("includes a container's IPv4 and IPv6 addresses", () => {
    const on = (more: object) =>
      readContainer({
        Id: "1",
        Name: "/redis",
        Image: "sha256:1",
        RestartCount: 0,
        State: {
          Status: "running",
          Running: true,
          ExitCode: 0,
          OOMKilled: false,
          StartedAt: "",
          FinishedAt: "",
          Error: "",
        },
        Config: { Image: "redis:v1.0", Labels: null },
        HostConfig: { RestartPolicy: { Name: "no" } },
        Mounts: [],
        NetworkSettings: { Ports: null, Networks: { bridge: { IPAddress: "172.17.0.2", Aliases: null, ...more } } },
      }).networks;
    const version4 = { name: "bridge", address: "172.17.0.2", aliases: [] };
    assert.deepEqual(on({ GlobalIPv6Address: "" }), [version4]);
    assert.deepEqual(on({ GlobalIPv6Address: "fd12::2" }), [{ ...version4, address6: "fd12::2" }]);
  });

  it("is shown as by docker diff, without the files that Docker adds", () => {
    const below = ["./", "./etc/", "./etc/motd", "./root/"];
    const above = [
      "root/",
      "root/note",
      "root/.bash_history",
      "srv/new/",
      "dev/",
      "dev/pts/",
      "proc/",
      "etc/motd",
      "tmp/.wh.old",
      "sbin/docker-init",
      "usr/sbin/docker-init",
      ".dockerenv",
    ];
    assert.deepEqual(layerDiff([below, above], 1), ["A /root/note", "A /srv/new", "C /etc/motd", "D /tmp/old"]);
  });
});
