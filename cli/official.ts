import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { chmod, mkdir, mkdtemp, readdir, rename, rm, writeFile } from "node:fs/promises";
import { homedir } from "node:os";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { LabError } from "../text";

const run = promisify(execFile);

/** Where the official releases are. @see https://www.pulumi.com/docs/iac/download-install/versions/ */
export interface Release {
  /** The archive. */
  archive: string;
  /** Files that list checksums, the first that exists counts. */
  checksums: string[];
}

const cpu = process.arch === "arm64" ? "arm64" : "x64";
const system = process.platform === "win32" ? "windows" : process.platform;

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
  };
}

/** A provider plugin for this machine. */
export function pluginRelease(name: string, version: string): Release {
  const base = `https://github.com/pulumi/pulumi-${name}/releases/download/v${version}`;
  return {
    archive: `${base}/pulumi-resource-${name}-v${version}-${system}-${cpu === "x64" ? "amd64" : cpu}.tar.gz`,
    checksums: [`${base}/pulumi-${name}_${version}_checksums.txt`, `${base}/pulumi-${name}_v${version}_checksums.txt`],
  };
}

/** The hash that a list of checksums gives for a file, and the algorithm its length tells. */
export function checksumFor(list: string, file: string): { algorithm: string; hash: string } | undefined {
  const algorithms: Record<number, string> = { 40: "sha1", 64: "sha256", 128: "sha512" };
  for (const line of list.split("\n")) {
    const [hash = "", name = ""] = line.trim().split(/\s+/);
    const algorithm = algorithms[hash.length];
    if (algorithm && name.replace(/^\*?(\.\/)?/, "") === file) return { algorithm, hash: hash.toLowerCase() };
  }
  return undefined;
}

async function download(url: string): Promise<Buffer | undefined> {
  const answer = await fetch(url);
  if (answer.status === 404 || answer.status === 403) return undefined;
  if (!answer.ok) throw new Error(`${url}: ${answer.status} ${answer.statusText}`);
  return Buffer.from(await answer.arrayBuffer());
}

/**
 * Downloads a release and compares its checksum with the published one.
 * @throws LabError when there is no such file, no published checksum, or another one
 */
export async function downloadVerified(release: Release): Promise<Buffer> {
  const archive = await download(release.archive);
  if (!archive) {
    throw new LabError({
      en: `There is no ${release.archive}. Install Pulumi by hand: https://www.pulumi.com/docs/iac/download-install/`,
      ko: `${release.archive} 파일이 없습니다. Pulumi 를 직접 설치하세요: https://www.pulumi.com/docs/iac/download-install/`,
    });
  }
  const file = release.archive.slice(release.archive.lastIndexOf("/") + 1);
  for (const url of release.checksums) {
    const expected = checksumFor((await download(url))?.toString("utf8") ?? "", file);
    if (!expected) continue;
    const actual = createHash(expected.algorithm).update(archive).digest("hex");
    if (actual === expected.hash) return archive;
    throw new LabError({
      en: `${release.archive} is not what ${url} lists: ${expected.algorithm} ${actual} instead of ${expected.hash}. It was not installed; try again later.`,
      ko: `${release.archive} 이(가) ${url} 의 목록과 다릅니다: ${expected.algorithm} ${actual}, 목록은 ${expected.hash}. 설치하지 않았습니다. 나중에 다시 시도하세요.`,
    });
  }
  throw new LabError({
    en: `No published checksum was found for ${release.archive}, so it was not installed. Install it by hand: https://www.pulumi.com/docs/iac/download-install/`,
    ko: `${release.archive} 의 공개된 체크섬을 찾지 못해 설치하지 않았습니다. 직접 설치하세요: https://www.pulumi.com/docs/iac/download-install/`,
  });
}

/**
 * Downloads and unpacks a release into a folder; the folder exists only when that worked.
 * `tar` unpacks zip files too, on macOS and Windows.
 */
export async function unpackInto(release: Release, folder: string): Promise<void> {
  const archive = await downloadVerified(release);
  await mkdir(dirname(folder), { recursive: true });
  const half = await mkdtemp(`${folder}.`);
  try {
    const file = join(half, "archive");
    const content = join(half, "content");
    await writeFile(file, archive);
    await mkdir(content);
    await run("tar", ["-xf", file, "-C", content]);
    for (const name of await readdir(content)) {
      if (name.startsWith("pulumi-resource-")) await chmod(join(content, name), 0o755);
    }
    await rename(content, folder).catch((error: NodeJS.ErrnoException) => {
      // Another run was faster; what it unpacked is the same.
      if (error.code !== "ENOTEMPTY" && error.code !== "EEXIST") throw error;
    });
  } finally {
    await rm(half, { recursive: true, force: true });
  }
}

/** The folder of the `pulumi` command after {@link unpackInto}. */
export const cliFolder = (version: string) => join(homedir(), ".pulumi", "versions", version);
