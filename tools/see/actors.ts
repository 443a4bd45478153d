import type { V1ManagedFieldsEntry } from "@kubernetes/client-node";
import { same, Text } from "../../text";
import { Change, isSaid, ownerOf, owns, pathText, reporterOf, Said, Thing, timeOf, writersOf } from "./objects";

/** The places around the API server that write to it. */
export const lanes = ["person", "controllers", "scheduler", "kubelet"] as const;
export type Lane = (typeof lanes)[number];

export const laneNames: Record<Lane, Text> = {
  person: { en: "you", ko: "사람" },
  controllers: { en: "controllers", ko: "컨트롤러" },
  scheduler: { en: "scheduler", ko: "스케줄러" },
  kubelet: { en: "kubelet", ko: "kubelet" },
};

export interface Actor {
  /** The name that the component itself uses: `replicaset-controller`, `default-scheduler`, `kubelet`. */
  id: string;
  lane: Lane;
  name: Text;
}

export type Evidence =
  /** The entry in managedFields that the write created. */
  | "managedFields"
  /** The writer is a process of many controllers; which one follows from the kind of the object, or its owner. */
  | "ownership"
  /** A pod got a node without a recorded writer, which only a binding does. */
  | "binding"
  /** The Event names its reporter. */
  | "event"
  /** This program did it, and knows the version in the answer. */
  | "own"
  /** Nothing records who deletes; it is inferred from how such deletions happen. */
  | "deletion";

export interface Attribution {
  actor: Actor;
  by: Evidence;
  /** Why somebody else is possible; undefined if nobody else is. */
  doubt?: Text;
}

const doubted = (actor: Actor, by: Evidence, doubt: Text): Attribution => ({ actor, by, doubt });

/** The field manager of this program. */
export const ownManager = "npm-run-see";

/** The controllers that a story is mostly about, by their names in Events; the others are called by these. */
const controllerNames: Record<string, Text> = {
  "deployment-controller": { en: "Deployment controller", ko: "디플로이먼트 컨트롤러" },
  "replicaset-controller": { en: "ReplicaSet controller", ko: "레플리카셋 컨트롤러" },
  "endpointslice-controller": { en: "EndpointSlice controller", ko: "엔드포인트슬라이스 컨트롤러" },
  "endpoint-controller": { en: "Endpoints controller", ko: "엔드포인트 컨트롤러" },
  "persistentvolume-controller": { en: "volume controller", ko: "볼륨 컨트롤러" },
  "garbage-collector": { en: "garbage collector", ko: "가비지 컬렉터" },
  "kube-controller-manager": { en: "controller manager", ko: "컨트롤러 매니저" },
};

export const controller = (id: string): Actor => ({ id, lane: "controllers", name: controllerNames[id] ?? same(id) });
export const scheduler: Actor = {
  id: "default-scheduler",
  lane: "scheduler",
  name: { en: "scheduler", ko: "스케줄러" },
};
export const kubelet: Actor = { id: "kubelet", lane: "kubelet", name: same("kubelet") };
export const own: Actor = { id: ownManager, lane: "person", name: same("npm run see") };
const somebody: Actor = { id: "client", lane: "person", name: { en: "somebody", ko: "누군가" } };

/** A person's program, by its field manager. */
function client(manager: string): Actor {
  if (manager === ownManager) return own;
  if (manager.startsWith("kubectl")) return { id: "kubectl", lane: "person", name: same("kubectl") };
  if (manager.startsWith("pulumi")) return { id: "pulumi", lane: "person", name: same("Pulumi") };
  return { id: manager || "client", lane: "person", name: manager ? same(manager) : somebody.name };
}

/** The actor that reports an Event. */
export function reporter(id: string): Actor {
  if (id === "kubelet") return kubelet;
  if (/scheduler$/.test(id)) return { ...scheduler, id };
  return controller(id || "unknown");
}

/** What is known about the cluster and the story beforehand. */
export interface Setting {
  said: readonly Said[];
  /** Programs that write for several components of the control plane, like k3s. */
  combined: ReadonlySet<string>;
  /** Versions that this program wrote. */
  own: ReadonlySet<string>;
  /** The uids of objects that are deleted, or going to be. */
  gone: ReadonlySet<string>;
}

/**
 * Programs that contain several components of the control plane: they write both what a controller writes and what a kubelet
 * does. managedFields then cannot distinguish the controllers from the kubelet.
 */
export function combinedManagers(things: readonly Thing[]): Set<string> {
  const [makers, runners] = [new Set<string>(), new Set<string>()];
  for (const { kind, metadata } of things) {
    for (const { manager = "", subresource, fieldsV1 } of metadata.managedFields ?? []) {
      if (kind === "ReplicaSet" && subresource === "status") makers.add(manager);
      if (kind === "Pod" && subresource === "status" && JSON.stringify(fieldsV1).includes("f:containerStatuses")) {
        runners.add(manager);
      }
    }
  }
  return new Set([...makers].filter((manager) => runners.has(manager)));
}

/** The controller that writes such an object, by its kind, owner or label. */
function controllerOf(thing: Thing, status: boolean): Actor {
  const { kind = "", metadata } = thing;
  const owner = status ? undefined : ownerOf(thing)?.kind;
  const slicesBy = metadata.labels?.["endpointslice.kubernetes.io/managed-by"] ?? "endpointslice-controller.k8s.io";
  const ids: Record<string, string | undefined> = {
    Deployment: "deployment-controller",
    ReplicaSet: owner === "Deployment" ? "deployment-controller" : "replicaset-controller",
    Pod: owner && `${owner.toLowerCase()}-controller`,
    EndpointSlice: slicesBy.replace(/\.k8s\.io$/, ""),
    PersistentVolumeClaim: "persistentvolume-controller",
  };
  return controller(ids[kind] ?? "kube-controller-manager");
}

/** Whether a change of a pod contains what only a kubelet knows. */
const ofNode = (changes: readonly Change[]) =>
  changes.some(({ path }) => /^status\.(?:containerStatuses|hostIP|podIP|startTime)/.test(pathText(path)));

function component(
  entry: V1ManagedFieldsEntry,
  after: Thing,
  changes: readonly Change[],
  setting: Setting,
): Attribution {
  const { manager = "", subresource } = entry;
  const status = subresource === "status";
  if (setting.combined.has(manager)) {
    const actor = after.kind !== "Pod" || !status ? controllerOf(after, status) : ofNode(changes) ? kubelet : scheduler;
    return doubted(actor, "ownership", {
      en: `on this cluster, ${manager} writes for all components; which one it was is inferred from the object`,
      ko: `이 클러스터에서는 ${manager} 프로세스 하나가 모든 구성 요소의 일을 기록합니다. 어느 구성 요소인지는 오브젝트를 보고 짐작합니다`,
    });
  }
  if (manager === "kubelet") return { actor: kubelet, by: "managedFields" };
  if (manager === "kube-scheduler") return { actor: scheduler, by: "managedFields" };
  if (manager === "kube-controller-manager") return { actor: controllerOf(after, status), by: "ownership" };
  if (/^(?:kube-apiserver|cloud-controller-manager|.*-(?:controller|provisioner|autoscaler))$/.test(manager)) {
    return { actor: controller(manager), by: "managedFields" };
  }
  return { actor: client(manager), by: "managedFields" };
}

/** Who requested a deletion, which no field records. */
function deleter(thing: Thing, setting: Setting): Attribution {
  const owner = ownerOf(thing);
  const told = setting.said.find(
    ({ reason, message = "", involvedObject }) =>
      reason === "SuccessfulDelete" &&
      involvedObject?.uid === owner?.uid &&
      message.includes(thing.metadata.name ?? "\n"),
  );
  if (told) return { actor: reporter(reporterOf(told)), by: "event" };
  if (owner && setting.gone.has(owner.uid)) return { actor: controller("garbage-collector"), by: "deletion" };
  return doubted(somebody, "deletion", {
    en: "the API server does not record who deletes an object, and no Event says that a controller did",
    ko: "API 서버는 누가 삭제했는지 기록하지 않으며, 컨트롤러가 삭제했다는 이벤트도 없습니다",
  });
}

const nodeOf = (thing?: Thing) => (thing?.spec as { nodeName?: string } | undefined)?.nodeName;
const timeIn = ({ time }: V1ManagedFieldsEntry) => timeOf(time) ?? -Infinity;
/** When a deletion was requested: the object contains the end of the grace period. */
export const askedAt = ({ metadata }: Thing) =>
  timeOf(metadata.deletionTimestamp)! - (metadata.deletionGracePeriodSeconds ?? 0) * 1000;

/** Who changed an object from one version to the next. */
export function attribute(
  type: "ADDED" | "MODIFIED" | "DELETED",
  before: Thing | undefined,
  after: Thing,
  changes: readonly Change[],
  setting: Setting,
): Attribution {
  const { metadata } = after;
  if (isSaid(after)) return { actor: reporter(reporterOf(after)), by: "event" };
  if (setting.own.has(metadata.resourceVersion ?? "")) return { actor: own, by: "own" };
  const ends = metadata.deletionTimestamp !== undefined;
  // When all containers of a pod have ended, its kubelet requests the deletion again, without a grace period.
  if (after.kind === "Pod" && ends && metadata.deletionGracePeriodSeconds === 0) {
    const written = type === "MODIFIED" && changes.some(({ path }) => path[0] === "status");
    const asked = !before || before.metadata.deletionTimestamp !== undefined;
    if (nodeOf(after) && asked && !written) return { actor: kubelet, by: "deletion" };
  }
  const writers = writersOf(before, after);
  const newlyEnding = before
    ? before.metadata.deletionTimestamp === undefined
    : askedAt(after) >= timeIn(latest(writers));
  if (type === "DELETED" || (ends && newlyEnding)) return deleter(after, setting);

  if (!before && type === "MODIFIED") return component(latest(writers), after, [], setting);
  if (writers.length === 0 && after.kind === "Pod" && nodeOf(after) && !nodeOf(before)) return binding(after, setting);
  // Without an entry, it was written again within the same second, the precision of an entry's time: by who owns the fields.
  const found = (writers.length > 0 ? writers : ownersOf(changes, before, after)).map((entry) =>
    component(entry, after, changes, setting),
  );
  const [first] = found;
  const other = found.find(({ actor }) => actor.id !== first?.actor.id);
  if (first && !other) return first;
  if (first && other && writers.length > 0) {
    const { actor, by } = component(latest(writers), after, changes, setting);
    return doubted(actor, by, {
      en: `${first.actor.name.en} and ${other.actor.name.en} both wrote between the two versions that were seen`,
      ko: `확인한 두 버전 사이에 ${first.actor.name.ko}, ${other.actor.name.ko} 둘 다 기록했습니다`,
    });
  }
  return doubted(first?.actor ?? somebody, first?.by ?? "managedFields", {
    en: "nothing in the object shows who wrote this",
    ko: "누가 기록했는지 오브젝트에 남아 있지 않습니다",
  });
}

/** The entries that own changed fields. Only the previous version knows the owner of a removed one. */
const ownersOf = (changes: readonly Change[], before: Thing | undefined, after: Thing) =>
  changes.flatMap(({ path, after: left }) => {
    const { managedFields = [] } = (left === undefined ? before : after)?.metadata ?? {};
    return managedFields.filter((entry) => owns(entry, path));
  });

/** A node was assigned to a pod: the only write that is not in managedFields. */
function binding(pod: Thing, { said }: Setting): Attribution {
  const told = said.find(
    ({ reason, involvedObject }) => reason === "Scheduled" && involvedObject?.uid === pod.metadata.uid,
  );
  if (told) return { actor: reporter(reporterOf(told)), by: "binding" };
  const named = (pod.spec as { schedulerName?: string } | undefined)?.schedulerName;
  return doubted(named ? { ...scheduler, id: named } : scheduler, "binding", {
    en: "only a scheduler binds a pod to a node, but its Event Scheduled was not seen",
    ko: "파드에 노드를 정하는 것은 스케줄러뿐이지만, 스케줄러의 Scheduled 이벤트는 보이지 않았습니다",
  });
}

function latest(entries: readonly V1ManagedFieldsEntry[]): V1ManagedFieldsEntry {
  return entries.reduce<V1ManagedFieldsEntry>((a, b) => (timeIn(b) >= timeIn(a) ? b : a), {});
}
