import type { V1ContainerStatus, V1Pod } from "@kubernetes/client-node";
import { placesOf } from "./edition";
import { endProblem, otherCommand } from "./ends";
import { Problem } from "./problem";
import { logProblem } from "./logs";
import { imageReasons, pullProblem } from "./pulls";
import { Case, eventsOf, isReady, lastLines, quoted, statusesOf, titleOf, workloadOf } from "./objects";
import { meant, mounts, sandboxes, shortages, startMeaning, turnedAwayProblem, unscheduled } from "./refusals";
import { goOn, remade } from "./remedies";

/** Reasons to wait that are normal, or about which the end of the container says more. */
const starting = ["ContainerCreating", "PodInitializing"];
const calm = [...starting, "CrashLoopBackOff"];
/** Reasons of a container that ended without running, because its command could not be started. */
const neverRan = ["StartError", "ContainerCannotRun"];

/** The message about a container that cannot be started. */
function startFailure({ state, lastState }: V1ContainerStatus): string | undefined {
  const { reason, message = "" } = state?.waiting ?? {};
  const end = state?.terminated ?? lastState?.terminated;
  if (!state?.running && neverRan.includes(end?.reason ?? "")) return end?.message ?? "";
  return reason && !calm.includes(reason) ? message : undefined;
}

/** Reports whether it is useless to wait for a container. @param reason why it waits, empty if it does not */
export const waitsInVain = (reason: string): boolean => reason !== "" && !starting.includes(reason);

/** The problem of a pod; undefined if it is ready. */
export function podProblem(pod: V1Pod, objects: Case): Problem | undefined {
  if (isReady(pod)) return undefined;
  const statuses = statusesOf(pod);
  const pulling = statuses.find(({ state }) => imageReasons.includes(state?.waiting?.reason ?? ""));
  if (pulling) return imageProblem(pod, pulling, objects);
  if (pod.status?.reason === "Evicted") return evicted(pod, objects);
  const away = turnedAwayProblem(pod, workloadOf(pod), objects);
  if (away) return away;
  const unscheduled = pod.status?.conditions?.find(({ type, status }) => type === "PodScheduled" && status === "False");
  if (unscheduled) return unschedulable(pod, unscheduled.message ?? "", objects);
  const [notStarted] = statuses.flatMap((status) => startFailure(status) ?? []);
  if (notStarted !== undefined) return cannotStart(pod, notStarted, objects);
  // Init containers are supposed to end.
  const done = pod.status?.initContainerStatuses?.filter(({ state }) => state?.terminated?.exitCode === 0) ?? [];
  for (const status of statuses.filter((one) => !done.includes(one))) {
    const found = logProblem(pod, status, objects) ?? endProblem(pod, status, objects);
    if (found) return found;
  }
  return waiting(pod, objects);
}

/** Why an image cannot be pulled. */
function imageProblem(pod: V1Pod, { image, state }: V1ContainerStatus, objects: Case): Problem {
  const workload = workloadOf(pod);
  const failures = eventsOf(objects, "Pod", pod.metadata?.name).filter(({ reason }) => reason === "Failed");
  const messages = [state?.waiting?.reason, state?.waiting?.message, ...failures.map(({ message }) => message)];
  const said = messages.filter((text) => text !== undefined);
  const { edition, lab } = objects;
  const { image: written } = placesOf(workload, edition);
  return {
    cause: "image cannot be pulled",
    what: {
      en: `${titleOf(workload)} does not start: its image ${image} cannot be pulled.`,
      ko: `${image} 이미지를 내려받을 수 없어 ${titleOf(workload)} 파드가 시작하지 못합니다.`,
    },
    ...pullProblem(said.join(" "), { image, written, make: edition.make, context: lab.context }),
    // The back-off does not contain the reason, but the failure before it does.
    evidence: quoted(said.sort((a, b) => b.length - a.length)[0]),
  };
}

function evicted(pod: V1Pod, objects: Case): Problem {
  const workload = workloadOf(pod);
  return {
    cause: "evicted",
    what: {
      en: `${titleOf(workload)} was evicted from its node.`,
      ko: `${titleOf(workload)} 파드가 노드에서 축출(evict)되었습니다.`,
    },
    ...meant(shortages, pod.status?.message, objects, workload),
  };
}

function unschedulable(pod: V1Pod, message: string, objects: Case): Problem | undefined {
  // The claim is reported, which shows more.
  if (/unbound immediate PersistentVolumeClaims/i.test(message)) return undefined;
  const workload = workloadOf(pod);
  const title = titleOf(workload);
  return {
    cause: /Insufficient (?:memory|cpu)/i.test(message) ? "too little memory" : "unschedulable",
    what: { en: `No node can run ${title}.`, ko: `${title} 파드를 실행할 노드가 없습니다.` },
    ...meant(unscheduled, message, objects, workload),
  };
}

function cannotStart(pod: V1Pod, message: string, objects: Case): Problem {
  const workload = workloadOf(pod);
  const { edition } = objects;
  const typed = otherCommand(pod, workload, workload);
  const meaning = startMeaning(message) ?? (typed && { why: typed, next: remade });
  const { image: written } = placesOf(workload, edition);
  return {
    cause: "cannot start",
    what: {
      en: `The container of ${titleOf(workload)} cannot be started.`,
      ko: `${titleOf(workload)} 컨테이너를 시작할 수 없습니다.`,
    },
    why: meaning?.why ?? {
      en: "Its image is not the kind of image that the lab needs, or a part of the lab is missing.",
      ko: "실습에 맞지 않는 이미지이거나 실습의 구성 요소 일부가 없습니다.",
    },
    next: meaning?.next(objects, workload) ?? {
      en: `Check ${written.en}, then: ${edition.make}`,
      ko: `이미지를 확인한 뒤 (${written.ko}): ${edition.make}`,
    },
    evidence: quoted(message),
  };
}

/** Events of a pod that has its volumes and its network. */
const begins = ["Pulling", "Pulled", "Started"];
/** Reasons of events about a pod's volumes, and about everything else it needs first. */
const ofVolumes =
  /^(?:FailedMount|FailedAttachVolume|FailedMapVolume|FailedMountOnFilesystemMismatch|VolumeResizeFailed|FileSystemResizeFailed)$/;
const ofSandbox =
  /^(?:Failed|FailedCreatePodSandBox|FailedPodSandBoxStatus|FailedCreatePodContainer|FailedPrepareDynamicResources|FailedSync|NetworkNotReady)$/;

/** A pod that is not ready, although nothing has failed yet. */
function waiting(pod: V1Pod, objects: Case): Problem {
  const workload = workloadOf(pod);
  const title = titleOf(workload);
  const events = eventsOf(objects, "Pod", pod.metadata?.name);
  // Failures before the image was pulled are solved.
  const since = events.slice(events.map(({ reason }) => begins.includes(reason ?? "")).lastIndexOf(true) + 1);
  const last = (said: RegExp) => since.filter(({ reason }) => said.test(reason ?? "")).pop();
  const hook = last(/^FailedPostStartHook$/);
  if (hook) return cannotStart(pod, `${hook.reason} ${hook.message}`, objects);
  const mount = last(ofVolumes);
  const trouble = mount ?? last(ofSandbox);
  if (trouble && !statusesOf(pod).some(({ state }) => state?.running)) {
    const { reason, message } = trouble;
    return {
      cause: mount ? "volume cannot be mounted" : "cannot start",
      what: { en: `${title} does not start.`, ko: `${title} 파드가 시작하지 못합니다.` },
      ...(mount
        ? meant(mounts, message, objects, workload)
        : meant(sandboxes, `${reason} ${message}`, objects, workload)),
    };
  }
  if (events.at(-1)?.reason === "Pulling") {
    return {
      cause: "image still being pulled",
      what: { en: `The image of ${title} is still being pulled.`, ko: `${title} 이미지를 아직 내려받는 중입니다.` },
      why: { en: "The cluster continues in the background.", ko: "클러스터가 계속 내려받고 있습니다." },
      next: goOn(objects, workload),
      evidence: quoted(events.at(-1)?.message),
    };
  }
  const probe = events.filter(({ reason }) => reason === "Unhealthy").pop();
  const log = statusesOf(pod).flatMap(({ name }) => lastLines(objects.logs[`${pod.metadata?.name}/${name}`] ?? "", 3));
  return {
    cause: "not ready",
    what: { en: `${title} runs, but is not ready.`, ko: `${title} 파드가 실행 중이지만 아직 준비되지 않았습니다.` },
    why: probe
      ? { en: "It does not answer its probe yet.", ko: "아직 프로브(probe)에 응답하지 않습니다." }
      : { en: "It is still starting.", ko: "아직 시작하는 중입니다." },
    next: goOn(objects, workload),
    evidence: [...quoted(probe?.message), ...log],
  };
}
