import assert from "node:assert/strict";
import { laneNames, only, Plan, planned } from "./plan";
import { Lanes, Running } from "./run";

/** A suite that is a few words of JavaScript, and counts as the reporter does. */
const counted = (passed: number, failed: number, then = "") =>
  `const failures = Array.from({ length: ${failed} }, () => ({ title: "adds up", why: "1 is not 2\\nat line 3" }));
   require("fs").writeFileSync(process.env.COURSE_LABS_COUNT_FILE, JSON.stringify({ passed: ${passed}, failed: ${failed}, failures }));
   console.log("at work"); ${then}`;

const suites: Record<string, string> = {
  two: counted(2, 0),
  three: counted(3, 0),
  red: counted(1, 1, "process.exitCode = 1"),
  hung: counted(1, 0, "setInterval(() => undefined, 1000)"),
  parent: counted(
    1,
    0,
    `require("child_process").spawn("sleep", ["600"], { stdio: "inherit" }); setInterval(() => {}, 1000)`,
  ),
  broken: "throw new Error('no such module')",
  empty: "",
};

/** Runs lanes; returns the exit code and what was printed. */
async function ran(plan: Plan, on: Partial<Running> & { patience?: number; time?: number } = {}) {
  const lines: string[] = [];
  const { patience = 20_000, time = 20_000 } = on;
  const code = await new Lanes({
    command: (suite) => [process.execPath, "--eval", suites[suite]!],
    limits: { end: Date.now() + time, suite: () => patience },
    situation: () => Promise.resolve("all is as it is"),
    left: () => Promise.resolve([]),
    print: (line) => lines.push(line),
    silence: 60_000,
    ...on,
  }).run(plan);
  return { code, said: lines.join("\n"), last: lines.at(-1)!.trim() };
}
const lane = (name: string, groups: string[][], dependent = false) => ({ name, groups, dependent });
const nothing = lane("alone", []);

describe("the lanes of the end-to-end suites", function () {
  this.timeout(60_000);

  it("count together, and say which suite a line is of", async () => {
    const { code, said, last } = await ran({
      beside: [lane("docker", [["two"], ["three"]]), lane("cluster", [["two", "three"]])],
      alone: lane("alone", [["two"]]),
    });
    assert.deepEqual([code, last], [0, "12 passed, 0 failed"]);
    assert.match(said, /^three │ at work$/m);
    assert.match(said, /^cluster {2}three +3 +\d\.\d$/m);
  });

  it("go on after a suite that failed, and end with what it said", async () => {
    const plan = { beside: [lane("docker", [["red"], ["two"]]), lane("cluster", [["three"]])], alone: nothing };
    const { code, said, last } = await ran(plan);
    assert.deepEqual([code, last], [1, "6 passed, 1 failed"]);
    assert.match(said, /failed in red: adds up\n {4}1 is not 2\n {4}at line 3\n\n6 passed/);
  });

  for (const [suite, why] of [
    ["broken", "ended with 1, see above"],
    ["empty", "had no test"],
  ] as const) {
    it(`are red where a suite counts nothing: ${suite}`, async () => {
      const { code, said, last } = await ran({ beside: [lane("docker", [[suite], ["two"]])], alone: nothing });
      assert.deepEqual([code, last], [1, "2 passed, 1 failed"]);
      assert.ok(said.includes(`failed in ${suite}: ${suite}\n    ${why}`), said);
    });
  }

  for (const suite of ["hung", "parent"]) {
    it(`cut off a suite that does not end, and its lane, with how things were: ${suite}`, async () => {
      const plan = {
        beside: [lane("docker", [[suite], ["two"]]), lane("cluster", [["three"]])],
        alone: lane("alone", [["two"]]),
      };
      const { code, said, last } = await ran(plan, { patience: 1500 });
      assert.deepEqual([code, last], [1, "4 passed, 1 failed"]);
      assert.match(said, /not over after 0 minutes\. This is how things are:\n\nall is as it is/);
      assert.match(said, new RegExp(`^docker +two +not run: ${suite} was cut off$`, "m"));
      assert.match(said, /^alone +two +not run: a lane before it was cut off$/m);
    });
  }

  it("end in time, with a count, when the whole takes too long", async () => {
    const plan = { beside: [lane("docker", [["two"], ["hung"], ["two"]])], alone: lane("alone", [["three"]]) };
    const { code, said, last } = await ran(plan, { time: 2500 });
    assert.deepEqual([code, last], [1, "3 passed, 1 failed"]);
    assert.match(said, /hung: the time for all suites is over\. This is how things are:/);
    assert.match(said, /^alone +three +not run: the time for all suites is over$/m);
  });

  it("begin nothing that needs what could not be made", async () => {
    const plan = { beside: [lane("cluster", [["red"], ["two"]], true)], alone: lane("alone", [["three"]]) };
    const { last, said } = await ran(plan);
    assert.equal(last, "1 passed, 1 failed");
    assert.match(said, /^cluster +two +not run: red failed$/m);
  });

  it("are red where a suite leaves something behind", async () => {
    const left = () => Promise.resolve(["namespace/wordpress"]);
    const { code, said, last } = await ran({ beside: [lane("cluster", [["two"]])], alone: nothing }, { left });
    assert.deepEqual([code, last], [1, "2 passed, 1 failed"]);
    assert.match(said, /failed in two: cluster: two leaves what it made\n {4}namespace\/wordpress/);
  });

  it("say what is at work when nothing is heard", async () => {
    const { said } = await ran({ beside: [lane("docker", [["hung"]])], alone: nothing }, { time: 3000, silence: 500 });
    assert.match(said, /^… at work: hung for 0\.0 min$/m);
  });
});

describe("the plan of the end-to-end suites", () => {
  const all = ["checks-docker", "checks-kubernetes", "kubernetes-failures", "kubernetes-more", "kubernetes-start"];
  const files = [...all, "labs", "minikube", "closed-network-go", "closed-network-images", "review"].sort();
  const flat = ({ beside, alone }: Plan) => [...beside, alone].flatMap(({ groups }) => groups.flat());

  it("of some lanes has the suites of these", () => {
    const of = (...names: string[]) => flat(only(names, planned(files, true)));
    assert.deepEqual(of("alone"), ["minikube"]);
    assert.deepEqual(of("docker", "alone"), ["checks-docker", "labs", "closed-network-images", "minikube"]);
    assert.deepEqual(of(...laneNames).sort(), files);
  });

  it("has every suite once", () => {
    assert.deepEqual(flat(planned(files, true)).sort(), files);
  });

  it("leaves out what tests the closed network where the network is open", () => {
    const open = files.filter((name) => !name.startsWith("closed-network"));
    assert.deepEqual(flat(planned(files, false)).sort(), open);
  });

  it("starts the cluster first, stops it last, and has minikube alone", () => {
    const { beside, alone } = planned(files, true);
    const [docker, cluster] = beside;
    assert.deepEqual(docker?.groups, [["checks-docker"], ["labs"], ["closed-network-images"]]);
    assert.deepEqual(cluster?.groups[0], ["kubernetes-start", "closed-network-go"]);
    assert.deepEqual(cluster?.groups.slice(-2), [["kubernetes-more"], ["kubernetes-failures"]]);
    assert.deepEqual(alone.groups, [["minikube"]]);
  });
});
