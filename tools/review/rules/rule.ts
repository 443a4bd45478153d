import { Text } from "../../../text";
import { called } from "../resources/labs";
import { Change, Inputs, Property, Warning, WarningKind } from "../resources/model";
import { at, cutTo } from "../resources/values";

/** Everything that changes, for rules that need more than one resource. */
export interface Context {
  changes: readonly Change[];
  /** What there was before, whether it changes or not. @default not known */
  base?: readonly { type: string; inputs: Inputs }[];
  /** Labs that go away as a whole. */
  removed: ReadonlySet<string>;
  /** Labs that there were none of before. */
  added: ReadonlySet<string>;
}

export type Rule = (change: Change, context: Context) => Warning | readonly Warning[];

export function warning(change: Change, kind: WarningKind, dangerous: boolean, text: Text): Warning {
  const { lab, name, already } = change;
  return { kind, dangerous, lab, resource: name, text, ...(already ? { already } : {}) };
}

/** `spec.replicas: 1 → 2`. Values are shown whole in the details; in a warning a line has to do. */
export function arrow({ path, old, new: now }: Property): string {
  return `\`${path}: ${cutTo(old ?? "–", 60)} → ${cutTo(now ?? "–", 60)}\``;
}

/** The first two of them; the details have all. */
export const arrows = (properties: readonly Property[]) => properties.slice(0, 2).map(arrow).join(", ");

/** Why something is replaced or changed, in parentheses; nothing where it is plain. */
export function because({ op, properties }: Change): Text {
  const forcing = properties.filter(({ forcesReplacement }) => forcesReplacement);
  const reasons = arrows(op === "replace" && forcing.length > 0 ? forcing : properties);
  if (reasons !== "") return { en: ` (${reasons})`, ko: ` (${reasons})` };
  return op === "replace"
    ? { en: " (because of what it depends on)", ko: " (의존하는 리소스 때문에)" }
    : { en: "", ko: "" };
}

export const code = (change: Change) => `\`${called(change)}\``;

export const stays = ({ op }: Change) => op === "update" || op === "replace";

/** Whether an object comes or goes with its whole namespace, of which more is to be said than of each thing in it. */
export function movesWithNamespace({ op, before, after }: Change, changes: readonly Change[]): boolean {
  if (op !== "create" && op !== "delete") return false;
  const namespace = at(before ?? after, "metadata.namespace");
  const isIt = (other: Change) => at(other.before ?? other.after, "metadata.name") === namespace;
  return (
    namespace !== undefined &&
    changes.some((other) => other.op === op && other.type.endsWith(":Namespace") && isIt(other))
  );
}

/** What a resource was, with the labels by which it finds pods now, where these pods got them in the same change. */
export function followed({ lab, before }: Change, changes: readonly Change[]): Inputs | undefined {
  const labels = (inputs: Inputs | undefined) => at(inputs, "spec.selector.matchLabels");
  const pods = changes.filter((other) => other.lab === lab && labels(other.before) && labels(other.after));
  return pods.reduce((done, { before: old, after: now }) => {
    const [from, to] = [old, now].map((inputs) => JSON.stringify(labels(inputs)));
    return done && (JSON.parse(JSON.stringify(done).replaceAll(from!, to!)) as Inputs);
  }, before);
}
