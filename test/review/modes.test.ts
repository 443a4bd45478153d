import assert from "node:assert/strict";
import * as docker from "@pulumi/docker";
import * as pulumi from "@pulumi/pulumi";
import { Programs, changesBetween } from "../../tools/review";
import { judge } from "../../tools/review/judge";
import { RegisterAnswer } from "../../tools/review/worker";
import { LabError, Text } from "../../text";
import { answerOf, stateOf, stepsBetween } from "./programs";

class Redis extends pulumi.ComponentResource {
  constructor(opts: pulumi.ComponentResourceOptions, image: string) {
    super("course:labs:RedisLab", "redis", {}, opts);
    new docker.Container("redis-container", { name: "redis", image }, { parent: this });
  }
}
class Compose extends pulumi.ComponentResource {
  constructor(opts: pulumi.ComponentResourceOptions, name: string) {
    super("course:labs:ComposeWordPress", "compose", {}, opts);
    new docker.Volume("compose-data", { name }, { parent: this });
  }
}

/** Two labs, with what else a program makes. */
const program =
  (image: string, data: string, more: () => void = () => undefined) =>
  () => {
    const provider = new docker.Provider("docker");
    new Redis({ provider }, image);
    new Compose({ provider }, data);
    more();
  };

const beside = () => void new docker.Container("portainer", { name: "portainer", image: "a:1", privileged: true });
const answer = async (...args: Parameters<typeof program>): Promise<RegisterAnswer> => ({
  ...(await answerOf(program(...args))),
  labs: ["redis", "compose"],
});

describe("what a review asks", () => {
  const down: Text = { en: "does not answer", ko: "응답하지 않습니다" };
  /** An engine that knows the labs that it is asked about. */
  const found = async (
    base: RegisterAnswer,
    head: RegisterAnswer,
    { runs = [], deaf = [], refuses = false }: { runs?: string[]; deaf?: string[]; refuses?: boolean },
  ) => {
    const of = ({ resources }: RegisterAnswer, labs: string[]) =>
      resources.filter(({ urn }) => !/(redis|compose)/.test(urn) || labs.some((lab) => urn.includes(`::${lab}`)));
    const asked: string[][] = [];
    const engine = (side: RegisterAnswer): Programs["base"] => ({
      preview: (labs) => {
        asked.push(labs);
        if (refuses) return Promise.reject(new LabError(down));
        return Promise.resolve({ steps: stepsBetween(of(base, labs), of(side, labs)) });
      },
    });
    const running = runs.length > 0 ? stateOf(of(base, runs)) : undefined;
    const unreachable = () => Promise.resolve(new Map(deaf.map((lab) => [lab, down])));
    const programs = { base: engine(base), head: engine(head) };
    const { changes, unchecked, failure } = await changesBetween(programs, { base, head }, { running, unreachable });
    return {
      changes: changes.map(({ op, name, basis }) => `${op} ${name} ${basis}`),
      unchecked: unchecked.map(({ en }) => en.split(":")[0]),
      failed: failure !== undefined,
      asked: asked.length > 0,
    };
  };

  let base: RegisterAnswer;
  let both: RegisterAnswer;
  let more: RegisterAnswer;
  before(async () => {
    [base, both, more] = [await answer("a:1", "v"), await answer("a:2", "w"), await answer("a:2", "w", beside)];
  });

  it("compares the programs if nothing runs, with what is outside of the labs", async () => {
    assert.deepEqual(await found(base, more, {}), {
      changes: ["replace compose-data programs", "replace redis-container programs", "create portainer programs"],
      ...{ unchecked: ["`redis`, `compose`"], failed: false, asked: false },
    });
  });

  it("asks the engine if all labs run, also about what is outside of them", async () => {
    assert.deepEqual(await found(base, more, { runs: ["redis", "compose"] }), {
      changes: ["replace compose-data engine", "replace redis-container engine", "create portainer engine"],
      ...{ unchecked: [], failed: false, asked: true },
    });
  });

  it("compares labs that do not run or answer, and shows each change once", async () => {
    for (const labs of [{ runs: ["redis"] }, { runs: ["redis", "compose"], deaf: ["compose"] }]) {
      assert.deepEqual(await found(base, both, labs), {
        changes: ["replace compose-data programs", "replace redis-container engine"],
        ...{ unchecked: ["`compose`"], failed: false, asked: true },
      });
    }
  });

  it("asks the engine about what is outside of the labs where only some of them run", async () => {
    const { changes, asked } = await found(base, more, { runs: ["redis"] });
    assert.deepEqual(changes, [
      ...["replace compose-data programs", "replace redis-container engine", "create portainer engine"],
    ]);
    assert.equal(asked, true);
  });

  it("finds in the programs which variable differs, if the engine hides all of them", async () => {
    const mysql = (...more: string[]) =>
      answer("a:1", "v", () => {
        new docker.Container("mysql", {
          image: "mysql:9.7.2",
          volumes: [{ volumeName: "data", containerPath: "/var/lib/mysql" }],
          envs: pulumi.secret(["MYSQL_USER=a", ...more]),
        });
      });
    const told = async (head: RegisterAnswer) => {
      const steps = stepsBetween((await mysql()).resources, head.resources);
      for (const { old, new: now } of steps)
        for (const side of [old, now]) if (side && "envs" in side.inputs) side.inputs.envs = "[secret]";
      for (const one of steps.filter(({ op }) => op !== "same")) one.diffs = ["envs"];
      const engine = (steps: Awaited<ReturnType<Programs["base"]["preview"]>>["steps"]) => ({
        preview: () => Promise.resolve({ steps }),
      });
      const base = await mysql();
      const programs = { base: engine([]), head: engine(steps) };
      const unreachable = () => Promise.resolve(new Map<string, Text>());
      const { changes } = await changesBetween(
        programs,
        { base, head },
        { running: stateOf(base.resources), unreachable },
      );
      return judge(changes).filter(({ dangerous }) => dangerous);
    };
    assert.deepEqual(await told(await mysql("TZ=Asia/Seoul")), []);
    assert.equal((await told(await mysql("MYSQL_DATABASE=b")))[0]?.kind, "data loss");
  });

  it("fails if the engine refuses, and compares the programs", async () => {
    const { changes, failed } = await found(base, more, { runs: ["redis", "compose"], refuses: true });
    assert.ok(failed && changes.includes("create portainer programs"));
  });

  it("finds no change between equal programs, whatever runs", async () => {
    for (const mode of [{}, { runs: ["redis"] }, { runs: ["redis", "compose"] }]) {
      const { changes } = await found(base, await answer("a:1", "v"), mode);
      assert.deepEqual(changes, []);
    }
  });
});
