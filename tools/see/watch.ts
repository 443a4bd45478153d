import { V1ListMeta, Watch } from "@kubernetes/client-node";
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
class Expired extends Error {}

/** A namespace of a cluster. */
export interface Place extends ClusterChoice {
  namespace: string;
}

/** @param role the least role of Kubernetes that may do it */
export function forbidden({ kubeContext, namespace }: Place, verb: string, plural: string, role: string): LabError {
  const can = `kubectl --context ${kubeContext} --namespace ${namespace} auth can-i ${verb} ${plural}`;
  return new LabError({
    en: `You have no permission to ${verb} ${plural} in namespace "${namespace}", which this command needs. Ask the cluster's administrator for the role "${role}" in this namespace. To check whether you have it: ${can}`,
    ko: `"${namespace}" 네임스페이스에서 이 명령에 필요한 권한이 없습니다(${verb} ${plural}). 클러스터 관리자에게 이 네임스페이스의 ${role} 역할을 요청하세요. 확인: ${can}`,
  });
}

function stopped({ kubeContext }: Place): Text {
  return {
    en: `The cluster of context "${kubeContext}" stopped answering before the story was complete.`,
    ko: `과정을 보는 도중에 "${kubeContext}" 컨텍스트의 클러스터가 응답을 멈췄습니다.`,
  };
}

/** What a refusal by status means; undefined for any other. */
function refusal(code: unknown, place: Place, plural: string): Error | undefined {
  if (code === 401 || code === 403) return forbidden(place, "watch", plural, "view");
  return code === 410 ? new Expired() : undefined;
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

export interface Snapshot {
  things: Thing[];
  /** The version of the oldest list: a watch from here on sends all that follows, and some of the list again. */
  version: bigint;
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
        const list = await get<{ metadata: V1ListMeta; items: Thing[] }>(pathOf(resource, place.namespace) + query);
        return { resource, list };
      } catch (error) {
        throw (error instanceof Refused && refusal(error.code, place, resource.plural)) || error;
      }
    }),
  );
  return {
    // Items of a list have no kind.
    things: lists.flatMap(({ resource: { kind }, list }) => list.items.map((item) => ({ ...item, kind }))),
    version:
      version ?? lists.map(({ list }) => BigInt(list.metadata.resourceVersion!)).reduce((a, b) => (a < b ? a : b)),
  };
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

  private constructor(readonly before: readonly Thing[]) {
    for (const thing of before) this.now.set(thing.metadata.uid ?? "", thing);
  }

  static async from({ things, version }: Snapshot, place: Place): Promise<Recording> {
    const recording = new Recording(things);
    const { config } = clusterApi(place);
    const watch = new Watch(config);
    const begun = resources.map(async (resource) => {
      const controller = await watch.watch(
        pathOf(resource, place.namespace),
        { resourceVersion: String(version), allowWatchBookmarks: "false" },
        (type: string, object: Thing) => recording.hear(type, object, resource),
        (error: (Error & { statusCode?: number }) | null) => {
          recording.failure ??= refusal(error?.statusCode, place, resource.plural) ?? new LabError(stopped(place));
        },
      );
      recording.stops.push(() => controller.abort());
    });
    await Promise.all(begun);
    return recording;
  }

  private hear(type: string, object: Thing, { kind }: Resource): void {
    const { code, message } = object as unknown as { code?: number; message?: string };
    if (type === "ERROR") this.failure ??= code === 410 ? new Expired() : new Error(message);
    if (type !== "ADDED" && type !== "MODIFIED" && type !== "DELETED") return;
    const thing = { ...object, kind };
    this.events.push({ type, object: thing });
    if (type === "DELETED") this.now.delete(object.metadata.uid ?? "");
    else this.now.set(object.metadata.uid ?? "", thing);
    this.heard = performance.now();
  }

  all(kind: string): Thing[] {
    return [...this.now.values()].filter((thing) => thing.kind === kind);
  }

  /**
   * Waits for a condition.
   * @returns whether it came to be so in time
   * @throws Error for why the cluster says nothing any more
   */
  async until(so: () => boolean, patience: number, stop?: AbortSignal): Promise<boolean> {
    const deadline = performance.now() + patience;
    for (;;) {
      if (this.failure) throw this.failure;
      if (so()) return true;
      if (stop?.aborted || performance.now() > deadline) return false;
      await sleep(50);
    }
  }

  stop(): void {
    this.failure ??= new Error("the recording has ended");
    for (const stop of this.stops) stop();
  }
}

/** @throws LabError if the cluster has no such namespace */
export async function opened(place: Place): Promise<Get> {
  const { namespace, kubeContext } = place;
  const get = await readerOf(place);
  if (!get) throw new Error(`the kubeconfig has no context ${kubeContext}`);
  try {
    await get(`/api/v1/namespaces/${encodeURIComponent(namespace)}`);
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    // Without permission to read the namespace, its lists fail with a better message.
    if (error.code !== 404) return get;
    throw new LabError({
      en: `There is no namespace "${namespace}" in the cluster of context "${kubeContext}". Create the lab (npm run up -- --labs kubernetes), or specify another namespace: --namespace NAME`,
      ko: `"${kubeContext}" 컨텍스트의 클러스터에 "${namespace}" 네임스페이스가 없습니다. 실습 환경을 구성하거나 (npm run up -- --labs kubernetes) 다른 네임스페이스를 지정하세요: --namespace 이름`,
    });
  }
  return get;
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
export async function replayed(get: Get, place: Place): Promise<Recording> {
  const now = await snapshot(get, place);
  const newest = now.things.map(revisionOf).reduce((a, b) => (a > b ? a : b), 0n);
  // A watch may go back less far than a list.
  for (let from = await oldestKnown(get, place, newest); from <= newest; from += (newest - from) / 2n + 1n) {
    try {
      return await watchedFrom(get, place, from, now);
    } catch (error) {
      if (!(error instanceof Expired)) throw error;
    }
  }
  throw new LabError(nothingKept);
}

/** The oldest version that the cluster has. All below some number are gone; a binary search finds it with small requests. */
async function oldestKnown(get: Get, { namespace }: Place, newest: bigint): Promise<bigint> {
  const path = `${pathOf(resources[0], namespace)}?limit=1&resourceVersionMatch=Exact&resourceVersion=`;
  let [gone, known] = [0n, newest];
  while (known - gone > 1n) {
    const middle = (gone + known) / 2n;
    try {
      await get(path + middle);
      known = middle;
    } catch (error) {
      if (!(error instanceof Refused) || error.code !== 410) throw error;
      gone = middle;
    }
  }
  return known;
}

/** All writes since a version. @throws Expired if the cluster no longer has them */
async function watchedFrom(get: Get, place: Place, from: bigint, now: Snapshot): Promise<Recording> {
  const missing = new Set(now.things.map(revisionOf).filter((version) => version > from));
  const recording = await Recording.from(await snapshot(get, place, from), place);
  const complete = () => {
    for (const { object } of recording.events) missing.delete(revisionOf(object));
    // Deleted objects are in no list; the watch reports them.
    return missing.size === 0 && performance.now() - recording.heard > 150;
  };
  try {
    await recording.until(complete, 3000);
    return recording;
  } finally {
    recording.stop();
  }
}
