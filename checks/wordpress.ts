import { Evidence, failed, passed, Verdict } from "./check";
import { Live, Page, Said } from "./live";

/** Logs in to the database with what WordPress has in its environment, and prints the outcome as JSON. */
const logIn = `
mysqli_report(MYSQLI_REPORT_OFF);
$host = getenv("WORDPRESS_DB_HOST");
$db = @mysqli_connect($host, getenv("WORDPRESS_DB_USER"), getenv("WORDPRESS_DB_PASSWORD"), getenv("WORDPRESS_DB_NAME"));
$row = $db ? mysqli_fetch_row(mysqli_query($db, "SELECT @@hostname, @@version, DATABASE(), CURRENT_USER()")) : null;
echo json_encode(["errno" => mysqli_connect_errno(), "error" => mysqli_connect_error(), "host" => $host, "row" => $row]);
`;

interface LogIn {
  errno: number;
  error: string | null;
  host: string;
  row: [server: string, version: string, database: string, user: string] | null;
}

/**
 * Whether WordPress may use its database, and that database is the one it should be.
 * @param exec runs a command where WordPress runs
 * @param server host name of the MySQL that is meant, as MySQL itself calls it
 */
export async function databaseAnswers(
  exec: (...command: string[]) => Promise<Said>,
  server: string,
  { logs, anew }: { logs: string; anew: string },
): Promise<Verdict> {
  const said = await exec("php", "-r", logIn);
  let answer: LogIn;
  try {
    answer = JSON.parse(said.stdout) as LogIn;
  } catch {
    const first = (said.stderr || said.stdout).trim().slice(0, 200);
    return failed(
      { en: `WordPress cannot be asked: ${first}`, ko: `WordPress 에 물어볼 수 없습니다: ${first}` },
      logs,
      { code: said.code, said: first },
    );
  }
  const { errno, error, host, row } = answer;
  const evidence: Evidence = row
    ? { host, server: row[0], version: row[1], database: row[2], user: row[3] }
    : { host, errno, error };
  if (row) {
    if (row[0] === server) return passed(evidence);
    return failed(
      {
        en: `WordPress uses the database on ${row[0]} (${host}), not that of this lab (${server}).`,
        ko: `WordPress 가 이 실습의 데이터베이스(${server})가 아니라 ${row[0]} (${host}) 의 것을 씁니다.`,
      },
      anew,
      { ...evidence, expected: server },
    );
  }
  // https://dev.mysql.com/doc/mysql-errors/9.7/en/server-error-reference.html
  const meaning: Record<number, { en: string; ko: string; next: string }> = {
    1045: {
      en: "the password or the user is wrong. MySQL takes its passwords only when its volume is new",
      ko: "암호나 사용자가 틀립니다. MySQL 은 볼륨이 새것일 때만 암호를 받아들입니다",
      next: anew,
    },
    1044: {
      en: "the user may not use that database",
      ko: "그 사용자는 이 데이터베이스를 쓸 수 없습니다",
      next: anew,
    },
    1049: { en: "there is no database of that name", ko: "그런 이름의 데이터베이스가 없습니다", next: anew },
    2002: { en: "nothing answers at that host name", ko: "그 호스트 이름에서 응답이 없습니다", next: logs },
  };
  const known = meaning[errno];
  return failed(
    {
      en: `WordPress cannot use its database at ${host}: ${known?.en ?? error} (MySQL error ${errno}).`,
      ko: `WordPress 가 ${host} 의 데이터베이스를 쓸 수 없습니다: ${known?.ko ?? error} (MySQL 오류 ${errno}).`,
    },
    known?.next ?? logs,
    evidence,
  );
}

/** What a front page is. */
export type Front =
  | { is: "wordpress"; home: string; name: string }
  | { is: "not installed" }
  | { is: "elsewhere"; location: string }
  | { is: "not configured" }
  | { is: "error"; status: number; says: string }
  | { is: "not wordpress"; status: number; says: string };

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

/** Whether WordPress is served at its address, under its address. */
export async function pageServed(
  url: string,
  get: Live["get"],
  { logs, anew }: { logs: string; anew: string },
): Promise<Verdict> {
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
        anew,
        evidence,
      );
    case "elsewhere":
      return failed(
        {
          en: `${url} sends visitors on to ${front.location}: the address that WordPress was installed at, or another server's.`,
          ko: `${url} 이(가) 방문자를 ${front.location} (으)로 보냅니다: WordPress 를 설치할 때의 주소이거나 다른 서버입니다.`,
        },
        anew,
        evidence,
      );
    case "not configured":
      return failed(
        {
          en: `WordPress at ${url} has lost its wp-config.php: it asks for the database as on the first day.`,
          ko: `${url} 의 WordPress 에 wp-config.php 가 없습니다: 처음처럼 데이터베이스 설정을 묻습니다.`,
        },
        anew,
        evidence,
      );
    case "error":
      return failed(
        {
          en: `${url} answers with error ${front.status}: "${front.says}".`,
          ko: `${url} 이(가) 오류 ${front.status} (으)로 답합니다: "${front.says}".`,
        },
        logs,
        evidence,
      );
    case "not wordpress":
      return failed(
        {
          en: `What answers at ${url} is not WordPress: ${front.status}, "${front.says}".`,
          ko: `${url} 에서 답하는 것은 WordPress 가 아닙니다: ${front.status}, "${front.says}".`,
        },
        anew,
        evidence,
      );
  }
}
