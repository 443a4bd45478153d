import { Watch } from "@kubernetes/client-node";
import { setTimeout as sleep } from "node:timers/promises";
import { LabError, Text } from "../../text";
import { Refused } from "../cluster/answers";
import { Get, readerOf } from "../cluster/get";
import { clusterApi } from "../cluster/api";
import { ClusterChoice } from "../cluster/kubeconfig";
import { revisionOf, Thing, WatchEvent } from "./objects";

/** The kinds of objects that a story is about. Secrets are not read: no step needs them. */
const resources = [
  { kind: "Pod", group: "api/v1", plural: "pods" },
  { kind: "Event", group: "api/v1", plural: "events" },
  { kind: "Deployment", group: "apis/apps/v1", plural: "deployments" },
  { kind: "ReplicaSet", group: "apis/apps/v1", plural: "replicasets" },
  { kind: "Service", group: "api/v1", plural: "services" },
  { kind: "EndpointSlice", group: "apis/discovery.k8s.io/v1", plural: "endpointslices" },
  { kind: "PersistentVolumeClaim", group: "api/v1", plural: "persistentvolumeclaims" },
] as const;
type Resource = (typeof resources)[number];

const pathOf = ({ group, plural }: Resource, namespace: string) =>
  `/${group}/namespaces/${encodeURIComponent(namespace)}/${plural}`;

/** The error for versions that the cluster no longer has: it keeps the last five to ten minutes. */
export class Expired extends Error {}

/** A namespace of a cluster. */
export interface Place extends ClusterChoice {
  namespace: string;
}

export function forbidden({ kubeContext, namespace }: Place, plural: string): LabError {
  const can = `kubectl --context ${kubeContext} --namespace ${namespace} auth can-i watch ${plural}`;
  return new LabError({
    en: `You have no permission to read ${plural} in namespace "${namespace}", which this command needs. Ask the cluster's administrator for the role "view" in this namespace. To check whether you have it: ${can}`,
    ko: `"${namespace}" 네임스페이스의 ${plural} 목록을 읽을 권한이 없어 과정을 보여 줄 수 없습니다. 클러스터 관리자에게 이 네임스페이스의 view 역할을 요청하세요. 확인: ${can}`,
  });
}

export function stopped({ kubeContext }: Place): Text {
  return {
    en: `The cluster of context "${kubeContext}" stopped answering before the story was complete.`,
    ko: `과정을 보는 도중에 "${kubeContext}" 컨텍스트의 클러스터가 응답을 멈췄습니다.`,
  };
}

/** The message for an error: its own, or that the cluster is gone; undefined for an error of this program. */
export function toldOf(error: unknown, place: Place): Text | undefined {
  if (error instanceof LabError) return error.text;
  const { code, message, name } = error as Error & { code?: unknown };
  const lost =
    typeof code === "string" ||
    (typeof code === "number" && code >= 500) ||
    name === "FetchError" ||
    name === "AbortError" ||
    /did not answer within/.test(message);
  return lost ? stopped(place) : undefined;
}

interface List {
  metadata: { resourceVersion: string };
  items: Thing[];
}

export interface Snapshot {
  things: Thing[];
  versions: Map<string, string>;
}

/**
 * The objects of a namespace now, or as they were.
 * @param version as the cluster had them at this resourceVersion
 * @throws Expired when it does not know that any more
 * @throws LabError when the namespace may not be read
 * @see https://kubernetes.io/docs/reference/using-api/api-concepts/#semantics-for-get-and-list
 */
export async function snapshot(get: Get, place: Place, version?: bigint): Promise<Snapshot> {
  const query = version === undefined ? "" : `?resourceVersion=${version}&resourceVersionMatch=Exact`;
  const lists = await Promise.all(
    resources.map(async (resource) => {
      try {
        return { resource, list: await get<List>(pathOf(resource, place.namespace) + query) };
      } catch (error) {
        if (!(error instanceof Refused)) throw error;
        if (error.code === 410) throw new Expired(error.message);
        if (error.code === 401 || error.code === 403) throw forbidden(place, resource.plural);
        throw error;
      }
    }),
  );
  return {
    // Items of a list have no kind.
    things: lists.flatMap(({ resource: { kind }, list }) => list.items.map((item) => ({ ...item, kind }))),
    versions: new Map(lists.map(({ resource, list }) => [resource.kind, list.metadata.resourceVersion])),
  };
}

/** Without permission to read the namespace, its lists fail with a better message. @throws LabError if it does not exist */
async function requireNamespace(get: Get, place: Place): Promise<void> {
  const { namespace, kubeContext } = place;
  try {
    await get(`/api/v1/namespaces/${encodeURIComponent(namespace)}`);
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    if (error.code !== 404) return;
    throw new LabError({
      en: `There is no namespace "${namespace}" in the cluster of context "${kubeContext}". Create the lab (npm run up -- --labs kubernetes), or specify another namespace: --namespace NAME`,
      ko: `"${kubeContext}" 컨텍스트의 클러스터에 "${namespace}" 네임스페이스가 없습니다. 실습 환경을 구성하거나 (npm run up -- --labs kubernetes) 다른 네임스페이스를 지정하세요: --namespace 이름`,
    });
  }
}

/** Records what is written in a namespace from now on. */
export class Recording {
  readonly events: WatchEvent[] = [];
  /** The newest version of each object. */
  readonly now = new Map<string, Thing>();
  /** The time of the last event. */
  heard = performance.now();
  private failure?: Error;
  private readonly stops: (() => void)[] = [];
  private wake: () => void = () => undefined;

  private constructor(readonly before: readonly Thing[]) {
    for (const thing of before) this.now.set(thing.metadata.uid ?? "", thing);
  }

  static async from({ things, versions }: Snapshot, place: Place): Promise<Recording> {
    const recording = new Recording(things);
    const { config } = clusterApi(place);
    const watch = new Watch(config);
    const begun = resources.map(async (resource) => {
      const resourceVersion = versions.get(resource.kind);
      const controller = await watch.watch(
        pathOf(resource, place.namespace),
        { resourceVersion, allowWatchBookmarks: "false" },
        (type: string, object: Thing) => recording.hear(type, object, resource),
        (error: (Error & { statusCode?: number }) | null) => {
          if (error?.statusCode === 403 || error?.statusCode === 401) recording.fail(forbidden(place, resource.plural));
          else if (error?.statusCode === 410) recording.fail(new Expired(error.message));
          else recording.fail(new LabError(stopped(place)));
        },
      );
      recording.stops.push(() => controller.abort());
    });
    await Promise.all(begun);
    return recording;
  }

  private hear(type: string, object: Thing, { kind }: Resource): void {
    if (type === "ERROR") {
      const { code, message } = object as unknown as { code?: number; message?: string };
      return this.fail(code === 410 ? new Expired(message) : new Error(message));
    }
    if (type !== "ADDED" && type !== "MODIFIED" && type !== "DELETED") return;
    const thing = { ...object, kind };
    this.events.push({ type, object: thing });
    if (type === "DELETED") this.now.delete(object.metadata.uid ?? "");
    else this.now.set(object.metadata.uid ?? "", thing);
    this.heard = performance.now();
    this.wake();
  }

  private fail(error: Error): void {
    this.failure ??= error;
    this.wake();
  }

  all<T extends Thing = Thing>(kind: string): T[] {
    return [...this.now.values()].filter((thing): thing is T => thing.kind === kind);
  }

  /**
   * Waits for a condition, which is tested after each write.
   * @returns whether it came to be so in time
   * @throws Error for why the cluster says nothing any more
   */
  async until(so: () => boolean, patience: number, stop?: AbortSignal): Promise<boolean> {
    const deadline = performance.now() + patience;
    for (;;) {
      if (this.failure) throw this.failure;
      if (so()) return true;
      if (stop?.aborted || performance.now() > deadline) return false;
      // Some conditions depend only on the time, so they are also tested without a write.
      await Promise.race([sleep(100), new Promise<void>((resolve) => (this.wake = resolve))]);
    }
  }

  stop(): void {
    this.failure ??= new Error("the recording has ended");
    for (const stop of this.stops) stop();
  }
}

/** @throws LabError if the kubeconfig has no such context, or the cluster no such namespace */
export async function opened(place: Place): Promise<Get> {
  const get = await readerOf(place);
  if (get) {
    await requireNamespace(get, place);
    return get;
  }
  throw new LabError({
    en: `There is no context "${place.kubeContext}" in the kubeconfig. To create the cluster: npm run up`,
    ko: `kubeconfig에 "${place.kubeContext}" 컨텍스트가 없습니다. npm run up으로 클러스터를 만드세요.`,
  });
}

const nothingKept: Text = {
  en: "The cluster keeps changes for only five to ten minutes, and older ones are gone (410 Expired). Change something now, or run a step: npm run see -- delete-pod",
  ko: "클러스터는 기록을 5~10분만 보관하며 그보다 오래된 것은 이미 지웠습니다 (410 Expired). 지금 무언가를 바꿔 보거나 다음 단계를 실행하세요: npm run see -- delete-pod",
};

/**
 * Everything that was written in a namespace, as far back as the cluster has it. Nothing has to run beforehand: this
 * watches from an older resourceVersion, and the API server sends all writes since then.
 * @throws LabError when it knows nothing any more
 */
export async function replayed(get: Get, place: Place): Promise<Pick<Recording, "before" | "events" | "now">> {
  const now = await snapshot(get, place);
  const newest = now.things.map(revisionOf).reduce((a, b) => (a > b ? a : b), 0n);
  // All versions below some number are gone. A binary search finds it, first with small requests.
  const oldest = await leastOf(1n, newest, (version) => isKnown(get, place, version));
  let found: Recording | undefined;
  await leastOf(oldest, newest, async (version) => {
    // A watch may go back less far than a list. This is rare, and tested only here.
    if (found) return false;
    found = await watchedFrom(get, place, version, now);
    return found !== undefined;
  });
  if (!found) throw new LabError(nothingKept);
  found.stop();
  return found;
}

/** The smallest number for which a condition holds, if it holds for all greater ones; the end if it never holds. */
async function leastOf(from: bigint, to: bigint, so: (version: bigint) => Promise<boolean>): Promise<bigint> {
  if (await so(from)) return from;
  let [no, yes] = [from, to];
  while (yes - no > 1n) {
    const middle = (no + yes) / 2n;
    if (await so(middle)) yes = middle;
    else no = middle;
  }
  return yes;
}

async function isKnown(get: Get, place: Place, version: bigint): Promise<boolean> {
  const [pods] = resources;
  try {
    await get(`${pathOf(pods, place.namespace)}?limit=1&resourceVersion=${version}&resourceVersionMatch=Exact`);
    return true;
  } catch (error) {
    if (error instanceof Refused && error.code === 410) return false;
    throw error;
  }
}

/** All writes since a version; undefined if the cluster no longer has them. */
async function watchedFrom(get: Get, place: Place, from: bigint, now: Snapshot): Promise<Recording | undefined> {
  let recording: Recording | undefined;
  try {
    const then = await snapshot(get, place, from);
    const versions = new Map([...then.versions.keys()].map((kind) => [kind, String(from)]));
    const missing = new Set(now.things.filter((one) => revisionOf(one) > from).map((one) => revisionOf(one)));
    recording = await Recording.from({ things: then.things, versions }, place);
    const complete = () => {
      for (const { object } of recording!.events) missing.delete(revisionOf(object));
      // Deleted objects are in no list; the watch reports them.
      return missing.size === 0 && performance.now() - recording!.heard > 150;
    };
    await recording.until(complete, 3000);
    return recording;
  } catch (error) {
    recording?.stop();
    if (error instanceof Expired) return undefined;
    throw error;
  }
}
