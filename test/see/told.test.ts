import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { storyOf } from "../../tools/see/story";
import { rendered } from "../../tools/see/terminal";
import { recorded } from "./fixture";

/** A story as it was read by somebody who knows how it went. */
const read = (name: string) => readFileSync(join(__dirname, "..", "fixtures", "stories", name), "utf8");
const trimmed = (text: string) => `${text.replace(/ +$/gm, "")}\n`;

describe("a recorded story, word for word", () => {
  it("shows a pod that was deleted, and its replacement", () => {
    const story = storyOf(recorded("pod-replaced"), { own: ["7433"] });
    const look = { told: ({ en }: { en: string }) => en, colour: false, why: true };
    assert.equal(trimmed(rendered(story, undefined, look)), read("pod-replaced.txt"));
  });

  it("shows how a pod is created, in Korean and as wide as a terminal", () => {
    const look = { told: ({ ko }: { ko: string }) => ko, colour: false, why: true, width: 100 };
    assert.equal(trimmed(rendered(storyOf(recorded("pod-creation")), undefined, look)), read("pod-creation.ko.txt"));
  });
});
