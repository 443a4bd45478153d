import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { chmod, mkdir, mkdtemp, readdir, rename, rm, writeFile } from "node:fs/promises";
import { homedir } from "node:os";
import { basename, dirname, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { promisify } from "node:util";
import { cacheRoot } from "./closed-network/cache";
import { LabError } from "../../text";
import { reason } from "../docker/docker";
import { say } from "../terminal/language";
import { byTheClock } from "./http";
import { exists } from "./path";

const run = promisify(execFile);

/** An official release. @see https://www.pulumi.com/docs/iac/download-install/versions/ */
export interface Release {
  archive: string;
  /** Files with checksums, of which the first that exists is used. */
  checksums: string[];
  manual: string;
}

const cpu = process.arch === "arm64" ? "arm64" : "x64";
const system = process.platform === "win32" ? "windows" : process.platform;

const pulumiManual = "https://www.pulumi.com/docs/iac/download-install/";

export function cliRelease(version: string): Release {
  const base = "https://get.pulumi.com/releases/sdk";
  return {
    archive: `${base}/pulumi-v${version}-${system}-${cpu}.${system === "windows" ? "zip" : "tar.gz"}`,
    checksums: [
      `${base}/pulumi-${version}-checksums.txt`,
      `https://github.com/pulumi/pulumi/releases/download/v${version}/pulumi-${version}-checksums.txt`,
      `https://github.com/pulumi/pulumi/releases/download/v${version}/SHA512SUMS`,
    ],
    manual: pulumiManual,
  };
}

export function pluginRelease(name: string, version: string): Release {
  const base = `https://github.com/pulumi/pulumi-${name}/releases/download/v${version}`;
  return {
    archive: `${base}/pulumi-resource-${name}-v${version}-${system}-${cpu === "x64" ? "amd64" : cpu}.tar.gz`,
    checksums: [`${base}/pulumi-${name}_${version}_checksums.txt`, `${base}/pulumi-${name}_v${version}_checksums.txt`],
    manual: pulumiManual,
  };
}

export const minikubeVersion = "1.38.1";

/** The minikube command for a machine: a single file with a checksum file. */
export function minikubeRelease(platform: NodeJS.Platform = process.platform, arch: string = process.arch): Release {
  const windows = platform === "win32";
  // There is no release for Windows on ARM, which can run the one for amd64.
  const file = `minikube-${windows ? "windows" : platform}-${arch === "arm64" && !windows ? "arm64" : "amd64"}`;
  const url = `https://github.com/kubernetes/minikube/releases/download/v${minikubeVersion}/${file}${windows ? ".exe" : ""}`;
  return { archive: url, checksums: [`${url}.sha256`], manual: "https://minikube.sigs.k8s.io/docs/start/" };
}

/** Finds the hash of a file in a list of checksums, or in a file with a single hash. The length shows the algorithm. */
export function checksumFor(list: string, file: string): { algorithm: string; hash: string } | undefined {
  const algorithms: Record<number, string> = { 40: "sha1", 64: "sha256", 128: "sha512" };
  const alone = /^[0-9a-f]+$/i.test(list.trim());
  for (const line of list.split("\n")) {
    const [hash = "", name = ""] = line.trim().split(/\s+/);
    const algorithm = algorithms[hash.length];
    if (algorithm && (alone || name.replace(/^\*?(\.\/)?/, "") === file))
      return { algorithm, hash: hash.toLowerCase() };
  }
  return undefined;
}

/** Number of attempts for a download, and the pause between them in milliseconds. */
const tries = 3;
const rest = 500;

async function bytesOf(answer: Response): Promise<Buffer> {
  const parts: Uint8Array[] = [];
  let [size, said] = [0, performance.now()];
  for await (const part of answer.body ?? []) {
    parts.push(part);
    size += part.length;
    if (performance.now() - said < 10_000) continue;
    said = performance.now();
    say({ en: `  … ${size >> 20} MiB`, ko: `  … ${size >> 20} MiB` });
  }
  return Buffer.concat(parts);
}

/**
 * @returns undefined if there is no such file
 * @throws LabError if the server cannot be reached, or the download is incomplete
 */
async function download(url: string, manual: string): Promise<Buffer | undefined> {
  for (let left = tries - 1; ; left--) {
    try {
      const answer = await fetch(url);
      if (answer.status === 404 || answer.status === 403) return undefined;
      if (!answer.ok) throw new Error(`${answer.status} ${answer.statusText}`);
      return await bytesOf(answer);
    } catch (error) {
      if (left === 0) throw undownloadable(url, manual, error as Error);
      await sleep(rest);
    }
  }
}

function undownloadable(url: string, manual: string, error: Error): LabError {
  const { message, cause } = error;
  const { code } = (cause ?? {}) as { code?: string };
  const why = code ? `${message}, ${code}` : message;
  if (byTheClock(error)) {
    const today = new Date().toISOString().slice(0, 10);
    return new LabError({
      en: `${url} could not be downloaded, because the server's certificate is not valid by this machine's clock, which says ${today} (${why}). Set the clock, then run the command again.`,
      ko: `파일을 내려받지 못했습니다: ${url}. 이 컴퓨터의 시계(${today}) 기준으로는 서버 인증서의 유효 기간이 아닙니다(${why}). 시계를 맞춘 뒤 명령을 다시 실행하세요.`,
    });
  }
  return new LabError({
    en: `${url} could not be downloaded (${why}). Check your network connection, then run the command again. If you use a proxy, set NODE_USE_ENV_PROXY=1 (requires Node.js 22.21 or 24). If your organization has its own certificate, set NODE_EXTRA_CA_CERTS to its file. Or install it yourself: ${manual}`,
    ko: `파일을 내려받지 못했습니다: ${url} (${why}). 네트워크 연결을 확인한 뒤 명령을 다시 실행하세요. 프록시를 쓴다면 NODE_USE_ENV_PROXY=1을 설정하세요(Node.js 22.21 또는 24 필요). 기관의 자체 인증서가 있다면 NODE_EXTRA_CA_CERTS에 인증서 파일을 지정하세요. 직접 설치할 수도 있습니다: ${manual}`,
  });
}

/** @throws LabError if the download fails, or the checksum is missing or different */
export async function downloadVerified(release: Release): Promise<Buffer> {
  const archive = await download(release.archive, release.manual);
  if (!archive) {
    throw new LabError({
      en: `The file ${release.archive} does not exist. Install it yourself: ${release.manual}`,
      ko: `파일이 없습니다: ${release.archive}. 직접 설치하세요: ${release.manual}`,
    });
  }
  const file = release.archive.slice(release.archive.lastIndexOf("/") + 1);
  for (const url of release.checksums) {
    const expected = checksumFor((await download(url, release.manual))?.toString("utf8") ?? "", file);
    if (!expected) continue;
    const actual = createHash(expected.algorithm).update(archive).digest("hex");
    if (actual === expected.hash) return archive;
    throw new LabError({
      en: `The checksum of ${release.archive} does not match ${url}: ${expected.algorithm} ${actual} instead of ${expected.hash}. It was not installed. Try again later.`,
      ko: `내려받은 파일의 체크섬이 공개된 값과 다릅니다: ${release.archive} (${expected.algorithm} ${actual}, 공개된 값 ${expected.hash}, 출처 ${url}). 설치하지 않았습니다. 나중에 다시 시도하세요.`,
    });
  }
  throw new LabError({
    en: `No published checksum was found for ${release.archive}, so it was not installed. Install it yourself: ${release.manual}`,
    ko: `공개된 체크섬을 찾지 못해 설치하지 않았습니다: ${release.archive}. 직접 설치하세요: ${release.manual}`,
  });
}

/** On macOS and Windows, tar also unpacks ZIP files. Git Bash has another tar on PATH. */
const tar = process.platform === "win32" ? join(process.env.SystemRoot ?? "C:\\Windows", "System32", "tar.exe") : "tar";

/** Downloads and unpacks a release to a folder, which is created only if everything succeeds. */
export async function unpackInto(release: Release, folder: string): Promise<void> {
  await install(release, folder, async (archive, half, content) => {
    await writeFile(join(half, "archive"), archive);
    // Relative paths: some tar versions take a drive letter with colon for a host name.
    await run(tar, ["-xf", "archive", "-C", basename(content)], { cwd: half });
    for (const name of await readdir(content)) {
      if (name.startsWith("pulumi-resource-")) await chmod(join(content, name), 0o755);
    }
  });
}

/** Downloads a release that is a single command to a folder, which is created only if everything succeeds. */
export async function commandInto(release: Release, folder: string, command: string): Promise<void> {
  const name = process.platform === "win32" ? `${command}.exe` : command;
  await install(release, folder, async (archive, _, content) =>
    writeFile(join(content, name), archive, { mode: 0o755 }),
  );
}

async function install(
  release: Release,
  folder: string,
  write: (archive: Buffer, half: string, content: string) => Promise<void>,
): Promise<void> {
  const archive = await downloadVerified(release);
  let half: string | undefined;
  try {
    await mkdir(dirname(folder), { recursive: true });
    half = await mkdtemp(`${folder}.`);
    const content = join(half, "content");
    await mkdir(content);
    await write(archive, half, content);
    await rename(content, folder).catch(async (error: unknown) => {
      // Another run has installed the same files.
      if (!(await exists(folder))) throw error;
    });
  } catch (error) {
    throw new LabError({
      en: `Could not write to ${folder}: ${reason(error)}. Check the disk space and your permissions, then run the command again.`,
      ko: `${folder} 폴더에 저장하지 못했습니다: ${reason(error)}. 디스크 공간과 쓰기 권한을 확인한 뒤 명령을 다시 실행하세요.`,
    });
  } finally {
    if (half) await rm(half, { recursive: true, force: true });
  }
}

export const cliFolder = (version: string) => join(homedir(), ".pulumi", "versions", version);

/** The folder of the `pulumi` command in it. */
export const cliCommands = (version: string) =>
  join(cliFolder(version), process.platform === "win32" ? "pulumi/bin" : "pulumi");

export const minikubeFolder = () => join(cacheRoot(), "official", `minikube-v${minikubeVersion}`);
