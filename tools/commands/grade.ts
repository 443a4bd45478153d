import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { join, relative, sep } from "node:path";
import { grades, HandedIn } from "../checks/report/grade";
import { reportIn } from "../checks/report/page";
import { LabError } from "../../text";
import { Arguments } from "../terminal/arguments";
import { say, told } from "../terminal/language";
import { projectVersion } from "./report";

/** Summarizes a folder of reports as CSV on standard output. Each student may have a subfolder. */
// eslint-disable-next-line @typescript-eslint/require-await
export async function grade({ folder }: Arguments): Promise<void> {
  if (folder === undefined || !existsSync(folder) || !statSync(folder).isDirectory()) {
    throw new LabError({
      en: `${folder === undefined ? "No folder was specified" : `There is no folder ${folder}`}. Put the reports into one folder, then run: npm run --silent grade reports > grades.csv`,
      ko: `${folder === undefined ? "폴더를 지정하지 않았습니다" : `${folder} 폴더가 없습니다`}. 보고서를 한 폴더에 모은 뒤 실행하세요: npm run --silent grade reports > grades.csv`,
    });
  }
  const names = readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => !entry.isDirectory())
    .map(({ parentPath, name }) => relative(folder, join(parentPath, name)).split(sep).join("/"))
    // Metadata that macOS adds to ZIP files.
    .filter((name) => !/(?:^|\/)(?:__MACOSX\/|\._|\.DS_Store$)/.test(name))
    .sort();
  const pages = names.filter((name) => /\.html?$/i.test(name));
  const files = pages.map((file): HandedIn => ({ file, html: textOf(join(folder, file)) }));
  process.stdout.write(grades(files, projectVersion(), told));
  say({ en: `Files: ${files.length}`, ko: `파일: ${files.length}` });
  const others = names.filter((name) => !pages.includes(name));
  if (others.length > 0) {
    say({
      en: `Skipped, because their names do not end with .html: ${others.join(", ")}`,
      ko: `이름이 .html로 끝나지 않아 건너뛴 파일: ${others.join(", ")}`,
    });
  }
  const unread = files.filter(({ html }) => html === undefined || !reportIn(html)).map(({ file }) => file);
  if (unread.length > 0) {
    say({
      en: `No readable report found in: ${unread.join(", ")}. Ask for these reports again.`,
      ko: `보고서를 읽을 수 없는 파일: ${unread.join(", ")}. 다시 제출받으세요.`,
    });
    process.exitCode = 1;
  }
}

function textOf(file: string): string | undefined {
  try {
    return readFileSync(file, "utf8");
  } catch {
    // It is listed below, and the others are graded.
    return undefined;
  }
}
