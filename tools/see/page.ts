import { Text } from "../../text";
import { both, escaped, pageHead } from "../checks/report/markup";
import { laneNames } from "./actors";
import { partHeads } from "./parts";
import { Shown, Told } from "./told";

const words = {
  back: { en: "Back", ko: "이전" },
  next: { en: "Next", ko: "다음" },
  play: { en: "Play", ko: "재생" },
  pause: { en: "Pause", ko: "멈춤" },
  desired: { en: "Desired state", ko: "원하는 상태" },
  current: { en: "Current state", ko: "현재 상태" },
  fields: { en: "written fields", ko: "기록된 필드" },
  all: { en: "All steps", ko: "모든 단계" },
  end: { en: "The end", ko: "끝" },
  keys: { en: "Keys: ← → one step, space plays", ko: "키: ← → 한 단계, 스페이스 재생" },
  parts: { en: "The components of this cluster", ko: "이 클러스터의 구성 요소" },
  nothing: { en: "(nothing)", ko: "(없음)" },
  doubt: { en: "Likely, not proven", ko: "확실하지 않음" },
} satisfies Record<string, Text>;

interface Box {
  name: Text;
  x: number;
  y: number;
  w: number;
  h: number;
  /** Whether the way leads from the middle to it. @default to the middle */
  outward?: true;
}

/** The positions of the places, 390 wide, for phones. All lines meet at the first one. */
const drawings = {
  cluster: {
    lesson: {
      en: "No component talks to another: each one watches the API server and writes its part there.",
      ko: "구성 요소끼리 직접 통신하지 않습니다. 모두 API 서버를 지켜보다가 자기 몫을 API 서버에 기록합니다.",
    },
    boxes: {
      server: { name: { en: "API server", ko: "API 서버" }, x: 143, y: 66, w: 96, h: 78 },
      person: { name: laneNames.person, x: 6, y: 82, w: 92, h: 46 },
      controllers: { name: laneNames.controllers, x: 284, y: 10, w: 100, h: 46 },
      scheduler: { name: laneNames.scheduler, x: 284, y: 82, w: 100, h: 46 },
      kubelet: { name: laneNames.kubelet, x: 284, y: 154, w: 100, h: 46 },
    },
  },
  docker: {
    lesson: {
      en: "One daemon does everything that clients ask for. It does not watch for a desired state.",
      ko: "클라이언트가 요청한 일은 모두 데몬 하나가 합니다. 원하는 상태를 지켜보는 구성 요소는 없습니다.",
    },
    boxes: {
      daemon: { name: { en: "Docker daemon", ko: "Docker 데몬" }, x: 135, y: 66, w: 122, h: 78 },
      client: { name: { en: "client", ko: "클라이언트" }, x: 6, y: 82, w: 92, h: 46 },
      image: { name: { en: "image", ko: "이미지" }, x: 294, y: 9, w: 90, h: 32, outward: true },
      network: { name: { en: "network", ko: "네트워크" }, x: 294, y: 49, w: 90, h: 32, outward: true },
      volume: { name: { en: "volume", ko: "볼륨" }, x: 294, y: 89, w: 90, h: 32, outward: true },
      container: { name: { en: "container", ko: "컨테이너" }, x: 294, y: 129, w: 90, h: 32, outward: true },
      health: { name: { en: "health", ko: "헬스 체크" }, x: 294, y: 169, w: 90, h: 32, outward: true },
    },
  },
} satisfies Record<Told["drawing"], { lesson: Text; boxes: Record<string, Box> }>;

function box(id: string, { name, x, y, w, h }: Box): string {
  const at = `x="${x + w / 2}" y="${y + h / 2 + 5}" text-anchor="middle"`;
  return `<g class="box" id="box-${id}"><rect x="${x}" y="${y}" width="${w}" height="${h}" rx="7"/><text lang="en" ${at}>${escaped(name.en)}</text><text lang="ko" ${at}>${escaped(name.ko)}</text></g>`;
}

/** The arrow between a place and the middle. */
function way(id: string, one: Box, middle: Box): string {
  const left = one.x < middle.x;
  const mine = `${left ? one.x + one.w : one.x - (one.outward ? 3 : 0)},${one.y + one.h / 2}`;
  const height = Math.min(Math.max(one.y + one.h / 2, middle.y + 14), middle.y + middle.h - 14);
  const its = `${left ? middle.x - 3 : middle.x + middle.w + (one.outward ? 0 : 3)},${height}`;
  const [from, to] = one.outward ? [its, mine] : [mine, its];
  return `<path class="way" id="way-${id}" d="M${from} L${to}" marker-end="url(#tip)"/>`;
}

function drawn(kind: Told["drawing"]): string {
  const [[middle, at], ...others] = Object.entries<Box>(drawings[kind].boxes) as [[string, Box], ...[string, Box][]];
  return `<svg viewBox="0 0 390 210" role="img" aria-labelledby="lesson">
<defs><marker id="tip" markerUnits="userSpaceOnUse" markerWidth="14" markerHeight="14" refX="12" refY="7" orient="auto"><path d="M0,0 L14,7 L0,14 z"/></marker></defs>
${others.map(([id, one]) => way(id, one, at)).join("\n")}
${box(middle, at).replace('class="box"', 'class="box middle"')}
${others.map(([id, one]) => box(id, one)).join("\n")}
</svg>`;
}

const style = `
:root { color-scheme: light; font: 16px/1.5 system-ui, sans-serif; color: #1f2328; }
* { box-sizing: border-box; } body { max-width: 72rem; margin: 1rem auto; padding: 0 1rem; }
h1 { font-size: 1.3rem; line-height: 1.3; margin: .3rem 0; } p { margin: .3rem 0; } h2 { font-size: 1.1rem; margin: 1.4rem 0 .4rem; } .note { color: #57606a; font-size: 14px; }
button { font: inherit; min-height: 44px; min-width: 44px; padding: .3rem .7rem; border: 1px solid #8c959f; border-radius: 6px; background: #f6f8fa; cursor: pointer; }
button:focus-visible, li:focus-visible, input:focus-visible { outline: 3px solid #0969da; outline-offset: 1px; } button:disabled { opacity: .45; cursor: default; }
.top { display: flex; gap: .5rem; align-items: center; justify-content: flex-end; } .stage { display: grid; gap: .6rem; } .stage > * { min-width: 0; } pre { white-space: pre-wrap; overflow-wrap: anywhere; font-size: 12.5px; background: #f6f8fa; padding: .4rem; }
svg { width: 100%; max-width: 40rem; display: block; margin: auto; } .box rect { fill: #fff; stroke: #8c959f; stroke-width: 1.5; } .box text { font-size: 15px; fill: #1f2328; }
[hidden] { display: none !important; } .middle rect { fill: #ddf4ff; stroke: #0969da; } .box.on rect { fill: #fff8c5; stroke: #9a6700; stroke-width: 3; }
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
const told = JSON.parse(document.getElementById("told").textContent);
const words = JSON.parse(document.getElementById("words").textContent);
const $ = (id) => document.getElementById(id);
const say = (text) => text[document.documentElement.dataset.shown];
const make = (tag, text, kind) => { const one = document.createElement(tag); if (text !== undefined) one.textContent = text; if (kind) one.className = kind; return one; };
const last = told.steps.length, items = [...$("list").children];
let at = 0, playing;

function lines(id, list) {
  $(id).replaceChildren(...(list.length ? list : [{ name: words.nothing, value: "" }]).flatMap(({ name, value, was }) => {
    const dd = make("dd", undefined, was === undefined ? "" : "new");
    if (was !== undefined) dd.append(make("span", was, "was"));
    dd.append(value);
    return [make("dt", say(name)), dd];
  }));
}
function light(places, said) {
  for (const one of document.querySelectorAll(".box, .way")) one.classList.remove("on", "said");
  for (const place of places) {
    $("box-" + place).classList.add("on");
    $("way-" + place).classList.add("on");
    $("way-" + place).classList.toggle("said", said);
  }
}
function show(to) {
  at = Math.max(0, Math.min(last, to));
  const step = told.steps[at], { end } = told, { actor, lit, head } = step ?? end, panel = $("panel");
  for (const [i, one] of items.entries()) { one.classList.toggle("on", i === at); one.setAttribute("aria-current", i === at ? "step" : "false"); }
  $("count").textContent = (at + 1) + " / " + (last + 1);
  $("slide").value = at; $("back").disabled = at === 0; $("next").disabled = at === last;
  panel.dataset.actor = actor; panel.dataset.version = step ? step.version : "end";
  light(lit, !!step && step.said);
  $("who").textContent = say(head);
  $("why").textContent = say(step ? step.why : end.what);
  $("doubt").textContent = step && step.doubt ? say(words.doubt) + ": " + say(step.doubt) : "";
  $("changes").hidden = !step || !step.sides; $("fields").hidden = !step || step.fields.length === 0;
  if (step && step.sides) { lines("desired", step.sides.desired); lines("current", step.sides.current); }
  $("written").textContent = step ? step.fields.join("\\n") : "";
  $("when").textContent = step ? step.when : "";
  $("evidence").replaceChildren(...(step ? [] : [...end.more.map((text) => make("p", say(text))), ...end.evidence.map((text) => make("pre", text))]));
}
function label() { $("play").textContent = playing ? "■ " + say(words.pause) : "▶ " + say(words.play); }
function stop() { clearInterval(playing); playing = undefined; label(); }
function play() {
  if (playing) return stop();
  if (at === last) show(0);
  playing = setInterval(() => { show(at + 1); if (at === last) stop(); }, 1600);
  label();
}
function speak(lang) {
  document.documentElement.dataset.shown = lang; document.documentElement.lang = lang;
  show(at); label();
}
for (const [i, li] of items.entries()) {
  li.addEventListener("click", () => { stop(); show(i); });
  li.addEventListener("keydown", ({ key }) => { if (key === "Enter") { stop(); show(i); } });
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
speak(navigator.language.startsWith("ko") ? "ko" : "en");`;

/** Inside a script element, only its end tag is special. */
const embedded = (id: string, value: unknown) =>
  `<script type="application/json" id="${id}">${JSON.stringify(value).replaceAll("<", "\\u003c")}</script>`;

function partsTable(parts: NonNullable<Told["parts"]>): string {
  const rows = parts.map(
    ({ name, cells }) => `<tr><th>${escaped(name)}</th>${cells.map((cell) => `<td>${both(cell)}</td>`).join("")}</tr>`,
  );
  const heads = partHeads.map((head) => `<th>${both(head)}</th>`).join("");
  return `<h2>${both(words.parts)}</h2>\n<div class="wide"><table id="parts"><thead><tr><th></th>${heads}</tr></thead><tbody>\n${rows.join("\n")}\n</tbody></table></div>`;
}

const listed = ({ head, said }: Pick<Shown, "head" | "said">) =>
  `<li tabindex="0"${said ? ' class="said"' : ""}>${both(head)}</li>`;

/** The story as one page that makes no network requests. The same story is always the same page. */
export function page(told: Told): string {
  const { drawing, title, of, notes, parts } = told;
  return `${pageHead(title.en, style)}
<body>
<p class="top"><button value="en">English</button> <button value="ko">한국어</button></p>
<h1>${both(title)}</h1>
<p class="note">${escaped(of)}</p>
<p id="lesson">${both(drawings[drawing].lesson)}</p>
<div class="stage">
<div class="drawing">
${drawn(drawing)}
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
<ol id="list">
${[...told.steps, { head: words.end, said: false }].map(listed).join("\n")}
</ol>
${parts ? partsTable(parts) : ""}
${embedded("told", told)}
${embedded("words", words)}
<script>${script}</script>
</body>
</html>
`;
}

/** The data of a page that was not changed; undefined for any other page. */
export function toldIn(html: string): Told | undefined {
  const found = /<script type="application\/json" id="told">([^<]*)<\/script>/.exec(html)?.[1];
  try {
    const told = JSON.parse(found ?? "") as Told;
    return page(told) === html.replaceAll("\r\n", "\n") ? told : undefined;
  } catch {
    // Not a page of this program, or of another revision.
    return undefined;
  }
}
