import assert from "node:assert/strict";
import { junit } from "../../tools/checks/report/junit";
import { padded, table, verdict, wantsColour } from "../../tools/checks/report/table";
import { result } from "./fakes";

const why = { en: 'it is <not> "so" & so', ko: "그렇지 않음" };
const results = [
  result("redis.image", { title: { en: "Image is built", ko: "이미지를 빌드했다" } }),
  result("redis.container", { section: "1.2", status: "failed", why, next: { en: "npm run up", ko: "npm run up" } }),
  result("compose.page", { section: "3.10", status: "blocked", why, ms: 0 }),
];

describe("results on a terminal", () => {
  it("are aligned, Korean characters too, and readable without colour", () => {
    const lines = table(results, { told: ({ ko }) => ko, colour: false }).split("\n");
    assert.deepEqual(lines, [
      "1 이미지를 빌드하고 실행하기: Redis",
      "  ✔ 1.1  이미지를 빌드했다      0.1 s",
      "  ✘ 1.2  redis.container 제목   0.1 s",
      "        원인   그렇지 않음",
      "        할 일  npm run up",
      "3 컨테이너 두 개: compose로 실행하는 WordPress",
      "  – 3.10 compose.page 제목",
    ]);
    assert.equal(padded("한글", 6), "한글  ");
  });

  it("are coloured on a terminal only, and never with NO_COLOR", () => {
    assert.match(table(results, { told: ({ en }) => en, colour: true }), /\x1b\[31m✘\x1b\[39m/);
    assert.equal(wantsColour({ isTTY: true }, {}), true);
    assert.equal(wantsColour({ isTTY: true }, { NO_COLOR: "1" }), false);
    assert.equal(wantsColour({}, {}), false);
    assert.equal(wantsColour({ isTTY: true }, { NO_COLOR: "", TERM: "xterm" }), true);
    assert.equal(wantsColour({ isTTY: true }, { TERM: "dumb" }), false);
  });

  it("are in the order of the course, each lab under its heading, with what is left to do", () => {
    const said = table(
      [result("registry.commit", { section: "2.3", status: "open", why, next: why }), result("redis.image")],
      { told: ({ en }) => en, colour: false },
    );
    assert.deepEqual(
      said.split("\n").map((line) => line.trim().slice(0, 8)),
      ["1 Build ", "✔ 1.1 ti", "2 Use a ", "○ 2.3 ti", "why   it", "next  it"],
    );
    assert.equal(table([], { told: ({ en }) => en, colour: false }), "");
  });

  it("end with the number of each result", () => {
    const open = result("registry.commit", { status: "open", why, next: why });
    assert.deepEqual(verdict([open, open]), { en: "0 passed, 2 for you to do", ko: "통과 0, 직접 할 일 2" });
    assert.deepEqual(verdict([]), { en: "0 passed", ko: "통과 0" });

    assert.deepEqual(verdict(results), {
      en: "1 passed, 1 failed, 1 not checked",
      ko: "통과 1, 실패 1, 점검하지 못함 1",
    });
  });
});

describe("results as JUnit XML", () => {
  const xml = junit(results, ({ en }) => en);
  it("have counts, and escape characters that are special in XML", () => {
    assert.match(xml, /<testsuites name="course-labs" tests="3" failures="1" errors="0" skipped="1" time="0\.240">/);
    assert.match(xml, /<failure message="it is &#60;not&#62; &#34;so&#34; &#38; so">npm run up<\/failure>/);
    assert.match(xml, /<testsuite name="redis" tests="2" failures="1"/);
    assert.match(xml, /^<\?xml version="1\.0" encoding="UTF-8"\?>\n<testsuites [^]*\n<\/testsuites>\n$/);
  });
  it("contain open steps as skipped, and each lab once, in the order of the course", () => {
    const xml = junit(
      [
        result("compose.page", { ms: 1500 }),
        result("registry.commit", { status: "open", why, next: why }),
        result("registry.pulled", { status: "blocked", why }),
      ],
      ({ ko }) => ko,
    );
    assert.deepEqual(xml.match(/<(?:testsuites|testsuite) [^>]*>/g), [
      '<testsuites name="course-labs" tests="3" failures="0" errors="0" skipped="2" time="1.740">',
      '<testsuite name="registry" tests="2" failures="0" errors="0" skipped="2" time="0.240">',
      '<testsuite name="compose" tests="1" failures="0" errors="0" skipped="0" time="1.500">',
    ]);
    assert.equal(xml.match(/<skipped message="그렇지 않음"\/>/g)?.length, 2);
    assert.match(xml, /<testcase classname="compose" name="compose\.page: compose\.page 제목" time="1\.500"\/>/);
  });
  it("contain no character that XML does not allow", () => {
    const odd = result("redis.pong", { status: "failed", why: { en: "a\u0000\u001bb", ko: "" }, next: why });
    assert.match(
      junit([odd], ({ en }) => en),
      /message="a��b"/,
    );
  });
});
