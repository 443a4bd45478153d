/**
 * WordPress and its MySQL as both editions of the lab run them, on Docker and on Kubernetes: what differs between the
 * editions is how it is run, never what is run.
 */

/** Host name of the database: a network alias on Docker, a Service on Kubernetes. */
export const databaseHost = "mysql";

/** The passwords of the application, by the key that the Kubernetes Secret keeps them under. */
export type PasswordName = "password" | "root-password";

/** An environment variable: its text, or the password it takes. */
export type EnvironmentValue = string | { password: PasswordName };
export type Environment = Record<string, EnvironmentValue>;

export const mysql = {
  port: 3306,
  dataPath: "/var/lib/mysql",
  /** The image's own user. @see https://hub.docker.com/_/mysql */
  uid: 999,
  /** Two switches that fit MySQL in a learner's laptop: it would take a gigabyte otherwise. */
  flags: ["--innodb-buffer-pool-size=64M", "--performance-schema=OFF"],
  /**
   * Asks over TCP and as the application's user, because while MySQL sets itself up it already answers on its socket.
   * The shell in the container fills in the variables.
   */
  health:
    'mysql --host=127.0.0.1 --user="$MYSQL_USER" --password="$MYSQL_PASSWORD" --execute="SELECT 1" "$MYSQL_DATABASE"',
  environment: {
    MYSQL_DATABASE: "wordpress",
    MYSQL_USER: "wordpress",
    MYSQL_PASSWORD: { password: "password" },
    MYSQL_ROOT_PASSWORD: { password: "root-password" },
  } satisfies Environment,
};

export const wordpress = {
  port: 80,
  dataPath: "/var/www/html",
  /** The image's own user, www-data. @see https://hub.docker.com/_/wordpress */
  uid: 33,
  /**
   * The log-in page needs PHP, the files and the database. Redirects are not followed: before it is installed WordPress
   * sends us to install.php, which asks wordpress.org for translations and hangs where there is no internet.
   */
  health: "curl -fsS -o /dev/null http://localhost/wp-login.php",
  /**
   * @param siteHosts the addresses, as `host:port`, that WordPress answers under. It remembers the address it was
   * installed at and redirects there, to a dead end once the port or the node's address has changed; so it goes by the
   * request's Host header instead, when that is one of these (anyone can send any Host header).
   */
  environment: (siteHosts: string): Environment => ({
    WORDPRESS_DB_HOST: databaseHost,
    WORDPRESS_DB_NAME: mysql.environment.MYSQL_DATABASE,
    WORDPRESS_DB_USER: mysql.environment.MYSQL_USER,
    WORDPRESS_DB_PASSWORD: mysql.environment.MYSQL_PASSWORD,
    WORDPRESS_CONFIG_EXTRA: [
      "if (in_array($_SERVER['HTTP_HOST'] ?? '', explode(',', getenv('SITE_HOSTS')), true)) {",
      "  define('WP_HOME', 'http://' . $_SERVER['HTTP_HOST']);",
      "  define('WP_SITEURL', WP_HOME);",
      "}",
      "",
    ].join("\n"),
    SITE_HOSTS: siteHosts,
  }),
};
