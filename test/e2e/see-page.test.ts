import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { dockerStoryOf, dockerTold } from "../../tools/see/docker";
import { page as pageOf } from "../../tools/see/page";
import { storyOf } from "../../tools/see/story";
import { clusterTold } from "../../tools/see/told";
import { audited, recorded } from "../see/fixture";
import { opened } from "./browser";

describe("the page of npm run see in a browser", () => {
  const folder = mkdtempSync(join(tmpdir(), "course-labs-see-"));
  const file = join(folder, "see.html");
  const story = storyOf(recorded("pod-creation"));
  before(() => {
    const title = { en: "How a pod is created", ko: "파드가 생성되는 과정" };
    writeFileSync(file, pageOf(clusterTold({ title, context: "course-labs", namespace: "lab", ...story })));
  });
  after(() => rmSync(folder, { recursive: true }));

  /** The actors by what the page calls them, as the API server's own log has them. */
  const names: Record<string, string> = {
    kim: "kubectl",
    "system:serviceaccount:kube-system:deployment-controller": "Deployment controller",
    "system:serviceaccount:kube-system:replicaset-controller": "ReplicaSet controller",
    "system:serviceaccount:kube-system:endpointslice-controller": "EndpointSlice controller",
    "system:kube-scheduler": "scheduler",
    "system:node:n1": "kubelet",
  };

  it("shows the actors in the order of the audit log", () =>
    opened(file, async ({ page, errors, requests }) => {
      const byVersion = new Map(
        audited().map(({ user, responseObject }) => [responseObject?.metadata.resourceVersion, names[user.username]]),
      );
      const read: string[] = [];
      const logged: string[] = [];
      for (const { resourceVersion, by } of story.steps) {
        read.push((await page.locator("#who").innerText()).split(" · ")[0]!);
        // The log's answer to a binding has no version.
        logged.push(by === "binding" ? "scheduler" : byVersion.get(resourceVersion)!);
        await page.keyboard.press("ArrowRight");
      }
      assert.deepEqual(read, logged);
      assert.match(await page.locator("#count").innerText(), /^18 \/ 18$/);
      assert.deepEqual([errors, requests], [[], []]);
    }));

  it("shows desired and current state side by side, with what is new", () =>
    opened(file, async ({ page }) => {
      const step = story.steps.findIndex(({ by }) => by === "binding");
      for (let i = 0; i < step; i++) await page.locator("#next").click();
      assert.match(await page.locator("#desired .new").innerText(), /n1$/);
      assert.match(await page.locator("#current").innerText(), /Pending/);
      assert.match(await page.locator("#why").innerText(), /chose one/);
      const [left, right] = [
        await page.locator("#desired").boundingBox(),
        await page.locator("#current").boundingBox(),
      ];
      assert.ok(left && right && left.x + left.width <= right.x);
      assert.equal(await page.locator("#box-scheduler.on").count(), 1);
    }));

  it("plays by itself, in the language that was chosen", () =>
    opened(file, async ({ page }) => {
      await page.locator("button[value=ko]").click();
      assert.equal(await page.locator("h1").innerText(), "파드가 생성되는 과정");
      await page.locator("#play").click();
      await page.waitForFunction(() => document.querySelector("#count")?.textContent === "2 / 18");
      assert.match(await page.locator("#why").innerText(), /[가-힣]/);
      await page.keyboard.press("End");
      assert.equal(await page.locator("#next").isDisabled(), true);
    }));

  it("is as wide as a phone", () =>
    opened(file, async ({ page }) => {
      await page.setViewportSize({ width: 390, height: 844 });
      for (const key of ["Home", "End"]) {
        await page.keyboard.press(key);
        assert.equal(await page.evaluate(() => document.documentElement.scrollWidth), 390);
      }
      const { width = 0 } = (await page.locator("svg").boundingBox()) ?? {};
      assert.ok(width > 300, `${width}`);
    }));

  it("of Docker highlights the path from the client through the daemon to each part", () => {
    const at = (seconds: number, Type: string, Action: string, ID: string, Attributes: Record<string, string>) => ({
      ...{ Type, Action, Actor: { ID, Attributes }, time: seconds, timeNano: seconds * 1e9 },
    });
    const events = [
      at(100, "network", "create", "n", { name: "shop_default", "com.docker.compose.project": "shop" }),
      at(101, "container", "create", "c", { name: "web", "com.docker.compose.project": "shop" }),
      at(102, "container", "health_status: healthy", "c", { name: "web" }),
    ];
    writeFileSync(file, pageOf(dockerTold(dockerStoryOf(events))));
    return opened(file, async ({ page, errors, requests }) => {
      const lit: string[] = [];
      for (let i = 0; i < 4; i++) {
        lit.push(await page.evaluate(() => [...document.querySelectorAll(".way.on")].map(({ id }) => id).join(" ")));
        await page.keyboard.press("ArrowRight");
      }
      assert.deepEqual(lit, ["way-client way-network", "way-client way-container", "way-health", ""]);
      assert.match(await page.locator("#list").innerText(), /docker compose \(shop\) · network create · shop_default/);
      assert.match(await page.locator("#why").innerText(), /Nothing compares the desired state/);
      assert.equal(await page.locator("#changes").isVisible(), false);
      await page.setViewportSize({ width: 390, height: 844 });
      assert.equal(await page.evaluate(() => document.documentElement.scrollWidth), 390);
      assert.deepEqual([errors, requests], [[], []]);
    });
  });
});
