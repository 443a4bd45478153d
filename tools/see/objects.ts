import type { KubernetesObject, V1ManagedFieldsEntry, V1ObjectMeta } from "@kubernetes/client-node";

/** An object as the API server returns it; its content depends on its kind. */
export interface Thing extends KubernetesObject {
  metadata: V1ObjectMeta;
  [part: string]: unknown;
}

/** A line of a watch. @see https://kubernetes.io/docs/reference/using-api/api-concepts/#efficient-detection-of-changes */
export interface WatchEvent {
  type: "ADDED" | "MODIFIED" | "DELETED";
  object: Thing;
}

/** An Event of either API group: what a component reports. */
export interface Said extends Thing {
  reason?: string;
  message?: string;
  count?: number;
  involvedObject?: { kind?: string; name?: string; uid?: string };
  source?: { component?: string };
  reportingComponent?: string;
  lastTimestamp?: string | null;
  eventTime?: string | null;
}

export const isSaid = (thing: Thing): thing is Said => thing.kind === "Event";

export const reporterOf = ({ reportingComponent, source }: Said): string =>
  reportingComponent || source?.component || "";

/** A resourceVersion as a number: it grows with each write, which gives the order. */
export const revisionOf = ({ metadata }: Thing): bigint => {
  const { resourceVersion = "0" } = metadata;
  return /^\d+$/.test(resourceVersion) ? BigInt(resourceVersion) : 0n;
};

export const ownerOf = ({ metadata }: Thing) => metadata.ownerReferences?.find(({ controller }) => controller);

/** Times are text in a watch, and dates in the library's objects. */
export const timeOf = (time: unknown): number | undefined => {
  if (time instanceof Date) return time.getTime();
  const parsed = typeof time === "string" ? Date.parse(time) : NaN;
  return Number.isNaN(parsed) ? undefined : parsed;
};

/** Whether two entries of managedFields are of one writer. */
export const sameEntry = (a: V1ManagedFieldsEntry, b: V1ManagedFieldsEntry) =>
  a.manager === b.manager &&
  a.operation === b.operation &&
  a.apiVersion === b.apiVersion &&
  a.subresource === b.subresource;

/**
 * The entries of managedFields that a write created or renewed. An entry that only lost fields to the writer
 * keeps its time.
 * @see https://kubernetes.io/docs/reference/using-api/server-side-apply/#field-management
 */
export function writersOf(before: Thing | undefined, after: Thing): V1ManagedFieldsEntry[] {
  const old = before?.metadata.managedFields ?? [];
  return (after.metadata.managedFields ?? []).filter((entry) => {
    const was = old.find((one) => sameEntry(one, entry));
    return !was || timeOf(was.time) !== timeOf(entry.time) || grew(was.fieldsV1, entry.fieldsV1);
  });
}

/** Whether one set has a field that the other does not: within the same second, only this shows a new write. */
function grew(before: unknown, after: unknown): boolean {
  if (typeof after !== "object" || after === null) return false;
  const old = (before ?? {}) as Record<string, unknown>;
  return Object.entries(after).some(([key, value]) => !(key in old) || grew(old[key], value));
}

/** Whether an entry of managedFields owns a field. @param path as {@link changesOf} writes it, part by part */
export function owns({ fieldsV1 }: V1ManagedFieldsEntry, path: readonly Part[]): boolean {
  let at = fieldsV1 as Record<string, unknown> | undefined;
  for (const part of path) {
    const keys = Object.keys(at ?? {});
    // A list or a map that is owned as a whole has nothing below it.
    if (keys.length === 0) return at !== undefined;
    const key =
      typeof part === "string"
        ? `f:${part}`
        : keys.find((one) => one.startsWith("k:") && Object.values(part).every((v) => one.includes(JSON.stringify(v))));
    at = key === undefined ? undefined : (at?.[key] as Record<string, unknown> | undefined);
  }
  return at !== undefined;
}

/** A part of the path to a field: a name, or the key of an element of a list. */
export type Part = string | Record<string, unknown>;

export interface Change {
  path: Part[];
  before: unknown;
  after: unknown;
}

/** Fields that change with every write, and say nothing about it. */
const noise = new Set([
  ...["resourceVersion", "managedFields", "generation", "observedGeneration", "creationTimestamp", "uid", "selfLink"],
  ...["lastTransitionTime", "lastProbeTime", "lastUpdateTime", "lastHeartbeatTime"],
]);

/** The keys that identify elements of Kubernetes' lists. */
const keyNames = ["name", "type", "ip", "uid", "containerPort", "port", "key"];
const keyOf = (element: unknown): Record<string, unknown> | undefined => {
  if (typeof element !== "object" || element === null) return undefined;
  const name = keyNames.find((one) => one in element);
  return name === undefined ? undefined : { [name]: (element as Record<string, unknown>)[name] };
};

const isMap = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** The fields in which two versions of an object differ. */
export function changesOf(before: unknown, after: unknown, path: Part[] = []): Change[] {
  if (Array.isArray(before ?? after) && Array.isArray(after ?? before)) {
    const [old, now] = [(before ?? []) as unknown[], (after ?? []) as unknown[]];
    if ([...old, ...now].every((one) => keyOf(one) !== undefined)) {
      const find = (list: unknown[], key: string) => list.find((one) => JSON.stringify(keyOf(one)) === key);
      const keys = new Set([...old, ...now].map((one) => JSON.stringify(keyOf(one))));
      return [...keys].flatMap((key) => {
        const part = JSON.parse(key) as Record<string, unknown>;
        return changesOf(find(old, key), find(now, key), [...path, part]);
      });
    }
  }
  if (isMap(before ?? after) && isMap(after ?? before)) {
    const [old, now] = [(before ?? {}) as Record<string, unknown>, (after ?? {}) as Record<string, unknown>];
    const names = new Set([...Object.keys(old), ...Object.keys(now)].filter((name) => !noise.has(name)));
    return [...names].flatMap((name) => changesOf(old[name], now[name], [...path, name]));
  }
  return JSON.stringify(before ?? null) === JSON.stringify(after ?? null) ? [] : [{ path, before, after }];
}

/** A field in its usual notation: `status.conditions[Ready].status`. */
export const pathText = (path: readonly Part[]): string =>
  path
    .map((part, i) =>
      typeof part === "string"
        ? /^[\w-]+$/.test(part)
          ? `${i === 0 ? "" : "."}${part}`
          : `["${part}"]`
        : `[${Object.values(part).join()}]`,
    )
    .join("");
