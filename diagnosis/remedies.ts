import { ownProfile } from "../config";
import { Text } from "../text";
import { Edition, sizeOf } from "./edition";
import type { Case } from "./objects";

/** Whether a context is one of minikube's, as far as its name tells. */
export const ofMinikube = (context: string) => context === ownProfile || context === "minikube";

/** How to give a cluster a default storage class. @param first name of a class that it has */
export function storageRemedy(context: string, first: string | undefined): Text {
  if (ofMinikube(context)) {
    const enable = `minikube --profile ${context} addons enable`;
    return {
      en: `Switch it on: ${enable} default-storageclass, and: ${enable} storage-provisioner. Then run the command again.`,
      ko: `켜세요: ${enable} default-storageclass 그리고 ${enable} storage-provisioner. 그런 다음 명령을 다시 실행하세요.`,
    };
  }
  if (!first) {
    return {
      en: "Install a storage class in the cluster and make it the default (https://kubernetes.io/docs/concepts/storage/storage-classes/), then run the command again.",
      ko: "클러스터에 스토리지 클래스를 설치해 기본값으로 만든 뒤 (https://kubernetes.io/docs/concepts/storage/storage-classes/) 명령을 다시 실행하세요.",
    };
  }
  const mark = `kubectl --context ${context} annotate storageclass ${first} storageclass.kubernetes.io/is-default-class=true`;
  return {
    en: `Make one the default: ${mark}. Then run the command again.`,
    ko: `하나를 기본값으로 만드세요: ${mark}. 그런 다음 명령을 다시 실행하세요.`,
  };
}

/** How to get the program to run that makes volumes. */
export function provisionerRemedy(context: string, provisioner: string, { make }: Edition): Text {
  const next = ofMinikube(context)
    ? `minikube --profile ${context} addons enable storage-provisioner`
    : `kubectl --context ${context} get pods --all-namespaces`;
  return ofMinikube(context)
    ? { en: `Start it: ${next}. Then: ${make}`, ko: `시작하세요: ${next}. 그런 다음: ${make}` }
    : {
        en: `See whether ${provisioner} runs (${next}) and mend it, then: ${make}`,
        ko: `${provisioner} 이(가) 실행 중인지 확인해 고친 뒤 (${next}): ${make}`,
      };
}

/** How to make room where the volumes are. */
export function roomRemedy(context: string, workload: string, edition: Edition): Text {
  const { make } = edition;
  const size = sizeOf(workload, edition);
  return ofMinikube(context)
    ? {
        en: `Make room on this machine's disk (docker system df shows what takes it, docker system prune removes what is unused), then: ${make}`,
        ko: `이 컴퓨터의 디스크를 비운 뒤 (docker system df 로 확인, docker system prune 으로 쓰지 않는 것 삭제): ${make}`,
      }
    : { en: `Ask for ${size.en}, then: ${make}`, ko: `${size.ko} 을(를) 늘린 뒤: ${make}` };
}

/** How to make room in the memory of a node. */
export const memoryRemedy = (context: string, { make }: Edition): Text => ({
  en: `Remove what else runs in the cluster (kubectl --context ${context} get pods --all-namespaces), then: ${make}`,
  ko: `클러스터에서 실행 중인 다른 것을 지운 뒤 (kubectl --context ${context} get pods --all-namespaces): ${make}`,
});

/** How to go on where nothing is wrong but that it takes its time. */
export function goOn({ lab, edition }: Case, workload: string): Text {
  const watch = `kubectl --context ${lab.context} --namespace ${lab.namespace} rollout status deployment ${workload}`;
  return edition.byHand
    ? { en: `Wait for it: ${watch}`, ko: `기다리세요: ${watch}` }
    : { en: `Go on where this stopped: ${edition.make}`, ko: `멈춘 곳부터 계속하기: ${edition.make}` };
}
