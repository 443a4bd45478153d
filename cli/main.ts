import { LabError } from "../text";
import { parseArguments, usage } from "./arguments";
import { commandNamed } from "./commands";
import { interruptible } from "./interruption";
import { say } from "./language";
import { watchOutput } from "./output-errors";
import { refuseOthersFiles } from "./own-files";

/** Runs one command; what a person has to act on is told without a stack trace. */
export async function main([name = "", ...argv]: string[]): Promise<void> {
  watchOutput();
  try {
    const args = parseArguments(argv, name);
    if (args.help) return say(usage);
    refuseOthersFiles();
    const command = commandNamed(name);
    await interruptible(() => command(args));
  } catch (error) {
    if (!(error instanceof LabError)) throw error;
    say({ en: `\n${error.text.en}`, ko: `\n${error.text.ko}` });
    process.exitCode = 1;
  }
}
