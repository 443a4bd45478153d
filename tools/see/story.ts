import { Text } from "../../text";
import { askedAt, attribute, Attribution, combinedManagers, Setting } from "./actors";
import { digestOf, Line } from "./digest";
import { changesOf, isSaid, pathText, revisionOf, Thing, timeOf, WatchEvent } from "./objects";
import { saidText, whyOf } from "./why";

export interface Field {
  path: string;
  before?: string;
  after?: string;
}

/** One write to the API server: by whom, what, and why. */
export interface Step extends Attribution {
  /** The cluster's number of this write, which orders the steps. */
  resourceVersion: string;
  /** The time according to the object, mostly to the second. */
  time?: string;
  object: { kind: string; name: string; namespace: string };
  /** What happened to the object; `said` for an Event, which changes nothing. */
  what: "created" | "changed" | "asked to go" | "deleted" | "said";
  fields: Field[];
  /** The state of the object after it, and which lines of that are new. */
  desired: Line[];
  current: Line[];
  /** The message of an Event, word for word. */
  message?: string;
  /** For an Event: the object that it is about. */
  about?: { kind: string; name: string };
  why: Text;
}

export interface Story {
  steps: Step[];
  notes: Text[];
  /** Processes that write for several components of the control plane. */
  combined: string[];
}

const shown = (value: unknown): string | undefined =>
  value === undefined || value === null ? undefined : typeof value === "string" ? value : JSON.stringify(value);

/** Long values that no story is about. */
const unsaid = /last-applied-configuration|kubectl\.kubernetes\.io\/restartedAt/;

const marked = (now: readonly Line[], old: readonly Line[], fresh: boolean) =>
  now.map((line): Line => {
    const was = old.find(({ key }) => key === line.key)?.value;
    return fresh || was === line.value ? line : { ...line, was: was ?? "–" };
  });

/** The time of a write. No single field records it: the newest time in the object comes closest. */
function momentOf(thing: Thing): number {
  const { metadata, status } = thing as Thing & { status?: { conditions?: { lastTransitionTime?: unknown }[] } };
  const { creationTimestamp, deletionTimestamp, managedFields = [] } = metadata;
  const times = isSaid(thing)
    ? [thing.lastTimestamp ?? thing.eventTime ?? creationTimestamp]
    : [
        creationTimestamp,
        ...managedFields.map(({ time }) => time),
        ...(status?.conditions ?? []).map(({ lastTransitionTime }) => lastTransitionTime),
        deletionTimestamp && new Date(askedAt(thing)),
      ];
  return Math.max(...times.map((time) => timeOf(time) ?? 0));
}

const idOf = ({ kind = "", metadata }: Thing) => `${kind}/${metadata.uid}`;

/**
 * Finds out who wrote what, and why. Pure: the same events make the same story.
 * @param events of watches of any number of kinds, in any order
 * @param before the objects before the first event, if known
 * @param own versions that this program wrote, from the API server's answers
 */
export function storyOf(
  events: readonly WatchEvent[],
  { before = [], own = [] }: { before?: readonly Thing[]; own?: readonly string[] } = {},
): Story {
  const order = [...events].sort((a, b) => Number(revisionOf(a.object) - revisionOf(b.object)));
  const said = order.map(({ object }) => object).filter(isSaid);
  const last = new Map(before.map((thing) => [idOf(thing), thing]));
  const combined = combinedManagers([...last.values(), ...order.map(({ object }) => object)]);
  const gone = new Set<string>();
  const setting: Setting = { said, combined, own: new Set(own), gone };

  let clock = 0;
  const steps = order.flatMap(({ type, object: after }): Step | Step[] => {
    const before = last.get(idOf(after));
    // Already in the list: a watch that begins at an older version sends it again.
    if (before && type !== "DELETED" && revisionOf(after) <= revisionOf(before)) return [];
    last.set(idOf(after), after);
    if (type === "DELETED" || after.metadata.deletionTimestamp !== undefined) gone.add(after.metadata.uid ?? "");
    // Events expire after an hour; their removal means nothing.
    if (type === "DELETED" && isSaid(after)) return [];
    const unknown = before === undefined && type === "MODIFIED";
    const changes = unknown ? [] : changesOf(before, after);
    const attribution = attribute(type, before, after, changes, setting);
    clock = Math.max(clock, momentOf(after));
    const [now, old] = [digestOf(after), digestOf(before)];
    const fresh = before === undefined;
    const { kind = "", metadata } = after;
    const about = isSaid(after) ? after.involvedObject : undefined;
    return {
      ...attribution,
      resourceVersion: metadata.resourceVersion ?? "",
      time: clock > 0 ? new Date(clock).toISOString() : undefined,
      object: { kind, name: metadata.name ?? "", namespace: metadata.namespace ?? "" },
      what: whatOf(type, before, after, attribution),
      // In a new object, everything is new: its lines show what matters.
      fields: isSaid(after) || fresh || type === "DELETED" ? [] : fieldsOf(changes),
      desired: marked(now.desired, old.desired, fresh),
      current: marked(now.current, old.current, fresh),
      ...(isSaid(after) && {
        message: saidText(after),
        about: { kind: about?.kind ?? "", name: about?.name ?? "" },
      }),
      why: whyOf({ ...attribution, type, before, after }),
    };
  });
  return { steps, notes: notesOf(combined, steps), combined: [...combined] };
}

function whatOf(type: WatchEvent["type"], before: Thing | undefined, after: Thing, { by }: Attribution): Step["what"] {
  if (isSaid(after)) return "said";
  if (type === "ADDED") return "created";
  if (type === "DELETED") return "deleted";
  const [was, is] = [before?.metadata, after.metadata].map((data) => data?.deletionTimestamp !== undefined);
  return is && !was && (before || by !== "managedFields") ? "asked to go" : "changed";
}

function fieldsOf(changes: ReturnType<typeof changesOf>): Field[] {
  return changes
    .map(({ path, before, after }) => ({
      path: pathText(path),
      before: shown(before),
      after: shown(after),
    }))
    .filter(({ path }) => !unsaid.test(path));
}

function notesOf(combined: ReadonlySet<string>, steps: readonly Step[]): Text[] {
  if (combined.size > 0) {
    const names = [...combined].join(", ");
    return [
      {
        en: `On this cluster, one process (${names}) writes for the controllers, the scheduler and the kubelet. Who did what is inferred from Events and owners: likely, not proven.`,
        ko: `이 클러스터에서는 프로세스 하나(${names})가 컨트롤러, 스케줄러, kubelet의 일을 모두 기록합니다. 누가 했는지는 이벤트와 오브젝트의 소유 관계로 짐작한 것이며 확실하지는 않습니다.`,
      },
    ];
  }
  const doubtful = steps.filter(({ doubt }) => doubt).length;
  if (doubtful === 0) return [];
  return [
    {
      en: `Steps marked ? (${doubtful}): nothing in the cluster proves who wrote them.`,
      ko: `? 표시가 있는 단계(${doubtful}개)는 누가 기록했는지 클러스터에 확실한 증거가 없습니다.`,
    },
  ];
}

/** The longest pause within one action of a person, in milliseconds: an apply writes several objects. */
const oneDeed = 20_000;

/** The last story: everything since the last action of a person, or all of it if there was none. */
export function lastOf({ steps, combined }: Story): Story {
  const at = ({ time = "" }: Step) => Date.parse(time);
  // A change without a recorded writer may be anybody's; a deletion never has a recorded writer.
  const deeds = steps.filter(
    ({ actor, what, doubt }) => actor.lane === "person" && what !== "said" && !(what === "changed" && doubt),
  );
  const begins = deeds.filter((deed, i) => {
    const before = deeds[i - 1];
    return !before || before.actor.id !== deed.actor.id || at(deed) - at(before) > oneDeed;
  });
  const last = begins.at(-1);
  const left = last ? steps.slice(steps.indexOf(last)) : steps;
  return { steps: left, notes: notesOf(new Set(combined), left), combined };
}
