import assert from "node:assert/strict";
import { mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { opened } from "./browser";
import { composeChecks } from "./checks/compose";
import { commandChecks } from "./checks/command";
import { mendedChecks } from "./checks/mended";
import { DockerLabs, mysql, wordpress } from "./checks/docker";
import { redisChecks } from "./checks/redis";
import { registryChecks } from "./checks/registry";
import { docker, npmRun } from "./harness";
import { mutantTable, passes } from "./mutants";

/** Every check of the Docker labs, against the real Docker: what was provisioned passes, what only looks right does not. */
describe("npm run check, the labs on Docker", () => {
  const on = new DockerLabs();
  before(() => on.up());
  after(() => on.down());

  it("all pass on what was provisioned, drills left out", async () => {
    const { results } = await on.checked();
    passes(results.filter(({ status }) => status !== "open"));
    assert.deepEqual(
      results.filter(({ status }) => status === "open").map(({ id }) => id),
      ["registry.commit"],
    );
    assert.equal(results.length, 15);
  });

  it("the report contains no password, is graded as unedited, and works in a browser", async () => {
    const file = join(on.folder, "reports", "kim.html");
    mkdirSync(join(on.folder, "reports"));
    const made = await npmRun(on.folder, "check", ["--report", file, "--student", "Kim"]);
    assert.equal(made.code, 0, made.said);
    const html = readFileSync(file, "utf8");
    const env = docker("inspect", "--format", '{{join .Config.Env "\\n"}}', mysql, wordpress);
    const passwords = [...env.matchAll(/^\w*PASSWORD=(.+)$/gm)].map((found) => found[1] as string);
    assert.equal(passwords.length, 3);
    for (const password of passwords) assert.ok(!html.includes(password) && !made.said.includes(password));
    const graded = await npmRun(on.folder, "grade", ["reports"]);
    assert.equal(graded.code, 0, graded.said);
    assert.match(graded.stdout, /\r\nkim\.html,Kim,[^,]+,provisioned,no,14,0,1,0,unedited,,passed,/);
    await opened(file, async ({ page, errors, requests }) => {
      assert.match(
        (await page.locator("#drawing").textContent()) ?? "",
        /ck-redis.*127\.0\.0\.1:33000.*ck-course-labs-wordpress/s,
      );
      assert.deepEqual([errors, requests], [[], []]);
    });
  });

  it("doctor finds nothing wrong", async () => {
    const { code, said, stdout } = await npmRun(on.folder, "doctor", ["--json"]);
    assert.equal(code, 0, said);
    assert.deepEqual((JSON.parse(stdout) as { ailments: unknown[] }).ailments, []);
  });

  redisChecks(on);
  registryChecks(on);
  composeChecks(on);
  mendedChecks(on);
  commandChecks(on);

  describe("the mutant table", () => {
    it("every check detected at least two wrong states, three at night", () => {
      console.log(mutantTable([...on.known]));
    });
  });
});
