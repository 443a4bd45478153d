import { everything } from "../everything";
import { composeMended, install, ready } from "./compose";
import { DockerLabs } from "./docker";
import { redisMended } from "./redis";
import { pruned, registryMended } from "./registry";

/**
 * What the checks of all labs on Docker say is carried out, word by word: a wrong state of each lab at once, since what provisions
 * mends all of them in the time of one.
 */
export const mendedChecks = (on: DockerLabs) =>
  describe("mended by what the checks say", () => {
    before(install);
    afterEach(ready);
    const [redis, registry, compose] = [redisMended(on), registryMended(on), composeMended(on)];
    const [last = [], ...more] = compose;
    const rounds = Math.max(redis.length, registry.length, more.length);
    for (let i = 0; i < rounds; i++) {
      // A round takes half a minute. With these, every check keeps two wrong states.
      if (!everything && i % 2 === 1 && i > 1) continue;
      on.wrong(
        ["redis", "registry", "compose"],
        [...(more[i] ?? []), registry[i], redis[i]].filter((one) => one !== undefined),
      );
    }
    on.wrong(["redis", "registry", "compose"], [...pruned, ...last], { cleanedUp: true });
  });
