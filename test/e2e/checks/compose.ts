import { setTimeout as sleep } from "node:timers/promises";
import { live } from "../../../tools/checks/facts/live";
import { frontOf } from "../../../tools/checks/labs/wordpress";
import { docker } from "../harness";
import { inPlace, like, Mutant, passes, replaced } from "../mutants";
import { survivesChecks } from "./compose-drill";
import { DockerLabs, mysql, network, wordpress } from "./docker";
import { maintenance, notWordPress } from "./wordpress";

/** The checks of the compose lab, on a WordPress that is installed first. */
export const composeChecks = (on: DockerLabs) =>
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
        mends: true,
        doctor: "stopped",
        why: /Container ck-mysql exists, but is not running \(exited/,
        make: () => docker("stop", mysql),
        undo: () => docker("start", mysql),
      },
      {
        owner: "compose.containers",
        wrong: "WordPress of another stack",
        why: /do not belong to one project: label course-labs\.id/,
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
        why: /^Container ck-mysql runs (?:debian:12|ck-base\/debian:12), not the current mysql:9\.7\.2/,
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
        undo: () => docker("rm", "--force", "ck-impostor"),
      },
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
    ];
    const published: Mutant[] = [
      {
        owner: "compose.published",
        wrong: "WordPress on 0.0.0.0",
        next: /^docker rm --force ck-wordpress; npm run up -- --labs redis,registry,compose$/,
        why: /published on 0\.0\.0\.0:33000/,
        ...inPlace(wordpress, { publish: ["33000:80"] }, () => on.again(wordpress)),
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
        next: /^docker rm --force ck-mysql; npm run up -- --labs redis,registry,compose$/,
        why: /ck-mysql is published on 127\.0\.0\.1:33306/,
        mends: true,
        ...answering(inPlace(mysql, { publish: ["127.0.0.1:33306:3306"] }, () => on.again(mysql))),
      },
    ];
    const volumes: Mutant[] = [
      {
        owner: "compose.volumes",
        wrong: "MySQL's volume mounted one folder off",
        why: /\/var\/lib\/mysql of ck-mysql is not on a named volume/,
        ...answering(replaced(mysql, { mounts: ["--volume=ck-course-labs-mysql:/var/lib/mysql-data"] })),
      },
      {
        owner: "compose.volumes",
        wrong: "a volume without a name",
        next: /^docker rm --force ck-wordpress; npm run up -- --labs redis,registry,compose$/,
        why: /ck-wordpress is not on a named volume, but on an anonymous volume/,
        ...answering(replaced(wordpress, { mounts: ["--volume=/var/www/html"] })),
      },
      {
        owner: "compose.volumes",
        wrong: "in memory: tmpfs",
        why: /\/var\/www\/html of ck-wordpress is not on a named volume, but on a tmpfs\./,
        ...answering(replaced(wordpress, { mounts: ["--mount=type=tmpfs,target=/var/www/html"] })),
      },
    ];
    const otherHost = replaced(wordpress, { env: { WORDPRESS_DB_HOST: "other" } });
    const otherAddress = replaced(wordpress, { env: { SITE_HOSTS: "localhost:30000" } });
    const databases: Mutant[] = [
      {
        owner: "compose.database",
        wrong: "another password than the volume's",
        next: /^Set WORDPRESS_DB_USER and WORDPRESS_DB_PASSWORD of WordPress back .*: docker rm --force ck-wordpress; npm run up -- --labs redis,registry,compose – .*\(posts are lost\): npm run destroy -- --labs compose; npm run up -- --labs redis,registry,compose$/,
        doctor: "wrong password",
        why: /the password or the user is wrong\. MySQL sets its passwords only when its volume is new \(MySQL error 1045\)/,
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
        wrong: "another database in wp-config.php, not in the environment",
        why: /database elsewhere .*\(MySQL error 10(?:44|49)\)/,
        make: () =>
          inSite(
            "cp -p wp-config.php wp-config.aside; sed -i \"/define.*DB_NAME/c define('DB_NAME', 'elsewhere');\" wp-config.php",
          ),
        undo: () => inSite("mv wp-config.aside wp-config.php"),
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
        why: /WordPress uses the database on \w+ \(other\), not the one of this lab/,
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
      { owner: "compose.page", mends: true, ...notWordPress(inSite) },
      { owner: "compose.page", mends: true, ...maintenance(inSite, /answers with error 503/) },
      {
        owner: "compose.page",
        wrong: "wp-config.php lost",
        mends: true,
        why: /has lost its wp-config\.php/,
        make: () => inSite("mv wp-config.php wp-config.aside"),
        undo: () => inSite("mv wp-config.aside wp-config.php"),
      },
      {
        owner: "compose.page",
        wrong: "the address of another port in the database",
        doctor: "stale address",
        why: /redirects visitors to http:\/\/localhost:30000/,
        make: () => {
          php(
            'require "wp-load.php"; update_option("home", "http://localhost:30000"); update_option("siteurl", "http://localhost:30000");',
          );
          return otherAddress.make();
        },
        undo: otherAddress.undo,
      },
    ];

    before(async () => {
      await ready();
      php(
        'define("WP_INSTALLING", true); require "wp-load.php"; require ABSPATH . "wp-admin/includes/upgrade.php"; wp_install("Class", "teacher", "t@example.org", true, "", "a-long-Enough-1-password");',
      );
      await ready();
      on.note(await on.look(["compose"]));
    });
    // What a mutant undid takes a moment to answer again.
    afterEach(ready);
    for (const mutant of [...containers, ...networks, ...published, ...volumes, ...databases, ...pages]) {
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
