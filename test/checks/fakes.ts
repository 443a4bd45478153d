import assert from "node:assert/strict";
import { Check, Result } from "../../tools/checks/check";
import { Container, DockerFacts, Image } from "../../tools/checks/facts/docker";
import { Live } from "../../tools/checks/facts/live";
import { targetOf } from "../../tools/checks/target";
import { parseSettings } from "../../config";
import { Text } from "../../text";

/** The labs as they are by default, as `up` would have made them. */
export const target = targetOf(parseSettings({}), {
  labs: ["redis", "registry", "compose"],
  redis: { host: "localhost", port: 6379, image: "redis:v1.0", container: "redis" },
  registry: { image: "debian:12", container: "debian" },
  compose: { url: "http://localhost:30000" },
});

export const image = (name: string, more: Partial<Image> = {}): Image => ({
  id: `sha256:${name}`,
  names: [name],
  digests: [],
  layers: [],
  command: [],
  labels: {},
  settings: {},
  ...more,
});

/** What the Dockerfile of the course sets. */
export const redisSettings = (): Record<string, string> => ({
  CMD: 'CMD ["redis-server", "--protected-mode", "no"]',
  USER: "USER redis",
  WORKDIR: "WORKDIR /var/lib/redis",
  "EXPOSE 6379/tcp": "EXPOSE 6379/tcp",
});

export const container = (name: string, of: string, more: Partial<Container> = {}): Container => ({
  id: `id-of-${name}`,
  name,
  image: `sha256:${of}`,
  imageName: of,
  status: "running",
  running: true,
  health: undefined,
  exitCode: 0,
  outOfMemory: false,
  restarts: 0,
  restartPolicy: "unless-stopped",
  startedAt: "2026-11-22T00:00:00Z",
  finishedAt: "0001-01-01T00:00:00Z",
  error: "",
  labels: {},
  ports: [],
  networks: [{ name: "bridge", address: "172.17.0.2", aliases: [] }],
  mounts: [],
  ...more,
});

/** What Docker has when the labs are as they should be. */
export function healthy(): DockerFacts {
  const owner = { "course-labs.id": "0123abcd" };
  const on = (address: string, alias: string) => [{ name: "wordpress", address, aliases: [alias] }];
  const volume = (name: string, path: string) => [{ type: "volume", name, path, writable: true }];
  return {
    images: [
      image("ubuntu:24.04", { layers: ["u"] }),
      image("redis:v1.0", {
        layers: ["u", "r"],
        command: ["redis-server", "--protected-mode", "no"],
        settings: redisSettings(),
      }),
      image("debian:12", { layers: ["d"], digests: ["debian@sha256:1"] }),
      image("mysql:9.7.2"),
      image("wordpress:7.1.0-php8.3-apache"),
    ],
    containers: [
      container("redis", "redis:v1.0", { ports: [{ inside: "6379/tcp", address: "127.0.0.1", port: 6379 }] }),
      container("debian", "debian:12"),
      container("mysql", "mysql:9.7.2", {
        labels: owner,
        networks: on("172.18.0.2", "mysql"),
        mounts: volume("course-labs-mysql", "/var/lib/mysql"),
      }),
      container("wordpress", "wordpress:7.1.0-php8.3-apache", {
        labels: owner,
        networks: on("172.18.0.3", "wordpress"),
        mounts: volume("course-labs-wordpress", "/var/www/html"),
        ports: [{ inside: "80/tcp", address: "127.0.0.1", port: 30000 }],
      }),
    ],
  };
}

const run =
  "RUN |1 BASE_IMAGE=ubuntu:24.04 /bin/sh -c apt-get update     && apt-get install --yes --no-install-recommends redis-server     && rm -rf /var/lib/apt/lists/* # buildkit";

/** What WordPress says of its log-in to the database. */
export const logIn = (more: Record<string, unknown> = {}): string =>
  JSON.stringify({
    host: "mysql",
    database: "wordpress",
    user: "wordpress",
    errno: 0,
    error: null,
    row: ["db", "9.7.2", "wordpress", "wordpress@%"],
    by: {
      HOST: "WORDPRESS_DB_HOST",
      NAME: "WORDPRESS_DB_NAME",
      USER: "WORDPRESS_DB_USER",
      PASSWORD: "WORDPRESS_DB_PASSWORD",
    },
    ...more,
  });

/** A machine that answers as it should. */
export function answering(more: Partial<Live> = {}): Live {
  const ok = (stdout: string) => Promise.resolve({ code: 0, stdout, stderr: "" });
  const says: Record<string, string> = {
    "redis-cli ping": "PONG\n",
    "redis-cli info server": "# Server\r\nrun_id:abc123\r\n",
    "hostname -I": "172.17.0.2 \n",
    hostname: "db\n",
    "getent ahostsv4 mysql": "172.18.0.2 STREAM mysql\n172.18.0.2 DGRAM\n",
  };
  return {
    ask: (_host, _port, line) => Promise.resolve(line === "PING" ? "+PONG" : "$9\r\nrun_id:abc123\r\n"),
    exec: (_container, ...command) => ok(command[0] === "php" ? logIn() : (says[command.join(" ")] ?? "")),
    get: () =>
      Promise.resolve({ status: 302, headers: { location: "http://localhost:30000/wp-admin/install.php" }, body: "" }),
    resolve: () => Promise.resolve(undefined),
    build: ({ content }) =>
      Promise.resolve(
        content === undefined
          ? { problem: "nothing is in the cache" }
          : {
              image: image("asked", { layers: ["u", "w"], settings: redisSettings() }),
              history: [{ step: "base", comment: "" }],
            },
      ),
    history: (of) =>
      Promise.resolve(
        of === "sha256:redis:v1.0"
          ? [
              { step: "base", comment: "" },
              { step: run, comment: "buildkit.dockerfile.v0" },
              { step: "USER redis", comment: "buildkit.dockerfile.v0" },
            ]
          : [{ step: "base", comment: "" }],
      ),
    layers: () => Promise.resolve([]),
    runOnce: () => ok('ID=debian\nVERSION_ID="12"\n'),
    ...more,
  };
}

export const check = (id: Check["id"], more: Partial<Check> = {}): Check => ({
  id,
  title: { en: `title of ${id}`, ko: `${id} 제목` },
  probe: () => ({ status: "passed", evidence: {} }),
  ...more,
});

export const result = (id: string, more: Partial<Result> = {}): Result =>
  ({
    id,
    lab: id.split(".")[0],
    title: { en: `title of ${id}`, ko: `${id} 제목` },
    section: "1.1",
    ms: 120,
    status: "passed",
    evidence: {},
    ...more,
  }) as Result;

/** Expects one check to fail, of a cause where one is given behind it (`id: cause`), in both languages with all that it has to name, and with that next step. */
export function toldByOne(
  results: readonly Result[],
  id: string,
  names: readonly string[],
  next: string | Text | RegExp,
) {
  const failed = results.flatMap((result) => (result.status === "failed" ? [result] : []));
  assert.deepEqual(
    failed.map((result) => (id.includes(": ") ? `${result.id}: ${result.cause}` : result.id)),
    [id],
  );
  const [{ why, next: told } = assert.fail()] = failed;
  for (const name of names) assert.ok(why.en.includes(name) && why.ko.includes(name), `${why.en}\n${why.ko}: ${name}`);
  // Nor a place where something should stand that there is not.
  for (const text of [why.en, why.ko])
    assert.doesNotMatch(text, /undefined|null|NaN|\[object|[ :]\.(\s|$)|: ?\)|\( ?\)/);
  if (next instanceof RegExp) for (const text of [told.en, told.ko]) assert.match(text, next);
  else assert.deepEqual(told, typeof next === "string" ? { en: next, ko: next } : next);
}
