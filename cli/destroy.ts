import { Stack } from "@pulumi/pulumi/automation";
import { LabName, usesDocker } from "../config";
import { LabError } from "../text";
import { Arguments } from "./arguments";
import { leaveCluster, Leaving } from "./cluster/leave";
import { losses } from "./data-loss";
import { say } from "./language";
import { Progress } from "./progress";
import { builtImages, forgetPendingOperations, removeImages, removeStrays } from "./repair";
import { asDeletion, observed, open, withVariables } from "./session";
import { labsIn, State } from "./stack";
import { toolchain } from "./toolchain";

/** Removes the labs and everything that was made for them. */
export async function destroy(args: Arguments): Promise<void> {
  await toolchain({ labs: [], images: [] });
  const { stack, state } = await open(args.stack, []);
  const running = labsIn(state);
  const leaving = running.filter((lab) => args.labs?.includes(lab) ?? true);
  if (args.cluster && running.includes("kubernetes") && !leaving.includes("kubernetes")) throw clusterOfALab();
  await toolchain({ labs: running, images: [] });
  const docker = usesDocker(running);
  const whole = leaving.length === running.length;

  await forgetPendingOperations(stack, state);
  const gone = state.resources.filter((resource) => whole || leaving.some((lab) => belongsTo(resource.urn, lab)));
  const cluster = await leaveCluster(args, state, leaving.includes("kubernetes"));
  for (const lost of losses(gone.map(asDeletion)).filter((text) => !/^password/.test(text.en))) {
    say({ en: `Removing ${lost.en}`, ko: `지웁니다: ${lost.ko}` });
  }
  await cluster.before();
  await removeResources(stack, cluster, whole ? undefined : gone.map(({ urn }) => urn), gone.length);
  await cluster.afterwards();
  if (docker && whole) {
    await removeStrays(state, ["container", "network", "volume"]);
    await removeImages(builtImages(state).map(({ inputs }) => String(inputs?.imageName)));
  }
  await pulledImagesAfter(args, gone);
  if (leaving.length > 0) say({ en: `Removed: ${leaving.join(", ")}.`, ko: `지웠습니다: ${leaving.join(", ")}.` });
  else if (!args.cluster) say({ en: "No lab is left to remove.", ko: "지울 실습이 없습니다." });
}

async function removeResources(
  stack: Stack,
  { gone }: Leaving,
  target: string[] | undefined,
  count: number,
): Promise<void> {
  if (count === 0) return;
  const progress = new Progress();
  const operation = () =>
    stack.destroy({ onEvent: progress.on, suppressProgress: true, target, targetDependents: target !== undefined });
  await withVariables(gone ? ["PULUMI_K8S_DELETE_UNREACHABLE"] : [], () => observed(progress, operation));
}

function clusterOfALab(): LabError {
  return new LabError({
    en: "--cluster removes the cluster with the kubernetes lab in it, and --labs leaves that lab out. Leave --labs out, or add kubernetes to it.",
    ko: "--cluster 는 kubernetes 실습이 들어 있는 클러스터를 지우는데 --labs 에 그 실습이 없습니다. --labs 를 빼거나 kubernetes 를 더하세요.",
  });
}

/** Whether a resource is a part of a lab. */
function belongsTo(urn: string, lab: LabName): boolean {
  return labsIn({ resources: [{ urn, type: urn.split("::")[2]?.split("$")[0] ?? "" }] }).includes(lab);
}

/** Pulled images are a cache for the next `up`; they go only when that was asked for. */
async function pulledImagesAfter(args: Arguments, gone: State["resources"]): Promise<void> {
  const pulled = gone.flatMap(({ type, inputs }) => {
    if (type === "docker:index/remoteImage:RemoteImage" && inputs?.keepLocally === true) return [String(inputs.name)];
    const { args: built } = (inputs?.build ?? {}) as { args?: Record<string, string> };
    return built?.BASE_IMAGE ? [built.BASE_IMAGE] : [];
  });
  const names = [...new Set(pulled)];
  if (names.length === 0) return;
  if (args.images) {
    await removeImages(names);
  } else {
    say({
      en: `Kept for the next time, because pulling takes long: ${names.join(", ")}. Remove them, too: docker image rm ${names.join(" ")}`,
      ko: `다음에 다시 내려받지 않도록 남겨 둔 이미지: ${names.join(", ")}. 지우려면: docker image rm ${names.join(" ")}`,
    });
  }
}
