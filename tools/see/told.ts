import { Text } from "../../text";
import { whatAndWhy } from "../causes/problem";
import { Ending } from "./ending";
import { Line } from "./digest";
import { Step, Story } from "./story";

/** One step, as a terminal and a page show it. */
export interface Shown {
  /** Who did it, and the resulting version, for programs. */
  actor: string;
  version: string;
  /** Seconds since the first step, such as `+3 s`. */
  since: string;
  /** Who did what to which object. */
  head: Text;
  /** What that changed, in one line. */
  changes?: Text;
  why: Text;
  doubt?: Text;
  /** The places of the drawing that take part. */
  lit: string[];
  /** Whether it is an Event, which changes nothing. */
  said: boolean;
  sides?: { desired: Line[]; current: Line[] };
  fields: string[];
  when: string;
}

/** What is shown after the last step: where it stops, and what waits for what. */
interface End {
  ok: boolean;
  actor: string;
  lit: string[];
  head: Text;
  what: Text;
  more: Text[];
  evidence: string[];
}

/** Everything that is shown of a story. A page contains it as data, from which it can be rebuilt. */
export interface Told {
  drawing: "cluster" | "docker";
  title: Text;
  /** The cluster or daemon, and the time of the beginning. */
  of: string;
  steps: Shown[];
  notes: Text[];
  end: End;
  /** The components of the control plane, one row each. */
  parts?: { name: string; cells: Text[] }[];
}

type Say = (text: Text) => string;

/** A text made of others, in both languages. */
export const inBoth = (write: (say: Say) => string): Text => ({
  en: write(({ en }) => en),
  ko: write(({ ko }) => ko),
});

const verbs: Record<Step["what"], Text> = {
  created: { en: "writes", ko: "작성" },
  changed: { en: "changes", ko: "변경" },
  "asked to go": { en: "asks to delete", ko: "삭제 요청" },
  deleted: { en: "removes", ko: "삭제" },
  said: { en: "says", ko: "알림" },
};

/** Desired and current state after a step: all of it for a new object, or else the differences, or the written fields. */
function changesIn({ what, desired, current }: Step, fields: readonly string[], say: Say): string {
  const sides: [Text, Line[]][] = [
    [{ en: "desired", ko: "원함" }, desired],
    [{ en: "current", ko: "현재" }, current],
  ];
  const told = sides.flatMap(([name, lines]) => {
    const shown = lines.filter(({ was, value }) => was !== undefined || (what === "created" && value !== "–"));
    const texts = shown.map(
      (line) => `${say(line.name)} ${line.was === undefined ? "" : `${line.was} → `}${line.value}`,
    );
    return texts.length > 0 ? `${say(name)}: ${texts.join(", ")}` : [];
  });
  if (told.length > 0 || what !== "changed") return told.join("  ");
  if (fields.length === 0) return say({ en: "has seen the change", ko: "변경을 확인함" });
  return fields
    .filter((field) => field.length < 120)
    .slice(0, 2)
    .join(", ");
}

/** @param start the time of the first step */
export function shownOf(step: Step, start: string | undefined): Shown {
  const { actor, what, resourceVersion, object, message = "", why, doubt, desired, current, fields, time } = step;
  const said = what === "said";
  const seconds = Math.round((Date.parse(time ?? "") - Date.parse(start ?? "")) / 1000);
  const thing = said ? message : `${object.kind} ${object.name}`;
  const written = fields.map(({ path, before = "–", after = "–" }) => `${path}: ${before} → ${after}`);
  return {
    ...{ actor: actor.id, version: resourceVersion, why, doubt, said, lit: [actor.lane] },
    since: Number.isNaN(seconds) ? "" : `+${seconds} s`,
    head: inBoth((say) => [`${say(actor.name)}${doubt ? " ?" : ""}`, say(verbs[what]), thing].join(" · ")),
    ...(!said && { changes: inBoth((say) => changesIn(step, written, say)), sides: { desired, current } }),
    fields: written,
    when: [`resourceVersion ${resourceVersion}`, ...(time ? [`${time.slice(11, 19)} UTC`] : [])].join(" · "),
  };
}

function endOf(ending: Ending | undefined, broken: Text | undefined): End {
  const { at, ok = false, waits = [], next, evidence = [] } = ending ?? {};
  const stops = at && {
    en: `The chain stops at: ${at.name.en}`,
    ko: `과정이 멈춘 곳: ${at.name.ko}`,
  };
  const over: Text = ok
    ? { en: "The desired state is reached", ko: "원하는 상태가 되었습니다" }
    : { en: "Not finished yet", ko: "아직 끝나지 않았습니다" };
  return {
    ...{ ok, evidence, actor: at?.id ?? "", lit: at ? [at.lane] : [] },
    head: broken ?? stops ?? over,
    what: ending ? whatAndWhy(ending) : { en: "", ko: "" },
    more: [...waits, ...(next && !ok ? [{ en: `What to do: ${next.en}`, ko: `할 일: ${next.ko}` }] : [])],
  };
}

/** The time of a story's beginning. */
export const beginning = (time: string | undefined) => (time ?? "").replace("T", " ").replace(/\.\d+Z$/, " UTC");

/** A story of a cluster, and how it ends. */
export interface Telling extends Story {
  title: Text;
  context: string;
  namespace: string;
  ending?: Ending;
  /** Why it ends early. */
  broken?: Text;
  /** From the step to its end, and from there to the finished story. */
  seconds?: { step: number; told: number };
}

export function clusterTold({ title, context, namespace, steps, notes, ending, broken }: Telling): Told {
  const start = steps[0]?.time;
  return {
    ...{ drawing: "cluster", title, notes },
    of: [context, namespace, beginning(start)].join(" · "),
    steps: steps.map((step) => shownOf(step, start)),
    end: endOf(ending, broken),
  };
}
