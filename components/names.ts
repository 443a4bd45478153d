import { LabName, Settings } from "../config";

/** Keys of the labels on every Docker object of a stack. */
export const dockerLabelKeys = {
  project: "course-labs.project",
  stack: "course-labs.stack",
  id: "course-labs.id",
} as const;

/** Keys of the labels on every Kubernetes object of a stack. */
export const kubernetesLabelKeys = {
  project: "course-labs/project",
  stack: "course-labs/stack",
  id: "course-labs/id",
} as const;

/** The Pulumi type of each lab's component. */
export const labComponents: Readonly<Record<LabName, string>> = {
  redis: "course:labs:RedisLab",
  registry: "course:labs:RegistryLab",
  compose: "course:labs:ComposeWordPress",
  kubernetes: "course:labs:KubernetesWordPress",
};

/** The names of the labs' Docker objects, with the setting `prefix`. */
export function labObjects(settings: Settings) {
  const { prefix } = settings;
  return {
    redis: {
      // The prefix belongs to the last part of the name: localhost:5000/kim-redis:v1.0
      imageName: settings.redisImage.replace(/[^/]+$/, (last) => prefix + last),
      containerName: `${prefix}redis`,
    },
    registry: { containerName: `${prefix}debian` },
    compose: {
      networkName: `${prefix}wordpress`,
      mysqlName: `${prefix}mysql`,
      // Docker silently reuses an existing volume with the same name, and destroy would delete it. The name therefore
      // has to be one that nobody else uses.
      mysqlVolume: `${prefix}course-labs-mysql`,
      wordpressName: `${prefix}wordpress`,
      wordpressVolume: `${prefix}course-labs-wordpress`,
    },
  };
}

/** A Docker object of a lab. */
export interface DockerName {
  lab: LabName;
  kind: "container" | "network" | "volume" | "image";
  name: string;
}

/** The Docker objects of the enabled labs. No other object may have the same kind and name. */
export function dockerNames(settings: Settings): DockerName[] {
  const { redis, registry, compose } = labObjects(settings);
  const all: DockerName[] = [
    { lab: "redis", kind: "image", name: redis.imageName },
    { lab: "redis", kind: "container", name: redis.containerName },
    { lab: "registry", kind: "container", name: registry.containerName },
    { lab: "compose", kind: "network", name: compose.networkName },
    { lab: "compose", kind: "volume", name: compose.mysqlVolume },
    { lab: "compose", kind: "volume", name: compose.wordpressVolume },
    { lab: "compose", kind: "container", name: compose.mysqlName },
    { lab: "compose", kind: "container", name: compose.wordpressName },
  ];
  return all.filter(({ lab }) => settings.labs.includes(lab));
}

/** A Kubernetes object of the lab. */
export interface KubernetesName {
  /** Pulumi's type. */
  type: string;
  apiVersion: string;
  kind: string;
  /** None for the namespace itself. */
  namespace?: string;
  name: string;
}

/** The objects of the Kubernetes lab, each after the ones it depends on. */
export function kubernetesNames({
  labs,
  kubernetesNamespace: namespace,
}: Pick<Settings, "labs" | "kubernetesNamespace">): KubernetesName[] {
  if (!labs.includes("kubernetes")) return [];
  const inside = (apiVersion: string, kind: string, ...names: string[]): KubernetesName[] =>
    names.map((name) => ({
      type: `kubernetes:${apiVersion === "v1" ? "core/v1" : apiVersion}:${kind}`,
      ...{ apiVersion, kind, namespace, name },
    }));
  return [
    { type: "kubernetes:core/v1:Namespace", apiVersion: "v1", kind: "Namespace", name: namespace },
    ...inside("v1", "Secret", "mysql"),
    ...inside("v1", "PersistentVolumeClaim", "mysql-data", "wordpress-data"),
    ...inside("apps/v1", "Deployment", "mysql", "wordpress"),
    ...inside("v1", "Service", "mysql", "wordpress"),
    ...inside("networking.k8s.io/v1", "NetworkPolicy", "mysql-ingress"),
  ];
}

/** An image that a lab pulls from a registry. */
export interface PulledImage {
  lab: LabName;
  image: string;
  /** Pulled by Docker on this machine, or by the node of the cluster. */
  puller: "docker" | "cluster";
}

/** The images that the enabled labs pull; for Redis, the base image. */
export function pulledImages(settings: Settings): PulledImage[] {
  const all: PulledImage[] = [
    { lab: "redis", image: settings.redisBaseImage, puller: "docker" },
    { lab: "registry", image: settings.registryImage, puller: "docker" },
    { lab: "compose", image: settings.mysqlImage, puller: "docker" },
    { lab: "compose", image: settings.wordpressImage, puller: "docker" },
    { lab: "kubernetes", image: settings.mysqlImage, puller: "cluster" },
    { lab: "kubernetes", image: settings.wordpressImage, puller: "cluster" },
  ];
  return all.filter(({ lab }) => settings.labs.includes(lab));
}
