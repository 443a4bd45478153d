import assert from "node:assert/strict";
import { clone, dockerObjects, npmRun, ping, remove } from "./harness";

const all = ["--labs", "redis,registry,compose"];

/** Five moments of each command, by what it has printed by then. */
const moments: { up: [string, RegExp]; destroy: [string, RegExp] }[] = [
  { up: ["before anything is made", /Provisioning/], destroy: ["when it tells what goes", /Removing volume/] },
  { up: ["after the first resource", /\+ RandomId/], destroy: ["after the first container", /- Container/] },
  {
    up: ["while the image is built and the network is made", /\+ Network/],
    destroy: ["with the WordPress container gone", /- Container compose-wordpress/],
  },
  {
    up: ["with a container made and MySQL starting", /\+ Container/],
    destroy: ["with the MySQL container gone", /- Container compose-mysql/],
  },
  {
    up: ["with MySQL healthy and WordPress starting", /\+ Container compose-mysql/],
    destroy: ["after the first volume", /- Volume/],
  },
];

describe("kill -9 in the middle, then the plain command again", () => {
  let atFirst: ReturnType<typeof dockerObjects>;
  let folder: string;

  before(() => {
    atFirst = dockerObjects();
    folder = clone();
  });
  after(async () => {
    await npmRun(folder, "destroy");
    remove(folder);
  });

  for (const { up, destroy } of moments) {
    it(`up killed ${up[0]} converges`, async () => {
      const killed = await npmRun(folder, "up", all, { killWhen: (said) => up[1].test(said) });
      assert.equal(killed.code, null, `was not killed:\n${killed.said}`);
      const { code, said } = await npmRun(folder, "up", all);
      assert.equal(code, 0, said);
      assert.equal(await ping(6379), "+PONG");
      assert.equal((await fetch("http://localhost:30000/wp-login.php", { redirect: "manual" })).status, 302);
      const again = await npmRun(folder, "up", all);
      assert.match(again.said, /No changes/);
      const made = dockerObjects().containers?.filter((name) => !atFirst.containers?.includes(name));
      assert.deepEqual(made, ["debian", "mysql", "redis", "wordpress"]);
    });

    it(`destroy killed ${destroy[0]} converges`, async () => {
      const killed = await npmRun(folder, "destroy", [], { killWhen: (said) => destroy[1].test(said) });
      assert.equal(killed.code, null, `was not killed:\n${killed.said}`);
      const { code, said } = await npmRun(folder, "destroy");
      assert.equal(code, 0, said);
      assert.deepEqual(dockerObjects(), atFirst);
    });
  }
});
