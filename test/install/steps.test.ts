import { strict as assert } from "node:assert";
import { Steps } from "../../tools/install/closed-network/steps";

describe("steps of a first run", () => {
  const [cli, node] = [
    { what: { en: "the Pulumi CLI", ko: "Pulumi CLI" }, minutes: 3 },
    { what: { en: "the node", ko: "노드" }, minutes: 1 },
  ];

  it("are announced with their number and their time, and counted", () => {
    const steps = new Steps();
    assert.match(steps.announce([cli, node]).en, /^This takes about 4 minutes on two cores, in 2 steps,/);
    assert.equal(steps.begin(cli).en, "step 1 of 2: the Pulumi CLI, about 3 minutes on two cores");
    assert.equal(steps.begin(node).ko, "2/2단계: 노드, 코어 2개에서 약 1분");
  });

  it("have no total where they were not announced", () => {
    const steps = new Steps();
    assert.equal(steps.begin(node).en, "the node, about 1 minute on two cores");
    steps.announce([cli]);
    assert.match(steps.begin(cli).en, /^step 2 of 2: /);
    assert.equal(steps.begin(node).ko, "노드, 코어 2개에서 약 1분");
  });
});
