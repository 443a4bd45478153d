import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import type { EngineEvent } from "@pulumi/pulumi/automation";
import { LabName, labsVariable } from "../../config";
import { unbroken } from "../terminal/interruption";

export interface Stack {
  name: string;
  /** The labs of this run, if they differ from the settings. */
  labs?: readonly LabName[];
}

export interface Operation {
  onEvent?: (event: EngineEvent) => void;
  /** The current steps, to show while waiting for the engine to stop. */
  underWay?: () => string[];
  /** Asks the engine to stop, as Ctrl-C does. */
  stop?: AbortSignal;
  /** URNs of resources to replace. */
  replace?: readonly string[];
  /** URNs of the only resources to remove, with their dependents. */
  target?: readonly string[];
  /** Pattern for the URNs of resources to leave as they are, with their dependents. */
  exclude?: string;
}

const environment = ({ labs }: Partial<Stack>) => ({
  // The engine has few requests under way at a time. The provider's own limit, 50 a second, only makes it wait.
  PULUMI_K8S_CLIENT_QPS: "1000",
  PULUMI_K8S_CLIENT_BURST: "1000",
  ...process.env,
  PULUMI_SKIP_UPDATE_CHECK: "true",
  // After `git checkout` the salt may be missing in the settings file, but it is also in the state.
  PULUMI_FALLBACK_TO_STATE_SECRETS_MANAGER: "true",
  PULUMI_ENABLE_STREAMING_JSON_PREVIEW: "true",
  // Also where it is not set: one that was exported is not what this run has looked at.
  [labsVariable]: labs?.join(","),
});

interface Options {
  stack?: Partial<Stack>;
  input?: string;
  /** Handler for each line of output, which is then not returned. */
  onLine?: (line: string) => void;
  underWay?: () => string[];
  stop?: AbortSignal;
}

/** Runs the `pulumi` command without prompts. @returns its output @throws Error with its error message */
async function run(
  args: readonly string[],
  { stack = {}, input, onLine, underWay, stop }: Options = {},
): Promise<string> {
  return unbroken(async (asked, note) => {
    const child = spawn("pulumi", [...args, "--non-interactive"], {
      env: environment(stack),
      // In its own process group, so that this process decides how Ctrl-C and a closed terminal stop it.
      detached: process.platform !== "win32",
      windowsHide: true,
    });
    note(child.pid);
    const interrupt = () => child.kill("SIGINT");
    for (const signal of [asked, stop]) {
      signal?.addEventListener("abort", interrupt);
      child.on("close", () => signal?.removeEventListener("abort", interrupt));
    }
    let said = "";
    child.stderr.setEncoding("utf8").on("data", (text: string) => (said += text));
    const lines: string[] = [];
    const printed = createInterface(child.stdout).on("line", (line) => {
      if (onLine) onLine(line);
      else lines.push(line);
    });
    const all = new Promise((resolve) => printed.on("close", resolve));
    child.stdin.on("error", () => undefined).end(input);
    const code = await new Promise((resolve, reject) => child.on("error", reject).on("close", resolve));
    await all;
    if (code !== 0) throw new Error(said.trim() || lines.join("\n") || `pulumi ${args[0]} failed`);
    return lines.join("\n");
  }, underWay);
}

/** Runs an operation of the engine and passes on its events. @see https://www.pulumi.com/docs/iac/cli/commands/pulumi_up/ */
async function operate(args: readonly string[], stack: Stack, operation: Operation): Promise<void> {
  const { onEvent, underWay, stop, replace = [], target = [], exclude } = operation;
  const named = [
    ...replace.flatMap((urn) => ["--replace", urn]),
    ...target.flatMap((urn) => ["--target", urn]),
    ...(target.length > 0 ? ["--target-dependents"] : []),
    ...(exclude === undefined ? [] : ["--exclude", exclude, "--exclude-dependents"]),
  ];
  const onLine = (line: string) => {
    // Other lines are messages for people.
    if (line.startsWith("{")) onEvent?.(JSON.parse(line) as EngineEvent);
  };
  await run([...args, "--json", "--stack", stack.name, ...named], { stack, onLine, underWay, stop });
}

export const preview = (stack: Stack, operation: Operation) => operate(["preview"], stack, operation);

export const up = (stack: Stack, operation: Operation) => operate(["up", "--yes", "--skip-preview"], stack, operation);

export const destroy = (stack: Stack, operation: Operation) =>
  operate(["destroy", "--yes", "--skip-preview"], stack, operation);

export async function select(name: string, make: boolean): Promise<void> {
  const args = ["stack", "select", name];
  if (!make) return void (await run(args));
  await run([...args, "--create"]).catch(async (error: unknown) => {
    // Another run may have created it at the same moment.
    await run(args).catch(() => Promise.reject(error as Error));
  });
}

export const stackNames = async () =>
  (JSON.parse(await run(["stack", "ls", "--json"])) as { name: string }[]).map(({ name }) => name.split("/").pop());

/** The state of a stack with encrypted secrets. */
export const exported = async (name: string) =>
  JSON.parse(await run(["stack", "export", "--stack", name])) as { version: number; deployment: unknown };

export const imported = (name: string, state: Awaited<ReturnType<typeof exported>>) =>
  run(["stack", "import", "--stack", name], { input: JSON.stringify(state) });

/** The version of the `pulumi` command without the v; undefined if there is no such command, or it has no version. */
export const version = async (): Promise<string | undefined> =>
  // Then the caller installs it.
  /^v?(\d+\.\d+\.\d+\S*)/.exec(await run(["version"]).catch(() => ""))?.[1];
