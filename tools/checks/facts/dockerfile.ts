import { DockerfileParser, From, Instruction } from "dockerfile-ast";
import { same, Text } from "../../../text";
import { Step } from "./live";

/** A difference between a Dockerfile and an image: the instruction, and what the image has instead. */
export interface Difference {
  instruction: string;
  /** What the image has, for a person. */
  has: Text;
  /** Whether no other way of writing the same instruction explains this difference. */
  sure: boolean;
}

const oneLine = (text: string) =>
  text
    .replace(/\\\r?\n/g, " ")
    .replace(/\s+/g, " ")
    .trim();

/** Whether a builder recorded this step as a command in its usual shell. */
const ranInShell = (step: string) => /^(?:RUN )?(?:\|\d+ (?:\S+ )*?)?\/bin\/sh -c (?!#\(nop\))/.test(step);

/**
 * Whether this step is a `docker commit`: it contains the container's command, and no builder's mark. The first
 * step of Debian's own image has none, either.
 */
export const isCommit = ({ step, comment }: Step): boolean =>
  step !== "" && !ranInShell(step) && !step.includes("#(nop)") && !comment.startsWith("buildkit");

/** The instructions that change files; all others only set what an image is run with. */
const kinds = ["RUN", "COPY", "ADD"] as const;
type Kind = (typeof kinds)[number];
const kindOf = (instruction: Instruction) => kinds.find((kind) => kind === instruction.getKeyword());

/** The instructions after the base image: of the last stage, and of the earlier stages that it is based on. */
function instructionsOf(content: string): Instruction[] {
  const stages = new Map<string | undefined, Instruction[]>();
  let own: Instruction[] = [];
  for (const instruction of DockerfileParser.parse(content).getInstructions()) {
    if (instruction instanceof From) {
      own = [...(stages.get(instruction.getImage()?.toLowerCase()) ?? [])];
      const name = instruction.getBuildStage()?.toLowerCase();
      if (name !== undefined) stages.set(name, own);
    } else own.push(instruction);
  }
  return own;
}

/**
 * A Dockerfile without the instructions that take time, a network or files. What Docker builds from the rest has the same
 * settings, because Docker itself evaluates variables, lists and repeated instructions.
 */
export function settingsOnly(content: string): string {
  const lines = content.split("\n");
  for (const instruction of DockerfileParser.parse(content).getInstructions()) {
    if (!kindOf(instruction) && instruction.getKeyword() !== "ONBUILD") continue;
    const { start, end } = instruction.getRange();
    for (let line = start.line; line <= end.line; line++) lines[line] = "";
  }
  // A syntax image may have to be downloaded, and is not needed for these instructions.
  return lines.join("\n").replace(/^(\ufeff?#\s*)syntax\s*=/i, "$1");
}

const withoutComments = (text: string) => text.replace(/^\s*#.*(?:\n|$)/gm, "");

/** A text without the characters that builders change when they record it. */
const bare = (text: string) => text.replace(/[\s"'`\\=,[\]]+/g, "");

/** What the builder may have recorded for a RUN: of a here-document, its content or all of it. */
function commandsOf(instruction: Instruction): string[] {
  const text = (instruction.getRawArgumentsContent() ?? "").replace(/^(?:--\S+[\s\\]+)+/, "");
  const [, between] = /^<<-?["']?\w+["']?[ \t\r]*\n(.*)\n[ \t]*\S+\s*$/s.exec(text) ?? [];
  // Lines with # are comments of the Dockerfile, but comments of the shell inside a here-document.
  return [withoutComments(text), text, ...(between === undefined ? [] : [between])].map(bare);
}

/** Matches what a builder records, which contains the values of variables. */
const pattern = (text: string) =>
  text
    .split(/\$\{[^}]*\}|\$\w+/)
    .map((part) => bare(part).replace(/[.*+?^${}()|]/g, "\\$&"))
    .join(".*");

const withoutOptions = (text: string) => text.replace(/(?<=^|\s)--\S+/g, "");

/** An instruction that changes files, as its builder recorded it. */
interface Noted {
  kind: Kind;
  /** The text after its name. */
  text: string;
  /** Whether only its position distinguishes it from a commit. */
  unmarked: boolean;
}

function notedOf(step: Step): Noted | undefined {
  const text = step.step.replace(/ # buildkit$/, "");
  const [, kind, rest] = /^(?:\/bin\/sh -c #\(nop\)\s+)?(RUN|COPY|ADD) (.*)$/s.exec(text) ?? [];
  if (kind !== undefined) return { kind: kind as Kind, text: rest ?? "", unmarked: false };
  if (text === "" || text.includes("#(nop)") || step.comment.startsWith("buildkit")) return undefined;
  return { kind: "RUN", text, unmarked: isCommit(step) };
}

/** Whether a builder recorded this for a RUN. @param shells the shells that the Dockerfile names */
function isRun(instruction: Instruction, { text }: Noted, shells: readonly string[]): boolean {
  // A script is recorded by its path.
  if (/\/dev\/pipes\/\S+$/.test(text)) return true;
  const noted = bare(text);
  return commandsOf(instruction).some((command) => {
    if (!noted.endsWith(command)) return false;
    const before = noted.slice(0, noted.length - command.length);
    return before === "" || before.startsWith("|") || shells.some((shell) => before.endsWith(shell));
  });
}

/** Whether a builder recorded this for a COPY or an ADD, as far as it records anything. */
function isCopy(instruction: Instruction, { text }: Noted): boolean {
  const asked = instruction.getRawArgumentsContent() ?? "";
  if (asked.includes("<<")) return true;
  // Before BuildKit: COPY file:HASH in FOLDER.
  const place = /(?:file|dir|multi):\w+ in (.*)$/s.exec(text)?.[1];
  if (place === undefined) {
    return new RegExp(`^${pattern(withoutOptions(asked))}$`, "s").test(bare(withoutOptions(text)));
  }
  return new RegExp(`${pattern(/(?:"([^"]+)"\s*\]|(\S+))\s*$/.exec(asked)?.slice(1).find(Boolean) ?? "")}$`, "s").test(
    bare(place),
  );
}

const nothing: Text = { en: "no such step", ko: "해당 단계 없음" };
const surplus: Text = { en: "a step that the Dockerfile does not have", ko: "Dockerfile에 없는 단계" };
const byCommit: Text = { en: "a layer made by docker commit", ko: "docker commit으로 만든 레이어" };

/**
 * Differences between the steps of an image and the instructions of a Dockerfile that change files.
 * @param history the steps that made the image, oldest first
 * @param baseSteps how many of them are its base's; undefined when the base is not known
 */
export function stepDifferences(
  content: string,
  history: readonly Step[],
  baseSteps: number | undefined,
): Difference[] {
  const instructions = instructionsOf(content);
  const shells = ["/bin/sh-c"];
  for (const instruction of instructions) {
    if (instruction.getKeyword() === "SHELL") shells.push(bare(instruction.getRawArgumentsContent() ?? ""));
  }
  const wanted = instructions.filter((instruction) => kindOf(instruction));
  const own = history.slice(baseSteps ?? 0).flatMap((step) => {
    const noted = notedOf(step);
    return noted ? [{ ...noted, step }] : [];
  });
  // If the base is unknown, the first steps belong to it, and the last ones may be somebody else's.
  const marked = own.map(({ unmarked }) => !unmarked);
  const end = marked.lastIndexOf(true) + 1;
  const made = own.slice(baseSteps === undefined ? Math.max(marked.indexOf(true), end - wanted.length, 0) : 0);
  const found: Difference[] = [];
  wanted.forEach((instruction, i) => {
    const noted = made[i];
    const is = noted?.kind === "RUN" ? isRun : isCopy;
    if (noted?.kind === kindOf(instruction) && noted && is(instruction, noted, shells)) return;
    const lacks = noted === undefined || noted.unmarked;
    found.push({
      instruction: oneLine(
        `${instruction.getKeyword()} ${withoutComments(instruction.getRawArgumentsContent() ?? "")}`,
      ),
      has: lacks ? nothing : same(oneLine(noted.step.step)),
      sure: lacks,
    });
  });
  const more = made.slice(wanted.length).map(({ step, unmarked }): Difference => ({
    instruction: oneLine(step.step),
    has: unmarked ? byCommit : surplus,
    sure: unmarked,
  }));
  return [...found, ...more];
}

/** Differences between the settings of an image and those of a Dockerfile, both as evaluated by Docker. */
export function settingDifferences(
  wanted: Readonly<Record<string, string>>,
  has: Readonly<Record<string, string>>,
): Difference[] {
  const keys = [...new Set([...Object.keys(wanted), ...Object.keys(has)])];
  return keys.flatMap((key) => {
    const [asked, found] = [wanted[key], has[key]];
    // `docker build --label` sets labels that are not in the Dockerfile.
    if (asked === found || (asked === undefined && key.startsWith("LABEL "))) return [];
    if (asked === undefined) return [{ instruction: found ?? "", has: surplus, sure: false }];
    return [{ instruction: asked, has: found === undefined ? nothing : same(found), sure: false }];
  });
}
