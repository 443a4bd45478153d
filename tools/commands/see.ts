import type { V1Pod } from "@kubernetes/client-node";
import { isDnsLabel, Settings } from "../../config";
import { LabError, Text } from "../../text";
import { padded, styled, wantsColour } from "../checks/report/table";
import { KubernetesTarget, targetOf } from "../checks/target";
import { statusesOf } from "../causes/objects";
import { clusterApi, inTime } from "../cluster/api";
import { logOf } from "../cluster/diagnose";
import { requireCluster } from "../cluster/running";
import { docker, useDocker } from "../docker/docker";
import { DockerEvent, dockerStoryOf, dockerTold } from "../see/docker";
import { Ending, endingOf } from "../see/ending";
import { Undoing } from "../see/note";
import { page } from "../see/page";
import { cellsOf, partHeads, partsOf } from "../see/parts";
import { Doing, Performer } from "../see/perform";
import { isOver, isUndone } from "../see/settled";
import { lastOf, Step, storyOf } from "../see/story";
import { rendered } from "../see/terminal";
import { clusterTold, Telling, Told } from "../see/told";
import { opened, Place, Recording, replayed, snapshot, toldOf } from "../see/watch";
import { settingsOf } from "../stack/settings";
import { requireStack } from "../stack/stacks";
import { described, misused, options, read } from "../terminal/options";
import { unbroken } from "../terminal/interruption";
import { say, told } from "../terminal/language";
import { refuseFile, writeResult } from "../terminal/output-errors";

const help = described(options.see);

export const seeUsage: Text = {
  en: `Usage: npm run see [-- STORY OPTIONS]
Shows who wrote what to the Kubernetes API, and why.
Stories:
  last              the latest changes in the namespace of the lab (default; changes nothing)
  scale N           scale WordPress to N pods (0 to 5), then scale back
  delete-pod        delete the pod of WordPress and show how it is replaced
  wrong-image       set an image that does not exist, show where the process stops, then set it back
  apply             create a copy of WordPress, show how its pod is created, then delete the copy
  docker            the latest actions of Docker (docker run, docker compose up)
  control-plane     the components of the cluster: where they run, and what each did last
  undo              revert what a killed run left behind
Options:
${help.en}`,
  ko: `사용법: npm run see [-- 과정 옵션]
누가 무엇을 왜 쿠버네티스 API에 기록했는지 보여 줍니다.
과정:
  last              실습 네임스페이스에서 방금 일어난 일 (기본값, 아무것도 바꾸지 않음)
  scale N           WordPress 파드를 N개(0~5)로 바꿔 과정을 보여 주고 되돌리기
  delete-pod        WordPress 파드를 지우고 다시 생기는 과정 보여 주기
  wrong-image       WordPress 이미지를 없는 것으로 바꿔 어디서 멈추는지 보여 주고 되돌리기
  apply             WordPress 복사본을 만들어 파드가 생기는 과정을 보여 주고 지우기
  docker            Docker가 마지막에 한 일 (docker run, docker compose up)
  control-plane     클러스터의 구성 요소: 어디서 실행되고 마지막에 무엇을 했는지
  undo              강제로 끝난 실행이 남긴 것 되돌리기
옵션:
${help.ko}`,
};

const stories = ["last", "scale", "delete-pod", "wrong-image", "apply", "docker", "control-plane", "undo"] as const;
type StoryName = (typeof stories)[number];
const isStory = (name: string): name is StoryName => (stories as readonly string[]).includes(name);

const wrong = (text: Text) => misused(seeUsage, text);

/** Reads what was typed. @throws LabError that names what is wrong with it */
export function parseSee(argv: string[]) {
  const { values, positionals } = read(argv, options.see, seeUsage, true);
  const [story = "last", ...rest] = positionals;
  const { namespace } = values;
  if (!isStory(story)) {
    throw wrong({
      en: `There is no story "${story}". Available stories: ${stories.join(", ")}.`,
      ko: `"${story}" 과정은 없습니다. 볼 수 있는 과정: ${stories.join(", ")}.`,
    });
  }
  if (story === "scale" && (rest.length !== 1 || !/^[0-5]$/.test(rest[0]!))) {
    const given = rest.join(" ");
    throw wrong({
      en: `scale is "${given}": it must be one number of pods, from 0 to 5, for example: npm run see -- scale 2`,
      ko: `scale 뒤의 값이 "${given}"입니다. 파드 수를 0부터 5 사이의 수 하나로 쓰세요. 예: npm run see -- scale 2`,
    });
  }
  if (story !== "scale" && rest.length > 0) {
    throw wrong({
      en: `"${rest.join(" ")}" is not needed: ${story} takes no more arguments.`,
      ko: `"${rest.join(" ")}" 인자는 필요 없습니다. ${story} 뒤에는 아무것도 더 쓰지 않습니다.`,
    });
  }
  if (namespace !== undefined && !isDnsLabel(namespace)) {
    throw wrong({
      en: `--namespace is "${namespace}": it must be lower-case letters, digits and hyphens.`,
      ko: `--namespace 옵션의 값이 "${namespace}"입니다. 영문 소문자, 숫자, 하이픈만 쓸 수 있습니다.`,
    });
  }
  if (values.page !== undefined && (story === "control-plane" || story === "undo")) {
    throw wrong({
      en: `--page does not work with ${story}: remove the option, or choose a story.`,
      ko: `--page 옵션은 ${story} 명령에 쓸 수 없습니다. 옵션을 빼거나 다른 과정을 고르세요.`,
    });
  }
  return { story, pods: Number(rest[0] ?? 0), ...values };
}
type SeeOptions = ReturnType<typeof parseSee>;

/** What to show, and from which cluster. */
interface Scene {
  options: SeeOptions;
  settings: Settings;
  place: Place;
  target: KubernetesTarget;
}

/** How a story ends. Storage classes and the output of failing containers are not among the watched objects. */
async function ending({ place, target, settings }: Scene, now: Recording["now"], workload?: string): Promise<Ending> {
  const api = clusterApi(place);
  const things = [...now.values()];
  const pods = things.filter(({ kind }) => kind === "Pod") as V1Pod[];
  const containers = pods.flatMap((pod) => statusesOf(pod).map((status) => ({ pod, ...status })));
  const failing = containers.filter(({ restartCount, state }) => restartCount > 0 || state?.terminated);
  const [classes, ...logs] = await Promise.all([
    // They belong to the cluster. Without permission to read them, the explanation is shorter.
    inTime(api.storage.listStorageClass()).catch(() => undefined),
    ...failing.map(async ({ pod, name, restartCount, state }) => {
      const log = await logOf(api, pod, name, restartCount > 0 && !state?.terminated);
      return [`${pod.metadata?.name}/${name}`, log] as const;
    }),
  ]);
  const lab = { namespace: place.namespace, context: place.kubeContext, nodePort: settings.nodePort };
  const left = { storageClasses: classes?.items, logs: Object.fromEntries(logs) };
  return endingOf({ things, ...left, lab, edition: target, workload });
}

/** What happened last, without running a step. */
async function last(scene: Scene): Promise<Telling> {
  const { place } = scene;
  const { before, events, now } = await replayed(await opened(place), place);
  return {
    ...{ context: place.kubeContext, namespace: place.namespace },
    title: {
      en: `What happened last in namespace ${place.namespace}`,
      ko: `${place.namespace} 네임스페이스에서 마지막에 일어난 일`,
    },
    ...lastOf(storyOf(events, { before })),
    ending: await ending(scene, now),
  };
}

/** How long a step, or undoing it, may take, in milliseconds. */
const patience = 120_000;
/** The pause that ends a story: counters follow a moment later. */
const quiet = 400;

const undoing: Text = { en: "nothing, the step is undone now", ko: "없음. 이 단계는 지금 되돌립니다" };

const back: Text = {
  en: "When it answers again, undo what the step changed: npm run see -- undo",
  ko: "다시 응답하면 이 단계가 바꾼 것을 되돌리세요: npm run see -- undo",
};

/** Runs a step, shows its story, and undoes the step. @returns why the story ends early, if it does */
async function perform(
  scene: Scene,
  step: "scale" | "delete-pod" | "wrong-image" | "apply",
): Promise<Text | undefined> {
  const { place, options } = scene;
  const { kubeContext: context, namespace } = place;
  const get = await opened(place);
  const performer = new Performer(clusterApi(place), place);
  const doing = await performer[step](options.pods);
  const recording = await Recording.from(await snapshot(get, place), place);
  say({ en: `${doing.meanwhile.en} …`, ko: `${doing.meanwhile.ko} …` });
  const undoes = doing.replaces === undefined;
  let broken: Text | undefined;
  /** If the cluster cannot continue the story, the error explains why. */
  const orBroken = (error: unknown): undefined => {
    const text = toldOf(error, place);
    if (!text) throw error;
    broken ??= undoes ? { en: `${text.en} ${back.en}`, ko: `${text.ko} ${back.ko}` } : text;
  };
  const work = async (stop: AbortSignal) => {
    const began = performance.now();
    const own = await doing.begin();
    try {
      const over = await recording.until(() => isOver(recording, doing), patience, stop).catch(orBroken);
      const ended = performance.now();
      if (over) await recording.until(() => performance.now() - recording.heard > quiet, 1200, stop).catch(orBroken);
      const story = storyOf(recording.events, { before: recording.before, own });
      const end = broken ? undefined : await ending(scene, recording.now, doing.workload).catch(orBroken);
      // A step that is undone anyway needs no other advice.
      const shown = end && (undoes && !end.ok ? { ...end, next: undoing } : end);
      const told = Math.round(performance.now() - ended) / 1000;
      const seconds = { step: Math.round(ended - began) / 1000, told };
      if (!stop.aborted)
        await show(scene, { context, namespace, title: doing.title, ...story, ending: shown, broken, seconds });
    } finally {
      if (!broken) {
        await undone(performer, doing, recording).catch((error: unknown) => {
          orBroken(error);
          throw new LabError(broken!);
        });
      }
    }
  };
  try {
    await unbroken(work, undefined, { en: "\nStopping: undoing the step …", ko: "\n멈추는 중: 단계를 되돌리는 중 …" });
    return broken;
  } finally {
    recording.stop();
  }
}

async function undone(performer: Performer, doing: Doing, recording: Recording): Promise<void> {
  const undoing = await performer.undo();
  if (undoing) sayUndone(undoing);
  // Waiting does not bring back what somebody else has changed.
  if (undoing?.foreign || (await recording.until(() => isUndone(recording, doing), patience))) return;
  say({
    en: "WordPress is not back in its previous state yet. To check it: npm run check",
    ko: "WordPress가 아직 이전 상태가 아닙니다. 상태를 확인하세요: npm run check",
  });
}

const sayUndone = ({ reverts, text }: Undoing) =>
  say(
    reverts
      ? { en: `Undone: ${text.en}.`, ko: `되돌림: ${text.ko}.` }
      : { en: `Not undone: ${text.en}.`, ko: `되돌리지 않음: ${text.ko}.` },
  );

/** Undoes what a killed run left behind. */
async function undo({ place }: Scene): Promise<void> {
  const undoing = await new Performer(clusterApi(place), place).undo();
  if (undoing) return sayUndone(undoing);
  say({ en: "There was nothing to undo.", ko: "되돌릴 것이 없습니다." });
}

async function show({ options, place }: Scene, telling: Telling): Promise<void> {
  const told = clusterTold(telling);
  console.log(options.json ? JSON.stringify(telling, undefined, 2) : rendered(told, terminalLook(options)));
  if (options.page === undefined) return;
  const parts = await partsOfCluster(place, telling.steps);
  writePage(options.page, { ...told, parts: parts.map((part) => ({ name: part.name, cells: cellsOf(part) })) });
}

function writePage(file: string, told: Told): void {
  writeResult(file, page(told));
  say({ en: `Page to open in a browser: ${file}`, ko: `브라우저로 열 페이지: ${file}` });
}

const terminalLook = ({ why }: SeeOptions) => ({
  ...{ told, why, colour: wantsColour(process.stdout, process.env) },
  width: process.stdout.isTTY ? process.stdout.columns : undefined,
});

async function seeDocker(options: SeeOptions): Promise<void> {
  await useDocker();
  const said = await docker("events", "--since", "24h", "--until", "0s", "--format", "{{json .}}");
  const lines = said.split("\n").filter(Boolean);
  const story = dockerStoryOf(lines.map((line) => JSON.parse(line) as DockerEvent));
  if (story.steps.length === 0) {
    throw new LabError({
      en: "Docker has no events to show. It keeps only its last 256, and the health checks of running labs use these up within minutes. Run something (docker run, docker compose up), then try again",
      ko: "Docker에 남은 기록이 없습니다. Docker는 최근 이벤트 256개만 보관하며, 실행 중인 실습의 헬스 체크만으로도 몇 분이면 찹니다. 지금 무언가를 실행한 뒤 (docker run, docker compose up) 다시 보세요",
    });
  }
  const told = dockerTold(story);
  console.log(options.json ? JSON.stringify(story, undefined, 2) : rendered(told, terminalLook(options)));
  if (options.page !== undefined) writePage(options.page, told);
}

/** The components of the cluster, and what each did in a story. */
async function partsOfCluster(place: Place, steps: readonly Step[]) {
  const { core } = clusterApi(place);
  // With permission to read only one namespace, only its objects are shown.
  const [system, nodes] = await Promise.all([
    inTime(core.listNamespacedPod({ namespace: "kube-system" })).catch(() => undefined),
    inTime(core.listNode()).catch(() => undefined),
  ]);
  return partsOf(system?.items ?? [], nodes?.items ?? [], steps);
}

async function seeParts(scene: Scene): Promise<void> {
  // The components run, whether or not anything happened lately.
  const seen = await last(scene).catch((error: unknown) => {
    if (!(error instanceof LabError)) throw error;
  });
  const parts = await partsOfCluster(scene.place, seen?.steps ?? []);
  if (scene.options.json) return console.log(JSON.stringify({ parts }, undefined, 2));
  const { bold } = styled(wantsColour(process.stdout, process.env));
  const [, ...heads] = partHeads;
  const lines = parts.flatMap((part) => {
    const [state, ...cells] = cellsOf(part);
    const each = cells.map((cell, i) => `  ${padded(told(heads[i]!), 17)} ${told(cell)}`);
    return [`${bold(part.name)}  ${told(state!)}`, ...each.filter((line) => !line.endsWith(" –")), ""];
  });
  console.log(lines.join("\n").trimEnd());
}

/** Shows what happened in the cluster. @returns the exit code */
export async function seeCommand(argv: string[]): Promise<number> {
  const options = parseSee(argv);
  if (options.help) {
    console.log(told(seeUsage));
    return 0;
  }
  refuseFile("--page", options.page);
  if (options.story === "docker") {
    await seeDocker(options);
    return 0;
  }
  requireStack(options.stack);
  const settings = settingsOf(options.stack);
  const target = targetOf(settings, options["by-hand"] ? undefined : {}).kubernetes;
  await requireCluster(settings, true);
  const { kubeContext, kubeconfig } = settings;
  const place: Place = { kubeContext, kubeconfig, namespace: options.namespace ?? settings.kubernetesNamespace };
  const scene: Scene = { options, settings, place, target };
  if (options.story === "undo") {
    await undo(scene);
    return 0;
  }
  if (options.story === "control-plane") {
    await seeParts(scene);
    return 0;
  }
  try {
    if (options.story !== "last") return (await perform(scene, options.story)) ? 1 : 0;
    await show(scene, await last(scene));
    return 0;
  } catch (error) {
    const text = toldOf(error, place);
    throw text ? new LabError(text) : error;
  }
}
