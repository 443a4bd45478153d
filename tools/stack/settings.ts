import { existsSync, readFileSync } from "node:fs";
import { isMap as isYamlMap, Node, parseDocument, visit } from "yaml";
import { parseSettings, project, settingNames, Settings } from "../../config";
import { LabError, same, Text } from "../../text";

export const stackFile = (stack: string) => `Pulumi.${stack}.yaml`;

/** Removes the salt from the content of a settings file, unless the file has encrypted settings, which need it. */
export const withoutSalt = (content: string) =>
  /^\s+secure:/m.test(content) ? content : content.replace(/^encryptionsalt:.*\r?\n?/gm, "");

/** Settings of Pulumi's default providers, which the program does not use, and what to use instead. */
const ofProviders: Record<string, Text> = {
  "kubernetes:kubeconfig": { en: `Use ${project}:kubeconfig`, ko: `${project}:kubeconfig 설정을 쓰세요` },
  "kubernetes:context": { en: `Use ${project}:kubeContext`, ko: `${project}:kubeContext 설정을 쓰세요` },
  "kubernetes:namespace": {
    en: `Use ${project}:kubernetesNamespace`,
    ko: `${project}:kubernetesNamespace 설정을 쓰세요`,
  },
  "docker:host": {
    en: "The labs use the same Docker as the docker command: docker context use NAME",
    ko: "실습 환경은 docker 명령과 같은 Docker를 사용합니다: docker context use 이름",
  },
};

/** Pulumi silently ignores settings of another namespace, whether it is a typo or the name of a provider. */
function refuseOtherNamespace(file: string, key: string, value: unknown): void {
  const [namespace, ...rest] = key.split(":");
  const name = rest.length > 0 ? rest.join(":") : undefined;
  const near = settingNames.find((known) => known.toLowerCase() === name?.toLowerCase());
  if (name !== undefined && (namespace === project || (namespace === "pulumi" && !near))) return;
  const first = typeof value === "object" && value !== null ? Object.keys(value)[0] : undefined;
  if (name === undefined && namespace === project && first !== undefined) {
    throw new LabError({
      en: `The settings in ${file} are nested below ${project}:. Write each setting with its full name instead, for example ${project}:${first}`,
      ko: `${file} 파일의 설정이 ${project}: 아래에 묶여 있습니다. 설정마다 한 줄씩, 전체 이름으로 쓰세요. 예: ${project}:${first}`,
    });
  }
  if (name === undefined) return;
  const remove: Text = { en: "Remove it", ko: "지우세요" };
  const instead =
    ofProviders[key] ??
    (near ? { en: `Did you mean ${project}:${near}?`, ko: `${project}:${near} 설정을 쓰려고 하셨나요?` } : remove);
  throw new LabError({
    en: `Setting ${key} in ${file} is not a setting of this project and would have no effect. ${instead.en}`,
    ko: `${file} 파일의 ${key} 설정은 이 프로젝트의 설정이 아니므로 적용되지 않습니다. ${instead.ko}`,
  });
}

/** Other keys of a stack's settings file that Pulumi reads. */
const besideConfig = ["encryptionsalt", "encryptedkey", "secretsprovider", "environment", "imports"];

/** Finds settings that would be ignored because of their position in the file. */
function misplaced(file: string, content: unknown): Text | undefined {
  const right = `config:\n  ${project}:redisPort: 6380`;
  if (!isMap(content)) {
    return {
      en: `${file} must begin with config:, followed by the settings. For example:\n${right}`,
      ko: `${file} 파일은 config: 줄로 시작하고, 그 아래에 설정을 써야 합니다. 예:\n${right}`,
    };
  }
  const looksLikeOurs = (key: string) => key.startsWith(`${project}:`) || (settingNames as string[]).includes(key);
  // Pulumi.yaml has many other keys.
  const known = (key: string) => file === "Pulumi.yaml" || besideConfig.includes(key);
  for (const key of Object.keys(content).filter((key) => key !== "config")) {
    if (key.toLowerCase() === "config") {
      return {
        en: `${file} contains ${key}: instead of config: in lower case. The settings below it would be ignored.`,
        ko: `${file} 파일의 ${key}: 줄을 소문자 config:로 고치세요. 지금은 그 아래의 설정이 적용되지 않습니다.`,
      };
    }
    if (looksLikeOurs(key)) {
      const outside = "config" in content;
      return {
        en: `${key} in ${file} would be ignored, because it is ${outside ? "not indented below config:" : "not below a line config:"}. Indent it by two spaces${outside ? "" : " and add a line config: above it"}:\nconfig:\n  ${key}: …`,
        ko: `${file} 파일의 ${key} 설정은 ${outside ? "config: 아래에 들여쓰지 않아" : "위에 config: 줄이 없어"} 적용되지 않습니다. ${outside ? "앞에 공백 두 칸을 넣으세요" : "위에 config: 줄을 추가하고 앞에 공백 두 칸을 넣으세요"}:\nconfig:\n  ${key}: …`,
      };
    }
    if (!known(key)) {
      return {
        en: `${key}: in ${file} would be ignored, because it is outside of config:. Remove it, or if it is a setting, move it below config: and indent it by two spaces.`,
        ko: `${file} 파일에서 config: 밖에 있는 항목은 적용되지 않습니다: ${key}. 이 항목을 지우세요. 설정이라면 config: 아래로 옮기고 앞에 공백 두 칸을 넣으세요.`,
      };
    }
  }
  if (content.config === undefined || content.config === null || isMap(content.config)) return undefined;
  return {
    en: `config: in ${file} contains ${Array.isArray(content.config) ? "a list" : "plain text"} instead of settings with values. Write each setting without a dash, and with a space after the last colon:\n${right}`,
    ko: `${file} 파일의 config: 아래에 설정과 값 대신 ${Array.isArray(content.config) ? "목록이" : "일반 텍스트가"} 있습니다. 설정 앞에 -를 붙이지 말고, 마지막 콜론 뒤에 공백을 한 칸 넣으세요:\n${right}`,
  };
}

const isMap = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** What Pulumi's YAML reads as a number or a date, and this project's as text. */
const otherwise = /^(?:[-+]?\d[\d_]*|0b[01_]+|\d{4}-\d\d?-\d\d?)$/;

/** A setting of which Pulumi reads another value than this project, or picks one of two, or only Pulumi can read it. */
function ambiguous(file: string, { contents }: ReturnType<typeof parseDocument>): Text | undefined {
  const config = isYamlMap(contents) ? contents.get("config", true) : undefined;
  if (!isYamlMap(config)) return undefined;
  for (const { key, value } of config.items) {
    const name = String(key);
    let odd: string | undefined;
    visit(value as Node | null, {
      Scalar(_, { type, source = "", value }) {
        if (type !== "PLAIN") return;
        if (typeof value === "number" ? source !== String(value) : otherwise.test(source)) odd ??= source;
      },
    });
    if (odd !== undefined) {
      return {
        en: `${name} in ${file} is ${odd}, which Pulumi would read as another number or as a date. Write it as a plain number such as 6380, or in quotes: "${odd}"`,
        ko: `${file} 파일의 ${name} 설정에 Pulumi가 다른 수나 날짜로 읽을 값이 있습니다: ${odd}. 6380처럼 10진수로 쓰거나 따옴표로 감싸세요: "${odd}"`,
      };
    }
    if (config.has(`${project}:${name}`)) {
      return {
        en: `${file} contains both ${name} and ${project}:${name}, which are one setting. Remove one of the lines.`,
        ko: `${file} 파일에 같은 설정이 두 번 있습니다: ${name}, ${project}:${name}. 한 줄을 지우세요.`,
      };
    }
    if (isYamlMap(value) && value.has("secure")) {
      return {
        en: `${name} in ${file} is encrypted, which the commands cannot read. No setting of this project is a secret; write it as it is: pulumi config set --plaintext ${name} VALUE`,
        ko: `${file} 파일의 ${name} 설정이 암호화되어 있어 읽을 수 없습니다. 이 프로젝트에 비밀 설정은 없으니 그대로 쓰세요: pulumi config set --plaintext ${name} 값`,
      };
    }
  }
  return undefined;
}

/** The settings below `config:` in a file. @throws LabError for invalid YAML, or a setting that would be ignored */
function configIn(file: string): Record<string, unknown> {
  const misnamed = file.replace(/yaml$/, "yml");
  if (!existsSync(file) && existsSync(misnamed)) {
    throw new LabError({
      en: `Pulumi does not read files called ${misnamed}. Rename it to ${file}`,
      ko: `Pulumi는 ${misnamed} 파일을 읽지 않습니다. 파일 이름을 바꾸세요: ${file}`,
    });
  }
  if (!existsSync(file)) return {};
  let document, content: unknown;
  try {
    // What PowerShell's > writes, or an editor in an encoding of old.
    const text = new TextDecoder("utf-8", { fatal: true }).decode(readFileSync(file));
    document = parseDocument(text, { logLevel: "error" });
    if (document.errors[0]) throw document.errors[0];
    content = document.toJS() ?? {};
  } catch (error) {
    const said = (error as Error).message.split("\n")[0] ?? "";
    const reason =
      error instanceof TypeError ? { en: "save it in UTF-8.", ko: "UTF-8로 저장해야 합니다." } : same(said);
    throw new LabError({
      en: `${file} is not valid YAML: ${reason.en} Fix this, or restore the file: git checkout ${file}`,
      ko: `${file} 파일의 YAML 형식이 올바르지 않습니다: ${reason.ko} 고치거나 파일을 되돌리세요: git checkout ${file}`,
    });
  }
  const problem = misplaced(file, content) ?? ambiguous(file, document);
  if (problem) throw new LabError(problem);
  const config = (content as { config?: Record<string, unknown> | null }).config ?? {};
  for (const [key, value] of Object.entries(config)) refuseOtherNamespace(file, key, value);
  return config;
}

/** The value of a setting in the project's file, which may be wrapped in a description. */
function valueForAll(said: unknown): unknown {
  if (typeof said !== "object" || said === null || Array.isArray(said)) return said;
  const { value, default: otherwise } = said as { value?: unknown; default?: unknown };
  return value ?? otherwise;
}

/**
 * The configuration of a stack by full names. The settings file of the stack overrides Pulumi.yaml.
 * @throws LabError that describes the problem
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
 * Reads the settings of a stack before Pulumi runs, so that nothing is started with invalid settings.
 * @throws LabError that describes the problem
 */
export function settingsOf(stack: string): Settings {
  const ours = Object.entries(configOf(stack)).flatMap(([key, value]) => {
    return key.startsWith(`${project}:`) ? [[key.slice(project.length + 1), value] as const] : [];
  });
  return parseSettings(Object.fromEntries(ours));
}
