import { pulledImages } from "../../components/names";
import { inOneLine } from "../causes/problem";
import { LabName, Settings, usesDocker } from "../../config";
import { sizeProblems, sizesOf } from "../checks/doctor/size";
import { Arguments } from "../terminal/arguments";
import { canBeCopied, imagesOf, lacking } from "../docker/image-names";
import { standsAsWanted } from "../cluster/in-state";
import { profileExists } from "../cluster/minikube";
import { clusterPreflight } from "../cluster/preflight";
import { isOwn, runningCluster } from "../cluster/running";
import { losses, refusal } from "../stack/data-loss";
import { Interrupted } from "../terminal/interruption";
import { say } from "../terminal/language";
import { policyCheck } from "../review/policies/check";
import { preflight } from "./preflight";
import { Progress } from "../stack/progress";
import * as pulumi from "../install/pulumi";
import {
  builtImageIds,
  forgetPendingOperations,
  imagesToBuild,
  removeImages,
  removeStrays,
  startStopped,
} from "../stack/repair";
import { noteDocker } from "../stack/same-docker";
import { adopting, asDeletion, begin, observed } from "../stack/session";
import { labsIn, outputsIn, State, stateOf } from "../stack/stack";
import { lookInto, summary } from "./summary";
import { toolchain } from "../install/toolchain";
import { checkAddress } from "./visit";

/** Looks for what a killed run left behind and for what was removed by hand. */
async function repair(stack: string, state: State, docker: boolean): Promise<{ replace: string[]; removed: number }> {
  const removed = docker ? await removeStrays(state, ["container", "network"]) : 0;
  if (docker) await startStopped(state);
  await forgetPendingOperations(stack, state);
  return { replace: docker ? await imagesToBuild(state) : [], removed };
}

/** What of the Kubernetes lab is ready for Pulumi. */
interface ReadyCluster {
  /** Images that the node does not have yet. */
  images: string[];
  /** Objects that a killed run made and the state does not know. */
  strays: string[];
}

/** Makes sure that the cluster runs and that nothing is in the lab's way. */
async function readyCluster(settings: Settings, state: State): Promise<ReadyCluster> {
  if (!settings.labs.includes("kubernetes")) return { images: [], strays: [] };
  const removed = isOwn(settings) && labsIn(state).includes("kubernetes") && !profileExists();
  const { node, started } = await runningCluster(settings);
  if (removed && started) {
    say({
      en: "The cluster that the Kubernetes lab was on had been removed, and what was stored in it is gone (posts, uploads, the database): the lab is made anew.",
      ko: "쿠버네티스 실습이 있던 클러스터가 지워져서 저장된 것(글, 업로드, 데이터베이스)이 사라졌습니다: 실습을 새로 만듭니다.",
    });
  }
  const wanted = pulledImages(settings).flatMap(({ image, puller }) => (puller === "cluster" ? [image] : []));
  const images = isOwn(settings) ? lacking(wanted, imagesOf(node)).filter(canBeCopied) : [];
  if (!started && node !== "absent" && standsAsWanted(state, settings)) return { images, strays: [] };
  return { images, strays: await clusterPreflight(settings, state) };
}

/** Gets the images, and those of the cluster into its node. */
async function getImages(settings: Settings, forNode: string[]): Promise<void> {
  const pulled = pulledImages(settings).flatMap(({ image, puller }) => (puller === "docker" ? [image] : []));
  const images = [...new Set([...pulled, ...forNode])];
  await toolchain({ labs: settings.labs, images, docker: usesDocker(settings.labs) || forNode.length > 0 });
  if (forNode.length > 0) await (await import("../cluster/node-images")).loadImages(settings, forNode);
}

/** Says what this machine may be too small for. */
async function warnOfSize(settings: Settings, state: State): Promise<void> {
  const running = labsIn(state);
  const all = settings.labs.every((lab) => running.includes(lab));
  for (const problem of sizeProblems(await sizesOf(), settings, all)) {
    const { en, ko } = inOneLine(problem);
    say({ en: `Warning: ${en}`, ko: `경고: ${ko}` });
  }
}

/** What Pulumi is about to be asked for. */
interface Run {
  stack: pulumi.Stack;
  settings: Settings;
  state: State;
  /** URNs of resources that are made anew. */
  replace: string[];
  /** Objects of the cluster that a killed run made. */
  strays: string[];
}

/** @throws LabError that lists what a student made and this run would remove */
async function refuseLosses({ stack, state, replace, strays }: Run): Promise<void> {
  if (losses(state.resources.map(asDeletion)).length === 0) return;
  const look = new Progress(true);
  await adopting(strays, () => observed(look, () => pulumi.preview(stack, { onEvent: look.on, replace })));
  const lost = losses(look.planned);
  if (lost.length > 0) throw refusal(lost);
}

/** Has Pulumi make the labs, once more where it meets what a killed run had begun; tells where they are. */
async function provision({ stack, settings, state, replace, strays }: Run): Promise<void> {
  const docker = usesDocker(settings.labs);
  say({ en: `Provisioning: ${settings.labs.join(", ")}`, ko: `실습을 만듭니다: ${settings.labs.join(", ")}` });
  const before = builtImageIds(state);
  const why = async () =>
    settings.labs.includes("kubernetes") ? (await import("../cluster/diagnose")).labProblems(settings) : [];
  const once = async (replaced: string[]) => {
    const progress = new Progress();
    const underWay = () => progress.underWay();
    const operation = () => pulumi.up(stack, { onEvent: progress.on, underWay, replace: replaced });
    await adopting(strays, () => observed(progress, operation, why));
    return progress;
  };
  const progress = await once(replace).catch(async (error: unknown) => {
    if (error instanceof Interrupted) throw error;
    // What a killed run had begun may have appeared only after the repair.
    const again = docker ? await repair(stack.name, await stateOf(stack.name), docker) : undefined;
    if (!again?.removed) throw error;
    return once(again.replace);
  });
  const made = await stateOf(stack.name);
  if (docker) {
    const after = builtImageIds(made);
    await removeImages(before.filter((id) => !after.includes(id)));
  }
  say(
    progress.changes === 0
      ? { en: "No changes: everything is as it should be.", ko: "변경 없음: 모두 제대로 있습니다." }
      : { en: `Done: ${progress.changes} steps.`, ko: `완료: ${progress.changes} 단계.` },
  );
  const outputs = outputsIn(made);
  say(summary(outputs, await lookInto(settings, outputs.kubernetes)));
  if (outputs.kubernetes) await checkAddress(outputs.kubernetes.url, settings);
}

/**
 * The labs that are provisioned first: those that need not wait until the cluster is made, which takes minutes, and the first
 * time in a closed network half an hour. All at once where there is a cluster, or was one that the state still knows.
 */
function firstLabs({ labs, ...settings }: Settings, state: State): LabName[] {
  const others = labs.filter((lab) => lab !== "kubernetes");
  const waits = isOwn(settings) && !profileExists() && !labsIn(state).includes("kubernetes");
  return waits && others.length > 0 ? others : labs;
}

/** Provisions the labs and tells where they are. */
export async function up(args: Arguments): Promise<void> {
  const policies = policyCheck(args);
  const { stack, state, settings } = await begin(args, policies.begin, firstLabs);
  await policies.done(settings);
  await warnOfSize(settings, state);
  const docker = usesDocker(settings.labs);
  const { replace } = await repair(stack.name, state, docker);
  await preflight(settings, state);
  if (docker) await noteDocker(args.stack, state);
  const run: Run = { stack, settings, state, replace, strays: [] };

  const first = firstLabs(settings, state);
  if (first.length < settings.labs.length) {
    say({
      en: "The labs on Docker come first; then the cluster of the Kubernetes lab is made.",
      ko: "Docker에서 하는 실습을 먼저 만들고, 그다음에 쿠버네티스 실습의 클러스터를 만듭니다.",
    });
    const narrowed = { ...run, stack: { ...stack, labs: first }, settings: { ...settings, labs: first } };
    await getImages(narrowed.settings, []);
    if (!args.allowDataLoss) await refuseLosses(narrowed);
    await provision(narrowed);
    Object.assign(run, { state: await stateOf(stack.name), replace: [] });
  }

  const { images, strays } = await readyCluster(settings, run.state);
  await getImages(settings, images);
  if (strays.length > 0) {
    say({
      en: `Taking over what a stopped run had made in the cluster: ${strays.join(", ")}`,
      ko: `중단된 실행이 클러스터에 만들어 둔 것을 이어받습니다: ${strays.join(", ")}`,
    });
  }
  run.strays = strays;
  if (!args.allowDataLoss) await refuseLosses(run);
  await provision(run);
}
