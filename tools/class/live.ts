import { Settings } from "../../config";
import { SeatOutputs } from "../../outputs";
import { ClusterApi } from "../cluster/api";
import { byNeed, Progress, progressOf, targetOfSeat } from "./progress";
import { Watched, watchClass } from "./watched";

/** How long what was found of a seat is valid without a change in it, in milliseconds: time alone makes a seat stuck. */
const valid = 30_000;

/** A class that is followed. */
export interface LiveClass extends Pick<Watched, "requests" | "stop"> {
  /** The current state of all seats; those that need help come first. */
  now: () => Promise<Progress[]>;
}

export async function followClass(
  api: ClusterApi,
  settings: Settings,
  seats: readonly SeatOutputs[],
): Promise<LiveClass> {
  const known = new Map<SeatOutputs, { progress: Progress; found: number }>();
  const changed = new Set(seats);
  const { factsOf, requests, stop } = await watchClass(api, settings.kubeContext, (namespace) => {
    // Shared objects, such as nodes and storage classes, may matter to every seat.
    for (const seat of seats) if (namespace === undefined || seat.namespace === namespace) changed.add(seat);
  });
  const now = async () => {
    for (const seat of seats) {
      const found = performance.now();
      if (!changed.delete(seat) && found - known.get(seat)!.found < valid) continue;
      known.set(seat, { progress: await progressOf(seat, factsOf(seat), targetOfSeat(settings, seat)), found });
    }
    return byNeed([...known.values()].map(({ progress }) => progress));
  };
  return { now, requests, stop };
}
