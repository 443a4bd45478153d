import { execFile } from "node:child_process";
import { readdirSync, readFileSync, readlinkSync } from "node:fs";
import { AddressInfo, createServer } from "node:net";
import { promisify } from "node:util";
import { Text } from "../../text";
import { docker } from "./docker";

const run = promisify(execFile);

/** Checks whether a port can be bound on an address of this machine. */
export async function tryPort(address: string, port: number): Promise<"free" | "taken" | "no such address"> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once("error", (error: NodeJS.ErrnoException) => {
      if (error.code === "EADDRNOTAVAIL") resolve("no such address");
      // EACCES for a port below 1024 does not matter, because the Docker daemon is root.
      else resolve(error.code === "EADDRINUSE" ? "taken" : "free");
    });
    server.listen({ host: address, port, exclusive: true }, () => server.close(() => resolve("free")));
  });
}

/** A free port of this machine. */
export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/** The container or process that uses a port. */
export interface Holder {
  /** Name of the container, or of the process such as "nginx (process 4711)". */
  name: string;
  /** Id of the container; undefined for a process. */
  id?: string;
}

/** The holder of a port for messages. */
export function holderText({ id, name }: Holder): Text {
  if (id) return { en: `container ${name}`, ko: `${name} 컨테이너` };
  return { en: name, ko: name.replace(/ \(process (\d+)\)$/, "(PID $1)") };
}

/** The container that publishes a port. */
export async function containerOn(port: number): Promise<Required<Holder> | undefined> {
  const format = "{{.ID}} {{.Names}}";
  const [line] = (await docker("ps", "--no-trunc", "--filter", `publish=${port}`, "--format", format)).split("\n");
  const [id, name] = line?.split(" ") ?? [];
  return id && name ? { id, name } : undefined;
}

/** Finds the container or process that uses a port; undefined if this user has no permission to see it. */
export async function holderOf(port: number): Promise<Holder | undefined> {
  const container = await containerOn(port);
  if (container) return container;
  const name = await processOn(port);
  return name === undefined ? undefined : { name };
}

/** The process that listens on a port, such as "nginx (process 4711)", if this user has permission to see it. */
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
    // Knowing the process is helpful, but not required.
    return undefined;
  }
}

/** Finds the listening socket in /proc/net, and the process that has it open. */
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
      // The process belongs to another user, or has exited.
    }
  }
  return undefined;
}
