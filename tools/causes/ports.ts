/**
 * Messages of Docker's versions, and of Windows, about a port of this machine that cannot be used; the port is in the group
 * `port`. Of two addresses, which version 28 writes, the first is that of this machine.
 */
export const portRefused =
  /(?:listen tcp\d? |Bind for |bind host port (?:for )?|exposing port TCP )(?:[\d.]*|\[[^\]\n]*\]|::):(?<port>\d+)[^\n]*(?:address already in use|port is already allocated|Only one usage of each socket address|\/forwards\/expose returned|(?<reserved>forbidden by its access permissions))/;

/** A port that Docker cannot use. */
export interface RefusedPort {
  port: number;
  /** Whether Windows reserves it, so that no program uses it. */
  reserved: boolean;
}

/** The port in a message of Docker about a port that it cannot use. */
export function refusedPort(said: string): RefusedPort | undefined {
  const { port, reserved } = portRefused.exec(said)?.groups ?? {};
  return port === undefined ? undefined : { port: Number(port), reserved: reserved !== undefined };
}
