import { createHash, randomBytes } from "node:crypto";
import * as fs from "node:fs/promises";
import { existsSync, readFileSync } from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { Text } from "../../../text";

export type Report = (line: Text) => void;

/** Where what was built is kept: outside the tree, so that a fresh clone finds it again. */
export function cacheRoot(env: NodeJS.ProcessEnv = process.env, home: string = os.homedir()): string {
  if (env.COURSE_LABS_CACHE) return path.resolve(env.COURSE_LABS_CACHE);
  // The XDG specification has relative paths ignored.
  if (env.XDG_CACHE_HOME && path.isAbsolute(env.XDG_CACHE_HOME)) return path.join(env.XDG_CACHE_HOME, "course-labs");
  return path.join(home, ".cache", "course-labs");
}

/** Everything that decides what comes out of a build. */
export interface Recipe {
  /** What it is called, a folder name, such as "pulumi". */
  name: string;
  /** Its version, for a person who looks into the cache. */
  version: string;
  /** All that the result depends on: arguments, and the text of files by name. */
  content: Readonly<Record<string, string>>;
}

/** The name of a recipe's entry in the cache: the version, and a digest that changes with any part of the recipe. */
export function cacheKey(recipe: Recipe): string {
  const parts = Object.entries(recipe.content).sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
  const digest = createHash("sha256")
    .update(JSON.stringify([recipe.name, recipe.version, parts]))
    .digest("hex");
  return `${recipe.version.replace(/[^\w.-]+/g, "_")}-${digest.slice(0, 16)}`;
}

/** The text of every file below a folder by relative path, links followed, for {@link Recipe.content}. */
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
 * The folder that holds what a recipe makes, made now unless it is there.
 *
 * `build` writes into a folder of its own that becomes the entry in one step when `build` returns, so an interrupted
 * build leaves no entry, and of several that want the same entry one builds and the others wait for it.
 */
export async function fill(
  root: string,
  recipe: Recipe,
  build: (folder: string) => Promise<void>,
  report: Report,
): Promise<string> {
  const shelf = path.join(root, recipe.name);
  const entry = path.join(shelf, cacheKey(recipe));
  if (existsSync(entry)) return entry;
  await fs.mkdir(shelf, { recursive: true });
  return await withLock(path.join(shelf, ".lock"), recipe.name, report, async () => {
    if (existsSync(entry)) return entry;
    // The lock is ours, so whatever lies here was left by a build that was interrupted. The name is a new one each time:
    // a program that outlived the killed build must not write into ours.
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

/** When a process started, in clock ticks since boot, where /proc tells: a number that is used again is told apart. */
function startOf(pid: number): string {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    // The second field, the name in parentheses, may itself hold spaces and parentheses.
    return stat.slice(stat.lastIndexOf(")") + 2).split(" ")[19] ?? "";
  } catch {
    return "";
  }
}

/** Whether the process that a lock's file names still runs. */
export function ownerIsAlive(owner: string): boolean {
  const [pid, start] = owner.split("-");
  const number = Number(pid);
  if (!Number.isInteger(number) || number <= 0) return false;
  try {
    process.kill(number, 0);
  } catch (error) {
    // EPERM: there is such a process, and it is someone else's.
    if ((error as NodeJS.ErrnoException).code !== "EPERM") return false;
  }
  const now = startOf(number);
  return !start || !now || start === now;
}

/**
 * Runs `work` while no other process (or other call in this one) holds the lock.
 *
 * The lock is a folder with one file whose name says who holds it. It is taken by renaming a folder that holds our
 * file onto it, which the kernel refuses while a file lies there. A dead owner's file is removed by its exact name, so
 * two that find the same dead owner cannot remove each other's lock.
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
  let told = false;
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
    if (!told) {
      told = true;
      const pid = owners[0]?.split("-")[0] ?? "?";
      report({
        en: `${what}: waiting for process ${pid}, which is making it`,
        ko: `${what}: 만들고 있는 프로세스 ${pid} 을(를) 기다립니다`,
      });
    }
    await new Promise((resolve) => setTimeout(resolve, pollMs));
  }
  try {
    return await work();
  } finally {
    await fs.rm(path.join(lock, token), { force: true });
    // Refused when the next one already holds it, which is what is wanted.
    await fs.rmdir(lock).catch(() => undefined);
  }
}
