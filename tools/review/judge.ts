import { Change, Verdict, Warning, warningKinds } from "./resources/model";
import { Registered } from "./resources/register";
import { dataRules } from "./rules/data";
import { openingRules, safeguardsLost } from "./rules/openings";
import { environmentRules } from "./rules/environment";
import { interruptions } from "./rules/interruption";
import { labsThatMove, lifecycleRules } from "./rules/lifecycle";
import { pairs } from "./rules/pairs";
import { Context } from "./rules/rule";
import { storageRules } from "./rules/storage";
import { versionRules } from "./rules/versions";
import { strategy, workloadRules } from "./rules/workloads";

const rules = [...dataRules, ...openingRules, ...versionRules, ...workloadRules, ...lifecycleRules];

/** What a part of a lab still has to keep where it goes under one name in the program and comes under another. */
const pairRules = [...storageRules, ...environmentRules, ...versionRules, strategy, safeguardsLost];

/** The order in which warnings are read: what is dangerous first, and of that what loses data. */
export function inOrder(warnings: readonly Warning[]): Warning[] {
  const by = (rank: (warning: Warning) => number | boolean) => (a: Warning, b: Warning) =>
    Number(rank(a)) - Number(rank(b));
  // Each sort keeps the order of the one before: the last one counts most.
  return [...warnings]
    .sort(by(({ kind }) => warningKinds.indexOf(kind)))
    .sort(by(({ already }) => already === true))
    .sort(by(({ dangerous }) => !dangerous));
}

/** @param base everything that there was before, where it is known */
export function judge(changes: readonly Change[], base?: readonly Registered[]): Warning[] {
  const context: Context = { changes, base, ...labsThatMove(changes) };
  return inOrder([
    ...changes.flatMap((change) => rules.flatMap((rule) => rule(change, context))),
    ...pairs(changes).flatMap((pair) => pairRules.flatMap((rule) => rule(pair, context))),
    ...interruptions(context),
  ]);
}

/** The one word that a gate needs. */
export function verdictOf(found: { warnings: readonly Warning[]; different: boolean; failed: boolean }): Verdict {
  if (found.failed) return "failed";
  if (found.warnings.some(({ dangerous }) => dangerous)) return "dangerous";
  return found.different || found.warnings.length > 0 ? "changes" : "nothing";
}
