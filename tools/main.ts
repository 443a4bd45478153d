import { LabError } from "../text";
import { parseArguments, usage } from "./terminal/arguments";
import { commandNamed, others } from "./commands";
import { interruptible } from "./terminal/interruption";
import { say, told } from "./terminal/language";
import { watchOutput } from "./terminal/output-errors";
import { refuseOthersFiles } from "./terminal/own-files";

/** Runs one command. A LabError is printed without a stack trace. */
export async function main([name = "", ...argv]: string[]): Promise<void> {
  watchOutput();
  const other = Object.hasOwn(others, name) ? others[name] : undefined;
  if (other) {
    return interruptible(async () => {
      process.exitCode = await other(argv);
    });
  }
  try {
    const args = parseArguments(argv, name);
    if (args.help) return console.log(told(usage));
    refuseOthersFiles();
    const command = commandNamed(name);
    await interruptible(() => command(args));
  } catch (error) {
    if (!(error instanceof LabError)) throw error;
    say({ en: `\n${error.text.en}`, ko: `\n${error.text.ko}` });
    process.exitCode = 1;
  }
}
