import { randomBytes } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { SeatOutputs } from "../../outputs";
import { Text } from "../../text";
import { ClusterApi, inTime, orNothing } from "../cluster/api";

/** Whether the cluster's network keeps what NetworkPolicies forbid. */
export type Apart = "kept apart" | "not kept apart" | "not known";

/** How long the probe may take, with its image on the node, in milliseconds. */
const patience = 45_000;

/**
 * Measures whether seats are kept apart: a pod in a seat asks a pod outside of it for a page, which the seat's policy
 * forbids. That it can ask for names shows that its network works at all.
 * @param target address of a pod that serves a page, outside of every seat
 * @param image an image with curl that the cluster has, such as that of WordPress
 */
export async function measureApart(
  { core }: ClusterApi,
  { namespace }: SeatOutputs,
  target: string | undefined,
  image: string,
): Promise<Apart> {
  if (target === undefined) return "not known";
  const name = `class-probe-${randomBytes(3).toString("hex")}`;
  // A network plugin learns of a new pod a moment after it starts: what gets through then may be stopped later.
  const script = [
    "getent hosts kubernetes.default >/dev/null && echo names",
    `for try in 1 2 3 4 5; do curl -sS -m 4 -o /dev/null http://${target}/ || exit 0; sleep 2; done`,
    "echo through",
  ].join("\n");
  const securityContext = { allowPrivilegeEscalation: false, capabilities: { drop: ["ALL"] } };
  const body = {
    metadata: { name },
    spec: {
      restartPolicy: "Never",
      automountServiceAccountToken: false,
      terminationGracePeriodSeconds: 0,
      activeDeadlineSeconds: patience / 1000,
      securityContext: { runAsNonRoot: true, runAsUser: 33, seccompProfile: { type: "RuntimeDefault" } },
      containers: [{ name: "probe", image, command: ["sh", "-c", script], securityContext }],
    },
  };
  try {
    await inTime(core.createNamespacedPod({ namespace, body }));
    for (const end = Date.now() + patience; Date.now() < end; await sleep(500)) {
      const { status } = await inTime(core.readNamespacedPodStatus({ namespace, name }));
      if (status?.phase !== "Succeeded") continue;
      const said = await inTime(core.readNamespacedPodLog({ namespace, name }));
      if (said.includes("through")) return "not kept apart";
      return said.includes("names") ? "kept apart" : "not known";
    }
    return "not known";
  } catch {
    // A seat that is full, or an image that it cannot get: that says nothing of the network.
    return "not known";
  } finally {
    // Where that fails, the pod ends by itself at its deadline.
    await orNothing(core.deleteNamespacedPod({ namespace, name })).catch(() => undefined);
  }
}

/** What was measured, plainly. */
export const apartText: Record<Apart, Text> = {
  "kept apart": {
    en: "Network: measured. A pod of a seat does not reach pods outside of it.",
    ko: "네트워크: 측정했습니다. 한 자리의 파드는 자리 밖의 파드에 닿지 못합니다.",
  },
  "not kept apart": {
    en: "Network: NOT kept apart. This cluster's network plugin does not enforce NetworkPolicies: a pod of one seat reaches the pods of another, databases too (passwords still hold). Everything else that keeps seats apart works. To change it, use a cluster whose network enforces them: Calico, Cilium, or on minikube --cni=calico.",
    ko: "네트워크: 서로 막히지 않습니다. 이 클러스터의 네트워크 플러그인은 NetworkPolicy를 적용하지 않아서 한 자리의 파드가 다른 자리의 파드와 데이터베이스에 닿습니다(암호는 그대로 필요합니다). 자리를 막는 다른 것은 모두 작동합니다. 바꾸려면 적용하는 네트워크를 쓰세요: Calico, Cilium, minikube라면 --cni=calico.",
  },
  "not known": {
    en: "Network: not measured, whether this cluster's network plugin enforces NetworkPolicies (the probe's pod did not run, or the teacher's own WordPress is not ready). Run the command again once it is.",
    ko: "네트워크: 이 클러스터의 네트워크 플러그인이 NetworkPolicy를 적용하는지 측정하지 못했습니다(측정용 파드가 실행되지 않았거나 선생님의 WordPress가 준비되지 않았습니다). 준비된 뒤 다시 실행하세요.",
  },
};
