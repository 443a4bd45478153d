import { constants } from "node:fs";
import { access } from "node:fs/promises";
import { delimiter, join } from "node:path";

/** The PATH of the user's shell, before this run adds folders. */
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

export const folderOf = (command: string) => folderIn(process.env.PATH ?? "", command);

export const onPath = async (command: string) => (await folderOf(command)) !== undefined;

export const onLearnersPath = async (command: string) => (await folderIn(originalPath, command)) !== undefined;

/** The folder of a command that is on the PATH of this run, but not of the user's shell. */
export async function hiddenFolder(command: string): Promise<string | undefined> {
  return (await onLearnersPath(command)) ? undefined : folderIn(process.env.PATH ?? "", command);
}

export function addToPath(folder: string): void {
  process.env.PATH = `${folder}${delimiter}${process.env.PATH ?? ""}`;
}
