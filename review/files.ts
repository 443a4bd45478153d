import { readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { parseDocument } from "yaml";
import { Text } from "../text";
import { byHand } from "./editions";
import { Warning } from "./model";
import { at, shown } from "./values";

/** What changes something for people, and what the comparison of resources and settings does not show. */
export const watched = [
  "docker",
  "policies",
  "review",
  "cli",
  ".github",
  "package-lock.json",
  "Pulumi.yaml",
  "Pulumi.*.yaml",
];

/** What says how dangerous a change is. */
const judges = /^(policies|review)\/|^cli\/(review|data-loss)\.ts$/;

interface Folders {
  base: string;
  head: string;
}

/** What is told of files that differ. */
export interface Looked {
  warnings: Warning[];
  /** Those that were not looked into, and why. */
  unchecked: Text[];
}

const read = (folder: string, file: string): string | undefined =>
  statSync(join(folder, file), { throwIfNoEntry: false })?.isFile()
    ? readFileSync(join(folder, file), "utf8")
    : undefined;

function movedState(base: string | undefined, head: string | undefined): Warning[] {
  const of = (text: string | undefined) => shown(at(parseDocument(text ?? "").toJS(), "backend.url") ?? "–");
  const [was, is] = [of(base), of(head)];
  if (was === is) return [];
  return [
    {
      ...{ kind: "availability", dangerous: true, lab: "Pulumi.yaml" },
      text: {
        en: `\`backend.url: ${was} → ${is}\`. \`up\` would find none of what runs, and fail to make it a second time. Move the state first: pulumi stack export, pulumi stack import.`,
        ko: `\`backend.url: ${was} → ${is}\`. \`up\` 이 실행 중인 것을 찾지 못해 같은 것을 다시 만들다 실패합니다. 상태를 먼저 옮기세요: pulumi stack export, pulumi stack import.`,
      },
    },
  ];
}

/** Looks into the files that differ, as far as it is known how to read them. */
export function lookInto(files: readonly string[], { base, head }: Folders): Looked {
  const found: Looked = { warnings: [], unchecked: [] };
  const judging = files.filter((file) => judges.test(file));
  if (judging.length > 0) {
    const [some, more] = [
      judging
        .slice(0, 3)
        .map((file) => `\`${file}\``)
        .join(", "),
      judging.length - 3,
    ];
    const names = `${some}${more > 0 ? `, +${more}` : ""}`;
    found.warnings.push({
      ...{ kind: "policy", dangerous: true, lab: "policies" },
      text: {
        en: `${names}: the rules themselves change, and this review went by the changed ones. Read what they no longer refuse.`,
        ko: `${names}: 규칙 자체가 바뀌며, 이 검토는 바뀐 규칙을 따랐습니다. 무엇을 더 이상 막지 않는지 읽어 보세요.`,
      },
    });
  }
  for (const file of files) {
    const [before, after] = [read(base, file), read(head, file)];
    if (file === "Pulumi.yaml") found.warnings.push(...movedState(before, after));
    const [, stack] = /^Pulumi\.(.+)\.yaml$/.exec(file) ?? [];
    if (stack !== undefined) {
      found.unchecked.push({
        en: `\`${file}\`: stack ${stack} was not compared. Review it, too: \`npm run review -- --stack ${stack}\`.`,
        ko: `\`${file}\`: ${stack} 스택은 비교하지 않았습니다. 이것도 검토하세요: \`npm run review -- --stack ${stack}\`.`,
      });
    }
    if (!file.startsWith("docker/")) continue;
    const told = byHand(file, before, after);
    if (told) found.warnings.push(...told);
    else {
      found.unchecked.push({
        en: `\`${file}\`: it was not looked into. Read what changes in it.`,
        ko: `\`${file}\`: 내용을 보지 않았습니다. 무엇이 바뀌는지 읽어 보세요.`,
      });
    }
  }
  return found;
}
