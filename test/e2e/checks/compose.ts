import assert from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";
import { live } from "../../../tools/checks/facts/live";
import { frontOf } from "../../../tools/checks/labs/wordpress";
import { everything } from "../everything";
import { docker } from "../harness";
import { inPlace, like, Mutant, passes, replaced } from "../mutants";
import { survivesChecks } from "./compose-drill";
import { DockerLabs, mysql, network, wordpress } from "./docker";
import { maintenance, notWordPress } from "./wordpress";

const inSite = (script: string) => docker("exec", wordpress, "sh", "-c", script);
const php = (script: string) =>
  docker("exec", wordpress, "php", "-r", `$_SERVER["HTTP_HOST"]="localhost:33000"; ${script}`);
/** Has the image write a new wp-config.php, as it does when its container starts and there is none. */
const newConfig = () => {
  inSite("rm wp-config.php");
  docker("restart", wordpress);
};
/** MySQL and WordPress are ready for visitors. */
export const ready = async () => {
  for (const deadline = Date.now() + 90_000; Date.now() < deadline; await sleep(300)) {
    const front = await frontOf("http://localhost:33000", live.get).catch(() => undefined);
    if (front?.is === "wordpress" || front?.is === "not installed") return;
  }
  throw new Error("WordPress does not come back");
};
/** Installs WordPress where that was not done yet. */
export const install = async () => {
  await ready();
  php(
    'define("WP_INSTALLING", true); require "wp-load.php"; require ABSPATH . "wp-admin/includes/upgrade.php"; is_blog_installed() || wp_install("Class", "teacher", "t@example.org", true, "", "a-long-Enough-1-password");',
  );
  await ready();
};
const connect = (alias: string) => docker("network", "connect", "--alias", alias, network, mysql);
const root = (sql: string) =>
  docker("exec", mysql, "sh", "-c", `mysql --user=root --password="$MYSQL_ROOT_PASSWORD" --execute="${sql}"`);

/** A plugin that is active, and taken out by the step that has a name to be put in. */
const plugin = (name: string, code: string): Pick<Mutant, "mends" | "name" | "make" | "undo" | "after"> => {
  const folder = `wp-content/plugins/${name}`;
  return {
    mends: true,
    name,
    make: () =>
      php(
        `require "wp-load.php"; update_option("active_plugins", ["${name}/${name}.php"]); mkdir("${folder}"); file_put_contents("${folder}/${name}.php", "<?php\n// Plugin Name: ${name}\n${code}");`,
      ),
    undo: () => inSite(`mv ${folder} ${folder}.off`),
    after: () => {
      inSite(`rm -r ${folder}.off`);
      php('require "wp-load.php"; update_option("active_plugins", []);');
    },
  };
};

/** The commands that copy what is stored, and those that make the container anew. */
const copiedFirst = /To copy that first: (.*)\. Then: (.*)$/;

/** Wrong states of the compose lab that are mended by what provisions, some of them at once; each beside those of other labs. */
export const composeMended = (on: DockerLabs): Mutant[][] => {
  const [site, database] = [() => on.again(wordpress), () => on.again(mysql)];
  const inMemory = inPlace(
    wordpress,
    { mounts: ["--mount=type=tmpfs,target=/var/www/html"], env: { WORDPRESS_DB_NAME: "wordpress2" } },
    site,
  );
  const staleAddress = inPlace(wordpress, { env: { SITE_HOSTS: "localhost:30000" } }, site);
  const nothing = { make: () => {}, undo: () => {} };
  return [
    [
      {
        owner: "compose.containers",
        wrong: "WordPress of another stack",
        mends: true,
        why: /do not belong to one project: label course-labs\.id/,
        ...inPlace(wordpress, { labels: ["course-labs.project=course-labs", "course-labs.id=0badcafe"] }, site),
      },
    ],
    [
      {
        owner: "compose.network",
        wrong: "both up, on the default bridge and apart",
        mends: true,
        next: /^docker rm --force ck-mysql; npm run up -- --labs redis,registry,compose$/,
        why: /share no user-defined network/,
        make: () => {
          docker("network", "disconnect", network, mysql);
          docker("network", "connect", "bridge", mysql);
        },
        undo: () => {
          docker("network", "disconnect", "bridge", mysql);
          connect("mysql");
        },
      },
      {
        owner: "compose.published",
        wrong: "WordPress on 0.0.0.0",
        mends: true,
        next: /^docker rm --force ck-wordpress; npm run up -- --labs redis,registry,compose$/,
        why: /published on 0\.0\.0\.0:33000/,
        ...inPlace(wordpress, { publish: ["33000:80"] }, site),
      },
    ],
    [
      {
        owner: "compose.volumes",
        wrong: "a volume without a name",
        mends: copiedFirst,
        kept: "ck-wordpress-kept",
        why: /ck-wordpress is not on a named volume, but on an anonymous volume/,
        ...inPlace(wordpress, { mounts: ["--volume=/var/www/html"] }, site),
      },
      {
        owner: "compose.database",
        wrong: "a MySQL that listens to itself alone",
        mends: true,
        next: /^docker logs ck-mysql shows why\. Data on its volumes is kept \(ck-course-labs-mysql\)/,
        why: /nothing answers at that host name \(MySQL error 2002\)/,
        ...inPlace(mysql, { command: ["--innodb-buffer-pool-size=64M", "--bind-address=127.0.0.1"] }, database),
      },
    ],
    [
      {
        owner: "compose.volumes",
        wrong: "MySQL's volume mounted one folder off",
        mends: copiedFirst,
        kept: "ck-mysql-kept.sql",
        why: /\/var\/lib\/mysql of ck-mysql is not on a named volume/,
        ...inPlace(mysql, { mounts: ["--volume=ck-course-labs-mysql:/var/lib/mysql-data"] }, database),
      },
      {
        owner: "compose.database",
        wrong: "another password than the volume's",
        mends: /is deleted: (docker rm .*) – or start over .*\(posts and uploads are lost\): npm run destroy /,
        next: /^Set WORDPRESS_DB_USER and WORDPRESS_DB_PASSWORD of WordPress back /,
        why: /the password or the user is wrong\. MySQL sets its passwords only when its volume is new \(MySQL error 1045\)/,
        ...inPlace(wordpress, { env: { WORDPRESS_DB_PASSWORD: "another" } }, site),
      },
    ],
    [
      {
        owner: "compose.volumes",
        wrong: "in memory: tmpfs",
        mends: copiedFirst,
        kept: "ck-wordpress-kept/index.php",
        why: /\/var\/www\/html of ck-wordpress is not on a named volume, but on a tmpfs\./,
        make: () => {
          inMemory.make();
          inSite("until [ -s wp-config.php ]; do sleep 0.2; done");
        },
        undo: inMemory.undo,
      },
      {
        owner: "compose.database",
        wrong: "a database that the user may not use",
        mends: true,
        next: /^Fix WORDPRESS_DB_NAME of WordPress \(expected: the MYSQL_DATABASE of MySQL\)\. /,
        why: /MySQL error 10(?:44|49)/,
        ...nothing,
      },
    ],
    [
      {
        owner: "compose.published",
        wrong: "MySQL published, too",
        mends: true,
        next: /^docker rm --force ck-mysql; npm run up -- --labs redis,registry,compose$/,
        why: /ck-mysql is published on 127\.0\.0\.1:33306/,
        ...inPlace(mysql, { publish: ["127.0.0.1:33306:3306"] }, database),
      },
      {
        owner: "compose.database",
        wrong: "another database in wp-config.php, not in the environment",
        mends: true,
        next: /^docker exec ck-wordpress mv \S+ \S+-before\.php; docker rm --force ck-wordpress; npm run up/,
        why: /database elsewhere .*\(MySQL error 10(?:44|49)\)/,
        make: () => inSite("sed -i \"/define.*DB_NAME/c define('DB_NAME', 'elsewhere');\" wp-config.php"),
        undo: newConfig,
      },
    ],
    [
      {
        owner: "compose.page",
        wrong: "the address of another port in the database",
        mends: true,
        doctor: "stale address",
        why: /redirects visitors to http:\/\/localhost:30000/,
        make: () => {
          php(
            'require "wp-load.php"; update_option("home", "http://localhost:30000"); update_option("siteurl", "http://localhost:30000");',
          );
          return staleAddress.make();
        },
        undo: staleAddress.undo,
      },
    ],
    [
      {
        owner: "compose.page",
        wrong: "a container that runs, and no server in it",
        mends: true,
        next: /^docker logs ck-wordpress shows why\. Data on its volumes is kept/,
        why: /Nothing answers at http:\/\/localhost:33000/,
        ...inPlace(wordpress, { entrypoint: ["sleep"], command: ["infinity"] }, site),
      },
    ],
    [
      {
        owner: "compose.containers",
        wrong: "their network was removed while they were stopped",
        mends: true,
        doctor: "cannot start",
        why: /Its network was removed/,
        make: () => {
          docker("stop", wordpress, mysql);
          docker("network", "rm", network);
          for (const name of [mysql, wordpress]) assert.throws(() => docker("start", name), /not found/);
        },
        undo: () => {
          docker("rm", "--force", wordpress);
          return on.again(mysql);
        },
      },
    ],
    [
      {
        owner: "compose.page",
        wrong: "wp-config.php lost",
        mends: true,
        next: /^Data on its volumes is kept \(ck-course-labs-wordpress\)/,
        why: /has lost its wp-config\.php/,
        make: () => inSite("rm wp-config.php"),
        undo: site,
      },
    ],
    ...(everything ? seldom(on) : []),
  ];
};

/** What is like a state above, with another value, and what costs the posts. */
function seldom(on: DockerLabs): Mutant[][] {
  const site = () => on.again(wordpress);
  const otherHost = inPlace(wordpress, { env: { WORDPRESS_DB_HOST: "other" } }, site);
  return [
    [
      {
        owner: "compose.database",
        wrong: "another MySQL, same password: the page works",
        mends: true,
        why: /WordPress uses the database on \w+ \(other\), not the one of this lab/,
        make: async () => {
          const args = like(mysql, { mounts: [], network }).filter((arg) => arg !== "--network-alias=mysql");
          docker("run", "--detach", "--name", "ck-other-db", "--network-alias=other", ...args);
          otherHost.make();
          await ready();
        },
        undo: site,
        after: () => docker("rm", "--force", "--volumes", "ck-other-db"),
      },
    ],
    [
      {
        owner: "compose.database",
        wrong: "a slip of the pen in wp-config.php",
        mends: true,
        why: /cannot use its wp-config\.php: Unmatched '}'/,
        make: () => inSite("echo '}' >> wp-config.php"),
        undo: newConfig,
      },
    ],
    [
      {
        owner: "compose.database",
        wrong: "password changed in MySQL alone",
        mends: / – or start over with new volumes \(posts and uploads are lost\): (npm run destroy .*)$/,
        why: /MySQL error 1045/,
        make: () => root("RENAME USER 'wordpress'@'%' TO 'wordpres'@'%'"),
        undo: () => root("RENAME USER 'wordpres'@'%' TO 'wordpress'@'%'"),
      },
    ],
  ];
}

/** The checks of the compose lab, on a WordPress that is installed first. */
export const composeChecks = (on: DockerLabs) =>
  describe("compose", () => {
    const containers: Mutant[] = [
      {
        owner: "compose.containers",
        wrong: "MySQL stopped",
        mends: true,
        doctor: "stopped",
        why: /Container ck-mysql is not running \(exited/,
        make: () => docker("stop", mysql),
        undo: () => docker("start", mysql),
      },
      {
        owner: "compose.containers",
        wrong: "a container ck-mysql-1",
        mends: true,
        why: /There is no container ck-mysql; there is ck-mysql-1/,
        make: () => docker("rename", mysql, `${mysql}-1`),
        undo: () => docker("rename", `${mysql}-1`, mysql),
      },
      {
        owner: "compose.containers",
        wrong: "another image in the place of MySQL's",
        why: /^Container ck-mysql runs (?:debian:12|localhost:36500\/debian:12), not the current mysql:9\.7\.2/,
        ...replaced(mysql, { image: "debian:12", entrypoint: ["sleep"], command: ["infinity"] }),
      },
    ];
    const networks: Mutant[] = [
      {
        owner: "compose.network",
        wrong: "on the network, but under another name",
        mends: true,
        why: /the name mysql resolves to nothing/,
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
        mends: true,
        next: /^docker network disconnect ck-wordpress ck-impostor$/,
        why: /resolves to \d+(?:\.\d+){3} and \d+(?:\.\d+){3}, not to ck-mysql/,
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
        undo: () => {},
        after: () => docker("rm", "--force", "ck-impostor"),
      },
    ];
    const published: Mutant[] = [
      {
        owner: "compose.published",
        wrong: "WordPress on another port",
        why: /on 127\.0\.0\.1:33000 -> 80\/tcp only\. It is published on 127\.0\.0\.1:33001/,
        ...replaced(wordpress, { publish: ["127.0.0.1:33001:80"] }),
      },
    ];
    const databases: Mutant[] = [
      {
        owner: "compose.database",
        wrong: "password changed in MySQL alone",
        why: /MySQL error 1045/,
        make: () => root("RENAME USER 'wordpress'@'%' TO 'wordpres'@'%'"),
        undo: () => root("RENAME USER 'wordpres'@'%' TO 'wordpress'@'%'"),
      },
    ];
    const pages: Mutant[] = [
      { owner: "compose.page", mends: true, ...notWordPress(inSite) },
      { owner: "compose.page", mends: true, ...maintenance(inSite, /answers with error 503/) },
      {
        owner: "compose.page",
        wrong: "a plugin that fails",
        why: /answers with error 500/,
        ...plugin("slip", "slip();"),
      },
      {
        owner: "compose.page",
        wrong: "a plugin that wants https, which nobody speaks",
        why: /redirects visitors to https:\/\/localhost:33000\//,
        ...plugin(
          "secure",
          "add_action('template_redirect', fn () => wp_redirect('https://localhost:33000/') && exit());",
        ),
      },
    ];

    before(async () => {
      await install();
      on.note(await on.look(["compose"]));
    });
    // What a mutant undid takes a moment to answer again.
    afterEach(ready);
    for (const mutant of [...containers, ...networks, ...published, ...databases, ...pages]) {
      on.wrong(["compose"], mutant);
    }

    it("passes where the password comes out of a file", async () => {
      const file = "/var/www/html/.password";
      const fromFile = replaced(wordpress, {
        env: { WORDPRESS_DB_PASSWORD: "another", WORDPRESS_DB_PASSWORD_FILE: file },
      });
      inSite(`printf %s "$WORDPRESS_DB_PASSWORD" > ${file}`);
      try {
        await fromFile.make();
        await ready();
        passes(await on.look(["compose"]));
      } finally {
        await fromFile.undo();
        inSite(`rm ${file}`);
      }
    });

    it("passes again", async () => passes(await on.look(["compose"])));

    survivesChecks(on);
  });
