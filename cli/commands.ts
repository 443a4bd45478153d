import { LabError } from "../text";
import { Arguments } from "./arguments";

/** The commands by what is typed after `npm run`, each loaded when it is asked for. */
export const commands: Record<string, (args: Arguments) => Promise<void>> = {
  up: async (args) => (await import("./up")).up(args),
  preview: async (args) => (await import("./preview")).preview(args),
  destroy: async (args) => (await import("./destroy")).destroy(args),
  outputs: async (args) => (await import("./outputs")).outputs(args),
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
