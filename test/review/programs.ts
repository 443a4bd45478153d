import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as pulumi from "@pulumi/pulumi";
import { parse } from "yaml";
import { parseSettings } from "../../config";
import { assess, Assessed, Programs } from "../../tools/review";
import { compare, made } from "../../tools/review/compare";
import { Change } from "../../tools/review/resources/model";
import { observe, Registered } from "../../tools/review/resources/register";
import { running, Running } from "../../tools/review/state";
import { RegisterAnswer } from "../../tools/review/worker";
import { step } from "./build";

// eslint-disable-next-line @typescript-eslint/no-require-imports
const state = require("@pulumi/pulumi/runtime/state") as Parameters<typeof observe>[1]["state"];

/** What a program registers, with the settings that it has where nobody says otherwise. */
export async function answerOf(
  program: () => unknown,
  settings: Record<string, unknown> = {},
): Promise<RegisterAnswer> {
  const parsed = parseSettings(settings);
  const all = Object.entries(parsed).filter(([, value]) => value !== undefined);
  const texts = all.map(([key, value]) => [key, typeof value === "string" ? value : JSON.stringify(value)] as const);
  const config = Object.fromEntries(texts.map(([key, value]) => [`course-labs:${key}`, value]));
  const observed = await observe(program, { pulumi, state, project: "course-labs", stack: "dev", config });
  return { ...observed, settings: Object.fromEntries(texts), labs: parsed.labs };
}

/** An edit of a file of the program: what stands there, and what stands there then. */
export type Edit = [file: string, from: string | RegExp, to: string];

/** The project's program in a folder of its own, to be edited. */
export class Copy {
  readonly folder = mkdtempSync(join(tmpdir(), "review-copy-"));
  private readonly root = join(__dirname, "../..");

  constructor() {
    const beside = readdirSync(this.root).filter((file) => file.endsWith(".ts"));
    for (const file of [
      ...beside,
      "components",
      "config",
      "docker",
      "Pulumi.dev.yaml",
      "package.json",
      "tsconfig.json",
    ])
      cpSync(join(this.root, file), join(this.folder, file), { recursive: true });
    symlinkSync(join(this.root, "node_modules"), join(this.folder, "node_modules"), "junction");
  }

  remove(): void {
    rmSync(this.folder, { recursive: true });
  }

  /** What the program registers with edits, which are taken back afterwards. */
  async registers(...edits: Edit[]): Promise<RegisterAnswer> {
    const before = new Map<string, string>();
    try {
      for (const [file, from, to] of edits) {
        const path = join(this.folder, file);
        const old = readFileSync(path, "utf8");
        const now = old.replace(from, to);
        if (now === old) throw new Error(`${file} has no ${String(from)}`);
        if (!before.has(path)) before.set(path, old);
        writeFileSync(path, now);
      }
      for (const loaded of Object.keys(require.cache)) if (loaded.startsWith(this.folder)) delete require.cache[loaded];
      const { config } = parse(readFileSync(join(this.folder, "Pulumi.dev.yaml"), "utf8")) as { config: object };
      const settings = Object.entries(config)
        .filter(([key]) => key.startsWith("course-labs:"))
        .map(([key, value]) => [key.replace("course-labs:", ""), value as unknown] as const);
      // eslint-disable-next-line @typescript-eslint/no-require-imports
      const program = () => require(join(this.folder, "index")) as unknown;
      return await answerOf(program, Object.fromEntries(settings));
    } finally {
      before.forEach((old, path) => writeFileSync(path, old));
    }
  }
}

/** The steps by which the engine would go from one program to another. */
export function stepsBetween(base: readonly Registered[], head: readonly Registered[]): ReturnType<typeof step>[] {
  const changes = new Map(compare(base, head).map((change) => [change.urn, change]));
  const parents = new Map([...base, ...head].map(({ urn, parent }) => [urn, parent]));
  const of = ({ urn, type, op, properties, before, after, component }: Change) => {
    const keys = properties.filter(({ forcesReplacement }) => forcesReplacement).map(({ path }) => path);
    const made = step(op, { urn, type, old: before, new: after, more: { keys } });
    for (const side of [made.old, made.new])
      if (side) Object.assign(side, { parent: parents.get(urn) ?? "", custom: component ? undefined : true });
    return made;
  };
  const same = [...made(head).values()]
    .filter(({ urn }) => !changes.has(urn))
    .map(({ urn, type, inputs }) => step("same", { urn, type, old: inputs, new: inputs }));
  return [...[...changes.values()].map(of), ...same];
}

/** A state in which a program's resources run. */
export const stateOf = (resources: readonly Registered[]): Running =>
  running({
    version: 3,
    deployment: {
      resources: [...made(resources).values()].map(({ urn, type, parent, component }) => ({
        ...{ urn, type, ...(parent ? { parent } : {}), custom: !component },
      })),
    },
  });

/** What a review finds: without running labs, or with those of the base and an engine that answers for them. */
export async function assessed(base: RegisterAnswer, head: RegisterAnswer, runs: boolean): Promise<Assessed> {
  const preview = (side: RegisterAnswer) => () =>
    Promise.resolve({ steps: stepsBetween(base.resources, side.resources) });
  const programs: Programs = { base: { preview: preview(base) }, head: { preview: preview(head) } };
  const unreachable = () => Promise.resolve(new Map());
  return assess(programs, { base, head }, runs ? { running: stateOf(base.resources), unreachable } : { unreachable });
}
