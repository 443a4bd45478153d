import type { V1Deployment, V1ManagedFieldsEntry } from "@kubernetes/client-node";
import { Text } from "../../text";
import { ownManager } from "./actors";
import { changesOf, owns, Part, pathText, sameEntry } from "./objects";
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

/** The path of the field, as in the fields of a story. */
const fieldOf = ({ field, spec }: Note): Part[] =>
  field === "replicas"
    ? ["spec", "replicas"]
    : ["spec", "template", "spec", "containers", { name: containerOf(spec) }, "image"];

const valueOf = (field: Note["field"], spec: V1Deployment["spec"]) =>
  field === "replicas" ? spec?.replicas : spec?.template.spec?.containers[0]?.image;

export interface Undoing {
  /** Whether the field is restored; otherwise it is unchanged, or somebody else has changed it. */
  reverts: boolean;
  /** Whether something differs from how the step left it, and is kept. */
  foreign: boolean;
  text: Text;
}

/** A value of the field, in words. */
const worded = (field: Note["field"], value: string | number = 0): Text =>
  field === "replicas"
    ? { en: Number(value) === 1 ? "1 pod" : `${value} pods`, ko: `파드 수 ${value}개` }
    : { en: `image ${value}`, ko: `이미지 ${value}` };

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
      text: {
        en: `the Deployment ${name} was deleted since the step, and the step's change with it. If it was not created again: npm run up`,
        ko: `그사이 ${name} 디플로이먼트가 삭제되어 되돌릴 것이 없습니다. 다시 만들어지지 않았다면: npm run up`,
      },
    };
  }
  const others = changesOf(spec, now.spec, ["spec"])
    .map(({ path }) => pathText(path))
    .filter((path) => path !== pathText(fieldOf(note)));
  const also = others.length > 0;
  const rest: Text = also
    ? {
        en: `. Changed by somebody else since the step, and kept: ${others.join(", ")}`,
        ko: `. 그사이 다른 쪽이 바꿔서 그대로 둔 것: ${others.join(", ")}`,
      }
    : { en: "", ko: "" };
  const told = (en: string, ko: string): Text => ({ en: en + rest.en, ko: ko + rest.ko });
  const value = valueOf(field, now.spec);
  if (value === was) {
    return { reverts: false, foreign: also, text: told("it was already as before", "이미 이전과 같은 상태") };
  }
  const before = worded(field, was);
  if (value === set) {
    return { reverts: true, foreign: also, text: told(`back to ${before.en}`, `${before.ko}: 복원`) };
  }
  const change =
    field === "replicas"
      ? `scale deployment ${name} --replicas=${was}`
      : `set image deployment/${name} ${containerOf(now.spec)}=${was}`;
  const kubectl = `kubectl --context ${place.kubeContext} --namespace ${place.namespace} ${change}`;
  const other = worded(field, value);
  return {
    ...{ reverts: false, foreign: true },
    text: told(
      `somebody else has set ${other.en} since the step (which left ${set}), so this is kept. Before the step: ${before.en}. To go back to that: ${kubectl}`,
      `그사이 다른 쪽이 바꿔서 그대로 두었습니다. 지금: ${other.ko}, 이 단계가 남긴 값: ${set}, 단계 전: ${before.ko}. 단계 전으로 되돌리려면: ${kubectl}`,
    ),
  };
}

/**
 * managedFields without this program, with the field returned to its previous owner: other owners of a field can block
 * the next `up`. Undefined if there is nothing to change.
 */
export function withoutOwn(
  note: Note,
  now: readonly V1ManagedFieldsEntry[],
  reverted: boolean,
): V1ManagedFieldsEntry[] | undefined {
  if (!now.some(({ manager }) => manager === ownManager)) return undefined;
  const others = now.filter(({ manager }) => manager !== ownManager);
  if (!reverted) return others;
  const owners = note.managedFields.filter((entry) => entry.manager !== ownManager && owns(entry, fieldOf(note)));
  return [...others.filter((entry) => !owners.some((owner) => sameEntry(owner, entry))), ...owners];
}
