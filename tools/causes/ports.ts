/**
 * What Docker says when it does not get a port of this machine, in the words of its versions and of Windows; the port is
 * in the group `port`. Between two addresses, as version 28 writes them, the first is this machine's.
 */
export const portRefused =
  /(?:listen tcp\d? |Bind for |bind host port (?:for )?|exposing port TCP )(?:[\d.]*|\[[^\]\n]*\]|::):(?<port>\d+)[^\n]*(?:address already in use|port is already allocated|Only one usage of each socket address|\/forwards\/expose returned|(?<reserved>forbidden by its access permissions))/;

/** A port that Docker did not get. */
export interface RefusedPort {
  port: number;
  /** Whether nobody has it: Windows sets ranges of ports aside. */
  reserved: boolean;
}

/** The port that Docker could not get, if that is what it says. */
export function refusedPort(said: string): RefusedPort | undefined {
  const { port, reserved } = portRefused.exec(said)?.groups ?? {};
  return port === undefined ? undefined : { port: Number(port), reserved: reserved !== undefined };
}
