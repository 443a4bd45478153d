import assert from "node:assert/strict";
import { dockerNames, labObjects, pulledImages } from "../../components/names";
import { parseSettings } from "../../config";

describe("dockerNames", () => {
  it("are the course's own names", () => {
    assert.deepEqual(dockerNames(parseSettings({})), [
      { lab: "redis", kind: "image", name: "redis:v1.0" },
      { lab: "redis", kind: "container", name: "redis" },
      { lab: "registry", kind: "container", name: "debian" },
      { lab: "compose", kind: "network", name: "wordpress" },
      { lab: "compose", kind: "volume", name: "course-labs-mysql" },
      { lab: "compose", kind: "volume", name: "course-labs-wordpress" },
      { lab: "compose", kind: "container", name: "mysql" },
      { lab: "compose", kind: "container", name: "wordpress" },
    ]);
  });

  it("all start with the prefix", () => {
    for (const { kind, name } of dockerNames(parseSettings({ prefix: "kim-" }))) {
      assert.ok(name.startsWith("kim-"), `${kind} ${name}`);
    }
  });

  it("are those of the enabled labs", () => {
    assert.deepEqual(dockerNames(parseSettings({ labs: ["registry", "kubernetes"] })), [
      { lab: "registry", kind: "container", name: "debian" },
    ]);
  });
});

describe("labObjects", () => {
  for (const [redisImage, name] of [
    ["redis:v1.0", "kim-redis:v1.0"],
    ["team/redis:v1.0", "team/kim-redis:v1.0"],
    ["localhost:5000/redis:v1.0", "localhost:5000/kim-redis:v1.0"],
  ] as const) {
    it(`change the image ${redisImage} to ${name}, a valid name`, () => {
      const { redis } = labObjects(parseSettings({ prefix: "kim-", redisImage }));
      assert.equal(redis.imageName, name);
      assert.equal(parseSettings({ redisImage: name }).redisImage, name);
    });
  }
});

describe("pulledImages", () => {
  it("are the images of each lab with their puller", () => {
    assert.deepEqual(pulledImages(parseSettings({})), [
      { lab: "redis", image: "ubuntu:24.04", puller: "docker" },
      { lab: "registry", image: "debian:12", puller: "docker" },
      { lab: "compose", image: "mysql:9.7.2", puller: "docker" },
      { lab: "compose", image: "wordpress:7.1.0-php8.3-apache", puller: "docker" },
      { lab: "kubernetes", image: "mysql:9.7.2", puller: "cluster" },
      { lab: "kubernetes", image: "wordpress:7.1.0-php8.3-apache", puller: "cluster" },
    ]);
  });

  it("are those of the enabled labs, as the settings name them", () => {
    assert.deepEqual(pulledImages(parseSettings({ labs: ["redis"], redisBaseImage: "ubuntu:18.04" })), [
      { lab: "redis", image: "ubuntu:18.04", puller: "docker" },
    ]);
  });
});
