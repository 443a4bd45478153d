/**
 * WordPress and MySQL as both labs run them, on Docker and on Kubernetes. The labs differ in how the application is run,
 * not in the application.
 */

import * as pulumi from "@pulumi/pulumi";

/** Host name of the database: a network alias on Docker, a Service on Kubernetes. */
export const databaseHost = "mysql";

/** The passwords of the application, by their keys in the Kubernetes Secret. */
export type PasswordName = "password" | "root-password";

/** Environment variables; the ones with passwords are separate. */
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
  /** Reduce MySQL's memory, which would otherwise be a gigabyte. */
  flags: ["--innodb-buffer-pool-size=64M", "--performance-schema=OFF"],
  /**
   * Connects over TCP as the application's user, because MySQL already answers on its socket during initialization.
   * The shell in the container expands the variables.
   */
  health:
    'mysql --host=127.0.0.1 --user="$MYSQL_USER" --password="$MYSQL_PASSWORD" --execute="SELECT 1" "$MYSQL_DATABASE"',
  environment: {
    // Must not be root: the image exits with MYSQL_USER=root.
    variables: { MYSQL_DATABASE: database.name, MYSQL_USER: database.user },
    passwords: { MYSQL_PASSWORD: "password", MYSQL_ROOT_PASSWORD: "root-password" },
  } satisfies Environment,
};

/**
 * PHP code for the configuration of WordPress. WordPress stores the address it was installed at and redirects to it, which
 * fails once the port or the node's address has changed. This code uses the Host header of the request instead, but only
 * if it is one of SITE_HOSTS, because clients can send any Host header.
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
   * The login page needs PHP, the files and the database. Redirects are not followed: before the installation, WordPress
   * redirects to install.php, which requests translations from wordpress.org and hangs without internet access.
   */
  health: "curl -fsS -o /dev/null http://localhost/wp-login.php",
  /** @param siteHosts the addresses of the site as a comma-separated list of `host:port` */
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

/** Memory requests and limits of the pods. */
export const podMemory = {
  mysql: { request: "256Mi", limit: "512Mi" },
  wordpress: { request: "128Mi", limit: "512Mi" },
};
