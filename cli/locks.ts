import { spawnSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { project } from "../config";
import { LabError } from "../text";
import { say } from "./language";
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
    return undefined;
  }
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
      if (lock.hostname === hostname() && !lives(lock.pid)) {
        rmSync(file, { force: true });
        say({
          en: `Cleared the lock of a run that was stopped (process ${lock.pid}, ${lock.timestamp}).`,
          ko: `중단된 실행의 잠금을 지웠습니다 (프로세스 ${lock.pid}, ${lock.timestamp}).`,
        });
        break;
      }
      if (lock.hostname !== hostname() || !orphaned(lock.pid) || Date.now() > deadline) {
        throw new LabError({
          en: `Another run is at work on stack ${stack} (process ${lock.pid} on ${lock.hostname}, since ${lock.timestamp}). Wait for it to end. If it no longer exists, delete ${file}`,
          ko: `다른 실행이 ${stack} 스택에서 작업 중입니다 (${lock.hostname} 의 프로세스 ${lock.pid}, ${lock.timestamp} 부터). 끝날 때까지 기다리세요. 이미 없는 실행이라면 ${file} 을(를) 지우세요`,
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
