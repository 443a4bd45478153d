// The labs by hand, as the heads of docker/kubernetes/wordpress-k8s.yml and docker/compose/compose.yaml say.
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Labs, namespace, nodePort } from "./labs";
import { measured, timed } from "./measure";

/** The manifest, in the namespace and on the port of the benches. */
function manifest({ folder }: Labs): string {
  return readFileSync(join(folder, "docker/kubernetes/wordpress-k8s.yml"), "utf8")
    .replaceAll("namespace: wordpress", `namespace: ${namespace}`)
    .replaceAll("30080", String(nodePort));
}

/** Creates the Kubernetes lab and waits for both Deployments. */
export async function applyByHand(labs: Labs): Promise<void> {
  const inNamespace = ["--namespace", namespace];
  await labs.kubectl(["create", "namespace", namespace]);
  const passwords = ["--from-literal=password=by-hand", "--from-literal=root-password=by-hand"];
  await labs.kubectl([...inNamespace, "create", "secret", "generic", "mysql", ...passwords]);
  await labs.kubectl(["apply", "--filename", "-"], manifest(labs));
  for (const name of ["mysql", "wordpress"]) {
    await labs.kubectl([...inNamespace, "rollout", "status", `deployment/${name}`, "--timeout=300s"]);
  }
}

/** How long kubectl takes to find, in seconds, that nothing is to be done; it fails when there is something. */
export async function diffByHand(labs: Labs): Promise<number> {
  return timed(() => labs.kubectl(["diff", "--filename", "-"], manifest(labs)));
}

/**
 * How long docker compose takes to find that nothing is to be done, as often as `repeat` asks.
 * @returns undefined where there is no docker compose
 */
export async function composeByHand(
  labs: Labs,
  repeat: (work: () => Promise<number>) => Promise<number[]>,
): Promise<number[] | undefined> {
  const there = await measured("docker", ["compose", "version"]).catch(() => undefined);
  if (!there) return undefined;
  const file = join(labs.folder, "by-hand.yaml");
  const content = readFileSync(join(labs.folder, "docker/compose/compose.yaml"), "utf8");
  writeFileSync(file, content.replaceAll("30000", "31001"));
  const env = { MYSQL_PASSWORD: "by-hand", MYSQL_ROOT_PASSWORD: "by-hand" };
  const compose = (...args: string[]) =>
    measured("docker", ["compose", "--project-name", "bench-by-hand", "--file", file, ...args], { env });
  try {
    await compose("up", "--detach", "--wait");
    return await repeat(() => timed(() => compose("up", "--detach")));
  } finally {
    await compose("down", "--volumes");
  }
}
