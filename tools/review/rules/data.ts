import { isPassword, losses } from "../../stack/data-loss";
import { ops } from "../resources/words";
import { environmentRules } from "./environment";
import { mountsOf } from "./mounts";
import { because, code, Rule, warning } from "./rule";
import { storageRules } from "./storage";

/** What `up` would refuse to lose. */
const stored: Rule = (change, { removed: gone }) => {
  const { op, urn, type, before } = change;
  if (op !== "delete" && op !== "replace") return [];
  // Without the lab there is nothing left to log in to.
  if (isPassword(change) && gone.has(change.lab)) return [];
  const why = because(change);
  return losses([{ op, urn, type, old: { inputs: before } }]).map((lost) =>
    warning(change, "data loss", true, {
      en: `${code(change)} is ${ops[op].en}${why.en}. Lost: ${lost.en}.`,
      ko: `${code(change)} 리소스가 ${ops[op].ko}됩니다${why.ko}. 삭제될 데이터: ${lost.ko}.`,
    }),
  );
};

/** Containers without a volume keep what they hold in themselves. */
const unstored: Rule = (change) => {
  const { op, type, before } = change;
  if (type !== "docker:index/container:Container" || (op !== "delete" && op !== "replace")) return [];
  const keeps = mountsOf(type, before).some(({ stored }) => stored !== undefined);
  if (keeps || losses([{ op, urn: change.urn, type }]).length > 0) return [];
  return warning(change, "data loss", false, {
    en: `${code(change)} has no volume: what it holds in memory or has written to its file system is lost.`,
    ko: `${code(change)} 리소스에는 볼륨이 없어, 메모리에 있거나 안에 쓴 내용이 함께 사라집니다.`,
  });
};

export const dataRules: Rule[] = [stored, ...storageRules, ...environmentRules, unstored];
