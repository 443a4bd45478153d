import type { V1Node, V1Pod } from "@kubernetes/client-node";
import { Text } from "../../text";
import { Problem } from "./problem";
import { brief, Case, isReady, statusesOf } from "./objects";
import { memoryRemedy, ofMinikube, roomRemedy } from "./remedies";

/** A part of the cluster that the lab cannot do without. */
interface Part {
  name: Text;
  /** Whether a pod of kube-system is of it. */
  is: (pod: V1Pod) => boolean;
  /** What does not work without it. */
  why: Text;
  /** What makes it, where kubectl can bring that back. */
  scale?: string;
}

const labelled = (key: string, value: string) => (pod: V1Pod) => pod.metadata?.labels?.[key] === value;

const parts: readonly Part[] = [
  {
    name: { en: "name service (CoreDNS)", ko: "이름 서비스(CoreDNS)" },
    is: labelled("k8s-app", "kube-dns"),
    why: {
      en: "Without it WordPress cannot find the host mysql.",
      ko: "이것이 없으면 WordPress가 mysql 호스트를 찾지 못합니다.",
    },
    scale: "deployment coredns",
  },
  {
    name: { en: "proxy (kube-proxy)", ko: "프록시(kube-proxy)" },
    is: labelled("k8s-app", "kube-proxy"),
    why: {
      en: "Without it no Service reaches its pods, and the node port stays closed.",
      ko: "이것이 없으면 서비스가 파드에 연결되지 않고 노드포트도 열리지 않습니다.",
    },
  },
  {
    name: { en: "storage provisioner", ko: "스토리지 프로비저너" },
    is: ({ metadata }) => /^storage-provisioner/.test(metadata?.name ?? ""),
    why: { en: "Without it no claim gets a volume.", ko: "이것이 없으면 PVC에 볼륨이 생기지 않습니다." },
  },
  {
    name: { en: "scheduler (kube-scheduler)", ko: "스케줄러(kube-scheduler)" },
    is: labelled("component", "kube-scheduler"),
    why: { en: "Without it no new pod gets a node.", ko: "이것이 없으면 새 파드가 노드에 배치되지 않습니다." },
  },
  {
    name: { en: "controller manager (kube-controller-manager)", ko: "컨트롤러 매니저(kube-controller-manager)" },
    is: labelled("component", "kube-controller-manager"),
    why: {
      en: "Without it no Deployment creates pods, and no Service learns of new ones.",
      ko: "이것이 없으면 디플로이먼트가 파드를 만들지 못하고 서비스도 새 파드를 알지 못합니다.",
    },
  },
  {
    name: { en: "network plugin (CNI)", ko: "네트워크 플러그인(CNI)" },
    is: ({ metadata }) =>
      /^(?:kindnet|calico-node|kube-flannel|cilium|weave-net|antrea-agent)-/.test(metadata?.name ?? ""),
    why: { en: "Without it no pod gets an address.", ko: "이것이 없으면 파드가 IP 주소를 받지 못합니다." },
  },
];

/** Those that every cluster of minikube has; of another one, only what is there can be missed. */
const always = parts.slice(0, 5);

/** Parts of the cluster itself that do not run. */
export function partProblems(objects: Case): Problem[] {
  const { system, lab, services } = objects;
  if (!system) return [];
  const own = ofMinikube(lab.context);
  // What the name service is called is its Service's in every cluster.
  const named = services.some(({ metadata }) => metadata?.namespace === "kube-system" && metadata.name === "kube-dns");
  return parts.flatMap((part): Problem[] => {
    const pods = system.filter(part.is);
    const wanted = pods.length > 0 || (own && always.includes(part)) || (named && part === parts[0]);
    if (!wanted || pods.some(isReady)) return [];
    const said = pods
      .flatMap(statusesOf)
      .map(({ state }) => [state?.waiting?.reason, state?.waiting?.message].filter(Boolean).join(": "))
      .filter(Boolean);
    const kubectl = `kubectl --context ${lab.context} --namespace kube-system`;
    const begin = `minikube start --profile ${lab.context}`;
    const scale = part.scale && pods.length === 0 ? `${kubectl} scale ${part.scale} --replicas 1` : undefined;
    return [
      {
        cause: "cluster part",
        what: {
          en: `The cluster's ${part.name.en} is not running.`,
          ko: `클러스터의 구성 요소가 실행되지 않습니다: ${part.name.ko}.`,
        },
        why: part.why,
        next: scale
          ? {
              en: `Start it: ${scale}${own ? `; if there is no such Deployment: ${begin}` : ""}`,
              ko: `다시 시작하세요: ${scale}${own ? `. 그런 디플로이먼트가 없다면: ${begin}` : ""}`,
            }
          : own
            ? { en: `Let minikube restore it: ${begin}`, ko: `minikube로 복구하세요: ${begin}` }
            : { en: `Find out why: ${kubectl} describe pods`, ko: `이유를 확인하세요: ${kubectl} describe pods` },
        evidence: said.slice(0, 2).map((text) => brief(text)),
      },
    ];
  });
}

/** What a node's condition means for the lab. */
const pressures: { type: string; why: Text; next: (objects: Case) => Text }[] = [
  {
    type: "DiskPressure",
    why: { en: "Its disk is almost full, so it evicts pods.", ko: "디스크가 거의 가득 차서 파드가 축출(evict)됩니다." },
    next: (objects) => roomRemedy(objects, "mysql"),
  },
  {
    type: "MemoryPressure",
    why: {
      en: "It has almost no memory left, so it evicts pods.",
      ko: "메모리가 거의 남지 않아 파드가 축출(evict)됩니다.",
    },
    next: ({ lab, edition }) => memoryRemedy(lab.context, edition),
  },
  {
    type: "PIDPressure",
    why: { en: "It has too many processes, so it evicts pods.", ko: "프로세스가 너무 많아 파드가 축출(evict)됩니다." },
    next: ({ lab, edition }) => memoryRemedy(lab.context, edition),
  },
  {
    type: "NetworkUnavailable",
    why: { en: "Its network is not set up.", ko: "네트워크가 설정되지 않았습니다." },
    next: ({ lab }) => {
      const pods = `kubectl --context ${lab.context} get pods --all-namespaces`;
      return {
        en: `Check the pods of the network plugin: ${pods}`,
        ko: `네트워크 플러그인의 파드를 확인하세요: ${pods}`,
      };
    },
  },
];

/** Nodes under pressure, or that are not ready. */
export function nodeProblems(objects: Case): Problem[] {
  const { lab } = objects;
  return objects.nodes.flatMap((node: V1Node): Problem[] => {
    const conditions = node.status?.conditions ?? [];
    const name = node.metadata?.name ?? "";
    const pressed = pressures.flatMap(({ type, why, next }) => {
      const found = conditions.find((one) => one.type === type && one.status === "True");
      return found
        ? [{ found, why, next: next(objects), what: { en: "is under pressure", ko: "노드의 자원이 부족합니다" } }]
        : [];
    });
    const ready = conditions.find(({ type }) => type === "Ready");
    const describe = `kubectl --context ${lab.context} describe node ${name}`;
    const restart = `minikube stop --profile ${lab.context}; minikube start --profile ${lab.context}`;
    const down =
      ready && ready.status !== "True"
        ? [
            {
              found: ready,
              what: { en: "is not ready", ko: "노드가 준비되지 않았습니다" },
              why: /cni|network/i.test(ready.message ?? "")
                ? { en: "Its network plugin (CNI) does not work.", ko: "네트워크 플러그인(CNI)이 작동하지 않습니다." }
                : { en: "The node reports:", ko: "노드가 보고한 이유는 다음과 같습니다." },
              next: ofMinikube(lab.context)
                ? {
                    en: `Restart it (stored data is kept): ${restart}`,
                    ko: `노드를 다시 시작하세요 (저장된 데이터는 유지됩니다): ${restart}`,
                  }
                : { en: `See the details: ${describe}`, ko: `자세한 내용 확인: ${describe}` },
            },
          ]
        : [];
    return [...down, ...pressed].slice(0, 1).map(({ found, what, why, next }) => ({
      cause: "cluster part" as const,
      what: { en: `Node ${name} ${what.en}.`, ko: `${name} ${what.ko}.` },
      why,
      next,
      evidence: found.message ? [brief(found.message)] : [],
    }));
  });
}
