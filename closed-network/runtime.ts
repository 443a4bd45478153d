import { existsSync, readFileSync } from "node:fs";
import * as path from "node:path";
import { LabError } from "../text";
import { Report } from "./cache";
import { buildArguments, Tool, goTool } from "./go";
import { lastLines, run } from "./run";

const runtimeName = "course-labs";

const tool: Tool = {
  name: "runtime",
  what: { en: "a container runtime for this machine's capabilities", ko: "이 컴퓨터의 권한에 맞는 컨테이너 런타임" },
  args: () => buildArguments([], ["."], { into: "bin/runtime" }),
};

/** Settings of a Docker daemon that make it use a runtime. */
export interface RuntimeSettings {
  runtimes: Record<string, { path: string }>;
  "default-runtime": string;
}

/**
 * Whether a process lacks a capability that the kernel has, also as root.
 * A Docker Engine before 26 then refuses every privileged container: it asks for all that there are.
 * @param status text of /proc/self/status
 * @param last number of the kernel's last capability
 * @see https://man7.org/linux/man-pages/man7/capabilities.7.html
 */
export function lacksCapability(status: string, last: number): boolean {
  const bounding = /^CapBnd:\s*([0-9a-f]+)$/m.exec(status)?.[1];
  if (!bounding) return false;
  const all = (1n << BigInt(last + 1)) - 1n;
  return (BigInt(`0x${bounding}`) & all) !== all;
}

/** The settings that a daemon on this machine needs to run privileged containers; undefined where it needs none. */
export async function runtimeSettings(root: string, report: Report): Promise<RuntimeSettings | undefined> {
  const last = "/proc/sys/kernel/cap_last_cap";
  if (!existsSync(last)) return undefined;
  const status = readFileSync("/proc/self/status", "utf8");
  if (!lacksCapability(status, Number(readFileSync(last, "utf8")))) return undefined;
  const program = path.join(await goTool(root, tool, report), "bin", "runtime");
  return { runtimes: { [runtimeName]: { path: program } }, "default-runtime": runtimeName };
}

export const runtimePath = (settings: RuntimeSettings): string | undefined => settings.runtimes[runtimeName]?.path;

/** The program of this project that the daemon runs every container with; undefined if it uses another. */
export async function ownRuntime(): Promise<string | undefined> {
  const info = await run("docker", ["info", "--format", "{{.DefaultRuntime}} {{json .Runtimes}}"]);
  return parseRuntimes(info.stdout);
}

/** {@link ownRuntime}, from what `docker info` prints. */
export function parseRuntimes(info: string): string | undefined {
  const [, chosen, known] = /^(\S+) (\{.*\})\s*$/.exec(info) ?? [];
  if (chosen !== runtimeName || known === undefined) return undefined;
  return (JSON.parse(known) as RuntimeSettings["runtimes"])[runtimeName]?.path;
}

/** Refuses a daemon that cannot run a privileged container, which a minikube node is. */
export async function requirePrivileged(image: string, settings: RuntimeSettings): Promise<void> {
  const result = await run("docker", ["run", "--rm", "--privileged", "--entrypoint", "true", image]);
  if (result.code === 0) return;
  const wanted = JSON.stringify(settings, null, 2);
  const said = lastLines(result.tail, 3);
  throw new LabError({
    en: `The Docker daemon, which was not started by this program, cannot run privileged containers on this machine, and a minikube node is one:\n${said}\nAdd this to /etc/docker/daemon.json and let the daemon read it with "sudo kill -HUP $(pidof dockerd)"; running containers stay as they are:\n${wanted}`,
    ko: `이 프로그램이 시작하지 않은 Docker 데몬이 이 컴퓨터에서 privileged 컨테이너를 실행하지 못하는데, minikube 노드가 그런 컨테이너입니다:\n${said}\n다음을 /etc/docker/daemon.json 에 넣고 "sudo kill -HUP $(pidof dockerd)" 로 데몬이 읽게 하세요. 실행 중인 컨테이너는 그대로입니다:\n${wanted}`,
  });
}
