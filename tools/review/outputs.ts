import { Text } from "../../text";
import { differing } from "./compare";
import { called, labOf, shared } from "./resources/labs";
import { SettingChange, Warning, WarningKind } from "./resources/model";
import { Registered, secretSignature, stackOutputs, unknownValue } from "./resources/register";
import { leadsThrough, settingChange } from "./resources/values";

/** What is told as a result: of the stack, and of each component by its URN. */
function resultsOf(resources: readonly Registered[]): Map<string, Registered> {
  const stack = resources.filter(({ type }) => type === stackOutputs.type);
  return new Map([
    ...stack.map((resource) => ["", resource] as const),
    ...resources.flatMap((resource) =>
      resource.outputs ? [[resource.urn, { ...resource, inputs: resource.outputs }] as const] : [],
    ),
  ]);
}

type Seen = "secret" | "plain" | "unknown";

/** Whether each value inside is a secret. */
function seenIn(value: unknown, path: string, into: Map<string, Seen>): Map<string, Seen> {
  if (value === unknownValue) into.set(path, "unknown");
  else if (typeof value !== "object" || value === null) into.set(path, "plain");
  else if (secretSignature in value) into.set(path, "secret");
  else {
    for (const [key, item] of Object.entries(value))
      seenIn(item, Array.isArray(value) ? `${path}[${key}]` : path ? `${path}.${key}` : key, into);
  }
  return into;
}

/** The results that were secrets and are plain text now, or that nobody can see before they are made. */
function judged(was: Registered | undefined, is: Registered, lab: string): Warning[] {
  const [before, after] = [seenIn(was?.inputs ?? {}, "", new Map()), seenIn(is.inputs, "", new Map())];
  const secrets = [...before].filter(([, seen]) => seen === "secret").map(([path]) => path);
  const code = `\`${called(is)}\``;
  const told = (kind: WarningKind, dangerous: boolean, text: Text): Warning => ({
    ...{ kind, dangerous, lab, resource: is.name, text },
  });
  return [...after].flatMap(([path, seen]) => {
    if (seen === "plain" && secrets.some((secret) => leadsThrough(path, secret))) {
      return told("security", true, {
        en: `${code}: the output \`${path}\` was a secret and is plain text now, in the state and on every screen.`,
        ko: `${code}: 출력 \`${path}\` 값은 비밀이었지만 이제 상태와 화면에 그대로 드러납니다.`,
      });
    }
    if (seen !== "unknown" || before.get(path) === "unknown") return [];
    return told("unknown", false, {
      en: `${code}: what the output \`${path}\` shows is known only once it is made, and was not seen.`,
      ko: `${code}: 출력 \`${path}\` 값은 만들어진 뒤에야 알 수 있어 보지 못했습니다.`,
    });
  });
}

/** What differs between the results of two programs, and what that gives away. */
export function outputChanges(
  base: readonly Registered[],
  head: readonly Registered[],
): { outputs: SettingChange[]; warnings: Warning[] } {
  const [old, now] = [resultsOf(base), resultsOf(head)];
  const parents = new Map(head.map(({ urn, parent }) => [urn, parent]));
  const former = (urn: string) => now.get(urn)?.aliases?.find((alias) => old.has(alias)) ?? urn;
  const changes: SettingChange[] = [];
  const warnings: Warning[] = [];
  for (const [urn, is] of now) {
    const was = old.get(former(urn));
    // What comes and goes is told as a resource.
    for (const one of was ? differing(was, is) : []) {
      const change = settingChange(urn === "" ? one.path : `${is.name}: ${one.path}`, one);
      // A component's results are mostly the stack's as well: told once.
      const isTold = changes.some(({ old, new: now }) => old === change.old && now === change.new);
      if (urn === "" || !isTold) changes.push(change);
    }
    warnings.push(...judged(was, is, urn === "" ? shared : labOf(urn, parents)));
  }
  return { outputs: changes, warnings };
}
