import { setTimeout as sleep } from "node:timers/promises";
import { Settings } from "../../config";
import { SeatOutputs } from "../../outputs";
import { ClusterApi } from "../cluster/api";
import { byNeed, Progress, progressOf, targetOfSeat } from "./progress";
import { Watched, watchClass } from "./watched";

/** How long to collect changes before the page shows them, in milliseconds. */
const gathering = 250;

/** The current state of a class. */
export interface LiveClass {
  /** All seats; those that need help come first. */
  now: () => Progress[];
  requests: Watched["requests"];
  stop: () => Promise<void>;
}

/** Follows a class. @param shown told of every seat, whenever something in one of them has changed */
export async function followClass(
  api: ClusterApi,
  settings: Settings,
  seats: readonly SeatOutputs[],
  shown: (all: Progress[]) => void = () => {},
): Promise<LiveClass> {
  const known = new Map<string, Progress>();
  const dirty = new Set<string>();
  let [begun, working] = [false, false];
  const now = () => byNeed([...known.values()]);

  /** Checks only the seats in which something has changed. */
  async function again(): Promise<void> {
    const some = seats.filter(({ namespace }) => dirty.has(namespace));
    dirty.clear();
    for (const seat of some) {
      known.set(seat.namespace, await progressOf(seat, watched.factsOf(seat), targetOfSeat(settings, seat)));
    }
  }

  const changed = (namespace: string | undefined) => {
    if (namespace !== undefined && !seats.some((seat) => seat.namespace === namespace)) return;
    // Shared objects, such as nodes and storage classes, may matter to every seat.
    for (const seat of seats) if (namespace === undefined || seat.namespace === namespace) dirty.add(seat.namespace);
    if (!begun || working) return;
    working = true;
    void (async () => {
      while (dirty.size > 0) {
        await sleep(gathering);
        await again();
        shown(now());
      }
    })().finally(() => (working = false));
  };

  const watched = await watchClass(api, settings.kubeContext, changed);
  for (const { namespace } of seats) dirty.add(namespace);
  await again();
  begun = true;
  return { now, requests: watched.requests, stop: watched.stop };
}
