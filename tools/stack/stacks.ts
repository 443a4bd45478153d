import { existsSync, readdirSync } from "node:fs";
import { basename, dirname } from "node:path";
import { LabError } from "../../text";
import { say } from "../terminal/language";
import { stackFile } from "./settings";
import { stateFile, stateIsHere } from "./stack";

const usual = "dev";

/** Reports whether a stack exists; undefined if the state is stored elsewhere, so that only Pulumi knows. */
export const isMade = (stack: string): boolean | undefined =>
  stateIsHere() ? existsSync(stateFile(stack)) : undefined;

/** The stacks in this folder, with a state or with settings. */
function knownStacks(): string[] {
  const folder = dirname(stateFile(usual));
  const made = stateIsHere() && existsSync(folder) ? readdirSync(folder).filter((file) => file.endsWith(".json")) : [];
  const described = readdirSync(".").flatMap((file) => /^Pulumi\.(.+)\.yaml$/.exec(file)?.[1] ?? []);
  return [...new Set([...made.map((file) => basename(file, ".json")), ...described])].sort();
}

export function noStack(stack: string): LabError {
  const names = knownStacks().join(", ");
  return new LabError({
    en: `There is no stack ${stack}. ${names ? `Existing stacks: ${names}` : "There are no stacks in this folder"}. Nothing was done. To create it: npm run up -- --stack ${stack}`,
    ko: `${stack} 스택은 없습니다. ${names ? `있는 스택: ${names}` : "이 폴더에는 스택이 없습니다"}. 아무것도 실행하지 않았습니다. 새로 만들려면: npm run up -- --stack ${stack}`,
  });
}

/**
 * Refuses a stack that does not exist, unless it is the default or has settings, so that it may be created later.
 * @throws LabError that lists the existing stacks
 */
export function requireStack(stack: string): void {
  if (stack === usual || isMade(stack) !== false || existsSync(stackFile(stack))) return;
  throw noStack(stack);
}

/** Reports that a stack will be created if there are other stacks, because one of them may have been meant. */
export function tellNew(stack: string): void {
  const others = knownStacks().filter((name) => name !== stack);
  if (isMade(stack) !== false || others.length === 0) return;
  const file = stackFile(stack);
  const bare = !existsSync(file);
  say({
    en: `Creating the new stack ${stack}${bare ? `. There is no ${file}, so all settings have their defaults and all labs are enabled` : ""}. Other stacks in this folder: ${others.join(", ")}`,
    ko: `${stack} 스택을 새로 만듭니다${bare ? `. ${file} 파일이 없으므로 모든 설정에 기본값이 적용되고 모든 실습이 활성화됩니다` : ""}. 이 폴더의 다른 스택: ${others.join(", ")}`,
  });
}
