import type { V1EndpointSlice, V1PersistentVolumeClaim, V1Pod } from "@kubernetes/client-node";
import { Text } from "../../text";
import { isReady } from "../causes/objects";
import { Attribution } from "./actors";
import { isSaid, Said, Thing } from "./objects";

/** One write, before it is explained. */
export interface Write extends Attribution {
  type: "ADDED" | "MODIFIED" | "DELETED";
  before?: Thing;
  after: Thing;
}

const ready = (thing?: Thing) => thing !== undefined && isReady(thing);
const waitingFor = (thing: Thing) =>
  (thing as V1Pod).status?.containerStatuses?.map(({ state }) => state?.waiting?.reason).find(Boolean) ?? "";
const ended = (thing: Thing) => (thing as V1Pod).status?.containerStatuses?.some(({ state }) => state?.terminated);
const running = (thing: Thing) => (thing as V1Pod).status?.containerStatuses?.every(({ state }) => state?.running);

/** What the reason of an Event means for the story, if it is more than a report. */
const meanings: Record<string, Text> = {
  FailedScheduling: {
    en: "The scheduler says why no node fits. It tries again whenever something in the cluster changes.",
    ko: "스케줄러가 알맞은 노드가 없는 이유를 알립니다. 클러스터에 변화가 생길 때마다 다시 시도합니다.",
  },
  FailedCreate: {
    en: "The API server rejected the new pod, so there is no pod at all. The controller tries again, each time after a longer wait.",
    ko: "API 서버가 새 파드를 거부해서 파드가 아예 생기지 않았습니다. 컨트롤러는 간격을 늘려 가며 다시 시도합니다.",
  },
  BackOff: {
    en: "The kubelet waits before it tries again, each time longer, up to five minutes.",
    ko: "kubelet이 다시 시도하기 전에 기다립니다. 대기 시간은 최대 5분까지 점점 길어집니다.",
  },
  Pulling: {
    en: "The kubelet tells the container runtime to pull the image, because the node does not have it yet.",
    ko: "노드에 아직 이미지가 없어서 kubelet이 컨테이너 런타임에 이미지를 내려받게 합니다.",
  },
  Pulled: { en: "The node has the image now.", ko: "이제 노드에 이미지가 있습니다." },
  Created: {
    en: "The container runtime has created the container, as docker create does.",
    ko: "컨테이너 런타임이 docker create처럼 컨테이너를 만들었습니다.",
  },
  Started: {
    en: "The container runtime has started it, as docker start does.",
    ko: "컨테이너 런타임이 docker start처럼 컨테이너를 시작했습니다.",
  },
  Killing: {
    en: "The kubelet stops the container: first with SIGTERM, then with SIGKILL when the grace period is over.",
    ko: "kubelet이 컨테이너를 멈춥니다. 먼저 SIGTERM을 보내고, 유예 시간이 지나면 SIGKILL을 보냅니다.",
  },
  Unhealthy: {
    en: "A probe failed. Until the readiness probe succeeds, no Service sends requests to this pod.",
    ko: "프로브가 제대로 된 응답을 받지 못했습니다. readiness 프로브가 성공할 때까지 서비스는 이 파드로 요청을 보내지 않습니다.",
  },
};

const report: Text = {
  en: "An Event: a note for people about what happened. No component acts on it.",
  ko: "이벤트입니다. 한 일을 사람이 읽도록 남긴 기록이며, 이것을 보고 움직이는 구성 요소는 없습니다.",
};

const when = (fits: (write: Write) => boolean | undefined, text: Text) => ({ fits, text });
const otherwise = (text: Text) => when(() => true, text);

const deleted = [
  when(({ actor, after }) => after.kind === "Pod" && actor.lane === "kubelet", {
    en: "All its containers have ended, so the kubelet asks the API server to remove the pod object.",
    ko: "컨테이너가 모두 끝나서 kubelet이 API 서버에 파드 오브젝트를 지우게 합니다.",
  }),
  when(({ actor }) => actor.id === "garbage-collector", {
    en: "Its owner is gone, so this object is removed, too.",
    ko: "소유자가 없어졌으므로 이 오브젝트도 삭제됩니다.",
  }),
  otherwise({ en: "The object is removed.", ko: "오브젝트가 삭제됩니다." }),
];

const asked = [
  when(({ actor, after }) => after.metadata.deletionGracePeriodSeconds === 0 && actor.lane === "kubelet", {
    en: "All its containers have ended: the kubelet requests the deletion again, now without a grace period, and the pod is removed.",
    ko: "컨테이너가 모두 끝났습니다. kubelet이 유예 시간 없이 한 번 더 삭제를 요청하고, 오브젝트가 사라집니다.",
  }),
  when(({ actor }) => actor.lane === "controllers", {
    en: "There are more pods than wanted, so it asks for this one to be deleted. The kubelet of its node will stop it.",
    ko: "원하는 수보다 파드가 많아서 이 파드의 삭제를 요청합니다. 노드의 kubelet이 컨테이너를 멈춥니다.",
  }),
  otherwise({
    en: "At first, a deletion is only a timestamp in the object. The kubelet of its node sees it and stops the containers; until then the pod still exists.",
    ko: "삭제 요청은 오브젝트에 시각을 적는 것뿐입니다. 노드의 kubelet이 이를 보고 컨테이너를 멈추며, 그때까지 파드는 남아 있습니다.",
  }),
];

const counted: Text = {
  en: "It records the current state, so that the others can compare it with the desired one.",
  ko: "지금 상태를 기록해서 다른 구성 요소가 원하는 상태와 비교할 수 있게 합니다.",
};

const byPerson = when(({ actor }) => actor.lane === "person", {
  en: "It tells the API server the desired state. The components that watch this kind of object do the rest.",
  ko: "원하는 상태를 API 서버에 알립니다. 나머지는 이 오브젝트를 지켜보는 구성 요소가 합니다.",
});

/** The first match for each kind is used. */
const kinds: Record<string, ReturnType<typeof when>[]> = {
  Deployment: [
    when(({ actor, type }) => actor.lane === "person" && type === "ADDED", {
      en: "It tells the API server what should run. So far, this is only a record: no pod has been created and no node chosen.",
      ko: "무엇을 실행할지 API 서버에 알립니다. 아직은 기록일 뿐입니다. 파드도 없고 노드도 정해지지 않았습니다.",
    }),
    when(({ actor }) => actor.lane === "person", {
      en: "Only the desired state changes. The Deployment controller watches Deployments, and will see the difference.",
      ko: "원하는 상태만 바뀝니다. 디플로이먼트를 지켜보는 디플로이먼트 컨트롤러가 차이를 발견합니다.",
    }),
  ],
  ReplicaSet: [
    when(({ actor }) => actor.id !== "deployment-controller", counted),
    when(({ type }) => type === "ADDED", {
      en: "It saw a Deployment whose pod template has no ReplicaSet yet, and creates one. It does not create pods itself.",
      ko: "파드 템플릿에 맞는 레플리카셋이 없는 디플로이먼트를 보고 레플리카셋을 생성합니다. 파드를 직접 만들지는 않습니다.",
    }),
    otherwise({
      en: "It updates the ReplicaSet to match its Deployment: the number of pods, for example.",
      ko: "파드 수 등을 디플로이먼트에 맞춰 레플리카셋을 고칩니다.",
    }),
  ],
  Pod: [
    when(({ actor, type }) => type === "ADDED" && actor.lane === "controllers", {
      en: "It saw fewer pods than wanted, and creates one. The pod has no node yet, so nothing runs it.",
      ko: "원하는 수보다 파드가 적어서 하나를 생성합니다. 아직 노드가 없어서 실행하는 곳도 없습니다.",
    }),
    when(({ by }) => by === "binding", {
      en: "It saw a pod without a node, chose one, and writes its name into the pod. That is all it does: it starts nothing.",
      ko: "노드가 없는 파드를 보고 노드를 골라 이름을 적습니다. 스케줄러가 하는 일은 이것뿐이고, 아무것도 시작하지 않습니다.",
    }),
    when(({ actor }) => actor.lane === "scheduler", meanings.FailedScheduling!),
    byPerson,
    when(({ actor }) => actor.lane !== "kubelet", counted),
    when(({ after }) => after.metadata.deletionTimestamp !== undefined, {
      en: "The kubelet reports which containers have stopped.",
      ko: "kubelet이 어느 컨테이너가 종료되었는지 알립니다.",
    }),
    when(({ after }) => /^(ContainerCreating|PodInitializing)$/.test(waitingFor(after)), {
      en: "The kubelet of that node saw a pod assigned to its node, and begins to prepare volumes, network, image and container.",
      ko: "해당 노드의 kubelet이 자기 노드에 할당된 파드를 보고 볼륨, 네트워크, 이미지, 컨테이너를 준비하기 시작합니다.",
    }),
    when(({ after }) => /Image|Pull/.test(waitingFor(after)), {
      en: "The kubelet cannot pull the image. It reports this and tries again later; no other component can do it instead.",
      ko: "kubelet이 이미지를 받지 못해 이를 알리고 나중에 다시 시도합니다. 다른 구성 요소가 대신할 수 없습니다.",
    }),
    when(({ after }) => waitingFor(after) === "CrashLoopBackOff", meanings.BackOff!),
    when(({ after }) => ended(after), {
      en: "A container has ended. The kubelet reports it, and restarts it by itself; controllers and scheduler are not involved.",
      ko: "컨테이너가 끝났습니다. kubelet이 이를 알리고 직접 다시 시작합니다. 컨트롤러나 스케줄러는 관여하지 않습니다.",
    }),
    when(({ before, after }) => ready(after) && !ready(before), {
      en: "The readiness probe succeeded: from now on, the pod receives requests.",
      ko: "readiness 프로브가 성공했습니다. 이제부터 파드가 요청을 받을 수 있습니다.",
    }),
    when(({ after }) => running(after) && !ready(after), {
      en: "The container is running. The pod is not ready until its probe succeeds.",
      ko: "컨테이너가 실행 중입니다. 프로브가 성공할 때까지 파드는 준비된 것이 아닙니다.",
    }),
    otherwise({ en: "The kubelet reports what it sees on its node.", ko: "kubelet이 노드에서 본 상태를 알립니다." }),
  ],
  Service: [
    when(({ type }) => type === "ADDED", {
      en: "A fixed name and address for all pods with these labels; its EndpointSlice lists these pods.",
      ko: "이 레이블이 있는 파드들을 대표하는 고정된 이름과 주소입니다. 어떤 파드인지는 엔드포인트슬라이스에 적힙니다.",
    }),
  ],
  EndpointSlice: [
    when(({ after }) => ((after as Partial<V1EndpointSlice>).endpoints ?? []).length === 0, {
      en: "No pod that the Service selects has an address, so requests to the Service get no answer.",
      ko: "서비스의 셀렉터와 일치하고 주소가 있는 파드가 없습니다. 서비스에 요청해도 응답이 없습니다.",
    }),
    otherwise({
      en: "It saw pods that match the Service's selector change. kube-proxy on every node reads this list, and sends requests to the ready pods in it.",
      ko: "서비스의 셀렉터와 일치하는 파드가 바뀐 것을 보고 목록을 고칩니다. 각 노드의 kube-proxy가 이 목록을 읽고 준비된 파드로 요청을 보냅니다.",
    }),
  ],
  PersistentVolumeClaim: [
    byPerson,
    when(({ after }) => Boolean((after as V1PersistentVolumeClaim).spec?.volumeName), {
      en: "It found a volume for the claim, and binds the two.",
      ko: "PVC에 맞는 볼륨을 찾아 서로 바인딩합니다.",
    }),
    otherwise({
      en: "It looks for a volume that fits, or lets the provisioner of the storage class create one.",
      ko: "알맞은 볼륨을 찾거나, 스토리지 클래스의 프로비저너가 만들게 합니다.",
    }),
  ],
};

/** Why something was written at that time, in the terms of the course. */
export function whyOf(write: Write): Text {
  const { after, type, by } = write;
  if (isSaid(after)) return meanings[after.reason ?? ""] ?? report;
  const isAsked = after.metadata.deletionTimestamp !== undefined && ["deletion", "event", "own"].includes(by);
  const others = [...(kinds[after.kind ?? ""] ?? []), byPerson, otherwise(counted)];
  return (type === "DELETED" ? deleted : isAsked ? asked : others).find(({ fits }) => fits(write))!.text;
}

/** The message of an Event, in one line. */
export const saidText = ({ reason = "", message = "", count = 1 }: Said): string =>
  `${reason}: ${message.trim().replace(/\s+/g, " ")}${count > 1 ? ` (×${count})` : ""}`;
