import { stringify } from "csv-stringify/sync";
import { Settings } from "../../config";
import { SeatOutputs } from "../../outputs";
import { Result, runChecks } from "../checks/check";
import { clusterOf } from "../checks/facts/kubernetes";
import { live } from "../checks/facts/live";
import { kubernetesChecks } from "../checks/labs/kubernetes";
import { count } from "../checks/report/table";
import { fewAtATime, settingsOfSeat, targetOfSeat } from "./progress";

/** A seat that was checked. */
export interface Graded {
  seat: SeatOutputs;
  results: Result[];
}

/** Runs all checks in every seat, including those that run commands in pods and open the page. */
export const gradeClass = (settings: Settings, seats: readonly SeatOutputs[], done: (one: Graded) => void) =>
  fewAtATime(
    seats,
    async (seat): Promise<Graded> => {
      const cluster = await clusterOf(settingsOfSeat(settings, seat));
      const checks = kubernetesChecks(targetOfSeat(settings, seat), await cluster.look(), cluster, live);
      return { seat, results: await runChecks(checks) };
    },
    done,
  );

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
