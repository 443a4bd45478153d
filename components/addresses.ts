import { existsSync } from "node:fs";
import { release } from "node:os";
import { ownProfile, Settings } from "../config";

/** How this machine reaches a port that is published on an address: the name people type, where there is one. */
export function localHost(bindAddress: string): string {
  return ["127.0.0.1", "0.0.0.0"].includes(bindAddress) ? "localhost" : bindAddress;
}

/** A host and port as browsers write them, in the address bar and in the Host header: without the 80 of plain HTTP. */
export function hostAndPort(host: string, port: number): string {
  return port === 80 ? host : `${host}:${port}`;
}

const inContainer = () => ["/.dockerenv", "/run/.containerenv"].some((file) => existsSync(file));

/**
 * Whether this is WSL. WSL_DISTRO_NAME is not there under sudo, in a service and over ssh; the kernel's name is, but a
 * container on Docker Desktop has the same kernel.
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
 * Whether a minikube node is inside a virtual machine, out of a browser's reach: with Docker Desktop, and with any Docker
 * in WSL, whose browser is on Windows.
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
 * Where people open a node port: an address of their own choice, else the node's, or localhost where the node is hidden;
 * the commands have its port mapped to there.
 * @returns undefined for the node's own address
 */
export function nodeHost(
  { kubeContext, kubernetesHost }: Pick<Settings, "kubeContext" | "kubernetesHost">,
  hidden = hidesNodes(),
): string | undefined {
  if (kubernetesHost !== undefined) return kubernetesHost;
  return kubeContext === ownProfile && hidden ? "localhost" : undefined;
}
