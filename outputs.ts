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
  /** The class, where there is one. */
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
  /** For how many hours access to a seat is handed out. No access itself: that is nobody's but the student's. */
  hours: number;
  seats: SeatOutputs[];
}

export interface SeatOutputs {
  /** Name within the class. */
  seat: string;
  /** Whose it is, where the teacher's list says it in other letters. */
  student?: string;
  namespace: string;
  /** The seat's only node port. */
  nodePort: number;
  /** Where what the seat has on its node port is opened. */
  url: string;
}
