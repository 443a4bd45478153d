import * as pulumi from "@pulumi/pulumi";

/** A resource as the program registered it. */
export interface Registered {
  type: string;
  name: string;
  /** The inputs, with the secret ones in plain text. */
  inputs: Record<string, unknown>;
  /** Paths of the inputs that were secret, such as `stringData.password`. */
  secrets: string[];
  /** Name of the parent. */
  parent?: string;
  /** Name of the provider. */
  provider?: string;
  custom: boolean;
  /** Id of an object that was read, not made. */
  id?: string;
  /** Names of the resources that it waits for. */
  dependencies: string[];
  deleteBeforeReplace: boolean;
  ignoreChanges: string[];
  /** What has the resource made anew when it changes. */
  replacementTrigger?: unknown;
  /** Patience, `5m` each. */
  timeouts?: { create: string; update: string; delete: string };
  protect: boolean;
  retainOnDelete: boolean;
  replaceOnChanges: string[];
  /** What else it was called, but for the older types that its SDK knows. */
  aliases: object[];
}

type Inputs = Record<string, unknown>;
type Teaching = (inputs: Inputs, name: string) => { id: string; computed?: Inputs };

const kubernetesId = (inputs: Inputs) => {
  const { namespace, name } = inputs.metadata as { namespace?: string; name: string };
  return namespace ? `${namespace}/${name}` : name;
};
const byId: Teaching = (_, name) => ({ id: `id-of-${name}` });
const byName: Teaching = (inputs) => ({ id: inputs.name as string });
const kubernetes: Teaching = (inputs) => ({ id: kubernetesId(inputs) });

export const nodeIp = "192.168.49.2";

/** What every type that may be registered computes, as the original plugins do. There are no others. */
const taught: Record<string, Teaching> = {
  "pulumi:providers:docker": byId,
  "pulumi:providers:kubernetes": byId,
  "random:index/randomId:RandomId": () => ({ id: "ChsrPA", computed: { hex: "0a1b2c3d" } }),
  "random:index/randomPassword:RandomPassword": (_, name) => ({
    id: "none",
    computed: { result: pulumi.secret(`secret-of-${name}`) },
  }),
  "docker:index/image:Image": (inputs) => ({
    id: inputs.imageName as string,
    computed: { repoDigest: `sha256:built-${String(inputs.imageName)}` },
  }),
  "docker:index/remoteImage:RemoteImage": (inputs) => ({
    id: `sha256:pulled-${String(inputs.name)}${String(inputs.name)}`,
    computed: { imageId: `sha256:pulled-${String(inputs.name)}` },
  }),
  "docker:index/container:Container": byId,
  "docker:index/network:Network": byId,
  "docker:index/volume:Volume": byName,
  "kubernetes:core/v1:Namespace": kubernetes,
  "kubernetes:core/v1:Secret": kubernetes,
  "kubernetes:core/v1:PersistentVolumeClaim": kubernetes,
  "kubernetes:core/v1:Service": kubernetes,
  "kubernetes:apps/v1:Deployment": kubernetes,
  "kubernetes:networking.k8s.io/v1:NetworkPolicy": kubernetes,
  "kubernetes:core/v1:ResourceQuota": kubernetes,
  "kubernetes:core/v1:LimitRange": kubernetes,
  "kubernetes:core/v1:ServiceAccount": kubernetes,
  "kubernetes:rbac.authorization.k8s.io/v1:RoleBinding": kubernetes,
  "kubernetes:admissionregistration.k8s.io/v1:ValidatingAdmissionPolicy": kubernetes,
  "kubernetes:admissionregistration.k8s.io/v1:ValidatingAdmissionPolicyBinding": kubernetes,
  "kubernetes:core/v1:Node": () => ({
    id: "minikube",
    computed: {
      status: {
        addresses: [
          { type: "Hostname", address: "minikube" },
          { type: "InternalIP", address: nodeIp },
        ],
      },
    },
  }),
  "course:labs:LabOwner": byId,
  "course:labs:RedisLab": byId,
  "course:labs:RegistryLab": byId,
  "course:labs:ComposeWordPress": byId,
  "course:labs:KubernetesWordPress": byId,
  "course:labs:StatefulWorkload": byId,
  "course:labs:Class": byId,
  "course:labs:ClassRules": byId,
  "course:labs:Seat": byId,
};

/** Opens the secrets in a value, and notes where they were. */
function open(value: unknown, path: string, secrets: string[]): unknown {
  if (pulumi.runtime.isRpcSecret(value)) {
    secrets.push(path);
    return open(pulumi.runtime.unwrapRpcSecret(value), path, secrets);
  }
  if (Array.isArray(value)) return value.map((item, i) => open(item, `${path}[${i}]`, secrets));
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [key, open(item, path ? `${path}.${key}` : key, secrets)]),
  );
}

/** `urn:pulumi:stack::project::type::name`, and for a provider `::id` after it. */
const nameOf = (urn: string) => urn.split("::")[3];

/** What the mocks of Pulumi leave out of what they hand over: the options. */
interface Request {
  getName(): string;
  getParent(): string;
  getDependenciesList(): string[];
}
interface RegisterRequest extends Request {
  getDeletebeforereplace(): boolean;
  getIgnorechangesList(): string[];
  getReplacementTrigger(): { toJavaScript(): unknown } | undefined;
  getCustomtimeouts(): { getCreate(): string; getUpdate(): string; getDelete(): string } | undefined;
  getProtect(): boolean | undefined;
  getRetainondelete(): boolean | undefined;
  getReplaceonchangesList(): string[];
  getAliasesList(): { getUrn(): string; getSpec(): { toObject(): Record<string, unknown> } | undefined }[];
}
interface Monitor {
  registerResource(request: RegisterRequest, callback: unknown): Promise<void>;
  readResource(request: Request, callback: unknown): Promise<void>;
}

function timeoutsOf(request: RegisterRequest): Registered["timeouts"] {
  const timeouts = request.getCustomtimeouts();
  return timeouts && { create: timeouts.getCreate(), update: timeouts.getUpdate(), delete: timeouts.getDelete() };
}

/** The aliases but those that say another type and the same parent, which the SDKs give their own resources. */
const aliasesOf = (request: RegisterRequest): object[] =>
  request.getAliasesList().flatMap((alias) => {
    const { type, parenturn, ...others } = alias.getSpec()?.toObject() ?? {};
    const own = [alias.getUrn(), ...Object.values(others), !type].some(Boolean);
    return own ? [{ urn: alias.getUrn(), type, parenturn, ...others }] : [];
  });

/** What a run of the program made. */
export class Recording {
  readonly resources: Registered[] = [];

  /** The resource of a name, or of a type and a name. */
  get(name: string): Registered {
    const found = this.resources.filter((resource) => resource.name === name && resource.custom);
    if (found.length !== 1) throw new Error(`${found.length} resources are called ${name}, not one`);
    return found[0]!;
  }

  /** Every resource as `type name < parent`, in alphabetical order. */
  get list(): string[] {
    return this.resources.map(({ type, name, parent }) => `${type} ${name}${parent ? ` < ${parent}` : ""}`).sort();
  }

  ofType(type: string): Registered[] {
    return this.resources.filter((resource) => resource.type === type);
  }
}

/**
 * Runs a program against the mocks, to the end of all that it registers.
 * @param computed computed outputs that differ from the usual ones, by name of the resource
 */
export async function record<T>(
  program: () => T,
  computed: Record<string, Inputs> = {},
): Promise<{ result: T; recording: Recording }> {
  const recording = new Recording();
  const options = new Map<string, Partial<Registered>>();
  const failures: Error[] = [];
  const refuse = (what: string): never => {
    const failure = new Error(`the mocks were not taught ${what}`);
    failures.push(failure);
    throw failure;
  };

  await pulumi.runtime.setMocks(
    {
      call: ({ token }) => refuse(`to call ${token}`),
      newResource: ({ type, name, inputs: raw, custom, provider, id }) => {
        const teaching = taught[type] ?? refuse(`the type ${type} of ${name}`);
        const secrets: string[] = [];
        const inputs = open(raw, "", secrets) as Inputs;
        recording.resources.push({
          ...{ type, name, inputs, secrets, custom: custom ?? false },
          ...(provider ? { provider: nameOf(provider) } : {}),
          ...(id ? { id } : {}),
          ...{ dependencies: [], deleteBeforeReplace: false, ignoreChanges: [] },
          ...{ protect: false, retainOnDelete: false, replaceOnChanges: [], aliases: [] },
          ...options.get(`${type} ${name}`),
        });
        const made = teaching(inputs, name);
        return { id: made.id, state: { ...(raw as Inputs), ...made.computed, ...computed[name] } };
      },
    },
    "course-labs",
    "dev",
  );

  const monitor = pulumi.runtime.getMonitor() as unknown as Monitor;
  const note = (request: Request & { getType(): string }, more: Partial<Registered>) =>
    options.set(`${request.getType()} ${request.getName()}`, {
      ...(request.getParent() ? { parent: nameOf(request.getParent()) } : {}),
      dependencies: request.getDependenciesList().map((urn) => nameOf(urn)!),
      ...more,
    });
  const register = monitor.registerResource.bind(monitor);
  monitor.registerResource = (request, callback) => {
    note(request as RegisterRequest & { getType(): string }, {
      deleteBeforeReplace: request.getDeletebeforereplace(),
      ignoreChanges: request.getIgnorechangesList(),
      replacementTrigger: request.getReplacementTrigger()?.toJavaScript(),
      timeouts: timeoutsOf(request),
      protect: request.getProtect() ?? false,
      retainOnDelete: request.getRetainondelete() ?? false,
      replaceOnChanges: request.getReplaceonchangesList(),
      aliases: aliasesOf(request),
    });
    return register(request, callback);
  };
  const read = monitor.readResource.bind(monitor);
  monitor.readResource = (request, callback) => {
    note(request as Request & { getType(): string }, {});
    return read(request, callback);
  };

  const result = program();
  await (pulumi.runtime as unknown as { waitForRPCs(): Promise<void> }).waitForRPCs();
  if (failures[0]) throw failures[0];
  return { result, recording };
}

/** The value of an output, to be awaited: an assert inside `apply` would fail unseen. */
export function promiseOf<T>(output: pulumi.Output<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    // The rejection of an output is not reported to `apply`, only to its promise, which the types do not show.
    (output as unknown as { promise(): Promise<T> }).promise().then(resolve, reject);
  });
}

/** Names of the resources that an output is not known before. */
export async function waitsFor(output: pulumi.Output<unknown>): Promise<string[]> {
  const { allResources } = output as unknown as { allResources: () => Promise<Set<{ __name: string }>> };
  return [...(await allResources())].map(({ __name }) => __name).sort();
}

/** An object without some of its keys. */
export function without<T extends object>(object: T, ...keys: string[]): Record<string, unknown> {
  return Object.fromEntries(Object.entries(object).filter(([key]) => !keys.includes(key)));
}

/** The labels of every Docker object, with what the mocks compute. */
export const dockerLabels = [
  { label: "course-labs.project", value: "course-labs" },
  { label: "course-labs.stack", value: "dev" },
  { label: "course-labs.id", value: "0a1b2c3d" },
];

/** The labels of every Kubernetes object that say whose it is, with what the mocks compute. */
export const kubernetesLabels = {
  "course-labs/project": "course-labs",
  "course-labs/stack": "dev",
  "course-labs/id": "0a1b2c3d",
  "app.kubernetes.io/managed-by": "pulumi",
};

/**
 * Values that two instances of a component both claim, although only one of them can have it: names of Docker objects,
 * published ports, namespaces and the objects in them.
 */
export function sharedNames(recording: Recording, first: string, second: string): string[] {
  const claims = (instance: string) =>
    recording.resources
      .filter(({ name, id }) => name.startsWith(`${instance}-`) && !id)
      .flatMap(({ type, inputs }) => {
        const { name, imageName, keepLocally, metadata, ports, spec } = inputs as {
          name?: string;
          imageName?: string;
          keepLocally?: boolean;
          metadata?: { namespace?: string; name: string };
          ports?: { external: number }[];
          spec?: { ports?: { nodePort?: number }[] };
        };
        return [
          // Two labs may well run the same pulled image.
          ...(name && !keepLocally ? [`${type} ${name}`] : []),
          ...(imageName ? [`${type} ${imageName}`] : []),
          ...(metadata ? [`${type} ${metadata.namespace}/${metadata.name}`] : []),
          ...(ports ?? []).map(({ external }) => `port ${external}`),
          ...(spec?.ports ?? []).flatMap(({ nodePort }) => (nodePort ? [`port ${nodePort}`] : [])),
        ];
      });
  const taken = claims(first);
  if (taken.length === 0) throw new Error(`nothing is called ${first}-something`);
  return claims(second).filter((claim) => taken.includes(claim));
}
