import { spawnSync } from "node:child_process";
import { BlockList, isIPv4 } from "node:net";

/** Variables for proxies. curl and Go also read the lower-case names, and gRPC reads only those. */
const proxies = ["http_proxy", "https_proxy", "all_proxy", "grpc_proxy"].flatMap((name) => [name, name.toUpperCase()]);

/** Variables for exceptions. gRPC prefers the last one, which is rarely set. */
const exceptions = ["NO_PROXY", "no_proxy", "no_grpc_proxy"] as const;

/** This machine and the network of minikube's first node. Node.js supports ranges, but not networks in CIDR notation. */
const always = ["localhost", "127.0.0.1", "::1", "192.168.49.0/24", "192.168.49.1-192.168.49.254"];

const privateNetworks = new BlockList();
for (const [network, bits] of [
  ["10.0.0.0", 8],
  ["127.0.0.0", 8],
  ["169.254.0.0", 16],
  ["172.16.0.0", 12],
  ["192.168.0.0", 16],
] as const) {
  privateNetworks.addSubnet(network, bits);
}

/** Reports whether a host is on this machine or in a private network, which a proxy cannot reach. */
const isNear = (host: string) =>
  isIPv4(host) ? privateNetworks.check(host) : /^(localhost|\[?::1\]?|.*\.docker\.internal)$/.test(host);

const split = (list: string) => list.split(/[\s,]+/).filter(Boolean);

/**
 * Excludes this machine and the labs' node from proxies, for this process, for Pulumi's engine (which the program connects
 * to) and for the plugins. Exceptions set by the user are kept.
 * @param hosts additional hosts, of which those in private networks are excluded
 * @returns whether the variables were changed
 */
export function keepDirect(hosts: readonly string[] = [], env: NodeJS.ProcessEnv = process.env): boolean {
  const named = proxies.filter((name) => env[name]?.trim());
  if (named.length === 0) return false;
  for (const name of named) env[name] = env[name]?.trim();
  const before = exceptions.map((name) => env[name]);
  const all = [...before.flatMap((list = "") => split(list)), ...always, ...hosts.filter(isNear)];
  const list = [...new Set(all)].join(",");
  for (const name of exceptions) if (name !== "no_grpc_proxy" || env[name]) env[name] = list;
  return exceptions.some((name, i) => env[name] !== before[i]);
}

/** Reports whether a host is excluded from proxies. */
export const goesDirect = (host: string, env: NodeJS.ProcessEnv = process.env) =>
  split(env.no_proxy ?? "").includes(host) || isNear(host);

/** {@link keepDirect} for a whole run. With proxy support, Node.js reads the variables only at its start, so it is restarted. */
export function keepLocalDirect(): void {
  if (!keepDirect()) return;
  const { NODE_USE_ENV_PROXY: asked, NODE_OPTIONS: options = "" } = process.env;
  const flags = [...process.execArgv, ...split(options)];
  if (!(asked && asked !== "0") && !flags.includes("--use-env-proxy")) return;
  const { status } = spawnSync(process.execPath, [...process.execArgv, ...process.argv.slice(1)], { stdio: "inherit" });
  process.exit(status ?? 1);
}
