// git's clean filter for Pulumi.<stack>.yaml: what git sees is the file without the salt of this machine's passphrase.
import { readFileSync } from "node:fs";

process.stdout.write(readFileSync(0, "utf8").replace(/^encryptionsalt:.*\r?\n?/gm, ""));
