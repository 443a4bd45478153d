import { Settings } from "../config";
import { Arguments } from "./arguments";
import { explain } from "./explain";
import { settingsOf } from "./settings";

/**
 * Checks the program against the rules in policies/, which takes a third of a second: begun while Pulumi starts.
 * @returns what to wait for once it is known which labs there will be, and before anything is done
 */
export function policyCheck({ stack, labs }: Arguments): (settings: Settings) => Promise<void> {
  const settings = settingsOf(stack);
  const asked = labs ?? settings.labs;
  const check = async (of: Settings) => {
    const { checkPolicies } = await import("../policies/enforce");
    // A program that does not run would not do so later either.
    await checkPolicies(stack, of).catch((error: Error) => {
      throw explain([], error);
    });
  };
  const begun = check({ ...settings, labs: asked });
  // Told where it is waited for.
  begun.catch(() => undefined);
  return async (effective) => {
    await begun;
    // A lab that runs on, though nobody asked for it, is a part of the program, too.
    if (effective.labs.some((lab) => !asked.includes(lab))) await check(effective);
  };
}
