import { project } from "../../config";
import { Edition, manifest, provisioned } from "./edition";
import { causes, Finding } from "./finding";
import { Case, LabObjects, tellingPods, workloadOf } from "./objects";
import { nodeFindings, partFindings } from "./parts";
import { podFinding } from "./pods";
import { refusedPods } from "./refusals";
import { storageFindings } from "./storage";

export { findingText } from "./finding";
export type { Cause, Finding } from "./finding";
export type { LabObjects } from "./objects";

/** A Service of someone else that has the lab's node port. */
function portFindings({ services, lab, edition }: Case): Finding[] {
  const holds = (own: boolean) =>
    services.find(
      ({ metadata, spec }) =>
        (metadata?.namespace === lab.namespace && metadata.name === "wordpress") === own &&
        (spec?.ports ?? []).some(({ nodePort }) => nodePort === lab.nodePort),
    );
  const holder = holds(false);
  if (!holder) return [];
  return [
    {
      cause: "node port taken",
      workload: "wordpress",
      what: {
        en: `Node port ${lab.nodePort} cannot be opened for WordPress.`,
        ko: `WordPress 를 위한 노드 포트 ${lab.nodePort} 을(를) 열 수 없습니다.`,
      },
      why: {
        en: `Service ${holder.metadata?.namespace}/${holder.metadata?.name} has it.`,
        ko: `서비스 ${holder.metadata?.namespace}/${holder.metadata?.name} 이(가) 쓰고 있습니다.`,
      },
      next: {
        en: `Choose another in the stack's file (${project}:nodePort)${edition.byHand ? ` and in ${manifest}` : ""}, then: ${edition.make}`,
        ko: `스택 파일${edition.byHand ? `과 ${manifest} ` : ""}에서 다른 포트를 고른 뒤 (${project}:nodePort): ${edition.make}`,
      },
      evidence: [],
    },
  ];
}

/**
 * What is wrong with the Kubernetes lab, the surest first; nothing when all is well. What only follows from another
 * finding is left out: WordPress is not ready while its database is not.
 * @param edition how the lab was made, for the next steps
 */
export function diagnose(seen: LabObjects, edition: Edition = provisioned): Finding[] {
  const objects: Case = { ...seen, edition };
  const pods = tellingPods(objects.pods).flatMap((pod) => {
    const finding = podFinding(pod, objects);
    const workload = workloadOf(pod);
    // What a pod shows may be about the other workload: then the finding says so itself.
    return finding ? [{ finding: { workload, ...finding }, workload }] : [];
  });
  const database = pods.some(({ workload }) => workload === "mysql");
  const storage = storageFindings(objects);
  const own = [...nodeFindings(objects), ...partFindings(objects)];
  const refused = refusedPods(objects, new Set(tellingPods(objects.pods).map(workloadOf)));
  const told = pods
    .filter(({ finding, workload }) => workload !== "wordpress" || finding.cause !== "not ready" || !database)
    .map(({ finding }) => finding);
  const all = [...own, ...storage, ...refused, ...told, ...portFindings(objects)];
  // Two pods that say the same of one password or one disk.
  const unique = all.filter(
    (finding, i) => all.findIndex((f) => f.cause === finding.cause && f.what.en === finding.what.en) === i,
  );
  return unique.sort((a, b) => causes.indexOf(a.cause) - causes.indexOf(b.cause));
}
