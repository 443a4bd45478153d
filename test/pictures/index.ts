// npm run docs:pictures: makes the pictures of README and docs, from labs that it provisions for that and removes again.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { existsSync, mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Page } from "playwright-core";
import { Outputs } from "../../outputs";
import { install } from "../../tools/install/closed-network/apt";
import { say } from "../../tools/terminal/language";
import { opened } from "../e2e/browser";
import { clone, docker, npmRun, run, tearDown } from "../e2e/harness";
import { Visitor } from "../e2e/wordpress";
import { Line, recording } from "./recording";

const pictures = join(__dirname, "..", "..", "docs", "pictures");
const languages = ["en", "ko"] as const;
const suffix = { en: "", ko: ".ko" };
/** More than that loads slowly where a class shares a line. */
const most = 100 << 10;

/** Names and ports that are in nobody's way. */
const settings = `config:
  pulumi:disable-default-providers: [docker, kubernetes]
  course-labs:prefix: demo-
  course-labs:redisPort: 26391
  course-labs:composePort: 26392
  course-labs:nodePort: 30191
  course-labs:kubernetesNamespace: demo
`;

/** Runs a command and notes when it printed what. */
async function record(folder: string, language: string, expected: number, ...command: string[]): Promise<Line[]> {
  const started = Date.now();
  const child = spawn(process.execPath, ["tools/run.mjs", ...command, "--lang", language], {
    cwd: folder,
    env: { ...process.env, LC_ALL: "C", NO_COLOR: "1" },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const lines: Line[] = [];
  let rest = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.on("data", (data: Buffer) => {
      const parts = (rest + data.toString()).split("\n");
      rest = parts.pop() ?? "";
      for (const text of parts) if (text.trim()) lines.push({ text, at: (Date.now() - started) / 1000 });
    });
  }
  const code = await new Promise<number | null>((resolve) => child.on("close", resolve));
  assert.equal(code, expected, lines.map(({ text }) => text).join("\n"));
  return lines;
}

/** Takes a picture of a page, or of a part of it, as small as it can be looked at. */
async function photograph(page: Page, name: string, what?: string, height = 560): Promise<void> {
  const path = join(pictures, name);
  if (what) await page.locator(what).screenshot({ path });
  else {
    // A part of the page that was photographed before has moved it.
    await page.evaluate(() => scrollTo(0, 0));
    await page.screenshot({ path, clip: { x: 0, y: 0, width: page.viewportSize()?.width ?? 0, height } });
  }
  const { size } = statSync(path);
  assert.ok(size < most, `${name} has ${size} bytes`);
  console.error(`${name}: ${Math.ceil(size / 1024)} KiB`);
}

async function ofReport(file: string): Promise<void> {
  await opened(file, async ({ page }) => {
    for (const language of languages) {
      await page.locator(`button[value=${language}]`).click();
      await page.setViewportSize({ width: 860, height: 2000 });
      await photograph(page, `report${suffix[language]}.png`);
      await photograph(page, `drawing${suffix[language]}.png`, "#drawing .frame >> nth=-1");
      await page.setViewportSize({ width: 390, height: 2000 });
      await photograph(page, `report-phone${suffix[language]}.png`, undefined, 700);
    }
  });
}

/** Makes every picture anew. */
export async function takePictures(): Promise<number> {
  // Without a Korean font every Korean word is a row of boxes.
  if (process.platform === "linux" && !run("sh", "-c", "fc-list :lang=ko | head -n 1")) {
    await install(["fontconfig", "fonts-noto-cjk"], "a Korean font", say);
  }
  const scratch = mkdtempSync(join(tmpdir(), "course-labs-pictures-"));
  const folder = clone();
  writeFileSync(join(folder, "Pulumi.dev.yaml"), settings);
  try {
    for (const language of [...languages].reverse()) {
      const lines = await record(folder, language, 0, "up");
      writeFileSync(join(pictures, `up${suffix[language]}.svg`), recording("npm run up", lines));
      if (language !== "en") await npmRun(folder, "destroy");
    }
    const { stdout } = await npmRun(folder, "outputs", ["--json"]);
    const { compose } = JSON.parse(stdout) as Outputs;
    assert.ok(compose);
    await new Visitor(compose.url).install();
    const html = join(scratch, "report.html");
    const { said } = await npmRun(folder, "check", ["--report", html, "--student", "Lee"]);
    assert.ok(existsSync(html), said);
    await ofReport(html);
    docker("stop", "demo-redis");
    for (const language of languages) {
      const lines = await record(folder, language, 1, "check", "--labs", "redis");
      const typed = "npm run check -- --labs redis";
      writeFileSync(join(pictures, `check${suffix[language]}.svg`), recording(typed, lines, 3));
    }
    await opened(compose.url, async ({ page }) => {
      await page.setViewportSize({ width: 900, height: 620 });
      await photograph(page, "wordpress.png");
    });
  } finally {
    rmSync(scratch, { recursive: true, force: true });
    await tearDown(folder);
  }
  return 0;
}
