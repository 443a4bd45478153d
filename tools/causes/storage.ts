import type { V1PersistentVolumeClaim, V1StorageClass } from "@kubernetes/client-node";
import { Text } from "../../text";
import { Problem } from "./problem";
import { Case, eventsOf, quoted } from "./objects";
import { anew, ofMinikube, provisionerRemedy, roomRemedy, storageRemedy } from "./remedies";

/** Whether a storage class is the default. */
export const isDefaultClass = ({ metadata }: V1StorageClass) =>
  Object.entries(metadata?.annotations ?? {}).some(
    ([key, value]) => /^storageclass\.(beta\.)?kubernetes\.io\/is-default-class$/.test(key) && value === "true",
  );

/** Why claims of the lab have no volume. */
export function storageProblems(objects: Case): Problem[] {
  const unbound = objects.claims.filter(({ status }) => status?.phase === "Pending" || status?.phase === "Lost");
  const found = unbound.flatMap((claim) => claimProblem(claim, objects) ?? []);
  // If both claims lack the same, it is reported once.
  const [first] = found;
  return first ? [{ ...first, evidence: [...new Set(found.flatMap(({ evidence }) => evidence))] }] : [];
}

function claimProblem(claim: V1PersistentVolumeClaim, objects: Case): Problem | undefined {
  const { storageClasses, lab, edition } = objects;
  const { context, namespace } = lab;
  const name = claim.metadata?.name ?? "";
  const events = eventsOf(objects, "PersistentVolumeClaim", name);
  const last = (...reasons: string[]) => events.filter(({ reason }) => reasons.includes(reason ?? "")).pop();
  const problem = (cause: "no volume" | "no storage class", en: string, ko: string, next: Text): Problem => ({
    cause,
    what: {
      en: `Claim ${name} has no volume, so its pod cannot start.`,
      ko: `${name} PVC에 연결된 볼륨이 없어 파드를 시작할 수 없습니다.`,
    },
    why: { en, ko },
    next,
    evidence: quoted(events.at(-1)?.message),
  });
  const drop = `kubectl --context ${context} --namespace ${namespace} delete persistentvolumeclaim ${name}`;
  /** The spec of a claim cannot be changed. */
  const corrected: Text = {
    en: `Delete the claim, which stores nothing yet (${drop}), correct its storageClassName or remove that line, then: ${edition.make}`,
    ko: `아직 저장된 데이터가 없는 이 PVC를 삭제하고 (${drop}) storageClassName을 고치거나 그 줄을 지운 뒤: ${edition.make}`,
  };
  if (claim.status?.phase === "Lost") {
    return problem(
      "no volume",
      "Its volume no longer exists, and the data that was on it is gone.",
      "볼륨이 없어졌고, 볼륨에 저장된 데이터도 사라졌습니다.",
      anew(objects),
    );
  }
  const { storageClassName: wanted, volumeName } = claim.spec ?? {};
  if (volumeName && last("FailedBinding", "VolumeMismatch")) {
    return problem(
      "no volume",
      `It asks for the volume ${volumeName}, which is not there or does not fit.`,
      `PVC가 요청한 볼륨(${volumeName})이 없거나 요청에 맞지 않습니다.`,
      corrected,
    );
  }
  if (wanted === "") {
    return problem(
      "no volume",
      'Its storageClassName is "", so no volume is created for it, and none of the existing ones fits.',
      'storageClassName이 ""이라서 볼륨이 자동으로 만들어지지 않고, 맞는 볼륨도 없습니다.',
      corrected,
    );
  }
  const storageClass = storageClasses.find((one) => (wanted ? one.metadata?.name === wanted : isDefaultClass(one)));
  if (!storageClass) {
    return problem(
      "no storage class",
      wanted ? `The cluster has no storage class "${wanted}".` : "The cluster has no default storage class.",
      wanted ? `클러스터에 "${wanted}" 스토리지 클래스가 없습니다.` : "클러스터에 기본 스토리지 클래스가 없습니다.",
      // The class of minikube is restored by its addons.
      wanted && !(ofMinikube(context) && wanted === "standard")
        ? corrected
        : storageRemedy(context, storageClasses[0]?.metadata?.name),
    );
  }
  const failed = last("ProvisioningFailed");
  // Such a class waits for the pod by design.
  if (storageClass.volumeBindingMode === "WaitForFirstConsumer" && !failed) return undefined;
  const by = storageClass.provisioner;
  return problem(
    "no volume",
    failed ? `The provisioner ${by} could not create one.` : `The provisioner ${by} does not create one.`,
    failed ? `${by} 프로비저너가 볼륨을 만들지 못했습니다.` : `${by} 프로비저너가 볼륨을 만들지 않고 있습니다.`,
    /no space left/i.test(failed?.message ?? "")
      ? roomRemedy(objects, name.replace(/-data$/, ""))
      : provisionerRemedy(context, by, edition),
  );
}
