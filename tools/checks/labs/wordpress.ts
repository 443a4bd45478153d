import { wordpress } from "../../../components/wordpress-app";
import { Text } from "../../../text";
import { failed, passed, Verdict } from "../check";
import { Live, Page } from "../facts/live";
import { unreachableIn } from "../facts/unreachable";
import { afterLog } from "./remake";
import { configAgain, Steps } from "./wordpress-database";

/** What a front page is. */
export type Front =
  | { is: "wordpress"; home: string; name?: string; closed?: string }
  | { is: "not installed" }
  | { is: "elsewhere"; location: string }
  | { is: "not configured" }
  | { is: "error"; status: number; says: string }
  | { is: "not wordpress"; status: number; says: string };

const { dataPath } = wordpress;

const title = (body: string) => /<title>([^<]*)<\/title>/i.exec(body)?.[1]?.trim() ?? body.trim().slice(0, 80);

/** What a proxy that speaks https says to WordPress behind it. @see https://github.com/docker-library/wordpress */
const behindHttps = { "x-forwarded-proto": "https" };

/** Asks for a path of a site. */
type At = (path: string) => Promise<Page>;

/** The address that WordPress's own page to log in has, if it is there: it may be so where all else is closed. */
async function logInAt(at: At): Promise<string | undefined> {
  const { status, body } = await at("/wp-login.php");
  const form = status === 200 ? /<form\b[^>]*\bid=["']loginform["'][^>]*>/i.exec(body)?.[0] : undefined;
  return /\baction=["']([^"']+)\/wp-login\.php\b/i.exec(form ?? "")?.[1];
}

/** Tells what answers at an address: by where it leads and by what its interface for programs says, not by words. */
export async function frontOf(url: string, get: Live["get"], headers: Record<string, string> = {}): Promise<Front> {
  const at: At = (path) => get(`${url}${path}`, headers);
  const page = await at("/");
  const { status } = page;
  const { location } = page.headers;
  if (status >= 300 && status < 400 && location !== undefined) {
    const to = new URL(location, url).href;
    if (to === `${url}/wp-admin/install.php`) return { is: "not installed" };
    if (to === `${url}/wp-admin/setup-config.php`) return { is: "not configured" };
    const https = url.replace(/^http:/, "https:");
    const behind =
      headers !== behindHttps && (to === https || to.startsWith(`${https}/`))
        ? await frontOf(url, get, behindHttps)
        : undefined;
    return behind?.is === "wordpress" ? behind : { is: "elsewhere", location: to };
  }
  const says = title(page.body);
  if (status >= 500) {
    // A plugin may show such a page to visitors. An update closes all of it, also where people log in.
    const home = status === 503 ? await logInAt(at) : undefined;
    return home === undefined
      ? { is: "error", status, says }
      : { is: "wordpress", home, closed: `its front page: ${status}, "${says}"` };
  }
  const api = await at("/index.php?rest_route=/");
  const answer = jsonOf(api.body) as { home?: string; name?: string; namespaces?: string[]; code?: string } | null;
  if (status === 200 && answer?.home !== undefined && answer.namespaces?.includes("wp/v2")) {
    return { is: "wordpress", home: answer.home, name: answer.name };
  }
  if (status === 200 && (typeof answer?.code === "string" || (await isWordPress(at, page)))) {
    const home = await logInAt(at);
    if (home !== undefined) return { is: "wordpress", home, closed: `its REST API: ${api.status}` };
  }
  return { is: "not wordpress", status, says };
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // What answers is not WordPress, or one that does not get as far as this.
    return undefined;
  }
}

/** Whether WordPress made a page, although its interface for programs is closed. */
async function isWordPress(at: At, page: Page): Promise<boolean> {
  if (page.headers.link?.includes("https://api.w.org/")) return true;
  // The same page under a longer name: WordPress sends on to the shorter one, and signs that.
  return (await at("/index.php")).headers["x-redirect-by"] === "WordPress";
}

/** Whether two addresses are one, but for what a proxy in front of WordPress speaks. */
const sameSite = (one: string, other: string) => one.replace(/^https?:/, "") === other.replace(/^https?:/, "");

/** What may be next where a page is not as it should be. */
export interface PageSteps extends Pick<Steps, "make" | "remake" | "exec"> {
  /** Command that shows WordPress's log. */
  logs: string;
}

/** Whether WordPress is served at its address, under its address. */
export async function pageServed(
  url: string,
  get: Live["get"],
  { logs, make, remake, exec }: PageSteps,
): Promise<Verdict> {
  const again = afterLog(logs, make);
  const config = configAgain({ exec, remake });
  const afterError = (status: number) =>
    status === 503 ? reopen(exec) : status === 500 ? withoutPlugin(exec, logs) : again;
  let front: Front;
  try {
    front = await frontOf(url, get);
  } catch (error) {
    const { en: said } = unreachableIn(error).why;
    return failed("no answer", again, {
      en: `Nothing answers at ${url}: ${said}.`,
      ko: `${url} 주소에서 응답이 없습니다: ${said}.`,
      evidence: { url, error: said },
    });
  }
  const evidence = { url, ...front };
  // A new container would find the same files on its volume. The file is the same in every version of WordPress.
  const index = `${exec} cp -a --backup=simple --suffix=.before ${original}/index.php ${dataPath}/`;
  const restored = {
    en: `Restore WordPress's index.php (the current one is kept as index.php.before): ${index}`,
    ko: `WordPress의 index.php 파일을 복원하세요 (지금 파일은 index.php.before 이름으로 보관됩니다): ${index}`,
  };
  switch (front.is) {
    case "not installed":
      return passed({ ...evidence, installed: false });
    case "wordpress":
      if (sameSite(front.home, url)) return passed({ ...evidence, installed: true });
      return failed("stale address", config, {
        en: `WordPress at ${url} is configured with the site URL ${front.home}, so its links go there.`,
        ko: `${url}의 WordPress에 사이트 주소가 ${front.home} 값으로 설정되어 있어 링크가 그 주소로 연결됩니다.`,
        evidence,
      });
    case "elsewhere":
      return failed("stale address", front.location.startsWith("https:") ? noHttps(exec) : config, {
        en: `${url} redirects visitors to ${front.location}: the address that WordPress was installed with, or another server.`,
        ko: `${url} 주소가 다른 주소로 리다이렉트됩니다: ${front.location}. WordPress를 설치할 때의 주소이거나 다른 서버입니다.`,
        evidence,
      });
    case "not configured":
      return failed("no wp-config.php", make, {
        en: `WordPress at ${url} has lost its wp-config.php, and asks for the database settings again.`,
        ko: `${url}의 WordPress에 wp-config.php 파일이 없어 처음 설치할 때처럼 데이터베이스 설정을 묻습니다.`,
        evidence,
      });
    case "error":
      return failed("error page", afterError(front.status), {
        en: `${url} answers with error ${front.status}: "${front.says}".`,
        ko: `${url} 주소가 오류 ${front.status}번으로 응답합니다: "${front.says}".`,
        evidence,
      });
    case "not wordpress":
      return failed("not WordPress", restored, {
        en: `The server at ${url} is not WordPress: ${front.status}, "${front.says}".`,
        ko: `${url}에서 응답한 서버가 WordPress가 아닙니다: ${front.status}, "${front.says}".`,
        evidence,
      });
  }
}

/** Where the image keeps what it fills a new volume with. @see https://hub.docker.com/_/wordpress */
const original = "/usr/src/wordpress";

/** @see https://developer.wordpress.org/reference/functions/wp_is_maintenance_mode/ for the 10 minutes */
const reopen = (exec: string): Text => ({
  en: `WordPress is being updated, or an update was interrupted. It opens again within 10 minutes, or at once with: ${exec} rm ${dataPath}/.maintenance`,
  ko: `WordPress를 업데이트하는 중이거나 업데이트가 중단되었습니다. 10분 안에 다시 열립니다. 바로 열려면: ${exec} rm ${dataPath}/.maintenance`,
});

const plugins = `${dataPath}/wp-content/plugins`;
/** WordPress leaves out a plugin whose folder has another name. */
const renamePlugin = (exec: string) => `${exec} mv ${plugins}/NAME ${plugins}/NAME.off`;

/** How to get rid of https, which nobody speaks here. */
const noHttps = (exec: string): Text => ({
  en: `Something in WordPress requires https, which these labs do not provide. Rename the folder of the plugin that does so (${exec} ls ${plugins} lists them; its settings are kept): ${renamePlugin(exec)}`,
  ko: `WordPress의 플러그인 등이 https를 요구하지만 이 실습에서는 https를 제공하지 않습니다. 그 플러그인 폴더의 이름을 바꾸세요 (목록: ${exec} ls ${plugins}, 설정은 유지됩니다): ${renamePlugin(exec)}`,
});

/** How to get rid of a plugin that fails. */
const withoutPlugin = (exec: string, logs: string): Text => ({
  en: `The log names the file that fails (${logs}). If it is a plugin's, rename the plugin's folder (its settings are kept): ${renamePlugin(exec)}`,
  ko: `오류가 난 파일을 로그에서 찾으세요 (${logs}). 플러그인의 파일이라면 플러그인 폴더의 이름을 바꾸세요 (설정은 유지됩니다): ${renamePlugin(exec)}`,
});
