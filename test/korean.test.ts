import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";

const root = join(__dirname, "..");

/** The end of a word in Latin letters, of a number, of a placeholder, or of something quoted. */
const latin = /[A-Za-z0-9_%)}\]"'`…]/.source;
const after = /(?![가-힣A-Za-z_])/.source;
const particles = [
  ...["은", "는", "이", "가", "을", "를", "과", "와", "의", "도", "만", "로", "으로", "인", "나", "이나"],
  ...["에", "에는", "에도", "에만", "에서", "에서는", "에서도", "에서만", "에게", "까지", "까지만", "부터", "마다"],
  ...["로는", "로도", "로만", "으로는", "으로도", "으로만", "와는", "과는", "처럼", "보다", "뿐", "이라고", "라고"],
  ...["이며", "이고", "인데", "이면", "이라면", "라면", "인가요", "입니다", "였습니다", "이었습니다"],
].join("|");

const mistakes: Record<string, RegExp> = {
  // https://korean.go.kr: 한글 맞춤법 제41항, a particle is written to the word before it, in whatever letters that is.
  "a particle apart from its word": new RegExp(
    `${latin} (?:${particles})${after}|[가-힣] (?:을|를|와|과|의|까지|에서|으로|이\\(가\\))${after}`,
  ),
  "two particles for one": /[은이을와과]\([는가를과와]\)|[는가를]\([은이을]\)|\((?:으|이)\)(?:로|라|며|고|면|나)/,
  "a unit apart from its number": new RegExp(`[0-9}] (?:초|개|단계|번)(?:${particles})?${after}`),
};

/** The mistakes in a line of Korean. */
const found = (line: string) =>
  Object.entries(mistakes).flatMap(([name, pattern]) => (pattern.test(line) ? [name] : []));

describe("Korean texts", () => {
  const files = execFileSync(
    "git",
    ["ls-files", "--", "*.ts", "*.mjs", "*.md", "*.yml", "*.yaml", "docker", ".github"],
    {
      cwd: root,
      encoding: "utf8",
    },
  )
    .split("\n")
    .filter((file) => file && !file.startsWith("test/"));

  it("are found in the sources and in the documentation", () => {
    const korean = files.filter((file) => /[가-힣]/.test(readFileSync(join(root, file), "utf8")));
    for (const one of ["config.ts", "README.ko.md", "tools/commands/up.ts", "tools/run.mjs"]) {
      assert.ok(korean.includes(one), one);
    }
  });

  it("have every particle once, and written to its word", () => {
    const wrong = files.flatMap((file) =>
      readFileSync(join(root, file), "utf8")
        .split("\n")
        .flatMap((line, i) =>
          /[가-힣]/.test(line) ? found(line).map((name) => `${file}:${i + 1}: ${name}: ${line.trim()}`) : [],
        ),
    );
    assert.deepEqual(wrong, []);
  });

  for (const [line, ...names] of [
    ["Docker 가 실행 중이 아닙니다.", "a particle apart from its word"],
    ["${name} 을(를) 지웁니다.", "a particle apart from its word", "two particles for one"],
    ["`npm run up` 으로 시작하세요.", "a particle apart from its word"],
    ["컨테이너 를 지웁니다.", "a particle apart from its word"],
    ["${name}(으)로 바꾸세요.", "two particles for one"],
    ["redis은(는) 실행 중입니다.", "two particles for one"],
    ["${seconds} 초 걸렸습니다.", "a unit apart from its number"],
    ["Docker가 실행 중이 아닙니다. redis 이미지를 ${n}개 지웁니다. npm 이름은 30초 뒤에 나옵니다."],
  ] as const) {
    it(`${names.length > 0 ? `with ${names.join(" and ")} are found` : "without mistakes pass"}: ${line}`, () =>
      assert.deepEqual(found(line), names));
  }
});
