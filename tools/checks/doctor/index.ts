import { Facts } from "../labs";
import { Result } from "../check";
import { Target } from "../target";
import { diagnose } from "../../causes/kubernetes";
import { Cause, Problem } from "../../causes/problem";
import { Ask, containerProblems } from "./docker";

/** Checks whose failures the cluster explains more precisely. */
const follow = new Set(["kubernetes.claims", "kubernetes.mysql", "kubernetes.wordpress"]);

/** Checks that log in or open a page, and the causes that they know more precisely than the cluster. */
const closer = new Set(["kubernetes.database", "kubernetes.page"]);
const closest = new Set<Cause>(["wrong password", "stale address"]);

/**
 * What is wrong with the labs of a target: first what Docker and the cluster report, then what only a check found; empty if
 * nothing is wrong.
 * @param results of the checks of that target
 */
export async function problemsOf(
  target: Target,
  { docker, kubernetes }: Facts,
  results: readonly Result[],
  ask: Ask,
): Promise<Problem[]> {
  const onDocker = docker ? await containerProblems(target, docker, ask) : [];
  const inCluster = kubernetes && "facts" in kubernetes.seen ? diagnose(kubernetes.seen.facts, target.kubernetes) : [];
  const explained = ({ id, lab, cause }: Result & { cause: Cause }) =>
    onDocker.some((other) => other.lab === lab && other.cause !== "unhealthy") ||
    (inCluster.length > 0 && (follow.has(id) || (closer.has(id) && !closest.has(cause)))) ||
    (!closer.has(id) && inCluster.some((other) => other.lab === lab && other.cause === cause));
  const seen = results.flatMap((result): Problem[] => {
    if (result.status !== "failed" || explained(result)) return [];
    const { cause, lab, section, title, why, next } = result;
    const what = { en: `Check ${section} failed: ${title.en}.`, ko: `${section} 점검 실패: ${title.ko}.` };
    return [{ cause, lab, what, why, next, evidence: [] }];
  });
  // A container that is not healthy, or a pod that is not ready, for a reason that a check found.
  const vague = ({ cause, lab }: Problem) =>
    (cause === "unhealthy" || cause === "not ready") && seen.some((other) => other.lab === lab);
  const again = ({ cause, lab }: Problem) => lab === "kubernetes" && seen.some((other) => other.cause === cause);
  return [...onDocker, ...inCluster].filter((problem) => !vague(problem) && !again(problem)).concat(seen);
}
