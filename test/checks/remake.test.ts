import assert from "node:assert/strict";
import { checksOf } from "../../tools/checks/labs";
import { Result, runChecks } from "../../tools/checks/check";
import { DockerFacts } from "../../tools/checks/facts/docker";
import { anew, instead } from "../../tools/checks/labs/remake";
import { targetOf } from "../../tools/checks/target";
import { parseSettings } from "../../config";
import { problemsOf } from "../../tools/checks/doctor";
import { answering, container, healthy, image, target } from "./fakes";

const named = ({ containers }: DockerFacts, name: string) => containers.find((one) => one.name === name)!;

describe("advice that would cost what a learner made", () => {
  it("says what is deleted with a container, and how to keep it", () => {
    const make = "npm run up";
    assert.match(
      anew(container("debian", "debian:12"), make).en,
      /^This removes container debian and everything written inside it\. To keep that as an image first: docker stop debian; docker commit debian debian-kept:1\. Then: docker rm --force debian; npm run up$/,
    );
    const mounts = [{ type: "volume", name: "data", path: "/var/lib/mysql", writable: true }];
    assert.match(anew(container("mysql", "m", { mounts }), make).en, /^Data on its volumes is kept \(data\)/);
    const anonymous = [{ ...mounts[0]!, name: "0a".repeat(32) }];
    assert.match(
      anew(container("mysql", "m", { mounts: anonymous }), make).en,
      /^This removes container mysql .* as an image first \(without \/var\/lib\/mysql\): docker stop mysql; /,
    );
    assert.equal(anew(undefined, make).en, make);
    assert.equal(anew(container("redis", "r", { status: "created" }), make).en, `docker rm --force redis; ${make}`);
  });

  it("gives an image another name instead of removing it", () => {
    assert.match(
      instead("docker.io/library/debian:12", "docker pull debian:12").en,
      /kept as debian-before:1: docker tag docker\.io\/library\/debian:12 debian-before:1; docker image rm docker/,
    );
  });

  it("removes no container that was out of memory, or whose port was taken", async () => {
    const states = [
      { status: "exited", running: false, exitCode: 137, outOfMemory: true },
      { status: "exited", running: false, error: "listen tcp4 127.0.0.1:6379: bind: address already in use" },
    ];
    for (const state of states) {
      const docker = healthy();
      Object.assign(named(docker, "redis"), state);
      const [first] = await problemsOf(target, { docker }, [], {
        logs: () => Promise.resolve(""),
        holder: () => Promise.resolve({ name: "other", id: "1" }),
        pullProblem: () => Promise.resolve(undefined),
      });
      assert.match(first?.next?.en ?? "", /docker start redis$/);
    }
  });
});

describe("a newer image of the name that the registry lab has", () => {
  /** As `docker pull debian:12` leaves it: the container goes on with what has lost the name. */
  function pulled(docker: DockerFacts, more: Partial<DockerFacts["images"][number]> = {}) {
    const now = docker.images.findIndex(({ names }) => names[0] === "debian:12");
    docker.images.push({ ...docker.images[now]!, id: "sha256:old", names: [], digests: ["debian@sha256:0"], ...more });
    docker.images[now] = image("debian:12", { id: "sha256:new", layers: ["new"], digests: ["debian@sha256:2"] });
    Object.assign(named(docker, "debian"), { image: "sha256:old", imageName: "sha256:old" });
  }
  const look = async (change: (docker: DockerFacts) => void, at = target): Promise<Result[]> => {
    const docker = healthy();
    change(docker);
    const results = await runChecks(checksOf({ ...at, labs: ["registry"] }, { docker }, answering()));
    return results;
  };
  const told = (results: Result[]) => results.map(({ id, status }) => `${id} ${status}`);

  it("fails nobody who works in a container of the previous one, and reports the newer one", async () => {
    const results = await look(pulled);
    assert.deepEqual(told(results), ["registry.pulled passed", "registry.container passed", "registry.commit open"]);
    assert.match(String(results[1]?.evidence.newer), /a newer debian:12 is here/);
    // By hand, Docker keeps what was typed.
    const typed = await look((docker) => {
      pulled(docker, { digests: [] });
      named(docker, "debian").imageName = "debian:12";
    });
    assert.equal(typed[1]?.status, "passed");
  });

  it("accepts what is committed from that container as the student's own", async () => {
    const commit = (docker: DockerFacts) => {
      pulled(docker);
      docker.images.push(image("mine:1", { layers: ["d", "mine"], command: ["sleep", "infinity"] }));
    };
    const live = {
      history: (id: string) =>
        Promise.resolve([
          { step: "base", comment: "" },
          ...(id === "sha256:mine:1" ? [{ step: "sleep infinity", comment: "" }] : []),
        ]),
      layers: () => Promise.resolve([["etc/"], ["root/note"]]),
    };
    const docker = healthy();
    commit(docker);
    const results = await runChecks(checksOf({ ...target, labs: ["registry"] }, { docker }, answering(live)));
    assert.deepEqual(told(results).at(-1), "registry.commit passed");
  });

  it("is not an image from another place, or of another name", async () => {
    const other = await look((docker) => pulled(docker, { digests: ["nginx@sha256:1"] }));
    assert.equal(other[1]?.status, "failed");
    const byName = await look((docker) => pulled(docker, { names: ["debian:11"] }));
    assert.equal(byName[1]?.status, "failed");
  });

  it("is accepted by hand, too", async () => {
    const byHand = targetOf(parseSettings({}), undefined, { labs: ["registry"] });
    assert.deepEqual(told(await look(pulled, byHand)).slice(0, 2), [
      "registry.pulled passed",
      "registry.container passed",
    ]);
  });
});
