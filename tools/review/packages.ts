import { Text } from "../../text";
import { Warning } from "./resources/model";
import { differingKeys, fieldsOf, shown, some } from "./resources/values";

export interface Found {
  warnings: Warning[];
  unchecked: Text[];
}

type Json = Record<string, unknown>;

const code = (text: string) => `\`${text}\``;

const danger = (lab: string, text: Text): Warning => ({ kind: "security", dangerous: true, lab, text });

/** What npm may run by itself: at an install, or around another script. @see https://docs.npmjs.com/cli/using-npm/scripts */
const unasked = /^(pre|post)|^(install|dependencies)$/;

const ownPrograms = /^(node (?=[\w./-]+\.[cm]?js\b)|npm (run|test)\b|(mocha|eslint|prettier|tsc)\b)[^|;<>`$&\n]*$/;
const elsewhere = /(^|[\s="'])(\/|~|\.\.)|node_modules/;

/** Runs only programs that the project uses anyway, on its own files. */
const isPlain = (command: string) =>
  command.split("&&").every((part) => ownPrograms.test(part.trim()) && !elsewhere.test(part));

function script(name: string, before: unknown, after: unknown): Warning | Warning[] {
  const what = code(`${shown(before ?? "–")} → ${shown(after)}`);
  return after === undefined || (!unasked.test(name) && isPlain(shown(after)))
    ? []
    : danger("package.json", {
        en: `script ${code(name)}: ${what}. npm runs it on the machine of everybody who installs or uses this. Find out what it does.`,
        ko: `스크립트 ${code(name)}: ${what}. 설치하거나 사용하는 모든 사람의 컴퓨터에서 npm이 실행합니다. 무엇을 하는지 확인하세요.`,
      });
}

/** A version or a range of versions: what the registry has. */
const isVersion = (spec: unknown) =>
  typeof spec === "string" && /^[\^~<>= ]*v?\d[\w.+-]*( *(\|\||-|[<>=]+) *[\w.+-]+)*$/.test(spec);

function dependency(name: string, before: unknown, after: unknown): Warning | Warning[] {
  if (after === undefined) return [];
  if (!isVersion(after)) {
    return danger("package.json", {
      en: `package ${code(name)} comes from ${code(JSON.stringify(after))} instead of the registry by its version: what is there may be another thing tomorrow.`,
      ko: `${code(name)} 패키지를 레지스트리의 버전이 아니라 ${code(JSON.stringify(after))} 위치에서 받습니다. 그 내용은 내일 달라질 수 있습니다.`,
    });
  }
  if (before !== undefined) return [];
  return danger("package.json", {
    en: `package ${code(name)} is new: its code runs on this machine with all that the labs may do. Find out whose it is, and whether it is needed.`,
    ko: `패키지 ${code(name)} 추가. 그 코드가 이 컴퓨터에서 실습과 같은 권한으로 실행됩니다. 누구의 것이며 꼭 필요한지 확인하세요.`,
  });
}

/** Parts of package.json that nothing runs by. */
const words = ["author", "bugs", "contributors", "description", "engines", "funding", "homepage", "keywords"];
const quiet = [...words, "license", "name", "private", "repository", "version"];

const dependencies = ["dependencies", "devDependencies", "optionalDependencies", "peerDependencies"];

export function packageJson(before: unknown, after: unknown): Found {
  const found: Found = { warnings: [], unchecked: [] };
  const [was, is] = [fieldsOf(before), fieldsOf(after)];
  for (const key of differingKeys(was, is)) {
    const [old, now] = [fieldsOf(was[key]), fieldsOf(is[key])];
    if (key === "scripts")
      found.warnings.push(...differingKeys(old, now).flatMap((name) => script(name, old[name], now[name])));
    else if (dependencies.includes(key)) {
      // One that moves from one list to another was there before.
      const all = Object.assign({}, ...dependencies.map((list) => fieldsOf(was[list]))) as Json;
      found.warnings.push(...differingKeys(old, now).flatMap((name) => dependency(name, all[name], now[name])));
    } else if (!quiet.includes(key)) {
      found.unchecked.push({
        en: `\`package.json\`: what \`${key}\` does was not judged. Read what changes in it.`,
        ko: `\`package.json\`: \`${key}\` 항목은 판단하지 않았습니다. 무엇이 바뀌는지 읽어 보세요.`,
      });
    }
  }
  return found;
}

interface Locked {
  name?: string;
  resolved?: string;
  integrity?: string;
  hasInstallScript?: boolean;
  link?: boolean;
  inBundle?: boolean;
}

const urlOf = (resolved = "") => (URL.canParse(resolved) ? new URL(resolved) : undefined);

/** What changes in package-lock.json: by it npm installs. */
export function packageLock(before: unknown, after: unknown): Found {
  const [was, is] = [before, after].map((side) => fieldsOf(fieldsOf(side).packages) as Record<string, Locked>);
  // What was there before, and where npm on this machine installs from.
  const known = [process.env.npm_config_registry, ...Object.values(was!).map(({ resolved }) => resolved)];
  const hosts = new Set(known.map((url) => urlOf(url)?.host).filter((host) => host !== undefined));
  const changed = differingKeys(was!, is!).filter((path) => path !== "" && is![path] !== undefined);
  const nameOf = (path: string) => path.replace(/^.*node_modules\//, "");
  const warnings = changed.flatMap((path) => {
    const [old, now, name] = [was![path], is![path]!, nameOf(path)];
    const [url, isMoved] = [urlOf(now.resolved), now.resolved !== old?.resolved];
    const isThere = url?.protocol === "https:" && hosts.has(url.host);
    const isIt = url === undefined || decodeURIComponent(url.pathname).includes(now.name ?? name);
    const strange: Record<string, boolean | undefined> = {
      resolved: ((now.link || isMoved) && !isThere && !now.inBundle) || (isMoved && !isIt),
      name: (now.name ?? name) !== name && now.name !== old?.name,
      integrity: !/^sha(384|512)-/.test(now.integrity ?? "") && !now.inBundle && !now.link,
      hasInstallScript: now.hasInstallScript && !old?.hasInstallScript,
    };
    return Object.keys(strange)
      .filter((field) => strange[field])
      .map((field) => {
        const [from, to] = [old, now].map((side) => shown(fieldsOf(side)[field] ?? "–"));
        const what = `${code(name)}: ${code(`${field}: ${from} → ${to}`)}`;
        return danger("package-lock.json", {
          en: `${what}. It comes from another place, has no good checksum, or runs a script when it is installed. Find out whose it is and what it does.`,
          ko: `${what}. 다른 곳에서 받거나, 믿을 만한 체크섬이 없거나, 설치될 때 스크립트를 실행합니다. 누구의 것이며 무엇을 하는지 확인하세요.`,
        });
      });
  });
  if (changed.length === 0) return { warnings, unchecked: [] };
  const names = some([...new Set(changed.map(nameOf))]);
  const unread = {
    en: `\`package-lock.json\`: ${names}: the code of these packages was not checked. Read the release notes of their new versions.`,
    ko: `\`package-lock.json\`: ${names}: 이 패키지들의 코드는 보지 않았습니다. 새 버전의 변경 사항을 읽어 보세요.`,
  };
  return { warnings, unchecked: [unread] };
}
