import { copyFileSync, existsSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { project } from "../../config";
import { say } from "../terminal/language";
import { stateFile, stateIsHere } from "./stack";

function isJson(file: string): boolean {
  try {
    JSON.parse(readFileSync(file, "utf8"));
    return true;
  } catch {
    // Incomplete because of a killed run.
    return false;
  }
}

/**
 * Repairs files that Pulumi was writing when it was killed. The backend keeps an attributes file beside each file, which is
 * not written atomically: if it is incomplete, the state cannot be read, but it can be deleted. The state itself has a
 * backup from one step earlier, and objects created since are found by their label.
 * Call this only while no other run is using the stack.
 */
export function mendStateFiles(stack: string): void {
  const folder = `.pulumi/stacks/${project}`;
  if (!stateIsHere() || !existsSync(folder)) return;
  for (const name of readdirSync(folder).filter((file) => file.endsWith(".attrs"))) {
    if (!isJson(join(folder, name))) rmSync(join(folder, name));
  }
  const state = stateFile(stack);
  if (!existsSync(state) || isJson(state) || !isJson(`${state}.bak`)) return;
  copyFileSync(`${state}.bak`, state);
  say({
    en: "The state file is incomplete, because writing it was interrupted. Continuing with the backup from one step earlier.",
    ko: "상태 파일을 저장하는 도중에 중단되었습니다. 한 단계 이전의 백업으로 계속합니다.",
  });
}
