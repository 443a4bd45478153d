import { DockerfileParser, Instruction, ModifiableInstruction } from "dockerfile-ast";
import { Text } from "../../text";
import { isRoot } from "./openings/container";
import { isForeign } from "./resources/images";
import { Warning } from "./resources/model";
import { isSecretName, isWish } from "./resources/secret-names";
import { cutTo } from "./resources/values";

const instructionsOf = (text: string) => DockerfileParser.parse(text).getInstructions();

const words = (instruction: Instruction) => instruction.getArguments().map((argument) => argument.getValue());

/** The user of the last stage, where it names one. */
function userOf(text: string): string | undefined {
  const instructions = instructionsOf(text);
  const last = instructions.slice(instructions.map((one) => one.getKeyword()).lastIndexOf("FROM") + 1);
  const user = last.filter((one) => one.getKeyword() === "USER").pop();
  return user && words(user)[0];
}

/** The images that take part in the build: those of its stages, those that it copies from, and what reads the file. */
function imagesOf(text: string): string[] {
  const instructions = instructionsOf(text);
  const of = (keyword: string) => instructions.filter((one) => one.getKeyword() === keyword);
  const defaults = new Map(
    of("ARG").map((one) => /^(\w*)=?(.*)$/s.exec(words(one)[0] ?? "")!.slice(1) as [string, string]),
  );
  const stages = of("FROM").map((one) => words(one)[2]);
  const copied = of("COPY").flatMap((one) => /\s--from=(\S+)/.exec(lineOf(one))?.[1] ?? []);
  const read = DockerfileParser.parse(text)
    .getDirectives()
    .filter((directive) => directive.getName().toLowerCase() === "syntax");
  return [...of("FROM").map((one) => words(one)[0] ?? ""), ...copied, ...read.map((one) => one.getValue())]
    .filter((image) => !stages.includes(image) && !/^\d*$/.test(image))
    .map((image) => image.replace(/\$\{?(\w+)\}?/g, (whole, argument: string) => defaults.get(argument) || whole));
}

function lineOf(instruction: Instruction): string {
  const flags = instruction instanceof ModifiableInstruction ? instruction.getFlags().map(String) : [];
  const text = (instruction.getRawArgumentsContent() ?? "").replace(/(\\?\s)+/g, " ").trim();
  return [instruction.getKeyword(), ...flags, text].join(" ");
}

/** What an instruction lets into an image or out of a build. */
function opens(line: string): Text | undefined {
  if (/^ADD\b.*(\s(https?|git|ssh):|\sgit@)/.test(line) && !line.includes("--checksum=")) {
    return {
      en: "puts into the image whatever that address serves on that day. Give it a `--checksum`",
      ko: "명령이 그날 그 주소에 있는 것을 이미지에 넣습니다. `--checksum` 옵션을 주세요",
    };
  }
  if (/^RUN (--\S+ )*--(security=insecure|network=host)/.test(line)) {
    return {
      en: "runs on the machine that builds, without the isolation of a build",
      ko: "명령이 빌드의 격리 없이, 빌드하는 컴퓨터에서 실행됩니다",
    };
  }
  if (
    /^RUN .*(NOPASSWD|--allow-unauthenticated|--force-yes|trusted=yes|chmod \S*([ug]\+s|\b[2467][0-7]{3}\b))/.test(line)
  ) {
    return {
      en: "allows unsigned packages, or lets the user become root",
      ko: "명령으로 서명되지 않은 패키지가 들어오거나, 사용자가 root가 될 수 있습니다",
    };
  }
  const [, name = "", value = ""] = /^(?:ENV|ARG) (\w+)[= ](.*)$/.exec(line) ?? [];
  if (isSecretName(name) && !isWish(name) && value !== "" && !value.startsWith("$")) {
    return {
      en: "writes a password into the image, where everyone who has the image can read it",
      ko: "명령이 암호를 이미지에 적습니다. 이미지를 가진 모두가 읽을 수 있습니다",
    };
  }
  return undefined;
}

/** What a change of a Dockerfile opens or loosens, and what of it was not judged. */
export function dockerfileChanges(file: string, before: string, after: string): Warning[] {
  const danger = (text: Text): Warning => ({ kind: "security", dangerous: true, lab: file, text });
  const warnings: Warning[] = [];
  const [was, is] = [userOf(before), userOf(after)];
  if (was !== undefined && !isRoot(was) && (is === undefined || isRoot(is))) {
    warnings.push(
      danger({
        en: `the image runs as root instead of \`${was}\`. End the last stage of the Dockerfile with \`USER ${was}\`.`,
        ko: `이미지가 \`${was}\` 대신 root로 실행됩니다. Dockerfile의 마지막 단계를 \`USER ${was}\` 명령으로 끝내세요.`,
      }),
    );
  }
  const known = ["ubuntu", "docker/dockerfile", ...imagesOf(before)];
  for (const image of imagesOf(after).filter((one) => known.every((other) => isForeign(other, one)))) {
    warnings.push(
      danger({
        en: `\`${image}\` takes part in the build, and is not one of Docker's official images. Find out whose it is.`,
        ko: `\`${image}\` 이미지가 빌드에 쓰이는데, Docker 공식 이미지가 아닙니다. 누구의 것인지 확인하세요.`,
      }),
    );
  }
  const lines = new Set(instructionsOf(before).map(lineOf));
  for (const line of instructionsOf(after).map(lineOf)) {
    if (lines.has(line)) continue;
    const [short, opened] = [cutTo(line.replaceAll("`", "'"), 100), opens(line)];
    if (opened) warnings.push(danger({ en: `\`${short}\` ${opened.en}.`, ko: `\`${short}\` ${opened.ko}.` }));
    else if (!line.startsWith("USER ") && before !== "") {
      const text = {
        en: `the image is built differently: \`${short}\`. What that does was not judged.`,
        ko: `이미지가 다르게 만들어집니다: \`${short}\`. 무엇을 하는지는 판단하지 않았습니다.`,
      };
      warnings.push({ kind: "unknown", dangerous: false, lab: file, text });
    }
  }
  return warnings;
}
