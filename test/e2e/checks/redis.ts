import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { dockerFacts, imageNamed } from "../../../tools/checks/facts/docker";
import { settingDifferences, settingsOnly, stepDifferences } from "../../../tools/checks/facts/dockerfile";
import { live } from "../../../tools/checks/facts/live";
import { docker } from "../harness";
import { inPlace, Mutant } from "../mutants";
import { build, DockerLabs, network, redis, redisImage } from "./docker";

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

const dockerfile = "docker/redis/Dockerfile";
/** A line more at the end of the Dockerfile in the clone, from which nothing is built. */
const added = (line: string): Pick<Mutant, "make" | "undo"> => {
  let content = "";
  return {
    make: () => {
      content = readFileSync(dockerfile, "utf8");
      writeFileSync(dockerfile, `${content}${line}\n`);
    },
    undo: () => writeFileSync(dockerfile, content),
  };
};
const slip = added("EXPOS 6379");
/**
 * Wrong states of the Redis lab that are mended by what provisions: each is there beside one of another lab, and what mends both is
 * typed once.
 */
export const redisMended = (on: DockerLabs): Mutant[] => {
  const again = () => on.again(redis);
  return [
    {
      owner: "redis.image",
      wrong: "its base under the image's name",
      mends: true,
      why: /docker\/redis\/Dockerfile: the file has "RUN apt-get .*no such step/,
      ...tagged(() => docker("tag", "ubuntu:24.04", redisImage)),
    },
    {
      owner: "redis.image",
      wrong: "built before the Dockerfile's last line was changed",
      mends: true,
      why: /CMD \["redis-server", "--protected-mode", "no"\]", the image: CMD \["redis-server"\]/,
      ...tagged(() => build(`FROM ${redisImage}\nCMD ["redis-server"]\n`, redisImage)),
    },
    {
      owner: "redis.image",
      wrong: "built from nothing",
      mends: true,
      why: /is not built from the current ubuntu:24\.04/,
      next: /^The image that has this name now is kept as ck-redis-before:1\. .*Then: docker rm --force ck-redis; docker tag /,
      ...tagged(() => build("FROM scratch\nCOPY Dockerfile /\n", redisImage)),
      after: () => docker("image", "rm", "ck-redis-before:1"),
    },
    {
      owner: "redis.image",
      wrong: "of a Dockerfile with a slip of the pen",
      mends: true,
      why: /Docker cannot build docker\/redis\/Dockerfile: .*EXPOS/,
      byHand: () => slip.undo(),
      ...slip,
    },
    {
      owner: "redis.container",
      wrong: "up, and Redis, but not from this image",
      mends: true,
      why: /Container ck-redis runs ck-twin:1, not the current ck-redis:v1\.0/,
      make: () => {
        docker("commit", redis, "ck-twin:1");
        inPlace(redis, { image: "ck-twin:1" }, again).make();
      },
      undo: again,
      after: () => docker("image", "rm", "ck-twin:1"),
    },
    {
      owner: "redis.container",
      wrong: "ends, and is started again, and ends",
      mends: true,
      flips: true,
      doctor: "crash loop",
      // It runs at some moments, more often where the machine is slow.
      why: /starts and ends again \(restarts: \d|is not running \(exited, exit code 3\)/,
      ...inPlace(redis, { options: ["--restart=always"], command: ["sh", "-c", "exit 3"] }, again),
    },
    {
      owner: "redis.container",
      wrong: "a command that its image does not have",
      mends: true,
      doctor: "cannot start",
      why: /could not start\. The command that it should run is not in its image/,
      ...inPlace(redis, { entrypoint: ["redis-serve"], command: [] }, again, false),
    },
    {
      owner: "redis.published",
      wrong: "EXPOSE taken for --publish",
      mends: true,
      why: /published: nothing/,
      ...inPlace(redis, { publish: [] }, again),
    },
    {
      owner: "redis.pong",
      wrong: "a password nobody was told",
      mends: true,
      why: /answers PING with "-NOAUTH/,
      ...inPlace(redis, { command: ["redis-server", "--protected-mode", "no", "--requirepass", "x"] }, again),
    },
    {
      owner: "redis.pong",
      wrong: "listening on another port inside",
      mends: true,
      why: /answers PING with (?:-|".*ECONN.*"), not with PONG/,
      ...inPlace(redis, { command: ["redis-server", "--protected-mode", "no", "--port", "6380"] }, again),
    },
    {
      owner: "redis.exec",
      wrong: "redis-cli is gone",
      mends: true,
      why: /redis-cli.*not found/s,
      make: () => asRoot(`mv ${cli} ${cli}.real`),
      undo: () => asRoot(`mv ${cli}.real ${cli}`),
    },
    {
      owner: "redis.exec",
      wrong: "redis-cli says PONG, of another Redis",
      mends: true,
      why: /connects to a different Redis than the one on port 36379/,
      make: () => {
        docker("run", "--detach", "--name", "ck-other", redisImage);
        const format = "{{.NetworkSettings.Networks.bridge.IPAddress}}";
        wrapped(`exec ${cli}.real -h ${docker("inspect", "--format", format, "ck-other")} "$@"`).make();
      },
      undo: () => wrapped("").undo(),
      after: () => docker("rm", "--force", "ck-other"),
    },
    {
      owner: "redis.address",
      wrong: "on two networks",
      mends: true,
      next: /^docker rm --force ck-redis; npm run up -- --labs redis,registry,compose$/,
      why: /It has: bridge .*, ck-wordpress/,
      make: () => docker("network", "connect", network, redis),
      undo: () => docker("network", "disconnect", network, redis),
    },
  ];
};

/** The checks of the Redis lab. */
export const redisChecks = (on: DockerLabs) =>
  describe("redis", () => {
    const run = (...args: string[]) => docker("run", "--detach", "--name", redis, ...args);
    const published = "--publish=127.0.0.1:36379:6379";
    /** Another container in the place of the one that was provisioned. */
    const instead = (...args: string[]) => ({
      make: () => {
        docker("stop", "--time", "5", redis);
        docker("rename", redis, `${redis}-original`);
        run(...args);
      },
      undo: () => {
        docker("rm", "--force", redis);
        docker("rename", `${redis}-original`, redis);
        docker("start", redis);
      },
    });
    /** Another program that wants the port. */
    const other = createServer();
    const mutants: Mutant[] = [
      {
        owner: "redis.image",
        wrong: "committed from a container, not built",
        why: /"redis-server --protected-mode no", the image: a layer made by docker commit/,
        ...tagged(() => docker("commit", redis, redisImage)),
      },
      {
        owner: "redis.image",
        wrong: "built before a line was added to the Dockerfile",
        why: /"ENV TZ=Asia\/Seoul", the image: no such step/,
        ...added("ENV TZ=Asia/Seoul"),
      },
      {
        owner: "redis.container",
        wrong: "a container ck-redis-x",
        mends: true,
        next: /^If ck-redis-x is not this lab's container: npm run up -- --labs redis,registry,compose\. If it is, /,
        why: /There is no container ck-redis; there is ck-redis-x/,
        make: () => docker("rename", redis, `${redis}-x`),
        undo: () => docker("rename", `${redis}-x`, redis),
      },
      {
        owner: "redis.container",
        wrong: "stopped",
        mends: true,
        doctor: "stopped",
        why: /is not running \(exited/,
        make: () => docker("stop", redis),
        undo: () => docker("start", redis),
      },
      {
        owner: "redis.container",
        wrong: "killed: exit code 137",
        mends: true,
        next: /^docker start ck-redis; docker logs ck-redis$/,
        doctor: "killed",
        why: /was killed \(exit code 137\)/,
        make: () => docker("kill", redis),
        undo: () => docker("start", redis),
      },
      {
        owner: "redis.container",
        wrong: "paused",
        mends: true,
        why: /is not running \(paused/,
        make: () => docker("pause", redis),
        undo: () => docker("unpause", redis),
      },
      {
        owner: "redis.container",
        wrong: "its port was taken while it was stopped",
        mends: true,
        advice: "doctor",
        doctor: "port taken",
        next: /^Stop it, then: docker start ck-redis$/,
        why: /Container ck-redis could not start\. Docker reports: .*(?:in use|allocated)/,
        make: async () => {
          docker("stop", redis);
          await new Promise<void>((resolve) => other.listen(36379, "127.0.0.1", resolve));
          assert.throws(() => docker("start", redis), /address already in use/);
        },
        byHand: () => new Promise((resolve) => other.close(resolve)),
        undo: async () => {
          await new Promise((resolve) => other.close(resolve));
          docker("start", redis);
        },
      },
      {
        owner: "redis.container",
        wrong: "another container got its port while it was stopped",
        mends: true,
        advice: "doctor",
        doctor: "port taken",
        next: /^docker stop ck-holder; docker start ck-redis$/,
        why: /Container ck-redis could not start\. Docker reports: .*(?:in use|allocated)/,
        make: () => {
          docker("stop", redis);
          docker("run", "--detach", "--name", "ck-holder", published, redisImage);
          assert.throws(() => docker("start", redis), /port is already allocated|address already in use/);
        },
        undo: () => {
          docker("stop", "ck-holder");
          docker("start", redis);
        },
        after: () => docker("rm", "--force", "ck-holder"),
      },
      {
        owner: "redis.published",
        wrong: "on 0.0.0.0",
        why: /published on 0\.0\.0\.0:36379 .*, so anyone who can reach this machine/,
        ...instead("--publish=36379:6379", redisImage),
      },
      {
        owner: "redis.published",
        wrong: "on another port",
        next: /npm run up -- --labs redis,registry,compose$/,
        why: /on 127\.0\.0\.1:36379 -> 6379\/tcp only\. It is published on 127\.0\.0\.1:36380/,
        ...instead("--publish=127.0.0.1:36380:6379", redisImage),
      },
      {
        owner: "redis.published",
        wrong: "on a second port, too",
        why: /36379 -> 6379\/tcp only\. It is published on .*127\.0\.0\.1:36380/,
        ...instead(published, "--publish=127.0.0.1:36380:6379", redisImage),
      },
      {
        owner: "redis.pong",
        wrong: "protected mode on",
        why: /answers PING with "-DENIED/,
        ...instead(published, redisImage, "redis-server", "--protected-mode", "yes"),
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
        wrong: "on a network of its own",
        why: /It has: ck-own/,
        make: () => {
          docker("network", "create", "ck-own");
          instead(published, "--network=ck-own", redisImage).make();
        },
        undo: () => {
          instead().undo();
          docker("network", "rm", "ck-own");
        },
      },
    ];
    for (const mutant of mutants) on.wrong(["redis"], mutant);

    it("an image has what Docker reads out of its Dockerfile, as this engine's builder notes it", async () => {
      const content = [
        `FROM ${redisImage} AS first`,
        "ARG WHO=class",
        "COPY --chown=0:0 Dockerfile /etc/",
        'ADD ["Dockerfile", "Dockerfile", "/srv/a b/"]',
        'ENV A="x y" \\',
        "  B=${WHO}",
        "ENV C d e",
        'LABEL who="the $WHO" "of"=course',
        'VOLUME ["/data", "/more"]',
        "HEALTHCHECK --interval=5s CMD redis-cli ping",
        "STOPSIGNAL SIGINT",
        "USER root",
        "RUN true \\",
        "  # no more",
        "  && true",
        'RUN ["true"]',
        'SHELL ["/bin/bash", "-o", "pipefail", "-c"]',
        "RUN true | true",
        "WORKDIR /srv",
        "WORKDIR deeper/",
        "EXPOSE 7000-7002",
        "USER ${WHO:+redis}",
        "CMD false",
        "FROM first",
        'CMD ["true"]',
      ].join("\n");
      const all = "ck-all:1";
      build(content, all);
      try {
        const made = imageNamed(await dockerFacts(), all)!;
        const history = await live.history(all);
        const base = (await live.history(redisImage)).length;
        assert.deepEqual(stepDifferences(content, history, base), []);
        assert.deepEqual(
          stepDifferences(`${content}\nRUN more`, history, base).map(({ instruction }) => instruction),
          ["RUN more"],
        );
        const settings = async (text: string) => {
          const asked = await live.build({ content: settingsOnly(text), args: {} });
          assert.ok("image" in asked, JSON.stringify(asked));
          return settingDifferences(asked.image.settings, made.settings).map(({ instruction }) => instruction);
        };
        assert.deepEqual(await settings(content), []);
        assert.deepEqual(await settings(`${content}\nLABEL of=another`), ["LABEL of=another"]);
      } finally {
        docker("image", "rm", all);
      }
    });

    it("passes again", async () => on.note(await on.look(["redis"])));
  });
