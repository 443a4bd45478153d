// The Node.js language host: what Pulumi's engine starts to run a program or a policy pack for it. The official release
// brings one with the CLI; this one takes its place where no release can be downloaded. It speaks the protocol by the
// files that @pulumi/pulumi has of it, and leaves the work to that package's `cmd/run` and `cmd/run-policy-pack`.
// https://www.pulumi.com/docs/iac/concepts/how-pulumi-works/#language-hosts
"use strict";
const { spawn } = require("node:child_process");
const { existsSync, readFileSync } = require("node:fs");
const { createRequire } = require("node:module");
const { connect } = require("node:net");
const { join } = require("node:path");
const { createInterface } = require("node:readline");
const analyzer = require("@pulumi/pulumi/proto/analyzer_pb");
const { AnalyzerClient, AnalyzerService } = require("@pulumi/pulumi/proto/analyzer_grpc_pb");
const language = require("@pulumi/pulumi/proto/language_pb");
const { LanguageRuntimeService } = require("@pulumi/pulumi/proto/language_grpc_pb");
const { PackageDependency, PluginInfo } = require("@pulumi/pulumi/proto/plugin_pb");
const sdk = createRequire(require.resolve("@pulumi/pulumi"));
const grpc = sdk("@grpc/grpc-js");
const { Empty } = sdk("google-protobuf/google/protobuf/empty_pb.js");

/** With this exit code a program says that it has told what is wrong: the engine stops, and adds nothing. */
const toldAlready = 32;
/** How long a child may take to stop, in milliseconds; after 5 s the engine kills this process with what it started. */
const patience = 4000;
/** A state can be larger than gRPC's default limit for a message. */
const anySize = { "grpc.max_receive_message_length": -1, "grpc.max_send_message_length": -1 };

const children = new Set();

/** Starts a script of @pulumi/pulumi as the program's own packages have it. */
function start(script, folder, args, options) {
  const file = createRequire(join(folder, "package.json")).resolve(`@pulumi/pulumi/cmd/${script}`);
  const child = spawn(process.execPath, [file, ...args], options);
  children.add(child);
  child.on("close", () => children.delete(child));
  return child;
}

/** Has a child stop as it would in a terminal, and ends it when it does not. */
function stop(child) {
  // A call counts as cancelled, too, when its connection closes long after it was answered.
  if (!children.has(child)) return;
  child.kill("SIGINT");
  const timer = setTimeout(() => child.kill("SIGKILL"), patience);
  child.on("close", () => clearTimeout(timer));
}

/** How a child ended: with its exit code, or the name of the signal. */
const ended = (child) =>
  new Promise((resolve, reject) => child.on("error", reject).on("close", (code, signal) => resolve(code ?? signal)));

/** Answers a call with what a function makes of its request, or with the error that it throws. */
const answered = (answer) => (call, done) =>
  Promise.resolve(call)
    .then(answer)
    .then(
      (response) => done(null, response),
      (error) => done({ code: grpc.status.UNKNOWN, message: error.message }),
    );

/** An answer, filled in by the names of its setters. */
function filled(message, fields) {
  for (const [name, value] of Object.entries(fields)) message[`set${name}`](value);
  return message;
}

/** The options of the runtime in Pulumi.yaml that concern how a program is run, as `cmd/run` wants them. */
function runtimeOptions(info) {
  const { typescript = true, tsconfig } = info.getOptions()?.toJavaScript() ?? {};
  return {
    ...(typescript ? { PULUMI_NODEJS_TYPESCRIPT: "true" } : {}),
    ...(tsconfig ? { PULUMI_NODEJS_TSCONFIG_PATH: tsconfig } : {}),
  };
}

const asObject = (map) => Object.fromEntries(map.toObject(false));

/** Runs a program, and tells how it ended. */
async function run(engine, call) {
  const request = call.request;
  const info = request.getInfo();
  const args = Object.entries({
    monitor: request.getMonitorAddress(),
    engine: engine.address,
    organization: request.getOrganization(),
    project: request.getProject(),
    "root-directory": info.getRootDirectory(),
    stack: request.getStack(),
    pwd: info.getProgramDirectory(),
    parallel: String(request.getParallel()),
  }).flatMap(([name, value]) => (value ? [`--${name}`, value] : []));
  if (request.getDryrun()) args.push("--dry-run");
  const env = {
    ...process.env,
    ...runtimeOptions(info),
    PULUMI_CONFIG: JSON.stringify(asObject(request.getConfigMap())),
    PULUMI_CONFIG_SECRET_KEYS: JSON.stringify(request.getConfigsecretkeysList()),
  };
  const stdio = ["ignore", "inherit", "inherit"];
  const program = [info.getEntryPoint(), ...request.getArgsList()];
  const child = start("run", info.getProgramDirectory(), [...args, ...program], { env, stdio });
  call.on("cancelled", () => stop(child));
  const how = await ended(child);
  if (how === 0) return new language.RunResponse();
  if (how === toldAlready) return filled(new language.RunResponse(), { Bail: true });
  const Error = typeof how === "number" ? `Program exited with non-zero exit code: ${how}` : `Program ended by ${how}`;
  return filled(new language.RunResponse(), { Error });
}

/**
 * Runs a policy pack. A pack looks for the stack's settings in its environment, which the engine tells only after it has
 * connected: until then this process answers in the pack's place, and from then on hands everything on to it.
 */
async function runPolicyPack(call) {
  const request = call.request;
  const folder = request.getInfo().getProgramDirectory();
  const tell = (kind, value) => call.write(filled(new language.RunPluginResponse(), { [kind]: value }));

  let child, configured;
  const stack = new Promise((resolve) => (configured = resolve));
  const pack = stack.then(async (settings) => {
    const env = {
      ...Object.fromEntries(request.getEnvList().map((line) => /^([^=]*)=(.*)$/s.exec(line)?.slice(1) ?? [line, ""])),
      ...runtimeOptions(request.getInfo()),
      ...(settings && {
        PULUMI_NODEJS_ORGANIZATION: settings.getOrganization(),
        PULUMI_NODEJS_PROJECT: settings.getProject(),
        PULUMI_NODEJS_STACK: settings.getStack(),
        PULUMI_NODEJS_DRY_RUN: String(settings.getDryRun()),
        PULUMI_CONFIG: JSON.stringify(asObject(settings.getConfigMap())),
      }),
    };
    const stdio = ["ignore", "pipe", "pipe"];
    child = start("run-policy-pack", folder, [...request.getArgsList(), folder], { cwd: folder, env, stdio });
    child.stderr.on("data", (data) => tell("Stderr", data));
    const lines = createInterface(child.stdout);
    void ended(child).then(
      (code) => tell("Exitcode", typeof code === "number" ? code : 1) && call.end(),
      (error) => call.destroy(error),
    );
    const [port] = await new Promise((resolve, reject) => {
      lines.once("line", (line) => resolve([line]));
      lines.once("close", () => reject(new Error("the policy pack ended before it was ready; see its messages")));
    });
    lines.on("line", (line) => tell("Stdout", Buffer.from(`${line}\n`)));
    const client = new AnalyzerClient(`127.0.0.1:${port}`, grpc.credentials.createInsecure(), anySize);
    // It keeps the stack's tags; one that is too old to know the question needs none.
    if (settings) await new Promise((resolve) => client.configureStack(settings, resolve));
    return client;
  });
  // Whoever asks is told.
  pack.catch(() => undefined);

  const proxy = Object.keys(AnalyzerService).map((name) => [
    name,
    (call, done) => {
      // What asks before there are settings gets a pack without any.
      configured(undefined);
      pack.then((client) => client[name](call.request, done)).catch((error) => done({ message: error.message }));
    },
  ]);
  const { server, port } = await serve(AnalyzerService, {
    ...Object.fromEntries(proxy),
    handshake: answered(() => new analyzer.AnalyzerHandshakeResponse()),
    configureStack: answered(({ request }) => {
      configured(request);
      return new analyzer.AnalyzerStackConfigureResponse();
    }),
  });
  call.on("cancelled", () => {
    server.forceShutdown();
    if (child) stop(child);
  });
  tell("Stdout", Buffer.from(`${port}\n`));
}

const versionOf = (name, folder) =>
  JSON.parse(readFileSync(join(folder, "node_modules", name, "package.json"), "utf8")).version;

/** What `pulumi about` lists: the packages that the program names, as they are installed. */
function dependencies(folder) {
  const { dependencies = {} } = JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
  return Object.keys(dependencies).map((Name) =>
    filled(new language.DependencyInfo(), { Name, Version: versionOf(Name, folder) }),
  );
}

/** The provider plugins that the installed packages of the program ask for. */
function requiredPackages(folder) {
  const { dependencies = {} } = JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
  return Object.keys(dependencies).flatMap((name) => {
    const file = join(folder, "node_modules", name, "package.json");
    const { pulumi } = existsSync(file) ? JSON.parse(readFileSync(file, "utf8")) : {};
    if (!pulumi?.resource) return [];
    const { name: Name, version: Version } = pulumi;
    return [filled(new PackageDependency(), { Name, Kind: "resource", Version: `v${Version}` })];
  });
}

/** Serves a gRPC service on a port of its own. */
async function serve(service, methods) {
  const server = new grpc.Server(anySize);
  server.addService(service, methods);
  const port = await new Promise((resolve, reject) =>
    server.bindAsync("127.0.0.1:0", grpc.ServerCredentials.createInsecure(), (error, port) =>
      error ? reject(error) : resolve(port),
    ),
  );
  return { server, port };
}

/** Whether somebody listens at an address. */
const answers = (address) =>
  new Promise((resolve) => {
    const [host, port] = address.split(":");
    const socket = connect(Number(port), host, () => resolve(true) || socket.destroy());
    socket.on("error", () => resolve(false));
  });

/** Serves the engine whose address is the last argument, until it asks to stop, or the process that started this is gone. */
exports.start = async function (ppid) {
  const engine = { address: process.argv.at(-1) };
  const { server, port } = await serve(LanguageRuntimeService, {
    handshake: answered(({ request }) => {
      engine.address = request.getEngineAddress();
      return new language.LanguageHandshakeResponse();
    }),
    getPluginInfo: answered(() => filled(new PluginInfo(), { Version: sdk("./package.json").version })),
    // Every resource says which plugin it needs; the engine would look for these ones' releases.
    getRequiredPlugins: answered(() => new language.GetRequiredPluginsResponse()),
    getRequiredPackages: answered(({ request }) =>
      filled(new language.GetRequiredPackagesResponse(), {
        PackagesList: requiredPackages(request.getInfo().getProgramDirectory()),
      }),
    ),
    run: answered((call) => run(engine, call)),
    runPlugin: (call) => {
      const refused = call.request.getKind() !== "analyzer" && "This language host runs no plugins but policy packs.";
      if (refused) call.destroy(Object.assign(new Error(refused), { code: grpc.status.UNIMPLEMENTED }));
      else runPolicyPack(call).catch((error) => call.destroy(error));
    },
    about: answered(() =>
      filled(new language.AboutResponse(), { Executable: process.execPath, Version: process.version }),
    ),
    getProgramDependencies: answered(({ request }) =>
      filled(new language.GetProgramDependenciesResponse(), {
        DependenciesList: dependencies(request.getInfo().getProgramDirectory()),
      }),
    ),
    cancel: answered(() => {
      for (const child of children) stop(child);
      return new Empty();
    }),
  });

  let ending = false;
  const end = () => {
    if (ending) return;
    ending = true;
    server.forceShutdown();
    clearInterval(watch);
    for (const child of children) stop(child);
  };
  // An engine that is killed says nothing; whoever has no parent any more is taken in by another process.
  const watch = setInterval(() => process.ppid !== ppid && end(), 500);
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.on(signal, end);
  // It may have ended while this process was being started, and whoever took this process in may outlive it.
  if (/:\d+$/.test(engine.address) && !(await answers(engine.address))) end();
  else console.log(port);
};
