import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { Story, storyOf } from "../../tools/see/story";
import { rendered } from "../../tools/see/terminal";
import { clusterTold } from "../../tools/see/told";
import { recorded } from "./fixture";

/** A story as it was read by somebody who knows how it went. */
const read = (name: string) => readFileSync(join(__dirname, "..", "fixtures", "stories", name), "utf8");
const told = (story: Story) => clusterTold({ title: { en: "", ko: "" }, context: "c", namespace: "n", ...story });
const trimmed = (text: string) => `${text.replace(/ +$/gm, "")}\n`;

describe("a recorded story, word for word", () => {
  it("shows a pod that was deleted, and its replacement", () => {
    const story = storyOf(recorded("pod-replaced"), { own: ["7433"] });
    const look = { told: ({ en }: { en: string }) => en, colour: false, why: true };
    assert.equal(trimmed(rendered(told(story), look)), read("pod-replaced.txt"));
  });

  it("shows how a pod is created, in Korean and as wide as a terminal", () => {
    const look = { told: ({ ko }: { ko: string }) => ko, colour: false, why: true, width: 100 };
    assert.equal(trimmed(rendered(told(storyOf(recorded("pod-creation"))), look)), read("pod-creation.ko.txt"));
  });
});
