import { constants } from "node:fs";
import { access } from "node:fs/promises";
import { delimiter, join } from "node:path";

/** What the learner's own shell has: without what this run adds. */
const originalPath = process.env.PATH ?? "";

export async function exists(file: string): Promise<boolean> {
  return access(file, constants.F_OK).then(
    () => true,
    () => false,
  );
}

async function foundIn(path: string, command: string): Promise<boolean> {
  const names = process.platform === "win32" ? [`${command}.exe`, `${command}.cmd`] : [command];
  const files = path.split(delimiter).flatMap((folder) => names.map((name) => join(folder, name)));
  return (await Promise.all(files.map(exists))).includes(true);
}

/** Whether a command can be run by its name. */
export const onPath = (command: string) => foundIn(process.env.PATH ?? "", command);

/** Whether the learner can run a command by its name. */
export const onLearnersPath = (command: string) => foundIn(originalPath, command);

/** Puts a folder first on PATH. */
export function addToPath(folder: string): void {
  process.env.PATH = `${folder}${delimiter}${process.env.PATH ?? ""}`;
}
