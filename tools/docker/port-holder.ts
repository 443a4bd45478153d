import { execFile } from "node:child_process";
import { readdirSync, readFileSync, readlinkSync } from "node:fs";
import { AddressInfo, createServer } from "node:net";
import { promisify } from "node:util";
import { docker } from "./docker";

const run = promisify(execFile);

/** Whether a port can be bound: "free", "taken", or "no such address" on this machine. */
export async function tryPort(address: string, port: number): Promise<"free" | "taken" | "no such address"> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once("error", (error: NodeJS.ErrnoException) => {
      if (error.code === "EADDRNOTAVAIL") resolve("no such address");
      // Docker binds ports below 1024 for those who may not.
      else resolve(error.code === "EADDRINUSE" ? "taken" : "free");
    });
    server.listen({ host: address, port, exclusive: true }, () => server.close(() => resolve("free")));
  });
}

/** A port of this machine that nobody has. */
export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/** Who has a port. */
export interface Holder {
  /** Name of a container, or a process such as "nginx (process 4711)". */
  name: string;
  /** Id of a container; a process has none. */
  id?: string;
}

/** The container that publishes a port. */
export async function containerOn(port: number): Promise<Required<Holder> | undefined> {
  const format = "{{.ID}} {{.Names}}";
  const [line] = (await docker("ps", "--no-trunc", "--filter", `publish=${port}`, "--format", format)).split("\n");
  const [id, name] = line?.split(" ") ?? [];
  return id && name ? { id, name } : undefined;
}

/** Who has a port: a container, or else a process; undefined where this user may not see it. */
export async function holderOf(port: number): Promise<Holder | undefined> {
  const container = await containerOn(port);
  if (container) return container;
  const name = await processOn(port);
  return name === undefined ? undefined : { name };
}

/** The process that listens on a port, such as "nginx (process 4711)", where this user may see it. */
export async function processOn(port: number): Promise<string | undefined> {
  try {
    if (process.platform === "linux") return processOnLinux(port);
    if (process.platform === "win32") {
      const query =
        `Get-Process -Id (Get-NetTCPConnection -State Listen -LocalPort ${port}).OwningProcess | ` +
        'Select-Object -First 1 | ForEach-Object { "$($_.ProcessName) (process $($_.Id))" }';
      return (await run("powershell", ["-NoProfile", "-Command", query])).stdout.trim() || undefined;
    }
    const { stdout } = await run("lsof", ["-nP", `-iTCP:${port}`, "-sTCP:LISTEN", "-Fpc"]);
    const pid = /^p(\d+)/m.exec(stdout)?.[1];
    const name = /^c(.+)/m.exec(stdout)?.[1];
    return pid && name ? `${name} (process ${pid})` : undefined;
  } catch {
    // The port is known to be taken; by whom is a help, not a condition.
    return undefined;
  }
}

/** Looks for the listening socket in /proc/net and for the process that has it open. */
function processOnLinux(port: number): string | undefined {
  const hex = port.toString(16).toUpperCase().padStart(4, "0");
  const listening = "0A";
  const sockets = new Set<string>();
  for (const table of ["/proc/net/tcp", "/proc/net/tcp6"]) {
    for (const line of readFileSync(table, "utf8").split("\n").slice(1)) {
      const fields = line.trim().split(/\s+/);
      if (fields[1]?.endsWith(`:${hex}`) && fields[3] === listening) sockets.add(`socket:[${fields[9]}]`);
    }
  }
  for (const pid of readdirSync("/proc").filter((name) => /^\d+$/.test(name))) {
    try {
      const files = readdirSync(`/proc/${pid}/fd`);
      if (files.some((fd) => sockets.has(readlinkSync(`/proc/${pid}/fd/${fd}`)))) {
        return `${readFileSync(`/proc/${pid}/comm`, "utf8").trim()} (process ${pid})`;
      }
    } catch {
      // Another user's process, or one that just ended.
    }
  }
  return undefined;
}
