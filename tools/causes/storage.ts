import type { V1PersistentVolumeClaim, V1StorageClass } from "@kubernetes/client-node";
import { Text } from "../../text";
import { Problem } from "./problem";
import { brief, Case, eventsOf } from "./objects";
import { anew, ofMinikube, provisionerRemedy, roomRemedy, storageRemedy } from "./remedies";

/** Whether claims that name no class get this one. */
export const isDefaultClass = ({ metadata }: V1StorageClass) =>
  Object.entries(metadata?.annotations ?? {}).some(
    ([key, value]) => /^storageclass\.(beta\.)?kubernetes\.io\/is-default-class$/.test(key) && value === "true",
  );

/** Why claims of the lab have no volume. */
export function storageProblems(objects: Case): Problem[] {
  const unbound = objects.claims.filter(({ status }) => status?.phase === "Pending" || status?.phase === "Lost");
  const found = unbound.flatMap((claim) => claimProblem(claim, objects) ?? []);
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
  const { context, namespace } = lab;
  const drop = `kubectl --context ${context} --namespace ${namespace} delete persistentvolumeclaim ${name}`;
  /** What a claim asks for cannot be changed any more. */
  const corrected = (en: string, ko: string): Text => ({
    en: `Delete the claim, which stores nothing yet (${drop}), ${en}, then: ${edition.make}`,
    ko: `아직 저장된 데이터가 없는 이 PVC를 삭제하고 (${drop}) ${ko} 뒤: ${edition.make}`,
  });
  if (claim.status?.phase === "Lost") {
    return {
      cause: "no volume",
      what,
      why: {
        en: "Its volume no longer exists, and the data that was on it is gone.",
        ko: "볼륨이 없어졌고, 볼륨에 저장된 데이터도 사라졌습니다.",
      },
      next: anew(objects),
      evidence,
    };
  }
  const bound = events.filter(({ reason }) => reason === "FailedBinding" || reason === "VolumeMismatch").pop();
  // It asks for a volume that is there already: none is made for it.
  if (wanted === "" || (bound && claim.spec?.volumeName)) {
    return {
      cause: "no volume",
      what,
      why: claim.spec?.volumeName
        ? {
            en: `It asks for the volume ${claim.spec.volumeName}, which is not there or does not fit.`,
            ko: `PVC가 요청한 볼륨(${claim.spec.volumeName})이 없거나 요청에 맞지 않습니다.`,
          }
        : {
            en: 'Its storageClassName is "", so no volume is created for it, and none of the existing ones fits.',
            ko: 'storageClassName이 ""이라서 볼륨이 자동으로 만들어지지 않고, 맞는 볼륨도 없습니다.',
          },
      next: corrected("remove that line from its definition", "정의에서 그 줄을 지운"),
      evidence,
    };
  }
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
      // What minikube calls its own comes with the addons.
      next:
        wanted && !(ofMinikube(context) && wanted === "standard")
          ? corrected("correct its storageClassName or remove that line", "storageClassName을 고치거나 그 줄을 지운")
          : storageRemedy(context, storageClasses[0]?.metadata?.name),
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
    next: /no space left/i.test(failed?.message ?? "")
      ? roomRemedy(objects, name.replace(/-data$/, ""))
      : provisionerRemedy(lab.context, by, edition),
    evidence,
  };
}
