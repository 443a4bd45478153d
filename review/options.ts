import { losses } from "../cli/data-loss";
import { Text } from "../text";
import { formerly, made } from "./compare";
import { called, labOf } from "./labs";
import { Warning, WarningKind } from "./model";
import { Registered } from "./register";

/** Options that kept harm away and are gone: neither the engine nor the inputs show them. */
export function lostOptions(
  base: readonly Registered[],
  head: readonly Registered[],
  /** Labs of which the engine has told what is no longer ignored. */
  asked: readonly string[],
): Warning[] {
  const [old, now] = [made(base), made(head)];
  const former = formerly(old, now);
  const parents = new Map(head.map(({ urn, parent }) => [urn, parent]));
  return [...now].flatMap(([urn, is]) => {
    const was = old.get(former.get(urn) ?? urn);
    if (!was) return [];
    const [lab, code] = [labOf(urn, parents), `\`${called(is)}\``];
    const warnings: Warning[] = [];
    const tell = (kind: WarningKind, dangerous: boolean, { en, ko }: Text) =>
      warnings.push({ kind, dangerous, lab, resource: is.name, text: { en: `${code} ${en}`, ko: `${code} ${ko}` } });
    const stored = losses([{ op: "replace", urn, type: is.type, provider: "" }]).length > 0;

    for (const option of ["protect", "retainOnDelete"] as const) {
      if (!was[option] || is[option]) continue;
      tell("data loss", false, {
        en: `loses \`${option}\`: nothing stops a later change from removing it any more.`,
        ko: `에서 \`${option}\` 이(가) 없어집니다: 나중의 변경이 이것을 지워도 막히지 않습니다.`,
      });
    }
    if (was.deleteBeforeReplace && !is.deleteBeforeReplace && is.inputs.name !== undefined) {
      tell("failure", true, {
        en: "loses `deleteBeforeReplace`: its name is still taken when it is made anew, and `up` fails. Put the option back.",
        ko: "에서 `deleteBeforeReplace` 가 없어집니다: 다시 만들 때 이름이 아직 쓰이고 있어 `up` 이 실패합니다. 옵션을 되돌리세요.",
      });
    }
    for (const path of was.ignoreChanges.filter((path) => !is.ignoreChanges.includes(path))) {
      tell("unknown", stored && !asked.includes(lab), {
        en: `no longer ignores \`${path}\`: where what runs has another value, it is changed or made anew, with all that is in it.`,
        ko: `이(가) \`${path}\` 을(를) 더 이상 무시하지 않습니다: 실행 중인 것의 값이 다르면 바뀌거나, 내용과 함께 새로 만들어집니다.`,
      });
    }
    return warnings;
  });
}
