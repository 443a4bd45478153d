import { hostAndPort, localHost, nodeHost } from "../components/addresses";
import { labObjects } from "../components/names";
import { LabName, labNames, ownProfile, Settings } from "../config";
import { Outputs } from "../outputs";

export interface RedisTarget {
  image: string;
  /** What the image is built from. */
  baseImage: string;
  /** Path of the Dockerfile. */
  dockerfile: string;
  container: string;
  host: string;
  port: number;
  /** The only address that the port may be published on. */
  bindAddress: string;
  /** Command that makes the container anew. */
  make: string;
}

export interface RegistryTarget {
  image: string;
  container: string;
  /** Name of the image that the student commits. */
  committed: string;
  /** Whether the student says that everything of theirs was removed again. */
  cleanedUp: boolean;
  /** Images that other labs need, which a clean-up leaves alone. */
  others: string[];
  make: string;
}

export interface ComposeTarget {
  url: string;
  port: number;
  bindAddress: string;
  mysqlImage: string;
  wordpressImage: string;
  /** How the containers are found: by name, or as services of a compose project. */
  containers: { mysql: string; wordpress: string } | { project: string };
  make: string;
}

export interface KubernetesTarget {
  context: string;
  namespace: string;
  node: string;
  nodePort: number;
  /** Host that people open. @default the node's address */
  host?: string;
  /** Address of WordPress that was printed. @default made of the host and the port */
  url?: string;
  /** How long a drill waits for a new pod, in milliseconds. */
  patience: number;
  /** Command that starts the cluster. */
  start: string;
  make: string;
  /** Command that makes the lab anew, with what is stored removed. */
  anew: string;
}

/** What is to be looked at. */
export interface Target {
  /** Whether the student made it, and not this project's `up`. */
  byHand: boolean;
  labs: LabName[];
  redis: RedisTarget;
  registry: RegistryTarget;
  compose: ComposeTarget;
  kubernetes: KubernetesTarget;
}

export interface Choice {
  /** Labs to look at. @default those that are on */
  labs?: readonly LabName[];
  /** Name of the image that the student commits in the registry lab. @default "mine:1" */
  committed?: string;
  /** Whether the registry lab was cleaned up. @default false */
  cleanedUp?: boolean;
}

/**
 * What `up` provisioned: the stack's outputs say where it is.
 * @param outputs undefined for what was made by hand, with the names and ports of the same settings
 */
export function targetOf(settings: Settings, outputs: Partial<Outputs> | undefined, choice: Choice = {}): Target {
  const byHand = outputs === undefined;
  const names = labObjects(settings);
  const { bindAddress, redisPort, composePort } = settings;
  const host = localHost(bindAddress);
  const labs = labNames.filter((lab) => (choice.labs ?? outputs?.labs ?? settings.labs).includes(lab));
  const redis = outputs?.redis ?? {
    host,
    port: redisPort,
    image: names.redis.imageName,
    container: names.redis.containerName,
  };
  const registry = outputs?.registry ?? {
    image: settings.registryImage,
    container: names.registry.containerName,
  };
  const publish = `${bindAddress}:${redis.port}:6379`;
  return {
    byHand,
    labs,
    redis: {
      ...redis,
      baseImage: settings.redisBaseImage,
      dockerfile: "docker/redis/Dockerfile",
      bindAddress,
      make: byHand
        ? `docker rm --force ${redis.container}; docker run --detach --name ${redis.container} --publish ${publish} ${redis.image}`
        : `docker rm --force ${redis.container}; npm run up`,
    },
    registry: {
      ...registry,
      committed: choice.committed ?? "mine:1",
      cleanedUp: choice.cleanedUp ?? false,
      others: [
        ...(labs.includes("redis") ? [redis.image] : []),
        ...(labs.includes("compose") ? [settings.mysqlImage, settings.wordpressImage] : []),
        ...(labs.includes("redis") && !byHand ? [settings.redisBaseImage] : []),
      ],
      make: byHand
        ? `docker rm --force ${registry.container}; docker run --detach --name ${registry.container} ${registry.image} sleep infinity`
        : `docker rm --force ${registry.container}; npm run up`,
    },
    compose: {
      url: outputs?.compose?.url ?? `http://${hostAndPort(host, composePort)}`,
      port: composePort,
      bindAddress,
      mysqlImage: settings.mysqlImage,
      wordpressImage: settings.wordpressImage,
      containers: byHand
        ? { project: `${settings.prefix}wordpress` }
        : { mysql: names.compose.mysqlName, wordpress: names.compose.wordpressName },
      make: byHand ? "docker compose up --detach --wait" : "npm run up",
    },
    kubernetes: {
      context: settings.kubeContext,
      namespace: outputs?.kubernetes?.namespace ?? settings.kubernetesNamespace,
      node: settings.kubeNode,
      nodePort: outputs?.kubernetes?.port ?? settings.nodePort,
      host: nodeHost(settings),
      url: outputs?.kubernetes?.url,
      patience: 120_000,
      start: settings.kubeContext === ownProfile ? "npm run up" : `minikube start --profile ${settings.kubeContext}`,
      make: byHand ? "kubectl apply --filename docker/kubernetes/wordpress-k8s.yml" : "npm run up",
      anew: byHand
        ? `kubectl --context ${settings.kubeContext} delete namespace ${settings.kubernetesNamespace}`
        : "npm run destroy -- --labs kubernetes; npm run up",
    },
  };
}
