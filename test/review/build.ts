import { changesOf } from "../../tools/review/collect";
import { judge } from "../../tools/review/judge";
import { Change, Inputs, Op, Property, Warning } from "../../tools/review/resources/model";
import { differences, plain, shown } from "../../tools/review/resources/values";

const components: Record<string, string> = {
  redis: "course:labs:RedisLab",
  registry: "course:labs:RegistryLab",
  compose: "course:labs:ComposeWordPress",
  kubernetes: "course:labs:KubernetesWordPress",
};

export const urn = (lab: string, type: string, name: string) =>
  `urn:pulumi:dev::course-labs::${components[lab] ?? "course:labs:Other"}$${type}::${name}`;

/** What of a change a test is about. */
export interface About {
  type: string;
  lab?: string;
  name?: string;
  before?: Inputs;
  after?: Inputs;
  /** @default what before and after say: an update where there are both */
  op?: Op;
  /** Properties that force a replacement. */
  forcing?: string[];
  properties?: Property[];
}

/** A change as the engine would tell it. */
export function change({
  type,
  lab = "kubernetes",
  name = "thing",
  before,
  after,
  op,
  forcing = [],
  properties,
}: About): Change {
  const [old, now] = [before && plain(before, type), after && plain(after, type)];
  const is = op ?? (old && now ? (forcing.length > 0 ? "replace" : "update") : old ? "delete" : "create");
  const found = differences(old ?? {}, now ?? {}).map(({ path, old, new: is }) => ({
    path,
    ...(old === undefined ? {} : { old: shown(old) }),
    ...(is === undefined ? {} : { new: shown(is) }),
    forcesReplacement: forcing.some((start) => path.startsWith(start)),
  }));
  return {
    ...{ urn: urn(lab, type, name), lab, type, name, op: is },
    properties: properties ?? (old && now ? found : []),
    ...{ basis: "engine" as const, already: false },
    ...(old ? { before: old } : {}),
    ...(now ? { after: now } : {}),
  };
}

/** A lab that goes or comes as a whole. */
export const lab = (name: string, op: "create" | "delete"): Change => ({
  ...change({ type: components[name]!, lab: name, name, op }),
  urn: `urn:pulumi:dev::course-labs::${components[name]}::${name}`,
});

/** `kind danger resource`, of every warning. */
export const told = (warnings: readonly Warning[]) =>
  warnings.map(({ kind, dangerous, resource, lab }) => `${kind}${dangerous ? "!" : ""} ${resource ?? lab}`);

/** What is said of changes. */
export const said = (...changes: Change[]) => told(judge(changes));

type Step = Parameters<typeof changesOf>[0][number];

/** A step of a preview, as an event of the engine tells it. */
export function step(
  op: Step["op"],
  about: { urn: string; type: string; old?: Inputs; new?: Inputs; more?: Partial<Step> },
): Step {
  const { urn, type } = about;
  const custom = type.startsWith("course:") ? undefined : true;
  const state = (inputs: Inputs) => ({
    ...{ type, urn, id: "", parent: "", provider: "", custom },
    inputs,
    outputs: {},
  });
  return {
    ...{ op, urn, type, provider: "" },
    ...(about.old ? { old: state(about.old) } : {}),
    ...(about.new ? { new: state(about.new) } : {}),
    ...about.more,
  };
}

export const container = "docker:index/container:Container";
export const volume = "docker:index/volume:Volume";
export const deployment = "kubernetes:apps/v1:Deployment";
export const service = "kubernetes:core/v1:Service";
export const claim = "kubernetes:core/v1:PersistentVolumeClaim";
export const password = "random:index/randomPassword:RandomPassword";

/** A Deployment as careful as the labs' own, with a claim. */
export function workload(image: string, more: { spec?: Inputs; pod?: Inputs; container?: Inputs } = {}): Inputs {
  return {
    metadata: { name: "mysql", namespace: "wordpress" },
    spec: {
      replicas: 1,
      strategy: { type: "Recreate" },
      template: {
        spec: {
          automountServiceAccountToken: false,
          securityContext: { runAsNonRoot: true, runAsUser: 999, seccompProfile: { type: "RuntimeDefault" } },
          volumes: [{ name: "data", persistentVolumeClaim: { claimName: "mysql-data" } }],
          containers: [
            {
              name: "mysql",
              image,
              resources: { requests: { cpu: "100m", memory: "256Mi" }, limits: { memory: "512Mi" } },
              readinessProbe: { exec: { command: ["true"] } },
              volumeMounts: [{ name: "data", mountPath: "/var/lib/mysql" }],
              securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: ["ALL"] } },
              ...more.container,
            },
          ],
          ...more.pod,
        },
      },
      ...more.spec,
    },
  };
}
