import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createServer } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { checksOf } from "../../checks";
import { Result, runChecks } from "../../checks/check";
import { survives } from "../../checks/compose-drill";
import { containerNamed, dockerFacts, imageNamed } from "../../checks/docker-facts";
import { live } from "../../checks/live";
import { Choice, Target, targetOf } from "../../checks/target";
import { frontOf } from "../../checks/wordpress";
import { ask } from "../../cli/doctor";
import { settingsOf } from "../../cli/settings";
import { LabName } from "../../config";
import { ailments } from "../../doctor";
import { Outputs } from "../../outputs";
import { opened } from "./browser";
import { clone, docker, dockerObjects, npmRun, remove } from "./harness";
import { fails, like, mutantTable, Mutant, passes, replaced } from "./mutants";

const redis = "ck-redis";
const debian = "ck-debian";
const mysql = "ck-mysql";
const wordpress = "ck-wordpress";
const network = "ck-wordpress";
const redisImage = "ck-redis:v1.0";
/** Names of this test's own for debian:12 and for what a student commits: other labs go on using theirs. */
const baseImage = "ck-base/debian:12";
const mine = "ck-mine:1";

const settings = `
  course-labs:prefix: ck-
  course-labs:redisPort: 36379
  course-labs:composePort: 33000
`;

/** Every check of the Docker labs, against the real Docker: what was provisioned passes, what only looks right does not. */
describe("npm run check, the labs on Docker", () => {
  let atFirst: string[];
  let folder: string;
  let outputs: Partial<Outputs>;
  const here = process.cwd();
  /** Ids of the checks that were seen to pass. */
  const known = new Set<string>();

  before(async () => {
    atFirst = ofThisTest();
    folder = clone();
    const file = join(folder, "Pulumi.dev.yaml");
    writeFileSync(
      file,
      readFileSync(file, "utf8").replace(/^config:\n/m, (config) => config + settings.slice(1)),
    );
    const { code, said } = await npmRun(folder, "up", ["--labs", "redis,registry,compose"]);
    assert.equal(code, 0, said);
    outputs = JSON.parse((await npmRun(folder, "outputs", ["--json"])).stdout) as Partial<Outputs>;
    docker("tag", "debian:12", baseImage);
    process.chdir(folder);
  });
  after(async () => {
    process.chdir(here);
    docker("image", "rm", "--force", baseImage);
    await npmRun(folder, "destroy");
    remove(folder);
    assert.deepEqual(ofThisTest(), atFirst, "nothing is left");
  });

  function target(choice: Choice = {}): Target {
    const found = targetOf(settingsOf("dev"), outputs, { committed: mine, ...choice });
    return { ...found, registry: { ...found.registry, image: baseImage } };
  }
  async function look(labs: LabName[], choice: Choice = {}): Promise<Result[]> {
    const at = target({ ...choice, labs });
    const facts = { docker: await dockerFacts() };
    const results = await runChecks(checksOf(at, facts, live));
    causes = async () => (await ailments(at, facts, results, ask)).map(({ cause }) => cause);
    return results;
  }
  /** What doctor makes of what was last looked at. */
  let causes: () => Promise<string[]>;
  const wrong = (labs: LabName[], mutant: Mutant, choice: Choice = {}) => {
    it(`${mutant.owner}: ${mutant.wrong}`, () =>
      fails(
        mutant,
        () => look(labs, choice),
        () => causes(),
      ));
  };

  it("all pass on what was provisioned, in under ten seconds, drills left out", async () => {
    const { code, said, stdout } = await npmRun(folder, "check", ["--json"]);
    assert.equal(code, 0, said);
    const { results, seconds } = JSON.parse(stdout) as { results: Result[]; seconds: number };
    passes(results.filter(({ status }) => status !== "open"));
    assert.deepEqual(
      results.filter(({ status }) => status === "open").map(({ id }) => id),
      ["registry.commit"],
    );
    assert.equal(results.length, 15);
    assert.ok(seconds < 10, `${seconds} s`);
  });

  it("the report has no password in it, grades as it is, and shows in a browser", async () => {
    const file = join(folder, "reports", "kim.html");
    mkdirSync(join(folder, "reports"));
    const made = await npmRun(folder, "check", ["--report", file, "--student", "Kim"]);
    assert.equal(made.code, 0, made.said);
    const html = readFileSync(file, "utf8");
    const env = docker("inspect", "--format", '{{join .Config.Env "\\n"}}', mysql, wordpress);
    const passwords = [...env.matchAll(/^\w*PASSWORD=(.+)$/gm)].map((found) => found[1] as string);
    assert.equal(passwords.length, 3);
    for (const password of passwords) assert.ok(!html.includes(password) && !made.said.includes(password));
    const graded = await npmRun(folder, "grade", ["reports"]);
    assert.equal(graded.code, 0, graded.said);
    assert.match(graded.stdout, /\r\nkim\.html,Kim,[^,]+,provisioned,no,14,0,1,0,unedited,,passed,/);
    await opened(file, async ({ page, errors, requests }) => {
      assert.match(
        (await page.locator("#drawing").textContent()) ?? "",
        /ck-redis.*127\.0\.0\.1:33000.*ck-course-labs-wordpress/s,
      );
      assert.deepEqual([errors, requests], [[], []]);
    });
  });

  it("doctor finds nothing wrong", async () => {
    const { code, said, stdout } = await npmRun(folder, "doctor", ["--json"]);
    assert.equal(code, 0, said);
    assert.deepEqual((JSON.parse(stdout) as { ailments: unknown[] }).ailments, []);
  });

  describe("redis", () => {
    const run = (...args: string[]) => docker("run", "--detach", "--name", redis, ...args);
    const published = "--publish=127.0.0.1:36379:6379";
    /** Another container in the place of the one that was provisioned. */
    const instead = (...args: string[]) => ({
      make: async () => {
        docker("stop", "--time", "5", redis);
        docker("rename", redis, `${redis}-original`);
        run(...args);
        await sleep(500);
      },
      undo: () => {
        docker("rm", "--force", redis);
        docker("rename", `${redis}-original`, redis);
        docker("start", redis);
      },
    });
    /** Another image under the name of the one that was built. */
    const tagged = (make: () => void) => {
      let id = "";
      return {
        make: () => {
          id = docker("image", "inspect", "--format", "{{.Id}}", redisImage);
          make();
        },
        undo: () => {
          const other = docker("image", "ls", "--no-trunc", "--quiet", redisImage);
          docker("tag", id, redisImage);
          if (other !== id && docker("image", "inspect", "--format", "{{len .RepoTags}}", other) === "0") {
            docker("image", "rm", other);
          }
        },
      };
    };
    const asRoot = (script: string) => docker("exec", "--user", "root", redis, "sh", "-c", script);
    const cli = "/usr/bin/redis-cli";
    const wrapped = (script: string) => ({
      make: () => asRoot(`mv ${cli} ${cli}.real; printf '#!/bin/sh\\n${script}\\n' > ${cli}; chmod 755 ${cli}`),
      undo: () => asRoot(`mv ${cli}.real ${cli}`),
    });
    /** Another program that wants the port. */
    const other = createServer();
    const mutants: Mutant[] = [
      {
        owner: "redis.image",
        wrong: "debian under the image's name",
        why: /the Dockerfile|docker\/redis\/Dockerfile says: "RUN apt-get .*no such step/,
        ...tagged(() => docker("tag", "debian:12", redisImage)),
      },
      {
        owner: "redis.image",
        wrong: "committed from a container, not built",
        why: /"redis-server --protected-mode no" there, in the image: a layer that docker commit made/,
        ...tagged(() => docker("commit", redis, redisImage)),
      },
      {
        owner: "redis.image",
        wrong: "built before the Dockerfile's last line was changed",
        why: /CMD \["redis-server", "--protected-mode", "no"\]" there, in the image: CMD \["redis-server"\]/,
        ...tagged(() => build(`FROM ${redisImage}\nCMD ["redis-server"]\n`, redisImage)),
      },
      {
        owner: "redis.image",
        wrong: "tagged latest instead of v1.0",
        why: /There is no image ck-redis:v1\.0; there is .*ck-redis:latest/,
        make: () => {
          docker("tag", redisImage, "ck-redis:latest");
          docker("image", "rm", "--force", redisImage);
        },
        undo: () => {
          docker("tag", "ck-redis:latest", redisImage);
          docker("image", "rm", "ck-redis:latest");
        },
      },
      {
        owner: "redis.container",
        wrong: "a container ck-redis-x",
        why: /There is no container ck-redis; there is ck-redis-x/,
        make: () => docker("rename", redis, `${redis}-x`),
        undo: () => docker("rename", `${redis}-x`, redis),
      },
      {
        owner: "redis.container",
        wrong: "up, and Redis, but not from this image",
        why: /Container ck-redis runs ck-twin:1, not ck-redis:v1\.0/,
        make: async () => {
          docker("commit", redis, "ck-twin:1");
          await instead(published, "ck-twin:1").make();
        },
        undo: () => {
          instead().undo();
          docker("image", "rm", "ck-twin:1");
        },
      },
      {
        owner: "redis.container",
        wrong: "stopped",
        doctor: "stopped",
        why: /is there, but exited/,
        make: () => docker("stop", redis),
        undo: () => docker("start", redis),
      },
      {
        owner: "redis.container",
        wrong: "killed: exit code 137",
        doctor: "killed",
        why: /is there, but exited, 137/,
        make: () => docker("kill", redis),
        undo: () => docker("start", redis),
      },
      {
        owner: "redis.container",
        wrong: "its port was taken while it was stopped",
        doctor: "port taken",
        why: /is there, but exited/,
        make: async () => {
          docker("stop", redis);
          await new Promise<void>((resolve) => other.listen(36379, "127.0.0.1", resolve));
          assert.throws(() => docker("start", redis), /address already in use/);
        },
        undo: async () => {
          await new Promise((resolve) => other.close(resolve));
          docker("start", redis);
        },
      },
      {
        owner: "redis.container",
        wrong: "ends, and is started again, and ends",
        doctor: "crash loop",
        why: /is there, but (?:restarting|exited), 3/,
        make: async () => {
          await instead("--restart=always", redisImage, "sh", "-c", "exit 3").make();
          await sleep(2500);
        },
        undo: () => instead().undo(),
      },
      {
        owner: "redis.published",
        wrong: "on 0.0.0.0",
        why: /published on 0\.0\.0\.0:36379: everyone who reaches this machine/,
        ...instead("--publish=36379:6379", redisImage),
      },
      {
        owner: "redis.published",
        wrong: "on another port",
        why: /not published on 127\.0\.0\.1:36379 -> 6379\/tcp; published: 127\.0\.0\.1:36380/,
        ...instead("--publish=127.0.0.1:36380:6379", redisImage),
      },
      {
        owner: "redis.published",
        wrong: "EXPOSE taken for --publish",
        why: /published: nothing/,
        ...instead(redisImage),
      },
      {
        owner: "redis.published",
        wrong: "on a second port, too",
        why: /published on more than/,
        ...instead(published, "--publish=127.0.0.1:36380:6379", redisImage),
      },
      {
        owner: "redis.pong",
        wrong: "protected mode on",
        why: /answers PING with "-DENIED/,
        ...instead(published, redisImage, "redis-server", "--protected-mode", "yes"),
      },
      {
        owner: "redis.pong",
        wrong: "a password nobody was told",
        why: /answers PING with "-NOAUTH/,
        ...instead(published, redisImage, "redis-server", "--protected-mode", "no", "--requirepass", "x"),
      },
      {
        owner: "redis.pong",
        wrong: "listening on another port inside",
        why: /answers PING with (?:-|".*ECONN.*"), not with PONG/,
        ...instead(published, redisImage, "redis-server", "--protected-mode", "no", "--port", "6380"),
      },
      {
        owner: "redis.exec",
        wrong: "redis-cli is gone",
        why: /redis-cli.*not found/s,
        make: () => asRoot(`mv ${cli} ${cli}.real`),
        undo: () => asRoot(`mv ${cli}.real ${cli}`),
      },
      {
        owner: "redis.exec",
        wrong: "redis-cli says PONG, of another Redis",
        why: /talks to another Redis than the one on port 36379/,
        make: () => {
          docker("run", "--detach", "--name", "ck-other", redisImage);
          const format = "{{.NetworkSettings.Networks.bridge.IPAddress}}";
          wrapped(`exec ${cli}.real -h ${docker("inspect", "--format", format, "ck-other")} "$@"`).make();
        },
        undo: () => {
          wrapped("").undo();
          docker("rm", "--force", "ck-other");
        },
      },
      {
        owner: "redis.exec",
        wrong: "a script that says PONG, and more",
        why: /answers "PONG!", not PONG/,
        ...wrapped("echo PONG!"),
      },
      {
        owner: "redis.address",
        wrong: "on another lab's network",
        why: /It has: ck-wordpress/,
        ...instead(published, `--network=${network}`, redisImage),
      },
      {
        owner: "redis.address",
        wrong: "on two networks",
        why: /It has: bridge .*, ck-wordpress/,
        make: () => docker("network", "connect", network, redis),
        undo: () => docker("network", "disconnect", network, redis),
      },
      {
        owner: "redis.address",
        wrong: "on a network of its own",
        why: /It has: ck-own/,
        make: async () => {
          docker("network", "create", "ck-own");
          await instead(published, "--network=ck-own", redisImage).make();
        },
        undo: () => {
          instead().undo();
          docker("network", "rm", "ck-own");
        },
      },
    ];
    for (const mutant of mutants) wrong(["redis"], mutant);

    it("passes again", async () => note(await look(["redis"])));
  });

  describe("registry", () => {
    const commit = (from = debian) => docker("commit", from, mine);
    const rm = (...images: string[]) => docker("image", "rm", "--force", ...images);
    /** Another image under the name of the pulled one. */
    const baseIs = (make: () => void): Pick<Mutant, "make" | "undo"> => ({
      make: () => {
        rm(baseImage);
        make();
      },
      undo: () => {
        docker("tag", "debian:12", baseImage);
      },
    });

    before(() => docker("exec", debian, "sh", "-c", "echo hello > /root/note"));

    const pulled: Mutant[] = [
      {
        owner: "registry.pulled",
        wrong: "removed, while its container is up",
        why: /There is no image/,
        ...baseIs(() => {}),
      },
      {
        owner: "registry.pulled",
        wrong: "another system under its name",
        why: /has Debian GNU\/Linux .*sid in it|was made on this machine/,
        ...baseIs(() => docker("tag", "mysql:9.7.2", baseImage)),
      },
      {
        owner: "registry.pulled",
        wrong: "the student's own image under its name",
        why: /was made on this machine/,
        make: () => docker("commit", debian, baseImage),
        undo: () => {
          rm(baseImage);
          docker("tag", "debian:12", baseImage);
        },
      },
    ];
    const container: Mutant[] = [
      {
        owner: "registry.container",
        wrong: "docker run without a command: ended at once",
        why: /is there, but exited/,
        ...replaced(debian, { command: ["true"] }),
      },
      {
        owner: "registry.container",
        wrong: "a container of another image",
        why: /runs mysql:9\.7\.2, not/,
        ...replaced(debian, { image: "mysql:9.7.2", entrypoint: ["sleep"], command: ["infinity"] }),
      },
      {
        owner: "registry.container",
        wrong: "a container ck-debian-2",
        why: /There is no container ck-debian; there is ck-debian-2/,
        make: () => docker("rename", debian, `${debian}-2`),
        undo: () => docker("rename", `${debian}-2`, debian),
      },
    ];
    const committed: Mutant[] = [
      {
        owner: "registry.commit",
        wrong: "a second name, not a second image",
        why: /is ck-base\/debian:12 under another name/,
        make: () => docker("tag", baseImage, mine),
        undo: () => rm(mine),
      },
      {
        owner: "registry.commit",
        wrong: "committed before anything was written",
        why: /is committed, but nothing is in it/,
        make: () => {
          docker("run", "--detach", "--name", "ck-empty", baseImage, "sleep", "infinity");
          commit("ck-empty");
        },
        undo: () => {
          docker("rm", "--force", "ck-empty");
          rm(mine);
        },
      },
      {
        owner: "registry.commit",
        wrong: "committed from another base",
        why: /is not made from ck-base\/debian:12/,
        make: () => {
          docker("create", "--name", "ck-elsewhere", "wordpress:7.1.0-php8.3-apache");
          commit("ck-elsewhere");
        },
        undo: () => {
          docker("rm", "--volumes", "ck-elsewhere");
          rm(mine);
        },
      },
      {
        owner: "registry.commit",
        wrong: "built from a Dockerfile",
        why: /a build made it/,
        make: () => build(`FROM ${baseImage}\nCOPY Dockerfile /root/note\n`, mine),
        undo: () => rm(mine),
      },
    ];
    for (const mutant of [...pulled, ...container, ...committed]) wrong(["registry"], mutant);

    it("passes for what was committed, and shows its diff", async () => {
      commit();
      const results = await look(["registry"]);
      note(results);
      assert.deepEqual(results.at(-1)?.evidence.diff, ["A /root/note"]);
    });

    /** An image that lost its name. */
    let nameless = "";
    const left: Mutant[] = [
      {
        owner: "registry.clean",
        wrong: "image removed by force, its container still there",
        why: /Still there: container ck-of-mine/,
        make: () => {
          nameless = docker("image", "inspect", "--format", "{{.Id}}", mine);
          docker("create", "--name", "ck-of-mine", mine);
          rm(mine);
        },
        undo: () => {
          docker("rm", "ck-of-mine");
          rm(nameless);
          commit();
        },
      },
      {
        owner: "registry.clean",
        wrong: "committed twice: the first is left without a name",
        why: /Still there: image [0-9a-f]{12}/,
        make: () => {
          nameless = docker("image", "inspect", "--format", "{{.Id}}", mine);
          docker("exec", debian, "sh", "-c", "echo again > /root/note");
          commit();
          rm(mine);
        },
        undo: () => {
          rm(nameless);
          commit();
        },
      },
      {
        owner: "registry.clean",
        wrong: "another tag of it is left",
        why: /Still there: image ck-mine:2/,
        make: () => {
          docker("tag", mine, "ck-mine:2");
          rm(mine);
        },
        undo: () => {
          docker("tag", "ck-mine:2", mine);
          rm("ck-mine:2");
        },
      },
    ];
    for (const mutant of left) wrong(["registry"], mutant, { cleanedUp: true });

    it("passes when it was cleaned up", async () => {
      rm(mine);
      note(await look(["registry"], { cleanedUp: true }));
    });

    it("registry.clean: docker image prune --all took what another lab is built from", async () => {
      const at = target({ cleanedUp: true, labs: ["registry"] });
      const greedy = { ...at, registry: { ...at.registry, others: ["ck-base/ubuntu:24.04"] } };
      const look = async () => runChecks(checksOf(greedy, { docker: await dockerFacts() }, live));
      docker("tag", "ubuntu:24.04", "ck-base/ubuntu:24.04");
      passes(await look());
      const mutant = {
        owner: "registry.clean",
        wrong: "pruned, and others' images with it",
        why: /ck-base\/ubuntu:24\.04 is gone/,
      };
      await fails({ ...mutant, make: () => rm("ck-base/ubuntu:24.04"), undo: () => {} }, look);
    });
  });

  describe("compose", () => {
    const inSite = (script: string) => docker("exec", wordpress, "sh", "-c", script);
    const php = (script: string) =>
      docker("exec", wordpress, "php", "-r", `$_SERVER["HTTP_HOST"]="localhost:33000"; ${script}`);
    /** MySQL and WordPress are ready for visitors. */
    const ready = async () => {
      for (const deadline = Date.now() + 90_000; Date.now() < deadline; await sleep(300)) {
        const front = await frontOf("http://localhost:33000", live.get).catch(() => undefined);
        if (front?.is === "wordpress" || front?.is === "not installed") return;
      }
      throw new Error("WordPress does not come back");
    };
    const answering = (mutant: Pick<Mutant, "make" | "undo">): Pick<Mutant, "make" | "undo"> => ({
      make: async () => {
        await mutant.make();
        await ready();
      },
      undo: mutant.undo,
    });
    const connect = (alias: string) => docker("network", "connect", "--alias", alias, network, mysql);
    const root = (sql: string) =>
      docker("exec", mysql, "sh", "-c", `mysql --user=root --password="$MYSQL_ROOT_PASSWORD" --execute="${sql}"`);

    const containers: Mutant[] = [
      {
        owner: "compose.containers",
        wrong: "MySQL stopped",
        doctor: "stopped",
        why: /Container ck-mysql is there, but exited/,
        make: () => docker("stop", mysql),
        undo: () => docker("start", mysql),
      },
      {
        owner: "compose.containers",
        wrong: "WordPress of another stack",
        why: /do not belong together: label course-labs\.id/,
        ...replaced(wordpress, { labels: ["course-labs.project=course-labs", "course-labs.id=0badcafe"] }),
      },
      {
        owner: "compose.containers",
        wrong: "a container ck-mysql-1",
        why: /There is no container ck-mysql; there is ck-mysql-1/,
        make: () => docker("rename", mysql, `${mysql}-1`),
        undo: () => docker("rename", `${mysql}-1`, mysql),
      },
      {
        owner: "compose.containers",
        wrong: "another image in the place of MySQL's",
        why: /runs debian:12|runs ubuntu:24\.04|runs ck-base/,
        ...replaced(mysql, { image: "debian:12", entrypoint: ["sleep"], command: ["infinity"] }),
      },
    ];
    const networks: Mutant[] = [
      {
        owner: "compose.network",
        wrong: "on the network, but under another name",
        why: /the name mysql leads to nothing/,
        make: () => {
          docker("network", "disconnect", network, mysql);
          connect("database");
        },
        undo: () => {
          docker("network", "disconnect", network, mysql);
          connect("mysql");
        },
      },
      {
        owner: "compose.network",
        wrong: "a second one answers to mysql",
        why: /leads to 172\.\S+ and 172\.\S+, not to ck-mysql/,
        make: () =>
          docker(
            "run",
            "--detach",
            "--name",
            "ck-impostor",
            `--network=${network}`,
            "--network-alias=mysql",
            "debian:12",
            "sleep",
            "infinity",
          ),
        undo: () => docker("rm", "--force", "ck-impostor"),
      },
      {
        owner: "compose.network",
        wrong: "both up, on the default bridge and apart",
        why: /have no network of their own in common/,
        make: () => {
          docker("network", "disconnect", network, mysql);
          docker("network", "connect", "bridge", mysql);
        },
        undo: () => {
          docker("network", "disconnect", "bridge", mysql);
          connect("mysql");
        },
      },
    ];
    const published: Mutant[] = [
      {
        owner: "compose.published",
        wrong: "WordPress on 0.0.0.0",
        why: /published on 0\.0\.0\.0:33000/,
        ...replaced(wordpress, { publish: ["33000:80"] }),
      },
      {
        owner: "compose.published",
        wrong: "WordPress on another port",
        why: /not published on 127\.0\.0\.1:33000/,
        ...replaced(wordpress, { publish: ["127.0.0.1:33001:80"] }),
      },
      {
        owner: "compose.published",
        wrong: "MySQL published, too",
        why: /ck-mysql is published on 127\.0\.0\.1:33306/,
        ...answering(replaced(mysql, { publish: ["127.0.0.1:33306:3306"] })),
      },
    ];
    const volumes: Mutant[] = [
      {
        owner: "compose.volumes",
        wrong: "MySQL's volume mounted one folder off",
        why: /\/var\/lib\/mysql of ck-mysql is not on a volume with a name/,
        ...answering(replaced(mysql, { mounts: ["--volume=ck-course-labs-mysql:/var/lib/mysql-data"] })),
      },
      {
        owner: "compose.volumes",
        wrong: "a volume without a name",
        why: /ck-wordpress is not on a volume with a name, but on a volume without a name/,
        ...answering(replaced(wordpress, { mounts: ["--volume=/var/www/html"] })),
      },
      {
        owner: "compose.volumes",
        wrong: "in memory: tmpfs",
        why: /\/var\/www\/html of ck-wordpress is not on a volume with a name, but on (?:no volume at all|a tmpfs)/,
        ...answering(replaced(wordpress, { mounts: ["--mount=type=tmpfs,target=/var/www/html"] })),
      },
    ];
    const otherHost = replaced(wordpress, { env: { WORDPRESS_DB_HOST: "other" } });
    const otherAddress = replaced(wordpress, { env: { SITE_HOSTS: "localhost:30000" } });
    const databases: Mutant[] = [
      {
        owner: "compose.database",
        wrong: "another password than the volume's",
        doctor: "wrong password",
        why: /the password or the user is wrong\. MySQL takes its passwords only when its volume is new \(MySQL error 1045\)/,
        ...replaced(wordpress, { env: { WORDPRESS_DB_PASSWORD: "another" } }),
      },
      {
        owner: "compose.database",
        wrong: "a database that the user may not use",
        why: /MySQL error 10(?:44|49)/,
        ...replaced(wordpress, { env: { WORDPRESS_DB_NAME: "wordpress2" } }),
      },
      {
        owner: "compose.database",
        wrong: "password changed in MySQL alone",
        why: /MySQL error 1045/,
        make: () => root("RENAME USER 'wordpress'@'%' TO 'wordpres'@'%'"),
        undo: () => root("RENAME USER 'wordpres'@'%' TO 'wordpress'@'%'"),
      },
      {
        owner: "compose.database",
        wrong: "another MySQL, same password: the page works",
        why: /WordPress uses the database on \w+ \(other\), not that of this lab/,
        make: async () => {
          const args = like(mysql, { mounts: [], network }).filter((arg) => arg !== "--network-alias=mysql");
          docker("run", "--detach", "--name", "ck-other-db", "--network-alias=other", ...args);
          otherHost.make();
          await ready();
        },
        undo: () => {
          otherHost.undo();
          docker("rm", "--force", "--volumes", "ck-other-db");
        },
      },
    ];
    const pages: Mutant[] = [
      {
        owner: "compose.page",
        wrong: "a page that says WordPress, and is none",
        why: /is not WordPress: 200, "WordPress"/,
        make: () => inSite("mv index.php index.aside; echo '<title>WordPress</title> wp-content' > index.html"),
        undo: () => inSite("mv index.aside index.php; rm index.html"),
      },
      {
        owner: "compose.page",
        wrong: "closed for maintenance",
        why: /answers with error 503/,
        make: () => inSite("echo '<?php $upgrading = time();' > .maintenance"),
        undo: () => inSite("rm .maintenance"),
      },
      {
        owner: "compose.page",
        wrong: "wp-config.php lost",
        why: /has lost its wp-config\.php/,
        make: () => inSite("mv wp-config.php wp-config.aside"),
        undo: () => inSite("mv wp-config.aside wp-config.php"),
      },
      {
        owner: "compose.page",
        wrong: "the address of another port in the database",
        doctor: "stale address",
        why: /sends visitors on to http:\/\/localhost:30000/,
        make: async () => {
          php(
            'require "wp-load.php"; update_option("home", "http://localhost:30000"); update_option("siteurl", "http://localhost:30000");',
          );
          otherAddress.make();
          await sleep(1500);
        },
        undo: () => {
          otherAddress.undo();
        },
      },
    ];

    before(async () => {
      await ready();
      php(
        'define("WP_INSTALLING", true); require "wp-load.php"; require ABSPATH . "wp-admin/includes/upgrade.php"; wp_install("Class", "teacher", "t@example.org", true, "", "a-long-Enough-1-password");',
      );
      await ready();
      note(await look(["compose"]));
    });
    // What a mutant undid takes a moment to answer again.
    afterEach(ready);
    for (const mutant of [...containers, ...networks, ...published, ...volumes, ...databases, ...pages]) {
      wrong(["compose"], mutant);
    }

    it("passes again", async () => passes(await look(["compose"])));

    it("drill: a post survives down and up on a copy, and down --volumes is shown to delete it", async () => {
      const before = ofThisTest();
      const at = target({ labs: ["compose"] });
      const results = await runChecks(checksOf(at, { docker: await dockerFacts() }, live), { drill: true });
      note(results);
      const { evidence } = results.at(-1)!;
      assert.deepEqual(evidence.before, evidence.afterDownAndUp);
      assert.equal(evidence.afterDownVolumes, "not installed");
      assert.deepEqual(ofThisTest(), before, "the copy is gone");
    });

    it("compose.survives: MySQL with its volume in place, and its data elsewhere", async () => {
      const elsewhere: [wrong: string, change: Parameters<typeof like>[1]][] = [
        ["MySQL stores beside its volume", { command: ["--datadir=/tmp/database"] }],
        [
          "MySQL's folder is emptied at every start",
          { entrypoint: ["sh", "-c", "rm -rf /var/lib/mysql/*; exec docker-entrypoint.sh mysqld"], command: [] },
        ],
        [
          "MySQL stores in memory",
          {
            mounts: ["--volume=ck-course-labs-mysql:/var/lib/mysql", "--tmpfs=/database:mode=1777"],
            command: ["--datadir=/database/data"],
          },
        ],
      ];
      await Promise.all(
        elsewhere.map(([wrong, change], i) => {
          const name = `ck-elsewhere-${i}`;
          const look = async (): Promise<Result[]> => {
            const facts = await dockerFacts();
            const [check] = checksOf(target({ labs: ["compose"] }), { docker: facts }, live).slice(-1);
            const [db, site] = [containerNamed(facts, name)!, containerNamed(facts, wordpress)!];
            return runChecks([{ ...check!, needs: [], probe: () => survives(db, site, live, "npm run up") }], {
              drill: true,
            });
          };
          const mutant: Mutant = {
            owner: "compose.survives",
            wrong,
            why: /the post is gone, although the volumes are still there/,
            make: () => docker("create", "--name", name, ...like(mysql, change)),
            undo: () => docker("rm", "--force", "--volumes", name),
          };
          return fails(mutant, look);
        }),
      );
    });
  });

  describe("the mutant table", () => {
    it("every check was told from at least three wrong states", async () => {
      const facts = await dockerFacts();
      assert.ok(imageNamed(facts, redisImage));
      console.log(mutantTable([...known]));
    });
  });

  function note(results: readonly Result[]): void {
    passes(results);
    for (const { id } of results) known.add(id);
  }
});

/** What there is of this test and of drills. */
const ofThisTest = () =>
  Object.values(dockerObjects())
    .flat()
    .filter((name) => /^ck-|^course-labs-drill-/.test(name));

/** Builds an image from a Dockerfile that is only this text. */
function build(content: string, name: string): void {
  const context = mkdtempSync(join(tmpdir(), "course-labs-build-"));
  try {
    writeFileSync(join(context, "Dockerfile"), content);
    docker("build", "--tag", name, context);
  } finally {
    rmSync(context, { recursive: true });
  }
}
