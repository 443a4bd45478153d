import { Text } from "../../text";
import { whatAndWhy } from "../causes/problem";
import { Ending } from "./ending";
import { Line } from "./digest";
import { Step, Story } from "./story";

type Change = Line & { was?: string };

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
  sides?: { desired: Change[]; current: Change[] };
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

/** Desired and current state after a step: all of it for a new object, or else the differences. */
function changesIn({ what, desired, current, fields }: Step, say: Say): string {
  const lines = (side: Change[]) =>
    side
      .filter(({ was, value }) => was !== undefined || (what === "created" && value !== "–"))
      .map(({ name, value, was }) => `${say(name)} ${was === undefined ? "" : `${was} → `}${value}`);
  /** The written fields, if no line is about them. */
  const written = (side: "desired" | "current") =>
    fields
      .filter((field) => field.side === side)
      .map(({ path, before = "–", after = "–" }) => `${path} ${before} → ${after}`)
      .filter((line) => line.length < 120)
      .slice(0, 2);
  let both = [lines(desired), lines(current)];
  if (what === "changed" && !both.flat().length) both = [written("desired"), written("current")];
  if (what === "changed" && fields.length === 0 && !both.flat().length) {
    both = [[], [say({ en: "has seen the change", ko: "변경을 확인함" })]];
  }
  const names = [say({ en: "desired", ko: "원함" }), say({ en: "current", ko: "현재" })];
  return both.flatMap((side, i) => (side.length > 0 ? `${names[i]}: ${side.join(", ")}` : [])).join("  ");
}

/** @param start the time of the first step */
export function shownOf(step: Step, start: string | undefined): Shown {
  const { actor, what, resourceVersion, object, message = "", why, doubt, desired, current, fields, time } = step;
  const said = what === "said";
  const seconds = Math.round((Date.parse(time ?? "") - Date.parse(start ?? "")) / 1000);
  const thing = said ? message : `${object.kind} ${object.name}`;
  return {
    ...{ actor: actor.id, version: resourceVersion, why, doubt, said, lit: [actor.lane] },
    since: Number.isNaN(seconds) ? "" : `+${seconds} s`,
    head: inBoth((say) => [`${say(actor.name)}${doubt ? " ?" : ""}`, say(verbs[what]), thing].join(" · ")),
    ...(!said && { changes: inBoth((say) => changesIn(step, say)), sides: { desired, current } }),
    fields: fields.map(({ path, before = "–", after = "–" }) => `${path}: ${before} → ${after}`),
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

export function clusterTold(
  story: Omit<Story, "combined"> & { title: Text; context: string; namespace: string },
  end: { ending?: Ending; broken?: Text } = {},
  parts?: Told["parts"],
): Told {
  const { title, context, namespace, steps, notes } = story;
  const start = steps[0]?.time;
  return {
    ...{ drawing: "cluster", title, notes, parts },
    of: [context, namespace, beginning(start)].join(" · "),
    steps: steps.map((step) => shownOf(step, start)),
    end: endOf(end.ending, end.broken),
  };
}
