import type { V1Deployment, V1Pod, V1ReplicaSet } from "@kubernetes/client-node";
import { mysql as mysqlApp, wordpress as wordpressApp } from "../components/wordpress-app";
import { diagnose } from "../diagnosis/kubernetes";
import { titleOf } from "../diagnosis/objects";
import { Check, Evidence, failed, passed, Verdict } from "./check";
import { healing, surviving } from "./kubernetes-drill";
import { Cluster, KubernetesFacts, Seen } from "./kubernetes-facts";
import { serviceLeads, servicesOpened } from "./kubernetes-services";
import { Live } from "./live";
import { KubernetesTarget } from "./target";
import { databaseAnswers, pageServed } from "./wordpress";

const lab = "kubernetes" as const;

export const workloads = ["mysql", "wordpress"] as const;
export type Workload = (typeof workloads)[number];

/** What stores where. */
const dataPath: Record<Workload, string> = { mysql: mysqlApp.dataPath, wordpress: wordpressApp.dataPath };

const named = <T extends { metadata?: { name?: string } }>(list: readonly T[], name: string): T | undefined =>
  list.find(({ metadata }) => metadata?.name === name);

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
  const own = ownedBy(pods, replicaSet).filter(({ metadata }) => metadata?.deletionTimestamp === undefined);
  return { deployment, replicaSet, pods: own };
}

export const isReady = ({ status }: V1Pod) =>
  status?.conditions?.some(({ type, status }) => type === "Ready" && status === "True") ?? false;

/** The steps of the lab "Kubernetes": WordPress and MySQL in a namespace. */
export function kubernetesChecks(target: KubernetesTarget, seen: Seen, cluster: Cluster, live: Live): Check[] {
  const { namespace, context, make } = target;
  const kubectl = `kubectl --context ${context} --namespace ${namespace}`;
  // Every check but the first needs the first, which fails without them.
  const facts = () => (seen as { facts: KubernetesFacts }).facts;
  const chain = (name: Workload) => chainOf(facts(), name);
  const pod = (name: Workload) => chain(name).pods[0]!;
  const near = (names: (string | undefined)[]) => names.filter((name) => name !== undefined).join(", ") || "-";

  function answers(): Verdict {
    if ("problem" in seen) {
      return failed(
        {
          en: `The cluster of context ${context} does not answer: ${seen.problem}.`,
          ko: `${context} 컨텍스트의 클러스터가 응답하지 않습니다: ${seen.problem}.`,
        },
        target.start,
        { context, problem: seen.problem },
      );
    }
    const { namespaces, nodes } = facts();
    const node = named(nodes, target.node);
    const ready = node?.status?.conditions?.find(({ type }) => type === "Ready");
    const evidence: Evidence = {
      context,
      namespace,
      node: target.node,
      version: node?.status?.nodeInfo?.kubeletVersion,
      ready: ready?.status,
    };
    if (!namespaces.includes(namespace)) {
      const own = namespaces.filter((name) => !name.startsWith("kube-"));
      return failed(
        {
          en: `The cluster has no namespace ${namespace}. There are: ${near(own)}.`,
          ko: `클러스터에 네임스페이스 ${namespace} 이(가) 없습니다. 있는 것: ${near(own)}.`,
        },
        make,
        { ...evidence, namespaces },
      );
    }
    if (ready?.status === "True") return passed(evidence);
    return failed(
      {
        en: `Node ${target.node} is not ready: ${ready?.message ?? "the cluster has no such node"}.`,
        ko: `노드 ${target.node} 이(가) 준비되지 않았습니다: ${ready?.message ?? "클러스터에 그런 노드가 없음"}.`,
      },
      target.start,
      evidence,
    );
  }

  function claims(): Verdict {
    const { claims } = facts();
    const evidence: Evidence = {};
    for (const workload of workloads) {
      const name = `${workload}-data`;
      const claim = named(claims, name);
      const { storageClassName: storageClass, volumeName: volume } = claim?.spec ?? {};
      evidence[name] = {
        phase: claim?.status?.phase ?? null,
        storageClass,
        volume,
        size: claim?.status?.capacity?.storage,
      };
      if (!claim) {
        return failed(
          {
            en: `There is no claim ${name}. There are: ${near(claims.map(({ metadata }) => metadata?.name))}.`,
            ko: `볼륨 클레임 ${name} 이(가) 없습니다. 있는 것: ${near(claims.map(({ metadata }) => metadata?.name))}.`,
          },
          make,
          evidence,
        );
      }
      if (claim.metadata?.deletionTimestamp !== undefined) {
        return failed(
          {
            en: `Claim ${name} is bound, but was deleted: it goes, with all that is stored, when its pod ends.`,
            ko: `볼륨 클레임 ${name} 은(는) 연결되어 있지만 삭제되었습니다: 파드가 끝나면 저장된 것과 함께 사라집니다.`,
          },
          `kubectl --context ${context} patch persistentvolume ${volume} --patch '{"spec":{"persistentVolumeReclaimPolicy":"Retain"}}'`,
          evidence,
        );
      }
      if (claim.status?.phase !== "Bound") {
        const finding = diagnose(facts()).find(({ cause }) => cause === "no storage class" || cause === "no volume");
        return failed(
          finding
            ? { en: `${finding.what.en} ${finding.why.en}`, ko: `${finding.what.ko} ${finding.why.ko}` }
            : {
                en: `Claim ${name} is ${claim.status?.phase}, not Bound: it has no volume.`,
                ko: `볼륨 클레임 ${name} 이(가) Bound 가 아니라 ${claim.status?.phase} 입니다: 볼륨이 없습니다.`,
              },
          finding?.next ?? `${kubectl} describe persistentvolumeclaim ${name}`,
          { ...evidence, said: finding?.evidence },
        );
      }
    }
    return passed(evidence);
  }

  function complete(): Verdict {
    const evidence: Evidence = {};
    for (const name of workloads) {
      const { deployment, replicaSet, pods } = chain(name);
      const wanted = deployment?.spec?.replicas ?? 0;
      evidence[name] = {
        deployment: deployment?.metadata?.name ?? null,
        replicaSet: replicaSet?.metadata?.name ?? null,
        pods: pods.map(({ metadata }) => metadata?.name),
        wanted,
      };
      if (!deployment) {
        const others = near(facts().deployments.map(({ metadata }) => metadata?.name));
        return failed(
          {
            en: `There is no Deployment ${name} (there are: ${others}): nobody replaces its pod when that ends.`,
            ko: `디플로이먼트 ${name} 이(가) 없어 (있는 것: ${others}) 파드가 끝나도 다시 만들어지지 않습니다.`,
          },
          make,
          evidence,
        );
      }
      if (!replicaSet || wanted < 1 || pods.length !== wanted) {
        return failed(
          {
            en: `Deployment ${name} wants ${wanted} pods; its ReplicaSet ${replicaSet?.metadata?.name ?? "(none)"} has ${pods.length}.`,
            ko: `디플로이먼트 ${name} 은(는) 파드 ${wanted} 개를 원하는데 레플리카셋 ${replicaSet?.metadata?.name ?? "(없음)"} 에는 ${pods.length} 개 있습니다.`,
          },
          wanted < 1 ? `${kubectl} scale deployment ${name} --replicas 1` : `${kubectl} describe deployment ${name}`,
          evidence,
        );
      }
    }
    return passed(evidence);
  }

  function single(): Verdict {
    const { deployments } = facts();
    const database = chain("mysql").deployment;
    const replicas = database?.spec?.replicas;
    const strategies = Object.fromEntries(
      workloads.map((name) => [name, chain(name).deployment?.spec?.strategy?.type]),
    );
    const users = deployments.filter(({ spec }) =>
      spec?.template.spec?.volumes?.some(
        ({ persistentVolumeClaim }) => persistentVolumeClaim?.claimName === "mysql-data",
      ),
    );
    const evidence = { replicas, strategies, usersOfClaim: users.map(({ metadata }) => metadata?.name) };
    if (replicas !== 1) {
      return failed(
        {
          en: `MySQL has ${replicas} replicas: on one Service these are ${replicas} databases, or one that cannot get its files.`,
          ko: `MySQL 레플리카가 ${replicas} 개입니다: 한 서비스 뒤에 서로 다른 데이터베이스가 생기거나 파일을 얻지 못합니다.`,
        },
        `${kubectl} scale deployment mysql --replicas 1`,
        evidence,
      );
    }
    const rolling = workloads.find((name) => strategies[name] !== "Recreate");
    if (rolling) {
      return failed(
        {
          en: `Deployment ${rolling} has strategy ${strategies[rolling]}: at the next change the new pod waits for the volume of the old one, for ever.`,
          ko: `디플로이먼트 ${rolling} 의 전략이 ${strategies[rolling]} 입니다: 다음 변경 때 새 파드가 이전 파드의 볼륨을 끝없이 기다립니다.`,
        },
        `${kubectl} patch deployment ${rolling} --patch '{"spec":{"strategy":{"type":"Recreate","rollingUpdate":null}}}'`,
        evidence,
      );
    }
    if (users.length > 1) {
      const more = users.find(({ metadata }) => metadata?.name !== "mysql")?.metadata?.name;
      return failed(
        {
          en: `Deployment ${more} uses MySQL's claim, too: two servers on one folder of data ruin it.`,
          ko: `디플로이먼트 ${more} 도 MySQL 의 볼륨 클레임을 씁니다: 서버 둘이 한 데이터 폴더를 쓰면 망가집니다.`,
        },
        `${kubectl} delete deployment ${more}`,
        evidence,
      );
    }
    return passed(evidence);
  }

  function stored(): Verdict {
    const evidence: Evidence = {};
    for (const name of workloads) {
      const { containers = [], volumes = [] } = pod(name).spec ?? {};
      const mounts = containers.flatMap(({ volumeMounts }) => volumeMounts ?? []);
      const mount = mounts.find(({ mountPath }) => mountPath === dataPath[name]);
      const volume = volumes.find((other) => other.name === mount?.name);
      const claim = volume?.persistentVolumeClaim?.claimName;
      const kind = Object.keys(volume ?? {}).find((key) => key !== "name") ?? null;
      evidence[name] = { path: dataPath[name], volume: kind, claim, readOnly: mount?.readOnly };
      if (claim === `${name}-data` && !mount?.readOnly) continue;
      const elsewhere = mounts.filter(({ name }) =>
        volumes.some((other) => other.name === name && other.persistentVolumeClaim),
      );
      return failed(
        claim !== undefined
          ? {
              en: `${dataPath[name]} of ${titleOf(name)} is on claim ${claim}${mount?.readOnly ? ", read-only" : ""}, not on ${name}-data.`,
              ko: `${titleOf(name)} 의 ${dataPath[name]} 이(가) ${name}-data 가 아니라 ${claim} 클레임에 있습니다${mount?.readOnly ? " (읽기 전용)" : ""}.`,
            }
          : {
              en: `${dataPath[name]} of ${titleOf(name)} is on ${kind ?? "no volume"}, not on claim ${name}-data${elsewhere[0] ? `, which is mounted at ${elsewhere[0].mountPath}` : ""}: what is stored goes with the pod.`,
              ko: `${titleOf(name)} 의 ${dataPath[name]} 이(가) ${name}-data 클레임이 아니라 ${kind ?? "볼륨 없는 곳"} 에 있습니다${elsewhere[0] ? ` (클레임은 ${elsewhere[0].mountPath} 에)` : ""}: 파드와 함께 사라집니다.`,
            },
        make,
        evidence,
      );
    }
    return passed(evidence);
  }

  /** Whether a workload's pods are ready; when not, what the cluster tells of why. */
  function ready(name: Workload): Verdict {
    const pods = chain(name).pods;
    const evidence: Evidence = {
      pods: pods.map((one) => ({
        name: one.metadata?.name,
        ready: isReady(one),
        restarts: one.status?.containerStatuses?.[0]?.restartCount,
        startedAt: one.status?.startTime,
      })),
    };
    if (pods.every(isReady)) return passed(evidence);
    const finding = diagnose(facts()).find(({ what }) => what.en.includes(titleOf(name)));
    return failed(
      finding
        ? { en: `${finding.what.en} ${finding.why.en}`, ko: `${finding.what.ko} ${finding.why.ko}` }
        : { en: `${titleOf(name)} is not ready.`, ko: `${titleOf(name)} 이(가) 준비되지 않았습니다.` },
      finding?.next ?? `${kubectl} describe deployment ${name}`,
      { ...evidence, cause: finding?.cause, said: finding?.evidence },
    );
  }

  async function database(): Promise<Verdict> {
    const site = pod("wordpress").metadata?.name ?? "";
    return databaseAnswers(
      (...command) => cluster.exec(site, "wordpress", ...command),
      pod("mysql").metadata?.name ?? "",
      {
        logs: `${kubectl} logs deployment/mysql`,
        anew: target.anew,
      },
    );
  }

  const url = () => {
    if (target.url !== undefined) return target.url;
    const node = named(facts().nodes, target.node);
    const address = node?.status?.addresses?.find(({ type }) => type === "InternalIP")?.address;
    return `http://${target.host ?? address}:${target.nodePort}`;
  };

  return [
    {
      id: "kubernetes.cluster",
      lab,
      title: {
        en: `The cluster answers, with namespace ${namespace}`,
        ko: `클러스터가 응답하고 네임스페이스 ${namespace} 이(가) 있다`,
      },
      hint: {
        en: `kubectl --context ${context} get nodes,namespaces`,
        ko: `kubectl --context ${context} get nodes,namespaces`,
      },
      probe: answers,
    },
    {
      id: "kubernetes.claims",
      lab,
      title: { en: "Both claims are bound to a volume", ko: "볼륨 클레임 둘이 볼륨에 연결되었다" },
      hint: { en: `${kubectl} get persistentvolumeclaims`, ko: `${kubectl} get persistentvolumeclaims` },
      needs: ["kubernetes.cluster"],
      probe: claims,
    },
    {
      id: "kubernetes.chain",
      lab,
      title: {
        en: "Deployment, ReplicaSet and Pod: the chain is complete",
        ko: "디플로이먼트, 레플리카셋, 파드가 모두 이어져 있다",
      },
      hint: { en: `${kubectl} get deployments,replicasets,pods`, ko: `${kubectl} get deployments,replicasets,pods` },
      needs: ["kubernetes.claims"],
      probe: complete,
    },
    {
      id: "kubernetes.single",
      lab,
      title: { en: "There is one database on one disk", ko: "디스크 하나에 데이터베이스도 하나다" },
      hint: {
        en: `${kubectl} get deployment mysql --output jsonpath='{.spec.replicas} {.spec.strategy.type}'`,
        ko: `${kubectl} get deployment mysql --output jsonpath='{.spec.replicas} {.spec.strategy.type}'`,
      },
      needs: ["kubernetes.chain"],
      probe: single,
    },
    {
      id: "kubernetes.storage",
      lab,
      title: { en: "What both store is on their claims", ko: "둘이 저장하는 것이 볼륨 클레임에 있다" },
      hint: {
        en: `${kubectl} describe pods, under Volumes and Mounts`,
        ko: `${kubectl} describe pods 의 Volumes 와 Mounts`,
      },
      needs: ["kubernetes.chain"],
      probe: stored,
    },
    {
      id: "kubernetes.services",
      lab,
      title: { en: "Each Service leads to its own pods", ko: "서비스마다 자기 파드로 이어진다" },
      hint: { en: `${kubectl} get services,endpointslices`, ko: `${kubectl} get services,endpointslices` },
      needs: ["kubernetes.chain"],
      probe: () => serviceLeads(facts(), chain, kubectl, make),
    },
    {
      id: "kubernetes.published",
      lab,
      title: {
        en: `Only WordPress is open to the outside, on node port ${target.nodePort}`,
        ko: `WordPress 만 노드 포트 ${target.nodePort} 로 밖에 열려 있다`,
      },
      hint: { en: `${kubectl} get services`, ko: `${kubectl} get services` },
      needs: ["kubernetes.services"],
      probe: () => servicesOpened(facts(), target.nodePort, make),
    },
    {
      id: "kubernetes.mysql",
      lab,
      title: { en: "MySQL is ready", ko: "MySQL 이 준비되었다" },
      hint: { en: `${kubectl} rollout status deployment mysql`, ko: `${kubectl} rollout status deployment mysql` },
      needs: ["kubernetes.single"],
      probe: () => ready("mysql"),
    },
    {
      id: "kubernetes.database",
      lab,
      title: { en: "WordPress may use its database", ko: "WordPress 가 데이터베이스를 쓸 수 있다" },
      hint: {
        en: "MySQL takes its passwords only while its volume is new; a changed Secret does not change them",
        ko: "MySQL 은 볼륨이 새것일 때만 암호를 받으므로 시크릿을 바꿔도 암호는 바뀌지 않습니다",
      },
      needs: ["kubernetes.mysql", "kubernetes.services"],
      probe: database,
    },
    {
      id: "kubernetes.wordpress",
      lab,
      title: { en: "WordPress is ready", ko: "WordPress 가 준비되었다" },
      hint: {
        en: `${kubectl} rollout status deployment wordpress`,
        ko: `${kubectl} rollout status deployment wordpress`,
      },
      needs: ["kubernetes.database"],
      probe: () => ready("wordpress"),
    },
    {
      id: "kubernetes.page",
      lab,
      title: {
        en: `WordPress is served at ${"facts" in seen ? url() : "the node's address"}`,
        ko: `WordPress 가 ${"facts" in seen ? url() : "노드의 주소"} 에서 열린다`,
      },
      hint: {
        en: `curl --head http://$(minikube --profile ${context} ip):${target.nodePort}`,
        ko: `curl --head http://$(minikube --profile ${context} ip):${target.nodePort}`,
      },
      needs: ["kubernetes.published", "kubernetes.wordpress"],
      probe: () => pageServed(url(), live.get, { logs: `${kubectl} logs deployment/wordpress`, anew: make }),
    },
    {
      id: "kubernetes.heals",
      lab,
      title: { en: "A pod that is deleted is replaced by a new one", ko: "지운 파드 대신 새 파드가 생긴다" },
      hint: {
        en: `${kubectl} delete pod NAME, then ${kubectl} get pods --watch`,
        ko: `${kubectl} delete pod 이름, 그리고 ${kubectl} get pods --watch`,
      },
      needs: ["kubernetes.page"],
      drill: { en: "deletes the pod of WordPress", ko: "WordPress 의 파드를 지웁니다" },
      probe: () => healing(cluster, target.patience),
    },
    {
      id: "kubernetes.survives",
      lab,
      title: { en: "What is stored survives the end of MySQL's pod", ko: "MySQL 파드가 사라져도 저장한 것은 남는다" },
      hint: {
        en: "A claim outlives its pods; only deleting the claim or the namespace deletes what is stored",
        ko: "볼륨 클레임은 파드보다 오래갑니다. 클레임이나 네임스페이스를 지울 때만 저장된 것이 지워집니다",
      },
      needs: ["kubernetes.heals", "kubernetes.storage"],
      drill: {
        en: "writes a table into the database, deletes the pod of MySQL, and removes the table",
        ko: "데이터베이스에 표를 쓰고 MySQL 의 파드를 지운 뒤 표를 없앱니다",
      },
      probe: () => surviving(cluster, target.patience, make),
    },
  ];
}
