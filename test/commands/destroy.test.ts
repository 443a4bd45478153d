import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { deployed, earlier, Machine, objectsOf, resource, step } from "./machine";

describe("npm run destroy", () => {
  let machine: Machine;
  beforeEach(async () => {
    machine = await Machine.make();
  });
  afterEach(() => machine.remove());

  const image = (name: string) => ({ kind: "image" as const, id: `sha256:${name}`, name });
  const pulled = ["mysql:9.7.2", "wordpress:7.1.0-php8.3-apache", "ck-base/debian:12", "ubuntu:24.04"].map(image);
  const strays = (["container", "network", "volume"] as const).map((kind) => ({
    ...{ kind, id: `${kind}-left-behind`, name: `${kind}-left-behind` },
    labels: { "course-labs.id": "458da07e" },
  }));
  const theirs = { kind: "volume" as const, id: "theirs", name: "theirs" };
  const running = () => {
    const state = deployed(machine);
    machine.left(state);
    return { state, objects: [...objectsOf(state), ...pulled] };
  };

  it("removes everything, names the data first, and says which images it keeps", async () => {
    const { state, objects } = running();
    const events = step("delete", resource(state, "redis-container"));
    machine.world({ objects: [...objects, ...strays, theirs], operations: { destroy: { events } } });
    const { said } = await machine.well("destroy");
    assert.match(said, /^Removing volume ck-course-labs-mysql: all data stored in it/m);
    assert.match(said, /^Removing container ck-debian: the files written inside it$/m);
    assert.doesNotMatch(said, /password/, "a password goes with its database");
    assert.match(said, /^ {2}- container ck-redis: deleted/m);
    assert.match(said, /^Images kept for the next run: [^\n]*mysql:9\.7\.2[^\n]*\. To remove them: docker image rm /m);
    assert.match(said, /^Removed: redis, registry, compose\.$/m);
    assert.ok(said.indexOf("Removing volume") < said.indexOf("- container"), "before it is gone");
    assert.deepEqual(machine.engine(), ["pulumi destroy --yes --skip-preview"]);
    assert.deepEqual(
      machine.objects().filter((name) => name.endsWith("-left-behind")),
      [],
    );
    assert.ok(machine.objects().includes("volume theirs"));
    assert.ok(!machine.objects().includes("image ck-redis:v1.0"), "what it built it removes");
    assert.ok(machine.objects().includes("image mysql:9.7.2"));
  });

  it("removes the pulled images when asked to", async () => {
    const { objects } = running();
    machine.world({ objects });
    const { said } = await machine.well("destroy", "--images");
    assert.doesNotMatch(said, /kept/);
    for (const { name } of pulled) assert.ok(!machine.objects().includes(`image ${name}`), name);
  });

  it("removes one lab and leaves the others as they are", async () => {
    const { state, objects } = running();
    machine.world({ objects: [...objects, ...strays] });
    const { said } = await machine.well("destroy", "--labs", "redis");
    assert.match(said, /^Removed: redis\.$/m);
    assert.doesNotMatch(said, /Removing/);
    const [call = ""] = machine.engine();
    const targets = [...call.matchAll(/--target (\S+)/g)].map(([, urn]) => urn?.split("::").pop());
    assert.deepEqual(targets.sort(), ["redis", "redis-container", "redis-image", "redis-tag"]);
    assert.match(call, / --target-dependents$/);
    // What an interrupted run has left may be of another lab.
    assert.ok(machine.objects().includes("volume volume-left-behind"));
    const left = state.resources.filter(({ urn }) => !urn.includes("RedisLab"));
    assert.deepEqual(machine.state()?.resources, left);
    assert.match(said, /Images kept for the next run: ubuntu:24\.04\./);
  });

  it("gives a built image its name back, so that no other image is removed", async () => {
    const { state, objects } = running();
    const built = resource(state, "redis-image").outputs?.repoDigest as string;
    const named = objects.map((one) => (one.id === built ? { ...one, name: "unnamed" } : one));
    machine.world({
      objects: [...named, { ...image("ck-redis:v1.0"), id: "sha256:0123456789abcdef" }],
      answers: { "tag ": "" },
    });
    const { said } = await machine.well("destroy");
    assert.match(said, /ck-redis:v1\.0 referred to another image \(0123456789ab\).* The other image is kept/);
    assert.deepEqual(machine.calls(/^docker tag/), [`docker tag ${built} ck-redis:v1.0`]);
  });

  it("has nothing to do if there is nothing, and creates no stack", async () => {
    machine.world({});
    assert.match((await machine.well("destroy")).said, /^There is no lab to remove\.$/m);
    assert.deepEqual(machine.engine(), []);
    assert.equal(existsSync(".pulumi"), false);
  });

  it("refuses a stack that does not exist, with those that do", async () => {
    running();
    machine.world({});
    for (const command of ["destroy", "outputs", "check", "doctor"]) {
      const said = await machine.refused(command, "--stack", "dve");
      assert.match(said, /^There is no stack dve\. Existing stacks: dev\. Nothing was done\./m);
    }
    assert.deepEqual(machine.calls(), []);
  });

  it("refuses if the labs are on another Docker, and continues without it only on request", async () => {
    const { state } = running();
    machine.world({ objects: pulled, answers: { "info ": "ID-2|Another Docker\n" } });
    machine.left({
      ...state,
      resources: state.resources.map((one) =>
        one.type === "pulumi:providers:docker" ? { ...one, inputs: { host: "tcp://old:2375" } } : one,
      ),
    });
    const said = await machine.refused("destroy");
    assert.match(
      said,
      /The labs of stack dev are on another Docker, Docker \(tcp:\/\/old:2375\).* Nothing was changed\./,
    );
    assert.deepEqual(machine.engine(), []);
    const { said: then } = await machine.well("destroy", "--allow-data-loss");
    assert.match(then, /^Continuing without Docker \(tcp:\/\/old:2375\)\./m);
    // The engine would ask the Docker that is gone.
    assert.deepEqual(machine.engine(), [
      "pulumi stack export --stack dev",
      "pulumi stack import --stack dev",
      "pulumi destroy --yes --skip-preview",
    ]);
  });

  it("explains why the engine failed, and does not say that anything is removed", async () => {
    const { objects } = running();
    machine.world({
      objects: [...objects, ...strays],
      operations: { destroy: { fails: "error: the stack is currently locked by 1 lock(s)." } },
    });
    const said = await machine.refused("destroy");
    assert.match(said, /^Another run is using this stack\./m);
    assert.doesNotMatch(said, /Removed|kept/);
    assert.ok(machine.objects().includes("volume volume-left-behind"));
  });

  describe("of the Kubernetes lab", () => {
    beforeEach(() => {
      machine.left(earlier.kubernetes);
      machine.world({});
    });

    it("refuses while a cluster that is not ours does not answer", async () => {
      const said = await machine.refused("destroy");
      assert.match(
        said,
        /The cluster of context "elsewhere" does not answer, .* Nothing was removed\. .*PULUMI_K8S_DELETE_UNREACHABLE=true npm run destroy$/m,
      );
      assert.doesNotMatch(machine.engine().join(), /destroy/);
    });

    it("trusts the state alone if that cluster is said to be gone", async () => {
      process.env.PULUMI_K8S_DELETE_UNREACHABLE = "true";
      assert.match((await machine.well("destroy")).said, /^Removed: kubernetes\.$/m);
      assert.match(machine.engine().join(), /destroy --yes/);
    });

    it("does not delete a cluster that it did not create, nor one with a lab that is to be kept", async () => {
      assert.match(
        await machine.refused("destroy", "--cluster"),
        /"elsewhere" was not created by this project, so --cluster cannot delete it\. Nothing was removed\./,
      );
      assert.match(
        await machine.refused("destroy", "--cluster", "--labs", "redis"),
        /--labs does not include that lab/,
      );
      assert.doesNotMatch(machine.engine().join(), /destroy/);
    });

    it("forgets a cluster of its own that is gone", async () => {
      const own = earlier.kubernetes.resources.map((one) =>
        one.type === "pulumi:providers:kubernetes" ? { ...one, inputs: { context: "course-labs" } } : one,
      );
      machine.left({ resources: own });
      const { said } = await machine.well("destroy");
      assert.match(said, /^The cluster course-labs and everything in it no longer exist\./m);
      machine.left({ resources: own });
      assert.match((await machine.well("destroy", "--cluster")).said, /^There is no cluster course-labs\.$/m);
    });
  });
});
