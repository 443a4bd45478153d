import { isInTable } from "../resources/types";
import { runsPods, selectorOf, serviceTargets } from "../openings";
import { isLab } from "../resources/labs";
import { Change, Inputs } from "../resources/model";
import { at, differences, objectsAt, propertyOf, shown } from "../resources/values";
import { ops } from "../resources/words";
import { arrows, because, code, followed, movesWithNamespace, Rule, stays, warning } from "./rule";

/** Types of which the rules know what it means that they come, change and go. */
const isKnown = (type: string) =>
  isInTable(type) || /^(random|pulumi:providers|course):|^docker:index\/image:|^kubernetes:core\/v1:Node$/.test(type);

/** Those without which the lab does not work. */
const needed = /:(Container|Network|Deployment|Service|Secret|ServiceAccount|RoleBinding)$/;

/** What an object is called outside of Pulumi. */
function physical(inputs: Inputs | undefined): string | undefined {
  const name = at(inputs, "metadata.name") ?? inputs?.name;
  return name === undefined ? undefined : `${shown(at(inputs, "metadata.namespace"))}/${shown(name)}`;
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
  return warning(change, "failure", true, {
    en: `${code(old)} is called \`${change.name}\` in the program now: Pulumi tries to create a second one of the same name, which fails, and removes the first. Name the old one in \`aliases\`.`,
    ko: `${code(old)} 리소스의 프로그램 이름이 \`${change.name}\` 이름으로 바뀌었습니다. Pulumi는 같은 이름으로 하나를 더 만들다 실패하고 이전 리소스를 지웁니다. \`aliases\` 옵션으로 이전 이름을 알려 주세요.`,
  });
};

const partRemoved: Rule = (change, { changes, removed }) => {
  if (change.op !== "delete" || removed.has(change.lab) || !needed.test(change.type)) return [];
  if (movesWithNamespace(change, changes)) return [];
  if (changes.some(({ op, type, lab }) => op === "create" && type === change.type && lab === change.lab)) return [];
  return warning(change, "availability", true, {
    en: `${code(change)} is removed while the rest of the lab stays: whatever uses it stops working.`,
    ko: `실습의 나머지는 남고 ${code(change)} 리소스만 삭제되어, 이 리소스를 쓰던 부분은 작동하지 않게 됩니다.`,
  });
};

/** Settings of a provider that lead nowhere else and let nobody in. */
const quiet = /^(version|enablePatchForce|suppress\w+|kubeClientSettings\b.*)$/;

/** Another Docker or another cluster. */
const provider: Rule = (change, { added }) => {
  if (!change.type.startsWith("pulumi:providers:")) return [];
  const what = change.type.split(":").pop();
  // What a lab needs that is new comes with it.
  const fresh = change.op === "create" && added.size === 0;
  const differ = fresh ? differences({}, change.after).map((one) => propertyOf(one, false)) : change.properties;
  const moved = differ.filter(({ path }) => !quiet.test(path));
  if (moved.length === 0 || !(fresh || stays(change))) return [];
  return warning(change, "availability", true, {
    en: `The labs use ${what} in another way (${arrows(moved)}): if that is another Docker or cluster, the resources on the old one are left behind or removed.`,
    ko: `실습이 ${what} 제공자를 다르게 씁니다 (${arrows(moved)}). 다른 Docker나 클러스터로 이어진다면, 이전 쪽에서 실행 중인 리소스는 남거나 지워집니다.`,
  });
};

/** What nobody taught this review. */
const unknownType: Rule = (change) => {
  const { type, op, component } = change;
  // Of what a pod may do as it comes, the openings tell.
  const isPod = (op === "create" || op === "update") && runsPods(type);
  if (component === true || isPod || isKnown(type)) return [];
  const verb = ops[op];
  const why = because(change);
  const next =
    op === "create"
      ? { en: "find out what it opens or does", ko: "무엇을 열거나 실행하는지 확인하세요" }
      : { en: "find out what it holds", ko: "무엇이 들어 있는지 확인하세요" };
  return warning(change, "unknown", true, {
    en: `${code(change)} is ${verb.en}${why.en}, and the review knows nothing of ${change.type}: ${next.en}.`,
    ko: `${code(change)} 리소스가 ${verb.ko}됩니다${why.ko}. 이 종류(${change.type})는 검토가 알지 못합니다. ${next.ko}.`,
  });
};

/** Where a Service leads, and under which name it is found. */
const service: Rule = (change, { changes }) => {
  const { type, before, after } = change;
  if (type !== "kubernetes:core/v1:Service" || !stays(change)) return [];
  const [was, is] = [serviceTargets(before), serviceTargets(after)];
  const [selected, selects] = [selectorOf(followed(change, changes)), selectorOf(after)];
  const [old, now] = [before, after].map((inputs) => shown(at(inputs, "metadata.name")));
  const differ = [
    ...(selected === selects ? [] : [`selector: ${selected} → ${selects}`]),
    ...[...was]
      .filter(([port, to]) => is.get(port) !== to)
      .map(([port, to]) => `${port}: ${to} → ${is.get(port) ?? "–"}`),
    // A node port is found by its number.
    ...(old === now || at(after, "spec.type") === "NodePort" ? [] : [`name: ${old} → ${now}`]),
  ];
  return differ.map((what) =>
    warning(change, "availability", true, {
      en: `${code(change)} leads elsewhere (\`${what}\`): its clients reach something else, or nothing.`,
      ko: `${code(change)}: 다른 곳으로 연결됩니다 (\`${what}\`). 이 서비스를 쓰던 쪽은 다른 프로그램을 만나거나 아무것도 찾지 못합니다.`,
    }),
  );
};

const aliasesOf = (inputs: Inputs | undefined) =>
  objectsAt(inputs, "networksAdvanced").flatMap(({ aliases }) => (Array.isArray(aliases) ? aliases.map(shown) : []));

const alias: Rule = (change) => {
  if (change.type !== "docker:index/container:Container" || !stays(change)) return [];
  const now = aliasesOf(change.after);
  return aliasesOf(change.before)
    .filter((name) => !now.includes(name))
    .map((name) =>
      warning(change, "availability", true, {
        en: `${code(change)} can no longer be found as \`${name}\` in its network: containers that use that name stop working.`,
        ko: `${code(change)} 리소스를 네트워크에서 더 이상 \`${name}\` 이름으로 찾을 수 없습니다. 그 이름을 쓰던 컨테이너는 작동하지 않습니다.`,
      }),
    );
};

const address: Rule = (change) => {
  if (!stays(change)) return [];
  const moved = change.properties.filter(
    ({ path, old, new: now }) =>
      old !== undefined && now !== undefined && /^ports(\[\w+\])?\.external$|\.nodePort$/.test(path),
  );
  return moved.map(({ old, new: now }) =>
    warning(change, "address", false, {
      en: `The lab moves from port ${old} to port ${now}: links and instructions with the old port stop working.`,
      ko: `실습 주소의 포트가 바뀝니다 (${old} → ${now}). 이전 포트가 적힌 링크와 안내는 쓸 수 없게 됩니다.`,
    }),
  );
};

export const lifecycleRules: Rule[] = [renamed, partRemoved, provider, unknownType, service, alias, address];

/** The labs whose component goes away, and those whose component is new: a rename is neither. */
export function labsThatMove(changes: readonly Change[]): { removed: Set<string>; added: Set<string> } {
  const components = changes.filter(({ component, type }) => component ?? type.startsWith("course:"));
  const of = (op: Change["op"]) =>
    new Set(components.filter((c) => c.op === op && c.name === c.lab).map(({ lab }) => lab));
  const lab = (op: Change["op"]) => new Set(components.filter((c) => c.op === op && isLab(c)).map(({ lab }) => lab));
  const [gone, come] = [lab("delete"), lab("create")];
  const without = (set: Set<string>, others: Set<string>) => new Set([...set].filter((name) => !others.has(name)));
  return { removed: without(of("delete"), come), added: without(of("create"), gone) };
}
