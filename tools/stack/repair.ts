import { setTimeout as sleep } from "node:timers/promises";
import { Text } from "../../text";
import { docker, inspect, inspectAll, labelled } from "../docker/docker";
import { say } from "../terminal/language";
import { exported, imported } from "../install/pulumi";
import { ownerLabel, State, StateResource } from "./stack";

const isBuilt = ({ type }: StateResource) => type === "docker:index/image:Image";
type Kind = "container" | "network" | "volume";

export const kindName: Record<Kind | "image", Text> = {
  container: { en: "container", ko: "컨테이너" },
  network: { en: "network", ko: "네트워크" },
  volume: { en: "volume", ko: "볼륨" },
  image: { en: "image", ko: "이미지" },
};

const patience = 180_000;

const text = (value: unknown) => (typeof value === "string" ? value : undefined);

/** An object that an interrupted run created. */
export interface Stray {
  kind: Kind;
  id: string;
}

/** Objects with the label of this stack that are missing in the state. */
export async function strays(state: State, kinds: Kind[]): Promise<Stray[]> {
  const label = ownerLabel(state);
  if (!label) return [];
  const known = new Set(state.resources.map((resource) => resource.id));
  const found = await Promise.all(
    kinds.map(async (kind) => (await labelled(kind, label)).filter((id) => !known.has(id)).map((id) => ({ kind, id }))),
  );
  return found.flat();
}

/**
 * Lets a container finish its first start, then stops it. If MySQL is killed while it initializes its volume, the volume
 * becomes unusable.
 */
async function settle(id: string): Promise<void> {
  const health = () => docker("inspect", "--format", "{{.State.Running}} {{with .State.Health}}{{.Status}}{{end}}", id);
  const deadline = performance.now() + patience;
  if ((await health()) === "true starting") {
    say({
      en: "Waiting for a container of an interrupted run to finish starting …",
      ko: "중단된 실행이 남긴 컨테이너의 시작이 끝나기를 기다리는 중 …",
    });
  }
  while (performance.now() < deadline && (await health()) === "true starting") await sleep(500);
  await docker("stop", "-t", "30", id);
}

/**
 * Removes objects of an interrupted run: containers first, because they use networks and volumes.
 * @param volumesToo whether the volumes are deleted as well: then containers may be killed
 */
export async function removeStrays(found: readonly Stray[], volumesToo: boolean): Promise<void> {
  for (const { kind, id } of found) {
    if (kind === "container" && !volumesToo) await settle(id);
    const short = id.slice(0, 12);
    say({
      en: `Removing ${kind} ${short}, left by an interrupted run.`,
      ko: `중단된 실행에서 남은 항목을 삭제합니다: ${short} ${kindName[kind].ko}`,
    });
    await docker(kind, "rm", ...(kind === "container" ? ["--force", "--volumes"] : []), id);
  }
}

/** Containers of the state that were stopped by hand. */
export async function stoppedOf(state: State): Promise<{ id: string; name: string }[]> {
  const ours = new Set(state.resources.map(({ id }) => id));
  const [stopped, format] = ["status=exited", "{{.ID}} {{.Names}}"];
  const found = await docker("container", "ls", "--all", "--no-trunc", "--filter", stopped, "--format", format);
  const all = found.split("\n").map((line) => line.split(" "));
  return all.flatMap(([id = "", name = ""]) => (ours.has(id) ? [{ id, name }] : []));
}

/** Starts stopped containers, which keeps the files in them. */
export async function start(stopped: readonly { id: string; name: string }[]): Promise<void> {
  for (const { id, name } of stopped) {
    say({ en: `Starting the stopped container ${name}.`, ko: `중지된 ${name} 컨테이너를 시작합니다.` });
    // If it cannot be started, `up` re-creates it.
    await docker("start", id).catch(() => undefined);
  }
}

/**
 * Clears the pending operations of an interrupted run. Their objects are either in the state or were removed by
 * {@link removeStrays}. @see https://www.pulumi.com/docs/support/troubleshooting/common-issues/resource-operations/
 */
export async function forgetPendingOperations(stack: string, state: State): Promise<void> {
  if (!state.pending_operations?.length) return;
  const whole = await exported(stack);
  const deployment = whole.deployment as State;
  await imported(stack, { ...whole, deployment: { ...deployment, pending_operations: [] } });
}

/** Built images in the state, and images that an interrupted run was building. */
export function builtImages(state: State): StateResource[] {
  const pending = (state.pending_operations ?? []).map(({ resource }) => resource);
  return [...state.resources, ...pending].filter(isBuilt);
}

/** The image that was built and the image that has its name now; undefined if it was not built yet. */
async function whatHasItsName({ outputs }: StateResource) {
  const [id, name] = [text(outputs?.repoDigest), text(outputs?.imageName)];
  if (!id || !name) return undefined;
  const [made, named] = await inspectAll("image", [id, name]);
  const other = named && named.id !== made?.id ? named.id.replace("sha256:", "").slice(0, 12) : undefined;
  return { name, made, other, isRight: made !== undefined && named?.id === made.id };
}

/** Finds built images whose name is gone or refers to another image, which Pulumi does not detect. @returns their URNs */
export async function imagesToBuild(state: State): Promise<string[]> {
  const built = state.resources.filter(isBuilt);
  const found = await Promise.all(built.map(whatHasItsName));
  for (const { name, other } of found.filter((one) => one !== undefined)) {
    if (other === undefined) continue;
    say({
      en: `The name ${name} refers to another image (${other}) than the one built by up. The image is rebuilt and gets the name again; the other image is kept without this name.`,
      ko: `${name} 이름이 up으로 빌드한 이미지가 아닌 다른 이미지(${other})를 가리킵니다. 이미지를 다시 빌드해 이 이름을 지정합니다. 다른 이미지는 이 이름 없이 남습니다.`,
    });
  }
  return built.filter((_, i) => found[i]?.isRight === false).map(({ urn }) => urn);
}

/** Gives the built images their names back, so that no image of somebody else is removed by its name. */
export async function takeNamesBack(resources: StateResource[]): Promise<void> {
  for (const resource of resources.filter(isBuilt)) {
    const { name, made, other } = (await whatHasItsName(resource)) ?? {};
    if (name === undefined || other === undefined) continue;
    if (made) {
      await docker("tag", made.id, name);
      say({
        en: `The name ${name} referred to another image (${other}) than the one built by up. The other image is kept without this name.`,
        ko: `${name} 이름이 up으로 빌드한 이미지가 아닌 다른 이미지(${other})를 가리키고 있었습니다. 다른 이미지는 이 이름 없이 남겨 둡니다.`,
      });
    } else {
      say({
        en: `Removing image ${name}, although it is another image (${other}) than the one built by up.`,
        ko: `${name} 이미지를 삭제합니다. up으로 빌드한 이미지가 아닌 다른 이미지(${other})입니다.`,
      });
    }
  }
}

/** Removes images by name or id unless they are still in use, and reports the ones that are kept. */
export async function removeImages(names: string[]): Promise<void> {
  for (const name of names) {
    if (!(await inspect("image", name))) continue;
    try {
      await docker("image", "rm", name);
    } catch (error) {
      const why = ((error as { stderr?: string }).stderr ?? "").trim();
      say({ en: `Image ${name} is kept: ${why}`, ko: `${name} 이미지는 남겨 둡니다: ${why}` });
    }
  }
}

/** The ids of the built images, to find out after an `up` which were replaced. */
export function builtImageIds(state: State): string[] {
  return state.resources
    .filter(isBuilt)
    .map(({ outputs }) => text(outputs?.repoDigest))
    .filter((id) => id !== undefined);
}
