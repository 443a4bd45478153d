// Pulumi writes the encryption salt of a stack into Pulumi.<stack>.yaml, a tracked file. The salt belongs to the passphrase
// of one machine: if it were committed, nobody else could use the stack. `npm install` runs this script, so that git never
// sees the salt and a run leaves no changes. https://git-scm.com/docs/gitattributes#_filter
import { spawnSync } from "node:child_process";
import { existsSync, readdirSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const git = (...args) => spawnSync("git", args, { cwd: root });

/** Sets up the filter in this clone; does nothing outside of a clone. */
export function keepSaltOutOfGit() {
  if (!existsSync(join(root, ".git"))) return;
  git("config", "filter.pulumi-salt.clean", "node tools/strip-salt.mjs");
  git("config", "filter.pulumi-salt.smudge", "cat");
}

/** git reports a file with a different size as changed without running the filter. `git add` makes it record the new size. */
export function refreshGit() {
  if (!existsSync(join(root, ".git"))) return;
  for (const file of readdirSync(root).filter((name) => /^Pulumi\..+\.yaml$/.test(name))) {
    const tracked = git("ls-files", "--error-unmatch", "--", file).status === 0;
    if (tracked && git("diff", "--quiet", "--", file).status === 0) git("add", "--", file);
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) keepSaltOutOfGit();
