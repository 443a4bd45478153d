import * as docker from "@pulumi/docker";
import * as pulumi from "@pulumi/pulumi";
import { RegistryOutputs } from "../outputs";
import { LabOwner } from "./lab-owner";

export interface RegistryLabArgs {
  /** Labels of the objects that are made. */
  owner: LabOwner;
  /**
   * Image to pull and run; it must have `sleep`.
   * @default "debian:12"
   * @see https://docs.docker.com/reference/cli/docker/image/pull/
   */
  image?: pulumi.Input<string>;
  /** Name of the container. @default "debian" */
  containerName?: pulumi.Input<string>;
}

/** The lab "use a registry": a pulled Debian that stays up, for students to look around in with `docker exec`. */
export class RegistryLab extends pulumi.ComponentResource {
  readonly outputs: pulumi.Output<RegistryOutputs>;

  constructor(name: string, args: RegistryLabArgs, opts?: pulumi.ComponentResourceOptions) {
    super("course:labs:RegistryLab", name, {}, opts);
    const child: pulumi.CustomResourceOptions = { parent: this };

    const image = new docker.RemoteImage(
      `${name}-image`,
      // A pulled image is a cache, other labs may use it: destroy leaves it.
      { name: args.image ?? "debian:12", keepLocally: true },
      child,
    );

    const container = new docker.Container(
      `${name}-container`,
      {
        name: args.containerName ?? "debian",
        image: image.imageId,
        command: ["sleep", "infinity"],
        // Process 1 ignores the signal to stop unless it handles it, and sleep does not: `docker stop` would take 10 s.
        init: true,
        // A student who stops the container keeps what is written in it; with mustRun the next `up` would replace it.
        mustRun: false,
        restart: "no",
        labels: args.owner.dockerLabels,
      },
      pulumi.mergeOptions(child, {
        deleteBeforeReplace: true,
        // A newer image of that name is no reason to throw away what was written inside; another name is.
        ignoreChanges: ["image"],
        replacementTrigger: args.image ?? "debian:12",
      }),
    );

    this.outputs = pulumi.output({ image: image.name, container: container.name });
    this.registerOutputs({ outputs: this.outputs });
  }
}
