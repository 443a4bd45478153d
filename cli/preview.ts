import { Arguments } from "./arguments";
import { requireCluster } from "./cluster/running";
import { losses } from "./data-loss";
import { say } from "./language";
import { Progress } from "./progress";
import { removedImages } from "./repair";
import { begin, observed, usesDocker } from "./session";
import { labsIn } from "./stack";

/** Shows what `up` would do. */
export async function preview(args: Arguments): Promise<void> {
  const { stack, state, settings } = await begin(args);
  if (settings.labs.includes("kubernetes")) await requireCluster(settings, labsIn(state).includes("kubernetes"));
  const replace = usesDocker(settings.labs) ? await removedImages(state) : [];
  say({ en: `What up would do (${settings.labs.join(", ")}):`, ko: `up 이 할 일 (${settings.labs.join(", ")}):` });
  const progress = new Progress();
  await observed(progress, () => stack.preview({ onEvent: progress.on, suppressProgress: true, replace }));
  if (progress.planned.length === 0) {
    say({ en: "  no changes", ko: "  변경 없음" });
  }
  for (const lost of losses(progress.planned)) {
    say({ en: `  ! would be lost: ${lost.en}`, ko: `  ! 잃게 됩니다: ${lost.ko}` });
  }
}
