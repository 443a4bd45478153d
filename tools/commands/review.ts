import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { labNames, LabName, project } from "../../config";
import { json, review } from "../review";
import { exitCodes, Report } from "../review/resources/model";
import { render } from "../review/render";
import { readState, Running } from "../review/state";
import { Base, baseTree, headTree, placeOf, shareState } from "../review/tree";
import { LabError, Text } from "../../text";
import { described, options, read } from "../terminal/options";
import { look } from "../cluster/get";
import { say, told } from "../terminal/language";
import { refuseFile, writeResult } from "../terminal/output-errors";
import { settingsOf } from "../stack/settings";
import { passphrase, stateFile, stateIsHere } from "../stack/stack";
import { npmProgram } from "../install/npm";
import { needPulumi, needToolsOf } from "../install/toolchain";

const help = described(options.review);

export const reviewUsage: Text = {
  en: `Usage: npm run review [-- OPTIONS]
Reports how your changes affect the running labs.
${help.en}
Exit codes: 0 no changes, 2 changes, 3 dangerous changes, 1 the review failed`,
  ko: `사용법: npm run review [-- 옵션]
변경 사항이 실행 중인 실습 환경에 미치는 영향을 보고합니다.
${help.ko}
종료 코드: 0 변경 없음, 2 변경 있음, 3 위험한 변경 있음, 1 검토 실패`,
};

/** Reads the options. @throws LabError that names the option */
export const parseReview = (argv: string[]) => read(argv, options.review, reviewUsage).values;
type Options = ReturnType<typeof parseReview>;

/** Runs the `up` command of the base with the state of this folder. */
async function deploy(root: string, base: Base, stack: string): Promise<void> {
  say({ en: "Deploying the base revision …", ko: "기준 리비전을 배포하는 중 …" });
  shareState(root, base);
  // Through npm, because the path of the program may differ in the base.
  const { program, first, shell } = npmProgram();
  const args = [...first, "run", "--silent", "up", "--", "--stack", stack];
  const child = spawn(program, args, { cwd: base.folder, stdio: ["ignore", 2, 2], shell });
  const code = await new Promise((done, fail) => child.on("error", fail).on("close", done));
  if (code === 0) return;
  throw new LabError({
    en: "The base revision could not be deployed, so there is nothing to compare with. See the messages above.",
    ko: "기준 리비전을 배포하지 못해 비교할 수 없습니다. 위의 메시지를 확인하세요.",
  });
}

const isLab = (lab: string): lab is LabName => (labNames as readonly string[]).includes(lab);

/** Labs that cannot be compared with what is running, because Docker, the cluster or a plugin is not available. */
function unreachableOf(stack: string) {
  return async (labs: string[]): Promise<Map<string, Text>> => {
    const found = new Map<string, Text>();
    const ours = labs.filter(isLab);
    if (ours.includes("kubernetes") && !(await look(settingsOf(stack))).answers) {
      const text: Text = {
        en: "its cluster does not answer, so only the two versions of the program were compared",
        ko: "클러스터가 응답하지 않아 두 버전의 프로그램만 비교했습니다",
      };
      found.set("kubernetes", text);
    }
    const onDocker = ours.filter((lab) => lab !== "kubernetes");
    const rest = ours.filter((lab) => !found.has(lab));
    try {
      await needToolsOf(rest);
    } catch (error) {
      if (!(error instanceof LabError)) throw error;
      const { en, ko } = error.text;
      const text = {
        en: `only the two versions of the program were compared, because: ${en}`,
        ko: `다음 이유로 두 버전의 프로그램만 비교했습니다: ${ko}`,
      };
      for (const lab of onDocker.length > 0 ? onDocker : rest) found.set(lab, text);
    }
    return found;
  };
}

/** The running labs; undefined if this folder has no state. */
async function stateOf(stack: string): Promise<Running | undefined> {
  if (stateIsHere() && !existsSync(stateFile(stack))) return undefined;
  await needPulumi();
  passphrase(stack);
  return readState(stack);
}

/** Runs the review and removes its temporary files; only labs deployed by `--deploy` remain. */
async function compared(options: Options): Promise<Report> {
  const root = process.cwd();
  const { stack } = options;
  const base = baseTree(root, options.base, stack);
  try {
    if (options.deploy) await deploy(root, base, stack);
    const head = headTree(root, stack);
    try {
      const running = await stateOf(stack);
      const unreachable = unreachableOf(stack);
      return await review({ root, project, stack, ref: options.base, base, head, running, unreachable });
    } finally {
      head.remove();
    }
  } finally {
    base.remove();
  }
}

/** The report of a failed review. */
function failed({ base, stack }: Options, text: Text): Report {
  return {
    ...{ verdict: "failed", base: { ref: base, commit: base }, stack, failure: text },
    ...{ warnings: [], changes: [], settings: [], outputs: [], files: [], unchecked: [] },
  };
}

/** Reports how the change in this folder affects the labs. @returns the exit code */
export async function reviewCommand(argv: string[]): Promise<number> {
  const asked = parseReview(argv);
  if (asked.help) {
    console.log(told(reviewUsage));
    return 0;
  }
  refuseFile("--json", asked.json);
  refuseFile("--markdown", asked.markdown);
  placeOf(process.cwd());
  const report = await compared(asked).catch((error: unknown) => {
    if (error instanceof LabError) return failed(asked, error.text);
    throw error;
  });
  const markdown = render(report, told({ en: "en", ko: "ko" }) as "en" | "ko");
  if (asked.json) writeResult(asked.json, json(report));
  if (asked.markdown) writeResult(asked.markdown, markdown);
  else console.log(markdown);
  if (report.failure) say({ en: `\n${report.failure.en}`, ko: `\n${report.failure.ko}` });
  return exitCodes[report.verdict];
}
