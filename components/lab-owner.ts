import * as pulumi from "@pulumi/pulumi";
import * as random from "@pulumi/random";
import { dockerLabelKeys, kubernetesLabelKeys } from "./names";

/**
 * Shortens a text to a valid label value: at most 63 characters, beginning and ending with a letter or digit.
 * @see https://kubernetes.io/docs/concepts/overview/working-with-objects/labels/#syntax-and-character-set
 */
export function labelValue(text: string): string {
  return text.slice(0, 63).replace(/^[^a-zA-Z0-9]+|[^a-zA-Z0-9]+$/g, "");
}

/**
 * Labels that identify the objects of a stack. Two students on one machine may both call their stack "dev", so the labels
 * include a random id. With it, objects left by an interrupted run can be found without touching anyone else's.
 */
export class LabOwner extends pulumi.ComponentResource {
  /** Eight hexadecimal digits that do not change during the lifetime of the stack. */
  readonly id: pulumi.Output<string>;
  /** For containers, networks and volumes. */
  readonly dockerLabels: { label: string; value: pulumi.Output<string> }[];
  /** For Kubernetes objects. */
  readonly kubernetesLabels: Record<string, pulumi.Output<string>>;
  /**
   * For Kubernetes objects: all runs apply with the same field manager and with force. Objects of an interrupted run, and
   * changes made with `kubectl scale` or in a dashboard, are then overwritten instead of causing a conflict.
   * @see https://www.pulumi.com/registry/packages/kubernetes/how-to-guides/managing-resources-with-server-side-apply/
   */
  readonly kubernetesAnnotations = {
    "pulumi.com/patchFieldManager": "course-labs",
    "pulumi.com/patchForce": "true",
  };

  constructor(name: string, opts?: pulumi.ComponentResourceOptions) {
    super("course:labs:LabOwner", name, {}, opts);

    this.id = new random.RandomId(`${name}-id`, { byteLength: 4 }, { parent: this }).hex;

    const project = pulumi.output(pulumi.getProject());
    const stack = pulumi.output(pulumi.getStack());
    this.dockerLabels = [
      { label: dockerLabelKeys.project, value: project },
      { label: dockerLabelKeys.stack, value: stack },
      { label: dockerLabelKeys.id, value: this.id },
    ];
    this.kubernetesLabels = {
      [kubernetesLabelKeys.project]: project.apply(labelValue),
      [kubernetesLabelKeys.stack]: stack.apply(labelValue),
      [kubernetesLabelKeys.id]: this.id,
      "app.kubernetes.io/managed-by": pulumi.output("pulumi"),
    };

    this.registerOutputs({ id: this.id });
  }
}
