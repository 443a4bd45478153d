import stringWidth from "string-width";
import { escaped } from "../../tools/checks/report/markup";

/** A line that a command printed, and when, in seconds from its start. */
export interface Line {
  text: string;
  at: number;
}

const columns = 110;
const cell = { width: 7.85, height: 17 };

/** A line cut to the width of the terminal: at a space where there is one. */
function wrapped({ text, at }: Line): Line[] {
  if (stringWidth(text) <= columns) return [{ text, at }];
  const space = text.slice(0, columns).lastIndexOf(" ");
  const cut = space > columns / 2 ? space : columns;
  return [{ text: text.slice(0, cut), at }, ...wrapped({ text: `    ${text.slice(cut).trim()}`, at })];
}

const colours: [RegExp, string][] = [
  [/^\$ /, "typed"],
  [/^ +(?:[+~-]|✔) /, "done"],
  [/^ +✘ /, "bad"],
  [/^\S.*[.:]$/, "head"],
];
const colour = (text: string) => colours.find(([form]) => form.test(text))?.[1] ?? "plain";

/**
 * What a command printed as an SVG that plays like a terminal, once, and then stays. A reader that plays nothing shows it all.
 * @param seconds how long it plays: what took a minute is told sooner
 */
export function recording(command: string, printed: readonly Line[], seconds = 8): string {
  const lines = [{ text: `$ ${command}`, at: 0 }, ...printed].flatMap(wrapped);
  const last = Math.max(1, ...lines.map(({ at }) => at));
  const width = Math.ceil(columns * cell.width + 32);
  const height = lines.length * cell.height + 34;
  const texts = lines.map(
    ({ text, at }, i) =>
      `<text x="16" y="${30 + i * cell.height}" class="${colour(text)}" style="animation-delay:${((at / last) * seconds).toFixed(2)}s">${escaped(text)}</text>`,
  );
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img" aria-label="${escaped(command)}">
<style>
text { font: 13px ui-monospace, SFMono-Regular, Menlo, Consolas, "Noto Sans Mono CJK KR", monospace; white-space: pre; fill: #e6edf3; animation: appear .01s both; }
.typed { fill: #79c0ff; font-weight: 600; } .done { fill: #7ee787; } .bad { fill: #ff7b72; } .head { font-weight: 600; }
@keyframes appear { from { opacity: 0; } }
@media (prefers-reduced-motion: reduce) { text { animation: none; } }
</style>
<rect width="${width}" height="${height}" rx="8" fill="#0d1117"/>
${texts.join("\n")}
</svg>
`;
}
