import { spawnSync } from "node:child_process";
import { BlockList, isIPv4 } from "node:net";

/** What names a proxy: curl and Go take the lower case, too, and gRPC nothing else. */
const proxies = ["http_proxy", "https_proxy", "all_proxy", "grpc_proxy"].flatMap((name) => [name, name.toUpperCase()]);

/** What names the exceptions. gRPC asks the last one first, but only some people set it. */
const exceptions = ["NO_PROXY", "no_proxy", "no_grpc_proxy"] as const;

/** This machine, and the network that minikube gives its first node; Node.js knows no network, but a range. */
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

/** Whether a host is on this machine or beside it, where no proxy leads. */
const isNear = (host: string) =>
  isIPv4(host) ? privateNetworks.check(host) : /^(localhost|\[?::1\]?|.*\.docker\.internal)$/.test(host);

const split = (list: string) => list.split(/[\s,]+/).filter(Boolean);

/**
 * Sees to it that what goes to this machine and to the labs' node goes through no proxy: that of this process, of Pulumi's
 * engine, which the program talks to, and of the plugins. What the learner has excepted stays so.
 * @param hosts besides those that are always excepted: of these, the ones that are near
 * @returns whether the exceptions were changed
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

/** Whether a host was excepted by name or address, or stands in one of the networks that {@link keepDirect} excepts. */
export const goesDirect = (host: string, env: NodeJS.ProcessEnv = process.env) =>
  split(env.no_proxy ?? "").includes(host) || isNear(host);

/** {@link keepDirect} for a whole run. Node.js itself reads the exceptions when it starts, where it was told to use proxies. */
export function keepLocalDirect(): void {
  if (!keepDirect()) return;
  const { NODE_USE_ENV_PROXY: asked, NODE_OPTIONS: options = "" } = process.env;
  const flags = [...process.execArgv, ...split(options)];
  if (!(asked && asked !== "0") && !flags.includes("--use-env-proxy")) return;
  const { status } = spawnSync(process.execPath, [...process.execArgv, ...process.argv.slice(1)], { stdio: "inherit" });
  process.exit(status ?? 1);
}
