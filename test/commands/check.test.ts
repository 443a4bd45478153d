import assert from "node:assert/strict";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import type { Result } from "../../tools/checks/check";
import type { Problem } from "../../tools/causes/problem";
import { deployed, DockerObject, Machine, objectsOf } from "./machine";

describe("commands that judge", () => {
  let machine: Machine;
  beforeEach(async () => {
    machine = await Machine.make();
  });
  afterEach(() => machine.remove());

  const image = "sha256:debian";
  const debian: DockerObject = {
    kind: "image",
    id: image,
    name: "ck-base/debian:12",
    digests: ["ck-base/debian@sha256:1"],
  };
  const answers = {
    "history ": `${JSON.stringify({ CreatedBy: "CMD bash", Comment: "" })}\n`,
    "run --rm": 'ID=debian\nVERSION_ID="12"\nPRETTY_NAME="Debian 12"\n',
  };
  /** What is deployed is the registry lab, of which Docker has a container, or not. */
  const running = (container = true, more: Partial<DockerObject> = {}) => {
    const state = deployed(machine, ({ urn }) => !/RedisLab|ComposeWordPress/.test(urn));
    for (const one of state.resources) if (one.outputs?.labs) Object.assign(one.outputs, { labs: ["registry"] });
    machine.left(state);
    const objects = container ? objectsOf(state).map((one) => ({ ...one, image, ...more })) : [];
    machine.world({ objects: [...objects, debian], answers });
  };
  /** What a command that only looks may not do. */
  const untouched = () =>
    assert.deepEqual(machine.calls(/^docker (pull|start|stop|tag|build)| rm |^pulumi (up|preview|destroy)/), []);

  describe("npm run check", () => {
    it("succeeds if the lab works, and says what is left to do", async () => {
      running();
      const { printed, said } = await machine.well("check");
      assert.equal(said, "");
      assert.match(
        printed,
        /^2 Use a registry: Debian\n {2}✔ 2\.1 Image ck-base\/debian:12 is pulled +\d\.\d s\n {2}✔ 2\.2 /,
      );
      assert.match(printed, /^ {2}○ 2\.3 .*\n +why +There is no image mine:1 yet\..*\n +next +docker exec ck-debian /m);
      assert.match(printed, /\n\n2 passed, 1 for you to do in \d+(\.\d)? s\.$/);
      untouched();
    });

    it("exits with 1 if a check fails, with the reason and the next step", async () => {
      running(false);
      const { code, printed } = await machine.run("check");
      assert.equal(code, 1);
      assert.match(
        printed,
        /^ {2}✘ 2\.2 .*\n +why +There is no container ck-debian\..*\n +next +npm run up -- --labs registry$/m,
      );
      assert.match(printed, /1 passed, 1 failed, 1 for you to do in/);
      untouched();
    });

    it("prints only JSON for a program, and no password", async () => {
      running();
      const secret = "hunter2-hunter2";
      machine.world({
        objects: [
          {
            kind: "container",
            id: "4a64",
            name: "ck-debian",
            image,
            env: [`MYSQL_PASSWORD=${secret}`],
            status: "running",
          },
          debian,
        ],
        answers: { ...answers, "run --rm": `ID=debian\nVERSION_ID="11"\nPRETTY_NAME="${secret}"\n` },
      });
      const { code, printed } = await machine.run("check", "--json");
      assert.equal(code, 1);
      const { byHand, results } = JSON.parse(printed) as { byHand: boolean; results: Result[] };
      assert.equal(byHand, false);
      assert.deepEqual(
        results.map(({ id, status }) => [id, status]),
        [
          ["registry.pulled", "failed"],
          ["registry.container", "blocked"],
          ["registry.commit", "blocked"],
        ],
      );
      assert.doesNotMatch(printed, new RegExp(secret));
      assert.match(printed, /contains •+\./);
    });

    it("writes both files, for a program and to hand in", async () => {
      running(false);
      const { code, said } = await machine.run(
        "check",
        "--junit",
        "r.xml",
        "--report",
        "kim.html",
        "--student",
        "김철수 <b>",
      );
      assert.equal(code, 1);
      assert.match(readFileSync("r.xml", "utf8"), /<testsuites?[^]*failures="1"[^]*There is no container ck-debian/);
      const page = readFileSync("kim.html", "utf8");
      assert.match(page, /김철수 &#60;b&#62;/);
      assert.match(page, /There is no container ck-debian/);
      assert.match(said, /^Report to hand in: kim\.html$/m);
    });

    it("refuses a file that cannot be written before it checks anything", async () => {
      running();
      mkdirSync("sub");
      for (const [option, file] of [
        ["--report", "none/kim.html"],
        ["--junit", "sub"],
      ] as const) {
        const said = await machine.refused("check", option, file);
        assert.ok(said.includes(file), said);
        assert.deepEqual(machine.calls(), []);
      }
    });

    it("says what to do if nothing is deployed", async () => {
      machine.world({});
      assert.match(
        await machine.refused("check"),
        /^No lab is deployed, .* npm run up\. .*npm run check -- --by-hand$/m,
      );
      assert.equal(existsSync(".pulumi"), false);
      machine.left({ resources: [] });
      assert.match(await machine.refused("check"), /^No lab is deployed/m);
    });

    it("checks what was made by hand without a state, with advice that does not need this project", async () => {
      machine.world({ objects: [debian], answers });
      const { code, printed } = await machine.run("check", "--by-hand", "--labs", "registry");
      assert.equal(code, 1);
      assert.match(printed, /next +docker run --detach --name ck-debian ck-base\/debian:12 sleep infinity$/m);
      assert.doesNotMatch(printed, /npm run up/);
      assert.deepEqual(machine.engine(), []);
    });

    it("counts the drills that it skips", async () => {
      machine.world({ objects: [], answers });
      const { code, said, printed } = await machine.run("check", "--by-hand", "--labs", "compose");
      assert.equal(code, 1);
      assert.match(said, /^Skipped \d+ checks that change the environment\. To run them, too, add --drill\.$/m);
      assert.match(printed, /^3 Two containers/m);
      const drilled = await machine.run("check", "--by-hand", "--labs", "compose", "--drill");
      assert.match(drilled.said, /^Drill: /m);
      assert.doesNotMatch(drilled.said, /Skipped/);
    });
  });

  describe("npm run doctor", () => {
    it("reports no problem if there is none, and lists what it found", async () => {
      running();
      const { code, printed } = await machine.run("doctor");
      assert.equal(code, 0, printed);
      assert.match(printed, /^ {2}Node\.js +\S*\d+\.\d+\.\d+/m);
      assert.match(printed, /^ {2}Docker +29\.0\.1$/m);
      assert.match(printed, new RegExp(`^ {2}ports +${machine.redisPort} free, ${machine.composePort} free$`, "m"));
      assert.match(printed, /\n\n✔ No problems found\.$/);
      untouched();
    });

    it("exits with 1 if something is wrong, with the section of the course and the next step", async () => {
      running(false);
      const { code, printed } = await machine.run("doctor");
      assert.equal(code, 1);
      assert.match(
        printed,
        /^✘ Check 2\.2 failed[^]*^ {4}There is no container ck-debian\.$[^]*^ {4}course {2}2 Use a registry: Debian$[^]*^ {4}next {2}npm run up -- --labs registry$/m,
      );
      const json = await machine.run("doctor", "--json");
      assert.equal(json.code, 1);
      const { ailments } = JSON.parse(json.printed) as { ailments: Problem[] };
      assert.deepEqual(
        ailments.map(({ lab }) => lab),
        ["registry"],
      );
      untouched();
    });

    it("reports obstacles before the first up, and creates no stack", async () => {
      const server = createServer();
      await new Promise<void>((resolve) => server.listen(machine.redisPort, "127.0.0.1", resolve));
      machine.world({});
      const { code, printed } = await machine.run("doctor").finally(() => server.close());
      assert.equal(code, 1);
      assert.match(
        printed,
        new RegExp(`^ {2}ports +${machine.redisPort} another program, ${machine.composePort} free$`, "m"),
      );
      assert.match(
        printed,
        new RegExp(`^✘ Setting course-labs:redisPort is ${machine.redisPort}, but .* already uses this port`, "m"),
      );
      assert.equal(existsSync(".pulumi"), false);
      assert.deepEqual(machine.engine(), []);
    });

    it("reports first that Docker does not answer, and asks it nothing more", async () => {
      running();
      machine.world({
        broken: "Cannot connect to the Docker daemon at unix:///var/run/docker.sock. Is the docker daemon running?",
      });
      const { code, printed } = await machine.run("doctor");
      assert.equal(code, 1);
      assert.match(printed, /^ {2}Docker +does not answer$/m);
      assert.match(printed, /^✘ .*Docker/m);
      assert.equal(printed.match(/^✘/gm)?.length, 1, printed);
      assert.deepEqual(machine.calls(/^docker (?!version|context|compose)/), []);
    });

    it("says whether the cluster of the labs exists", async () => {
      machine.settings("", "registry, kubernetes");
      machine.world({});
      assert.match((await machine.run("doctor")).printed, /^ {2}cluster +not created yet, created by npm run up$/m);
      const profile = "home/.minikube/profiles/course-labs";
      mkdirSync(profile, { recursive: true });
      writeFileSync(`${profile}/config.json`, "{}");
      assert.match((await machine.run("doctor")).printed, /^ {2}cluster +exists, not checked before npm run up$/m);
    });

    it("checks what was made by hand without a state", async () => {
      machine.world({ objects: [debian], answers });
      const { code, printed } = await machine.run("doctor", "--by-hand", "--labs", "registry");
      assert.equal(code, 1);
      assert.match(printed, /^ {4}There is no container ck-debian\.$/m);
      assert.doesNotMatch(printed, /npm run up(?! downloads)/);
      assert.deepEqual(machine.engine(), []);
    });
  });

  it("speak Korean on request", async () => {
    machine.remove();
    machine = await Machine.make("ko_KR.UTF-8");
    running(false);
    const check = await machine.run("check");
    assert.match(check.printed, /원인 +ck-debian 컨테이너가 없습니다/);
    assert.match(check.printed, /통과 1, 실패 1, 직접 할 일 1, \d/);
    assert.match((await machine.run("doctor")).printed, /할 일 {2}npm run up -- --labs registry/);
  });
});
