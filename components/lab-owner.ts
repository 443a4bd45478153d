import * as pulumi from "@pulumi/pulumi";
import * as random from "@pulumi/random";
import { dockerLabelKeys, kubernetesLabelKeys } from "./names";

/**
 * What Kubernetes accepts as a label's value: at most 63 characters with a letter or digit at either end.
 * @see https://kubernetes.io/docs/concepts/overview/working-with-objects/labels/#syntax-and-character-set
 */
export function labelValue(text: string): string {
  return text.slice(0, 63).replace(/^[^a-zA-Z0-9]+|[^a-zA-Z0-9]+$/g, "");
}

/**
 * Whose objects these are. Two students on one machine may both call their stack "dev", so a random id tells their
 * containers apart; an object that a broken run left behind can be found by it, and no one else's is touched.
 */
export class LabOwner extends pulumi.ComponentResource {
  /** Eight hexadecimal digits, the same for as long as the stack lives. */
  readonly id: pulumi.Output<string>;
  /** For containers, networks and volumes. */
  readonly dockerLabels: { label: string; value: pulumi.Output<string> }[];
  /** For Kubernetes objects. */
  readonly kubernetesLabels: Record<string, pulumi.Output<string>>;
  /**
   * For Kubernetes objects: every run applies as one field manager, and with force. What a stopped run had made, or somebody
   * changed with `kubectl scale` or in a dashboard, is set right, and is no conflict.
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
