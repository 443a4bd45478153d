import type { V1Pod } from "@kubernetes/client-node";
import { project } from "../../../config";
import { diagnose } from "../../causes/kubernetes";
import { isReady, titleOf } from "../../causes/objects";
import { ofMinikube } from "../../causes/remedies";
import { Text } from "../../../text";
import { Check, Evidence, failed, passed, Verdict } from "../check";
import { healing, surviving } from "./kubernetes-drill";
import { Cluster, KubernetesFacts, Seen } from "../facts/kubernetes";
import { isolated, outsideKeptOut, siteKeptOut, withoutPolicy } from "./kubernetes-isolation";
import {
  chainComplete,
  chainOf,
  claimsBound,
  named,
  oneDatabase,
  storedOnClaims,
  Workload,
} from "./kubernetes-objects";
import { servicesOpened } from "./kubernetes-published";
import { serviceLeads } from "./kubernetes-services";
import { Live } from "../facts/live";
import { KubernetesTarget } from "../target";
import { pageServed } from "./wordpress";
import { databaseAnswers } from "./wordpress-database";

const lab = "kubernetes" as const;

/** The steps of the lab "Kubernetes": WordPress and MySQL in a namespace. */
export function kubernetesChecks(target: KubernetesTarget, seen: Seen, cluster: Cluster, live: Live): Check[] {
  const { namespace, context, make } = target;
  const kubectl = `kubectl --context ${context} --namespace ${namespace}`;
  // Every check but the first needs the first, which fails without them.
  const facts = () => (seen as { facts: KubernetesFacts }).facts;
  const chain = (name: Workload) => chainOf(facts(), name);
  const pod = (name: Workload) => chain(name).pods[0]!;
  const findingOf = (name: Workload) => {
    const found = diagnose(facts(), target);
    // A password that does not fit keeps MySQL's probe from passing, too.
    return found.find(({ workload }) => workload === name) ?? found.find(({ cause }) => cause === "wrong password");
  };
  const near = (names: (string | undefined)[]) => names.filter((name) => name !== undefined).join(", ") || "-";

  function answers(): Verdict {
    if ("problem" in seen && /^403/.test(seen.problem)) {
      return failed(
        {
          en: `The user of context ${context} may not look at what the checks need (nodes, namespaces, storage classes, all Services): ${seen.problem}.`,
          ko: `${context} 컨텍스트의 사용자는 확인에 필요한 것(노드, 네임스페이스, 스토리지 클래스, 모든 서비스)을 볼 수 없습니다: ${seen.problem}.`,
        },
        `kubectl --context ${context} auth can-i --list`,
        { context, said: seen.problem },
      );
    }
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
        target.begin,
        { ...evidence, namespaces },
      );
    }
    if (!node) {
      const names = nodes.map(({ metadata }) => metadata?.name);
      const [first] = names;
      return failed(
        {
          en: `The cluster has no node ${target.node}. There are: ${near(names)}.`,
          ko: `클러스터에 노드 ${target.node} 이(가) 없습니다. 있는 것: ${near(names)}.`,
        },
        {
          en: `Set ${project}:kubeNode in the stack's file, for example: ${project}:kubeNode: ${first}`,
          ko: `스택 파일에서 ${project}:kubeNode 을(를) 정하세요. 예: ${project}:kubeNode: ${first}`,
        },
        { ...evidence, nodes: names },
      );
    }
    if (ready?.status === "True") return passed(evidence);
    return failed(
      {
        en: `Node ${target.node} is not ready: ${ready?.message ?? "it does not say why"}.`,
        ko: `노드 ${target.node} 이(가) 준비되지 않았습니다: ${ready?.message ?? "이유를 알려 주지 않음"}.`,
      },
      ofMinikube(context) ? target.start : `kubectl --context ${context} describe node ${target.node}`,
      evidence,
    );
  }

  /**
   * Whether a workload's pods are as they should be; when not, what the cluster tells of why. WordPress is not ready before
   * its database and its page are as they should be, which are checks of their own: it has to run.
   */
  function up(name: Workload): Verdict {
    const pods = chain(name).pods;
    const evidence: Evidence = {
      pods: pods.map((one) => ({
        name: one.metadata?.name,
        ready: isReady(one),
        restarts: one.status?.containerStatuses?.[0]?.restartCount,
        startedAt: one.status?.startTime,
      })),
    };
    const runs = (one: V1Pod) =>
      one.status?.containerStatuses?.every(({ state }) => state?.running !== undefined) ?? false;
    if (pods.every(name === "mysql" ? isReady : runs)) return passed(evidence);
    const finding = findingOf(name);
    return failed(
      finding
        ? { en: `${finding.what.en} ${finding.why.en}`, ko: `${finding.what.ko} ${finding.why.ko}` }
        : { en: `${titleOf(name)} is not ready.`, ko: `${titleOf(name)} 이(가) 준비되지 않았습니다.` },
      finding?.next ?? `${kubectl} describe deployment ${name}`,
      { ...evidence, cause: finding?.cause, said: finding?.evidence },
    );
  }

  /** What a failure comes from where the cluster itself is not whole: nothing of the lab is to be mended then. */
  const whole = (probe: () => Promise<Verdict> | Verdict) => async (): Promise<Verdict> => {
    const part = diagnose(facts(), target).find(({ cause }) => cause === "cluster part");
    if (!part) return probe();
    const { what, why, next, evidence } = part;
    const because = (more: Text, seen: Evidence) =>
      failed({ en: `${what.en} ${why.en} ${more.en}`.trim(), ko: `${what.ko} ${why.ko} ${more.ko}`.trim() }, next, {
        ...seen,
        part: what.en,
        partSaid: evidence,
      });
    try {
      const verdict = await probe();
      return verdict.status === "failed" ? because(verdict.why, verdict.evidence) : verdict;
    } catch (error) {
      // What cannot even be asked, for want of that part.
      return because({ en: "", ko: "" }, { error: (error as Error).message });
    }
  };

  async function database(): Promise<Verdict> {
    const site = pod("wordpress");
    const verdict = await databaseAnswers(
      (...command) => cluster.exec(site.metadata?.name ?? "", "wordpress", ...command),
      pod("mysql").metadata?.name ?? "",
      {
        logs: `${kubectl} logs deployment/mysql`,
        make,
        anew: target.anew,
      },
    );
    const policies = siteKeptOut(facts(), pod("mysql"), site).join(", ");
    if (verdict.status !== "failed" || verdict.evidence.errno !== 2002 || policies === "") return verdict;
    const { why, evidence } = verdict;
    const more = {
      en: `${why.en} NetworkPolicy ${policies} does not let WordPress in.`,
      ko: `${why.ko} 네트워크폴리시 ${policies} 설정이 WordPress를 허용하지 않습니다.`,
    };
    return failed(more, make, { ...evidence, policies });
  }

  const url = () => {
    if (target.url !== undefined) return target.url;
    const node = named(facts().nodes, target.node);
    const address = node?.status?.addresses?.find(({ type }) => type === "InternalIP")?.address;
    return `http://${target.host ?? address ?? "NODE"}:${target.nodePort}`;
  };
  const address = "facts" in seen ? url() : `http://NODE:${target.nodePort}`;

  /** What is to be said where the page does not come, although WordPress is ready: the way to the node is not open. */
  function unreached(): { why: Text; next: Text } | undefined {
    if (!chain("wordpress").pods.every(isReady)) return undefined;
    const [policy] = outsideKeptOut(facts(), pod("wordpress"));
    if (policy !== undefined) {
      return {
        why: {
          en: `WordPress is ready in the cluster: NetworkPolicy ${policy} lets nobody in from outside.`,
          ko: `클러스터 안의 WordPress는 준비되어 있습니다. 네트워크폴리시 ${policy} 설정이 밖에서 오는 접속을 막습니다.`,
        },
        next: withoutPolicy(policy, target),
      };
    }
    const forward = `${kubectl} port-forward service/wordpress ${target.nodePort}:80`;
    const next = ofMinikube(context)
      ? `minikube service wordpress --namespace ${namespace} --url --profile ${context}`
      : forward;
    return {
      why: {
        en: "WordPress is ready in the cluster: it is this machine that does not reach the node.",
        ko: "클러스터 안의 WordPress는 준비되어 있습니다. 이 컴퓨터에서 노드에 닿지 못하는 것입니다.",
      },
      next: {
        en: `Reach it another way: ${next}`,
        ko: `다른 길로 여세요: ${next}`,
      },
    };
  }

  async function page(): Promise<Verdict> {
    const logs = `${kubectl} logs deployment/wordpress`;
    const exec = `${kubectl} exec deployment/wordpress --`;
    const verdict = await pageServed(url(), live.get, { logs, make, exec, unreached: unreached() });
    const finding = findingOf("wordpress");
    if (verdict.status !== "failed" || !finding) return verdict;
    const { why, evidence } = verdict;
    const more = {
      en: `${why.en} ${finding.what.en} ${finding.why.en}`,
      ko: `${why.ko} ${finding.what.ko} ${finding.why.ko}`,
    };
    return failed(more, `${kubectl} describe deployment wordpress`, { ...evidence, said: finding.evidence });
  }

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
      probe: whole(() => claimsBound(facts(), target)),
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
      probe: whole(() => chainComplete(facts(), target)),
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
      probe: () => oneDatabase(facts(), target),
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
      probe: () => storedOnClaims(facts(), target),
    },
    {
      id: "kubernetes.services",
      lab,
      title: { en: "Each Service leads to its own pods", ko: "서비스마다 자기 파드로 이어진다" },
      hint: { en: `${kubectl} get services,endpointslices`, ko: `${kubectl} get services,endpointslices` },
      needs: ["kubernetes.chain"],
      probe: whole(() => serviceLeads(facts(), chain, kubectl, make)),
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
      probe: whole(() => up("mysql")),
    },
    {
      id: "kubernetes.wordpress",
      lab,
      title: { en: "WordPress runs", ko: "WordPress 가 실행 중이다" },
      hint: {
        en: `${kubectl} logs deployment/wordpress`,
        ko: `${kubectl} logs deployment/wordpress`,
      },
      needs: ["kubernetes.chain"],
      probe: whole(() => up("wordpress")),
    },
    {
      id: "kubernetes.database",
      lab,
      title: { en: "WordPress may use its database", ko: "WordPress 가 데이터베이스를 쓸 수 있다" },
      hint: {
        en: "MySQL takes its passwords only while its volume is new; a changed Secret does not change them",
        ko: "MySQL 은 볼륨이 새것일 때만 암호를 받으므로 시크릿을 바꿔도 암호는 바뀌지 않습니다",
      },
      needs: ["kubernetes.mysql", "kubernetes.wordpress", "kubernetes.services"],
      probe: whole(database),
    },
    {
      id: "kubernetes.page",
      lab,
      title: {
        en: `WordPress is served at ${address}`,
        ko: `WordPress 가 ${address} 에서 열린다`,
      },
      hint: { en: `curl --head ${address}`, ko: `curl --head ${address}` },
      needs: ["kubernetes.published", "kubernetes.database"],
      probe: whole(page),
    },
    {
      id: "kubernetes.isolated",
      lab,
      title: { en: "No other pod gets through to MySQL", ko: "다른 파드는 MySQL에 접속하지 못한다" },
      hint: {
        en: `${kubectl} describe networkpolicies; it is the cluster's network plugin that enforces them, or nobody`,
        ko: `${kubectl} describe networkpolicies. 적용하는 것은 클러스터의 네트워크 플러그인이며, 적용하지 않는 것도 있습니다`,
      },
      needs: ["kubernetes.database"],
      probe: () => isolated(facts(), cluster, target),
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
      probe: () => healing(cluster, target),
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
      probe: () => surviving(cluster, target),
    },
  ];
}
