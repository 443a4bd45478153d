import assert from "node:assert/strict";
import { page } from "../../tools/checks/report/page";
import { redacted, redactedResult, secretValues } from "../../tools/checks/redact";
import { result } from "./fakes";
import { report } from "./fixture";

describe("secrets", () => {
  it("are the values of variables with a telling name", () => {
    const environment = ["MYSQL_PASSWORD=hunter22", "PATH=/bin", "PWD=/var/www", "AUTH_KEY=a=b=c", "MYSQL_PWD=abcd"];
    assert.deepEqual(secretValues(environment), ["hunter22", "a=b=c", "abcd"]);
  });

  it("are removed from every text, but not from keys", () => {
    const seen = { a: ["x hunter22 y"], hunter22: { b: "password=other, more" }, n: 1, u: null };
    assert.deepEqual(redacted(seen, ["hunter22"]), {
      a: ["x ••• y"],
      hunter22: { b: "password=•••, more" },
      n: 1,
      u: null,
    });
  });

  it("are masked without the end of the line, and not at all if they have fewer than four letters", () => {
    assert.equal(redacted("is hunter22 there?", ["hunter22\n"]), "is ••• there?");
    assert.equal(redacted("a root or not", ["", " ", "a", "not"]), "a root or not");
  });

  const telling: [said: string, masked: string][] = [
    ["docker run --env MYSQL_PWD=hunter22 mysql", "docker run --env MYSQL_PWD=••• mysql"],
    ["redis-server --requirepass s3cr3t --port 1", "redis-server --requirepass ••• --port 1"],
    ['CMD ["redis-server","--requirepass","s3cr3t"]', 'CMD ["redis-server","--requirepass","•••"]'],
    ["mysql://u:p:w@db:3306/x and redis://:pw@r", "mysql://u:•••@db:3306/x and redis://:•••@r"],
    ["http://localhost:30000/@x is no secret", "http://localhost:30000/@x is no secret"],
  ];
  for (const [said, masked] of telling) {
    it(`are told by what stands before them: ${masked}`, () => assert.equal(redacted(said, []), masked));
  }
});

describe("a result whose password is a word of the course", () => {
  const same = (text: string) => ({ en: text, ko: text });
  const made = result("kubernetes.wordpress", {
    status: "failed",
    why: same("wordpress passed kubernetes"),
    next: same("docker logs wordpress"),
    evidence: { wordpress: "passed" },
  });

  for (const word of ["kubernetes", "wordpress", "failed", "passed"]) {
    it(`is still that result: ${word}`, () => {
      const { id, lab, status, section, title } = redactedResult(made, [word]);
      assert.deepEqual(
        { id, lab, status, section, title },
        { id: made.id, lab: made.lab, status: made.status, section: made.section, title: made.title },
      );
      const html = page(report({ results: [redactedResult(made, [word])] }));
      assert.match(html, /<tr class="failed" id="kubernetes\.wordpress">/);
    });
  }

  it("has the word masked in what it says", () => {
    const masked = redactedResult(made, ["wordpress"]);
    assert.ok(masked.status === "failed");
    assert.deepEqual(masked.why, same("••• passed kubernetes"));
    assert.deepEqual(masked.next, same("docker logs •••"));
    assert.deepEqual(masked.evidence, { wordpress: "passed" });
  });
});
