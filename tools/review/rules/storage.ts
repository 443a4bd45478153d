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
      const instead = now.filter((other) => !isSame(mount, other)).map(place);
      return warning(change, "data loss", true, {
        en: `${code(change)} no longer has the volume ${place(mount)}${instead.length > 0 ? `, but ${instead.join(", ")}` : ""}: what is stored there is not seen any more.`,
        ko: `${code(change)} 이(가) 볼륨 ${place(mount)} 을(를) 더 쓰지 않습니다${instead.length > 0 ? ` (앞으로: ${instead.join(", ")})` : ""}: 거기 저장된 것은 보이지 않게 됩니다.`,
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
      return over.map(({ stored, target }) =>
        warning(change, "data loss", target === mount.target || holdsDatabase(mount), {
          en: `${code(change)}: \`${target}\` is covered by ${stored === undefined ? "something empty" : `\`${stored}\``}: what ${place(mount)} holds there is not seen any more.`,
          ko: `${code(change)}: \`${target}\` 이(가) ${stored === undefined ? "빈 것" : `\`${stored}\``} (으)로 가려집니다: ${place(mount)} 의 그 내용은 보이지 않게 됩니다.`,
        }),
      );
    });
};

/** A database that may not write. */
const readOnly: Rule = (change) => {
  if (!stays(change)) return [];
  const before = mountsOf(change.type, change.before);
  return mountsOf(change.type, change.after)
    .filter((mount) => mount.readOnly && before.some((other) => isSame(mount, other) && !other.readOnly))
    .map((mount) =>
      warning(change, "availability", holdsDatabase(mount), {
        en: `${code(change)} may only read ${place(mount)}${holdsDatabase(mount) ? ": a database does not start without writing" : ""}.`,
        ko: `${code(change)} 은(는) ${place(mount)} 을(를) 읽을 수만 있습니다${holdsDatabase(mount) ? ": 데이터베이스는 쓰지 못하면 시작하지 않습니다" : ""}.`,
      }),
    );
};

export const storageRules: Rule[] = [unmounted, covered, readOnly];
