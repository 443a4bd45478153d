import { pulledImages, seatPlaces } from "../../components/names";
import { inOneLine } from "../causes/problem";
import { LabName, Settings, usesDocker } from "../../config";
import { Text } from "../../text";
import { sizeProblems, sizesOf } from "../checks/doctor/machine";
import { Arguments } from "../terminal/arguments";
import { canBeCopied, imagesOf, lacking } from "../docker/image-names";
import { standsAsWanted } from "../cluster/in-state";
import { look } from "../cluster/get";
import { profileExists } from "../cluster/minikube";
import { clusterPreflight } from "../cluster/preflight";
import { isOwn, runningCluster } from "../cluster/running";
import { losses, refusal } from "../stack/data-loss";
import { phasesOf } from "../cluster/phases";
import { Interrupted } from "../terminal/interruption";
import { say } from "../terminal/language";
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
  start,
  stoppedOf,
  Stray,
  strays,
} from "../stack/repair";
import { noteDocker } from "../stack/same-docker";
import { adopting, asDeletion, begin, observed, Session, withVariables } from "../stack/session";
import { settingsOf } from "../stack/settings";
import { CutOff, isEdited, labsIn, outputsIn, State, stateOf } from "../stack/stack";
import { kubectlCommand, summary } from "./summary";
import { expect, needImages, needToolsOf, Whole } from "../install/toolchain";
import { checkAddress } from "./visit";

/** What an interrupted run left, and what was stopped or removed by hand. */
interface Damage {
  state: State;
  left: Stray[];
  stopped: { id: string; name: string }[];
  /** URNs of resources that have to be replaced. */
  replace: string[];
}

/** Changes nothing. @throws LabError if another run has begun meanwhile: what it is making is not left behind */
async function damageOf(stack: string, docker: boolean): Promise<Damage> {
  await clearLocks(stack);
  const state = await stateOf(stack);
  if (!docker) return { state, left: [], stopped: [], replace: [] };
  const [left, stopped, replace] = await Promise.all([
    strays(state, ["container", "network"]),
    stoppedOf(state),
    imagesToBuild(state),
  ]);
  return { state, left, stopped, replace };
}

/** Cleans up after an interrupted run, and starts what was stopped. Volumes are kept and used again. */
async function repair(stack: string, { state, left, stopped }: Damage): Promise<void> {
  await removeStrays(left, false);
  await start(stopped);
  await forgetPendingOperations(stack, state);
}

interface ReadyCluster {
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

async function getImages(settings: Settings, forNode: string[]): Promise<void> {
  const pulled = pulledImages(settings).flatMap(({ image, puller }) => (puller === "docker" ? [image] : []));
  const images = [...new Set([...pulled, ...forNode])];
  if (usesDocker(settings.labs) || images.length > 0) await needImages(images);
  if (forNode.length > 0) await (await import("../cluster/node-images")).loadImages(settings, forNode);
}

async function warnOfSize(settings: Settings, state: State): Promise<void> {
  const running = labsIn(state);
  const all = settings.labs.every((lab) => running.includes(lab));
  for (const problem of sizeProblems(await sizesOf(), settings, all)) {
    const { en, ko } = inOneLine(problem);
    say({ en: `Warning: ${en}`, ko: `경고: ${ko}` });
  }
}

interface Run extends Session {
  replace: string[];
  strays: string[];
  allowDataLoss: boolean;
  /** How many resources were changed so far. */
  changes: number;
}

/**
 * Previews what this run would do, if there is data that it may delete.
 * @returns whether there is nothing to do
 * @throws LabError that lists the data that it would delete
 */
async function foresee({ stack, state, replace, strays }: Run): Promise<boolean> {
  if (losses(state.resources.map(asDeletion)).length === 0) return false;
  const look = new Progress(true);
  await adopting(strays, () => observed(look, () => pulumi.preview(stack, { onEvent: look.on, replace })));
  const lost = losses(look.planned);
  if (lost.length > 0) throw refusal(lost);
  return look.nothingToDo && !isEdited(stack.name);
}

/** Reports the failure itself if it left an incomplete state, as on a full disk: the next run repairs that. */
const cutOff = (cause: unknown) => (error: unknown) => {
  throw error instanceof CutOff ? cause : error;
};

/**
 * Runs `pulumi up`, and once more if objects of an interrupted run appear.
 * @returns how many resources were changed
 */
async function deploy({ stack, settings, state, replace, strays }: Run): Promise<number> {
  const onCluster = settings.labs.includes("kubernetes");
  const why = async (errors: string) =>
    onCluster && /kubernetes/i.test(errors) ? (await import("../cluster/diagnose")).labProblems(settings) : [];
  const watched = async (operation: (stop?: AbortSignal) => Promise<void>) =>
    onCluster
      ? (await import("../cluster/watchdog")).whileItAnswers(async () => (await look(settings)).answers, operation)
      : operation();
  const once = async (replaced: string[]) => {
    let changes = 0;
    for (const [i, { exclude, variables }] of phasesOf(settings, state).entries()) {
      const progress = new Progress();
      const underWay = () => progress.underWay();
      const how = { onEvent: progress.on, underWay, replace: i === 0 ? replaced : [], exclude };
      const operation = () => withVariables(variables, () => watched((stop) => pulumi.up(stack, { ...how, stop })));
      await adopting(strays, () => observed(progress, operation, why));
      changes += progress.changes;
    }
    return changes;
  };
  return once(replace).catch(async (error: unknown) => {
    if (error instanceof Interrupted) throw error;
    // Docker may have finished objects of an interrupted run only after the repair.
    const damage = await damageOf(stack.name, usesDocker(settings.labs)).catch(cutOff(error));
    if (damage.left.length === 0) throw error;
    await repair(stack.name, damage);
    return once(damage.replace);
  });
}

/**
 * Deploys labs and removes the built images that others have replaced.
 * @param done whether there is nothing to do, see {@link foresee}
 * @param later the labs that this run deploys afterwards
 * @returns the state afterwards
 */
async function provision(run: Run, labs: readonly LabName[], done: boolean, later: LabName[] = []): Promise<State> {
  say({ en: `Deploying: ${labs.join(", ")}`, ko: `실습 환경을 구성합니다: ${labs.join(", ")}` });
  if (!done) run.changes += await deploy(run);
  const made = await stateOf(run.stack.name);
  if (usesDocker(run.settings.labs)) {
    const after = builtImageIds(made);
    await removeImages(builtImageIds(run.state).filter((id) => !after.includes(id)));
  }
  say(ending(run.changes, later));
  return made;
}

/** What a run has done, in all its parts. @param later the labs of its next part */
export function ending(changes: number, later: readonly LabName[]): Text {
  const next = later.join(", ");
  if (next)
    return { en: `${changes} steps so far. Still to come: ${next}`, ko: `지금까지 ${changes}단계. 남은 실습: ${next}` };
  return changes === 0
    ? { en: "No changes: everything is up to date.", ko: "변경 사항 없음: 모두 정상입니다." }
    : { en: `Done: ${changes} steps.`, ko: `완료: ${changes}단계.` };
}

async function tell(settings: Settings, state: State): Promise<void> {
  const outputs = outputsIn(state);
  say(summary(outputs, await kubectlCommand(settings, outputs.kubernetes)));
  if (outputs.kubernetes) await checkAddress(outputs.kubernetes.url, settings);
}

/**
 * The labs to deploy first. If the cluster has yet to be created, which takes minutes (a quarter of an hour in a closed network),
 * the labs on Docker do not wait for it. Otherwise all labs are deployed at once.
 */
function firstLabs({ labs, ...settings }: Settings, state: State): LabName[] {
  const others = labs.filter((lab) => lab !== "kubernetes");
  const waits = isOwn(settings) && !profileExists() && !labsIn(state).includes("kubernetes");
  return waits && others.length > 0 ? others : labs;
}

async function deployFirst(run: Run, first: LabName[], later: LabName[]): Promise<void> {
  say({
    en: "The labs on Docker come first. The cluster of the Kubernetes lab is created afterwards, which takes some minutes.",
    ko: "Docker 실습 환경을 먼저 구성합니다. 쿠버네티스 실습에 쓸 클러스터는 그다음에 만들며 몇 분이 걸립니다.",
  });
  const settings = { ...run.settings, labs: first };
  const now = { ...run, stack: { ...run.stack, labs: first }, settings };
  await getImages(settings, []);
  const done = !run.allowDataLoss && (await foresee(now));
  Object.assign(run, { state: await provision(now, first, done, later), replace: [], changes: now.changes });
  await tell(settings, run.state);
}

/** How many adopted objects to name: a class has hundreds. */
const mostListed = 12;

/** Everything that the labs need. */
function wholeOf(settings: Settings): Whole {
  const cluster = settings.labs.includes("kubernetes") && isOwn(settings);
  const images = pulledImages(settings).flatMap(({ image, puller }) => (puller === "docker" || cluster ? [image] : []));
  return { labs: settings.labs, images, cluster };
}

export async function up(args: Arguments): Promise<void> {
  // 1. Read the settings, open the stack, and get the tools.
  expect(() => wholeOf({ ...settingsOf(args.stack), ...(args.labs && { labs: args.labs }) }));
  const { stack, state: before, settings } = await begin(args);
  const first = firstLabs(settings, before);
  await needToolsOf(first);

  // 2. Refuse what breaks the rules of the labs, before anything is changed.
  const docker = usesDocker(settings.labs);
  const rules = async () => (await import("../review/policies/enforce")).checkPolicies(args.stack, settings);
  const [damage] = await Promise.all([damageOf(stack.name, docker), warnOfSize(settings, before), rules()]);

  // 3. Clean up after an interrupted run, then refuse names, ports and versions that would fail half-way.
  const { state, replace } = damage;
  await repair(stack.name, damage);
  await preflight(settings, state);
  if (docker) await noteDocker(args.stack, state, args.allowDataLoss);
  const run: Run = { stack, settings, state, replace, strays: [], allowDataLoss: args.allowDataLoss, changes: 0 };

  // 4. Deploy what does not have to wait for a cluster.
  const later = settings.labs.filter((lab) => !first.includes(lab));
  if (later.length > 0) await deployFirst(run, first, later);

  // 5. Make the cluster ready, and get the images.
  await needToolsOf(settings.labs);
  const cluster = await readyCluster(settings, run.state);
  await getImages(settings, cluster.images);
  run.strays = cluster.strays;
  if (run.strays.length > 0) {
    const listed = run.strays.slice(0, mostListed).join(", ");
    const more = run.strays.length - mostListed;
    say({
      en: `Adopting objects that an interrupted run created in the cluster: ${listed}${more > 0 ? ` and ${more} more` : ""}`,
      ko: `중단된 실행에서 만든 클러스터의 오브젝트를 이어서 사용합니다: ${listed}${more > 0 ? ` 외 ${more}개` : ""}`,
    });
  }

  // 6. Deploy, unless that would delete data, and print the addresses.
  const done = !run.allowDataLoss && (await foresee(run));
  // The labs' own cluster already has them from Docker.
  if (seatPlaces(settings).length > 0 && !isOwn(settings)) {
    await (await import("../cluster/pull-images")).pullOnNodes(settings);
  }
  await tell(settings, await provision(run, later.length > 0 ? later : settings.labs, done));
}
