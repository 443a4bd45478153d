import { isImageName, labNames } from "../../config";
import { Text } from "../../text";
import { described, misused, options, read } from "./options";

const help = described(options.usual);

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
  see        show what happened in the cluster, and who did it
  shell      set up a shell for plain pulumi
  destroy    remove the labs

Options:
${help.en}

Examples:
  npm run up -- --labs redis,compose
  npm run check -- --by-hand --report kim.html --student Kim
  npm run destroy -- --labs compose

review, see, class and shell have options of their own: npm run review -- --help`,
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
  see        클러스터에서 누가 무엇을 했는지 보기
  shell      pulumi 명령을 직접 쓸 수 있도록 셸을 설정
  destroy    실습 환경을 삭제

옵션:
${help.ko}

예:
  npm run up -- --labs redis,compose
  npm run check -- --by-hand --report kim.html --student 김철수
  npm run destroy -- --labs compose

review, see, class, shell의 옵션은 따로 있습니다: npm run review -- --help`,
};

/**
 * Reads the options of a command.
 * @param command name of the command; only `grade` accepts a positional argument
 * @throws LabError that names the option and its value
 */
export function parseArguments(argv: string[], command = "") {
  const { values, positionals } = read(argv, options.usual, usage, command === "grade", command);
  const [folder, surplus] = positionals;
  if (surplus !== undefined) {
    throw misused(usage, {
      en: `"${surplus}" is one too many: put the reports into one folder.`,
      ko: `"${surplus}" 인자가 남습니다. 보고서를 한 폴더에 모으세요.`,
    });
  }
  if (values.committed !== undefined && !isImageName(values.committed)) {
    throw misused(usage, {
      en: `--committed is "${values.committed}": it must be an image name such as mine:1.`,
      ko: `--committed 옵션의 값이 "${values.committed}"입니다. mine:1과 같은 이미지 이름이어야 합니다.`,
    });
  }
  const [attached] = values.attach;
  if (attached !== undefined && values.report === undefined) {
    throw misused(usage, {
      en: `--attach is "${attached}", but there is no report to put it into: add --report FILE.html.`,
      ko: `--attach 옵션의 값이 "${attached}"인데 첨부할 보고서가 없습니다. --report 파일.html 옵션도 쓰세요.`,
    });
  }
  const labs = values.labs?.split(",").map((lab) => lab.trim());
  const unknown = labs?.find((lab) => !(labNames as readonly string[]).includes(lab));
  if (unknown !== undefined) {
    throw misused(usage, {
      en: `--labs contains "${unknown}": the labs are ${labNames.join(", ")}.`,
      ko: `--labs 옵션에 알 수 없는 실습이 있습니다: "${unknown}". 사용할 수 있는 실습: ${labNames.join(", ")}.`,
    });
  }
  return {
    labs: labs && labNames.filter((lab) => labs.includes(lab)),
    stack: values.stack,
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
    folder,
    help: values.help,
  };
}

/** The options of the usual commands, as {@link options} describes them. */
export type Arguments = ReturnType<typeof parseArguments>;
export type CheckArguments = Arguments["check"];
