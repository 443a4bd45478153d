import { execFile } from "node:child_process";
import { lookup } from "node:dns/promises";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { brief } from "../../causes/objects";
import { docker, reason, saveImages } from "../../docker/docker";
import { Image, imageWithId } from "./docker";
import { outside, Unreachable } from "./unreachable";

const run = promisify(execFile);

/** How long to wait for an answer, and for what may take its time, in milliseconds. */
const patience = 5000;
const timeout = 20_000;

export interface Said {
  code: number;
  stdout: string;
  stderr: string;
}

/** What a program printed as JSON. @throws Unreachable where it is missing, or ended before it could say anything */
export function answerIn<T>({ stdout, stderr }: Said): T {
  try {
    return JSON.parse(stdout) as T;
  } catch {
    throw new Unreachable(brief((stderr || stdout).trim().split("\n")[0] ?? ""));
  }
}

/** A page as received, without following redirects. */
export interface Page {
  status: number;
  /** Names are in lower case. */
  headers: Record<string, string>;
  body: string;
}

/** A step that made an image, as `docker history` has it. */
export interface Step {
  step: string;
  comment: string;
}

/** What Docker should build to evaluate a Dockerfile. */
export interface Recipe {
  /** The Dockerfile itself, without any files, or else the path of one, whose folder is the context. */
  content?: string;
  file?: string;
  args: Record<string, string>;
  /** Which of Docker's two builders is to do it. @default the one that the docker command uses */
  buildKit?: boolean;
}

/** The result of a build: an image, which has been removed again, or Docker's message. */
export type Built = { image: Image; history: Step[] } | { problem: string };

/** Talks to a server as telnet does. */
async function ask(host: string, port: number, line: string): Promise<string> {
  return new Promise((resolve, reject) => {
    let said = "";
    const socket = connect({ host, port, timeout: patience }, () => socket.write(`${line}\r\nQUIT\r\n`));
    socket.on("data", (data: Buffer) => (said += data.toString()));
    socket.on("end", () => resolve(said.replace(/\+OK\r\n$/, "").trim()));
    socket.on("error", reject);
    socket.on("timeout", () => socket.destroy(new Error(`no answer within ${patience / 1000} s`)));
  });
}

/** Runs a command and takes its failure as an answer. @throws Unreachable where it could not be run at all */
export async function attempt(program: string, args: string[]): Promise<Said> {
  try {
    return { code: 0, ...(await run(program, args, { timeout, maxBuffer: 64 << 20 })) };
  } catch (error) {
    const { code, stdout = "", stderr = "" } = error as { code?: number | string; stdout?: string; stderr?: string };
    if (typeof code !== "number") throw new Unreachable(reason(error), { cause: error });
    return { code, stdout, stderr };
  }
}

async function get(url: string, headers: Record<string, string> = {}): Promise<Page> {
  return outside(
    async () => {
      const answer = await fetch(url, { headers, redirect: "manual", signal: AbortSignal.timeout(timeout) });
      return { status: answer.status, headers: Object.fromEntries(answer.headers), body: await answer.text() };
    },
    (error) => {
      const { message, cause } = error as Error & { cause?: { code?: string; message?: string } };
      return cause?.code ?? cause?.message ?? message;
    },
  );
}

async function layers(image: string): Promise<string[][]> {
  const folder = await mkdtemp(join(tmpdir(), "course-labs-image-"));
  try {
    await saveImages(join(folder, "image.tar"), image);
    // Relative names only: the tar of Git Bash takes a drive letter with colon for a host name.
    const tar = (...args: string[]) => run("tar", args, { cwd: folder, maxBuffer: 64 << 20 });
    await tar("-xf", "image.tar");
    const [manifest] = JSON.parse(await readFile(join(folder, "manifest.json"), "utf8")) as { Layers: string[] }[];
    const lists = await Promise.all((manifest?.Layers ?? []).map((layer) => tar("-tf", layer)));
    return lists.map(({ stdout }) => stdout.split(/\r?\n/).filter(Boolean));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function history(image: string): Promise<Step[]> {
  const lines = await docker("history", "--no-trunc", "--format", "{{json .}}", image);
  return lines
    .split("\n")
    .map((line) => JSON.parse(line) as { CreatedBy: string; Comment: string })
    .map(({ CreatedBy, Comment }) => ({ step: CreatedBy, comment: Comment }))
    .reverse();
}

/** @see https://docs.docker.com/reference/cli/docker/buildx/build/ */
async function build({ content, file, args, buildKit }: Recipe): Promise<Built> {
  const before = await docker("image", "ls", "--all", "--quiet", "--no-trunc");
  const values = Object.entries(args).flatMap(([name, value]) => ["--build-arg", `${name}=${value}`]);
  const from = file === undefined ? ["-"] : ["--file", file, dirname(file)];
  const env = {
    ...process.env,
    // Other builders do not load their result into Docker.
    BUILDX_BUILDER: "default",
    BUILDX_NO_DEFAULT_ATTESTATIONS: "1",
    ...(buildKit === undefined ? {} : { DOCKER_BUILDKIT: buildKit ? "1" : "0" }),
  };
  const building = run("docker", ["build", "--quiet", ...values, ...from], { env, timeout });
  building.child.stdin?.on("error", () => {}).end(content);
  try {
    const id = (await building).stdout.trim().split("\n").at(-1) ?? "";
    const made = { image: await imageWithId(id), history: await history(id) };
    // If somebody has created a container from it meanwhile, it is theirs.
    if (!before.split("\n").includes(made.image.id)) await docker("image", "rm", made.image.id).catch(() => undefined);
    return made;
  } catch (error) {
    const { killed } = error as { killed?: boolean };
    return { problem: killed ? `no image after ${timeout / 1000} s` : reason(error) };
  }
}

/** How checks reach the running labs; tests replace it. Each function throws {@link Unreachable} if it fails. */
export const live = {
  /** Sends a line to a TCP server and returns all that it answers until it is quiet. */
  ask: (host: string, port: number, line: string): Promise<string> => outside(() => ask(host, port, line)),
  /** Builds with Docker, from its cache if nothing has changed; gives up after a while. */
  build: (recipe: Recipe): Promise<Built> => outside(() => build(recipe)),
  get,
  /** Steps that made an image, oldest first. */
  history: (image: string): Promise<Step[]> => outside(() => history(image)),
  /** Names of the files in each of an image's layers, lowest first; a name that is new in a layer, or changed by it. */
  layers: (image: string): Promise<string[][]> => outside(() => layers(image)),
  exec: (container: string, ...command: string[]): Promise<Said> => attempt("docker", ["exec", container, ...command]),
  /** Runs a command in a temporary container of an image, without a network. */
  runOnce: (image: string, ...command: string[]): Promise<Said> => {
    const [program = "", ...args] = command;
    return attempt("docker", ["run", "--rm", "--network", "none", "--entrypoint", program, image, ...args]);
  },
  resolve: async (name: string): Promise<string | undefined> =>
    lookup(name).then(
      ({ address }) => address,
      () => undefined,
    ),
};

export type Live = typeof live;
