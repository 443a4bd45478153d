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
import { clearLocks } from "../stack/locks";
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
import { kubectlCommand, summary } from "./summary";
import { toolchain } from "../install/toolchain";
import { checkAddress } from "./visit";

interface Repaired {
  state: State;
  replace: string[];
  removed: number;
}

/**
 * Cleans up after an interrupted run, and restores what was removed by hand.
 * @throws LabError if another run has begun meanwhile: what it is making is not left behind
 */
async function repair(stack: string, docker: boolean): Promise<Repaired> {
  await clearLocks(stack);
  const state = await stateOf(stack);
  const removed = docker ? await removeStrays(state, ["container", "network"]) : 0;
  if (docker) await startStopped(state);
  await forgetPendingOperations(stack, state);
  return { state, replace: docker ? await imagesToBuild(state) : [], removed };
}

interface ReadyCluster {
  /** Images that are missing on the node. */
  images: string[];
  /** Objects of an interrupted run that are missing in the state. */
  strays: string[];
}

/** Makes sure that the cluster is running and that nothing conflicts with the lab. */
async function readyCluster(settings: Settings, state: State): Promise<ReadyCluster> {
  if (!settings.labs.includes("kubernetes")) return { images: [], strays: [] };
  const removed = isOwn(settings) && labsIn(state).includes("kubernetes") && !profileExists();
  const { node, started } = await runningCluster(settings);
  if (removed && started) {
    say({
      en: "The cluster of the Kubernetes lab was deleted, together with its data (posts, uploads, the database). The lab is created again.",
      ko: "쿠버네티스 실습을 실행하던 클러스터가 삭제되어 데이터(글, 업로드, 데이터베이스)도 사라졌습니다. 실습 환경을 새로 구성합니다.",
    });
  }
  const wanted = pulledImages(settings).flatMap(({ image, puller }) => (puller === "cluster" ? [image] : []));
  const images = isOwn(settings) ? lacking(wanted, imagesOf(node)).filter(canBeCopied) : [];
  if (!started && node !== "absent" && standsAsWanted(state, settings)) return { images, strays: [] };
  return { images, strays: await clusterPreflight(settings, state) };
}

/** Pulls the images and loads those of the cluster into its node. */
async function getImages(settings: Settings, forNode: string[]): Promise<void> {
  const pulled = pulledImages(settings).flatMap(({ image, puller }) => (puller === "docker" ? [image] : []));
  const images = [...new Set([...pulled, ...forNode])];
  await toolchain({ labs: settings.labs, images, docker: usesDocker(settings.labs) || forNode.length > 0 });
  if (forNode.length > 0) await (await import("../cluster/node-images")).loadImages(settings, forNode);
}

/** Warns if this machine may be too small for the labs. */
async function warnOfSize(settings: Settings, state: State): Promise<void> {
  const running = labsIn(state);
  const all = settings.labs.every((lab) => running.includes(lab));
  for (const problem of sizeProblems(await sizesOf(), settings, all)) {
    const { en, ko } = inOneLine(problem);
    say({ en: `Warning: ${en}`, ko: `경고: ${ko}` });
  }
}

interface Run {
  stack: pulumi.Stack;
  settings: Settings;
  state: State;
  /** URNs of resources that have to be replaced. */
  replace: string[];
  /** Objects of an interrupted run in the cluster. */
  strays: string[];
}

/** @throws LabError that lists the data that this run would delete */
async function refuseLosses({ stack, state, replace, strays }: Run): Promise<void> {
  if (losses(state.resources.map(asDeletion)).length === 0) return;
  const look = new Progress(true);
  await adopting(strays, () => observed(look, () => pulumi.preview(stack, { onEvent: look.on, replace })));
  const lost = losses(look.planned);
  if (lost.length > 0) throw refusal(lost);
}

/** Tells of the failure itself where it has cut the state off, as on a full disk: the next run mends that. */
const cutOff = (cause: unknown) => (error: unknown) => {
  throw error instanceof SyntaxError ? cause : error;
};

/** Deploys the labs with Pulumi and prints their addresses. Retries once if objects of an interrupted run appear. */
async function provision({ stack, settings, state, replace, strays }: Run): Promise<void> {
  const docker = usesDocker(settings.labs);
  say({ en: `Deploying: ${settings.labs.join(", ")}`, ko: `실습 환경을 구성합니다: ${settings.labs.join(", ")}` });
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
    // Docker may have finished objects of an interrupted run only after the repair.
    const again = docker ? await repair(stack.name, docker).catch(cutOff(error)) : undefined;
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
      ? { en: "No changes: everything is up to date.", ko: "변경 사항 없음: 모두 정상입니다." }
      : { en: `Done: ${progress.changes} steps.`, ko: `완료: ${progress.changes}단계.` },
  );
  const outputs = outputsIn(made);
  say(summary(outputs, await kubectlCommand(settings, outputs.kubernetes)));
  if (outputs.kubernetes) await checkAddress(outputs.kubernetes.url, settings);
}

/**
 * The labs to deploy first. If the cluster has yet to be created, which takes minutes (half an hour in a closed network),
 * the labs on Docker do not wait for it. Otherwise all labs are deployed at once.
 */
function firstLabs({ labs, ...settings }: Settings, state: State): LabName[] {
  const others = labs.filter((lab) => lab !== "kubernetes");
  const waits = isOwn(settings) && !profileExists() && !labsIn(state).includes("kubernetes");
  return waits && others.length > 0 ? others : labs;
}

/** Deploys the labs and prints their addresses. */
export async function up(args: Arguments): Promise<void> {
  const policies = policyCheck(args);
  const { stack, state: before, settings } = await begin(args, policies.begin, firstLabs);
  await policies.done(settings);
  await warnOfSize(settings, before);
  const docker = usesDocker(settings.labs);
  const { state, replace } = await repair(stack.name, docker);
  await preflight(settings, state);
  if (docker) await noteDocker(args.stack, state);
  const run: Run = { stack, settings, state, replace, strays: [] };

  const first = firstLabs(settings, state);
  if (first.length < settings.labs.length) {
    say({
      en: "First the labs on Docker are deployed, then the cluster of the Kubernetes lab is created.",
      ko: "Docker 실습 환경을 먼저 구성한 뒤 쿠버네티스 실습에 쓸 클러스터를 만듭니다.",
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
      en: `Adopting objects that an interrupted run created in the cluster: ${strays.join(", ")}`,
      ko: `중단된 실행에서 만든 클러스터의 오브젝트를 이어서 사용합니다: ${strays.join(", ")}`,
    });
  }
  run.strays = strays;
  if (!args.allowDataLoss) await refuseLosses(run);
  await provision(run);
}
