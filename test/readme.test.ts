import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { usage } from "../tools/terminal/arguments";
import { parseSettings, settingNames } from "../config";

const read = (file: string) => readFileSync(join(__dirname, "..", file), "utf8");
const editions = { "README.md": read("README.md"), "README.ko.md": read("README.ko.md") };
/** The pages of a teacher, who alone needs what is on them. */
const ofTeacher = { "README.md": read("docs/class.md"), "README.ko.md": read("docs/class.ko.md") };

for (const [file, text] of Object.entries(editions)) {
  describe(file, () => {
    it("names every setting with its default, or the teacher's page does", () => {
      const defaults = parseSettings({});
      const pages = text + ofTeacher[file as keyof typeof ofTeacher];
      for (const name of settingNames) {
        const row = pages.split("\n").find((line) => line.startsWith("|") && line.includes(`\`${name}\``));
        assert.ok(row, name);
        const value = defaults[name];
        if (value !== undefined && value !== "" && !Array.isArray(value)) assert.ok(row.includes(`\`${value}\``), row);
      }
    });

    it("names every option of the commands", () => {
      const options = [...usage.en.matchAll(/^ {2}(--[\w-]+)/gm)].map((found) => found[1] as string);
      assert.ok(options.length > 4);
      for (const option of options) assert.ok(text.includes(`\`${option}`), option);
    });
  });
}

describe("README.md and README.ko.md", () => {
  /** What does not depend on the language: what is linked, and how much there is of what. */
  const shape = (whole: string) => {
    // A report that is quoted is in its reader's language, numbers and all.
    const text = whole.replace(/^>.*$/gm, "");
    return {
      links: [...text.matchAll(/\]\(((?!README)[^)]+)\)/g)].map((found) => found[1]).sort(),
      headings: [...text.matchAll(/^#+ /gm)].map(([mark]) => mark),
      rows: text.split("\n").filter((line) => line.startsWith("|")).length,
      commands: [
        ...new Set(text.replaceAll("이름", "NAME").match(/`(?:npm|docker|pulumi|kubectl|minikube) [^`]+`/g)),
      ].sort(),
      numbers: [...text.matchAll(/\b\d+(?:\.\d+)? (?:s|MiB|GiB)\b/g)].map(([number]) => number),
    };
  };

  for (const pages of [editions, ofTeacher]) {
    it(`say the same, as far as that can be counted${pages === ofTeacher ? ", and so do the teacher's pages" : ""}`, () => {
      assert.deepEqual(shape(pages["README.ko.md"]), shape(pages["README.md"]));
    });
  }
});
