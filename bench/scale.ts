import { join } from "node:path";
import { Labs } from "./labs";
import { Measured, measured, median, mib, progress, Report, table } from "./measure";

/** Instances of WordPress, and how often each number is measured: the more, the steadier by themselves. */
const sizes = [
  { count: 1, rounds: 5 },
  { count: 10, rounds: 5 },
  { count: 50, rounds: 3 },
  { count: 100, rounds: 3 },
];
/**
 * By how much a further instance may cost more in the second fifty than between 10 and 50. Linear growth is 1, quadratic
 * growth 2.5; the rest is room for noise. The first ten do not count: what they cost disappears in what a process takes
 * in any case, memory above all.
 */
const tolerance = 1.25;

interface Sample extends Measured {
  /** Wall time of the preview alone, in seconds. */
  preview: number;
  created: number;
}

/** A preview that would create that many instances of WordPress. */
async function sample(labs: Labs, count: number): Promise<Sample> {
  const folder = join(labs.folder, "bench/scale");
  const whole = await measured(process.execPath, [join(labs.folder, "bench/preview-once.mjs"), folder, "scale"], {
    weigh: true,
    env: { PULUMI_SKIP_UPDATE_CHECK: "true", COUNT: String(count) },
  });
  const { seconds, changeSummary } = JSON.parse(whole.stdout) as {
    seconds: number;
    changeSummary: Record<string, number>;
  };
  return { ...whole, preview: seconds, created: changeSummary.create ?? 0 };
}

/** What one number of instances costs; time in seconds, memory in MiB. */
interface Cost {
  count: number;
  created: number;
  time: number;
  peak: number;
}

/** How time and memory of a preview grow with the number of instances. */
export async function scale(labs: Labs): Promise<Report> {
  // The program asks a cluster for the address of its node.
  await labs.up("kubernetes");
  await labs.npm("destroy", "--labs", "kubernetes");

  const found: Cost[] = [];
  for (const { count, rounds } of sizes) {
    const all: Sample[] = [];
    for (let round = 0; round < rounds; round++) all.push(await sample(labs, count));
    const cost = {
      count,
      created: all[0]?.created ?? 0,
      time: median(all.map(({ preview }) => preview)),
      peak: median(all.map(({ peak }) => peak)),
    };
    progress(`scale: ${count} instances, ${cost.created} resources: ${cost.time.toFixed(2)} s, ${mib(cost.peak)}`);
    found.push(cost);
  }
  const [one, some, half, many] = found as [Cost, Cost, Cost, Cost];
  const each = (many.created - some.created) / (many.count - some.count);
  if (each * (some.count - one.count) !== some.created - one.created || each === 0) {
    throw new Error(`not every instance has the same resources: ${found.map(({ created }) => created).join(", ")}`);
  }

  /** The price of a further instance. */
  const price = (key: "time" | "peak", from: Cost, to: Cost) => (to[key] - from[key]) / (to.count - from.count);
  const growth = (key: "time" | "peak") => price(key, half, many) / price(key, some, half);
  const broken = (["time", "peak"] as const)
    .filter((key) => !(growth(key) <= tolerance))
    .map((key) => {
      const what = key === "time" ? "time" : "memory";
      return `a further instance takes ${growth(key).toFixed(2)} times the ${what} that those before took, more than ${tolerance}`;
    });
  return {
    markdown: table(
      [
        "instances of WordPress",
        "resources",
        "preview",
        "each further instance",
        "peak memory",
        "each further instance",
      ],
      ...found.map((cost, i) => {
        const before = found[i - 1];
        return [
          String(cost.count),
          String(cost.created),
          `${cost.time.toFixed(2)} s`,
          before ? `${(price("time", before, cost) * 1000).toFixed(0)} ms` : "",
          mib(cost.peak),
          before ? `${price("peak", before, cost).toFixed(1)} MiB` : "",
        ];
      }),
      [`growth (limit ${tolerance})`, "", "", growth("time").toFixed(2), "", growth("peak").toFixed(2)],
    ),
    broken,
  };
}
