import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as auto from "@pulumi/pulumi/automation";
import { separateConnections } from "./engine-connections";

/** What the tests of the stand-in plugins share: what the originals did, and projects to do it again in. */

export type Properties = Record<string, unknown>;

/** A resource as the state and the recordings list it. */
export interface Recorded {
  urn: string;
  type: string;
  id: string;
  inputs: Properties;
  outputs: Properties;
  propertyDependencies: Properties | null;
  initErrors?: string[];
}

/** A step of a preview, as the recordings list it. */
export interface Step {
  op: string;
  urn: string;
  diffReasons: string[] | null;
  replaceReasons: string[] | null;
  detailedDiff: Record<string, { kind: string; inputDiff: boolean }> | null;
}

/** How the engine marks a secret, in the state and in the recordings. */
export const secretKey = "4dabf18193072939515e22adb298388d";

const recordings = join(__dirname, "..", "fixtures", "recordings");
export const recording = (name: string) => readFileSync(join(recordings, name), "utf8");

/** The lines of a recorded preview file, each the steps of one preview. */
export const recordedPreviews = (name: string) =>
  recording(name)
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as Step[]);

/** The sections of a recorded error file: the name of each, and its lines. */
export const recordedErrors = (name: string) =>
  recording(name)
    .split(/^== /m)
    .slice(1)
    .map((section) => {
      const [title = "", ...lines] = section.trimEnd().split("\n");
      return { title, text: lines.join("\n") };
    });

export async function resourcesOf(stack: auto.Stack): Promise<Recorded[]> {
  return ((await stack.exportStack()).deployment as { resources?: Recorded[] }).resources ?? [];
}

/** A resource's short name: type and name, as in the recordings. */
export const shortUrn = (urn: string) => urn.split("::").slice(2).join("::");

/** Collects the steps of a preview, of those kinds. */
export function stepsInto(steps: Step[], ...ops: string[]) {
  return ({ resourcePreEvent: event }: auto.EngineEvent) => {
    if (event === undefined || !ops.includes(event.metadata.op)) return;
    const { op, urn, diffs, keys, detailedDiff } = event.metadata;
    const kinds = Object.entries(detailedDiff ?? {}).map(
      ([path, { diffKind, inputDiff }]) => [path, { kind: diffKind, inputDiff }] as const,
    );
    steps.push({
      op,
      urn: shortUrn(urn),
      diffReasons: diffs ?? null,
      replaceReasons: keys ?? null,
      detailedDiff: detailedDiff ? Object.fromEntries(kinds) : null,
    });
  };
}

export const byUrn = (a: Step, b: Step) => a.urn.localeCompare(b.urn);

/** What an update says of its failure: the part of its output that names the resources and their errors. */
export function diagnostics(error: unknown): string {
  const text = String(error).replace(/ err\?: [^]*/, "");
  return text.slice(text.indexOf("Diagnostics:"), text.indexOf("\nResources:"));
}

/** A project of its own, in a folder of its own, with its state in that folder. */
export class Project {
  readonly folder = mkdtempSync(join(tmpdir(), "standin-"));
  constructor(
    readonly name: string,
    readonly stackName = "rec",
  ) {
    mkdirSync(join(this.folder, "state"));
  }

  stack(program: auto.PulumiFn, environment: Record<string, string> = {}): Promise<auto.Stack> {
    separateConnections();
    // Plugins work in the project's folder, where the relative paths of a build belong.
    return auto.LocalWorkspace.createOrSelectStack(
      { stackName: this.stackName, projectName: this.name, program },
      {
        workDir: this.folder,
        projectSettings: { name: this.name, runtime: "nodejs", main: this.folder },
        envVars: {
          PULUMI_BACKEND_URL: `file://${join(this.folder, "state")}`,
          PULUMI_CONFIG_PASSPHRASE: "standin",
          PULUMI_HOME: join(this.folder, "home"),
          PULUMI_SKIP_UPDATE_CHECK: "true",
          ...environment,
        },
      },
    );
  }

  /** What an update that fails says of it, "" when it does not fail. */
  async outcome(program: auto.PulumiFn, options: auto.UpOptions = {}): Promise<string> {
    try {
      await (await this.stack(program)).up(options);
      return "";
    } catch (error) {
      return diagnostics(error);
    }
  }

  /** Every file the backend wrote: the state, its backups and its history. */
  stateFiles(): string {
    const files = readdirSync(join(this.folder, "state"), { recursive: true, withFileTypes: true });
    return files
      .filter((file) => file.isFile())
      .map((file) => readFileSync(join(file.parentPath, file.name), "utf8"))
      .join("\n");
  }

  remove() {
    rmSync(this.folder, { recursive: true, force: true });
  }
}
