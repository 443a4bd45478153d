import { Text } from "../../../text";
import { both, escaped } from "./markup";
import type { Scene, SceneContainer, SceneWorkload } from "./model";

const words = {
  network: { en: "Docker, network", ko: "Docker 네트워크" },
  cluster: { en: "Kubernetes, context", ko: "쿠버네티스 컨텍스트" },
  namespace: { en: "namespace", ko: "네임스페이스" },
  noService: { en: "no Service", ko: "서비스 없음" },
  noPod: { en: "no Pod", ko: "파드 없음" },
  published: { en: "forwards to", ko: "전달" },
  selects: { en: "selects", ko: "선택" },
  selectsNone: { en: "selects no ready pod", ko: "준비된 파드 없음" },
  creates: { en: "creates", ko: "생성" },
  stores: { en: "stores data in", ko: "데이터 저장" },
  connects: { en: "connects to", ko: "연결 대상:" },
  good: { en: "running or ready", ko: "실행 중 또는 준비됨" },
  bad: { en: "missing or not ready", ko: "없거나 준비되지 않음" },
  port: { en: "port or Service", ko: "포트 또는 서비스" },
  plain: { en: "controller", ko: "컨트롤러" },
  store: { en: "volume or claim", ko: "볼륨 또는 PVC" },
} satisfies Record<string, Text>;

type Kind = "good" | "bad" | "port" | "plain" | "store";

/** A box with lines of HTML; the first line is its name. */
const card = (kind: Kind, [name = "", ...lines]: string[]) =>
  `<div class="card ${kind}"><b>${name}</b>${lines.map((line) => `<div>${line}</div>`).join("")}</div>`;

const arrow = (label: Text, kind = "") => `<div class="arrow ${kind}">${both(label)}</div>`;

const frame = (title: string, columns: string[]) =>
  `<div class="frame"><h3>${title}</h3><div class="columns">\n${columns.map((one) => `<div class="column">${one}</div>`).join("\n")}\n</div></div>`;

function containerColumn({ name, image, status, running, ports, addresses, stores }: SceneContainer): string {
  const store = stores.flatMap((one) => [one.name, one.path]);
  return [
    ...(ports.length > 0 ? [card("port", ports.map(escaped)), arrow(words.published)] : []),
    card(running ? "good" : "bad", [name, image, status, ...addresses].map(escaped)),
    ...(stores.length > 0 ? [arrow(words.stores), card("store", store.map(escaped))] : []),
  ].join("");
}

/** A Service selects pods; a Deployment creates them through a ReplicaSet. Neither knows about the other. */
function workloadColumn({ service, deployment, replicaSet, pods, claims, database }: SceneWorkload): string {
  const reaches = pods.some(({ reached }) => reached);
  const left = service
    ? card(reaches ? "port" : "bad", `Service ${service}`.split(" · ").map(escaped)) +
      (reaches ? arrow(words.selects, "long") : arrow(words.selectsNone, "long none"))
    : card("bad", [both(words.noService)]);
  const right =
    card(deployment ? "plain" : "bad", ["Deployment", escaped(deployment ?? "—")]) +
    arrow(words.creates) +
    card(replicaSet ? "plain" : "bad", ["ReplicaSet", escaped(replicaSet ?? "—")]) +
    (pods.length > 0 ? arrow(words.creates) : "");
  const connects = database === undefined ? [] : [`${both(words.connects)} ${escaped(database)}`];
  const cards = pods.map(({ name, ready, image, address }) =>
    card(ready ? "good" : "bad", [...[`Pod ${name}`, image, address].map(escaped), ...connects]),
  );
  return [
    `<div class="pair"><div>${left}</div><div>${right}</div></div>`,
    ...(cards.length > 0 ? cards : [card("bad", [both(words.noPod)])]),
    ...(claims.length > 0
      ? [arrow(words.stores), card("store", ["PersistentVolumeClaim", ...claims.map(escaped)])]
      : []),
  ].join("");
}

const style = `
#drawing { font-size: 13px; overflow-wrap: anywhere; }
#drawing .frame { border: 1px solid var(--line); border-radius: 8px; background: var(--soft); padding: .6rem; margin: .8rem 0; break-inside: avoid; }
#drawing h3 { font-size: 14px; margin: 0 0 .5rem; } #drawing .columns { display: flex; flex-wrap: wrap; gap: 1rem; }
#drawing .column { flex: 1 1 17rem; max-width: 34rem; min-width: 0; }
#drawing .pair { display: flex; gap: .5rem; } #drawing .pair > div { flex: 1; min-width: 0; display: flex; flex-direction: column; }
#drawing .card { border: 1.5px solid var(--quiet); border-radius: 6px; padding: .3rem .5rem; background: var(--page); }
#drawing .card + .card { margin-top: .3rem; }
#drawing .good { border-color: var(--good); } #drawing .bad { border: 1.5px dashed var(--bad); }
#drawing .port { border-color: var(--link); } #drawing .store { border-color: var(--open); border-left-width: 5px; }
#drawing .arrow { position: relative; margin: 0 0 0 1.5rem; padding: .25rem .6rem .4rem; border-left: 1.5px solid var(--quiet); color: var(--quiet); font-size: 12px; }
#drawing .arrow::after { content: ""; position: absolute; left: -5px; bottom: 0; border: 4px solid transparent; border-top: 6px solid var(--quiet); border-bottom: 0; }
#drawing .long { flex: 1; } #drawing .none { border-left-style: dashed; color: var(--bad); margin-bottom: 1rem; } #drawing .none::after { display: none; }
#drawing .legend { display: flex; flex-wrap: wrap; gap: .4rem; font-size: 12px; } #drawing .legend .card { margin: 0; padding: 0 .5rem; }
#drawing .legend b { font-weight: 400; }`;

const legend = (["good", "bad", "port", "plain", "store"] as const).map((kind) => card(kind, [both(words[kind])]));

/** Draws what runs where as HTML boxes, which fit on a phone, too, in the colours of the page. */
export function drawing({ containers, cluster }: Scene): string {
  const networks = [...new Set(containers.map(({ network }) => network))];
  const frames = networks.map((network) => {
    const own = containers.filter((container) => container.network === network);
    return frame(`${both(words.network)} ${escaped(network)}`, own.map(containerColumn));
  });
  if (cluster) {
    const title = `${both(words.cluster)} ${escaped(cluster.context)}, ${both(words.namespace)} ${escaped(cluster.namespace)}`;
    frames.push(frame(title, cluster.workloads.map(workloadColumn)));
  }
  return `<div id="drawing">
<style>${style}</style>
${frames.join("\n")}
<div class="legend">${legend.join("")}</div>
</div>`;
}
