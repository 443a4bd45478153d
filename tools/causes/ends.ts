import type { V1ContainerStatus, V1Pod } from "@kubernetes/client-node";
import { Text } from "../../text";
import { placesOf } from "./edition";
import { Problem } from "./problem";
import { Case, eventsOf, lastLines, titleOf, workloadOf } from "./objects";
import { remade } from "./remedies";

/** A command that replaces the one of the image. The lab sets none, only options for MySQL. */
export function otherCommand(pod: V1Pod, container: string, workload: string): Text | undefined {
  const own = pod.spec?.containers.find(({ name }) => name === container);
  const typed = [...(own?.command ?? []), ...((workload === "wordpress" && own?.args) || [])].join(" ");
  if (typed === "") return undefined;
  return {
    en: `It runs another command than the image's own: ${typed}`,
    ko: `이미지의 기본 명령이 아닌 다른 명령을 실행합니다: ${typed}`,
  };
}

/** Why a container does not keep running. */
export function endProblem(pod: V1Pod, status: V1ContainerStatus, objects: Case): Problem | undefined {
  const { name, state, lastState, image, restartCount } = status;
  const end = state?.terminated ?? lastState?.terminated;
  if (!end) return undefined;
  const workload = workloadOf(pod);
  const title = titleOf(workload);
  const events = eventsOf(objects, "Pod", pod.metadata?.name);
  const byProbe = events.some(({ reason, message }) => reason === "Killing" && /probe/.test(message ?? ""));
  const { edition, lab } = objects;
  const { image: written, memory } = placesOf(workload, edition);
  const evidence = lastLines(objects.logs[`${pod.metadata?.name}/${name}`] ?? "");
  const killed = {
    what: {
      en: `${title} was killed (exit code ${end.exitCode}).`,
      ko: `${title} 컨테이너가 강제 종료되었습니다 (종료 코드 ${end.exitCode}).`,
    },
    evidence,
  };
  if (end.reason === "OOMKilled") {
    const limit = pod.spec?.containers.find((one) => one.name === name)?.resources?.limits?.memory;
    return {
      ...killed,
      cause: "out of memory",
      why: {
        en: `It needed more memory than its limit (${limit ?? "all of the node"}).`,
        ko: `메모리 한도(${limit ?? "노드 전체"})보다 많은 메모리가 필요했습니다.`,
      },
      next: {
        en: `Raise ${memory.en}, or change ${written.en} back, then: ${edition.make}`,
        ko: `메모리 한도를 늘리거나 (${memory.ko}) 이미지를 되돌린 뒤 (${written.ko}): ${edition.make}`,
      },
    };
  }
  if (end.exitCode === 137 && !byProbe) {
    const describe = `kubectl --context ${lab.context} --namespace ${lab.namespace} describe pod ${pod.metadata?.name}`;
    return {
      ...killed,
      cause: "killed",
      why: {
        en: "137 is 128 + 9 (SIGKILL): the node was stopped or restarted, the container did not stop in time, or the node ran out of memory.",
        ko: "137은 128 + 9(SIGKILL)입니다. 노드가 멈추거나 다시 시작했거나, 종료 요청을 받고 제때 끝나지 않았거나, 노드의 메모리가 부족했습니다.",
      },
      next: {
        en: `Kubernetes restarts it. If it keeps ending: ${describe}`,
        ko: `쿠버네티스가 다시 시작합니다. 계속 종료된다면: ${describe}`,
      },
    };
  }
  // After a restart of its node, every container has ended once.
  if (!state?.terminated && state?.waiting?.reason !== "CrashLoopBackOff" && restartCount <= 2) return undefined;
  const typed = otherCommand(pod, name, workload);
  const byItself = byProbe
    ? {
        en: "The cluster restarts it because it does not answer its probe.",
        ko: "프로브(probe)에 응답하지 않아 클러스터가 다시 시작합니다.",
      }
    : { en: "Its log says why:", ko: "로그에 이유가 나와 있습니다." };
  return {
    cause: "crash loop",
    what: {
      en: `${title} starts and ends again (exit code ${end.exitCode}), image ${image}.`,
      ko: `${title} 컨테이너가 시작과 종료를 되풀이합니다 (종료 코드 ${end.exitCode}, 이미지 ${image}).`,
    },
    why: typed ?? byItself,
    next: typed
      ? remade(objects, workload)
      : {
          en: `Fix what the log says, or change ${written.en} back, then: ${edition.make}`,
          ko: `로그에 나온 문제를 고치거나 이미지를 되돌린 뒤 (${written.ko}): ${edition.make}`,
        },
    evidence,
  };
}
