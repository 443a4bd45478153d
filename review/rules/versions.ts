import { Text } from "../../text";
import { isDatabase, jump, Jump, parseImage } from "../images";
import { podOf } from "../doors";
import { Inputs } from "../model";
import { at, objectsAt, shown } from "../values";
import { code, Rule, stays, warning } from "./rule";

/** The images that a resource names, each with what it is to it. */
function imagesOf(type: string, inputs: Inputs | undefined): Map<string, string> {
  const found = new Map<string, string>();
  const add = (part: string, image: unknown) => {
    if (typeof image === "string") found.set(part, image);
  };
  // One that is removed with its lab was built for it: its name says nothing of what is in it.
  if (type === "docker:index/remoteImage:RemoteImage" && inputs?.forceRemove !== true) add("name", inputs?.name);
  if (type === "docker:index/image:Image") add("base image", at(inputs, "build.args.BASE_IMAGE"));
  for (const container of objectsAt(podOf(type, inputs), "containers")) add(shown(container.name), container.image);
  return found;
}

const databaseJump: Partial<Record<Jump, Text>> = {
  major: {
    en: "a major version: the database rewrites its files on the volume, and the old version cannot read them any more. Back up first",
    ko: "메이저 버전이 바뀝니다: 데이터베이스가 볼륨의 파일을 새로 쓰고, 이전 버전은 더 이상 읽지 못합니다. 먼저 백업하세요",
  },
  back: {
    en: "an older version: it cannot read the files that the newer one has written, and does not start",
    ko: "더 낮은 버전입니다: 새 버전이 쓴 파일을 읽지 못해 시작하지 않습니다",
  },
  "other software": {
    en: "other software: it may not be able to read what is on the volume",
    ko: "다른 소프트웨어입니다: 볼륨의 내용을 읽지 못할 수 있습니다",
  },
  "cannot be told": {
    en: "how far apart they are cannot be told from the tags; a major version could not be taken back",
    ko: "태그만으로는 버전 차이를 알 수 없습니다; 메이저 버전이면 되돌릴 수 없습니다",
  },
};

const anyJump: Partial<Record<Jump, Text>> = {
  patch: { en: "a patch", ko: "패치 버전" },
  minor: { en: "a minor version", ko: "마이너 버전" },
  major: { en: "a major version", ko: "메이저 버전" },
  back: { en: "an older version", ko: "더 낮은 버전" },
  "other software": { en: "other software", ko: "다른 소프트웨어" },
  "cannot be told": {
    en: "which is newer cannot be told from the tags",
    ko: "태그만으로는 어느 쪽이 새 버전인지 알 수 없습니다",
  },
};

const wordpressNote: Text = {
  en: " WordPress's own files stay as they are on the volume: the image changes PHP and Apache, and WordPress itself is updated on its admin page.",
  ko: " WordPress 자체의 파일은 볼륨에 그대로 남습니다: 이미지는 PHP 와 Apache 를 바꾸고, WordPress 는 관리 화면에서 업데이트합니다.",
};

/** How far an image moves. */
const moved: Rule = (change) => {
  if (!stays(change)) return [];
  const old = imagesOf(change.type, change.before);
  return [...imagesOf(change.type, change.after)].flatMap(([part, now]) => {
    const was = old.get(part);
    if (was === undefined) return [];
    const far = jump(was, now);
    if (far === "none") return [];
    const data = isDatabase(was) || isDatabase(now);
    const text = (data ? databaseJump[far] : undefined) ?? anyJump[far]!;
    const note = !data && parseImage(now).name === "wordpress" ? wordpressNote : { en: "", ko: "" };
    return [
      warning(change, "version", data && databaseJump[far] !== undefined, {
        en: `${code(change)}: \`${was}\` → \`${now}\`, ${text.en}.${note.en}`,
        ko: `${code(change)}: \`${was}\` → \`${now}\`, ${text.ko}.${note.ko}`,
      }),
    ];
  });
};

export const versionRules: Rule[] = [moved];
