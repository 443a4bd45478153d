/**
 * WordPress and its MySQL as both editions of the lab run them, on Docker and on Kubernetes: what differs between the
 * editions is how it is run, never what is run.
 */

import * as pulumi from "@pulumi/pulumi";

/** Host name of the database: a network alias on Docker, a Service on Kubernetes. */
export const databaseHost = "mysql";

/** The passwords of the application, by the key that the Kubernetes Secret keeps them under. */
export type PasswordName = "password" | "root-password";

/** Environment variables, those that take a password apart from the others. */
export interface Environment {
  variables: Record<string, pulumi.Input<string>>;
  passwords: Record<string, PasswordName>;
}

const database = { name: "wordpress", user: "wordpress" };

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
    // The user is not root: MYSQL_USER=root makes the image exit.
    variables: { MYSQL_DATABASE: database.name, MYSQL_USER: database.user },
    passwords: { MYSQL_PASSWORD: "password", MYSQL_ROOT_PASSWORD: "root-password" },
  } satisfies Environment,
};

/**
 * PHP that WordPress runs as part of its configuration. WordPress remembers the address it was installed at and
 * redirects there, to a dead end once the port or the node's address has changed. So it goes by the request's Host
 * header instead, but only when that is one of the SITE_HOSTS: anyone can send any Host header.
 */
const siteAddress = `\
if (in_array($_SERVER['HTTP_HOST'] ?? '', explode(',', getenv('SITE_HOSTS')), true)) {
  define('WP_HOME', 'http://' . $_SERVER['HTTP_HOST']);
  define('WP_SITEURL', WP_HOME);
}
`;

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
  /** @param siteHosts the addresses, as `host:port` with commas between, that people reach WordPress at */
  environment: (siteHosts: pulumi.Input<string>): Environment => ({
    variables: {
      WORDPRESS_DB_HOST: databaseHost,
      WORDPRESS_DB_NAME: database.name,
      WORDPRESS_DB_USER: database.user,
      WORDPRESS_CONFIG_EXTRA: siteAddress,
      SITE_HOSTS: siteHosts,
    },
    passwords: { WORDPRESS_DB_PASSWORD: "password" },
  }),
};

/** Memory of the pods: what the scheduler sets aside, and where they are killed. */
export const podMemory = {
  mysql: { request: "256Mi", limit: "512Mi" },
  wordpress: { request: "128Mi", limit: "512Mi" },
};
