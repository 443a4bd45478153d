import type { EngineEvent, OpType, StepEventMetadata } from "@pulumi/pulumi/automation";
import { Text } from "../../text";
import { say } from "../terminal/language";

/** What became of a resource, with the sign that Pulumi itself shows for it. */
const done: Partial<Record<OpType, { sign: string; past: Text; will: Text }>> = {
  create: { sign: "+", past: { en: "created", ko: "만들었습니다" }, will: { en: "create", ko: "만들 예정" } },
  update: { sign: "~", past: { en: "changed", ko: "바꿨습니다" }, will: { en: "change", ko: "바꿀 예정" } },
  delete: { sign: "-", past: { en: "removed", ko: "지웠습니다" }, will: { en: "remove", ko: "지울 예정" } },
  "create-replacement": {
    sign: "+-",
    past: { en: "created anew", ko: "새로 만들었습니다" },
    will: { en: "replace", ko: "교체할 예정" },
  },
  "delete-replaced": {
    sign: "-",
    past: { en: "old one removed", ko: "이전 것을 지웠습니다" },
    will: { en: "", ko: "" },
  },
};

/**
 * Warnings that a line of ours says better: that a stand-in is used, that a cluster is gone, and that something was not
 * ready when the run began, which the run then mends or explains.
 */
const saidElsewhere = /from \$PATH at |cluster is unreachable|^Refreshed resource is in an unhealthy state/;

/** `docker:index/container:Container` and its name, as a person would say it. */
function nameOf(metadata: { type: string; urn: string }): string {
  return `${metadata.type.split(":").pop()} ${metadata.urn.split("::").pop()}`;
}

/** Components and providers are bookkeeping; people look for containers, networks and volumes. */
function worthTelling({ type }: { type: string }): boolean {
  return !/^(pulumi:|course:)/.test(type);
}

/** A pulled image that stays as a cache: only Pulumi's note of it is removed. */
function staysAsCache({ op, old }: StepEventMetadata): boolean {
  return op === "delete" && (old?.inputs as Record<string, unknown> | undefined)?.keepLocally === true;
}

/** An instruction of a Dockerfile, as BuildKit and as the classic builder announce it. */
const instruction = /^(?:\[(?:\S+ )?\d+\/\d+\] |Step \d+\/\d+ : )/;
/** What a build says of itself, beside what its instructions print. */
const buildNoise = /^(?:|digest: .*|error: .*|\[internal\] .*|Starting Docker build|transferring .*)$/;
/** How many lines of what it printed explain why it failed. */
const mostBuilt = 10;

/** How many properties a line names. */
const most = 4;

/** The properties that a step changes, as exactly as the provider tells, without those that only Pulumi knows. */
function reasons({ detailedDiff, diffs }: StepEventMetadata): string {
  const exact = Object.keys(detailedDiff ?? {});
  const paths = (exact.length > 0 ? exact : (diffs ?? [])).filter((path) => path && !path.startsWith("__"));
  if (paths.length === 0) return "";
  const more = paths.length > most ? `, … +${paths.length - most}` : "";
  return ` (${paths.slice(0, most).join(", ")}${more})`;
}

/**
 * Tells a person what Pulumi is doing, a line each, and that it is still alive when a step takes long.
 */
export class Progress {
  /** Errors that Pulumi reported, in order, without repetitions. */
  readonly errors: string[] = [];
  /** How many resources were created, changed, replaced or removed. */
  changes = 0;
  /** Steps that a preview announced. */
  readonly planned: StepEventMetadata[] = [];
  private readonly begun = new Map<string, number>();
  private readonly instructions = new Set<string>();
  /** What the instruction of a Dockerfile that is being run printed last. */
  private readonly built: string[] = [];
  private readonly heartbeat: NodeJS.Timeout;
  private lastLine = Date.now();

  /** @param quiet collect, but print nothing */
  constructor(private readonly quiet = false) {
    this.heartbeat = setInterval(() => this.beat(), 5000);
    this.heartbeat.unref();
  }

  /** To be handed to the Automation API as `onEvent`. */
  readonly on = (event: EngineEvent): void => {
    const { resourcePreEvent: pre, resOutputsEvent: out, resOpFailedEvent: failed, diagnosticEvent: told } = event;
    if (pre) this.begin(pre.metadata, pre.planning === true);
    if (out && !out.planning) this.end(out.metadata);
    if (failed) this.begun.delete(nameOf(failed.metadata));
    if (told?.severity === "info" && told.urn && /:Image::/.test(told.urn)) this.building(told.message);
    // What is only true for now, such as that a Deployment's pods are not ready yet while they start, is nobody's worry.
    if (told?.ephemeral) return;
    if (told?.severity === "error") this.error(told.message);
    if (told?.severity === "warning") this.warning(told.message);
  };

  /** What has begun and has not ended yet, each with its time. */
  underWay(): string[] {
    return [...this.begun].map(([name, since]) => `${name} ${Math.round((Date.now() - since) / 1000)} s`);
  }

  /** Stops the heartbeat. */
  stop(): void {
    clearInterval(this.heartbeat);
  }

  private line(text: Text): void {
    this.lastLine = Date.now();
    if (!this.quiet) say(text);
  }

  private begin(metadata: StepEventMetadata, planning: boolean): void {
    if (planning) {
      if (metadata.op === "same" || metadata.op === "read" || metadata.op === "refresh") return;
      this.planned.push(metadata);
      const what = done[metadata.op];
      // A replacement is announced in three steps; one line is enough.
      const logical = metadata.op === "replace" || metadata.op === "delete-replaced";
      if (!what || logical || !worthTelling(metadata)) return;
      const why = reasons(metadata);
      this.line({
        en: `  ${what.sign} ${nameOf(metadata)}: ${what.will.en}${why}`,
        ko: `  ${what.sign} ${nameOf(metadata)}: ${what.will.ko}${why}`,
      });
    } else if (done[metadata.op] && worthTelling(metadata)) {
      this.begun.set(nameOf(metadata), Date.now());
    }
  }

  private end(metadata: StepEventMetadata): void {
    const what = done[metadata.op];
    if (!what) return;
    const name = nameOf(metadata);
    const seconds = ((Date.now() - (this.begun.get(name) ?? Date.now())) / 1000).toFixed(1);
    this.begun.delete(name);
    if (!worthTelling(metadata) || staysAsCache(metadata)) return;
    this.changes += 1;
    this.line({
      en: `  ${what.sign} ${name}: ${what.past.en} (${seconds} s)`,
      ko: `  ${what.sign} ${name}: ${what.past.ko} (${seconds}초)`,
    });
  }

  private beat(): void {
    if (Date.now() - this.lastLine < 15_000 || this.begun.size === 0) return;
    const names = this.underWay().join(", ");
    this.line({ en: `  … ${names}`, ko: `  … ${names}` });
  }

  private error(message: string): void {
    const text = message.trim();
    if (!text || this.errors.includes(text)) return;
    this.errors.push(text);
    // The error names the instruction and its exit code; why it failed is only in what it printed.
    if (/error reading build output/.test(text)) this.errors.push(...this.built.splice(0));
  }

  private warning(message: string): void {
    const text = message.trim();
    if (saidElsewhere.test(text)) return;
    this.line({ en: `  ! ${text}`, ko: `  ! ${text}` });
  }

  /** Tells of each instruction of a Dockerfile once, and remembers what it prints. */
  private building(message: string): void {
    for (const line of message.split("\n").map((text) => text.trimEnd())) {
      if (instruction.test(line)) {
        if (this.instructions.has(line)) continue;
        this.instructions.add(line);
        this.built.length = 0;
        this.line({ en: `    ${line}`, ko: `    ${line}` });
      } else if (!buildNoise.test(line)) {
        this.built.push(line);
        if (this.built.length > mostBuilt) this.built.shift();
      }
    }
  }
}
