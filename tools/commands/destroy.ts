import { seatComponent } from "../../components/names";
import { LabName, usesDocker } from "../../config";
import { LabError } from "../../text";
import { Arguments } from "../terminal/arguments";
import { leaveCluster, Leaving } from "../cluster/leave";
import { unnoted } from "../cluster/phases";
import { whileItAnswers } from "../cluster/watchdog";
import { isPassword, losses } from "../stack/data-loss";
import { leaveImages, imagesLeftBy } from "./kept-images";
import { say } from "../terminal/language";
import { Progress } from "../stack/progress";
import * as pulumi from "../install/pulumi";
import {
  builtImages,
  forgetPendingOperations,
  removeImages,
  removeStrays,
  strays,
  takeNamesBack,
} from "../stack/repair";
import { forgetAddress, sameDocker } from "../stack/same-docker";
import { asDeletion, observed, openMade, withVariables } from "../stack/session";
import { labsIn, StateResource } from "../stack/stack";
import { requireStack } from "../stack/stacks";
import { needPulumi, needToolsOf } from "../install/toolchain";

export async function destroy(args: Arguments): Promise<void> {
  requireStack(args.stack);
  await needPulumi();
  const state = await openMade(args.stack);
  const running = labsIn(state);
  const leaving = running.filter((lab) => args.labs?.includes(lab) ?? true);
  if (args.cluster && running.includes("kubernetes") && !leaving.includes("kubernetes")) throw clusterOfALab();
  await needToolsOf(running);
  const docker = usesDocker(running);
  const whole = leaving.length === running.length;
  if (docker) await sameDocker(args.stack, state, args.allowDataLoss);
  await forgetAddress(args.stack, state);

  await forgetPendingOperations(args.stack, state);
  const gone = state.resources.filter((resource) => whole || leaving.some((lab) => belongsTo(resource.urn, lab)));
  const cluster = await leaveCluster(args, state, leaving.includes("kubernetes"));
  for (const lost of losses(gone.filter((resource) => !isPassword(resource)).map(asDeletion))) {
    say({ en: `Removing ${lost.en}`, ko: `삭제합니다: ${lost.ko}` });
  }
  if (docker) await takeNamesBack(gone);
  await cluster.before();
  await removeResources(args.stack, cluster, gone, whole);
  await cluster.afterwards();
  if (docker && whole) {
    await removeStrays(await strays(state, ["container", "network", "volume"]), true);
    await removeImages(builtImages(state).map(({ inputs }) => String(inputs?.imageName)));
  }
  await leaveImages(imagesLeftBy(gone, state), cluster.nodeImage, args.images);
  if (leaving.length > 0)
    say({ en: `Removed: ${leaving.join(", ")}.`, ko: `실습 환경을 삭제했습니다: ${leaving.join(", ")}.` });
  else if (!args.cluster) say({ en: "There is no lab to remove.", ko: "삭제할 실습 환경이 없습니다." });
}

async function removeResources(
  stack: string,
  { gone, answers }: Leaving,
  resources: StateResource[],
  whole: boolean,
): Promise<void> {
  if (resources.length === 0) return;
  const progress = new Progress();
  const target = whole ? undefined : resources.map(({ urn }) => urn);
  const how = { onEvent: progress.on, underWay: () => progress.underWay(), target };
  const operation = (stop?: AbortSignal) => pulumi.destroy({ name: stack }, { ...how, stop });
  // If it is killed, the next run finds out what is already gone.
  const variables = unnoted(resources.filter(({ type }) => type === seatComponent).length);
  await withVariables([...variables, ...(gone ? ["PULUMI_K8S_DELETE_UNREACHABLE"] : [])], () =>
    observed(progress, () => (answers ? whileItAnswers(answers, operation) : operation())),
  );
}

function clusterOfALab(): LabError {
  return new LabError({
    en: "--cluster removes the cluster together with the kubernetes lab, but --labs does not include that lab. Omit --labs, or add kubernetes to it.",
    ko: "--cluster 옵션은 클러스터와 함께 kubernetes 실습을 삭제하는데, --labs 옵션에 kubernetes 실습이 없습니다. --labs 옵션을 빼거나 kubernetes를 추가하세요.",
  });
}

function belongsTo(urn: string, lab: LabName): boolean {
  return labsIn({ resources: [{ urn, type: urn.split("::")[2]?.split("$")[0] ?? "" }] }).includes(lab);
}
