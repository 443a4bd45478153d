import * as docker from "@pulumi/docker";
import * as pulumi from "@pulumi/pulumi";
import { RedisOutputs } from "../outputs";
import { localHost } from "./addresses";
import { LabOwner } from "./lab-owner";

export interface RedisLabArgs {
  /** Labels of all objects. */
  owner: LabOwner;
  /**
   * Name and tag of the image to build.
   * @default "redis:v1.0"
   * @see https://docs.docker.com/reference/cli/docker/buildx/build/#tag
   */
  imageName?: pulumi.Input<string>;
  /**
   * Base image, the Dockerfile's BASE_IMAGE. It must be Debian or Ubuntu.
   * @default "ubuntu:24.04"
   * @see https://docs.docker.com/reference/dockerfile/#understand-how-arg-and-from-interact
   */
  baseImage?: pulumi.Input<string>;
  /**
   * Platform to build for.
   * @default the platform of this machine, see {@link platformOf}
   * @see https://docs.docker.com/build/building/multi-platform/
   */
  platform?: pulumi.Input<string>;
  /** Directory of the Dockerfile, relative to the project. @default "docker/redis" */
  context?: pulumi.Input<string>;
  /** Name of the container. @default "redis" */
  containerName?: pulumi.Input<string>;
  /**
   * Address of this machine that the port is published on. Redis has no password: everyone who can connect has full access.
   * @default "127.0.0.1", this machine only
   * @see https://docs.docker.com/engine/network/port-publishing/
   */
  bindAddress?: pulumi.Input<string>;
  /** Port of this machine, 1 to 65535. @default 6379 */
  port?: pulumi.Input<number>;
}

/** The image platform for an architecture of Node.js. Docker Desktop and Linux both run images of the machine's own. */
export function platformOf(architecture: string): string {
  return architecture === "arm64" ? "linux/arm64" : "linux/amd64";
}

/** The lab "build an image": Redis on Ubuntu, from a Dockerfile, running as a container. */
export class RedisLab extends pulumi.ComponentResource {
  readonly outputs: pulumi.Output<RedisOutputs>;

  constructor(name: string, args: RedisLabArgs, opts?: pulumi.ComponentResourceOptions) {
    super("course:labs:RedisLab", name, {}, opts);
    const child: pulumi.CustomResourceOptions = { parent: this };
    const imageName = args.imageName ?? "redis:v1.0";
    const bindAddress = args.bindAddress ?? "127.0.0.1";
    const port = args.port ?? 6379;
    const context = args.context ?? "docker/redis";

    const image = new docker.Image(
      `${name}-image`,
      {
        imageName,
        build: {
          context,
          dockerfile: pulumi.interpolate`${context}/Dockerfile`,
          platform: args.platform ?? platformOf(process.arch),
          args: { BASE_IMAGE: args.baseImage ?? "ubuntu:24.04" },
        },
        skipPush: true,
        buildOnPreview: false,
      },
      child,
    );

    // docker.Image builds the image but does not remove it on destroy. This resource owns the tag and removes it. It finds
    // the image by name: never give it triggers, because a replacement would remove the image that was just built.
    const tag = new docker.RemoteImage(
      `${name}-tag`,
      { name: imageName, keepLocally: false, forceRemove: true },
      pulumi.mergeOptions(child, { dependsOn: image }),
    );

    const container = new docker.Container(
      `${name}-container`,
      {
        name: args.containerName ?? "redis",
        // The digest instead of the name, so that a new build replaces the container and preview shows it.
        image: image.repoDigest,
        ports: [{ internal: 6379, external: port, ip: bindAddress }],
        restart: "unless-stopped",
        // Checks the reply, because redis-cli also exits with 0 when the reply is an error.
        healthcheck: {
          tests: ["CMD-SHELL", "redis-cli ping | grep -q PONG"],
          interval: "2s",
          timeout: "2s",
          retries: 5,
        },
        wait: true,
        labels: args.owner.dockerLabels,
      },
      // Name and port are unique, so the old container has to be removed first. On destroy, too, it is removed before its image.
      pulumi.mergeOptions(child, { deleteBeforeReplace: true, dependsOn: tag }),
    );

    this.outputs = pulumi
      .all([bindAddress, port, image.imageName, container.name])
      .apply(([address, port, image, container]) => ({ host: localHost(address), port, image, container }));
    this.registerOutputs({ outputs: this.outputs });
  }
}
