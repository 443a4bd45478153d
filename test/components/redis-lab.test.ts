import assert from "node:assert/strict";
import * as docker from "@pulumi/docker";
import { LabOwner } from "../../components/lab-owner";
import { platformOf, RedisLab, RedisLabArgs } from "../../components/redis-lab";
import { dockerLabels, promiseOf, record, sharedNames, waitsFor } from "../mocks";

const run = (args: Omit<RedisLabArgs, "owner"> = {}) =>
  record(() => {
    const provider = new docker.Provider("some-docker");
    return new RedisLab("lab", { owner: new LabOwner("owner"), ...args }, { provider });
  });

describe("RedisLab", () => {
  let usual: ReturnType<typeof run>;
  before(() => (usual = run()));

  it("creates an image, the owner of its tag, and a container", async () => {
    const { recording } = await usual;
    assert.deepEqual(recording.list, [
      "course:labs:LabOwner owner",
      "course:labs:RedisLab lab",
      "docker:index/container:Container lab-container < lab",
      "docker:index/image:Image lab-image < lab",
      "docker:index/remoteImage:RemoteImage lab-tag < lab",
      "pulumi:providers:docker some-docker",
      "random:index/randomId:RandomId owner-id < owner",
    ]);
  });

  it("passes its provider to all of them", async () => {
    const { recording } = await usual;
    for (const name of ["lab-image", "lab-tag", "lab-container"]) {
      assert.equal(recording.get(name).provider, "some-docker", name);
    }
  });

  it("builds the course's Dockerfile, pushes nothing, and builds nothing on preview", async () => {
    const { recording } = await run({ platform: "linux/arm64" });
    assert.deepEqual(recording.get("lab-image").inputs, {
      imageName: "redis:v1.0",
      build: {
        context: "docker/redis",
        dockerfile: "docker/redis/Dockerfile",
        platform: "linux/arm64",
        args: { BASE_IMAGE: "ubuntu:24.04" },
      },
      skipPush: true,
      buildOnPreview: false,
    });
  });

  it("builds for the platform of this machine by default", async () => {
    const { recording } = await usual;
    const { platform } = recording.get("lab-image").inputs.build as { platform: string };
    assert.equal(platform, platformOf(process.arch));
  });

  it("removes the tag on destroy, after the container, and never because of a trigger", async () => {
    const { recording } = await usual;
    const tag = recording.get("lab-tag");
    assert.deepEqual(tag.inputs, { name: "redis:v1.0", keepLocally: false, forceRemove: true });
    assert.deepEqual(tag.dependencies, ["lab-image"]);
    assert.ok(recording.get("lab-container").dependencies.includes("lab-tag"));
  });

  it("runs the built image, published on this machine only", async () => {
    const { recording } = await usual;
    const container = recording.get("lab-container");
    assert.deepEqual(container.inputs, {
      name: "redis",
      image: "sha256:built-redis:v1.0",
      ports: [{ internal: 6379, external: 6379, ip: "127.0.0.1" }],
      restart: "unless-stopped",
      healthcheck: {
        tests: ["CMD-SHELL", "redis-cli ping | grep -q PONG"],
        interval: "2s",
        timeout: "2s",
        retries: 5,
      },
      wait: true,
      labels: dockerLabels,
    });
    assert.equal(container.deleteBeforeReplace, true);
  });

  it("uses names, images, folder and port of its arguments", async () => {
    const { recording, result } = await run({
      imageName: "kim-redis:v2",
      baseImage: "ubuntu:18.04",
      context: "elsewhere",
      containerName: "kim-redis",
      port: 16379,
    });
    const image = recording.get("lab-image").inputs as { imageName: string; build: Record<string, unknown> };
    assert.equal(image.imageName, "kim-redis:v2");
    assert.equal(image.build.context, "elsewhere");
    assert.equal(image.build.dockerfile, "elsewhere/Dockerfile");
    assert.deepEqual(image.build.args, { BASE_IMAGE: "ubuntu:18.04" });
    assert.equal(recording.get("lab-tag").inputs.name, "kim-redis:v2");
    const { name, ports } = recording.get("lab-container").inputs;
    assert.equal(name, "kim-redis");
    assert.deepEqual(ports, [{ internal: 6379, external: 16379, ip: "127.0.0.1" }]);
    assert.deepEqual(await promiseOf(result.outputs), {
      host: "localhost",
      port: 16379,
      image: "kim-redis:v2",
      container: "kim-redis",
    });
  });

  it("outputs the address of Redis once it is running", async () => {
    const { result } = await usual;
    assert.ok((await waitsFor(result.outputs)).includes("lab-container"));
    assert.deepEqual(await promiseOf(result.outputs), {
      host: "localhost",
      port: 6379,
      image: "redis:v1.0",
      container: "redis",
    });
  });

  for (const [bindAddress, host] of [
    ["0.0.0.0", "localhost"],
    ["192.168.0.7", "192.168.0.7"],
  ] as const) {
    it(`is at ${host} when it is published on ${bindAddress}`, async () => {
      const { recording, result } = await run({ bindAddress });
      const { ports } = recording.get("lab-container").inputs as { ports: { ip: string }[] };
      assert.equal(ports[0]?.ip, bindAddress);
      assert.equal((await promiseOf(result.outputs)).host, host);
    });
  }

  it("can be deployed twice", async () => {
    const { recording } = await record(() => {
      const owner = new LabOwner("owner");
      const opts = { provider: new docker.Provider("some-docker") };
      new RedisLab("one", { owner }, opts);
      new RedisLab("two", { owner, imageName: "redis:two", containerName: "redis-two", port: 6380 }, opts);
    });
    assert.deepEqual(sharedNames(recording, "one", "two"), []);
  });
});

describe("platformOf", () => {
  it("is arm64 on Apple silicon and on ARM Linux", () => assert.equal(platformOf("arm64"), "linux/arm64"));
  it("is amd64 elsewhere", () => assert.equal(platformOf("x64"), "linux/amd64"));
});
