import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, writeFileSync, chmodSync, mkdirSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { prepare } from "../../tools/install/closed-network";
import { cacheRoot } from "../../tools/install/closed-network/cache";
import { images, standInLabel } from "../../tools/install/closed-network/images";
import { Text } from "../../text";
import { docker, remove } from "./harness";
import { versions } from "../../tools/checks/doctor/versions";

// What the labs expect of their images. The stand-ins are tried unless other images are named, such as the originals.
const named = {
  debian: process.env.CN_TEST_DEBIAN,
  mysql: process.env.CN_TEST_MYSQL,
  wordpress: process.env.CN_TEST_WORDPRESS,
};
const debian = named.debian ?? "debian:12-cn-test";
const mysql = named.mysql ?? "mysql:cn-test";
const wordpress = named.wordpress ?? "wordpress:cn-test-apache";
const standIns = [debian, mysql, wordpress].filter((image) => image.includes("cn-test"));

const network = "cn-test-net";
const volumes = ["cn-test-db", "cn-test-db-files", "cn-test-db-caps", "cn-test-www", "cn-test-www-33"];
const containers = ["cn-test-mysql", "cn-test-mysql-2", "cn-test-wp", "cn-test-wp-2"];

/** Like a small machine's: what the labs start MySQL with. */
const small = ["--innodb-buffer-pool-size=64M", "--performance-schema=OFF"];
const hardened = ["--read-only", "--tmpfs", "/tmp", "--cap-drop", "ALL", "--security-opt", "no-new-privileges"];

/** Runs docker, and gives what came of it also when it failed. */
function tried(...args: string[]) {
  const result = spawnSync("docker", args, { encoding: "utf8" });
  return { code: result.status, said: result.stdout + result.stderr };
}
const gone = (...names: string[]) => tried("rm", "--force", "--volumes", ...names);
const logs = (name: string) => tried("logs", name).said;
const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));
const env = (values: Record<string, string>) =>
  Object.entries(values).flatMap(([key, value]) => ["--env", `${key}=${value}`]);

/** Asks a server in a container over TCP, as an application does. */
const sql = (container: string, user: string, password: string, query: string, database = "") =>
  tried(
    ...["exec", "--env", `MYSQL_PWD=${password}`, container, "mysql", "--protocol=tcp", "--host=127.0.0.1"],
    ...["--batch", "--skip-column-names", `--user=${user}`, "--execute", query, database].filter(Boolean),
  );

/** Asks until the application's user is answered. */
async function ready(container: string, user: string, password: string, database: string): Promise<void> {
  for (let refused = 0; refused < 400; refused++) {
    if (sql(container, user, password, "SELECT 1", database).code === 0) return;
    const running = docker("inspect", "--format", "{{.State.Running}}", container) === "true";
    assert.ok(running, `${container} ended:\n${logs(container)}`);
    await pause(100);
  }
  return assert.fail(`${container} was not ready:\n${logs(container)}`);
}

/** Stops a container; its exit code is 0 where it went by itself, and 137 where its patience was over. */
function stop(container: string) {
  docker("stop", "--time", "30", container);
  return docker("inspect", "--format", "{{.State.ExitCode}}", container);
}

describe("images of the closed network", function () {
  this.timeout(120_000);
  let folder: string;
  const reported: Text[] = [];

  before(async function () {
    this.timeout(900_000);
    cleanUp();
    folder = mkdtempSync(join(tmpdir(), "cn-test-"));
    docker("network", "create", network);
    await images(cacheRoot(), standIns, (line) => reported.push(line));
  });
  after(() => {
    cleanUp();
    remove(folder);
  });
  function cleanUp() {
    gone(...containers);
    tried("volume", "rm", "--force", ...volumes);
    tried("network", "rm", network);
    tried("image", "rm", "--force", "cn-test-redis", ...standIns);
  }
  /** A file that only a secret's reader needs to see, as an option of `docker run`. */
  function secret(name: string, value: string) {
    const file = join(folder, name);
    writeFileSync(file, value);
    chmodSync(file, 0o444);
    return ["--volume", `${file}:/run/secrets/${name}:ro`];
  }

  describe("labels", () => {
    it("say what an image is made of, and one line says it to the person", () => {
      for (const image of [debian, mysql, wordpress]) {
        const label = docker("image", "inspect", "--format", `{{index .Config.Labels "${standInLabel}"}}`, image);
        if (!standIns.includes(image)) assert.equal(label, "", `${image} is an original`);
        else assert.match(label, /^Debian (bookworm|sid) packages: .*base-files \S+/, image);
      }
      for (const image of standIns) {
        const line = reported.find(({ en }) => en.startsWith(`${image}: stand-in image built from Debian packages (`));
        assert.ok(line?.ko.startsWith(`${image}: Debian 패키지로 만든 대체 이미지 (`), image);
      }
    });

    it("are of an image that gets its name back, where it is still here without", async () => {
      const [id, said] = [docker("image", "inspect", "--format", "{{.Id}}", debian), reported.length];
      docker("tag", debian, "cn-test-kept");
      docker("image", "rm", debian);
      await images(cacheRoot(), [debian], (line) => reported.push(line));
      assert.equal(docker("image", "inspect", "--format", "{{.Id}}", debian), id);
      assert.match(reported[said]?.en ?? "", /restored the name of the image that was built earlier$/);
      docker("image", "rm", "cn-test-kept");
    });

    it("keep an image as it is while its recipe is the same", async () => {
      const ids = () => standIns.map((image) => docker("image", "inspect", "--format", "{{.Id}}", image));
      const [before_, said] = [ids(), reported.length];
      await images(cacheRoot(), standIns, (line) => reported.push(line));
      assert.deepEqual(ids(), before_);
      assert.equal(reported.length, said, "nothing was made, nothing is said");
    });
  });

  describe("debian", () => {
    it("installs packages in docker build", () => {
      const dockerfile = `FROM ${debian}\nRUN apt-get update && apt-get install -y redis-server\n`;
      writeFileSync(join(folder, "Dockerfile"), dockerfile);
      docker("build", "--quiet", "--no-cache", "--tag", "cn-test-redis", "--file", join(folder, "Dockerfile"), folder);
      assert.match(docker("run", "--rm", "cn-test-redis", "redis-server", "--version"), /^Redis server v=\d/);
    });

    it("starts a shell, as the original does", () => {
      const result = spawnSync("docker", ["run", "--rm", "--interactive", debian], {
        input: "echo $0",
        encoding: "utf8",
      });
      assert.equal(result.stdout, "bash\n");
    });
  });

  describe("mysql", () => {
    const [root, password] = [`r"o'o\\t pw`, `it's "a\\ pw`];
    const start = (...args: string[]) =>
      docker("run", "--detach", "--name", "cn-test-mysql", "--network", network, ...args, mysql, ...small);
    const settings = {
      MYSQL_ROOT_PASSWORD: root,
      MYSQL_DATABASE: "word_press",
      MYSQL_USER: "wp",
      MYSQL_PASSWORD: password,
    };
    const onVolume = ["--volume", "cn-test-db:/var/lib/mysql", "--publish", "127.0.0.1:39100:3306"];

    it("answers over TCP when database and user are there, and not before", async () => {
      start(...onVolume, ...env(settings));
      await ready("cn-test-mysql", "wp", password, "word_press");
      const ports = [...logs("cn-test-mysql").matchAll(/mysqld: ready for connections\..* port: (\d+)/g)].map(
        (m) => m[1],
      );
      assert.deepEqual(ports, ["0", "3306"], "the server that sets up has no network");
    });

    it("gives its user that database, and no other", () => {
      const made = sql(
        "cn-test-mysql",
        "wp",
        password,
        "CREATE TABLE t (a INT); INSERT INTO t VALUES (7)",
        "word_press",
      );
      assert.equal(made.code, 0, made.said);
      assert.match(sql("cn-test-mysql", "wp", password, "CREATE DATABASE other").said, /Access denied/);
      // An underscore in a grant that is not escaped would let any character stand there.
      assert.match(sql("cn-test-mysql", "wp", password, "CREATE DATABASE wordXpress").said, /Access denied/);
      assert.equal(sql("cn-test-mysql", "root", root, "CREATE DATABASE other; DROP DATABASE other").code, 0);
    });

    it("refuses a wrong password", () => {
      for (const [user, wrong] of [
        ["wp", "wrong"],
        ["root", password],
        ["root", ""],
      ] as const) {
        assert.match(sql("cn-test-mysql", user, wrong, "SELECT 1").said, /Access denied for user/, `${user} ${wrong}`);
      }
    });

    it("runs its server as user 999, who owns the data", () => {
      assert.equal(
        docker("exec", "cn-test-mysql", "stat", "--format=%u:%g", "/proc/1", "/var/lib/mysql/mysql"),
        "999:999\n999:999",
      );
    });

    it("stops when it is told to, and keeps its data and its password for the next start", async () => {
      assert.equal(stop("cn-test-mysql"), "0");
      docker("rm", "cn-test-mysql");
      start(...onVolume, ...env({ ...settings, MYSQL_PASSWORD: "changed", MYSQL_DATABASE: "another" }));
      await ready("cn-test-mysql", "wp", password, "word_press");
      assert.equal(sql("cn-test-mysql", "wp", password, "SELECT a FROM t", "word_press").said.trim(), "7");
      assert.match(sql("cn-test-mysql", "wp", "changed", "SELECT 1").said, /Access denied/);
      assert.doesNotMatch(sql("cn-test-mysql", "root", root, "SHOW DATABASES").said, /another/);
    });

    it("reads _FILE variables and start scripts, as user 999 with nothing it may do besides", async () => {
      const scripts = join(folder, "initdb");
      mkdirSync(scripts);
      writeFileSync(join(scripts, "1.sql"), "CREATE TABLE t (a INT);");
      writeFileSync(
        join(scripts, "2.sh"),
        `mysql -uroot -p"$MYSQL_ROOT_PASSWORD" d --execute 'INSERT INTO t VALUES (8)'`,
      );
      const gz = spawnSync("gzip", ["--stdout"], { input: "INSERT INTO t VALUES (9);" }).stdout;
      writeFileSync(join(scripts, "3.sql.gz"), gz);
      chmodSync(folder, 0o755);
      docker(
        ...["run", "--detach", "--name", "cn-test-mysql-2", "--user", "999", ...hardened, "--tmpfs", "/var/run/mysqld"],
        ...["--volume", "cn-test-db-files:/var/lib/mysql", "--volume", `${scripts}:/docker-entrypoint-initdb.d:ro`],
        ...[...secret("root", "rootpw"), ...secret("db", "d"), ...secret("user", "u"), ...secret("password", "p\n")],
        ...env({
          MYSQL_ROOT_PASSWORD_FILE: "/run/secrets/root",
          MYSQL_ROOT_HOST: "localhost",
          MYSQL_DATABASE_FILE: "/run/secrets/db",
          MYSQL_USER_FILE: "/run/secrets/user",
          MYSQL_PASSWORD_FILE: "/run/secrets/password",
        }),
        ...[mysql, ...small],
      );
      await ready("cn-test-mysql-2", "u", "p", "d");
      assert.equal(sql("cn-test-mysql-2", "u", "p", "SELECT a FROM t ORDER BY a", "d").said, "8\n9\n");
      const hosts = "SELECT host FROM mysql.user WHERE user = 'root'";
      const socket = ["exec", "--env", "MYSQL_PWD=rootpw", "cn-test-mysql-2", "mysql", "--user=root", "--batch"];
      assert.equal(docker(...socket, "--skip-column-names", "--execute", hosts), "localhost");
      assert.equal(stop("cn-test-mysql-2"), "0");
      gone("cn-test-mysql-2");
    });

    it("starts as root with four capabilities, and makes up a password when told to", async () => {
      const needed = ["CHOWN", "SETUID", "SETGID", "DAC_OVERRIDE"].flatMap((name) => ["--cap-add", name]);
      docker(
        ...["run", "--detach", "--name", "cn-test-mysql-2", ...hardened, ...needed, "--tmpfs", "/var/run/mysqld"],
        ...["--volume", "cn-test-db-caps:/var/lib/mysql", "--env", "MYSQL_RANDOM_ROOT_PASSWORD=yes"],
        ...env({ MYSQL_DATABASE: "d", MYSQL_USER: "u", MYSQL_PASSWORD: "p" }),
        ...[mysql, ...small],
      );
      await ready("cn-test-mysql-2", "u", "p", "d");
      const made = /GENERATED ROOT PASSWORD: (\S+)/.exec(logs("cn-test-mysql-2"))?.[1] ?? "";
      assert.equal(sql("cn-test-mysql-2", "root", made, "SELECT 1").code, 0);
      gone("cn-test-mysql-2");
    });

    it("refuses to start without what it needs, and says what that is", () => {
      const refused = (values: Record<string, string>, ...command: string[]) => {
        const { code, said } = tried("run", "--rm", ...env(values), mysql, ...command);
        assert.equal(code === 0, false, said);
        return said;
      };
      const nothing = refused({});
      assert.match(nothing, /Database is uninitialized and password option is not specified/);
      for (const name of ["MYSQL_ROOT_PASSWORD", "MYSQL_ALLOW_EMPTY_PASSWORD", "MYSQL_RANDOM_ROOT_PASSWORD"]) {
        assert.ok(nothing.includes(name), name);
      }
      assert.match(refused({ MYSQL_ROOT_PASSWORD: "x", MYSQL_USER: "root", MYSQL_PASSWORD: "x" }), /MYSQL_USER="root"/);
      const twice = refused({ MYSQL_ROOT_PASSWORD: "x", MYSQL_ROOT_PASSWORD_FILE: "/etc/hostname" });
      assert.match(twice, /both .*set/);
      assert.match(refused({ MYSQL_ROOT_PASSWORD: "x" }, "--no-such-flag=1"), /no-such-flag/);
    });

    it("runs other commands as they are", () => {
      assert.match(docker("run", "--rm", mysql, "mysqladmin", "--version"), /mysqladmin/);
      assert.match(docker("run", "--rm", mysql, "mysqld", "--version"), /Ver (8\.4|9)\./);
    });
  });

  describe("wordpress", () => {
    const url = "http://127.0.0.1:39101";
    const password = `it's "a\\ pw`;
    const settings = {
      WORDPRESS_DB_HOST: "cn-test-mysql:3306",
      WORDPRESS_DB_USER: "wp",
      WORDPRESS_DB_NAME: "word_press",
    };
    const served = ["--network", network, "--publish", "127.0.0.1:39101:80"];
    const start = (name: string, ...args: string[]) =>
      docker("run", "--detach", "--name", name, ...served, ...args, wordpress);
    // A connection that is kept open is waited for when Apache stops.
    const alone = { headers: { connection: "close" }, redirect: "manual" } as const;
    const get = (path: string, ms = 20_000) => fetch(url + path, { ...alone, signal: AbortSignal.timeout(ms) });

    /** The first answer of the web server. */
    async function answered(container: string, path: string) {
      for (let i = 0; i < 150; i++) {
        // A connection that is cut as it is made can leave fetch waiting for ever.
        const answer = await get(path, 2000).catch(() => undefined);
        if (answer) return answer;
        await pause(100);
      }
      return assert.fail(`${container} does not answer:\n${logs(container)}`);
    }
    const php = (container: string, script: string) => {
      const code = `<?php define('WP_INSTALLING', true); $_SERVER['HTTP_HOST'] = '127.0.0.1:39101'; require '/var/www/html/wp-load.php'; ${script}`;
      const args = ["exec", "--interactive", "--user", "www-data", container, "php"];
      return spawnSync("docker", args, { input: code, encoding: "utf8" }).stdout;
    };
    const config = (container: string) => docker("exec", container, "cat", "/var/www/html/wp-config.php");
    let first: string;

    it("sends its first visitor to an install page that is there at once", async () => {
      start(
        "cn-test-wp",
        ...["--volume", "cn-test-www:/var/www/html"],
        ...env({
          ...settings,
          WORDPRESS_DB_PASSWORD: password,
          WORDPRESS_CONFIG_EXTRA: "define('WP_HTTP_BLOCK_EXTERNAL', true); header('X-Extra: ' . DB_NAME);",
        }),
      );
      const answer = await answered("cn-test-wp", "/");
      assert.equal(answer.status, 302, await answer.text());
      assert.match(answer.headers.get("location") ?? "", /\/wp-admin\/install\.php$/);
      const page = await get("/wp-admin/install.php");
      assert.match(await page.text(), /name="(weblog_title|language)"/);
      assert.equal(page.headers.get("x-extra"), "word_press", "WORDPRESS_CONFIG_EXTRA is run, after the settings");
    });

    it("has its files in the volume, and phrases of its own", () => {
      const where = ["wp-includes/version.php", "wp-config.php", ".htaccess", "wp-content"].map(
        (f) => `/var/www/html/${f}`,
      );
      assert.equal(docker("exec", "cn-test-wp", "stat", "--format=%u", ...where), Array(4).fill("33").join("\n"));
      first = config("cn-test-wp");
      const phrases = [...first.matchAll(/_(?:KEY|SALT)',\s*'([^']+)'\)/g)].map((match) => match[1]);
      assert.equal(new Set(phrases).size, 8, first);
      assert.doesNotMatch(first, /put your unique phrase here/);
      assert.equal(first.includes(password), false, "the password stays in the environment");
    });

    it("installs, and shows its front page, a post by its name, and what is not there", async () => {
      const form = {
        ...{ weblog_title: "Closed network", user_name: "admin", admin_email: "a@example.org", Submit: "Install" },
        ...{ admin_password: "a-long-Enough-1", admin_password2: "a-long-Enough-1", pw_weak: "on", blog_public: "0" },
      };
      const body = new URLSearchParams(form);
      const installed = await fetch(`${url}/wp-admin/install.php?step=2`, { ...alone, method: "POST", body });
      assert.match(await installed.text(), /Success!/);
      const front = await get("/");
      assert.equal(front.status, 200);
      assert.match(await front.text(), /<title>Closed network<\/title>[^]*themes\/twentytwenty/, "a theme draws it");

      const rules = "require ABSPATH . 'wp-admin/includes/admin.php'; add_filter('got_rewrite', '__return_true');";
      php("cn-test-wp", `${rules} $wp_rewrite->set_permalink_structure('/%postname%/'); flush_rewrite_rules(true);`);
      assert.equal((await get("/hello-world/")).status, 200);
      const none = await get("/no-such-post/");
      assert.equal(none.status, 404);
      assert.match(await none.text(), /Closed network/, "WordPress's own page, not the web server's");
      assert.doesNotMatch(logs("cn-test-wp"), /PHP (Warning|Fatal)/);
    });

    it("keeps files and site for a second start, with settings from files", async () => {
      docker("exec", "--user", "www-data", "cn-test-wp", "sh", "-c", "echo mine > wp-content/mine.txt");
      assert.equal(stop("cn-test-wp"), "0");
      docker("rm", "cn-test-wp");
      const { WORDPRESS_DB_HOST } = settings;
      start(
        "cn-test-wp",
        ...["--volume", "cn-test-www:/var/www/html"],
        ...[...secret("wp-user", "wp"), ...secret("wp-password", `${password}\n`), ...secret("wp-db", "word_press")],
        ...env({
          WORDPRESS_DB_HOST,
          WORDPRESS_DB_USER_FILE: "/run/secrets/wp-user",
          WORDPRESS_DB_PASSWORD_FILE: "/run/secrets/wp-password",
          WORDPRESS_DB_NAME_FILE: "/run/secrets/wp-db",
        }),
      );
      const answer = await answered("cn-test-wp", "/hello-world/");
      assert.equal(answer.status, 200, logs("cn-test-wp"));
      assert.equal(answer.headers.get("x-extra"), null, "read at every request: what is no longer set is gone");
      assert.equal(await (await get("/wp-content/mine.txt")).text(), "mine\n");
      assert.equal(config("cn-test-wp"), first);
    });

    // The original asks, and gets an answer where there is one.
    if (standIns.includes(wordpress))
      it("asks nobody outside, whoever asked it to", () => {
        const script =
          "$a = wp_remote_get('http://example.org'); echo is_wp_error($a) ? $a->get_error_code() : 'asked';";
        assert.equal(php("cn-test-wp", script), "http_request_not_executed");
      });

    it("runs as user 33 with nothing it may do besides, next to another site in one database", async () => {
      gone("cn-test-wp");
      start(
        "cn-test-wp-2",
        ...["--user", "33", ...hardened, "--tmpfs", "/var/run/apache2:mode=1777"],
        ...["--sysctl", "net.ipv4.ip_unprivileged_port_start=0", "--volume", "cn-test-www-33:/var/www/html"],
        ...env({
          ...settings,
          WORDPRESS_DB_PASSWORD: password,
          WORDPRESS_TABLE_PREFIX: "other_",
          WORDPRESS_DEBUG: "1",
        }),
      );
      const answer = await answered("cn-test-wp-2", "/");
      assert.equal(answer.status, 302, logs("cn-test-wp-2"));
      assert.match(answer.headers.get("location") ?? "", /install\.php$/, "another prefix is another site");
      assert.equal(php("cn-test-wp-2", "echo WP_DEBUG ? 'on' : 'off', $table_prefix;").includes("onother_"), true);
      assert.match(logs("cn-test-wp-2"), /"GET \/ HTTP\/1\.1" 302/, "requests are in the container's log");
      assert.equal(stop("cn-test-wp-2"), "0");
    });
  });

  describe("prepare", () => {
    it("makes nothing when all is there", async function () {
      this.timeout(900_000);
      const lines: Text[] = [];
      const report = (line: Text) => lines.push(line);
      const needs = { docker: true, images: [...standIns], plugins: ["docker", "random"], report };
      const { env: made } = await prepare(needs);
      lines.length = 0;
      await prepare(needs);
      assert.deepEqual(lines, []);
      const version = spawnSync("pulumi", ["version"], { env: made, encoding: "utf8" });
      assert.equal(version.stdout.trim(), `v${versions.find(({ what }) => what === "Pulumi")?.version}`);
    });
  });
});
