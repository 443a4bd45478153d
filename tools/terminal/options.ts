import { parseArgs } from "node:util";
import { labNames } from "../../config";
import { LabError, same, Text } from "../../text";

/** An option as it is parsed and described. */
interface Option {
  type: "string" | "boolean";
  /** Whether it may be given more than once. */
  multiple?: boolean;
  default?: string | boolean | string[];
  /** The placeholder for its value in the help. */
  value?: Text;
  about: Text;
  /** The commands that it is for, if several share a list of options. */
  of?: readonly string[];
}
type Options = Readonly<Record<string, Option>>;

const flag = (en: string, ko: string, ...of: string[]) => ({
  ...{ type: "boolean" as const, default: false, about: { en, ko } },
  ...(of.length > 0 && { of }),
});
const taking = (value: Text, en: string, ko: string, ...of: string[]) => ({
  ...{ type: "string" as const, value, about: { en, ko } },
  ...(of.length > 0 && { of }),
});

const file: Text = { en: "FILE", ko: "파일" };
const page: Text = { en: "FILE.html", ko: "파일.html" };
const name: Text = { en: "NAME", ko: "이름" };

const shared = {
  stack: {
    ...taking(
      name,
      "use another stack with the settings in Pulumi.NAME.yaml (default: dev)",
      "다른 스택 사용, 설정 파일은 Pulumi.이름.yaml (기본값: dev)",
    ),
    default: "dev",
  },
  lang: taking(same("ko|en"), "language of the messages", "메시지 언어"),
};

/** Every option of every command: what is parsed, what --help prints, and what npm must not consume. */
export const options = {
  /** up, preview, outputs, check, doctor, grade, destroy */
  usual: {
    labs: taking(same("a,b"), `only these labs: ${labNames.join(", ")}`, `지정한 실습만: ${labNames.join(", ")}`),
    ...shared,
    "allow-data-loss": flag(
      "continue even if stored data is deleted, or left behind on another Docker",
      "저장된 데이터가 삭제되거나 다른 Docker에 남더라도 계속",
      "up",
      "destroy",
    ),
    images: flag("also remove the pulled images", "내려받은 이미지도 삭제", "destroy"),
    cluster: flag("also delete the minikube cluster that up created", "up이 만든 minikube 클러스터도 삭제", "destroy"),
    json: flag("print JSON", "JSON으로 출력", "outputs", "check", "doctor"),
    "by-hand": flag(
      "check what you created with docker, docker compose and kubectl",
      "docker, docker compose, kubectl로 직접 만든 것을 점검",
      "check",
      "doctor",
    ),
    drill: flag(
      "also run checks that delete a pod or start a copy",
      "파드를 삭제하거나 복사본을 시작하는 점검도 실행",
      "check",
    ),
    committed: taking(
      name,
      "the image that you committed (default: mine:1)",
      "commit한 이미지 (기본값: mine:1)",
      "check",
    ),
    "cleaned-up": flag(
      "verify that the committed image and its containers were removed",
      "commit한 이미지와 컨테이너를 모두 삭제했는지 점검",
      "check",
    ),
    junit: taking(file, "also write the results as JUnit XML", "결과를 JUnit XML로도 저장", "check"),
    report: taking(page, "also write a report to hand in", "제출용 보고서도 저장", "check"),
    attach: {
      ...taking(
        page,
        "put a page of npm run see into the report",
        "npm run see가 만든 페이지를 보고서에 첨부",
        "check",
      ),
      multiple: true as const,
      default: [] as string[],
    },
    student: taking(name, "name in the report", "보고서에 적을 이름", "check"),
  },
  review: {
    base: {
      ...taking(
        { en: "REVISION", ko: "리비전" },
        "revision to compare with (default: origin/main)",
        "비교할 기준 리비전 (기본값: origin/main)",
      ),
      default: "origin/main",
    },
    deploy: flag(
      "deploy the base first (default: compare with the labs that are running)",
      "기준 리비전을 먼저 배포 (기본값: 지금 실행 중인 실습 환경과 비교)",
    ),
    markdown: taking(file, "write the report to a file instead of printing it", "보고서를 출력하지 않고 파일에 저장"),
    json: taking(file, "also write the report as JSON", "보고서를 JSON으로도 저장"),
    ...shared,
  },
  see: {
    page: taking(page, "also write a page that shows the story step by step", "한 단계씩 넘겨 보는 페이지로도 저장"),
    why: flag("print the reason for each step", "단계마다 이유까지 출력"),
    json: flag("print JSON", "JSON 형식으로 출력"),
    namespace: taking(name, "use another namespace than that of the lab", "실습 네임스페이스 대신 쓸 네임스페이스"),
    "by-hand": flag("use the lab that you created with kubectl", "kubectl로 직접 만든 실습 사용"),
    ...shared,
  },
  class: {
    seat: taking(same("a,b"), "only these seats", "이 자리만"),
    json: flag("table: print JSON", "table: JSON 형식으로 출력"),
    server: taking(
      same("URL"),
      "hand-out: the address of the Kubernetes API for students",
      "hand-out: 학생이 사용할 쿠버네티스 API 주소",
    ),
    here: flag(
      "hand-out: continue although only this machine can reach the cluster",
      "hand-out: 이 컴퓨터에서만 클러스터에 접속되더라도 계속하기",
    ),
    ...shared,
  },
  shell: {
    fish: flag("for fish", "fish용"),
    powershell: flag("for PowerShell", "PowerShell용"),
    ...shared,
  },
} satisfies Record<string, Options>;

/** How many columns a text takes on a terminal: a Korean letter takes two. */
const width = (text: string) => text.length + (text.match(/[가-힣]/g)?.length ?? 0);

/** The help of options, a line each. */
export function described(list: Options): Text {
  const inOne = (language: keyof Text) => {
    const rows = Object.entries(list).map(([name, { value, about, of }]) => [
      `--${name}${value ? ` ${value[language]}` : ""}`,
      `${of ? `${of.join(", ")}: ` : ""}${about[language]}`,
    ]);
    const widest = Math.max(...rows.map(([typed = ""]) => width(typed)));
    return rows.map(([typed = "", text]) => `  ${typed}${" ".repeat(widest - width(typed))}  ${text}`).join("\n");
  };
  return { en: inOne("en"), ko: inOne("ko") };
}

/** An error that is followed by the help of its command. */
export const misused = (usage: Text, { en, ko }: Text) =>
  new LabError({ en: `${en}\n\n${usage.en}`, ko: `${ko}\n\n${usage.ko}` });

const isStackName = (name: string) => /^(?!\.)(?!.*\.ya?ml$)[\w.-]{1,100}$/.test(name);

const help = { type: "boolean", default: false } as const;

/**
 * Reads what was typed after the name of a command.
 * @param command whose options these are, where the list has some of other commands, too
 * @throws LabError that names the option and its value
 */
export function read<O extends Options>(argv: string[], list: O, usage: Text, allowPositionals = false, command = "") {
  const parsed = (() => {
    try {
      return parseArgs({ args: argv, options: { ...list, help }, allowPositionals, tokens: true });
    } catch (error) {
      const { en, ko } = parsingProblem(error);
      throw misused(usage, { en, ko });
    }
  })();
  const typed = parsed.tokens.flatMap((token) => (token.kind === "option" && list[token.name] ? [token] : []));
  for (const [i, { name, value }] of typed.entries()) {
    const { of, multiple, value: stands } = list[name]!;
    if (of && command && !of.includes(command)) {
      throw misused(usage, {
        en: `--${name} is not an option of ${command}, but of ${of.join(", ")}.`,
        ko: `--${name} 옵션은 ${command} 명령에 쓸 수 없습니다. 쓸 수 있는 명령: ${of.join(", ")}.`,
      });
    }
    if (!stands) continue;
    const right: Text = { en: `--${name} ${stands.en}`, ko: `--${name} ${stands.ko}` };
    if (value?.trim() === "") {
      throw misused(usage, {
        en: `--${name} is "${value}". Write it with a value: ${right.en}`,
        ko: `--${name} 옵션의 값이 "${value}"입니다. 값과 함께 쓰세요: ${right.ko}`,
      });
    }
    if (!multiple && typed.slice(0, i).some((other) => other.name === name)) {
      throw misused(usage, {
        en: `--${name} is given more than once, and only the last would count. Write it once: ${right.en}`,
        ko: `--${name} 옵션을 두 번 이상 쓰면 마지막 것만 적용됩니다. 한 번만 쓰세요: ${right.ko}`,
      });
    }
  }
  const { stack, lang } = parsed.values as { stack: string; lang?: string };
  if (lang !== undefined && lang !== "ko" && lang !== "en") {
    throw misused(usage, {
      en: `--lang is "${lang}": it must be ko or en.`,
      ko: `--lang 옵션의 값이 "${lang}"입니다. ko 또는 en이어야 합니다.`,
    });
  }
  if (!isStackName(stack)) {
    throw misused(usage, {
      en: `--stack is "${stack}": it may contain at most 100 letters, digits, hyphens, dots and underscores, must not begin with a dot, and is the NAME in Pulumi.NAME.yaml.`,
      ko: `--stack 옵션의 값이 "${stack}"입니다. 영문자, 숫자, 하이픈, 점, 밑줄을 100자까지 쓸 수 있으며 점으로 시작할 수 없습니다. Pulumi.이름.yaml 파일 이름 가운데의 이름만 쓰세요.`,
    });
  }
  return parsed;
}

/** Describes an error of parseArgs, which has only English messages. */
function parsingProblem(error: unknown): Text {
  const { code = "", message } = error as NodeJS.ErrnoException;
  const [, named = ""] = /'([^' ]*)/.exec(message) ?? [];
  const en = `${message.split(/\. |\.?\n/)[0]}.`;
  switch (code) {
    case "ERR_PARSE_ARGS_UNKNOWN_OPTION":
      return { en, ko: `알 수 없는 옵션입니다: ${named}` };
    case "ERR_PARSE_ARGS_UNEXPECTED_POSITIONAL":
      return { en, ko: `옵션이 아닌 값은 쓸 수 없습니다: ${named}` };
    case "ERR_PARSE_ARGS_INVALID_OPTION_VALUE":
      return {
        en,
        ko: /does not take/.test(message)
          ? `${named} 옵션에는 값을 쓸 수 없습니다.`
          : `${named} 옵션에 값이 필요합니다.`,
      };
    default:
      throw error;
  }
}

/**
 * Refuses to run without the options that npm has consumed. Without this, `npm run destroy --labs redis` would destroy
 * all labs; PowerShell removes the -- even where it was typed.
 * @throws LabError with the right command
 */
export function refuseTaken(command: string, env = process.env): void {
  const own: Options = options[command as keyof typeof options] ?? options.usual;
  const all = new Set(Object.values(options).flatMap((list) => Object.keys(list)));
  const taken = [...all].flatMap((name) => {
    const value = env[`npm_config_${name.replaceAll("-", "_")}`];
    // npm has an option --json, too, which may be in the user's .npmrc.
    const isNpms = name === "json" && !(own.json && (own.json.of?.includes(command) ?? true));
    if (value === undefined || isNpms) return [];
    return value === "true" ? `--${name}` : `--${name}=${value}`;
  });
  if (taken.length === 0) return;
  const typed = taken.join(" ");
  const right = `run ${command} -- ${typed}`;
  throw new LabError({
    en: `Nothing was done, because npm used ${typed} as its own option. Put -- before the options: npm ${right} (in PowerShell: npm.cmd ${right})`,
    ko: `아무것도 실행하지 않았습니다. npm이 다음을 자체 옵션으로 처리했습니다: ${typed}. 옵션 앞에 --를 쓰세요: npm ${right} (PowerShell에서는 npm.cmd ${right})`,
  });
}
