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
import { exists } from "./path";

const run = promisify(execFile);

/** Where the official releases are. @see https://www.pulumi.com/docs/iac/download-install/versions/ */
export interface Release {
  /** The archive. */
  archive: string;
  /** Files that list checksums, the first that exists counts. */
  checksums: string[];
  /** Page that says how to install it by hand. */
  manual: string;
}

const cpu = process.arch === "arm64" ? "arm64" : "x64";
const system = process.platform === "win32" ? "windows" : process.platform;

const pulumiManual = "https://www.pulumi.com/docs/iac/download-install/";

/** The Pulumi CLI for this machine. */
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

/** A provider plugin for this machine. */
export function pluginRelease(name: string, version: string): Release {
  const base = `https://github.com/pulumi/pulumi-${name}/releases/download/v${version}`;
  return {
    archive: `${base}/pulumi-resource-${name}-v${version}-${system}-${cpu === "x64" ? "amd64" : cpu}.tar.gz`,
    checksums: [`${base}/pulumi-${name}_${version}_checksums.txt`, `${base}/pulumi-${name}_v${version}_checksums.txt`],
    manual: pulumiManual,
  };
}

/** The minikube that is downloaded where there is none. */
export const minikubeVersion = "1.38.1";

/** The minikube command for a machine: one file, with its checksum beside it. */
export function minikubeRelease(platform: NodeJS.Platform = process.platform, arch: string = process.arch): Release {
  const windows = platform === "win32";
  // There is no release for Windows on ARM, which runs that for amd64.
  const file = `minikube-${windows ? "windows" : platform}-${arch === "arm64" && !windows ? "arm64" : "amd64"}`;
  const url = `https://github.com/kubernetes/minikube/releases/download/v${minikubeVersion}/${file}${windows ? ".exe" : ""}`;
  return { archive: url, checksums: [`${url}.sha256`], manual: "https://minikube.sigs.k8s.io/docs/start/" };
}

/** The hash that a list of checksums, or a file with nothing but one, gives for a file; its length tells the algorithm. */
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

/** How often a download is tried, and for how many milliseconds it rests in between. */
const tries = 3;
const rest = 500;

/** Reads an answer to its end; a person hears of a long one. */
async function bytesOf(answer: Response): Promise<Buffer> {
  const parts: Uint8Array[] = [];
  let [size, said] = [0, Date.now()];
  for await (const part of answer.body ?? []) {
    parts.push(part);
    size += part.length;
    if (Date.now() - said < 10_000) continue;
    said = Date.now();
    say({ en: `  … ${size >> 20} MiB`, ko: `  … ${size >> 20} MiB` });
  }
  return Buffer.concat(parts);
}

/**
 * @returns nothing when there is no such file
 * @throws LabError when the server cannot be reached, or does not give all of it
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

function undownloadable(url: string, manual: string, { message, cause }: Error): LabError {
  const { code } = (cause ?? {}) as { code?: string };
  const why = code ? `${message}, ${code}` : message;
  return new LabError({
    en: `${url} could not be downloaded (${why}). Check your connection, then run the command again. Behind a proxy: set NODE_USE_ENV_PROXY=1, which takes Node.js 22.21 or 24. With a certificate of your company's own: set NODE_EXTRA_CA_CERTS to its file. Or install it by hand: ${manual}`,
    ko: `${url} 을(를) 내려받지 못했습니다 (${why}). 네트워크를 확인한 뒤 명령을 다시 실행하세요. 프록시를 쓴다면 Node.js 22.21 또는 24 에서 NODE_USE_ENV_PROXY=1 로 설정하세요. 회사 인증서가 있다면 NODE_EXTRA_CA_CERTS 에 그 파일을 지정하세요. 직접 설치해도 됩니다: ${manual}`,
  });
}

/**
 * Downloads a release and compares its checksum with the published one.
 * @throws LabError when there is no such file, no published checksum, or another one, or the server cannot be reached
 */
export async function downloadVerified(release: Release): Promise<Buffer> {
  const archive = await download(release.archive, release.manual);
  if (!archive) {
    throw new LabError({
      en: `There is no ${release.archive}. Install it by hand: ${release.manual}`,
      ko: `${release.archive} 파일이 없습니다. 직접 설치하세요: ${release.manual}`,
    });
  }
  const file = release.archive.slice(release.archive.lastIndexOf("/") + 1);
  for (const url of release.checksums) {
    const expected = checksumFor((await download(url, release.manual))?.toString("utf8") ?? "", file);
    if (!expected) continue;
    const actual = createHash(expected.algorithm).update(archive).digest("hex");
    if (actual === expected.hash) return archive;
    throw new LabError({
      en: `${release.archive} is not what ${url} lists: ${expected.algorithm} ${actual} instead of ${expected.hash}. It was not installed; try again later.`,
      ko: `${release.archive} 이(가) ${url} 의 목록과 다릅니다: ${expected.algorithm} ${actual}, 목록은 ${expected.hash}. 설치하지 않았습니다. 나중에 다시 시도하세요.`,
    });
  }
  throw new LabError({
    en: `No published checksum was found for ${release.archive}, so it was not installed. Install it by hand: ${release.manual}`,
    ko: `${release.archive} 의 공개된 체크섬을 찾지 못해 설치하지 않았습니다. 직접 설치하세요: ${release.manual}`,
  });
}

/** A tar that unpacks zip files, too, as those of macOS and Windows do; Git Bash has another one in front. */
const tar = process.platform === "win32" ? join(process.env.SystemRoot ?? "C:\\Windows", "System32", "tar.exe") : "tar";

/** Downloads and unpacks a release into a folder; the folder exists only when that worked. */
export async function unpackInto(release: Release, folder: string): Promise<void> {
  await install(release, folder, async (archive, half, content) => {
    await writeFile(join(half, "archive"), archive);
    // From within: a tar may take the colon of a drive for a host's.
    await run(tar, ["-xf", "archive", "-C", basename(content)], { cwd: half });
    for (const name of await readdir(content)) {
      if (name.startsWith("pulumi-resource-")) await chmod(join(content, name), 0o755);
    }
  });
}

/** Downloads a release that is one command into a folder; the folder exists only when that worked. */
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
      // Another run was faster; what it unpacked is the same.
      if (!(await exists(folder))) throw error;
    });
  } catch (error) {
    throw new LabError({
      en: `${folder} could not be filled: ${reason(error)}. Make room, or allow writing there, then run the command again.`,
      ko: `${folder} 에 저장하지 못했습니다: ${reason(error)}. 디스크 공간과 쓰기 권한을 확인한 뒤 명령을 다시 실행하세요.`,
    });
  } finally {
    if (half) await rm(half, { recursive: true, force: true });
  }
}

/** The folder that the Pulumi CLI is unpacked into. */
export const cliFolder = (version: string) => join(homedir(), ".pulumi", "versions", version);

/** The folder of the `pulumi` command in it. */
export const cliCommands = (version: string) =>
  join(cliFolder(version), process.platform === "win32" ? "pulumi/bin" : "pulumi");

/** The folder of the `minikube` command after {@link commandInto}. */
export const minikubeFolder = () => join(cacheRoot(), "official", `minikube-v${minikubeVersion}`);
