import { readFileSync } from "node:fs";
import type { Result } from "../checks/check";
import type { Facts } from "../checks/labs";
import type { Row } from "../checks/report/compare";
import { marksOf, Report, sceneOf } from "../checks/report/model";
import { page, template } from "../checks/report/page";
import type { Target } from "../checks/target";

/** The results of a check, without secrets. */
export interface Checked {
  target: Target;
  facts: Facts;
  results: Result[];
  comparison: Row[];
  drill: boolean;
}

export const projectVersion = () => (JSON.parse(readFileSync("package.json", "utf8")) as { version: string }).version;

export function reportPage(checked: Checked, student = ""): string {
  const { target, facts, results, comparison, drill } = checked;
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
    scene: sceneOf(target, facts),
    marks: marksOf(target, facts),
  };
  // The page contains the report as JSON, which drops undefined values; render exactly that.
  return page(JSON.parse(JSON.stringify(report)) as Report);
}
