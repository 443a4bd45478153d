// git's clean filter for Pulumi.<stack>.yaml: removes the salt, which belongs to the passphrase of this machine.
import { readFileSync } from "node:fs";

process.stdout.write(readFileSync(0, "utf8").replace(/^encryptionsalt:.*\r?\n?/gm, ""));
