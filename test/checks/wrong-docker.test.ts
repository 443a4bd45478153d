import assert from "node:assert/strict";
import { checksOf } from "../../tools/checks/labs";
import { Result, runChecks } from "../../tools/checks/check";
import { Container, DockerFacts, Image, startedAgain } from "../../tools/checks/facts/docker";
import { Live, Page, Said } from "../../tools/checks/facts/live";
import { Unreachable } from "../../tools/checks/facts/unreachable";
import { Target } from "../../tools/checks/target";
import { Text } from "../../text";
import { answering, container, healthy, image, target, toldByOne } from "./fakes";

type Change = (docker: DockerFacts) => unknown;

const imageOf = ({ images }: DockerFacts, name: string): Image => images.find(({ names }) => names.includes(name))!;
const containerOf = ({ containers }: DockerFacts, name: string): Container =>
  containers.find((one) => one.name === name)!;
/** A change to one container. */
const on =
  (name: string, more: Partial<Container>): Change =>
  (docker) =>
    Object.assign(containerOf(docker, name), more);
/** Containers in which one command does something else. */
const saying = (command: string, said: Partial<Said>): Partial<Live> => ({
  exec: (name, ...words) =>
    words.join(" ") === command
      ? Promise.resolve({ code: 0, stdout: "", stderr: "", ...said })
      : answering().exec(name, ...words),
});
const asked = (answer: string): Partial<Live> => ({
  ask: (host, port, line) => (line === "PING" ? Promise.resolve(answer) : answering().ask(host, port, line)),
});
const system = (stdout: string): Partial<Live> => ({
  runOnce: () => Promise.resolve({ code: 0, stdout, stderr: "" }),
});

async function look(change: Change, live: Partial<Live> = {}, of: Target = target): Promise<Result[]> {
  const docker = healthy();
  change(docker);
  return runChecks(checksOf(of, { docker }, answering(live)));
}
const nothing: Change = () => {};

/** What is wrong, the one check that must fail, what its reason must name in both languages, and the next step. */
type Row = [what: string, id: string, names: string[], next: string | Text, change: Change, live?: Partial<Live>];

const { redis, registry, compose } = target;
/** What each step says of what it costs, and how that is kept. */
const loses = (name: string, make: string): Text => {
  const keep = `docker stop ${name}; docker commit ${name} ${name}-kept:1`;
  return {
    en: `This removes container ${name} and everything written inside it. To keep that as an image first: ${keep}. Then: docker rm --force ${name}; ${make}`,
    ko: `${name} 컨테이너와 그 안의 변경 내용이 삭제됩니다. 먼저 이미지로 보관하려면: ${keep}. 그런 다음: docker rm --force ${name}; ${make}`,
  };
};
const takesName = (image: string, kept: string, get: string): Text => {
  const commands = `docker tag ${image} ${kept}; docker image rm ${image}; ${get}`;
  return {
    en: `The image that has this name now is kept as ${kept}: ${commands}`,
    ko: `지금 이 이름으로 된 이미지는 ${kept} 이름으로 보관됩니다: ${commands}`,
  };
};
const remade = (name: string) => `docker rm --force ${name}; ${compose.make}`;
const remake = (name: string): Text => ({
  en: `Data on its volumes is kept (course-labs-${name}); anything else written inside container ${name} is deleted: ${remade(name)}`,
  ko: `볼륨의 데이터는 유지되지만 (course-labs-${name}) ${name} 컨테이너 안의 다른 변경 내용은 삭제됩니다: ${remade(name)}`,
});
/** How all of MySQL's data is copied. */
const dump = `docker exec mysql sh -c 'exec mysqldump --all-databases --user=root --password="$MYSQL_ROOT_PASSWORD"' > mysql-kept.sql`;
const toVolume = {
  en: `The new container starts with the data on the volume, not with the data stored now. To copy that first: ${dump}. Then: ${remade("mysql")}`,
  ko: `새 컨테이너는 지금 저장된 데이터가 아니라 볼륨의 데이터로 시작합니다. 지금 데이터를 먼저 복사해 두려면: ${dump}. 그런 다음: ${remade("mysql")}`,
};
const remakeRedis = loses("redis", redis.make);
const logsThen = (name: string, { en, ko }: Text): Text => ({
  en: `docker logs ${name} shows why. ${en}`,
  ko: `이유는 docker logs ${name} 명령으로 확인합니다. ${ko}`,
});
const pullAgain = takesName("debian:12", "debian-before:1", registry.get("debian:12"));
const bridge = (address: string) => ({ networks: [{ name: "bridge", address, aliases: [] }] });
const volume = (more: object): Partial<Container> => ({
  mounts: [{ type: "volume", name: "course-labs-mysql", path: "/var/lib/mysql", writable: true, ...more }],
});
const published = (address: string, port: number, inside = "6379/tcp") => ({ ports: [{ inside, address, port }] });

const rows: Row[] = [
  [
    "no image of Redis, but one of a similar name",
    "redis.image",
    ["redis:v1.0", "my-redis:v1.0"],
    redis.build,
    (docker) => (imageOf(docker, "redis:v1.0").names = ["my-redis:v1.0"]),
  ],
  [
    "an image of Redis on another base",
    "redis.image",
    ["redis:v1.0", "ubuntu:24.04"],
    ((): Text => {
      const get = "docker tag redis:v1.0 redis-before:1; docker image rm redis:v1.0; docker pull ubuntu:24.04";
      const { en, ko } = loses("redis", `${get}; ${redis.build}`);
      return {
        en: `The image that has this name now is kept as redis-before:1. ${en}`,
        ko: `지금 이 이름으로 된 이미지는 redis-before:1 이름으로 보관됩니다. ${ko}`,
      };
    })(),
    (docker) => (imageOf(docker, "redis:v1.0").layers = ["other", "r"]),
  ],
  [
    "an image of Redis that is not what the Dockerfile says",
    "redis.image",
    ["USER redis"],
    loses("redis", redis.build),
    (docker) => (imageOf(docker, "redis:v1.0").settings.USER = "nobody"),
  ],
  ["no image of Redis at all", "redis.image", ["redis:v1.0"], redis.build, (docker) => docker.images.splice(1, 1)],
  ["no container", "redis.container", ["redis"], redis.make, (docker) => docker.containers.shift()],
  [
    "a container of a similar name",
    "redis.container",
    ["kim-redis"],
    {
      en: `If kim-redis is not this lab's container: ${redis.make}. If it is, give it its name: docker rename kim-redis redis`,
      ko: `kim-redis 컨테이너가 이 실습의 것이 아니라면: ${redis.make}. 이 실습의 것이라면 이름을 바꾸세요: docker rename kim-redis redis`,
    },
    (docker) => (containerOf(docker, "redis").name = "kim-redis"),
  ],
  [
    "a container that ended well",
    "redis.container: stopped",
    ["redis", "0"],
    "docker start redis; docker logs redis",
    on("redis", { status: "exited", running: false, exitCode: 0, finishedAt: "2026-11-22T00:00:03Z" }),
  ],
  [
    "a container whose command has nothing to do",
    "redis.container",
    ["redis", "0"],
    logsThen("redis", remakeRedis),
    on("redis", { status: "exited", running: false, exitCode: 0, finishedAt: "2026-11-22T00:00:02.99Z" }),
  ],
  [
    "a container whose start Docker noted after its end",
    "redis.container",
    ["redis", "0"],
    logsThen("redis", remakeRedis),
    on("redis", { status: "exited", running: false, exitCode: 0, finishedAt: "2026-11-21T23:59:59.998Z" }),
  ],
  [
    "a container that was killed at once",
    "redis.container",
    ["137"],
    "docker start redis; docker logs redis",
    on("redis", { status: "exited", running: false, exitCode: 137, finishedAt: "2026-11-22T00:00:00.1Z" }),
  ],
  [
    "a container of an image that has no name",
    "redis.container",
    ["sha256:0123456789ab"],
    remakeRedis,
    on("redis", { image: "sha256:0123456789abcdef" }),
  ],
  [
    "a paused container",
    "redis.container: stopped",
    ["redis"],
    "docker unpause redis",
    on("redis", { status: "paused" }),
  ],
  [
    "a container that ended",
    "redis.container: killed",
    ["137", "SIGKILL"],
    "docker start redis; docker logs redis",
    on("redis", { status: "exited", running: false, exitCode: 137 }),
  ],
  [
    "a container that Docker is just restarting",
    "redis.container: crash loop",
    ["redis"],
    logsThen("redis", remakeRedis),
    on("redis", { status: "restarting" }),
  ],
  [
    "a container that ends again and again",
    "redis.container",
    ["4"],
    logsThen("redis", remakeRedis),
    (docker) => on("redis", { restarts: 4, startedAt: new Date().toISOString() })(docker),
  ],
  [
    "a port for everyone",
    "redis.published",
    ["0.0.0.0:6379", "127.0.0.1:6379"],
    remakeRedis,
    on("redis", published("0.0.0.0", 6379)),
  ],
  ["no port", "redis.published", ["127.0.0.1:6379 -> 6379/tcp"], remakeRedis, on("redis", { ports: [] })],
  ["another port", "redis.published", ["127.0.0.1:6380"], remakeRedis, on("redis", published("127.0.0.1", 6380))],
  [
    "a second port",
    "redis.published",
    ["127.0.0.1:6380"],
    remakeRedis,
    (docker) => containerOf(docker, "redis").ports.push(...published("127.0.0.1", 6380).ports),
  ],
  ["Redis in protected mode", "redis.pong", ["-DENIED"], remakeRedis, nothing, asked("-DENIED protected mode")],
  ["Redis with a password", "redis.pong", ["-NOAUTH"], remakeRedis, nothing, asked("-NOAUTH needed")],
  ["an error of Redis", "redis.pong", ["-ERR"], remakeRedis, nothing, asked("-ERR what")],
  ["a server that says nothing", "redis.pong", [" -"], logsThen("redis", remakeRedis), nothing, asked("")],
  [
    "no answer",
    "redis.pong",
    ["ECONNREFUSED"],
    logsThen("redis", remakeRedis),
    nothing,
    { ask: () => Promise.reject(new Unreachable("ECONNREFUSED")) },
  ],
  [
    "no client in the container",
    "redis.exec",
    ["no redis-cli"],
    remakeRedis,
    nothing,
    saying("redis-cli ping", { code: 127, stdout: "PONG", stderr: "no redis-cli" }),
  ],
  [
    "no PONG in the container",
    "redis.exec",
    ["NOAUTH"],
    remakeRedis,
    nothing,
    saying("redis-cli ping", { stdout: "NOAUTH" }),
  ],
  [
    "another Redis on the port than in the container",
    "redis.exec",
    ["6379"],
    remakeRedis,
    nothing,
    saying("redis-cli info server", { stdout: "run_id:def456\r\n" }),
  ],
  [
    "no server in the container to compare with",
    "redis.exec",
    ["6379"],
    remakeRedis,
    nothing,
    {
      ...saying("redis-cli info server", {}),
      ...{ ask: (_h, _p, line) => Promise.resolve(line === "PING" ? "+PONG" : "") },
    },
  ],
  [
    "two networks",
    "redis.address",
    ["bridge (172.17.0.2), mine (-)", ": 172.17.0.2."],
    remakeRedis,
    (docker) => containerOf(docker, "redis").networks.push({ name: "mine", address: "", aliases: [] }),
  ],
  [
    "another network than Docker's own",
    "redis.address",
    ["mine (172.17.0.2)"],
    remakeRedis,
    (docker) => (containerOf(docker, "redis").networks[0]!.name = "mine"),
  ],
  ["no address inside", "redis.address", ["bridge"], remakeRedis, nothing, saying("hostname -I", { stdout: " \n" })],

  [
    "no Debian, but an older one",
    "registry.pulled",
    ["debian:12", "debian:11"],
    registry.get("debian:12"),
    (docker) => (imageOf(docker, "debian:12").names = ["debian:11"]),
  ],
  [
    "no Debian at all",
    "registry.pulled",
    ["debian:12"],
    registry.get("debian:12"),
    (docker) => docker.images.splice(2, 1),
  ],
  [
    "a Debian that no registry has",
    "registry.pulled",
    ["debian:12"],
    pullAgain,
    (docker) => (imageOf(docker, "debian:12").digests = []),
  ],
  [
    "a Debian that was pulled under another name",
    "registry.pulled",
    ["debian:12"],
    pullAgain,
    (docker) => (imageOf(docker, "debian:12").digests = ["ubuntu@sha256:1"]),
  ],
  [
    "a Debian that only says it is a stand-in",
    "registry.pulled",
    ["debian:12"],
    pullAgain,
    (docker) => Object.assign(imageOf(docker, "debian:12"), { digests: [], labels: { "course-labs.stand-in": "x" } }),
  ],
  [
    "another Debian",
    "registry.pulled",
    ["Debian 13"],
    pullAgain,
    nothing,
    system('PRETTY_NAME="Debian 13"\nID=debian\nVERSION_ID="13"\n'),
  ],
  [
    "another system of the same version",
    "registry.pulled",
    ["Mint 12"],
    pullAgain,
    nothing,
    system('PRETTY_NAME="Mint 12"\nID=mint\nVERSION_ID="12"\n'),
  ],
  ["a system that says nothing of itself", "registry.pulled", ["debian:12"], pullAgain, nothing, system("")],
  [
    "no container of Debian",
    "registry.container",
    ["debian"],
    registry.make,
    (docker) => docker.containers.splice(1, 1),
  ],
  [
    "a container of another image than Debian's",
    "registry.container",
    ["debian", "mysql:9.7.2"],
    loses("debian", registry.make),
    on("debian", { image: "sha256:mysql:9.7.2", imageName: "mysql:9.7.2" }),
  ],

  [
    "MySQL of another image",
    "compose.containers",
    ["mysql", "debian:12"],
    remake("mysql"),
    on("mysql", { image: "sha256:debian:12" }),
  ],
  [
    "containers of two stacks",
    "compose.containers",
    ["0123abcd", "4567ef00"],
    remake("wordpress"),
    on("wordpress", { labels: { "course-labs.id": "4567ef00" } }),
  ],
  ["a MySQL that nobody labelled", "compose.containers", ["0123abcd"], remake("mysql"), on("mysql", { labels: {} })],
  [
    "two that nobody labelled",
    "compose.containers",
    ["mysql", "wordpress"],
    remake("mysql"),
    (docker) => ["mysql", "wordpress"].forEach((name) => on(name, { labels: {} })(docker)),
  ],
  [
    "both on Docker's own network, where no names are known",
    "compose.network",
    ["wordpress (bridge)", "mysql (bridge)"],
    remake("mysql"),
    (docker) => ["mysql", "wordpress"].forEach((name) => on(name, bridge("172.18.0.2"))(docker)),
  ],
  [
    "no network in common",
    "compose.network",
    ["wordpress (wordpress)", "mysql (-)"],
    remake("mysql"),
    on("mysql", { networks: [] }),
  ],
  [
    "a name that leads nowhere",
    "compose.network",
    ["172.18.0.2"],
    "docker network disconnect wordpress mysql; docker network connect --alias mysql wordpress mysql",
    nothing,
    saying("getent ahostsv4 mysql", {}),
  ],
  [
    "a name that leads elsewhere",
    "compose.network",
    ["172.18.0.9", "172.18.0.2"],
    "docker network disconnect wordpress mysql; docker network connect --alias mysql wordpress mysql",
    nothing,
    saying("getent ahostsv4 mysql", { stdout: "172.18.0.9 STREAM mysql\n" }),
  ],
  [
    "a name that leads to two",
    "compose.network",
    ["172.18.0.9", "172.18.0.2"],
    "docker network disconnect wordpress other; docker network disconnect wordpress mysql-2",
    (docker) => {
      const on = (name: string, alias: string, network = "wordpress") =>
        container(name, "debian:12", { networks: [{ name: network, address: "172.18.0.9", aliases: [alias] }] });
      docker.containers.push(on("other", "mysql"), on("kim", "kim"), on("apart", "mysql", "apart"));
      docker.containers.push(on("mysql-2", "mysql"));
    },
    saying("getent ahostsv4 mysql", { stdout: "172.18.0.2 a\n172.18.0.9 b\n" }),
  ],
  [
    "WordPress for everyone",
    "compose.published",
    ["0.0.0.0:30000"],
    remake("wordpress"),
    on("wordpress", published("0.0.0.0", 30000, "80/tcp")),
  ],
  [
    "MySQL published",
    "compose.published",
    ["127.0.0.1:3306"],
    remake("mysql"),
    on("mysql", published("127.0.0.1", 3306, "3306/tcp")),
  ],
  ["no volume", "compose.volumes", ["/var/lib/mysql"], toVolume, on("mysql", { mounts: [] })],
  ["a volume somewhere else", "compose.volumes", ["/var/lib/mysql"], toVolume, on("mysql", volume({ path: "/data" }))],
  ["a volume without a name", "compose.volumes", ["mysql"], toVolume, on("mysql", volume({ name: "a".repeat(64) }))],
  [
    "a volume that nothing can be stored on",
    "compose.volumes",
    ["volume, "],
    toVolume,
    on("mysql", volume({ writable: false })),
  ],
  ["a folder in memory", "compose.volumes", ["tmpfs"], toVolume, on("mysql", volume({ type: "tmpfs" }))],
  [
    "a folder in memory, which docker cp does not see into",
    "compose.volumes",
    ["/var/www/html", "tmpfs"],
    {
      en: `The new container starts with the data on the volume, not with the data stored now. To copy that first: docker exec wordpress cp -a /var/www/html /wordpress-kept; docker cp wordpress:/wordpress-kept wordpress-kept. Then: ${remade("wordpress")}`,
      ko: `새 컨테이너는 지금 저장된 데이터가 아니라 볼륨의 데이터로 시작합니다. 지금 데이터를 먼저 복사해 두려면: docker exec wordpress cp -a /var/www/html /wordpress-kept; docker cp wordpress:/wordpress-kept wordpress-kept. 그런 다음: ${remade("wordpress")}`,
    },
    on("wordpress", { mounts: [{ type: "tmpfs", name: "", path: "/var/www/html", writable: true }] }),
  ],
  [
    "one volume for both",
    "compose.volumes",
    ["course-labs-wordpress"],
    {
      en: `The new container starts with the data on the volume, not with the data stored now. To copy that first: docker cp wordpress:/var/www/html wordpress-kept. Then: ${remade("wordpress")}`,
      ko: `새 컨테이너는 지금 저장된 데이터가 아니라 볼륨의 데이터로 시작합니다. 지금 데이터를 먼저 복사해 두려면: docker cp wordpress:/var/www/html wordpress-kept. 그런 다음: ${remade("wordpress")}`,
    },
    on("mysql", volume({ name: "course-labs-wordpress" })),
  ],
];

describe("what is wrong on Docker", () => {
  for (const [what, id, names, next, change, live] of rows) {
    it(`is reported by ${id} alone, with the next step: ${what}`, async () => {
      toldByOne(await look(change, live), id, names, next);
    });
  }

  const well: [what: string, change: Change, live?: Partial<Live>][] = [
    ["without the base image", (docker) => docker.images.shift()],
    [
      "with many networks beside the shared one",
      (docker) => containerOf(docker, "mysql").networks.unshift(...bridge("172.17.0.9").networks),
    ],
    ["with a volume whose name is as long as a hash", on("mysql", volume({ name: "z".repeat(64) }))],
    ["that was started again a while ago", on("redis", { restarts: 4, startedAt: "2026-11-22T00:00:00Z" })],
    [
      "with a stand-in in the place of Debian",
      (docker) => Object.assign(imageOf(docker, "debian:12"), { digests: [], labels: { "course-labs.stand-in": "x" } }),
      {
        history: (of) =>
          of === "sha256:debian:12"
            ? Promise.resolve([{ step: "LABEL course-labs.stand-in=x", comment: "" }])
            : answering().history(of),
      },
    ],
  ];
  for (const [what, change, live] of well) {
    it(`is nothing: ${what}`, async () =>
      assert.deepEqual(
        (await look(change, live)).flatMap(({ id, status }) => (status === "failed" ? [id] : [])),
        [],
      ));
  }
});

describe("whether a container has just been started again", () => {
  const now = Date.parse("2026-11-22T12:00:00Z");
  const after = (seconds: number, more: Partial<Container> = {}) => {
    const startedAt = new Date(now - seconds * 1000).toISOString();
    return startedAgain(container("redis", "redis:v1.0", { startedAt, restarts: 1, ...more }), now);
  };
  it("is reported for ten seconds", () =>
    assert.deepEqual(
      [0, 9.9, 10, 60].map((seconds) => after(seconds)),
      [true, true, false, false],
    ));
  it("is reported if the clock is slightly behind, and not if it is far behind", () =>
    assert.deepEqual([after(-9), after(-10), after(-3600)], [true, false, false]));
  it("does not matter for a first start, or for a stopped container", () =>
    assert.deepEqual([after(1, { restarts: 0 }), after(1, { status: "exited" })], [false, false]));
});

describe("the page of WordPress", () => {
  const { url } = compose;
  const api = (home: string, ...namespaces: string[]) => JSON.stringify({ home, name: "Class", namespaces });
  const make = remake("wordpress");
  /** Nothing is lost of a wp-config.php that goes. */
  const config =
    /(?:is kept as|이름으로 보관되고).*: docker exec wordpress mv \S+\/wp-config\.php \S+\/wp-config-before\.php; docker rm --force wordpress; npm run up/;
  const location = (to: string) => ({ status: 302, headers: { location: to } });

  const pages: [what: string, page: Partial<Page>, api: string, names: string[], next: RegExp | string | Text][] = [
    [
      "the database's own error",
      { status: 500, body: "<title> Database Error </title>" },
      "",
      ["500", '"Database Error"'],
      /\(docker logs wordpress\).*: docker exec wordpress mv (\S+\/plugins\/NAME) \1\.off$/,
    ],
    [
      "an update that broke off",
      { status: 503, body: "Briefly\n" },
      "",
      ["503", '"Briefly"'],
      / rm \/var\/www\/html\/\.maintenance$/,
    ],
    ["a gateway's error", { status: 502 }, api(url, "wp/v2"), ["502"], logsThen("wordpress", make)],
    ["another address", location("http://elsewhere/"), "", ["http://elsewhere/"], config],
    [
      "another port for what is installed",
      location("http://localhost:31000/wp-admin/install.php"),
      "",
      [":31000"],
      config,
    ],
    ["a set-up page", location("/wp-admin/setup-config.php"), "", ["wp-config.php"], make],
    ["a redirect to nowhere", { status: 301 }, api(url, "wp/v2"), ["301"], / cp -a /],
    [
      "a server that is none of WordPress",
      { body: "Welcome to nginx" },
      "<html>",
      ["200", "Welcome to nginx"],
      / cp -a /,
    ],
    ["an interface that is not WordPress's", {}, api(url, "other/v1"), ["200"], / cp -a /],
    ["a page that is not there", { status: 404 }, api(url, "wp/v2"), ["404"], / cp -a /],
    ["a site that has another address", {}, api("http://localhost:31000", "wp/v2"), ["http://localhost:31000"], config],
  ];
  const served = async (page: Partial<Page>, api: string) => {
    const get = (at: string) =>
      Promise.resolve({ status: 200, headers: {}, body: "", ...(at === `${url}/` ? page : { body: api }) });
    return (await look(nothing, { get })).find(({ id }) => id === "compose.page")!;
  };

  for (const [what, page, api, names, next] of pages) {
    it(`is not as it should be: ${what}`, async () => {
      const result = await served(page, api);
      assert.ok(result.status === "failed");
      const { why } = result;
      assert.doesNotMatch(why.en + why.ko, /undefined|null|NaN|\[object/);
      for (const name of names)
        assert.ok(why.en.includes(name) && why.ko.includes(name), `${why.en}\n${why.ko}: ${name}`);
      const { next: told } = result;
      if (next instanceof RegExp) for (const text of [told.en, told.ko]) assert.match(text, next);
      else assert.deepEqual(told, typeof next === "string" ? { en: next, ko: next } : next);
    });
  }

  for (const [what, page, installed] of [
    ["before it is installed", location(`${url}/wp-admin/install.php`), false],
    ["before it is installed, told without the host", location("/wp-admin/install.php"), false],
    ["with its front page", {}, true],
  ] as const) {
    it(`is as it should be ${what}`, async () => {
      const result = await served(page, api(url, "wp/v2"));
      assert.equal(result.status, "passed");
      assert.equal(result.evidence.installed, installed);
    });
  }
});

describe("what a student commits and removes", () => {
  const lab = (more: Partial<Target["registry"]> = {}): Target => ({
    ...target,
    labs: ["registry"],
    registry: { ...registry, ...more },
  });
  const below = { step: "base", comment: "" };
  const commit = { step: "bash", comment: "" };
  const mine = (more: Partial<Image> = {}) => image("mine:1", { layers: ["d", "m"], command: ["bash"], ...more });
  /** The steps of an image, and the files of its layers. */
  const made = (steps: Record<string, object>, files: string[] = ["root/note"]): Partial<Live> => ({
    history: (of) => Promise.resolve([below, ...(steps[of] ? [steps[of] as typeof below] : [])]),
    layers: () => Promise.resolve([["root/"], files]),
  });
  const committed = made({ "sha256:mine:1": commit });
  const built = made({ "sha256:mine:1": { step: "RUN x", comment: "buildkit" } });
  const how = "docker exec debian sh -c 'echo hello > /root/note'; docker commit debian mine:1";
  const last = async (change: Change, live: Partial<Live> = committed, of = lab()) =>
    (await look(change, live, of)).at(-1)!;

  /** What had only a name, or nothing in it, is made again; what had something in it stays under another name. */
  const nothingLost = { en: `docker image rm mine:1; ${how}`, ko: `docker image rm mine:1; ${how}` };
  const aside = takesName("mine:1", "mine-before:1", how);
  const commits: [what: string, next: Text | "passed" | "open", change: Change, live?: Partial<Live>][] = [
    ["a commit", "passed", ({ images }) => images.push(mine())],
    ["no image yet", "open", nothing],
    ["another name for Debian", nothingLost, (docker) => imageOf(docker, "debian:12").names.push("mine:1")],
    ["a commit of nothing", nothingLost, ({ images }) => images.push(mine({ layers: ["d"] }))],
    ["a commit of no file", nothingLost, ({ images }) => images.push(mine()), made({ "sha256:mine:1": commit }, [])],
    ["a commit of another image's container", aside, ({ images }) => images.push(mine({ layers: ["u", "m"] }))],
    ["an image with fewer layers", aside, ({ images }) => images.push(mine({ layers: [] }))],
    ["a build", aside, ({ images }) => images.push(mine()), built],
  ];
  for (const [what, next, change, live] of commits) {
    const status = typeof next === "string" ? next : "failed";
    it(`${status}: ${what}`, async () => {
      const result = await last(change, live);
      assert.equal(result.status, status);
      if (result.status === "open") assert.equal(result.next.en, how);
      if (result.status === "failed") assert.deepEqual(result.next, next);
      if (result.status === "passed")
        assert.deepEqual([result.evidence.diff, result.evidence.files], [["A /root/note"], 1]);
    });
  }

  const others = { others: ["redis:v1.0", "mysql:9.7.2"] };
  const cleaned = lab({ cleanedUp: true, ...others });
  const ofMine = (name: string, more: Partial<Container> = {}) =>
    container(name, "mine:1", { imageName: "x", ...more });
  const cleanUps: [what: string, left: string[], next: string, change: Change, live?: Partial<Live>][] = [
    ["nothing is left", [], "", nothing],
    ["the image", ["image mine:1"], "docker image rm mine:1", ({ images }) => images.push(mine())],
    [
      "the image under another tag",
      ["image mine:2"],
      "docker image rm mine:2",
      ({ images }) => images.push(mine({ names: ["mine:2"] })),
    ],
    [
      "the image without a name",
      ["image mine:1"],
      "docker image rm mine:1",
      ({ images }) => images.push(mine({ names: [], id: "sha256:mine:1" })),
    ],
    ["somebody else's image", [], "", ({ images }) => images.push(mine({ names: ["other:1"] }))],
    ["a build under a name of its own", [], "", ({ images }) => images.push(mine({ names: ["mine:2"] })), built],
    ["a build under the name", ["image mine:1"], "docker image rm mine:1", ({ images }) => images.push(mine()), built],
    [
      "a container of it",
      ["container c", "image mine:1"],
      "docker rm --force c; docker image rm mine:1",
      (docker) => {
        docker.images.push(mine());
        docker.containers.push(ofMine("c"));
      },
    ],
    [
      "containers of an image that is gone",
      ["container c", "container d"],
      "docker rm --force c d",
      ({ containers }) => containers.push(ofMine("c", { imageName: "mine:1" }), ofMine("d", { imageName: "mine:1" })),
    ],
    ["more than its own is gone", [], registry.get("mysql:9.7.2"), ({ images }) => images.splice(3, 1)],
    [
      "more than its own is gone, twice, with one step for both",
      [],
      registry.get("mysql:9.7.2"),
      ({ images }) => {
        images.splice(3, 1);
        images.splice(1, 1);
      },
    ],
  ];
  const removes = {
    en: "This removes them and everything written in them: ",
    ko: "다음 명령은 그 안의 변경 내용까지 모두 삭제합니다: ",
  };
  for (const [what, left, next, change, live] of cleanUps) {
    it(`after the clean-up: ${what}`, async () => {
      const result = await last(change, live, cleaned);
      assert.deepEqual(result.evidence.left, left);
      assert.equal(result.status, next === "" ? "passed" : "failed");
      // Only what removes something has a price to name.
      const told =
        left.length > 0 ? { en: `${removes.en}${next}`, ko: `${removes.ko}${next}` } : { en: next, ko: next };
      if (result.status === "failed") assert.deepEqual(result.next, told);
    });
  }
});
