import { stringify } from "csv-stringify/sync";
import { Settings } from "../../config";
import { SeatOutputs } from "../../outputs";
import { Result, runChecks } from "../checks/check";
import { clusterOf } from "../checks/facts/kubernetes";
import { live } from "../checks/facts/live";
import { kubernetesChecks } from "../checks/labs/kubernetes";
import { count } from "../checks/report/table";
import { settingsOfSeat, targetOfSeat } from "./progress";

/** A seat that was looked at. */
export interface Graded {
  seat: SeatOutputs;
  results: Result[];
}

/** So many seats are looked at at once: a cluster of one node has other things to do. */
const atOnce = 4;

/** Runs the real checks in every seat, those that go into pods and to the page as well. */
export async function gradeClass(
  settings: Settings,
  seats: readonly SeatOutputs[],
  done: (one: Graded) => void = () => {},
): Promise<Graded[]> {
  const graded: Graded[] = [];
  for (let i = 0; i < seats.length; i += atOnce) {
    const some = await Promise.all(
      seats.slice(i, i + atOnce).map(async (seat) => {
        const cluster = await clusterOf(settingsOfSeat(settings, seat));
        const checks = kubernetesChecks(targetOfSeat(settings, seat), await cluster.look(), cluster, live);
        return { seat, results: await runChecks(checks) };
      }),
    );
    some.forEach(done);
    graded.push(...some);
  }
  return graded;
}

/**
 * Graded seats as CSV, a line each.
 * @see https://datatracker.ietf.org/doc/html/rfc4180
 */
export function classGrades(graded: readonly Graded[], made: Date): string {
  const ids = [...new Set(graded.flatMap(({ results }) => results.map(({ id }) => id)))];
  const rows = graded.map(({ seat: { seat, student = seat, namespace }, results }) => ({
    ...{ seat, student, namespace, made: made.toISOString(), ...count(results) },
    ...Object.fromEntries(results.map(({ id, status }) => [id, status])),
  }));
  const columns = ["seat", "student", "namespace", "made", "passed", "failed", "open", "blocked", ...ids];
  // Spreadsheets take a file without the mark for another encoding, and a text that begins with = for a formula.
  return stringify(rows, { header: true, columns, bom: true, escape_formulas: true, record_delimiter: "windows" });
}
