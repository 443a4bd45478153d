import { spawnSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { project } from "../../config";
import { LabError } from "../../text";
import { docker, reason } from "../docker/docker";
import { say } from "../terminal/language";
import { stateIsHere } from "./stack";

/** The content of a lock of Pulumi's file backend. */
interface Lock {
  pid: number;
  hostname: string;
  timestamp: string;
}

/** The fields of /proc/PID/stat after the name, which is in parentheses and may contain spaces. */
function linuxFields(pid: number): string[] {
  return readFileSync(`/proc/${pid}/stat`, "utf8").split(") ").pop()?.split(" ") ?? [];
}

/** Reports whether a process is alive, even if it belongs to another user. Zombies are not. */
export function lives(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return process.platform !== "linux" || linuxFields(pid)[0] !== "Z";
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}

const ps = (field: string, pid: number) =>
  spawnSync("ps", ["-o", `${field}=`, "-p", String(pid)], { encoding: "utf8" }).stdout.trim();

/** The program of a process, if the system reports it. */
function programOf(pid: number): string | undefined {
  try {
    return process.platform === "linux" ? readFileSync(`/proc/${pid}/comm`, "utf8").trim() : ps("comm", pid);
  } catch {
    // It has ended meanwhile, or this is Windows.
    return undefined;
  }
}

function parentOf(pid: number): number | undefined {
  try {
    return Number(process.platform === "linux" ? linuxFields(pid)[1] : ps("ppid", pid));
  } catch {
    // As above.
    return undefined;
  }
}

/**
 * Reports whether the process of a lock has ended. Another program may have the same PID by now. Times would not tell: a
 * clock that is set, as after a virtual machine was paused, changes when a process seems to have begun.
 */
function ended({ pid }: Lock): boolean {
  if (!lives(pid)) return true;
  const program = programOf(pid);
  return program !== undefined && !program.includes("pulumi");
}

/**
 * Reports whether a lock was made in a container that no longer runs. A rebuilt dev container has a new host name. Docker
 * can answer this only if it also runs this container.
 */
async function wasContainer(host: string): Promise<boolean> {
  const isContainer = (name: string) => /^[0-9a-f]{12}$/.test(name);
  if (!isContainer(host) || !isContainer(hostname())) return false;
  const running = async (id: string) => docker("container", "inspect", "--format", "{{.State.Running}}", id);
  try {
    if ((await running(hostname())) !== "true") return false;
  } catch {
    // There is no Docker, or this container runs its own.
    return false;
  }
  return running(host).then(
    (answer) => answer === "false",
    (error: unknown) => /no such/i.test(reason(error)),
  );
}

/** Reports whether the command that started a process was killed: its parent is then the init process. */
function orphaned(pid: number): boolean {
  const parent = parentOf(pid);
  return parent === 1 || (parent !== undefined && /(^|\/)(systemd|init|launchd)$/.test(programOf(parent) ?? ""));
}

/**
 * Removes the lock of an interrupted run, and waits if its Pulumi process is still finishing.
 * @param patience how long to wait, in milliseconds
 * @throws LabError if another run is using the stack
 */
export async function clearLocks(stack: string, patience = 120_000): Promise<void> {
  const folder = `.pulumi/locks/organization/${project}/${stack}`;
  if (!stateIsHere() || !existsSync(folder)) return;
  const deadline = performance.now() + patience;
  // The backend also keeps an attributes file beside each lock, which can be ignored.
  for (const name of readdirSync(folder).filter((file) => file.endsWith(".json"))) {
    const file = join(folder, name);
    let announced = false;
    for (;;) {
      const lock = readLock(file);
      if (!lock) break;
      const here = lock.hostname === hostname();
      if (here ? ended(lock) : await wasContainer(lock.hostname)) {
        rmSync(file, { force: true });
        say({
          en: `Removed the lock of an interrupted run (process ${lock.pid}, ${lock.timestamp}).`,
          ko: `중단된 실행이 남긴 잠금을 해제했습니다(프로세스 ${lock.pid}, ${lock.timestamp}).`,
        });
        break;
      }
      if (!here || !orphaned(lock.pid) || performance.now() > deadline) {
        throw new LabError({
          en: `Another run is using stack ${stack} (process ${lock.pid} on ${lock.hostname}, since ${lock.timestamp}). Wait until it has finished. If it no longer exists${here ? "" : `, for example because ${lock.hostname} was a container that has been rebuilt`}: rm ${file}`,
          ko: `다른 명령이 ${stack} 스택을 사용하고 있습니다(프로세스 ${lock.pid}, 호스트 ${lock.hostname}, 시작 시각 ${lock.timestamp}). 끝날 때까지 기다리세요. 그 명령이 더 이상 실행 중이 아니라면${here ? "" : `(예: ${lock.hostname} 컨테이너를 다시 빌드한 경우)`}: rm ${file}`,
        });
      }
      if (!announced) {
        say({
          en: `Waiting until an interrupted run has finished its last step (process ${lock.pid}) …`,
          ko: `중단된 실행의 마지막 단계가 끝나기를 기다리는 중 (프로세스 ${lock.pid}) …`,
        });
        announced = true;
      }
      await sleep(500);
    }
  }
}

function readLock(file: string): Lock | undefined {
  try {
    return JSON.parse(readFileSync(file, "utf8")) as Lock;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    // The run was killed while writing its lock.
    if (error instanceof SyntaxError) {
      rmSync(file, { force: true });
      return undefined;
    }
    throw error;
  }
}
