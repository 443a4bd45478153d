import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import { LabError } from "../../text";
import { folderOf } from "./path";

const execute = promisify(execFile);

/** The oldest minikube whose own Kubernetes is new enough for the labs: 1.34 brings Kubernetes 1.31. */
const oldestMinikube = "1.34.0";

/** Major, minor and patch of a version, wherever it stands in what a program printed; undefined where none does. */
function numbers(text: string): number[] | undefined {
  return /(\d+)\.(\d+)\.(\d+)/.exec(text)?.slice(1).map(Number);
}

/** Whether a version comes before another one. */
export function isOlder(version: string, than: string): boolean {
  const [one = [], other = []] = [numbers(version), numbers(than)];
  const at = other.findIndex((number, i) => number !== one[i]);
  return at >= 0 && (one[at] ?? 0) < (other[at] ?? 0);
}

/** What the learner's own program says its version is; undefined where it does not say. */
async function versionOf(file: string, ...args: string[]): Promise<string | undefined> {
  const printed = await execute(file, args, { timeout: 10_000 }).then(
    ({ stdout }) => stdout,
    () => "",
  );
  return numbers(printed)?.join(".");
}

/**
 * Looks whether the learner's own minikube can make the cluster.
 * @throws LabError that says which version is needed
 */
export async function checkOwnMinikube(): Promise<void> {
  const version = await versionOf("minikube", "version", "--short");
  if (version === undefined || !isOlder(version, oldestMinikube)) return;
  const folder = await folderOf("minikube");
  throw new LabError({
    en: `minikube ${version} in ${folder} is too old: ${oldestMinikube} or newer is needed. Update it (https://minikube.sigs.k8s.io/docs/start/), or take it off PATH: npm run up then downloads its own.`,
    ko: `${folder} 폴더의 minikube ${version} 버전이 너무 오래되었습니다. ${oldestMinikube} 이상이 필요합니다. 업데이트하거나 (https://minikube.sigs.k8s.io/docs/start/) PATH에서 빼세요. 그러면 npm run up이 직접 내려받습니다.`,
  });
}

/**
 * Looks whether a provider plugin that the learner has on PATH is the one that the program was written for. Pulumi takes it
 * before any other. One that does not tell its version is taken as it is.
 * @param needed the version of its package
 * @throws LabError that says which version is needed
 */
export async function checkOwnPlugin(name: string, needed: string): Promise<void> {
  const program = `pulumi-resource-${name}`;
  const folder = await folderOf(program);
  if (folder === undefined) return;
  const version = await versionOf(join(folder, program), "--version");
  if (version === undefined) return;
  const [major, rightMajor] = [numbers(version)?.[0], numbers(needed)?.[0]];
  if (major === rightMajor && !isOlder(version, needed)) return;
  throw new LabError({
    en: `The ${name} plugin on PATH (${join(folder, program)}) is version ${version}, and Pulumi takes it before any other: ${needed} is needed. Take it off PATH: npm run up then gets that version.`,
    ko: `PATH에 있는 ${name} 플러그인(${join(folder, program)})은 ${version} 버전입니다. Pulumi는 PATH의 플러그인을 먼저 쓰는데, 필요한 버전은 ${needed}입니다. PATH에서 빼세요. 그러면 npm run up이 그 버전을 받습니다.`,
  });
}
