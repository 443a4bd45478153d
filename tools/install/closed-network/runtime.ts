import { existsSync, readFileSync } from "node:fs";
import * as path from "node:path";
import { LabError } from "../../../text";
import { Report } from "./cache";
import { buildArguments, Tool, goTool } from "./go";
import { lastLines, run } from "./run";

const runtimeName = "course-labs";

const tool: Tool = {
  name: "runtime",
  what: { en: "a container runtime for this machine's capabilities", ko: "이 컴퓨터의 권한에 맞는 컨테이너 런타임" },
  args: () => buildArguments([], ["."], { into: "bin/runtime" }),
};

/** Settings of a Docker daemon for a runtime. */
export interface RuntimeSettings {
  runtimes: Record<string, { path: string }>;
  "default-runtime": string;
}

/**
 * Reports whether a process lacks a capability of the kernel, even as root. Docker Engine before version 26 then rejects
 * all privileged containers, because it requests all capabilities.
 * @param status content of /proc/self/status
 * @param last number of the last capability of the kernel
 * @see https://man7.org/linux/man-pages/man7/capabilities.7.html
 */
export function lacksCapability(status: string, last: number): boolean {
  const bounding = /^CapBnd:\s*([0-9a-f]+)$/m.exec(status)?.[1];
  if (!bounding) return false;
  const all = (1n << BigInt(last + 1)) - 1n;
  return (BigInt(`0x${bounding}`) & all) !== all;
}

/** The settings that a daemon needs to run privileged containers on this machine; undefined if it needs none. */
export async function runtimeSettings(root: string, report: Report): Promise<RuntimeSettings | undefined> {
  const last = "/proc/sys/kernel/cap_last_cap";
  if (!existsSync(last)) return undefined;
  const status = readFileSync("/proc/self/status", "utf8");
  if (!lacksCapability(status, Number(readFileSync(last, "utf8")))) return undefined;
  const program = path.join(await goTool(root, tool, report), "bin", "runtime");
  return { runtimes: { [runtimeName]: { path: program } }, "default-runtime": runtimeName };
}

export const runtimePath = (settings: RuntimeSettings): string | undefined => settings.runtimes[runtimeName]?.path;

/** The path of our runtime, if it is the daemon's default runtime. */
export async function ownRuntime(): Promise<string | undefined> {
  const info = await run("docker", ["info", "--format", "{{.DefaultRuntime}} {{json .Runtimes}}"]);
  return parseRuntimes(info.stdout);
}

/** {@link ownRuntime} from the output of `docker info`. */
export function parseRuntimes(info: string): string | undefined {
  const [, chosen, known] = /^(\S+) (\{.*\})\s*$/.exec(info) ?? [];
  if (chosen !== runtimeName || known === undefined) return undefined;
  return (JSON.parse(known) as RuntimeSettings["runtimes"])[runtimeName]?.path;
}

/** Refuses a daemon that cannot run privileged containers, such as a minikube node. */
export async function requirePrivileged(image: string, settings: RuntimeSettings): Promise<void> {
  const result = await run("docker", ["run", "--rm", "--privileged", "--entrypoint", "true", image]);
  if (result.code === 0) return;
  const wanted = JSON.stringify(settings, null, 2);
  const said = lastLines(result.tail, 3);
  throw new LabError({
    en: `The Docker daemon, which was not started by this program, cannot run privileged containers on this machine. minikube needs one for its node:\n${said}\nAdd this to /etc/docker/daemon.json, then make the daemon reload it with "sudo kill -HUP $(pidof dockerd)". Running containers are not affected:\n${wanted}`,
    ko: `이 프로그램에서 시작하지 않은 Docker 데몬이 이 컴퓨터에서 privileged 컨테이너를 실행하지 못합니다. minikube 노드를 실행하려면 privileged 컨테이너가 필요합니다.\n${said}\n다음 내용을 /etc/docker/daemon.json에 추가하고 "sudo kill -HUP $(pidof dockerd)" 명령으로 데몬에 적용하세요. 실행 중인 컨테이너에는 영향이 없습니다.\n${wanted}`,
  });
}
