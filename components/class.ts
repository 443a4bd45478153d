import * as pulumi from "@pulumi/pulumi";
import { ClassOutputs, SeatOutputs } from "../outputs";
import { hostAndPort } from "./addresses";
import { ClassRules } from "./class-rules";
import { KubernetesWordPress, KubernetesWordPressArgs } from "./kubernetes-wordpress";
import { LabOwner } from "./lab-owner";
import { SeatPlace } from "./names";
import { Seat, SeatArgs } from "./seat";

export interface ClassArgs extends Pick<SeatArgs, "memory" | "storage" | "podNetwork"> {
  /** Labels of the created objects. */
  owner: LabOwner;
  /** Its seats, one at least. */
  seats: readonly SeatPlace[];
  /** Name of the rules in the cluster. */
  policy: string;
  /** Hours that access to a seat is handed out for. */
  hours: number;
  /** Host that people open node ports at. */
  host: pulumi.Input<string>;
  /** WordPress and MySQL in each seat from the beginning. @default none, the students make them */
  lab?: Omit<KubernetesWordPressArgs, "owner" | "namespace" | "within" | "nodePort">;
}

/** A class: a seat for each student on one cluster, and the rules that keep the seats apart. */
export class Class extends pulumi.ComponentResource {
  readonly outputs: pulumi.Output<ClassOutputs>;

  constructor(name: string, args: ClassArgs, opts?: pulumi.ComponentResourceOptions) {
    super("course:labs:Class", name, {}, opts);
    const { owner, memory, storage, podNetwork, lab } = args;
    const { binding } = new ClassRules(`${name}-rules`, { owner, policy: args.policy }, { parent: this });

    const seats = args.seats.map((place): pulumi.Output<SeatOutputs> => {
      const { namespace } = new Seat(
        `seat-${place.seat}`,
        { owner, memory, storage, podNetwork, rules: [binding], ...place },
        { parent: this },
      );
      const made =
        lab &&
        new KubernetesWordPress(
          `seat-${place.seat}-lab`,
          { ...lab, owner, namespace: place.namespace, within: namespace, nodePort: place.nodePort },
          { parent: this },
        );
      return pulumi
        .all([args.host, namespace.metadata.name, made?.outputs])
        .apply(([host, , { url } = { url: `http://${hostAndPort(host, place.nodePort)}` }]) => ({ ...place, url }));
    });

    this.outputs = pulumi.all(seats).apply((made) => ({ hours: args.hours, seats: made }));
    this.registerOutputs({ outputs: this.outputs });
  }
}
