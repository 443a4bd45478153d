import { strict as assert } from "node:assert";
import { Steps } from "../../tools/install/closed-network/steps";

describe("steps of a first run", () => {
  const [cli, node] = [
    { what: { en: "the Pulumi CLI", ko: "Pulumi CLI" }, minutes: 3 },
    { what: { en: "the node", ko: "노드" }, minutes: 1 },
  ];
  const english = async (lines: Promise<{ en: string }[]>) => (await lines).map(({ en }) => en);

  it("are announced with their number and their time, and counted", async () => {
    const steps = new Steps();
    steps.expect(() => Promise.resolve([cli, node]));
    const [why = "", announced = "", first] = await english(steps.begin(cli));
    assert.match(why, /^The official Pulumi releases cannot be reached\./);
    assert.match(announced, /^This takes about 4 minutes on two cores, in 2 steps,/);
    assert.equal(first, "step 1 of 2: the Pulumi CLI, about 3 minutes on two cores");
    assert.deepEqual(
      (await steps.begin(node)).map(({ ko }) => ko),
      ["2/2단계: 노드, 코어 2개에서 약 1분"],
    );
  });

  it("are not announced if nothing is built", () => {
    new Steps().expect(() => assert.fail("asked"));
  });

  it("have no total if they were not expected", async () => {
    const steps = new Steps();
    assert.equal((await english(steps.begin(node)))[1], "the node, about 1 minute on two cores");
    steps.expect(() => Promise.resolve([cli]));
    assert.match((await english(steps.begin(cli))).join(), /^step 2 of 2: /);
    assert.deepEqual(await english(steps.begin(node)), ["the node, about 1 minute on two cores"]);
  });
});
