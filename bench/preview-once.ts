// One preview in a process of its own, as `npm run preview` does it: node bench/preview-once.ts FOLDER STACK PROJECT [up]
import { createRequire } from "node:module";
import { join } from "node:path";
import { LocalWorkspace } from "@pulumi/pulumi/automation";

// As cli/run.mjs does, and for its reason.
delete (Error as { prepareStackTrace?: unknown }).prepareStackTrace;

async function main([folder = "", stackName = "", projectName = "", before = ""]: string[]): Promise<void> {
  process.chdir(folder);
  const load = createRequire(join(folder, "bench.js"));
  // eslint-disable-next-line @typescript-eslint/require-await
  const program = async () => ({ ...(load("./index.ts") as Record<string, unknown>) });
  const stack = await LocalWorkspace.createOrSelectStack({ stackName, projectName, program }, { workDir: folder });
  if (before === "up") await stack.up();
  const started = performance.now();
  const { changeSummary } = await stack.preview();
  const seconds = (performance.now() - started) / 1000;
  const changes = Object.entries(changeSummary).filter(([op, n]) => op !== "same" && op !== "read" && n > 0);
  if (changes.length > 0) throw new Error(`not a no-op: ${JSON.stringify(changeSummary)}`);
  console.log(JSON.stringify({ seconds, resources: Object.values(changeSummary).reduce((a, b) => a + b, 0) }));
}

void main(process.argv.slice(2));
