import { parseArgs } from "node:util";
import { isImageName, LabName, labNames } from "../../config";
import { LabError, Language, Text } from "../../text";

/** What was typed after `npm run <command> --`. */
export interface Arguments {
  /** Labs to narrow the command to. @default all that the settings switch on */
  labs?: LabName[];
  /** Name of the stack, whose settings are in Pulumi.<stack>.yaml. @default dev */
  stack: string;
  /** Language of the messages. @default from the locale */
  lang?: Language;
  /**
   * `up`: go on although a volume, a claim or a password would be replaced or removed; `destroy` of a cluster: although
   * somebody made something in it. @default false
   */
  allowDataLoss: boolean;
  /** `destroy`: remove the images that were pulled, too. @default false */
  images: boolean;
  /** `destroy`: remove the minikube cluster that `up` made, too. @default false */
  cluster: boolean;
  /** `outputs`, `check`, `doctor`: as JSON. @default false */
  json: boolean;
  /** Options of `check`. */
  check: CheckArguments;
  /** `grade`: the folder with the reports. */
  folder?: string;
  help: boolean;
}

export interface CheckArguments {
  /** Look at what the student made with docker, docker compose and kubectl, not at what `up` made. @default false */
  byHand: boolean;
  /** Run the checks, too, that change something while they look. @default false */
  drill: boolean;
  /** The registry lab was cleaned up: look that nothing is left. @default false */
  cleanedUp: boolean;
  /** Name of the image that the student committed. @default "mine:1" */
  committed?: string;
  /** Write the results as JUnit XML to this file. */
  junit?: string;
  /** Write a report to hand in, a page, to this file. */
  report?: string;
  /** Whose report it is. */
  student?: string;
}

export const usage: Text = {
  en: `Usage: npm run up|preview|destroy|outputs|check|doctor [-- options], npm run grade FOLDER
  --labs a,b          only these labs: ${labNames.join(", ")}
  --stack NAME        another stack, with its own Pulumi.NAME.yaml (default: dev)
  --lang ko|en        language of the messages
  --allow-data-loss   up, destroy: go on although stored data would be removed, or left on another Docker
  --images            destroy: remove the pulled images, too
  --cluster           destroy: remove the minikube cluster that up made, too
  --json              outputs, check, doctor: as JSON
  --by-hand           check, doctor: what you made with docker, docker compose and kubectl
  --drill             check: with the checks that delete a pod or start a copy
  --committed NAME    check: the image that you committed (default: mine:1)
  --cleaned-up        check: that nothing of it is left
  --junit FILE        check: also as JUnit XML
  --report FILE.html  check: also as a page to hand in
  --student NAME      check: whose report it is`,
  ko: `사용법: npm run up|preview|destroy|outputs|check|doctor [-- 옵션], npm run grade 폴더
  --labs a,b          이 실습만: ${labNames.join(", ")}
  --stack 이름        다른 스택, 설정은 Pulumi.이름.yaml (기본값: dev)
  --lang ko|en        메시지 언어
  --allow-data-loss   up, destroy: 저장된 데이터가 지워지거나 다른 Docker에 남아도 계속
  --images            destroy: 내려받은 이미지도 삭제
  --cluster           destroy: up 이 만든 minikube 클러스터도 삭제
  --json              outputs, check, doctor: JSON 으로 출력
  --by-hand           check, doctor: docker, docker compose, kubectl 로 직접 만든 것을 확인
  --drill             check: 파드를 지우거나 복사본을 시작하는 확인까지
  --committed 이름    check: commit 한 이미지 (기본값: mine:1)
  --cleaned-up        check: 그것이 흔적 없이 지워졌는지
  --junit 파일        check: JUnit XML 로도 저장
  --report 파일.html  check: 제출할 페이지로도 저장
  --student 이름      check: 누구의 보고서인지`,
};

/** What a stack may be called: a part of the names of its files. */
export const isStackName = (name: string) => /^(?!\.)[\w.-]{1,100}$/.test(name);

const wrong = (en: string, ko: string) => new LabError({ en: `${en}\n\n${usage.en}`, ko: `${ko}\n\n${usage.ko}` });

/**
 * Reads the options of a command.
 * @param command what was typed after `npm run`; only `grade` takes a word that is no option
 * @throws LabError that names the option and its value
 */
export function parseArguments(argv: string[], command = ""): Arguments {
  let values;
  let positionals: string[];
  try {
    ({ values, positionals } = parseArgs({
      args: argv,
      allowPositionals: command === "grade",
      options: {
        labs: { type: "string" },
        stack: { type: "string", default: "dev" },
        lang: { type: "string" },
        "allow-data-loss": { type: "boolean", default: false },
        images: { type: "boolean", default: false },
        cluster: { type: "boolean", default: false },
        json: { type: "boolean", default: false },
        "by-hand": { type: "boolean", default: false },
        drill: { type: "boolean", default: false },
        "cleaned-up": { type: "boolean", default: false },
        committed: { type: "string" },
        junit: { type: "string" },
        report: { type: "string" },
        student: { type: "string" },
        help: { type: "boolean", default: false },
      },
    }));
  } catch (error) {
    const reason = (error as Error).message.split(". ")[0] ?? "";
    throw wrong(`${reason}.`, `옵션을 알 수 없습니다: ${reason}.`);
  }
  const { stack, lang } = values;
  if (lang !== undefined && lang !== "ko" && lang !== "en") {
    throw wrong(`--lang is "${lang}": it must be ko or en.`, `--lang 값이 "${lang}" 입니다: ko 또는 en 이어야 합니다.`);
  }
  if (!isStackName(stack)) {
    throw wrong(
      `--stack is "${stack}": it must be letters, digits, hyphens, dots and underscores, with no dot in front.`,
      `--stack 값이 "${stack}" 입니다: 글자, 숫자, 하이픈, 점, 밑줄만 쓸 수 있고 점으로 시작할 수 없습니다.`,
    );
  }
  if (values.committed !== undefined && !isImageName(values.committed)) {
    throw wrong(
      `--committed is "${values.committed}": it must be an image name such as mine:1.`,
      `--committed 값이 "${values.committed}" 입니다: mine:1 같은 이미지 이름이어야 합니다.`,
    );
  }
  const labs = values.labs?.split(",").map((lab) => lab.trim());
  const unknown = labs?.find((lab) => !(labNames as readonly string[]).includes(lab));
  if (unknown !== undefined) {
    throw wrong(
      `--labs has "${unknown}": the labs are ${labNames.join(", ")}.`,
      `--labs 에 "${unknown}" 이(가) 있습니다: 실습은 ${labNames.join(", ")} 입니다.`,
    );
  }
  return {
    labs: labs && labNames.filter((lab) => labs.includes(lab)),
    stack,
    lang,
    allowDataLoss: values["allow-data-loss"],
    images: values.images,
    cluster: values.cluster,
    json: values.json,
    check: {
      byHand: values["by-hand"],
      drill: values.drill,
      cleanedUp: values["cleaned-up"],
      committed: values.committed,
      junit: values.junit,
      report: values.report,
      student: values.student,
    },
    folder: positionals[0],
    help: values.help,
  };
}
