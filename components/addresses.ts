/** How this machine reaches a port that is published on an address: the name people type, where there is one. */
export function localHost(bindAddress: string): string {
  return ["127.0.0.1", "0.0.0.0"].includes(bindAddress) ? "localhost" : bindAddress;
}

/** A host and port as browsers write them, in the address bar and in the Host header: without the 80 of plain HTTP. */
export function hostAndPort(host: string, port: number): string {
  return port === 80 ? host : `${host}:${port}`;
}
