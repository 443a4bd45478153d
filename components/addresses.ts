import { existsSync } from "node:fs";
import { release } from "node:os";
import { ownProfile, Settings } from "../config";

/** The host name to reach a port that is published on an address, as people would type it. */
export function localHost(bindAddress: string): string {
  return ["127.0.0.1", "0.0.0.0"].includes(bindAddress) ? "localhost" : bindAddress;
}

/** Host and port as browsers write them in the address bar and in the Host header: port 80 is left out. */
export function hostAndPort(host: string, port: number): string {
  return port === 80 ? host : `${host}:${port}`;
}

const inContainer = () => ["/.dockerenv", "/run/.containerenv"].some((file) => existsSync(file));

/**
 * Reports whether this is WSL. WSL_DISTRO_NAME is missing under sudo, in services and over SSH. The name of the kernel
 * always says it, but containers on Docker Desktop have the same kernel.
 */
export function inWsl(
  platform = process.platform,
  env = process.env,
  { kernel, container } = { kernel: release(), container: inContainer() },
): boolean {
  if (platform !== "linux") return false;
  return env.WSL_DISTRO_NAME !== undefined || (/microsoft/i.test(kernel) && !container);
}

/**
 * Reports whether a browser cannot reach the address of a minikube node. With Docker Desktop the node is inside a virtual
 * machine, and with WSL the browser runs on Windows.
 * @see https://minikube.sigs.k8s.io/docs/handbook/accessing/
 */
export function hidesNodes(
  platform = process.platform,
  env = process.env,
  system?: Parameters<typeof inWsl>[2],
): boolean {
  return platform === "darwin" || platform === "win32" || inWsl(platform, env, system);
}

/**
 * The host to open a node port at: the setting, or localhost if a browser cannot reach the node, because the commands
 * then map the node port to this machine.
 * @returns undefined for the node's own address
 */
export function nodeHost(
  { kubeContext, kubernetesHost }: Pick<Settings, "kubeContext" | "kubernetesHost">,
  hidden = hidesNodes(),
): string | undefined {
  if (kubernetesHost !== undefined) return kubernetesHost;
  return kubeContext === ownProfile && hidden ? "localhost" : undefined;
}
