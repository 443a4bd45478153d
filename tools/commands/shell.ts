// npm run --silent shell: what a shell needs for plain `pulumi`, as lines for it to run.
import { delimiter, resolve } from "node:path";
import { parseArgs } from "node:util";
import { LabError, Text } from "../../text";
import { useDocker } from "../docker/docker";
import { say } from "../terminal/language";
import { addToPath, onPath } from "../install/path";
import { settingsOf } from "../stack/settings";
import { passphrase } from "../stack/stack";
import { downloadedTools, toolchain } from "../install/toolchain";

export type Shell = "posix" | "fish" | "powershell";

/** How each shell has a text stand for itself, whatever is in it. */
const quoted: Record<Shell, (text: string) => string> = {
  posix: (text) => `'${text.replaceAll("'", `'\\''`)}'`,
  fish: (text) => `'${text.replace(/[\\']/g, "\\$&")}'`,
  // PowerShell takes the curly ones for quotation marks, too.
  powershell: (text) => `'${text.replace(/['\u2018-\u201b]/g, "$&$&")}'`,
};

const sets: Record<Shell, (name: string, value: string) => string> = {
  posix: (name, value) => `export ${name}=${value};`,
  fish: (name, value) => `set -gx ${name} ${value};`,
  powershell: (name, value) => `$env:${name} = ${value};`,
};
const unsets: Record<Shell, (name: string) => string> = {
  posix: (name) => `unset ${name};`,
  fish: (name) => `set -e ${name};`,
  powershell: (name) => `Remove-Item Env:${name};`,
};
/** Folders go before what the shell itself has: npm runs this with folders of its own on PATH. */
const prepends: Record<Shell, (folders: readonly string[]) => string> = {
  posix: (folders) => `export PATH=${quoted.posix(folders.join(":"))}:"$PATH";`,
  fish: (folders) => `set -gx PATH ${folders.map(quoted.fish).join(" ")} $PATH;`,
  powershell: (folders) => `$env:PATH = ${quoted.powershell(folders.join(delimiter) + delimiter)} + $env:PATH;`,
};

/** The lines that make of one environment the other. */
export function script(shell: Shell, before: NodeJS.ProcessEnv, after: NodeJS.ProcessEnv): string {
  const folders = (env: NodeJS.ProcessEnv) => (env.PATH ?? "").split(delimiter);
  const added = folders(after).filter((folder) => !folders(before).includes(folder));
  const names = [...new Set([...Object.keys(before), ...Object.keys(after)])].filter((name) => !/^path$/i.test(name));
  const changed = names.filter((name) => before[name] !== after[name]).sort();
  const lines = changed.map((name) => {
    const value = after[name];
    return value === undefined ? unsets[shell](name) : sets[shell](name, quoted[shell](value));
  });
  return [...(added.length > 0 ? [prepends[shell](added)] : []), ...lines].map((line) => `${line}\n`).join("");
}

export const shellUsage: Text = {
  en: `Puts pulumi and what it needs on the PATH of this shell, with the stack's passphrase. Type, in this folder:
  bash, zsh     eval "$(npm run --silent shell)"
  fish          npm run --silent shell -- --fish | source
  PowerShell    npm.cmd run --silent shell -- --powershell | Out-String | Invoke-Expression
  --stack NAME  for another stack (default: dev)
  --lang ko|en  language of the messages`,
  ko: `이 셸의 PATH 에 pulumi 와 필요한 것을 넣고 스택의 암호를 지정합니다. 이 폴더에서 입력하세요:
  bash, zsh     eval "$(npm run --silent shell)"
  fish          npm run --silent shell -- --fish | source
  PowerShell    npm.cmd run --silent shell -- --powershell | Out-String | Invoke-Expression
  --stack 이름  다른 스택 (기본값: dev)
  --lang ko|en  메시지 언어`,
};

/**
 * Prints the lines for a shell. Gets the CLI and the plugins of the labs that are on where they are missing; makes
 * nothing else, and starts nothing.
 * @returns the exit code
 */
export async function shellCommand(argv: string[]): Promise<number> {
  try {
    const { shell, stack, help } = parseShell(argv);
    if (help || process.stdout.isTTY) {
      say(shellUsage);
      return 0;
    }
    const before = { ...process.env };
    const { labs } = settingsOf(stack);
    await toolchain({ labs, images: [], docker: false });
    await downloadedTools();
    const { clusterProgramsIfMade } = await import("../install/closed-network");
    const folder = (await onPath("minikube")) ? undefined : await clusterProgramsIfMade();
    if (folder) addToPath(folder);
    passphrase(stack);
    if (before.PULUMI_CONFIG_PASSPHRASE_FILE !== process.env.PULUMI_CONFIG_PASSPHRASE_FILE) {
      process.env.PULUMI_CONFIG_PASSPHRASE_FILE = resolve(process.env.PULUMI_CONFIG_PASSPHRASE_FILE ?? "");
    }
    // Where no Docker answers, there is no telling which one it would be; pulumi says so when it needs one.
    await useDocker().catch(() => undefined);
    process.stdout.write(script(shell, before, process.env));
    return 0;
  } catch (error) {
    if (!(error instanceof LabError)) throw error;
    say(error.text);
    return 1;
  }
}

/** Reads the options. @throws LabError that names the option */
export function parseShell(argv: string[]): { shell: Shell; stack: string; help: boolean } {
  try {
    const { values } = parseArgs({
      args: argv,
      options: {
        fish: { type: "boolean", default: false },
        powershell: { type: "boolean", default: false },
        stack: { type: "string", default: "dev" },
        lang: { type: "string" },
        help: { type: "boolean", default: false },
      },
    });
    if (!/^[\w.-]{1,100}$/.test(values.stack)) throw new Error(`--stack is "${values.stack}"`);
    const shell = values.fish ? "fish" : values.powershell ? "powershell" : "posix";
    return { shell, stack: values.stack, help: values.help };
  } catch (error) {
    const reason = (error as Error).message.split(". ")[0] ?? "";
    throw new LabError({ en: `${reason}.\n\n${shellUsage.en}`, ko: `${reason}.\n\n${shellUsage.ko}` });
  }
}
