import { wordpress } from "../components/wordpress-app";
import { Text } from "../text";
import { failed, passed, Verdict } from "./check";
import { Live, Page } from "./live";
import { Steps } from "./wordpress-database";

/** What a front page is. */
export type Front =
  | { is: "wordpress"; home: string; name: string }
  | { is: "not installed" }
  | { is: "elsewhere"; location: string }
  | { is: "not configured" }
  | { is: "error"; status: number; says: string }
  | { is: "not wordpress"; status: number; says: string };

const { dataPath } = wordpress;

const title = (body: string) => /<title>([^<]*)<\/title>/i.exec(body)?.[1]?.trim() ?? body.trim().slice(0, 80);

/** Tells what answers at an address: by where it leads and by what its interface for programs says, not by words. */
export async function frontOf(url: string, get: Live["get"]): Promise<Front> {
  const page: Page = await get(`${url}/`);
  const location = page.headers.location;
  if (page.status >= 300 && page.status < 400 && location !== undefined) {
    const to = new URL(location, url).href;
    if (to === `${url}/wp-admin/install.php`) return { is: "not installed" };
    if (to === `${url}/wp-admin/setup-config.php`) return { is: "not configured" };
    return { is: "elsewhere", location: to };
  }
  const says = title(page.body);
  if (page.status >= 500) return { is: "error", status: page.status, says };
  const api = await get(`${url}/index.php?rest_route=/`);
  try {
    const { home, name, namespaces } = JSON.parse(api.body) as { home: string; name: string; namespaces: string[] };
    if (page.status === 200 && namespaces.includes("wp/v2")) return { is: "wordpress", home, name };
  } catch {
    // What answers is not WordPress, or one that does not get as far as this.
  }
  return { is: "not wordpress", status: page.status, says };
}

/** Commands for what may be next, where a page is not as it should be. */
export interface PageSteps extends Pick<Steps, "logs" | "make"> {
  /** Begins a command that runs where WordPress runs. */
  exec: string;
}

/** Whether WordPress is served at its address, under its address. */
export async function pageServed(url: string, get: Live["get"], { logs, make, exec }: PageSteps): Promise<Verdict> {
  let front: Front;
  try {
    front = await frontOf(url, get);
  } catch (error) {
    const said = (error as Error).message;
    return failed({ en: `Nothing answers at ${url}: ${said}.`, ko: `${url} 에서 응답이 없습니다: ${said}.` }, logs, {
      url,
      error: said,
    });
  }
  const evidence = { url, ...front };
  switch (front.is) {
    case "not installed":
      return passed({ ...evidence, installed: false });
    case "wordpress":
      if (front.home === url) return passed({ ...evidence, installed: true });
      return failed(
        {
          en: `WordPress at ${url} believes that its address is ${front.home}: its links lead there.`,
          ko: `${url} 의 WordPress 가 자기 주소를 ${front.home} (으)로 알고 있어 링크가 그리로 갑니다.`,
        },
        make,
        evidence,
      );
    case "elsewhere":
      return failed(
        {
          en: `${url} sends visitors on to ${front.location}: the address that WordPress was installed at, or another server's.`,
          ko: `${url} 이(가) 방문자를 ${front.location} (으)로 보냅니다: WordPress 를 설치할 때의 주소이거나 다른 서버입니다.`,
        },
        make,
        evidence,
      );
    case "not configured":
      return failed(
        {
          en: `WordPress at ${url} has lost its wp-config.php: it asks for the database as on the first day.`,
          ko: `${url} 의 WordPress 에 wp-config.php 가 없습니다: 처음처럼 데이터베이스 설정을 묻습니다.`,
        },
        make,
        evidence,
      );
    case "error":
      return failed(
        {
          en: `${url} answers with error ${front.status}: "${front.says}".`,
          ko: `${url} 이(가) 오류 ${front.status} (으)로 답합니다: "${front.says}".`,
        },
        front.status === 503 ? reopen(exec) : logs,
        evidence,
      );
    case "not wordpress":
      return failed(
        {
          en: `What answers at ${url} is not WordPress: ${front.status}, "${front.says}".`,
          ko: `${url} 에서 답하는 것은 WordPress 가 아닙니다: ${front.status}, "${front.says}".`,
        },
        // A new container would find the same files on its volume.
        {
          en: `Put WordPress's own files back, posts, uploads and settings stay: ${exec} cp -a ${original}/. ${dataPath}/`,
          ko: `WordPress 원래 파일을 되돌리세요 (글, 업로드, 설정은 남습니다): ${exec} cp -a ${original}/. ${dataPath}/`,
        },
        evidence,
      );
  }
}

/** Where the image keeps what it fills a new volume with. @see https://hub.docker.com/_/wordpress */
const original = "/usr/src/wordpress";

/** @see https://developer.wordpress.org/reference/functions/wp_is_maintenance_mode/ for the 10 minutes */
const reopen = (exec: string): Text => ({
  en: `WordPress is being updated, or an update broke off: it opens again within 10 minutes, or at once with: ${exec} rm ${dataPath}/.maintenance`,
  ko: `WordPress 를 업데이트하는 중이거나 업데이트가 중단되었습니다. 10 분 안에 다시 열리며, 바로 열려면: ${exec} rm ${dataPath}/.maintenance`,
});
