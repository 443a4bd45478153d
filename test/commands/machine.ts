import assert from "node:assert/strict";
import childProcess, { ChildProcess } from "node:child_process";
import { EventEmitter, once } from "node:events";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { hostname, tmpdir } from "node:os";
import { basename, dirname, join } from "node:path";
import { PassThrough } from "node:stream";
import { text } from "node:stream/consumers";
import { promisify } from "node:util";
import type { EngineEvent } from "@pulumi/pulumi/automation";
import type { Outputs } from "../../outputs";
import type { State, StateResource } from "../../tools/stack/stack";
import { freePort } from "../../tools/docker/port-holder";

const root = join(__dirname, "../..");

/** States that earlier versions of this project left. */
export const earlier = JSON.parse(
  readFileSync(join(root, "test/fixtures/recordings/earlier-states.json"), "utf8"),
) as Record<"docker" | "kubernetes", State>;

/** An object that Docker has. */
export interface DockerObject {
  kind: "container" | "network" | "volume" | "image";
  id: string;
  name: string;
  labels?: Record<string, string>;
  /** Of a container. @default "running" */
  status?: string;
  /** Published port of this machine. */
  port?: number;
  /** Environment of a container. */
  env?: string[];
  /** Image of a container. */
  image?: string;
  /** Where an image was pulled from. */
  digests?: string[];
}

/** What the engine does when it is asked for an operation. */
interface Operation {
  events?: EngineEvent[];
  /** The state that it leaves. */
  state?: State;
  /** Its message, where it fails. */
  fails?: string;
  /** Objects that Docker has afterwards, too. */
  makes?: DockerObject[];
  /** Whether its state ends in the middle. */
  cuts?: boolean;
  /** Whose lock is found to be there. */
  locked?: number;
}

interface World {
  /** What Docker says where it does not answer. */
  broken?: string;
  objects: DockerObject[];
  /** What Docker says of an image that is pulled; without this it is there afterwards. */
  pulling?: string;
  /** Answers of other `docker` commands, by how they begin. */
  answers: Record<string, string>;
  operations: Partial<Record<"up" | "preview" | "destroy", Operation | Operation[]>>;
}

/** What a program says, and how it ends. */
interface Answer {
  code?: number;
  stdout?: string;
  stderr?: string;
}

const saying = (...lines: string[]): Answer => ({ stdout: lines.map((line) => `${line}\n`).join("") });
const failing = (said: string): Answer => ({ code: 1, stderr: `${said}\n` });
const notTaught = (typed: string) => failing(`not taught: ${typed}`);
const isKind = (word: string | undefined): word is DockerObject["kind"] =>
  ["container", "network", "volume", "image"].includes(word ?? "");
const isNamed = (kind: DockerObject["kind"], name: string | undefined) => (one: DockerObject) =>
  one.kind === kind && (one.id === name || one.name === name);
const statusOf = ({ status = "running" }: DockerObject) => status;

/** An object as `docker inspect` has it. */
function raw(one: DockerObject): object {
  const { kind, id: Id, name, labels: Labels = null } = one;
  if (kind === "image") {
    return { Id, RepoTags: [name], RepoDigests: one.digests ?? [], RootFS: { Layers: [Id] }, Config: { Labels } };
  }
  if (kind !== "container")
    return { ...(kind === "network" ? { Id } : {}), Name: name, Labels, IPAM: { Config: null } };
  const Status = statusOf(one);
  const state = { Status, Running: Status === "running", ExitCode: 0, OOMKilled: false, Error: "" };
  return {
    ...{ Id, Name: `/${name}`, Image: one.image ?? "sha256:x", RestartCount: 0, Mounts: [] },
    State: { ...state, StartedAt: "2026-11-22T00:00:00Z" },
    Config: { Image: one.image ?? "x", Labels },
    HostConfig: { RestartPolicy: { Name: "unless-stopped" } },
    NetworkSettings: { Ports: {}, Networks: {} },
  };
}

function inspected(
  objects: readonly DockerObject[],
  kind: DockerObject["kind"],
  names: string[],
  format?: string,
): Answer {
  const found = names.map((name) => objects.find(isNamed(kind, name)));
  const missing = names.find((_, i) => !found[i]);
  if (missing !== undefined) return failing(`Error: No such ${kind}: ${missing}`);
  const all = found.filter((one) => one !== undefined);
  switch (format) {
    case undefined:
      return saying(JSON.stringify(all.map(raw)));
    case "{{json .Config.Env}}":
      return saying(...all.map(({ env = [] }) => JSON.stringify(env)));
    case "{{.State.Running}} {{with .State.Health}}{{.Status}}{{end}}":
      return saying(...all.map((one) => `${statusOf(one) === "running"} `));
    default:
      return notTaught(`a format ${format}`);
  }
}

/** The docker command: what it was not taught fails. */
function docker(world: World, args: string[]): Answer {
  const { objects } = world;
  const [first = "", second = ""] = args;
  const [typed, last] = [args.join(" "), args.at(-1) ?? ""];
  const answer = Object.entries(world.answers).find(([begins]) => typed.startsWith(begins));
  if (world.broken !== undefined) return failing(world.broken);
  if (answer) return { stdout: answer[1] };
  if (first === "version") return saying(/Components/.test(typed) ? "29.0.1|linux|Engine," : "29.0.1");
  if (first === "context") return saying("default|unix:///fake.sock");
  if (first === "info") return saying("ID-1|Fake Docker");
  if (first === "compose") return saying("2.40.0");
  if (first === "ps") {
    const port = Number(/publish=(\d+)/.exec(typed)?.[1]);
    return saying(...objects.filter((one) => one.port === port).map(({ id, name }) => `${id} ${name}`));
  }
  if (first === "inspect") return inspected(objects, "container", [last], args[2]);
  if (first === "pull") {
    if (world.pulling !== undefined) return failing(world.pulling);
    objects.push({ kind: "image", id: `sha256:pulled-${second}`, name: second });
    return {};
  }
  if (first === "start" || first === "stop") {
    const found = objects.find(isNamed("container", last));
    if (!found) return failing(`Error: No such container: ${last}`);
    found.status = first === "start" ? "running" : "exited";
    return saying(last);
  }
  if (isKind(first) && second === "inspect") {
    const formatted = args[2] === "--format";
    return inspected(objects, first, args.slice(formatted ? 4 : 2), formatted ? args[3] : undefined);
  }
  if (isKind(first) && second === "ls") {
    const [, key = "", value] = /label=([^=]+)=(.*)/.exec(typed) ?? [];
    const [, status] = /status=(\w+)/.exec(typed) ?? [];
    const listed = objects.filter(
      (one) =>
        one.kind === first &&
        (key === "" || one.labels?.[key] === value) &&
        (status === undefined || statusOf(one) === status),
    );
    return saying(...listed.map(({ id, name }) => (last === "{{.ID}} {{.Names}}" ? `${id} ${name}` : id)));
  }
  if (isKind(first) && second === "rm") {
    const at = objects.findIndex(isNamed(first, last));
    if (at < 0) return failing(`Error: No such ${first}: ${last}`);
    objects.splice(at, 1);
    return saying(last);
  }
  return notTaught(`docker ${typed}`);
}

const stateFile = (stack: string) => join(".pulumi/stacks/course-labs", `${stack}.json`);

function readState(stack: string): State | null {
  if (!existsSync(stateFile(stack))) return null;
  return (JSON.parse(readFileSync(stateFile(stack), "utf8")) as { checkpoint: { latest: State | null } }).checkpoint
    .latest;
}

function writeState(stack: string, latest: State | null): void {
  mkdirSync(dirname(stateFile(stack)), { recursive: true });
  writeFileSync(stateFile(stack), JSON.stringify({ version: 3, checkpoint: { stack, latest } }));
}

/** Leaves a lock of the stack, as Pulumi does while it works. */
export function writeLock(pid: number): void {
  const folder = ".pulumi/locks/organization/course-labs/dev";
  mkdirSync(folder, { recursive: true });
  const lock = { pid, hostname: hostname(), timestamp: new Date().toISOString() };
  writeFileSync(join(folder, "a.json"), JSON.stringify(lock));
}

/** An engine that keeps its state in a file, as Pulumi does, and otherwise does what it was told to. */
function pulumi(world: World, args: string[], input: string): Answer {
  const [command = "", second = ""] = args;
  const stack = args[args.indexOf("--stack") + 1] ?? "";
  if (command === "version") return saying("v3.276.0");
  if (command === "stack" && second === "select") {
    const name = args[2] ?? "";
    if (!existsSync(stateFile(name))) writeState(name, null);
    return {};
  }
  if (command === "stack" && second === "export") {
    return saying(JSON.stringify({ version: 3, deployment: readState(stack) }));
  }
  if (command === "stack" && second === "import") {
    writeState(stack, (JSON.parse(input) as { deployment: State }).deployment);
    return {};
  }
  if (command !== "up" && command !== "preview" && command !== "destroy") return notTaught(`pulumi ${args.join(" ")}`);
  const planned = world.operations[command] ?? {};
  const {
    events = [],
    state,
    fails,
    makes = [],
    cuts,
    locked,
  } = Array.isArray(planned) ? (planned.shift() ?? {}) : planned;
  world.objects.push(...makes);
  if (locked !== undefined) writeLock(locked);
  if (cuts) truncateSync(stateFile(stack), 100);
  const { stdout } = saying(...events.map((event) => JSON.stringify(event)));
  if (fails !== undefined) return { stdout, ...failing(fails) };
  if (state) writeState(stack, state);
  else if (command === "destroy") {
    const targets = args.filter((_, i) => args[i - 1] === "--target");
    const left = (readState(stack)?.resources ?? []).filter(({ urn }) => targets.length > 0 && !targets.includes(urn));
    writeState(stack, { resources: left });
  }
  return { stdout };
}

/** A process that only seems to be one: it reads all of its input, then says what it has to say, and ends. */
function seeming(answer: (input: string) => Answer, reads: boolean): ChildProcess {
  const [stdin, stdout, stderr] = [new PassThrough(), new PassThrough(), new PassThrough()];
  const child = Object.assign(new EventEmitter(), { stdin, stdout, stderr, kill: () => true });
  if (!reads) stdin.end();
  void text(stdin).then(async (input) => {
    const { code = 0, ...said } = answer(input);
    const ended = [stdout, stderr].map((stream) => once(stream, "end"));
    stdout.end(said.stdout);
    stderr.end(said.stderr);
    // Nobody may listen to one of them.
    for (const stream of [stdout, stderr]) if (stream.readableFlowing === null) stream.resume();
    await Promise.all(ended);
    child.emit("exit", code);
    child.emit("close", code);
  });
  return child as unknown as ChildProcess;
}

/** How a command ended. */
export interface Ended {
  code: number;
  /** Standard error: messages. */
  said: string;
  /** Standard output: results. */
  printed: string;
}

const isOurs = (file: string) =>
  file.startsWith(root) && !/[\\/](node_modules|test)[\\/]/.test(file.slice(root.length));

/**
 * A machine with a Docker and an engine that only pretend, and a folder of the project. Commands run in this process, from
 * what was typed to their exit code, and start programs as ever.
 */
export class Machine {
  readonly folder = mkdtempSync(join(tmpdir(), "course-labs-machine-"));
  private readonly home = process.cwd();
  private readonly environment = { ...process.env };
  private readonly loaded = Object.entries(require.cache).filter(([file]) => isOurs(file));
  private readonly main: (typed: string[]) => Promise<void>;
  private there: World = { objects: [], answers: {}, operations: {} };
  private asked: string[] = [];
  private readonly atExit = process.listeners("exit");
  private putBack = () => {};
  redisPort = 0;
  composePort = 0;

  /** @param locale as LC_ALL has it */
  static async make(locale = "C"): Promise<Machine> {
    const machine = new Machine(locale);
    machine.redisPort = await freePort();
    // The system may give out the same one twice.
    do machine.composePort = await freePort();
    while (machine.composePort === machine.redisPort);
    machine.settings();
    return machine;
  }

  private constructor(locale: string) {
    const bin = join(this.folder, "bin");
    mkdirSync(bin);
    const plugins = ["random", "docker", "kubernetes"].map((name) => `pulumi-resource-${name}`);
    const ending = process.platform === "win32" ? ".exe" : "";
    for (const name of ["docker", "pulumi", "pulumi-language-nodejs", ...plugins]) {
      writeFileSync(join(bin, `${name}${ending}`), "");
    }
    for (const file of ["package.json", "docker", "Pulumi.yaml", "node_modules"]) {
      symlinkSync(join(root, file), join(this.folder, file));
    }
    for (const name of Object.keys(process.env)) if (/^(PULUMI|DOCKER|MINIKUBE)_/.test(name)) delete process.env[name];
    // Nothing that this machine has for the labs is to be found.
    process.env.PATH = bin;
    for (const name of ["HOME", "MINIKUBE_HOME", "COURSE_LABS_CACHE"]) process.env[name] = join(this.folder, "home");
    process.env.KUBECONFIG = join(this.folder, "kubeconfig");
    process.env.LC_ALL = locale;
    process.chdir(this.folder);
    this.programs();
    // What the modules remember of an earlier command, such as the language, is not for this machine.
    for (const [file] of this.loaded) delete require.cache[file];
    // eslint-disable-next-line @typescript-eslint/no-require-imports
    this.main = (require(join(root, "tools/main")) as { main: (typed: string[]) => Promise<void> }).main;
  }

  /** Has this machine's programs run instead of those that this process would start. */
  private programs(): void {
    const answerOf = (program: string, args: string[]) => (input: string) => {
      const name = basename(program, ".exe");
      const typed = args.filter((arg) => arg !== "--non-interactive");
      this.asked.push([name, ...typed].join(" "));
      if (name.startsWith("pulumi-resource-")) return {};
      return name === "docker" ? docker(this.there, typed) : pulumi(this.there, typed, input);
    };
    const bin = join(this.folder, "bin");
    const isHere = (program: string) =>
      [".", bin].includes(dirname(program)) && existsSync(join(bin, basename(program)));
    const { spawn, execFile } = childProcess;
    const spawned = (program: string, args: string[], options: { stdio?: unknown[] }) =>
      isHere(program)
        ? seeming(answerOf(program, args), options.stdio === undefined)
        : spawn(program, args, options as object);
    const real = promisify(execFile);
    const promised = (program: string, args: string[], options: object) => {
      if (!isHere(program)) return real(program, args, options);
      const { code = 0, stdout = "", stderr = "" } = answerOf(program, args)("");
      const failure = Object.assign(new Error(`Command failed: ${program}\n${stderr}`), { code, stdout, stderr });
      const done = code === 0 ? Promise.resolve({ stdout, stderr }) : Promise.reject(failure);
      return Object.assign(done, { child: seeming(() => ({}), true) });
    };
    const executed = Object.assign(() => assert.fail("not taught"), { [promisify.custom]: promised });
    Object.assign(childProcess, { spawn: spawned, execFile: executed });
    this.putBack = () => void Object.assign(childProcess, { spawn, execFile });
  }

  /** Takes everything away again. */
  remove(): void {
    this.putBack();
    for (const one of process.listeners("exit")) if (!this.atExit.includes(one)) process.off("exit", one);
    process.chdir(this.home);
    for (const name of Object.keys(process.env)) if (!(name in this.environment)) delete process.env[name];
    Object.assign(process.env, this.environment);
    for (const file of Object.keys(require.cache).filter(isOurs)) delete require.cache[file];
    Object.assign(require.cache, Object.fromEntries(this.loaded));
    rmSync(this.folder, { recursive: true, force: true });
  }

  /** Says what there is; what is left out is as on a healthy machine with nothing on it. */
  world(world: Partial<World>): void {
    this.there = structuredClone({ objects: [], answers: {}, operations: {}, ...world });
    this.asked = [];
  }

  /** What Docker has now, as `kind name`. */
  objects(): string[] {
    return this.there.objects.map(({ kind, name }) => `${kind} ${name}`);
  }

  /** The settings of the earlier version's state, with free ports. */
  settings(more = "", labs = "redis, registry, compose"): void {
    writeFileSync(
      "Pulumi.dev.yaml",
      `config:
  pulumi:disable-default-providers: [docker, kubernetes]
  course-labs:prefix: ck-
  course-labs:redisPort: ${this.redisPort}
  course-labs:composePort: ${this.composePort}
  course-labs:registryImage: ck-base/debian:12
  course-labs:labs: [${labs}]
${more}`,
    );
  }

  /** Leaves a state, with the passphrase of an earlier run. */
  left(state: State): void {
    writeState("dev", state);
    writeFileSync(".pulumi/passphrase", "secret\n", { mode: 0o600 });
  }

  /** The state as it is now. */
  state(): State | null {
    return readState("dev");
  }

  /** What the programs were asked, in order. */
  calls(pattern = /./): string[] {
    return this.asked.filter((line) => pattern.test(line));
  }

  /** Asked of the engine, but for its version. */
  engine(): string[] {
    return this.calls(/^pulumi (?!version)/).map((line) => line.replace(/ --json --stack \S+/, ""));
  }

  /** Types `npm run NAME -- ARGS`. */
  async run(name: string, ...args: string[]): Promise<Ended> {
    const { error, log } = console;
    const [said, printed]: [string[], string[]] = [[], []];
    console.error = (...line: unknown[]) => said.push(line.map(String).join(" "));
    console.log = (...line: unknown[]) => printed.push(line.map(String).join(" "));
    const listeners = [process.stdout, process.stderr].map((stream) => ({ stream, had: stream.listeners("error") }));
    process.exitCode = undefined;
    try {
      await this.main([name, ...args]);
      return { code: Number(process.exitCode ?? 0), said: said.join("\n"), printed: printed.join("\n") };
    } finally {
      process.exitCode = undefined;
      Object.assign(console, { error, log });
      for (const { stream, had } of listeners) {
        for (const one of stream.listeners("error")) if (!had.includes(one)) stream.off("error", one as () => void);
      }
    }
  }

  /** Types a command that has to go well. */
  async well(name: string, ...args: string[]): Promise<Ended> {
    const ended = await this.run(name, ...args);
    assert.equal(ended.code, 0, ended.said);
    return ended;
  }

  /** Types a command that has to be refused in plain words; returns what it said. */
  async refused(name: string, ...args: string[]): Promise<string> {
    const { code, said } = await this.run(name, ...args);
    assert.equal(code, 1, said);
    assert.doesNotMatch(said, /\n\s+at .*:\d+|not taught/);
    return said;
  }
}

/** The outputs of a whole `up` with the settings of the earlier version. */
export function outputs(machine: Machine): Partial<Outputs> {
  return {
    labs: ["redis", "registry", "compose"],
    redis: { host: "localhost", port: machine.redisPort, image: "ck-redis:v1.0", container: "ck-redis" },
    registry: { image: "ck-base/debian:12", container: "ck-debian" },
    compose: { url: `http://localhost:${machine.composePort}` },
  };
}

/** The state that a whole `up` leaves: of some labs, or of all. */
export function deployed(machine: Machine, keep: (resource: StateResource) => boolean = () => true): State {
  const resources = earlier.docker.resources
    .filter(keep)
    .map((resource) =>
      resource.type === "pulumi:pulumi:Stack" ? { ...resource, outputs: outputs(machine) } : resource,
    );
  // The address of Docker that it holds is what a test of its own is about.
  return { resources: resources.map((one) => (one.type === "pulumi:providers:docker" ? { ...one, inputs: {} } : one)) };
}

/** The objects of a state, as Docker has them when all is well. */
export function objectsOf({ resources }: State): DockerObject[] {
  return resources.flatMap(({ type, id = "", inputs = {}, outputs: made = {} }): DockerObject[] => {
    const labels = { "course-labs.id": "458da07e" };
    if (type === "docker:index/image:Image") {
      return [{ kind: "image", id: String(made.repoDigest), name: String(made.imageName) }];
    }
    const [, kind] = /^docker:index\/(container|network|volume):/.exec(type) ?? [];
    return kind
      ? [{ kind: kind as "container", id, name: typeof inputs.name === "string" ? inputs.name : id, labels }]
      : [];
  });
}

type Op = "create" | "delete" | "replace" | "create-replacement" | "update" | "same" | "refresh";

/** A step as the engine tells of it: planned, or done. */
export function step(op: Op, resource: StateResource, planning = false, now?: StateResource): EngineEvent[] {
  const metadata = { op, urn: resource.urn, type: resource.type, old: resource, new: now, provider: "" };
  const events = [{ resourcePreEvent: { metadata, planning } }, { resOutputsEvent: { metadata, planning } }];
  return events as unknown as EngineEvent[];
}

/** A preview that finds everything as the state has it. */
export const asItIs = ({ resources }: State): EngineEvent[] => [
  ...resources.flatMap((one) => [...step("refresh", one, true, one), ...step("same", one, true, one)]),
  {
    sequence: 0,
    timestamp: 0,
    summaryEvent: { resourceChanges: { same: resources.length } },
  } as unknown as EngineEvent,
];

/** A resource of a state, by the end of its URN. */
export function resource({ resources }: State, name: string): StateResource {
  return resources.find(({ urn }) => urn.endsWith(`::${name}`)) ?? assert.fail(`no ${name}`);
}
