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

/** What Pulumi's file backend writes into a lock. */
interface Lock {
  pid: number;
  hostname: string;
  timestamp: string;
}

/** What Linux tells of a process after its name, which stands in parentheses and may itself hold spaces. */
function linuxFields(pid: number): string[] {
  return readFileSync(`/proc/${pid}/stat`, "utf8").split(") ").pop()?.split(" ") ?? [];
}

/** Whether a process lives; one of another user does, too, but not one that only waits to be counted out. */
export function lives(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return process.platform !== "linux" || linuxFields(pid)[0] !== "Z";
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}

/** The process that a process belongs to, and its name, where the system tells. */
function parentOf(pid: number): { pid: number; name: string } | undefined {
  const ps = (field: string, of: number) =>
    spawnSync("ps", ["-o", `${field}=`, "-p", String(of)], { encoding: "utf8" }).stdout.trim();
  try {
    if (process.platform !== "linux") {
      const parent = Number(ps("ppid", pid));
      return { pid: parent, name: ps("comm", parent) };
    }
    const parent = Number(linuxFields(pid)[1]);
    return { pid: parent, name: readFileSync(`/proc/${parent}/comm`, "utf8").trim() };
  } catch {
    // It has ended meanwhile.
    return undefined;
  }
}

/** When a process began, in milliseconds, where the system tells. */
function beganAt(pid: number): number | undefined {
  try {
    if (process.platform !== "linux") {
      const env = { ...process.env, LC_ALL: "C" };
      const began = Date.parse(spawnSync("ps", ["-o", "lstart=", "-p", String(pid)], { encoding: "utf8", env }).stdout);
      return Number.isNaN(began) ? undefined : began;
    }
    // In hundredths of a second since the system started; the first field here is the third of all.
    const ticks = Number(linuxFields(pid)[19]);
    const [, boot] = /^btime (\d+)$/m.exec(readFileSync("/proc/stat", "utf8")) ?? [];
    return boot === undefined ? undefined : Number(boot) * 1000 + ticks * 10;
  } catch {
    return undefined;
  }
}

/** Whether a lock's process has ended, and its number, where it lives, is another one's by now. */
function ended({ pid, timestamp }: Lock): boolean {
  if (!lives(pid)) return true;
  const [began, locked] = [beganAt(pid), Date.parse(timestamp)];
  // The clock of the system's start is only told in whole seconds.
  return began !== undefined && began > locked + 2000;
}

/**
 * Whether the host of a lock was a container that no longer runs, as after a dev container was built anew: that one has
 * another name. Docker can tell only where it knows this container, too.
 */
async function wasContainer(host: string): Promise<boolean> {
  const isContainer = (name: string) => /^[0-9a-f]{12}$/.test(name);
  if (!isContainer(host) || !isContainer(hostname())) return false;
  const running = async (id: string) => docker("container", "inspect", "--format", "{{.State.Running}}", id);
  try {
    if ((await running(hostname())) !== "true") return false;
  } catch {
    // No Docker, or one of its own inside this container.
    return false;
  }
  return running(host).then(
    (answer) => answer === "false",
    (error: unknown) => /no such/i.test(reason(error)),
  );
}

/** Whether a process is what a killed command left behind: the system has taken it in. */
function orphaned(pid: number): boolean {
  const parent = parentOf(pid);
  return parent !== undefined && (parent.pid === 1 || /(^|\/)(systemd|init|launchd)$/.test(parent.name));
}

/**
 * Clears the lock of a run that was killed, and waits while Pulumi still finishes what such a run had begun.
 * @param patience how long to wait, in milliseconds
 * @throws LabError when another run is at work on the stack
 */
export async function clearLocks(stack: string, patience = 120_000): Promise<void> {
  const folder = `.pulumi/locks/organization/${project}/${stack}`;
  if (!stateIsHere() || !existsSync(folder)) return;
  const deadline = Date.now() + patience;
  // Beside each lock the backend keeps a file of attributes, which means nothing without it.
  for (const name of readdirSync(folder).filter((file) => file.endsWith(".json"))) {
    const file = join(folder, name);
    let told = false;
    for (;;) {
      const lock = readLock(file);
      if (!lock) break;
      const here = lock.hostname === hostname();
      if (here ? ended(lock) : await wasContainer(lock.hostname)) {
        rmSync(file, { force: true });
        say({
          en: `Cleared the lock of a run that was stopped (process ${lock.pid}, ${lock.timestamp}).`,
          ko: `중단된 실행의 잠금을 지웠습니다 (프로세스 ${lock.pid}, ${lock.timestamp}).`,
        });
        break;
      }
      if (!here || !orphaned(lock.pid) || Date.now() > deadline) {
        throw new LabError({
          en: `Another run is at work on stack ${stack} (process ${lock.pid} on ${lock.hostname}, since ${lock.timestamp}). Wait for it to end. If it no longer exists${here ? "" : `, for example because ${lock.hostname} was a container that was built anew`}: rm ${file}`,
          ko: `다른 실행이 ${stack} 스택에서 작업 중입니다 (${lock.hostname} 의 프로세스 ${lock.pid}, ${lock.timestamp} 부터). 끝날 때까지 기다리세요. 이미 없는 실행이라면${here ? "" : ` (예: ${lock.hostname} 컨테이너를 새로 만든 경우)`}: rm ${file}`,
        });
      }
      if (!told) {
        say({
          en: `A run that was stopped is still finishing its last step (process ${lock.pid}): waiting …`,
          ko: `중단된 실행이 마지막 단계를 끝내는 중입니다 (프로세스 ${lock.pid}): 기다리는 중 …`,
        });
        told = true;
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
    // A run that was killed while it wrote its lock.
    if (error instanceof SyntaxError) {
      rmSync(file, { force: true });
      return undefined;
    }
    throw error;
  }
}
