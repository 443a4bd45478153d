import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { Report } from "../../tools/review/resources/model";
import { npmRun } from "./harness";

/** The report as a person and as a program read it. */
export interface Reviewed {
  code: number | null;
  said: string;
  report: Report;
  markdown: string;
  seconds: number;
}

/** Runs `npm run review` with options. */
export async function reviewed(folder: string, ...args: string[]): Promise<Reviewed> {
  const [data, text] = [join(folder, ".git/report.json"), join(folder, ".git/report.md")];
  const { code, said, seconds } = await npmRun(folder, "review", ["--json", data, "--markdown", text, ...args]);
  assert.notEqual(code, null, said);
  const report = JSON.parse(readFileSync(data, "utf8")) as Report;
  return { code, said, report, markdown: readFileSync(text, "utf8"), seconds };
}
