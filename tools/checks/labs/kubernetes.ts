import type { V1Pod } from "@kubernetes/client-node";
import { project } from "../../../config";
import { diagnose } from "../../causes/kubernetes";
import { isReady, titleOf } from "../../causes/objects";
import { Problem, whatAndWhy } from "../../causes/problem";
import { same, Text } from "../../../text";
import { certain, Check, Evidence, failed, judge, passed, Verdict } from "../check";
import { healing, surviving } from "./kubernetes-drill";
import { Cluster, KubernetesFacts, Seen } from "../facts/kubernetes";
import { isolated, outsideKeptOut, siteKeptOut } from "./kubernetes-isolation";
import {
  chainComplete,
  chainOf,
  claimsBound,
  explained,
  keptAndDeleted,
  kubectlOf,
  madeAgain,
  named,
  namesOf,
  oneDatabase,
  storedOnClaims,
  Workload,
} from "./kubernetes-objects";
import { serviceLeads, servicesOpened } from "./kubernetes-services";
import { Live } from "../facts/live";
import { KubernetesTarget } from "../target";
import { pageServed } from "./wordpress";
import { afterLog } from "./remake";
import { databaseAnswers } from "./wordpress-database";

interface On {
  target: KubernetesTarget;
  seen: Seen;
  cluster: Cluster;
  live: Live;
}

/** What the cluster has. Every check but the first needs the first, which fails without it. */
const factsIn = ({ seen }: On): KubernetesFacts => certain("facts" in seen ? seen.facts : undefined);

const podOf = (on: On, name: Workload): V1Pod => certain(chainOf(factsIn(on), name).pods[0]);

function problemOf(on: On, name: Workload): Problem | undefined {
  const found = diagnose(factsIn(on), on.target);
  // A password that does not fit keeps MySQL's probe from passing, too.
  return found.find(({ workload }) => workload === name) ?? found.find(({ cause }) => cause === "wrong password");
}

/** Where WordPress is to be opened; with a word for the node where the cluster does not tell its address. */
function urlOf({ target, seen }: On): string {
  if (!("facts" in seen)) return `http://NODE:${target.nodePort}`;
  if (target.url !== undefined) return target.url;
  const { addresses } = named(seen.facts.nodes, target.node)?.status ?? {};
  const address = addresses?.find(({ type }) => type === "InternalIP")?.address;
  return `http://${target.host ?? address ?? "NODE"}:${target.nodePort}`;
}

function clusterAnswers({ target, seen }: On): Verdict {
  const { namespace, context } = target;
  if ("problem" in seen) {
    const { why, refused } = seen.problem;
    const evidence = { context, said: why.en };
    if (!refused) {
      return failed("cluster unreachable", target.start, {
        en: `The cluster of context ${context} does not answer: ${why.en}.`,
        ko: `${context} 컨텍스트의 클러스터가 응답하지 않습니다: ${why.ko}.`,
        evidence,
      });
    }
    const next = {
      en: `Ask whoever runs the cluster for that permission. What this user may do: kubectl --context ${context} auth can-i --list`,
      ko: `클러스터 관리자에게 그 권한을 요청하세요. 현재 권한 확인: kubectl --context ${context} auth can-i --list`,
    };
    return failed("access refused", next, {
      en: `The user of context ${context} has no permission to read what the checks need (nodes, namespaces, storage classes, all Services): ${why.en}.`,
      ko: `${context} 컨텍스트의 사용자에게 점검에 필요한 오브젝트(노드, 네임스페이스, 스토리지 클래스, 모든 서비스)를 읽을 권한이 없습니다: ${why.ko}.`,
      evidence,
    });
  }
  const { namespaces, nodes } = seen.facts;
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
    return failed("no namespace", target.begin, {
      en: `The cluster has no namespace ${namespace}. Existing namespaces: ${own.join(", ")}.`,
      ko: `클러스터에 ${namespace} 네임스페이스가 없습니다. 있는 네임스페이스: ${own.join(", ")}.`,
      evidence: { ...evidence, namespaces },
    });
  }
  if (!node) {
    const first = nodes[0]?.metadata?.name;
    const next = {
      en: `Set ${project}:kubeNode in the stack's file, for example: ${project}:kubeNode: ${first}`,
      ko: `스택 파일에서 ${project}:kubeNode 설정을 지정하세요. 예: ${project}:kubeNode: ${first}`,
    };
    return failed("no node", next, {
      en: `The cluster has no node ${target.node}. Existing nodes: ${namesOf(nodes)}.`,
      ko: `클러스터에 ${target.node} 노드가 없습니다. 있는 노드: ${namesOf(nodes)}.`,
      evidence: { ...evidence, nodes: nodes.map(({ metadata }) => metadata?.name) },
    });
  }
  if (ready?.status === "True") return passed(evidence);
  const next =
    diagnose(seen.facts, target).find(({ cause }) => cause === "cluster part")?.next ??
    `kubectl --context ${context} describe node ${target.node}`;
  return failed("node not ready", next, {
    en: `Node ${target.node} is not ready: ${ready?.message ?? "it reports no reason"}.`,
    ko: `${target.node} 노드가 준비되지 않았습니다: ${ready?.message ?? "보고된 이유 없음"}.`,
    evidence,
  });
}

/**
 * Whether a workload's pods are as they should be; when not, what the cluster tells of why. WordPress is not ready before
 * its database and its page are as they should be, which are checks of their own: it has to run.
 */
function up(on: On, name: Workload): Verdict {
  const { pods } = chainOf(factsIn(on), name);
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
  return explained(problemOf(on, name), "not ready", `${kubectlOf(on.target)} describe deployment ${name}`, {
    en: `${titleOf(name)} is not ready.`,
    ko: `${titleOf(name)} 파드가 준비되지 않았습니다.`,
    evidence,
  });
}

/** A failure with the problem in the cluster that it comes from, whose next step is the one to take. */
function because(verdict: Verdict, problem: Problem | undefined): Verdict {
  if (verdict.status !== "failed" || !problem) return verdict;
  const { en, ko } = whatAndWhy(problem);
  const sentence = (text: string) => text.replace(/\.?$/, ".");
  return failed(problem.cause, problem.next ?? verdict.next, {
    en: `${sentence(verdict.why.en)} ${en}`,
    ko: `${sentence(verdict.why.ko)} ${ko}`,
    evidence: { ...verdict.evidence, said: problem.evidence },
  });
}

/** A check that fails because of a part of the cluster where one does not run: nothing of the lab is to be mended then. */
const whole = (on: On, probe: Check["probe"]) => async (): Promise<Verdict> => {
  const part = diagnose(factsIn(on), on.target).find(({ cause }) => cause === "cluster part");
  return part ? because(await judge(probe), part) : probe();
};

async function databaseUsable(on: On): Promise<Verdict> {
  const { target, cluster } = on;
  const [mysql, site] = [podOf(on, "mysql"), podOf(on, "wordpress")];
  const verdict = await databaseAnswers(
    (...command) => cluster.exec(site.metadata?.name ?? "", "wordpress", ...command),
    mysql.metadata?.name ?? "",
    { ...siteSteps(on), database: anewAfterLog(on, "mysql"), anew: target.anew },
  );
  const policies = siteKeptOut(factsIn(on), mysql, site).join(", ");
  if (verdict.status !== "failed" || verdict.cause !== "no answer" || policies === "") return verdict;
  return because(verdict, {
    cause: "policy too strict",
    what: {
      en: `NetworkPolicy ${policies} does not let WordPress in.`,
      ko: `네트워크폴리시 ${policies} 설정이 WordPress를 허용하지 않습니다.`,
    },
    next: same(target.make),
    evidence: [policies],
  });
}

/** The step that has the pod of a workload made anew. */
const anew = (on: On, name: Workload) => madeAgain(factsIn(on), `deployment ${name}`, on.target);

/** {@link anew}, where its log is likely to say why that is needed. */
const anewAfterLog = (on: On, name: Workload): Text =>
  afterLog(`${kubectlOf(on.target)} logs deployment/${name}`, anew(on, name));

/** What may be next where WordPress is not as it should be. */
function siteSteps(on: On) {
  const kubectl = kubectlOf(on.target);
  return {
    make: anew(on, "wordpress"),
    remake: `${kubectl} delete deployment wordpress; ${on.target.make}`,
    exec: `${kubectl} exec deployment/wordpress --`,
    logs: `${kubectl} logs deployment/wordpress`,
  };
}

/** Why nothing answers, although WordPress is ready: the way to the node is not open. */
function unreached(on: On): Omit<Problem, "cause"> {
  const { nodePort } = on.target;
  const [policy] = outsideKeptOut(factsIn(on), podOf(on, "wordpress"));
  if (policy !== undefined) {
    return {
      what: {
        en: `WordPress is ready in the cluster, but NetworkPolicy ${policy} lets nobody in from outside.`,
        ko: `클러스터 안의 WordPress는 준비되어 있지만 네트워크폴리시 ${policy} 설정이 외부의 접속을 막습니다.`,
      },
      next: keptAndDeleted(`networkpolicy ${policy}`, on.target),
      evidence: [policy],
    };
  }
  const forward = `${kubectlOf(on.target)} port-forward service/wordpress ${nodePort}:80`;
  return {
    what: {
      en: "WordPress is ready in the cluster, but this machine cannot reach the node.",
      ko: "클러스터 안의 WordPress는 준비되어 있지만 이 컴퓨터에서 노드에 연결할 수 없습니다.",
    },
    next: {
      en: `Open http://localhost:${nodePort} while this command runs: ${forward}`,
      ko: `다음 명령을 실행해 둔 채 http://localhost:${nodePort} 페이지를 여세요: ${forward}`,
    },
    evidence: [],
  };
}

async function pageOpens(on: On): Promise<Verdict> {
  const verdict = await pageServed(urlOf(on), on.live.get, siteSteps(on));
  if (verdict.status !== "failed") return verdict;
  const { cause } = verdict;
  const ready = chainOf(factsIn(on), "wordpress").pods.every(isReady);
  const problem = problemOf(on, "wordpress") ?? (cause === "no answer" && ready ? unreached(on) : undefined);
  return because(verdict, problem && { ...problem, cause });
}

/** The steps that the objects of the lab tell of. */
function checksOfObjects(on: On) {
  const { target } = on;
  const { namespace, nodePort } = target;
  const clusterUp: Check = {
    id: "kubernetes.cluster",
    title: {
      en: `The cluster answers, with namespace ${namespace}`,
      ko: `클러스터가 응답하고 ${namespace} 네임스페이스가 있다`,
    },
    probe: () => clusterAnswers(on),
  };
  const claims: Check = {
    id: "kubernetes.claims",
    title: { en: "Both claims are bound to a volume", ko: "두 PVC가 볼륨에 연결되었다" },
    needs: [clusterUp],
    probe: whole(on, () => claimsBound(factsIn(on), target)),
  };
  const chain: Check = {
    id: "kubernetes.chain",
    title: {
      en: "Deployment, ReplicaSet and Pod: the chain is complete",
      ko: "디플로이먼트, 레플리카셋, 파드가 모두 있다",
    },
    needs: [claims],
    probe: whole(on, () => chainComplete(factsIn(on), target)),
  };
  const single: Check = {
    id: "kubernetes.single",
    title: { en: "One database uses one volume", ko: "볼륨 하나를 데이터베이스 하나만 사용한다" },
    needs: [chain],
    probe: () => oneDatabase(factsIn(on), target),
  };
  const storage: Check = {
    id: "kubernetes.storage",
    title: { en: "Both store their data on their claims", ko: "MySQL과 WordPress의 데이터가 PVC에 저장된다" },
    needs: [chain],
    probe: () => storedOnClaims(factsIn(on), target),
  };
  const services: Check = {
    id: "kubernetes.services",
    title: { en: "Each Service routes to its own pods", ko: "서비스마다 해당 파드에 연결된다" },
    needs: [chain],
    probe: whole(on, () => serviceLeads(factsIn(on), target)),
  };
  const published: Check = {
    id: "kubernetes.published",
    title: {
      en: `Only WordPress is open to the outside, on node port ${nodePort}`,
      ko: `WordPress만 ${nodePort}번 노드포트로 클러스터 외부에 열려 있다`,
    },
    needs: [services],
    probe: () => servicesOpened(factsIn(on), target),
  };
  return { clusterUp, claims, chain, single, storage, services, published };
}

/** The steps that what runs in the pods tells of. */
function checksOfPods(on: On, { chain, single, storage, services, published }: ReturnType<typeof checksOfObjects>) {
  const { target, cluster } = on;
  const url = urlOf(on);
  const mysql: Check = {
    id: "kubernetes.mysql",
    title: { en: "MySQL is ready", ko: "MySQL이 준비되었다" },
    needs: [single],
    probe: whole(on, () => up(on, "mysql")),
  };
  const wordpress: Check = {
    id: "kubernetes.wordpress",
    title: { en: "WordPress is running", ko: "WordPress가 실행 중이다" },
    needs: [chain],
    probe: whole(on, () => up(on, "wordpress")),
  };
  const database: Check = {
    id: "kubernetes.database",
    title: { en: "WordPress can connect to its database", ko: "WordPress가 데이터베이스에 연결된다" },
    needs: [mysql, wordpress, services],
    probe: whole(on, () => databaseUsable(on)),
  };
  const page: Check = {
    id: "kubernetes.page",
    title: { en: `WordPress is served at ${url}`, ko: `WordPress가 ${url}에서 열린다` },
    needs: [published, database],
    probe: whole(on, () => pageOpens(on)),
  };
  const keptAway: Check = {
    id: "kubernetes.isolated",
    title: { en: "No other pod can connect to MySQL", ko: "다른 파드는 MySQL에 접속하지 못한다" },
    needs: [database],
    probe: () => isolated(factsIn(on), cluster, target),
  };
  const heals: Check = {
    id: "kubernetes.heals",
    title: { en: "A deleted pod is replaced by a new one", ko: "파드를 삭제하면 새 파드가 생긴다" },
    needs: [page],
    drill: { en: "deletes the pod of WordPress", ko: "WordPress 파드를 삭제합니다" },
    probe: () => healing(cluster, target),
  };
  const survives: Check = {
    id: "kubernetes.survives",
    title: {
      en: "Stored data survives the deletion of MySQL's pod",
      ko: "MySQL 파드를 삭제해도 저장된 데이터는 유지된다",
    },
    needs: [heals, storage],
    drill: {
      en: "creates a table in the database, deletes the pod of MySQL, and removes the table",
      ko: "데이터베이스에 테이블을 만들고 MySQL 파드를 삭제한 뒤 테이블을 지웁니다",
    },
    probe: () => surviving(cluster, target),
  };
  return [mysql, wordpress, database, page, keptAway, heals, survives];
}

/** The steps of the lab "Kubernetes": WordPress and MySQL in a namespace. */
export function kubernetesChecks(target: KubernetesTarget, seen: Seen, cluster: Cluster, live: Live): Check[] {
  const on: On = { target, seen, cluster, live };
  const first = checksOfObjects(on);
  return [...Object.values(first), ...checksOfPods(on, first)];
}
