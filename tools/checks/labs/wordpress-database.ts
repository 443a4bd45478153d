import { databaseHost, mysql, wordpress } from "../../../components/wordpress-app";
import { Text } from "../../../text";
import { Evidence, failed, passed, Verdict } from "../check";
import { Said } from "../facts/live";

const configFile = `${wordpress.dataPath}/wp-config.php`;

/**
 * Logs in to the database as WordPress does, and prints the outcome as JSON. WordPress goes by its wp-config.php, which reads the
 * environment unless somebody edited it; where it is lost, the image still has what it is made from.
 * @see https://developer.wordpress.org/advanced-administration/wordpress/wp-config/
 */
const logIn = `
$files = array_filter(["${configFile}", "/usr/src/wordpress/wp-config-docker.php"], "is_readable");
$config = (string) @file_get_contents(reset($files) ?: "${configFile}");
chdir("${wordpress.dataPath}");
ob_start();
try {
  // Without the line that starts WordPress, which would end with a page of its own.
  (function ($code) { eval("?>" . $code); })(preg_replace("/^.*wp-settings\\.php.*$/m", "", $config));
  $said = ["host" => DB_HOST, "database" => DB_NAME, "user" => DB_USER];
  $password = DB_PASSWORD;
} catch (Throwable $e) {
  $said = ["broken" => $e->getMessage()];
}
ob_end_clean();
if (!isset($said["broken"])) {
  preg_match("~^(.*?)(?::(\\d+))?(?::(/.*))?$~", $said["host"], $at);
  mysqli_report(MYSQLI_REPORT_OFF);
  $db = mysqli_init();
  mysqli_options($db, MYSQLI_OPT_CONNECT_TIMEOUT, 5);
  mysqli_options($db, MYSQLI_OPT_READ_TIMEOUT, 5);
  @mysqli_real_connect($db, $at[1], $said["user"], $password, $said["database"], (int) ($at[2] ?? 0), $at[3] ?? null);
  $said += ["errno" => mysqli_connect_errno(), "error" => mysqli_connect_error()];
  $asked = $said["errno"] ? false : mysqli_query($db, "SELECT @@hostname, @@version, DATABASE(), CURRENT_USER()");
  $said["row"] = $asked ? mysqli_fetch_row($asked) : null;
}
foreach (["HOST", "NAME", "USER", "PASSWORD"] as $what) {
  $variable = "WORDPRESS_DB_$what" . (getenv("WORDPRESS_DB_{$what}_FILE") ? "_FILE" : "");
  $said["by"][$what] = str_contains($config, "WORDPRESS_DB_$what") ? $variable : "DB_$what";
}
echo json_encode($said, JSON_INVALID_UTF8_SUBSTITUTE);
`;

type Setting = "HOST" | "NAME" | "USER" | "PASSWORD";

type LogIn = {
  /** What decides a setting: a variable of the environment, or a constant that wp-config.php defines by itself. */
  by: Record<Setting, string>;
} & (
  | { broken: string }
  | {
      broken?: undefined;
      host: string;
      database: string;
      user: string;
      errno: number;
      error: string | null;
      row: [server: string, version: string, database: string, user: string] | null;
    }
);

/** Commands for what may be next. */
export interface Steps {
  logs: string;
  /** Makes WordPress's container anew; what is stored stays. */
  make: string;
  /** Makes the lab anew; what is stored is lost. */
  anew: string;
}

/**
 * Whether WordPress may use its database, and that database is the one it should be.
 * @param exec runs a command where WordPress runs
 * @param server host name of the MySQL that is meant, as MySQL itself calls it
 */
export async function databaseAnswers(
  exec: (...command: string[]) => Promise<Said>,
  server: string,
  steps: Steps,
): Promise<Verdict> {
  const said = await exec("php", "-r", logIn);
  let answer: LogIn;
  try {
    answer = JSON.parse(said.stdout) as LogIn;
  } catch {
    const first = (said.stderr || said.stdout).trim().slice(0, 200);
    return failed(
      { en: `WordPress cannot be asked: ${first}`, ko: `WordPress 에 물어볼 수 없습니다: ${first}` },
      steps.logs,
      { code: said.code, said: first },
    );
  }
  if (answer.broken !== undefined) {
    return failed(
      {
        en: `WordPress cannot use its wp-config.php: ${answer.broken}.`,
        ko: `WordPress 가 wp-config.php 를 쓸 수 없습니다: ${answer.broken}.`,
      },
      {
        en: `Mend ${configFile} in WordPress's container; or delete it and start the container anew, which writes it again`,
        ko: `WordPress 컨테이너의 ${configFile} 을(를) 고치거나, 지우고 컨테이너를 다시 시작해 새로 쓰게 하세요`,
      },
      { broken: answer.broken },
    );
  }
  const { host, database, user, errno, error, row, by } = answer;
  if (row) {
    const evidence: Evidence = { host, server: row[0], version: row[1], database: row[2], user: row[3] };
    if (row[0] === server) return passed(evidence);
    return failed(
      {
        en: `WordPress uses the database on ${row[0]} (${host}), not that of this lab (${server}).`,
        ko: `WordPress 가 이 실습의 데이터베이스(${server})가 아니라 ${row[0]} (${host}) 의 것을 씁니다.`,
      },
      hostRemedy(host, by, steps) ?? steps.make,
      { ...evidence, expected: server },
    );
  }
  const silent = {
    en: "nothing answers at that host name",
    ko: "그 호스트 이름에서 응답이 없습니다",
    next: hostRemedy(host, by, steps) ?? steps.logs,
  };
  // https://dev.mysql.com/doc/mysql-errors/9.7/en/server-error-reference.html
  const meaning: Record<number, Text & { next: Text | string }> = {
    1045: {
      en: "the password or the user is wrong. MySQL takes its passwords only when its volume is new",
      ko: "암호나 사용자가 틀립니다. MySQL 은 볼륨이 새것일 때만 암호를 받아들입니다",
      next: passwordRemedy(by, steps),
    },
    1044: {
      en: `the user ${user} may not use database ${database}`,
      ko: `사용자 ${user} 은(는) 데이터베이스 ${database} 을(를) 쓸 수 없습니다`,
      next: databaseRemedy(by, steps),
    },
    1049: {
      en: `there is no database ${database}`,
      ko: `데이터베이스 ${database} 이(가) 없습니다`,
      next: databaseRemedy(by, steps),
    },
    2002: silent,
    2006: silent,
  };
  const known = meaning[errno];
  return failed(
    {
      en: `WordPress cannot use its database at ${host}: ${known?.en ?? error} (MySQL error ${errno}).`,
      ko: `WordPress 가 ${host} 의 데이터베이스를 쓸 수 없습니다: ${known?.ko ?? error} (MySQL 오류 ${errno}).`,
    },
    known?.next ?? steps.logs,
    { host, database, user, errno, error },
  );
}

/** Puts one setting right. No data is lost by it. */
function remedy(setting: Setting, by: LogIn["by"], meant: Text, { make }: Steps): Text {
  const name = by[setting];
  if (name.startsWith("DB_")) {
    return {
      en: `Mend ${name} in ${configFile} of WordPress's container (meant is ${meant.en})`,
      ko: `WordPress 컨테이너의 ${configFile} 에서 ${name} 을(를) 고치세요 (맞는 값: ${meant.ko})`,
    };
  }
  return {
    en: `Mend ${name} of WordPress (meant is ${meant.en}), then: ${make}`,
    ko: `WordPress 의 ${name} 을(를) 고친 뒤 (맞는 값: ${meant.ko}): ${make}`,
  };
}

/** Nothing where the host is the one that is meant: then it is not WordPress that has to be mended. */
const hostRemedy = (host: string, by: LogIn["by"], steps: Steps): Text | undefined =>
  [databaseHost, `${databaseHost}:${mysql.port}`].includes(host)
    ? undefined
    : remedy("HOST", by, { en: databaseHost, ko: databaseHost }, steps);

const databaseRemedy = (by: LogIn["by"], steps: Steps): Text =>
  remedy("NAME", by, { en: "the MYSQL_DATABASE of MySQL", ko: "MySQL 의 MYSQL_DATABASE" }, steps);

/** Which of the two is wrong, nobody can tell; only one of them costs the posts. */
const passwordRemedy = ({ USER, PASSWORD }: LogIn["by"], { make, anew }: Steps): Text => ({
  en: `Give WordPress the ${USER} and ${PASSWORD} back that MySQL's volume was made with, then: ${make} – or begin with a new volume (posts are lost): ${anew}`,
  ko: `MySQL 볼륨을 만들 때의 ${USER} 와(과) ${PASSWORD} 을(를) WordPress 에 되돌려 준 뒤: ${make} – 또는 볼륨을 새로 만드세요 (글은 사라집니다): ${anew}`,
});
