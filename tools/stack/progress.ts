import { isDeepStrictEqual } from "node:util";
import type { EngineEvent, OpType, StepEventMetadata } from "@pulumi/pulumi/automation";
import { same, Text } from "../../text";
import { say, told } from "../terminal/language";

/** The operations with the signs that Pulumi uses for them. */
const done: Partial<Record<OpType, { sign: string; past: Text; will: Text }>> = {
  create: { sign: "+", past: { en: "created", ko: "생성됨" }, will: { en: "create", ko: "생성 예정" } },
  update: { sign: "~", past: { en: "updated", ko: "변경됨" }, will: { en: "update", ko: "변경 예정" } },
  delete: { sign: "-", past: { en: "deleted", ko: "삭제됨" }, will: { en: "delete", ko: "삭제 예정" } },
  "create-replacement": {
    sign: "+-",
    past: { en: "re-created", ko: "다시 생성됨" },
    will: { en: "replace", ko: "교체 예정" },
  },
  "delete-replaced": {
    sign: "-",
    past: { en: "old one deleted", ko: "이전 리소스 삭제됨" },
    will: { en: "", ko: "" },
  },
};

/**
 * Warnings that are already covered by our own messages: a stand-in is used, a cluster is gone, or a resource was not ready
 * when the run began.
 */
const saidElsewhere = /from \$PATH at |cluster is unreachable|^Refreshed resource is in an unhealthy state/;

type Made = Pick<StepEventMetadata, "type" | "urn"> & Partial<Pick<StepEventMetadata, "old" | "new">>;

/** Names of objects by their type, in the words of Docker; Kubernetes' own words are the last part of a type. */
const kinds: Record<string, (name: string) => Text> = {
  "docker:index/container:Container": (name) => ({ en: `container ${name}`, ko: `컨테이너 ${name}` }),
  "docker:index/network:Network": (name) => ({ en: `network ${name}`, ko: `네트워크 ${name}` }),
  "docker:index/volume:Volume": (name) => ({ en: `volume ${name}`, ko: `볼륨 ${name}` }),
  "docker:index/image:Image": (name) => ({ en: `built image ${name}`, ko: `빌드한 이미지 ${name}` }),
  "docker:index/remoteImage:RemoteImage": (name) => ({ en: `image ${name}`, ko: `이미지 ${name}` }),
  "random:index/randomPassword:RandomPassword": (name) => ({
    en: `generated password ${name} (kept in the stack's state)`,
    ko: `생성한 암호 ${name} (스택의 상태에 보관)`,
  }),
  "random:index/randomId:RandomId": () => ({
    en: "random id for the labels of this stack's objects",
    ko: "이 스택의 오브젝트를 구별하는 레이블용 임의 ID",
  }),
};

/** What a resource is, as Docker and Kubernetes call it; by its name in the program where that is all that is known. */
export function called({ type, urn, old, new: now }: Made): Text {
  const inputs = ((now ?? old)?.inputs ?? {}) as Record<string, unknown>;
  const { name, namespace } = (inputs.metadata ?? {}) as Record<string, unknown>;
  const known = [name, inputs.name, inputs.imageName].find((one) => typeof one === "string");
  const shown = known ?? urn.split("::").pop() ?? urn;
  // The tag of a built image; a pulled image is kept.
  if (inputs.keepLocally === false) return { en: `image tag ${shown}`, ko: `이미지 태그 ${shown}` };
  const kind = kinds[type];
  if (kind) return kind(shown);
  const object = `${type.split(":").pop()} ${shown}`;
  if (typeof namespace !== "string") return same(object);
  return { en: `${object} in namespace ${namespace}`, ko: `${object} (${namespace} 네임스페이스)` };
}

/** Components and providers are internal; people look for containers, networks and volumes. */
function worthTelling({ type }: { type: string }): boolean {
  return !/^(pulumi:|course:)/.test(type);
}

/** A pulled image is kept when its resource is deleted. */
function staysAsCache({ op, old }: StepEventMetadata): boolean {
  return op === "delete" && (old?.inputs as Record<string, unknown> | undefined)?.keepLocally === true;
}

/** An instruction of a Dockerfile, as printed by BuildKit and by the legacy builder. */
const instruction = /^(?:\[(?:\S+ )?\d+\/\d+\] |Step \d+\/\d+ : )/;
/** Output of the builder itself, not of an instruction. */
const buildNoise = /^(?:|digest: .*|error: .*|\[internal\] .*|Starting Docker build|transferring .*)$/;
/** How many lines of output to show for a failed instruction. */
const mostBuilt = 10;

/** How many properties to show per line. */
const most = 4;

function reasons({ detailedDiff, diffs }: StepEventMetadata): string {
  const exact = Object.keys(detailedDiff ?? {});
  const paths = (exact.length > 0 ? exact : (diffs ?? [])).filter((path) => path && !path.startsWith("__"));
  if (paths.length === 0) return "";
  const more = paths.length > most ? `, … +${paths.length - most}` : "";
  return ` (${paths.slice(0, most).join(", ")}${more})`;
}

/** Prints what Pulumi is doing, one line per resource, and the current steps if nothing was printed for a while. */
export class Progress {
  /** Errors that Pulumi reported, in order, without repetitions. */
  readonly errors: string[] = [];
  /** How many resources were created, changed, replaced or removed. */
  changes = 0;
  /** Steps that a preview announced. */
  readonly planned: StepEventMetadata[] = [];
  /** Whether a preview has come to its end. */
  private complete = false;
  /** Resources that differ from the state, and warnings: `up` would write and report them. */
  private readonly news = new Set<string>();
  /** The resources as the state has them, by URN. */
  private readonly stored = new Map<string, StepEventMetadata["old"]>();
  /** The current steps, by URN. */
  private readonly begun = new Map<string, { what: Text; since: number }>();
  private readonly instructions = new Set<string>();
  /** The last output of the current instruction of a Dockerfile. */
  private readonly built: string[] = [];
  private readonly heartbeat: NodeJS.Timeout;
  private lastLine = performance.now();

  /** @param quiet collects events without printing */
  constructor(private readonly quiet = false) {
    this.heartbeat = setInterval(() => this.beat(), 5000);
    this.heartbeat.unref();
  }

  readonly on = (event: EngineEvent): void => {
    const {
      resourcePreEvent: pre,
      resOutputsEvent: out,
      resOpFailedEvent: failed,
      diagnosticEvent: diagnostic,
      summaryEvent: summary,
    } = event;
    if (summary) this.complete = true;
    if (out?.planning) this.compare(out.metadata);
    if (pre) this.begin(pre.metadata, pre.planning === true);
    if (out && !out.planning) this.end(out.metadata);
    if (failed) this.begun.delete(failed.metadata.urn);
    if (diagnostic?.severity === "info" && diagnostic.urn && /:Image::/.test(diagnostic.urn))
      this.building(diagnostic.message);
    // Ephemeral messages, such as pods that are not ready yet, are no problems.
    if (diagnostic?.ephemeral) return;
    if (diagnostic?.severity === "error") this.error(diagnostic.message);
    if (diagnostic?.severity === "warning") this.warning(diagnostic.message);
  };

  /** Whether `up` would have nothing to do after this preview. */
  get nothingToDo(): boolean {
    return this.complete && this.news.size === 0;
  }

  /** The current steps with their duration. */
  underWay(): string[] {
    return [...this.begun.values()].map(
      ({ what, since }) => `${told(what)} ${Math.round((performance.now() - since) / 1000)} s`,
    );
  }

  stop(): void {
    clearInterval(this.heartbeat);
  }

  private line(text: Text): void {
    this.lastLine = performance.now();
    if (!this.quiet) say(text);
  }

  private compare({ op, urn, old, new: now }: StepEventMetadata): void {
    // The steps of a resource build on each other: first the refresh, with the labels in Docker's order, then the program.
    if (!this.stored.has(urn)) this.stored.set(urn, old);
    const isSame = (op === "same" || op === "refresh") && isDeepStrictEqual(this.stored.get(urn), now);
    // What the program only reads is read again at every run, and some of it is never the same twice.
    if (isSame || (op === "read" && old)) this.news.delete(urn);
    else this.news.add(urn);
  }

  private begin(metadata: StepEventMetadata, planning: boolean): void {
    if (planning) {
      if (metadata.op === "same" || metadata.op === "read" || metadata.op === "refresh") return;
      this.planned.push(metadata);
      const what = done[metadata.op];
      // A replacement has three steps; print one line.
      const logical = metadata.op === "replace" || metadata.op === "delete-replaced";
      if (!what || logical || !worthTelling(metadata)) return;
      const why = reasons(metadata);
      const { en, ko } = called(metadata);
      this.line({
        en: `  ${what.sign} ${en}: ${what.will.en}${why}`,
        ko: `  ${what.sign} ${ko}: ${what.will.ko}${why}`,
      });
    } else if (done[metadata.op] && worthTelling(metadata)) {
      this.begun.set(metadata.urn, { what: called(metadata), since: performance.now() });
    }
  }

  private end(metadata: StepEventMetadata): void {
    const what = done[metadata.op];
    if (!what) return;
    const begun = this.begun.get(metadata.urn);
    const seconds = ((performance.now() - (begun?.since ?? performance.now())) / 1000).toFixed(1);
    this.begun.delete(metadata.urn);
    if (!worthTelling(metadata) || staysAsCache(metadata)) return;
    this.changes += 1;
    const { en, ko } = called(metadata);
    this.line({
      en: `  ${what.sign} ${en}: ${what.past.en} (${seconds} s)`,
      ko: `  ${what.sign} ${ko}: ${what.past.ko} (${seconds}초)`,
    });
  }

  private beat(): void {
    if (performance.now() - this.lastLine < 15_000 || this.begun.size === 0) return;
    this.line(same(`  … ${this.underWay().join(", ")}`));
  }

  private error(message: string): void {
    const text = message.trim();
    if (!text || this.errors.includes(text)) return;
    this.errors.push(text);
    // The error contains the instruction and its exit code; the reason is only in its output.
    if (/error reading build output/.test(text)) this.errors.push(...this.built.splice(0));
  }

  private warning(message: string): void {
    const text = message.trim();
    if (saidElsewhere.test(text)) return;
    this.news.add(text);
    this.line(same(`  ! ${text}`));
  }

  /** Prints each instruction of a Dockerfile once, and keeps its last output. */
  private building(message: string): void {
    for (const line of message.split("\n").map((text) => text.trimEnd())) {
      if (instruction.test(line)) {
        if (this.instructions.has(line)) continue;
        this.instructions.add(line);
        this.built.length = 0;
        this.line(same(`    ${line}`));
      } else if (!buildNoise.test(line)) {
        this.built.push(line);
        if (this.built.length > mostBuilt) this.built.shift();
      }
    }
  }
}
