import type {
  V1Deployment,
  V1EndpointSlice,
  V1LabelSelector,
  V1Pod,
  V1ReplicaSet,
  V1Service,
} from "@kubernetes/client-node";
import { same, Text } from "../../../text";
import { mysql, wordpress } from "../../../components/wordpress-app";
import type { Edition } from "../../causes/edition";
import { diagnose } from "../../causes/kubernetes";
import { Problem, whatAndWhy } from "../../causes/problem";
import { isOver, titleOf } from "../../causes/objects";
import { remade } from "../../causes/remedies";
import { Evidence, failed, passed, Verdict } from "../check";
import type { KubernetesFacts } from "../facts/kubernetes";
import type { KubernetesTarget } from "../target";

export const workloads = ["mysql", "wordpress"] as const;
export type Workload = (typeof workloads)[number];

/** What each workload runs. */
export const apps = { mysql, wordpress };

/** The kubectl of a lab, which may be neither in the current context nor in its namespace. */
export const kubectlOf = ({ context, namespace }: Pick<KubernetesTarget, "context" | "namespace">) =>
  `kubectl --context ${context} --namespace ${namespace}`;

/** The names of objects, for a person. */
export const namesOf = (list: readonly { metadata?: { name?: string } }[]) =>
  list.map(({ metadata }) => metadata?.name).join(", ") || "-";

/** Labels as kubectl takes them. */
export const shownLabels = (labels: Readonly<Record<string, string>> = {}) =>
  Object.entries(labels)
    .map(([key, value]) => `${key}=${value}`)
    .join(",") || "-";

export const labelsOf = ({ metadata }: V1Pod) => metadata?.labels ?? {};

/** Whether a selector selects a pod with these labels. @see https://kubernetes.io/docs/concepts/overview/working-with-objects/labels/ */
export function selects(selector: V1LabelSelector | undefined, labels: Readonly<Record<string, string>>): boolean {
  const { matchLabels = {}, matchExpressions = [] } = selector ?? {};
  return (
    Object.entries(matchLabels).every(([key, value]) => labels[key] === value) &&
    matchExpressions.every(({ key, operator, values = [] }) => {
      const [there, among] = [key in labels, values.includes(labels[key] ?? "")];
      if (operator === "In") return there && among;
      if (operator === "NotIn") return !there || !among;
      return operator === "Exists" ? there : !there;
    })
  );
}

/** The step that deletes what may be somebody's, and keeps how it was made. @param object its kind and name, as kubectl takes them */
export function keptAndDeleted(object: string, target: KubernetesTarget): Text {
  const kubectl = kubectlOf(target);
  const keep = `${kubectl} get ${object} --output yaml > ${object.split(" ").pop()}.yaml`;
  return {
    en: `Save its definition first: ${keep}. Then: ${kubectl} delete ${object}`,
    ko: `먼저 정의를 저장해 두세요: ${keep}. 그런 다음: ${kubectl} delete ${object}`,
  };
}

export const named = <T extends { metadata?: { name?: string } }>(list: readonly T[], name: string): T | undefined =>
  list.find(({ metadata }) => metadata?.name === name);

/** The Services of the lab's namespace. */
export const ownServices = ({ services, lab }: KubernetesFacts): V1Service[] =>
  services.filter(({ metadata }) => metadata?.namespace === lab.namespace);

export const serviceNamed = (facts: KubernetesFacts, name: string) => named(ownServices(facts), name);

/** Where a Service leads. @see https://kubernetes.io/docs/concepts/services-networking/endpoint-slices/ */
export const slicesOf = ({ slices }: KubernetesFacts, service: string): V1EndpointSlice[] =>
  slices.filter(({ metadata }) => metadata?.labels?.["kubernetes.io/service-name"] === service);

/** What an object made: those that name it, by its uid, as their owner. */
function ownedBy<T extends { metadata?: { ownerReferences?: { uid: string }[] } }>(
  list: readonly T[],
  owner: { metadata?: { uid?: string } } | undefined,
): T[] {
  const uid = owner?.metadata?.uid;
  return list.filter(({ metadata }) => uid !== undefined && metadata?.ownerReferences?.some((ref) => ref.uid === uid));
}

/** A Deployment, the ReplicaSet that it runs now, and the Pods of that. */
export interface Chain {
  deployment?: V1Deployment;
  replicaSet?: V1ReplicaSet;
  pods: V1Pod[];
}

export function chainOf({ deployments, replicaSets, pods }: KubernetesFacts, name: string): Chain {
  const deployment = named(deployments, name);
  const revision = (set: V1ReplicaSet) => Number(set.metadata?.annotations?.["deployment.kubernetes.io/revision"] ?? 0);
  const replicaSet = ownedBy(replicaSets, deployment).sort((a, b) => revision(b) - revision(a))[0];
  // As the ReplicaSet counts them: what is going or over is replaced.
  const own = ownedBy(pods, replicaSet).filter((pod) => pod.metadata?.deletionTimestamp === undefined && !isOver(pod));
  return { deployment, replicaSet, pods: own };
}

/** A failure as the cluster explains it; in the check's own words where the cluster shows no problem that fits. */
export function explained(problem: Problem | undefined, ...[cause, next, finding]: Parameters<typeof failed>): Verdict {
  if (!problem) return failed(cause, next, finding);
  const evidence = { ...finding.evidence, said: problem.evidence };
  return failed(problem.cause, problem.next ?? next, { ...whatAndWhy(problem), evidence });
}

/** Whether both claims have a volume, and keep it. */
export function claimsBound(facts: KubernetesFacts, target: KubernetesTarget): Verdict {
  const { claims } = facts;
  const evidence: Evidence = {};
  for (const workload of workloads) {
    const name = `${workload}-data`;
    const claim = named(claims, name);
    const { storageClassName: storageClass, volumeName: volume } = claim?.spec ?? {};
    evidence[name] = {
      phase: claim?.status?.phase,
      storageClass,
      volume,
      size: claim?.status?.capacity?.storage,
    };
    if (!claim) {
      return failed("no claim", target.make, {
        en: `There is no claim ${name}. Existing claims: ${namesOf(claims)}.`,
        ko: `${name} PVC가 없습니다. 있는 PVC: ${namesOf(claims)}.`,
        evidence,
      });
    }
    if (claim.metadata?.deletionTimestamp !== undefined) {
      return failed("claim being deleted", toNewClaim(workload, `${volume}`, target), {
        en: `Claim ${name} is bound, but is being deleted: when its pod ends, the claim is removed with all its data.`,
        ko: `${name} PVC가 연결되어 있지만 삭제가 예약되었습니다. 파드가 종료되면 저장된 데이터와 함께 삭제됩니다.`,
        evidence,
      });
    }
    if (claim.status?.phase !== "Bound") {
      const problem = diagnose(facts, target).find(
        ({ cause }) => cause === "no storage class" || cause === "no volume",
      );
      return explained(problem, "no volume", `${kubectlOf(target)} describe persistentvolumeclaim ${name}`, {
        en: `Claim ${name} is ${claim.status?.phase}, not Bound: it has no volume.`,
        ko: `${name} PVC가 Bound 상태가 아니어서 볼륨이 없습니다. 현재 상태: ${claim.status?.phase}.`,
        evidence,
      });
    }
  }
  return passed(evidence);
}

/** The step that gives the volume of a claim that is going to the one that is made in its place. */
function toNewClaim(workload: Workload, volume: string, target: KubernetesTarget): Text {
  const kubectl = kubectlOf(target);
  const patch = (spec: string) => `${kubectl} patch persistentvolume ${volume} --patch '{"spec":{${spec}}}'`;
  const commands = [
    patch('"persistentVolumeReclaimPolicy":"Retain"'),
    `${kubectl} delete deployment ${workload}`,
    `${kubectl} wait --for=delete persistentvolumeclaim/${workload}-data --timeout=2m`,
    patch('"claimRef":null'),
    target.make,
  ].join("; ");
  return {
    en: `Keep the volume, let the claim go, and give the volume to a new claim. Its data is kept; what the pod wrote elsewhere is deleted: ${commands}`,
    ko: `볼륨을 남겨 두고 PVC만 삭제되게 한 뒤 새 PVC에 볼륨을 연결하세요. 볼륨의 데이터는 유지되고, 파드가 다른 곳에 쓴 내용은 삭제됩니다: ${commands}`,
  };
}

/** Whether each Deployment has a ReplicaSet, and that as many Pods as are wanted. */
export function chainComplete(facts: KubernetesFacts, target: KubernetesTarget): Verdict {
  const { make } = target;
  const kubectl = kubectlOf(target);
  const evidence: Evidence = {};
  for (const name of workloads) {
    const { deployment, replicaSet, pods } = chainOf(facts, name);
    const wanted = deployment?.spec?.replicas ?? 0;
    evidence[name] = {
      deployment: deployment?.metadata?.name,
      replicaSet: replicaSet?.metadata?.name,
      pods: pods.map(({ metadata }) => metadata?.name),
      wanted,
    };
    if (!deployment) {
      const others = namesOf(facts.deployments);
      return failed("no Deployment", make, {
        en: `There is no Deployment ${name} (existing: ${others}), so its pod is not replaced when it ends.`,
        ko: `${name} 디플로이먼트가 없어 파드가 종료되어도 다시 만들어지지 않습니다. 있는 디플로이먼트: ${others}.`,
        evidence,
      });
    }
    if (!replicaSet || wanted < 1 || pods.length !== wanted) {
      const refused = diagnose(facts, target).find((one) => one.cause === "pod refused" && one.workload === name);
      const next =
        wanted < 1
          ? `${kubectl} scale deployment ${name} --replicas 1`
          : deployment.spec?.paused
            ? `${kubectl} rollout resume deployment ${name}`
            : `${kubectl} describe deployment ${name}`;
      return explained(wanted > 0 ? refused : undefined, "wrong number of pods", next, {
        en: `Deployment ${name} requests ${wanted} pods; its ReplicaSet ${replicaSet?.metadata?.name ?? "(none)"} has ${pods.length}.`,
        ko: `${name} 디플로이먼트가 파드 ${wanted}개를 요구하지만 레플리카셋(${replicaSet?.metadata?.name ?? "없음"})의 파드는 ${pods.length}개입니다.`,
        evidence,
      });
    }
  }
  return passed(evidence);
}

/** Whether one MySQL, and never two at a time, has the database's files. */
export function oneDatabase(facts: KubernetesFacts, target: KubernetesTarget): Verdict {
  const kubectl = kubectlOf(target);
  const database = chainOf(facts, "mysql").deployment;
  const replicas = database?.spec?.replicas;
  const strategies = Object.fromEntries(
    workloads.map((name) => [name, chainOf(facts, name).deployment?.spec?.strategy?.type]),
  );
  const users = facts.deployments.filter(({ spec }) =>
    spec?.template.spec?.volumes?.some(
      ({ persistentVolumeClaim }) => persistentVolumeClaim?.claimName === "mysql-data",
    ),
  );
  const evidence = { replicas, strategies, usersOfClaim: users.map(({ metadata }) => metadata?.name) };
  if (replicas !== 1) {
    return failed("several databases", `${kubectl} scale deployment mysql --replicas 1`, {
      en: `MySQL has ${replicas} replicas: behind one Service these are ${replicas} different databases, or some cannot get the files.`,
      ko: `MySQL 레플리카가 ${replicas}개입니다. 한 서비스 뒤에 서로 다른 데이터베이스가 생기거나, 일부가 데이터 파일을 사용하지 못합니다.`,
      evidence,
    });
  }
  const rolling = workloads.find((name) => strategies[name] !== "Recreate");
  if (rolling) {
    const next = `${kubectl} patch deployment ${rolling} --patch '{"spec":{"strategy":{"type":"Recreate","rollingUpdate":null}}}'`;
    return failed("rolling update", next, {
      en: `Deployment ${rolling} has strategy ${strategies[rolling]}: at the next change the new pod waits forever for the volume of the old one.`,
      ko: `${rolling} 디플로이먼트의 전략이 Recreate가 아니라 ${strategies[rolling]} 전략입니다. 다음 변경 때 새 파드가 이전 파드의 볼륨이 풀리기를 계속 기다리게 됩니다.`,
      evidence,
    });
  }
  if (users.length > 1) {
    const more = users.find(({ metadata }) => metadata?.name !== "mysql")?.metadata?.name;
    return failed("shared volume", keptAndDeleted(`deployment ${more}`, target), {
      en: `Deployment ${more} also uses MySQL's claim. Two servers on one data folder corrupt it.`,
      ko: `${more} 디플로이먼트도 MySQL의 PVC를 사용합니다. 두 서버가 한 데이터 폴더를 사용하면 데이터가 손상됩니다.`,
      evidence,
    });
  }
  return passed(evidence);
}

/**
 * The step that makes an object again: what others have added to one, no command takes out of it.
 * @param object its kind and name, as kubectl takes them
 */
export function madeAgain({ lab }: KubernetesFacts, object: string, edition: Edition): Text {
  const deployment = /^deployment (.*)/.exec(object)?.[1];
  if (deployment !== undefined) return remade({ lab, edition }, deployment);
  return same(`${kubectlOf(lab)} delete ${object}; ${edition.make}`);
}

/** Whether the folders that both store in are on their claims. */
export function storedOnClaims(facts: KubernetesFacts, target: KubernetesTarget): Verdict {
  const evidence: Evidence = {};
  for (const name of workloads) {
    const { dataPath } = apps[name];
    const { containers = [], volumes = [] } = chainOf(facts, name).pods[0]?.spec ?? {};
    const mounts = containers.flatMap(({ volumeMounts }) => volumeMounts ?? []);
    const mount = mounts.find(({ mountPath }) => mountPath === dataPath);
    const volume = volumes.find((other) => other.name === mount?.name);
    const claim = volume?.persistentVolumeClaim?.claimName;
    const kind = Object.keys(volume ?? {}).find((key) => key !== "name");
    evidence[name] = { path: dataPath, volume: kind, claim, readOnly: mount?.readOnly };
    if (claim === `${name}-data` && !mount?.readOnly) continue;
    const elsewhere = mounts.filter(({ name }) =>
      volumes.some((other) => other.name === name && other.persistentVolumeClaim),
    );
    return failed("not on a volume", madeAgain(facts, `deployment ${name}`, target), {
      ...(claim !== undefined
        ? {
            en: `${dataPath} of ${titleOf(name)} is on claim ${claim}${mount?.readOnly ? ", read-only" : ""}, not on ${name}-data.`,
            ko: `${titleOf(name)}의 ${dataPath} 폴더에는 ${name}-data PVC가 쓰기 가능하게 마운트되어야 합니다. 현재: ${claim}${mount?.readOnly ? " (읽기 전용)" : ""}.`,
          }
        : {
            en: `${dataPath} of ${titleOf(name)} is on ${kind ?? "no volume"}, not on claim ${name}-data${elsewhere[0] ? `, which is mounted at ${elsewhere[0].mountPath}` : ""}. The data is deleted with the pod.`,
            ko: `${titleOf(name)}의 ${dataPath} 폴더가 ${name}-data PVC에 있지 않아 데이터가 파드와 함께 삭제됩니다. 현재 볼륨: ${kind ?? "없음"}${elsewhere[0] ? ` (PVC가 마운트된 곳: ${elsewhere[0].mountPath})` : ""}.`,
          }),
      evidence,
    });
  }
  return passed(evidence);
}
