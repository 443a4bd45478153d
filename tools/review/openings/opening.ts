import { Text } from "../../../text";

/** Something that a resource leaves open, or a safeguard that keeps it shut: to have none is usual, to lose one is not. */
export interface Opening {
  /** Equal for the same one before and after a change. */
  key: string;
  kind: "exposure" | "security";
  /** What is open, or is lost with the safeguard. */
  text: Text;
  /** It is so by design where a lab is new: told there, or nothing at all; opened later, it is a change to agree to. */
  byDesign?: "told" | "silent";
  /** Keys of wider openings or stronger safeguards, which include this one. */
  within?: string[];
}

const ofKind =
  (kind: Opening["kind"]) =>
  (key: string, { en, ko, ...more }: Text & Pick<Opening, "byDesign" | "within">): Opening => ({
    ...{ kind, key, text: { en, ko } },
    ...more,
  });

export const exposure = ofKind("exposure");
export const security = ofKind("security");

/** Those of one side of a change that the other side has not; each text once. */
export function missing(from: readonly Opening[], on: readonly Opening[]): Opening[] {
  const known = new Set(on.map(({ key }) => key));
  const found = from.filter(({ key, within = [] }) => ![key, ...within].some((k) => known.has(k)));
  return [...new Map(found.map((one) => [one.text.en, one])).values()];
}
