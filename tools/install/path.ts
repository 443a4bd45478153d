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

async function folderIn(path: string, command: string): Promise<string | undefined> {
  const names = process.platform === "win32" ? [`${command}.exe`, `${command}.cmd`] : [command];
  const folders = path.split(delimiter);
  const has = async (folder: string) =>
    (await Promise.all(names.map((name) => exists(join(folder, name))))).includes(true);
  const found = await Promise.all(folders.map(has));
  return folders.find((_, i) => found[i]);
}

/** The folder of a command that can be run by its name. */
export const folderOf = (command: string) => folderIn(process.env.PATH ?? "", command);

/** Whether a command can be run by its name. */
export const onPath = async (command: string) => (await folderOf(command)) !== undefined;

/** Whether the learner can run a command by its name. */
export const onLearnersPath = async (command: string) => (await folderIn(originalPath, command)) !== undefined;

/** Where a command is that this run has and the learner's shell has not. */
export async function hiddenFolder(command: string): Promise<string | undefined> {
  return (await onLearnersPath(command)) ? undefined : folderIn(process.env.PATH ?? "", command);
}

/** Puts a folder first on PATH. */
export function addToPath(folder: string): void {
  process.env.PATH = `${folder}${delimiter}${process.env.PATH ?? ""}`;
}
