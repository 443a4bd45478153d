import { existsSync, readFileSync, statSync } from "node:fs";
import type { Result } from "../checks/check";
import type { Facts } from "../checks/labs";
import type { Row } from "../checks/report/compare";
import { marksOf, Report, sceneOf } from "../checks/report/model";
import { page, template } from "../checks/report/page";
import { redacted } from "../checks/redact";
import type { Target } from "../checks/target";
import { page as storyPage, toldIn } from "../see/page";
import { Told } from "../see/told";
import { LabError } from "../../text";

export interface Checked {
  target: Target;
  facts: Facts;
  results: Result[];
  comparison: Row[];
  drill: boolean;
  attached: Required<Report>["attached"];
}

export const projectVersion = () => (JSON.parse(readFileSync("package.json", "utf8")) as { version: string }).version;

export function reportPage(checked: Checked, student = ""): string {
  const { target, facts, results, comparison, drill, attached } = checked;
  const report: Report = {
    format: 1,
    version: projectVersion(),
    template: template(),
    made: new Date().toISOString(),
    student,
    byHand: target.byHand,
    drill,
    results,
    comparison,
    // A report without attachments looks as it did before attachments existed.
    ...(attached.length > 0 ? { attached } : {}),
    scene: sceneOf(target, facts),
    marks: marksOf(target, facts),
  };
  // The page contains the report as JSON, which drops undefined values; render exactly that.
  return page(JSON.parse(JSON.stringify(report)) as Report);
}

/** What is inside of a page of `npm run see`. @throws LabError if it cannot be read, or was changed since */
export function storyIn(file: string): Told {
  const told = existsSync(file) && statSync(file).isFile() ? toldIn(readFileSync(file, "utf8")) : undefined;
  if (told) return told;
  throw new LabError({
    en: `--attach is "${file}": this is not a page of npm run see, or it was changed or made by another version. Make it again: npm run see -- --page ${file}`,
    ko: `--attach 옵션의 값이 "${file}"인데, npm run see가 만든 페이지가 아니거나 그 뒤에 바뀌었거나 다른 버전이 만든 페이지입니다. 다시 만드세요: npm run see -- --page ${file}`,
  });
}

/** A story for a report, without secrets. */
export function attachment(told: Told, secrets: readonly string[]): Checked["attached"][number] {
  const clean = redacted(told, secrets);
  // The places of the drawing are kept: a password may be one of these words.
  const html = storyPage({
    ...clean,
    drawing: told.drawing,
    steps: clean.steps.map((step, i) => ({ ...step, lit: told.steps[i]!.lit })),
    end: { ...clean.end, lit: told.end.lit },
  });
  return { title: clean.title, html };
}
