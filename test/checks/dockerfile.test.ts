import assert from "node:assert/strict";
import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Verdict } from "../../tools/checks/check";
import { isCommit, settingDifferences, settingsOnly, stepDifferences } from "../../tools/checks/facts/dockerfile";
import { Built, Recipe, Step } from "../../tools/checks/facts/live";
import { readImage } from "../../tools/checks/facts/docker";
import { redisChecks } from "../../tools/checks/labs/redis";
import { answering, healthy, image, redisSettings, target } from "./fakes";

/** A step as either builder notes it. */
const buildKit = (...steps: string[]): Step[] => steps.map((step) => ({ step, comment: "buildkit.dockerfile.v0" }));
const before = (...steps: string[]): Step[] => steps.map((step) => ({ step, comment: "" }));
const base = before("base");
const head = "ARG BASE_IMAGE=ubuntu:24.04\nFROM ${BASE_IMAGE}\n";
const told = (content: string, own: Step[], baseSteps: number | undefined = 1) =>
  stepDifferences(content, [...base, ...own], baseSteps).map(({ instruction, has }) => `${instruction} | ${has.en}`);

describe("the steps of a Dockerfile, in whatever way they are written", () => {
  const command = "apt-get update     && apt-get install --yes redis-server";
  const noted = {
    BuildKit: buildKit(`RUN |1 A=b /bin/sh -c ${command} # buildkit`, "USER redis", 'CMD ["redis-server"]'),
    "the builder before it": before(
      `|1 A=b /bin/sh -c ${command}`,
      "/bin/sh -c #(nop)  USER redis",
      '/bin/sh -c #(nop)  CMD ["redis-server"]',
    ),
  };
  const written: [what: string, run: string][] = [
    ["on one line", "RUN apt-get update && apt-get install --yes redis-server"],
    ["in lower case", "run apt-get update \\\n    && apt-get install --yes redis-server"],
    [
      "with comments in it",
      "RUN apt-get update \\\n    # no recommends: smaller\n\n    && apt-get install --yes redis-server",
    ],
    ["with lines that end as on Windows", "RUN apt-get update \\\r\n    && apt-get install --yes redis-server\r"],
    [
      "with a cache",
      "RUN --mount=type=cache,target=/var/cache/apt \\\n    apt-get update && apt-get install --yes redis-server",
    ],
    ["as a stage of its own", "RUN apt-get update && apt-get install --yes redis-server\nFROM Build\nUSER redis"],
  ];
  for (const [builder, own] of Object.entries(noted)) {
    for (const [what, run] of written) {
      it(`${builder}: ${what}`, () => {
        const content = `${head.replace("}\n", "} AS build\n")}${run}\nUSER redis\nCMD redis-server\n`;
        assert.deepEqual(told(content, own), []);
        assert.deepEqual(told(content, own, undefined), []);
      });
    }
  }

  const others: [what: string, content: string, ...own: Step[][]][] = [
    ["a list", 'RUN ["apt-get", "update"]', buildKit("RUN apt-get update # buildkit"), before("apt-get update")],
    [
      "another shell",
      'SHELL ["/bin/bash", "-o", "pipefail", "-c"]\nRUN x | y',
      buildKit("SHELL [/bin/bash -o pipefail -c]", "RUN /bin/bash -o pipefail -c x | y # buildkit"),
      before("/bin/sh -c #(nop)  SHELL [/bin/bash -o pipefail -c]", "/bin/bash -o pipefail -c x | y"),
    ],
    [
      "a text between marks",
      "RUN <<EOF\n# first\napt-get update\nUSER nobody\nEOF",
      buildKit("RUN /bin/sh -c # first\napt-get update\nUSER nobody\n # buildkit"),
    ],
    [
      "a text between marks for a command",
      "RUN <<EOF cat > /x\n# kept\na\nEOF",
      buildKit("RUN /bin/sh -c <<EOF cat > /x\n# kept\na\nEOF # buildkit"),
    ],
    [
      "a script",
      "RUN <<EOF\n#!/usr/bin/env python3\nprint(1)\nEOF",
      buildKit("RUN /bin/sh -c /dev/pipes/EOF # buildkit"),
    ],
    [
      "texts between marks of other kinds",
      "RUN <<-'A' cat && <<B cat\n\tFROM no\nA\nCOPY no no\nB\nRUN echo $((1 << 2))",
      buildKit(
        "RUN /bin/sh -c <<-'A' cat && <<B cat\n\tFROM no\nA\nCOPY no no\nB # buildkit",
        "RUN /bin/sh -c echo $((1 << 2)) # buildkit",
      ),
    ],
    [
      "two files that are written here",
      "COPY <<a <<b /x/\nRUN no\na\nADD no no\nb",
      buildKit("COPY a b /x/ # buildkit"),
    ],
    [
      "a stage on a stage, of a platform",
      "FROM --platform=linux/amd64 x AS A\nRUN 1\nFROM a AS b\nCOPY --from=0 --link /1 /2\nFROM b\nADD --checksum=sha256:0a https://x /x",
      buildKit("RUN /bin/sh -c 1 # buildkit", "COPY --link /1 /2 # buildkit", "ADD https://x /x # buildkit"),
    ],
    ["a file that is written here", "COPY <<EOF /etc/x\nRUN no\nEOF", buildKit("COPY EOF /etc/x # buildkit")],
    [
      "files",
      "COPY --chown=redis:redis redis.conf /etc/redis/",
      buildKit("COPY --chown=redis:redis redis.conf /etc/redis/ # buildkit"),
      before(`/bin/sh -c #(nop) COPY --chown=redis:redisfile:${"0a".repeat(32)} in /etc/redis/ `),
    ],
    [
      "files in a list, and variables",
      'ADD ["a b", "c", "/srv/$WHO/"]',
      buildKit("ADD a b c /srv/me/ # buildkit"),
      before(`/bin/sh -c #(nop) ADD multi:${"0a".repeat(32)} in /srv/me/ `),
    ],
    [
      "a file of another stage",
      "FROM a AS tools\nRUN make\nFROM b\nCOPY --from=tools /x /y",
      buildKit("COPY /x /y # buildkit"),
    ],
  ];
  for (const [what, content, ...all] of others) {
    it(what, () => {
      for (const own of all) {
        assert.deepEqual(told(`${head}${content}\n`, own), []);
        assert.equal(told(`${head}${content}\nRUN more\n`, own).join(), "RUN more | no such step");
      }
    });
  }

  it("continue after another escape character", () => {
    const content = `# escape=\`\n${head}RUN --mount=type=cache,target=/c \`\n a &&\`\t\n b\nRUN c\\\nRUN d\n`;
    assert.deepEqual(
      told(content, buildKit(...["a && b", "c\\", "d"].map((run) => `RUN /bin/sh -c ${run} # buildkit`))),
      [],
    );
  });

  it("are reported if one is changed, added or missing", () => {
    const own = buildKit("RUN /bin/sh -c a && b # buildkit");
    assert.deepEqual(told(`${head}RUN b\n`, own), ["RUN b | RUN /bin/sh -c a && b # buildkit"]);
    assert.deepEqual(told(`${head}RUN a && b\nRUN c\n`, own), ["RUN c | no such step"]);
    assert.deepEqual(told(head, own), ["RUN /bin/sh -c a && b # buildkit | a step that the Dockerfile does not have"]);
    assert.deepEqual(told(`${head}COPY a /b\n`, buildKit("COPY a /c # buildkit")), [
      "COPY a /b | COPY a /c # buildkit",
    ]);
  });

  it("are followed by a commit, which is reported; the first step of Debian is none", () => {
    const own = [...buildKit("RUN /bin/sh -c x # buildkit"), ...before("sleep infinity")];
    assert.deepEqual(told(`${head}RUN x\n`, own), ["sleep infinity | a layer made by docker commit"]);
    assert.deepEqual(told(`${head}RUN x\n`, own, undefined), ["sleep infinity | a layer made by docker commit"]);
    const debian = [{ step: "# debian.sh --arch 'amd64'", comment: "debuerreotype 0.16" }];
    assert.deepEqual(stepDifferences(`${head}RUN x\n`, [...debian, ...own.slice(0, 1)], undefined), []);
    assert.ok(isCommit(before("sleep infinity")[0]!));
    for (const step of [...buildKit("CMD run"), ...before('/bin/sh -c #(nop)  CMD ["bash"]', "|1 A=b /bin/sh -c x")]) {
      assert.ok(!isCommit(step), step.step);
    }
  });
});

describe("the settings of an image", () => {
  it("are asked of Docker with a Dockerfile that takes no time", () => {
    const content = [
      "# syntax=docker/dockerfile:1",
      "ARG BASE_IMAGE=ubuntu:24.04",
      "FROM ${BASE_IMAGE} AS build",
      "RUN <<EOF",
      "USER nobody",
      "EOF",
      "ONBUILD RUN x",
      "COPY a \\",
      "  b /c/",
      "USER root",
      "FROM build",
      "ADD https://example.org/x /x",
      "EXPOSE $PORT",
    ].join("\n");
    assert.equal(
      settingsOnly(content),
      "# docker/dockerfile:1\nARG BASE_IMAGE=ubuntu:24.04\nFROM ${BASE_IMAGE} AS build\n\n\n\n\n\n\nUSER root\nFROM build\n\nEXPOSE $PORT",
    );
  });

  it("are instructions, without those for defaults", () => {
    const read = (Config: object) => readImage({ Id: "i", RepoTags: null, RepoDigests: null, Config }).settings;
    assert.deepEqual(read({ User: "root", WorkingDir: "/", Cmd: null, Env: null }), {});
    assert.deepEqual(
      read({
        Cmd: ["a", "b c"],
        User: "redis",
        WorkingDir: "/tmp/lib",
        Env: ["TZ=Asia/Seoul"],
        ExposedPorts: { "6379/tcp": {}, "7000/udp": {} },
        Labels: { who: "me" },
      }),
      {
        CMD: 'CMD ["a", "b c"]',
        USER: "USER redis",
        WORKDIR: "WORKDIR /tmp/lib",
        "ENV TZ": "ENV TZ=Asia/Seoul",
        "EXPOSE 6379/tcp": "EXPOSE 6379/tcp",
        "EXPOSE 7000/udp": "EXPOSE 7000/udp",
        "LABEL who": "LABEL who=me",
      },
    );
  });

  it("differ where one has what the other has not, but for a label that whoever builds puts on it", () => {
    const differences = settingDifferences(
      { CMD: "CMD a", "ENV A": "ENV A=1" },
      { CMD: "CMD b", USER: "USER x", "LABEL l": "LABEL l=1" },
    );
    assert.deepEqual(
      differences.map(({ instruction, has }) => `${instruction} | ${has.en}`),
      ["CMD a | CMD b", "ENV A=1 | no such step", "USER x | a step that the Dockerfile does not have"],
    );
  });
});

describe("check 1.1", () => {
  /** What it says of an image, where Docker builds this. */
  async function verdict(
    content: string,
    {
      built,
      history,
      change = () => {},
    }: {
      built?: (recipe: Recipe) => Built;
      history?: Step[];
      change?: (docker: ReturnType<typeof healthy>) => void;
    } = {},
  ) {
    const file = join(tmpdir(), `course-labs-dockerfile-${process.pid}`);
    writeFileSync(file, content);
    const docker = healthy();
    change(docker);
    const asked: Recipe[] = [];
    const usual = answering();
    const live = answering({
      build: (recipe) => {
        asked.push(recipe);
        return built ? Promise.resolve(built(recipe)) : usual.build(recipe);
      },
      ...(history ? { history: () => Promise.resolve(history) } : {}),
    });
    const [first] = redisChecks({ ...target.redis, dockerfile: file }, docker, live);
    try {
      return { verdict: await first!.probe(), asked };
    } finally {
      rmSync(file);
    }
  }
  const course = readFileSync("docker/redis/Dockerfile", "utf8");
  const whyOf = ({ verdict }: { verdict: Verdict }) => ("why" in verdict ? verdict.why.en : verdict.status);

  it("passes a Dockerfile that Docker evaluates to the same image, however it is written", async () => {
    const content = course
      .replace("\nRUN", "\nUSER root\nENV PORT=6379\nRUN")
      .replace("WORKDIR", "WORKDIR /tmp\nWORKDIR")
      .replace("EXPOSE 6379", "EXPOSE $PORT/TCP")
      .replace("CMD", 'CMD ["false"]\nCMD');
    const found = await verdict(content);
    assert.equal(whyOf(found), "passed");
    assert.equal(found.asked.length, 1);
    assert.doesNotMatch(found.asked[0]?.content ?? "", /apt-get/);
    assert.deepEqual(found.asked[0]?.args, { BASE_IMAGE: "ubuntu:24.04" });
  });

  it("has Docker build the image if the recorded steps cannot be compared, and passes if it is the same", async () => {
    const content = course.replace("RUN apt-get", "RUN ${NOBODY} apt-get");
    const settings = redisSettings();
    const again = (layers: string[], history = base): ((recipe: Recipe) => Built) => {
      const asked = { image: image("asked", { layers: ["u", "w"], settings }), history: base };
      return ({ content }) =>
        content === undefined ? { image: image("again", { layers, settings }), history } : asked;
    };
    const same = await verdict(content, { built: again(["u", "r"]) });
    assert.equal(whyOf(same), "passed");
    assert.deepEqual(
      same.asked.map(({ file, buildKit }) => [file !== undefined, buildKit]),
      [
        [false, undefined],
        [true, true],
      ],
    );
    const quoted = await verdict(course.replace("RUN apt-get", 'RUN echo "<<EOF" && apt-get'), {
      built: again(["u", "r"]),
    });
    assert.equal(whyOf(quoted), "passed");
    // The cache is gone, and what was installed is newer: the steps are the same.
    const usual = await answering().history("sha256:redis:v1.0");
    assert.equal(whyOf(await verdict(content, { built: again(["u", "new"], usual) })), "passed");
    assert.match(
      whyOf(await verdict(content, { built: again(["u", "new"]) })),
      /the file has "RUN \$\{NOBODY\} apt-get/,
    );
  });

  it("fails an image from before a line was added or from another base, and a Dockerfile that cannot be built", async () => {
    const asked =
      (layers: string[], more: Record<string, string> = {}) =>
      (): Built => ({
        image: image("asked", { layers, settings: { ...redisSettings(), ...more } }),
        history: base,
      });
    const env = await verdict(course, { built: asked(["u", "w"], { "ENV TZ": "ENV TZ=Asia/Seoul" }) });
    assert.match(whyOf(env), /"ENV TZ=Asia\/Seoul", the image: no such step/);
    assert.match(
      whyOf(await verdict(course, { built: asked(["x", "w"]) })),
      /not built from the current base image that .* names/,
    );
    const older = ({ images }: ReturnType<typeof healthy>) => (images[1]!.layers = ["old", "r"]);
    assert.match(whyOf(await verdict(course, { change: older })), /not built from the current ubuntu:24\.04/);
    const broken = (): Built => ({ problem: "dockerfile parse error on line 3: unknown instruction: RUNN" });
    assert.match(whyOf(await verdict(course, { built: broken })), /^Docker cannot build .*unknown instruction: RUNN/);
  });

  it("compares only the steps if the base image is not available", async () => {
    const offline = (): Built => ({ problem: "dial tcp: lookup registry-1.docker.io: no such host" });
    assert.equal(whyOf(await verdict(course, { built: offline })), "passed");
    assert.match(whyOf(await verdict(`${course}RUN more\n`, { built: offline })), /the file has "RUN more"/);
  });
});
