import { pathToFileURL } from "node:url";
import { chromium, Page } from "playwright-core";
import { findProgram, install } from "../../tools/install/closed-network/apt";
import { say } from "../../tools/terminal/language";

/** What a browser met while it showed a page. */
export interface Shown {
  page: Page;
  /** Errors in the console, and what the page's own script threw. */
  errors: string[];
  /** Everything that was asked for besides the file itself. */
  requests: string[];
}

/** Opens a file, or an address, in a headless Chromium, Debian's, which is installed where it is missing. */
export async function opened(what: string, look: (shown: Shown) => Promise<void>): Promise<void> {
  const names = ["chromium", "chromium-browser", "google-chrome"];
  const find = () => names.map((name) => findProgram(name)).find((found) => found !== undefined);
  if (find() === undefined) await install(["chromium"], "chromium", say);
  const browser = await chromium.launch({ executablePath: find(), args: ["--no-sandbox", "--disable-gpu"] });
  try {
    const page = await browser.newPage({ locale: "en-US" });
    const shown: Shown = { page, errors: [], requests: [] };
    const url = /^https?:/.test(what) ? what : pathToFileURL(what).href;
    page.on("console", (message) => message.type() === "error" && shown.errors.push(message.text()));
    page.on("pageerror", (error) => shown.errors.push(error.message));
    page.on("request", (request) => request.url() !== url && shown.requests.push(request.url()));
    await page.goto(url);
    await look(shown);
  } finally {
    await browser.close();
  }
}
