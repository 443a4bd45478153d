import { Text } from "../../../text";

/** Something that a resource leaves open. */
export interface Door {
  /** Equal for the same door before and after a change. */
  key: string;
  kind: "exposure" | "security";
  text: Text;
  /** It is so by design where a lab is new: told there, or nothing at all; opened later, it is a change to agree to. */
  byDesign?: "told" | "silent";
  /** Keys of wider doors: who could come in by one of them, could by this one. */
  within?: string[];
}

/** Something that keeps a resource shut. To be without it is usual, to lose it is not. */
export interface Lock {
  key: string;
  kind: Door["kind"];
  /** What is lost with it. */
  text: Text;
  /** Keys of stronger locks: with one of them, this one is not missed. */
  within?: string[];
}

export const door = (
  kind: Door["kind"],
  key: string,
  en: string,
  ko: string,
  more: Partial<Pick<Door, "byDesign" | "within">> = {},
): Door => ({ kind, key, text: { en, ko }, ...more });

export const lock = (key: string, en: string, ko: string, more: Partial<Pick<Lock, "kind" | "within">> = {}): Lock => ({
  key,
  kind: "security",
  text: { en, ko },
  ...more,
});

/** The items of a list, or nothing where there is none. */
export const items = (list: unknown): unknown[] => (Array.isArray(list) ? (list as unknown[]) : []);

/** The doors, or the locks, of one side of a change that the other side has not; each text once. */
export function missing<T extends Door | Lock>(from: readonly T[], on: readonly T[]): T[] {
  const known = new Set(on.map(({ key }) => key));
  const found = from.filter(({ key, within = [] }) => ![key, ...within].some((k) => known.has(k)));
  return [...new Map(found.map((one) => [one.text.en, one])).values()];
}
