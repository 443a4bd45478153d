import { Text } from "../../text";

/** What can be wrong with a lab on a cluster, from what is surest to what is only a sign. */
export const causes = [
  "cluster unreachable",
  "cluster part",
  "image cannot be pulled",
  "no storage class",
  "no volume",
  "pod refused",
  "too little memory",
  "unschedulable",
  "wrong password",
  "volume full",
  "half-made database",
  "older database",
  "out of memory",
  "evicted",
  "cannot start",
  "volume cannot be mounted",
  "crash loop",
  "killed",
  "node port taken",
  "image still being pulled",
  "not ready",
] as const;
export type Cause = (typeof causes)[number];

/** One thing that is wrong, for a person: what, why, and the one next step. */
export interface Finding {
  cause: Cause;
  /** The workload that {@link what} is about; none for the cluster and its storage. */
  workload?: string;
  /** What does not work, with its name. */
  what: Text;
  /** Why, as far as the cluster tells. */
  why: Text;
  /** The one next step. */
  next: Text;
  /** What the cluster itself said, word for word: messages, the last lines of a log. */
  evidence: string[];
}

/** A finding as it is printed. */
export function findingText({ what, why, next, evidence }: Finding): Text {
  const said = evidence.map((line) => `\n    ${line}`).join("");
  return { en: `${what.en} ${why.en}\n  ${next.en}${said}`, ko: `${what.ko} ${why.ko}\n  ${next.ko}${said}` };
}
