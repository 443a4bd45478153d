import { readFileSync, statSync } from "node:fs";
import { basename, join } from "node:path";
import { isDeepStrictEqual } from "node:util";
import { parseAllDocuments } from "yaml";
import { stackFile } from "../stack/settings";
import { Text } from "../../text";
import { fetchedAndRun, isCode, reachesGained, saysTheSame, unseen } from "./resources/code";
import { dockerfileChanges } from "./dockerfile";
import { Warning } from "./resources/model";
import { packageJson, packageLock } from "./packages";
import { at, differingKeys, shown, some } from "./resources/values";

/** What a file is there for, which says who judges it: the first that fits. */
const kinds = {
  words:
    /\.(md|png|svg|jpe?g|gif)$|^(LICENSE|\.editorconfig)$|^\.github\/(CODEOWNERS\.example|ISSUE_TEMPLATE\/[^/]+\.yml)$/,
  npm: /(^|\/)(package\.json|package-lock\.json|npm-shrinkwrap\.json|\.npmrc|binding\.gyp)$/,
  rules: /^tools\/review\/|^tools\/commands\/review\.ts$|^tools\/stack\/data-loss\.ts$/,
  program: /^(components\/.+|config\/.+|index|config|outputs|text)\.ts$/,
  pulumi: /^Pulumi\.yaml$/,
  stack: /^Pulumi\.[^/]+\.yaml$/,
  workflow: /^\.github\/workflows\/[^/]+\.ya?ml$/,
  tests: /^(test|\.ci)\/|^(\.mocharc\.yml|eslint\.config\.mjs)$/,
  other: /./,
};
export type FileKind = keyof typeof kinds;

export const kindOf = (file: string) => (Object.keys(kinds) as FileKind[]).find((kind) => kinds[kind].test(file))!;

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

/** The documents of a YAML file; none where there is no file. @throws where it cannot be read */
const dataIn = (text = ""): unknown[] =>
  parseAllDocuments(text).map((document) => {
    for (const error of document.errors) throw error;
    return document.toJS() as unknown;
  });

const danger = (lab: string, kind: Warning["kind"], text: Text): Warning => ({ kind, dangerous: true, lab, text });

/** Parts of Pulumi's files that nothing runs by, that are compared as settings, or that belong to one machine. */
const quiet = ["author", "config", "description", "encryptionsalt", "license", "template", "website"];

const partsOfPulumi = (file: string, before: unknown, after: unknown): Warning[] =>
  differingKeys(before, after)
    .filter((key) => !quiet.includes(key))
    .map((key) => {
      const [was, is] = [before, after].map((side) => shown(at(side, key) ?? "–"));
      return danger(file, "security", {
        en: `\`${key}: ${was} → ${is}\`. It says where the state is, who can read its secrets, or what Pulumi runs on this machine. Find out what the new value does. If the state moves, or the project is called something else, move what is running first: pulumi stack export, pulumi stack import.`,
        ko: `\`${key}: ${was} → ${is}\`. 상태를 어디에 두는지, 그 비밀 값을 누가 읽는지, Pulumi가 이 컴퓨터에서 무엇을 실행하는지 정하는 설정입니다. 새 값이 무엇을 하는지 확인하세요. 상태의 위치나 프로젝트 이름이 바뀐다면 실행 중인 것을 먼저 옮기세요: pulumi stack export, pulumi stack import.`,
      });
    });

/**
 * A workflow as it is, but for what its parts are called, how long they may take, and which commit of GitHub's own actions they use.
 * @see https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-syntax
 */
const effective = (workflow: unknown) =>
  JSON.stringify(workflow, function (this: object, key, value: unknown) {
    const isPart = ["jobs", "runs-on", "uses", "run"].some((known) => known in this);
    return isPart && /^(run-)?name$|^timeout-minutes$/.test(key) ? undefined : value;
  }).replace(/("uses":"(?:actions|github)\/[^@"]+)@[0-9a-f]{40}(?=")/g, "$1");

/** Looks into the files that differ. @param former what files that were moved were called in the base */
export function lookInto(
  changed: readonly string[],
  { base, head }: Record<"base" | "head", string>,
  stack: string,
  former: ReadonlyMap<string, string> = new Map(),
): Looked {
  const found: Looked = { files: [], warnings: [], unchecked: [] };
  const [rules, others]: string[][] = [[], []];

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
        found.warnings.push(...reachesGained(was, after, kind === "program").map((name) => begins(file, name)));
    }
    try {
      const [was, is] = /\.ya?ml$/.test(file) ? [dataIn(before), dataIn(after)] : [[before], [after]];
      const isDockerfile = /(^|\/)Dockerfile[^/]*$/.test(file);
      if (kind === "npm") npmFile(file, before, after, found);
      else if (kind === "pulumi") found.warnings.push(...partsOfPulumi(file, was[0], is[0]));
      else if (own) {
        const parts = partsOfPulumi(file, was[0], is[0]);
        found.warnings.push(...parts);
        if (parts.length > 0) found.files.push(file);
      } else if (kind === "stack") found.unchecked.push(otherStack(file));
      else if (!isDeepStrictEqual(was, is)) {
        if (kind === "workflow" && after !== undefined && effective(was) !== effective(is))
          found.warnings.push(workflowChanges(file));
        if (isDockerfile && after !== undefined) found.warnings.push(...dockerfileChanges(file, before ?? "", after));
        if (kind === "rules") rules!.push(file);
        else if (kind !== "program" && !isDockerfile) others!.push(file);
      }
    } catch {
      // What cannot be read is not called harmless.
      others!.push(file);
    }
  }
  if (rules!.length > 0) found.warnings.push(rulesChange(rules!));
  if (others!.length > 0) {
    found.unchecked.push({
      en: `${some(others!)}: what this does was not judged. Read what changes in it.`,
      ko: `${some(others!)}: 무엇을 하는지는 판단하지 않았습니다. 무엇이 바뀌는지 읽어 보세요.`,
    });
  }
  return found;
}

const rulesChange = (files: readonly string[]) =>
  danger("tools/review/policies", "policy", {
    en: `${some(files)}: the rules themselves change, and this review went by the changed ones. Read what they no longer refuse.`,
    ko: `${some(files)}: 규칙 자체가 바뀌며, 이 검토는 바뀐 규칙을 따랐습니다. 무엇을 더 이상 막지 않는지 읽어 보세요.`,
  });

const workflowChanges = (file: string) =>
  danger(file, "security", {
    en: "this workflow runs with the rights and the secrets of the repository. Find out what it may do that it could not do before, and who can start it.",
    ko: "저장소의 권한과 비밀 값을 가지고 실행되는 워크플로입니다. 전에 없던 무엇을 할 수 있고 누가 실행시킬 수 있는지 확인하세요.",
  });

const otherStack = (file: string): Text => {
  const stack = file.replace(/^Pulumi\.|\.yaml$/g, "");
  return {
    en: `\`${file}\`: stack ${stack} was not compared. Review it, too: \`npm run review -- --stack ${stack}\`.`,
    ko: `\`${file}\`: ${stack} 스택은 비교하지 않았습니다. 이것도 검토하세요: \`npm run review -- --stack ${stack}\`.`,
  };
};

const begins = (file: string, name: string) =>
  danger(file, "security", {
    en: `the code begins to use \`${name}\`, which reaches beyond the labs: no comparison of resources shows what it does. Read what for.`,
    ko: `코드가 \`${name}\` 기능을 쓰기 시작합니다. 실습 밖에 영향을 줄 수 있고, 리소스를 비교해서는 드러나지 않습니다. 왜 필요한지 읽어 보세요.`,
  });

function npmFile(file: string, before: string | undefined, after: string | undefined, found: Looked): void {
  const name = basename(file);
  const [was, is] = name.startsWith("package")
    ? [before, after].map((text) => JSON.parse(text ?? "{}") as unknown)
    : [];
  if (name === "package.json" || (name === "package-lock.json" && at(is, "packages") !== undefined)) {
    const { warnings, unchecked } = name === "package.json" ? packageJson(was, is) : packageLock(was, is);
    found.warnings.push(...warnings);
    found.unchecked.push(...unchecked);
  } else {
    found.warnings.push(
      danger(file, "security", {
        en: "npm follows this file whenever it installs: it says where packages come from, by which checksums, or what runs then. Find out what its change does.",
        ko: "npm이 설치할 때마다 따르는 파일입니다. 패키지를 어디에서 받는지, 어떤 체크섬으로 확인하는지, 무엇을 실행하는지 정합니다. 이 변경으로 무엇이 달라지는지 확인하세요.",
      }),
    );
  }
}
