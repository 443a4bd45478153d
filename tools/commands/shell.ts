// npm run --silent shell: prints shell commands that set up a shell for plain `pulumi`.
import { delimiter, resolve } from "node:path";
import { Text } from "../../text";
import { described, options, read } from "../terminal/options";
import { useDocker } from "../docker/docker";
import { say, told } from "../terminal/language";
import { addToPath, onPath } from "../install/path";
import { settingsOf } from "../stack/settings";
import { passphrase } from "../stack/stack";
import { downloadedTools, needPlugins } from "../install/toolchain";

export type Shell = "posix" | "fish" | "powershell";

const quoted: Record<Shell, (text: string) => string> = {
  posix: (text) => `'${text.replaceAll("'", `'\\''`)}'`,
  fish: (text) => `'${text.replace(/[\\']/g, "\\$&")}'`,
  // PowerShell also accepts curly quotation marks.
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
/** Prepends to the PATH of the shell, because npm has added its own folders to the PATH of this process. */
const prepends: Record<Shell, (folders: readonly string[]) => string> = {
  posix: (folders) => `export PATH=${quoted.posix(folders.join(":"))}:"$PATH";`,
  fish: (folders) => `set -gx PATH ${folders.map(quoted.fish).join(" ")} $PATH;`,
  powershell: (folders) => `$env:PATH = ${quoted.powershell(folders.join(delimiter) + delimiter)} + $env:PATH;`,
};

/** The commands that change one environment into another. */
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

const help = described(options.shell);

export const shellUsage: Text = {
  en: `Sets up this shell for plain pulumi: adds pulumi, its plugins and the cluster's minikube to PATH and sets the passphrase of the stack. Run in this folder:
  bash, zsh     eval "$(npm run --silent shell)"
  fish          npm run --silent shell -- --fish | source
  PowerShell    npm.cmd run --silent shell -- --powershell | Out-String | Invoke-Expression
${help.en}`,
  ko: `이 셸에서 pulumi 명령을 직접 쓸 수 있게 합니다. PATH에 pulumi, 플러그인, 클러스터의 minikube를 추가하고 스택 암호(passphrase)를 설정합니다. 이 폴더에서 실행하세요:
  bash, zsh     eval "$(npm run --silent shell)"
  fish          npm run --silent shell -- --fish | source
  PowerShell    npm.cmd run --silent shell -- --powershell | Out-String | Invoke-Expression
${help.ko}`,
};

/**
 * Prints the commands for a shell. Downloads the CLI and the plugins of the enabled labs if they are missing, and changes
 * nothing else.
 * @returns the exit code
 */
export async function shellCommand(argv: string[]): Promise<number> {
  const { shell, stack, help } = parseShell(argv);
  if (help) {
    console.log(told(shellUsage));
    return 0;
  }
  if (process.stdout.isTTY) {
    say(shellUsage);
    return 0;
  }
  const before = { ...process.env };
  const { labs } = settingsOf(stack);
  await needPlugins(labs);
  await downloadedTools();
  const { clusterProgramsIfMade } = await import("../install/closed-network");
  const folder = (await onPath("minikube")) ? undefined : await clusterProgramsIfMade();
  if (folder) addToPath(folder);
  passphrase(stack);
  if (before.PULUMI_CONFIG_PASSPHRASE_FILE !== process.env.PULUMI_CONFIG_PASSPHRASE_FILE) {
    process.env.PULUMI_CONFIG_PASSPHRASE_FILE = resolve(process.env.PULUMI_CONFIG_PASSPHRASE_FILE ?? "");
  }
  // If no Docker answers, DOCKER_HOST stays as it is, and pulumi reports the problem when it needs Docker.
  await useDocker().catch(() => undefined);
  process.stdout.write(script(shell, before, process.env));
  return 0;
}

/** Reads the options. @throws LabError that names the option */
export function parseShell(argv: string[]): { shell: Shell; stack: string; help: boolean } {
  const { fish, powershell, stack, help } = read(argv, options.shell, shellUsage).values;
  return { shell: fish ? "fish" : powershell ? "powershell" : "posix", stack, help };
}
