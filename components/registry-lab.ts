import * as docker from "@pulumi/docker";
import * as pulumi from "@pulumi/pulumi";
import { RegistryOutputs } from "../outputs";
import { LabOwner } from "./lab-owner";

export interface RegistryLabArgs {
  /** Labels of all objects. */
  owner: LabOwner;
  /**
   * Image to pull and run. It must contain `sleep`.
   * @default "debian:12"
   * @see https://docs.docker.com/reference/cli/docker/image/pull/
   */
  image?: pulumi.Input<string>;
  /** Name of the container. @default "debian" */
  containerName?: pulumi.Input<string>;
}

/** The lab "use a registry": a Debian container that keeps running, for students to explore with `docker exec`. */
export class RegistryLab extends pulumi.ComponentResource {
  readonly outputs: pulumi.Output<RegistryOutputs>;

  constructor(name: string, args: RegistryLabArgs, opts?: pulumi.ComponentResourceOptions) {
    super("course:labs:RegistryLab", name, {}, opts);
    const child: pulumi.CustomResourceOptions = { parent: this };

    const image = new docker.RemoteImage(
      `${name}-image`,
      // Other labs may use the same image, and pulling it again takes time, so destroy keeps it.
      { name: args.image ?? "debian:12", keepLocally: true },
      child,
    );

    const container = new docker.Container(
      `${name}-container`,
      {
        name: args.containerName ?? "debian",
        image: image.imageId,
        command: ["sleep", "infinity"],
        // Process 1 ignores SIGTERM unless it handles it, which sleep does not: without init `docker stop` would take 10 s.
        init: true,
        // With mustRun, `up` would replace a stopped container, and the student would lose the files in it.
        mustRun: false,
        restart: "no",
        labels: args.owner.dockerLabels,
      },
      pulumi.mergeOptions(child, {
        deleteBeforeReplace: true,
        // A newer image with the same name must not replace the container and its files; a different name does.
        ignoreChanges: ["image"],
        replacementTrigger: args.image ?? "debian:12",
      }),
    );

    this.outputs = pulumi.output({ image: image.name, container: container.name });
    this.registerOutputs({ outputs: this.outputs });
  }
}
