// The door of the mutation run: npm run test:mutation [-- ROOM|FILE … --sample N --seed TEXT --floor PERCENT]
import { readFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { Mutant } from "./mutants";
import { Room, rooms } from "./rooms";
import { Outcome, run } from "./run";

/** A fault in a line: where, which, and what the text becomes. */
function lineOf({ file, line, operator, start, end, replacement }: Mutant): string {
  const brief = (text: string) => {
    const one = text.replace(/\s+/g, " ");
    return one.length > 60 ? `${one.slice(0, 60)} …` : one;
  };
  return `${file}:${line}  ${operator}: ${brief(readFileSync(file, "utf8").slice(start, end))}  →  ${brief(replacement)}`;
}

/** Per cent of the faults that were noticed. */
export const score = (killed: number, survived: number) =>
  killed + survived === 0 ? 100 : (100 * killed) / (killed + survived);

/** The outcomes as a Markdown table, a row each room and one for all. */
export function table(outcomes: readonly Outcome[]): string {
  const sum = (of: (outcome: Outcome) => number) => outcomes.reduce((total, outcome) => total + of(outcome), 0);
  const row = (room: string, mutants: number, killed: number, survived: number) =>
    `| ${room} | ${mutants} | ${killed + survived} | ${killed} | ${survived} | ${score(killed, survived).toFixed(0)} % |`;
  return [
    "| room | mutants | tried | killed | survived | score |",
    "| --- | ---: | ---: | ---: | ---: | ---: |",
    ...outcomes.map(({ room, mutants, killed, survivors }) => row(room, mutants, killed, survivors.length)),
    row(
      "all",
      sum(({ mutants }) => mutants),
      sum(({ killed }) => killed),
      sum(({ survivors }) => survivors.length),
    ),
  ].join("\n");
}

/** Rooms by name, and files as rooms of their own. */
function chosen(names: readonly string[]): Room[] {
  if (names.length === 0) return rooms;
  return names.map((name) => {
    const room = rooms.find(
      (one) => one.name === name || one.files.some((files) => name.startsWith(files.split("*")[0]!)),
    );
    if (!room)
      throw new Error(`There is no room or file "${name}". Rooms: ${rooms.map(({ name }) => name).join(", ")}`);
    return room.name === name ? room : { ...room, name, files: [name] };
  });
}

/**
 * Tries a sample of faults in each room, and prints the table and what was not noticed.
 * @returns 0, or 1 where less than the floor was noticed
 */
export async function mutation(options: string[]): Promise<number> {
  const { values, positionals } = parseArgs({
    args: options,
    allowPositionals: true,
    options: {
      sample: { type: "string", default: "40" },
      // Another sample every day, and the same one again where its seed is given.
      seed: { type: "string", default: new Date().toISOString().slice(0, 10) },
      floor: { type: "string", default: "90" },
    },
  });
  const [sample, floor] = [Number(values.sample), Number(values.floor)];
  console.log(`Seed: ${values.seed}`);
  const outcomes = await run({
    root: process.cwd(),
    rooms: chosen(positionals),
    sample,
    seed: values.seed,
    tried: (mutant, killed) => console.log(`${killed ? "killed  " : "SURVIVED"}  ${lineOf(mutant)}`),
  });
  const survivors = outcomes.flatMap((outcome) => outcome.survivors);
  const killed = outcomes.reduce((sum, outcome) => sum + outcome.killed, 0);
  console.log(`\n${table(outcomes)}\n`);
  for (const survivor of survivors) console.log(`survived: ${lineOf(survivor)}`);
  if (score(killed, survivors.length) >= floor) return 0;
  console.error(`\nLess than ${floor} % of the faults were noticed. The same ones again: --seed ${values.seed}`);
  return 1;
}
