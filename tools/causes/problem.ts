import { LabName } from "../../config";
import { lines, same, Text } from "../../text";

/** The causes that the cluster shows for a failure of the Kubernetes lab, from the most to the least certain. */
export const clusterCauses = [
  "cluster unreachable",
  "cluster part",
  "image cannot be pulled",
  "no storage class",
  "no volume",
  "pod refused",
  "too little memory",
  "unschedulable",
  "wrong password",
  "volume full",
  "another processor",
  "half-made database",
  "older database",
  "too old a database",
  "shared volume",
  "out of memory",
  "evicted",
  "cannot start",
  "volume cannot be mounted",
  "crash loop",
  "killed",
  "node port taken",
  "image still being pulled",
  "not ready",
] as const;

/** The causes that Docker shows for a failure of this machine or its containers. */
type DockerCause =
  | "no docker"
  | "another docker"
  | "docker of minikube"
  | "no tools"
  | "disk full"
  | "port taken"
  | "no container"
  | "unhealthy"
  | "stopped"
  | "ended";

/** The causes that only a check finds, because it compares, logs in or opens a page. */
type CheckCause =
  | "cannot be checked"
  | "access refused"
  | "no answer"
  // Images
  | "no image"
  | "image differs from Dockerfile"
  | "image cannot be built"
  | "another base image"
  | "another image"
  | "nothing committed"
  | "not committed"
  | "not removed"
  | "removed too much"
  // Containers
  | "several containers"
  | "not one project"
  | "another network"
  | "name not resolved"
  | "published too widely"
  | "not published"
  | "another server"
  // Stored data
  | "not on a volume"
  | "claim being deleted"
  | "data lost"
  // WordPress
  | "another database"
  | "wrong database name"
  | "database error"
  | "broken wp-config.php"
  | "no wp-config.php"
  | "stale address"
  | "error page"
  | "not WordPress"
  // Objects of the cluster
  | "no namespace"
  | "no node"
  | "node not ready"
  | "no claim"
  | "no Deployment"
  | "wrong number of pods"
  | "several databases"
  | "rolling update"
  | "no Service"
  | "no endpoints"
  | "too many endpoints"
  | "wrong target port"
  | "pod not replaced"
  | "policy too strict"
  | "policy too wide";

/** What is wrong, for programs. */
export type Cause = (typeof clusterCauses)[number] | DockerCause | CheckCause;

/** One problem, for a person: what, why, and the one next step. */
export interface Problem {
  cause: Cause;
  /** The lab that it concerns; none for the machine. */
  lab?: LabName;
  /** The workload that {@link what} is about; none for the cluster and its storage. */
  workload?: string;
  /** What does not work, with its name. */
  what: Text;
  /** Why, if it is known. */
  why?: Text;
  /** The one next step, unless {@link what} contains it. */
  next?: Text;
  /** Messages of Docker, the cluster or a program, and the last lines of a log, word for word. */
  evidence: string[];
}

const joined = (...texts: (Text | undefined)[]): Text => {
  const given = texts.filter((text) => text !== undefined);
  return { en: given.map(({ en }) => en).join(" "), ko: given.map(({ ko }) => ko).join(" ") };
};

/** What is wrong and why, in one text. */
export const whatAndWhy = ({ what, why }: Pick<Problem, "what" | "why">): Text => joined(what, why);

/** A problem as it is printed. */
export const problemText = (problem: Problem): Text =>
  lines([
    whatAndWhy(problem),
    ...(problem.next ? [{ en: `  ${problem.next.en}`, ko: `  ${problem.next.ko}` }] : []),
    ...problem.evidence.map((line) => same(`    ${line}`)),
  ]);

/** A problem in one line. */
export const inOneLine = ({ what, why, next }: Pick<Problem, "what" | "why" | "next">): Text =>
  joined(what, why, next && { en: `Next: ${next.en}`, ko: `할 일: ${next.ko}` });
