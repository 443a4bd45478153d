import assert from "node:assert/strict";
import { Unreachable } from "../../tools/checks/facts/unreachable";
import { databaseAnswers } from "../../tools/checks/labs/wordpress-database";
import { same } from "../../text";
import { logIn } from "./fakes";

const steps = {
  make: same("What is elsewhere goes: make it anew"),
  remake: "remake it",
  exec: "go in and",
  database: same("make MySQL anew"),
  anew: "lose the posts",
  logs: "",
};
const commands = [...Object.values(steps)].map((step) => (typeof step === "string" ? step : step.en));
const by = {
  HOST: "WORDPRESS_DB_HOST",
  NAME: "WORDPRESS_DB_NAME",
  USER: "WORDPRESS_DB_USER",
  PASSWORD: "WORDPRESS_DB_PASSWORD",
};

/** What the check says when the log-in says this. */
async function judged(stdout: string, stderr = "") {
  const asked: string[][] = [];
  const exec = (...command: string[]) => {
    asked.push(command);
    return Promise.resolve({ code: 0, stdout, stderr });
  };
  const verdict = await databaseAnswers(exec, "db", steps);
  assert.deepEqual(
    asked.map(([program, option]) => [program, option]),
    [["php", "-r"]],
  );
  return verdict;
}

/** Why it fails and what is next, in English; the same commands have to be in the Korean. */
async function refused(more: Record<string, unknown>) {
  const verdict = await judged(logIn({ row: null, ...more }));
  assert.ok(verdict.status === "failed");
  const typed = (text: string) => commands.filter((step) => text.includes(step));
  assert.deepEqual(typed(verdict.next.ko), typed(verdict.next.en));
  return { why: verdict.why.en, next: verdict.next.en, evidence: verdict.evidence };
}

describe("the database of WordPress", () => {
  it("passes if the login is to the expected one", async () => {
    const evidence = { host: "mysql:3306", server: "db", version: "9.7.2", database: "wordpress", user: "wordpress@%" };
    assert.deepEqual(await judged(logIn({ host: "mysql:3306" })), { status: "passed", evidence });
  });

  const mended: [what: string, more: Record<string, unknown>, why: RegExp, next: RegExp][] = [
    [
      "a name that is in no MySQL",
      { errno: 1049, error: "Unknown database", database: "wordpres" },
      /at mysql: there is no database wordpres \(MySQL error 1049\)/,
      /^Fix WORDPRESS_DB_NAME of WordPress \(expected: the MYSQL_DATABASE of MySQL\)\. What is elsewhere goes: make it anew$/,
    ],
    [
      "a name that the user may not use",
      { errno: 1044, error: "Access denied", database: "mysql" },
      /the user wordpress has no access to database mysql \(MySQL error 1044\)/,
      /^Fix WORDPRESS_DB_NAME of WordPress .*\. What is elsewhere goes: make it anew$/,
    ],
    [
      "a name out of a file",
      { errno: 1049, error: "Unknown database", by: { ...by, NAME: "WORDPRESS_DB_NAME_FILE" } },
      /there is no database wordpress/,
      /^Fix WORDPRESS_DB_NAME_FILE of WordPress .*\. What is elsewhere goes: make it anew$/,
    ],
    [
      "a name in an edited wp-config.php",
      { errno: 1049, error: "Unknown database", by: { ...by, NAME: "DB_NAME" } },
      /there is no database wordpress/,
      /^Fix DB_NAME of WordPress .*, which \/var\/www\/html\/wp-config\.php sets by itself\..*: go in and mv \/var\/www\/html\/wp-config\.php \S+wp-config-before\.php; remake it$/,
    ],
    [
      "a host that is none",
      { errno: 2002, error: "getaddrinfo failed", host: "mysq" },
      /at mysq: nothing answers at that host name \(MySQL error 2002\)/,
      /^Fix WORDPRESS_DB_HOST of WordPress \(expected: mysql\)\. What is elsewhere goes: make it anew$/,
    ],
    [
      "a port that is none",
      { errno: 2002, error: "Connection refused", host: "mysql:3307" },
      /at mysql:3307: nothing answers/,
      /^Fix WORDPRESS_DB_HOST of WordPress \(expected: mysql\)\. What is elsewhere goes: make it anew$/,
    ],
    [
      "a host that lets packets drop",
      { errno: 2006, error: "MySQL server has gone away", host: "10.0.0.9" },
      /at 10\.0\.0\.9: nothing answers/,
      /^Fix WORDPRESS_DB_HOST of WordPress /,
    ],
    [
      "another MySQL",
      { host: "other", row: ["else", "9.7.2", "wordpress", "wordpress@%"] },
      /uses the database on else \(other\), not the one of this lab \(db\)/,
      /^Fix WORDPRESS_DB_HOST of WordPress \(expected: mysql\)\. What is elsewhere goes: make it anew$/,
    ],
    [
      "another MySQL under the name that is meant",
      { row: ["else", "9.7.2", "wordpress", "wordpress@%"] },
      /uses the database on else \(mysql\)/,
      /^What is elsewhere goes: make it anew$/,
    ],
    [
      "another MySQL at the port that is meant",
      { host: "mysql:3306", row: ["else", "9.7.2", "wordpress", "wordpress@%"] },
      /uses the database on else \(mysql:3306\)/,
      /^What is elsewhere goes: make it anew$/,
    ],
    [
      "the right host, which does not answer",
      { errno: 2002, error: "Connection refused" },
      /at mysql: nothing answers/,
      /^make MySQL anew$/,
    ],
    [
      "something else",
      { errno: 1040, error: "Too many connections" },
      /at mysql: Too many connections \(MySQL error 1040\)/,
      /^make MySQL anew$/,
    ],
  ];
  for (const [what, more, why, next] of mended) {
    it(`can be fixed without losing a post: ${what}`, async () => {
      const found = await refused(more);
      assert.match(found.why, why);
      assert.match(found.next, next);
      assert.ok(!found.next.includes(steps.anew));
    });
  }

  it("with another password has two remedies, with the cost of one of them", async () => {
    const { why, next } = await refused({
      errno: 1045,
      error: "Access denied",
    });
    assert.match(why, /the password or the user is wrong/);
    assert.match(
      next,
      /^Set WORDPRESS_DB_USER and WORDPRESS_DB_PASSWORD of WordPress back .*\. What is elsewhere goes: make it anew/,
    );
    assert.match(next, /\(posts and uploads are lost\): lose the posts$/);
    const inFile = await refused({ errno: 1045, error: "Access denied", by: { ...by, PASSWORD: "DB_PASSWORD" } });
    assert.match(inFile.next, /: go in and mv \S+ \S+; remake it$/);
  });

  it("is not tested if wp-config.php is broken, which is reported", async () => {
    const verdict = await judged(JSON.stringify({ broken: 'syntax error, unexpected token ";"', by }));
    assert.ok(verdict.status === "failed");
    assert.match(verdict.why.en, /wp-config\.php: syntax error, unexpected token ";"\.$/);
    assert.match(verdict.next.en, /everyone has to log in again.*: go in and mv \S+ \S+; remake it$/);
  });

  it("cannot be tested without PHP", async () => {
    await assert.rejects(judged("", "exec: php: not found"), (error) => {
      assert.ok(error instanceof Unreachable);
      assert.equal(error.why.en, "exec: php: not found");
      return true;
    });
  });
});
