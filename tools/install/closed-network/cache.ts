import { createHash, randomBytes } from "node:crypto";
import * as fs from "node:fs/promises";
import { existsSync, readFileSync } from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { Text } from "../../../text";
import { Step, steps } from "./steps";

export type Report = (line: Text) => void;

/** The cache for everything that is built, outside of the project, so that a fresh clone can use it, too. */
export function cacheRoot(env: NodeJS.ProcessEnv = process.env, home: string = os.homedir()): string {
  if (env.COURSE_LABS_CACHE) return path.resolve(env.COURSE_LABS_CACHE);
  // According to the XDG specification, relative paths are ignored.
  if (env.XDG_CACHE_HOME && path.isAbsolute(env.XDG_CACHE_HOME)) return path.join(env.XDG_CACHE_HOME, "course-labs");
  return path.join(home, ".cache", "course-labs");
}

/** All inputs of a build. */
export interface Recipe {
  /** A folder name, such as "pulumi". */
  name: string;
  /** The version, to recognize the entry in the cache. */
  version: string;
  /** Everything that the result depends on: arguments, and the content of files by name. */
  content: Readonly<Record<string, string>>;
  /** For what takes long. */
  step?: Step;
}

/** The name of a recipe's cache entry: the version and a digest of the recipe. */
export function cacheKey(recipe: Recipe): string {
  const parts = Object.entries(recipe.content).sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
  const digest = createHash("sha256")
    .update(JSON.stringify([recipe.name, recipe.version, parts]))
    .digest("hex");
  return `${recipe.version.replace(/[^\w.-]+/g, "_")}-${digest.slice(0, 16)}`;
}

/** The folder of a recipe's result. */
const entryOf = (root: string, recipe: Recipe) => path.join(root, recipe.name, cacheKey(recipe));

/** Reports whether the result of a recipe exists. */
export const isCached = (root: string, recipe: Recipe): boolean => existsSync(entryOf(root, recipe));

/** The content of all files below a folder by relative path, for {@link Recipe.content}. Links are followed. */
export async function filesOf(
  folder: string,
  keep: (file: string) => boolean = () => true,
): Promise<Record<string, string>> {
  const found: Record<string, string> = {};
  for (const entry of await fs.readdir(folder, { recursive: true, withFileTypes: true })) {
    const file = path.relative(folder, path.join(entry.parentPath ?? entry.path, entry.name));
    if (!entry.isDirectory() && keep(file)) found[file] = await fs.readFile(path.join(folder, file), "utf8");
  }
  return found;
}

/**
 * The folder with the result of a recipe, which is built if it does not exist.
 *
 * `build` writes to a temporary folder, which is renamed when it has finished, so an interrupted build leaves no entry. If
 * several processes need the same entry, one builds it and the others wait.
 */
export async function fill(
  root: string,
  recipe: Recipe,
  build: (folder: string) => Promise<void>,
  report: Report,
): Promise<string> {
  const shelf = path.join(root, recipe.name);
  const entry = entryOf(root, recipe);
  if (isCached(root, recipe)) return entry;
  await fs.mkdir(shelf, { recursive: true });
  return await withLock(path.join(shelf, ".lock"), recipe.name, report, async () => {
    if (isCached(root, recipe)) return entry;
    for (const line of recipe.step ? await steps.begin(recipe.step) : []) report(line);
    // While we hold the lock, these folders can only be left by an interrupted build. Names are never reused, because a
    // program of the interrupted build may still be writing.
    for (const left of (await fs.readdir(shelf)).filter((name) => name.startsWith(".building-"))) {
      await fs.rm(path.join(shelf, left), { recursive: true, force: true });
    }
    const building = await fs.mkdtemp(path.join(shelf, ".building-"));
    await fs.chmod(building, 0o755);
    try {
      await build(building);
      await fs.rename(building, entry);
    } finally {
      await fs.rm(building, { recursive: true, force: true });
    }
    return entry;
  });
}

/** The start time of a process in clock ticks since boot, if /proc exists. It detects a PID that was reused. */
function startOf(pid: number): string {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    // The second field, the name in parentheses, may contain spaces and parentheses.
    return stat.slice(stat.lastIndexOf(")") + 2).split(" ")[19] ?? "";
  } catch {
    return "";
  }
}

/** Reports whether the process that holds a lock is still running. */
export function ownerIsAlive(owner: string): boolean {
  const [pid, start] = owner.split("-");
  const number = Number(pid);
  if (!Number.isInteger(number) || number <= 0) return false;
  try {
    process.kill(number, 0);
  } catch (error) {
    // EPERM: the process exists and belongs to another user.
    if ((error as NodeJS.ErrnoException).code !== "EPERM") return false;
  }
  const now = startOf(number);
  return !start || !now || start === now;
}

/**
 * Runs `work` while no other process (or other call in this process) holds the lock.
 *
 * The lock is a folder with one file whose name identifies the owner. To take the lock, a folder with our file is renamed to
 * it, which the kernel refuses unless the target is empty. The file of a dead owner is removed by its exact name, so two
 * processes that find the same dead owner cannot remove each other's lock.
 */
export async function withLock<T>(
  lock: string,
  what: string,
  report: Report,
  work: () => Promise<T>,
  pollMs = 200,
): Promise<T> {
  const token = `${process.pid}-${startOf(process.pid)}-${randomBytes(4).toString("hex")}`;
  const ours = `${lock}.${token}`;
  let announced = false;
  for (;;) {
    await fs.mkdir(ours, { recursive: true });
    await fs.writeFile(path.join(ours, token), "");
    try {
      await fs.rename(ours, lock);
      break;
    } catch (error) {
      const code = (error as NodeJS.ErrnoException).code;
      if (code !== "ENOTEMPTY" && code !== "EEXIST") throw error;
    }
    const owners = await fs.readdir(lock).catch(() => []);
    const dead = owners.filter((owner) => !ownerIsAlive(owner));
    for (const owner of dead) await fs.rm(path.join(lock, owner), { force: true });
    if (dead.length > 0 || owners.length === 0) continue;
    if (!announced) {
      announced = true;
      const pid = owners[0]?.split("-")[0] ?? "?";
      report({
        en: `${what}: waiting for process ${pid}, which is building it`,
        ko: `${what}: 다른 프로세스(${pid})가 만드는 중이므로 끝날 때까지 기다립니다`,
      });
    }
    await new Promise((resolve) => setTimeout(resolve, pollMs));
  }
  try {
    return await work();
  } finally {
    await fs.rm(path.join(lock, token), { force: true });
    // Fails, as intended, if the next owner already holds the lock.
    await fs.rmdir(lock).catch(() => undefined);
  }
}
