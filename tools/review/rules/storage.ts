import { Change } from "../resources/model";
import { at, shown } from "../resources/values";
import { holdsDatabase, Mount, mountsOf } from "./mounts";
import { code, Rule, stays, warning } from "./rule";

const place = ({ stored, target }: Mount) => `\`${stored}\` at \`${target}\``;
const isSame = (a: Mount, b: Mount) => a.stored === b.stored && a.target === b.target;
const isIn = (target: string, folder: string) => target.startsWith(folder.endsWith("/") ? folder : `${folder}/`);

/** The volumes and claims that go, each of which is told of by itself. */
const going = (changes: readonly Change[]) =>
  changes
    .filter(({ op, type }) => (op === "delete" || op === "replace") && /:(Volume|PersistentVolumeClaim)$/.test(type))
    .map(({ before }) => {
      const space = at(before, "metadata.namespace");
      const name = shown(at(before, "metadata.name") ?? before?.name);
      return space === undefined ? name : `${shown(space)}/${name}`;
    });

/** A volume that is there still, but that nobody looks into any more. */
const unmounted: Rule = (change, { changes }) => {
  if (!stays(change)) return [];
  const now = mountsOf(change.type, change.after).filter(({ stored }) => stored !== undefined);
  const lost = mountsOf(change.type, change.before)
    .filter((mount) => mount.stored !== undefined && !mount.given)
    .filter((mount) => (mount.anonymous && change.op === "replace") || !now.some((other) => isSame(mount, other)));
  if (lost.length === 0) return [];
  const gone = going(changes);
  return lost
    .filter(({ volume }) => volume === undefined || !gone.includes(volume))
    .map((mount) => {
      const places = now.filter((other) => !isSame(mount, other)).map(place);
      const list = places.join(", ");
      const instead = places.length > 0 ? { en: `, but ${list}`, ko: ` (앞으로: ${list})` } : { en: "", ko: "" };
      return warning(change, "data loss", true, {
        en: `${code(change)} no longer has the volume ${place(mount)}${instead.en}: the data stored there is no longer used.`,
        ko: `${code(change)} 리소스가 ${place(mount)} 볼륨을 더 이상 쓰지 않아${instead.ko} 저장된 데이터가 보이지 않게 됩니다.`,
      });
    });
};

/** Something that is laid over a volume, or over a folder in it. */
const covered: Rule = (change) => {
  if (!stays(change)) return [];
  const before = mountsOf(change.type, change.before);
  const after = mountsOf(change.type, change.after);
  const fresh = after.filter((mount) => !before.some((other) => isSame(mount, other)));
  return before
    .filter((mount) => mount.stored !== undefined && after.some((other) => isSame(mount, other)))
    .flatMap((mount) => {
      const { container } = after.find((other) => isSame(mount, other))!;
      const over = fresh
        .filter((other) => other.container === container)
        .filter(({ target }) => target === mount.target || isIn(target, mount.target));
      return over.map(({ stored, target }) => {
        const by =
          stored === undefined ? { en: "something empty", ko: "빈" } : { en: `\`${stored}\``, ko: `\`${stored}\`` };
        return warning(change, "data loss", target === mount.target || holdsDatabase(mount), {
          en: `${code(change)}: \`${target}\` is covered by ${by.en}: the data of ${place(mount)} there is no longer visible.`,
          ko: `${code(change)}: \`${target}\` 위치가 ${by.ko} 마운트에 가려져, ${place(mount)} 볼륨의 그 내용은 보이지 않게 됩니다.`,
        });
      });
    });
};

/** A database that may not write. */
const readOnly: Rule = (change) => {
  if (!stays(change)) return [];
  const before = mountsOf(change.type, change.before);
  return mountsOf(change.type, change.after)
    .filter((mount) => mount.readOnly && before.some((other) => isSame(mount, other) && !other.readOnly))
    .map((mount) => {
      const why = holdsDatabase(mount)
        ? { en: ": a database does not start without writing", ko: " 데이터베이스는 쓰지 못하면 시작하지 않습니다." }
        : { en: "", ko: "" };
      return warning(change, "availability", holdsDatabase(mount), {
        en: `${code(change)} may only read ${place(mount)}${why.en}.`,
        ko: `${code(change)} 리소스가 ${place(mount)} 볼륨을 읽을 수만 있습니다.${why.ko}`,
      });
    });
};

export const storageRules: Rule[] = [unmounted, covered, readOnly];
