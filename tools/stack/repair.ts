import { setTimeout as sleep } from "node:timers/promises";
import { Text } from "../../text";
import { docker, inspect, labelled } from "../docker/docker";
import { say } from "../terminal/language";
import { exported, imported } from "../install/pulumi";
import { ownerLabel, State, StateResource } from "./stack";

const isBuilt = ({ type }: StateResource) => type === "docker:index/image:Image";
type Kind = "container" | "network" | "volume";

/** The kinds as a learner calls them. */
export const kindName: Record<Kind | "image", Text> = {
  container: { en: "container", ko: "컨테이너" },
  network: { en: "network", ko: "네트워크" },
  volume: { en: "volume", ko: "볼륨" },
  image: { en: "image", ko: "이미지" },
};

/** How long a first start may take, in milliseconds, until it is given up. */
const patience = 180_000;

const text = (value: unknown) => (typeof value === "string" ? value : undefined);

/** Objects that carry this stack's label although the state does not know them: a killed run made them. */
export async function strays(state: State, kinds: Kind[]): Promise<{ kind: Kind; id: string }[]> {
  const label = ownerLabel(state);
  if (!label) return [];
  const known = new Set(state.resources.map((resource) => resource.id));
  const found = await Promise.all(
    kinds.map(async (kind) => (await labelled(kind, label)).filter((id) => !known.has(id)).map((id) => ({ kind, id }))),
  );
  return found.flat();
}

/**
 * Lets a container finish its first start, and stop by itself: MySQL that is killed while it sets up its volume leaves
 * one that no later start can use.
 */
async function settle(id: string): Promise<void> {
  const health = () => docker("inspect", "--format", "{{.State.Running}} {{with .State.Health}}{{.Status}}{{end}}", id);
  const deadline = Date.now() + patience;
  if ((await health()) === "true starting") {
    say({
      en: "A container that a stopped run left behind is still starting: letting it finish …",
      ko: "중단된 실행이 남긴 컨테이너가 아직 시작하는 중입니다: 끝날 때까지 기다리는 중 …",
    });
  }
  while (Date.now() < deadline && (await health()) === "true starting") await sleep(500);
  await docker("stop", "-t", "30", id);
}

/**
 * Removes what a killed run left behind: containers first, because they hold networks and volumes.
 * @param kinds a volume stays for the next `up`, which takes it over; `destroy` removes it, too
 */
export async function removeStrays(state: State, kinds: Kind[]): Promise<number> {
  const found = await strays(state, kinds);
  for (const { kind, id } of found) {
    // Where the volumes go, too, nothing is worth waiting for.
    if (kind === "container" && !kinds.includes("volume")) await settle(id);
    const short = id.slice(0, 12);
    say({
      en: `Removing ${kind} ${short}, which a stopped run left behind.`,
      ko: `중단된 실행이 남긴 ${kindName[kind].ko} ${short} 을(를) 지웁니다.`,
    });
    await docker(kind, "rm", ...(kind === "container" ? ["--force", "--volumes"] : []), id);
  }
  return found.length;
}

/** Starts the containers that were stopped by hand: what was written inside them stays. */
export async function startStopped(state: State): Promise<void> {
  const ids = state.resources.flatMap(({ type, id }) =>
    type === "docker:index/container:Container" && id ? [id] : [],
  );
  const statusOf = (id: string) => docker("inspect", "--format", "{{.State.Status}} {{.Name}}", id).catch(() => "");
  const statuses = await Promise.all(ids.map(statusOf));
  for (const [i, id] of ids.entries()) {
    const [, name] = /^exited \/(.+)$/.exec(statuses[i] ?? "") ?? [];
    if (!name) continue;
    say({ en: `Starting container ${name}, which was stopped.`, ko: `멈춘 컨테이너 ${name} 을(를) 시작합니다.` });
    // One that cannot be started is what `up` then makes anew.
    await docker("start", id).catch(() => undefined);
  }
}

/**
 * Forgets the operations that a killed run had begun: what they made is either in the state or was removed by
 * {@link removeStrays}. @see https://www.pulumi.com/docs/support/troubleshooting/common-issues/resource-operations/
 */
export async function forgetPendingOperations(stack: string, state: State): Promise<void> {
  if (!state.pending_operations?.length) return;
  const whole = await exported(stack);
  const deployment = whole.deployment as State;
  await imported(stack, { ...whole, deployment: { ...deployment, pending_operations: [] } });
}

/** Built images in the state, and what a killed run was building. */
export function builtImages(state: State): StateResource[] {
  const pending = (state.pending_operations ?? []).map(({ resource }) => resource);
  return [...state.resources, ...pending].filter(isBuilt);
}

/** A built image, and the other one, shortly, that has its name now; undefined before it was built. */
async function whatHasItsName({ outputs }: StateResource) {
  const [id, name] = [text(outputs?.repoDigest), text(outputs?.imageName)];
  if (!id || !name) return undefined;
  const [made, named] = await Promise.all([inspect("image", id), inspect("image", name)]);
  const other = named && named.id !== made?.id ? named.id.replace("sha256:", "").slice(0, 12) : undefined;
  return { name, made, other, isRight: made !== undefined && named?.id === made.id };
}

/**
 * Built images that somebody removed by hand, or whose name somebody gave to another image; says so of the other. Pulumi
 * does not look for either, so they have to be named to be built anew.
 * @returns their URNs
 */
export async function imagesToBuild(state: State): Promise<string[]> {
  const built = state.resources.filter(isBuilt);
  const found = await Promise.all(built.map(whatHasItsName));
  for (const { name, other } of found.filter((one) => one !== undefined)) {
    if (other === undefined) continue;
    say({
      en: `${name} is another image (${other}) than the one that up built: it is built again, and takes the name back. The other stays, without that name.`,
      ko: `${name} 은(는) up 이 빌드한 것이 아닌 다른 이미지(${other})입니다: 다시 빌드해서 이름을 되찾습니다. 다른 이미지는 그 이름 없이 남습니다.`,
    });
  }
  return built.filter((_, i) => found[i]?.isRight === false).map(({ urn }) => urn);
}

/** Gives the built images their names back, so that what is removed by name is not what somebody else made. */
export async function takeNamesBack(resources: StateResource[]): Promise<void> {
  for (const resource of resources.filter(isBuilt)) {
    const { name, made, other } = (await whatHasItsName(resource)) ?? {};
    if (name === undefined || other === undefined) continue;
    if (made) {
      await docker("tag", made.id, name);
      say({
        en: `${name} was another image (${other}) than the one that up built: that stays, without that name.`,
        ko: `${name} 은(는) up 이 빌드한 것이 아닌 다른 이미지(${other})였습니다: 그 이름 없이 남겨 둡니다.`,
      });
    } else {
      say({
        en: `Removing image ${name}, although it is another (${other}) than the one that up built.`,
        ko: `${name} 이미지를 지웁니다. up 이 빌드한 것이 아닌 다른 이미지(${other})입니다.`,
      });
    }
  }
}

/** Removes images by name or id unless somebody still uses them; says which stay and why. */
export async function removeImages(names: string[]): Promise<void> {
  for (const name of names) {
    if (!(await inspect("image", name))) continue;
    try {
      await docker("image", "rm", name);
    } catch (error) {
      const why = ((error as { stderr?: string }).stderr ?? "").trim();
      say({ en: `Image ${name} stays: ${why}`, ko: `${name} 이미지는 남겨 둡니다: ${why}` });
    }
  }
}

/** The identifiers of the built images, to see after an `up` which were replaced. */
export function builtImageIds(state: State): string[] {
  return state.resources
    .filter(isBuilt)
    .map(({ outputs }) => text(outputs?.repoDigest))
    .filter((id) => id !== undefined);
}
