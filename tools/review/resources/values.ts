import { isDeepStrictEqual } from "node:util";
import { Inputs, Property, SettingChange } from "./model";
import { secretSignature, unknownValue } from "./register";
import { isSecretName } from "./secret-names";

/** What stands in the place of a secret; Pulumi's own events use it, too. */
export const secret = "[secret]";

/** What stands in the place of a value that is known only once the resource before it is made. */
export const unknown = "[unknown]";

/** Not a reference to a variable, and not hidden yet. */
const hush = String.raw`(?![$\[<"']*[$\[])[^\s&;,]+`;

const patterns: [found: RegExp, name: boolean][] = [
  // postgres://user:password@host
  [/(\b[a-z][a-z0-9+.-]*:\/\/[^\s:/@]*:)[^\s/]+(?=@)/gi, false],
  // password=hush, --password=hush, client-key-data: hush
  [new RegExp(String.raw`(?<![\w-])(-{0,2}([A-Za-z][\w-]*)["']?(?:[ \t]*=[ \t]*|:[ \t]+))${hush}`, "g"), true],
  // --requirepass hush
  [new RegExp(String.raw`(?<![\w-])(--([A-Za-z][\w-]*)\s+)(?!-)${hush}`, "g"), true],
  // requirepass hush, as a file of settings has it
  [new RegExp(String.raw`(?<![\w-])((requirepass|masterauth)\s+)${hush}`, "g"), true],
];

/** Text without the passwords that it gives away by where they stand. */
const blackened = (text: string) =>
  patterns.reduce(
    (done, [pattern, named]) =>
      done.replace(pattern, (all: string, before: string, name: string) =>
        named && !isSecretName(name) ? all : `${before}${secret}`,
      ),
    text,
  );

/** An option whose value is the next item of the list. */
const isOption = (item: unknown) =>
  typeof item === "string" && /^--?[A-Za-z]/.test(item) && isSecretName(item.replace(/^-+/, ""));

type Plain = string | number | boolean | null | Plain[] | { [key: string]: Plain };

function masked(value: unknown, name: string): Plain {
  if (value === undefined || value === null) return null;
  if (typeof value === "string") {
    if (value === unknownValue) return unknown;
    const variable = /^([A-Za-z_]\w*)=/.exec(value)?.[1];
    if (variable && isSecretName(variable)) return `${variable}=${secret}`;
    return isSecretName(name) && value !== unknown ? secret : blackened(value);
  }
  if (typeof value === "number" || typeof value === "boolean") return value;
  if (Array.isArray(value))
    return value.map((item, i) => (isOption(value[i - 1]) && typeof item === "string" ? secret : masked(item, name)));
  if (typeof value !== "object") return typeof value;
  const object = value as Record<string, unknown>;
  if (secretSignature in object) return secret;
  const named = typeof object.name === "string" && "value" in object && isSecretName(object.name);
  return Object.fromEntries(
    Object.entries(object)
      .filter(([key, item]) => !key.startsWith("__") && item !== undefined)
      .map(([key, item]) => [key, named && key === "value" ? secret : masked(item, key)]),
  );
}

/** Inputs without secrets and without what only Pulumi reads, fit to be shown. */
export function plain(inputs: unknown, type: string): Inputs {
  const all = masked(inputs ?? {}, "");
  if (typeof all !== "object" || all === null || Array.isArray(all)) return {};
  if (!type.endsWith(":Secret")) return all;
  const hide = (data: unknown) =>
    typeof data === "object" && data !== null
      ? Object.fromEntries(Object.keys(data).map((key) => [key, secret]))
      : secret;
  return {
    ...all,
    ...("data" in all ? { data: hide(all.data) } : {}),
    ...("stringData" in all ? { stringData: hide(all.stringData) } : {}),
  };
}

/** By what the items of a list are told apart, whatever their order: a name, a label, or what stands before `=`. */
function keyed(list: readonly unknown[]): Map<string, unknown> | undefined {
  const entries = list.map((item): [string, unknown] | undefined => {
    if (typeof item === "string") {
      const [, key, value] = /^([A-Za-z_]\w*)=(.*)$/s.exec(item) ?? [];
      return key === undefined ? undefined : [key, value];
    }
    if (typeof item !== "object" || item === null) return undefined;
    const { name, label, ...rest } = item as Record<string, unknown>;
    if (typeof label === "string") return [label, rest.value];
    return typeof name === "string" ? [name, rest] : undefined;
  });
  if (list.length === 0 || entries.some((entry) => entry === undefined)) return undefined;
  const map = new Map(entries as [string, unknown][]);
  return map.size === list.length ? map : undefined;
}

function leaves(value: unknown, path: string, into: Map<string, unknown>): Map<string, unknown> {
  if (Array.isArray(value)) {
    const entries = keyed(value) ?? value.map((item, i): [string, unknown] => [String(i), item]);
    for (const [key, item] of entries) leaves(item, `${path}[${key}]`, into);
    if (value.length === 0) into.set(path, value);
  } else if (typeof value === "object" && value !== null && Object.keys(value).length > 0) {
    for (const [key, item] of Object.entries(value)) leaves(item, path ? `${path}.${key}` : key, into);
  } else if (value !== null && value !== undefined && path !== "") {
    into.set(path, value);
  }
  return into;
}

export interface Difference {
  path: string;
  old?: unknown;
  new?: unknown;
}

export function differences(before: unknown, after: unknown): Difference[] {
  const [old, now] = [leaves(before, "", new Map()), leaves(after, "", new Map())];
  const paths = [...new Set([...old.keys(), ...now.keys()])];
  return paths
    .filter((path) => JSON.stringify(old.get(path)) !== JSON.stringify(now.get(path)))
    .map((path) => ({
      path,
      ...(old.has(path) ? { old: old.get(path) } : {}),
      ...(now.has(path) ? { new: now.get(path) } : {}),
    }));
}

const sides = ({ old, new: now }: Omit<Difference, "path">) => ({
  ...(old === undefined ? {} : { old: shown(old) }),
  ...(now === undefined ? {} : { new: shown(now) }),
});

export const propertyOf = (one: Difference, forcesReplacement: boolean): Property => ({
  ...{ path: one.path, ...sides(one), forcesReplacement },
});

export const settingChange = (name: string, one: Difference): SettingChange => ({ name, ...sides(one) });

/** Whether one path is the other, or is inside it. */
export const leadsThrough = (path: string, whole: string) =>
  path === whole || path.startsWith(`${whole}.`) || path.startsWith(`${whole}[`);

/** What a value has by its keys; nothing where it is no object. */
export const fieldsOf = (value: unknown) =>
  (typeof value === "object" && value !== null ? value : {}) as Record<string, unknown>;

/** The keys by which two values differ. */
export function differingKeys(before: unknown, after: unknown): string[] {
  const [was, is] = [fieldsOf(before), fieldsOf(after)];
  return Object.keys({ ...was, ...is }).filter((key) => !isDeepStrictEqual(was[key], is[key]));
}

export const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** The first few, as code, and how many more there are. */
export function some(names: readonly string[]): string {
  const first = names.slice(0, 3).map((name) => `\`${name}\``);
  return `${first.join(", ")}${names.length > 3 ? `, +${names.length - 3}` : ""}`;
}

/** A value as text; of what is not there, none. */
export function shown(value: unknown): string {
  if (value === undefined || value === null) return "";
  return typeof value === "string" ? value : JSON.stringify(value);
}

/** A text that is longer than there is room for, cut off. */
export const cutTo = (text: string, limit: number) => (text.length > limit ? `${text.slice(0, limit - 1)}…` : text);

/** The value at a path such as `spec.template.spec.containers`. */
export function at(value: unknown, path: string): unknown {
  return path.split(".").reduce<unknown>((inside, key) => fieldsOf(inside)[key], value);
}

/**
 * The value at a path that counts the items of lists, such as `spec.containers[0].env[2].value`, and that path with their
 * names, as {@link differences} has it.
 */
export function counted(value: unknown, path: string): { path: string; value: unknown } {
  let [named, inside] = ["", value];
  for (const [, key, index] of path.matchAll(/([^.[\]]+)|\[(\d+)\]/g)) {
    const step = index ?? key ?? "";
    inside = fieldsOf(inside)[step];
    const { name } = fieldsOf(inside);
    if (index === undefined) named += named ? `.${step}` : step;
    else named += `[${typeof name === "string" ? name : index}]`;
  }
  return { path: named, value: inside };
}

export const items = (list: unknown): unknown[] => (Array.isArray(list) ? (list as unknown[]) : []);

export const objectsAt = (value: unknown, path: string) => items(at(value, path)).filter(isObject);
