import { LabError } from "../text";
import { Arguments } from "./terminal/arguments";

/** The commands by name. Each module is loaded only when its command runs. */
export const commands: Record<string, (args: Arguments) => Promise<void>> = {
  up: async (args) => (await import("./commands/up")).up(args),
  preview: async (args) => (await import("./commands/preview")).preview(args),
  destroy: async (args) => (await import("./commands/destroy")).destroy(args),
  outputs: async (args) => (await import("./commands/outputs")).outputs(args),
  check: async (args) => (await import("./commands/check")).check(args),
  doctor: async (args) => (await import("./commands/doctor")).doctor(args),
  grade: async (args) => (await import("./commands/grade")).grade(args),
};

/** Commands that parse their own arguments and return their exit code. */
export const others: Record<string, (argv: string[]) => Promise<number>> = {
  review: async (argv) => (await import("./commands/review")).reviewCommand(argv),
  see: async (argv) => (await import("./commands/see")).seeCommand(argv),
  class: async (argv) => (await import("./commands/class")).classCommand(argv),
  shell: async (argv) => (await import("./commands/shell")).shellCommand(argv),
};

/** @throws LabError for a command that does not exist */
export function commandNamed(name: string): (args: Arguments) => Promise<void> {
  const command = Object.hasOwn(commands, name) ? commands[name] : undefined;
  if (command) return command;
  const names = [...Object.keys(commands), ...Object.keys(others)].join(", ");
  throw new LabError({
    en: `There is no command "${name}". Available commands: ${names}`,
    ko: `"${name}" 명령은 없습니다. 사용할 수 있는 명령: ${names}`,
  });
}
