import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Report } from "../../review/model";
import { npmRun, run } from "./harness";

/** An edit of a file: what stands there, and what stands there then. */
export type Edit = [file: string, from: string | RegExp, to: string];

/** Adds a setting. */
export const setting = (name: string, value: string): Edit => [
  "Pulumi.dev.yaml",
  /^config:/,
  `config:\n  course-labs:${name}: ${value}`,
];
/** Changes one that is there. */
export const changed = (name: string, from: string, to: string): Edit => [
  "Pulumi.dev.yaml",
  `course-labs:${name}: ${from}`,
  `course-labs:${name}: ${to}`,
];

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

/** Runs git in a clone. */
export const git = (folder: string, ...args: string[]) =>
  run("git", "-C", folder, "-c", "user.name=t", "-c", "user.email=t@example.org", ...args);

/** Edits files of a clone. */
export function edit(folder: string, edits: readonly Edit[]): void {
  for (const [file, from, to] of edits) {
    const path = join(folder, file);
    const old = readFileSync(path, "utf8");
    const now = old.replace(from, to);
    assert.notEqual(now, old, `${file} has no ${String(from)}`);
    writeFileSync(path, now);
  }
}
