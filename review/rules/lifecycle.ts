import { Change, Inputs } from "../model";
import { at, shown } from "../values";
import { because, code, Rule, stays, warning } from "./rule";

/** Types of which the rules know what their removal means. */
const known =
  /^(docker:index\/(container:Container|network:Network|volume:Volume|image:Image|remoteImage:RemoteImage)|random:index\/\w+:\w+|kubernetes:(core\/v1:(Namespace|Secret|PersistentVolumeClaim|Service|ConfigMap|ServiceAccount|Node)|apps\/v1:Deployment|networking\.k8s\.io\/v1:\w+)|pulumi:\w+:\w+|course:.*)$/;

/** Those without which the lab does not work. */
const needed = /:(Container|Network|Deployment|Service|Secret)$/;

/** What an object is called outside of Pulumi. */
function physical(inputs: Inputs | undefined): string | undefined {
  const name = at(inputs, "metadata.name") ?? inputs?.name;
  return name === undefined ? undefined : `${shown(at(inputs, "metadata.namespace") ?? "")}/${shown(name)}`;
}

/** Another name in the program for the same object: to Pulumi a new one and an old one. */
const renamed: Rule = (change, { changes }) => {
  if (change.op !== "create") return [];
  const name = physical(change.after);
  const old = changes.find(
    ({ op, type, before }) =>
      op === "delete" && type === change.type && name !== undefined && physical(before) === name,
  );
  // A pulled image is only noted twice, and a password has no name of its own.
  if (!old || /:RemoteImage$/.test(change.type)) return [];
  return [
    warning(change, "failure", true, {
      en: `${code(old)} is called \`${change.name}\` now: Pulumi makes a second one of the same name, which fails, and removes the first. Give it its old name with \`aliases\`.`,
      ko: `${code(old)} 의 이름이 \`${change.name}\` (으)로 바뀌었습니다: Pulumi 는 같은 이름으로 하나를 더 만들다 실패하고 이전 것을 지웁니다. \`aliases\` 로 이전 이름을 알려 주세요.`,
    }),
  ];
};

/** A part of a lab that goes while the lab stays. */
const partRemoved: Rule = (change, { changes, removed }) => {
  if (change.op !== "delete" || removed.has(change.lab) || !needed.test(change.type)) return [];
  if (changes.some(({ op, type, lab }) => op === "create" && type === change.type && lab === change.lab)) return [];
  return [
    warning(change, "availability", true, {
      en: `${code(change)} is removed while the rest of the lab stays: what needs it stops working.`,
      ko: `${code(change)} 만 삭제되고 실습의 나머지는 남습니다: 그것을 쓰던 것은 작동하지 않게 됩니다.`,
    }),
  ];
};

/** Another Docker or another cluster. */
const provider: Rule = (change) => {
  const moved = change.properties.filter(({ path }) => /^(context|kubeconfig|cluster|host|namespace)$/.test(path));
  if (!change.type.startsWith("pulumi:providers:") || !stays(change) || moved.length === 0) return [];
  return [
    warning(change, "availability", true, {
      en: `The labs move to another ${change.type.split(":").pop()}${because(change).en}: what runs on the old one is left behind or removed.`,
      ko: `실습이 다른 ${change.type.split(":").pop()} (으)로 옮겨집니다${because(change).ko}: 이전 것에서 실행 중인 것은 남거나 지워집니다.`,
    }),
  ];
};

/** What nobody taught this review. */
const unknownType: Rule = (change) => {
  if (known.test(change.type) || (change.op !== "delete" && change.op !== "replace")) return [];
  const verb = change.op === "delete" ? { en: "removed", ko: "삭제" } : { en: "replaced", ko: "교체" };
  return [
    warning(change, "unknown", true, {
      en: `${code(change)} is ${verb.en}${because(change).en}, and the review knows nothing of ${change.type}: find out what it holds.`,
      ko: `${code(change)} 이(가) ${verb.ko}됩니다${because(change).ko}. 이 종류(${change.type})는 검토가 알지 못합니다: 무엇이 들어 있는지 확인하세요.`,
    }),
  ];
};

/** Where people find a lab. */
const address: Rule = (change) => {
  if (!stays(change)) return [];
  const moved = change.properties.filter(
    ({ path, old, new: now }) =>
      old !== undefined && now !== undefined && /^ports(\[\w+\])?\.external$|\.nodePort$/.test(path),
  );
  return moved.map(({ old, new: now }) =>
    warning(change, "address", false, {
      en: `The lab is found at port ${now} instead of ${old}: links and instructions with the old one lead nowhere.`,
      ko: `실습 주소의 포트가 ${old} 에서 ${now} (으)로 바뀝니다: 이전 포트가 적힌 링크와 안내는 쓸 수 없게 됩니다.`,
    }),
  );
};

export const lifecycleRules: Rule[] = [renamed, partRemoved, provider, unknownType, address];

/** The labs whose component goes away, and those whose component is new. */
export function labsThatMove(changes: readonly Change[]): { removed: Set<string>; added: Set<string> } {
  const of = (op: Change["op"]) =>
    new Set(
      changes.filter((c) => c.op === op && c.type.startsWith("course:") && c.name === c.lab).map(({ lab }) => lab),
    );
  return { removed: of("delete"), added: of("create") };
}
