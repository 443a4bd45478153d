import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import type * as pulumi from "@pulumi/pulumi";
import type {
  ReadResourceRequest,
  RegisterResourceOutputsRequest,
  RegisterResourceRequest,
  ResourceInvokeRequest,
} from "@pulumi/pulumi/proto/resource_pb";
import { nameOf } from "./labs";

export interface Registered {
  urn: string;
  type: string;
  name: string;
  /** URN of the parent. */
  parent?: string;
  /** URN of the provider, where it is one of the program's own. */
  provider?: string;
  /** Secrets and unknown values are marked in them as Pulumi marks them. */
  inputs: Record<string, unknown>;
  ignoreChanges: string[];
  /** URNs that it was known by. */
  aliases?: string[];
  /** Properties whose edit makes it anew, whatever the plugin says. */
  replaceOnChanges?: string[];
  /** It is looked up, not made. */
  read: boolean;
  /** It only holds others together; no plugin makes it. */
  component?: boolean;
  /** What a component tells Pulumi to note as its result. */
  outputs?: Record<string, unknown>;
  /** Its other options, those that are set, as text. */
  options?: Partial<Record<Option, string>>;
}

/** A function of a plugin that a program calls, or an object that it looks up. */
export interface Lookup {
  token: string;
  /** What it asks for, as text. */
  of: string;
}

export interface Observed {
  /** With the stack's own outputs, as the inputs of the last one. */
  resources: Registered[];
  lookups: Lookup[];
}

export const stackOutputs = { type: "pulumi:pulumi:Stack", name: "outputs" } as const;

/** The Pulumi of a program: two revisions may have two. */
export interface PulumiModules {
  pulumi: typeof pulumi;
  /** `@pulumi/pulumi/runtime/state`, which keeps programs that run in one process apart. */
  state: { withLocalStorage<T>(callback: () => T): T; getStore(): object };
}

export interface RegisterOptions extends PulumiModules {
  project: string;
  stack: string;
  /** Every setting, `course-labs:labs` and so on, as text. */
  config: Record<string, string>;
}

/** What begins the value that stands for a generated password. */
export const generated = "generated:";

/** How Pulumi's engine writes a value that is not known yet. */
export const unknownValue = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";

/** How Pulumi marks a secret inside a value. @see https://www.pulumi.com/docs/iac/concepts/secrets/ */
export const secretSignature = "4dabf18193072939515e22adb298388d";

/** Under which name what forces a replacement, where it changes, stands beside the inputs. */
export const trigger = "replacementTrigger";

/** What stands for a function that may change everything that a program registers. */
export const ofAll = "registerResourceTransform";

/** What stands for a program that prints a password. */
export const prints = "print";

/** A generated password, alone or in a longer text. */
export const hasGenerated = (text: string) => new RegExp(`${generated}\\S+:[0-9a-f]{8}`).test(text);

export const digest = (value: unknown) => createHash("sha256").update(JSON.stringify(value)).digest("hex");

function contentOf(folder: unknown): unknown {
  if (typeof folder !== "string") return folder;
  const at = resolve(folder);
  return readdirSync(at, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .sort()
    .map((file) => [file.slice(at.length), readFileSync(file, "base64")]);
}

type Inputs = Record<string, unknown>;

/**
 * What a resource would compute, where the labs hand it on to another: equal as long as what it is made of is equal, so
 * that a changed Dockerfile shows in the container. Everything else that is computed is unknown, as in a first preview.
 */
function computed(type: string, name: string, inputs: Inputs, ignored: string[], secret: (v: string) => unknown) {
  const madeOf = Object.entries(inputs).filter(([key]) => !ignored.includes(key));
  switch (type) {
    case "docker:index/image:Image":
      return { repoDigest: `sha256:${digest([madeOf, contentOf((inputs.build as Inputs | undefined)?.context)])}` };
    case "docker:index/remoteImage:RemoteImage":
      return { imageId: `sha256:${digest(inputs.name)}` };
    case "random:index/randomPassword:RandomPassword":
      return { result: secret(`${generated}${name}:${digest(madeOf).slice(0, 8)}`) };
    case "random:index/randomId:RandomId":
      return { hex: digest(madeOf).slice(0, 8) };
    default:
      return {};
  }
}

/** What a program asks Pulumi for. The Pulumi of an earlier revision may not know each of it yet. */
type Request = Pick<RegisterResourceRequest, "getType" | "getName" | "getParent" | "getProvider"> &
  Partial<RegisterResourceRequest & Pick<ReadResourceRequest, "getId" | "getProperties">>;
type Answered = (error: null, answer: object) => void;

/** The mocks of Pulumi's, which keep most of this to themselves. */
interface Monitor {
  resources: Map<string, { urn: string; id: string; state: object }>;
  newUrn(parent: string, type: string, name: string): string;
  invoke(request: ResourceInvokeRequest, callback: unknown): Promise<void>;
  registerResource(request: Request, callback: unknown): Promise<void>;
  readResource(request: Request, callback: unknown): Promise<void>;
  registerResourceOutputs(request: RegisterResourceOutputsRequest, callback: unknown): void;
  registerResourceHook(request: unknown, callback: Answered): void;
  registerErrorHook(request: unknown, callback: Answered): void;
}

/** The functions that run before, after or instead of a step: `afterCreate: tell`. */
const hooksOf = (hooks: object) =>
  Object.entries(hooks as Record<string, string[]>).flatMap(([when, names]) =>
    names.map((name) => `${when.replace(/List$/, "")}: ${name}`),
  );

/** The times that are set. A newer Pulumi has more that are not. */
const timesOf = (times: object = {}) => {
  const set = Object.entries(times).filter(([, time]) => time !== "");
  return set.length > 0 ? Object.fromEntries(set) : undefined;
};

/** How an option is asked for; what is not set is empty. */
const options = {
  additionalSecretOutputs: (request) => request.getAdditionalsecretoutputsList?.(),
  customTimeouts: (request) => timesOf(request.getCustomtimeouts?.()?.toObject()),
  // Not told where the plugin decides.
  deleteBeforeReplace: (request) =>
    request.getDeletebeforereplacedefined?.() ? request.getDeletebeforereplace?.() : undefined,
  deletedWith: (request) => [request.getDeletedwith?.()].filter(Boolean),
  dependsOn: (request) => request.getDependenciesList?.(),
  envVarMappings: (request) => request.getEnvvarmappingsMap?.().toObject(),
  hideDiffs: (request) => request.getHidediffsList?.(),
  hooks: (request) => hooksOf(request.getHooks?.()?.toObject() ?? {}),
  import: (request) => request.getImportid?.(),
  pluginDownloadURL: (request) => request.getPlugindownloadurl?.(),
  protect: (request) => request.getProtect?.() || undefined,
  replaceOnChanges: (request) => request.getReplaceonchangesList?.(),
  replaceWith: (request) => request.getReplaceWithList?.(),
  retainOnDelete: (request) => request.getRetainondelete?.() || undefined,
  stateMigrations: (request) => request.getStateMigrationsList?.().map(() => "a function"),
  // The mocks hand on the functions themselves.
  transforms: () => undefined,
  version: (request) => request.getVersion?.(),
} satisfies Record<string, (request: Request) => unknown>;
export type Option = keyof typeof options;
export const optionNames = Object.keys(options) as Option[];

function optionsOf(request: Request): Registered["options"] {
  const asked = Object.entries(options).map(([name, ask]) => [name, ask(request)] as const);
  return Object.fromEntries(
    asked
      .filter(([, value]) => value !== undefined && value !== "" && !(Array.isArray(value) && value.length === 0))
      .map(([name, value]) => [name, typeof value === "string" ? value : JSON.stringify(value)]),
  );
}

/** What a lookup finds: an address that no machine has, where the labs print the node's. */
const lookedUp = (type: string): Inputs =>
  type === "kubernetes:core/v1:Node" ? { status: { addresses: [{ type: "InternalIP", address: "192.0.2.1" }] } } : {};

class Recorder {
  readonly found: Registered[] = [];
  readonly lookups: Lookup[] = [];

  constructor(
    private readonly project: string,
    private readonly stack: string,
  ) {}

  /** As the engine names a resource: with the types of all that it is in. */
  readonly urnOf = (parent: string, type: string, name: string): string => {
    const types = parent === "" || parent.includes("::pulumi:pulumi:Stack::") ? "" : `${parent.split("::")[2]}$`;
    return `urn:pulumi:${this.stack}::${this.project}::${types}${type}::${name}`;
  };

  /** What it was called before, also because of what its parent was called. */
  private aliasesOf(request: Request, parent: Registered | undefined): string[] {
    const [type, name] = [request.getType(), request.getName()];
    const inherited = (parent?.aliases ?? []).map((alias) => {
      // A part that bears the parent's name bore the old one.
      const part = name.startsWith(parent!.name) ? nameOf(alias) + name.slice(parent!.name.length) : name;
      return this.urnOf(alias, type, part);
    });
    return [...new Set([...(request.getAliasurnsList?.() ?? []), ...inherited])];
  }

  private note(request: Request, read: boolean): void {
    const [type, name] = [request.getType(), request.getName()];
    const parent = this.found.find(({ urn }) => urn === request.getParent());
    const provider = request.getProvider().replace(/::[^:]*$/, "");
    if (read) this.lookups.push({ token: type, of: request.getId?.() ?? "" });
    const forced = request.getReplacementTrigger?.();
    this.found.push({
      ...{ urn: this.urnOf(request.getParent(), type, name), type, name },
      ...{ ...(parent ? { parent: parent.urn } : {}), ...(provider ? { provider } : {}) },
      inputs: {
        ...(request.getObject?.() ?? request.getProperties?.())?.toJavaScript(),
        ...(forced ? { [trigger]: forced.toJavaScript() } : {}),
      },
      ignoreChanges: request.getIgnorechangesList?.() ?? [],
      aliases: this.aliasesOf(request, parent),
      replaceOnChanges: request.getReplaceonchangesList?.() ?? [],
      read,
      component: !read && request.getCustom?.() === false,
      options: read ? {} : optionsOf(request),
    });
  }

  listen(monitor: Monitor): void {
    // The mocks have only the nearest parent's type in a URN.
    monitor.newUrn = this.urnOf;
    // They know none of the hooks, and whatever has one would never be registered.
    for (const verb of ["registerResourceHook", "registerErrorHook"] as const)
      monitor[verb] = (_, callback) => callback(null, {});
    for (const verb of ["registerResource", "readResource"] as const) {
      const original = monitor[verb].bind(monitor);
      monitor[verb] = (request, callback) => {
        this.note(request, verb === "readResource");
        return original(request, callback);
      };
    }
    const invoke = monitor.invoke.bind(monitor);
    monitor.invoke = (request, callback) => {
      // A resource that the state has (option `urn`): the mocks know only those that the program makes.
      if (request.getTok() === "pulumi:pulumi:getResource") {
        const { urn } = request.getArgs()!.toJavaScript() as { urn: string };
        this.lookups.push({ token: request.getTok(), of: urn });
        if (!monitor.resources.has(urn)) monitor.resources.set(urn, { urn, id: "", state: {} });
      }
      return invoke(request, callback);
    };
    const original = monitor.registerResourceOutputs.bind(monitor);
    monitor.registerResourceOutputs = (request, callback) => {
      const of = this.found.find(({ urn }) => urn === request.getUrn());
      if (of) of.outputs = request.getOutputs()?.toJavaScript() ?? {};
      original(request, callback);
    };
  }

  mocks(secret: (value: string) => unknown): pulumi.runtime.Mocks {
    const changesAll = (transform: unknown) => void this.lookups.push({ token: ofAll, of: String(transform) });
    return {
      registerTransform: changesAll,
      registerInvokeTransform: changesAll,
      call: ({ token, inputs }) => {
        this.lookups.push({ token, of: JSON.stringify(inputs) });
        return {};
      },
      // The mocks ask at once, before anything else is registered: it is about the last one that was found.
      newResource: ({ id, transforms = [] }) => {
        const noted = this.found[this.found.length - 1]!;
        const { type, name, inputs, ignoreChanges, read, component } = noted;
        if (transforms.length > 0) noted.options!.transforms = JSON.stringify(transforms.map(String));
        const state = read ? lookedUp(type) : { ...inputs, ...computed(type, name, inputs, ignoreChanges, secret) };
        // An output that waits for a resource to be there is told, too.
        return { id: id || (component ? undefined : digest([type, name])), state };
      },
    };
  }
}

/**
 * Runs a program without Pulumi's engine, plugins, Docker or a cluster, as if for a first preview, and tells what it
 * registers. Runs beside other programs in this process without touching them.
 * @throws what the program throws
 */
export async function observe(program: () => unknown, options: RegisterOptions): Promise<Observed> {
  const { project, stack, config } = options;
  const { runtime, secret } = options.pulumi;
  const recorder = new Recorder(project, stack);
  const { found, lookups } = recorder;
  let outputs: Inputs = {};
  const failures: unknown[] = [];
  const failed = (reason: unknown) => failures.push(reason);

  // Nobody waits for what the program computes of its resources; its failures arrive here.
  process.on("unhandledRejection", failed);
  const streams = [process.stdout, process.stderr].map((stream) => ({ stream, write: stream.write.bind(stream) }));
  for (const { stream, write } of streams) {
    stream.write = (chunk: string | Uint8Array, ...rest: never[]) => {
      if (hasGenerated(String(chunk))) lookups.push({ token: prints, of: "" });
      return write(chunk, ...rest);
    };
  }
  try {
    await options.state.withLocalStorage(async () => {
      await runtime.setMocks(recorder.mocks(secret), project, stack, true);
      // The one thing that the mocks say they cannot; and where transformations of everything are kept.
      const urn = options.pulumi.output(recorder.urnOf("", stackOutputs.type, `${project}-${stack}`));
      const kept = { __aliases: [], __providers: {}, __transformations: [], getProvider: () => undefined };
      const root = { __pulumiResource: true, urn, ...kept };
      // Pulumi resolves aliases by itself where the engine cannot.
      const can = { supportsAliasSpecs: false, supportsStateMigrations: true };
      Object.assign(options.state.getStore(), { ...can, stackResource: root });
      runtime.setAllConfig(config);
      recorder.listen(runtime.getMonitor() as unknown as Monitor);
      const exported = program();
      // What is made after something was waited for counts, too.
      const told = await (typeof exported === "function" ? (exported as () => unknown)() : exported);
      const isObject = typeof told === "object" && told !== null;
      outputs = await runtime.serializeProperties("outputs", isObject ? { ...told } : {});
      let known: number;
      do {
        known = found.length;
        await (runtime as unknown as { waitForRPCs(): Promise<void> }).waitForRPCs();
        // Rejections are reported only once the work that is queued is done, and more may be made by it.
        await new Promise((done) => setImmediate(done));
      } while (found.length > known);
    });
  } finally {
    process.off("unhandledRejection", failed);
    for (const { stream, write } of streams) stream.write = write;
  }
  if (failures.length > 0) throw failures[0];
  const { type, name } = stackOutputs;
  const own = { urn: recorder.urnOf("", type, name), type, name, inputs: outputs, ignoreChanges: [], read: false };
  return { resources: [...found, own], lookups };
}

/** The resources of a program, and its outputs among them. @throws what the program throws */
export const register = async (program: () => unknown, options: RegisterOptions): Promise<Registered[]> =>
  (await observe(program, options)).resources;
