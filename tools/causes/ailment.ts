import { LabName } from "../../config";
import { Text } from "../../text";

/** One thing that is wrong: what, why, where the course teaches it, and the one next step. */
export interface Ailment {
  /** For programs: one of the causes of diagnosis/, one of Docker's below, or the id of a check. */
  cause: string;
  /** Lab that it concerns; undefined for the machine. */
  lab?: LabName;
  what: Text;
  why: Text;
  next: Text;
  /** What Docker, the cluster or the program said, word for word. */
  evidence: string[];
}

export const same = (text: string): Text => ({ en: text, ko: text });
