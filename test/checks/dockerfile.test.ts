import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { commandRun, differences } from "../../checks/dockerfile";
import { healthy, image } from "./fakes";

describe("a Dockerfile and its image", () => {
  it("commands are read from what either builder notes", () => {
    assert.equal(commandRun("RUN |1 A=b /bin/sh -c apt-get  update # buildkit"), "apt-get update");
    assert.equal(commandRun("|2 A=b C=d /bin/sh -c apt-get update"), "apt-get update");
    assert.equal(commandRun("/bin/sh -c echo hi"), "echo hi");
    assert.equal(commandRun('/bin/sh -c #(nop)  CMD ["bash"]'), undefined);
    assert.equal(commandRun("sleep infinity"), undefined);
  });

  it("differences are told by instruction; where the base is not here, by the last steps", () => {
    const file = "FROM a AS one\nRUN early\nFROM b\nRUN x \\\n  && y\nCMD run it\n";
    const built = image("i", { command: ["/bin/sh", "-c", "run it"] });
    const step = (step: string) => ({ step, comment: "buildkit.dockerfile.v0" });
    const steps = [step("RUN /bin/sh -c of the base"), step("RUN /bin/sh -c x   && y # buildkit")];
    assert.deepEqual(differences(file, built, steps, 1), []);
    assert.deepEqual(differences(file, built, steps, undefined), []);
    assert.deepEqual(
      differences(file, built, [...steps, step("RUN /bin/sh -c more")], 1).map(({ instruction }) => instruction),
      ["RUN more"],
    );
    assert.deepEqual(
      differences(file, image("i"), steps.slice(0, 1), 1).map(({ instruction }) => instruction),
      ["RUN x && y", "CMD run it"],
    );
  });

  describe("with a line more than there was when it was built", () => {
    const file = readFileSync("docker/redis/Dockerfile", "utf8");
    const built = healthy().images[1]!;
    /** The steps of either builder, with the ones of these lines. */
    const builders = {
      BuildKit: (...more: string[]) =>
        [
          "RUN |1 WHO=me /bin/sh -c apt-get update     && apt-get install --yes --no-install-recommends redis-server     && rm -rf /var/lib/apt/lists/* # buildkit",
          "USER redis",
          "WORKDIR /var/lib/redis",
          "EXPOSE map[6379/tcp:{}]",
          'CMD ["redis-server" "--protected-mode" "no"]',
          ...more,
        ].map((step) => ({ step, comment: "buildkit.dockerfile.v0" })),
      "the builder before it": (...more: string[]) =>
        [
          "/bin/sh -c apt-get update     && apt-get install --yes --no-install-recommends redis-server     && rm -rf /var/lib/apt/lists/*",
          "/bin/sh -c #(nop)  USER redis",
          "/bin/sh -c #(nop) WORKDIR /var/lib/redis",
          "/bin/sh -c #(nop)  EXPOSE 6379",
          '/bin/sh -c #(nop)  CMD ["redis-server" "--protected-mode" "no"]',
          ...more.map((step) => `/bin/sh -c #(nop) ${step}`),
        ].map((step) => ({ step, comment: "" })),
    };
    type Builder = keyof typeof builders;
    const hash = `file:${"0a".repeat(32)}`;
    const lines: [line: string, another: string, noted: Record<Builder, string>][] = [
      [
        "COPY --chown=redis:redis redis.conf /etc/redis/",
        "COPY redis.conf /etc/",
        {
          BuildKit: "COPY --chown=redis:redis redis.conf /etc/redis/ # buildkit",
          "the builder before it": `COPY --chown=redis:redis${hash} in /etc/redis/ `,
        },
      ],
      [
        'ADD ["a b", "c", "/srv/x y/"]',
        'ADD ["a b", "c", "/srv/x/"]',
        {
          BuildKit: "ADD a b c /srv/x y/ # buildkit",
          "the builder before it": `ADD multi:${hash.slice(5)} in /srv/x y/ `,
        },
      ],
      ...(
        [
          ['ENV TZ="Asia/Seoul" \\\n  # why\n  WHO=${WHO:-me}', "ENV TZ=UTC WHO=$WHO", "ENV TZ=Asia/Seoul WHO=you"],
          ["ENV TZ Asia/Seoul and more", "ENV TZ Asia", "ENV TZ=Asia/Seoul and more"],
          ["ENV PATH=/opt/bin:$PATH", "ENV PATH=/opt:$PATH", "ENV PATH=/opt/bin:/usr/bin:/bin"],
          ['LABEL "course"="docker (1.0)" a=\'b\'', "LABEL course=docker", "LABEL course=docker (1.0) a=b"],
          ['VOLUME ["/data", "/more"]', "VOLUME /data", "VOLUME [/data /more]"],
          ["STOPSIGNAL SIGINT", "STOPSIGNAL SIGTERM", "STOPSIGNAL SIGINT"],
        ] as const
      ).map(([line, another, noted]): (typeof lines)[number] => [
        line,
        another,
        { BuildKit: noted, "the builder before it": ` ${noted}` },
      ]),
      [
        "HEALTHCHECK --interval=5s CMD redis-cli ping",
        "STOPSIGNAL SIGINT",
        {
          BuildKit: 'HEALTHCHECK &{["CMD-SHELL" "redis-cli ping"] "5s" "0s" "0s" "0s" \'\\x00\'}',
          "the builder before it": ' HEALTHCHECK &{["CMD-SHELL" "redis-cli ping"] "5s" "0s" "0s" "0s" \'\\x00\'}',
        },
      ],
    ];
    for (const name of Object.keys(builders) as Builder[]) {
      const told = (line: string, baseSteps: number | undefined, ...more: string[]) =>
        differences(
          `${file}${line}\n`,
          built,
          [{ step: "base", comment: "" }, ...builders[name](...more)],
          baseSteps,
        ).map(({ instruction, has }) => `${instruction.split(" ")[0]}: ${has.en}`);
      for (const [line, another, noted] of lines) {
        it(`${name}: ${line.split("\n")[0]}`, () => {
          for (const baseSteps of [1, undefined]) {
            const keyword = line.split(" ")[0]!;
            assert.deepEqual(told(line, baseSteps, noted[name]), []);
            assert.deepEqual(told(line, baseSteps), [`${keyword}: no such step`]);
            assert.deepEqual(told(another, baseSteps, noted[name]), [`${another.split(" ")[0]}: no such step`]);
          }
        });
      }
    }
  });

  it("without its base here, Debian's own first step is no commit, but one at the end is", () => {
    const file = "FROM debian:12\nENV A=1\nRUN x\nCMD run it\n";
    const built = image("i", { command: ["/bin/sh", "-c", "run it"] });
    const step = (step: string, comment = "buildkit.dockerfile.v0") => ({ step, comment });
    const steps = [
      step("# debian.sh --arch 'amd64'", "debuerreotype 0.16"),
      step("ENV A=1"),
      step("RUN /bin/sh -c x # buildkit"),
      step('CMD ["/bin/sh" "-c" "run it"]'),
    ];
    const told = (history: typeof steps, content = file) =>
      differences(content, built, history, undefined).map(({ instruction }) => instruction);
    assert.deepEqual(told(steps), []);
    assert.deepEqual(told([...steps, step("sleep infinity", "")]), ["sleep infinity"]);
    assert.deepEqual(told([step("RUN /bin/sh -c of the base"), step("CMD run it")], "FROM b\nCMD run it\n"), []);
  });
});
