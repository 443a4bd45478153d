import { randomBytes } from "node:crypto";
import { createServer, ServerResponse } from "node:http";
import { AddressInfo } from "node:net";
import { Text } from "../../text";
import { escaped } from "../checks/report/markup";
import { marks } from "../checks/report/table";
import { Progress } from "./progress";
import { ago, stateText, tally, whose } from "./table";

const style = `
:root { color-scheme: light dark; font: 16px/1.5 system-ui, sans-serif; }
body { max-width: 70rem; margin: 1rem auto; padding: 0 1rem; }
table { border-collapse: collapse; width: 100%; }
td { border-top: 1px solid color-mix(in srgb, currentColor 25%, transparent); padding: .4rem .6rem; vertical-align: top; }
td.steps { font-family: ui-monospace, monospace; letter-spacing: .2em; white-space: nowrap; }
tr.stuck td.state { font-weight: 700; color: light-dark(#b35900, #ffb077); }
tr.done td.state { color: light-dark(#1a7f37, #7ee2a8); }
tr.not-begun { opacity: .65; }
p { margin: .2rem 0; } code { overflow-wrap: anywhere; }
#lost { font-weight: 700; }
`;

/** The rows of the page, which are sent again whenever something changes. */
export function rows(seats: readonly Progress[], told: (text: Text) => string, now = Date.now()): string {
  const row = (one: Progress) => {
    const { state, steps, since, at, doctor, url } = one;
    const [reasons, next] = [[at?.why, doctor?.what], doctor?.next ?? at?.next];
    const list = steps
      .map(({ title, status }) => `<span title="${escaped(told(title))}">${marks[status].mark}</span>`)
      .join("");
    const why = at
      ? `<p><b>${escaped(told(at.title))}</b></p>${reasons.map((text) => (text ? `<p>${escaped(told(text))}</p>` : "")).join("")}${next ? `<p><code>${escaped(told(next))}</code></p>` : ""}`
      : `<p><a href="${escaped(url)}" rel="noreferrer">${escaped(url)}</a></p>`;
    return `<tr class="${state.replace(" ", "-")}" id="${escaped(one.seat)}"><td>${escaped(whose(one))}</td><td class="state">${escaped(told(stateText[state]))}<br>${escaped(told(ago(since, now)))}</td><td class="steps">${list}</td><td>${why}</td></tr>`;
  };
  return `<p>${escaped(told(tally(seats)))}</p>\n<table><tbody>\n${seats.map(row).join("\n")}\n</tbody></table>`;
}

const lost: Text = {
  en: "The command was stopped: this is how it was then.",
  ko: "명령이 멈췄습니다. 그때의 모습입니다.",
};

function page(content: string, told: (text: Text) => string, nonce: string): string {
  const title = told({ en: "Class: who needs help", ko: "반: 누구에게 도움이 필요한가" });
  return `<!doctype html>
<html lang="${told({ en: "en", ko: "ko" })}"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>${escaped(title)}</title><style nonce="${nonce}">${style}</style></head>
<body><h1>${escaped(title)}</h1><p id="lost" hidden>${escaped(told(lost))}</p><main>${content}</main>
<script nonce="${nonce}">
const told = new EventSource("changes");
told.onmessage = ({ data }) => { document.querySelector("main").innerHTML = JSON.parse(data); document.querySelector("#lost").hidden = true; };
told.onerror = () => { document.querySelector("#lost").hidden = false; };
</script></body></html>
`;
}

/** The page of a class on this machine. */
export interface Served {
  url: string;
  /** Updates all open pages, if something has changed. */
  show: (content: string) => void;
  close: () => Promise<void>;
}

/**
 * Serves the page to this machine only: who is stuck is nobody else's business. Other web sites cannot read it either,
 * whatever name they give this address.
 */
export async function serve(told: (text: Text) => string, first: string): Promise<Served> {
  const open = new Set<ServerResponse>();
  let content = first;
  const event = () => `data: ${JSON.stringify(content)}\n\n`;
  const server = createServer(({ headers, url, method }, response) => {
    const { port } = server.address() as AddressInfo;
    if (method !== "GET" || ![`127.0.0.1:${port}`, `localhost:${port}`].includes(headers.host ?? "")) {
      response.writeHead(403).end();
    } else if (url === "/changes") {
      response.writeHead(200, { "content-type": "text/event-stream", "cache-control": "no-store" });
      response.write(event());
      open.add(response);
      response.on("close", () => open.delete(response));
    } else if (url === "/") {
      const nonce = randomBytes(16).toString("base64");
      const policy = `default-src 'none'; style-src 'nonce-${nonce}'; script-src 'nonce-${nonce}'; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`;
      response.writeHead(200, {
        ...{ "content-type": "text/html; charset=utf-8", "cache-control": "no-store" },
        ...{ "content-security-policy": policy, "referrer-policy": "no-referrer", "x-content-type-options": "nosniff" },
      });
      response.end(page(content, told, nonce));
    } else {
      response.writeHead(404).end();
    }
  });
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    show: (now) => {
      if (now === content) return;
      content = now;
      for (const response of open) response.write(event());
    },
    close: async () => {
      for (const response of open) response.end();
      await new Promise((done) => server.close(done));
    },
  };
}
