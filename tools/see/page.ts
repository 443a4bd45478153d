import { Text } from "../../text";
import { escaped, pageHead } from "../checks/report/markup";
import { Lane, laneNames, lanes } from "./actors";
import { Ending } from "./ending";
import { partHeads } from "./parts";
import { Step } from "./story";

/** Everything that a page tells. */
export interface Told {
  title: Text;
  context: string;
  namespace: string;
  steps: readonly Step[];
  notes: readonly Text[];
  ending?: Ending;
  broken?: Text;
  /** The parts of the control plane, as a table: a line each. */
  parts?: readonly { name: string; cells: Text[] }[];
}

/** A text in both languages; the page shows one of them. */
const both = ({ en, ko }: Text) => `<span lang="en">${escaped(en)}</span><span lang="ko">${escaped(ko)}</span>`;

const words = {
  lesson: {
    en: "Nobody talks to anybody else: each one watches the API server, and writes its part there.",
    ko: "서로 직접 이야기하지 않습니다. 모두 API 서버를 지켜보다가 자기 몫을 API 서버에 기록합니다.",
  },
  back: { en: "Back", ko: "이전" },
  next: { en: "Next", ko: "다음" },
  play: { en: "Play", ko: "재생" },
  pause: { en: "Pause", ko: "멈춤" },
  desired: { en: "Desired state", ko: "원하는 상태" },
  current: { en: "Current state", ko: "현재 상태" },
  fields: { en: "fields that were written", ko: "기록된 필드" },
  all: { en: "All steps", ko: "모든 단계" },
  keys: { en: "Keys: ← → one step, space plays", ko: "키: ← → 한 단계, 스페이스 재생" },
  parts: { en: "The parts of this cluster", ko: "이 클러스터의 구성 요소" },
} satisfies Record<string, Text>;

/** Words that the script puts in. */
const spoken = {
  created: { en: "writes", ko: "작성" },
  changed: { en: "changes", ko: "변경" },
  "asked to go": { en: "asks to delete", ko: "삭제 요청" },
  deleted: { en: "removes", ko: "삭제" },
  said: { en: "says", ko: "알림" },
  end: { en: "The end", ko: "끝" },
  stops: { en: "The chain stops at", ko: "과정이 멈춘 곳" },
  goes: { en: "Everything is as wanted", ko: "모두 원하는 대로입니다" },
  open: { en: "Not at its end yet", ko: "아직 끝나지 않았습니다" },
  nothing: { en: "(nothing)", ko: "(없음)" },
  doubt: { en: "Seen, not proven", ko: "확실하지 않음" },
  do: { en: "What to do", ko: "할 일" },
} satisfies Record<string, Text>;

/** Where the places stand in the drawing, 390 wide: it has to be read on a phone, too. */
const boxes: Record<Lane | "server", { x: number; y: number; w: number; h: number }> = {
  person: { x: 6, y: 82, w: 92, h: 46 },
  server: { x: 140, y: 66, w: 96, h: 78 },
  controllers: { x: 284, y: 10, w: 100, h: 46 },
  scheduler: { x: 284, y: 82, w: 100, h: 46 },
  kubelet: { x: 284, y: 154, w: 100, h: 46 },
};

function box(name: Lane | "server", text: Text): string {
  const { x, y, w, h } = boxes[name];
  const at = `x="${x + w / 2}" y="${y + h / 2 + 5}" text-anchor="middle"`;
  return `<g class="box" id="box-${name}"><rect x="${x}" y="${y}" width="${w}" height="${h}" rx="7"/><text lang="en" ${at}>${escaped(text.en)}</text><text lang="ko" ${at}>${escaped(text.ko)}</text></g>`;
}

/** Each lane's way to the API server, with an arrow at its end. */
function way(lane: Lane): string {
  const [from, to] = [boxes[lane], boxes.server];
  const left = from.x < to.x;
  const [x1, y1] = [left ? from.x + from.w : from.x, from.y + from.h / 2];
  const [x2, y2] = [left ? to.x - 3 : to.x + to.w + 3, Math.min(Math.max(y1, to.y + 14), to.y + to.h - 14)];
  return `<line class="way" id="way-${lane}" x1="${x1}" y1="${y1}" x2="${x2}" y2="${y2}" marker-end="url(#tip)"/>`;
}

const drawing = () => `<svg viewBox="0 0 390 210" role="img" aria-labelledby="lesson">
<defs><marker id="tip" markerUnits="userSpaceOnUse" markerWidth="14" markerHeight="14" refX="12" refY="7" orient="auto"><path d="M0,0 L14,7 L0,14 z"/></marker></defs>
${lanes.map(way).join("\n")}
${box("server", { en: "API server", ko: "API 서버" })}
${lanes.map((lane) => box(lane, laneNames[lane])).join("\n")}
</svg>`;

const style = `
:root { color-scheme: light; font: 16px/1.5 system-ui, sans-serif; color: #1f2328; }
* { box-sizing: border-box; } body { max-width: 72rem; margin: 1rem auto; padding: 0 1rem; }
h1 { font-size: 1.3rem; line-height: 1.3; margin: .3rem 0; } p { margin: .3rem 0; } h2 { font-size: 1.1rem; margin: 1.4rem 0 .4rem; } .note { color: #57606a; font-size: 14px; }
button { font: inherit; min-height: 44px; min-width: 44px; padding: .3rem .7rem; border: 1px solid #8c959f; border-radius: 6px; background: #f6f8fa; cursor: pointer; }
button:focus-visible, li:focus-visible, input:focus-visible { outline: 3px solid #0969da; outline-offset: 1px; } button:disabled { opacity: .45; cursor: default; }
.top { display: flex; gap: .5rem; align-items: center; justify-content: flex-end; } .stage { display: grid; gap: .6rem; } .stage > * { min-width: 0; } pre { white-space: pre-wrap; overflow-wrap: anywhere; font-size: 12.5px; background: #f6f8fa; padding: .4rem; }
svg { width: 100%; max-width: 40rem; display: block; margin: auto; } .box rect { fill: #fff; stroke: #8c959f; stroke-width: 1.5; } .box text { font-size: 15px; fill: #1f2328; }
[hidden] { display: none !important; } #box-server rect { fill: #ddf4ff; stroke: #0969da; } .box.on rect { fill: #fff8c5; stroke: #9a6700; stroke-width: 3; }
.way { stroke: #d0d7de; stroke-width: 2; } .way.on { stroke: #9a6700; stroke-width: 4; } marker path { fill: #9a6700; } .way:not(.on) { marker-end: none; } .way.said { stroke-dasharray: 6 5; }
.controls { display: flex; gap: .4rem; flex-wrap: wrap; align-items: center; margin: 0; padding: .4rem 0; position: sticky; bottom: 0; background: #fff; } .controls input { flex: 1 1 5rem; min-width: 3rem; min-height: 44px; } #count { font-variant-numeric: tabular-nums; text-align: right; }
#panel { border: 1px solid #d0d7de; border-radius: 8px; padding: .8rem 1rem; min-height: 15rem; } #who { font-size: 1.15rem; font-weight: 600; margin: 0; overflow-wrap: anywhere; } #why { margin: .4rem 0 .8rem; font-size: 1.05rem; }
#doubt { color: #9a6700; font-size: 14px; margin: 0 0 .6rem; } .both { display: grid; grid-template-columns: 1fr 1fr; gap: .8rem; } .both h3 { font-size: .95rem; margin: 0 0 .2rem; border-bottom: 2px solid #d0d7de; }
dl { margin: 0; } dt { color: #57606a; font-size: 13px; } dd { margin: 0 0 .35rem; overflow-wrap: anywhere; } .new { background: #dafbe1; } .was { text-decoration: line-through; color: #57606a; margin-right: .4rem; }
ol { padding-left: 2.2rem; margin: 0; } li { padding: .15rem .4rem; cursor: pointer; overflow-wrap: anywhere; border-radius: 4px; } li.on { background: #fff8c5; } li.said { color: #57606a; }
table { border-collapse: collapse; width: 100%; font-size: 14px; } td, th { border: 1px solid #d0d7de; padding: .3rem .5rem; text-align: left; vertical-align: top; overflow-wrap: anywhere; }
.wide { overflow-x: auto; } html[data-shown="en"] [lang="ko"], html[data-shown="ko"] [lang="en"] { display: none; }
@media (min-width: 900px) { .stage { grid-template-columns: 26rem 1fr; grid-template-areas: "drawing panel" "controls panel" "notes panel"; grid-template-rows: auto auto 1fr; } .drawing { grid-area: drawing; } .controls { grid-area: controls; } .notes { grid-area: notes; } #panel { grid-area: panel; } .controls { position: static; } }
@media (max-width: 480px) { .controls input { display: none; } #count { margin-left: auto; } }
@media print { button, .controls { display: none; } }`;

const script = `
const told = JSON.parse(document.getElementById("story").textContent);
const words = JSON.parse(document.getElementById("words").textContent);
const $ = (id) => document.getElementById(id);
const say = (text) => text[document.documentElement.dataset.shown];
const make = (tag, text, kind) => { const one = document.createElement(tag); if (text !== undefined) one.textContent = text; if (kind) one.className = kind; return one; };
const last = told.steps.length;
let at = 0, playing;

const head = (step) => say(step.actor.name) + (step.doubt ? " ?" : "") + " · " + say(words[step.what]) + " · " + (step.what === "said" ? step.message : step.object.kind + " " + step.object.name);
function lines(id, list) {
  $(id).replaceChildren(...(list.length ? list : [{ name: words.nothing, value: "" }]).flatMap(({ name, value, was }) => {
    const dd = make("dd", undefined, was === undefined ? "" : "new");
    if (was !== undefined) dd.append(make("span", was, "was"));
    dd.append(value);
    return [make("dt", say(name)), dd];
  }));
}
function light(lane, said) {
  for (const one of document.querySelectorAll(".box, .way")) one.classList.remove("on", "said");
  if (!lane) return;
  $("box-" + lane).classList.add("on");
  $("way-" + lane).classList.add("on");
  $("way-" + lane).classList.toggle("said", said);
}
function show(to) {
  at = Math.max(0, Math.min(last, to));
  const step = told.steps[at], { ending, broken } = told, panel = $("panel");
  for (const [i, one] of [...$("list").children].entries()) { one.classList.toggle("on", i === at); one.setAttribute("aria-current", i === at ? "step" : "false"); }
  $("count").textContent = (at + 1) + " / " + (last + 1);
  $("slide").value = at; $("back").disabled = at === 0; $("next").disabled = at === last;
  panel.dataset.actor = step ? step.actor.id : ending?.at?.id ?? ""; panel.dataset.version = step ? step.resourceVersion : "end";
  $("changes").hidden = !step || step.what === "said"; $("fields").hidden = !step || step.fields.length === 0; $("evidence").replaceChildren();
  if (step) {
    light(step.actor.lane, step.what === "said");
    $("who").textContent = head(step);
    $("why").textContent = say(step.why);
    $("doubt").textContent = step.doubt ? say(words.doubt) + ": " + say(step.doubt) : "";
    lines("desired", step.desired); lines("current", step.current);
    $("written").textContent = step.fields.map(({ path, before, after }) => path + ": " + (before ?? "–") + " → " + (after ?? "–")).join("\\n");
    $("when").textContent = "resourceVersion " + step.resourceVersion + (step.time ? " · " + step.time.slice(11, 19) + " UTC" : "");
  } else {
    light(ending?.at?.lane, false);
    $("who").textContent = broken ? say(broken) : ending?.at ? say(words.stops) + ": " + say(ending.at.name) : ending?.ok ? say(words.goes) : say(words.open);
    $("why").textContent = ending ? say(ending.what) + (ending.why ? " " + say(ending.why) : "") : "";
    $("doubt").textContent = ""; $("when").textContent = "";
    if (ending) $("evidence").append(...ending.waits.map((text) => make("p", say(text))), ...ending.evidence.map((text) => make("pre", text)), ...(ending.next && !ending.ok ? [make("p", say(words.do) + ": " + say(ending.next))] : []));
  }
}
function stop() { clearInterval(playing); playing = undefined; $("play").replaceChildren(...$("play-words").content.cloneNode(true).childNodes); }
function play() {
  if (playing) return stop();
  if (at === last) show(0);
  playing = setInterval(() => { show(at + 1); if (at === last) stop(); }, 1600);
  $("play").replaceChildren(...$("pause-words").content.cloneNode(true).childNodes);
}
function speak(lang) {
  document.documentElement.dataset.shown = lang; document.documentElement.lang = lang;
  $("list").replaceChildren(...[...told.steps.map((step) => [head(step), step.what]), [say(words.end), "end"]].map(([text, kind], i) => {
    const li = make("li", text, kind === "said" ? "said" : "");
    li.tabIndex = 0;
    li.addEventListener("click", () => { stop(); show(i); });
    li.addEventListener("keydown", ({ key }) => { if (key === "Enter") { stop(); show(i); } });
    return li;
  }));
  show(at);
}
$("slide").max = last;
$("slide").addEventListener("input", () => { stop(); show(Number($("slide").value)); });
$("back").addEventListener("click", () => { stop(); show(at - 1); });
$("next").addEventListener("click", () => { stop(); show(at + 1); });
$("play").addEventListener("click", play);
for (const button of document.querySelectorAll("button[value]")) button.addEventListener("click", () => speak(button.value));
document.addEventListener("keydown", (event) => {
  const to = { ArrowRight: at + 1, ArrowLeft: at - 1, Home: 0, End: last }[event.key];
  if (to !== undefined) { stop(); show(to); event.preventDefault(); }
  else if (event.key === " " && event.target.tagName !== "BUTTON" && event.target.tagName !== "SUMMARY") { play(); event.preventDefault(); }
});
speak(navigator.language.startsWith("ko") ? "ko" : "en"); stop();`;

/** In a script element only the end of that element means anything. */
const embedded = (id: string, value: unknown) =>
  `<script type="application/json" id="${id}">${JSON.stringify(value).replaceAll("<", "\\u003c")}</script>`;

function partsTable(parts: NonNullable<Told["parts"]>): string {
  const rows = parts.map(
    ({ name, cells }) => `<tr><th>${escaped(name)}</th>${cells.map((cell) => `<td>${both(cell)}</td>`).join("")}</tr>`,
  );
  const heads = partHeads.map((head) => `<th>${both(head)}</th>`).join("");
  return `<h2>${both(words.parts)}</h2>\n<div class="wide"><table id="parts"><thead><tr><th></th>${heads}</tr></thead><tbody>\n${rows.join("\n")}\n</tbody></table></div>`;
}

/** The story as one page that asks nothing of any server. The same story is always the same page. */
export function page(told: Told): string {
  const { title, context, namespace, steps, notes, ending, broken, parts } = told;
  return `${pageHead(title.en, style)}
<body>
<p class="top"><button value="en">English</button> <button value="ko">한국어</button></p>
<h1>${both(title)}</h1>
<p class="note">${escaped(context)} · ${escaped(namespace)} · ${escaped((steps[0]?.time ?? "").replace("T", " ").replace(/\.000Z$/, " UTC"))}</p>
<p id="lesson">${both(words.lesson)}</p>
<div class="stage">
<div class="drawing">
${drawing()}
</div>
<section id="panel" aria-live="polite">
<p id="who"></p>
<p id="why"></p>
<p id="doubt"></p>
<div id="changes" class="both"><div><h3>${both(words.desired)}</h3><dl id="desired"></dl></div><div><h3>${both(words.current)}</h3><dl id="current"></dl></div></div>
<div id="evidence"></div>
<details id="fields"><summary>${both(words.fields)}</summary><pre id="written"></pre></details>
<p id="when" class="note"></p>
</section>
<p class="controls"><button id="back">← ${both(words.back)}</button><button id="next">${both(words.next)} →</button><button id="play"></button>
<input id="slide" type="range" min="0" value="0" aria-label="step"><span id="count"></span></p>
<div class="notes">
<p class="note">${both(words.keys)}</p>
${notes.map((note) => `<p class="note">${both(note)}</p>`).join("\n")}
</div>
</div>
<h2>${both(words.all)}</h2>
<ol id="list"></ol>
${parts ? partsTable(parts) : ""}
<template id="play-words">▶ ${both(words.play)}</template><template id="pause-words">■ ${both(words.pause)}</template>
${embedded("story", { steps, ending, broken })}
${embedded("words", spoken)}
<script>${script}</script>
</body>
</html>
`;
}
