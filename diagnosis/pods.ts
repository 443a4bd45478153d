import type { V1ContainerStatus, V1Pod } from "@kubernetes/client-node";
import { project } from "../config";
import { Text } from "../text";
import { endFinding } from "./ends";
import { Cause, Finding } from "./finding";
import { imageFinding, imageReasons } from "./images";
import { brief, eventsOf, LabObjects, lastLines, statusesOf, titleOf, workloadOf } from "./objects";
import { roomRemedy } from "./remedies";

const up = "npm run up";
const startReasons = ["CreateContainerConfigError", "CreateContainerError", "RunContainerError", "StartError"];

/** What a log says outright, and what it means. The first that fits counts. */
const logProblems: {
  cause: Cause;
  says: RegExp;
  told: (title: string, workload: string, context: string) => Omit<Finding, "cause" | "evidence">;
}[] = [
  {
    cause: "volume full",
    says: /[^\n]*(?:No space left on device|Disk is full|OS errno 28|disk full)[^\n]*/i,
    told: (title, workload, context) => ({
      what: { en: `${title} cannot write.`, ko: `${title} 이(가) 쓸 수 없습니다.` },
      why: { en: "Its volume is full.", ko: "볼륨이 가득 찼습니다." },
      next: roomRemedy(context, workload),
    }),
  },
  {
    cause: "half-made database",
    says: /[^\n]*(?:--initialize specified but the data directory has files in it|designated data directory [^\n]* is unusable)[^\n]*/,
    told: (title) => ({
      what: { en: `${title} does not start.`, ko: `${title} 이(가) 시작하지 못합니다.` },
      why: {
        en: "Its first start did not get to its end (it was stopped, or there was no room), and left a database that cannot be used.",
        ko: "첫 시작이 끝나지 못해 (중단되었거나 공간이 없어서) 쓸 수 없는 데이터베이스가 남았습니다.",
      },
      next: {
        en: `Begin with a new volume (nothing was stored in this one yet): npm run destroy -- --labs kubernetes, then: ${up}`,
        ko: `볼륨을 새로 만드세요 (아직 저장된 것이 없습니다): npm run destroy -- --labs kubernetes 다음에 ${up}`,
      },
    }),
  },
  {
    cause: "older database",
    says: /[^\n]*(?:downgrade[^\n]*not (?:supported|permitted)|Invalid MySQL server downgrade|Cannot downgrade)[^\n]*/i,
    told: (title, workload) => ({
      what: { en: `${title} does not start.`, ko: `${title} 이(가) 시작하지 못합니다.` },
      why: {
        en: "Its volume was written by a newer version, and there is no way back.",
        ko: "볼륨을 더 새로운 버전이 기록했고, 되돌릴 수 없습니다.",
      },
      next: {
        en: `Set ${project}:${workload}Image back to the newer one in the stack's file, then: ${up}`,
        ko: `스택 파일에서 ${project}:${workload}Image 을(를) 더 새로운 것으로 되돌린 뒤: ${up}`,
      },
    }),
  },
  {
    cause: "wrong password",
    says: /Access denied for user[^\n]*/,
    told: () => ({
      // Also where MySQL's own log or probe is what says it.
      workload: "wordpress",
      what: { en: "WordPress cannot log in to its database.", ko: "WordPress 가 데이터베이스에 로그인하지 못합니다." },
      why: {
        en: "MySQL takes its passwords only when its volume is new, and this volume has other ones.",
        ko: "MySQL 은 볼륨이 새것일 때만 암호를 받아들이는데, 이 볼륨에는 다른 암호가 있습니다.",
      },
      next: {
        en: `Begin with a new volume (posts are lost): npm run destroy -- --labs kubernetes, then: ${up}`,
        ko: `볼륨을 새로 만드세요 (글은 사라집니다): npm run destroy -- --labs kubernetes 다음에 ${up}`,
      },
    }),
  },
];

/** What is wrong with a pod; nothing when it is ready. */
export function podFinding(pod: V1Pod, objects: LabObjects): Finding | undefined {
  const ready = pod.status?.conditions?.some(({ type, status }) => type === "Ready" && status === "True");
  if (ready) return undefined;
  const statuses = statusesOf(pod);
  const named = (reasons: string[]) => statuses.find(({ state }) => reasons.includes(state?.waiting?.reason ?? ""));
  const pulling = named(imageReasons);
  if (pulling) return imageFinding(pod, pulling, objects);
  if (pod.status?.reason === "Evicted") return evicted(pod, objects);
  const unscheduled = pod.status?.conditions?.find(({ type, status }) => type === "PodScheduled" && status === "False");
  if (unscheduled) return unschedulable(pod, unscheduled.message ?? "", objects);
  const starting = named(startReasons);
  if (starting) return cannotStart(pod, starting.state?.waiting?.message ?? "");
  // One that runs before the others is to come to its end.
  const done = pod.status?.initContainerStatuses?.filter(({ state }) => state?.terminated?.exitCode === 0) ?? [];
  for (const status of statuses.filter((one) => !done.includes(one))) {
    const found = logFinding(pod, status, objects) ?? endFinding(pod, status, objects);
    if (found) return found;
  }
  return waiting(pod, objects);
}

/** What a node that is pressed lacks. @param said what the cluster says of it */
function lacking(said: string, { lab }: LabObjects, workload: string): Pick<Finding, "why" | "next"> {
  return /ephemeral-storage|disk|inodes/i.test(said)
    ? {
        why: { en: "The node's disk is almost full.", ko: "노드의 디스크가 거의 찼습니다." },
        next: roomRemedy(lab.context, workload),
      }
    : {
        why: { en: "The node has almost no memory left.", ko: "노드의 메모리가 거의 남지 않았습니다." },
        next: memoryRemedy(lab.context),
      };
}

function evicted(pod: V1Pod, objects: LabObjects): Finding {
  const workload = workloadOf(pod);
  const { message } = pod.status ?? {};
  return {
    cause: "evicted",
    what: {
      en: `${titleOf(workload)} was put off its node.`,
      ko: `${titleOf(workload)} 이(가) 노드에서 내쫓겼습니다.`,
    },
    ...lacking(message ?? "", objects, workload),
    evidence: message ? [brief(message)] : [],
  };
}

const memoryRemedy = (context: string): Text => ({
  en: `Remove what else runs in the cluster (kubectl --context ${context} get pods --all-namespaces), then: ${up}`,
  ko: `클러스터에서 실행 중인 다른 것을 지운 뒤 (kubectl --context ${context} get pods --all-namespaces): ${up}`,
});

function unschedulable(pod: V1Pod, message: string, objects: LabObjects): Finding | undefined {
  // Told by the claim, which knows more.
  if (/unbound immediate PersistentVolumeClaims/i.test(message)) return undefined;
  const { lab } = objects;
  const title = titleOf(workloadOf(pod));
  const what = { en: `${title} finds no node to run on.`, ko: `${title} 을(를) 실행할 노드가 없습니다.` };
  const evidence = message ? [brief(message)] : [];
  const short = /Insufficient (memory|cpu)/i.exec(message)?.[1];
  if (short) {
    const kind = short === "memory" ? { en: "memory", ko: "메모리" } : { en: "processor time", ko: "CPU" };
    const why = {
      en: `The cluster has too little ${kind.en} left.`,
      ko: `클러스터에 남은 ${kind.ko} 이(가) 부족합니다.`,
    };
    return { cause: "too little memory", what, why, next: memoryRemedy(lab.context), evidence };
  }
  // Where a pod was put off its node, the one in its place waits for the same.
  if (/(?:disk|memory)-pressure/.test(message)) {
    return { cause: "unschedulable", what, ...lacking(message, objects, workloadOf(pod)), evidence };
  }
  return {
    cause: "unschedulable",
    what,
    why: { en: "No node takes it.", ko: "받아 주는 노드가 없습니다." },
    next: {
      en: `See what the nodes say (kubectl --context ${lab.context} describe nodes), mend that, then: ${up}`,
      ko: `노드의 상태를 확인해 (kubectl --context ${lab.context} describe nodes) 고친 뒤: ${up}`,
    },
    evidence,
  };
}

function cannotStart(pod: V1Pod, message: string): Finding {
  const workload = workloadOf(pod);
  return {
    cause: "cannot start",
    what: {
      en: `The container of ${titleOf(workload)} cannot be started.`,
      ko: `${titleOf(workload)} 컨테이너를 시작할 수 없습니다.`,
    },
    why: {
      en: "Its image is not one of the kind that the lab needs, or a part of the lab is missing.",
      ko: "실습에 맞지 않는 이미지이거나 실습의 일부가 없습니다.",
    },
    next: {
      en: `Check the setting ${project}:${workload}Image in the stack's file, then: ${up}`,
      ko: `스택 파일의 설정 ${project}:${workload}Image 을(를) 확인한 뒤: ${up}`,
    },
    evidence: message ? [brief(message)] : [],
  };
}

/** What the log of a container, or the probe that asks it, says outright. */
function logFinding(pod: V1Pod, { name }: V1ContainerStatus, objects: LabObjects): Finding | undefined {
  const workload = workloadOf(pod);
  const probes = eventsOf(objects, "Pod", pod.metadata?.name).filter(({ reason }) => reason === "Unhealthy");
  const text = [objects.logs[`${pod.metadata?.name}/${name}`], probes.at(-1)?.message].filter(Boolean).join("\n");
  for (const { cause, says, told } of logProblems) {
    const line = says.exec(text)?.[0];
    if (line) return { cause, ...told(titleOf(workload), workload, objects.lab.context), evidence: [brief(line)] };
  }
  return undefined;
}

/** A pod with which nothing is wrong so far, but that is not ready. */
function waiting(pod: V1Pod, objects: LabObjects): Finding {
  const workload = workloadOf(pod);
  const title = titleOf(workload);
  const events = eventsOf(objects, "Pod", pod.metadata?.name);
  const last = (reason: string) => events.filter((event) => event.reason === reason).pop();
  const mount = last("FailedMount") ?? last("FailedAttachVolume");
  if (mount && !statusesOf(pod).some(({ state }) => state?.running)) {
    return {
      cause: "volume cannot be mounted",
      what: { en: `${title} does not start.`, ko: `${title} 이(가) 시작하지 못합니다.` },
      why: { en: "Its volume cannot be mounted.", ko: "볼륨을 연결할 수 없습니다." },
      next: { en: `Mend what the cluster says, then: ${up}`, ko: `클러스터의 메시지에 따라 고친 뒤: ${up}` },
      evidence: mount.message ? [brief(mount.message)] : [],
    };
  }
  if (events.at(-1)?.reason === "Pulling") {
    return {
      cause: "image still being pulled",
      what: { en: `The image of ${title} is still being pulled.`, ko: `${title} 의 이미지를 아직 내려받는 중입니다.` },
      why: { en: "The cluster goes on with it.", ko: "클러스터가 계속 내려받고 있습니다." },
      next: { en: `Go on where this stopped: ${up}`, ko: `멈춘 곳부터 계속하기: ${up}` },
      evidence: events.at(-1)?.message ? [brief(events.at(-1)?.message ?? "")] : [],
    };
  }
  const probe = last("Unhealthy");
  const log = statusesOf(pod).flatMap(({ name }) => lastLines(objects.logs[`${pod.metadata?.name}/${name}`] ?? "", 3));
  return {
    cause: "not ready",
    what: { en: `${title} runs, but is not ready.`, ko: `${title} 이(가) 실행 중이지만 준비되지 않았습니다.` },
    why: probe
      ? { en: "It does not answer as it should yet.", ko: "아직 제대로 응답하지 않습니다." }
      : { en: "It is still starting.", ko: "아직 시작하는 중입니다." },
    next: { en: `Go on where this stopped: ${up}`, ko: `멈춘 곳부터 계속하기: ${up}` },
    evidence: [...(probe?.message ? [brief(probe.message)] : []), ...log],
  };
}
