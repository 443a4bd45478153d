import type { V1ContainerStatus, V1Pod } from "@kubernetes/client-node";
import { imageOf, limitOf } from "./edition";
import { Finding } from "./finding";
import { Case, eventsOf, lastLines, titleOf, workloadOf } from "./objects";

/** How a container ended that does not stay up. */
export function endFinding(pod: V1Pod, status: V1ContainerStatus, objects: Case): Finding | undefined {
  const { name, state, lastState, image, restartCount } = status;
  const end = state?.terminated ?? lastState?.terminated;
  if (!end) return undefined;
  const workload = workloadOf(pod);
  const title = titleOf(workload);
  const evidence = lastLines(objects.logs[`${pod.metadata?.name}/${name}`] ?? "");
  const events = eventsOf(objects, "Pod", pod.metadata?.name);
  const byProbe = events.some(({ reason, message }) => reason === "Killing" && /probe/.test(message ?? ""));
  const { edition } = objects;
  const written = imageOf(workload, edition);
  const killed = {
    en: `${title} was killed (exit code ${end.exitCode}).`,
    ko: `${title} 이(가) 강제 종료되었습니다 (종료 코드 ${end.exitCode}).`,
  };
  if (end.reason === "OOMKilled") {
    const limit = pod.spec?.containers.find((container) => container.name === name)?.resources?.limits?.memory;
    return {
      cause: "out of memory",
      what: killed,
      why: {
        en: `It needed more memory than its limit of ${limit ?? "the node"}.`,
        ko: `메모리 한도 ${limit ?? "(노드)"} 보다 많은 메모리가 필요했습니다.`,
      },
      next: {
        en: `Raise ${limitOf(workload, edition).en}, or put ${written.en} back, then: ${edition.make}`,
        ko: `${limitOf(workload, edition).ko} 을(를) 올리거나 ${written.ko} 을(를) 되돌린 뒤: ${edition.make}`,
      },
      evidence,
    };
  }
  if (end.exitCode === 137 && !byProbe) {
    return {
      cause: "killed",
      what: killed,
      why: {
        en: "137 is 128 + 9: its node was stopped or started anew, it did not end in time when it was told to, or the node was short of memory.",
        ko: "137 은 128 + 9 입니다: 노드가 멈췄거나 다시 시작했거나, 끝내라는 요청에 제때 끝나지 않았거나, 노드의 메모리가 부족했습니다.",
      },
      next: {
        en: `Kubernetes starts it anew; where it does not stay up: kubectl --context ${objects.lab.context} --namespace ${objects.lab.namespace} describe pod ${pod.metadata?.name}`,
        ko: `쿠버네티스가 다시 시작합니다. 계속 끝난다면: kubectl --context ${objects.lab.context} --namespace ${objects.lab.namespace} describe pod ${pod.metadata?.name}`,
      },
      evidence,
    };
  }
  // Every container has ended once when its node was stopped and started.
  if (!state?.terminated && state?.waiting?.reason !== "CrashLoopBackOff" && restartCount <= 2) return undefined;
  return {
    cause: "crash loop",
    what: {
      en: `${title} starts and ends again (exit code ${end.exitCode}), image ${image}.`,
      ko: `${title} 이(가) 시작했다가 끝나기를 되풀이합니다 (종료 코드 ${end.exitCode}), 이미지 ${image}.`,
    },
    why: byProbe
      ? { en: "The cluster restarts it because it does not answer.", ko: "응답하지 않아 클러스터가 다시 시작합니다." }
      : { en: "Its log says why:", ko: "이유는 로그에 있습니다:" },
    next: {
      en: `Mend what the log says, or put ${written.en} back, then: ${edition.make}`,
      ko: `로그의 문제를 고치거나 ${written.ko} 을(를) 되돌린 뒤: ${edition.make}`,
    },
    evidence,
  };
}
