import * as docker from "@pulumi/docker";
import * as pulumi from "@pulumi/pulumi";
import { ComposeOutputs } from "../outputs";
import { hostAndPort, localHost } from "./addresses";
import { databasePasswords } from "./database-passwords";
import { LabOwner } from "./lab-owner";
import { databaseHost, Environment, mysql, wordpress } from "./wordpress-app";

export interface ComposeWordPressArgs {
  /** Labels of all objects. */
  owner: LabOwner;
  /** MySQL image. @default "mysql:9.7.2" @see https://hub.docker.com/_/mysql */
  mysqlImage?: pulumi.Input<string>;
  /** WordPress image, an Apache variant. @default "wordpress:7.1.0-php8.3-apache" @see https://hub.docker.com/_/wordpress */
  wordpressImage?: pulumi.Input<string>;
  /** Name of the network. @default "wordpress" */
  networkName?: pulumi.Input<string>;
  /** Name of the MySQL container. @default "mysql" */
  mysqlName?: pulumi.Input<string>;
  /** Name of the volume with MySQL's data. @default "course-labs-mysql" */
  mysqlVolume?: pulumi.Input<string>;
  /** Name of the WordPress container. @default "wordpress" */
  wordpressName?: pulumi.Input<string>;
  /** Name of the volume with WordPress's files. @default "course-labs-wordpress" */
  wordpressVolume?: pulumi.Input<string>;
  /**
   * Address of this machine that WordPress is published on.
   * @default "127.0.0.1", this machine only
   * @see https://docs.docker.com/engine/network/port-publishing/
   */
  bindAddress?: pulumi.Input<string>;
  /** Port of this machine, 1 to 65535. @default 30000 */
  port?: pulumi.Input<number>;
}

// In the form that Docker returns ("2m0s", not "120s"); otherwise every refresh would find a difference.
const healthTiming = { interval: "3s", timeout: "5s", retries: 5, startPeriod: "2m0s" };

/** Seconds that `up` waits until a container is healthy: enough for a first start on a slow laptop. */
const waitTimeout = 180;

/** The lab "docker compose": WordPress and MySQL on one network. docker/compose/compose.yaml is the manual version. */
export class ComposeWordPress extends pulumi.ComponentResource {
  readonly outputs: pulumi.Output<ComposeOutputs>;

  constructor(name: string, args: ComposeWordPressArgs, opts?: pulumi.ComponentResourceOptions) {
    super("course:labs:ComposeWordPress", name, {}, opts);
    const child: pulumi.CustomResourceOptions = { parent: this };
    const labels = args.owner.dockerLabels;
    const bindAddress = args.bindAddress ?? "127.0.0.1";
    const port = args.port ?? 30000;

    const passwords = databasePasswords(name, child);
    // All variables are one secret, because one of them is a password.
    const environment = ({ variables, passwords: from }: Environment) =>
      pulumi.secret([
        ...Object.entries(variables).map(([key, value]) => pulumi.interpolate`${key}=${value}`),
        ...Object.entries(from).map(([key, name]) => pulumi.interpolate`${key}=${passwords[name]}`),
      ]);

    const network = new docker.Network(`${name}-network`, { name: args.networkName ?? "wordpress", labels }, child);
    const volume = (part: string, volumeName: pulumi.Input<string>, containerPath: string) => {
      // Docker cannot change the labels of a volume: Pulumi would replace the volume, and the data would be lost.
      const options = pulumi.mergeOptions(child, { ignoreChanges: ["labels"] });
      return {
        volumeName: new docker.Volume(`${name}-${part}`, { name: volumeName, labels }, options).name,
        containerPath,
      };
    };
    // Other labs may use the same image, and pulling it again takes time, so destroy keeps it.
    const image = (part: string, imageName: pulumi.Input<string>) =>
      new docker.RemoteImage(`${name}-${part}`, { name: imageName, keepLocally: true }, child);

    const mysqlContainer = new docker.Container(
      `${name}-mysql`,
      {
        name: args.mysqlName ?? "mysql",
        image: image("mysql-image", args.mysqlImage ?? "mysql:9.7.2").imageId,
        command: mysql.flags,
        envs: environment(mysql.environment),
        // Not published: only WordPress needs the database, and it is on the same network.
        networksAdvanced: [{ name: network.name, aliases: [databaseHost] }],
        volumes: [volume("mysql-data", args.mysqlVolume ?? "course-labs-mysql", mysql.dataPath)],
        healthcheck: { tests: ["CMD-SHELL", mysql.health], ...healthTiming },
        wait: true,
        waitTimeout,
        // In seconds. A clean shutdown takes MySQL less time than a recovery after being killed.
        destroyGraceSeconds: 30,
        restart: "unless-stopped",
        labels,
      },
      // Container names are unique, and two MySQL servers on one volume would corrupt it.
      pulumi.mergeOptions(child, { deleteBeforeReplace: true }),
    );

    const siteHosts = pulumi
      .all([bindAddress, port])
      .apply(([address, port]) =>
        [...new Set(["localhost", "127.0.0.1", localHost(address)])].map((host) => hostAndPort(host, port)).join(","),
      );

    const wordpressContainer = new docker.Container(
      `${name}-wordpress`,
      {
        name: args.wordpressName ?? "wordpress",
        image: image("wordpress-image", args.wordpressImage ?? "wordpress:7.1.0-php8.3-apache").imageId,
        envs: environment(wordpress.environment(siteHosts)),
        ports: [{ internal: wordpress.port, external: port, ip: bindAddress }],
        networksAdvanced: [{ name: network.name, aliases: ["wordpress"] }],
        volumes: [volume("wordpress-data", args.wordpressVolume ?? "course-labs-wordpress", wordpress.dataPath)],
        healthcheck: { tests: ["CMD-SHELL", wordpress.health], ...healthTiming },
        wait: true,
        waitTimeout,
        restart: "unless-stopped",
        labels,
      },
      pulumi.mergeOptions(child, { deleteBeforeReplace: true, dependsOn: mysqlContainer }),
    );

    // Depends on the container, which is created once WordPress is healthy: a printed address works.
    this.outputs = pulumi
      .all([bindAddress, port, wordpressContainer.id])
      .apply(([address, port]) => ({ url: `http://${hostAndPort(localHost(address), port)}` }));
    this.registerOutputs({ outputs: this.outputs });
  }
}
