import { labOf, nameOf } from "./resources/labs";
import { Change } from "./resources/model";
import { digest, Registered, secretSignature, stackOutputs, trigger } from "./resources/register";
import { replacedBy } from "./resources/types";
import { Difference, differences, leadsThrough, plain, propertyOf, secret } from "./resources/values";

/** Inputs with something else in the place of every secret; a variable keeps its name, by which it is found in a list. */
function sealed(value: unknown, seal: (secret: unknown) => string, key = ""): unknown {
  if (Array.isArray(value)) return value.map((item) => sealed(item, seal, key));
  if (typeof value !== "object" || value === null) return value;
  if (secretSignature in value) {
    const { value: inside } = value as { value?: unknown };
    const hide = (one: unknown) => {
      const variable = key === "envs" && typeof one === "string" ? /^[A-Za-z_]\w*=/.exec(one)?.[0] : undefined;
      return `${variable ?? ""}${seal(one)}`;
    };
    return key === "envs" && Array.isArray(inside) ? inside.map(hide) : hide(inside);
  }
  return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, sealed(item, seal, name)]));
}

export function differing(was: Registered, is: Registered): Difference[] {
  const visible = differences(shownOf(was), shownOf(is));
  const [old, now] = [sealed(was.inputs, digest), sealed(is.inputs, digest)];
  const hidden = differences(old, now)
    .filter(({ path }) => !/(^|\.)__/.test(path))
    .filter(({ path }) => !visible.some((seen) => leadsThrough(seen.path, path) || leadsThrough(path, seen.path)))
    .map(({ path }) => ({ path, old: secret, new: secret }));
  return [...visible, ...hidden];
}

export const shownOf = ({ inputs, type }: Registered) =>
  plain(
    sealed(inputs, () => secret),
    type,
  );

/** What a program makes, and does not only look up. */
export const made = (list: readonly Registered[]): Resources =>
  new Map(list.filter(({ read, type }) => !read && type !== stackOutputs.type).map((r) => [r.urn, r]));

export type Resources = ReadonlyMap<string, Registered>;

/** Whether one of them ends at `key`, or inside it. */
export const isBelow = (path: string, keys: readonly string[]) =>
  keys.some((key) => key === "*" || leadsThrough(path, key));

/** Whether a provider leads to the same place, whatever it is called. */
export function isSameProvider(
  { old, now, former }: { old: Resources; now: Resources; former: ReadonlyMap<string, string> },
  was: string | undefined,
  is: string | undefined,
): boolean {
  if (was === is || (is !== undefined && former.get(is) === was)) return true;
  const [a, b] = [old.get(was ?? ""), now.get(is ?? "")];
  return a !== undefined && b !== undefined && a.type === b.type && differing(a, b).length === 0;
}

/** By which URN the base has what the head says was known by another. */
export function formerly(old: Resources, now: Resources): Map<string, string> {
  const former = new Map<string, string>();
  for (const [urn, { aliases = [] }] of now) {
    const alias = old.has(urn) ? undefined : aliases.find((alias) => old.has(alias) && !now.has(alias));
    if (alias !== undefined) former.set(urn, alias);
  }
  return former;
}

function replaces({ type, replaceOnChanges = [] }: Registered, { path, old, new: now }: Difference): boolean {
  // Where it comes or goes, the engine makes nothing anew.
  if (path === trigger) return old !== undefined && now !== undefined;
  return replacedBy(type, path) || isBelow(path, replaceOnChanges);
}

/**
 * What differs between two programs, told without an engine: what is replaced is read from a table, what is running is
 * not looked at. A change of a type that is not in the table counts as a replacement, so that no harm is passed over.
 */
export function compare(base: readonly Registered[], head: readonly Registered[]): Change[] {
  const parents = new Map([...base, ...head].map(({ urn, parent }) => [urn, parent]));
  const [old, now] = [made(base), made(head)];

  const former = formerly(old, now);
  const renamed = new Set(former.values());
  const urns = [...old.keys()].filter((urn) => !renamed.has(urn));

  return [...new Set([...urns, ...now.keys()])].flatMap((urn): Change[] => {
    const [was, is] = [old.get(former.get(urn) ?? urn), now.get(urn)];
    const { type } = (is ?? was)!;
    const about = {
      ...{ urn, lab: labOf(urn, parents), type, name: nameOf(urn) },
      ...{ basis: "programs" as const, already: false },
      ...((is ?? was)!.component ? { component: true } : {}),
    };
    if (!was) return [{ ...about, op: "create", properties: [], after: shownOf(is!) }];
    const before = shownOf(was);
    if (!is) return [{ ...about, op: "delete", properties: [], before }];
    const after = shownOf(is);
    const applied = differing(was, is).filter(({ path }) => !isBelow(path, is.ignoreChanges));
    const properties = applied.map((difference) => propertyOf(difference, replaces(is, difference)));
    if (!isSameProvider({ old, now, former }, was.provider, is.provider)) {
      const [from, to] = [was, is].map(({ provider }) => provider && nameOf(provider));
      properties.push(propertyOf({ path: "provider", old: from, new: to }, true));
    }
    if (properties.length === 0) return [];
    const op = properties.some(({ forcesReplacement }) => forcesReplacement) ? "replace" : "update";
    return [{ ...about, op, properties, before, after }];
  });
}
