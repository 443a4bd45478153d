import { project } from "../../config";
import { Edition, manifest, provisioned } from "./edition";
import { Cause, clusterCauses, Problem } from "./problem";
import { Case, LabObjects, tellingPods, workloadOf } from "./objects";
import { nodeProblems, partProblems } from "./parts";
import { podProblem } from "./pods";
import { refusedPods } from "./refusals";
import { storageProblems } from "./storage";

/** Another Service that uses the lab's node port. */
function portProblems({ services, lab, edition }: Case): Problem[] {
  const holder = services.find(
    ({ metadata, spec }) =>
      !(metadata?.namespace === lab.namespace && metadata.name === "wordpress") &&
      spec?.ports?.some(({ nodePort }) => nodePort === lab.nodePort),
  );
  if (!holder) return [];
  return [
    {
      cause: "node port taken",
      workload: "wordpress",
      what: {
        en: `Node port ${lab.nodePort} cannot be opened for WordPress.`,
        ko: `${lab.nodePort}번 노드포트를 WordPress에 열 수 없습니다.`,
      },
      why: {
        en: `Service ${holder.metadata?.namespace}/${holder.metadata?.name} uses it.`,
        ko: `${holder.metadata?.namespace}/${holder.metadata?.name} 서비스가 사용하고 있습니다.`,
      },
      next: {
        en: `Choose another in the stack's file (${project}:nodePort)${edition.byHand ? ` and in ${manifest}` : ""}, then: ${edition.make}`,
        ko: `스택 파일${edition.byHand ? `과 ${manifest} ` : ""}에서 다른 포트를 고른 뒤 (${project}:nodePort): ${edition.make}`,
      },
      evidence: [],
    },
  ];
}

export const certainty = (cause: Cause) => (clusterCauses as readonly Cause[]).indexOf(cause);

/**
 * Finds the problems of the Kubernetes lab, the most certain first. Consequences of another problem are left out:
 * WordPress is not ready while its database is not.
 * @param edition how the lab was created, for the next steps
 */
export function diagnose(seen: LabObjects, edition: Edition = provisioned): Problem[] {
  const objects: Case = { ...seen, edition };
  const telling = tellingPods(objects.pods);
  const pods = telling.flatMap((pod) => {
    const problem = podProblem(pod, objects);
    const workload = workloadOf(pod);
    // A problem that names a workload itself is about the other one.
    return problem ? [{ problem: { workload, ...problem }, workload }] : [];
  });
  const database = pods.some(({ workload }) => workload === "mysql");
  const told = pods
    .filter(({ problem, workload }) => workload !== "wordpress" || problem.cause !== "not ready" || !database)
    .map(({ problem }) => problem);
  const all = [
    ...nodeProblems(objects),
    ...partProblems(objects),
    ...storageProblems(objects),
    ...refusedPods(objects, new Set(telling.map(workloadOf))),
    ...told,
    ...portProblems(objects),
  ];
  // Two pods may report the same password or disk.
  const unique = all.filter(
    ({ cause, workload }, i) =>
      workload === undefined || all.findIndex((other) => other.cause === cause && other.workload === workload) === i,
  );
  return unique
    .map((problem): Problem => ({ ...problem, lab: "kubernetes" }))
    .sort((a, b) => certainty(a.cause) - certainty(b.cause));
}
