import { execFileSync, spawnSync } from "node:child_process";
import {
  cpSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readlinkSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { npmProgram } from "../install/npm";
import { withoutSalt } from "../stack/settings";
import { LabError } from "../../text";

/** Files of one revision, in a folder that nobody else uses. */
export interface Tree {
  folder: string;
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

interface Place {
  top: string;
  /** From there to the folder: empty, or `course/labs/`. */
  prefix: string;
}

/**
 * Finds the repository that a folder is in.
 * @throws LabError where there is none, or git cannot read it
 */
export function placeOf(root: string): Place {
  try {
    const top = git(root, ["rev-parse", "--show-toplevel"]);
    return { top, prefix: git(root, ["rev-parse", "--show-prefix"]) };
  } catch (error) {
    const { code, stderr } = error as { code?: string; stderr?: string };
    if (code === "ENOENT") {
      throw new LabError({
        en: "git is not installed here, and a review compares with an earlier revision. Install it: https://git-scm.com/downloads",
        ko: "git이 설치되어 있지 않습니다. 검토는 이전 리비전과 비교하므로 git이 필요합니다. 설치: https://git-scm.com/downloads",
      });
    }
    const reason = (stderr ?? "").trim().split("\n")[0] ?? "";
    throw new LabError({
      en: `git finds no earlier revision to compare with in ${root}: ${reason}. If this folder is a downloaded ZIP, it has no history: clone the project with git clone, make the change there, and run the review in that folder.`,
      ko: `${root} 폴더에서 비교할 이전 리비전을 git이 찾지 못합니다: ${reason}. 내려받은 ZIP이라면 기록이 없습니다. git clone 명령으로 프로젝트를 복제하여 거기에서 변경하고 검토하세요.`,
    });
  }
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
  const { program, first, shell } = npmProgram();
  const { status } = spawnSync(
    program,
    [...first, "ci", "--include=dev", "--no-audit", "--no-fund", "--loglevel=error"],
    {
      cwd: folder,
      stdio: ["ignore", 2, 2],
      shell,
    },
  );
  // On a full disk npm may report success, but keeps no list.
  if (status !== 0 || !existsSync(join(folder, "node_modules", ".package-lock.json"))) {
    throw new LabError({
      en: `npm could not install the dependencies that the base asks for in ${folder}. See its message above; if there is none, the disk may be full.`,
      ko: `npm이 기준 리비전의 의존성을 모두 설치하지 못했습니다(${folder}). 위의 메시지를 확인하세요. 메시지가 없다면 디스크가 가득 찼을 수 있습니다.`,
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
  const { top, prefix } = placeOf(root);
  const verified = (revision: string) => git(root, ["rev-parse", "--verify", "--end-of-options", revision]);
  let [commit, revision] = ["", ""];
  try {
    commit = verified(`${ref}^{commit}`);
    try {
      commit = git(root, ["merge-base", commit, "HEAD"]);
    } catch {
      // Too little history was fetched, or they have none in common: compared with the revision itself.
    }
    revision = verified(prefix === "" ? commit : `${commit}:${prefix.replace(/\/$/, "")}`);
  } catch {
    const folder = prefix === "" ? top : join(top, prefix);
    throw new LabError({
      en: `--base is "${ref}": git knows no such revision of ${folder}. Fetch it (git fetch origin ${ref.replace(/^origin\//, "")}), or name another one, for example --base main`,
      ko: `--base 값이 "${ref}"인데, ${folder} 폴더의 그런 리비전이 git에 없습니다. 가져오거나 (git fetch origin ${ref.replace(/^origin\//, "")}) 다른 리비전을 지정하세요. 예: --base main`,
    });
  }
  const tree = temporary("base");
  const index = join(tree.folder, ".index");
  const into = `${tree.folder}/`;
  // Not a work tree of git's, which would have to be cleared away in .git as well. From the top: below it, git would leave
  // out what is not in the same folder of the index.
  git(top, ["read-tree", revision], { GIT_INDEX_FILE: index });
  git(top, ["checkout-index", "--all", `--prefix=${into}`], { GIT_INDEX_FILE: index });
  rmSync(index);
  return { commit, tree };
}

export function headTree(root: string, stack: string): Tree {
  const tree = temporary("head");
  try {
    for (const file of listed(git(root, ["ls-files", "-z", "--cached", "--others", "--exclude-standard"]))) {
      const [from, to] = [join(root, file), join(tree.folder, file)];
      const found = lstatSync(from, { throwIfNoEntry: false });
      // One that is deleted, but not committed so yet.
      if (!found) continue;
      mkdirSync(dirname(to), { recursive: true });
      // A link stays a link, as git has it, wherever it leads; cpSync of Node.js 22 and later refuses one that leads nowhere.
      if (found.isSymbolicLink()) symlinkSync(readlinkSync(from), to);
      else cpSync(from, to, { recursive: true });
    }
    settle(root, tree, stack);
    return tree;
  } catch (error) {
    tree.remove();
    throw error;
  }
}

export function changedFiles(root: string, commit: string): string[] {
  const changed = listed(git(root, ["diff", "--name-only", "-z", "--no-renames", "--relative", commit, "--", "."]));
  // A stack's file that git does not know is somebody's own, and no part of the change.
  const added = listed(git(root, ["ls-files", "-z", "--others", "--exclude-standard", "--", "."])).filter(
    (file) => !/^Pulumi\..+\.yaml$/.test(file),
  );
  return [...new Set([...changed, ...added])].sort();
}

/** What files that were moved since a commit were called in it. */
export function formerNames(root: string, commit: string): Map<string, string> {
  const asked = ["diff", "--name-status", "--diff-filter=R", "--find-renames", "-z", "--relative", commit, "--", "."];
  const told = listed(git(root, asked));
  // How alike they are, the old name, the new name.
  return new Map(told.flatMap((_, i) => (i % 3 === 0 ? [[told[i + 2]!, told[i + 1]!] as const] : [])));
}

export function shareState(root: string, tree: Tree): void {
  const state = resolve(root, ".pulumi");
  mkdirSync(state, { recursive: true });
  symlinkSync(state, join(tree.folder, ".pulumi"), "junction");
}
