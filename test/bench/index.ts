// The door of the benches: npm run bench [-- up commands]
import { minikubeTool } from "../../tools/cluster/minikube";
import { needToolsOf } from "../../tools/install/toolchain";
import { labNames } from "../../config";
import { LabError } from "../../text";
import { school } from "./class";
import { commands } from "./commands";
import { Labs } from "./labs";
import { lesson } from "./lesson";
import { machine, progress, Report, stop } from "./measure";
import { up } from "./up";

const benches: Record<string, (labs: Labs) => Promise<Report>> = { up, commands, lesson, class: school };

/**
 * Runs all benches, or those that are named, and prints what they found as Markdown.
 * @returns 0, or 1 when a limit was broken
 * @throws LabError for a bench that does not exist
 */
export async function bench(named: string[]): Promise<number> {
  const wrong = named.find((name) => !Object.hasOwn(benches, name));
  if (wrong !== undefined) {
    const names = Object.keys(benches).join(", ");
    throw new LabError({
      en: `There is no bench "${wrong}". There are: ${names}`,
      ko: `"${wrong}" 벤치마크는 없습니다. 있는 것: ${names}`,
    });
  }
  const chosen = named.length > 0 ? named : Object.keys(benches);
  await needToolsOf(labNames);
  await minikubeTool(true);

  const began = machine();
  const labs = new Labs();
  const interrupted = () => {
    console.error("Stopping after this round, and removing what was made …");
    stop.asked = true;
  };
  process.on("SIGINT", interrupted).on("SIGTERM", interrupted);
  const reports: Report[] = [];
  try {
    for (const name of chosen) {
      const report = await (benches[name] as (typeof benches)[string])(labs);
      reports.push(report);
      progress(report.markdown);
    }
  } finally {
    await labs.remove();
    process.off("SIGINT", interrupted).off("SIGTERM", interrupted);
  }

  const broken = reports.flatMap((report) => report.broken);
  console.log([`${began}:`, ...reports.map(({ markdown }) => markdown)].map((part) => `\n${part}`).join("\n"));
  for (const sentence of broken) console.log(`\nLimit broken: ${sentence}.`);
  return broken.length > 0 ? 1 : 0;
}
