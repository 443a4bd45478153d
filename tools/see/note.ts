import type { V1Deployment, V1ManagedFieldsEntry } from "@kubernetes/client-node";
import { Text } from "../../text";
import { ownManager } from "./actors";
import { changesOf, pathText } from "./objects";
import { Place } from "./watch";

/** What a step has changed in a Deployment, with the previous value, so that this run or a later one can undo it. */
export interface Note {
  field: "replicas" | "image";
  was: string | number;
  /** The value that the step set; any other value was set by somebody else. */
  set: string | number;
  /** The Deployment as the step found it. */
  uid?: string;
  spec?: V1Deployment["spec"];
  managedFields: V1ManagedFieldsEntry[];
}

/** The path of the field in a Deployment, for a patch. */
export const pathOf = (field: Note["field"]) =>
  field === "replicas" ? "/spec/replicas" : "/spec/template/spec/containers/0/image";

const containerOf = (spec: V1Deployment["spec"]) => spec?.template.spec?.containers[0]?.name;

function ownedAs({ field, spec }: Note): string[] {
  if (field === "replicas") return ["f:spec", "f:replicas"];
  const name = containerOf(spec);
  return ["f:spec", "f:template", "f:spec", "f:containers", `k:${JSON.stringify({ name })}`, "f:image"];
}

export const valueOf = (field: Note["field"], spec: V1Deployment["spec"]) =>
  field === "replicas" ? spec?.replicas : spec?.template.spec?.containers[0]?.image;

export interface Undoing {
  /** Whether the field is restored; otherwise it is unchanged, or somebody else has changed it. */
  reverts: boolean;
  /** Whether something differs from how the step left it, and is kept. */
  foreign: boolean;
  text: Text;
}

const pods = (count: string | number) => (Number(count) === 1 ? "1 pod" : `${count} pods`);

/** How to undo a step, given the current Deployment. What somebody else has changed since is kept and reported. */
export function undoingOf(
  note: Note,
  now: V1Deployment | undefined,
  place: Pick<Place, "kubeContext" | "namespace">,
): Undoing {
  const { field, was, set, uid, spec } = note;
  const name = now?.metadata?.name ?? "wordpress";
  if (!now || now.metadata?.uid !== uid) {
    return {
      ...{ reverts: false, foreign: true },
      text: now
        ? {
            en: `the Deployment ${name} was deleted and re-created since the step, so there is nothing left to undo`,
            ko: `그사이 ${name} 디플로이먼트가 삭제되고 다시 만들어져 되돌릴 것이 남아 있지 않습니다`,
          }
        : {
            en: `the Deployment ${name} was deleted since the step, and the step's change with it. To create it again: npm run up`,
            ko: `그사이 ${name} 디플로이먼트가 삭제되어 되돌릴 것이 없습니다. 다시 만들려면: npm run up`,
          },
    };
  }
  const value = valueOf(field, now.spec);
  const own = field === "replicas" ? "spec.replicas" : `spec.template.spec.containers[${containerOf(spec)}].image`;
  const others = changesOf(spec, now.spec, ["spec"])
    .map(({ path }) => pathText(path))
    .filter((path) => path !== own);
  const also = others.length > 0;
  const rest: Text = also
    ? {
        en: `. Changed by somebody else since the step, and kept: ${others.join(", ")}`,
        ko: `. 그사이 다른 쪽이 바꿔서 그대로 둔 것: ${others.join(", ")}`,
      }
    : { en: "", ko: "" };
  const told = (en: string, ko: string): Text => ({ en: en + rest.en, ko: ko + rest.ko });
  if (value === was) {
    return { reverts: false, foreign: also, text: told("it was already as before", "이미 이전과 같은 상태") };
  }
  if (value === set) {
    const text =
      field === "replicas"
        ? told(`back to ${pods(was)}`, `파드 수 ${was}개로 복원`)
        : told(`back to image ${was}`, `이미지 ${was} 복원`);
    return { reverts: true, foreign: also, text };
  }
  const kubectl = `kubectl --context ${place.kubeContext} --namespace ${place.namespace}`;
  const change =
    field === "replicas"
      ? `${kubectl} scale deployment ${name} --replicas=${was}`
      : `${kubectl} set image deployment/${name} ${containerOf(now.spec)}=${was}`;
  return {
    ...{ reverts: false, foreign: true },
    text:
      field === "replicas"
        ? told(
            `somebody else has set ${pods(value ?? 0)} since the step (which left ${set}), so this is kept. Before the step: ${pods(was)}. To go back to that: ${change}`,
            `그사이 다른 쪽이 파드 수를 ${value}개로 바꿔서 그대로 두었습니다 (이 단계가 남긴 값: ${set}, 단계 전: ${was}). 단계 전으로 되돌리려면: ${change}`,
          )
        : told(
            `somebody else has set the image ${value} since the step (which left ${set}), so this is kept. Before the step: ${was}. To go back to that: ${change}`,
            `그사이 다른 쪽이 이미지를 ${value} 값으로 바꿔서 그대로 두었습니다 (이 단계가 남긴 값: ${set}, 단계 전: ${was}). 단계 전으로 되돌리려면: ${change}`,
          ),
  };
}

type Fields = { [key: string]: Fields };

/** A set of fields with one more field, as in another set. */
function withOne(now: Fields, old: Fields, [key, ...rest]: readonly string[]): Fields {
  if (key === undefined) return now;
  const below = old[key] ?? {};
  return { ...now, [key]: withOne(now[key] ?? ("." in below ? { ".": {} } : {}), below, rest) };
}

const sameWriter = (a: V1ManagedFieldsEntry, b: V1ManagedFieldsEntry) =>
  a.manager === b.manager && a.operation === b.operation && a.subresource === b.subresource;

/**
 * managedFields without this program, with the field returned to its previous owner: other owners of a field can block
 * the next `up`. What others have taken over since stays theirs. Undefined if there is nothing to change.
 */
export function withoutOwn(
  note: Note,
  now: readonly V1ManagedFieldsEntry[],
  reverted: boolean,
): V1ManagedFieldsEntry[] | undefined {
  if (!now.some(({ manager }) => manager === ownManager)) return undefined;
  const others = now.filter(({ manager }) => manager !== ownManager);
  if (!reverted) return others;
  const path = ownedAs(note);
  const had = note.managedFields.filter(
    ({ manager, fieldsV1 }) =>
      manager !== ownManager && path.reduce<Fields | undefined>((at, key) => at?.[key], fieldsV1 as Fields),
  );
  const given = (entry: V1ManagedFieldsEntry | undefined, old: V1ManagedFieldsEntry) => ({
    ...(entry ?? old),
    fieldsV1: withOne((entry?.fieldsV1 ?? {}) as Fields, old.fieldsV1 as Fields, path),
  });
  const kept = others.map((entry) => {
    const old = had.find((one) => sameWriter(one, entry));
    return old ? given(entry, old) : entry;
  });
  const lost = had.filter((old) => !others.some((entry) => sameWriter(entry, old)));
  return [...kept, ...lost.map((old) => given(undefined, old))];
}
