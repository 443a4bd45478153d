// Reviews the change in this folder against BASE, for a CI job: review-report/review.md and .json, the job's summary, and an
// exit code of 1 where somebody has to look. In Korean, as the course is, or in English where REVIEW_LANG is en. Knows nothing of
// GitHub but the summary's file, so that GitLab runs it, too.
import { spawn } from "node:child_process";
import { appendFileSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";

const { BASE: base, GITHUB_STEP_SUMMARY: summary } = process.env;
// A variable that is not set comes as an empty one.
const language = process.env.REVIEW_LANG || "ko";
const say = (en, ko) => (language === "en" ? en : ko);
if (!base) throw new Error("BASE must name the revision to compare with");

const [markdown, json] = ["review-report/review.md", "review-report/review.json"];
rmSync("review-report", { recursive: true, force: true });
mkdirSync("review-report");

const args = ["tools/run.mjs", "review", "--deploy", "--base", base, "--lang", language];
args.push("--markdown", markdown, "--json", json);
const child = spawn(process.execPath, args, { stdio: ["ignore", "inherit", "pipe"] });
let said = "";
child.stderr.on("data", (data) => {
  process.stderr.write(data);
  said = (said + data).slice(-4000);
});
const code = await new Promise((resolve) => child.on("close", resolve));

if (!existsSync(markdown)) {
  // It did not come as far as to report: what it said last is the reason.
  const reason = said.replaceAll("```", "'''").trim();
  writeFileSync(
    markdown,
    `<!-- course-labs-review -->\n\n## ❌ ${say(`The review failed (exit code ${code})`, `검토가 실패했습니다 (종료 코드 ${code})`)}\n\n\`\`\`\n${reason}\n\`\`\`\n`,
  );
}
if (summary) appendFileSync(summary, readFileSync(markdown));
if (code === 3) {
  console.log(
    say(
      "::error title=Dangerous changes::See the job's summary; who merges this agrees to them.",
      "::error title=위험한 변경::작업 요약(summary)을 보세요. 병합하면 이 변경에 동의하는 것입니다.",
    ),
  );
}
process.exitCode = code === 0 || code === 2 ? 0 : 1;
