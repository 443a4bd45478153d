import assert from "node:assert/strict";
import { everything } from "./everything";
import { clone, dockerObjects, killedThenRun, npmRun, ping, tearDown } from "./harness";

const all = ["--labs", "redis,registry,compose"];

interface Moments {
  up: [string, RegExp];
  destroy: [string, RegExp];
  /** Whether these are tried in every run. @default false */
  always?: boolean;
}

/** Five moments of each command, by what it has printed by then. */
const moments: Moments[] = [
  { up: ["before anything is made", /Deploying/], destroy: ["when it tells what goes", /Removing volume/] },
  { up: ["after the first resource", /\+ random id/], destroy: ["after the first container", /- container/] },
  {
    always: true,
    up: ["while the image is built and the network is made", /\+ network/],
    destroy: ["with the WordPress container gone", /- container \S*wordpress/],
  },
  {
    up: ["with a container made and MySQL starting", /\+ container/],
    destroy: ["with the MySQL container gone", /- container \S*mysql/],
  },
  {
    always: true,
    up: ["with MySQL healthy and WordPress starting", /\+ container \S*mysql/],
    destroy: ["after the first volume", /- volume/],
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
    await tearDown(folder);
  });

  for (const { up, destroy } of moments.filter(({ always }) => everything || always)) {
    it(`up killed ${up[0]} converges`, async () => {
      await killedThenRun(folder, "up", all, up[1]);
      assert.equal(await ping(6379), "+PONG");
      assert.equal((await fetch("http://localhost:30000/wp-login.php", { redirect: "manual" })).status, 302);
      const again = await npmRun(folder, "up", all);
      assert.match(again.said, /No changes/);
      const made = dockerObjects().containers?.filter((name) => !atFirst.containers?.includes(name));
      assert.deepEqual(made, ["debian", "mysql", "redis", "wordpress"]);
    });

    it(`destroy killed ${destroy[0]} converges`, async () => {
      await killedThenRun(folder, "destroy", [], destroy[1]);
      assert.deepEqual(dockerObjects(), atFirst);
    });
  }
});
