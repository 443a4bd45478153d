import { applyByHand } from "./by-hand";
import { firstPage, Labs } from "./labs";
import { median, progress, Report, spread, table, timed } from "./measure";

const rounds = 7;
/** What the ratio of the medians must not exceed. */
const limit = 1.3;

/** The Kubernetes lab until it serves its first page, against kubectl on the same cluster. */
export async function up(labs: Labs): Promise<Report> {
  // Starts the cluster and puts the images into its node, which neither way is to pay for.
  const { wordpressUrl = "" } = await labs.up("kubernetes");
  await labs.npm("destroy", "--labs", "kubernetes");

  const measured = { up: [] as number[], byHand: [] as number[] };
  // In turns, so that whatever else the machine does hits both.
  for (let round = 1; round <= rounds; round++) {
    await labs.settled();
    measured.up.push(
      await timed(async () => {
        await labs.npm("up", "--labs", "kubernetes");
        await firstPage(wordpressUrl);
      }),
    );
    await labs.npm("destroy", "--labs", "kubernetes");
    await labs.settled();
    measured.byHand.push(
      await timed(async () => {
        await applyByHand(labs);
        await firstPage(wordpressUrl);
      }),
    );
    await labs.deleteNamespace();
    progress(
      `up, round ${round}: ${measured.up.at(-1)?.toFixed(1)} s, by hand ${measured.byHand.at(-1)?.toFixed(1)} s`,
    );
  }

  const ratio = median(measured.up) / median(measured.byHand);
  return {
    markdown: table(
      [`Kubernetes lab to the first page, median of ${rounds} rounds`, "time"],
      ["`npm run up -- --labs kubernetes`", spread(measured.up)],
      ["`kubectl apply`, `kubectl rollout status`", spread(measured.byHand)],
      [`ratio (limit ${limit})`, ratio.toFixed(2)],
    ),
    broken: ratio > limit ? [`up takes ${ratio.toFixed(2)} times as long as by hand, more than ${limit}`] : [],
  };
}
