import { AddressInfo, createServer } from "node:net";
import { docker } from "./docker";

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

export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

export interface Holder {
  id: string;
  name: string;
}

/** The container that publishes a port. */
export async function containerOn(port: number): Promise<Holder | undefined> {
  const format = "{{.ID}} {{.Names}}";
  const [line] = (await docker("ps", "--no-trunc", "--filter", `publish=${port}`, "--format", format)).split("\n");
  const [id, name] = line?.split(" ") ?? [];
  return id && name ? { id, name } : undefined;
}

/** The command that shows which process uses a port. Without sudo, it shows only one's own. */
export function whoUses(port: number, { platform } = process): string {
  if (platform === "win32")
    return `Get-Process -Id (Get-NetTCPConnection -State Listen -LocalPort ${port}).OwningProcess`;
  return platform === "darwin" ? `sudo lsof -nP -iTCP:${port} -sTCP:LISTEN` : `sudo ss -ltnp sport = :${port}`;
}
