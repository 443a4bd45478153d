import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import type * as pulumi from "@pulumi/pulumi";
import { nameOf } from "./labs";

/** A resource as a program registers it. */
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
  /** Properties whose edit is not applied. */
  ignoreChanges: string[];
  /** URNs that it was known by. */
  aliases?: string[];
  /** Properties whose edit makes it anew, whatever the plugin says. */
  replaceOnChanges?: string[];
  /** Whether it goes before the new one comes; not told where the plugin decides. */
  deleteBeforeReplace?: boolean;
  /** Pulumi refuses to delete it. */
  protect?: boolean;
  /** Pulumi leaves it where it is, and forgets it. */
  retainOnDelete?: boolean;
  /** It is looked up, not made. */
  read: boolean;
  /** It only holds others together; no plugin makes it. */
  component?: boolean;
  /** What a component tells Pulumi to note as its result. */
  outputs?: Record<string, unknown>;
  /** The options that have no field of their own here, those that are set, as text. */
  more?: Partial<Record<MoreOption, string>>;
}

/** A function of a plugin that a program calls, or an object that it looks up. */
export interface Lookup {
  token: string;
  /** What it asks for, as text. */
  of: string;
}

/** Everything that a program asks Pulumi for. */
export interface Observed {
  /** With the stack's own outputs, as the inputs of the last one. */
  resources: Registered[];
  lookups: Lookup[];
}

/** The type and the name of what stands for the outputs of the stack. */
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
export const ofAll = "transform";

export const digest = (value: unknown) => createHash("sha256").update(JSON.stringify(value)).digest("hex");

/** The content of a folder that an image is built from. */
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

/** What a program asks Pulumi for: the mocks hand over less, and lift a secret to the property that it is deep inside of. */
interface Request {
  getType(): string;
  getName(): string;
  getParent(): string;
  /** `urn::id` */
  getProvider(): string;
  getIgnorechangesList?(): string[];
  getReplaceonchangesList?(): string[];
  getReplacementTrigger?(): { toJavaScript(): unknown } | undefined;
  getDeletebeforereplacedefined?(): boolean;
  getDeletebeforereplace?(): boolean;
  getProtect?(): boolean | undefined;
  getRetainondelete?(): boolean | undefined;
  getAliasesList?(): Alias[];
  getCustom?(): boolean;
  getId?(): string;
  getImportid?(): string;
  getVersion?(): string;
  getPlugindownloadurl?(): string;
  getDeletedwith?(): string;
  getDependenciesList?(): string[];
  getReplaceWithList?(): string[];
  getAdditionalsecretoutputsList?(): string[];
  getHidediffsList?(): string[];
  getCustomtimeouts?(): { toObject(): object } | undefined;
  getTransformsList?(): Callback[];
  getStateMigrationsList?(): Callback[];
  getHooks?(): { toObject(): Record<string, string[]> } | undefined;
  getEnvvarmappingsMap?(): { toObject(): [string, string][] };
  /** The inputs of what is made, and of what is looked up. */
  getObject?(): Struct | undefined;
  getProperties?(): Struct | undefined;
}
/** A function of the program, by a name that is another one every time. */
interface Callback {
  getToken(): string;
}
interface Alias {
  getUrn(): string;
  getSpec(): { getName(): string; getType(): string; getParenturn(): string; getNoparent(): boolean } | undefined;
}
interface Struct {
  toJavaScript(): Inputs;
}
interface Monitor {
  newUrn(parent: string, type: string, name: string): string;
  registerResource(request: Request, callback: unknown): Promise<void>;
  readResource(request: Request, callback: unknown): Promise<void>;
  registerResourceOutputs(request: { getUrn(): string; getOutputs(): Struct | undefined }, callback: unknown): void;
  recordTransformCallback(token: string, transform: unknown): void;
  registerStackTransform(request: Callback, callback: Answered): void;
  registerStackInvokeTransform(request: Callback, callback: Answered): void;
  registerResourceHook(request: unknown, callback: Answered): void;
  registerErrorHook(request: unknown, callback: Answered): void;
}
type Answered = (error: null, answer: object) => void;

/** What an option names, in words that are the same every time. */
interface Named {
  /** Resources: by the names that the engine has for them. */
  resources(urns: readonly string[] | undefined): string[];
  /** Functions: as they are written. */
  functions(list: readonly Callback[] | undefined): string[];
}

/** The functions that run before, after or instead of a step: `afterCreate: tell`. */
const hooksOf = (hooks: Record<string, string[]>) =>
  Object.entries(hooks).flatMap(([when, names]) => names.map((name) => `${when.replace(/List$/, "")}: ${name}`));

/** How an option that has no field of its own is asked for; what is not set is empty. */
const moreOptions = {
  additionalSecretOutputs: (request) => request.getAdditionalsecretoutputsList?.(),
  customTimeouts: (request) => request.getCustomtimeouts?.()?.toObject(),
  deletedWith: (request, named) => named.resources([request.getDeletedwith?.() ?? ""]),
  dependsOn: (request, named) => named.resources(request.getDependenciesList?.()),
  envVarMappings: (request) => request.getEnvvarmappingsMap?.().toObject(),
  hideDiffs: (request) => request.getHidediffsList?.(),
  hooks: (request) => hooksOf(request.getHooks?.()?.toObject() ?? {}),
  import: (request) => request.getImportid?.(),
  pluginDownloadURL: (request) => request.getPlugindownloadurl?.(),
  replaceWith: (request, named) => named.resources(request.getReplaceWithList?.()),
  replacementTrigger: (request) => request.getReplacementTrigger?.()?.toJavaScript(),
  stateMigrations: (request) => request.getStateMigrationsList?.().map(() => "a function"),
  transforms: (request, named) => named.functions(request.getTransformsList?.()),
  version: (request) => request.getVersion?.(),
} satisfies Record<string, (request: Request, named: Named) => unknown>;
export type MoreOption = keyof typeof moreOptions;
export const moreOptionNames = Object.keys(moreOptions) as MoreOption[];

/** The options that are set, as text. */
function moreOf(request: Request, named: Named): Partial<Record<MoreOption, string>> {
  const asked = Object.entries(moreOptions).map(([name, ask]) => [name, ask(request, named)] as const);
  return Object.fromEntries(
    asked
      .filter(([, value]) => value !== undefined && value !== "" && !(Array.isArray(value) && value.length === 0))
      .map(([name, value]) => [name, typeof value === "string" ? value : JSON.stringify(value)]),
  );
}

/** What a lookup finds: an address that no machine has, where the labs print the node's. */
const lookedUp = (type: string): Inputs =>
  type === "kubernetes:core/v1:Node" ? { status: { addresses: [{ type: "InternalIP", address: "192.0.2.1" }] } } : {};

/**
 * Runs a program without Pulumi's engine, plugins, Docker or a cluster, as if for a first preview, and tells what it
 * registers. Runs beside other programs in this process without touching them.
 * @throws what the program throws
 */
export async function observe(program: () => unknown, options: RegisterOptions): Promise<Observed> {
  const { project, stack, config } = options;
  const { runtime, secret } = options.pulumi;
  const found: Registered[] = [];
  const lookups: Lookup[] = [];
  let outputs: Record<string, unknown> = {};
  /** The mocks name only the nearest parent's type in a URN, the engine all of them. */
  const urns = new Map<string, string>();
  /** A resource's URN below a parent that the mocks know. */
  const urnOf = (parent: string, type: string, name: string) => {
    const above = urns.get(parent);
    return `urn:pulumi:${stack}::${project}::${above ? `${above.split("::")[2]}$` : ""}${type}::${name}`;
  };
  /** What it was called before: what an alias does not say is as it is now, and a parent's hold for its parts, too. */
  const aliasesOf = (request: Request, above: string | undefined): string[] => {
    const itself = { type: request.getType(), name: request.getName() };
    const parent = found.find(({ urn }) => urn === above);
    /** Below what its parent was called; a part that bears the parent's name bore the old one. */
    const inherited = ({ type, name }: typeof itself) =>
      (parent?.aliases ?? []).map((alias) => {
        const part = name.startsWith(parent!.name) ? nameOf(alias) + name.slice(parent!.name.length) : name;
        return `urn:pulumi:${stack}::${project}::${alias.split("::")[2]}$${type}::${part}`;
      });
    const own = (request.getAliasesList?.() ?? []).flatMap((alias) => {
      const spec = alias.getSpec();
      if (!spec) return [alias.getUrn()];
      const was = { type: spec.getType() || itself.type, name: spec.getName() || itself.name };
      const elsewhere = spec.getNoparent() || spec.getParenturn() !== "";
      const under = spec.getNoparent() ? "" : spec.getParenturn() || request.getParent();
      return [urnOf(under, was.type, was.name), ...(elsewhere ? [] : inherited(was))];
    });
    return [...new Set([...own, ...inherited(itself)])];
  };
  const failures: unknown[] = [];
  const failed = (reason: unknown) => failures.push(reason);

  // Nobody waits for what the program computes of its resources; its failures arrive here.
  process.on("unhandledRejection", failed);
  try {
    await options.state.withLocalStorage(async () => {
      await runtime.setMocks(
        {
          call: ({ token, inputs }) => {
            lookups.push({ token, of: JSON.stringify(inputs) });
            return {};
          },
          // The mocks ask at once, before anything else is registered: it is about the last one that was found.
          newResource: ({ id }) => {
            const { type, name, inputs, ignoreChanges, read, component } = found[found.length - 1]!;
            const state = read ? lookedUp(type) : { ...inputs, ...computed(type, name, inputs, ignoreChanges, secret) };
            // An output that waits for a resource to be there is told, too.
            return { id: id || (component ? undefined : digest([type, name]).slice(0, 12)), state };
          },
        },
        project,
        stack,
        true,
      );
      // The one thing that the mocks say they cannot.
      Object.assign(options.state.getStore(), { supportsStateMigrations: true });
      runtime.setAllConfig(config);
      const monitor = runtime.getMonitor() as unknown as Monitor;
      const functions = new Map<string, string>();
      const written = (callback: Callback) => functions.get(callback.getToken()) ?? "a function";
      // Nothing here runs them; the mocks know none of the hooks, and whatever has one would never be registered.
      monitor.recordTransformCallback = (token, transform) => functions.set(token, String(transform));
      for (const verb of ["registerStackTransform", "registerStackInvokeTransform"] as const) {
        monitor[verb] = (request, callback) => {
          lookups.push({ token: ofAll, of: written(request) });
          callback(null, {});
        };
      }
      for (const verb of ["registerResourceHook", "registerErrorHook"] as const)
        monitor[verb] = (_, callback) => callback(null, {});
      for (const verb of ["registerResource", "readResource"] as const) {
        const original = monitor[verb].bind(monitor);
        monitor[verb] = (request, callback) => {
          const [type, name, parent] = [request.getType(), request.getName(), request.getParent()];
          const above = urns.get(parent);
          const provider = urns.get(request.getProvider().replace(/::[^:]*$/, ""));
          const urn = urnOf(parent, type, name);
          urns.set(monitor.newUrn(parent, type, name), urn);
          const named: Named = {
            resources: (list = []) => list.filter(Boolean).map((one) => urns.get(one) ?? one),
            functions: (list = []) => list.map(written),
          };
          const read = verb === "readResource";
          if (read) lookups.push({ token: type, of: request.getId?.() ?? "" });
          found.push({
            ...{ urn, type, name, ...(above ? { parent: above } : {}), ...(provider ? { provider } : {}) },
            inputs: {
              ...(request.getObject?.() ?? request.getProperties?.())?.toJavaScript(),
              ...(request.getReplacementTrigger?.()
                ? { [trigger]: request.getReplacementTrigger()?.toJavaScript() }
                : {}),
            },
            ignoreChanges: request.getIgnorechangesList?.() ?? [],
            aliases: aliasesOf(request, above),
            replaceOnChanges: request.getReplaceonchangesList?.() ?? [],
            ...(request.getDeletebeforereplacedefined?.()
              ? { deleteBeforeReplace: request.getDeletebeforereplace?.() ?? false }
              : {}),
            protect: request.getProtect?.() ?? false,
            retainOnDelete: request.getRetainondelete?.() ?? false,
            read,
            component: !read && request.getCustom?.() === false,
            more: read ? {} : moreOf(request, named),
          });
          return original(request, callback);
        };
      }
      const noted = monitor.registerResourceOutputs.bind(monitor);
      monitor.registerResourceOutputs = (request, callback) => {
        const of = found.find(({ urn }) => urn === urns.get(request.getUrn()));
        if (of) of.outputs = request.getOutputs()?.toJavaScript() ?? {};
        noted(request, callback);
      };
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
  }
  if (failures.length > 0) throw failures[0];
  const { type, name } = stackOutputs;
  const own = { urn: urnOf("", type, name), type, name, inputs: outputs, ignoreChanges: [], read: false };
  return { resources: [...found, own], lookups };
}

/** The resources of a program, and its outputs among them. @throws what the program throws */
export const register = async (program: () => unknown, options: RegisterOptions): Promise<Registered[]> =>
  (await observe(program, options)).resources;
