import { Settings } from "../../../config";
import { Arguments } from "../../terminal/arguments";
import { explain } from "../../stack/explain";
import { settingsOf } from "../../stack/settings";

/** A check of the program against the rules in policies/. */
export interface PolicyCheck {
  /** Begins, which takes this process a third of a second: while Pulumi starts is the time for it. */
  begin: () => void;
  /**
   * To be waited for once it is known which labs there will be, and before anything is done.
   * @throws LabError that lists the rules that are broken
   */
  done: (settings: Settings) => Promise<void>;
}

/** The check for a command's arguments, not begun yet. */
export function policyCheck({ stack, labs }: Arguments): PolicyCheck {
  const settings = settingsOf(stack);
  const asked = labs ?? settings.labs;
  const check = async (of: Settings) => {
    const { checkPolicies } = await import("./enforce");
    // A program that does not run would not do so later either.
    await checkPolicies(stack, of).catch((error: Error) => {
      throw explain([], error);
    });
  };
  let begun: Promise<void> | undefined;
  const once = () => (begun ??= check({ ...settings, labs: asked }));
  return {
    // A failure is told where it is waited for.
    begin: () => void once().catch(() => undefined),
    done: async (effective) => {
      await once();
      // A lab that runs on, though nobody asked for it, is a part of the program, too.
      if (effective.labs.some((lab) => !asked.includes(lab))) await check(effective);
    },
  };
}
