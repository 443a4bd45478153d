import { StepEventMetadata } from "@pulumi/pulumi/automation";
import { labOf, nameOf } from "./resources/labs";
import { Change, Inputs, Op, Property } from "./resources/model";
import { at, counted, differences, plain, propertyOf, secret } from "./resources/values";

/** What a step of a preview amounts to; the others change nothing. */
const opOf = (op: StepEventMetadata["op"]): Op | undefined => {
  if (op.includes("replace")) return "replace";
  if (op === "import") return "create";
  return op === "create" || op === "update" || op === "delete" ? op : undefined;
};

/** A path without what stands in brackets: plugins count the items of a list differently than people do. */
const bare = (path: string) => path.replace(/\[[^\]]*\]/g, "");

const top = (path: string) => path.split(/[.[]/)[0];

const touches = (a: string, b: string) => {
  const [x, y] = [bare(a), bare(b)];
  return x === y || x.startsWith(`${y}.`) || y.startsWith(`${x}.`);
};

/** What the engine says of a step: which properties differ, and which of them force a replacement. */
interface Said {
  detailedDiff?: StepEventMetadata["detailedDiff"];
  keys?: string[];
  diffs?: string[];
}

export function properties(before: Inputs, after: Inputs, { detailedDiff, keys, diffs }: Said): Property[] {
  const detailed = Object.entries(detailedDiff ?? {});
  const forcing = [
    ...(keys ?? []),
    ...detailed.filter(([, { diffKind }]) => diffKind.endsWith("-replace")).map(([path]) => path),
  ];
  const property = (path: string, old: unknown, now: unknown) =>
    propertyOf(
      { path, old, new: now },
      forcing.some((reason) => touches(reason, path)),
    );
  const found = differences(before, after).map(({ path, old, new: now }) => property(path, old, now));
  const said = [...detailed.map(([name]) => name), ...(keys ?? []), ...(diffs ?? [])];
  // What differs although it reads the same is a secret, or something that only the plugin sees.
  for (const path of said) {
    const [old, now] = [counted(before, path), counted(after, path)];
    const hidden = [old, now].find(({ value }) => value === secret);
    if (hidden && found.every((known) => known.path !== hidden.path)) {
      found.push(property(hidden.path, old.value, now.value));
    }
  }
  for (const path of new Set(said.map(bare))) {
    if (path.startsWith("__") || found.some((known) => touches(known.path, path))) continue;
    const [old, now] = [at(before, path), at(after, path)];
    // Inside a list whose items are told apart by their names, it is among those that were found.
    const inList = old === undefined && now === undefined && found.some((known) => top(known.path) === top(path));
    if (!inList) found.push(property(path, old, now));
  }
  return found;
}

/** No plugin makes it; the engine leaves the word away where it is not so. */
const isComponent = (steps: readonly StepEventMetadata[]) =>
  steps.every((step) => !(step.new ?? step.old)?.custom && !step.type.startsWith("pulumi:"));

export function changesOf(
  steps: readonly StepEventMetadata[],
  parents: ReadonlyMap<string, string | undefined>,
): Change[] {
  const byUrn = new Map<string, StepEventMetadata[]>();
  for (const step of steps) {
    // The stack itself is no resource that anybody made.
    if (opOf(step.op) && step.type !== "pulumi:pulumi:Stack")
      byUrn.set(step.urn, [...(byUrn.get(step.urn) ?? []), step]);
  }
  const known = new Map(parents);
  for (const step of steps) known.set(step.urn, step.new?.parent || step.old?.parent || known.get(step.urn));

  return [...byUrn].map(([urn, of]) => {
    const { type } = of[0]!;
    const ops = new Set(of.map(({ op }) => opOf(op)));
    const op = ops.has("replace") || ops.size > 1 ? "replace" : [...ops][0]!;
    const [old, now] = [of.find((step) => step.old)?.old, of.find((step) => step.new)?.new];
    const before = op === "create" ? undefined : plain(old?.inputs, type);
    const after = op === "delete" ? undefined : plain(now?.inputs, type);
    const said: Said = {
      detailedDiff: Object.assign({}, ...of.map(({ detailedDiff }) => detailedDiff)) as Said["detailedDiff"],
      keys: of.flatMap(({ keys }) => keys ?? []),
      diffs: of.flatMap(({ diffs }) => diffs ?? []),
    };
    return {
      ...{ urn, lab: labOf(urn, known), type, name: nameOf(urn), op },
      properties: before && after ? properties(before, after, said) : [],
      ...{ basis: "engine" as const, already: false },
      ...(isComponent(of) ? { component: true } : {}),
      ...(before ? { before } : {}),
      ...(after ? { after } : {}),
    };
  });
}

/** A component is told of by its parts, and by itself where nothing else of the lab differs. */
export const worthTelling = (changes: readonly Change[]) =>
  changes.filter(
    ({ component, lab, already }) =>
      !component || !changes.some((other) => !other.component && other.lab === lab && other.already === already),
  );

/** Marks what the base does to the running labs as well: it is not this change that causes it. */
export function markAlready(head: readonly Change[], base: readonly Change[]): Change[] {
  // What is made or removed has no property that differs: all of it counts.
  const print = ({ urn, op, properties, before, after }: Change) =>
    JSON.stringify([urn, op, properties, before, after]);
  const known = new Set(base.map(print));
  return head.map((change) => ({ ...change, already: known.has(print(change)) }));
}
