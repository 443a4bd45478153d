import { Problem } from "./problem";
import { Case, isReady, quoted, statusesOf } from "./objects";
import { meant, nodeAgain, shortages } from "./refusals";
import { ofMinikube } from "./remedies";
import { Text } from "../../text";

/** A part of the cluster that the lab needs. @param pods names of its pods in kube-system */
const part = (pods: RegExp, en: string, ko: string, why: Text) => ({ pods, name: { en, ko }, why });

const dns = part(/^(?:coredns|kube-dns)-/, "name service (CoreDNS)", "이름 서비스(CoreDNS)", {
  en: "Without it WordPress cannot find the host mysql.",
  ko: "이것이 없으면 WordPress가 mysql 호스트를 찾지 못합니다.",
});

/** Every cluster of minikube has all of them; in other clusters, only existing ones are checked. */
const parts = [
  dns,
  part(/^kube-proxy-/, "proxy (kube-proxy)", "프록시(kube-proxy)", {
    en: "Without it no Service reaches its pods, and the node port stays closed.",
    ko: "이것이 없으면 서비스가 파드에 연결되지 않고 노드포트도 열리지 않습니다.",
  }),
  part(/^storage-provisioner/, "storage provisioner", "스토리지 프로비저너", {
    en: "Without it no claim gets a volume.",
    ko: "이것이 없으면 PVC에 볼륨이 생기지 않습니다.",
  }),
  part(/^kube-scheduler-/, "scheduler (kube-scheduler)", "스케줄러(kube-scheduler)", {
    en: "Without it no new pod gets a node.",
    ko: "이것이 없으면 새 파드가 노드에 배치되지 않습니다.",
  }),
  part(
    /^kube-controller-manager-/,
    "controller manager (kube-controller-manager)",
    "컨트롤러 매니저(kube-controller-manager)",
    {
      en: "Without it no Deployment creates pods, and no Service learns of new ones.",
      ko: "이것이 없으면 디플로이먼트가 파드를 만들지 못하고 서비스도 새 파드를 알지 못합니다.",
    },
  ),
];
/** Parts of the cluster that do not run. */
export function partProblems({ system, lab, services }: Case): Problem[] {
  if (!system) return [];
  const own = ofMinikube(lab.context);
  // The Service of the name service has this name in every cluster.
  const named = services.some(({ metadata }) => metadata?.namespace === "kube-system" && metadata.name === "kube-dns");
  return parts.flatMap((part): Problem[] => {
    const pods = system.filter(({ metadata }) => part.pods.test(metadata?.name ?? ""));
    const wanted = pods.length > 0 || own || (named && part === dns);
    if (!wanted || pods.some(isReady)) return [];
    const said = pods
      .flatMap(statusesOf)
      .map(({ state }) => [state?.waiting?.reason, state?.waiting?.message].filter(Boolean).join(": "))
      .filter(Boolean);
    const kubectl = `kubectl --context ${lab.context} --namespace kube-system`;
    const begin = `minikube start --profile ${lab.context}`;
    const scale = `${kubectl} scale deployment coredns --replicas 1`;
    return [
      {
        cause: "cluster part",
        what: {
          en: `The cluster's ${part.name.en} is not running.`,
          ko: `클러스터의 구성 요소가 실행되지 않습니다: ${part.name.ko}.`,
        },
        why: part.why,
        next:
          part === dns && pods.length === 0
            ? {
                en: `Start it: ${scale}${own ? `; if there is no such Deployment: ${begin}` : ""}`,
                ko: `다시 시작하세요: ${scale}${own ? `. 그런 디플로이먼트가 없다면: ${begin}` : ""}`,
              }
            : own
              ? { en: `Let minikube restore it: ${begin}`, ko: `minikube로 복구하세요: ${begin}` }
              : { en: `Find out why: ${kubectl} describe pods`, ko: `이유를 확인하세요: ${kubectl} describe pods` },
        evidence: said.slice(0, 2).flatMap(quoted),
      },
    ];
  });
}

/** Nodes that are not ready, or under pressure. */
export function nodeProblems(objects: Case): Problem[] {
  return objects.nodes.flatMap(({ metadata, status }): Problem[] => {
    const { name = "" } = metadata ?? {};
    const conditions = status?.conditions ?? [];
    const down = conditions.find(({ type, status }) =>
      type === "Ready" ? status !== "True" : type === "NetworkUnavailable" && status === "True",
    );
    if (down) {
      return [
        {
          cause: "cluster part",
          what: { en: `Node ${name} is not ready.`, ko: `${name} 노드가 준비되지 않았습니다.` },
          why: /cni|network/i.test(`${down.type} ${down.message}`)
            ? { en: "Its network plugin (CNI) does not work.", ko: "네트워크 플러그인(CNI)이 작동하지 않습니다." }
            : { en: "The node reports:", ko: "노드가 보고한 이유는 다음과 같습니다." },
          next: nodeAgain(objects),
          evidence: quoted(down.message),
        },
      ];
    }
    const pressed = conditions.find(({ type, status }) => type.endsWith("Pressure") && status === "True");
    if (!pressed) return [];
    return [
      {
        cause: "cluster part",
        what: { en: `Node ${name} is under pressure.`, ko: `${name} 노드의 리소스가 부족합니다.` },
        ...meant(shortages, pressed.type, objects, "mysql"),
        evidence: quoted(pressed.message),
      },
    ];
  });
}
