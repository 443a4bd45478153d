import * as v from "valibot";
import { labNames } from "../../../config";
import { Text } from "../../../text";
import { Result, sections } from "../check";
import { count } from "./table";
import { escaped } from "./markup";
import { drawing } from "./drawing";
import { Report } from "./model";

/** A text in both languages; the page shows one of them. */
const both = ({ en, ko }: Text) => `<span lang="en">${escaped(en)}</span><span lang="ko">${escaped(ko)}</span>`;

const words = {
  title: { en: "Lab report", ko: "실습 보고서" },
  passed: { en: "passed", ko: "통과" },
  failed: { en: "failed", ko: "실패" },
  open: { en: "not done yet", ko: "아직 안 함" },
  blocked: { en: "not looked at", ko: "확인 못 함" },
  next: { en: "next", ko: "할 일" },
  evidence: { en: "evidence", ko: "근거" },
  where: { en: "What runs where", ko: "무엇이 어디에서 실행되나" },
  compare: { en: "Compose and Kubernetes side by side", ko: "compose 와 쿠버네티스 비교" },
  student: { en: "Student", ko: "학생" },
  made: { en: "Made", ko: "만든 때" },
  byHand: { en: "made by hand", ko: "직접 만든 것" },
  provisioned: { en: "made by npm run up", ko: "npm run up 이 만든 것" },
  drills: { en: "with drills", ko: "훈련 포함" },
  proves: {
    en: "npm run grade finds a page that was edited, and pages that were made on one machine. Neither proves who did the work: whoever can run this project can make any report.",
    ko: "npm run grade 는 고친 페이지와 한 컴퓨터에서 만든 페이지들을 찾아냅니다. 누가 했는지는 증명하지 못합니다. 이 프로젝트를 실행할 수 있으면 어떤 보고서든 만들 수 있습니다.",
  },
} satisfies Record<string, Text>;

const marks: Record<Result["status"], string> = { passed: "✔", failed: "✘", open: "○", blocked: "–" };

function row(result: Result): string {
  const why = "why" in result ? `<p>${both(result.why)}</p>` : "";
  const next = "next" in result ? `<p><b>${both(words.next)}</b> <code>${both(result.next)}</code></p>` : "";
  const evidence = `<details><summary>${both(words.evidence)}</summary><pre>${escaped(JSON.stringify(result.evidence, undefined, 2))}</pre></details>`;
  return `<tr class="${result.status}" id="${escaped(result.id)}"><td>${marks[result.status]} ${both(words[result.status])}</td>
<td>${escaped(result.section)}</td><td><b>${both(result.title)}</b>${why}${next}${evidence}</td><td>${(result.ms / 1000).toFixed(1)} s</td></tr>`;
}

function lab(name: (typeof labNames)[number], results: readonly Result[]): string {
  const own = results.filter((result) => result.lab === name);
  if (own.length === 0) return "";
  return `<h2>${both(sections[name])}</h2>\n<table class="results"><tbody>\n${own.map(row).join("\n")}\n</tbody></table>`;
}

function comparison({ comparison }: Report): string {
  if (comparison.length === 0) return "";
  const rows = comparison.map(
    ({ question, compose, kubernetes }) =>
      `<tr><th>${both(question)}</th><td>${both(compose)}</td><td>${both(kubernetes)}</td></tr>`,
  );
  return `<h2>${both(words.compare)}</h2>\n<table id="comparison"><thead><tr><th></th><th>compose</th><th>Kubernetes</th></tr></thead><tbody>\n${rows.join("\n")}\n</tbody></table>`;
}

const style = `
:root { color-scheme: light; font: 15px/1.5 system-ui, sans-serif; color: #1f2328; }
body { max-width: 70rem; margin: 2rem auto; padding: 0 1rem; }
table { border-collapse: collapse; width: 100%; } td, th { border: 1px solid #d0d7de; padding: .4rem .6rem; text-align: left; vertical-align: top; }
p { margin: .2rem 0; } pre { white-space: pre-wrap; overflow-wrap: anywhere; font-size: 12px; } code { background: #f6f8fa; }
tr.passed td:first-child { color: #1a7f37; } tr.failed td:first-child { color: #cf222e; font-weight: 600; } tr.open td:first-child, tr.blocked td:first-child { color: #9a6700; }
.results td:first-child { white-space: nowrap; width: 8rem; } .note { color: #57606a; font-size: 13px; }
html[data-shown="en"] [lang="ko"], html[data-shown="ko"] [lang="en"] { display: none; }
@media print { button { display: none; } }`;

const script = `
const show = (lang) => { document.documentElement.dataset.shown = lang; document.documentElement.lang = lang; };
for (const button of document.querySelectorAll("button")) button.addEventListener("click", () => show(button.value));
show(navigator.language.startsWith("ko") ? "ko" : "en");`;

/** The report as one page that asks nothing of any server, with its JSON inside. The same report is always the same page. */
export function page(report: Report): string {
  const { passed, failed, open, blocked } = count(report.results);
  const sum = `${marks.passed} ${passed} · ${marks.failed} ${failed} · ${marks.open} ${open} · ${marks.blocked} ${blocked}`;
  const how = both(report.byHand ? words.byHand : words.provisioned) + (report.drill ? ` · ${both(words.drills)}` : "");
  // In a script element only the end of that element means anything.
  const json = JSON.stringify(report).replaceAll("<", "\\u003c");
  return `<!doctype html>
<html lang="en" data-shown="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; img-src data:; style-src 'unsafe-inline'; script-src 'unsafe-inline'">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>course-labs · ${escaped(report.student || report.made)}</title>
<link rel="icon" href="data:,">
<style>${style}</style>
</head>
<body>
<p><button value="en">English</button> <button value="ko">한국어</button></p>
<h1>${both(words.title)}</h1>
<p>${both(words.student)}: <b>${escaped(report.student || "-")}</b> · ${both(words.made)}: ${escaped(report.made)} · ${how}</p>
<p id="sum"><b>${sum}</b></p>
<h2>${both(words.where)}</h2>
${drawing(report.scene)}
${labNames.map((name) => lab(name, report.results)).join("\n")}
${comparison(report)}
<p class="note">${both(words.proves)}</p>
<script type="application/json" id="report">${json}</script>
<script>${script}</script>
</body>
</html>
`;
}

/**
 * What is read of a report that somebody hands in. The ids of checks become columns, so that nothing else may be called one.
 * The rest only has to make the same page again.
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

/** The report that is inside a page; undefined when there is none in it that can be read. */
export function reportIn(html: string): Report | undefined {
  const found = /<script type="application\/json" id="report">([^<]*)<\/script>/.exec(html)?.[1];
  if (found === undefined) return undefined;
  try {
    const report = JSON.parse(found) as unknown;
    return v.is(readable, report) ? (report as unknown as Report) : undefined;
  } catch {
    // Cut off, or edited: for the teacher it is no report.
    return undefined;
  }
}
