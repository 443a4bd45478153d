import { stringify } from "yaml";
import { seatObjects } from "../../components/names";
import { SeatOutputs } from "../../outputs";
import { LabError, Text } from "../../text";
import { ClusterApi, inTime, orNothing } from "../cluster/api";
import { ClusterChoice } from "../cluster/kubeconfig";
import { ofMinikube } from "../causes/remedies";

/** Why other machines cannot reach the address of a cluster's API; undefined if they may. */
export function unreachableFromOutside(server: string, { kubeContext }: ClusterChoice): Text | undefined {
  const { hostname, port } = new URL(server);
  const host = hostname.replace(/^\[|\]$/g, "");
  const loopback = /^(127\.|0\.0\.0\.0$|::1$|localhost$|host\.docker\.internal$|kubernetes\.docker\.internal$)/.test(
    host,
  );
  const inside = ofMinikube(kubeContext) && /^(192\.168|172\.(1[6-9]|2\d|3[01])|10)\./.test(host);
  if (!loopback && !inside) return undefined;
  const own = `https://THIS-MACHINE:${port || "443"}`;
  const minikube: Text = ofMinikube(kubeContext)
    ? {
        en: " minikube accepts other machines only if its cluster is created for that: minikube start --listen-address=0.0.0.0 --apiserver-ips=THIS-MACHINE, with this machine's address.",
        ko: " minikube는 클러스터를 만들 때 이 컴퓨터의 주소를 지정해야 다른 컴퓨터에서 접속할 수 있습니다: minikube start --listen-address=0.0.0.0 --apiserver-ips=이-컴퓨터의-주소.",
      }
    : { en: "", ko: "" };
  return {
    en: `The cluster's API is at ${server}, which only this machine can reach, so students on other machines could not use their seats.${minikube.en} Use a cluster that the class can reach (course-labs:kubeContext), or specify the address at which others reach this one: --server ${own}. To try it on this machine only: --here`,
    ko: `클러스터 API의 주소 ${server}에는 이 컴퓨터에서만 접속할 수 있어 다른 컴퓨터의 학생은 자리를 쓸 수 없습니다.${minikube.ko} 반 전체가 접속할 수 있는 클러스터를 쓰거나(course-labs:kubeContext) 다른 컴퓨터에서 접속할 수 있는 주소를 지정하세요: --server ${own}. 이 컴퓨터에서만 시험하려면: --here`,
  };
}

/** Access to a seat, until it ends by itself. */
export interface Access {
  token: string;
  ends: Date;
}

/**
 * Requests access to a seat. The cluster may grant less time than requested.
 * @see https://kubernetes.io/docs/reference/kubernetes-api/authentication-resources/token-request-v1/
 */
export async function accessOf({ core }: ClusterApi, { namespace }: SeatOutputs, hours: number): Promise<Access> {
  const body = { spec: { audiences: [], expirationSeconds: Math.round(hours * 3600) } };
  const question = core.createNamespacedServiceAccountToken({ name: seatObjects.account, namespace, body });
  const made = await orNothing(question);
  if (!made?.status) throw noSeat(namespace);
  return { token: made.status.token, ends: new Date(made.status.expirationTimestamp) };
}

const noSeat = (namespace: string) =>
  new LabError({
    en: `There is no ServiceAccount ${seatObjects.account} in namespace ${namespace}: the seat was deleted by hand, or an interrupted run did not create it. To create it: npm run up`,
    ko: `${namespace} 네임스페이스에 ${seatObjects.account} 서비스어카운트가 없습니다. 자리를 직접 지웠거나, 실행이 중단되어 만들지 못했습니다. 만들려면: npm run up`,
  });

/**
 * Ends all access to a seat at once: its account is re-created, and a token is valid only for the account that it was created
 * for. The contents of the seat are kept.
 */
export async function revoke({ core }: ClusterApi, { namespace }: SeatOutputs): Promise<void> {
  const name = seatObjects.account;
  const account = await orNothing(core.readNamespacedServiceAccount({ name, namespace }));
  if (!account) throw noSeat(namespace);
  const { labels, annotations } = account.metadata ?? {};
  await orNothing(core.deleteNamespacedServiceAccount({ name, namespace }));
  const { automountServiceAccountToken } = account;
  const body = { metadata: { name, namespace, labels, annotations }, automountServiceAccountToken };
  await inTime(core.createNamespacedServiceAccount({ namespace, body }));
}

/** The location of a cluster, for another user's kubeconfig. */
export interface Server {
  server: string;
  /** The CA of its certificate; missing if every machine knows it. */
  ca?: Buffer;
}

/** A kubeconfig with nothing but one seat. */
export function kubeconfigOf({ server, ca }: Server, { seat, namespace }: SeatOutputs, { token }: Access): string {
  const cluster = { server, ...(ca && { "certificate-authority-data": ca.toString("base64") }) };
  return stringify({
    apiVersion: "v1",
    kind: "Config",
    clusters: [{ name: "class", cluster }],
    users: [{ name: seat, user: { token } }],
    contexts: [{ name: namespace, context: { cluster: "class", user: seat, namespace } }],
    "current-context": namespace,
  });
}
