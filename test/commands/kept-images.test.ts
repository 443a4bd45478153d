import assert from "node:assert/strict";
import { imagesLeftBy } from "../../tools/commands/kept-images";

describe("images to keep or remove with the labs", () => {
  const resource = (type: string, inputs: Record<string, unknown>) => ({
    urn: `urn:pulumi:dev::p::${type}::r`,
    type,
    inputs,
  });
  const remote = (name: string, keepLocally: boolean) =>
    resource("docker:index/remoteImage:RemoteImage", { name, keepLocally });
  const deployment = (containers: unknown) =>
    resource("kubernetes:apps/v1:Deployment", { spec: { template: { spec: { containers } } } });
  const on = (context: string) => resource("pulumi:providers:kubernetes", { context });
  const secret = { "4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270", ciphertext: "v1:x" };

  for (const [what, resources, kept] of [
    [
      "what a lab pulls, and no tag of an image that it built",
      [remote("debian:12", true), remote("redis:v1.0", false)],
      ["debian:12"],
    ],
    [
      "include the base image of a built image",
      [resource("docker:index/image:Image", { build: { args: { BASE_IMAGE: "ubuntu:24.04" } } })],
      ["ubuntu:24.04"],
    ],
    [
      "include an image copied to the labs' own cluster only once",
      [on("course-labs"), remote("mysql:9", true), deployment([{ image: "mysql:9" }, { image: "wordpress:7" }])],
      ["mysql:9", "wordpress:7"],
    ],
    [
      "do not include images of another cluster, which pulls them itself",
      [on("school"), deployment([{ image: "mysql:9" }])],
      [],
    ],
    [
      "do not include secret values",
      [
        on("course-labs"),
        deployment(secret),
        deployment([{ image: secret }]),
        resource("docker:index/image:Image", { build: secret }),
      ],
      [],
    ],
    ["ignore resources without inputs", [{ urn: "u", type: "docker:index/image:Image" }], []],
  ] as const) {
    it(what, () => assert.deepEqual(imagesLeftBy([...resources], { resources: [...resources] }), kept));
  }

  it("do not include images that another lab needs", () => {
    const gone = [remote("mysql:9", true), remote("debian:12", true)];
    const resources = [on("course-labs"), ...gone, deployment([{ image: "mysql:9" }])];
    assert.deepEqual(imagesLeftBy(gone, { resources }), ["debian:12"]);
  });
});
