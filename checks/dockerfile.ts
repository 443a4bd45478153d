import { DockerfileParser, Instruction, JSONInstruction } from "dockerfile-ast";
import { Text } from "../text";
import { Image } from "./docker-facts";
import { Step } from "./live";

/** What differs between a Dockerfile and an image: the instruction, and what the image has instead. */
export interface Difference {
  instruction: string;
  /** What the image has, for a person. */
  has: Text;
}

const oneLine = (text: string) =>
  text
    .replace(/\\\r?\n/g, " ")
    .replace(/\s+/g, " ")
    .trim();

/** The command of a RUN, out of what the builder notes of it; nothing for another instruction. */
export function commandRun(step: string): string | undefined {
  // BuildKit: RUN |1 NAME=value /bin/sh -c COMMAND # buildkit; before it: |1 NAME=value /bin/sh -c COMMAND
  const found = /^(?:RUN )?(?:\|\d+ (?:\S+ )*?)?\/bin\/sh -c (?!#\(nop\))(.*?)(?: # buildkit)?$/s.exec(step);
  return found?.[1] === undefined ? undefined : oneLine(found[1]);
}

/**
 * Whether a `docker commit` is this step: it has the name of the container's command, and no builder's mark. The first
 * step of Debian's own image has none, either.
 */
export const isCommit = ({ step, comment }: Step): boolean =>
  step !== "" && commandRun(step) === undefined && !step.includes("#(nop)") && !comment.startsWith("buildkit");

/** The texts of an instruction that has a list of them. */
const listOf = (instruction: Instruction): string[] | undefined =>
  instruction instanceof JSONInstruction && instruction.getOpeningBracket() !== null
    ? instruction.getJSONStrings().map((text) => text.getJSONValue())
    : undefined;

/** A command as the image keeps it: a list, or one line for the shell. */
const listed = (instruction: Instruction): string[] =>
  listOf(instruction) ?? ["/bin/sh", "-c", oneLine(instruction.getRawArgumentsContent() ?? "")];

const wordsOf = (instruction: Instruction): string[] =>
  listOf(instruction) ?? instruction.getArguments().map((argument) => argument.getValue());

/** The instructions of the last stage: what the image is made with after its base. */
function instructionsOf(content: string): Instruction[] {
  const all = DockerfileParser.parse(content).getInstructions();
  return all.slice(all.map((instruction) => instruction.getKeyword()).lastIndexOf("FROM") + 1);
}

/** What an instruction asks for and the image does not have. */
function lacking(instruction: Instruction, image: Image): string | undefined {
  const args = wordsOf(instruction);
  const [first = ""] = args;
  const same = (a: string[], b: string[]) => a.length === b.length && a.every((value, i) => value === b[i]);
  switch (instruction.getKeyword()) {
    case "CMD":
      return same(listed(instruction), image.command) ? undefined : `CMD ${JSON.stringify(image.command)}`;
    case "ENTRYPOINT":
      return same(listed(instruction), image.entrypoint) ? undefined : `ENTRYPOINT ${JSON.stringify(image.entrypoint)}`;
    case "USER":
      return first === image.user ? undefined : `USER ${image.user || "root"}`;
    case "WORKDIR":
      return first === image.folder ? undefined : `WORKDIR ${image.folder || "/"}`;
    case "EXPOSE":
      return args.every((port) => image.exposed.includes(port.includes("/") ? port : `${port}/tcp`))
        ? undefined
        : `EXPOSE ${image.exposed.join(" ")}`;
    default:
      return undefined;
  }
}

/** Instructions that are looked for among the steps themselves. */
const noted = new Set(["ADD", "COPY", "ENV", "HEALTHCHECK", "LABEL", "STOPSIGNAL", "VOLUME"]);

/** A text without what a builder leaves out when it notes it, or puts in. */
const bare = (text: string) => text.replace(/(?<=^|\s)--\S+|[\s"'\\=,[\]]/g, "");

/** What a text may have become: a builder notes the value of a variable. */
const pattern = (text: string) =>
  text
    .split(/\$\{[^}]*\}|\$\w+/)
    .map((part) => bare(part).replace(/[.*+?^${}()|]/g, "\\$&"))
    .join(".*");

/** Whether a step is this instruction, as far as its builder notes it. */
function isStepOf(instruction: Instruction, { step }: Step): boolean {
  const keyword = instruction.getKeyword();
  const text = step
    .replace(/^\/bin\/sh -c #\(nop\)/, "")
    .replace(/ # buildkit$/, "")
    .trim();
  if (!text.startsWith(`${keyword} `)) return false;
  const words = wordsOf(instruction);
  if (keyword === "HEALTHCHECK" || words.some((word) => word.startsWith("<<"))) return true;
  // Before BuildKit: COPY file:HASH in FOLDER.
  const place = /(?:file|dir|multi):\w+ in (.*)$/s.exec(text)?.[1];
  const asked = place === undefined ? words : words.slice(-1);
  return new RegExp(`^${pattern(asked.join(" "))}$`, "s").test(bare(place ?? text.slice(keyword.length)));
}

/**
 * Where the steps of a Dockerfile begin in an image whose base is not here to be compared. Every instruction makes one step,
 * and what comes first is known by the last RUNs: a step at the end may be somebody else's.
 */
function beginOf(instructions: readonly Instruction[], history: readonly Step[]): number {
  const isRun = (instruction: Instruction) => instruction.getKeyword() === "RUN";
  const runs = history.flatMap(({ step }, i) => (commandRun(step) === undefined ? [] : [i]));
  const first = runs[runs.length - instructions.filter(isRun).length];
  const begin = first === undefined ? history.length - instructions.length : first - instructions.findIndex(isRun);
  return Math.max(0, begin);
}

const nothing: Text = { en: "no such step", ko: "그런 단계가 없음" };
const surplus: Text = { en: "a step that the Dockerfile does not have", ko: "Dockerfile 에 없는 단계" };
const byCommit: Text = { en: "a layer that docker commit made", ko: "docker commit 으로 만든 레이어" };
const literally = (text: string): Text => ({ en: text, ko: text });

/**
 * Compares an image with the Dockerfile that it should be built from.
 * @param history the steps that made the image, oldest first
 * @param baseSteps how many of them are its base's; undefined when the base is not here to be compared
 */
export function differences(
  content: string,
  image: Image,
  history: readonly Step[],
  baseSteps: number | undefined,
): Difference[] {
  const instructions = instructionsOf(content);
  const wanted = instructions
    .filter((instruction) => instruction.getKeyword() === "RUN")
    .map((instruction) => oneLine(instruction.getRawArgumentsContent() ?? ""));
  const own = history.slice(baseSteps ?? beginOf(instructions, history));
  const commands = own.flatMap(({ step }) => commandRun(step) ?? []);
  const ran = baseSteps === undefined ? commands.slice(Math.max(0, commands.length - wanted.length)) : commands;
  const steps = wanted
    .map((command, i) => ({ command, has: ran[i] }))
    .filter(({ command, has }) => command !== has)
    .map(({ command, has }) => ({
      instruction: `RUN ${command}`,
      has: has === undefined ? nothing : literally(`RUN ${has}`),
    }));
  const more = ran.slice(wanted.length).map((command) => ({ instruction: `RUN ${command}`, has: surplus }));
  const unbuilt = instructions
    .filter((one) => noted.has(one.getKeyword()) && !own.some((step) => isStepOf(one, step)))
    .map((one) => ({ instruction: oneLine(one.toString()), has: nothing }));
  const committed = own.filter(isCommit);
  const settings = instructions.flatMap((instruction) => {
    const has = lacking(instruction, image);
    return has === undefined ? [] : [{ instruction: oneLine(instruction.toString()), has: literally(has) }];
  });
  return [
    ...steps,
    ...more,
    ...unbuilt,
    ...settings,
    ...committed.map(({ step }) => ({ instruction: step, has: byCommit })),
  ];
}
