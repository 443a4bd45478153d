import { Arguments } from "./arguments";
import { clusterOf } from "./cluster/in-state";
import { say } from "./language";
import { openMade } from "./session";
import { outputsIn } from "./stack";
import { requireStack } from "./stacks";
import { lookInto, summary } from "./summary";
import { toolchain } from "./toolchain";

/** Prints what is running and where. */
export async function outputs(args: Arguments): Promise<void> {
  requireStack(args.stack);
  await toolchain({ labs: [], images: [] });
  const state = await openMade(args.stack);
  const values = outputsIn(state);
  if (args.json) console.log(JSON.stringify(values, undefined, 2));
  else say(summary(values, await lookInto(clusterOf(state), values.kubernetes)));
}
