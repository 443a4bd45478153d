import { existsSync, readFileSync } from "node:fs";
import { parse } from "yaml";
import { parseSettings, project, Settings } from "../config";
import { LabError } from "../text";

/** The file that holds a stack's settings. */
export const stackFile = (stack: string) => `Pulumi.${stack}.yaml`;

/**
 * Reads a stack's settings before Pulumi runs, so that nothing is started for settings that are wrong.
 * @throws LabError that names what is wrong
 */
export function settingsOf(stack: string): Settings {
  const file = stackFile(stack);
  if (!existsSync(file)) return parseSettings({});
  let content: { config?: Record<string, unknown> } | null;
  try {
    content = parse(readFileSync(file, "utf8")) as { config?: Record<string, unknown> } | null;
  } catch (error) {
    const reason = (error as Error).message.split("\n")[0] ?? "";
    throw new LabError({
      en: `${file} is not YAML: ${reason} Mend that line, or restore the file: git checkout ${file}`,
      ko: `${file} 이(가) YAML 형식이 아닙니다: ${reason} 그 줄을 고치거나 파일을 되돌리세요: git checkout ${file}`,
    });
  }
  const ours = Object.entries(content?.config ?? {}).flatMap(([key, value]) => {
    const [namespace, name] = key.includes(":") ? key.split(":", 2) : [project, key];
    return namespace === project && name !== undefined ? [[name, value] as const] : [];
  });
  return parseSettings(Object.fromEntries(ours));
}
