import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import { LabError } from "../../text";
import { folderOf } from "./path";

const execute = promisify(execFile);

/** The oldest minikube with a recent enough version of Kubernetes: 1.34 installs Kubernetes 1.31. */
const oldestMinikube = "1.34.0";

const versionIn = (text: string) => /\d+\.\d+\.\d+/.exec(text)?.[0];

export const isOlder = (version: string, than: string) =>
  (versionIn(version) ?? version).localeCompare(than, "en", { numeric: true }) < 0;

/** The version that a program prints; undefined if it prints none. */
async function versionOf(file: string, ...args: string[]): Promise<string | undefined> {
  const printed = await execute(file, args, { timeout: 10_000 }).then(
    ({ stdout }) => stdout,
    () => "",
  );
  return versionIn(printed);
}

/**
 * Checks that the user's own minikube is recent enough.
 * @throws LabError that names the required version
 */
export async function checkOwnMinikube(): Promise<void> {
  const version = await versionOf("minikube", "version", "--short");
  if (version === undefined || !isOlder(version, oldestMinikube)) return;
  const folder = await folderOf("minikube");
  throw new LabError({
    en: `minikube ${version} in ${folder} is too old: ${oldestMinikube} or newer is required. Update it (https://minikube.sigs.k8s.io/docs/start/), or remove it from PATH: npm run up then downloads a newer version.`,
    ko: `${folder} 폴더의 minikube 버전(${version})이 너무 낮습니다. ${oldestMinikube} 이상이 필요합니다. minikube를 업데이트하거나(https://minikube.sigs.k8s.io/docs/start/) PATH에서 빼세요. PATH에서 빼면 npm run up이 새 버전을 내려받습니다.`,
  });
}

/**
 * Checks that a provider plugin on PATH has the required version, because Pulumi prefers it to any other. A plugin that
 * prints no version is accepted.
 * @param needed the version of its package
 * @throws LabError that names the required version
 */
export async function checkOwnPlugin(name: string, needed: string): Promise<void> {
  const program = `pulumi-resource-${name}`;
  const folder = await folderOf(program);
  if (folder === undefined) return;
  const version = await versionOf(join(folder, program), "--version");
  if (version === undefined) return;
  if (parseInt(version) === parseInt(needed) && !isOlder(version, needed)) return;
  throw new LabError({
    en: `The ${name} plugin on PATH (${join(folder, program)}) has version ${version}, but ${needed} is required, and Pulumi prefers plugins on PATH. Remove it from PATH: npm run up then downloads the required version.`,
    ko: `PATH에 있는 ${name} 플러그인(${join(folder, program)})의 버전은 ${version}인데, 필요한 버전은 ${needed}입니다. Pulumi는 PATH에 있는 플러그인을 먼저 사용하므로 PATH에서 빼세요. 그러면 npm run up이 필요한 버전을 내려받습니다.`,
  });
}
