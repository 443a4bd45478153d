import { Text } from "../../../text";

/** What becomes of a resource when the change is merged and `up` is run. */
export type Op = "create" | "update" | "replace" | "delete";

/** Inputs of a resource as {@link plain} leaves them: no secret is in them. */
export type Inputs = Record<string, unknown>;

export interface Property {
  /** `spec.replicas`, `labels[lesson]`, `ports[0].external` */
  path: string;
  old?: string;
  new?: string;
  forcesReplacement: boolean;
}

export interface Change {
  urn: string;
  /** The lab that it is a part of, or `shared`. */
  lab: string;
  /** `docker:index/container:Container` */
  type: string;
  name: string;
  op: Op;
  properties: Property[];
  /** Who says so: Pulumi's engine with the provider plugins, or only the two programs side by side. */
  basis: "engine" | "programs";
  /** The running labs differ from the base in the same way: it happens without this change, too. */
  already: boolean;
  /** It only holds others together. */
  component?: boolean;
  before?: Inputs;
  after?: Inputs;
}

/** Kinds of warnings, in the order in which they are shown. */
export const warningKinds = [
  "data loss",
  "exposure",
  "security",
  "policy",
  "availability",
  "version",
  "failure",
  "interruption",
  "address",
  "unknown",
  "option",
] as const;
export type WarningKind = (typeof warningKinds)[number];

/** What a reviewer has to know. */
export interface Warning {
  kind: WarningKind;
  /** Somebody has to agree to it; the others are only told. */
  dangerous: boolean;
  lab: string;
  /** Name of the resource, where it is one. */
  resource?: string;
  text: Text;
  /** As {@link Change.already}. */
  already?: boolean;
}

/** A setting of the stack that differs; defaults count. */
export interface SettingChange {
  name: string;
  old?: string;
  new?: string;
}

export type Verdict = "nothing" | "changes" | "dangerous" | "failed";

export interface Report {
  verdict: Verdict;
  /** The revision that is compared with, and what it was called. */
  base: { ref: string; commit: string };
  stack: string;
  /** Dangerous ones first. */
  warnings: Warning[];
  changes: Change[];
  settings: SettingChange[];
  /** What the stack and its components tell as their results, where it differs. */
  outputs: SettingChange[];
  /** Files that differ beside the program: what people build from and apply by hand, other stacks, the rules. */
  files: string[];
  unchecked: Text[];
  /** Why the head cannot be provisioned at all. */
  failure?: Text;
}

/** What a gate goes by; 1 is every other command's failure, too. */
export const exitCodes: Record<Verdict, number> = { nothing: 0, failed: 1, changes: 2, dangerous: 3 };
