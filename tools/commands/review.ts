import { spawn } from "node:child_process";
import { existsSync, writeFileSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { parseArgs } from "node:util";
import { labNames, LabName, project } from "../../config";
import { json, review } from "../review";
import { exitCodes, Report } from "../review/resources/model";
import { render } from "../review/render";
import { readState, Running } from "../review/state";
import { Base, baseTree, headTree, placeOf, shareState } from "../review/tree";
import { LabError, Text } from "../../text";
import { isStackName } from "../terminal/arguments";
import { look } from "../cluster/look";
import { say, told } from "../terminal/language";
import { unwritable } from "../terminal/output-errors";
import { settingsOf } from "../stack/settings";
import { passphrase, stateFile, stateIsHere } from "../stack/stack";
import { toolchain } from "../install/toolchain";

export const reviewUsage: Text = {
  en: `Usage: npm run review [-- options]
  --base REVISION   compare with the revision that the change began with (default: origin/main)
  --deploy          provision the base first; without, what is running is compared with
  --markdown FILE   write the report to a file; without, it is printed
  --json FILE       write the report as JSON, too
  --stack NAME      another stack, with its own Pulumi.NAME.yaml (default: dev)
  --lang ko|en      language of the report
Exit codes: 0 nothing changes, 2 changes, 3 dangerous changes, 1 the review failed`,
  ko: `사용법: npm run review [-- 옵션]
  --base 리비전     변경을 시작한 리비전과 비교 (기본값: origin/main)
  --deploy          기준 리비전을 먼저 배포 (생략하면 지금 실행 중인 실습과 비교)
  --markdown 파일   보고서를 파일에 쓰기 (생략하면 출력)
  --json 파일       보고서를 JSON으로도 쓰기
  --stack 이름      다른 스택, 설정은 Pulumi.이름.yaml (기본값: dev)
  --lang ko|en      보고서의 언어
종료 코드: 0 변경 없음, 2 변경, 3 위험한 변경, 1 검토 실패`,
};

interface Options {
  base: string;
  stack: string;
  deploy: boolean;
  markdown?: string;
  json?: string;
  help: boolean;
}

/**
 * Reads the options.
 * @throws LabError that names the option
 */
export function parseReview(argv: string[]): Options {
  try {
    const { values } = parseArgs({
      args: argv,
      options: {
        base: { type: "string", default: "origin/main" },
        stack: { type: "string", default: "dev" },
        deploy: { type: "boolean", default: false },
        markdown: { type: "string" },
        json: { type: "string" },
        lang: { type: "string" },
        help: { type: "boolean", default: false },
      },
    });
    if (!isStackName(values.stack)) throw new Error(`--stack is "${values.stack}"`);
    const { lang } = values;
    if (lang !== undefined && lang !== "ko" && lang !== "en")
      throw new Error(`--lang is "${lang}": it must be ko or en`);
    return values;
  } catch (error) {
    const reason = (error as Error).message.split(". ")[0] ?? "";
    throw new LabError({ en: `${reason}.\n\n${reviewUsage.en}`, ko: `${reason}.\n\n${reviewUsage.ko}` });
  }
}

/**
 * Looks that a file can be written, before the minutes that a review may take.
 * @throws LabError that says why not
 */
export function refuseFile(option: string, file: string | undefined): void {
  if (file === undefined) return;
  const [path, folder] = [resolve(file), dirname(resolve(file))];
  const refuse = (en: string, ko: string) => {
    throw new LabError({
      en: `${option} is "${file}": ${en}. Name a file in a folder that you may write to.`,
      ko: `${option} 값이 "${file}"인데, ${ko}. 쓸 수 있는 폴더의 파일을 지정하세요.`,
    });
  };
  const problem = file === "" ? "EISDIR" : unwritable(path)?.code;
  if (problem === undefined) return;
  if (problem === "EISDIR") refuse("that is no file", "파일이 아닙니다");
  if (problem === "ENOENT" || problem === "ENOTDIR")
    refuse(`there is no folder ${folder}`, `${folder} 폴더가 없습니다`);
  const at = existsSync(path) ? path : folder;
  refuse(`you may not write to ${at}`, `${at} 위치에 쓸 수 없습니다`);
}

/** Runs the base's own `up` on this folder's state. */
async function deploy(root: string, base: Base, stack: string): Promise<void> {
  say({ en: "Provisioning the base …", ko: "기준 리비전을 배포하는 중 …" });
  shareState(root, base);
  // By what its package.json calls `up`, wherever that is. Windows starts no npm.cmd without a shell; whoever typed npm tells where its program is.
  const { npm_execpath: npm } = process.env;
  const [program, ...first] = npm ? [process.execPath, npm] : ["npm"];
  const args = [...first, "run", "--silent", "up", "--", "--stack", stack];
  const shell = !npm && process.platform === "win32";
  const child = spawn(program, args, { cwd: base.folder, stdio: ["ignore", 2, 2], shell });
  const code = await new Promise((done, fail) => child.on("error", fail).on("close", done));
  if (code === 0) return;
  throw new LabError({
    en: "The base could not be provisioned, so that there is nothing to compare with. See above why.",
    ko: "기준 리비전을 배포하지 못해 비교할 수 없습니다. 위의 메시지를 확인하세요.",
  });
}

const isLab = (lab: string): lab is LabName => (labNames as readonly string[]).includes(lab);

/** Labs whose Docker or cluster does not answer, or whose plugin is not to be had. */
function unreachableOf(stack: string) {
  return async (labs: string[]): Promise<Map<string, Text>> => {
    const found = new Map<string, Text>();
    const ours = labs.filter(isLab);
    if (ours.includes("kubernetes") && !(await look(settingsOf(stack))).answers) {
      const text: Text = {
        en: "its cluster does not answer, so that only the two programs were compared",
        ko: "클러스터가 응답하지 않아 두 프로그램만 비교했습니다",
      };
      found.set("kubernetes", text);
    }
    const onDocker = ours.filter((lab) => lab !== "kubernetes");
    const rest = ours.filter((lab) => !found.has(lab));
    try {
      await toolchain({ labs: rest, images: [] });
    } catch (error) {
      if (!(error instanceof LabError)) throw error;
      const { en, ko } = error.text;
      const text = {
        en: `only the two programs were compared, because: ${en}`,
        ko: `다음 이유로 두 프로그램만 비교했습니다: ${ko}`,
      };
      for (const lab of onDocker.length > 0 ? onDocker : rest) found.set(lab, text);
    }
    return found;
  };
}

/** What is running; nothing is asked for where the folder has no state. */
async function stateOf(stack: string): Promise<Running | undefined> {
  if (stateIsHere() && !existsSync(stateFile(stack))) return undefined;
  await toolchain({ labs: [], images: [] });
  passphrase(stack);
  return readState(stack);
}

/** Compares, and leaves nothing behind but what `--deploy` was asked to provision. */
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

/** What is left to say where there is nothing to compare with. */
function failed({ base, stack }: Options, text: Text): Report {
  return {
    ...{ verdict: "failed", base: { ref: base, commit: base }, stack, failure: text },
    ...{ warnings: [], changes: [], settings: [], outputs: [], files: [], unchecked: [] },
  };
}

/** Tells what the change in this folder does to the labs. @returns the exit code */
export async function reviewCommand(argv: string[]): Promise<number> {
  let options: Options;
  try {
    options = parseReview(argv);
    if (!options.help) {
      refuseFile("--json", options.json);
      refuseFile("--markdown", options.markdown);
      placeOf(process.cwd());
    }
  } catch (error) {
    if (!(error instanceof LabError)) throw error;
    say(error.text);
    return 1;
  }
  if (options.help) {
    say(reviewUsage);
    return 0;
  }
  const report = await compared(options).catch((error: unknown) => {
    if (error instanceof LabError) return failed(options, error.text);
    throw error;
  });
  const markdown = render(report, told({ en: "en", ko: "ko" }) as "en" | "ko");
  if (options.json) writeFileSync(options.json, json(report));
  if (options.markdown) writeFileSync(options.markdown, markdown);
  else console.log(markdown);
  if (report.failure) say({ en: `\n${report.failure.en}`, ko: `\n${report.failure.ko}` });
  return exitCodes[report.verdict];
}
