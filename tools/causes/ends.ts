import type { V1ContainerStatus, V1Pod } from "@kubernetes/client-node";
import { imageOf, limitOf, manifest } from "./edition";
import { Problem } from "./problem";
import { Case, eventsOf, lastLines, titleOf, workloadOf } from "./objects";

/** How a container ended that does not stay up. */
export function endProblem(pod: V1Pod, status: V1ContainerStatus, objects: Case): Problem | undefined {
  const { name, state, lastState, image, restartCount } = status;
  const end = state?.terminated ?? lastState?.terminated;
  if (!end) return undefined;
  const workload = workloadOf(pod);
  const title = titleOf(workload);
  const own = pod.spec?.containers.find((container) => container.name === name);
  const evidence = lastLines(objects.logs[`${pod.metadata?.name}/${name}`] ?? "");
  const events = eventsOf(objects, "Pod", pod.metadata?.name);
  const byProbe = events.some(({ reason, message }) => reason === "Killing" && /probe/.test(message ?? ""));
  const { edition } = objects;
  const written = imageOf(workload, edition);
  const killed = {
    en: `${title} was killed (exit code ${end.exitCode}).`,
    ko: `${title} 컨테이너가 강제 종료되었습니다 (종료 코드 ${end.exitCode}).`,
  };
  if (end.reason === "OOMKilled") {
    const limit = own?.resources?.limits?.memory;
    return {
      cause: "out of memory",
      what: killed,
      why: {
        en: `It needed more memory than its limit (${limit ?? "all of the node"}).`,
        ko: `메모리 한도(${limit ?? "노드 전체"})보다 많은 메모리가 필요했습니다.`,
      },
      next: {
        en: `Raise ${limitOf(workload, edition).en}, or change ${written.en} back, then: ${edition.make}`,
        ko: `메모리 한도를 늘리거나 (${limitOf(workload, edition).ko}) 이미지를 되돌린 뒤 (${written.ko}): ${edition.make}`,
      },
      evidence,
    };
  }
  if (end.exitCode === 137 && !byProbe) {
    return {
      cause: "killed",
      what: killed,
      why: {
        en: "137 is 128 + 9 (SIGKILL): the node was stopped or restarted, the container did not stop in time, or the node ran out of memory.",
        ko: "137은 128 + 9(SIGKILL)입니다. 노드가 멈추거나 다시 시작했거나, 종료 요청을 받고 제때 끝나지 않았거나, 노드의 메모리가 부족했습니다.",
      },
      next: {
        en: `Kubernetes restarts it. If it keeps ending: kubectl --context ${objects.lab.context} --namespace ${objects.lab.namespace} describe pod ${pod.metadata?.name}`,
        ko: `쿠버네티스가 다시 시작합니다. 계속 종료된다면: kubectl --context ${objects.lab.context} --namespace ${objects.lab.namespace} describe pod ${pod.metadata?.name}`,
      },
      evidence,
    };
  }
  // Every container has ended once when its node was stopped and started.
  if (!state?.terminated && state?.waiting?.reason !== "CrashLoopBackOff" && restartCount <= 2) return undefined;
  const what = {
    en: `${title} starts and ends again (exit code ${end.exitCode}), image ${image}.`,
    ko: `${title} 컨테이너가 시작과 종료를 되풀이합니다 (종료 코드 ${end.exitCode}, 이미지 ${image}).`,
  };
  const typed = [...(own?.command ?? []), ...(own?.args ?? [])].join(" ");
  // The lab leaves it to the image. Neither up nor kubectl apply takes away what somebody else has added to an object.
  if (workload === "wordpress" && typed !== "") {
    const { context, namespace } = objects.lab;
    const drop = `kubectl --context ${context} --namespace ${namespace} delete deployment ${workload}`;
    const written = { en: ` in ${manifest}, if it stands there,`, ko: `(${manifest} 파일에 있으면 그것도)` };
    return {
      cause: "crash loop",
      what,
      why: {
        en: `It runs another command than the image's own: ${typed}`,
        ko: `이미지의 기본 명령이 아닌 다른 명령을 실행합니다: ${typed}`,
      },
      next: {
        en: `Remove that command${edition.byHand ? written.en : ""} together with the Deployment, which stores nothing itself, and create it again: ${drop}; ${edition.make}`,
        ko: `그 명령을 지우고${edition.byHand ? written.ko : ""} 디플로이먼트를 다시 만드세요. 디플로이먼트 자체에는 저장된 데이터가 없습니다: ${drop}; ${edition.make}`,
      },
      evidence,
    };
  }
  return {
    cause: "crash loop",
    what,
    why: byProbe
      ? {
          en: "The cluster restarts it because it does not answer its probe.",
          ko: "프로브(probe)에 응답하지 않아 클러스터가 다시 시작합니다.",
        }
      : { en: "Its log says why:", ko: "로그에 이유가 나와 있습니다." },
    next: {
      en: `Fix what the log says, or change ${written.en} back, then: ${edition.make}`,
      ko: `로그에 나온 문제를 고치거나 이미지를 되돌린 뒤 (${written.ko}): ${edition.make}`,
    },
    evidence,
  };
}
