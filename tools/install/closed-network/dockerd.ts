import { spawn } from "node:child_process";
import { existsSync, mkdirSync, openSync, closeSync, readFileSync, readdirSync, writeFileSync } from "node:fs";
import * as path from "node:path";
import { LabError } from "../../../text";
import { findProgram, install } from "./apt";
import { Report, withLock } from "./cache";
import { lastLines, run, withProgress } from "./run";
import { RuntimeSettings, ownRuntime, requirePrivileged, runtimePath, runtimeSettings } from "./runtime";

const answers = async () => await run("docker", ["version", "--format", "{{.Server.Version}}"]);
const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

/** Makes sure that a Docker daemon answers, and starts one if this user may do so. */
export async function docker(root: string, report: Report): Promise<void> {
  const [answer, runtime] = await Promise.all([answers(), ownRuntime()]);
  const works = answer.code === 0 && (runtime === undefined || existsSync(runtime));
  if (works) return;
  mkdirSync(path.join(root, "dockerd"), { recursive: true });
  await withLock(path.join(root, "dockerd", ".lock"), "dockerd", report, async () => {
    if (answer.code !== 0) return await start(root, report);
    // The cache was deleted while a daemon was using a runtime from it, without which no container can start or stop.
    const settings = await runtimeSettings(root, report);
    if (settings) await configure(settings);
  });
}

async function start(root: string, report: Report): Promise<void> {
  // Another run may have started it while this one was waiting for the lock.
  const first = await answers();
  if (first.code === 0) return;
  if (process.env.DOCKER_HOST) {
    throw new LabError({
      en: `The Docker daemon at DOCKER_HOST=${process.env.DOCKER_HOST} does not answer. Start it, or unset DOCKER_HOST.\n${lastLines(first.tail, 3)}`,
      ko: `DOCKER_HOST에 지정된 Docker 데몬(${process.env.DOCKER_HOST})이 응답하지 않습니다. 데몬을 시작하거나 DOCKER_HOST 변수를 해제(unset)하세요.\n${lastLines(first.tail, 3)}`,
    });
  }
  if (process.platform !== "linux" || process.getuid?.() !== 0) {
    const [en, ko] =
      process.platform !== "linux"
        ? ["Start Docker Desktop.", "Docker Desktop을 실행하세요."]
        : /permission denied/i.test(first.tail)
          ? [
              "It is running, but you have no permission to use it. Run sudo usermod -aG docker $USER, then log in again.",
              "데몬은 실행 중이지만 사용할 권한이 없습니다. sudo usermod -aG docker $USER 명령을 실행한 뒤 다시 로그인하세요.",
            ]
          : [
              "Only root can start it: sudo apt-get install docker.io, then sudo systemctl start docker (without systemd: sudo dockerd).",
              "root 사용자만 데몬을 시작할 수 있습니다. sudo apt-get install docker.io를 실행한 뒤 sudo systemctl start docker를 실행하세요(systemd가 없으면 sudo dockerd).",
            ];
    throw new LabError({
      en: `No Docker daemon answers. ${en}\n${lastLines(first.tail, 3)}`,
      ko: `응답하는 Docker 데몬이 없습니다. ${ko}\n${lastLines(first.tail, 3)}`,
    });
  }
  if (!findProgram("docker") || !findProgram("dockerd")) {
    // In newer Debian releases, the client is in a separate package, which docker.io only recommends.
    const client = (await run("apt-cache", ["show", "docker-cli"])).code === 0 ? ["docker-cli"] : [];
    await install(["docker.io", ...client, "iptables", "ca-certificates"], "Docker", report);
  }
  const log = path.join(root, "log", "dockerd.log");
  if (ownSettings()) writeSettings(settingsFile(root), await runtimeSettings(root, report));
  await withProgress({ en: "starting the Docker daemon", ko: "Docker 데몬 시작" }, report, async () => {
    // The package that was just installed may already be starting a daemon.
    if (!daemonRuns()) launch(root, log);
    const until = performance.now() + 60_000;
    let last = await answers();
    while (last.code !== 0 && performance.now() < until && daemonRuns()) {
      await pause(200);
      last = await answers();
    }
    if (last.code === 0) return;
    const lines = lastLines(existsSync(log) ? readFileSync(log, "utf8") : last.tail);
    const state = daemonRuns()
      ? { en: "is running but does not answer after 60 s", ko: "실행 중이지만 60초가 지나도 응답하지 않습니다" }
      : { en: "exited while starting", ko: "시작하는 도중에 종료되었습니다" };
    throw new LabError({
      en: `The Docker daemon ${state.en}. Fix the problem shown in its log, then run the command again: ${log}\n${lines}`,
      ko: `Docker 데몬이 ${state.ko}. 로그에 나온 문제를 해결한 뒤 명령을 다시 실행하세요: ${log}\n${lines}`,
    });
  });
}

/**
 * Makes sure that the daemon can run privileged containers, such as a minikube node. A daemon that was started here reloads
 * its settings while its containers continue to run; any other daemon is not changed.
 * @param image an image with a program `true`
 */
export async function privileged(root: string, image: string, report: Report): Promise<void> {
  const settings = await runtimeSettings(root, report);
  if (settings === undefined || (await ownRuntime()) !== undefined) return;
  if (!(await configure(settings))) await requirePrivileged(image, settings);
}

/** Configures the runtime of a daemon that was started here. @returns whether it has the runtime now */
async function configure(settings: RuntimeSettings): Promise<boolean> {
  const own = daemons().find((daemon) => daemon.settings?.endsWith(settingsName));
  if (!own?.settings || process.env.DOCKER_HOST) return false;
  const wanted = runtimePath(settings);
  writeSettings(own.settings, settings);
  process.kill(own.pid, "SIGHUP");
  for (let tries = 0; tries < 50; tries++) {
    if ((await ownRuntime()) === wanted) return true;
    await pause(100);
  }
  return false;
}

/** All running dockerd processes, including those that do not answer yet, with their settings files. */
function daemons(): { pid: number; settings: string | undefined }[] {
  return readdirSync("/proc").flatMap((pid) => {
    if (!/^\d+$/.test(pid)) return [];
    try {
      const status = readFileSync(`/proc/${pid}/status`, "utf8");
      if (!/^Name:\s+dockerd$/m.test(status) || /^State:\s+Z/m.test(status)) return [];
      const args = readFileSync(`/proc/${pid}/cmdline`, "utf8").split("\0");
      const file = args.indexOf("--config-file") + 1;
      return [{ pid: Number(pid), settings: file > 0 ? args[file] : undefined }];
    } catch {
      return [];
    }
  });
}

const daemonRuns = () => daemons().length > 0;

/** The settings file of a daemon that was started here, in any cache. */
const settingsName = path.join(path.sep, "dockerd", "daemon.json");
const settingsFile = (root: string) => path.join(root, settingsName);

/** Reports whether a daemon that is started here uses our settings. */
const ownSettings = () => !existsSync("/etc/docker/daemon.json");

function writeSettings(file: string, runtime: RuntimeSettings | undefined): void {
  mkdirSync(path.dirname(file), { recursive: true });
  writeFileSync(file, JSON.stringify(daemonSettings(outgoingMtu(), runtime), null, 2) + "\n");
}

/** Starts dockerd so that it continues to run after this program. */
function launch(root: string, log: string): void {
  mkdirSync(path.dirname(log), { recursive: true });
  const args = ownSettings() ? ["--config-file", settingsFile(root)] : [];
  const out = openSync(log, "a");
  const env = { ...process.env, PATH: `${process.env.PATH ?? ""}:/usr/sbin:/usr/bin:/sbin:/bin` };
  const child = spawn(findProgram("dockerd") ?? "dockerd", args, { detached: true, stdio: ["ignore", out, out], env });
  // Without a listener, a start error would end this program. An exit is detected through /proc.
  child.on("error", () => undefined);
  child.unref();
  closeSync(out);
}

/** The settings of a daemon without a configuration file. */
export function daemonSettings(mtu: number | undefined, runtime?: RuntimeSettings): Record<string, unknown> {
  return {
    // The default with cgroup v2. With cgroup v1, a node in a container needs this setting.
    "default-cgroupns-mode": "private",
    // Docker's default of 1500 is too large for a network with a smaller MTU.
    ...(mtu !== undefined && mtu < 1500 ? { mtu } : {}),
    ...runtime,
  };
}

/** The MTU of the interface with the default route. */
function outgoingMtu(): number | undefined {
  try {
    const routes = readFileSync("/proc/net/route", "utf8").split("\n").slice(1);
    const device = routes.map((line) => line.split("\t")).find((fields) => fields[1] === "00000000")?.[0];
    return device ? Number(readFileSync(`/sys/class/net/${device}/mtu`, "utf8")) : undefined;
  } catch {
    return undefined;
  }
}
