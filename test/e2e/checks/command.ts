import assert from "node:assert/strict";
import { join } from "node:path";
import { Result } from "../../../tools/checks/check";
import { opened } from "../browser";
import { docker, npmRun } from "../harness";
import { replaced } from "../mutants";
import { debian, DockerLabs, mine, redis, wordpress } from "./docker";

/** The commands themselves, on a machine where something is wrong: what a grader and a workflow go by. */
export const commandChecks = (on: DockerLabs) =>
  describe("the commands", () => {
    /** Runs a command that has to end in a certain way; returns what it printed. */
    async function ends(code: number, command: string, ...args: string[]): Promise<string> {
      const ended = await npmRun(on.folder, command, args);
      assert.equal(ended.code, code, ended.said);
      return ended.stdout;
    }
    /** How a check of a run that printed JSON ended. */
    const verdictOf = (stdout: string, id: string) =>
      (JSON.parse(stdout) as { results: Result[] }).results.find((result) => result.id === id)?.status;

    describe("where WordPress has a wrong password", () => {
      const wrongPassword = "not-the-Right-1-password";
      const wrong = replaced(wordpress, { env: { WORDPRESS_DB_PASSWORD: wrongPassword } });
      before(() => wrong.make());
      after(() => wrong.undo());

      it("check ends with 1, says why and what is next in either language, and gives no password away", async () => {
        const file = join(on.folder, "junit.xml");
        const said = await ends(1, "check", "--junit", file);
        assert.match(
          said,
          /^ +✘ 3\.5 .*\n +why +WordPress cannot connect to its database at mysql: .*\(MySQL error 1045\)\.[^]*?next +Set WORDPRESS_DB_USER/m,
        );
        assert.match(said, /^ +✔ 1\.1 /m, "what has nothing to do with it passes");
        const korean = await ends(1, "check", "--lang", "ko");
        assert.match(korean, /✘ 3\.5 .*[가-힣][^]*\(MySQL (?:오류|error) 1045\)/);
        await opened(file, async ({ page, errors }) => {
          const told = await page.evaluate(() =>
            [...document.querySelectorAll("failure")].map((failure) => [
              failure.parentElement?.getAttribute("name"),
              failure.getAttribute("message"),
              failure.textContent,
            ]),
          );
          assert.equal(told.length, 1, JSON.stringify(told));
          const [[name, message, next] = []] = told;
          assert.match(name ?? "", /^compose\.database: /);
          assert.match(message ?? "", /\(MySQL error 1045\)/);
          assert.match(next ?? "", /^Set WORDPRESS_DB_USER/);
          const counted = await page.evaluate(() => document.querySelector("testsuites")?.getAttribute("failures"));
          assert.equal(counted, "1");
          assert.deepEqual(errors, []);
          assert.ok(!(await page.content()).includes(wrongPassword));
        });
        for (const text of [said, korean]) assert.ok(!text.includes(wrongPassword));
      });

      it("doctor ends with 1, names the one cause and what is next, and gives no password away", async () => {
        const said = await ends(1, "doctor");
        assert.match(said, /^✘ .*\n[^]*^ +next {2}.*npm run/m);
        assert.equal(said.match(/^✘/gm)?.length, 1, said);
        assert.ok(!said.includes(wrongPassword));
        const { ailments } = JSON.parse(await ends(1, "doctor", "--json")) as { ailments: { cause: string }[] };
        assert.deepEqual(
          ailments.map(({ cause }) => cause),
          ["wrong password"],
        );
      });

      it("check of another lab ends with 0", () => ends(0, "check", "--labs", "redis"));
    });

    it("--committed names the student's image, and --cleaned-up wants nothing of it", async () => {
      docker("exec", debian, "sh", "-c", "echo hello > /root/note");
      docker("commit", debian, mine);
      const registry = ["--json", "--labs", "registry"];
      try {
        assert.equal(verdictOf(await ends(0, "check", ...registry), "registry.commit"), "open", "mine:1 is not there");
        assert.equal(verdictOf(await ends(0, "check", ...registry, "--committed", mine), "registry.commit"), "passed");
        const left = await ends(1, "check", ...registry, "--committed", mine, "--cleaned-up");
        assert.equal(verdictOf(left, "registry.clean"), "failed");
      } finally {
        docker("image", "rm", mine);
      }
      const clean = await ends(0, "check", ...registry, "--committed", mine, "--cleaned-up");
      assert.equal(verdictOf(clean, "registry.clean"), "passed");
    });

    it("--drill runs what is left out without it", async () => {
      const compose = ["--json", "--labs", "compose"];
      assert.equal(verdictOf(await ends(0, "check", ...compose), "compose.survives"), undefined);
      assert.equal(verdictOf(await ends(0, "check", ...compose, "--drill"), "compose.survives"), "passed");
    });

    it("with nothing in the place of a lab, check and doctor say so, and mend nothing", async () => {
      docker("rename", redis, `${redis}-aside`);
      try {
        assert.match(
          await ends(1, "check", "--labs", "redis"),
          /why +There is no container ck-redis; there is ck-redis-aside/,
        );
        assert.match(await ends(1, "doctor"), /There is no container ck-redis/);
        assert.equal(docker("ps", "--all", "--quiet", "--filter", `name=^${redis}$`), "");
      } finally {
        docker("rename", `${redis}-aside`, redis);
      }
    });
  });
