import { execFile, spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { open } from "node:fs/promises";
import { delimiter, join } from "node:path";
import { promisify } from "node:util";
import { inWsl } from "../../components/addresses";
import { insideMinikube } from "../causes/inside-minikube";
import { LabError } from "../../text";
import { DockerProblem, dockerProblem, Where, wrongEngine } from "./docker-problems";

const run = promisify(execFile);

/** What a command that failed said; most write their reason to standard error. */
export function reason(error: unknown): string {
  const { stderr, stdout, message } = error as { stderr?: string; stdout?: string; message: string };
  return stderr?.trim() || stdout?.trim() || message;
}

/** Runs the `docker` command and returns what it printed. @see https://docs.docker.com/reference/cli/docker/ */
export async function docker(...args: string[]): Promise<string> {
  const { stdout } = await run("docker", args, { maxBuffer: 64 << 20 });
  return stdout.trim();
}

/**
 * Writes images into a file. By way of standard output: the Docker of the snap may not write into /tmp itself.
 * @throws Error with what Docker said
 * @see https://docs.docker.com/reference/cli/docker/image/save/
 */
export async function saveImages(file: string, ...args: string[]): Promise<void> {
  const out = await open(file, "w");
  try {
    const child = spawn("docker", ["image", "save", ...args], { stdio: ["ignore", out.fd, "pipe"] });
    let said = "";
    child.stderr?.on("data", (data: Buffer) => (said += data.toString()));
    const code = await new Promise((resolve, reject) => child.on("error", reject).on("close", resolve));
    if (code !== 0) throw new Error(said.trim() || `docker image save ended with ${String(code)}`);
  } finally {
    await out.close();
  }
}

/**
 * Pulls an image and shows Docker's own progress.
 * @throws Error with the last line that Docker said
 */
export async function pull(image: string): Promise<void> {
  const child = spawn("docker", ["pull", image], { stdio: ["ignore", 2, "pipe"] });
  let said = "";
  child.stderr?.on("data", (data: Buffer) => (said += data.toString()));
  const code = await new Promise((resolve, reject) => child.on("error", reject).on("close", resolve));
  if (code !== 0) throw new Error(said.trim().split("\n").pop());
}

/** Objects of a kind that carry a label, with their identifiers. */
export async function labelled(kind: "container" | "network" | "volume", label: string): Promise<string[]> {
  const args = { container: ["--all", "--no-trunc"], network: ["--no-trunc"], volume: [] }[kind];
  const found = await docker(kind, "ls", "--quiet", ...args, "--filter", `label=${label}`);
  return found.split("\n").filter(Boolean);
}

/** What Docker knows of an object, or nothing when there is none. */
export async function inspect(
  kind: "container" | "network" | "volume" | "image",
  name: string,
): Promise<{ id: string; labels: Record<string, string> } | undefined> {
  try {
    const [found] = JSON.parse(await docker(kind, "inspect", name)) as {
      Id?: string;
      Name?: string;
      Labels?: Record<string, string> | null;
      Config?: { Labels?: Record<string, string> | null };
    }[];
    return found && { id: found.Id ?? found.Name ?? name, labels: found.Labels ?? found.Config?.Labels ?? {} };
  } catch (error) {
    if (/no such|not found/i.test(reason(error))) return undefined;
    throw error;
  }
}

/** Those of some images that Docker has. */
export async function imagesHere(images: readonly string[]): Promise<string[]> {
  const found = await Promise.all(images.map((image) => inspect("image", image)));
  return images.filter((_, i) => found[i]);
}

/** Docker as this run uses it. */
export interface UsedDocker {
  /** What people call it: its context, or its address where DOCKER_HOST says it. */
  name: string;
  address: string;
}

let used: UsedDocker | undefined;

/** The Docker that this run uses, once {@link useDocker} has found it. */
export const usedDocker = (): UsedDocker | undefined => used;

/** A Docker that cannot be used. */
export class NoDocker extends LabError {
  constructor(readonly problem: DockerProblem) {
    super(problem);
  }
}

/** How long Docker may take for its first answer, in milliseconds: a node that was removed never gives one. */
const patience = 30_000;

/** Version, system and parts of the engine; Podman has no parts to tell, or calls them its own. */
const question = "{{.Server.Version}}|{{.Server.Os}}|{{range .Server.Components}}{{.Name}},{{end}}";

/** The context that the docker command uses; nothing where it is gone. */
async function currentContext(): Promise<{ name: string; address: string } | undefined> {
  const [name = "", address = ""] = (
    await docker("context", "inspect", "--format", "{{.Name}}|{{.Endpoints.docker.Host}}").catch(() => "")
  ).split("|");
  return address ? { name, address } : undefined;
}

/** Where the docker command is run, for {@link dockerProblem}. */
async function whereDockerIs(missing: boolean): Promise<Where> {
  const { DOCKER_HOST, DOCKER_CONTEXT, DOCKER_API_VERSION, PATH = "" } = process.env;
  const folder = PATH.split(delimiter).find((one) => existsSync(join(one, "docker")));
  return {
    missing,
    platform: process.platform,
    wsl: inWsl(),
    snap: folder === "/snap/bin",
    // What useDocker has set itself is not the learner's.
    host: used?.address === DOCKER_HOST && used?.name !== DOCKER_HOST ? undefined : DOCKER_HOST,
    chosen: DOCKER_CONTEXT,
    apiVersion: DOCKER_API_VERSION,
    context: missing ? undefined : await currentContext(),
  };
}

/** What the engine is. @throws NoDocker where none answers */
async function engine(): Promise<{ system: string; parts: string }> {
  try {
    const { stdout } = await run("docker", ["version", "--format", question], { timeout: patience });
    const [, system = "", parts = ""] = stdout.trim().split("|");
    return { system, parts };
  } catch (error) {
    const { code, killed } = error as { code?: unknown; killed?: boolean };
    const said = killed ? `no answer within ${patience / 1000} s` : reason(error);
    throw new NoDocker(dockerProblem(said, await whereDockerIs(code === "ENOENT")));
  }
}

/**
 * Has everything that this run starts use the Docker Engine that the `docker` command would use. The provider plugin would
 * follow DOCKER_CONTEXT for some of its resources, and DOCKER_HOST for others.
 * @throws NoDocker that says what to do when none answers, or another one than the labs run on
 */
export async function useDocker(): Promise<void> {
  for (const { what, why, next } of insideMinikube(process.env)) {
    throw new NoDocker({
      en: `${what.en} ${why.en} Next: ${next.en}`,
      ko: `${what.ko} ${why.ko} 할 일: ${next.ko}`,
    });
  }
  const wrong = wrongEngine(await engine(), process.env.DOCKER_HOST);
  if (wrong) throw new NoDocker(wrong);
  const { DOCKER_HOST: host } = process.env;
  if (!host) {
    used = (await currentContext()) ?? { name: "default", address: "" };
    if (used.address) process.env.DOCKER_HOST = used.address;
  } else if (used?.address !== host) used = { name: host, address: host };
  delete process.env.DOCKER_CONTEXT;
}
