import { parseArgs } from "node:util";
import { isImageName, LabName, labNames } from "../../config";
import { LabError, Language, Text } from "../../text";

/** The options after `npm run <command> --`. */
export interface Arguments {
  /** Only these labs. @default the labs that are enabled in the settings */
  labs?: LabName[];
  /** Name of the stack with the settings in Pulumi.<stack>.yaml. @default dev */
  stack: string;
  /** Language of the messages. @default from the locale */
  lang?: Language;
  /**
   * `up`: continue even if a volume, a PVC or a password is replaced or deleted. `destroy --cluster`: continue even if the
   * cluster contains other objects. @default false
   */
  allowDataLoss: boolean;
  /** `destroy`: also remove the pulled images. @default false */
  images: boolean;
  /** `destroy`: also delete the minikube cluster that `up` created. @default false */
  cluster: boolean;
  /** `outputs`, `check`, `doctor`: print JSON. @default false */
  json: boolean;
  /** Options of `check`. */
  check: CheckArguments;
  /** `grade`: the folder with the reports. */
  folder?: string;
  help: boolean;
}

export interface CheckArguments {
  /** Check what the student created with docker, docker compose and kubectl instead of what `up` created. @default false */
  byHand: boolean;
  /** Also run the checks that change the environment. @default false */
  drill: boolean;
  /** Verify that the registry lab was cleaned up. @default false */
  cleanedUp: boolean;
  /** Name of the image that the student committed. @default "mine:1" */
  committed?: string;
  /** Write the results as JUnit XML to this file. */
  junit?: string;
  /** Write an HTML report to hand in to this file. */
  report?: string;
  /** Pages of `npm run see` to put into the report. */
  attach: string[];
  /** Name of the student in the report. */
  student?: string;
}

export const usage: Text = {
  en: `Usage: npm run COMMAND [-- OPTIONS]

Commands:
  up         deploy the labs and print their addresses
  preview    show what up would change
  outputs    print the addresses of the labs
  check      check each lab and explain what failed
  doctor     diagnose this machine and the labs, and print the next step
  review     report how a change to this project affects the running labs
  grade      summarize a folder of reports as CSV: npm run --silent grade reports
  class      hand out the seats of a class, see who needs help, grade
  see        tell what happens in the cluster, from its own records
  shell      set up a shell for plain pulumi
  destroy    remove the labs

Options:
  --labs a,b          only these labs: ${labNames.join(", ")}
  --stack NAME        use another stack with the settings in Pulumi.NAME.yaml (default: dev)
  --lang ko|en        language of the messages
  --allow-data-loss   up, destroy: continue even if stored data is deleted, or left behind on another Docker
  --images            destroy: also remove the pulled images
  --cluster           destroy: also delete the minikube cluster that up created
  --json              outputs, check, doctor: print JSON
  --by-hand           check, doctor: check what you created with docker, docker compose and kubectl
  --drill             check: also run checks that delete a pod or start a copy
  --committed NAME    check: the image that you committed (default: mine:1)
  --cleaned-up        check: verify that the committed image and its containers were removed
  --junit FILE        check: also write the results as JUnit XML
  --report FILE.html  check: also write a report to hand in
  --attach FILE.html  check: put a page of npm run see into the report
  --student NAME      check: name in the report

Examples:
  npm run up -- --labs redis,compose
  npm run check -- --by-hand --report kim.html --student Kim
  npm run destroy -- --labs compose

review, see and shell have other options: npm run review -- --help`,
  ko: `사용법: npm run 명령 [-- 옵션]

명령:
  up         실습 환경을 구성하고 접속 주소를 출력
  preview    up을 실행하면 바뀌는 내용을 표시
  outputs    실습 환경의 접속 주소를 출력
  check      실습을 하나씩 점검하고 실패한 이유를 설명
  doctor     이 컴퓨터와 실습 환경의 문제를 진단하고 다음에 할 일을 안내
  review     이 프로젝트의 변경이 실행 중인 실습 환경에 미치는 영향을 보고
  grade      폴더에 모은 보고서를 CSV로 요약: npm run --silent grade reports
  class      반의 자리를 나눠 주고, 누구에게 도움이 필요한지 보고, 채점
  see        클러스터에서 일어난 일을 클러스터의 기록으로 보기
  shell      pulumi 명령을 직접 쓸 수 있도록 셸을 설정
  destroy    실습 환경을 삭제

옵션:
  --labs a,b          지정한 실습만: ${labNames.join(", ")}
  --stack 이름        다른 스택 사용, 설정 파일은 Pulumi.이름.yaml (기본값: dev)
  --lang ko|en        메시지 언어
  --allow-data-loss   up, destroy: 저장된 데이터가 삭제되거나 다른 Docker에 남더라도 계속
  --images            destroy: 내려받은 이미지도 삭제
  --cluster           destroy: up이 만든 minikube 클러스터도 삭제
  --json              outputs, check, doctor: JSON으로 출력
  --by-hand           check, doctor: docker, docker compose, kubectl로 직접 만든 것을 점검
  --drill             check: 파드를 삭제하거나 복사본을 시작하는 점검도 실행
  --committed 이름    check: commit한 이미지 (기본값: mine:1)
  --cleaned-up        check: commit한 이미지와 컨테이너를 모두 삭제했는지 점검
  --junit 파일        check: 결과를 JUnit XML로도 저장
  --report 파일.html  check: 제출용 보고서도 저장
  --attach 파일.html  check: npm run see가 만든 페이지를 보고서에 첨부
  --student 이름      check: 보고서에 적을 이름

예:
  npm run up -- --labs redis,compose
  npm run check -- --by-hand --report kim.html --student 김철수
  npm run destroy -- --labs compose

review, see, shell의 옵션은 따로 있습니다: npm run review -- --help`,
};

/** A stack's name is part of the names of its files. */
export const isStackName = (name: string) => /^(?!\.)[\w.-]{1,100}$/.test(name);

const wrong = (en: string, ko: string) => new LabError({ en: `${en}\n\n${usage.en}`, ko: `${ko}\n\n${usage.ko}` });

/** Describes an error of parseArgs, which has only English messages. */
export function parsingProblem(error: unknown): Text {
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

/** What is wrong with the options that every command has; undefined if nothing is. */
export function sharedProblem({ stack, lang }: { stack: string; lang?: string }): Text | undefined {
  if (lang !== undefined && lang !== "ko" && lang !== "en") {
    return {
      en: `--lang is "${lang}": it must be ko or en.`,
      ko: `--lang 옵션의 값이 "${lang}"입니다. ko 또는 en이어야 합니다.`,
    };
  }
  if (!isStackName(stack)) {
    return {
      en: `--stack is "${stack}": it may contain letters, digits, hyphens, dots and underscores, and must not begin with a dot.`,
      ko: `--stack 옵션의 값이 "${stack}"입니다. 영문자, 숫자, 하이픈, 점, 밑줄만 쓸 수 있으며 점으로 시작할 수 없습니다.`,
    };
  }
  return undefined;
}

/**
 * Reads the options of a command.
 * @param command name of the command; only `grade` accepts a positional argument
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
        attach: { type: "string", multiple: true, default: [] },
        student: { type: "string" },
        help: { type: "boolean", default: false },
      },
    }));
  } catch (error) {
    const { en, ko } = parsingProblem(error);
    throw wrong(en, ko);
  }
  const { stack, lang } = values;
  const problem = sharedProblem(values);
  if (problem) throw wrong(problem.en, problem.ko);
  if (values.committed !== undefined && !isImageName(values.committed)) {
    throw wrong(
      `--committed is "${values.committed}": it must be an image name such as mine:1.`,
      `--committed 옵션의 값이 "${values.committed}"입니다. mine:1과 같은 이미지 이름이어야 합니다.`,
    );
  }
  const [attached] = values.attach;
  if (attached !== undefined && values.report === undefined) {
    throw wrong(
      `--attach is "${attached}", but there is no report to put it into: add --report FILE.html.`,
      `--attach 옵션의 값이 "${attached}"인데 첨부할 보고서가 없습니다. --report 파일.html 옵션도 쓰세요.`,
    );
  }
  const labs = values.labs?.split(",").map((lab) => lab.trim());
  const unknown = labs?.find((lab) => !(labNames as readonly string[]).includes(lab));
  if (unknown !== undefined) {
    throw wrong(
      `--labs contains "${unknown}": the labs are ${labNames.join(", ")}.`,
      `--labs 옵션에 알 수 없는 실습이 있습니다: "${unknown}". 사용할 수 있는 실습: ${labNames.join(", ")}.`,
    );
  }
  return {
    labs: labs && labNames.filter((lab) => labs.includes(lab)),
    stack,
    // Any other was refused above.
    lang: lang as keyof Text | undefined,
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
      attach: values.attach,
      student: values.student,
    },
    folder: positionals[0],
    help: values.help,
  };
}
