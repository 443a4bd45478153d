import assert from "node:assert/strict";
import { canBeCopied, familiarName, imagesOf, lacking, wholeName } from "../../tools/docker/image-names";

describe("images of a node", () => {
  const digest = `sha256:${"a".repeat(64)}`;
  for (const [written, whole, familiar] of [
    ["mysql", "docker.io/library/mysql:latest", "mysql:latest"],
    ["mysql:9.7.2", "docker.io/library/mysql:9.7.2", "mysql:9.7.2"],
    ["library/mysql", "docker.io/library/mysql:latest", "mysql:latest"],
    ["bitnami/wordpress:6", "docker.io/bitnami/wordpress:6", "bitnami/wordpress:6"],
    ["docker.io/library/mysql:9.7.2", "docker.io/library/mysql:9.7.2", "mysql:9.7.2"],
    ["docker.io/mysql:9.7.2", "docker.io/library/mysql:9.7.2", "mysql:9.7.2"],
    ["index.docker.io/bitnami/wordpress", "docker.io/bitnami/wordpress:latest", "bitnami/wordpress:latest"],
    ["localhost:5000/mysql:9", "localhost:5000/mysql:9", "localhost:5000/mysql:9"],
    ["localhost:5000/mysql", "localhost:5000/mysql:latest", "localhost:5000/mysql:latest"],
    ["ghcr.io/a/b:1", "ghcr.io/a/b:1", "ghcr.io/a/b:1"],
    [`mysql@${digest}`, `docker.io/library/mysql@${digest}`, `mysql@${digest}`],
    [`mysql:9.7.2@${digest}`, `docker.io/library/mysql:9.7.2@${digest}`, `mysql:9.7.2@${digest}`],
    [`localhost:5000/a/b:1@${digest}`, `localhost:5000/a/b:1@${digest}`, `localhost:5000/a/b:1@${digest}`],
  ] as const) {
    it(`${written} is ${whole}, ${familiar} for short`, () => {
      assert.equal(wholeName(written), whole);
      assert.equal(familiarName(written), familiar);
      assert.equal(wholeName(familiar), whole);
      assert.equal(familiarName(whole), familiar);
    });
  }

  it("are loaded only if the node has them under no name", () =>
    assert.deepEqual(
      lacking(["mysql:9.7.2", "wordpress:7", "wordpress:7", "a/b:1"], ["docker.io/library/mysql:9.7.2", "a/b:2"]),
      ["wordpress:7", "a/b:1"],
    ));

  it("that are pinned may be listed by tag or by digest", () => {
    const pinned = `mysql:9.7.2@${digest}`;
    for (const listed of ["docker.io/library/mysql:9.7.2", `docker.io/library/mysql@${digest}`, pinned]) {
      assert.deepEqual(lacking([pinned], [listed]), [], listed);
    }
    assert.deepEqual(lacking([pinned], ["docker.io/library/mysql:9.7.1", "a/mysql:9.7.2"]), [pinned]);
  });

  it("are copied unless they are pinned, because a copy loses the digest", () =>
    assert.deepEqual(["mysql:9.7.2", `mysql@${digest}`, `mysql:9.7.2@${digest}`].map(canBeCopied), [
      true,
      false,
      false,
    ]));

  it("are those in the status of the node", () => {
    assert.deepEqual(imagesOf({ status: { images: [{ names: ["a", "b"] }, {}] } }), ["a", "b"]);
    assert.deepEqual(imagesOf("absent"), []);
    assert.deepEqual(imagesOf(undefined), []);
  });
});
