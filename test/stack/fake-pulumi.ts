import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";

/**
 * Puts a `pulumi` first on PATH that runs a script in Node.js.
 * @returns what takes it away again
 */
export function fakePulumi(script: string): () => void {
  const folder = mkdtempSync(join(tmpdir(), "course-labs-pulumi-"));
  writeFileSync(join(folder, "pulumi"), `#!${process.execPath}\n${script}`, { mode: 0o755 });
  const { PATH } = process.env;
  process.env.PATH = folder + delimiter + PATH;
  return () => {
    process.env.PATH = PATH;
    rmSync(folder, { recursive: true, force: true });
  };
}
