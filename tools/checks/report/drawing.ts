import stringWidth from "string-width";
import { escaped } from "./markup";

export interface SceneContainer {
  name: string;
  image: string;
  status: string;
  running: boolean;
  ports: string[];
  network: string;
  addresses: string[];
  stores: { name: string; path: string }[];
}

export interface SceneWorkload {
  service?: string;
  deployment?: string;
  replicaSet?: string;
  pods: { name: string; ready: boolean; reached: boolean; image: string; address: string }[];
  claims: string[];
}

/** What runs where. */
export interface Scene {
  containers: SceneContainer[];
  cluster?: { context: string; namespace: string; workloads: SceneWorkload[] };
}

const box = { width: 320, gap: 24, line: 18, pad: 12 };

/** Cut to what fits in a box: a bold character is eight units wide, a Korean one sixteen. */
function cut(text: string, width = box.width - 2 * box.pad): string {
  if (stringWidth(text) * 8 <= width) return text;
  let short = text;
  while (stringWidth(short) * 8 > width - 8) short = short.slice(0, -1);
  return `${short}…`;
}

interface Drawn {
  svg: string;
  width: number;
  height: number;
}

/** A box with lines of text; the first line is its name. */
function card(lines: string[], kind: string, x: number, y: number): Drawn {
  const height = lines.length * box.line + 2 * box.pad - 4;
  const text = lines
    .map(
      (line, i) =>
        `<text x="${x + box.pad}" y="${y + box.pad + 11 + i * box.line}" class="${i === 0 ? "name" : "line"}">${escaped(cut(line))}</text>`,
    )
    .join("");
  const shape = `<rect x="${x}" y="${y}" width="${box.width}" height="${height}" rx="8" class="${kind}"/>`;
  return { svg: `<g>${shape}${text}<title>${escaped(lines.join("\n"))}</title></g>`, width: box.width, height };
}

const arrow = (x: number, from: number, to: number) =>
  `<line x1="${x}" y1="${from}" x2="${x}" y2="${to}" class="arrow" marker-end="url(#tip)"/>`;

/** Boxes below each other, joined by arrows. */
function column(cards: { lines: string[]; kind: string }[], x: number, y: number): Drawn {
  let [svg, at] = ["", y];
  for (const [i, { lines, kind }] of cards.entries()) {
    if (i > 0) {
      svg += arrow(x + box.width / 2, at, at + box.gap);
      at += box.gap;
    }
    const drawn = card(lines, kind, x, at);
    svg += drawn.svg;
    at += drawn.height;
  }
  return { svg, width: box.width, height: at - y };
}

/** A frame around columns. */
function frame(title: string, columns: { lines: string[]; kind: string }[][], x: number, y: number): Drawn {
  let [inner, width, height] = ["", box.pad, 0];
  for (const cards of columns) {
    const drawn = column(cards, x + width, y + 34);
    inner += drawn.svg;
    width += drawn.width + box.pad;
    height = Math.max(height, drawn.height);
  }
  const whole = { width, height: height + 34 + box.pad };
  const shape = `<rect x="${x}" y="${y}" width="${whole.width}" height="${whole.height}" rx="10" class="frame"/>`;
  const name = `<text x="${x + box.pad}" y="${y + 22}" class="title">${escaped(cut(title, whole.width - 2 * box.pad))}</text>`;
  return { svg: `<g>${shape}${name}${inner}</g>`, ...whole };
}

const containerColumn = ({ name, image, status, running, ports, addresses, stores }: SceneContainer) => [
  ...(ports.length > 0 ? [{ lines: ports, kind: "port" }] : []),
  { lines: [name, image, status, ...addresses], kind: running ? "good" : "bad" },
  ...(stores.length > 0 ? [{ lines: stores.flatMap((store) => [store.name, store.path]), kind: "store" }] : []),
];

const workloadColumn = ({ service, deployment, replicaSet, pods, claims }: SceneWorkload) => [
  ...(service
    ? [{ lines: `Service ${service}`.split(" · "), kind: pods.some(({ reached }) => reached) ? "port" : "bad" }]
    : []),
  { lines: [`Deployment ${deployment ?? "—"}`, `ReplicaSet ${replicaSet ?? "—"}`], kind: deployment ? "plain" : "bad" },
  ...pods.map(({ name, ready, image, address }) => ({
    lines: [`Pod ${name}`, image, address],
    kind: ready ? "good" : "bad",
  })),
  ...(claims.length > 0 ? [{ lines: claims, kind: "store" }] : []),
];

/** Draws what runs where as SVG that needs nothing from outside. */
export function drawing({ containers, cluster }: Scene): string {
  const margin = 16;
  let [svg, y, width] = ["", margin, 0];
  const add = (drawn: Drawn) => {
    svg += drawn.svg;
    y += drawn.height + margin;
    width = Math.max(width, drawn.width);
  };
  const networks = [...new Set(containers.map(({ network }) => network))];
  for (const network of networks) {
    const own = containers.filter((container) => container.network === network);
    add(frame(`Docker · network ${network}`, own.map(containerColumn), margin, y));
  }
  if (cluster) {
    const title = `Kubernetes · ${cluster.context} · namespace ${cluster.namespace}`;
    add(frame(title, cluster.workloads.map(workloadColumn), margin, y));
  }
  return `<svg xmlns="http://www.w3.org/2000/svg" role="img" id="drawing" viewBox="0 0 ${width + 2 * margin} ${y}" style="max-width:${width + 2 * margin}px">
<style>
#drawing { width: 100%; font: 13px system-ui, sans-serif; }
#drawing .frame { fill: #f6f8fa; stroke: #8c959f; }
#drawing .good { fill: #dafbe1; stroke: #1a7f37; }
#drawing .bad { fill: #ffebe9; stroke: #cf222e; stroke-dasharray: 6 3; }
#drawing .plain { fill: #fff; stroke: #57606a; }
#drawing .port { fill: #ddf4ff; stroke: #0969da; }
#drawing .store { fill: #fff8c5; stroke: #9a6700; }
#drawing .title, #drawing .name { font-weight: 600; }
#drawing .line { fill: #424a53; font-size: 12px; }
#drawing .arrow { stroke: #57606a; stroke-width: 1.5; }
</style>
<defs><marker id="tip" viewBox="0 0 8 8" refX="8" refY="4" markerWidth="8" markerHeight="8" orient="auto"><path d="M0 0L8 4L0 8z" fill="#57606a"/></marker></defs>
${svg}
</svg>`;
}
