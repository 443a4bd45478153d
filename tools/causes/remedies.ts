import { ownProfile } from "../../config";
import { Text } from "../../text";
import { Edition, manifest, placesOf } from "./edition";
import type { Case } from "./objects";

/** Whether a context is one of minikube, judged by its name. */
export const ofMinikube = (context: string) => context === ownProfile || context === "minikube";

/** How to give a cluster a default storage class. @param first name of a class that it has */
export function storageRemedy(context: string, first: string | undefined): Text {
  if (ofMinikube(context)) {
    const enable = `minikube --profile ${context} addons enable`;
    return {
      en: `Enable the storage addons: ${enable} default-storageclass, and: ${enable} storage-provisioner. Then run the command again.`,
      ko: `스토리지 애드온을 활성화하세요: ${enable} default-storageclass 그리고 ${enable} storage-provisioner. 그런 다음 명령을 다시 실행하세요.`,
    };
  }
  const mark = `kubectl --context ${context} annotate storageclass ${first ?? "NAME"} storageclass.kubernetes.io/is-default-class=true`;
  const page = "https://kubernetes.io/docs/concepts/storage/storage-classes/";
  return {
    en: `Make a storage class the default: ${mark}. If there is none, install one (${page}). Then run the command again.`,
    ko: `스토리지 클래스 하나를 기본값으로 지정하세요: ${mark}. 스토리지 클래스가 없으면 설치하세요 (${page}). 그런 다음 명령을 다시 실행하세요.`,
  };
}

/** How to start the provisioner of volumes. */
export function provisionerRemedy(context: string, provisioner: string, { make }: Edition): Text {
  const enable = `minikube --profile ${context} addons enable storage-provisioner`;
  const pods = `kubectl --context ${context} get pods --all-namespaces`;
  return ofMinikube(context)
    ? {
        en: `Start the provisioner: ${enable}. Then: ${make}`,
        ko: `프로비저너를 시작하세요: ${enable}. 그런 다음: ${make}`,
      }
    : {
        en: `Check that ${provisioner} runs (${pods}), fix it if not, then: ${make}`,
        ko: `${provisioner} 프로비저너가 실행 중인지 확인하고 (${pods}) 문제를 고친 뒤: ${make}`,
      };
}

/** How to free space on this machine's disk without removing containers or volumes, not even stopped ones. */
export const roomRemedyOnDocker = (make: string): Text => ({
  en: `Free disk space: docker system df shows what uses it; docker builder prune; docker image prune removes the build cache and images without a name, but no container and no volume. Then: ${make}`,
  ko: `디스크 공간을 확보하세요. docker system df로 사용량을 확인합니다. docker builder prune; docker image prune 명령은 빌드 캐시와 이름 없는 이미지만 삭제하고 컨테이너와 볼륨은 유지합니다. 그런 다음: ${make}`,
});

/** How to free space where the volumes are. */
export function roomRemedy({ lab, edition, storageClasses, claims }: Case, workload: string): Text {
  const { make } = edition;
  const { context, namespace } = lab;
  // The volumes of minikube are on this machine's disk.
  if (ofMinikube(context)) return roomRemedyOnDocker(make);
  const claim = claims.find(({ metadata }) => metadata?.name === `${workload}-data`);
  const grows = storageClasses.find(
    ({ metadata }) => metadata?.name === claim?.spec?.storageClassName,
  )?.allowVolumeExpansion;
  const { size } = placesOf(workload, edition);
  if (grows ?? claim === undefined)
    return { en: `Request ${size.en}, then: ${make}`, ko: `볼륨을 늘린 뒤 (${size.ko}): ${make}` };
  const see = `kubectl --context ${context} --namespace ${namespace} exec deployment/${workload} -- df -h`;
  return {
    en: `Delete files in it that you do not need (${see} shows how full it is); this storage class cannot expand claims. Then: ${make}`,
    ko: `볼륨에서 필요 없는 파일을 삭제하세요 (사용량 확인: ${see}). 이 스토리지 클래스는 PVC를 확장할 수 없습니다. 그런 다음: ${make}`,
  };
}

/** How to start over after the data was lost. */
export const anew = ({ edition }: Case): Text => ({
  en: `If you cannot restore it, start over with new volumes (what the other volume stores is deleted, too): ${edition.anew}`,
  ko: `볼륨을 되살릴 수 없다면 새 볼륨으로 다시 시작하세요 (나머지 볼륨의 데이터도 함께 삭제됩니다): ${edition.anew}`,
});

/** How to free memory of a node. */
export const memoryRemedy = (context: string, { make }: Edition): Text => ({
  en: `Stop other workloads in the cluster: kubectl --context ${context} get pods --all-namespaces lists them; kubectl --context ${context} --namespace ITS-NAMESPACE scale deployment NAME --replicas 0 stops one and keeps its data. Then: ${make}`,
  ko: `클러스터에서 실행 중인 다른 워크로드를 멈추세요. kubectl --context ${context} get pods --all-namespaces 명령으로 확인하고 kubectl --context ${context} --namespace 네임스페이스 scale deployment 이름 --replicas 0 명령으로 멈춥니다 (저장된 데이터는 유지됩니다). 그런 다음: ${make}`,
});

/**
 * How to re-create a Deployment as the lab defines it: neither `up` nor `kubectl apply` removes what others have added to an
 * object.
 */
export function remade({ lab, edition }: Pick<Case, "lab" | "edition">, workload: string): Text {
  const { context, namespace } = lab;
  const commands = `kubectl --context ${context} --namespace ${namespace} delete deployment ${workload}; ${edition.make}`;
  const [en, ko] = edition.byHand
    ? [
        ` from ${manifest} (correct the file first if it has the same mistake)`,
        ` ${manifest} 파일로 (파일에도 같은 잘못이 있으면 먼저 고치고)`,
      ]
    : ["", ""];
  return {
    en: `Create the Deployment again${en}. Data on the claims is kept; what the pod wrote elsewhere is deleted: ${commands}`,
    ko: `디플로이먼트를${ko} 다시 만드세요. PVC의 데이터는 유지되고, 파드가 다른 곳에 쓴 내용은 삭제됩니다: ${commands}`,
  };
}

/** How to continue if it only takes longer. */
export function goOn({ lab, edition }: Case, workload: string): Text {
  const watch = `kubectl --context ${lab.context} --namespace ${lab.namespace} rollout status deployment ${workload}`;
  return edition.byHand
    ? { en: `Wait for it: ${watch}`, ko: `준비될 때까지 기다리세요: ${watch}` }
    : { en: `Continue where this stopped: ${edition.make}`, ko: `멈춘 곳부터 계속하세요: ${edition.make}` };
}
