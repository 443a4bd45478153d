import { execFile } from "node:child_process";
import { randomBytes } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { promisify } from "node:util";
import * as engine from "../../docker/docker";
import { freePort } from "../../docker/port-holder";
import { isSecretName } from "../../review/resources/secret-names";
import { failed, passed, secondsSince, Verdict } from "../check";
import { Container } from "../facts/docker";
import { Live } from "../facts/live";
import { outside, unreachableIn, Unreachable } from "../facts/unreachable";
import { Front, frontOf } from "./wordpress";

const run = promisify(execFile);
const docker = (...args: string[]) => outside(() => engine.docker(...args));

/** How long a first start of the copy may take, in milliseconds. */
const patience = 120_000;

interface Raw {
  Image: string;
  Config: { Env: string[] | null; Cmd: string[] | null; Entrypoint: string[] | null; User: string };
  HostConfig: { Tmpfs?: Record<string, string> | null };
}

/** The same two containers once more, under other names, with volumes and a network of their own. */
class Copy {
  private readonly id = `course-labs-drill-${randomBytes(4).toString("hex")}`;
  private readonly label = `course-labs.drill=${this.id}`;
  readonly url: string;

  constructor(
    private readonly mysql: Container,
    private readonly wordpress: Container,
    private readonly port: number,
  ) {
    this.url = `http://localhost:${port}`;
  }

  get site(): string {
    return `${this.id}-wordpress`;
  }

  /** `docker compose up`: what is not there is made. */
  async up(): Promise<void> {
    await docker("network", "create", "--label", this.label, this.id);
    await this.start(this.mysql, "mysql", []);
    await this.start(this.wordpress, "wordpress", ["--publish", `127.0.0.1:${this.port}:80`]);
  }

  private async start(original: Container, part: string, more: string[]): Promise<void> {
    const [raw] = JSON.parse(await docker("container", "inspect", original.id)) as [Raw];
    const { Config: config, HostConfig: host } = raw;
    const secrets: Record<string, string> = {};
    const env = (config.Env ?? []).flatMap((line) => {
      const name = line.slice(0, line.indexOf("="));
      if (name === "SITE_HOSTS") return ["--env", `SITE_HOSTS=localhost:${this.port}`];
      if (!isSecretName(name)) return ["--env", line];
      // On the command line everyone on this machine could read it.
      secrets[name] = line.slice(name.length + 1);
      return ["--env", name];
    });
    const aliases = original.networks
      .flatMap((network) => network.aliases)
      .filter((alias) => !original.id.startsWith(alias));
    const mounts = original.mounts
      .filter(({ type, name }) => type === "volume" && !/^[0-9a-f]{64}$/.test(name))
      .flatMap(({ name, path }) => [
        "--mount",
        `type=volume,source=${this.id}-${name},target=${path},volume-label=${this.label}`,
      ]);
    const tmpfs = Object.entries(host.Tmpfs ?? {}).flatMap(([path, options]) => ["--tmpfs", `${path}:${options}`]);
    const [entrypoint = "", ...first] = config.Entrypoint ?? [];
    const args = [
      ...["run", "--detach", "--name", `${this.id}-${part}`, "--label", this.label, "--network", this.id],
      ...[...new Set([...aliases, part])].flatMap((alias) => ["--network-alias", alias]),
      ...[...env, ...mounts, ...tmpfs, ...more, "--no-healthcheck", "--entrypoint", entrypoint],
      ...(config.User ? ["--user", config.User] : []),
      ...[raw.Image, ...first, ...(config.Cmd ?? [])],
    ];
    await outside(() => run("docker", args, { env: { ...process.env, ...secrets } }));
  }

  private async own(kind: "container" | "volume"): Promise<string[]> {
    return outside(() => engine.labelled(kind, this.label));
  }

  /** `docker compose down`: containers and network go, volumes with a name stay. */
  async down({ volumes = false } = {}): Promise<string[]> {
    const containers = await this.own("container");
    if (containers.length > 0) {
      await docker("stop", "--time", "30", ...containers);
      await docker("rm", "--force", "--volumes", ...containers);
    }
    // Where the copy could not be started, there may be none.
    await docker("network", "rm", this.id).catch(() => undefined);
    const kept = await this.own("volume");
    if (volumes && kept.length > 0) await docker("volume", "rm", ...kept);
    return kept;
  }
}

/** Command that copies all of a database into a file of this machine. */
export function dumpOf(container: string): string {
  const root = 'exec mysqldump --all-databases --user=root --password="$MYSQL_ROOT_PASSWORD"';
  return `docker exec ${container} sh -c '${root}' > ${container}-kept.sql`;
}

/** Waits until WordPress serves its page. */
async function served(url: string, get: Live["get"]): Promise<Front> {
  const deadline = performance.now() + patience;
  for (;;) {
    const front = await frontOf(url, get).catch((error: unknown) => void unreachableIn(error));
    if (front?.is === "wordpress" || front?.is === "not installed") return front;
    if (performance.now() > deadline)
      throw new Unreachable(`no page at ${url} within ${patience / 1000} s: ${JSON.stringify(front)}`);
    await sleep(500);
  }
}

/** Installs WordPress and publishes a post, as its own pages do. @see https://developer.wordpress.org/reference/functions/wp_insert_post/ */
const write = (host: string, post: string) => `
$_SERVER["HTTP_HOST"] = "${host}";
define("WP_INSTALLING", true);
require "/var/www/html/wp-load.php";
require ABSPATH . "wp-admin/includes/upgrade.php";
wp_install("drill", "drill", "drill@example.org", false, "", bin2hex(random_bytes(12)));
echo wp_insert_post(["post_title" => "${post}", "post_status" => "publish", "post_author" => 1], true);
`;

/** The titles that WordPress tells programs. */
async function posts(url: string, get: Live["get"]): Promise<string[]> {
  const page = await get(`${url}/index.php?rest_route=/wp/v2/posts`);
  const list = await outside(() => Promise.resolve(page.body).then((body) => JSON.parse(body) as unknown));
  return (list as { title: { rendered: string } }[]).map(({ title }) => title.rendered);
}

/**
 * Whether a post survives `docker compose down` and `up`, and what `down --volumes` does: shown on a copy with volumes of its
 * own, so that nothing of the student's is touched.
 */
export async function survives(mysql: Container, wordpress: Container, live: Live, make: string): Promise<Verdict> {
  const port = await freePort();
  const copy = new Copy(mysql, wordpress, port);
  const dump = dumpOf(mysql.name);
  const post = `Drill ${randomBytes(4).toString("hex")}`;
  try {
    await copy.up();
    await served(copy.url, live.get);
    const said = await live.exec(copy.site, "php", "-r", write(`localhost:${port}`, post));
    const before = await posts(copy.url, live.get);
    if (!before.includes(post)) throw new Unreachable(`no post could be written: ${said.stdout}${said.stderr}`);

    const volumesAfterDown = (await copy.down()).map((name) => name.replace(/^course-labs-drill-[0-9a-f]+-/, ""));
    const down = performance.now();
    await copy.up();
    const again = await served(copy.url, live.get);
    const secondsUntilBack = secondsSince(down);
    const afterDownAndUp = again.is === "wordpress" ? await posts(copy.url, live.get) : [];
    const evidence = { copyAt: copy.url, post, before, volumesAfterDown, secondsUntilBack, afterDownAndUp };
    if (!afterDownAndUp.includes(post)) {
      const next = {
        en: `The database is deleted with the container. To copy it first: ${dump}. Then: ${make}`,
        ko: `데이터베이스가 컨테이너와 함께 삭제됩니다. 먼저 복사해 두려면: ${dump}. 그런 다음: ${make}`,
      };
      return failed("data lost", next, {
        en: "After docker compose down and up the post is gone, although the volumes still exist: the database does not store its data on its volume.",
        ko: "docker compose down과 up 뒤에 글이 사라졌습니다. 볼륨은 그대로 있으므로, 데이터베이스가 데이터를 볼륨에 저장하지 않는 것입니다.",
        evidence,
      });
    }
    await copy.down({ volumes: true });
    await copy.up();
    const { is } = await served(copy.url, live.get);
    return passed(
      { ...evidence, afterDownVolumes: is },
      { drill: "compose down", seconds: secondsUntilBack, afterDownVolumes: is },
    );
  } finally {
    await copy.down({ volumes: true });
  }
}
