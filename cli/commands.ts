import { OutputMap, Stack } from "@pulumi/pulumi/automation";
import { pulledImages } from "../components/names";
import { labNames, LabName, Settings } from "../config";
import { Outputs } from "../outputs";
import { LabError } from "../text";
import { Arguments } from "./arguments";
import { losses, refusal } from "./data-loss";
import { explain } from "./explain";
import { say } from "./language";
import { clearLocks } from "./locks";
import { preflight } from "./preflight";
import { Progress } from "./progress";
import {
  builtImageIds,
  builtImages,
  forgetPendingOperations,
  removedImages,
  removeImages,
  removeStrays,
  startStopped,
} from "./repair";
import { settingsOf } from "./settings";
import { labsIn, openStack, passphrase, State, stateOf } from "./stack";
import { mendStateFiles } from "./state-files";
import { summary } from "./summary";
import { toolchain } from "./toolchain";

const usesDocker = (labs: readonly LabName[]) => labs.some((lab) => lab !== "kubernetes");

/** Runs an operation of the Automation API; what it reports becomes lines, and its failure an error to act on. */
async function observed<T>(progress: Progress, operation: () => Promise<T>): Promise<T> {
  try {
    return await operation();
  } catch (error) {
    throw explain(progress.errors, error as Error);
  } finally {
    progress.stop();
  }
}

/** Opens the stack of a command, with the locks of killed runs cleared. */
async function open(stackName: string, labs: LabName[]): Promise<{ stack: Stack; state: State }> {
  passphrase(stackName);
  await clearLocks(stackName);
  mendStateFiles(stackName);
  return observed(new Progress(true), async () => {
    const stack = await openStack(stackName, labs);
    return { stack, state: await stateOf(stack) };
  });
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

const plain = (outputs: OutputMap): Partial<Outputs> =>
  Object.fromEntries(Object.entries(outputs).map(([key, { value }]) => [key, value as unknown]));

/**
 * Opens the stack for the labs of this run, and gets what they and those that run already need. Which labs these are is
 * known only when the state was read, and the program has to know them: it is the same array, filled afterwards.
 */
async function begin(args: Arguments) {
  const settings = settingsOf(args.stack);
  await toolchain({ labs: [], images: [] });
  const labs: LabName[] = [];
  const { stack, state } = await open(args.stack, labs);
  const effective = narrowed(settings, args.labs, state);
  labs.push(...effective.labs);
  await toolchain({ labs: [...new Set([...labs, ...labsIn(state)])], images: [] });
  return { stack, state, settings: effective };
}

/** Looks for what a killed run left behind and for what was removed by hand. */
async function repair(stack: Stack, state: State): Promise<{ replace: string[]; removed: number }> {
  const removed = await removeStrays(state, ["container", "network"]);
  await startStopped(state);
  await forgetPendingOperations(stack, state);
  return { replace: await removedImages(state), removed };
}

/** Provisions the labs and tells where they are. */
export async function up(args: Arguments): Promise<void> {
  const { stack, state, settings } = await begin(args);
  const docker = usesDocker(settings.labs);
  let replace = docker ? (await repair(stack, state)).replace : [];
  await preflight(settings, state);
  const pulled = pulledImages(settings).filter(({ puller }) => puller === "docker");
  await toolchain({ labs: settings.labs, images: [...new Set(pulled.map(({ image }) => image))] });

  if (!args.allowDataLoss && losses(state.resources.map(asDeletion)).length > 0) {
    const look = new Progress(true);
    await observed(look, () => stack.preview({ onEvent: look.on, replace }));
    const lost = losses(look.planned);
    if (lost.length > 0) throw refusal(lost);
  }

  say({ en: `Provisioning: ${settings.labs.join(", ")}`, ko: `실습을 만듭니다: ${settings.labs.join(", ")}` });
  const before = builtImageIds(state);
  const once = async () => {
    const progress = new Progress();
    const result = await observed(progress, () => stack.up({ onEvent: progress.on, suppressProgress: true, replace }));
    return { progress, result };
  };
  const { progress, result } = await once().catch(async (error: unknown) => {
    // What a killed run had begun may have appeared only after the repair.
    const now = await stateOf(stack);
    const again = docker ? await repair(stack, now) : undefined;
    if (!again?.removed) throw error;
    replace = again.replace;
    return once();
  });
  if (docker) {
    const after = builtImageIds(await stateOf(stack));
    await removeImages(before.filter((id) => !after.includes(id)));
  }
  say(
    progress.changes === 0
      ? { en: "No changes: everything is as it should be.", ko: "변경 없음: 모두 제대로 있습니다." }
      : { en: `Done: ${progress.changes} steps.`, ko: `완료: ${progress.changes} 단계.` },
  );
  say(summary(plain(result.outputs)));
}

const asDeletion = ({ urn, type }: { urn: string; type: string }) => ({
  op: "delete" as const,
  urn,
  type,
  provider: "",
});

/** Shows what `up` would do. */
export async function preview(args: Arguments): Promise<void> {
  const { stack, state, settings } = await begin(args);
  const replace = usesDocker(settings.labs) ? await removedImages(state) : [];
  say({ en: `What up would do (${settings.labs.join(", ")}):`, ko: `up 이 할 일 (${settings.labs.join(", ")}):` });
  const progress = new Progress();
  await observed(progress, () => stack.preview({ onEvent: progress.on, suppressProgress: true, replace }));
  if (progress.planned.length === 0) {
    say({ en: "  no changes", ko: "  변경 없음" });
  }
  for (const lost of losses(progress.planned)) {
    say({ en: `  ! would be lost: ${lost.en}`, ko: `  ! 잃게 됩니다: ${lost.ko}` });
  }
}

/** Removes the labs and everything that was made for them. */
export async function destroy(args: Arguments): Promise<void> {
  await toolchain({ labs: [], images: [] });
  const { stack, state } = await open(args.stack, []);
  const running = labsIn(state);
  await toolchain({ labs: running, images: [] });
  const leaving = running.filter((lab) => args.labs?.includes(lab) ?? true);
  const docker = usesDocker(running);
  const whole = leaving.length === running.length;

  if (docker) await forgetPendingOperations(stack, state);
  const gone = state.resources.filter((resource) => whole || leaving.some((lab) => belongsTo(resource.urn, lab)));
  for (const lost of losses(gone.map(asDeletion)).filter((text) => !/^password/.test(text.en))) {
    say({ en: `Removing ${lost.en}`, ko: `지웁니다: ${lost.ko}` });
  }
  if (gone.length > 0) {
    const progress = new Progress();
    const target = whole ? undefined : gone.map(({ urn }) => urn);
    await observed(progress, () =>
      stack.destroy({ onEvent: progress.on, suppressProgress: true, target, targetDependents: !whole }),
    );
  }
  if (docker && whole) {
    await removeStrays(state, ["container", "network", "volume"]);
    await removeImages(builtImages(state).map(({ inputs }) => String(inputs?.imageName)));
  }
  await pulledImagesAfter(args, gone);
  say(
    leaving.length === 0
      ? { en: "No lab is left to remove.", ko: "지울 실습이 없습니다." }
      : { en: `Removed: ${leaving.join(", ")}.`, ko: `지웠습니다: ${leaving.join(", ")}.` },
  );
}

/** Whether a resource is a part of a lab. */
function belongsTo(urn: string, lab: LabName): boolean {
  return labsIn({ resources: [{ urn, type: urn.split("::")[2]?.split("$")[0] ?? "" }] }).includes(lab);
}

/** Pulled images are a cache for the next `up`; they go only when that was asked for. */
async function pulledImagesAfter(args: Arguments, gone: State["resources"]): Promise<void> {
  const pulled = gone.flatMap(({ type, inputs }) => {
    if (type === "docker:index/remoteImage:RemoteImage" && inputs?.keepLocally === true) return [String(inputs.name)];
    const { args: built } = (inputs?.build ?? {}) as { args?: Record<string, string> };
    return built?.BASE_IMAGE ? [built.BASE_IMAGE] : [];
  });
  const names = [...new Set(pulled)];
  if (names.length === 0) return;
  if (args.images) {
    await removeImages(names);
  } else {
    say({
      en: `Kept for the next time, because pulling takes long: ${names.join(", ")}. Remove them, too: docker image rm ${names.join(" ")}`,
      ko: `다음에 다시 내려받지 않도록 남겨 둔 이미지: ${names.join(", ")}. 지우려면: docker image rm ${names.join(" ")}`,
    });
  }
}

/** Prints what is running and where. */
export async function outputs(args: Arguments): Promise<void> {
  await toolchain({ labs: [], images: [] });
  const { stack } = await open(args.stack, []);
  const values = plain(await stack.outputs());
  if (args.json) console.log(JSON.stringify(values, undefined, 2));
  else say(summary(values));
}

/** The commands by what is typed after `npm run`. */
export const commands: Record<string, (args: Arguments) => Promise<void>> = { up, preview, destroy, outputs };

/** @throws LabError for a command that does not exist */
export function commandNamed(name: string): (args: Arguments) => Promise<void> {
  const command = Object.hasOwn(commands, name) ? commands[name] : undefined;
  if (command) return command;
  const names = Object.keys(commands).join(", ");
  throw new LabError({
    en: `There is no command "${name}". There are: ${names}`,
    ko: `"${name}" 명령은 없습니다. 쓸 수 있는 명령: ${names}`,
  });
}
