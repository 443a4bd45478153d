import type { V1PersistentVolumeClaim, V1StorageClass } from "@kubernetes/client-node";
import { Problem } from "./problem";
import { brief, Case, eventsOf } from "./objects";
import { provisionerRemedy, storageRemedy } from "./remedies";

/** Whether claims that name no class get this one. */
export const isDefaultClass = ({ metadata }: V1StorageClass) =>
  Object.entries(metadata?.annotations ?? {}).some(
    ([key, value]) => /^storageclass\.(beta\.)?kubernetes\.io\/is-default-class$/.test(key) && value === "true",
  );

/** Why claims of the lab have no volume. */
export function storageProblems(objects: Case): Problem[] {
  const pending = objects.claims.filter(({ status }) => status?.phase === "Pending");
  const found = pending.flatMap((claim) => claimProblem(claim, objects) ?? []);
  // Both claims want for the same: it is told once.
  const [first] = found;
  return first ? [{ ...first, evidence: [...new Set(found.flatMap(({ evidence }) => evidence))] }] : [];
}

function claimProblem(claim: V1PersistentVolumeClaim, objects: Case): Problem | undefined {
  const { storageClasses, lab, edition } = objects;
  const name = claim.metadata?.name ?? "";
  const what = {
    en: `Claim ${name} has no volume, so its pod cannot start.`,
    ko: `${name} PVC에 연결된 볼륨이 없어 파드를 시작할 수 없습니다.`,
  };
  const events = eventsOf(objects, "PersistentVolumeClaim", name);
  const evidence = events.slice(-1).flatMap(({ message }) => (message ? [brief(message)] : []));
  const wanted = claim.spec?.storageClassName;
  const storageClass = wanted
    ? storageClasses.find(({ metadata }) => metadata?.name === wanted)
    : storageClasses.find(isDefaultClass);
  if (!storageClass) {
    return {
      cause: "no storage class",
      what,
      why: wanted
        ? {
            en: `The cluster has no storage class "${wanted}".`,
            ko: `클러스터에 "${wanted}" 스토리지 클래스가 없습니다.`,
          }
        : { en: "The cluster has no default storage class.", ko: "클러스터에 기본 스토리지 클래스가 없습니다." },
      next: storageRemedy(lab.context, storageClasses[0]?.metadata?.name),
      evidence,
    };
  }
  const failed = events.filter(({ reason }) => reason === "ProvisioningFailed").pop();
  // Such a class waits for the pod on purpose.
  if (storageClass.volumeBindingMode === "WaitForFirstConsumer" && !failed) return undefined;
  const by = storageClass.provisioner;
  return {
    cause: "no volume",
    what,
    why: failed
      ? { en: `The provisioner ${by} could not create one.`, ko: `${by} 프로비저너가 볼륨을 만들지 못했습니다.` }
      : { en: `The provisioner ${by} does not create one.`, ko: `${by} 프로비저너가 볼륨을 만들지 않고 있습니다.` },
    next: provisionerRemedy(lab.context, by, edition),
    evidence,
  };
}
