import assert from "node:assert/strict";
import { creationArguments, forceArguments, Machine, mappingProblem, sizes } from "../../tools/cluster/start-arguments";
import { LabError } from "../../text";

const machine: Machine = { platform: "linux", cpus: 8, memory: 16000, system: "Debian GNU/Linux 12" };

describe("a new cluster", () => {
  for (const [has, gets] of [
    [
      { cpus: 2, memory: 24000 },
      { cpus: 2, memory: 4096 },
    ],
    [
      { cpus: 12, memory: 6000 },
      { cpus: 4, memory: 3000 },
    ],
    [
      { cpus: 4, memory: 3900 },
      { cpus: 4, memory: 2200 },
    ],
    [
      { cpus: 2, memory: 2048 },
      { cpus: 2, memory: 1948 },
    ],
  ] as const) {
    it(`gets ${gets.cpus} CPUs and ${gets.memory} MiB of ${has.cpus} CPUs and ${has.memory} MiB`, () =>
      assert.deepEqual(sizes({ ...machine, ...has }), gets));
  }

  for (const { has, platform, remedy } of [
    { has: { cpus: 1, memory: 8000 }, platform: "linux", remedy: /Use a larger machine/ },
    { has: { cpus: 2, memory: 1999 }, platform: "linux", remedy: /Use a larger machine/ },
    { has: { cpus: 2, memory: 1900 }, platform: "darwin", remedy: /Docker Desktop, Settings, Resources/ },
  ] as const) {
    it(`is refused on ${platform} with ${has.cpus} CPUs and ${has.memory} MiB, with a remedy`, () =>
      assert.throws(
        () => sizes({ ...machine, ...has, platform }),
        ({ text }: LabError) =>
          text.en.includes(`${has.cpus} CPU(s) and ${has.memory} MiB`) &&
          remedy.test(text.en) &&
          /--labs redis,registry,compose/.test(text.en) &&
          text.ko.includes(`${has.memory}MiB`),
      ));
  }

  it("is created in Docker", () =>
    assert.deepEqual(creationArguments(machine, { nodePort: 30080 }), [
      "--driver=docker",
      "--container-runtime=containerd",
      "--cpus=4",
      "--memory=4096",
    ]));

  for (const where of [{ platform: "darwin" }, { platform: "win32" }, { system: "Docker Desktop" }] as const) {
    it(`has its port mapped to this machine if ${JSON.stringify(where)} hides the node`, () =>
      assert.deepEqual(creationArguments({ ...machine, ...where }, { nodePort: 30090 }).slice(-1), [
        "--ports=127.0.0.1:30090:30090",
      ]));
  }
});

describe("a start", () => {
  const closed = () => Promise.resolve(true);
  const open = () => Promise.resolve(false);
  it("uses --force for root and in a closed network", async () => {
    assert.deepEqual(await forceArguments(true, () => assert.fail("root needs no reason more")), ["--force"]);
    assert.deepEqual(await forceArguments(false, closed), ["--force"]);
    assert.deepEqual(await forceArguments(false, open), []);
  });
});

describe("the mapped port of a cluster", () => {
  it("may be the one of the settings", () =>
    assert.equal(mappingProblem(["8443/tcp", "30080/tcp"], { nodePort: 30080 }), undefined));

  it("is otherwise reported with the way out", () => {
    const problem = mappingProblem(["22/tcp", "30080/tcp", "32443/tcp"], { nodePort: 30090 });
    assert.match(problem?.text.en ?? "", /nodePort is 30090, but the cluster was created with 30080, 32443 mapped/);
    assert.match(problem?.text.en ?? "", /npm run destroy -- --cluster, then npm run up$/);
    assert.match(problem?.text.ko ?? "", /30090.*30080, 32443.*destroy -- --cluster/);
  });
});
