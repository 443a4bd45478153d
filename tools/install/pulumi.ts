import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import type { EngineEvent } from "@pulumi/pulumi/automation";
import { LabName, labsVariable } from "../../config";
import { unbroken } from "../terminal/interruption";

/** A stack that commands are about to do something with. */
export interface Stack {
  name: string;
  /** The labs of this run, where they are not those of the settings. */
  labs?: readonly LabName[];
}

/** What an operation needs beside its stack. */
export interface Operation {
  /** Gets everything that the engine tells, as it happens. */
  onEvent?: (event: EngineEvent) => void;
  /** What the engine is in the middle of, for whoever has to wait until it has stopped. */
  underWay?: () => string[];
  /** URNs of resources that are made anew. */
  replace?: readonly string[];
  /** URNs of the only resources that are removed, with what depends on them. */
  target?: readonly string[];
}

const environment = ({ labs }: Partial<Stack>) => ({
  ...process.env,
  PULUMI_SKIP_UPDATE_CHECK: "true",
  // The salt in the stack's file may be gone after `git checkout`; the state has it, too.
  PULUMI_FALLBACK_TO_STATE_SECRETS_MANAGER: "true",
  PULUMI_ENABLE_STREAMING_JSON_PREVIEW: "true",
  ...(labs && { [labsVariable]: labs.join(",") }),
});

interface Options {
  stack?: Partial<Stack>;
  input?: string;
  /** Gets what is printed, line by line; then it is not returned. */
  onLine?: (line: string) => void;
  underWay?: () => string[];
}

/**
 * Runs the `pulumi` command to its end, without questions.
 * @returns what it printed
 * @throws Error with what it said to standard error
 */
async function run(args: readonly string[], { stack = {}, input, onLine, underWay }: Options = {}): Promise<string> {
  return unbroken(async (stop, note) => {
    const child = spawn("pulumi", [...args, "--non-interactive"], {
      env: environment(stack),
      // In a group of its own: Ctrl-C in the terminal, and the terminal's end, are this process's to hand on.
      detached: process.platform !== "win32",
      windowsHide: true,
    });
    note(child.pid);
    stop.addEventListener("abort", () => child.kill("SIGINT"));
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

/** Runs an operation of the engine, and hands on what it tells. @see https://www.pulumi.com/docs/iac/cli/commands/pulumi_up/ */
async function operate(args: readonly string[], stack: Stack, operation: Operation): Promise<void> {
  const { onEvent, underWay, replace = [], target = [] } = operation;
  const named = [
    ...replace.flatMap((urn) => ["--replace", urn]),
    ...target.flatMap((urn) => ["--target", urn]),
    ...(target.length > 0 ? ["--target-dependents"] : []),
  ];
  const onLine = (line: string) => {
    // Between the events stand remarks for people.
    if (line.startsWith("{")) onEvent?.(JSON.parse(line) as EngineEvent);
  };
  await run([...args, "--json", "--stack", stack.name, ...named], { stack, onLine, underWay });
}

/** Shows what {@link up} would do. */
export const preview = (stack: Stack, operation: Operation) => operate(["preview"], stack, operation);

/** Makes what the program asks for. */
export const up = (stack: Stack, operation: Operation) => operate(["up", "--yes", "--skip-preview"], stack, operation);

/** Removes what the state has. */
export const destroy = (stack: Stack, operation: Operation) =>
  operate(["destroy", "--yes", "--skip-preview"], stack, operation);

/** Selects a stack, making it when it is new, if that is wanted. */
export const select = (name: string, make: boolean) => run(["stack", "select", name, ...(make ? ["--create"] : [])]);

/** The names of the stacks that there are. */
export const stackNames = async () =>
  (JSON.parse(await run(["stack", "ls", "--json"])) as { name: string }[]).map(({ name }) => name.split("/").pop());

/** A stack's state, with its secrets as they are kept. */
export const exported = async (name: string) =>
  JSON.parse(await run(["stack", "export", "--stack", name])) as { version: number; deployment: unknown };

/** Puts a state in a stack's place. */
export const imported = (name: string, state: Awaited<ReturnType<typeof exported>>) =>
  run(["stack", "import", "--stack", name], { input: JSON.stringify(state) });

/** The version of the `pulumi` command, without the v; none where there is no such command, or it does not say. */
export const version = async (): Promise<string | undefined> =>
  /^v?(\d+\.\d+\.\d+\S*)/.exec(await run(["version"]).catch(() => ""))?.[1];
