import { existsSync, readFileSync } from "node:fs";
import { parse } from "yaml";
import { parseSettings, project, settingNames, Settings } from "../../config";
import { LabError, Text } from "../../text";

/** The file that holds a stack's settings. */
export const stackFile = (stack: string) => `Pulumi.${stack}.yaml`;

/** A stack file's content without the salt of a passphrase; settings that are encrypted with it keep it, or nobody could read them. */
export const withoutSalt = (content: string) =>
  /^\s+secure:/m.test(content) ? content : content.replace(/^encryptionsalt:.*\r?\n?/gm, "");

/** A setting of one of the providers, and what takes its place: the program says itself where its providers lead. */
const ofProviders: Record<string, Text> = {
  "kubernetes:kubeconfig": { en: `Use ${project}:kubeconfig`, ko: `${project}:kubeconfig 설정을 쓰세요` },
  "kubernetes:context": { en: `Use ${project}:kubeContext`, ko: `${project}:kubeContext 설정을 쓰세요` },
  "kubernetes:namespace": {
    en: `Use ${project}:kubernetesNamespace`,
    ko: `${project}:kubernetesNamespace 설정을 쓰세요`,
  },
  "docker:host": {
    en: "The labs use the Docker that the docker command uses: docker context use NAME",
    ko: "실습은 docker 명령이 쓰는 Docker를 씁니다: docker context use 이름",
  },
};

/** Pulumi passes over a setting with another name before it: mistyped, or meant for a provider, it would silently do nothing. */
function refuseOtherNamespace(file: string, key: string, value: unknown): void {
  const [namespace, name] = key.split(":", 2);
  if (name !== undefined && (namespace === project || namespace === "pulumi")) return;
  const first = typeof value === "object" && value !== null ? Object.keys(value)[0] : undefined;
  if (name === undefined && namespace === project && first !== undefined) {
    throw new LabError({
      en: `In ${file} the settings stand below ${project}: each on a line of its own is right, for example ${project}:${first}`,
      ko: `${file} 에서 설정이 ${project}: 아래에 묶여 있습니다. 설정마다 한 줄씩 전체 이름으로 쓰세요. 예: ${project}:${first}`,
    });
  }
  if (name === undefined) return;
  const remove: Text = { en: "Remove it", ko: "지우세요" };
  const near = settingNames.find((known) => known.toLowerCase() === name.toLowerCase());
  const instead =
    ofProviders[key] ??
    (near ? { en: `Did you mean ${project}:${near}?`, ko: `혹시 ${project}:${near} 인가요?` } : remove);
  throw new LabError({
    en: `Setting ${key} in ${file} is not this project's, and nothing would use it. ${instead.en}`,
    ko: `${file} 의 설정 ${key} 값은 이 프로젝트의 설정이 아니어서 쓰이지 않습니다. ${instead.ko}`,
  });
}

/** What Pulumi reads in a stack's file besides its settings. */
const besideConfig = ["encryptionsalt", "encryptedkey", "secretsprovider", "environment", "imports"];

/** Why settings of a file would be passed over because of where they stand; nothing where they would not. */
function misplaced(file: string, content: unknown): Text | undefined {
  const right = `config:\n  ${project}:redisPort: 6380`;
  if (!isMap(content)) {
    return {
      en: `${file} does not begin with config: and settings below it. It must be like this:\n${right}`,
      ko: `${file} 이 config: 로 시작하고 그 아래에 설정이 있는 형식이 아닙니다. 이렇게 써야 합니다:\n${right}`,
    };
  }
  const looksLikeOurs = (key: string) => key.startsWith(`${project}:`) || (settingNames as string[]).includes(key);
  // Pulumi.yaml has much else that is Pulumi's.
  const known = (key: string) => file === "Pulumi.yaml" || besideConfig.includes(key);
  for (const key of Object.keys(content).filter((key) => key !== "config")) {
    if (key.toLowerCase() === "config") {
      return {
        en: `In ${file} it says ${key}: where it must say config:, in lower case. Nothing below it would be used.`,
        ko: `${file} 에 ${key}: 라고 되어 있습니다. 소문자 config: 여야 그 아래의 설정이 쓰입니다.`,
      };
    }
    if (looksLikeOurs(key)) {
      const outside = "config" in content;
      return {
        en: `In ${file} ${key} stands ${outside ? "outside config:, at the left margin" : "at the left margin, and there is no config: above it"}, where nothing would use it. Put two spaces before it${outside ? "" : ", and a line config: above"}:\nconfig:\n  ${key}: …`,
        ko: `${file} 의 ${key} 설정이 ${outside ? "config: 밖, 줄 맨 앞에" : "줄 맨 앞에 있고 그 위에 config: 줄이 없어"} ${outside ? "있어 " : ""}쓰이지 않습니다. 앞에 빈칸 두 개를 넣으세요${outside ? "" : ". 위에 config: 줄도 필요합니다"}:\nconfig:\n  ${key}: …`,
      };
    }
    if (!known(key)) {
      return {
        en: `In ${file} there is ${key}: beside config:, and nothing would use it. Remove it, or where it is a setting, put it below config: with two spaces before it.`,
        ko: `${file} 에서 config: 밖에 있는 ${key}: 항목은 쓰이지 않습니다. 지우거나, 설정이라면 config: 아래에 빈칸 두 개를 넣어 쓰세요.`,
      };
    }
  }
  if (content.config === undefined || content.config === null || isMap(content.config)) return undefined;
  return {
    en: `In ${file} what stands below config: is ${Array.isArray(content.config) ? "a list" : "one text"}, and must be settings with their values: without a dash before them, and with a space after the last colon:\n${right}`,
    ko: `${file} 에서 config: 아래에 있는 것이 ${Array.isArray(content.config) ? "목록" : "한 줄의 글"}입니다. 앞에 - 없이, 마지막 콜론 뒤에 빈칸을 두고 설정과 값을 쓰세요:\n${right}`,
  };
}

const isMap = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** What a file has below `config:`. @throws LabError for a file that is not YAML, or a setting that nobody would read */
function configIn(file: string): Record<string, unknown> {
  const misnamed = file.replace(/yaml$/, "yml");
  if (!existsSync(file) && existsSync(misnamed)) {
    throw new LabError({
      en: `${misnamed} is called so that Pulumi does not read it. Rename it: ${file}`,
      ko: `Pulumi는 ${misnamed} 이름의 파일을 읽지 않습니다. 이름을 바꾸세요: ${file}`,
    });
  }
  if (!existsSync(file)) return {};
  let content: unknown;
  try {
    content = parse(readFileSync(file, "utf8")) ?? {};
  } catch (error) {
    const reason = (error as Error).message.split("\n")[0] ?? "";
    throw new LabError({
      en: `${file} is not YAML: ${reason} Mend that line, or restore the file: git checkout ${file}`,
      ko: `${file} 이(가) YAML 형식이 아닙니다: ${reason} 그 줄을 고치거나 파일을 되돌리세요: git checkout ${file}`,
    });
  }
  const problem = misplaced(file, content);
  if (problem) throw new LabError(problem);
  const config = (content as { config?: Record<string, unknown> | null }).config ?? {};
  for (const [key, value] of Object.entries(config)) refuseOtherNamespace(file, key, value);
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
