import { createHash } from "node:crypto";
import { Facts } from "../labs";
import { Result } from "../check";
import { Row } from "./compare";
import { Text } from "../../../text";
import { containerOf } from "../labs/compose";
import { Container, containerNamed } from "../facts/docker";
import { chainOf, serviceNamed, slicesOf, Workload, workloads } from "../labs/kubernetes-objects";
import { Target } from "../target";
import { isReady } from "../../causes/objects";
import type { KubernetesFacts } from "../facts/kubernetes";

/** What a student hands in: everything that the page shows, and what `npm run grade` reads. */
export interface Report {
  /** Version of this format. */
  format: 1;
  /** Version of the project that made it. */
  version: string;
  /** What its page was made with; a version of the project may have several. @see template in page.ts */
  template?: string;
  made: string;
  student: string;
  byHand: boolean;
  /** Whether drills were run, too. */
  drill: boolean;
  results: Result[];
  comparison: Row[];
  scene: Scene;
  /** Pages of `npm run see`, as they are. */
  attached?: { title: Text; html: string }[];
  /** Hashes of ids that only this machine has: two reports that share one were made on the same machine. */
  marks: string[];
}

const hash = (text: string) => createHash("sha256").update(text).digest("hex").slice(0, 16);

/** The containers that belong to the labs of a target, in the order of the course. */
function containersOf(target: Target, { docker }: Facts): Container[] {
  if (!docker) return [];
  const { redis, registry, compose, labs } = target;
  return [
    labs.includes("redis") ? containerNamed(docker, redis.container) : undefined,
    labs.includes("registry") ? containerNamed(docker, registry.container) : undefined,
    ...(labs.includes("compose") ? workloads.map((service) => containerOf(compose, docker, service)) : []),
  ].filter((container) => container !== undefined);
}

function containerIn({ docker }: Facts, container: Container) {
  const { name, status, health, running, ports, networks, mounts } = container;
  return {
    name,
    image: docker?.images.find(({ id }) => id === container.image)?.names[0] ?? container.image.slice(7, 19),
    status: health ? `${status}, ${health}` : status,
    running,
    ports: ports.map(({ address, port, inside }) => `${address}:${port} → ${inside}`),
    network: networks.map(({ name }) => name).join(", ") || "-",
    addresses: networks.map(({ address }) => address).filter(Boolean),
    stores: mounts.filter(({ type }) => type === "volume").map(({ name, path }) => ({ name: name.slice(0, 40), path })),
  };
}

function workloadIn(facts: KubernetesFacts, name: Workload) {
  const { deployment, replicaSet, pods } = chainOf(facts, name);
  const service = serviceNamed(facts, name);
  const reached = slicesOf(facts, name)
    .flatMap(({ endpoints }) => endpoints ?? [])
    .flatMap(({ targetRef }) => targetRef?.name ?? []);
  const port = service?.spec?.ports?.[0];
  const { containers = [], volumes = [] } = pods[0]?.spec ?? {};
  const claimed = volumes.map(({ persistentVolumeClaim }) => persistentVolumeClaim?.claimName);
  return {
    service: service && `${name} · ${service.spec?.type} ${port?.nodePort ? `${port.nodePort} → ` : ""}${port?.port}`,
    deployment: deployment?.metadata?.name,
    replicaSet: replicaSet?.metadata?.name,
    pods: pods.map((pod) => ({
      name: pod.metadata?.name ?? "",
      ready: isReady(pod),
      reached: reached.includes(pod.metadata?.name ?? ""),
      image: pod.spec?.containers[0]?.image ?? "",
      address: pod.status?.podIP ?? "-",
    })),
    /** The host name of the database that its pods connect to. */
    database: containers[0]?.env?.find(({ name }) => name === "WORDPRESS_DB_HOST")?.value,
    claims: facts.claims
      .filter(({ metadata }) => claimed.includes(metadata?.name))
      .map(({ metadata, status }) => `${metadata?.name} · ${status?.phase} ${status?.capacity?.storage ?? ""}`),
  };
}

export type SceneContainer = ReturnType<typeof containerIn>;
export type SceneWorkload = ReturnType<typeof workloadIn>;

export interface Scene {
  containers: SceneContainer[];
  cluster?: { context: string; namespace: string; workloads: SceneWorkload[] };
}

export function sceneOf(target: Target, facts: Facts): Scene {
  const containers = containersOf(target, facts).map((container) => containerIn(facts, container));
  const seen = facts.kubernetes?.seen;
  if (!seen || !("facts" in seen)) return { containers };
  const { context, namespace } = seen.facts.lab;
  return {
    containers,
    cluster: { context, namespace, workloads: workloads.map((name) => workloadIn(seen.facts, name)) },
  };
}

export function marksOf(target: Target, facts: Facts): string[] {
  const seen = facts.kubernetes?.seen;
  const pods = seen && "facts" in seen ? seen.facts.pods.map(({ metadata }) => metadata?.uid ?? "") : [];
  return [...containersOf(target, facts).map(({ id }) => id), ...pods].map(hash);
}
