import * as docker from "@pulumi/docker";
import * as pulumi from "@pulumi/pulumi";
import { RedisOutputs } from "../outputs";
import { localHost } from "./addresses";
import { LabOwner } from "./lab-owner";

export interface RedisLabArgs {
  /** Labels of the objects that are made. */
  owner: LabOwner;
  /**
   * Name and tag of the image to build.
   * @default "redis:v1.0"
   * @see https://docs.docker.com/reference/cli/docker/buildx/build/#tag
   */
  imageName?: pulumi.Input<string>;
  /**
   * Image to build from, the Dockerfile's BASE_IMAGE: a Debian or an Ubuntu.
   * @default "ubuntu:24.04"
   * @see https://docs.docker.com/reference/dockerfile/#understand-how-arg-and-from-interact
   */
  baseImage?: pulumi.Input<string>;
  /**
   * Platform to build for.
   * @default this machine's, see {@link platformOf}
   * @see https://docs.docker.com/build/building/multi-platform/
   */
  platform?: pulumi.Input<string>;
  /** Folder of the Dockerfile, from the project's folder. @default "docker/redis" */
  context?: pulumi.Input<string>;
  /** Name of the container. @default "redis" */
  containerName?: pulumi.Input<string>;
  /**
   * Address of this machine that the port is published on. Redis asks for no password: whoever reaches it owns it.
   * @default "127.0.0.1", this machine only
   * @see https://docs.docker.com/engine/network/port-publishing/
   */
  bindAddress?: pulumi.Input<string>;
  /** Port of this machine, 1 to 65535. @default 6379 */
  port?: pulumi.Input<number>;
}

/** The platform of the images that run on a machine. Docker Desktop and Linux have the machine's own architecture. */
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

    // docker.Image builds, but leaves the image behind on destroy. This owns its tag and removes it. It finds the image
    // by name: never give it triggers, since replacing it would remove the image that was just built.
    const tag = new docker.RemoteImage(
      `${name}-tag`,
      { name: imageName, keepLocally: false, forceRemove: true },
      pulumi.mergeOptions(child, { dependsOn: image }),
    );

    const container = new docker.Container(
      `${name}-container`,
      {
        name: args.containerName ?? "redis",
        // The image's content, not its name: a new build means a new container, and preview shows it.
        image: image.repoDigest,
        ports: [{ internal: 6379, external: port, ip: bindAddress }],
        restart: "unless-stopped",
        // By its answer: redis-cli succeeds on an error reply too.
        healthcheck: {
          tests: ["CMD-SHELL", "redis-cli ping | grep -q PONG"],
          interval: "2s",
          timeout: "2s",
          retries: 5,
        },
        wait: true,
        labels: args.owner.dockerLabels,
      },
      // The name and the port can be had once only. On destroy the container goes before its image.
      pulumi.mergeOptions(child, { deleteBeforeReplace: true, dependsOn: tag }),
    );

    this.outputs = pulumi
      .all([bindAddress, port, image.imageName, container.name])
      .apply(([address, port, image, container]) => ({ host: localHost(address), port, image, container }));
    this.registerOutputs({ outputs: this.outputs });
  }
}
