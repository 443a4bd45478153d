import { runsPods } from "../openings";
import { isDatabase } from "../resources/images";
import { Change } from "../resources/model";
import { differences, propertyOf } from "../resources/values";
import { keepsDatabase } from "./mounts";
import { imagesOf } from "./versions";

const pairable = (type: string) => /^docker:index\/.*:(Container|RemoteImage|Image)$/.test(type) || runsPods(type);

const database = (change: Change) =>
  keepsDatabase(change) ||
  [change.before, change.after].some((inputs) => [...imagesOf(change.type, inputs).values()].some(isDatabase));

/** What is removed together with what takes its place, as if it had been changed into it. */
function pair(gone: Change, made: Change): Change {
  return {
    ...made,
    op: "replace",
    already: gone.already && made.already,
    before: gone.before,
    properties: differences(gone.before, made.after).map((one) => propertyOf(one, false)),
  };
}

/**
 * Resources that have another name in the program: of a lab's parts that go and come, those of one type that are most
 * alike. What a database is, stays one, and what it stored is not to be forgotten for a name.
 */
export function pairs(changes: readonly Change[]): Change[] {
  const groups = new Map<string, { gone: Change[]; made: Change[] }>();
  for (const change of changes) {
    if (!pairable(change.type) || (change.op !== "delete" && change.op !== "create")) continue;
    const key = `${change.lab} ${change.type}`;
    const group = groups.get(key) ?? { gone: [], made: [] };
    group[change.op === "delete" ? "gone" : "made"].push(change);
    groups.set(key, group);
  }
  return [...groups.values()].flatMap(({ gone, made }) => {
    const databases = new Set([...gone, ...made].filter(database));
    const apart = (a: Change, b: Change) =>
      (databases.has(a) === databases.has(b) ? 0 : 1000) + differences(a.before, b.after).length;
    const free = new Set(made);
    // Databases choose first.
    return [...gone.filter((old) => databases.has(old)), ...gone.filter((old) => !databases.has(old))].flatMap(
      (old) => {
        let best: { now: Change; far: number } | undefined;
        for (const now of free) {
          const far = apart(old, now);
          if (!best || far < best.far) best = { now, far };
          if (far === 0) break;
        }
        if (!best) return [];
        free.delete(best.now);
        return [pair(old, best.now)];
      },
    );
  });
}
