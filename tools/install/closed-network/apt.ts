import { existsSync, readFileSync, readdirSync } from "node:fs";
import * as path from "node:path";
import { LabError } from "../../../text";
import { Report } from "./cache";
import { lastLines, run, withProgress } from "./run";

const isRoot = () => process.getuid?.() === 0;

/** The first program with this name on PATH or in Debian's folders for system programs. */
export function findProgram(name: string, env: NodeJS.ProcessEnv = process.env): string | undefined {
  const folders = [...(env.PATH ?? "").split(path.delimiter), "/usr/local/sbin", "/usr/sbin", "/sbin"];
  return folders
    .filter((folder) => path.isAbsolute(folder))
    .map((folder) => path.join(folder, name))
    .find((file) => existsSync(file));
}

/** Installs Debian packages for a missing program. */
export async function install(packages: readonly string[], missing: string, report: Report): Promise<void> {
  const names = packages.join(" ");
  if (!isRoot() || !findProgram("apt-get")) {
    throw new LabError({
      en: `${missing} is not installed, and it can be installed automatically only as root on Debian. Install it: sudo apt-get install ${names}`,
      ko: `필요한 프로그램이 설치되어 있지 않습니다: ${missing}. 자동 설치는 Debian의 root 사용자만 가능합니다. 직접 설치하세요: sudo apt-get install ${names}`,
    });
  }
  const what = { en: `installing Debian packages ${names}`, ko: `Debian 패키지 ${names} 설치` };
  await withProgress(what, report, async () => {
    const env = { ...process.env, DEBIAN_FRONTEND: "noninteractive" };
    const lock = ["-o", "DPkg::Lock::Timeout=120"];
    const get = ["install", "--yes", "--no-install-recommends", ...lock, ...packages];
    let result = await run("apt-get", get, { env });
    if (result.code !== 0) {
      // The package lists may be missing or outdated: update them and try again.
      await run("apt-get", ["update", ...lock], { env });
      result = await run("apt-get", get, { env });
    }
    if (result.code !== 0) {
      throw new LabError({
        en: `apt-get install ${names} failed, which is required for ${missing}. Run this command yourself and fix the problem:\n${lastLines(result.tail)}`,
        ko: `필요한 패키지(${missing})를 설치하지 못했습니다. 직접 실행해 문제를 해결하세요: apt-get install ${names}\n${lastLines(result.tail)}`,
      });
    }
  });
}

/** A source of Debian packages, as in a deb822 stanza. */
export interface Source {
  uris: string[];
  suites: string[];
  components: string[];
  /** Value of Signed-By: paths, or a key written out. */
  signedBy?: string;
  trusted?: string;
}

/** Parses apt's one-line format. @see https://manpages.debian.org/sources.list */
export function parseOneLine(text: string): Source[] {
  return text.split("\n").flatMap((line) => {
    const match = /^\s*deb\s+(?:\[([^\]]*)\]\s+)?(\S+)\s+(\S+)\s*([^#]*)/.exec(line);
    if (!match?.[2] || !match[3]) return [];
    const option = (name: string) => new RegExp(`(?:^|\\s)${name}=(\\S+)`).exec(match[1] ?? "")?.[1];
    const components = (match[4] ?? "").split(/\s+/).filter(Boolean);
    const signedBy = option("signed-by");
    const trusted = option("trusted");
    const source: Source = { uris: [match[2]], suites: [match[3]], components };
    if (signedBy) source.signedBy = signedBy.replaceAll(",", " ");
    if (trusted) source.trusted = trusted;
    return [source];
  });
}

/** Parses apt's deb822 format. @see https://manpages.debian.org/sources.list */
export function parseDeb822(text: string): Source[] {
  return text.split(/\n\s*\n/).flatMap((stanza) => {
    const fields = new Map<string, string>();
    let last = "";
    for (const line of stanza.split("\n")) {
      if (line.startsWith("#")) continue;
      const field = /^([A-Za-z-]+):\s*(.*)$/.exec(line);
      if (field?.[1]) fields.set((last = field[1].toLowerCase()), field[2] ?? "");
      else if (last && /^\s/.test(line)) fields.set(last, `${fields.get(last) ?? ""}\n${line}`);
    }
    const words = (name: string) => (fields.get(name) ?? "").split(/\s+/).filter(Boolean);
    if (!words("types").includes("deb") || /^(no|false)$/.test(fields.get("enabled") ?? "")) return [];
    const source: Source = { uris: words("uris"), suites: words("suites"), components: words("components") };
    const signedBy = fields.get("signed-by");
    const trusted = fields.get("trusted");
    if (signedBy) source.signedBy = signedBy;
    if (trusted) source.trusted = trusted;
    return [source];
  });
}

/**
 * The sources of this machine for another release, so that no file of this project names a mirror. A rolling release has no
 * updates and security suites.
 */
export function sourcesFor(release: string, host: readonly Source[], hostRelease: string): Source[] {
  const rolling = release === "sid";
  return host.flatMap((source) => {
    const suites = source.suites
      .map((suite) => suite.replace(/\/$/, ""))
      .filter((suite) => suite === hostRelease || (!rolling && suite.startsWith(`${hostRelease}-`)))
      // Backports are newer than the requested release.
      .filter((suite) => !suite.includes("-backports") && !suite.includes("-proposed"))
      .map((suite) => release + suite.slice(hostRelease.length));
    return suites.length > 0 && source.components.includes("main") ? [{ ...source, suites, components: ["main"] }] : [];
  });
}

/** Sources in apt's deb822 format. */
export function deb822(sources: readonly Source[]): string {
  return sources
    .map((source) =>
      [
        "Types: deb",
        `URIs: ${source.uris.join(" ")}`,
        `Suites: ${source.suites.join(" ")}`,
        `Components: ${source.components.join(" ")}`,
        ...(source.signedBy ? [`Signed-By: ${source.signedBy}`] : []),
        ...(source.trusted ? [`Trusted: ${source.trusted}`] : []),
        "",
      ].join("\n"),
    )
    .join("\n");
}

/** The download options of this machine's apt, to use them in other programs. */
export async function fetchOptions(): Promise<string[]> {
  const dump = await run("apt-config", ["dump"]);
  const wanted = /^Acquire::(https?|ftp|Retries|ForceIPv[46]|Check-Date|Check-Valid-Until)\b.*";$/;
  const host = dump.stdout.split("\n").filter((line) => wanted.test(line) && !line.endsWith(' "";'));
  // Mirrors in closed networks may be so old that their Release files have expired.
  return [...host.filter((line) => !line.includes("Check-Valid-Until")), 'Acquire::Check-Valid-Until "false";'];
}

/** The Debian sources and release of this machine. */
export function hostSources(etc = "/etc"): { sources: Source[]; release: string } {
  const read = (file: string) => (existsSync(file) ? readFileSync(file, "utf8") : "");
  const release = /^VERSION_CODENAME="?([\w-]+)/m.exec(read(path.join(etc, "os-release")))?.[1] ?? "";
  const parts = path.join(etc, "apt/sources.list.d");
  const names = existsSync(parts) ? readdirSync(parts).sort() : [];
  const sources = [
    ...parseOneLine(read(path.join(etc, "apt/sources.list"))),
    ...names.filter((name) => name.endsWith(".list")).flatMap((name) => parseOneLine(read(path.join(parts, name)))),
    ...names.filter((name) => name.endsWith(".sources")).flatMap((name) => parseDeb822(read(path.join(parts, name)))),
  ];
  const debian = /^ID="?debian/m.test(read(path.join(etc, "os-release")));
  if (!debian || sourcesFor(release, sources, release).length === 0) {
    throw new LabError({
      en: `Images have to be built from Debian packages here, but /etc/apt of this machine has no Debian sources for its release "${release}". Run this on Debian with package sources in /etc/apt, or load the images with docker load.`,
      ko: `이 환경에서는 이미지를 Debian 패키지로 만들어야 하는데, 이 컴퓨터의 /etc/apt에 "${release}" 릴리스의 Debian 저장소가 없습니다. /etc/apt에 저장소가 설정된 Debian에서 실행하거나 docker load로 이미지를 불러오세요.`,
    });
  }
  return { sources, release };
}
