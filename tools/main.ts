import { LabError } from "../text";
import { parseArguments, usage } from "./terminal/arguments";
import { commandNamed, others } from "./commands";
import { interruptible } from "./terminal/interruption";
import { say, told } from "./terminal/language";
import { refuseTaken } from "./terminal/options";
import { ofDisk, watchOutput } from "./terminal/output-errors";
import { refuseOthersFiles } from "./terminal/own-files";

/** The exit code for a mistake in this project: no check failed then, and nothing was found. @see sysexits.h, EX_SOFTWARE */
const ours = 70;

/** Tells why a command failed. @returns its exit code */
export function tellOf(error: unknown): number {
  if (error instanceof LabError) {
    say({ en: `\n${error.text.en}`, ko: `\n${error.text.ko}` });
    return 1;
  }
  const disk = ofDisk(error);
  if (disk) return tellOf(disk);
  say({
    en: "\nThis is an error in the course labs themselves, not in your work. Please report it with everything below:",
    ko: "\n실습 도구 자체의 오류이며, 작업하신 내용의 문제가 아닙니다. 아래 내용을 모두 담아 알려 주세요:",
  });
  console.error(error);
  return ours;
}

/** Runs one command. A LabError is printed without a stack trace. */
export async function main([name = "", ...argv]: string[]): Promise<void> {
  watchOutput();
  try {
    refuseTaken(name);
    const other = Object.hasOwn(others, name) ? others[name] : undefined;
    if (other) {
      return await interruptible(async () => {
        process.exitCode = await other(argv);
      });
    }
    const args = parseArguments(argv, name);
    if (args.help) return console.log(told(usage));
    refuseOthersFiles();
    const command = commandNamed(name);
    await interruptible(() => command(args));
  } catch (error) {
    process.exitCode = tellOf(error);
  }
}
