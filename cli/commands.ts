import { LabError } from "../text";
import { Arguments } from "./arguments";
import { destroy } from "./destroy";
import { outputs } from "./outputs";
import { preview } from "./preview";
import { up } from "./up";

/** The commands by what is typed after `npm run`. */
export const commands: Record<string, (args: Arguments) => Promise<void>> = {
  up,
  preview,
  destroy,
  outputs,
  // Loaded only when asked for: up and preview start without what these need.
  check: async (args) => (await import("./check")).check(args),
  doctor: async (args) => (await import("./doctor")).doctor(args),
  grade: async (args) => (await import("./grade")).grade(args),
};

/** @throws LabError for a command that does not exist */
export function commandNamed(name: string): (args: Arguments) => Promise<void> {
  const command = Object.hasOwn(commands, name) ? commands[name] : undefined;
  if (command) return command;
  const names = Object.keys(commands).join(", ");
  throw new LabError({
    en: `There is no command "${name}". There are: ${names}`,
    ko: `"${name}" 명령은 없습니다. 쓸 수 있는 명령: ${names}`,
  });
}
