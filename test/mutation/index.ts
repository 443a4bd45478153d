// Starts the mutation run: npm run test:mutation [-- ROOM|FILE … --sample N --seed TEXT --floor PERCENT]
import { readFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { Mutant } from "./mutants";
import { Room, rooms } from "./rooms";
import { filesOf, Outcome, run } from "./run";

/** A fault in a line: where, which, and what the text becomes. */
function lineOf({ file, line, operator, start, end, replacement }: Mutant): string {
  const brief = (text: string) => {
    const one = text.replace(/\s+/g, " ");
    return one.length > 60 ? `${one.slice(0, 60)} …` : one;
  };
  return `${file}:${line}  ${operator}: ${brief(readFileSync(file, "utf8").slice(start, end))}  →  ${brief(replacement)}`;
}

/** The outcomes as a Markdown table, a row each room and one for all, and the rooms where less was noticed than must be. */
export function verdict(outcomes: readonly Outcome[], floor: number): { table: string; below: string[] } {
  const score = (killed: number, survived: number) =>
    killed + survived === 0 ? 0 : (100 * killed) / (killed + survived);
  const row = (room: string, mutants: number, killed: number, survived: number) =>
    `| ${room} | ${mutants} | ${killed + survived} | ${killed} | ${survived} | ${score(killed, survived).toFixed(0)} % |`;
  const sum = (of: (outcome: Outcome) => number) => outcomes.reduce((total, outcome) => total + of(outcome), 0);
  const [killed, survived] = [sum((outcome) => outcome.killed), sum(({ survivors }) => survivors.length)];
  const table = [
    "| room | faults | tried | killed | survived | score |",
    "| --- | ---: | ---: | ---: | ---: | ---: |",
    ...outcomes.map(({ room, mutants, killed, survivors }) => row(room, mutants, killed, survivors.length)),
    row(
      "all",
      sum(({ mutants }) => mutants),
      killed,
      survived,
    ),
  ];
  const low = outcomes.filter(({ killed, survivors }) => score(killed, survivors.length) < floor);
  return { table: table.join("\n"), below: low.map(({ room }) => room) };
}

/** Rooms by name, and files as rooms of their own. */
function chosen(names: readonly string[]): Room[] {
  if (names.length === 0) return rooms;
  return names.map((name) => {
    const room = rooms.find((one) => one.name === name || filesOf(process.cwd(), one.files).includes(name));
    if (!room) {
      throw new Error(`There is no room or file "${name}". The rooms are: ${rooms.map(({ name }) => name).join(", ")}`);
    }
    return room.name === name ? room : { ...room, name, files: [name] };
  });
}

function numberOf(option: string, value: string): number {
  if (!/^\d+$/.test(value)) throw new Error(`--${option} is "${value}": it must be a whole number.`);
  return Number(value);
}

/**
 * Tries a sample of faults in each room, and prints the table and what was not noticed.
 * @returns 0, or 1 where less than the floor was noticed in a room, or nothing could be tried
 */
export async function mutation(options: string[]): Promise<number> {
  try {
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
    const { seed } = values;
    const [sample, floor] = [numberOf("sample", values.sample), numberOf("floor", values.floor)];
    const among = chosen(positionals);
    // So that the copy is removed on Ctrl-C, too.
    for (const signal of ["SIGINT", "SIGTERM"]) process.once(signal, () => process.exit(1));
    const tried = (mutant: Mutant, killed: boolean) =>
      console.log(`${killed ? "killed  " : "SURVIVED"}  ${lineOf(mutant)}`);
    console.log(`Seed: ${seed}`);
    const outcomes = await run({ root: process.cwd(), rooms: among, sample, seed, tried });
    const { table, below } = verdict(outcomes, floor);
    console.log(`\n${table}\n`);
    for (const survivor of outcomes.flatMap(({ survivors }) => survivors)) console.log(`survived: ${lineOf(survivor)}`);
    if (below.length === 0) return 0;
    const again = `-- ${below.join(" ")} --seed ${seed}`;
    console.error(`\nLess than ${floor} % were noticed in ${below.join(", ")}. The same faults again: ${again}`);
    return 1;
  } catch (error) {
    console.error((error as Error).message);
    return 1;
  }
}
