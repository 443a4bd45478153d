import { createHash } from "node:crypto";
import { Facts } from "../labs";
import { Result } from "../check";
import { Row } from "./compare";
import { Text } from "../../../text";
import { containerOf } from "../labs/compose";
import { Container, containerNamed } from "../facts/docker";
import { chainOf, serviceNamed, slicesOf, workloads } from "../labs/kubernetes-objects";
import { Target } from "../target";
import { isReady } from "../../causes/objects";
import { Scene } from "./drawing";

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

export function sceneOf(target: Target, facts: Facts): Scene {
  const imageName = (id: string) => facts.docker?.images.find((image) => image.id === id)?.names[0] ?? id.slice(7, 19);
  const containers = containersOf(target, facts).map((container) => ({
    name: container.name,
    image: imageName(container.image),
    status: container.health ? `${container.status}, ${container.health}` : container.status,
    running: container.running,
    ports: container.ports.map(({ address, port, inside }) => `${address}:${port} → ${inside}`),
    network: container.networks.map(({ name }) => name).join(", ") || "-",
    addresses: container.networks.map(({ address }) => address).filter(Boolean),
    stores: container.mounts
      .filter(({ type }) => type === "volume")
      .map(({ name, path }) => ({ name: name.slice(0, 40), path })),
  }));
  const seen = facts.kubernetes?.seen;
  if (!seen || !("facts" in seen)) return { containers };
  const { lab } = seen.facts;
  return {
    containers,
    cluster: {
      context: lab.context,
      namespace: lab.namespace,
      workloads: workloads.map((name) => {
        const { deployment, replicaSet, pods } = chainOf(seen.facts, name);
        const service = serviceNamed(seen.facts, name);
        const reached = slicesOf(seen.facts, name)
          .flatMap(({ endpoints }) => endpoints ?? [])
          .flatMap(({ targetRef }) => targetRef?.name ?? []);
        const port = service?.spec?.ports?.[0];
        const variables = pods[0]?.spec?.containers[0]?.env;
        return {
          service:
            service && `${name} · ${service.spec?.type} ${port?.nodePort ? `${port.nodePort} → ` : ""}${port?.port}`,
          deployment: deployment?.metadata?.name,
          replicaSet: replicaSet?.metadata?.name,
          pods: pods.map((pod) => ({
            name: pod.metadata?.name ?? "",
            ready: isReady(pod),
            reached: reached.includes(pod.metadata?.name ?? ""),
            image: pod.spec?.containers[0]?.image ?? "",
            address: pod.status?.podIP ?? "-",
          })),
          database: variables?.find(({ name }) => name === "WORDPRESS_DB_HOST")?.value,
          claims: seen.facts.claims
            .filter(({ metadata }) =>
              pods[0]?.spec?.volumes?.some((volume) => volume.persistentVolumeClaim?.claimName === metadata?.name),
            )
            .map(({ metadata, status }) => `${metadata?.name} · ${status?.phase} ${status?.capacity?.storage ?? ""}`),
        };
      }),
    },
  };
}

export function marksOf(target: Target, facts: Facts): string[] {
  const seen = facts.kubernetes?.seen;
  const pods = seen && "facts" in seen ? seen.facts.pods.map(({ metadata }) => metadata?.uid ?? "") : [];
  return [...containersOf(target, facts).map(({ id }) => id), ...pods].map(hash);
}
