import { Text } from "../../../text";

/** Something that a resource leaves open. */
export interface Opening {
  /** Equal for the same opening before and after a change. */
  key: string;
  kind: "exposure" | "security";
  text: Text;
  /** It is so by design where a lab is new: told there, or nothing at all; opened later, it is a change to agree to. */
  byDesign?: "told" | "silent";
  /** Keys of wider openings, which include this one. */
  within?: string[];
}

/** Something that keeps a resource shut. To be without it is usual, to lose it is not. */
export interface Safeguard {
  key: string;
  kind: Opening["kind"];
  /** What is lost with it. */
  text: Text;
  /** Keys of stronger safeguards: with one of them, this one is not missed. */
  within?: string[];
}

export const opening = (
  kind: Opening["kind"],
  key: string,
  en: string,
  ko: string,
  more: Partial<Pick<Opening, "byDesign" | "within">> = {},
): Opening => ({ kind, key, text: { en, ko }, ...more });

export const safeguard = (
  key: string,
  en: string,
  ko: string,
  more: Partial<Pick<Safeguard, "kind" | "within">> = {},
): Safeguard => ({
  key,
  kind: "security",
  text: { en, ko },
  ...more,
});

/** The items of a list, or nothing where there is none. */
export const items = (list: unknown): unknown[] => (Array.isArray(list) ? (list as unknown[]) : []);

/** The openings, or the safeguards, of one side of a change that the other side has not; each text once. */
export function missing<T extends Opening | Safeguard>(from: readonly T[], on: readonly T[]): T[] {
  const known = new Set(on.map(({ key }) => key));
  const found = from.filter(({ key, within = [] }) => ![key, ...within].some((k) => known.has(k)));
  return [...new Map(found.map((one) => [one.text.en, one])).values()];
}
