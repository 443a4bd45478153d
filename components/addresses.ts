import { ownProfile, Settings } from "../config";

/** How this machine reaches a port that is published on an address: the name people type, where there is one. */
export function localHost(bindAddress: string): string {
  return ["127.0.0.1", "0.0.0.0"].includes(bindAddress) ? "localhost" : bindAddress;
}

/** A host and port as browsers write them, in the address bar and in the Host header: without the 80 of plain HTTP. */
export function hostAndPort(host: string, port: number): string {
  return port === 80 ? host : `${host}:${port}`;
}

/**
 * Where people open a node port: an address of their own choice, else the node's, or localhost where a minikube node is
 * inside Docker Desktop and cannot be reached from outside; the commands have its port mapped to there.
 * @returns undefined for the node's own address
 */
export function nodeHost(
  { kubeContext, kubernetesHost }: Pick<Settings, "kubeContext" | "kubernetesHost">,
  platform: NodeJS.Platform = process.platform,
): string | undefined {
  if (kubernetesHost !== undefined) return kubernetesHost;
  return kubeContext === ownProfile && ["darwin", "win32"].includes(platform) ? "localhost" : undefined;
}
