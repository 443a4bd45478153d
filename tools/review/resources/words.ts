import { Text } from "../../../text";
import { Op, Verdict, WarningKind } from "./model";

/** The words of a report that are not about one change, in both languages. */
export const words = {
  title: { en: "Review of the course labs", ko: "실습 변경 검토" },
  dangerous: { en: "Needs a decision", ko: "확인이 필요한 위험한 변경" },
  told: { en: "Good to know", ko: "참고 사항" },
  changes: { en: "What changes", ko: "변경 내용" },
  already: { en: "Happens without this change, too", ko: "이 변경이 없어도 일어나는 일" },
  alreadyWhy: {
    en: "The running labs are not as the base has them; the next `up` does this in any case.",
    ko: "실행 중인 실습이 기준 리비전과 다릅니다. 이 변경이 없어도 다음 `up` 명령이 이렇게 바꿉니다.",
  },
  settings: { en: "Settings", ko: "설정" },
  outputs: { en: "Outputs", ko: "출력" },
  output: { en: "output", ko: "출력" },
  files: { en: "Other files that change", ko: "그 밖에 바뀌는 파일" },
  unchecked: { en: "Not checked", ko: "확인하지 못한 부분" },
  failed: { en: "It cannot be provisioned", ko: "실습을 구성할 수 없습니다" },
  resource: { en: "resource", ko: "리소스" },
  what: { en: "what happens", ko: "변경 종류" },
  property: { en: "property", ko: "속성" },
  values: { en: "old → new", ko: "이전 → 이후" },
  setting: { en: "setting", ko: "설정" },
  forces: { en: "forces the replacement", ko: "교체의 원인" },
  later: { en: "known once it is made", ko: "만들어진 뒤에 알 수 있음" },
  dependency: { en: "because of what it depends on", ko: "의존하는 리소스 때문에" },
  retried: { en: "was not ready when it was last applied: tried again", ko: "지난번에 준비되지 않아 다시 시도" },
  shortened: {
    en: "The rest is cut. `npm run review -- --json FILE` has everything.",
    ko: "나머지는 잘렸습니다. `npm run review -- --json 파일` 명령으로 모두 볼 수 있습니다.",
  },
  notAllJudged: {
    en: "changes, none of them known to be dangerous; not everything could be judged",
    ko: "변경이 있으며, 알려진 위험은 없지만 모두 판단하지는 못했습니다",
  },
} satisfies Record<string, Text>;

export const verdicts: Record<Verdict, { sign: string; text: Text }> = {
  nothing: {
    sign: "✅",
    text: { en: "nothing changes for the running labs", ko: "실행 중인 실습은 바뀌지 않습니다" },
  },
  changes: {
    sign: "🔵",
    text: { en: "changes, none of them dangerous", ko: "변경이 있으며, 위험한 변경은 없습니다" },
  },
  dangerous: { sign: "⛔", text: { en: "dangerous changes", ko: "위험한 변경이 있습니다" } },
  failed: { sign: "❌", text: { en: "the review could not be finished", ko: "검토를 끝내지 못했습니다" } },
};

export const kinds: Record<WarningKind, Text> = {
  "data loss": { en: "Data loss", ko: "데이터 손실" },
  exposure: { en: "Exposure", ko: "노출" },
  security: { en: "Security", ko: "보안" },
  policy: { en: "Policy", ko: "정책 위반" },
  availability: { en: "Availability", ko: "가용성" },
  version: { en: "Version", ko: "버전" },
  failure: { en: "Failure", ko: "실패" },
  interruption: { en: "Interruption", ko: "중단" },
  address: { en: "Address", ko: "주소" },
  unknown: { en: "Unknown", ko: "알 수 없음" },
  option: { en: "Option", ko: "옵션" },
};

export const ops: Record<Op, Text> = {
  create: { en: "created", ko: "생성" },
  update: { en: "changed", ko: "변경" },
  replace: { en: "replaced", ko: "교체" },
  delete: { en: "deleted", ko: "삭제" },
};
