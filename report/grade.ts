import { stringify } from "csv-stringify/sync";
import { count } from "../checks/table";
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

/** Whether a page is what this project makes of the report inside it. */
function genuine(html: string, report: Report, version: string): string {
  if (report.version !== version) return `made with version ${report.version}`;
  try {
    return written(page(report)) === written(html) ? "unedited" : "EDITED";
  } catch {
    return "EDITED";
  }
}

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
    if (!report) return { file, page: "no usable report" };
    const { passed, failed, open, blocked } = count(report.results);
    const twins = read.filter(
      (other) => other.file !== file && other.report?.marks.some((mark) => report.marks.includes(mark)),
    );
    const statuses = Object.fromEntries(report.results.map(({ id, status }) => [id, status]));
    return {
      ...statuses,
      file,
      student: report.student,
      made: report.made,
      edition: report.byHand ? "by hand" : "provisioned",
      drills: report.drill ? "yes" : "no",
      ...{ passed, failed, open, blocked },
      page: genuine(html, report, version),
      "same machine as": twins.map((twin) => twin.file).join("; "),
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
