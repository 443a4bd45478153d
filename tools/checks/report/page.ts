import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import * as v from "valibot";
import { labNames } from "../../../config";
import { Text } from "../../../text";
import { Result, sections } from "../check";
import { count, marks } from "./table";
import { both, escaped, pageHead } from "./markup";
import { drawing } from "./drawing";
import { Report } from "./model";

const words = {
  title: { en: "Lab report", ko: "실습 보고서" },
  language: { en: "Language", ko: "언어" },
  passed: { en: "passed", ko: "통과" },
  failed: { en: "failed", ko: "실패" },
  open: { en: "not done yet", ko: "미완료" },
  blocked: { en: "not checked", ko: "점검하지 못함" },
  total: { en: "total", ko: "전체" },
  failures: { en: "Failed checks:", ko: "실패한 점검:" },
  result: { en: "Result", ko: "결과" },
  number: { en: "No.", ko: "번호" },
  check: { en: "Check", ko: "점검 항목" },
  time: { en: "Time", ko: "시간" },
  next: { en: "Next step:", ko: "다음 단계:" },
  evidence: { en: "Evidence", ko: "근거" },
  allEvidence: { en: "Show all evidence", ko: "근거 모두 보기" },
  where: { en: "What is running", ko: "실행 중인 구성" },
  compare: { en: "Compose and Kubernetes side by side", ko: "Compose와 쿠버네티스 비교" },
  student: { en: "Student", ko: "학생" },
  made: { en: "Created", ko: "작성 일시" },
  how: { en: "Labs", ko: "실습 환경" },
  byHand: { en: "made by hand", ko: "직접 만든 것" },
  provisioned: { en: "made by npm run up", ko: "npm run up으로 만든 것" },
  drills: { en: "with drills", ko: "복구 점검 포함" },
  proves: {
    en: "npm run grade finds pages that were edited, and pages that were made on the same machine. Neither proves who did the work: whoever can run this project can make any report.",
    ko: "npm run grade는 수정된 페이지와 같은 컴퓨터에서 만든 페이지를 찾아냅니다. 누가 실습했는지는 증명하지 못합니다. 이 프로젝트를 실행할 수 있는 사람은 어떤 보고서든 만들 수 있습니다.",
  },
} satisfies Record<string, Text>;

const statuses = ["passed", "failed", "open", "blocked"] as const;

/** A next step with its command marked as code: all of it, or the end of a sentence. */
function step(text: string): string {
  const [, before = "", command] =
    /^(.*: )?((?:docker|npm|kubectl|minikube|pulumi) [^\u3131-\uD79D]+)$/s.exec(text) ?? [];
  return command === undefined || /\. [A-Z]/.test(command)
    ? escaped(text)
    : `${escaped(before)}<code>${escaped(command)}</code>`;
}

function row(result: Result): string {
  const why = "why" in result ? `<p>${both(result.why)}</p>` : "";
  const next = "next" in result ? `<p><b>${both(words.next)}</b> ${both(result.next, step)}</p>` : "";
  const evidence = `<details><summary>${both(words.evidence)}</summary><pre>${escaped(JSON.stringify(result.evidence, undefined, 2))}</pre></details>`;
  return `<tr class="${result.status}" id="${escaped(result.id)}"><td>${marks[result.status].mark} ${both(words[result.status])}</td>
<td>${escaped(result.section)}</td><td><b>${both(result.title)}</b>${evidence}${why}${next}</td><td>${(result.ms / 1000).toFixed(1)}&#160;s</td></tr>`;
}

function lab(name: (typeof labNames)[number], results: readonly Result[]): string {
  const own = results.filter((result) => result.lab === name);
  if (own.length === 0) return "";
  const head = [words.result, words.number, words.check, words.time].map(
    (word) => `<th scope="col">${both(word)}</th>`,
  );
  return `<h2>${both(sections[name])}</h2>
<table class="results"><thead><tr>${head.join("")}</tr></thead><tbody>\n${own.map(row).join("\n")}\n</tbody></table>`;
}

function comparison({ comparison }: Report): string {
  if (comparison.length === 0) return "";
  const rows = comparison.map(
    ({ question, compose, kubernetes }) =>
      `<tr><th scope="row">${both(question)}</th><td>${both(compose)}</td><td>${both(kubernetes)}</td></tr>`,
  );
  return `<h2>${both(words.compare)}</h2>\n<table id="comparison"><thead><tr><td></td><th scope="col">Compose</th><th scope="col">Kubernetes</th></tr></thead><tbody>\n${rows.join("\n")}\n</tbody></table>`;
}

/** The number of each result in words, with links to failed checks. */
function summary(results: readonly Result[]): string {
  const counts = count(results);
  const parts = statuses.map(
    (status) => `<span class="${status}">${marks[status].mark} ${both(words[status])} ${counts[status]}</span>`,
  );
  const failures = results
    .filter(({ status }) => status === "failed")
    .map(({ id, section }) => `<a href="#${escaped(id)}">${escaped(section)}</a>`);
  const links = failures.length > 0 ? `<p id="failures">${both(words.failures)} ${failures.join(", ")}</p>` : "";
  return `<p id="sum">${parts.join(" ")} <span>${both(words.total)} ${results.length}</span></p>\n${links}`;
}

const style = `
:root { color-scheme: light; --page: #fff; --soft: #f6f8fa; --text: #1f2328; --quiet: #57606a; --line: #d0d7de; --link: #0969da; --good: #1a7f37; --bad: #cf222e; --open: #9a6700;
  font: 15px/1.5 system-ui, sans-serif; color: var(--text); background: var(--page); }
@media screen and (prefers-color-scheme: dark) { :root { color-scheme: dark; --page: #0d1117; --soft: #161b22; --text: #e6edf3; --quiet: #9198a1; --line: #3d444d; --link: #4493f8; --good: #3fb950; --bad: #f85149; --open: #d29922; } }
body { max-width: 70rem; margin: 2rem auto; padding: 0 1rem; word-break: keep-all; overflow-wrap: anywhere; }
h2 { font-size: 1.2rem; margin: 1.6rem 0 .5rem; break-after: avoid; } a { color: var(--link); }
table { border-collapse: collapse; width: 100%; table-layout: fixed; } td, th { border: 1px solid var(--line); padding: .4rem .6rem; text-align: left; vertical-align: top; }
thead { font-size: 13px; } thead th { background: var(--soft); font-weight: 600; } tr { break-inside: avoid; }
p { margin: .2rem 0; } pre { white-space: pre-wrap; font-size: 12px; } code { background: var(--soft); padding: 0 .2em; } summary { color: var(--quiet); font-size: 12px; } td > details:not([open]) { float: right; }
[aria-pressed=true] { font-weight: 600; }
#sum { display: flex; flex-wrap: wrap; gap: .2rem 1.2rem; font-weight: 600; font-size: 1.1rem; }
.passed > td:first-child, span.passed { color: var(--good); } .failed > td:first-child, span.failed { color: var(--bad); font-weight: 600; } .open > td:first-child, .blocked > td:first-child, span.open, span.blocked { color: var(--open); }
.results th:nth-child(1) { width: 9.5rem; } .results th:nth-child(2) { width: 3rem; } .results th:nth-child(4) { width: 4rem; } .results td:nth-child(4) { white-space: nowrap; text-align: right; }
iframe { width: 100%; height: 46rem; border: 1px solid var(--line); }
#comparison td:first-child { border: 0; } .note { color: var(--quiet); font-size: 13px; margin-top: 1.5rem; }
time[data-local] > span { display: none; } time[data-local]::after { content: attr(data-local); }
html[data-shown="en"] [lang="ko"], html[data-shown="ko"] [lang="en"] { display: none; }
@media (max-width: 40rem) {
  body { margin: 1rem auto; padding: 0 .7rem; } thead { display: none; }
  .results, .results tbody, #comparison, #comparison tbody { display: block; } .results tr { display: grid; grid-template-columns: 1fr auto auto; border: 1px solid var(--line); margin-bottom: -1px; padding: .3rem .5rem; }
  .results td { border: 0; padding: 0 .3rem; } .results td:nth-child(3) { grid-column: 1 / 4; grid-row: 2; }
  #comparison tr, #comparison td, #comparison th { display: block; } #comparison tr { border: 1px solid var(--line); margin-bottom: -1px; } #comparison th, #comparison td, #comparison td:first-child { border: 0; padding: .2rem .6rem; }
  #comparison td::before { content: "Kubernetes: "; color: var(--quiet); } #comparison td:nth-child(2)::before { content: "Compose: "; }
}
@media print { :root { font-size: 12px; } body { max-width: none; margin: 0; padding: 0; } nav, details:not([open]) { display: none; } }`;

const script = `
const html = document.documentElement;
const made = document.querySelector("time");
const show = (lang) => {
  html.dataset.shown = html.lang = lang;
  for (const button of document.querySelectorAll("button[value]")) button.setAttribute("aria-pressed", button.value === lang);
  const when = new Date(made.dateTime);
  if (!isNaN(when)) made.dataset.local = when.toLocaleString(lang, { dateStyle: "long", timeStyle: "short" });
};
for (const button of document.querySelectorAll("button[value]")) button.addEventListener("click", () => show(button.value));
document.getElementById("all").addEventListener("click", () => { for (const one of document.querySelectorAll("details")) one.open = true; });
show(navigator.language.startsWith("ko") ? "ko" : "en");`;

/** A page inside the page. It can run its own script, but cannot access the report. */
const attachment = ({ title, html }: NonNullable<Report["attached"]>[number]) =>
  `<h2>${both(title)}</h2>\n<iframe title="${escaped(title.en)}" sandbox="allow-scripts" srcdoc="${escaped(html)}"></iframe>`;

/** The report as one page that makes no network requests, with its JSON inside. The same report is always the same page. */
export function page(report: Report): string {
  const how = both(report.byHand ? words.byHand : words.provisioned) + (report.drill ? `, ${both(words.drills)}` : "");
  // Without scripts the page shows UTC; a script adds the local time as an attribute, so that the text does not change.
  const made = `<time datetime="${escaped(report.made)}"><span>${escaped(report.made.replace(/^([\d-]+)T(\d\d:\d\d).*$/, "$1 $2 UTC"))}</span></time>`;
  // Inside a script element, only its end tag is special.
  const json = JSON.stringify(report).replaceAll("<", "\\u003c");
  return `${pageHead(report.student || report.made, style)}
<body>
<nav>${both(words.language)}: <button value="en">English</button> <button value="ko">한국어</button> <button id="all">${both(words.allEvidence)}</button></nav>
<h1>${both(words.title)}</h1>
<p>${both(words.student)}: <b>${escaped(report.student || "-")}</b> · ${both(words.made)}: ${made} · ${both(words.how)}: ${how}</p>
${summary(report.results)}
${labNames.map((name) => lab(name, report.results)).join("\n")}
${comparison(report)}
<h2>${both(words.where)}</h2>
${drawing(report.scene)}
${(report.attached ?? []).map(attachment).join("\n")}
<p class="note">${both(words.proves)}</p>
<script type="application/json" id="report">${json}</script>
<script>${script}</script>
</body>
</html>
`;
}

/** Identifies what makes the pages of this revision: another one may make another page of the same report. */
export function template(): string {
  const sources = ["page", "drawing", "markup", "table", "../check"];
  const texts = sources.map((name) => readFileSync(join(__dirname, `${name}.ts`), "utf8").replaceAll("\r\n", "\n"));
  return createHash("sha256").update(texts.join("")).digest("hex").slice(0, 12);
}

/**
 * What is read from a handed-in report. The ids of checks become columns, so nothing else is accepted as one.
 * The rest only has to reproduce the same page.
 */
const readable = v.looseObject({
  format: v.literal(1),
  version: v.string(),
  made: v.string(),
  student: v.string(),
  byHand: v.boolean(),
  drill: v.boolean(),
  results: v.array(
    v.looseObject({
      id: v.pipe(v.string(), v.regex(new RegExp(`^(?:${labNames.join("|")})\\.[a-z]+$`))),
      status: v.picklist(["passed", "failed", "open", "blocked"]),
    }),
  ),
  marks: v.array(v.string()),
});

/** The report inside a page; undefined if the page contains no readable one. */
export function reportIn(html: string): Report | undefined {
  const found = /<script type="application\/json" id="report">([^<]*)<\/script>/.exec(html)?.[1];
  if (found === undefined) return undefined;
  try {
    const report = JSON.parse(found) as unknown;
    return v.is(readable, report) ? (report as unknown as Report) : undefined;
  } catch {
    // Incomplete or edited: not a report.
    return undefined;
  }
}
