import { stringify } from "csv-stringify/sync";
import { Settings } from "../../config";
import { SeatOutputs } from "../../outputs";
import { Result, runChecks } from "../checks/check";
import { clusterOf } from "../checks/facts/kubernetes";
import { live } from "../checks/facts/live";
import { kubernetesChecks } from "../checks/labs/kubernetes";
import { count } from "../checks/report/table";
import { settingsOfSeat, targetOfSeat } from "./progress";

/** A seat that was checked. */
export interface Graded {
  seat: SeatOutputs;
  results: Result[];
}

/** How many seats to check at a time: a cluster of one node has other work to do. */
const atOnce = 4;

/** Runs all checks in every seat, including those that run commands in pods and open the page. */
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
 * Graded seats as CSV, one line each.
 * @see https://datatracker.ietf.org/doc/html/rfc4180
 */
export function classGrades(graded: readonly Graded[], made: Date): string {
  const ids = [...new Set(graded.flatMap(({ results }) => results.map(({ id }) => id)))];
  const rows = graded.map(({ seat: { seat, student = seat, namespace }, results }) => ({
    ...{ seat, student, namespace, made: made.toISOString(), ...count(results) },
    ...Object.fromEntries(results.map(({ id, status }) => [id, status])),
  }));
  const columns = ["seat", "student", "namespace", "made", "passed", "failed", "open", "blocked", ...ids];
  // Without the byte order mark, spreadsheets assume another encoding; a text that begins with = would be a formula.
  return stringify(rows, { header: true, columns, bom: true, escape_formulas: true, record_delimiter: "windows" });
}
