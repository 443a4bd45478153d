import { setTimeout as sleep } from "node:timers/promises";
import type { V1NetworkPolicy, V1NetworkPolicyPeer, V1Pod } from "@kubernetes/client-node";
import { mysql } from "../../../components/wordpress-app";
import { ownProfile } from "../../../config";
import { ofMinikube } from "../../causes/remedies";
import { Text } from "../../../text";
import { certain, Evidence, failed, open, passed, Verdict } from "../check";
import type { Cluster, KubernetesFacts } from "../facts/kubernetes";
import { Guest, NoGuest } from "../facts/kubernetes-guest";
import { answerIn } from "../facts/live";
import { chainOf, kubectlOf, keptAndDeleted, labelsOf, selects, shownLabels } from "./kubernetes-objects";
import type { KubernetesTarget } from "../target";

/** The policies that decide who reaches a pod. Those for what it sends alone do not. */
const policiesFor = (policies: readonly V1NetworkPolicy[], pod: V1Pod): V1NetworkPolicy[] =>
  policies.filter(({ spec }) => {
    const ingress = spec?.policyTypes?.includes("Ingress") ?? true;
    return ingress && selects(spec?.podSelector, labelsOf(pod));
  });

/** Whether a policy lets in a peer, as far as that can be read: ports are not looked at. */
const letsIn = ({ spec }: V1NetworkPolicy, isMeant: (peer: V1NetworkPolicyPeer) => boolean): boolean =>
  (spec?.ingress ?? []).some(({ _from: from = [] }) => from.length === 0 || from.some(isMeant));

/** Whether a peer may be a pod of the policy's own namespace; addresses are not looked at. */
const pod =
  (labels: Readonly<Record<string, string>>) =>
  ({ ipBlock, podSelector }: V1NetworkPolicyPeer) =>
    ipBlock !== undefined || selects(podSelector, labels);

/** The policies that decide who reaches a pod, where none of them lets in who is meant. */
function keptOut({ policies }: KubernetesFacts, from: V1Pod, isMeant: (peer: V1NetworkPolicyPeer) => boolean) {
  const deciding = policiesFor(policies, from);
  return deciding.some((policy) => letsIn(policy, isMeant)) ? [] : deciding.map(({ metadata }) => metadata?.name ?? "");
}

export const siteKeptOut = (facts: KubernetesFacts, database: V1Pod, site: V1Pod) =>
  keptOut(facts, database, pod(labelsOf(site)));

export const outsideKeptOut = (facts: KubernetesFacts, site: V1Pod) =>
  keptOut(facts, site, ({ ipBlock }) => ipBlock !== undefined);

/**
 * Connects and waits for an answer, MySQL's greeting or that of a page: what only takes connections for it is not it. A packet
 * that is dropped is sent again after a second, and a connection that is made will not be dropped any more.
 */
const connect = (address: string, question: string) => `
$server = @stream_socket_client("tcp://${address}", $errno, $error, 1.5);
if ($server) stream_set_timeout($server, 8);
if ($server) fwrite($server, ${JSON.stringify(question)});
$through = $server && (string) fread($server, 1) !== "";
echo json_encode(["through" => $through, "said" => $through ? "it answered" : ($error ?: "no answer")]);
`;

async function tried(guest: Guest, address: string, question = ""): Promise<{ through: boolean; said: string }> {
  return answerIn(await guest.exec("php", "-r", connect(address, question)));
}

/** An address and a port, as PHP wants them. */
export const addressOf = (pod: V1Pod, port: number): string => {
  const { podIP = "" } = pod.status ?? {};
  return `${podIP.includes(":") ? `[${podIP}]` : podIP}:${port}`;
};

/**
 * Whether policies keep a guest away from an address, once the network plugin has acted on them.
 * @param patience how long that may take, in milliseconds
 * @param question what is sent to have an answer, where the other side does not speak first
 */
export async function keptAway(guest: Guest, address: string, patience: number, question?: string): Promise<boolean> {
  for (const deadline = performance.now() + patience; ; await sleep(200)) {
    if (!(await tried(guest, address, question)).through) return true;
    if (performance.now() > deadline) return false;
  }
}

/**
 * Whether the cluster keeps a pod away from MySQL that is not WordPress. That WordPress gets through is another check.
 * @param patience how long the network plugin may take to act on a new policy, in milliseconds
 */
export async function isolated(
  facts: KubernetesFacts,
  cluster: Cluster,
  target: KubernetesTarget,
  patience = 3000,
): Promise<Verdict> {
  const [database, site] = [certain(chainOf(facts, "mysql").pods[0]), certain(chainOf(facts, "wordpress").pods[0])];
  const address = addressOf(database, mysql.port);
  const policies = policiesFor(facts.policies, database);
  const evidence: Evidence = { address, policies: policies.map(({ metadata }) => metadata?.name) };
  try {
    return await cluster.beside(site, async (guest) => {
      const { through, said } = await tried(guest, address);
      evidence.anotherPod = said;
      if (!through) return passed(evidence);
      // Whether the network plugin does what a policy says, where the policy is one that is surely right.
      await guest.silence();
      evidence.enforced = await keptAway(guest, address, patience);
      return evidence.enforced ? tooWide(facts, database, target, evidence) : notEnforced(target, evidence);
    });
  } catch (error) {
    if (!(error instanceof NoGuest)) throw error;
    const { namespace } = target;
    return open(`${kubectlOf(target)} get events,resourcequotas,limitranges`, {
      en: `This could not be checked, because no other pod could be started in namespace ${namespace}: ${error.message}`,
      ko: `${namespace} 네임스페이스에서 다른 파드를 시작할 수 없어 점검하지 못했습니다: ${error.message}`,
      evidence: { ...evidence, error: error.message },
    });
  }
}

function notEnforced({ context }: KubernetesTarget, evidence: Evidence): Verdict {
  const example = ofMinikube(context) ? "minikube start --profile calico --cni=calico" : "kindnet, Calico, Cilium";
  const next =
    context === ownProfile
      ? {
          en: "You can keep the cluster as it is. Or re-create it with a network plugin that enforces them (posts are lost): npm run destroy -- --cluster, then npm run up",
          ko: "그대로 두어도 됩니다. 네트워크폴리시를 적용하는 네트워크 플러그인으로 클러스터를 새로 만들려면 (글은 사라집니다): npm run destroy -- --cluster 다음에 npm run up",
        }
      : {
          en: `Use a cluster whose network plugin enforces them, for example: ${example}`,
          ko: `네트워크 플러그인이 네트워크폴리시를 적용하는 클러스터를 사용하세요. 예: ${example}`,
        };
  return open(next, {
    en: "This cluster does not enforce NetworkPolicies: another pod got through to MySQL, even while a policy forbade it to send anything.",
    ko: "이 클러스터는 네트워크폴리시를 적용하지 않습니다. 아무것도 보내지 못하게 한 파드도 MySQL에 접속했습니다.",
    evidence,
  });
}

/** Why no policy decides on a pod. */
function undecided({ policies }: KubernetesFacts, pod: V1Pod): Text {
  const each = policies.map(({ metadata, spec }) => {
    const types = spec?.policyTypes?.join(", ") ?? "Ingress";
    return `${metadata?.name} (${types}: ${shownLabels(spec?.podSelector?.matchLabels)})`;
  });
  const [list, labels] = [each.join("; ") || "-", shownLabels(labelsOf(pod))];
  return {
    en: `no NetworkPolicy limits what reaches its pod. Existing policies and what they select: ${list}. Labels of the pod: ${labels}.`,
    ko: `MySQL 파드로 들어오는 연결을 제한하는 네트워크폴리시가 없습니다. 있는 폴리시와 선택하는 레이블: ${list}. 파드의 레이블: ${labels}.`,
  };
}

/** What is wrong with the policies of a cluster that enforces them, where another pod gets through. */
function tooWide(facts: KubernetesFacts, database: V1Pod, target: KubernetesTarget, evidence: Evidence): Verdict {
  const policies = policiesFor(facts.policies, database);
  const name = (policies.find((policy) => letsIn(policy, pod({}))) ?? policies[0])?.metadata?.name;
  const { en, ko } =
    name === undefined
      ? undecided(facts, database)
      : {
          en: `NetworkPolicy ${name} lets in more than WordPress. What one policy lets in, no other keeps out.`,
          ko: `네트워크폴리시 ${name} 설정이 WordPress 말고도 허용합니다. 한 폴리시가 허용하면 다른 폴리시가 막지 못합니다.`,
        };
  const isLabs = name === undefined || name === "mysql-ingress";
  return failed("policy too wide", isLabs ? target.make : keptAndDeleted(`networkpolicy ${name}`, target), {
    en: `Another pod can connect to MySQL: ${en}`,
    ko: `다른 파드가 MySQL에 접속할 수 있습니다. ${ko}`,
    evidence,
  });
}
