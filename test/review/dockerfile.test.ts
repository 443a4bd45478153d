import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { dockerfileChanges } from "../../tools/review/dockerfile";

/** `kind! text`, of everything that is said about a change. */
const between = (before: string, after: string) =>
  dockerfileChanges("docker/a/Dockerfile", before, after).map(
    ({ kind, dangerous, lab, text }) => `${kind}${dangerous ? "!" : ""} ${lab}: ${text.en}`,
  );
const adds = (line: string) => between("FROM a:1\nUSER redis\n", `FROM a:1\n${line}\nUSER redis\n`);

describe("a change of a Dockerfile", () => {
  const own = readFileSync(join(__dirname, "../../docker/redis/Dockerfile"), "utf8");
  const edited = (from: string, to: string) => {
    assert.ok(own.includes(from));
    return between(own, own.replace(from, to));
  };

  it("says nothing of a comment or of how a line is written", () => {
    assert.deepEqual(between(own, `${own}# Read it well.\n`), []);
    assert.deepEqual(between("FROM a:1\nRUN id && id\n", "FROM a:1\nRUN id \\\n  && id\n"), []);
  });

  it("is dangerous where the image begins to run as root, said or unsaid", () => {
    for (const user of ["USER root", "USER 0:0", ""])
      assert.match(
        String(edited("USER redis", user)),
        /^security! docker\/a\/Dockerfile: .*root instead of `redis`/,
        user,
      );
    assert.deepEqual(edited("USER redis", "USER 999"), []);
  });

  it("goes by the user of the last stage, also where that is its first instruction", () => {
    const stages = (first: string, last: string) => `FROM a:1\n${first}FROM a:1\n${last}`;
    assert.deepEqual(between(stages("USER redis\n", "USER redis\n"), stages("USER root\n", "USER redis\n")), []);
    assert.equal(between(stages("", "USER redis\n"), stages("USER redis\n", "USER root\n")).length, 1);
    assert.equal(between("FROM a:1\nUSER redis\n", "FROM a:1\nUSER redis\nUSER root\n").length, 1);
  });

  it("may stay root where it was root", () => {
    assert.deepEqual(between("FROM a:1\nUSER root\n", "FROM a:1\n"), []);
    assert.deepEqual(between("FROM a:1\n", "FROM a:1\nUSER root\n"), []);
  });

  const dangerous: [line: string, says: RegExp][] = [
    ["ADD https://example.org/a /a", /`--checksum`/],
    ["ADD git@example.org:a.git /a", /`--checksum`/],
    ["RUN --security=insecure id", /without the isolation of a build/],
    ["RUN --mount=type=cache,target=/x --network=host id", /without the isolation of a build/],
    ["ENV A_PASSWORD=hush", /writes a password into the image/],
    ["ENV A_PASSWORD hush", /writes a password into the image/],
    ["ARG A_TOKEN=hush", /writes a password into the image/],
    ["RUN apt-get install --yes --allow-unauthenticated a", /unsigned packages/],
    ['RUN echo "redis ALL=(ALL) NOPASSWD: ALL" >> /etc/sudoers', /become root/],
    ["RUN chmod u+s /a", /become root/],
    ["RUN chmod 4755 /a", /become root/],
  ];
  for (const [line, says] of dangerous) {
    it(`is dangerous with ${line}`, () => {
      const told = adds(line);
      assert.match(told[0]!, /^security! /);
      assert.match(told[0]!, says);
      assert.equal(told.length, 1);
    });
  }

  const unjudged = [
    ...["ADD --checksum=sha256:a https://example.org/a /a", "ADD a.tar /a", "RUN id --network=host"],
    ...["ENV A_PASSWORD=$A", "ENV A_PASSWORD_FILE=/run/a", "ENV A_PASSWORD=", "ENV A=b", "COPY a /a"],
    ...["COPY --from=debian:12 /a /a", "COPY --from=0 /a /a", "RUN chmod 755 /a", "CMD id", "EXPOSE 22", "LABEL a=b"],
  ];
  for (const line of unjudged) {
    it(`was not judged with ${line}`, () =>
      assert.deepEqual(adds(line), [
        `unknown docker/a/Dockerfile: the image is built differently: \`${line}\`. What that does was not judged.`,
      ]));
  }

  it("is dangerous where somebody else's image takes part in the build", () => {
    const images: [before: string, after: string, image: string | undefined][] = [
      ["FROM a:1\n", "FROM b/c:1\n", "b/c:1"],
      ["FROM a:1\n", "FROM a:1\nFROM b/c:1\n", "b/c:1"],
      ["FROM a:1\n", "FROM a:1\nCOPY --from=b/c:1 /a /a\n", "b/c:1"],
      ["ARG IMAGE=a:1\nFROM ${IMAGE}\n", "ARG IMAGE=b/c:1\nFROM ${IMAGE}\n", "b/c:1"],
      ["ARG IMAGE=a:1\nFROM $IMAGE\n", "ARG IMAGE=b/c=d\nFROM $IMAGE\n", "b/c=d"],
      ["FROM a:1\n", "# syntax=b/c:1\nFROM a:1\n", "b/c:1"],
      ["FROM a:1\n", "# Syntax=b/c:1\nFROM a:1\n", "b/c:1"],
      ["FROM a:1\n", "# syntax=docker/dockerfile:1\nFROM a:1\n", undefined],
      ["FROM a:1\n", "# escape=\\\nFROM a:1\n", undefined],
      ["FROM a:1\n", "FROM debian:12\n", undefined],
      ["FROM b/c:1\n", "FROM b/c:2\n", undefined],
      ["FROM a:1 AS x\n", "FROM a:1 AS x\nFROM x\n", undefined],
      ["FROM a:1 AS x\n", "FROM a:1 AS x\nCOPY --from=x /a /a\n", undefined],
    ];
    for (const [before, after, image] of images) {
      const told = between(before, after).filter((one) => one.startsWith("security!"));
      assert.deepEqual(told.length, image ? 1 : 0, after);
      if (image) assert.ok(told[0]!.includes(`\`${image}\` takes part in the build`), told[0]);
    }
  });

  it("cuts a long line after a hundred letters, and keeps its backticks from ending the code", () => {
    const long = "x".repeat(200);
    assert.ok(adds(`RUN ${long}`)[0]!.includes(`: \`RUN ${long.slice(0, 95)}…\`. `));
    assert.ok(adds("RUN `id`")[0]!.includes("`RUN 'id'`"));
  });

  it("tells only what is dangerous of a Dockerfile that is new", () => {
    assert.deepEqual(
      between("", "FROM a:1\nRUN id\nENV A_PASSWORD=hush\n").map((one) => one.split(" ")[0]),
      ["security!"],
    );
  });
});
