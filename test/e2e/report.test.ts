import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { page } from "../../tools/checks/report/page";
import { attachment } from "../../tools/commands/report";
import { storyOf } from "../../tools/see/story";
import { clusterTold } from "../../tools/see/told";
import { report } from "../checks/fixture";
import { recorded } from "../see/fixture";
import { opened } from "./browser";

describe("a report in a browser", () => {
  const folder = mkdtempSync(join(tmpdir(), "course-labs-report-"));
  const file = join(folder, "report.html");
  before(() => {
    const same = (text: string) => ({ en: text, ko: `${text} (ko)` });
    const row = { question: same("How many?"), compose: same("2 containers"), kubernetes: same("2 Pods") };
    writeFileSync(file, page(report({ comparison: [row] })));
  });
  after(() => rmSync(folder, { recursive: true }));

  it("shows the drawing, the results and the comparison, without network requests or errors", () =>
    opened(file, async ({ page, errors, requests }) => {
      const drawing = page.locator("#drawing");
      assert.equal(await drawing.isVisible(), true);
      const { width = 0, height = 0 } = (await drawing.boundingBox()) ?? {};
      assert.ok(width > 200 && height > 100, `${width} × ${height}`);
      assert.match((await drawing.textContent()) ?? "", /Docker, network.*bridge.*redis<x>.*redis:v1\.0/s);
      assert.equal(await page.locator("tr.failed").count(), 1);
      assert.equal(await page.locator("#comparison tbody tr").count(), 1);
      assert.deepEqual(errors, []);
      assert.deepEqual(requests, []);
    }));

  it("shows one language at a time, whichever is chosen", () =>
    opened(file, async ({ page }) => {
      const heading = page.locator("h1");
      assert.equal(await heading.innerText(), "Lab report");
      await page.locator("button[value=ko]").click();
      assert.equal(await heading.innerText(), "실습 보고서");
      await page.locator("button[value=en]").click();
      assert.equal(await heading.innerText(), "Lab report");
    }));

  it("fits on a phone, a tablet and a screen, in both languages", () =>
    opened(file, async ({ page }) => {
      for (const width of [390, 500, 1280]) {
        await page.setViewportSize({ width, height: 844 });
        for (const language of ["en", "ko"]) {
          await page.locator(`button[value=${language}]`).click();
          const needed = await page.evaluate(() => document.documentElement.scrollWidth);
          assert.ok(needed <= width, `${needed} of ${width} in ${language}`);
        }
      }
    }));

  it("shows the results before the drawing, local times, and the preferred colours", () =>
    opened(file, async ({ page }) => {
      const top = async (what: string) => (await page.locator(what).first().boundingBox())?.y ?? NaN;
      assert.ok((await top(".results")) < (await top("#drawing")));
      const made = page.locator("time");
      const [utc, local] = [new Date(report().made), await made.getAttribute("data-local")];
      assert.equal(local, utc.toLocaleString("en", { dateStyle: "long", timeStyle: "short" }));
      const background = () => page.evaluate(() => getComputedStyle(document.documentElement).backgroundColor);
      const light = await background();
      await page.emulateMedia({ colorScheme: "dark" });
      assert.notEqual(await background(), light);
      await page.emulateMedia({ colorScheme: "dark", media: "print" });
      assert.equal(await background(), light);
      assert.equal(await page.locator("nav").isVisible(), false);
    }));

  it("contains a story of npm run see, which can be stepped through but cannot access the report", () => {
    const title = { en: "A pod is replaced", ko: "파드가 바뀌는 과정" };
    const told = clusterTold({ title, context: "course-labs", namespace: "lab", ...storyOf(recorded("pod-replaced")) });
    writeFileSync(file, page(report({ attached: [attachment(told, [])] })));
    return opened(file, async ({ page, errors, requests }) => {
      const story = page.frameLocator("iframe");
      await story.locator("#next").click();
      assert.equal(await story.locator("#count").innerText(), "2 / 24");
      assert.match(await story.locator("#who").innerText(), /^EndpointSlice controller · changes · EndpointSlice/);
      for (const width of [390, 1280]) {
        await page.setViewportSize({ width, height: 844 });
        assert.ok((await page.evaluate(() => document.documentElement.scrollWidth)) <= width);
      }
      const outside = story.locator("body").evaluate(() => window.parent.document.title);
      await assert.rejects(outside, /cross-origin/);
      assert.deepEqual([errors, requests], [[], []]);
    });
  });
});
