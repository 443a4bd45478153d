// Every stack writes its encryption salt into Pulumi.<stack>.yaml, a tracked file. The salt belongs to one machine's
// passphrase: committed, it would lock everyone else out. `npm install` runs this, so that git never sees the salt and
// a run never leaves a changed tree. https://git-scm.com/docs/gitattributes#_filter
import { spawnSync } from "node:child_process";
import { existsSync, readdirSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const git = (...args) => spawnSync("git", args, { cwd: root });

/** Tells this clone's git to leave the salt out; does nothing where the project is not a clone. */
export function keepSaltOutOfGit() {
  if (!existsSync(join(root, ".git"))) return;
  git("config", "filter.pulumi-salt.clean", "node tools/strip-salt.mjs");
  git("config", "filter.pulumi-salt.smudge", "cat");
}

/** git takes another size for a change, without asking the filter; where there is none, it is told the new size. */
export function refreshGit() {
  if (!existsSync(join(root, ".git"))) return;
  for (const file of readdirSync(root).filter((name) => /^Pulumi\..+\.yaml$/.test(name))) {
    const tracked = git("ls-files", "--error-unmatch", "--", file).status === 0;
    if (tracked && git("diff", "--quiet", "--", file).status === 0) git("add", "--", file);
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) keepSaltOutOfGit();
