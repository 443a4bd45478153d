import { databaseHost, mysql, wordpress } from "../../../components/wordpress-app";
import { Text } from "../../../text";
import { Cause } from "../../causes/problem";
import { Evidence, failed, passed, Verdict } from "../check";
import { answerIn, Said } from "../facts/live";

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

export interface Steps {
  /** Has WordPress's container made anew; what is stored stays. */
  make: Text;
  /** Its command. */
  remake: string;
  /** Begins a command that runs where WordPress runs. */
  exec: string;
  /** Has MySQL's container made anew; what is stored stays. */
  database: Text;
  /** Command that re-creates the lab; stored data is lost. */
  anew: string;
}

/**
 * WordPress makes a wp-config.php that is not there, out of its environment. The one before stays a program: the server would
 * show everybody what is in a file of another kind.
 */
export const configAgain = ({ exec, remake }: Pick<Steps, "exec" | "remake">): Text => {
  const commands = `${exec} mv ${configFile} ${wordpress.dataPath}/wp-config-before.php; ${remake}`;
  return {
    en: `WordPress creates its wp-config.php again from its settings. The current file is kept as wp-config-before.php, everyone has to log in again, and what was written outside of the volumes is deleted: ${commands}`,
    ko: `wp-config.php 파일을 치워 두면 WordPress가 설정값으로 다시 만듭니다. 지금 파일은 wp-config-before.php 이름으로 보관되고, 모두 다시 로그인해야 하며, 볼륨 밖에 쓴 내용은 삭제됩니다: ${commands}`,
  };
};

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
  const answer = answerIn<LogIn>(await exec("php", "-r", logIn));
  if (answer.broken !== undefined) {
    return failed("broken wp-config.php", configAgain(steps), {
      en: `WordPress cannot use its wp-config.php: ${answer.broken}.`,
      ko: `WordPress가 wp-config.php 파일을 사용할 수 없습니다: ${answer.broken}.`,
      evidence: { broken: answer.broken },
    });
  }
  const { host, database, user, errno, error, row, by } = answer;
  if (row) {
    const evidence: Evidence = { host, server: row[0], version: row[1], database: row[2], user: row[3] };
    if (row[0] === server) return passed(evidence);
    return failed("another database", hostRemedy(host, by, steps) ?? steps.make, {
      en: `WordPress uses the database on ${row[0]} (${host}), not the one of this lab (${server}).`,
      ko: `WordPress가 이 실습의 데이터베이스(${server})가 아니라 다른 데이터베이스를 사용합니다: ${row[0]} (${host}).`,
      evidence: { ...evidence, expected: server },
    });
  }
  const silent = {
    cause: "no answer" as const,
    en: "nothing answers at that host name",
    ko: "그 호스트 이름에서 응답이 없습니다",
    next: hostRemedy(host, by, steps) ?? steps.database,
  };
  // https://dev.mysql.com/doc/mysql-errors/9.7/en/server-error-reference.html
  const meaning: Record<number, Text & { cause: Cause; next: Text }> = {
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
  return failed(known?.cause ?? "database error", known?.next ?? steps.database, {
    en: `WordPress cannot connect to its database at ${host}: ${known?.en ?? error} (MySQL error ${errno}).`,
    ko: `WordPress가 ${host}의 데이터베이스에 연결하지 못합니다: ${known?.ko ?? error} (MySQL 오류 ${errno}).`,
    evidence: { host, database, user, errno, error },
  });
}

/** Puts one setting right. No data is lost by it. */
function remedy(setting: Setting, by: LogIn["by"], meant: Text, steps: Steps): Text {
  const name = by[setting];
  const inFile = isInFile(name);
  const { en, ko } = inFile ? configAgain(steps) : steps.make;
  return {
    en: `Fix ${name} of WordPress (expected: ${meant.en})${inFile ? `, which ${configFile} sets by itself` : ""}. ${en}`,
    ko: `WordPress의 ${name} 값을 고치세요 (올바른 값: ${meant.ko}${inFile ? `, 설정된 곳: ${configFile}` : ""}). ${ko}`,
  };
}

/** Whether wp-config.php defines a setting by itself, whatever the environment says. */
const isInFile = (name: string) => name.startsWith("DB_");

/** Nothing where the host is the one that is meant: then it is not WordPress that has to be mended. */
const hostRemedy = (host: string, by: LogIn["by"], steps: Steps): Text | undefined =>
  [databaseHost, `${databaseHost}:${mysql.port}`].includes(host)
    ? undefined
    : remedy("HOST", by, { en: databaseHost, ko: databaseHost }, steps);

const databaseRemedy = (by: LogIn["by"], steps: Steps): Text =>
  remedy("NAME", by, { en: "the MYSQL_DATABASE of MySQL", ko: "MySQL의 MYSQL_DATABASE 값" }, steps);

/** Which of the two is wrong, nobody can tell; only one of them costs the posts. */
function passwordRemedy({ USER, PASSWORD }: LogIn["by"], steps: Steps): Text {
  if (isInFile(USER) || isInFile(PASSWORD)) return configAgain(steps);
  const { make, anew } = steps;
  return {
    en: `Set ${USER} and ${PASSWORD} of WordPress back to the values that MySQL's volume was created with. ${make.en} – or start over with new volumes (posts and uploads are lost): ${anew}`,
    ko: `WordPress의 ${USER}, ${PASSWORD} 값을 MySQL 볼륨을 만들 때의 값으로 되돌리세요. ${make.ko} – 또는 볼륨을 새로 만드세요 (글과 업로드한 파일이 삭제됩니다): ${anew}`,
  };
}
