import { labNames } from "../../config";
import { applyByHand, composeByHand, diffByHand } from "./by-hand";
import { Labs } from "./labs";
import { cpuOf, Measured, median, progress, Report, secondsOf, spread, table } from "./measure";

const rounds = 7;
/** What the commands of this project may take, against plain Pulumi of the same program with the same plugins. */
const limit = 1.15;

/** Has each of several things done in turn, so that whatever else the machine does hits them all; the first round is left out. */
async function inTurns<T>(works: (() => Promise<T>)[]): Promise<T[][]> {
  const results: T[][] = works.map(() => []);
  for (let round = 0; round <= rounds; round++) {
    for (const [i, work] of works.entries()) {
      const result = await work();
      if (round > 0) results[i]?.push(result);
    }
    progress(`commands: round ${round} of ${rounds}`);
  }
  return results;
}

/** What the commands cost that find nothing to do: against plain Pulumi, and beside those of the by-hand way. */
export async function commands(labs: Labs): Promise<Report> {
  await labs.up(...labNames);
  const [preview = [], plainPreview = [], up = [], plainUp = []] = await inTurns([
    () => labs.npm("preview"),
    () => labs.pulumi("preview"),
    () => labs.npm("up"),
    // As people type it: with the preview that shows what is lost. `npm run up` looks at one, too, and has nothing left to do.
    () => labs.pulumi("up", "--yes"),
  ]);

  // By hand the lab has the same namespace and port.
  await labs.npm("destroy", "--labs", "kubernetes");
  await applyByHand(labs);
  const [byHand = []] = await inTurns([() => diffByHand(labs)]);
  await labs.deleteNamespace();
  const compose = await composeByHand(labs, (work) => inTurns([work]).then(([times = []]) => times));

  const pairs: [string, Measured[], string, Measured[]][] = [
    ["npm run preview", preview, "pulumi preview", plainPreview],
    ["npm run up", up, "pulumi up --yes", plainUp],
  ];
  const row = (name: string, all: Measured[], ratio = "") => [
    `\`${name}\``,
    spread(secondsOf(all)),
    `${median(cpuOf(all)).toFixed(2)} s`,
    ratio,
  ];
  const ratios = pairs.map(([, ours, , plain]) => median(secondsOf(ours)) / median(secondsOf(plain)));
  return {
    markdown: [
      table(
        [`all four labs, nothing to do, median of ${rounds}`, "time", "processor", `ratio (limit ${limit})`],
        ...pairs.flatMap(([name, ours, plainName, plain], i) => [
          row(name, ours, ratios[i]?.toFixed(2)),
          row(plainName, plain),
        ]),
      ),
      table(
        [`by hand, nothing to do, median of ${rounds}`, "time"],
        ["`kubectl diff`, one lab", spread(byHand)],
        ...(compose ? [["`docker compose up -d`, another", spread(compose)]] : []),
      ),
      compose ? "" : "`docker compose` is not on this machine, and was left out.",
    ]
      .filter(Boolean)
      .join("\n\n"),
    broken: pairs.flatMap(([name], i) => {
      const ratio = ratios[i] ?? 0;
      return ratio > limit
        ? [`${name} takes ${ratio.toFixed(2)} times as long as plain Pulumi, more than ${limit}`]
        : [];
    }),
  };
}
