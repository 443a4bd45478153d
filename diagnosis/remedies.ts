import { ownProfile } from "../config";
import { Text } from "../text";

/** Whether a context is one of minikube's, as far as its name tells. */
const ofMinikube = (context: string) => context === ownProfile || context === "minikube";

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
export function provisionerRemedy(context: string, provisioner: string): Text {
  const next = ofMinikube(context)
    ? `minikube --profile ${context} addons enable storage-provisioner`
    : `kubectl --context ${context} get pods --all-namespaces`;
  return ofMinikube(context)
    ? { en: `Start it: ${next}. Then: npm run up`, ko: `시작하세요: ${next}. 그런 다음: npm run up` }
    : {
        en: `See whether ${provisioner} runs (${next}) and mend it, then: npm run up`,
        ko: `${provisioner} 이(가) 실행 중인지 확인해 고친 뒤 (${next}): npm run up`,
      };
}

/** How to make room where the volumes are. */
export function roomRemedy(context: string, workload: string): Text {
  return ofMinikube(context)
    ? {
        en: "Make room on this machine's disk (docker system df shows what takes it, docker system prune removes what is unused), then: npm run up",
        ko: "이 컴퓨터의 디스크를 비운 뒤 (docker system df 로 확인, docker system prune 으로 쓰지 않는 것 삭제): npm run up",
      }
    : {
        en: `Ask for more in the stack's file, for example course-labs:${workload}Storage: 5Gi, then: npm run up`,
        ko: `스택 파일에서 크기를 늘린 뒤 (예: course-labs:${workload}Storage: 5Gi): npm run up`,
      };
}
