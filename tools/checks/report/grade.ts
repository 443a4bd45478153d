import { stringify } from "csv-stringify/sync";
import { count } from "./table";
import { page, reportIn } from "./page";
import { Report } from "./model";

export interface HandedIn {
  /** Path of the file in the folder. */
  file: string;
  /** What is in it; undefined when it could not be read. */
  html?: string;
}

/** A page as it was written: on the way from hand to hand its line ends change, and some programs put a mark before it. */
const written = (html: string) => html.replace(/^\ufeff/, "").replaceAll("\r\n", "\n");

/** A page without how it looks, which says nothing of the work. */
const unstyled = (html: string) =>
  html.replace(/<style>[\s\S]*?<\/style>/g, "").replace(/<script>[\s\S]*?<\/script>/g, "");

const entities: Record<string, string> = { amp: "&", lt: "<", gt: ">", quot: '"', apos: "'", nbsp: " " };

/** All that a page says, and of which outcome each row is: what is left of it when a browser has saved it again. */
function saying(html: string): string {
  const outcomes = [...html.matchAll(/<tr[^>]*\bclass="?(\w+)/gi)].map(([, outcome]) => outcome);
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

/** Whether a page is what this project makes of the report inside it. */
function genuine(html: string, report: Report, version: string): string {
  if (report.version !== version) return `made with version ${report.version}`;
  try {
    const [made, came] = [written(page(report)), written(html)];
    if (unstyled(made) === unstyled(came)) return "unedited";
    return saying(made) === saying(came) ? "saved again by a browser" : "EDITED";
  } catch {
    // This project makes no report that it cannot make again.
    return "EDITED";
  }
}

/** A text on one line: programs that read CSV take a line break for the next student. */
const oneLine = (text: string) => text.replace(/\s+/g, " ").trim();

/**
 * Handed-in reports as CSV, a line each: how many checks passed, whether the page was edited, which others were made on the same
 * machine, and the outcome of every check.
 * @param version of this project
 * @see https://datatracker.ietf.org/doc/html/rfc4180
 */
export function grades(files: readonly HandedIn[], version: string): string {
  const read = files.map(({ file, html = "" }) => ({ file, html, report: reportIn(html) }));
  const ids = [...new Set(read.flatMap(({ report }) => report?.results.map(({ id }) => id) ?? []))];
  const rows = read.map(({ file, html, report }) => {
    if (!report) return { file: oneLine(file), page: "no usable report" };
    const { passed, failed, open, blocked } = count(report.results);
    const twins = read.filter(
      (other) => other.file !== file && other.report?.marks.some((mark) => report.marks.includes(mark)),
    );
    const statuses = Object.fromEntries(report.results.map(({ id, status }) => [id, status]));
    return {
      ...statuses,
      file: oneLine(file),
      student: oneLine(report.student),
      made: oneLine(report.made),
      edition: report.byHand ? "by hand" : "provisioned",
      drills: report.drill ? "yes" : "no",
      ...{ passed, failed, open, blocked },
      page: genuine(html, report, version),
      "same machine as": oneLine(twins.map((twin) => twin.file).join("; ")),
    };
  });
  const columns = [
    "file",
    "student",
    "made",
    "edition",
    "drills",
    "passed",
    "failed",
    "open",
    "blocked",
    "page",
    "same machine as",
    ...ids,
  ];
  // Spreadsheets take a file without the mark for another encoding, and a text that begins with = for a formula.
  return stringify(rows, { header: true, columns, bom: true, escape_formulas: true, record_delimiter: "windows" });
}
