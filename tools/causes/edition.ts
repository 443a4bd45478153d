import { project } from "../../config";
import { Text } from "../../text";

/** How the lab was made, and so where its faults are mended. */
export interface Edition {
  /** Whether a person made it from the manifest, and not `up` from the stack's settings. */
  byHand: boolean;
  /** Command that makes what is missing, and takes over what was corrected. */
  make: string;
  /** Command that removes the lab with what is stored, as far as it does not make it anew, too. */
  anew: string;
}

/** What `npm run up` makes. @param up the command, with its options */
export const provisionedWith = (up: string): Edition => ({
  byHand: false,
  make: up,
  anew: `npm run destroy -- --labs kubernetes; ${up}`,
});

/** {@link provisionedWith}, of all labs that are on. */
export const provisioned = provisionedWith("npm run up");

/** What is applied by hand. */
export const manifest = "docker/kubernetes/wordpress-k8s.yml";

/** Where the image of a workload stands. */
export const imageOf = (workload: string, { byHand }: Edition): Text =>
  byHand
    ? {
        en: `the image of Deployment ${workload} in ${manifest}`,
        ko: `${manifest} 파일에 있는 ${workload} 디플로이먼트의 이미지`,
      }
    : {
        en: `the setting ${project}:${workload}Image in the stack's file`,
        ko: `스택 파일의 ${project}:${workload}Image 설정`,
      };

/** Where the memory stands that a workload may have. */
export const limitOf = (workload: string, { byHand }: Edition): Text =>
  byHand
    ? {
        en: `the memory limit of Deployment ${workload} in ${manifest}`,
        ko: `${manifest} 파일에 있는 ${workload} 디플로이먼트의 메모리 한도`,
      }
    : {
        en: `the limit of ${workload} in components/wordpress-app.ts (podMemory)`,
        ko: `components/wordpress-app.ts 파일의 podMemory 설정`,
      };

/** Where the size of a workload's volume stands. */
export const sizeOf = (workload: string, { byHand }: Edition): Text =>
  byHand
    ? {
        en: `a larger claim ${workload}-data in ${manifest}`,
        ko: `${manifest} 파일에서 ${workload}-data PVC의 크기`,
      }
    : {
        en: `more in the stack's file, for example ${project}:${workload}Storage: 5Gi`,
        ko: `스택 파일에서 볼륨 크기 (예: ${project}:${workload}Storage: 5Gi)`,
      };
