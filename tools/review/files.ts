import { readFileSync, statSync } from "node:fs";
import { basename, join } from "node:path";
import { isDeepStrictEqual } from "node:util";
import { parse } from "yaml";
import { stackFile } from "../stack/settings";
import { Text } from "../../text";
import { fetchedAndRun, isCode, powersGained, saysTheSame, unseen } from "./resources/code";
import { byHand } from "./editions";
import { Warning } from "./resources/model";
import { npmrc, packageJson, packageLock } from "./packages";
import { at, differingKeys, shown, some } from "./resources/values";
import { workflowGives } from "./workflow-files";

/** What a file is there for, which says who judges it. */
export type FileKind =
  | "words"
  | "program"
  | "rules"
  | "by hand"
  | "npm"
  | "pulumi"
  | "stack"
  | "workflow"
  | "runs here"
  | "tests"
  | "unknown";

/** The first that fits. */
const kinds: [FileKind, RegExp][] = [
  ["words", /\.(md|png|svg|jpe?g|gif)$|^LICENSE$|^\.github\/(CODEOWNERS\.example|ISSUE_TEMPLATE\/[^/]+\.yml)$/],
  ["words", /^\.editorconfig$/],
  ["npm", /(^|\/)(package\.json|package-lock\.json|npm-shrinkwrap\.json|\.npmrc|binding\.gyp)$/],
  ["rules", /^tools\/review\/|^tools\/commands\/review\.ts$|^tools\/stack\/data-loss\.ts$/],
  ["program", /^(components\/.+|config\/.+|index|config|outputs|text)\.ts$/],
  ["by hand", /^docker\//],
  ["pulumi", /^Pulumi\.yaml$/],
  ["stack", /^Pulumi\.[^/]+\.yaml$/],
  ["workflow", /^\.github\/workflows\/[^/]+\.ya?ml$/],
  ["runs here", /^tools\/|^\.github\/scripts\/|^tsconfig\.json$/],
  ["tests", /^(test|\.ci)\/|^(\.mocharc\.yml|eslint\.config\.mjs)$/],
];

export const kindOf = (file: string): FileKind => kinds.find(([, is]) => is.test(file))?.[0] ?? "unknown";

export interface Looked {
  /** Those that are worth telling of. */
  files: string[];
  warnings: Warning[];
  /** Those that were not judged, and why. */
  unchecked: Text[];
}

const read = (folder: string, file: string): string | undefined =>
  statSync(join(folder, file), { throwIfNoEntry: false })?.isFile()
    ? readFileSync(join(folder, file), "utf8")
    : undefined;

/** What a file of data holds; nothing where there is none. @throws where it cannot be read */
const dataIn = (text: string | undefined): unknown => (text === undefined ? undefined : (parse(text) as unknown));

const danger = (lab: string, kind: Warning["kind"], text: Text): Warning => ({ kind, dangerous: true, lab, text });

/** Parts of Pulumi.yaml that nothing runs by, or that are compared as settings. */
const quiet = ["author", "config", "description", "license", "template", "website"];

function pulumiYaml(before: unknown, after: unknown, found: Looked): void {
  for (const key of differingKeys(before, after)) {
    const path = key === "backend" ? "backend.url" : key;
    const [was, is] = [before, after].map((side) => shown(at(side, path) ?? "–"));
    const what = `\`${path}: ${was} → ${is}\``;
    if (quiet.includes(key)) continue;
    if (key === "backend" || key === "name") {
      const en = `${what}. \`up\` would find none of what runs, and fail to make it a second time. Move the state first: pulumi stack export, pulumi stack import.`;
      const ko = `${what}. \`up\` 명령이 실행 중인 것을 찾지 못해 같은 것을 다시 만들다 실패합니다. 상태를 먼저 옮기세요: pulumi stack export, pulumi stack import.`;
      if (was !== is) found.warnings.push(danger("Pulumi.yaml", "availability", { en, ko }));
    } else if (["main", "packages", "plugins", "runtime"].includes(key)) {
      const en = `${what}. It says which programs run on this machine: find out what the new one is.`;
      const ko = `${what}. 이 컴퓨터에서 실행되는 프로그램을 정하는 설정입니다. 새로운 것이 무엇인지 확인하세요.`;
      found.warnings.push(danger("Pulumi.yaml", "security", { en, ko }));
    } else found.unchecked.push(partUnjudged("Pulumi.yaml", key));
  }
}

const partUnjudged = (file: string, key: string): Text => ({
  en: `\`${file}\`: what \`${key}\` does was not judged. Read what changes in it.`,
  ko: `\`${file}\`: \`${key}\` 항목은 판단하지 않았습니다. 무엇이 바뀌는지 읽어 보세요.`,
});

/** Parts of a stack's file that are compared as settings, or belong to one machine. */
const settled = ["config", "encryptionsalt"];

/** Parts that say who can read the secrets, or that bring settings along which are not in the repository. */
const ofSecrets = /^(secretsprovider|encryptedkey|environment)$/;

const elsewhere = (file: string, key: string) =>
  danger(file, "security", {
    en: `\`${key}\` differs: it says who can read the stack's secrets, or brings settings from elsewhere. Find out whose it is.`,
    ko: `\`${key}\` 항목이 달라집니다. 스택의 비밀 값을 누가 읽을 수 있는지 정하거나, 다른 곳의 설정을 가져옵니다. 누구의 것인지 확인하세요.`,
  });

const unjudged: Partial<Record<FileKind, Text>> = {
  "runs here": {
    en: "it runs on this machine, and what it does there was not judged",
    ko: "이 컴퓨터에서 실행되는 파일이며 무엇을 하는지는 판단하지 않았습니다",
  },
  tests: {
    en: "it runs where the project is tested, and what it does there was not judged",
    ko: "프로젝트를 시험할 때 실행되는 파일이며 무엇을 하는지는 판단하지 않았습니다",
  },
  workflow: {
    en: "it runs in CI; what its steps do was not judged",
    ko: "CI에서 실행되는 파일이며 각 단계가 무엇을 하는지는 판단하지 않았습니다",
  },
  unknown: { en: "the review does not know this file", ko: "검토가 알지 못하는 파일입니다" },
  "by hand": { en: "its content was not checked", ko: "내용을 보지 않았습니다" },
};

/** Looks into the files that differ. @param former what files that were moved were called in the base */
export function lookInto(
  changed: readonly string[],
  { base, head }: Record<"base" | "head", string>,
  stack: string,
  former: ReadonlyMap<string, string> = new Map(),
): Looked {
  const found: Looked = { files: [], warnings: [], unchecked: [] };
  const notJudged = new Map<FileKind, string[]>();
  const pass = (kind: FileKind, file: string) => notJudged.set(kind, [...(notJudged.get(kind) ?? []), file]);

  for (const file of changed) {
    const kind = kindOf(file);
    const [before, after] = [read(base, file), read(head, file)];
    if (kind === "words" || (isCode(file) && saysTheSame(before, after))) continue;
    const own = file === stackFile(stack);
    if (!own) found.files.push(file);
    if (after !== undefined) {
      // What is moved into the program is new there, whatever it did before.
      const was = before ?? (kind === "program" ? undefined : read(base, former.get(file) ?? file));
      found.warnings.push(...fetchedAndRun(was, after).map((line) => danger(file, "security", unseen(line))));
      if (isCode(file) && kind !== "tests")
        found.warnings.push(...powersGained(was, after, kind === "program").map((power) => begins(file, power)));
    }
    try {
      const data = () => [dataIn(before), dataIn(after)] as const;
      if (kind === "npm") npmFile(file, before, after, found);
      else if (kind === "pulumi") pulumiYaml(...data(), found);
      else if (own) {
        const parts = differingKeys(...data()).filter((key) => !settled.includes(key));
        const [keys, others] = [true, false].map((is) => parts.filter((key) => ofSecrets.test(key) === is));
        found.warnings.push(...keys!.map((key) => elsewhere(file, key)));
        found.unchecked.push(...others!.map((key) => partUnjudged(file, key)));
        if (parts.length > 0) found.files.push(file);
      } else if (kind === "stack") found.unchecked.push(otherStack(file));
      else if (kind === "workflow") {
        found.warnings.push(...workflowGives(file, before, after));
        if (!isDeepStrictEqual(...data())) pass(kind, file);
      } else if (kind === "by hand" || /(^|\/)(Dockerfile$|\.env)/.test(file)) {
        const told = byHand(file, before, after);
        found.warnings.push(...(told ?? []));
        if (!told || kind !== "by hand") pass(kind, file);
      } else if (kind !== "program") pass(kind, file);
    } catch {
      // What cannot be read is not called harmless.
      pass("unknown", file);
    }
  }
  tellUnjudged(notJudged, found);
  return found;
}

function tellUnjudged(notJudged: ReadonlyMap<FileKind, string[]>, found: Looked): void {
  const rules = notJudged.get("rules") ?? [];
  if (rules.length > 0) {
    found.warnings.push(
      danger("tools/review/policies", "policy", {
        en: `${some(rules)}: the rules themselves change, and this review went by the changed ones. Read what they no longer refuse.`,
        ko: `${some(rules)}: 규칙 자체가 바뀌며, 이 검토는 바뀐 규칙을 따랐습니다. 무엇을 더 이상 막지 않는지 읽어 보세요.`,
      }),
    );
  }
  for (const [kind, files] of notJudged) {
    const why = unjudged[kind];
    if (!why) continue;
    found.unchecked.push({
      en: `${some(files)}: ${why.en}. Read what changes in it.`,
      ko: `${some(files)}: ${why.ko}. 무엇이 바뀌는지 읽어 보세요.`,
    });
  }
}

const otherStack = (file: string): Text => {
  const stack = file.replace(/^Pulumi\.|\.yaml$/g, "");
  return {
    en: `\`${file}\`: stack ${stack} was not compared. Review it, too: \`npm run review -- --stack ${stack}\`.`,
    ko: `\`${file}\`: ${stack} 스택은 비교하지 않았습니다. 이것도 검토하세요: \`npm run review -- --stack ${stack}\`.`,
  };
};

const begins = (file: string, power: Text) =>
  danger(file, "security", {
    en: `the code begins to ${power.en}, which no comparison of resources shows. Read what for.`,
    ko: `코드가 ${power.ko}. 리소스를 비교해서는 드러나지 않습니다. 왜 필요한지 읽어 보세요.`,
  });

function npmFile(file: string, before: string | undefined, after: string | undefined, found: Looked): void {
  const name = basename(file);
  if (name === ".npmrc") found.warnings.push(...npmrc(before, after));
  else if (name === "package-lock.json" && after === undefined) {
    found.warnings.push(
      danger(file, "security", {
        en: "it goes: npm would install what is newest on that day, and compare no checksums.",
        ko: "파일이 없어집니다. npm이 체크섬을 비교하지 않고 그날 가장 새로운 것을 설치합니다.",
      }),
    );
  } else if (name === "package.json" || name === "package-lock.json") {
    const [was, is] = [before, after].map((text) => JSON.parse(text ?? "{}") as unknown);
    const { warnings, unchecked } = name === "package.json" ? packageJson(was, is) : packageLock(was, is);
    found.warnings.push(...warnings);
    found.unchecked.push(...unchecked);
  } else if (after !== undefined) {
    found.warnings.push(
      danger(file, "security", {
        en: "npm goes by this file by itself when it installs. Find out what it makes npm run.",
        ko: "npm이 설치할 때 저절로 따르는 파일입니다. npm이 무엇을 실행하게 되는지 확인하세요.",
      }),
    );
  }
}
