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
import { toolchain } from "../install/toolchain";

/**
 * Runs an operation of Pulumi; what it reports becomes lines, and its failure an error to act on.
 * @param ask asks the cluster why, for a failure that has to do with it
 */
export async function observed<T>(
  progress: Progress,
  operation: () => Promise<T>,
  ask: () => Promise<Problem[]> = () => Promise.resolve([]),
): Promise<T> {
  try {
    return await operation();
  } catch (error) {
    if (error instanceof Interrupted) throw error;
    const aboutCluster = /kubernetes/i.test(progress.errors.join("\n"));
    throw explain(progress.errors, error as Error, aboutCluster ? await ask() : []);
  } finally {
    progress.stop();
  }
}

/** Runs an operation with variables in the environment, which Pulumi and its plugins inherit. */
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
 * Runs an operation that takes over objects of this stack which a killed run made and the state does not know.
 * @see https://www.pulumi.com/registry/packages/kubernetes/api-docs/provider/
 */
export const adopting = <T>(strays: readonly string[], operation: () => Promise<T>) =>
  withVariables(strays.length > 0 ? ["PULUMI_K8S_UPSERT_EXISTING_OBJECTS"] : [], operation);

/** Opens the stack of a command, with the locks of killed runs cleared. */
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
 * Opens the stack of a command that makes none.
 * @returns an empty state where it was not made yet
 * @throws LabError where there is no such stack
 */
export async function openMade(stack: string): Promise<State> {
  const made = isMade(stack);
  if (made === false) return { resources: [] };
  if (made === undefined && !(await stackNames()).includes(stack)) throw noStack(stack);
  return open(stack, false);
}

/**
 * The settings of this run: narrowed to the labs that were asked for, but a lab that runs already goes on running.
 */
function narrowed(settings: Settings, asked: LabName[] | undefined, state: State): Settings {
  const running = labsIn(state);
  if (!asked) {
    const off = running.filter((lab) => !settings.labs.includes(lab));
    if (off.length > 0) {
      const names = off.join(", ");
      say({
        en: `Running, but switched off in the settings (course-labs:labs), so to be removed: ${names}. To keep them: npm run up -- --labs ${[...settings.labs, ...off].join(",")}`,
        ko: `실행 중이지만 설정(course-labs:labs)에서 꺼져 있어 지울 실습: ${names}. 그대로 두려면: npm run up -- --labs ${[...settings.labs, ...off].join(",")}`,
      });
    }
    return settings;
  }
  const staying = running.filter((lab) => !asked.includes(lab));
  if (staying.length > 0) {
    const names = staying.join(", ");
    say({
      en: `Also running, and left as it is: ${names}. To remove: npm run destroy -- --labs ${staying.join(",")}`,
      ko: `이미 실행 중이라 그대로 두는 실습: ${names}. 지우려면: npm run destroy -- --labs ${staying.join(",")}`,
    });
  }
  return { ...settings, labs: labNames.filter((lab) => asked.includes(lab) || running.includes(lab)) };
}

/**
 * Opens the stack for the labs of this run, and gets what they and those that run already need.
 * @param meanwhile work to begin while others are waited for
 * @param first the labs whose tools are needed first; the others' are got later, by whoever needs them
 */
export async function begin(
  args: Arguments,
  meanwhile?: () => void,
  first: (settings: Settings, state: State) => LabName[] = ({ labs }) => labs,
): Promise<{ stack: Stack; state: State; settings: Settings }> {
  const settings = settingsOf(args.stack);
  tellNew(args.stack);
  const found = toolchain({ labs: [], images: [] });
  meanwhile?.();
  await found;
  const state = await open(args.stack, true);
  const effective = narrowed(settings, args.labs, state);
  const { labs } = effective;
  await toolchain({ labs: [...new Set([...first(effective, state), ...labsIn(state)])], images: [] });
  if (usesDocker(labsIn(state))) await sameDocker(args.stack, state, args.allowDataLoss);
  await forgetAddress(args.stack, state);
  return { stack: { name: args.stack, labs }, state, settings: effective };
}

/** A resource as a step that removes it. */
export const asDeletion = (resource: StateResource) => ({
  op: "delete" as const,
  urn: resource.urn,
  type: resource.type,
  old: resource,
});
