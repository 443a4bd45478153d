import { existsSync, readFileSync } from "node:fs";
import { parse } from "yaml";
import { parseSettings, project, settingNames, Settings } from "../config";
import { LabError } from "../text";

/** The file that holds a stack's settings. */
export const stackFile = (stack: string) => `Pulumi.${stack}.yaml`;

/** A stack file's content without the salt of a passphrase; git's filter, strip-salt.mjs, takes out the same. */
export const withoutSalt = (content: string) => content.replace(/^encryptionsalt:.*\r?\n?/gm, "");

/** Whose settings a stack's file may hold besides this project's. */
const others = ["pulumi", "docker", "kubernetes", "random"];

/** Pulumi passes over a setting with another project's name before it: mistyped, it would silently do nothing. */
function refuseOtherNamespace(file: string, key: string): void {
  const [namespace, name] = key.split(":", 2);
  const ours: readonly string[] = settingNames;
  if (name === undefined || namespace === project || others.includes(namespace ?? "") || !ours.includes(name)) return;
  throw new LabError({
    en: `Setting ${key} in ${file} is not this project's, did you mean ${project}:${name}?`,
    ko: `${file} 의 설정 ${key} 은(는) 이 프로젝트의 것이 아닙니다. 혹시 ${project}:${name} 인가요?`,
  });
}

/** What a file has below `config:`. @throws LabError for a file that is not YAML, or a setting that nobody would read */
function configIn(file: string): Record<string, unknown> {
  if (!existsSync(file)) return {};
  let content: { config?: Record<string, unknown> | null } | null;
  try {
    content = parse(readFileSync(file, "utf8")) as { config?: Record<string, unknown> } | null;
  } catch (error) {
    const reason = (error as Error).message.split("\n")[0] ?? "";
    throw new LabError({
      en: `${file} is not YAML: ${reason} Mend that line, or restore the file: git checkout ${file}`,
      ko: `${file} 이(가) YAML 형식이 아닙니다: ${reason} 그 줄을 고치거나 파일을 되돌리세요: git checkout ${file}`,
    });
  }
  const config = content?.config ?? {};
  for (const key of Object.keys(config)) refuseOtherNamespace(file, key);
  return config;
}

/** What the project's file says of a setting: the value itself, or what describes it. */
function valueForAll(said: unknown): unknown {
  if (typeof said !== "object" || said === null || Array.isArray(said)) return said;
  const { value, default: otherwise } = said as { value?: unknown; default?: unknown };
  return value ?? otherwise;
}

/**
 * The config of a stack, by whole names: what Pulumi.yaml has for all stacks, and over it what the stack's own file has.
 * @throws LabError that names what is wrong
 * @see https://www.pulumi.com/docs/iac/concepts/config/#project-level-configuration
 */
export function configOf(stack: string, ofProject: string = project): Record<string, unknown> {
  const forAll = Object.entries(configIn("Pulumi.yaml"))
    .map(([key, said]) => [key, valueForAll(said)] as const)
    .filter(([, value]) => value !== undefined && value !== null);
  return Object.fromEntries(
    [...forAll, ...Object.entries(configIn(stackFile(stack)))].map(([key, value]) => [
      key.includes(":") ? key : `${ofProject}:${key}`,
      value,
    ]),
  );
}

/**
 * Reads a stack's settings before Pulumi runs, so that nothing is started for settings that are wrong.
 * @throws LabError that names what is wrong
 */
export function settingsOf(stack: string): Settings {
  const ours = Object.entries(configOf(stack)).flatMap(([key, value]) => {
    const [namespace, name] = key.split(":", 2);
    return namespace === project && name !== undefined ? [[name, value] as const] : [];
  });
  return parseSettings(Object.fromEntries(ours));
}
