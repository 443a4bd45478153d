/**
 * The outputs of the stack: how to reach each lab. A disabled lab has no output.
 * `index.ts` exports them, and the `npm run` commands read them.
 */
export interface Outputs {
  /** The enabled labs, in the order of the course. */
  labs: string[];
  redis?: RedisOutputs;
  registry?: RegistryOutputs;
  compose?: ComposeOutputs;
  kubernetes?: KubernetesOutputs;
  /** Address of the minikube node, as printed by `minikube ip`. */
  minikubeIp?: string;
  /** Node port of WordPress on minikube. */
  minikubePort?: number;
  /** WordPress on minikube. */
  wordpressUrl?: string;
  /** The class, if there is one. */
  class?: ClassOutputs;
}

export interface RedisOutputs {
  /** Address to connect to from this machine. */
  host: string;
  port: number;
  /** Name of the image that was built. */
  image: string;
  container: string;
}

export interface RegistryOutputs {
  /** Name of the image that was pulled. */
  image: string;
  container: string;
}

export interface ComposeOutputs {
  /** WordPress on Docker. */
  url: string;
}

export interface KubernetesOutputs {
  namespace: string;
  /** Address of the node. */
  ip: string;
  /** Node port of WordPress. */
  port: number;
  /** WordPress on the node. */
  url: string;
}

export interface ClassOutputs {
  /** Hours until access to a seat ends. The access itself is in no output. */
  hours: number;
  seats: SeatOutputs[];
}

export interface SeatOutputs {
  /** Name within the class, a DNS label. */
  seat: string;
  /** The student's name as the teacher wrote it, if it is not the seat's name. */
  student?: string;
  namespace: string;
  /** The seat's only node port. */
  nodePort: number;
  /** Address of what the seat has on its node port. */
  url: string;
}
