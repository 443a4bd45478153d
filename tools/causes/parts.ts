import type { V1Node, V1Pod } from "@kubernetes/client-node";
import { Text } from "../../text";
import { Finding } from "./finding";
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
      en: "Without it WordPress does not find the host mysql.",
      ko: "없으면 WordPress가 mysql 호스트를 찾지 못합니다.",
    },
    scale: "deployment coredns",
  },
  {
    name: { en: "proxy (kube-proxy)", ko: "프록시(kube-proxy)" },
    is: labelled("k8s-app", "kube-proxy"),
    why: {
      en: "Without it no Service leads to its pods, and the node port does not open.",
      ko: "없으면 서비스가 파드로 이어지지 않고 노드 포트도 열리지 않습니다.",
    },
  },
  {
    name: { en: "storage provisioner", ko: "스토리지 프로비저너" },
    is: ({ metadata }) => /^storage-provisioner/.test(metadata?.name ?? ""),
    why: { en: "Without it no claim gets a volume.", ko: "없으면 볼륨 클레임에 볼륨이 생기지 않습니다." },
  },
  {
    name: { en: "scheduler (kube-scheduler)", ko: "스케줄러(kube-scheduler)" },
    is: labelled("component", "kube-scheduler"),
    why: { en: "Without it no new pod gets a node.", ko: "없으면 새 파드에 노드가 정해지지 않습니다." },
  },
  {
    name: { en: "controllers (kube-controller-manager)", ko: "컨트롤러(kube-controller-manager)" },
    is: labelled("component", "kube-controller-manager"),
    why: {
      en: "Without them no Deployment makes a pod, and no Service learns of one.",
      ko: "없으면 디플로이먼트가 파드를 만들지 않고 서비스도 파드를 알지 못합니다.",
    },
  },
  {
    name: { en: "network plugin (CNI)", ko: "네트워크 플러그인(CNI)" },
    is: ({ metadata }) =>
      /^(?:kindnet|calico-node|kube-flannel|cilium|weave-net|antrea-agent)-/.test(metadata?.name ?? ""),
    why: { en: "Without it no pod gets an address.", ko: "없으면 파드가 주소를 받지 못합니다." },
  },
];

/** Those that every cluster of minikube has; of another one, only what is there can be missed. */
const always = parts.slice(0, 5);

/** Parts of the cluster itself that do not run. */
export function partFindings(objects: Case): Finding[] {
  const { system, lab, services } = objects;
  if (!system) return [];
  const own = ofMinikube(lab.context);
  // What the name service is called is its Service's in every cluster.
  const named = services.some(({ metadata }) => metadata?.namespace === "kube-system" && metadata.name === "kube-dns");
  return parts.flatMap((part): Finding[] => {
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
          en: `The cluster's ${part.name.en} does not run.`,
          ko: `클러스터의 ${part.name.ko} 실행이 멈춰 있습니다.`,
        },
        why: part.why,
        next: scale
          ? {
              en: `Start it: ${scale}${own ? `; where there is no such Deployment: ${begin}` : ""}`,
              ko: `시작하세요: ${scale}${own ? `. 그런 디플로이먼트가 없다면: ${begin}` : ""}`,
            }
          : own
            ? { en: `Have minikube make it again: ${begin}`, ko: `minikube가 다시 만들게 하세요: ${begin}` }
            : { en: `See why: ${kubectl} describe pods`, ko: `이유를 확인하세요: ${kubectl} describe pods` },
        evidence: said.slice(0, 2).map((text) => brief(text)),
      },
    ];
  });
}

/** What a node's condition means for the lab. */
const pressures: { type: string; why: Text; next: (objects: Case) => Text }[] = [
  {
    type: "DiskPressure",
    why: { en: "Its disk is almost full: pods are put off it.", ko: "디스크가 거의 차서 파드가 내쫓깁니다." },
    next: (objects) => roomRemedy(objects, "mysql"),
  },
  {
    type: "MemoryPressure",
    why: { en: "It has almost no memory left: pods are put off it.", ko: "메모리가 거의 없어 파드가 내쫓깁니다." },
    next: ({ lab, edition }) => memoryRemedy(lab.context, edition),
  },
  {
    type: "PIDPressure",
    why: { en: "It has too many processes: pods are put off it.", ko: "프로세스가 너무 많아 파드가 내쫓깁니다." },
    next: ({ lab, edition }) => memoryRemedy(lab.context, edition),
  },
  {
    type: "NetworkUnavailable",
    why: { en: "Its network is not set up.", ko: "네트워크가 설정되지 않았습니다." },
    next: ({ lab }) => {
      const pods = `kubectl --context ${lab.context} get pods --all-namespaces`;
      return {
        en: `See the pods of the network plugin: ${pods}`,
        ko: `네트워크 플러그인의 파드를 확인하세요: ${pods}`,
      };
    },
  },
];

/** Nodes under pressure, or that are not ready. */
export function nodeFindings(objects: Case): Finding[] {
  const { lab } = objects;
  return objects.nodes.flatMap((node: V1Node): Finding[] => {
    const conditions = node.status?.conditions ?? [];
    const name = node.metadata?.name ?? "";
    const pressed = pressures.flatMap(({ type, why, next }) => {
      const found = conditions.find((one) => one.type === type && one.status === "True");
      return found
        ? [{ found, why, next: next(objects), what: { en: "is under pressure", ko: "자원이 부족합니다" } }]
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
              what: { en: "is not ready", ko: "준비되지 않았습니다" },
              why: /cni|network/i.test(ready.message ?? "")
                ? { en: "Its network plugin (CNI) does not work.", ko: "네트워크 플러그인(CNI)이 작동하지 않습니다." }
                : { en: "It says why:", ko: "이유는 노드가 알려 줍니다:" },
              next: ofMinikube(lab.context)
                ? {
                    en: `Start it anew, what is stored stays: ${restart}`,
                    ko: `다시 시작하세요 (저장된 것은 남습니다): ${restart}`,
                  }
                : { en: `See more: ${describe}`, ko: `더 보기: ${describe}` },
            },
          ]
        : [];
    return [...down, ...pressed].slice(0, 1).map(({ found, what, why, next }) => ({
      cause: "cluster part" as const,
      what: { en: `Node ${name} ${what.en}.`, ko: `노드 ${name}: ${what.ko}.` },
      why,
      next,
      evidence: found.message ? [brief(found.message)] : [],
    }));
  });
}
