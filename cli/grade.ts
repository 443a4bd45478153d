import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { grades } from "../report/grade";
import { reportIn } from "../report/page";
import { LabError } from "../text";
import { Arguments } from "./arguments";
import { say } from "./language";
import { projectVersion } from "./report";

/** Turns a folder of handed-in reports into one CSV on standard output. */
// eslint-disable-next-line @typescript-eslint/require-await
export async function grade({ folder }: Arguments): Promise<void> {
  if (folder === undefined || !existsSync(folder) || !statSync(folder).isDirectory()) {
    throw new LabError({
      en: `${folder === undefined ? "No folder was named" : `There is no folder ${folder}`}. Put the reports into one, then: npm run --silent grade reports > grades.csv`,
      ko: `${folder === undefined ? "폴더를 지정하지 않았습니다" : `${folder} 폴더가 없습니다`}. 보고서를 한 폴더에 모은 뒤: npm run --silent grade reports > grades.csv`,
    });
  }
  const names = readdirSync(folder)
    .filter((name) => name.endsWith(".html"))
    .sort();
  const files = names.map((file) => ({ file, html: readFileSync(join(folder, file), "utf8") }));
  process.stdout.write(grades(files, projectVersion()));
  const unread = files.filter(({ html }) => reportIn(html) === undefined).map(({ file }) => file);
  say({ en: `Files: ${files.length}`, ko: `파일: ${files.length}` });
  if (unread.length > 0) {
    say({
      en: `Without a report inside: ${unread.join(", ")}`,
      ko: `보고서가 들어 있지 않은 파일: ${unread.join(", ")}`,
    });
    process.exitCode = 1;
  }
}
