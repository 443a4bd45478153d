import { Check } from "../check";
import { composeChecks } from "./compose";
import { DockerFacts } from "../facts/docker";
import { kubernetesChecks } from "./kubernetes";
import { Cluster, Seen } from "../facts/kubernetes";
import { Live } from "../facts/live";
import { redisChecks } from "./redis";
import { registryChecks } from "./registry";
import { Target } from "../target";

/** Everything that the checks look at, taken once. */
export interface Facts {
  docker?: DockerFacts;
  kubernetes?: { seen: Seen; cluster: Cluster };
}

/** The checks of the labs of a target, in the order of the course. */
export function checksOf(target: Target, { docker, kubernetes }: Facts, live: Live): Check[] {
  const on = (lab: Target["labs"][number]) => target.labs.includes(lab);
  return [
    ...(docker && on("redis") ? redisChecks(target.redis, docker, live) : []),
    ...(docker && on("registry") ? registryChecks(target.registry, docker, live) : []),
    ...(docker && on("compose") ? composeChecks(target.compose, docker, live) : []),
    ...(kubernetes && on("kubernetes")
      ? kubernetesChecks(target.kubernetes, kubernetes.seen, kubernetes.cluster, live)
      : []),
  ];
}
