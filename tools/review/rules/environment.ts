import { isPassword } from "../../stack/data-loss";
import { podOf } from "../openings";
import { Change, Inputs } from "../resources/model";
import { at, objectsAt, secret, shown, unknown } from "../resources/values";
import { keepsDatabase } from "./mounts";
import { arrow, code, Rule, stays, warning } from "./rule";

/** Variables that an image of a database takes when its volume is first filled. */
const ofDatabase = /^(MYSQL|MARIADB|POSTGRES|MONGO)/;

/** Those by which WordPress finds its database and its tables. */
const ofWordPress = /^WORDPRESS_(DB_|TABLE_PREFIX)/;

/** The variables of a container, or of all containers of a pod: a container that has another name has the same ones. */
function variables({ type }: Change, inputs: Inputs | undefined): Map<string, string> {
  if (type === "docker:index/container:Container") {
    const envs = Array.isArray(inputs?.envs) ? (inputs.envs as unknown[]) : [];
    const pairs = envs.map((env) => /^([A-Za-z_]\w*)=(.*)$/s.exec(shown(env)) ?? []);
    return new Map(pairs.flatMap(([, name, value]) => (name === undefined ? [] : [[name, value ?? ""]])));
  }
  const env = objectsAt(podOf(type, inputs), "containers").flatMap((container) => objectsAt(container, "env"));
  return new Map(env.map(({ name, value, valueFrom }) => [shown(name), shown(valueFrom ?? value)]));
}

/** The variables that differ. Of an object that is made anew, the name is known later, and is told of by itself. */
function changed(change: Change, which: RegExp): { name: string; old?: string; new?: string }[] {
  const [was, is] = [variables(change, change.before), variables(change, change.after)];
  return [...new Set([...was.keys(), ...is.keys()])]
    .filter((name) => which.test(name) && was.get(name) !== is.get(name))
    .map((name) => ({ name, old: was.get(name), new: is.get(name) }))
    .filter(({ new: now }) => now === undefined || !now.startsWith("{") || !now.includes(unknown));
}

/**
 * What is hidden of a container's variables and differs: the variable where it is known, else all of them. Secrets that
 * differ read the same, so that the engine and the programs only say where.
 */
function changedUnseen(change: Change): string[] {
  const unseen = change.properties.filter(({ old, new: now }) => old === now);
  const hidden = [...variables(change, change.after)]
    .filter(([name, value]) => ofDatabase.test(name) && value === secret)
    .map(([name]) => name);
  return unseen.flatMap(({ path }) => {
    const [, name] = /\benvs?\[([A-Za-z_]\w*)\]/.exec(path) ?? [];
    if (name !== undefined) return ofDatabase.test(name) ? [path] : [];
    if (/\benvs?(\[|\.|$)/.test(path)) return [path];
    return at(change.after, path) !== secret && /^spec(\.|$)/.test(path) ? hidden : [];
  });
}

/** A database takes its passwords, users and names when its volume is first filled, and never again. */
const firstStart: Rule = (change, { changes }) => {
  if (!stays(change)) return [];
  // A password that is replaced has been told of already.
  const passwordGone = () =>
    changes.some((other) => isPassword(other) && other.lab === change.lab && other.op !== "create");
  const told = (path: string) =>
    warning(change, "data loss", true, {
      en: `${code(change)}: \`${path}\` changes, but the database keeps what its volume was first filled with: WordPress could not log in any more. Change it in the database, too.`,
      ko: `${code(change)}: \`${path}\` 값이 바뀌지만 데이터베이스에는 볼륨을 처음 채울 때의 값이 남아, WordPress가 로그인할 수 없게 됩니다. 데이터베이스에서도 바꾸어야 합니다.`,
    });
  if (change.type === "kubernetes:core/v1:Secret") {
    // A key that is new changes none of the old ones.
    const data = change.properties.filter(
      ({ path, old, new: now }) => /^(data|stringData)\b/.test(path) && (old !== undefined || now === undefined),
    );
    return passwordGone() ? [] : data.slice(0, 1).map(({ path }) => told(path));
  }
  if (!keepsDatabase(change)) return [];
  const seen = changed(change, ofDatabase).map(({ name }) => name);
  const open = seen.filter((name) => !/PASSWORD/.test(name));
  const others = [...seen, ...changedUnseen(change)];
  const all = open.length > 0 || passwordGone() ? open : others;
  return all.slice(0, 1).map(told);
};

/** WordPress and its database have to agree on these. */
const wordpress: Rule = (change) => {
  if (!stays(change)) return [];
  return changed(change, ofWordPress)
    .filter(({ name, old }) => old !== undefined || name === "WORDPRESS_TABLE_PREFIX")
    .map(({ name, old, new: now }) => {
      const what = arrow({ path: name, old, new: now, forcesReplacement: false });
      return warning(change, "availability", true, {
        en: `${code(change)}: ${what}. WordPress looks for its database or its tables elsewhere. If they are not there, it shows an error or starts with an empty site.`,
        ko: `${code(change)}: ${what}. WordPress가 데이터베이스나 테이블을 다른 곳에서 찾습니다. 그곳에 없으면 오류를 보이거나 처음부터 시작합니다.`,
      });
    });
};

/** How a container is started, on one line. */
function started({ type }: Change, inputs: Inputs | undefined): string {
  const text = (value: unknown) => (Array.isArray(value) ? value.map(shown).join(" ") : shown(value));
  const keys = ["entrypoints", "command", "args"];
  const containers = type.startsWith("docker:") ? [inputs ?? {}] : objectsAt(podOf(type, inputs), "containers");
  return containers.flatMap((container) => keys.map((key) => text(container[key]))).join(" ");
}

const folders = (change: Change, inputs: Inputs | undefined) =>
  [
    ...started(change, inputs).matchAll(/(?:--datadir|--dbpath|data[_-]directory)[\s=]+(\S+)/g),
    ...(variables(change, inputs).get("PGDATA") ?? "").matchAll(/^(.+)$/g),
  ]
    .map(([, folder]) => folder)
    .join(", ");

/** How a database is started: with other files, or without asking who somebody is. */
const flags: Rule = (change) => {
  if (!stays(change) || !keepsDatabase(change)) return [];
  const [was, is] = [folders(change, change.before), folders(change, change.after)];
  const what = arrow({ path: "datadir", old: was || undefined, new: is || undefined, forcesReplacement: false });
  const open = (inputs: Inputs | undefined) =>
    /--skip[-_]grant[-_]tables(?!=(0|OFF))/i.test(started(change, inputs)) ||
    [...variables(change, inputs)].some(([name, value]) => /_ALLOW_EMPTY_(ROOT_)?PASSWORD$/.test(name) && value !== "");
  return [
    was === is
      ? []
      : warning(change, "data loss", true, {
          en: `${code(change)}: the database looks for its files elsewhere (${what}): the stored data is no longer used.`,
          ko: `${code(change)}: 데이터베이스가 파일을 다른 곳에서 찾아 (${what}) 저장된 데이터가 보이지 않게 됩니다.`,
        }),
    open(change.before) || !open(change.after)
      ? []
      : warning(change, "security", true, {
          en: `${code(change)} lets everyone into the database without a password (\`--skip-grant-tables\`, \`ALLOW_EMPTY_PASSWORD\`).`,
          ko: `${code(change)}: 누구나 암호 없이 데이터베이스에 들어갈 수 있습니다 (\`--skip-grant-tables\`, \`ALLOW_EMPTY_PASSWORD\`).`,
        }),
  ].flat();
};

export const environmentRules: Rule[] = [firstStart, wordpress, flags];
