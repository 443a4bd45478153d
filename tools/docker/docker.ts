import { execFile, spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { open } from "node:fs/promises";
import { delimiter, join } from "node:path";
import { promisify } from "node:util";
import { inWsl } from "../../components/addresses";
import { insideMinikube } from "../causes/inside-minikube";
import { inOneLine } from "../causes/problem";
import { LabError } from "../../text";
import { DockerProblem, dockerProblem, Where, wrongEngine } from "./docker-problems";

const run = promisify(execFile);

/** The message of a failed command. Most commands write it to standard error. */
export function reason(error: unknown): string {
  const { stderr, stdout, message } = error as { stderr?: string; stdout?: string; message: string };
  return stderr?.trim() || stdout?.trim() || message;
}

/** Runs the `docker` command and returns its output. @see https://docs.docker.com/reference/cli/docker/ */
export async function docker(...args: string[]): Promise<string> {
  const { stdout } = await run("docker", args, { maxBuffer: 64 << 20 });
  return stdout.trim();
}

/**
 * Saves images to a file. Uses standard output, because the Docker snap has no access to /tmp.
 * @throws Error with Docker's message
 * @see https://docs.docker.com/reference/cli/docker/image/save/
 */
export async function saveImages(file: string, ...args: string[]): Promise<void> {
  const out = await open(file, "w");
  try {
    await written(out.fd, "image", "save", ...args);
  } finally {
    await out.close();
  }
}

/** Runs `docker` with its output in a file. @throws Error with Docker's message */
async function written(file: number, ...args: string[]): Promise<void> {
  const child = spawn("docker", args, { stdio: ["ignore", file, "pipe"] });
  let said = "";
  child.stderr?.on("data", (data: Buffer) => (said += data.toString()));
  const code = await new Promise((resolve, reject) => child.on("error", reject).on("close", resolve));
  if (code !== 0) throw new Error(said.trim() || `docker ${args[0]} failed with exit code ${String(code)}`);
}

/** Pulls an image with Docker's own progress output. @throws Error with the last line of Docker's message */
export async function pull(image: string): Promise<void> {
  await written(2, "pull", image).catch((error: Error) => {
    throw new Error(error.message.split("\n").pop());
  });
}

export async function labelled(kind: "container" | "network" | "volume", label: string): Promise<string[]> {
  const args = { container: ["--all", "--no-trunc"], network: ["--no-trunc"], volume: [] }[kind];
  const found = await docker(kind, "ls", "--quiet", ...args, "--filter", `label=${label}`);
  return found.split("\n").filter(Boolean);
}

type Kind = "container" | "network" | "volume" | "image";

export interface Found {
  id: string;
  labels: Record<string, string>;
}

/**
 * The id and labels of objects; undefined for those that do not exist. Starting `docker` takes longer than its answer, so
 * it is started once if all of them exist.
 */
export async function inspectAll(kind: Kind, names: readonly string[]): Promise<(Found | undefined)[]> {
  if (names.length === 0) return [];
  try {
    const found = JSON.parse(await docker(kind, "inspect", ...names)) as {
      Id?: string;
      Name?: string;
      Labels?: Record<string, string> | null;
      Config?: { Labels?: Record<string, string> | null };
    }[];
    return found.map(({ Id, Name, Labels, Config }) => ({
      id: Id ?? Name ?? "",
      labels: Labels ?? Config?.Labels ?? {},
    }));
  } catch (error) {
    if (!/no such|not found/i.test(reason(error))) throw error;
    if (names.length === 1) return [undefined];
    return (await Promise.all(names.map((name) => inspectAll(kind, [name])))).flat();
  }
}

/** The id and labels of an object; undefined if it does not exist. */
export const inspect = async (kind: Kind, name: string): Promise<Found | undefined> =>
  (await inspectAll(kind, [name]))[0];

export async function imagesHere(images: readonly string[]): Promise<string[]> {
  const found = await inspectAll("image", images);
  return images.filter((_, i) => found[i]);
}

export interface UsedDocker {
  /** The name of its context, or the value of DOCKER_HOST. */
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

/** Timeout for the first answer of Docker in milliseconds: a removed node would never answer. */
const patience = 30_000;

/** Version, operating system and components of the engine; Podman reports no components, or its own. */
const question = "{{.Server.Version}}|{{.Server.Os}}|{{range .Server.Components}}{{.Name}},{{end}}";

/** The current context of the docker command; undefined if it no longer exists. */
async function currentContext(): Promise<{ name: string; address: string } | undefined> {
  // The caller reports a missing context.
  const [name = "", address = ""] = (
    await docker("context", "inspect", "--format", "{{.Name}}|{{.Endpoints.docker.Host}}").catch(() => "")
  ).split("|");
  return address ? { name, address } : undefined;
}

/** The environment of the docker command, for {@link dockerProblem}. */
async function whereDockerIs(missing: boolean): Promise<Where> {
  const { DOCKER_HOST, DOCKER_CONTEXT, DOCKER_API_VERSION, PATH = "" } = process.env;
  const folder = PATH.split(delimiter).find((one) => existsSync(join(one, "docker")));
  return {
    missing,
    platform: process.platform,
    wsl: inWsl(),
    snap: folder === "/snap/bin",
    // Not if useDocker set it.
    host: used?.address === DOCKER_HOST && used?.name !== DOCKER_HOST ? undefined : DOCKER_HOST,
    chosen: DOCKER_CONTEXT,
    apiVersion: DOCKER_API_VERSION,
    context: missing ? undefined : await currentContext(),
  };
}

/** Asks the engine about itself. @throws NoDocker if no engine answers */
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
 * Makes all programs of this run use the same Docker Engine as the `docker` command. The provider plugin uses
 * DOCKER_CONTEXT for some resources and DOCKER_HOST for others.
 * @throws NoDocker if no engine answers, or if it cannot run the labs
 */
export async function useDocker(): Promise<void> {
  const [inside] = insideMinikube(process.env);
  if (inside) throw new NoDocker(inOneLine(inside));
  const { DOCKER_HOST: host } = process.env;
  const [answer, context] = await Promise.all([engine(), host ? undefined : currentContext()]);
  const wrong = wrongEngine(answer, host);
  if (wrong) throw new NoDocker(wrong);
  if (!host) {
    used = context ?? { name: "default", address: "" };
    if (used.address) process.env.DOCKER_HOST = used.address;
  } else if (used?.address !== host) used = { name: host, address: host };
  delete process.env.DOCKER_CONTEXT;
}
