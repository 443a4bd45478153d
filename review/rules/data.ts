import { losses } from "../../cli/data-loss";
import { Text } from "../../text";
import { isDatabase } from "../images";
import { podOf } from "../doors";
import { Change, Inputs } from "../model";
import { at, objectsAt, shown } from "../values";
import { because, code, Rule, stays, warning } from "./rule";

const isReplaced: Text = { en: "is replaced", ko: "이(가) 교체됩니다" };
const isRemoved: Text = { en: "is removed", ko: "이(가) 삭제됩니다" };
const password = "random:index/randomPassword:RandomPassword";

/** What `up` would refuse to lose. */
const stored: Rule = (change, { removed: gone }) => {
  const { op, urn, type } = change;
  if (op !== "delete" && op !== "replace") return [];
  // Without the lab there is nothing left to log in to.
  if (type === password && gone.has(change.lab)) return [];
  const why = because(change);
  const what = op === "replace" ? isReplaced : isRemoved;
  return losses([{ op, urn, type, provider: "" }]).map((lost) =>
    warning(change, "data loss", true, {
      en: `${code(change)} ${what.en}${why.en}. Lost: ${lost.en}.`,
      ko: `${code(change)} ${what.ko}${why.ko}. 잃는 것: ${lost.ko}.`,
    }),
  );
};

/** Containers without a volume keep what they hold in themselves. */
const unstored: Rule = (change) => {
  const { op, type, before } = change;
  if (type !== "docker:index/container:Container" || (op !== "delete" && op !== "replace")) return [];
  if (objectsAt(before, "volumes").length > 0 || losses([{ op, urn: change.urn, type, provider: "" }]).length > 0)
    return [];
  return [
    warning(change, "data loss", false, {
      en: `${code(change)} has no volume: what it holds in memory or has written goes with it.`,
      ko: `${code(change)} 에는 볼륨이 없습니다: 메모리에 있거나 안에 쓴 내용이 함께 사라집니다.`,
    }),
  ];
};

/** What is mounted where: `course-labs-mysql at /var/lib/mysql`. */
function mounts(type: string, inputs: Inputs | undefined): string[] {
  const volumes = objectsAt(inputs, "volumes").filter(({ volumeName }) => volumeName !== undefined);
  if (type === "docker:index/container:Container") {
    return volumes.map((v) => `${shown(v.volumeName)} at ${shown(v.containerPath)}`);
  }
  const pod = podOf(type, inputs);
  const claims = new Map(objectsAt(pod, "volumes").map((v) => [v.name, at(v, "persistentVolumeClaim.claimName")]));
  return objectsAt(pod, "containers").flatMap((container) =>
    objectsAt(container, "volumeMounts")
      .filter(({ name }) => claims.get(name) !== undefined)
      .map(
        (m) =>
          `${shown(claims.get(m.name))} at ${shown(m.mountPath)}${m.subPath === undefined ? "" : ` (${shown(m.subPath)})`}`,
      ),
  );
}

/** A volume that is there still, but that nobody looks into any more. */
const unmounted: Rule = (change, { changes }) => {
  if (!stays(change)) return [];
  const now = mounts(change.type, change.after);
  // One that goes is told of by itself.
  const going = changes
    .filter(({ op, type }) => (op === "delete" || op === "replace") && /:(Volume|PersistentVolumeClaim)$/.test(type))
    .map(({ before }) => shown(at(before, "metadata.name") ?? before?.name));
  return mounts(change.type, change.before)
    .filter((mount) => !now.includes(mount) && !going.some((volume) => mount.startsWith(`${volume} at `)))
    .map((mount) =>
      warning(change, "data loss", true, {
        en: `${code(change)} no longer has the volume ${mount}${now.length > 0 ? `, but ${now.join(", ")}` : ""}: what is stored there is not seen any more.`,
        ko: `${code(change)} 이(가) 볼륨 ${mount} 을(를) 더 쓰지 않습니다${now.length > 0 ? ` (앞으로: ${now.join(", ")})` : ""}: 거기 저장된 것은 보이지 않게 됩니다.`,
      }),
    );
};

/** Whether a container keeps a database in a volume; of a container on Docker only the mount point tells. */
export function keepsDatabase({ type, before, after }: Change): boolean {
  const inputs = after ?? before;
  if (type === "docker:index/container:Container") {
    return objectsAt(inputs, "volumes").some(({ containerPath }) =>
      /\/(mysql|postgresql|mongodb)\b|\/data\/db\b/.test(shown(containerPath)),
    );
  }
  const pod = podOf(type, inputs);
  const claims = objectsAt(pod, "volumes").some((volume) => at(volume, "persistentVolumeClaim") !== undefined);
  return claims && objectsAt(pod, "containers").some(({ image }) => isDatabase(shown(image ?? "")));
}

/** A database takes its passwords, users and names when its volume is first filled, and never again. */
const firstStart: Rule = (change, { changes }) => {
  if (!stays(change)) return [];
  const passwordGone = changes.some(({ type, lab, op }) => type === password && lab === change.lab && op !== "create");
  const told = (path: string) =>
    warning(change, "data loss", true, {
      en: `${code(change)}: \`${path}\` changes, but the database keeps what its volume was first filled with: WordPress could not log in any more. Change it in the database, too.`,
      ko: `${code(change)}: \`${path}\` 이(가) 바뀌지만 데이터베이스에는 볼륨을 처음 채울 때의 값이 남습니다: WordPress 가 로그인할 수 없게 됩니다. 데이터베이스에서도 바꾸어야 합니다.`,
    });
  if (change.type === "kubernetes:core/v1:Secret") {
    const data = change.properties.filter(({ path }) => /^(data|stringData)\b/.test(path));
    return data.length > 0 && !passwordGone ? [told(data[0]!.path)] : [];
  }
  if (!keepsDatabase(change)) return [];
  const env = change.properties.filter(({ path }) => /\benvs?(\[|$)/.test(path));
  // A password that is replaced has been told of already.
  const open = env.filter(({ path }) => /\[[A-Z]+_(?!.*PASSWORD)/.test(path));
  return (open.length > 0 ? open : passwordGone ? [] : env).slice(0, 1).map(({ path }) => told(path));
};

export const dataRules: Rule[] = [stored, unmounted, firstStart, unstored];
