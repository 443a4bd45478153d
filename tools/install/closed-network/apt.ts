import { existsSync, readFileSync, readdirSync } from "node:fs";
import * as path from "node:path";
import { LabError } from "../../../text";
import { Report } from "./cache";
import { lastLines, run, told } from "./run";

const isRoot = () => process.getuid?.() === 0;

/** The first program of that name on PATH or where Debian keeps an administrator's programs. */
export function findProgram(name: string, env: NodeJS.ProcessEnv = process.env): string | undefined {
  const folders = [...(env.PATH ?? "").split(path.delimiter), "/usr/local/sbin", "/usr/sbin", "/sbin"];
  return folders
    .filter((folder) => path.isAbsolute(folder))
    .map((folder) => path.join(folder, name))
    .find((file) => existsSync(file));
}

/** Installs Debian packages for a program that is missing. */
export async function install(packages: readonly string[], missing: string, report: Report): Promise<void> {
  const names = packages.join(" ");
  if (!isRoot() || !findProgram("apt-get")) {
    throw new LabError({
      en: `${missing} is not on this machine, and only root on Debian can be given it from here. Install it: sudo apt-get install ${names}`,
      ko: `이 컴퓨터에 ${missing} 이(가) 없고, 여기서는 Debian 의 root 만 설치할 수 있습니다. 설치하세요: sudo apt-get install ${names}`,
    });
  }
  const what = { en: `installing Debian packages ${names}`, ko: `Debian 패키지 ${names} 설치` };
  await told(what, report, async () => {
    const env = { ...process.env, DEBIAN_FRONTEND: "noninteractive" };
    const lock = ["-o", "DPkg::Lock::Timeout=120"];
    const get = ["install", "--yes", "--no-install-recommends", ...lock, ...packages];
    let result = await run("apt-get", get, { env });
    if (result.code !== 0) {
      // Lists that are missing or older than the mirror: fetched, then once more.
      await run("apt-get", ["update", ...lock], { env });
      result = await run("apt-get", get, { env });
    }
    if (result.code !== 0) {
      throw new LabError({
        en: `apt-get install ${names} failed, which ${missing} needs. Run it by hand and mend what it says:\n${lastLines(result.tail)}`,
        ko: `${missing} 에 필요한 apt-get install ${names} 이(가) 실패했습니다. 직접 실행해 보고 나온 문제를 고치세요:\n${lastLines(result.tail)}`,
      });
    }
  });
}

/** One source of Debian packages, as a deb822 stanza has it. */
export interface Source {
  uris: string[];
  suites: string[];
  components: string[];
  /** Value of Signed-By: paths, or a key written out. */
  signedBy?: string;
  trusted?: string;
}

/** Reads apt's one-line format. @see https://manpages.debian.org/sources.list */
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

/** Reads apt's deb822 format. @see https://manpages.debian.org/sources.list */
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
 * The host's own sources, for another release: the host name of a mirror is the machine's business and stands in no
 * file of this project. A rolling release has no updates and security suites.
 */
export function sourcesFor(release: string, host: readonly Source[], hostRelease: string): Source[] {
  const rolling = release === "sid";
  return host.flatMap((source) => {
    const suites = source.suites
      .map((suite) => suite.replace(/\/$/, ""))
      .filter((suite) => suite === hostRelease || (!rolling && suite.startsWith(`${hostRelease}-`)))
      // A plain backports suite has newer packages than the release that was asked for.
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

/** What the host's apt is told about how to fetch, which whoever fetches on its behalf has to be told too. */
export async function fetchOptions(): Promise<string[]> {
  const dump = await run("apt-config", ["dump"]);
  const wanted = /^Acquire::(https?|ftp|Retries|ForceIPv[46]|Check-Date|Check-Valid-Until)\b.*";$/;
  const host = dump.stdout.split("\n").filter((line) => wanted.test(line) && !line.endsWith(' "";'));
  // Mirrors of closed networks are copied now and then, and are older than their Release files say is valid.
  return [...host.filter((line) => !line.includes("Check-Valid-Until")), 'Acquire::Check-Valid-Until "false";'];
}

/** The host's Debian sources and release. */
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
      en: `Images are made of Debian packages here, and /etc/apt of this machine has no Debian sources of its release "${release}". Run this on Debian with its package sources in /etc/apt, or load the images with docker load.`,
      ko: `여기서는 이미지를 Debian 패키지로 만드는데, 이 컴퓨터의 /etc/apt 에 릴리스 "${release}" 의 Debian 저장소가 없습니다. /etc/apt 에 저장소가 있는 Debian 에서 실행하거나 docker load 로 이미지를 넣으세요.`,
    });
  }
  return { sources, release };
}
