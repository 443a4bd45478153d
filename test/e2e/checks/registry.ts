import assert from "node:assert/strict";
import { checksOf } from "../../../tools/checks/labs";
import { runChecks } from "../../../tools/checks/check";
import { dockerFacts } from "../../../tools/checks/facts/docker";
import { live } from "../../../tools/checks/facts/live";
import { docker } from "../harness";
import { fails, Mutant, passes, replaced } from "../mutants";
import { baseImage, build, debian, DockerLabs, mine } from "./docker";

/** The checks of the registry lab, in the order in which a student works: pulled, committed, cleaned up. */
export const registryChecks = (on: DockerLabs) =>
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

    /** An image of a container of its own, in which one command was run. */
    const committedFrom = (inside: string[], ...start: string[]) => ({
      make: () => {
        docker("run", "--detach", "--name", "ck-empty", baseImage, ...start);
        docker("exec", "ck-empty", ...inside);
        commit("ck-empty");
      },
      undo: () => {
        docker("rm", "--force", "ck-empty");
        rm(mine);
      },
    });

    before(() => docker("exec", debian, "sh", "-c", "echo hello > /root/note"));

    const pulled: Mutant[] = [
      {
        owner: "registry.pulled",
        wrong: "removed, while its container is up",
        next: /^npm run up -- --labs redis,registry,compose$/,
        why: /There is no image/,
        ...baseIs(() => {}),
      },
      {
        owner: "registry.pulled",
        wrong: "another system under its name",
        next: /^docker tag ck-base\/debian:12 ck-base\/debian-kept:1; docker image rm ck-base\/debian:12; npm run up -- --labs redis,registry,compose$/,
        why: /^ck-base\/debian:12 (?:contains Debian GNU\/Linux|was built on this machine and is in no registry)/,
        ...baseIs(() => docker("tag", "mysql:9.7.2", baseImage)),
      },
      {
        owner: "registry.pulled",
        wrong: "the student's own image under its name",
        why: /was built on this machine/,
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
        next: /^docker start ck-debian; docker logs ck-debian$/,
        why: /exists, but is not running \(exited/,
        ...replaced(debian, { command: ["true"] }),
      },
      {
        owner: "registry.container",
        wrong: "a container of another image",
        next: /^docker rm --force ck-debian; npm run up -- --labs redis,registry,compose$/,
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
        next: /^docker image rm ck-mine:1; docker exec ck-debian sh -c '.*'; docker commit ck-debian ck-mine:1$/,
        why: /is ck-base\/debian:12 under another name/,
        make: () => docker("tag", baseImage, mine),
        undo: () => rm(mine),
      },
      {
        owner: "registry.commit",
        wrong: "committed before anything was written",
        why: /is committed, but contains no changes/,
        ...committedFrom(["true"], "sleep", "infinity"),
      },
      {
        owner: "registry.commit",
        wrong: "only bash has noted something, as it was left",
        why: /is committed, but contains no changes/,
        ...committedFrom(["touch", "/root/.bash_history"], "sleep", "infinity"),
      },
      {
        owner: "registry.commit",
        wrong: "committed from another base",
        why: /is not based on ck-base\/debian:12/,
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
        why: /It was built/,
        make: () => build(`FROM ${baseImage}\nCOPY Dockerfile /root/note\n`, mine),
        undo: () => rm(mine),
      },
    ];
    for (const mutant of [...pulled, ...container, ...committed]) on.wrong(["registry"], mutant);

    it("passes for a new folder alone, in a container that a shell keeps up", async () => {
      const { make, undo } = committedFrom(["mkdir", "/hello"], "/bin/sh", "-c", "sleep infinity");
      try {
        make();
        const results = await on.look(["registry"]);
        passes(results);
        assert.deepEqual(results.at(-1)?.evidence.diff, ["A /hello"]);
      } finally {
        undo();
      }
    });

    it("passes for what was committed, and shows its diff", async () => {
      commit();
      const results = await on.look(["registry"]);
      on.note(results);
      assert.deepEqual(results.at(-1)?.evidence.diff, ["A /root/note"]);
    });

    /** An image that lost its name. */
    let nameless = "";
    const left: Mutant[] = [
      {
        owner: "registry.clean",
        wrong: "image removed by force, its container still there",
        next: /^docker rm --force ck-of-mine$/,
        why: /Not removed yet: container ck-of-mine/,
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
        why: /Not removed yet: image [0-9a-f]{12}/,
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
        why: /Not removed yet: image ck-mine:2/,
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
    for (const mutant of left) on.wrong(["registry"], mutant, { cleanedUp: true });

    it("passes when it was cleaned up", async () => {
      rm(mine);
      on.note(await on.look(["registry"], { cleanedUp: true }));
    });

    it("registry.clean: docker image prune --all took what another lab is built from", async () => {
      const at = on.target({ cleanedUp: true, labs: ["registry"] });
      const greedy = { ...at, registry: { ...at.registry, others: ["ck-base/ubuntu:24.04"] } };
      const look = async () => runChecks(checksOf(greedy, { docker: await dockerFacts() }, live));
      docker("tag", "ubuntu:24.04", "ck-base/ubuntu:24.04");
      passes(await look());
      const mutant = {
        owner: "registry.clean",
        wrong: "pruned, and others' images with it",
        why: /other labs need ck-base\/ubuntu:24\.04/,
      };
      await fails({ ...mutant, make: () => rm("ck-base/ubuntu:24.04"), undo: () => {} }, look);
    });
  });
