import { symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { labNames } from "../config";
import { applyByHand, composeByHand, diffByHand } from "./by-hand";
import { Labs } from "./labs";
import { Measured, measured, median, mib, progress, Report, spread, table } from "./measure";

const rounds = 9;
/** What the ratio of the medians must not exceed. */
const limit = 1.3;

interface Once extends Measured {
  /** Wall time of the preview alone, in seconds. */
  preview: number;
  resources: number;
}

/** One preview that finds nothing to do. */
async function once(labs: Labs, folder: string, ...args: string[]): Promise<Once> {
  const whole = await measured(process.execPath, [join(labs.folder, "bench/preview-once.mjs"), folder, ...args], {
    weigh: true,
    env: { PULUMI_SKIP_UPDATE_CHECK: "true" },
  });
  const { seconds, changeSummary } = JSON.parse(whole.stdout) as {
    seconds: number;
    changeSummary: Record<string, number>;
  };
  const { same = 0, read = 0, ...changes } = changeSummary;
  if (Object.keys(changes).length > 0) throw new Error(`there is something to do: ${JSON.stringify(changeSummary)}`);
  return { ...whole, preview: seconds, resources: same + read };
}

/** A program as a newcomer has it: one line, and the tsconfig.json of Pulumi's own TypeScript template. */
function oneLine(labs: Labs): string {
  const folder = labs.otherFolder();
  const write = (name: string, content: string) => writeFileSync(join(folder, name), content);
  write("index.ts", "export const answer = 42;\n");
  write("Pulumi.yaml", "name: line\nruntime: nodejs\nbackend:\n  url: file://.\n");
  const compilerOptions = { strict: true, target: "es2020", module: "commonjs", moduleResolution: "node" };
  write("tsconfig.json", JSON.stringify({ compilerOptions, files: ["index.ts"] }));
  symlinkSync(join(labs.folder, "node_modules"), join(folder, "node_modules"));
  return folder;
}

/** Has each of several things done in turn, so that whatever else the machine does hits them all; the first round is left out. */
async function inTurns<T>(works: (() => Promise<T>)[]): Promise<T[][]> {
  const results: T[][] = works.map(() => []);
  for (let round = 0; round <= rounds; round++) {
    for (const [i, work] of works.entries()) {
      const result = await work();
      if (round > 0) results[i]?.push(result);
    }
    progress(`preview: round ${round} of ${rounds}`);
  }
  return results;
}

/** What a preview with nothing to do costs, against a program of one line, and against the commands of the by-hand way. */
export async function preview(labs: Labs): Promise<Report> {
  const line = oneLine(labs);
  await labs.up(...labNames);
  await once(labs, line, "line", "up");
  const [four = [], one = [], checked = []] = await inTurns([
    () => once(labs, labs.folder, "labs"),
    () => once(labs, line, "line"),
    () => once(labs, line, "line", "check"),
  ]);
  const [typedPreview = [], typedUp = []] = await inTurns([() => labs.npm("preview"), () => labs.npm("up")]);

  // By hand the lab has the same namespace and port.
  await labs.npm("destroy", "--labs", "kubernetes");
  await applyByHand(labs);
  const [byHand = []] = await inTurns([() => diffByHand(labs)]);
  await labs.deleteNamespace();
  const compose = await composeByHand(labs, (work) => inTurns([work]).then(([times = []]) => times));

  const row = (name: string, all: Once[]) => [
    name,
    String(all[0]?.resources),
    `${median(all.map((one) => one.preview)).toFixed(2)} s`,
    spread(all.map((one) => one.seconds)),
    mib(Math.max(...all.map((one) => one.peak))),
  ];
  const whole = (all: Once[]) => median(all.map((one) => one.seconds));
  const ratio = whole(four) / whole(one);
  const command = (name: string, times: number[]) => [name, spread(times)];
  return {
    markdown: [
      table(
        [`preview, nothing to do, median of ${rounds}`, "resources", "preview", "whole process", "peak memory"],
        row("all four labs", four),
        row("one-line program, types not checked", one),
        row("one-line program, types checked, as Pulumi does by default", checked),
        [`ratio of the first two (limit ${limit})`, "", "", ratio.toFixed(2), ""],
      ),
      table(
        [`commands, nothing to do, median of ${rounds}`, "time"],
        command(
          "`npm run preview`, four labs",
          typedPreview.map(({ seconds }) => seconds),
        ),
        command(
          "`npm run up`, four labs",
          typedUp.map(({ seconds }) => seconds),
        ),
        command("`kubectl diff`, the by-hand edition of one lab", byHand),
        ...(compose ? [command("`docker compose up -d`, the by-hand edition of another", compose)] : []),
      ),
      compose ? "" : "`docker compose` is not on this machine, and was left out.",
    ]
      .filter(Boolean)
      .join("\n\n"),
    broken:
      ratio > limit
        ? [`a preview takes ${ratio.toFixed(2)} times as long as that of one line, more than ${limit}`]
        : [],
  };
}
