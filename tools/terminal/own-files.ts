import { accessSync, constants, existsSync, lstatSync, readdirSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { LabError } from "../../text";

/** Whether a file is one that this user is kept out of. */
function keptOut(file: string): boolean {
  try {
    accessSync(file, constants.R_OK | constants.W_OK);
    return false;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EACCES";
  }
}

/** Everything in a folder; of one that may not be looked into, only the folder. */
function within(folder: string): string[] {
  try {
    return [folder, ...readdirSync(folder, { recursive: true, encoding: "utf8" }).map((name) => join(folder, name))];
  } catch {
    // That one, and perhaps more in it, is another's: the folder itself, or one of these, tells whose.
    return [folder, ...readdirSync(folder).map((name) => join(folder, name))];
  }
}

/** What a run writes: in this folder, and where Pulumi keeps its plugins. */
function written(): string[] {
  const settings = readdirSync(".").filter((name) => /^Pulumi\..*\.ya?ml$/.test(name));
  return [".", ".pulumi", ...settings, "node_modules", join(homedir(), ".pulumi")].filter((file) => existsSync(file));
}

/**
 * Finds what a run under sudo left behind, before it stops this one half-way.
 * @throws LabError that names what belongs to somebody else, and gives it back
 */
export function refuseOthersFiles(user = process.getuid?.(), isKeptOut = keptOut): void {
  // Windows has no such owners, and root may change everything.
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
  const who =
    first.owner === 0 ? { en: "root", ko: "root" } : { en: `user ${first.owner}`, ko: `${first.owner}번 사용자` };
  const back = `sudo chown -R $USER ${owners.map(({ top }) => top).join(" ")}`;
  throw new LabError({
    en: `You may not change ${names}: belongs to ${who.en}, as after a command under sudo. Take it back, and go on without sudo: ${back}`,
    ko: `${names} 파일을 바꿀 권한이 없습니다: sudo로 실행한 뒤처럼 소유자가 ${who.ko} 입니다. 소유자를 되돌리고 sudo 없이 계속하세요: ${back}`,
  });
}
