import { V1Deployment, V1ReplicaSet } from "@kubernetes/client-node";
import { LabError, Text } from "../../text";
import { workloadOf } from "../causes/objects";
import { ClusterApi, inTime, orNothing } from "../cluster/api";
import { ownManager } from "./actors";
import { Note, pathOf, Undoing, undoingOf, withoutOwn } from "./note";
import type { Aim } from "./settled";
import { forbidden, Place } from "./watch";

/** The lab's own. */
const workload = "wordpress";
/** What `apply` creates. */
export const copyName = "wordpress-see";
/** The label of objects that exist only for a step. */
const noteKey = "course-labs/see";
/**
 * A ConfigMap with the previous values, so that a later run can undo what a killed one did. They are not in the Deployment:
 * its controller copies annotations to ReplicaSets, where they stay.
 */
const noteName = "course-labs-see";
/** A tag that nobody publishes. */
const noSuchTag = "this-tag-does-not-exist";

export interface Doing extends Aim {
  title: Text;
  /** What the step does, and what users of the lab notice. */
  meanwhile: Text;
  /** Does it, and returns the resulting versions. */
  begin: () => Promise<string[]>;
}

type Patch = { op: "add" | "replace" | "remove"; path: string; value?: unknown }[];

const missing = ({ namespace, kubeContext }: Place) =>
  new LabError({
    en: `There is no Deployment "${workload}" in namespace "${namespace}" of context "${kubeContext}" to run this step on. Create the lab (npm run up -- --labs kubernetes), or specify its namespace: --namespace NAME`,
    ko: `"${kubeContext}" 컨텍스트의 "${namespace}" 네임스페이스에 단계를 실행할 ${workload} 디플로이먼트가 없습니다. 실습 환경을 구성하거나 (npm run up -- --labs kubernetes) 네임스페이스를 지정하세요: --namespace 이름`,
  });

const busy = () =>
  new LabError({
    en: `Another npm run see is changing WordPress, or one was killed. Wait until it has finished, or undo what it changed: npm run see -- undo. If there is nothing to undo, an object "${copyName}" of somebody else is in the way: use another namespace (--namespace NAME)`,
    ko: `다른 npm run see 명령이 WordPress에서 실행 중이거나, 도중에 강제로 끝났습니다. 끝나기를 기다리거나 바꾼 것을 되돌리세요: npm run see -- undo. 되돌릴 것이 없다면 다른 쪽이 만든 "${copyName}" 오브젝트가 있는 것입니다. 다른 네임스페이스를 지정하세요 (--namespace 이름)`,
  });

/** What a refused change means. */
function refused(error: unknown, place: Place): unknown {
  const { code } = error as { code?: unknown };
  if (code === 403) return forbidden(place, "patch", "deployments", "edit");
  // If two run at the same time, one of them comes first.
  return code === 409 ? busy() : error;
}

/** Runs steps on the WordPress of one namespace: each by its name on the command line. */
export class Performer {
  constructor(
    private readonly api: ClusterApi,
    private readonly place: Place,
  ) {}

  private at(name: string) {
    return { name, namespace: this.place.namespace };
  }

  private deploymentOf(name: string): Promise<V1Deployment | undefined> {
    return orNothing(this.api.apps.readNamespacedDeployment(this.at(name)));
  }

  private async deployment(): Promise<V1Deployment> {
    const found = await this.deploymentOf(workload);
    if (!found) throw missing(this.place);
    return found;
  }

  /** @throws LabError when another story is being made */
  private async idle(): Promise<V1Deployment> {
    const deployment = await this.deployment();
    if ((await this.copies()).some(isOurs) || (await this.note())) throw busy();
    return deployment;
  }

  /** The Deployment and the Service that `apply` creates, or what others have created under their name. */
  private copies() {
    const service = orNothing(this.api.core.readNamespacedService(this.at(copyName)));
    return Promise.all([this.deploymentOf(copyName), service]);
  }

  private async note(): Promise<Note | undefined> {
    const found = await orNothing(this.api.core.readNamespacedConfigMap(this.at(noteName)));
    return found && (JSON.parse(found.data?.before ?? "null") as Note);
  }

  /** Changes the Deployment as it was read, and reads it again if somebody else changed it in between. */
  private async patched(change: (now: V1Deployment) => Patch | undefined, tries = 5): Promise<string | undefined> {
    const now = await this.deployment();
    const patch = change(now);
    if (!patch) return undefined;
    const body: Patch = [
      { op: "replace", path: "/metadata/resourceVersion", value: now.metadata?.resourceVersion },
      ...patch,
    ];
    try {
      const asked = { ...this.at(workload), body, fieldManager: ownManager };
      return (await inTime(this.api.apps.patchNamespacedDeployment(asked))).metadata?.resourceVersion;
    } catch (error) {
      if ((error as { code?: unknown }).code === 409 && tries > 1) return this.patched(change, tries - 1);
      throw refused(error, this.place);
    }
  }

  /** Changes one value of the Deployment, after noting the previous one. */
  private async set({ field, was, set }: Pick<Note, "field" | "was" | "set">): Promise<string[]> {
    const { namespace } = this.place;
    const { metadata, spec } = await this.deployment();
    const note: Note = { field, was, set, uid: metadata?.uid, spec, managedFields: metadata?.managedFields ?? [] };
    const labels = { [noteKey]: "note" };
    const body = { metadata: { name: noteName, labels }, data: { before: JSON.stringify(note) } };
    try {
      await inTime(this.api.core.createNamespacedConfigMap({ namespace, body, fieldManager: ownManager }));
    } catch (error) {
      throw refused(error, this.place);
    }
    try {
      const version = await this.patched(() => [{ op: "replace", path: pathOf(field), value: set }]);
      return version === undefined ? [] : [version];
    } catch (error) {
      // A user who may create the note may not be allowed to change the Deployment: then there is nothing to undo.
      if (error instanceof LabError) await this.api.core.deleteNamespacedConfigMap(this.at(noteName));
      throw error;
    }
  }

  /** Restores the Deployment and the owners of its fields, except for what somebody else has changed since. */
  async undo(): Promise<Undoing | undefined> {
    const note = await this.note();
    if (!note) return this.removeCopy();
    const now = await this.deploymentOf(workload);
    let undoing = undoingOf(note, now, this.place);
    if (now?.metadata?.uid === note.uid) {
      await this.patched((current) => {
        undoing = undoingOf(note, current, this.place);
        return undoing.reverts ? [{ op: "replace", path: pathOf(note.field), value: note.was }] : undefined;
      });
      await this.patched(({ metadata }) => {
        const value = withoutOwn(note, metadata?.managedFields ?? [], undoing.reverts);
        return value && [{ op: "replace", path: "/metadata/managedFields", value }];
      });
      if (note.field === "image") await this.removeSets(note);
    }
    await orNothing(this.api.core.deleteNamespacedConfigMap(this.at(noteName)));
    return undoing;
  }

  /** Deletes the ReplicaSet of the wrong image, to which `kubectl rollout undo` would go back. */
  private async removeSets({ uid, set }: Note): Promise<void> {
    const { items } = await inTime(this.api.apps.listNamespacedReplicaSet({ namespace: this.place.namespace }));
    const ours = items.filter(
      ({ metadata, spec }: V1ReplicaSet) =>
        metadata?.ownerReferences?.some((owner) => owner.uid === uid) &&
        spec?.template?.spec?.containers[0]?.image === set,
    );
    for (const { metadata } of ours) {
      const gone = { ...this.at(metadata!.name!), propagationPolicy: "Background" };
      await orNothing(this.api.apps.deleteNamespacedReplicaSet(gone));
    }
  }

  private async removeCopy(): Promise<Undoing | undefined> {
    const at = this.at(copyName);
    const [copy, service] = (await this.copies()).map(isOurs);
    if (copy) await orNothing(this.api.apps.deleteNamespacedDeployment({ ...at, propagationPolicy: "Background" }));
    if (service) await orNothing(this.api.core.deleteNamespacedService(at));
    if (!copy && !service) return undefined;
    return { reverts: true, foreign: false, text: { en: `${copyName} removed`, ko: `${copyName} 삭제` } };
  }

  /** @throws LabError when the number is the one there is */
  async scale(count: number): Promise<Doing> {
    const { spec } = await this.idle();
    const was = spec?.replicas ?? 1;
    if (count === was) {
      throw new LabError({
        en: `WordPress has ${was} ${was === 1 ? "pod" : "pods"} already, so nothing would happen. Choose another number, for example: npm run see -- scale ${was + 1}`,
        ko: `WordPress의 파드 수가 이미 ${was}개라서 아무 일도 일어나지 않습니다. 다른 수를 쓰세요. 예: npm run see -- scale ${was + 1}`,
      });
    }
    return {
      ...{ workload, leads: count, back: was },
      title: { en: `WordPress: ${was} → ${count} pods`, ko: `WordPress: 파드 ${was} → ${count}개` },
      meanwhile: {
        en: `WordPress: ${was} → ${count} pods, and back again afterwards (the site is down while there is no pod)`,
        ko: `WordPress: 파드 ${was} → ${count}개, 끝나면 되돌립니다 (파드가 없는 동안 사이트가 열리지 않습니다)`,
      },
      begin: () => this.set({ field: "replicas", was, set: count }),
    };
  }

  /** @throws LabError when there is no pod */
  async "delete-pod"(): Promise<Doing> {
    const { spec } = await this.idle();
    const { items } = await inTime(this.api.core.listNamespacedPod({ namespace: this.place.namespace }));
    const pod = items.find((one) => workloadOf(one) === workload && one.metadata?.deletionTimestamp === undefined);
    if (!pod) {
      throw new LabError({
        en: "There is no pod of WordPress to delete. To see why: npm run check, or npm run doctor",
        ko: "삭제할 WordPress 파드가 없습니다. 이유를 확인하세요: npm run check 또는 npm run doctor",
      });
    }
    const { name = "", uid } = pod.metadata ?? {};
    const count = spec?.replicas ?? 1;
    return {
      ...{ workload, leads: count, back: count, replaces: uid },
      title: { en: "A pod is deleted and replaced", ko: "파드를 지우면 다시 생기는 과정" },
      meanwhile: {
        en: `Pod ${name} is deleted (the data in its volume is kept; the site is down for a moment)`,
        ko: `파드 ${name} 삭제 (볼륨에 있는 것은 남고, 사이트는 잠시 열리지 않습니다)`,
      },
      begin: async () => {
        try {
          const gone = await inTime(this.api.core.deleteNamespacedPod(this.at(name)));
          return [gone.metadata?.resourceVersion ?? ""];
        } catch (error) {
          throw refused(error, this.place);
        }
      },
    };
  }

  async "wrong-image"(): Promise<Doing> {
    const { spec } = await this.idle();
    const was = spec?.template.spec?.containers[0]?.image ?? "";
    const wrong = `${was.replace(/@.*$/, "").replace(/:[^:/]*$/, "")}:${noSuchTag}`;
    return {
      ...{ workload, back: spec?.replicas ?? 1 },
      title: { en: "An image that does not exist", ko: "존재하지 않는 이미지" },
      meanwhile: {
        en: `WordPress is set to the image ${wrong}, which does not exist (the site may be down meanwhile), and back again afterwards`,
        ko: `WordPress 이미지 변경: ${was} → ${wrong} (존재하지 않는 이미지, 그동안 사이트가 열리지 않을 수 있습니다). 끝나면 되돌립니다`,
      },
      begin: () => this.set({ field: "image", was, set: wrong }),
    };
  }

  async apply(): Promise<Doing> {
    const { spec } = await this.idle();
    const { namespace } = this.place;
    const labels = { "app.kubernetes.io/name": copyName, [noteKey]: "copy" };
    return {
      ...{ workload: copyName, leads: 1 },
      title: { en: "How a pod is created", ko: "파드가 생성되는 과정" },
      meanwhile: {
        en: `A Deployment and a Service ${copyName} are created from WordPress's image, without a database or a volume, and removed afterwards`,
        ko: `WordPress 이미지로 디플로이먼트와 서비스 ${copyName} 생성 (데이터베이스와 볼륨은 없음). 끝나면 삭제합니다`,
      },
      begin: async () => {
        const given = { namespace, fieldManager: ownManager };
        const metadata = { name: copyName, namespace, labels };
        const port = spec?.template.spec?.containers[0]?.ports?.[0]?.containerPort ?? 80;
        const body = { metadata, spec: { selector: labels, ports: [{ port }] } };
        const copy = copyOf(spec, metadata, port);
        let service;
        try {
          service = await inTime(this.api.core.createNamespacedService({ ...given, body }));
          const made = await inTime(this.api.apps.createNamespacedDeployment({ ...given, body: copy }));
          return [service, made].map((one) => one.metadata?.resourceVersion ?? "");
        } catch (error) {
          // The Service may have been created, and the Deployment rejected.
          if (service) await orNothing(this.api.core.deleteNamespacedService(this.at(copyName)));
          throw refused(error, this.place);
        }
      },
    };
  }
}

const isOurs = (thing: { metadata?: { labels?: Record<string, string> } } | undefined) =>
  thing?.metadata?.labels?.[noteKey] === "copy";

/** WordPress without the learner's data: no database and no volume, so nothing can be lost. */
function copyOf(
  spec: V1Deployment["spec"],
  metadata: { name: string; namespace: string; labels: Record<string, string> },
  port: number,
): V1Deployment {
  const {
    securityContext,
    containers = [],
    automountServiceAccountToken,
    enableServiceLinks,
  } = spec?.template.spec ?? {};
  const { image, imagePullPolicy, resources, securityContext: own, ports, volumeMounts } = containers[0] ?? {};
  const mountPath = volumeMounts?.[0]?.mountPath ?? "/var/www/html";
  return {
    metadata,
    spec: {
      replicas: 1,
      selector: { matchLabels: metadata.labels },
      template: {
        metadata: { labels: metadata.labels },
        spec: {
          ...{ securityContext, automountServiceAccountToken, enableServiceLinks },
          containers: [
            {
              ...{ name: copyName, image, imagePullPolicy, resources, securityContext: own, ports },
              readinessProbe: { tcpSocket: { port }, periodSeconds: 1 },
              volumeMounts: [{ name: "data", mountPath }],
            },
          ],
          volumes: [{ name: "data", emptyDir: {} }],
        },
      },
    },
  };
}
