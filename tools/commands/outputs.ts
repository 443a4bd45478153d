import { Arguments } from "../terminal/arguments";
import { clusterOf } from "../cluster/in-state";
import { say } from "../terminal/language";
import { openMade } from "../stack/session";
import { outputsIn } from "../stack/stack";
import { requireStack } from "../stack/stacks";
import { kubectlCommand, summary } from "./summary";
import { needPulumi } from "../install/toolchain";

export async function outputs(args: Arguments): Promise<void> {
  requireStack(args.stack);
  await needPulumi();
  const state = await openMade(args.stack);
  const values = outputsIn(state);
  if (args.json) console.log(JSON.stringify(values, undefined, 2));
  else say(summary(values, await kubectlCommand(clusterOf(state), values.kubernetes)));
}
