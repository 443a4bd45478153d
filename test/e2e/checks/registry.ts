import assert from "node:assert/strict";
import { docker } from "../harness";
import { inPlace, Mutant, passes } from "../mutants";
import { baseImage, build, debian, DockerLabs, mine, redisImage } from "./docker";

/** Wrong states of the registry lab that are mended by what provisions, each beside those of other labs. */
export const registryMended = (on: DockerLabs): Mutant[] => {
  const again = () => on.again(debian);
  const pull = () => docker("pull", baseImage);
  return [
    {
      owner: "registry.pulled",
      wrong: "removed, while its container is up",
      mends: true,
      next: /^npm run up -- --labs redis,registry,compose$/,
      why: /There is no image localhost:36500\/debian:12/,
      make: () => docker("image", "rm", "--force", baseImage),
      undo: pull,
    },
    {
      owner: "registry.pulled",
      wrong: "another system under its name",
      mends: true,
      next: /^docker tag (\S+\/debian):12 \1-before:1; docker image rm \1:12; npm run up -- --labs redis,registry,compose$/,
      why: /^localhost:36500\/debian:12 (?:contains Debian GNU\/Linux|was built on this machine and is in no registry)/,
      make: () => {
        docker("image", "rm", "--force", baseImage);
        docker("tag", "mysql:9.7.2", baseImage);
      },
      undo: pull,
      after: () => docker("image", "rm", baseImage.replace("debian:12", "debian-before:1")),
    },
    {
      owner: "registry.pulled",
      wrong: "no image, no container, and no registry",
      mends: true,
      advice: "doctor",
      doctor: "image cannot be pulled",
      next: /^Check the network, then: npm run up -- --labs redis,registry,compose$/,
      why: /There is no image localhost:36500\/debian:12/,
      make: async () => {
        docker("rm", "--force", debian);
        docker("image", "rm", baseImage);
        await on.stopRegistry();
      },
      byHand: () => on.startRegistry(),
      undo: async () => {
        await on.startRegistry();
        await again();
      },
    },
    {
      owner: "registry.container",
      wrong: "docker run without a command: ended at once",
      mends: true,
      next: /^docker logs ck-debian shows why\. This removes container ck-debian and everything written inside it\. /,
      doctor: "stopped",
      why: /is not running \(exited/,
      ...inPlace(debian, { command: ["true"] }, again),
    },
    {
      owner: "registry.container",
      wrong: "a container of another image",
      mends: true,
      next: /^docker rm --force ck-debian; npm run up -- --labs redis,registry,compose$/,
      why: /runs mysql:9\.7\.2, not/,
      ...inPlace(debian, { image: "mysql:9.7.2", entrypoint: ["sleep"], command: ["infinity"] }, again),
    },
    {
      owner: "registry.container",
      wrong: "removed",
      mends: true,
      doctor: "no container",
      why: /There is no container ck-debian\./,
      make: () => docker("rm", "--force", debian),
      undo: again,
    },
  ];
};

/** An image that the Redis lab needs, and what the registry lab's clean-up says of it. */
export const pruned: readonly Mutant[] = [
  {
    owner: "redis.image",
    wrong: "tagged latest instead of v1.0",
    mends: true,
    next: /^npm run up -- --labs redis,registry,compose$/,
    why: /There is no image ck-redis:v1\.0; there is .*ck-redis:latest/,
    make: () => {
      docker("tag", redisImage, "ck-redis:latest");
      docker("image", "rm", "--force", redisImage);
    },
    undo: () => docker("tag", "ck-redis:latest", redisImage),
    after: () => docker("image", "rm", "ck-redis:latest"),
  },
  {
    owner: "registry.clean",
    wrong: "an image of another lab removed, too",
    mends: true,
    why: /other labs need ck-redis:v1\.0/,
    make: () => {},
    undo: () => {},
  },
];

/** The checks of the registry lab, in the order in which a student works: pulled, committed, cleaned up. */
export const registryChecks = (on: DockerLabs) =>
  describe("registry", () => {
    const commit = (from = debian) => docker("commit", from, mine);
    const rm = (...images: string[]) => docker("image", "rm", "--force", ...images);
    /** An image of a container of its own, in which one command was run. */
    const committedFrom = (inside: string[], ...start: string[]) => ({
      make: () => {
        docker("run", "--detach", "--name", "ck-empty", baseImage, ...start);
        docker("exec", "ck-empty", ...inside);
        commit("ck-empty");
      },
      undo: () => {},
      after: () => {
        docker("rm", "--force", "ck-empty");
        rm(mine);
      },
    });

    before(() => docker("exec", debian, "sh", "-c", "echo hello > /root/note"));

    const pulled: Mutant[] = [
      {
        owner: "registry.pulled",
        wrong: "the student's own image under its name",
        why: /was built on this machine/,
        make: () => docker("commit", debian, baseImage),
        undo: () => {
          rm(baseImage);
          docker("pull", baseImage);
        },
      },
    ];
    const container: Mutant[] = [
      {
        owner: "registry.container",
        wrong: "a container ck-debian-2",
        mends: true,
        why: /There is no container ck-debian; there is ck-debian-2/,
        make: () => docker("rename", debian, `${debian}-2`),
        undo: () => docker("rename", `${debian}-2`, debian),
      },
    ];
    const committed: Mutant[] = [
      {
        owner: "registry.commit",
        wrong: "a second name, not a second image",
        next: /^docker image rm ck-mine:1; docker exec ck-debian sh -c '.*'; docker commit ck-debian ck-mine:1$/,
        mends: true,
        why: /is localhost:36500\/debian:12 under another name/,
        make: () => docker("tag", baseImage, mine),
        undo: () => {},
        after: () => rm(mine),
      },
      {
        owner: "registry.commit",
        wrong: "committed before anything was written",
        mends: true,
        why: /is committed, but contains no changes/,
        ...committedFrom(["true"], "sleep", "infinity"),
      },
      {
        owner: "registry.commit",
        wrong: "only bash has noted something, as it was left",
        mends: true,
        why: /is committed, but contains no changes/,
        ...committedFrom(["touch", "/root/.bash_history"], "sleep", "infinity"),
      },
      {
        owner: "registry.commit",
        wrong: "committed from another base",
        mends: true,
        why: /is not based on localhost:36500\/debian:12/,
        make: () => {
          docker("create", "--name", "ck-elsewhere", "wordpress:7.1.0-php8.3-apache");
          commit("ck-elsewhere");
        },
        undo: () => {},
        after: () => {
          docker("rm", "--volumes", "ck-elsewhere");
          rm(mine, "ck-mine-before:1");
        },
      },
      {
        owner: "registry.commit",
        wrong: "built from a Dockerfile",
        mends: true,
        why: /It was built/,
        next: /^The image that has this name now is kept as ck-mine-before:1: docker tag /,
        make: () => build(`FROM ${baseImage}\nCOPY Dockerfile /root/note\n`, mine),
        undo: () => {},
        after: () => rm(mine, "ck-mine-before:1"),
      },
    ];
    for (const mutant of [...pulled, ...container, ...committed]) on.wrong(["registry"], mutant);

    it("passes for a new folder alone, in a container that a shell keeps up", async () => {
      const { make, after } = committedFrom(["mkdir", "/hello"], "/bin/sh", "-c", "sleep infinity");
      try {
        make();
        const results = await on.look(["registry"]);
        passes(results);
        assert.deepEqual(results.at(-1)?.evidence.diff, ["A /hello"]);
      } finally {
        after();
      }
    });

    it("passes for what was committed, and shows its diff", async () => {
      commit();
      const results = await on.look(["registry"]);
      on.note(results);
      assert.deepEqual(results.at(-1)?.evidence.diff, ["A /root/note"]);
    });

    const left: Mutant[] = [
      {
        owner: "registry.clean",
        wrong: "image removed by force, its container still there",
        mends: true,
        next: /^docker rm --force ck-of-mine$/,
        why: /Not removed yet: container ck-of-mine/,
        make: () => {
          docker("create", "--name", "ck-of-mine", mine);
          rm(mine);
        },
        undo: () => docker("rm", "ck-of-mine"),
      },
      {
        owner: "registry.clean",
        wrong: "committed twice: the first is left without a name",
        mends: true,
        why: /Not removed yet: image [0-9a-f]{12}/,
        make: () => {
          commit();
          docker("exec", debian, "sh", "-c", "echo again > /root/note");
          commit();
          rm(mine);
        },
        undo: () => {},
      },
      {
        owner: "registry.clean",
        wrong: "a container of it, and another tag",
        mends: true,
        why: /Not removed yet: container ck-of-mine, image ck-mine:2/,
        make: () => {
          commit();
          docker("run", "--detach", "--name", "ck-of-mine", mine);
          docker("tag", mine, "ck-mine:2");
          rm(mine);
        },
        undo: () => {
          docker("rm", "--force", "ck-of-mine");
          rm("ck-mine:2");
        },
      },
    ];
    for (const mutant of left) on.wrong(["registry"], mutant, { cleanedUp: true });

    it("passes when it was cleaned up", async () => {
      on.note(await on.look(["registry"], { cleanedUp: true }));
    });
  });
