import { readFileSync } from "node:fs";
import { Checked } from "./check";
import { marksOf, Report, sceneOf } from "../report/model";
import { page } from "../report/page";

/** The version of this project. */
export const projectVersion = () => (JSON.parse(readFileSync("package.json", "utf8")) as { version: string }).version;

/** The page to hand in. */
export function reportPage(checked: Checked, student = ""): string {
  const { target, facts, results, comparison, drill } = checked;
  const report: Report = {
    format: 1,
    version: projectVersion(),
    made: new Date().toISOString(),
    student,
    byHand: target.byHand,
    drill,
    results,
    comparison,
    scene: sceneOf(target, facts),
    marks: marksOf(target, facts),
  };
  // As it will be read: what JSON leaves out is not there now either.
  return page(JSON.parse(JSON.stringify(report)) as Report);
}
