import { labNames, LabName, Settings, usesDocker } from "../../config";
import { Problem } from "../causes/problem";
import { Arguments } from "../terminal/arguments";
import { explain } from "./explain";
import { Interrupted } from "../terminal/interruption";
import { say } from "../terminal/language";
import { clearLocks } from "./locks";
import { Progress } from "./progress";
import { Stack, stackNames } from "../install/pulumi";
import { forgetAddress, sameDocker } from "./same-docker";
import { settingsOf } from "./settings";
import { labsIn, openStack, passphrase, State, StateResource, stateOf } from "./stack";
import { isMade, noStack, tellNew } from "./stacks";
import { mendStateFiles } from "./state-files";
import { needPulumi, needToolsOf } from "../install/toolchain";

/**
 * Runs an operation of Pulumi, and explains its failure.
 * @param ask finds the reason in the cluster, given the errors that Pulumi reported
 */
export async function observed<T>(
  progress: Progress,
  operation: () => Promise<T>,
  ask: (errors: string) => Promise<Problem[]> = () => Promise.resolve([]),
): Promise<T> {
  try {
    return await operation();
  } catch (error) {
    if (error instanceof Interrupted) throw error;
    throw explain(progress.errors, error as Error, await ask([...progress.errors, String(error)].join("\n")));
  } finally {
    progress.stop();
  }
}

/** Runs an operation with environment variables set to "true", which Pulumi and its plugins inherit. */
export async function withVariables<T>(names: readonly string[], operation: () => Promise<T>): Promise<T> {
  const before = names.map((name) => [name, process.env[name]] as const);
  for (const name of names) process.env[name] = "true";
  try {
    return await operation();
  } finally {
    for (const [name, value] of before) {
      if (value === undefined) delete process.env[name];
      else process.env[name] = value;
    }
  }
}

/**
 * Runs an operation that adopts objects of an interrupted run that are missing in the state.
 * @see https://www.pulumi.com/registry/packages/kubernetes/api-docs/provider/
 */
export const adopting = <T>(strays: readonly string[], operation: () => Promise<T>) =>
  withVariables(strays.length > 0 ? ["PULUMI_K8S_UPSERT_EXISTING_OBJECTS"] : [], operation);

async function open(stack: string, make: boolean): Promise<State> {
  passphrase(stack);
  await clearLocks(stack);
  mendStateFiles(stack);
  return observed(new Progress(true), async () => {
    await openStack(stack, make);
    return stateOf(stack);
  });
}

/**
 * Opens a stack without creating it.
 * @returns an empty state if it was not created yet
 * @throws LabError if there is no such stack
 */
export async function openMade(stack: string): Promise<State> {
  const made = isMade(stack);
  if (made === false) return { resources: [] };
  if (made === undefined && !(await stackNames()).includes(stack)) throw noStack(stack);
  return open(stack, false);
}

/** The settings of this run, limited to the requested labs and the ones that are already running. */
function narrowed(settings: Settings, asked: LabName[] | undefined, state: State): Settings {
  const running = labsIn(state);
  if (!asked) {
    const off = running.filter((lab) => !settings.labs.includes(lab));
    if (off.length > 0) {
      const names = off.join(", ");
      say({
        en: `These labs are running but disabled in the settings (course-labs:labs), so they are removed: ${names}. To keep them: npm run up -- --labs ${[...settings.labs, ...off].join(",")}`,
        ko: `실행 중이지만 설정(course-labs:labs)에서 비활성화되어 삭제할 실습: ${names}. 그대로 두려면: npm run up -- --labs ${[...settings.labs, ...off].join(",")}`,
      });
    }
    return settings;
  }
  const staying = running.filter((lab) => !asked.includes(lab));
  if (staying.length > 0) {
    const names = staying.join(", ");
    say({
      en: `These labs are already running and are kept: ${names}. To remove them: npm run destroy -- --labs ${staying.join(",")}`,
      ko: `이미 실행 중이므로 그대로 두는 실습: ${names}. 삭제하려면: npm run destroy -- --labs ${staying.join(",")}`,
    });
  }
  return { ...settings, labs: labNames.filter((lab) => asked.includes(lab) || running.includes(lab)) };
}

/** What a command works on. */
export interface Session {
  stack: Stack;
  state: State;
  settings: Settings;
}

/** Opens the stack for the labs of this run, with the tools for those that are running already. */
export async function begin(args: Arguments): Promise<Session> {
  const settings = settingsOf(args.stack);
  tellNew(args.stack);
  await needPulumi();
  const state = await open(args.stack, true);
  const effective = narrowed(settings, args.labs, state);
  const running = labsIn(state);
  await needToolsOf(running);
  if (usesDocker(running)) await sameDocker(args.stack, state, args.allowDataLoss);
  await forgetAddress(args.stack, state);
  return { stack: { name: args.stack, labs: effective.labs }, state, settings: effective };
}

export const asDeletion = (resource: StateResource) => ({
  op: "delete" as const,
  urn: resource.urn,
  type: resource.type,
  old: resource,
});
