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
    // Cut off by a killed run, which is what was asked.
    return false;
  }
}

/**
 * Mends what Pulumi was writing when it was killed. Beside each file its backend keeps one of attributes that is not
 * replaced at once but written in place: half of it makes the state unreadable, and nothing of it is missed. The state
 * itself has a copy from one step earlier; what was made since is found by its label.
 * Call it only when no other run is at work on the stack.
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
    en: "The state was cut off while it was written: going on from the copy of one step earlier.",
    ko: "상태 파일을 쓰는 도중에 중단되었습니다: 한 단계 전의 사본에서 이어 갑니다.",
  });
}
