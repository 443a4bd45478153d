import { Text } from "../../../text";
import { isDatabase, isForeign, jump, Jump, shortName } from "../resources/images";
import { podOf } from "../openings";
import { containersOf } from "../openings/pod";
import { Change, Inputs, Warning } from "../resources/model";
import { at, cutTo, secret, shown, unknown } from "../resources/values";
import { keepsDatabase } from "./mounts";
import { code, Rule, stays, warning } from "./rule";

/** Whether it names an image: no id, which is as exact as can be, and nothing that is known later or hidden. */
const isName = (image: unknown): image is string =>
  typeof image === "string" &&
  !["", unknown, secret].includes(image) &&
  !/^sha256:|^[\da-f]{8}(-[\da-f]{4}){3}-/.test(image);

export function imagesOf(type: string, inputs: Inputs | undefined): Map<string, string> {
  const found = new Map<string, string>();
  const add = (part: string, image: unknown) => {
    if (isName(image)) found.set(part, image);
  };
  if (type === "docker:index/remoteImage:RemoteImage") add("name", inputs?.name);
  if (type === "docker:index/image:Image") add("base image", at(inputs, "build.args.BASE_IMAGE"));
  if (type === "docker:index/container:Container") add("image", inputs?.image);
  for (const container of containersOf(podOf(type, inputs))) add(shown(container.name), container.image);
  return found;
}

/** What an image takes the place of: the part of the same name, else the only database, else the only part that is left. */
function predecessor(part: string, olds: ReadonlyMap<string, string>, news: ReadonlyMap<string, string>) {
  const same = olds.get(part);
  if (same !== undefined) return same;
  const left = [...olds].filter(([name]) => !news.has(name)).map(([, image]) => image);
  const fresh = [...news].filter(([name]) => !olds.has(name)).map(([, image]) => image);
  const databases = left.filter(isDatabase);
  if (databases.length === 1 && fresh.filter(isDatabase).length <= 1 && isDatabase(news.get(part)!))
    return databases[0];
  return left.length === 1 && fresh.length === 1 ? left[0] : undefined;
}

const jumps: Partial<Record<Jump, Text>> = {
  patch: { en: "a patch", ko: "패치 버전" },
  minor: { en: "a minor version", ko: "마이너 버전" },
  major: { en: "a major version", ko: "메이저 버전" },
  back: { en: "an older version", ko: "더 낮은 버전" },
  "other software": { en: "other software", ko: "다른 소프트웨어" },
  "other publisher": { en: "another publisher's image", ko: "다른 게시자의 이미지" },
  "other registry": { en: "the same from another registry", ko: "다른 레지스트리의 같은 이미지" },
  "cannot be told": {
    en: "which is newer cannot be told from the tags",
    ko: "태그만으로는 어느 쪽이 새 버전인지 알 수 없습니다",
  },
};

/** Versions of a database that can read each other's files. */
const near: readonly Jump[] = ["patch", "minor", "other registry"];

const databaseNote: Text = {
  en: " It may not be able to read the files on the volume, and once it has rewritten them, the old version cannot read them any more. Back up first.",
  ko: " 볼륨의 파일을 읽지 못할 수 있고, 파일을 새로 쓴 뒤에는 이전 버전이 읽지 못합니다. 먼저 백업하세요.",
};

const wordpressNote: Text = {
  en: " WordPress's own files stay as they are on the volume: the image changes PHP and Apache, and WordPress itself is updated on its admin page.",
  ko: " WordPress 자체의 파일은 볼륨에 그대로 남습니다. 이미지는 PHP와 Apache를 바꾸고, WordPress는 관리 화면에서 업데이트합니다.",
};

const foreignNote: Text = {
  en: " Its code runs in the lab from now on: find out whose it is.",
  ko: " 앞으로 그 코드가 실습에서 실행됩니다. 누구의 것인지 확인하세요.",
};

function move(change: Change, was: string, now: string): Warning | [] {
  const far = jump(was, now);
  if (far === "none") return [];
  const [text, foreign] = [jumps[far]!, isForeign(was, now)];
  const data = (isDatabase(was) || isDatabase(now)) && !near.includes(far);
  const notes = [
    ...(data ? [databaseNote] : []),
    ...(foreign ? [foreignNote] : shortName(now) === "wordpress" ? [wordpressNote] : []),
  ];
  return warning(change, "version", foreign || data, {
    en: `${code(change)}: \`${was}\` → \`${now}\`, ${text.en}.${notes.map(({ en }) => en).join("")}`,
    ko: `${code(change)}: \`${was}\` → \`${now}\`, ${text.ko}.${notes.map(({ ko }) => ko).join("")}`,
  });
}

const moved: Rule = (change) => {
  if (!stays(change)) return [];
  const { type, before, after } = change;
  const [olds, news] = [imagesOf(type, before), imagesOf(type, after)];
  return [...news].flatMap(([part, now]) => {
    const was = predecessor(part, olds, news);
    if (was === undefined) return [];
    // One that is removed with its lab was built for it: its name says nothing of what is in it.
    const built = /:RemoteImage$/.test(type) && after?.forceRemove === true && !isDatabase(was) && !isDatabase(now);
    return built ? [] : move(change, was, now);
  });
};

/** A container's image may be an id: what that is, the image's own resource tells, where it changes. */
const unnamed: Rule = (change, { changes }) => {
  const { type, before, after } = change;
  if (type !== "docker:index/container:Container" || !stays(change) || !keepsDatabase(change)) return [];
  const [was, is] = [before?.image, after?.image];
  if (was === is || (isName(was) && isName(is))) return [];
  const isTold = changes.some(({ type: of, before: old, after: now }) =>
    [old, now].every(
      (inputs) => /:(RemoteImage|Image)$/.test(of) && [...imagesOf(of, inputs).values()].some(isDatabase),
    ),
  );
  if (!isName(was) && !isName(is) && isTold) return [];
  const [old, now] = [was, is].map((image) => cutTo(shown(image ?? "–"), 60));
  return warning(change, "version", true, {
    en: `${code(change)}: image \`${old}\` → \`${now}\`. Which version of the database that is cannot be told; a major version could not be taken back.`,
    ko: `${code(change)}: 이미지 \`${old}\` → \`${now}\`. 데이터베이스의 어느 버전인지 알 수 없습니다. 메이저 버전이면 되돌릴 수 없습니다.`,
  });
};

export const versionRules: Rule[] = [moved, unnamed];
