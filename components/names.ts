import { seatName } from "../config/seat-name";
import { builtName, LabName, seatNamespace, Settings } from "../config";
import { SeatOutputs } from "../outputs";

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

/** Keys that identify a seat of a class, on its namespace and on the objects that isolate it. */
export const seatKeys = {
  /** The seat's name; students cannot change objects with this label. */
  seat: "course-labs/seat",
  /** The seat's only node port. */
  nodePort: "course-labs/node-port",
  /** Annotation: the student, as the teacher wrote it. */
  student: "course-labs/student",
} as const;

/** The names of the objects of a seat. */
export const seatObjects = {
  quota: "class-quota",
  limits: "class-limits",
  incoming: "class-incoming",
  outgoing: "class-outgoing",
  account: "student",
  role: "class-student",
} as const;

/** The type of the component that holds a class. It is a part of the Kubernetes lab, whose cluster it is on. */
export const classComponent = "course:labs:Class";

/** The type of the component that holds a seat. */
export const seatComponent = "course:labs:Seat";

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
      imageName: builtName(settings),
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

/** Where a seat is. */
export type SeatPlace = Omit<SeatOutputs, "url">;

/** The settings that define a class. */
export type ClassSettings = Pick<Settings, "labs" | "seats" | "prefix" | "nodePort" | "seatLab">;

/** The seats of a class; none if there is no class, or the Kubernetes lab is disabled. */
export function seatPlaces(settings: ClassSettings): SeatPlace[] {
  if (!settings.labs.includes("kubernetes")) return [];
  return settings.seats.map((text, i) => {
    // The settings are validated before.
    const { name: seat, ...whose } = seatName(text)!;
    // The teacher's own lab has the first port.
    return { seat, ...whose, namespace: seatNamespace(settings, text), nodePort: settings.nodePort + 1 + i };
  });
}

/** The name of a class's rules in its cluster. */
export const classPolicy = ({ prefix }: Pick<Settings, "prefix">) => `${prefix}course-labs-class`;

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
  return [objectNamed("v1", "Namespace", namespace), ...wordpressNames(namespace)];
}

/** An object by its kind and name; without a namespace, one of the whole cluster. */
export const objectNamed = (apiVersion: string, kind: string, name: string, namespace?: string): KubernetesName => ({
  type: `kubernetes:${apiVersion === "v1" ? "core/v1" : apiVersion}:${kind}`,
  ...{ apiVersion, kind, ...(namespace === undefined ? {} : { namespace }), name },
});

/** The objects of WordPress and MySQL in a namespace. */
function wordpressNames(namespace: string): KubernetesName[] {
  const inside = (apiVersion: string, kind: string, ...names: string[]) =>
    names.map((name) => objectNamed(apiVersion, kind, name, namespace));
  return [
    ...inside("v1", "Secret", "mysql"),
    ...inside("v1", "PersistentVolumeClaim", "mysql-data", "wordpress-data"),
    ...inside("apps/v1", "Deployment", "mysql", "wordpress"),
    ...inside("v1", "Service", "mysql", "wordpress"),
    ...inside("networking.k8s.io/v1", "NetworkPolicy", "mysql-ingress"),
  ];
}

/** The API of the rules of a class. */
export const admissionApi = "admissionregistration.k8s.io/v1";

/** The Kubernetes objects of a class, each after the ones it depends on. */
export function classNames(settings: ClassSettings): KubernetesName[] {
  const seats = seatPlaces(settings);
  if (seats.length === 0) return [];
  const { quota, limits, incoming, outgoing, account, role } = seatObjects;
  const policy = classPolicy(settings);
  return [
    objectNamed(admissionApi, "ValidatingAdmissionPolicy", policy),
    objectNamed(admissionApi, "ValidatingAdmissionPolicyBinding", policy),
    ...seats.flatMap(({ namespace }) => [
      objectNamed("v1", "Namespace", namespace),
      objectNamed("v1", "ResourceQuota", quota, namespace),
      objectNamed("v1", "LimitRange", limits, namespace),
      objectNamed("networking.k8s.io/v1", "NetworkPolicy", incoming, namespace),
      objectNamed("networking.k8s.io/v1", "NetworkPolicy", outgoing, namespace),
      objectNamed("v1", "ServiceAccount", account, namespace),
      objectNamed("rbac.authorization.k8s.io/v1", "RoleBinding", role, namespace),
      ...(settings.seatLab ? wordpressNames(namespace) : []),
    ]),
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
