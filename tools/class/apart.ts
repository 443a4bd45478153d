import type { V1Pod } from "@kubernetes/client-node";
import { wordpress } from "../../components/wordpress-app";
import { Text } from "../../text";
import type { Cluster } from "../checks/facts/kubernetes";
import { Unreachable } from "../checks/facts/unreachable";
import { addressOf, keptAway } from "../checks/labs/kubernetes-isolation";

/** Whether the cluster's network enforces NetworkPolicies. */
export type Apart = "kept apart" | "not kept apart" | "not known";

/**
 * Measures whether seats are kept apart: a guest in a seat requests a page from a pod outside of it, which the seat's policy
 * forbids. That it can resolve names shows that its network works at all.
 * @param seat the cluster, with the seat for the lab's namespace
 * @param outside a ready WordPress outside of every seat, whose image the guest has as well
 * @param patience how long a network plugin may take to learn of the guest, in milliseconds
 */
export async function measureApart(
  { beside }: Pick<Cluster, "beside">,
  outside: V1Pod | undefined,
  patience = 10_000,
): Promise<Apart> {
  if (outside === undefined) return "not known";
  try {
    return await beside(outside, async (guest) => {
      const question = "GET / HTTP/1.0\r\n\r\n";
      if (!(await keptAway(guest, addressOf(outside, wordpress.port), patience, question))) return "not kept apart";
      const { code } = await guest.exec("getent", "hosts", "kubernetes.default");
      return code === 0 ? "kept apart" : "not known";
    });
  } catch (error) {
    // A full seat, or a guest that cannot be reached, says nothing about the network.
    if (error instanceof Unreachable) return "not known";
    throw error;
  }
}

/** The result of the measurement. */
export const apartText: Record<Apart, Text> = {
  "kept apart": {
    en: "Network: measured. A pod of a seat cannot reach pods outside of it.",
    ko: "네트워크: 측정했습니다. 한 자리의 파드는 자리 밖의 파드에 접속하지 못합니다.",
  },
  "not kept apart": {
    en: "Network: NOT kept apart. This cluster's network plugin does not enforce NetworkPolicies: a pod of one seat can reach the pods of another, including databases (which still ask for their passwords). Everything else that keeps seats apart works. To change this, use another cluster whose network plugin enforces them, such as Calico or Cilium; the plugin is chosen when a cluster is created. With minikube: minikube start --profile calico --cni=calico, then course-labs:kubeContext: calico",
    ko: "네트워크: 서로 막히지 않습니다. 이 클러스터의 네트워크 플러그인은 네트워크폴리시를 적용하지 않아서 한 자리의 파드가 다른 자리의 파드와 데이터베이스에 접속할 수 있습니다(데이터베이스의 암호는 여전히 필요합니다). 자리를 분리하는 나머지는 모두 작동합니다. 바꾸려면 네트워크폴리시를 적용하는 다른 클러스터(예: Calico, Cilium)를 쓰세요. 네트워크 플러그인은 클러스터를 만들 때 정해집니다. minikube라면: minikube start --profile calico --cni=calico를 실행하고 course-labs:kubeContext: calico를 설정하세요.",
  },
  "not known": {
    en: "Network: could not measure whether this cluster's network plugin enforces NetworkPolicies (the test pod did not run, or the teacher's own WordPress is not ready). Run the command again when WordPress is ready.",
    ko: "네트워크: 이 클러스터의 네트워크 플러그인이 네트워크폴리시를 적용하는지 측정하지 못했습니다(측정용 파드가 실행되지 않았거나 교사의 WordPress가 준비되지 않았습니다). WordPress가 준비된 뒤 다시 실행하세요.",
  },
};
