import { existsSync, readdirSync } from "node:fs";
import { basename, dirname } from "node:path";
import { LabError } from "../../text";
import { say } from "../terminal/language";
import { stackFile } from "./settings";
import { stateFile, stateIsHere } from "./stack";

const usual = "dev";

/** Whether a stack was made; undefined where its state is elsewhere, so that only Pulumi can tell. */
export const isMade = (stack: string): boolean | undefined =>
  stateIsHere() ? existsSync(stateFile(stack)) : undefined;

/** The stacks that were made here, or that have settings. */
function knownStacks(): string[] {
  const folder = dirname(stateFile(usual));
  const made = stateIsHere() && existsSync(folder) ? readdirSync(folder).filter((file) => file.endsWith(".json")) : [];
  const described = readdirSync(".").flatMap((file) => /^Pulumi\.(.+)\.yaml$/.exec(file)?.[1] ?? []);
  return [...new Set([...made.map((file) => basename(file, ".json")), ...described])].sort();
}

/** That there is no such stack, with those that there are. */
export function noStack(stack: string): LabError {
  const names = knownStacks().join(", ");
  return new LabError({
    en: `There is no stack ${stack}. ${names ? `There are: ${names}` : "There is none here"}. Nothing was done. To make that one: npm run up -- --stack ${stack}`,
    ko: `${stack} 스택은 없습니다. ${names ? `있는 스택: ${names}` : "여기에는 스택이 없습니다"}. 아무것도 하지 않았습니다. 새로 만들려면: npm run up -- --stack ${stack}`,
  });
}

/**
 * Sees to it that a command that makes no stack was given one that there is; the usual one, or one with settings, may be
 * made later.
 * @throws LabError that names those that there are
 */
export function requireStack(stack: string): void {
  if (stack === usual || isMade(stack) !== false || existsSync(stackFile(stack))) return;
  throw noStack(stack);
}

/** Says that a stack is about to be made where there are others, one of which may have been meant. */
export function tellNew(stack: string): void {
  const others = knownStacks().filter((name) => name !== stack);
  if (isMade(stack) !== false || others.length === 0) return;
  const file = stackFile(stack);
  const bare = !existsSync(file);
  say({
    en: `Stack ${stack} is new${bare ? `, and there is no ${file}: every setting is the default, so all labs are on` : ""}. Other stacks here: ${others.join(", ")}`,
    ko: `${stack} 스택을 새로 만듭니다${bare ? `. ${file} 파일이 없어 모든 설정이 기본값이고 실습이 모두 켜집니다` : ""}. 여기에 있는 다른 스택: ${others.join(", ")}`,
  });
}
