import { losses } from "../stack/data-loss";
import { Text } from "../../text";
import { differing, formerly, isBelow, isSameProvider, made, shownOf } from "./compare";
import { opened } from "./openings";
import { called, labOf, nameOf, shared } from "./resources/labs";
import { Warning, WarningKind } from "./resources/model";
import { Lookup, prints, Registered } from "./resources/register";
import { cutTo, shown } from "./resources/values";

interface Meaning {
  kind: WarningKind;
  dangerous: boolean;
  text: Text;
}

/** One resource, on both sides; new where there is nothing before. */
interface Sides {
  was: Registered | undefined;
  is: Registered;
  /** Something is kept in it that would be lost with it. */
  stored: boolean;
  /** The engine has told what becomes of it. */
  asked: boolean;
}

const said = (kind: WarningKind, dangerous: boolean, text: Text): Meaning => ({ kind, dangerous, text });

const short = (text = "–") => cutTo(text, 60);

type Judge = (sides: Sides, old: string | undefined, now: string | undefined, option: string) => Meaning | undefined;

/** Something that keeps what a resource holds. */
const unguarded: Judge = (_, __, now, option) =>
  now === undefined
    ? said("data loss", false, {
        en: `loses the option \`${option}\`: a later change can remove it without being stopped.`,
        ko: `에서 \`${option}\` 옵션이 없어집니다. 나중의 변경이 이것을 지워도 막히지 않습니다.`,
      })
    : undefined;

/** Something that acts beyond the resource. */
const unseen: Judge = (_, old, now, option) => {
  const { en, ko } = plainly(option, old, now);
  return now === undefined
    ? undefined
    : said("unknown", true, {
        en: `${en} The review cannot see what that runs or changes: read it.`,
        ko: `${ko} 무엇을 실행하거나 바꾸는지 검토가 보지 못합니다. 직접 읽어 보세요.`,
      });
};

/** Options that may do harm: what they mean where they come, go or change. Every other one is only told. */
export const harmful: Partial<Record<string, Judge>> = {
  protect: unguarded,
  retainOnDelete: unguarded,
  deleteBeforeReplace: ({ is }, old, now) =>
    old === "true" && now !== "true" && is.inputs.name !== undefined
      ? said("failure", true, {
          en: "loses the option `deleteBeforeReplace`: its name is still in use when it is re-created, so `up` fails. Restore the option.",
          ko: "에서 `deleteBeforeReplace` 옵션이 없어집니다. 다시 만들 때 이름이 아직 쓰이고 있어 `up` 명령이 실패합니다. 옵션을 되돌리세요.",
        })
      : undefined,
  additionalSecretOutputs: (_, old = "[]", now = "[]") => {
    const kept = JSON.parse(now) as string[];
    const lost = (JSON.parse(old) as string[]).filter((name) => !kept.includes(name));
    return lost.length === 0
      ? undefined
      : said("security", true, {
          en: `no longer keeps \`${lost.join(", ")}\` secret (additionalSecretOutputs): it is plain text in the state from now on.`,
          ko: `의 \`${lost.join(", ")}\` 값이 더 이상 비밀이 아닙니다 (additionalSecretOutputs). 이제 상태에 그대로 적힙니다.`,
        });
  },
  import: ({ was, stored, asked }, _, now) =>
    now === undefined || (was !== undefined && asked)
      ? undefined
      : said("data loss", was !== undefined || stored, {
          en: `takes over \`${now}\`, which is there already (import): if the two differ, it is changed or replaced, and from now on \`destroy\` removes it.`,
          ko: `의 자리에 이미 있는 \`${now}\` 것을 가져옵니다 (import). 서로 다르면 바뀌거나 교체되고, 이제부터 \`destroy\` 명령이 지웁니다.`,
        }),
  envVarMappings: unseen,
  hooks: unseen,
  pluginDownloadURL: unseen,
  stateMigrations: unseen,
  transforms: unseen,
};

const optionsOf = (of: Registered | undefined) => ({
  ...of?.options,
  ...(of?.parent === undefined ? {} : { parent: nameOf(of.parent) }),
});

function ignoring({ was, is, stored, asked }: Sides & { was: Registered }): Meaning[] {
  const applied = was.ignoreChanges.filter((path) => !is.ignoreChanges.includes(path));
  const ignored = is.ignoreChanges.filter((path) => !was.ignoreChanges.includes(path));
  const differ = differing(was, is).filter(({ path }) => isBelow(path, is.ignoreChanges));
  // The engine leaves what runs as it is, and makes the next one so.
  const opens = differ.length > 0 ? opened(is.type, shownOf(was), shownOf(is)) : [];
  return [
    ...opens.map(({ kind, text }) =>
      said(kind, true, {
        en: `opens more when it is re-created (ignoreChanges): ${text.en}.`,
        ko: `에서 다시 만들 때 더 열리는 것이 있습니다 (ignoreChanges): ${text.ko}.`,
      }),
    ),
    ...applied.map((path) =>
      said("unknown", stored && !asked, {
        en: `no longer ignores \`${path}\`: if the running one has another value, it is changed, or re-created and its data lost.`,
        ko: `의 \`${path}\` 속성을 더 이상 무시하지 않습니다. 실행 중인 것의 값이 다르면 바뀌거나, 내용과 함께 새로 만들어집니다.`,
      }),
    ),
    ...ignored.map((path) => said("option", false, plainly("ignoreChanges", undefined, path))),
    ...differ.map(({ path, old, new: now }) => {
      const [from, to] = [old, now].map((value) => short(value === undefined ? undefined : shown(value)));
      const arrow = `${path}: ${from} → ${to}`;
      return said("option", false, {
        en: `ignores \`${arrow}\` while it runs (ignoreChanges): the change only applies when it is re-created.`,
        ko: `에서 실행 중인 것은 \`${arrow}\` 변경을 무시합니다 (ignoreChanges). 새로 만들 때만 적용됩니다.`,
      });
    }),
  ];
}

const moves = (from = "–", to = "–") =>
  said("availability", true, {
    en: `moves from the provider \`${from}\` to \`${to}\`: if that is another Docker or cluster, it is re-created there.`,
    ko: `의 제공자가 \`${from}\` → \`${to}\` 이렇게 바뀝니다. 다른 Docker나 클러스터로 이어진다면 거기에 새로 만들어집니다.`,
  });

/**
 * Options that differ: neither the engine nor the inputs show them.
 * @param asked labs of which the engine has told what becomes of what runs
 */
export function optionsChanged(
  base: readonly Registered[],
  head: readonly Registered[],
  asked: readonly string[],
): Warning[] {
  const [old, now] = [made(base), made(head)];
  const former = formerly(old, now);
  const parents = new Map(head.map(({ urn, parent }) => [urn, parent]));
  /** A resource that is called something else by now is still the same to an option that names it. */
  const follow = (text: string | undefined) =>
    text && [...former].reduce((done, [urn, was]) => done.replaceAll(`"${was}"`, `"${urn}"`), text);
  const meanings = (sides: Sides): Meaning[] => {
    const { was, is } = sides;
    const [olds, nows]: Record<string, string | undefined>[] = [optionsOf(was), optionsOf(is)];
    const options = Object.keys({ ...olds, ...nows }).flatMap((option) => {
      const [before, after] = [olds![option], nows![option]];
      if (follow(before) === after) return [];
      // What is new has its options as it has its inputs: only harm is told.
      const plain = was ? said("option", false, plainly(option, before, after)) : [];
      return harmful[option]?.(sides, before, after, option) ?? plain;
    });
    if (!was) return options;
    const stays = isSameProvider({ old, now, former }, was.provider, is.provider);
    const [from, to] = [was.provider, is.provider].map((provider) => provider && nameOf(provider));
    return [...options, ...(stays ? [] : [moves(from, to)]), ...ignoring({ ...sides, was })];
  };
  return [...now].flatMap(([urn, is]) => {
    const was = old.get(former.get(urn) ?? urn);
    const [lab, code] = [labOf(urn, parents), `\`${called(is)}\``];
    const stored = losses([{ op: "replace", urn, type: is.type }]).length > 0;
    return meanings({ was, is, stored, asked: asked.includes(lab) }).map(({ kind, dangerous, text }) => ({
      ...{ kind, dangerous, lab, resource: is.name },
      text: { en: `${code} ${text.en}`, ko: `${code}${text.ko}` },
    }));
  });
}

const plainly = (option: string, before: string | undefined, after: string | undefined): Text => ({
  en: `has another option: \`${option}: ${short(before)} → ${short(after)}\`.`,
  ko: `의 옵션이 바뀝니다: \`${option}: ${short(before)} → ${short(after)}\`.`,
});

/** Objects, and functions that only look something up, which every plugin calls so. */
const looksUp = /:[A-Z]\w*$|[:/.]get[A-Z]\w*$/;

/** What a program asks of plugins beside its resources, and did not before. */
export function lookupsAdded(base: readonly Lookup[], head: readonly Lookup[]): Warning[] {
  const key = ({ token, of }: Lookup) => `${token} ${of}`;
  const known = new Set(base.map(key));
  const added = new Map(head.filter((lookup) => !known.has(key(lookup))).map((lookup) => [key(lookup), lookup]));
  return [...added.values()].map(({ token, of }): Warning => {
    const what = `\`${token}\` \`${short(of)}\``;
    const isSecret = token === prints || /:(Secret|StackReference)$/.test(token);
    const told = (dangerous: boolean, text: Text): Warning => ({
      ...{ lab: shared, kind: isSecret ? "security" : "unknown", dangerous, text },
    });
    if (token === prints) {
      return told(true, {
        en: "the program prints a password while it runs: it is on every screen and in every log.",
        ko: "프로그램이 실행되면서 암호를 출력합니다. 화면과 로그에 그대로 남습니다.",
      });
    }
    if (isSecret) {
      return told(true, {
        en: `the program reads ${what}: what is in it comes into the state. Find out what for.`,
        ko: `프로그램이 ${what} 값을 읽습니다. 그 내용이 상태에 들어갑니다. 왜 필요한지 확인하세요.`,
      });
    }
    return looksUp.test(token)
      ? told(false, { en: `the program looks up ${what}.`, ko: `프로그램이 ${what} 항목을 조회합니다.` })
      : told(true, {
          en: `the program calls ${what}, also in a preview, and the review knows nothing of it: read what it does.`,
          ko: `프로그램이 미리 보기에서도 ${what} 함수를 부릅니다. 검토가 알지 못하는 함수입니다. 무엇을 하는지 읽어 보세요.`,
        });
  });
}
