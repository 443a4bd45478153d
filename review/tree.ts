import { execFileSync, spawnSync } from "node:child_process";
import {
  cpSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { withoutSalt } from "../cli/settings";
import { LabError } from "../text";

/** Files of one revision, in a folder that nobody else uses. */
export interface Tree {
  folder: string;
  /** Removes the folder. */
  remove(): void;
}

export interface Base extends Tree {
  commit: string;
}

function git(root: string, args: readonly string[], env: NodeJS.ProcessEnv = {}): string {
  return execFileSync("git", args, {
    cwd: root,
    encoding: "utf8",
    stdio: ["ignore", "pipe", "pipe"],
    maxBuffer: 64 << 20,
    env: { ...process.env, ...env },
  }).trim();
}

const listed = (text: string) => text.split("\0").filter(Boolean);

function temporary(name: string): Tree {
  const folder = mkdtempSync(join(tmpdir(), `course-labs-${name}-`));
  return { folder, remove: () => rmSync(folder, { recursive: true, force: true }) };
}

/** The packages of a tree: those of this folder where both ask for the same ones, else its own. */
function packages(root: string, folder: string): void {
  const lock = (at: string) => {
    const file = join(at, "package-lock.json");
    return existsSync(file) ? readFileSync(file, "utf8") : "";
  };
  if (lock(root) === lock(folder)) {
    symlinkSync(join(root, "node_modules"), join(folder, "node_modules"), "junction");
    return;
  }
  // Windows starts no npm.cmd without a shell; whoever typed npm tells where its program is.
  const [npm, ...first] = process.env.npm_execpath ? [process.execPath, process.env.npm_execpath] : ["npm"];
  const { status } = spawnSync(npm, [...first, "ci", "--include=dev", "--no-audit", "--no-fund", "--loglevel=error"], {
    cwd: folder,
    stdio: ["ignore", 2, 2],
    shell: npm === "npm" && process.platform === "win32",
  });
  if (status !== 0) {
    throw new LabError({
      en: "npm could not install the dependencies that the base asks for. See its message above.",
      ko: "npm 이 비교 기준의 의존성을 설치하지 못했습니다. 위의 메시지를 확인하세요.",
    });
  }
}

/** Makes a tree ready to be run. A salt belongs to this machine's passphrase, which is not what is compared. */
function settle(root: string, tree: Tree, stack: string): void {
  const stackFile = join(tree.folder, `Pulumi.${stack}.yaml`);
  if (existsSync(stackFile)) writeFileSync(stackFile, withoutSalt(readFileSync(stackFile, "utf8")));
  packages(root, tree.folder);
}

/**
 * The files of the base: what the change began with, where git can tell, else the revision itself.
 * @throws LabError when there is no such revision here
 */
export function baseTree(root: string, ref: string, stack: string): Base {
  const { commit, tree } = checkout(root, ref);
  try {
    settle(root, tree, stack);
    return { ...tree, commit };
  } catch (error) {
    tree.remove();
    throw error;
  }
}

function checkout(root: string, ref: string): { commit: string; tree: Tree } {
  let commit: string;
  try {
    commit = git(root, ["rev-parse", "--verify", "--quiet", "--end-of-options", `${ref}^{commit}`]);
  } catch {
    throw new LabError({
      en: `--base is "${ref}": git knows no such revision here. Fetch it (git fetch origin ${ref.replace(/^origin\//, "")}), or name another one, for example --base main`,
      ko: `--base 값이 "${ref}" 입니다: git 에 그런 리비전이 없습니다. 가져오거나 (git fetch origin ${ref.replace(/^origin\//, "")}) 다른 것을 지정하세요. 예: --base main`,
    });
  }
  try {
    commit = git(root, ["merge-base", commit, "HEAD"]);
  } catch {
    // Too little history was fetched, or they have none in common: compared with the revision itself.
  }
  const tree = temporary("base");
  const index = join(tree.folder, ".index");
  const prefix = `${tree.folder}/`;
  // Not a work tree of git's, which would have to be cleared away in .git as well.
  git(root, ["read-tree", commit], { GIT_INDEX_FILE: index });
  git(root, ["checkout-index", "--all", `--prefix=${prefix}`], { GIT_INDEX_FILE: index });
  rmSync(index);
  return { commit, tree };
}

/** The files as they are in this folder now, committed or not. */
export function headTree(root: string, stack: string): Tree {
  const tree = temporary("head");
  try {
    for (const file of listed(git(root, ["ls-files", "-z", "--cached", "--others", "--exclude-standard"]))) {
      // One that is deleted, but not committed so yet.
      if (!lstatSync(join(root, file), { throwIfNoEntry: false })) continue;
      mkdirSync(dirname(join(tree.folder, file)), { recursive: true });
      // A link stays a link, as git has it, wherever it leads.
      cpSync(join(root, file), join(tree.folder, file), { recursive: true, verbatimSymlinks: true });
    }
    settle(root, tree, stack);
    return tree;
  } catch (error) {
    tree.remove();
    throw error;
  }
}

/** Files below folders that differ from a commit, committed or not. */
export function changedFiles(root: string, commit: string, below: readonly string[]): string[] {
  const changed = listed(git(root, ["diff", "--name-only", "-z", "--no-renames", commit, "--", ...below]));
  // A stack's file that git does not know is somebody's own, and no part of the change.
  const added = listed(git(root, ["ls-files", "-z", "--others", "--exclude-standard", "--", ...below])).filter(
    (file) => !/^Pulumi\..+\.yaml$/.test(file),
  );
  return [...new Set([...changed, ...added])].sort();
}

/** Lets a tree work on the state of this folder. */
export function shareState(root: string, tree: Tree): void {
  const state = resolve(root, ".pulumi");
  mkdirSync(state, { recursive: true });
  symlinkSync(state, join(tree.folder, ".pulumi"), "junction");
}
