import assert from "node:assert/strict";
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { survives } from "../../tools/checks/labs/compose-drill";
import { Container } from "../../tools/checks/facts/docker";
import { Page } from "../../tools/checks/facts/live";
import { answering, healthy } from "./fakes";

/** A program that keeps containers and volumes as Docker does, in two lists, and writes down how it was called. */
const docker = (folder: string) => `#!/bin/sh
cd ${folder}
echo "$*" >> calls
case "$1 $2" in
  "container inspect") cat "$3.json" ;;
  "run --detach")
    case "$4" in *-wordpress) [ -e refused ] && echo "no such image" >&2 && exit 1 ;; esac
    echo "$4" >> containers
    echo "$4-data" >> volumes
    sort -u volumes -o volumes
    echo "$4 $MYSQL_PASSWORD $MYSQL_DATABASE" >> environments ;;
  "container ls") cat containers ;;
  "volume ls") cat volumes ;;
  "rm --force") : > containers ;;
  "volume rm") : > volumes ;;
esac
`;

describe("the drill of the compose lab", function () {
  if (process.platform === "win32") return;
  this.timeout(60_000);
  const { PATH } = process.env;
  const [mysql, wordpress] = ["mysql", "wordpress"].map((name) =>
    healthy().containers.find((one) => one.name === name)!,
  ) as [Container, Container];
  let folder: string;
  const read = (file: string) => (existsSync(join(folder, file)) ? readFileSync(join(folder, file), "utf8") : "");

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "course-labs-drill-"));
    writeFileSync(join(folder, "docker"), docker(folder));
    chmodSync(join(folder, "docker"), 0o755);
    for (const file of ["containers", "volumes"]) writeFileSync(join(folder, file), "");
    const inspected = (more: object) => JSON.stringify([{ Image: "sha256:1", HostConfig: { Tmpfs: null }, ...more }]);
    const Config = {
      Env: ["MYSQL_PASSWORD=hunter22=x", "MYSQL_DATABASE=wp"],
      Cmd: ["mysqld", "--a"],
      Entrypoint: null,
      User: "",
    };
    writeFileSync(join(folder, `${mysql.id}.json`), inspected({ Config }));
    writeFileSync(
      join(folder, `${wordpress.id}.json`),
      inspected({
        Config: { Env: ["SITE_HOSTS=localhost:30000"], Cmd: null, Entrypoint: ["entry", "first"], User: "33" },
        HostConfig: { Tmpfs: { "/run": "size=1m" } },
      }),
    );
    process.env.PATH = `${folder}${delimiter}${PATH}`;
  });
  afterEach(() => {
    process.env.PATH = PATH;
    rmSync(folder, { recursive: true });
  });

  /** A WordPress that is installed by the drill, and keeps its posts for as long as it is told to. */
  const drill = async ({ forgets = false, writes = true } = {}) => {
    let [posts, installed]: [string[], boolean] = [[], false];
    const page = (body: unknown): Promise<Page> =>
      Promise.resolve({ status: 200, headers: {}, body: JSON.stringify(body) });
    const live = answering({
      exec: (_site, ...command) => {
        installed = true;
        if (writes) posts = [/"post_title" => "([^"]+)"/.exec(command.join(" "))![1]!];
        return Promise.resolve({ code: 0, stdout: "said", stderr: "" });
      },
      get: (url) => {
        const downs = read("calls").match(/^stop /gm)?.length ?? 0;
        if (read("volumes") === "" || downs > 1) installed = false;
        if (forgets && downs > 0) posts = [];
        if (url.includes("/wp/v2/posts")) return page(posts.map((rendered) => ({ title: { rendered } })));
        if (url.includes("rest_route")) return page({ home: url, name: "drill", namespaces: ["wp/v2"] });
        const location = `${url}wp-admin/install.php`;
        return installed ? page({}) : Promise.resolve({ status: 302, headers: { location }, body: "" });
      },
    });
    const other = { type: "volume", name: "a".repeat(64), path: "/other", writable: true };
    const odd = { ...mysql, mounts: [...mysql.mounts, other, { ...other, type: "bind", name: "/home" }] };
    odd.networks = [{ ...mysql.networks[0]!, aliases: ["mysql", "db", mysql.id.slice(0, 4)] }];
    return survives(odd, wordpress, live, "MAKE");
  };
  /** The calls, with the same name for every copy and port. */
  const calls = () =>
    read("calls")
      .replace(/course-labs-drill-[0-9a-f]{8}/g, "COPY")
      .replace(/(127\.0\.0\.1|localhost):\d+/g, "$1:PORT")
      .trim()
      .split("\n");

  it("passes if the post still exists, and leaves nothing behind", async () => {
    const verdict = await drill();
    assert.equal(verdict.status, "passed");
    const { evidence } = verdict;
    assert.deepEqual(evidence.before, [evidence.post]);
    assert.deepEqual(evidence.afterDownAndUp, [evidence.post]);
    assert.deepEqual(evidence.volumesAfterDown, ["mysql-data", "wordpress-data"]);
    assert.equal(evidence.afterDownVolumes, "not installed");
    assert.deepEqual([read("containers"), read("volumes")], ["", ""]);
  });

  it("starts a copy of both with its own volumes and port, and passwords that no other user can read", async () => {
    await drill();
    const label = "--label course-labs.drill=COPY";
    const started = calls().filter((call) => call.startsWith("run "));
    assert.equal(started.length, 6);
    assert.deepEqual(started.slice(0, 2), [
      `run --detach --name COPY-mysql ${label} --network COPY --network-alias mysql --network-alias db ` +
        "--env MYSQL_PASSWORD --env MYSQL_DATABASE=wp " +
        "--mount type=volume,source=COPY-course-labs-mysql,target=/var/lib/mysql,volume-label=course-labs.drill=COPY " +
        "--no-healthcheck --entrypoint  sha256:1 mysqld --a",
      `run --detach --name COPY-wordpress ${label} --network COPY --network-alias wordpress --env SITE_HOSTS=localhost:PORT ` +
        "--mount type=volume,source=COPY-course-labs-wordpress,target=/var/www/html,volume-label=course-labs.drill=COPY " +
        "--tmpfs /run:size=1m --publish 127.0.0.1:PORT:80 --no-healthcheck --entrypoint entry --user 33 sha256:1 first",
    ]);
    assert.doesNotMatch(read("calls"), /hunter22/);
    assert.match(read("environments"), /-mysql hunter22=x $/m);
  });

  it("takes the copy down three times, with its volumes only after they were checked", async () => {
    await drill();
    const order = calls()
      .filter((call) => /^(network|stop|rm|volume rm)/.test(call))
      .map((call) => call.replace(`--label course-labs.drill=COPY `, ""));
    const down = [
      "stop --time 30 COPY-mysql COPY-wordpress",
      "rm --force --volumes COPY-mysql COPY-wordpress",
      "network rm COPY",
    ];
    const withVolumes = [...down, "volume rm COPY-mysql-data COPY-wordpress-data"];
    const up = "network create COPY";
    assert.deepEqual(order, [up, ...down, up, ...withVolumes, up, ...withVolumes]);
    const filters = calls().filter((call) => / ls /.test(call));
    assert.ok(filters.every((call) => call.endsWith("--filter label=course-labs.drill=COPY")));
    assert.ok(filters.filter((call) => call.startsWith("container")).every((call) => call.includes(" --all ")));
  });

  it("fails if the post is gone, with the next step, and leaves nothing behind", async () => {
    const verdict = await drill({ forgets: true });
    assert.ok(verdict.status === "failed");
    const dump = 'exec mysqldump --all-databases --user=root --password="$MYSQL_ROOT_PASSWORD"';
    const keep = `docker exec mysql sh -c '${dump}' > mysql-kept.sql`;
    assert.deepEqual(verdict.next, {
      en: `The database is deleted with the container. To copy it first: ${keep}. Then: MAKE`,
      ko: `데이터베이스가 컨테이너와 함께 삭제됩니다. 먼저 복사해 두려면: ${keep}. 그런 다음: MAKE`,
    });
    assert.deepEqual(verdict.evidence.afterDownAndUp, []);
    assert.deepEqual([read("containers"), read("volumes")], ["", ""]);
  });

  it("leaves nothing behind if only one container could be started", async () => {
    writeFileSync(join(folder, "refused"), "");
    await assert.rejects(drill(), /no such image/);
    assert.ok(calls().includes("rm --force --volumes COPY-mysql"));
    assert.deepEqual([read("containers"), read("volumes")], ["", ""]);
  });

  it("shows WordPress's message if no post could be written, and leaves nothing behind", async () => {
    await assert.rejects(drill({ writes: false }), /no post could be written: said/);
    assert.deepEqual([read("containers"), read("volumes")], ["", ""]);
  });
});
