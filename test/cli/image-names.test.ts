import assert from "node:assert/strict";
import { imagesOf, lacking, wholeName } from "../../cli/cluster/image-names";

describe("images of a node", () => {
  for (const [written, whole] of [
    ["mysql", "docker.io/library/mysql:latest"],
    ["mysql:9.7.2", "docker.io/library/mysql:9.7.2"],
    ["bitnami/wordpress:6", "docker.io/bitnami/wordpress:6"],
    ["docker.io/library/mysql:9.7.2", "docker.io/library/mysql:9.7.2"],
    ["localhost:5000/mysql:9", "localhost:5000/mysql:9"],
    ["localhost:5000/mysql", "localhost:5000/mysql:latest"],
    ["ghcr.io/a/b:1", "ghcr.io/a/b:1"],
    [`mysql@sha256:${"a".repeat(64)}`, `docker.io/library/mysql@sha256:${"a".repeat(64)}`],
  ] as const) {
    it(`${written} is ${whole}`, () => assert.equal(wholeName(written), whole));
  }

  it("are loaded only when the node has them under no name", () =>
    assert.deepEqual(
      lacking(["mysql:9.7.2", "wordpress:7", "wordpress:7", "a/b:1"], ["docker.io/library/mysql:9.7.2", "a/b:2"]),
      ["wordpress:7", "a/b:1"],
    ));

  it("are what the node says, if there is one", () => {
    assert.deepEqual(imagesOf({ status: { images: [{ names: ["a", "b"] }, {}] } }), ["a", "b"]);
    assert.deepEqual(imagesOf("absent"), []);
    assert.deepEqual(imagesOf(undefined), []);
  });
});
