import { stringify } from "csv-stringify/sync";
import { count } from "./table";
import { Text } from "../../../text";
import { page, reportIn, template } from "./page";
import { Report } from "./model";

export interface HandedIn {
  /** Path of the file in the folder. */
  file: string;
  /** Its content; undefined if it could not be read. */
  html?: string;
}

/** A page as it was written: in transit its line ends may change, and some programs add a byte order mark. */
const written = (html: string) => html.replace(/^\ufeff/, "").replaceAll("\r\n", "\n");

const entities: Record<string, string> = { amp: "&", lt: "<", gt: ">", quot: '"', apos: "'", nbsp: " " };

/** The text of a page with the results: what remains when a browser saves it again. */
function saying(whole: string): string {
  // Each browser saves attachments differently, and some save them to another file.
  const html = whole.replace(/<iframe\b[\s\S]*?<\/iframe>/gi, "");
  const outcomes = [...html.matchAll(/<[a-z]+[^>]*\bclass="?([\w ]+)/gi)].map(([, outcome]) => outcome?.trim());
  const text = html
    .replace(/<(style|script|head)\b[^>]*>[\s\S]*?<\/\1>/gi, "")
    .replace(/<!--[\s\S]*?-->/g, "")
    .replace(/<[^>]*>/g, " ")
    .replace(/&#(?:x([\da-f]+)|(\d+));/gi, (_, hex?: string, decimal?: string) =>
      String.fromCodePoint(hex ? parseInt(hex, 16) : Number(decimal)),
    )
    .replace(/&(\w+);/g, (whole, name: string) => entities[name] ?? whole)
    .replace(/\s+/g, " ");
  return `${text.trim()} ${outcomes.join()}`;
}

const headings = {
  file: { en: "file", ko: "파일" },
  student: { en: "student", ko: "학생" },
  made: { en: "made", ko: "작성 일시" },
  edition: { en: "edition", ko: "실습 환경" },
  drills: { en: "drills", ko: "복구 점검" },
  passed: { en: "passed", ko: "통과" },
  failed: { en: "failed", ko: "실패" },
  open: { en: "open", ko: "미완료" },
  blocked: { en: "blocked", ko: "점검하지 못함" },
  page: { en: "page", ko: "페이지" },
  twins: { en: "same machine as", ko: "같은 컴퓨터에서 만든 파일" },
} satisfies Record<string, Text>;

const words = {
  byHand: { en: "by hand", ko: "직접 만든 것" },
  provisioned: { en: "provisioned", ko: "npm run up" },
  yes: { en: "yes", ko: "예" },
  no: { en: "no", ko: "아니요" },
  unedited: { en: "unedited", ko: "수정 없음" },
  savedAgain: { en: "saved again by a browser", ko: "브라우저에서 다시 저장함" },
  edited: { en: "EDITED", ko: "수정됨" },
  unusable: { en: "no usable report", ko: "읽을 수 없는 보고서" },
} satisfies Record<string, Text>;

/** Whether this project makes the same page from the report inside it. */
function genuine(html: string, report: Report, version: string): Text {
  if (report.version !== version) {
    return { en: `made with version ${report.version}`, ko: `버전 ${report.version}에서 만듦` };
  }
  // Its words and elements may differ without anybody having edited it.
  if (report.template !== template()) {
    return { en: `made with another revision of ${version}`, ko: `${version}의 다른 리비전에서 만듦` };
  }
  try {
    const [made, came] = [written(page(report)), written(html)];
    if (made === came) return words.unedited;
    return saying(made) === saying(came) ? words.savedAgain : words.edited;
  } catch {
    // This project can reproduce all of its own reports.
    return words.edited;
  }
}

/** A text on one line: some programs read a line break in a CSV cell as the next student. */
const oneLine = (text: string) => text.replace(/\s+/g, " ").trim();

/**
 * Handed-in reports as CSV, one line each: how many checks passed, whether the page was edited, which others were made on the
 * same machine, and the result of every check.
 * @param version of this project
 * @param told the language of the table
 * @see https://datatracker.ietf.org/doc/html/rfc4180
 */
export function grades(
  files: readonly HandedIn[],
  version: string,
  told: (text: Text) => string = ({ en }) => en,
): string {
  const read = files.map(({ file, html = "" }) => ({ file, html, report: reportIn(html) }));
  const ids = [...new Set(read.flatMap(({ report }) => report?.results.map(({ id }) => id) ?? []))];
  const rows = read.map(({ file, html, report }) => {
    if (!report) return { file: oneLine(file), page: told(words.unusable) };
    const { passed, failed, open, blocked } = count(report.results);
    const twins = read.filter(
      (other) => other.file !== file && other.report?.marks.some((mark) => report.marks.includes(mark)),
    );
    const statuses = Object.fromEntries(report.results.map(({ id, status }) => [id, told(headings[status])]));
    return {
      ...statuses,
      file: oneLine(file),
      student: oneLine(report.student),
      made: oneLine(report.made),
      edition: told(report.byHand ? words.byHand : words.provisioned),
      drills: told(report.drill ? words.yes : words.no),
      ...{ passed, failed, open, blocked },
      page: told(genuine(html, report, version)),
      twins: oneLine(twins.map((twin) => twin.file).join("; ")),
    };
  });
  const columns = [
    ...Object.entries(headings).map(([key, heading]) => ({ key, header: told(heading) })),
    ...ids.map((key) => ({ key, header: key })),
  ];
  // Without the byte order mark, spreadsheets assume another encoding; a text that begins with = would be a formula.
  return stringify(rows, { header: true, columns, bom: true, escape_formulas: true, record_delimiter: "windows" });
}
