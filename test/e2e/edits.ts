import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/** An edit of a file: what stands there, and what stands there then. */
export type Edit = [file: string, from: string | RegExp, to: string];

/** Adds a setting. */
export const setting = (name: string, value: string | number): Edit => [
  "Pulumi.dev.yaml",
  /^config:/m,
  `config:\n  course-labs:${name}: ${value}`,
];

/** Changes one that is there. */
export const changed = (name: string, from: string, to: string): Edit => [
  "Pulumi.dev.yaml",
  `course-labs:${name}: ${from}`,
  `course-labs:${name}: ${to}`,
];

/** Edits files of a clone; returns what takes it all back. */
export function edit(folder: string, edits: readonly Edit[]): () => void {
  const before = new Map<string, string>();
  for (const [file, from, to] of edits) {
    const path = join(folder, file);
    const old = readFileSync(path, "utf8");
    const now = old.replace(from, to);
    assert.notEqual(now, old, `${file} has no ${String(from)}`);
    if (!before.has(path)) before.set(path, old);
    writeFileSync(path, now);
  }
  return () => before.forEach((old, path) => writeFileSync(path, old));
}
