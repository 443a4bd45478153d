// Every stack writes its encryption salt into Pulumi.<stack>.yaml, a tracked file. The salt belongs to one machine's
// passphrase: committed, it would lock everyone else out. `npm install` runs this, so that git never sees the salt and
// a run never leaves a changed tree. https://git-scm.com/docs/gitattributes#_filter
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

/** Tells this clone's git to leave the salt out; does nothing where the project is not a clone. */
export function keepSaltOutOfGit() {
  const root = dirname(dirname(fileURLToPath(import.meta.url)));
  if (!existsSync(join(root, ".git"))) return;
  for (const [key, value] of [
    ["filter.pulumi-salt.clean", "node cli/strip-salt.mjs"],
    ["filter.pulumi-salt.smudge", "cat"],
  ]) {
    spawnSync("git", ["config", key, value], { cwd: root });
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) keepSaltOutOfGit();
