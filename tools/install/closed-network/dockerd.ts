import { spawn } from "node:child_process";
import { existsSync, mkdirSync, openSync, closeSync, readFileSync, readdirSync, writeFileSync } from "node:fs";
import * as path from "node:path";
import { LabError } from "../../../text";
import { findProgram, install } from "./apt";
import { Report, withLock } from "./cache";
import { lastLines, run, told } from "./run";
import { RuntimeSettings, ownRuntime, requirePrivileged, runtimePath, runtimeSettings } from "./runtime";

const answers = async () => await run("docker", ["version", "--format", "{{.Server.Version}}"]);
const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

/** A Docker daemon that answers: the one that runs, or on a machine without one and with leave to, one that is started. */
export async function docker(root: string, report: Report): Promise<void> {
  const [answer, runtime] = await Promise.all([answers(), ownRuntime()]);
  const works = answer.code === 0 && (runtime === undefined || existsSync(runtime));
  if (works) return;
  mkdirSync(path.join(root, "dockerd"), { recursive: true });
  await withLock(path.join(root, "dockerd", ".lock"), "dockerd", report, async () => {
    if (answer.code !== 0) return await start(root, report);
    // The cache was emptied while a daemon ran that has its runtime from there: no container starts or stops without it.
    const settings = await runtimeSettings(root, report);
    if (settings) await configure(settings);
  });
}

async function start(root: string, report: Report): Promise<void> {
  // Asked again: another run may have started it while this one waited for the lock.
  const first = await answers();
  if (first.code === 0) return;
  if (process.env.DOCKER_HOST) {
    throw new LabError({
      en: `The Docker daemon at DOCKER_HOST=${process.env.DOCKER_HOST} does not answer. Start it, or unset DOCKER_HOST.\n${lastLines(first.tail, 3)}`,
      ko: `DOCKER_HOST=${process.env.DOCKER_HOST} 의 Docker 데몬이 답하지 않습니다. 데몬을 시작하거나 DOCKER_HOST 를 지우세요.\n${lastLines(first.tail, 3)}`,
    });
  }
  if (process.platform !== "linux" || process.getuid?.() !== 0) {
    const [en, ko] =
      process.platform !== "linux"
        ? ["Start Docker Desktop.", "Docker Desktop 을 시작하세요."]
        : /permission denied/i.test(first.tail)
          ? [
              "It runs, and you may not use it: sudo usermod -aG docker $USER, then log in again.",
              "데몬은 실행 중이지만 쓸 권한이 없습니다: sudo usermod -aG docker $USER 실행 후 다시 로그인하세요.",
            ]
          : [
              "Only root can start it: sudo apt-get install docker.io, then sudo systemctl start docker (without systemd: sudo dockerd).",
              "root 만 시작할 수 있습니다: sudo apt-get install docker.io 다음에 sudo systemctl start docker (systemd 가 없으면: sudo dockerd).",
            ];
    throw new LabError({
      en: `No Docker daemon answers. ${en}\n${lastLines(first.tail, 3)}`,
      ko: `답하는 Docker 데몬이 없습니다. ${ko}\n${lastLines(first.tail, 3)}`,
    });
  }
  if (!findProgram("docker") || !findProgram("dockerd")) {
    // Newer Debian releases have the client in a package of its own, which docker.io only recommends.
    const client = (await run("apt-cache", ["show", "docker-cli"])).code === 0 ? ["docker-cli"] : [];
    await install(["docker.io", ...client, "iptables", "ca-certificates"], "Docker", report);
  }
  const log = path.join(root, "log", "dockerd.log");
  if (ownSettings()) writeSettings(settingsFile(root), await runtimeSettings(root, report));
  await told({ en: "starting the Docker daemon", ko: "Docker 데몬 시작" }, report, async () => {
    // A daemon that is on its way, for example started by the package that was just installed, is waited for.
    if (!daemonRuns()) launch(root, log);
    const until = Date.now() + 60_000;
    let last = await answers();
    while (last.code !== 0 && Date.now() < until && daemonRuns()) {
      await pause(200);
      last = await answers();
    }
    if (last.code === 0) return;
    const lines = lastLines(existsSync(log) ? readFileSync(log, "utf8") : last.tail);
    const state = daemonRuns()
      ? { en: "runs and does not answer after 60 s", ko: "실행 중이지만 60초가 지나도 답하지 않습니다" }
      : { en: "stopped while it started", ko: "시작하다가 멈췄습니다" };
    throw new LabError({
      en: `The Docker daemon ${state.en}. Mend what its log says and run this again: ${log}\n${lines}`,
      ko: `Docker 데몬이 ${state.ko}. 로그의 문제를 고치고 다시 실행하세요: ${log}\n${lines}`,
    });
  });
}

/**
 * Makes sure that the daemon can run a privileged container, such as a minikube node.
 * A daemon that was started here reads its settings again while its containers run on; another one is not touched.
 * @param image an image with a program `true`
 */
export async function privileged(root: string, image: string, report: Report): Promise<void> {
  const settings = await runtimeSettings(root, report);
  if (settings === undefined || (await ownRuntime()) !== undefined) return;
  if (!(await configure(settings))) await requirePrivileged(image, settings);
}

/** Gives a runtime to the daemon if it was started here; whether it has it now. */
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

/** Every dockerd that runs, also one that does not answer yet, with the file that it was told to read. */
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

/** Where the settings of a daemon that is started here lie, in whichever cache. */
const settingsName = path.join(path.sep, "dockerd", "daemon.json");
const settingsFile = (root: string) => path.join(root, settingsName);

/** Whether a daemon that is started here gets its settings from here, too. */
const ownSettings = () => !existsSync("/etc/docker/daemon.json");

function writeSettings(file: string, runtime: RuntimeSettings | undefined): void {
  mkdirSync(path.dirname(file), { recursive: true });
  writeFileSync(file, JSON.stringify(daemonSettings(outgoingMtu(), runtime), null, 2) + "\n");
}

/** Starts dockerd so that it outlives this program. */
function launch(root: string, log: string): void {
  mkdirSync(path.dirname(log), { recursive: true });
  const args = ownSettings() ? ["--config-file", settingsFile(root)] : [];
  const out = openSync(log, "a");
  const env = { ...process.env, PATH: `${process.env.PATH ?? ""}:/usr/sbin:/usr/bin:/sbin:/bin` };
  const child = spawn(findProgram("dockerd") ?? "dockerd", args, { detached: true, stdio: ["ignore", out, out], env });
  // Its end is seen in /proc; without a listener an error to start would end this program instead.
  child.on("error", () => undefined);
  child.unref();
  closeSync(out);
}

/** Settings of a daemon that has none of its own. */
export function daemonSettings(mtu: number | undefined, runtime?: RuntimeSettings): Record<string, unknown> {
  return {
    // What cgroup v2 has by default; with cgroup v1 a node that runs in a container needs it said.
    "default-cgroupns-mode": "private",
    // Packets as large as Docker's default of 1500 are lost on a network that takes only smaller ones.
    ...(mtu !== undefined && mtu < 1500 ? { mtu } : {}),
    ...runtime,
  };
}

/** The largest packet of the interface that leads out. */
function outgoingMtu(): number | undefined {
  try {
    const routes = readFileSync("/proc/net/route", "utf8").split("\n").slice(1);
    const device = routes.map((line) => line.split("\t")).find((fields) => fields[1] === "00000000")?.[0];
    return device ? Number(readFileSync(`/sys/class/net/${device}/mtu`, "utf8")) : undefined;
  } catch {
    return undefined;
  }
}
