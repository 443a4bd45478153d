import { databaseHost, mysql, wordpress } from "../../../components/wordpress-app";
import { Text } from "../../../text";
import { brief } from "../../causes/objects";
import { Cause } from "../../causes/problem";
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
    // There is no PHP, or it ended before it could say anything.
    const first = brief(said.stderr || said.stdout);
    return failed(
      "cannot be checked",
      {
        en: `The check could not run in WordPress: ${first}`,
        ko: `WordPress에서 점검을 실행하지 못했습니다: ${first}`,
      },
      steps.logs,
      { code: said.code, said: first },
    );
  }
  if (answer.broken !== undefined) {
    return failed(
      "broken wp-config.php",
      {
        en: `WordPress cannot use its wp-config.php: ${answer.broken}.`,
        ko: `WordPress가 wp-config.php 파일을 사용할 수 없습니다: ${answer.broken}.`,
      },
      {
        en: `Fix ${configFile} in WordPress's container. Or delete the file and restart the container, which creates it again`,
        ko: `WordPress 컨테이너의 ${configFile} 파일을 고치세요. 또는 파일을 삭제하고 컨테이너를 다시 시작하면 파일이 다시 만들어집니다`,
      },
      { broken: answer.broken },
    );
  }
  const { host, database, user, errno, error, row, by } = answer;
  if (row) {
    const evidence: Evidence = { host, server: row[0], version: row[1], database: row[2], user: row[3] };
    if (row[0] === server) return passed(evidence);
    return failed(
      "another database",
      {
        en: `WordPress uses the database on ${row[0]} (${host}), not the one of this lab (${server}).`,
        ko: `WordPress가 이 실습의 데이터베이스(${server})가 아니라 다른 데이터베이스를 사용합니다: ${row[0]} (${host}).`,
      },
      hostRemedy(host, by, steps) ?? steps.make,
      { ...evidence, expected: server },
    );
  }
  const silent = {
    cause: "no answer" as const,
    en: "nothing answers at that host name",
    ko: "그 호스트 이름에서 응답이 없습니다",
    next: hostRemedy(host, by, steps) ?? steps.logs,
  };
  // https://dev.mysql.com/doc/mysql-errors/9.7/en/server-error-reference.html
  const meaning: Record<number, Text & { cause: Cause; next: Text | string }> = {
    1045: {
      cause: "wrong password",
      en: "the password or the user is wrong. MySQL sets its passwords only when its volume is new",
      ko: "암호나 사용자가 틀립니다. MySQL은 볼륨이 비어 있을 때만 암호를 설정합니다",
      next: passwordRemedy(by, steps),
    },
    1044: {
      cause: "wrong database name",
      en: `the user ${user} has no access to database ${database}`,
      ko: `${user} 사용자에게 ${database} 데이터베이스의 권한이 없습니다`,
      next: databaseRemedy(by, steps),
    },
    1049: {
      cause: "wrong database name",
      en: `there is no database ${database}`,
      ko: `${database} 데이터베이스가 없습니다`,
      next: databaseRemedy(by, steps),
    },
    2002: silent,
    2006: silent,
  };
  const known = meaning[errno];
  return failed(
    known?.cause ?? "database error",
    {
      en: `WordPress cannot connect to its database at ${host}: ${known?.en ?? error} (MySQL error ${errno}).`,
      ko: `WordPress가 ${host}의 데이터베이스에 연결하지 못합니다: ${known?.ko ?? error} (MySQL 오류 ${errno}).`,
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
      en: `Fix ${name} in ${configFile} of WordPress's container (expected: ${meant.en})`,
      ko: `WordPress 컨테이너의 ${configFile} 파일에서 ${name} 값을 고치세요 (올바른 값: ${meant.ko})`,
    };
  }
  return {
    en: `Fix ${name} of WordPress (expected: ${meant.en}), then: ${make}`,
    ko: `WordPress의 ${name} 값을 고친 뒤 (올바른 값: ${meant.ko}): ${make}`,
  };
}

/** Nothing where the host is the one that is meant: then it is not WordPress that has to be mended. */
const hostRemedy = (host: string, by: LogIn["by"], steps: Steps): Text | undefined =>
  [databaseHost, `${databaseHost}:${mysql.port}`].includes(host)
    ? undefined
    : remedy("HOST", by, { en: databaseHost, ko: databaseHost }, steps);

const databaseRemedy = (by: LogIn["by"], steps: Steps): Text =>
  remedy("NAME", by, { en: "the MYSQL_DATABASE of MySQL", ko: "MySQL의 MYSQL_DATABASE 값" }, steps);

/** Which of the two is wrong, nobody can tell; only one of them costs the posts. */
const passwordRemedy = ({ USER, PASSWORD }: LogIn["by"], { make, anew }: Steps): Text => ({
  en: `Set ${USER} and ${PASSWORD} of WordPress back to the values that MySQL's volume was created with, then: ${make} – or start over with a new volume (posts are lost): ${anew}`,
  ko: `WordPress의 ${USER}, ${PASSWORD} 값을 MySQL 볼륨을 만들 때의 값으로 되돌린 뒤: ${make} – 또는 볼륨을 새로 만드세요 (글이 삭제됩니다): ${anew}`,
});
