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
import { needToolsOf } from "../install/toolchain";
import { labsIn, State } from "../stack/stack";
import { versionProblems } from "../stack/stored";

/** @returns objects of an interrupted run that are missing in the state */
async function lookIntoCluster(settings: Settings, state: State): Promise<string[]> {
  await requireCluster(settings, labsIn(state).includes("kubernetes"));
  if (standsAsWanted(state, settings)) return [];
  return clusterPreflight(settings, state);
}

export async function preview(args: Arguments): Promise<void> {
  const { stack, state, settings } = await begin(args);
  await needToolsOf(settings.labs);
  const strays = settings.labs.includes("kubernetes") ? await lookIntoCluster(settings, state) : [];
  const replace = usesDocker(settings.labs) ? await imagesToBuild(state) : [];
  say({
    en: `Changes that up would make (${settings.labs.join(", ")}):`,
    ko: `up을 실행하면 적용될 변경 사항 (${settings.labs.join(", ")}):`,
  });
  const progress = new Progress();
  await adopting(strays, () => observed(progress, () => pulumi.preview(stack, { onEvent: progress.on, replace })));
  if (progress.planned.length === 0) {
    say({ en: "  no changes", ko: "  변경 사항 없음" });
  }
  for (const { en, ko } of versionProblems(settings, state)) {
    say({ en: `  ! up would refuse to run: ${en}`, ko: `  ! up이 실행되지 않습니다: ${ko}` });
  }
  for (const lost of losses(progress.planned)) {
    say({ en: `  ! data that would be lost: ${lost.en}`, ko: `  ! 삭제될 데이터: ${lost.ko}` });
  }
}
