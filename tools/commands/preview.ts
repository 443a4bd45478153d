import { Settings, usesDocker } from "../../config";
import { Arguments } from "../terminal/arguments";
import { standsAsWanted } from "../cluster/in-state";
import { clusterPreflight } from "../cluster/preflight";
import { requireCluster } from "../cluster/running";
import { losses } from "../stack/data-loss";
import { say } from "../terminal/language";
import { Progress } from "../stack/progress";
import * as pulumi from "../install/pulumi";
import { imagesToBuild } from "../stack/repair";
import { adopting, begin, observed } from "../stack/session";
import { labsIn, State } from "../stack/stack";
import { versionProblems } from "../stack/stored";

/**
 * Looks whether the cluster is there, and for what is in the way of the lab.
 * @returns objects that a killed run made and the state does not know
 */
async function lookIntoCluster(settings: Settings, state: State): Promise<string[]> {
  await requireCluster(settings, labsIn(state).includes("kubernetes"));
  if (standsAsWanted(state, settings)) return [];
  return clusterPreflight(settings, state);
}

/** Shows what `up` would do. */
export async function preview(args: Arguments): Promise<void> {
  const { stack, state, settings } = await begin(args);
  const strays = settings.labs.includes("kubernetes") ? await lookIntoCluster(settings, state) : [];
  const replace = usesDocker(settings.labs) ? await imagesToBuild(state) : [];
  say({ en: `What up would do (${settings.labs.join(", ")}):`, ko: `up 이 할 일 (${settings.labs.join(", ")}):` });
  const progress = new Progress();
  await adopting(strays, () => observed(progress, () => pulumi.preview(stack, { onEvent: progress.on, replace })));
  if (progress.planned.length === 0) {
    say({ en: "  no changes", ko: "  변경 없음" });
  }
  for (const { en, ko } of versionProblems(settings, state)) {
    say({ en: `  ! up would refuse: ${en}`, ko: `  ! up에서 거절됩니다: ${ko}` });
  }
  for (const lost of losses(progress.planned)) {
    say({ en: `  ! would be lost: ${lost.en}`, ko: `  ! 잃게 됩니다: ${lost.ko}` });
  }
}
