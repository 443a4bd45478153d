import { accessSync, constants, existsSync, lstatSync, readdirSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { LabError } from "../../text";

function keptOut(file: string): boolean {
  try {
    accessSync(file, constants.R_OK | constants.W_OK);
    return false;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EACCES";
  }
}

function within(folder: string): string[] {
  try {
    return [folder, ...readdirSync(folder, { recursive: true, encoding: "utf8" }).map((name) => join(folder, name))];
  } catch {
    // A subfolder cannot be read; its owner can be seen one level up.
    return [folder, ...readdirSync(folder).map((name) => join(folder, name))];
  }
}

function written(): string[] {
  const settings = readdirSync(".").filter((name) => /^Pulumi\..*\.ya?ml$/.test(name));
  return [".", ".pulumi", ...settings, "node_modules", join(homedir(), ".pulumi")].filter((file) => existsSync(file));
}

/**
 * Finds files left by a run with sudo, before they make this run fail half-way.
 * @throws LabError that lists them with the command that changes their owner
 */
export function refuseOthersFiles(user = process.getuid?.(), isKeptOut = keptOut): void {
  // Windows has no such owners, and root may change all files.
  if (user === undefined || user === 0) return;
  const owners = written().flatMap((top) => {
    const all = top === ".pulumi" ? within(top) : [top];
    const others = all.map((file) => ({ file, uid: lstatSync(file).uid })).filter(({ uid }) => uid !== user);
    const owner = others.find(({ file }) => isKeptOut(file))?.uid;
    return owner === undefined ? [] : [{ top, owner }];
  });
  const [first] = owners;
  if (!first) return;
  const names = owners.map(({ top }) => (top === "." ? process.cwd() : top)).join(", ");
  const who = first.owner === 0 ? { en: "root", ko: "root" } : { en: `user ${first.owner}`, ko: `UID ${first.owner}` };
  const back = `sudo chown -R $USER ${owners.map(({ top }) => top).join(" ")}`;
  throw new LabError({
    en: `You have no permission to change ${names}. The owner is ${who.en}, probably because a command was run with sudo. Change the owner back, then continue without sudo: ${back}`,
    ko: `파일을 변경할 권한이 없습니다: ${names} (소유자: ${who.ko}). sudo로 명령을 실행했을 때 이렇게 됩니다. 소유자를 되돌린 뒤 sudo 없이 다시 실행하세요: ${back}`,
  });
}
