import assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { dirname, join } from "node:path";
import { parseSettings, settingNames } from "../config";
import { options } from "../tools/terminal/options";

const root = join(__dirname, "..");
const read = (file: string) => readFileSync(join(root, file), "utf8");
const inDocs = readdirSync(join(root, "docs"))
  .filter((name) => name.endsWith(".md"))
  .map((name) => `docs/${name}`);
const english = ["README.md", ...inDocs.filter((name) => !name.endsWith(".ko.md"))];
const inKorean = (page: string) => page.replace(/\.md$/, ".ko.md");
const pages = { English: english, Korean: ["README.ko.md", ...inDocs.filter((name) => name.endsWith(".ko.md"))] };

/** Where the links and pictures of a page lead to, but for those to other places. */
const targets = (text: string) =>
  [...text.matchAll(/\]\(([^)#]+)[^)]*\)/g)].map(([, to = ""]) => to).filter((to) => !/^https?:/.test(to));

for (const [language, files] of Object.entries(pages)) {
  describe(`README and docs in ${language}`, () => {
    const text = files.map(read).join("\n");

    it("name every setting with its default", () => {
      const defaults = parseSettings({});
      for (const name of settingNames) {
        const row = text.split("\n").find((line) => line.startsWith("|") && line.includes(`\`${name}\``));
        assert.ok(row, name);
        const value = defaults[name];
        if (value !== undefined && value !== "" && !Array.isArray(value)) assert.ok(row.includes(`\`${value}\``), row);
      }
    });

    it("name every option of the commands", () => {
      const all = new Set(Object.values(options).flatMap((list) => Object.keys(list)));
      assert.ok(all.size > 20);
      for (const option of all) assert.ok(text.includes(`\`--${option}`), option);
    });

    it("name only commands that exist", () => {
      const { scripts } = JSON.parse(read("package.json")) as { scripts: Record<string, string> };
      const named = [...text.matchAll(/npm(?:\.cmd)? run (?:--silent )?([a-z][\w:]*)/g)].map(([, name = ""]) => name);
      assert.ok(named.length > 20);
      assert.deepEqual(
        [...new Set(named)].filter((name) => !(name in scripts)),
        [],
      );
    });

    it("are all to be found from the first page", () => {
      const [first = "", ...others] = files;
      assert.deepEqual(
        others.filter((page) => !targets(read(first)).includes(page)),
        [],
      );
    });
  });
}

describe("every page", () => {
  const all = [...pages.English, ...pages.Korean, ".github/CONTRIBUTING.md", "CHANGELOG.md"];

  it("links to what exists, and names paths that exist", () => {
    const lost = all.flatMap((page) => {
      const text = read(page);
      const paths = [
        ...targets(text).map((to) => join(dirname(page), to)),
        ...[...text.matchAll(/`((?:tools|test|docs|docker|components|config|\.github)\/[\w./-]+)`/g)].map(
          ([, path = ""]) => path,
        ),
      ];
      return paths.filter((path) => !existsSync(join(root, path))).map((path) => `${page}: ${path}`);
    });
    assert.deepEqual(lost, []);
  });

  it("has the pictures that there are, each small enough for a slow line", () => {
    const used = all.flatMap((page) => targets(read(page)).map((to) => join(dirname(page), to)));
    for (const name of readdirSync(join(root, "docs", "pictures"))) {
      const path = join("docs", "pictures", name);
      assert.ok(used.includes(path), `${path} is on no page`);
      assert.ok(statSync(join(root, path)).size < 100 << 10, path);
    }
  });

  it("leaves the first page one that is read to its end", () => {
    for (const page of ["README.md", "README.ko.md"]) assert.ok(read(page).split("\n").length < 170, page);
  });
});

describe("a Korean page", () => {
  for (const page of [...pages.Korean, ".github/CONTRIBUTING.md"]) {
    it(`writes particles onto their word, and one of them: ${page}`, () => {
      const text = read(page);
      assert.deepEqual(text.match(/.{0,20}(?:을\(를\)|이\(가\)|은\(는\)|와\(과\)|\(으\)로|\(이\)라).*/g), null);
      assert.deepEqual(text.match(/.{0,20}[`)\w] (?:을|를|가|은|는|의|에|에서|와|과|로|으로)(?=[\s.,]).*/g), null);
    });
  }
});

describe("a page and its Korean edition", () => {
  /** What does not depend on the language: what is linked, and how much there is of what. */
  const shape = (whole: string) => {
    // A report that is quoted is in its reader's language, numbers and all.
    const text = whole.replace(/^>.*$/gm, "").replaceAll("이름", "NAME").replaceAll("파일", "FILE");
    return {
      links: [...text.matchAll(/\]\(([^)]+)\)/g)].map(([, to = ""]) => to.replace(".ko.", ".")).sort(),
      headings: [...text.matchAll(/^#+ /gm)].map(([mark]) => mark),
      rows: text.split("\n").filter((line) => line.startsWith("|")).length,
      points: text.split("\n").filter((line) => /^(?:-|\d+\.) /.test(line)).length,
      commands: [...new Set(text.match(/`(?:npm|docker|pulumi|kubectl|minikube) [^`\n]+`/g))].sort(),
      numbers: [...text.matchAll(/\b\d+(?:\.\d+)? (?:s|MiB|GiB)\b/g)].map(([number]) => number),
      transcripts: text.match(/^```console$.*?^```$/gms),
    };
  };

  for (const page of english) {
    it(`say the same, as far as that can be counted: ${page}`, () => {
      assert.deepEqual(shape(read(inKorean(page))), shape(read(page)));
    });
  }
});
