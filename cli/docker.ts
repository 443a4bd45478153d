import { execFile, spawn } from "node:child_process";
import { promisify } from "node:util";
import { LabError, Text } from "../text";

const run = promisify(execFile);

/** What a command that failed said; `docker` writes its reason to standard error. */
export function reason(error: unknown): string {
  const { stderr, message } = error as { stderr?: string; message: string };
  return stderr?.trim() || message;
}

/** Runs the `docker` command and returns what it printed. @see https://docs.docker.com/reference/cli/docker/ */
export async function docker(...args: string[]): Promise<string> {
  const { stdout } = await run("docker", args, { maxBuffer: 64 << 20 });
  return stdout.trim();
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

type System = "darwin" | "win32" | "linux";
const start: Record<System, Text> = {
  darwin: { en: "Start Docker Desktop, then try again.", ko: "Docker Desktop 을 실행한 뒤 다시 시도하세요." },
  win32: { en: "Start Docker Desktop, then try again.", ko: "Docker Desktop 을 실행한 뒤 다시 시도하세요." },
  linux: {
    en: "Start it, then try again: sudo systemctl start docker",
    ko: "Docker 를 시작한 뒤 다시 시도하세요: sudo systemctl start docker",
  },
};
const install: Record<System, Text> = {
  darwin: {
    en: "Install Docker Desktop from https://docs.docker.com/desktop/setup/install/mac-install/ and start it.",
    ko: "https://docs.docker.com/desktop/setup/install/mac-install/ 에서 Docker Desktop 을 설치하고 실행하세요.",
  },
  win32: {
    en: "Install Docker Desktop from https://docs.docker.com/desktop/setup/install/windows-install/ and start it.",
    ko: "https://docs.docker.com/desktop/setup/install/windows-install/ 에서 Docker Desktop 을 설치하고 실행하세요.",
  },
  linux: {
    en: "Install Docker Engine as on https://docs.docker.com/engine/install/ (Debian and Ubuntu: sudo apt-get install docker.io).",
    ko: "https://docs.docker.com/engine/install/ 를 따라 Docker Engine 을 설치하세요 (Debian, Ubuntu: sudo apt-get install docker.io).",
  },
};
const system: System = process.platform === "darwin" || process.platform === "win32" ? process.platform : "linux";

/** Why Docker cannot be used and the next step, from what the `docker` command said. */
export function dockerProblem(said: string, missing: boolean): Text {
  if (missing) {
    const step = install[system];
    return {
      en: `Docker is not installed: there is no docker command. ${step.en}`,
      ko: `Docker 가 설치되어 있지 않습니다: docker 명령이 없습니다. ${step.ko}`,
    };
  }
  if (/permission denied/i.test(said)) {
    return {
      en:
        "You may not use Docker: permission denied on its socket. Join its group, then log out and in again: " +
        "sudo usermod -aG docker $USER",
      ko:
        "Docker 를 쓸 권한이 없습니다: 소켓에서 permission denied 가 났습니다. docker 그룹에 들어간 뒤 로그아웃하고 " +
        "다시 로그인하세요: sudo usermod -aG docker $USER",
    };
  }
  const step = start[system];
  const first = said.split("\n")[0] ?? "";
  return {
    en: `Docker is not running (${first}). ${step.en}`,
    ko: `Docker 가 실행 중이 아닙니다 (${first}). ${step.ko}`,
  };
}

/**
 * Has everything that this run starts use the Docker Engine that the `docker` command would use. The provider plugin would
 * follow DOCKER_CONTEXT for some of its resources, and DOCKER_HOST for others.
 * @throws LabError that says what to do when none answers
 */
export async function useDocker(): Promise<void> {
  try {
    await docker("version", "--format", "{{.Server.Version}}");
    process.env.DOCKER_HOST ??= await docker("context", "inspect", "--format", "{{.Endpoints.docker.Host}}");
    delete process.env.DOCKER_CONTEXT;
  } catch (error) {
    const missing = (error as NodeJS.ErrnoException).code === "ENOENT";
    throw new LabError(dockerProblem(reason(error), missing));
  }
}
