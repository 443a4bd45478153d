import assert from "node:assert/strict";
import { execFileSync, spawn } from "node:child_process";
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  readlinkSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { connect } from "node:net";
import { homedir, tmpdir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { withoutSalt } from "../../tools/stack/settings";
import { ownerId, State, stateFile } from "../../tools/stack/stack";
import { cacheRoot } from "../../tools/install/closed-network/cache";
import { profileExists } from "../../tools/cluster/minikube";
import { dockerLabelKeys, kubernetesLabelKeys } from "../../components/names";
import { ownProfile } from "../../config";

const root = dirname(dirname(__dirname));

/** Runs a program and returns what it printed. */
export function run(program: string, ...args: string[]): string {
  return execFileSync(program, args, {
    encoding: "utf8",
    stdio: ["ignore", "pipe", "pipe"],
    maxBuffer: 64 << 20,
  }).trim();
}

export const docker = (...args: string[]) => run("docker", ...args);

/** Runs git in a clone. */
export const git = (folder: string, ...args: string[]) =>
  run("git", "-C", folder, "-c", "user.name=t", "-c", "user.email=t@example.org", ...args);

/** PATH as a learner has it: without what the tests have got for themselves. */
export const learnersPath = (process.env.PATH ?? "")
  .split(delimiter)
  .filter((folder) => ![cacheRoot(), join(homedir(), ".pulumi")].some((gotten) => folder.startsWith(gotten)))
  .filter((folder) => !folder.includes("language-host"))
  .join(delimiter);

/** A folder's name with what a shell, a URL and a regular expression take for something else. */
export const oddName = `my labs (김's "1" & $HOME) `;

/**
 * A clone of this project as a learner gets it, with the files as they are now.
 * @param fresh without node_modules, so that the first command has to install them
 * @param odd in a folder of an odd name
 */
export function clone({ fresh = false, odd = false } = {}): string {
  const folder = mkdtempSync(join(tmpdir(), `course-labs-${odd ? oddName : ""}`));
  const files = run("git", "-C", root, "ls-files", "--cached", "--others", "--exclude-standard").split("\n");
  for (const file of files) {
    mkdirSync(dirname(join(folder, file)), { recursive: true });
    cpSync(join(root, file), join(folder, file), { force: true });
  }
  // A salt that this working tree has got by being used is not in what a learner clones.
  for (const file of files.filter((name) => /^Pulumi\..+\.yaml$/.test(name))) {
    const content = readFileSync(join(folder, file), "utf8");
    writeFileSync(join(folder, file), withoutSalt(content));
  }
  if (!fresh) symlinkSync(join(root, "node_modules"), join(folder, "node_modules"));
  git(folder, "init", "--quiet");
  git(folder, "add", "--all");
  git(folder, "commit", "--quiet", "--message", "Clone");
  return folder;
}

export const remove = (folder: string) => rmSync(folder, { recursive: true, force: true });

export interface Result {
  code: number | null;
  /** Everything that was printed. */
  said: string;
  /** What a program would read. */
  stdout: string;
  seconds: number;
}

export interface Options {
  env?: Record<string, string | undefined>;
  /** Called with all that was printed so far; returning true kills the command as `kill -9` does. */
  killWhen?: (said: string) => boolean;
}

/** Runs `npm run <command> -- <options>` in a clone, with no standard input. */
export async function npmRun(
  folder: string,
  command: string,
  args: string[] = [],
  options: Options = {},
): Promise<Result> {
  // Where making the clone failed, it would be the labs of this working tree that a clean-up removes.
  assert.ok(folder, "there is no clone");
  const started = Date.now();
  const env = { ...process.env, LC_ALL: "C", ...options.env };
  // The command itself, not npm around it: it is what a killed terminal or an out-of-memory killer hits.
  const child = spawn(process.execPath, ["tools/run.mjs", command, ...args], {
    cwd: folder,
    env,
    stdio: ["ignore", "pipe", "pipe"],
  });
  let [said, stdout] = ["", ""];
  const heard = (text: string) => {
    said += text;
    if (options.killWhen?.(said)) child.kill("SIGKILL");
  };
  child.stdout.on("data", (data: Buffer) => {
    stdout += data.toString();
    heard(data.toString());
  });
  child.stderr.on("data", (data: Buffer) => heard(data.toString()));
  const code = await new Promise<number | null>((resolve) => child.on("close", resolve));
  return { code, said, stdout, seconds: (Date.now() - started) / 1000 };
}

/** Removes every container, network and volume that carries a label; returns what they were called. */
export function sweep(label: string): string[] {
  return (["container", "network", "volume"] as const).flatMap((kind) => {
    const [all, format] = kind === "container" ? [["--all"], "{{.Names}}"] : [[], "{{.Name}}"];
    const found = docker(kind, "ls", ...all, "--filter", `label=${label}`, "--format", format);
    const names = found.split("\n").filter(Boolean);
    if (names.length > 0) docker(kind, "rm", ...(kind === "container" ? ["--force", "--volumes"] : []), ...names);
    return names.map((name) => `${kind} ${name}`);
  });
}

/** The id that all the labs of a clone are labelled with, if they were ever begun. */
function idOf(folder: string): string | undefined {
  const file = join(folder, stateFile("dev"));
  if (!existsSync(file)) return undefined;
  const { checkpoint } = JSON.parse(readFileSync(file, "utf8")) as { checkpoint?: { latest?: Partial<State> | null } };
  return ownerId({ resources: [], ...checkpoint?.latest });
}

/** Removes by force what carries an id as its label; returns what that was. */
function removeAll(id: string): string[] {
  const inCluster = ["delete", "namespace", "--selector", `${kubernetesLabelKeys.id}=${id}`, "--output", "name"];
  const namespaces = profileExists() ? run("kubectl", "--context", ownProfile, ...inCluster) : "";
  return [...sweep(`${dockerLabelKeys.id}=${id}`), ...namespaces.split("\n").filter(Boolean)];
}

/**
 * Removes a clone and its labs, at the end of a suite. Where `destroy` cannot, it is this suite that fails, and not every
 * later one that wants the same names.
 */
export async function tearDown(folder: string, ...options: string[]): Promise<void> {
  const { code, said } = await npmRun(folder, "destroy", options);
  const id = idOf(folder);
  try {
    assert.equal(code, 0, `${said}\nremoved by force: ${(code !== 0 && id ? removeAll(id) : []).join(", ")}`);
  } finally {
    remove(folder);
  }
}

/** Kills a command with `kill -9` as soon as it has printed something, then runs it as it is: that has to go well. */
export async function killedThenRun(folder: string, command: string, args: string[], when: RegExp): Promise<void> {
  const killed = await npmRun(folder, command, args, { killWhen: (said) => when.test(said) });
  assert.equal(killed.code, null, `was not killed:\n${killed.said}`);
  const { code, said } = await npmRun(folder, command, args);
  assert.equal(code, 0, said);
}

/** The processes that work in a folder: the command, the engine, the language host, the program and the plugins. */
export function processesIn(folder: string): { pid: number; command: string }[] {
  return readdirSync("/proc").flatMap((pid) => {
    try {
      if (!/^\d+$/.test(pid) || readlinkSync(`/proc/${pid}/cwd`) !== folder) return [];
      return [{ pid: Number(pid), command: readFileSync(`/proc/${pid}/cmdline`, "utf8").replaceAll("\0", " ") }];
    } catch {
      // It has ended, or is somebody else's.
      return [];
    }
  });
}

/**
 * Kills one of the processes of a command as soon as that has printed something, and waits until all of them have ended.
 * @returns the command line that was killed, and what the command said
 */
export async function killedOne(
  folder: string,
  [command, ...args]: [string, ...string[]],
  when: RegExp,
  which: RegExp,
): Promise<{ victim: string; said: string }> {
  let victim: { pid: number; command: string } | undefined;
  const killWhen = (said: string) => {
    if (victim || !when.test(said)) return false;
    victim = processesIn(folder).find((one) => which.test(one.command));
    if (victim) process.kill(victim.pid, "SIGKILL");
    return false;
  };
  const { said } = await npmRun(folder, command, args, { killWhen });
  assert.ok(victim, `no process was ${which.source}:\n${said}`);
  return { victim: victim.command, said };
}

/** Kills one of the processes of a command, then runs the command as it is: that has to go well. @returns what was killed */
export async function killedOneThenRun(
  folder: string,
  command: [string, ...string[]],
  when: RegExp,
  which: RegExp,
): Promise<string> {
  const { victim, said } = await killedOne(folder, command, when, which);
  const [name, ...args] = command;
  const again = await npmRun(folder, name, args);
  assert.equal(again.code, 0, `${said}\n---\n${again.said}`);
  return victim;
}

/**
 * What the lane of the cluster makes on Docker while Docker's own suites run: the node and its image, what may become of
 * that in the cache, and the labs that are reviewed.
 */
const ofClusterLane = new RegExp(`^(${ownProfile}(-preload-sidecar)?$|rv-|course-labs/|gcr\\.io/k8s-minikube/)`);

/**
 * Everything Docker has, by kind, to compare before and after.
 * @param alone whether nothing runs beside; otherwise without what comes and goes in the cluster's lane
 */
export function dockerObjects(alone = false): Record<string, string[]> {
  const list = (...args: string[]) =>
    docker(...args)
      .split("\n")
      .filter((line) => line && (alone || !ofClusterLane.test(line)))
      .sort();
  return {
    containers: list("ps", "--all", "--format", "{{.Names}}"),
    networks: list("network", "ls", "--format", "{{.Name}}"),
    volumes: list("volume", "ls", "--quiet"),
    images: list("image", "ls", "--no-trunc", "--format", "{{.Repository}}:{{.Tag}} {{.ID}}"),
  };
}

/** What a Redis server answers to PING. @see https://redis.io/docs/latest/develop/reference/protocol-spec/ */
export async function ping(port: number, host = "127.0.0.1"): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect({ port, host, timeout: 5000 }, () => socket.write("PING\r\n"));
    socket.once("data", (data) => {
      socket.destroy();
      resolve(data.toString().trim());
    });
    socket.once("error", reject);
    socket.once("timeout", () => socket.destroy(new Error("no answer within 5 s")));
  });
}
